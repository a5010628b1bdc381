"""Sentences of a hypothesis against segments of its reference, in one language: which belong together.

A dynamic programme over beads (m sentences, n segments). The gain of a bead is (F − 0.05 (m + n − 2)) · (words of both) / 2, with F twice the words
they share by the words of both; of a sentence or a segment alone it is 0, so omissions and additions are free and never preferred to a match. The
weight by length keeps short look-alikes (“Yes.”) from steering. Only cells near a path through anchors are looked at: memory and time grow with
the length of the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mt.evaluate.resegment_bags import Bags, Floats, Ints

PENALTY = 0.05  # of each sentence or segment more than one a side
MERGED = 4  # most sentences, or segments, of a bead
_MOST = 16  # where segments are paragraphs, or sentences long against them
_NARROW = 40  # sentences on either side of the path: an insertion of as many is still followed where nothing anchors it
_CELLS = 8e6  # of a table: 72 MB
_GRAM = 4  # words of an anchor


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences `hyp_start` to `hyp_end` − 1 and segments `ref_start` to `ref_end` − 1; one of both may be none.

    Attributes:
        likeness: F of the two bags of words, 0 to 1; 0 where one side is empty.
    """

    hyp_start: int
    hyp_end: int
    ref_start: int
    ref_end: int
    likeness: float = 0.0

    @property
    def kind(self) -> str:
        """Sentences and segments, e.g. `2-1`."""
        return f"{self.hyp_end - self.hyp_start}-{self.ref_end - self.ref_start}"


def align(hyp: Sequence[Sequence[int]], ref: Sequence[Sequence[int]], *, sentences: Sequence[int] = ()) -> list[Bead]:
    """Beads in order; every sentence and every segment is in exactly one.

    Args:
        hyp: numbers of the words of each sentence, of one `Vocabulary` with `ref`.
        ref: of each segment.
        sentences: how many sentences each segment has, where known: so many more may belong to one segment.

    Example:
        >>> [b.kind for b in align([[1, 2, 3], [4, 5], [6], [9, 9, 9]], [[1, 2, 3], [4, 5, 6], [7, 7]])]
        ['1-1', '2-1', '0-1', '1-0']
    """
    if not hyp or not ref:
        alone = [Bead(i, i + 1, 0, 0) for i in range(len(hyp))]
        return alone + [Bead(0, 0, j, j + 1) for j in range(len(ref))]
    return _Programme(hyp, ref, _shapes(hyp, ref, sentences)).beads()


def _shapes(
    hyp: Sequence[Sequence[int]], ref: Sequence[Sequence[int]], sentences: Sequence[int]
) -> list[tuple[int, int]]:
    """Kinds of beads that are tried: up to four to one, more where the sides are cut so differently."""
    many = min(_MOST, max(MERGED, max(sentences, default=0) + 1))
    words = sum(map(len, hyp)) / len(hyp), sum(map(len, ref)) / len(ref)
    wide = min(_MOST, max(MERGED, round(2 * words[0] / max(words[1], 1))))
    return [(m, 1) for m in range(1, many + 1)] + [(1, n) for n in range(2, wide + 1)]


class _Programme:
    """The tables: rows are sentences, columns segments, each row only from `low` to `high` of the band."""

    def __init__(
        self, hyp: Sequence[Sequence[int]], ref: Sequence[Sequence[int]], shapes: Sequence[tuple[int, int]]
    ) -> None:
        self.hyp, self.ref, self.shapes = hyp, ref, shapes
        self.bags = {n: Bags.of(ref, n) for n in {n for _, n in shapes}}
        size = max((max(row) for row in [*hyp, *ref] if row), default=0) + 1
        self.dense = np.zeros(size, np.int64)
        self.low, self.high = band(hyp, ref)
        self.scores: list[Floats] = []
        self.steps: list[npt.NDArray[np.int8]] = []

    def beads(self) -> list[Bead]:
        self.scores.append(np.zeros(int(self.high[0] - self.low[0]) + 1))
        self.steps.append(np.full(len(self.scores[0]), -2, np.int8))
        for i in range(1, len(self.hyp) + 1):
            self._row(i)
        return self._back()

    def _row(self, i: int) -> None:
        first, last = int(self.low[i]), int(self.high[i])
        best = self._before(i - 1, first, last)
        step = np.full(len(best), -1, np.int8)  # the sentence alone
        words: list[int] = []
        taken = 0
        for code, (m, n) in enumerate(self.shapes):
            if m > i or n > len(self.ref):
                continue
            if m < taken:  # the kinds with one sentence come again, behind those with many
                words, taken = [], 0
            while taken < m:
                taken += 1
                words += self.hyp[i - taken]
            found = self._before(i - m, first - n, last - n) + self._gain(words, m, n, first - n, last - n)
            better = found > best
            best[better] = found[better]
            step[better] = code
        reached = np.maximum.accumulate(best)
        step[reached > best] = -2  # the segment alone
        self.scores.append(reached)
        self.steps.append(step)

    def _before(self, i: int, first: int, last: int) -> Floats:
        """Scores of row i in columns `first` to `last`, −∞ outside of its band."""
        found = np.full(last - first + 1, -np.inf)
        row, low = self.scores[i], int(self.low[i])
        a, b = max(first, low), min(last, low + len(row) - 1)
        if a <= b:
            found[a - first : b - first + 1] = row[a - low : b - low + 1]
        return found

    def _gain(self, words: Sequence[int], m: int, n: int, first: int, last: int) -> Floats:
        """Gain of these words with n segments from each of `first` to `last` on; 0 where there are none, which `_before` rules out."""
        found = np.zeros(last - first + 1)
        a = max(first, 0)
        if a > last:
            return found
        bag = self.bags[n]
        unique, counts = np.unique(np.array(words, np.int64), return_counts=True)
        self.dense[unique] = counts
        shared = bag.shared(self.dense, a, last + 1)
        self.dense[unique] = 0
        found[a - first :] = shared - PENALTY * (m + n - 2) * (len(words) + bag.lengths[a : last + 1]) / 2
        return found

    def _back(self) -> list[Bead]:
        i, j = len(self.hyp), len(self.ref)
        beads = []
        while i or j:
            step = int(self.steps[i][j - int(self.low[i])])
            m, n = (1, 0) if step == -1 else (0, 1) if step == -2 else self.shapes[step]
            beads.append(Bead(i - m, i, j - n, j, self._likeness(i - m, i, j - n, j)))
            i, j = i - m, j - n
        return beads[::-1]

    def _likeness(self, a: int, b: int, c: int, d: int) -> float:
        return likeness([w for row in self.hyp[a:b] for w in row], [w for row in self.ref[c:d] for w in row])


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """F1 of two bags of words, 0 to 1.

    Example:
        >>> likeness([1, 2, 2], [2, 2, 2]), likeness([], [1])
        (0.6666666666666666, 0.0)
    """
    both = len(one) + len(other)
    return 2 * sum((Counter(one) & Counter(other)).values()) / both if both else 0.0


def band(hyp: Sequence[Sequence[int]], ref: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """First and last column to look at in each row, both of shape (sentences + 1,), ascending, ending at the corners.

    A path goes through the anchors, and by words between them; the band is 40 cells wide on either side of it, wider where a text of more has no
    anchors.
    """
    rows, columns = len(hyp), len(ref)
    if rows <= _NARROW and columns <= _NARROW:
        return np.zeros(rows + 1, np.int64), np.full(rows + 1, columns, np.int64)
    hyp_words = np.concatenate([[0], np.cumsum([len(row) for row in hyp])]).astype(np.float64)
    ref_words = np.concatenate([[0], np.cumsum([len(row) for row in ref])]).astype(np.float64)
    points = [(0, 0), *anchors([w for row in hyp for w in row], [w for row in ref for w in row])]
    points.append((int(hyp_words[-1]), int(ref_words[-1])))
    x, y = (np.array(side, np.float64) for side in zip(*points, strict=True))
    # between two anchors nothing says where in the rectangle the path runs
    gaps = np.diff(y)
    path = np.searchsorted(ref_words, np.interp(hyp_words, x, y))
    slack = (
        gaps[np.clip(np.searchsorted(x, hyp_words, "right") - 1, 0, len(gaps) - 1)] * columns / max(ref_words[-1], 1.0)
    )
    wide = np.minimum(np.maximum(_NARROW, slack), max(_NARROW, _CELLS / (2 * rows + 2))).astype(np.int64)
    # where the path jumps, the row before and the row behind hold both ends of the jump
    low = np.clip(np.minimum(path, np.concatenate([path[:1], path[:-1]])) - wide, 0, columns)
    high = np.clip(np.maximum(path, np.concatenate([path[1:], path[-1:]])) + wide, 0, columns)
    low[0], high[-1] = 0, columns
    low, high = np.minimum.accumulate(low[::-1])[::-1], np.maximum.accumulate(high)
    low[1:] = np.minimum(low[1:], high[:-1])  # rows touch, so that there is a way through
    return low, high


def anchors(hyp: Sequence[int], ref: Sequence[int]) -> list[tuple[int, int]]:
    """Places of word 4-grams that stand exactly once on each side, the longest ascending chain of them (patience diff's way).

    Example:
        >>> anchors([1, 2, 3, 4, 9, 5, 6, 7, 8], [0, 1, 2, 3, 4, 5, 6, 7, 8])
        [(0, 1), (5, 5)]
    """
    sides = []
    for words in (hyp, ref):
        places: dict[tuple[int, ...], int] = {}
        for k in range(len(words) - _GRAM + 1):
            gram = tuple(words[k : k + _GRAM])
            places[gram] = -1 if gram in places else k
        sides.append(places)
    pairs = [(k, sides[1].get(gram, -1)) for gram, k in sides[0].items() if k >= 0]
    return _ascending(sorted(pair for pair in pairs if pair[1] >= 0))


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Longest subsequence whose second numbers ascend (Fredman 1975)."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        at = bisect_left(tails, value)
        before.append(ends[at - 1] if at else -1)
        if at == len(tails):
            tails.append(value)
            ends.append(number)
        else:
            tails[at], ends[at] = value, number
    found, at = [], ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
