from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.text.paragraphs import hard_wrapped, paragraphs

WRAPPED = (
    "The quick brown fox jumps over the lazy dog and then\nruns away into the forest where nobody will ever find\n"
    "it again.\n\nThe second paragraph was broken by hand as well, since\nthe terminal is narrow.\n"
)
JA_WRAPPED = "これはメールの本文で、三十字ごとに手で改行して\nあるので、行の終わりは文の終わりではありませ\nん。\n\n次の段落です。\n"
LINES = "一つ目の段落は短い。\n二つ目の段落はそれよりもずっと長くて、文がいくつか続く。こうして終わる。\n三つ目。\n"


@pytest.mark.parametrize(
    ("text", "wrapped"), [(WRAPPED, True), (JA_WRAPPED, True), (LINES, False), ("猫。\n\n犬。\n", False), ("", False)]
)
def test_hard_wraps_are_told_from_paragraphs(text, wrapped):
    assert hard_wrapped(text) is wrapped


def test_modes():
    assert [WRAPPED[a:b].count("\n") for a, b in paragraphs(WRAPPED)] == [2, 1]
    assert len(paragraphs(WRAPPED, "line")) == 5
    assert len(paragraphs(LINES)) == 3
    assert len(paragraphs(LINES, "blank")) == 1


def test_only_a_line_feed_breaks_a_line():
    text = "a\u2028b\x0bc\x85d\r\ne"
    assert [text[a:b] for a, b in paragraphs(text, "line")] == ["a\u2028b\x0bc\x85d", "e"]


@given(st.text(st.sampled_from("猫。 \u3000\n\r\t\u2028")), st.sampled_from(["auto", "line", "blank"]))
def test_every_character_is_in_one_paragraph(text, mode):
    last = 0
    for start, end in paragraphs(text, mode):
        assert last <= start < end
        assert text[last:start].strip() == ""
        assert text[start:end].strip() == text[start:end]
        last = end
    assert text[last:].strip() == ""
