"""Where two documents surely touch: pairs of sentences that are each other's nearest by a margin, chained, and the boxes between them.

Only some source sentences are looked at in a large rectangle, each against all target sentences, and the nearest of each against all source
sentences; a chain of what is mutual cuts the rectangle, and the parts that are still large are looked at again. So the cost grows about with
the length of the documents, and an inserted chapter is a box with nothing on one side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mt.align.grid import SCALE, Grid, whole
from mt.align.score import Half

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Box = tuple[int, int, int, int]  # first and last + 1 source sentence, first and last + 1 target sentence

# Cosines of one look, 2^21: 4 GFLOP with 512 components, both ways.
LOOK = 1 << 21
FEWEST = 256  # source sentences of one look, if there are so many
SMALL = 64 * 64  # points of a box that needs no more anchors
LARGEST = 1 << 17  # points of a box that is searched in one piece
APART = 12  # sentences between two cuts, at least
MARGIN = 1.1  # of an anchor: cosine ÷ mean of the second nearest of both
_SURE = np.float32(0.05)  # by how much a cut's pairs must be nearer than what crosses it
_TILE = 1024


@dataclass(frozen=True, slots=True)
class Anchors:
    """Mutually nearest sentences, in ascending order of both sides.

    Attributes:
        src: numbers of source sentences.
        tgt: numbers of target sentences.
        margin: cosine ÷ mean of the cosines of the second nearest of both.
        looked: source sentences that were looked at.
        mutual: pairs that were mutually nearest by the margin, of which the chain is a part: nearly all in translations, few by chance.
    """

    src: Ints
    tgt: Ints
    margin: npt.NDArray[np.float64]
    looked: int
    mutual: int


def anchors(src: Grid, tgt: Grid, box: Box, *, every: bool = False) -> Anchors:
    """A chain of mutually nearest sentences of a box.

    Args:
        src: vectors of single sentences, from `mt.align.grid.grid`.
        tgt: likewise.
        box: where to look.
        every: look at all source sentences however many there are.

    Returns:
        The chain with the largest sum of what the margins exceed 1 by; only margins of at least `MARGIN`.
    """
    i0, i1, j0, j1 = box
    n, m = i1 - i0, j1 - j0
    if not n or not m:
        return Anchors(*(np.zeros(0, np.int64),) * 2, np.zeros(0), 0, 0)
    count = n if every else min(n, max(FEWEST, LOOK // m))
    rows = i0 + np.unique(np.arange(count, dtype=np.int64) * n // count)
    there, first, second = _nearest(src[rows], tgt[j0:j1])
    back, _, other = _nearest(tgt[j0 + there], src[i0:i1])
    margin = 2 * first / np.maximum(second + other, 1e-3)
    mutual = (i0 + back == rows) & (margin >= MARGIN) & (first > 0)
    rows, columns, margin = rows[mutual], j0 + there[mutual], margin[mutual]
    kept = chain(columns, np.minimum(margin, 2.0) - 1.0)
    return Anchors(rows[kept], columns[kept], margin[kept], count, len(columns))


def _nearest(a: Grid, b: Grid) -> tuple[Ints, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """For every row of a the nearest row of b (the first of several), its cosine, and the second largest cosine (at least 0)."""
    where, first, second = np.zeros(len(a), np.int64), np.full(len(a), -2.0), np.full(len(a), 0.0)
    for k in range(0, len(a), _TILE):
        part = slice(k, k + _TILE)
        rows = whole(a[part])
        for c in range(0, len(b), _TILE):
            products = rows @ whole(b[c : c + _TILE]).T
            place = products.argmax(axis=1)
            line = np.arange(len(products))
            top = products[line, place] / (SCALE * SCALE)
            products[line, place] = -np.inf
            next_ = products.max(axis=1) / (SCALE * SCALE)
            better = top > first[part]
            second[part] = np.maximum(
                np.where(better, np.maximum(first[part], next_), np.maximum(second[part], top)), 0
            )
            where[part] = np.where(better, c + place, where[part])
            first[part] = np.maximum(first[part], top)
    return where, first, second


def chain(places: Sequence[int] | Ints, weights: Sequence[float] | npt.NDArray[np.float64]) -> Ints:
    """The ascending subsequence of the largest sum of weights, in O(n log n).

    Args:
        places: of the target, in the order of the source.
        weights: > 0.

    Returns:
        Its positions, ascending.

    Example:
        >>> chain([5, 1, 2, 9], [1.0, 1.0, 1.0, 1.0]).tolist()
        [1, 2, 3]
        >>> chain([5, 1, 2, 9], [5.0, 1.0, 1.0, 1.0]).tolist()
        [0, 3]
    """
    places = np.asarray(places, np.int64)
    if not len(places):
        return np.zeros(0, np.int64)
    ranks = np.unique(places, return_inverse=True)[1].tolist()
    tree: list[tuple[int, int]] = [(0, -1)] * (max(ranks) + 2)  # a Fenwick tree of prefix maxima: (sum, position)
    before: list[int] = []
    end = (0, -1)
    # whole numbers, so that the order of addition cannot matter
    for position, (rank, weight) in enumerate(zip(ranks, np.rint(np.asarray(weights) * 65_536).tolist(), strict=True)):
        found, k = (0, -1), rank
        while k > 0:
            if tree[k][0] > found[0]:
                found = tree[k]
            k &= k - 1
        before.append(found[1])
        own = (found[0] + int(weight) + 1, position)
        if own[0] > end[0]:
            end = own
        k = rank + 1
        while k < len(tree):
            if own[0] > tree[k][0]:
                tree[k] = own
            k += k & -k
    kept, position = [], end[1]
    while position >= 0:
        kept.append(position)
        position = before[position]
    return np.array(kept[::-1], np.int64)


def boxes(src: Half, tgt: Half, box: Box, *, found: Callable[[Anchors], None] = lambda _: None) -> list[Box]:
    """A box cut into boxes at points that an alignment surely passes.

    Args:
        src: the source side.
        tgt: the target side.
        box: what to cut.
        found: is told of every chain of anchors.

    Returns:
        Boxes in order that cover the box; none larger than `LARGEST` points but those with one side of at most a sentence.
    """
    done: list[Box] = []
    waiting = [(box, False)]
    while waiting:
        now, every = waiting.pop()
        i0, i1, j0, j1 = now
        small = (i1 - i0) * (j1 - j0) <= SMALL
        if small and now != box:
            done.append(now)
            continue
        chained = anchors(src.windows[0], tgt.windows[0], now, every=every)
        found(chained)
        if small:
            done.append(now)
            continue
        cuts = _cuts(src, tgt, now, chained)
        if not cuts and chained.looked < i1 - i0:
            waiting.append((now, True))
            continue
        if not cuts:
            done += _forced(now, chained)
            continue
        points = [(i0, j0), *cuts, (i1, j1)]
        parts = [(a, b, c, d) for (a, c), (b, d) in pairwise(points)]
        waiting += [(part, False) for part in reversed(parts)]
    return done


def _cuts(src: Half, tgt: Half, box: Box, chained: Anchors) -> list[tuple[int, int]]:
    """Points between two pairs of neighbours that are nearer to each other than anything across, and gain nothing from a third sentence."""
    candidates = [
        (i, j, ok)
        for shift in (0, 1)
        for i, j, ok in zip(
            (chained.src + shift).tolist(),
            (chained.tgt + shift).tolist(),
            _safe(src, tgt, box, chained.src + shift, chained.tgt + shift).tolist(),
            strict=True,
        )
    ]
    kept: list[tuple[int, int]] = []
    i0, i1, j0, j1 = box
    last = (i0, j0)
    for i, j, ok in sorted(candidates):
        far = min(i - last[0], j - last[1]) >= APART or (not kept and i > i0 and j > j0)
        if ok and far and i < i1 and j < j1:
            kept.append((i, j))
            last = (i, j)
    return kept


def _safe(src: Half, tgt: Half, box: Box, i: Ints, j: Ints) -> npt.NDArray[np.bool_]:
    i0, i1, j0, j1 = box
    inside = (i > i0) & (i < i1) & (j > j0) & (j < j1)
    i, j = np.clip(i, 1, max(len(src) - 1, 1)), np.clip(j, 1, max(len(tgt) - 1, 1))

    def cosine(a: int, x: Ints, b: int, y: Ints) -> Floats:
        left, right = src.windows[a - 1], tgt.windows[b - 1]
        if not len(left) or not len(right):
            return np.full(len(x), -1, np.float32)
        left, right = left[np.clip(x, 0, len(left) - 1)], right[np.clip(y, 0, len(right) - 1)]
        # whole numbers below 2^24: exact in any order
        return np.asarray(np.einsum("ij,ij->i", whole(left), whole(right)) / np.float32(SCALE * SCALE), np.float32)

    before, behind = cosine(1, i - 1, 1, j - 1), cosine(1, i, 1, j)
    pair = np.minimum(before, behind)
    across = np.maximum(cosine(1, i - 1, 1, j), cosine(1, i, 1, j - 1))
    safe = inside & (pair > across + _SURE)
    if len(src.windows) > 1:
        safe &= np.maximum(cosine(2, i - 1, 1, j - 1), cosine(1, i - 1, 2, j - 1)) < before
        safe &= np.maximum(cosine(2, i - 1, 1, j), cosine(1, i, 2, j - 1)) < behind
    return safe


def _forced(box: Box, chained: Anchors) -> list[Box]:
    """A box without a safe cut, as it is; where it is too large, cut at its anchors, and at last along its diagonal."""
    i0, i1, j0, j1 = box
    n, m = i1 - i0, j1 - j0
    if n * m <= LARGEST or min(n, m) <= 1:
        return [box]
    points = [(int(i), int(j)) for i, j in zip(chained.src, chained.tgt, strict=True) if i > i0 and j > j0]
    if not points:
        count = int(np.ceil(np.sqrt(n * m / LARGEST)))
        points = [(i0 + n * k // count, j0 + m * k // count) for k in range(1, count)]
    points = [(i0, j0), *points, (i1, j1)]
    parts = [(a, b, c, d) for (a, c), (b, d) in pairwise(points)]
    return [
        small for part in parts for small in _forced(part, Anchors(*(np.zeros(0, np.int64),) * 2, np.zeros(0), 0, 0))
    ]
