"""Lines of files of any size: the large way gives what the small way gives, or an error for the whole file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.documents import stream
from mt.documents.plain import TextFile
from mt.documents.stream import LineFile
from mt.errors import EncodingError, InputError

JA = "猫がいる。\r\n\nそれは犬でした。\u2028はい\x0bそう\n　\n終わり"
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "shift_jis", "euc_jp", "iso2022_jp"]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("end", ["", "\n"])
def test_large_files_are_read_as_small_ones_are(tmp_path, codec, end):
    text = JA if codec.startswith("utf") else JA.replace("\u2028", "")  # which the others cannot write
    path = tmp_path / "a.txt"
    path.write_bytes(((text + "\n") * 40 + text + end).encode(codec))
    small, large = LineFile(path), LineFile(path, whole=64)
    assert small.small and not large.small
    assert list(large) == list(small) == TextFile(path).lines()
    assert list(large) == list(large)  # it can be read again
    same = ("encoding", "sha256", "size", "count")
    assert [getattr(small, name) for name in same] == [getattr(large, name) for name in same]


@settings(deadline=None)
@given(st.text(st.sampled_from("猫a\n\r\u2028\u0085 。"), min_size=6, max_size=60).filter(str.strip))
def test_only_a_line_feed_ends_a_line(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("lines") / "a.txt"
    path.write_text("猫の話をする。\n" + text, encoding="utf-8", newline="")
    assert list(LineFile(path, whole=22)) == TextFile(path).lines()


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (b"\xff\n", r"a\.txt:4: expected utf-8 as in its first lines, found byte 0xff in column 1"),
        ("犬".encode()[:2], r"a\.txt:4: expected utf-8 as in its first lines, found byte 0xe7 in column 1"),
        (b"a\0b\n", r"a\.txt:4: expected text, found a NUL character"),
        (b"a" * 4_000_100, r"a\.txt:4: expected lines of at most 1,000,000 characters, found 4,000,100 characters"),
        (b"a" * 1_000_001 + b"\n", r"a\.txt:4: expected lines of at most 1,000,000 characters, found 1,000,001"),
    ],
)
def test_what_is_wrong_far_down_is_found_before_the_first_line_is_given(tmp_path, tail, said):
    path = tmp_path / "a.txt"
    path.write_bytes("猫がいる。\n".encode() * 3 + tail)
    with pytest.raises(EncodingError, match=said):
        LineFile(path, whole=40)


def test_half_a_character_of_utf_16_is_an_error_of_the_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("猫がいる。\n".encode("utf-16") * 1 + b"\x00")
    with pytest.raises(EncodingError, match=r"a\.txt: expected utf-16-le as in its first lines"):
        LineFile(path, whole=8)


@pytest.mark.parametrize("whole", [4, stream.WHOLE])
def test_files_without_text_and_what_is_no_file(tmp_path, whole):
    (tmp_path / "blank").write_bytes(b" \n" * 10)
    for name, said in (("no", "nothing there"), (".", "a directory"), ("blank", "only white space")):
        with pytest.raises(InputError, match=said):
            LineFile(tmp_path / name, whole=whole)


def test_a_first_line_longer_than_what_is_looked_at_is_no_matter(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "猫" * 900_000 + "\n犬\n", encoding="utf-8"
    )  # 2.7 million bytes, cut within a character at a million
    assert [len(x) for x in LineFile(path, whole=1000)] == [900_000, 1]


def test_a_large_file_that_changes_between_check_and_reading_is_an_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("猫がいる。\n" * 10, encoding="utf-8")
    file = LineFile(path, whole=16)
    path.write_text("猫がいる。\n" * 9, encoding="utf-8")
    with pytest.raises(InputError, match="expected 10 lines as a moment ago, found 9 lines"):
        list(file)
