"""Pairs as numbers of pieces on disk, tokenised once and memory-mapped: a hundred million pairs need disk, not memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mt.errors import InputError, OutputError
from mt.files import new_directory, write_text
from mt.protocols import Progress

Array = np.ndarray[Any, Any]
Encode = Callable[[Sequence[str]], list[list[int]]]
Pairs = Callable[[Counter[str]], Iterable[tuple[str, str]]]
Rows = tuple[list[list[int]], list[list[int]]]

_CHUNK = 20_000  # pairs that are encoded together
_HASHES = 4_000_000  # keys that are sorted together when repeated pairs are looked for: 64 MB
_FILES = ("src.ids", "src.ends", "tgt.ids", "tgt.ends", "keys", "keep")


class Store:
    """Tokenised pairs of several sources.

    Attributes:
        names: of the sources.
        ranges: of each source, its half-open range of pair numbers.
        counts: of each source, reason → pairs dropped; `kept` counts those that stayed.
    """

    def __init__(self, directory: Path) -> None:
        """Opens what `build` wrote. Raises InputError where a file is missing or has the wrong size."""
        try:
            meta = json.loads((directory / "store.json").read_text(encoding="utf-8"))
            self.names: list[str] = list(meta["ranges"])
            self.ranges: list[tuple[int, int]] = [(a, b) for a, b in meta["ranges"].values()]
            self.counts: dict[str, dict[str, int]] = meta["counts"]
            ids, sizes = np.dtype(meta["ids"]), meta["bytes"]
            for name in _FILES:
                if (directory / name).stat().st_size != sizes[name]:
                    found = f"{(directory / name).stat().st_size:,}"
                    raise InputError(directory / name, f"{sizes[name]:,} bytes", found)
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise InputError(directory, "tokenised pairs", f"none that can be read ({e})") from None
        self._keep = _mapped(directory / "keep", np.dtype("<u8"))
        self._ids = {side: _mapped(directory / f"{side}.ids", ids) for side in ("src", "tgt")}
        self._ends = {side: _mapped(directory / f"{side}.ends", np.dtype("<u8")) for side in ("src", "tgt")}

    def __len__(self) -> int:
        return len(self._keep)

    def lengths(self, side: str, pairs: Array) -> Array:
        """Pieces of one side of the pairs named; int64."""
        rows = self._keep[pairs].astype(np.int64)
        ends = self._ends[side]
        return (ends[rows + 1] - ends[rows]).astype(np.int64)

    def pieces(self, side: str, pair: int) -> Array:
        """Numbers of the pieces of one side, without end mark."""
        row = int(self._keep[pair])
        ends = self._ends[side]
        return self._ids[side][int(ends[row]) : int(ends[row + 1])]


def build(
    directory: Path,
    sources: Mapping[str, Pairs],
    encode: tuple[Encode, Encode],
    *,
    longest: int,
    pieces: int,
    progress: Progress,
) -> Store:
    """Tokenise every source and write `directory`; it appears whole or not at all.

    Args:
        directory: to be made.
        sources: name → a function that yields cleaned pairs and counts what it leaves out by reason.
        encode: texts → numbers of pieces, for the source and for the target side.
        longest: pieces; a pair with a longer side is dropped and counted.
        pieces: size of the vocabulary; decides how wide a number is.
        progress: is told of every pair.

    Raises:
        InputError: for a source that keeps no pair.
        OutputError: when the disk is full or the place cannot be written.
    """
    width = np.dtype("<u2" if pieces <= 2**16 else "<u4")
    try:
        with new_directory(directory) as scratch:
            ranges, counts = _write(scratch, sources, partial(_encoded, encode, longest), width, progress)
            keep = _first_of_each(scratch / "keys")
            keep.tofile(scratch / "keep")
            kept = _recount(keep, ranges, counts)
            sizes = {name: (scratch / name).stat().st_size for name in _FILES}
            meta = {"ids": width.str, "ranges": kept, "counts": counts, "bytes": sizes}
            write_text(scratch / "store.json", json.dumps(meta, ensure_ascii=False, indent=1) + "\n")
    except OSError as e:
        raise OutputError(directory, e.strerror or str(e)) from None
    return Store(directory)


def _write(
    scratch: Path,
    sources: Mapping[str, Pairs],
    rows_of: Callable[..., Iterator[Rows]],
    width: np.dtype[Any],
    progress: Progress,
) -> tuple[dict[str, tuple[int, int]], dict[str, Counter[str]]]:
    """Ids, ends and keys of every pair, source after source: (rows of each source, counts of each source)."""
    ranges: dict[str, tuple[int, int]] = {}
    counts: dict[str, Counter[str]] = {}
    rows = 0
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {n: stack.enter_context((scratch / n).open("wb")) for n in _FILES[:5]}
        ends = dict.fromkeys(("src", "tgt"), 0)
        for side in ends:
            files[f"{side}.ends"].write(np.zeros(1, "<u8").tobytes())
        for name, pairs in sources.items():
            progress.stage(name, None, "pair")
            start, counts[name] = rows, Counter()
            for src, tgt in rows_of(pairs(counts[name]), counts[name], progress):
                for side, part in (("src", src), ("tgt", tgt)):
                    behind = ends[side] + np.cumsum([len(x) for x in part], dtype=np.uint64)
                    files[f"{side}.ends"].write(behind.astype("<u8").tobytes())
                    files[f"{side}.ids"].write(np.concatenate([np.asarray(x, width) for x in part]).tobytes())
                    ends[side] = int(behind[-1])
                files["keys"].write(np.array([_key(s, t) for s, t in zip(src, tgt, strict=True)], "<u8").tobytes())
                rows += len(src)
            if rows == start:
                raise InputError(name, "pairs that can be trained on", _said(counts[name]))
            ranges[name] = (start, rows)
    return ranges, counts


def _encoded(
    encode: tuple[Encode, Encode],
    longest: int,
    pairs: Iterable[tuple[str, str]],
    counts: Counter[str],
    progress: Progress,
) -> Iterator[Rows]:
    stream = iter(pairs)
    while chunk := list(islice(stream, _CHUNK)):
        both = zip(encode[0]([s for s, _ in chunk]), encode[1]([t for _, t in chunk]), strict=True)
        rows = [(s, t) for s, t in both if 0 < len(s) <= longest and 0 < len(t) <= longest]
        if len(rows) < len(chunk):
            counts["too-many-pieces"] += len(chunk) - len(rows)
        progress.advance(len(chunk))
        if rows:
            yield [s for s, _ in rows], [t for _, t in rows]


def _key(src: Sequence[int], tgt: Sequence[int]) -> int:
    # 64 bits: among 10^8 pairs one is taken for a repetition by chance with probability 3·10^-4
    return hash((*src, -1, *tgt)) & 0xFFFFFFFFFFFFFFFF  # hashes of tuples of numbers do not depend on the process


def _first_of_each(path: Path) -> Array:
    """Rows whose key has not come before, ascending; in passes over slices of the keys' range, so that memory stays bounded."""
    keys = _mapped(path, np.dtype("<u8"))
    slices = -(-len(keys) // _HASHES) or 1
    found = []
    for number in range(slices):
        rows = np.concatenate([
            at + np.flatnonzero(keys[at : at + _HASHES] % np.uint64(slices) == number)
            for at in range(0, len(keys), _HASHES)
        ] or [np.zeros(0, np.int64)])  # fmt: skip
        _, first = np.unique(keys[rows], return_index=True)
        found.append(rows[first])
    return np.sort(np.concatenate(found)).astype("<u8")


def _recount(
    keep: Array, ranges: Mapping[str, tuple[int, int]], counts: Mapping[str, Counter[str]]
) -> dict[str, tuple[int, int]]:
    """Ranges within `keep`, and the repeated pairs counted."""
    kept = {}
    for name, (start, end) in ranges.items():
        a, b = (int(x) for x in np.searchsorted(keep, [start, end]))
        kept[name] = (a, b)
        counts[name]["kept"] = b - a
        if end - start > b - a:
            counts[name]["repeated"] = end - start - (b - a)
    return kept


def _mapped(path: Path, kind: np.dtype[Any]) -> Array:
    # an empty file cannot be mapped
    return np.memmap(path, kind, "r") if path.stat().st_size else np.zeros(0, kind)


def _said(counts: Mapping[str, int]) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    return f"none ({reasons})" if reasons else "an empty source"
