r"""Shards of a corpus being built: rows as JSON lines, numbers beside them as columns of a table, both with a hash for the record.

`NAME.jsonl.zst` has one object a row: `id`, `src`, `tgt`, `origin`, and where there is something to say `document`, `src_raw`, `tgt_raw`, `given`.
`NAME.npy` is a structured array with one entry a row, in the same order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext.stream import lines, open_bytes
from mt.block import Block
from mt.errors import InputError
from mt.files import PartFile, write_bytes

BLOCK = 5000  # rows handed on at a time
_CHUNK = 1 << 20  # bytes read at a time
_LEVEL = 3  # of zstandard: its usual one; 300 MB/s on a core


# json.dumps would make a new encoder for every row; even a kept one sets up its C part anew at every call, which text can do without
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_QUOTED = json.encoder.encode_basestring


class RowWriter:
    """A file of JSON lines, compressed, written beside and renamed; the same objects give the same bytes.

    Raises:
        OutputError: where it cannot be written; nothing is left then.
    """

    def __init__(self, path: Path) -> None:
        import zstandard

        self._part = PartFile(path)
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
        self.count = 0

    def write(self, block: Block) -> None:
        """Add a block's rows."""
        self.objects(_objects(block))

    def objects(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Add any objects, a line each: rows, or rejects."""
        made = [_line(one) for one in objects]
        self.count += len(made)
        text = "".join(made).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        self._part.write_bytes(self._compressor.compress(text.encode("utf-8")))

    def commit(self) -> tuple[str, int]:
        """Give the file its name; its SHA-256 and size in bytes."""
        self._part.write_bytes(self._compressor.flush())
        return self._part.commit()

    def discard(self) -> None:
        """Take it away, unless it has its name already."""
        self._part.discard()


def read_blocks(path: Path, size: int = BLOCK, *, keep: NDArray[np.bool_] | None = None) -> Iterator[Block]:
    """A shard's rows, `size` at a time.

    Args:
        path: of the shard.
        size: rows of a block, but for the last.
        keep: one truth a row of the shard: rows that are not wanted are not parsed; None = all are.

    Raises:
        InputError: naming file and line where it is not what `RowWriter` wrote, or where there are fewer rows than truths.
    """
    rows: list[dict[str, Any]] = []
    for found in _objects_of(path, None if keep is None or keep.all() else np.flatnonzero(keep)):
        rows = rows + found if rows else found
        while len(rows) >= size:
            yield _block(rows[:size], path)
            rows = rows[size:]
    if rows:
        yield _block(rows, path)


def read_rows(path: Path, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Some rows of a shard: number, from 0, → the row as it is written, ascending. Only those are parsed.

    Raises:
        InputError: where the file is damaged or has no such row.
    """
    wanted = np.unique(np.fromiter(numbers, np.int64))
    rows = (row for found in _objects_of(path, wanted) for row in found)
    return dict(zip(wanted.tolist(), rows, strict=True))


def _objects_of(path: Path, wanted: NDArray[np.int64] | None = None) -> Iterator[list[dict[str, Any]]]:
    """Objects, all or those of ascending numbers, as many as fit in a megabyte at a time.

    One call of the parser for thousands of lines is four times as fast as one a line.
    """
    for chunk in _chunks(path) if wanted is None else _some(path, wanted):
        try:
            found = json.loads(b"[" + chunk[:-1].replace(b"\n", b",\n") + b"]")
        except ValueError:
            found = None
        if found is None or len(found) != chunk.count(b"\n") or not all(isinstance(one, dict) for one in found):
            for _ in read_objects(path):  # which names the line
                pass
            raise InputError(path, "an object a line", "something else")
        yield found


def _some(path: Path, wanted: NDArray[np.int64]) -> Iterator[bytes]:
    """The lines of ascending numbers, in the chunks in which they are found; reads no further than the last of them."""
    at = first = 0
    for chunk in _chunks(path) if len(wanted) else ():
        found = chunk.split(b"\n")[:-1]
        stop = int(np.searchsorted(wanted, first + len(found)))
        if stop > at:
            yield b"\n".join([found[number] for number in (wanted[at:stop] - first).tolist()]) + b"\n"
        at, first = stop, first + len(found)
        if at == len(wanted):
            return
    if at < len(wanted):
        raise InputError(path, f"a row {int(wanted[at]):,}", f"{first:,} rows")


def _line(one: Mapping[str, Any]) -> str:
    """An object as JSON on a line; its keys need no escaping."""
    return (
        "{"
        + ", ".join(
            [f'"{key}": {_QUOTED(value) if type(value) is str else _ENCODE(value)}' for key, value in one.items()]
        )
        + "}\n"
    )


def _chunks(path: Path) -> Iterator[bytes]:
    """A file's bytes, cut behind line ends."""
    rest = b""
    with open_bytes(path) as stream:
        while data := stream.read(_CHUNK):
            cut = data.rfind(b"\n") + 1
            if cut:
                yield rest + data[:cut]
                rest = data[cut:]
            else:
                rest += data
    if rest:
        yield rest + b"\n"


def read_objects(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of any file of JSON lines.

    Raises:
        InputError: naming file and line where there is none.
    """
    for number, line in enumerate(lines(path), 1):
        try:
            found = json.loads(line)
        except ValueError as e:
            raise InputError(path, "JSON", f"a mistake ({e})", line=number) from None
        if not isinstance(found, dict):
            raise InputError(path, "an object", type(found).__name__, line=number)
        yield found


def write_columns(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Numbers of a shard's rows, by name; one entry a row, so all equally long. The same numbers give the same bytes.

    Raises:
        OutputError: where it cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     write_columns(Path(d, "a.npy"), {"length": np.array([1.5, 2]), "key": np.array([3, 4], np.uint64)})
        ...     table = read_columns(Path(d, "a.npy"))
        ...     table.dtype.names, table["key"].tolist()
        (('length', 'key'), [3, 4])
    """
    import io

    kinds = [(name, column.dtype, column.shape[1:]) for name, column in columns.items()]
    count = len(next(iter(columns.values()))) if columns else 0
    table = np.zeros(count, dtype=kinds)
    for name, column in columns.items():
        if len(column) != count:
            raise ValueError(f"columns: expected {count} rows, found {len(column)} of {name}")
        table[name] = column
    buffer = io.BytesIO()
    np.save(buffer, table, allow_pickle=False)
    write_bytes(path, buffer.getvalue())


def read_columns(path: Path) -> NDArray[Any]:
    """The structured array of a shard, mapped from the file rather than read.

    Raises:
        InputError: where there is none.
    """
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(path, "a table of columns", "nothing there") from None
    except (OSError, ValueError, EOFError) as e:
        raise InputError(path, "a table of columns", f"something else ({e})") from None
    if found.dtype.names is None:
        raise InputError(path, "a table with named columns", f"an array of {found.dtype}")
    return found


def _objects(block: Block) -> Iterator[dict[str, Any]]:
    columns = (block.ids, block.src, block.tgt, block.origins, block.documents, block.src_raw, block.tgt_raw)
    given = list(block.given.items())
    for number, (id, src, tgt, origin, document, src_raw, tgt_raw) in enumerate(zip(*columns, strict=True)):
        row: dict[str, Any] = {"id": id, "src": src, "tgt": tgt, "origin": origin}
        if document:
            row["document"] = document
        if src_raw is not None:
            row["src_raw"] = src_raw
        if tgt_raw is not None:
            row["tgt_raw"] = tgt_raw
        if given:
            scores = {name: column[number] for name, column in given if column[number] == column[number]}
            if scores:
                row["given"] = scores
        yield row


def _block(rows: list[dict[str, Any]], path: Path) -> Block:
    names = dict.fromkeys(name for row in rows if "given" in row for name in row["given"])
    nan = float("nan")
    try:
        return Block(
            [row["id"] for row in rows],
            [row["src"] for row in rows],
            [row["tgt"] for row in rows],
            [row.get("document", "") for row in rows],
            [row["origin"] for row in rows],
            [row.get("src_raw") for row in rows],
            [row.get("tgt_raw") for row in rows],
            {name: [row.get("given", {}).get(name, nan) for row in rows] for name in names},
        )
    except KeyError as e:
        raise InputError(path, "rows with id, src, tgt and origin", f"one without {e}") from None
