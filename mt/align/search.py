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
    total = np.full((count, n + 1, m + 1), NEVER)
    taken = np.full((count, n + 1, m + 1), -1, np.int8)
    total[:, 0, 0] = 0
    skipped = _prefix(table.beads[_SKIP])
    for i in range(n + 1):
        row, code = total[:, i], taken[:, i]
        for number, (a, b) in enumerate(shapes):
            if a <= i and b <= m:
                reached = total[:, i - a, : m + 1 - b] + table.beads[a, b][:, i - a]
                better = reached > row[:, b:]
                np.copyto(row[:, b:], reached, where=better)
                np.copyto(code[:, b:], np.int8(number), where=better)
        along = np.maximum.accumulate(row - skipped[:, i], axis=1) + skipped[:, i]
        better = along > row
        np.copyto(row, along, where=better)
        np.copyto(code, np.int8(len(shapes)), where=better)
    every = [*shapes, _SKIP]
    return [_back(taken[k], every, int(r), int(c)) for k, (r, c) in enumerate(table.sizes)]


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

    def chance(self, number: int, i: int, j: int, shape: Shape) -> float:
        """Probability that a way through rectangle `number` has the bead of this shape at point (i, j).

        A null bead is the same bead wherever its empty side stands, so that all its places count together.
        """
        a, b = shape
        scores, before, behind = self.table.beads[shape][number], self.before[number], self.behind[number]
        if not b:
            through = before[i] + scores[i] + behind[i + 1]
        elif not a:
            through = before[:, j] + scores[:, j] + behind[:, j + 1]
        else:
            through = before[i, j : j + 1] + scores[i, j] + behind[i + a, j + b : j + b + 1]
        return float(min(np.exp(np.minimum(through - self.whole[number], 0.0)).sum(), 1.0))


def marginals(table: Table) -> dict[Shape, Floats]:
    """Probability of every bead, as `Ways.chance` gives it for one.

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
    n, m = table.rows, table.columns
    total = np.full((len(table.sizes), n + 1, m + 1), NEVER)
    total[:, 0, 0] = 0
    skipped = _prefix(table.beads[_SKIP])
    for i in range(n + 1):
        if i:
            parts = [
                (slice(b, None), total[:, i - a, : m + 1 - b] + table.beads[a, b][:, i - a])
                for a, b in table.shapes()
                if a <= i and b <= m
            ]
            total[:, i] = _sum(parts, m, len(table.sizes))
        total[:, i] = np.logaddexp.accumulate(total[:, i] - skipped[:, i], axis=1) + skipped[:, i]
    return total


def _backward(table: Table) -> Floats:
    """Logarithm of the sum over all ways from every point to the end of its rectangle."""
    count, n, m = len(table.sizes), table.rows, table.columns
    total = np.full((count, n + 1, m + 1), NEVER)
    skipped = _prefix(table.beads[_SKIP])
    ends = np.full((count, n + 1, m + 1), NEVER)
    ends[np.arange(count), table.sizes[:, 0], table.sizes[:, 1]] = 0
    for i in range(n, -1, -1):
        parts = [(slice(None), ends[:, i])]
        for a, b in table.shapes():
            if i + a <= n and b <= m:
                parts.append((slice(None, m + 1 - b), total[:, i + a, b:] + table.beads[a, b][:, i]))
        row = _sum(parts, m, count)
        # the same accumulation as forward, read from the right
        flipped = (row + skipped[:, i])[:, ::-1]
        total[:, i] = np.logaddexp.accumulate(flipped, axis=1)[:, ::-1] - skipped[:, i]
    return total


def _sum(parts: Sequence[tuple[slice, Floats]], columns: int, count: int) -> Floats:
    """Logarithm of the sum of exponentials of arrays that stand at the columns of a slice each."""
    top = np.full((count, columns + 1), NEVER)
    for at, part in parts:
        np.maximum(top[:, at], part, out=top[:, at])
    sums = np.zeros_like(top)
    for at, part in parts:
        sums[:, at] += np.exp(part - top[:, at])
    return np.asarray(np.where(sums > 0, top + np.log(np.maximum(sums, 1e-300)), NEVER))
