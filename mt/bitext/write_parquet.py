"""Rows of a published corpus → parquet in the hub's layout: `data/train-00000-of-00003.parquet`, which `datasets.load_dataset` reads as it is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mt.bitext.write_text import Scores
from mt.block import Block
from mt.errors import OutputError, UserError
from mt.files import PartFile

if TYPE_CHECKING:
    import pyarrow

ROW_GROUP = 20_000  # rows: a reader that wants a few decodes no more than these; part of the bytes
_LEVEL = 3  # of zstandard
FOLDER = "data"


class ParquetWriter:
    """Columns `id`, `translation` (the hub's feature of that name), `source`, `document`, and where there are scores `scores`.

    Rows are gathered to row groups of a fixed size, so that the bytes depend on the rows only (and on the version of pyarrow, which names itself in
    the file). Files get their last names when their number is known, at the end; parquet files that an earlier corpus left of the split go then.

    Args:
        folder: of the corpus; files stand in `data/`.
        split: `train`, `dev` or `test`.
        langs: codes of source and target.
        names: of the scores, in the order of the columns.
        file_rows: rows of a file.
        alone: the only file, under this name instead.

    Raises:
        UserError: without the package pyarrow.
        OutputError: where it cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        split: str,
        langs: tuple[str, str],
        names: Sequence[str],
        file_rows: int,
        *,
        alone: str = "",
    ) -> None:
        self.replaced, self._alone = 0, alone
        self._folder, self._split, self._langs, self._names, self._most = folder, split, langs, tuple(names), file_rows
        self._schema = schema(langs, self._names)
        self._waiting: list[tuple[Block, Scores]] = []
        self._count = 0  # rows that wait
        self._rows: list[int] = []  # of each file
        self._memory: list[int] = []
        self._made: list[tuple[Path, str, int]] = []
        self._sink: _Sink | None = None
        for left in self._place.glob(f".{split}-*.part"):  # of a run that was killed
            left.unlink(missing_ok=True)

    @property
    def _place(self) -> Path:
        return self._folder if self._alone else self._folder / FOLDER

    def write(self, block: Block, scores: Scores) -> None:
        """Add a block's rows."""
        start = 0
        while start < len(block):
            if self._sink is None:
                self._open()
            stop = min(len(block), start + self._room())
            columns = {name: scores[name][start:stop] for name in self._names}
            self._waiting.append((block.part(start, stop), columns))
            self._count += stop - start
            start = stop
            if self._room() == 0:
                self._group()

    def commit(self) -> dict[str, tuple[str, int]]:
        """Give the files their names; name → SHA-256 and size. A split without rows is a file without rows."""
        if not self._rows:
            self._open()
        self._group(last=True)
        found: dict[str, tuple[str, int]] = {}
        for old in () if self._alone else self._place.glob(f"{self._split}-[0-9]*-of-[0-9]*.parquet"):
            old.unlink(missing_ok=True)
        for number, (path, digest, size) in enumerate(self._made):
            name = self._alone or f"{FOLDER}/{self._split}-{number:05}-of-{len(self._made):05}.parquet"
            try:
                path.replace(self._folder / name)
            except OSError as e:
                raise OutputError(self._folder / name, e.strerror or str(e)) from None
            found[name] = (digest, size)
        self._made = []
        return found

    def rows(self) -> tuple[int, ...]:
        """Rows of each file, in their order."""
        return tuple(self._rows)

    def memory(self) -> tuple[int, ...]:
        """Bytes of each file as an Arrow table, which is what the hub calls its size."""
        return tuple(self._memory)

    def discard(self) -> None:
        """Take away what has no name yet."""
        if self._sink is not None:
            self._sink.discard()
        for path, _, _ in self._made:
            path.unlink(missing_ok=True)

    def _room(self) -> int:
        """Rows until the row group or the file is full."""
        return min(ROW_GROUP, self._most - self._rows[-1]) - self._count

    def _open(self) -> None:
        self._sink = _Sink(self._place / f".{self._split}-{len(self._rows):05}.part", self._schema)
        self._rows.append(0)
        self._memory.append(0)

    def _group(self, last: bool = False) -> None:
        """Write a row group of what waits, and end the file where it is full."""
        if self._sink is None:
            return
        if self._count:
            table = self._table()
            self._sink.write(table)
            self._memory[-1] += table.nbytes
            self._rows[-1] += self._count
            self._waiting, self._count = [], 0
        if last or self._rows[-1] == self._most:
            self._made.append(self._sink.commit())
            self._sink = None

    def _table(self) -> pyarrow.Table:
        import pyarrow as pa

        blocks = [block for block, _ in self._waiting]

        def text(column: str) -> pa.Array:
            return pa.array([one for block in blocks for one in getattr(block, column)], pa.string())

        sides = {self._langs[0]: text("src"), self._langs[1]: text("tgt")}
        order = sorted(sides)
        columns = [text("ids"), pa.StructArray.from_arrays([sides[lang] for lang in order], order)]
        columns += [text("origins"), text("documents")]
        if self._names:
            numbers = []
            for name in self._names:
                whole = np.concatenate([np.asarray(scores[name], np.float32) for _, scores in self._waiting])
                numbers.append(pa.array(whole, pa.float32(), mask=np.isnan(whole)))
            columns.append(pa.StructArray.from_arrays(numbers, list(self._names)))
        return pa.Table.from_arrays(columns, schema=self._schema)


class _Sink:
    """A parquet file, written beside and hashed on the way."""

    def __init__(self, path: Path, form: pyarrow.Schema) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path, self._part = path, PartFile(path)
        self._file = pa.PythonFile(_Hashed(self._part), mode="w")
        self._writer = pq.ParquetWriter(
            self._file, form, compression="zstd", compression_level=_LEVEL, version="2.6", use_dictionary=True
        )

    def write(self, table: pyarrow.Table) -> None:
        self._writer.write_table(table, row_group_size=ROW_GROUP)

    def commit(self) -> tuple[Path, str, int]:
        self._writer.close()
        return (self._path, *self._part.commit())

    def discard(self) -> None:
        with contextlib.suppress(Exception):  # closing writes the end of a file that is not wanted
            self._writer.close()
        self._part.discard()


class _Hashed:
    """What pyarrow needs of a Python file: to write bytes and to know where it is."""

    closed = False

    def __init__(self, part: PartFile) -> None:
        self._part, self._at = part, 0

    def write(self, data: Any) -> int:
        found = bytes(data)
        self._part.write_bytes(found)
        self._at += len(found)
        return len(found)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """`PartFile` closes the file."""

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def features(langs: tuple[str, str], names: Sequence[str]) -> dict[str, Any]:
    """The columns as `datasets` writes them down.

    Example:
        >>> features(("ja", "en"), ())["translation"]
        {'languages': ['ja', 'en'], '_type': 'Translation'}
    """
    text = {"dtype": "string", "_type": "Value"}
    found: dict[str, Any] = {"id": text, "translation": {"languages": list(langs), "_type": "Translation"}}
    found |= {"source": text, "document": text}
    if names:
        found["scores"] = {name: {"dtype": "float32", "_type": "Value"} for name in names}
    return found


def schema(langs: tuple[str, str], names: Sequence[str]) -> pyarrow.Schema:
    """The columns as pyarrow knows them.

    Raises:
        UserError: without the package pyarrow.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise UserError("parquet: expected the package pyarrow, found none; install kakehashi[corpora]") from None
    text = pa.string()
    # the hub's feature orders its languages by name
    fields = [("id", text), ("translation", pa.struct([(lang, text) for lang in sorted(langs)]))]
    fields += [("source", text), ("document", text)]
    if names:
        fields.append(("scores", pa.struct([(name, pa.float32()) for name in names])))
    info = json.dumps({"info": {"features": features(langs, names)}})
    return pa.schema(fields, metadata={"huggingface": info})
