"""The cheapest way through two documents within a band, for methods whose costs are sums over beads; and how sure that way is.

Nodes are (i, j): i source and j target sentences are done, 0 ≤ i ≤ n, 0 ≤ j ≤ m. A row i holds the nodes j of a window of `width` columns that
begins at `low[i]`; memory and time grow with n · width, never with n · m. Costs are whole multiples of `GRAIN`, so that sums are exact in any
order, and a result depends on nothing but the costs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

GRAIN = 1 / 1024  # of a nat: far below what a probability can be told by, and exact in binary

Floats = npt.NDArray[np.float64]

_TAG = GRAIN / 512  # a shape has a number below that: `longest` is 10 at most
_CELLS = 1 << 18  # costs computed at a time: a megabyte, which a cache holds
_KEPT = 1 << 25  # costs kept from one pass to the next: 128 megabytes


@dataclass(frozen=True, slots=True)
class Band:
    """The nodes that are looked at.

    Attributes:
        low: first column of each row, int64 of shape (n + 1,), ascending, `low[0]` = 0.
        width: columns of every row; the last row's window ends with column m.
        m: number of target sentences.
    """

    low: npt.NDArray[np.int64]
    width: int
    m: int

    def touched(self, nodes: npt.NDArray[np.int64], reach: int) -> bool:
        """True where a path comes within `reach` columns of a side of the band that is no side of the whole: it might have gone further.

        Args:
            nodes: of the path, int64 of shape (k, 2).
            reach: columns.
        """
        rows, columns = nodes[:, 0], nodes[:, 1]
        low = self.low[rows]
        near_low = (columns - low < reach) & (low > 0)
        near_high = (low + self.width - columns <= reach) & (low + self.width < self.m + 1)
        return bool(np.any(near_low | near_high))

    def rows(self, values: npt.NDArray[Any], start: int, stop: int) -> npt.NDArray[Any]:
        """Values of the columns (m + 1 of them) as rows `start` to `stop` - 1 see them: a copy of shape (stop - start, width)."""
        return np.asarray(values[self.low[start:stop, None] + np.arange(self.width)])

    def widened(self) -> Band:
        """A band of about twice the width around the same middle."""
        return around(self.low + (self.width - 1) / 2, self.m, self.width)


Kinds = tuple[tuple[int, int], ...]
# of rows a to b - 1 of a band: floats of shape (b - a, kinds, width); the cost of a bead of that kind that ends at that node, a multiple of
# `GRAIN`; inf where it cannot be
Costs = Callable[[Band, int, int], npt.NDArray[Any]]


def around(centres: Any, m: int, half: int) -> Band:
    """A band around the column that each row is expected at.

    Args:
        centres: expected column of each row 0 … n, ascending.
        m: number of target sentences.
        half: columns on each side.

    Example:
        >>> band = around(np.array([0.0, 2.0, 4.0, 6.0]), 6, 1)
        >>> band.low.tolist(), band.width
        ([0, 1, 3, 4], 3)
    """
    width = min(2 * half + 1, m + 1)
    while True:
        low = np.clip(np.rint(centres).astype(np.int64) - width // 2, 0, m + 1 - width)
        low[0], low[-1] = 0, m + 1 - width
        low = np.maximum.accumulate(low)
        # a row must be reached from the one before it
        if len(low) < 2 or (step := int(np.diff(low).max())) < width:
            return Band(low, width, m)
        width = step + 1


def shapes(longest: int) -> Kinds:
    """Beads that are looked for, as (source, target) sentences: everything up to `longest` a side, smaller ones first, and nulls of one sentence.

    The null bead of the target side comes last, which `search` relies on.

    Example:
        >>> shapes(2)
        ((1, 1), (1, 2), (2, 1), (2, 2), (1, 0), (0, 1))
    """
    sides = range(1, longest + 1)
    return (*sorted(((a, b) for a in sides for b in sides), key=lambda kind: (sum(kind), kind)), (1, 0), (0, 1))


def search(band: Band, kinds: Kinds, costs: Costs) -> list[int]:
    """Kinds of the beads of the cheapest path from (0, 0) to (n, m), in order; ties go to the kind that is named first.

    Args:
        band: where to look; every path within it must be possible.
        kinds: (source, target) sentences of each kind of bead, (0, 1) last.
        costs: see `Costs`.
    """
    rows, chain = len(band.low), len(kinds) - 1
    taken = np.zeros((rows, band.width), np.uint8)
    window = _Rows(band, kinds, np.inf)
    # a cost carries the number of its kind behind its last binary place, so that one minimum finds both
    tags = np.arange(chain)[:, None] * _TAG
    for start, block in _blocks(band, kinds, costs):
        tagged = block[:, :chain] + tags
        sums = np.cumsum(block[:, chain], axis=1, dtype=np.float64)
        for k, along in enumerate(sums):
            i = start + k
            best = window.read(i) if i else np.full((1, band.width), np.inf)
            if i:
                best += tagged[k]
            else:
                best[0, 0] = 0.0
            marked = best.min(axis=0)
            best = np.floor(marked / GRAIN) * GRAIN
            reduced = best - along
            reached = np.minimum.accumulate(reduced)
            with np.errstate(invalid="ignore"):  # no way leads there: of what kind it would be means nothing
                kind = ((marked - best) / _TAG).astype(np.uint8)
            kind[reached < reduced] = chain
            taken[i] = kind
            reached += along
            window.put(i, reached)
    return _back(band, kinds, taken)


def posteriors(band: Band, kinds: Kinds, costs: Costs, path: list[int]) -> Floats:
    """Probability of each bead of a path among all paths of the band, where a path of cost c weighs exp(-c) (forward and backward sums).

    Args:
        band: as in `search`.
        kinds: as in `search`.
        costs: as in `search`.
        path: kinds of its beads.

    Returns:
        Float64 of shape (len(path),), 0 to 1.
    """
    ends = nodes(kinds, path)
    forward, backward = _forward(band, kinds, costs, ends), _backward(band, kinds, costs, ends)
    total = forward[-1]
    steps = path_costs(band, kinds, costs, path)
    return np.asarray(np.clip(np.exp(forward[:-1] - steps + backward[1:] - total), 0, 1))


def calibrate(weight: float, offset: float, slope: float) -> float:
    """A share of the weight of all paths, drawn to what such shares turned out to be worth: logistic in its logit, cut at a millionth.

    Example:
        >>> calibrate(0.5, 0.0, 1.0), calibrate(1.0, 0.0, 0.5)
        (0.5, 0.999)
    """
    weight = min(max(weight, 1e-6), 1 - 1e-6)
    return round(1 / (1 + math.exp(-offset - slope * math.log(weight / (1 - weight)))), 4)


def beads(kinds: Kinds, path: list[int], i: int = 0, j: int = 0) -> Iterator[tuple[range, range]]:
    """The sentences of each bead of a path that begins at source sentence i and target sentence j."""
    for kind in path:
        a, b = kinds[kind]
        yield range(i, i + a), range(j, j + b)
        i, j = i + a, j + b


def kept(costs: Costs) -> Costs:
    """Costs that are computed once for a band where there is room, since searching and weighing pass over them four times."""
    blocks: dict[int, npt.NDArray[Any]] = {}
    of: list[Band] = []

    def remembered(band: Band, start: int, stop: int) -> npt.NDArray[Any]:
        if not of or of[0] is not band:
            blocks.clear()
            of[:] = [band]
        if (block := blocks.get(start)) is None or len(block) != stop - start:
            block = costs(band, start, stop)
            if (len(blocks) + 1) * block.size <= _KEPT:
                blocks[start] = block
        return block

    return remembered


class _Rows:
    """The last rows of a quantity, read by every kind of bead at once: those of rows above, or turned (`up`), of rows below.

    Each row has what is empty on both sides of it, so that what lies outside a band is read like anything else.
    """

    def __init__(self, band: Band, kinds: Kinds, empty: float, *, up: bool = False) -> None:
        kinds, width = kinds[:-1], band.width
        rows, deep = len(band.low), max(a for a, _ in kinds)
        self._depth, self._width, self._at = deep + 1, width, width + max(b for _, b in kinds)
        # turned, every kind has values of its own, since the costs of beads are those at their ends
        shape = (self._depth, len(kinds) if up else 1, 2 * self._at + width)
        self._rows = np.full(shape, empty)
        a, b = np.array(kinds).T
        number = np.arange(rows)[:, None]
        other = np.clip(number + a if up else number - a, 0, rows - 1)
        shift = b - (band.low[other] - band.low[:, None]) if up else band.low[:, None] - band.low[other] - b
        self._columns = self._at + np.clip(shift, -self._at, self._at)
        self._from = (number + a if up else number - a) % self._depth
        self._kind = np.arange(len(kinds)) if up else np.zeros(len(kinds), np.int64)
        self._windows = np.lib.stride_tricks.sliding_window_view(self._rows, width, axis=2)

    def put(self, i: int, values: Floats) -> None:
        """Keep row i: (width,), or turned (kinds - 1, width)."""
        self._rows[i % self._depth, :, self._at : self._at + self._width] = values

    def read(self, i: int) -> Floats:
        """Of each kind of bead but the last, the values at the nodes where beads that end in row i begin, or turned the other way round:
        (kinds - 1, width).
        """
        found: Floats = self._windows[self._from[i], self._kind, self._columns[i]]
        return found


def _begin(band: Band, i: int) -> Floats:
    row = np.full(band.width, np.inf)
    if i == 0:
        row[0] = 0.0
    return row


def _blocks(band: Band, kinds: Kinds, costs: Costs, *, down: bool = False) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Costs of all rows, some at a time, each with the number of its first row."""
    rows, step = len(band.low), max(1, _CELLS // (len(kinds) * band.width))
    starts = range(0, rows, step)
    for start in reversed(starts) if down else starts:
        block = costs(band, start, min(start + step, rows))
        block[:, -1, 0] = (
            0.0  # nothing in the window lies before its first column; inf would spoil the sums along the row
        )
        yield start, block


def _rows(band: Band, kinds: Kinds, costs: Costs, *, down: bool = False) -> Iterator[tuple[int, Floats]]:
    """Every row with its costs."""
    for start, block in _blocks(band, kinds, costs, down=down):
        order = range(len(block))
        for k in reversed(order) if down else order:
            yield start + k, block[k]


def _back(band: Band, kinds: Kinds, taken: npt.NDArray[np.uint8]) -> list[int]:
    i, j = len(band.low) - 1, band.m
    path: list[int] = []
    while i or j:
        kind = int(taken[i, j - band.low[i]])
        path.append(kind)
        i, j = i - kinds[kind][0], j - kinds[kind][1]
    return path[::-1]


def nodes(kinds: Kinds, path: list[int]) -> npt.NDArray[np.int64]:
    """The nodes a path visits, from (0, 0) to (n, m): int64 of shape (len(path) + 1, 2)."""
    steps = np.array([(0, 0), *(kinds[k] for k in path)], np.int64)
    return np.cumsum(steps, axis=0)


def _by_row(ends: npt.NDArray[np.int64]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for number, i in enumerate(ends[:, 0].tolist()):
        found.setdefault(i, []).append(number)
    return found


def _forward(band: Band, kinds: Kinds, costs: Costs, ends: npt.NDArray[np.int64]) -> Floats:
    """Logarithm of the sum over all ways to each node of a path."""
    wanted, made = _by_row(ends), np.empty(len(ends))
    window, chain = _Rows(band, kinds, -np.inf), len(kinds) - 1
    for i, cost in _rows(band, kinds, costs):
        ways = -_begin(band, i)
        if i:
            ways = window.read(i)
            ways -= cost[:chain]
            ways = _log_sum(ways)
        sums = _along(ways, cost[chain])
        for number in wanted.get(i, ()):
            made[number] = sums[ends[number, 1] - band.low[i]]
        window.put(i, sums)
    return made


def _backward(band: Band, kinds: Kinds, costs: Costs, ends: npt.NDArray[np.int64]) -> Floats:
    """Logarithm of the sum over all ways from each node of a path to the end."""
    wanted, made = _by_row(ends), np.empty(len(ends))
    window, chain, last = _Rows(band, kinds, -np.inf, up=True), len(kinds) - 1, len(band.low) - 1
    for i, cost in _rows(band, kinds, costs, down=True):
        if i == last:
            ways = np.full(band.width, -np.inf)
            ways[band.m - band.low[i]] = 0.0
        else:
            ways = _log_sum(window.read(i))
        # a null bead of the target side that ends at column j leads from j - 1 to j
        forth = np.append(cost[chain][1:], 0.0)
        sums = _along(ways[::-1], forth[::-1])[::-1]
        for number in wanted.get(i, ()):
            made[number] = sums[ends[number, 1] - band.low[i]]
        window.put(i, sums - cost[:chain])
    return made


def _log_sum(ways: Floats) -> Floats:
    """Logarithm of the sum of exponentials, column by column."""
    top = ways.max(axis=0)
    top[top == -np.inf] = 0.0
    ways -= top
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(ways, out=ways).sum(axis=0)) + top)


def _along(ways: Floats, cost: npt.NDArray[Any]) -> Floats:
    """Logarithms of sums when one may also go on along the row at a cost a column (that of entering it)."""
    total = np.cumsum(cost, dtype=np.float64)
    return np.asarray(np.logaddexp.accumulate(ways + total) - total)


def path_costs(band: Band, kinds: Kinds, costs: Costs, path: list[int]) -> Floats:
    """Cost of each bead of a path."""
    ends = nodes(kinds, path)
    wanted, made = _by_row(ends), np.zeros(len(path))
    for i, cost in _rows(band, kinds, costs):
        for number in wanted.get(i, ()):
            if number:
                made[number - 1] = cost[path[number - 1], ends[number, 1] - band.low[i]]
    return made


def exact(costs: Any) -> Floats:
    """Costs on the grid that sums are exact on."""
    return np.asarray(np.rint(np.asarray(costs, np.float64) / GRAIN) * GRAIN)
