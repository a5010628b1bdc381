"""Cuts of a text: spans give the words, carrying over finds every shared character, blanks inside Japanese do not matter."""

from __future__ import annotations

import pytest
from hypothesis import given as given_
from hypothesis import strategies as st

from mt.text.tokens import Tokens, characters, given, is_cut, overlaps, through_blanks, words

TEXT = st.text(alphabet="猫がいるカナ。、ab12 .,'’　\n", max_size=30)


@given_(TEXT)
def test_given_is_what_python_splits(text):
    assert list(given(text).words) == text.split()


@given_(TEXT, st.sampled_from([words, characters]))
def test_no_character_but_white_space_is_lost(text, cut):
    assert "".join(cut(text).words) == "".join(text.split())


@given_(TEXT)
def test_reading_over_blanks_gives_the_words_of_the_bare_text(text):
    cut = through_blanks(text, characters)
    # a blank stays only between Latin words or numbers, so the words are those of the text without the others
    assert "".join("".join(word.split()) for word in cut.words) == "".join(text.split())


@given_(TEXT)
def test_overlaps_are_shared_characters(text):
    one, other = given(text), words(text)
    for (start, end), found in zip(one.spans, overlaps(one.spans, other.spans), strict=True):
        assert list(found) == [n for n, (a, b) in enumerate(other.spans) if a < end and b > start]


def test_gold_text_is_cut_and_plain_text_is_not():
    assert is_cut(["官位 は 従 一 位 太政 大臣 、 贈 正 一位 。"])
    assert not is_cut(["第１章　国の王　NATO の話である。", "猫がいる。 犬がいる。"])
    assert not is_cut(["", "plain English text"])


@pytest.mark.parametrize("spans", [((1, 1),), ((0, 2), (1, 3)), ((2, 3), (0, 1)), ((0, 9),), ((-1, 1),)])
def test_impossible_spans_are_refused(spans):
    with pytest.raises(ValueError, match="tokens: expected"):
        Tokens("abc", spans)
