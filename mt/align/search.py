"""The best way through many small rectangles at once, and how sure every step of it is.

A rectangle between two stretches of text has points (i, j): i source and j target sentences are behind. A bead of shape (a, b) leads from
(i, j) to (i + a, j + b). Rectangles of about one size are searched together, as one array with a leading axis: the loop in Python goes over the
rows of one rectangle, everything else is numpy, so that time grows with points and not with calls.

The two functions know nothing of vectors or lengths: any method that can score a bead by itself can use them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shape = tuple[int, int]

NEVER = -1e15  # below any sum of scores; finite, so that differences of it stay numbers
_SKIP: Shape = (0, 1)


@dataclass(frozen=True, slots=True)
class Table:
    """Scores of all beads in `count` rectangles of at most `rows` × `columns` sentences.

    Attributes:
        beads: (a, b) → float64 array of shape (count, rows - a + 1, columns - b + 1): score of the bead that begins at point (i, j); higher is
            better; a and b ≥ 0, not both 0; (0, 1) is the only shape with a = 0, and shape (count, rows + 1, columns) its array. Where two
            beads are as good, the shape that comes first is taken.
        sizes: int64 array of shape (count, 2): rows and columns that a rectangle really has; what lies beyond is not looked at.

    Example:
        One source sentence, two target sentences; the bead of all three is best.

        >>> table = Table({(1, 1): np.array([[[1.0, 2.0]]]), (1, 2): np.array([[[4.0]]]), (1, 0): np.array([[[0.0, 0.0, 0.0]]]),
        ...                (0, 1): np.zeros((1, 2, 2))}, np.array([[1, 2]]))
        >>> best(table)
        [[(0, 0, 1, 2)]]
        >>> marginals(table)[1, 2].round(3).tolist()
        [[[0.806]]]
    """

    beads: Mapping[Shape, Floats]
    sizes: Ints

    @property
    def rows(self) -> int:
        """Most source sentences of a rectangle."""
        return int(self.beads[_SKIP].shape[1] - 1)

    @property
    def columns(self) -> int:
        """Most target sentences of a rectangle."""
        return int(self.beads[_SKIP].shape[2])

    def shapes(self) -> list[Shape]:
        """Shapes with source sentences, in order of preference."""
        return [s for s in self.beads if s[0]]


def best(table: Table) -> list[list[tuple[int, int, int, int]]]:
    """The beads of the highest sum, for every rectangle.

    Returns:
        For every rectangle its beads (i, j, a, b) in order: they begin at point (i, j) and hold a source and b target sentences. Sums are
        compared as they are: scores that are whole multiples of a power of two give the same answer whatever the order of addition.
    """
    count, n, m = len(table.sizes), table.rows, table.columns
    shapes = table.shapes()
    reached, skipped = _by_end(table), _prefix(table.beads[_SKIP])
    longest, widest = reached.shape[1], reached.shape[2]
    # the place of a shape in the order of preference; what is no shape is never reached
    ranks = np.full((longest, widest, 1, 1), len(shapes), np.int8)
    for number, (a, b) in enumerate(shapes):
        ranks[a - 1, b] = number
    totals = _Shifted(count, n, m, longest, widest)
    taken = np.empty((n + 1, count, m + 1), np.int8)
    row = np.full((count, m + 1), NEVER)
    row[:, 0] = 0
    for i in range(n + 1):
        if i:
            sums = totals.above(i) + reached[i]
            row = sums.max(axis=(0, 1))
            taken[i] = np.where(sums == row, ranks, np.int8(len(shapes))).min(axis=(0, 1))
        along = np.maximum.accumulate(row - skipped[:, i], axis=1) + skipped[:, i]
        taken[i][along > row] = len(shapes)
        totals.put(i, along)
    every = [*shapes, _SKIP]
    return [_back(taken[:, k], every, int(r), int(c)) for k, (r, c) in enumerate(table.sizes)]


def _by_end(table: Table) -> Floats:
    """Scores by the point a bead ends at, shape (rows + 1, a, b + 1, count, columns + 1): all shapes of a row together."""
    shapes = table.shapes()
    longest, widest = max((a for a, _ in shapes), default=1), max((b for _, b in shapes), default=0)
    n, m = table.rows, table.columns
    ends = np.full((n + 1, longest, widest + 1, len(table.sizes), m + 1), NEVER)
    for a, b in shapes:
        ends[a:, a - 1, b, :, b:] = table.beads[a, b].transpose(1, 0, 2)
    return ends


def _by_start(table: Table) -> Floats:
    """The same by the point a bead begins at."""
    shapes = table.shapes()
    longest, widest = max((a for a, _ in shapes), default=1), max((b for _, b in shapes), default=0)
    n, m = table.rows, table.columns
    starts = np.full((n + 1, longest, widest + 1, len(table.sizes), m + 1), NEVER)
    for a, b in shapes:
        starts[: n + 1 - a, a - 1, b, :, : m + 1 - b] = table.beads[a, b].transpose(1, 0, 2)
    return starts


class _Shifted:
    """Rows of sums, each kept once for every number of target sentences it may be shifted by, so that a row is one sum of arrays."""

    def __init__(self, count: int, rows: int, columns: int, longest: int, widest: int, *, left: bool = False) -> None:
        self._longest, self._left = longest, left
        # `longest` rows of nothing stand before the first
        self._rows = np.full((rows + 1 + longest, widest, count, columns + 1), NEVER)

    def put(self, i: int, row: Floats) -> None:
        """Keep row i, counted from the side that the search begins at."""
        width = row.shape[1]
        for b in range(min(self._rows.shape[1], width)):
            if self._left:
                self._rows[i + self._longest, b, :, : width - b] = row[:, b:]
            else:
                self._rows[i + self._longest, b, :, b:] = row[:, : width - b]

    def above(self, i: int) -> Floats:
        """The rows 1, 2, … `longest` before row i, shape (longest, widest, count, columns + 1)."""
        return self._rows[i : i + self._longest][::-1]


def _back(taken: npt.NDArray[np.int8], shapes: Sequence[Shape], i: int, j: int) -> list[tuple[int, int, int, int]]:
    found = []
    while i or j:
        a, b = shapes[taken[i, j]]
        i, j = i - a, j - b
        found.append((i, j, a, b))
    return found[::-1]


def _prefix(skipped: Floats) -> Floats:
    """Sum of the scores of the target sentences before each point of a row, shape (count, rows + 1, columns + 1)."""
    sums = np.zeros((*skipped.shape[:2], skipped.shape[2] + 1))
    np.cumsum(skipped, axis=2, out=sums[:, :, 1:])
    return sums


@dataclass(frozen=True, slots=True)
class Ways:
    """Sums over all ways through rectangles, where a way has a probability in proportion to exp(its sum of scores in nats).

    Attributes:
        table: the scores.
        before: (count, rows + 1, columns + 1): logarithm of the sum over all ways from the beginning to a point.
        behind: likewise from a point to the end.
        whole: (count,): likewise from the beginning to the end.
    """

    table: Table
    before: Floats
    behind: Floats
    whole: Floats

    @classmethod
    def of(cls, table: Table) -> Ways:
        """The forward-backward algorithm."""
        before = _forward(table)
        ends = before[np.arange(len(table.sizes)), table.sizes[:, 0], table.sizes[:, 1]]
        return cls(table, before, _backward(table), ends)

    def chances(self, numbers: Ints, i: Ints, j: Ints, shape: Shape) -> Floats:
        """Probabilities that a way through each rectangle has the bead of this shape at its point (i, j).

        A null bead is the same bead wherever its empty side stands, so that all its places count together.

        Args:
            numbers: of the rectangles, shape (k,).
            i: source sentences before the bead, shape (k,).
            j: target sentences before it, shape (k,).
            shape: of all k beads.
        """
        a, b = shape
        scores = self.table.beads[shape]
        if not b:
            through = self.before[numbers, i] + scores[numbers, i] + self.behind[numbers, i + 1]
        elif not a:
            through = self.before[numbers, :, j] + scores[numbers, :, j] + self.behind[numbers, :, j + 1]
        else:
            through = (self.before[numbers, i, j] + scores[numbers, i, j] + self.behind[numbers, i + a, j + b])[:, None]
        sums = np.exp(np.minimum(through - self.whole[numbers, None], 0.0)).sum(axis=1)
        return np.asarray(np.minimum(sums, 1.0))


def marginals(table: Table) -> dict[Shape, Floats]:
    """Probability of every bead, at its one point.

    Returns:
        Arrays of the shapes of `table.beads`; over the beads that hold one sentence, they add up to 1.
    """
    ways = Ways.of(table)
    found = {}
    for (a, b), scores in table.beads.items():
        n, m = table.rows + 1 - a, table.columns + 1 - b
        through = ways.before[:, :n, :m] + scores + ways.behind[:, a:, b:]
        found[a, b] = np.exp(np.minimum(through - ways.whole[:, None, None], 0))
    return found


def _forward(table: Table) -> Floats:
    """Logarithm of the sum over all ways from the beginning to every point."""
    count, n, m = len(table.sizes), table.rows, table.columns
    reached, skipped = _by_end(table), _prefix(table.beads[_SKIP])
    total = np.empty((count, n + 1, m + 1))
    totals = _Shifted(count, n, m, reached.shape[1], reached.shape[2])
    row = np.full((count, m + 1), NEVER)
    row[:, 0] = 0
    for i in range(n + 1):
        if i:
            row = _sum(totals.above(i) + reached[i])
        total[:, i] = np.logaddexp.accumulate(row - skipped[:, i], axis=1) + skipped[:, i]
        totals.put(i, total[:, i])
    return total


def _backward(table: Table) -> Floats:
    """Logarithm of the sum over all ways from every point to the end of its rectangle."""
    count, n, m = len(table.sizes), table.rows, table.columns
    reached, skipped = _by_start(table), _prefix(table.beads[_SKIP])
    total = np.empty((count, n + 1, m + 1))
    totals = _Shifted(count, n, m, reached.shape[1], reached.shape[2], left=True)
    for i in range(n, -1, -1):
        row = _sum(totals.above(n - i) + reached[i])
        for k in np.flatnonzero(table.sizes[:, 0] == i):
            row[k, table.sizes[k, 1]] = np.logaddexp(row[k, table.sizes[k, 1]], 0.0)
        # the same accumulation as forward, read from the right
        flipped = (row + skipped[:, i])[:, ::-1]
        total[:, i] = np.logaddexp.accumulate(flipped, axis=1)[:, ::-1] - skipped[:, i]
        totals.put(n - i, total[:, i])
    return total


def _sum(parts: Floats) -> Floats:
    """Logarithm of the sum of exponentials over the first two axes."""
    top = parts.max(axis=(0, 1))
    found = top + np.log(np.exp(parts - top).sum(axis=(0, 1)))
    return np.asarray(np.maximum(found, NEVER))
