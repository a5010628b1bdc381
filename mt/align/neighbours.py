"""Nearest neighbours by cosine between two piles of vectors: exact, in tiles of bounded memory, the same bytes however the work is cut.

Sums of floating-point numbers depend on their order, and so on the number of threads, the shape of a tile and the machine. Here they do not:
vectors are rounded to whole multiples of 2⁻²⁶, so that every product and every partial sum of an inner product is a whole number below 2⁵³,
which float64 holds exactly in whatever order it is added up. The rounding moves a cosine by about 10⁻⁸, less than float32 vectors are
exact to. Most of the work is done in float32 all the same: a coarser rounding, whose sums are exact in 24 bits, gives every cosine with a known
largest error, and only pairs that can still be among the nearest are computed again in 53 bits. Nothing is lost by it, ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mt.errors import OptionError, plural
from mt.protocols import Progress, Silent
from mt.types import check_range

Array = np.ndarray[Any, np.dtype[Any]]

TILE = 2048  # vectors of either side multiplied at a time
_FINE = float(1 << 26)
_LONGEST = 1.01  # norm; a little more than one, since unit vectors are rounded too
_PAIRS = 2048  # pairs computed again at a time
_FLOOD = 16  # more than one pair in so many to compute again: the whole tile is
_HEAD = np.dtype([("mark", "S8"), ("rows", "<i8"), ("k", "<i8")])
_MARK = b"mtknn001"


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The nearest of one pile for every vector of another.

    Attributes:
        numbers: int32 array of shape (n, k): places in the other pile, nearest first, of equally near ones the earlier first; -1 where
            the other pile has fewer than k.
        cosines: float64 array of shape (n, k): their inner products, descending; -inf where there is none.

    Raises:
        ValueError: for arrays of different shapes.
    """

    numbers: Array
    cosines: Array

    def __post_init__(self) -> None:
        if self.numbers.shape != self.cosines.shape or self.numbers.ndim != 2:
            raise ValueError(f"neighbours: expected two equal shapes, found {self.numbers.shape}, {self.cosines.shape}")

    def to_bytes(self) -> bytes:
        """All of it, for a file; equal neighbours give equal bytes."""
        head = np.array([(_MARK, *self.numbers.shape)], _HEAD).tobytes()
        return head + self.numbers.astype("<i4").tobytes() + self.cosines.astype("<f8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Neighbours:
        """Inverse of `to_bytes`. Raises ValueError for anything else.

        Example:
            >>> n = Neighbours(np.array([[1, 0]], np.int32), np.array([[0.5, 0.25]]))
            >>> Neighbours.from_bytes(n.to_bytes()).numbers.tolist()
            [[1, 0]]
        """
        if len(data) < _HEAD.itemsize or (head := np.frombuffer(data, _HEAD, 1)[0])["mark"] != _MARK:
            raise ValueError("neighbours: expected bytes that to_bytes wrote, found others")
        rows, k = int(head["rows"]), int(head["k"])
        if rows < 0 or k < 0 or len(data) != _HEAD.itemsize + rows * k * 12:
            raise ValueError(f"neighbours: expected {rows} x {k} of them, found {len(data):,} bytes")
        numbers = np.frombuffer(data, "<i4", rows * k, _HEAD.itemsize).reshape(rows, k).astype(np.int32)
        cosines = (
            np.frombuffer(data, "<f8", rows * k, _HEAD.itemsize + rows * k * 4).reshape(rows, k).astype(np.float64)
        )
        return cls(numbers, cosines)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a search will take, known before it begins.

    Attributes:
        rows: vectors of the source side.
        columns: vectors of the target side.
        width: numbers a vector.
        k: neighbours wanted.
        tile: vectors of either side multiplied at a time.

    Example:
        >>> plan = Plan(1_000_000, 1_000_000, 512, 4)
        >>> f"{plan.vectors / 1e9:.1f} GB of vectors, {plan.working / 1e6:.0f} MB beside them, {plan.tiles:,} tiles"
        '4.1 GB of vectors, 171 MB beside them, 239,121 tiles'
    """

    rows: int
    columns: int
    width: int
    k: int
    tile: int = TILE

    def __post_init__(self) -> None:
        """Raises OptionError for a number out of range."""
        for key in ("rows", "columns", "width"):
            check_range(key, getattr(self, key), 0, 2**31 - 1)
        check_range("k", self.k, 1, 1024)
        check_range("tile", self.tile, 1, 1 << 14)

    @property
    def tiles(self) -> int:
        """Products of two blocks of vectors."""
        return -(-self.rows // self.tile) * -(-self.columns // self.tile)

    @property
    def vectors(self) -> int:
        """Bytes of both piles in float32; on the disk where they are memory-mapped."""
        return (self.rows + self.columns) * self.width * 4

    @property
    def working(self) -> int:
        """Bytes that the search itself needs: what is nearest so far, both ways, and one tile with what is computed again of it."""
        nearest = (self.rows + self.columns) * self.k * 12
        tile = self.tile * (self.tile * 6 + self.width * 24)
        return nearest + tile + _PAIRS * self.width * 24


def nearest(src: Array, tgt: Array, k: int, *, tile: int = TILE) -> Neighbours:
    """The k nearest of `tgt` for every row of `src`; arguments and errors as of `both`.

    Example:
        >>> x = np.eye(3, dtype=np.float32)
        >>> found = nearest(x[1:2], x, 2)
        >>> found.numbers.tolist(), found.cosines.tolist()
        ([[1, 0]], [[1.0, 0.0]])
    """
    return _search(src, tgt, k, tile, backward=False, progress=Silent())[0]


def both(
    src: Array, tgt: Array, k: int, *, tile: int = TILE, shards: int = 1, progress: Progress | None = None
) -> tuple[Neighbours, Neighbours]:
    """The k nearest of the other side for every vector of both; one pass over all products serves the two directions.

    Neither `tile` nor `shards` nor the number of threads changes a bit of the answer.

    Args:
        src: float32 array of shape (n, width), rows of norm 1 (or 0, for what has no vector); may be memory-mapped.
        tgt: of shape (m, width).
        k: neighbours wanted, 1 to 1,024.
        tile: vectors of either side multiplied at a time: memory, see `Plan`.
        shards: parts that the target side is searched in, one after the other; for those who want to keep parts, see `shard` and `merge`.
        progress: told of every pair of vectors compared.

    Raises:
        OptionError: for a number out of range.
        ValueError: for arrays that do not fit together, or rows longer than 1.

    Example:
        >>> x = np.eye(3, dtype=np.float32)
        >>> forward, backward = both(x[:2], x, 1)
        >>> forward.numbers.tolist(), backward.numbers.tolist(), backward.cosines[2].tolist()
        ([[0], [1]], [[0], [1], [0]], [0.0])
    """
    check_range("shards", shards, 1, 100_000)
    progress = progress or Silent()
    progress.stage("comparing", len(src) * len(tgt), "pair")
    return merge([shard(src, tgt, k, part, shards, tile=tile, progress=progress) for part in range(shards)])


def bounds(count: int, part: int, parts: int) -> tuple[int, int]:
    """Where one of several nearly equal parts of a pile begins and ends.

    Example:
        >>> [bounds(10, part, 3) for part in range(3)]
        [(0, 3), (3, 6), (6, 10)]
    """
    return count * part // parts, count * (part + 1) // parts


def shard(
    src: Array, tgt: Array, k: int, part: int, parts: int, *, tile: int = TILE, progress: Progress | None = None
) -> tuple[Neighbours, Neighbours]:
    """One part of `both`: for `src` the nearest within the part, with their places in the whole; for the part the nearest of `src`."""
    start, end = bounds(len(tgt), part, parts)
    forward, backward = _search(src, tgt[start:end], k, tile, backward=True, progress=progress or Silent())
    numbers = np.where(forward.numbers < 0, forward.numbers, forward.numbers + np.int32(start))
    return Neighbours(numbers, forward.cosines), backward


def merge(parts: Sequence[tuple[Neighbours, Neighbours]]) -> tuple[Neighbours, Neighbours]:
    """The answers of all parts, in order, as that of the whole.

    Raises:
        ValueError: for no part, or for parts of different searches.
    """
    if not parts or len({(*f.numbers.shape, b.numbers.shape[1]) for f, b in parts}) != 1:
        raise ValueError("merge: expected the parts of one search, found none or others")
    numbers = np.concatenate([f.numbers for f, _ in parts], axis=1)
    cosines = np.concatenate([f.cosines for f, _ in parts], axis=1)
    k = parts[0][0].numbers.shape[1]
    # places ascend from part to part and the sort is stable, so that of equally near ones the earlier stays first
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    forward = Neighbours(np.take_along_axis(numbers, order, 1), np.take_along_axis(cosines, order, 1))
    return forward, Neighbours(
        np.concatenate([b.numbers for _, b in parts]), np.concatenate([b.cosines for _, b in parts])
    )


def cosines(src: Array, tgt: Array, pairs: Array) -> Array:
    """Inner products of chosen pairs, to the bit as a search gives them.

    Args:
        src: as in `both`.
        tgt: as in `both`.
        pairs: whole numbers of shape (p, 2): places in `src` and in `tgt`.

    Returns:
        A float64 array of shape (p,).

    Example:
        >>> x = np.eye(3, dtype=np.float32)
        >>> cosines(x, x, np.array([[0, 0], [0, 1]])).tolist()
        [1.0, 0.0]
    """
    out = np.empty(len(pairs))
    for start in range(0, len(pairs), _PAIRS):
        a, b = pairs[start : start + _PAIRS].T
        out[start : start + _PAIRS] = np.einsum("ij,ij->i", _fine(src[a]), _fine(tgt[b]))
    return out / (_FINE * _FINE)


def products(src: Array, tgt: Array) -> Array:
    """Inner products of all rows of two small arrays, in the coarse rounding: float32 of shape (n, m), off by some 10⁻⁴.

    Like a search's they do not depend on the order of addition, and they take a tenth of its time.

    Example:
        >>> x = np.eye(2, dtype=np.float32)
        >>> products(x, x).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    scale = _scale(src.shape[1])
    table: Array = (np.rint(src * scale) @ np.rint(tgt * scale).T) / (scale * scale)
    return table


def _scale(width: int) -> Any:
    """The largest scale at which the square of the longest row, rounding included, stays below 2²⁴; float32."""
    return np.float32(np.floor((4095.0 - 0.5 * width**0.5) / _LONGEST))


def _fine(rows: Array) -> Array:
    return np.rint(rows.astype(np.float64) * _FINE)


class _Block:
    """Some neighbouring vectors of one side, in the coarse rounding: whole numbers, and how far they may be off."""

    __slots__ = ("coarse", "off", "rows", "scale", "start")

    def __init__(self, vectors: Array, start: int, end: int) -> None:
        self.rows, self.start = np.ascontiguousarray(vectors[start:end], np.float32), start
        self.scale = _scale(vectors.shape[1])
        norms = np.sqrt(np.einsum("ij,ij->i", self.rows, self.rows, dtype=np.float64))
        if not np.all(norms <= _LONGEST):  # not a number is not below it either
            bad = int(np.argmin(norms <= _LONGEST))
            raise ValueError(f"vectors: expected rows of norm 1, found {norms[bad]:g} in row {start + bad}")
        self.coarse = np.rint(self.rows * self.scale)
        rest = self.rows - self.coarse / self.scale
        # by Cauchy and Schwarz, an inner product is off by at most the sum of both rests; 2 in 100 for longer rows and float32
        self.off = 1.02 * np.sqrt(np.einsum("ij,ij->i", rest, rest, dtype=np.float64)) + 1e-6


class _Best:
    """The nearest so far of every vector of one side."""

    __slots__ = ("k", "numbers", "values")

    def __init__(self, count: int, k: int) -> None:
        self.k = k
        self.numbers = np.full((count, k), -1, np.int32)
        self.values = np.full((count, k), -np.inf)

    def floors(self, block: _Block, products: Array, other_off: float) -> Array:
        """For every vector of a block, the least coarse product (row of `products`) that may still be among its nearest; float32."""
        last = self.values[block.start : block.start + len(block.rows), -1] / (_FINE * _FINE)
        off = block.off + other_off
        floors = last - off
        new = np.flatnonzero(np.isneginf(last))
        if len(new) and products.shape[1] > self.k:
            at = products.shape[1] - self.k
            least = np.partition(products[new], at, axis=1)[:, at].astype(np.float64)
            # the k-th best may be lower than it looks, and another one better
            floors[new] = np.maximum(floors[new], least / float(block.scale) ** 2 - 2 * off[new])
        coarse: Array = np.nextafter((floors * float(block.scale) ** 2).astype(np.float32), np.float32(-np.inf))
        return coarse

    def offer(self, rows: Array, numbers: Array, values: Array) -> None:
        """Take what is better than what was there; `numbers` come in ascending blocks, so that of equally near ones the earlier stay."""
        better = values > self.values[rows, -1]
        rows, numbers, values = rows[better], numbers[better], values[better]
        touched, place = np.unique(rows, return_inverse=True)
        place = np.concatenate([np.repeat(np.arange(len(touched)), self.k), place])
        numbers = np.concatenate([self.numbers[touched].ravel(), numbers])
        values = np.concatenate([self.values[touched].ravel(), values])
        order = np.lexsort((numbers, -values, place))
        begins = np.searchsorted(place[order], np.arange(len(touched)))
        kept = order[np.arange(len(order)) - begins[place[order]] < self.k]
        self.numbers[touched] = numbers[kept].reshape(-1, self.k)
        self.values[touched] = values[kept].reshape(-1, self.k)

    def offer_all(self, block: _Block, other: _Block, products: Array) -> None:
        """The same for every pair of two blocks; `products` exact, a row for each vector of `block`."""
        best = np.argsort(-products, axis=1, kind="stable")[:, : self.k]
        rows = np.repeat(np.arange(len(best)), best.shape[1])
        numbers = best.ravel()
        self.offer(block.start + rows, (other.start + numbers).astype(np.int32), products[rows, numbers])

    def neighbours(self) -> Neighbours:
        return Neighbours(self.numbers, self.values / (_FINE * _FINE))


def _search(
    src: Array, tgt: Array, k: int, tile: int, *, backward: bool, progress: Progress
) -> tuple[Neighbours, Neighbours]:
    if src.ndim != 2 or tgt.ndim != 2 or src.shape[1] != tgt.shape[1]:
        raise ValueError(f"vectors: expected two arrays of rows of one width, found {src.shape} and {tgt.shape}")
    plan = Plan(len(src), len(tgt), src.shape[1], k, tile)
    if plan.width > 1 << 22:
        raise OptionError("width", "at most 4,194,304 numbers a vector", plural(plan.width, "number"))
    forward, back = _Best(plan.rows, k), _Best(plan.columns if backward else 0, k)
    for start in range(0, plan.rows, tile):
        left = _Block(src, start, min(start + tile, plan.rows))
        for begin in range(0, plan.columns, tile):
            right = _Block(tgt, begin, min(begin + tile, plan.columns))
            _multiply(left, right, forward, back if backward else None)
            progress.advance(len(left.rows) * len(right.rows))
    return forward.neighbours(), back.neighbours()


def _multiply(left: _Block, right: _Block, forward: _Best, back: _Best | None) -> None:
    """One tile: what may be among the nearest of either side is computed again, exactly, and offered."""
    products = left.coarse @ right.coarse.T
    wanted = products >= forward.floors(left, products, float(right.off.max()))[:, None]
    wanted_back = None
    if back is not None:
        wanted_back = products >= back.floors(right, products.T, float(left.off.max()))
        places = np.flatnonzero(wanted | wanted_back)
    else:
        places = np.flatnonzero(wanted)
    if len(places) > products.size // _FLOOD:
        # many equal vectors: all of the tile is cheaper than that many of its pairs
        exact = _fine(left.rows) @ _fine(right.rows).T
        forward.offer_all(left, right, exact)
        if back is not None:
            back.offer_all(right, left, exact.T)
        return
    rows, columns = np.divmod(places, len(right.rows))
    values = cosines(left.rows, right.rows, np.stack([rows, columns], axis=1)) * (_FINE * _FINE)
    chosen = wanted.ravel()[places]
    forward.offer(left.start + rows[chosen], (right.start + columns[chosen]).astype(np.int32), values[chosen])
    if back is not None and wanted_back is not None:
        chosen = wanted_back.ravel()[places]
        back.offer(right.start + columns[chosen], (left.start + rows[chosen]).astype(np.int32), values[chosen])
