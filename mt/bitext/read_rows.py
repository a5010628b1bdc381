"""Any bitext → blocks of rows, with ids, sources, documents and scores where the file has them: what `write` wrote comes back whole."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mt.bitext import read_tmx
from mt.bitext.records import BAD_JSON, NO_LANGUAGE, Layout, Record, Reject, format_of, records, short
from mt.bitext.records_text import number_of, raw_lines
from mt.bitext.shards import BLOCK
from mt.block import Block
from mt.errors import InputError

_NAN = float("nan")
_COLUMNS = {"id", "translation", "source", "document"}


def read_rows(
    path: Path, layout: Layout | None = None, *, tgt_path: Path | None = None, skipped: list[Reject] | None = None
) -> Iterator[Block]:
    r"""Rows of a file, 5,000 at a time, in its order.

    Rows that have no id get their number, `NAME:000000001`; those that have no source get the file's name.

    Args:
        path: of any format that `mt.bitext.records` reads.
        layout: how it is written, and which languages are wanted.
        tgt_path: the target side, where each side is a file of its own.
        skipped: takes what is no pair; without it, that is an error.

    Raises:
        InputError: naming file and line, where the file cannot be read or a record is no pair.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.jsonl").write_text('{"id": "x", "translation": {"ja": "猫", "en": "Cat"}, "scores": {"fit": 1}}\n', "utf-8")
        ...     [block] = read_rows(Path(d, "a.jsonl"))
        >>> block.ids, block.src, block.given
        (['x'], ['猫'], {'fit': [1.0]})
    """
    layout = layout or Layout()
    name = path.name.split(".")[0] or path.name
    rows = _Rows(name)
    for found in _found(path, layout, tgt_path):
        if isinstance(found, Block):
            yield from rows.rest()
            yield found
            continue
        if isinstance(found, Reject):
            if skipped is None:
                raise InputError(path, "a pair", f"{found.reason}: {short(found.text)[:60]!r}", line=found.line)
            skipped.append(found)
            continue
        rows.add(*found)
        if len(rows.ids) == BLOCK:
            yield from rows.rest()
    yield from rows.rest()


Row = tuple[str, str, Record]  # id, source, and the rest; the first two empty where the file has none


class _Rows:
    """Records → a block."""

    def __init__(self, name: str) -> None:
        self._name, self._number = name, 0
        self._clear()

    def add(self, id: str, source: str, record: Record) -> None:
        self._number += 1
        self.ids.append(id or f"{self._name}:{self._number:09}")
        self._sources.append(source or self._name)
        self._src.append(record.src)
        self._tgt.append(record.tgt)
        self._documents.append(record.document)
        for name, value in record.given.items():
            column = self._given.setdefault(name, [])
            column.extend([_NAN] * (len(self.ids) - 1 - len(column)))
            column.append(value)

    def rest(self) -> Iterator[Block]:
        count = len(self.ids)
        if count:
            for column in self._given.values():
                column.extend([_NAN] * (count - len(column)))
            none: list[str | None] = [None] * count
            yield Block(self.ids, self._src, self._tgt, self._documents, self._sources, none, none, given=self._given)
        self._clear()

    def _clear(self) -> None:
        self.ids: list[str] = []
        self._src: list[str] = []
        self._tgt: list[str] = []
        self._documents: list[str] = []
        self._sources: list[str] = []
        self._given: dict[str, list[float]] = {}


def _found(path: Path, layout: Layout, tgt_path: Path | None) -> Iterator[Row | Reject | Block]:
    form = format_of(path) if layout.format == "auto" else layout.format
    if tgt_path is None and not layout.columns:
        if form == "jsonl":
            yield from _jsonl(path, layout)
            return
        if form == "tmx":
            yield from _tmx(path, layout)
            return
        if form == "parquet" and (ours := _parquet(path, layout)) is not None:
            yield from ours
            return
    for one in records(path, layout, tgt_path=tgt_path):
        yield ("", "", one) if isinstance(one, Record) else one


def _jsonl(path: Path, layout: Layout) -> Iterator[Row | Reject]:
    from mt.bitext.records_text import extractor

    extract = extractor(layout)
    for number, line in raw_lines(path):
        if isinstance(line, Reject):
            yield line
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield Reject(number, BAD_JSON, short(line))
            continue
        one = extract(number, row, line)
        if isinstance(one, Reject):
            yield one
            continue
        yield _text(row.get("id")), _text(row.get("source")) or _text(row.get("origin")), one


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


class _TmxReader(read_tmx._Reader):
    """Units with their ids and origins beside them."""

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout, lenient=True)
        self.beside: deque[tuple[str, str]] = deque()
        self._id = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if name == "tu":
            self._id = attributes.get("tuid", "")

    def end(self, name: str) -> None:
        super().end(name)
        if name == "tu":
            origin = next((value for kind, value in self._properties if kind == "x-origin"), "")
            self.beside.append((self._id, origin))


def _tmx(path: Path, layout: Layout) -> Iterator[Row | Reject]:
    reader = _TmxReader(path, layout)
    for one in reader.read():
        id, origin = reader.beside.popleft()
        yield one if isinstance(one, Reject) else (id, origin, one)


def _parquet(path: Path, layout: Layout) -> Iterator[Block | Reject] | None:
    """Blocks of a file with our columns; None where it has others."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    if not path.is_file():
        raise InputError(path, "a file", "a folder" if path.is_dir() else "nothing there")
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as e:
        raise InputError(path, "a parquet file", str(e).splitlines()[0][:120]) from None
    names = set(file.schema_arrow.names)
    if not names >= _COLUMNS or not pa.types.is_struct(file.schema_arrow.field("translation").type):
        return None
    return _batches(path, file, layout)


def _batches(path: Path, file: Any, layout: Layout) -> Iterator[Block | Reject]:
    import pyarrow as pa

    done = 0
    try:
        for batch in file.iter_batches(batch_size=BLOCK):
            columns = {name: batch.column(name) for name in batch.schema.names}
            pair = columns["translation"]
            there = {field.name for field in pair.type}
            if not {layout.src_lang, layout.tgt_lang} <= there:
                yield Reject(done + 1, NO_LANGUAGE, f"languages {', '.join(sorted(there))}")
                return
            src, tgt = (pair.field(lang).to_pylist() for lang in (layout.src_lang, layout.tgt_lang))
            if None in src or None in tgt:
                at = next(n for n, two in enumerate(zip(src, tgt, strict=True)) if None in two)
                yield Reject(done + at + 1, NO_LANGUAGE, "a side that is null")
                return
            given = _numbers(columns.get("scores"))
            texts = [[_text(x) for x in columns[name].to_pylist()] for name in ("id", "document", "source")]
            none: list[str | None] = [None] * len(src)
            yield Block(texts[0], src, tgt, texts[1], texts[2], none, none, given=given)
            done += len(src)
    except (pa.ArrowException, OSError) as e:
        raise InputError(path, "a whole parquet file", str(e).splitlines()[0][:120], line=done + 1) from None


def _numbers(column: Any) -> Mapping[str, list[float]]:
    import pyarrow as pa

    if column is None or not pa.types.is_struct(column.type):
        return {}
    found = {}
    for field in column.type:
        values = [number_of(x) for x in column.field(field.name).to_pylist()]
        found[field.name] = [_NAN if x is None else x for x in values]
    return found
