"""Rows of a corpus → files of all formats at once, block by block; nothing has its name before everything is written.

writers = open_writers(folder, "train", ("parquet", "tsv"), ("ja", "en"))
writers.write(block, {})
writers.commit()        # name → SHA-256, bytes, rows
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NotRequired, Protocol, TypedDict, get_args

import numpy as np

from mt.bitext.write_parquet import ParquetWriter
from mt.bitext.write_text import JsonlWriter, MosesWriter, Scores, TmxWriter, TsvWriter
from mt.block import Block
from mt.errors import OptionError
from mt.types import check_range

Format = Literal["parquet", "tsv", "moses", "jsonl", "tmx"]
FORMATS: tuple[str, ...] = get_args(Format)


class Written(TypedDict):
    """A file that was written; `memory` is its size as an Arrow table, of parquet only."""

    sha256: str
    bytes: int
    rows: int
    memory: NotRequired[int]


class _Writer(Protocol):
    replaced: int

    def write(self, block: Block, scores: Scores) -> None: ...

    def commit(self) -> dict[str, tuple[str, int]]: ...

    def discard(self) -> None: ...


class Writers:
    """One split in all its formats; a context manager that takes away what was not committed."""

    def __init__(self, writers: Mapping[str, _Writer], names: Sequence[str]) -> None:
        self._writers, self._names, self.rows = writers, tuple(names), 0

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def write(self, block: Block, scores: Scores | None = None) -> None:
        """Add a block's rows, in the order of the corpus.

        Args:
            block: the rows.
            scores: name → one number a row, NaN where it was not measured. A name that was given at the opening and is missing here is not measured.

        Raises:
            OutputError: where a file cannot be written.
        """
        found = scores or {}
        nothing = np.full(len(block), np.nan, np.float32)
        columns = {name: found.get(name, nothing) for name in self._names}
        for writer in self._writers.values():
            writer.write(block, columns)
        self.rows += len(block)

    def commit(self) -> dict[str, Written]:
        """Give all files their names: name (relative to the folder) → SHA-256, size in bytes and rows.

        Raises:
            OutputError: where that is not possible.
        """
        made: dict[str, Written] = {}
        for writer in self._writers.values():
            for number, (name, (digest, size)) in enumerate(writer.commit().items()):
                made[name] = {"sha256": digest, "bytes": size, "rows": self.rows}
                if isinstance(writer, ParquetWriter):
                    made[name] |= {"rows": writer.rows()[number], "memory": writer.memory()[number]}
        return made

    @property
    def replaced(self) -> dict[str, int]:
        """Format → sides in which a character was replaced, since the format has no way to write it; only where there are any."""
        return {name: writer.replaced for name, writer in self._writers.items() if writer.replaced}

    def discard(self) -> None:
        """Take away what has no name yet; twice does no harm."""
        for writer in self._writers.values():
            writer.discard()


def open_writers(
    folder: Path,
    split: str,
    formats: Sequence[str],
    langs: tuple[str, str],
    *,
    scores: Sequence[str] = (),
    file_rows: int = 500_000,
    compress: bool = False,
) -> Writers:
    r"""Begin a split of a corpus.

    Args:
        folder: where the corpus stands. `data/SPLIT-…-of-….parquet`, `SPLIT.tsv`, `SPLIT.SRC` and `SPLIT.TGT`, `SPLIT.jsonl`, `SPLIT.tmx`.
        split: its name: `train`, `dev` or `test`.
        formats: of `FORMATS`.
        langs: codes of source and target.
        scores: names of numbers that rows have, in the order of their columns; for formats that hold any.
        file_rows: rows of a parquet file.
        compress: write text formats as `.zst`.

    Raises:
        OptionError: for a format that there is not, or files without rows.
        UserError: for parquet without the package pyarrow.
        OutputError: where it cannot be written.

    Example:
        >>> import tempfile
        >>> block = Block.of([("a:1", "猫。", "Cat.")])
        >>> with tempfile.TemporaryDirectory() as d, open_writers(Path(d), "train", ("tsv",), ("ja", "en")) as writers:
        ...     writers.write(block)
        ...     made = writers.commit()
        ...     Path(d, "train.tsv").read_text("utf-8"), made["train.tsv"]["rows"]
        ('猫。\tCat.\n', 1)
    """
    check_range("file_rows", file_rows, 1, 100_000_000)
    suffix = ".zst" if compress else ""
    made: dict[str, _Writer] = {}
    try:
        for name in formats:
            if name not in FORMATS:
                raise OptionError("publish", f"one of {', '.join(FORMATS)}", name)
            if name == "parquet":
                made[name] = ParquetWriter(folder, split, langs, scores, file_rows)
            elif name == "moses":
                made[name] = MosesWriter(folder, split, langs, suffix)
            elif name == "tsv":
                made[name] = TsvWriter(folder, split, langs, suffix)
            elif name == "jsonl":
                made[name] = JsonlWriter(folder, split, langs, suffix)
            else:
                made[name] = TmxWriter(folder, split, langs, suffix)
    except BaseException:
        for writer in made.values():
            writer.discard()
        raise
    return Writers(made, scores)


def open_file(path: Path, form: str, langs: tuple[str, str], *, scores: Sequence[str] = ()) -> Writers:
    """Begin a single file, by its own name; for `moses`, that of the source side, whose last suffix but `.zst` is the language.

    Args:
        path: the file.
        form: of `FORMATS`.
        langs: codes of source and target.
        scores: names of numbers that rows have.

    Raises:
        OptionError: for a format that there is not.
        UserError: for parquet without the package pyarrow.
        OutputError: where it cannot be written.
    """
    suffix = ".zst" if path.suffix == ".zst" else ""
    plain = Path(path.name.removesuffix(suffix)) if suffix else Path(path.name)
    if form == "parquet":
        wide = 1 << 62  # rows: one file, however many there are
        return Writers({form: ParquetWriter(path.parent, plain.stem, langs, scores, wide, alone=path.name)}, scores)
    if form == "moses":
        return Writers({form: MosesWriter(path.parent, plain.stem, langs, suffix)}, scores)
    writers: dict[str, Callable[..., _Writer]] = {"tsv": TsvWriter, "jsonl": JsonlWriter, "tmx": TmxWriter}
    if form not in writers:
        raise OptionError("format", f"one of {', '.join(FORMATS)}", form)
    return Writers({form: writers[form](path.parent, plain.stem, langs, suffix, name=path.name)}, scores)
