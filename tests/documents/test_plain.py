from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.documents.plain import TextFile, document, lines
from mt.errors import ConfigError, EncodingError, InputError

text = st.text(st.sampled_from("猫犬が、。！？「」『』（） \u3000\n\r.\"'abc12…"), max_size=120)


@given(text, st.sampled_from(["ja", "en"]), st.sampled_from(["auto", "line", "blank"]))
def test_any_text_comes_back_from_its_document(raw, lang, mode):
    d = document("d", lang, raw, mode)
    pieces = [x for pair in zip(d.gaps(), [*(s.text for s in d.segments), ""], strict=True) for x in pair]
    assert "".join(pieces) == raw
    assert d.rebuild([s.text for s in d.segments], between="").count("\n") <= raw.count("\n")


def test_lines_are_paragraphs_and_blank_lines_none():
    d = document("d", "ja", "一。二。\n\n三。\n", "line")
    assert [[d.segments[n].text for n in p] for p in d.paragraphs()] == [["一。", "二。"], ["三。"]]


def test_another_language_is_refused():
    with pytest.raises(ConfigError, match="lang: expected ja or en, found 'de'"):
        document("d", "de", "Katze")


def test_a_file_without_text_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbf \n")
    with pytest.raises(InputError, match="expected text, found only white space"):
        TextFile(tmp_path / "x")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\0"))))
def test_a_stream_has_as_many_lines_as_line_feeds(rows):
    data = "".join(f"{row}\n" for row in rows).encode()
    found = list(lines(io.BytesIO(data), "x"))
    assert len(found) == data.count(b"\n")
    if rows and not rows[0].startswith("\ufeff"):
        assert found == rows


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"ok\n\xff\n", "x:2: expected UTF-8, found byte 0xff in column 1"),
        (b"a\0b\n", "x:1: expected text, found a NUL character"),
        (b"a" * 5_000_001, "x:1: expected a line of at most 1,000,000 characters, found more than"),
        (b"a" * 1_000_001 + b"\n", "x:1: expected a line of at most 1,000,000 characters, found 1,000,001 characters"),
    ],
)
def test_a_bad_line_of_a_stream_is_named(data, said):
    with pytest.raises(EncodingError, match=said):
        list(lines(io.BytesIO(data), "x"))
