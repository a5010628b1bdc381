"""Reading bitext: every compression, clear errors with file and line, nothing but a line feed ends a line."""

import bz2
import gzip
import lzma

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mt.bitext import tsv
from mt.bitext.read import read_pairs
from mt.bitext.stream import lines
from mt.errors import EncodingError, InputError
from mt.types import Pair

PACK = {"plain": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}
TEXT = "猫\tCat\n犬がいる。\tThere is a dog.\n"


@pytest.mark.parametrize("kind", PACK)
def test_every_compression_is_told_by_its_bytes_not_its_name(tmp_path, kind):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(PACK[kind](TEXT.encode()))
    assert list(read_pairs(path)) == [(1, "猫", "Cat"), (2, "犬がいる。", "There is a dog.")]


def test_several_frames_are_one_file(tmp_path):
    path = tmp_path / "pairs.tsv.zst"
    path.write_bytes(b"".join(zstandard.compress(f"{n}\t{n}\n".encode()) for n in range(3)))
    assert list(read_pairs(path)) == [(1, "0", "0"), (2, "1", "1"), (3, "2", "2")]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_a_file_cut_short_is_an_error_and_not_a_short_corpus(tmp_path, kind):
    data = PACK[kind]("".join(f"{n * n}\t{n**3}\n" for n in range(20_000)).encode())
    path = tmp_path / "pairs.tsv"
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(InputError, match=r"pairs.tsv: expected a whole compressed file, found a damaged one"):
        list(read_pairs(path))


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_damaged_bytes_are_an_error(tmp_path, kind):
    data = bytearray(PACK[kind]("".join(f"{n * n}\t{n**3}\n" for n in range(20_000)).encode()))
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    path = tmp_path / "pairs.tsv"
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"pairs\.tsv"):
        list(read_pairs(path))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("猫\tCat\n犬\n", r"pairs.tsv:2: expected two columns, found 1 column"),
        ("猫\tCat\n犬\tDog\tx\n", r"pairs.tsv:2: expected two columns, found 3 columns"),
        ("猫\tCat\n\n", r"pairs.tsv:2: expected two columns, found 1 column"),
    ],
)
def test_unequal_columns_name_the_line(tmp_path, data, said):
    path = tmp_path / "pairs.tsv"
    path.write_text(data, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        list(read_pairs(path))


def test_bytes_that_are_not_utf8_name_line_and_byte(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes("猫\tCat\n".encode() + "犬\tDog\n".encode("cp932"))
    with pytest.raises(EncodingError, match=r"pairs.tsv:2: expected UTF-8, found byte 0x8c at byte 1 of the line"):
        list(read_pairs(path))


def test_a_missing_file_and_a_directory(tmp_path):
    with pytest.raises(InputError, match="found nothing there"):
        list(read_pairs(tmp_path / "no.tsv"))
    with pytest.raises(InputError, match="found a directory"):
        list(read_pairs(tmp_path))


def test_a_byte_order_mark_is_no_text(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert next(read_pairs(path))[1] == "猫"


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("mt.bitext.stream.LONGEST_LINE", 100)
    path = tmp_path / "pairs.tsv"
    path.write_text("猫" * 101, encoding="utf-8")
    with pytest.raises(InputError, match=r"pairs.tsv:1: expected a line of at most 100 characters"):
        list(lines(path))


CELL = st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(lambda s: s.rstrip("\r"))


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
def test_what_the_writer_writes_is_read_back(tmp_path_factory, rows):
    rows = [(s.replace("\r", ""), t.replace("\r", "")) for s, t in rows]
    path = tmp_path_factory.mktemp("tsv") / "a.tsv"
    path.write_bytes(tsv.dumps(Pair(str(n + 1), s, t, "x") for n, (s, t) in enumerate(rows)).encode())
    flat = [tuple(cell.replace("\n", " ").replace("\t", " ") for cell in row) for row in rows]
    if rows and rows[0][0].startswith("\ufeff"):  # at the start of a file it is a mark, not text
        flat[0] = (flat[0][0][1:], flat[0][1])
    assert [(s, t) for _, s, t in read_pairs(path)] == flat
