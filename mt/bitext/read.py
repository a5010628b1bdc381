"""Any bitext → pairs with the line they stand on: tab-separated, Moses, JSON lines, TMX, parquet, hub datasets; compressed or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mt.bitext import read_table, read_text, read_tmx
from mt.bitext.stream import lines
from mt.errors import InputError, plural

Format = Literal["auto", "tsv", "jsonl", "tmx", "parquet"]
Row = tuple[int, str, str]

_COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
_FORMATS: dict[str, Format] = {
    ".tsv": "tsv",
    ".txt": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".tmx": "tmx",
    ".parquet": "parquet",
}


def read_pairs(
    path: str | Path,
    *,
    src_lang: str = "ja",
    tgt_lang: str = "en",
    fmt: Format = "auto",
    tgt_path: str | Path | None = None,
) -> Iterator[Row]:
    r"""Pairs of a bitext, one at a time, untouched.

    Args:
        path: a file, compressed or not; or `hf:owner/name[:config[:split]]`, which is fetched from the hub.
        src_lang: code of the source language, where the format names languages.
        tgt_lang: code of the target language.
        fmt: how it is written; `auto` goes by the name and takes what it does not know for tab-separated.
        tgt_path: the target side, where each side is a file of its own (Moses).

    Yields:
        (line, source, target): the 1-based line (of a table: row) the pair stands on.

    Raises:
        InputError: naming file and line where the file is not what it should be.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.tsv").write_text("猫\tCat\n犬\tDog\n", encoding="utf-8")
        ...     list(read_pairs(Path(d, "a.tsv")))
        [(1, '猫', 'Cat'), (2, '犬', 'Dog')]
    """
    if str(path).startswith(read_table.HUB):
        return read_table.hub(str(path), src_lang, tgt_lang)
    path = Path(path)
    if tgt_path is not None:
        return read_text.moses(path, Path(tgt_path))
    fmt = _by_name(path) if fmt == "auto" else fmt
    if fmt == "jsonl":
        return read_text.jsonl(path, src_lang, tgt_lang)
    if fmt == "tmx":
        return read_tmx.read(path, src_lang, tgt_lang)
    if fmt == "parquet":
        return read_table.parquet(path, src_lang, tgt_lang)
    return _tsv(path)


def _by_name(path: Path) -> Format:
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in _COMPRESSED]
    return _FORMATS.get(suffixes[-1] if suffixes else "", "tsv")


def _tsv(path: Path) -> Iterator[Row]:
    for number, line in enumerate(lines(path), 1):
        cells = line.split("\t")
        if len(cells) != 2:
            raise InputError(path, "two columns", plural(len(cells), "column"), line=number)
        yield number, cells[0], cells[1]
