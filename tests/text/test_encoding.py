from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mt.errors import EncodingError
from mt.text.encoding import LONGEST_LINE, decode

TEXT = "ロシアは１２日、同盟の軍事展開を縮小することを求める草案を公表した。\n米国は拒否するのはほぼ確実である。\n"


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("shift_jis", "cp932"),
        ("cp932", "cp932"),
        ("euc_jp", "euc_jp"),
        ("iso2022_jp", "iso2022_jp"),
    ],
)
def test_the_encodings_japanese_text_comes_in(codec, name):
    decoded = decode(TEXT.encode(codec), "a.txt")
    assert (decoded.text, decoded.encoding) == (TEXT, name)


def test_utf16_be_with_a_mark():
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be"), "a").text == TEXT


@pytest.mark.parametrize("codec", ["cp932", "euc_jp"])
@pytest.mark.parametrize("text", ["トヨタ自動車は増収増益。", "猫である", "カタカナ", "今日は良い天気ですね。ABC 123"])
def test_short_text_is_told_apart(codec, text):
    assert decode(text.encode(codec), "a").text == text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "“curly” — caf\u00e9".encode("cp1252"),
            r"a\.txt:1: expected text in UTF-8, UTF-16, Shift_JIS.*found byte 0x93",
        ),
        (b"abc\n\x00def", r"a\.txt:2: expected text, found a NUL byte at offset 4"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"expected text, found a NUL byte"),
        (b"ok\nok\n\xff\xfe\xfd", r"a\.txt:3: expected text in UTF-8"),
        (b"\xef\xbb\xbf\xff", r"expected UTF-8, found byte 0xff at offset 3"),
        (b"\xff\xfe\x00", r"expected UTF-16-LE"),
        (b"x" * 10_000_000, r"a\.txt:1: expected lines of at most 1,000,000 characters, found 10,000,000 characters"),
        (b"ok\n" + b"x" * (LONGEST_LINE + 1), r"a\.txt:2: expected lines of at most"),
    ],
)
def test_what_is_no_text_is_refused_by_name(data, said):
    with pytest.raises(EncodingError, match=said):
        decode(data, "a.txt")


def test_random_bytes_are_not_taken_for_japanese():
    rng = random.Random(7)
    for _ in range(200):
        data = bytes(rng.randrange(1, 256) for _ in range(400))
        with pytest.raises(EncodingError):
            decode(data, "a")


@example("0000")
@example("0a0b")
# an escape could announce ISO-2022-JP
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\x1b")))
def test_utf8_comes_back(text):
    if not text.startswith("\ufeff"):
        assert decode(text.encode(), "a").text == text
