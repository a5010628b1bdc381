"""Three known methods of sentence alignment, written down from their papers for `bench_align.py`; all read the same vectors as our own.

Gale and Church 1993 (lengths only) with the ratio of lengths fitted to the document; a cost in the manner of Vecalign (Thompson and Koehn 2019),
searched in the whole rectangle instead of recursively, which can only help it; Bertalign (Liu and Zhu 2022) in two passes, each vectorised over a
row.
A bead is (source numbers, target numbers).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Bead = tuple[tuple[int, ...], tuple[int, ...]]
_NO = -1e30


def bertalign(
    src: Sequence[Array], tgt: Sequence[Array], src_bytes: Array, tgt_bytes: Array, *, most: int = 5, skip: float = -0.1
) -> list[Bead]:
    """Two passes: nearest neighbours and 1-1 beads first, all shapes of at most `most` sentences near them then.

    Args:
        src: per side, arrays of unit vectors of runs of 1, 2, … sentences, as `WindowEncoder.windows` returns them.
        tgt: likewise.
        src_bytes: UTF-8 bytes of each sentence.
        tgt_bytes: likewise.
        most: most sentences in a bead.
        skip: score of a null bead.
    """
    n, m = len(src[0]), len(tgt[0])
    if not n or not m:
        return [((i,), ()) for i in range(n)] + [((), (j,)) for j in range(m)]
    path = _first_pass(src[0], tgt[0])
    return _second_pass(src, tgt, src_bytes, tgt_bytes * (src_bytes.sum() / max(tgt_bytes.sum(), 1)), path, most, skip)


def _first_pass(src: Array, tgt: Array, top: int = 3) -> list[tuple[int, int]]:
    """1-1 pairs among the three nearest targets of a source, in a band around the diagonal."""
    n, m = len(src), len(tgt)
    top = min(top, m)
    near, cosines = np.empty((n, top), np.int64), np.empty((n, top))
    for k in range(0, n, 1024):
        block = src[k : k + 1024] @ tgt.T
        near[k : k + 1024] = np.argpartition(-block, top - 1, axis=1)[:, :top]
        cosines[k : k + 1024] = np.take_along_axis(block, near[k : k + 1024], axis=1)
    half = max(250, int(0.06 * max(n, m)))
    middle = np.arange(n + 1) * m // n
    low, high = np.maximum(middle - half, 0), np.minimum(middle + half, m)
    width = int((high - low).max()) + 1
    total = np.full((n + 1, width), _NO)
    hit = np.zeros((n + 1, width), bool)
    total[0] = 0
    for i in range(1, n + 1):
        shift, row = int(low[i] - low[i - 1]), np.full(width + 1, _NO)
        row[1 : width + 1 - shift] = total[i - 1, shift:]  # row[1 + c] is column low[i] + c of the row above
        if shift:
            row[0] = total[i - 1, shift - 1]
        base = row[1:].copy()
        c = near[i - 1] + 1 - low[i]
        ok = (c >= 0) & (c < width)
        c, s = c[ok], cosines[i - 1][ok]
        diagonal = row[c] + s
        better = diagonal > base[c]
        hit[i, c[better]] = True
        base[c] = np.maximum(base[c], diagonal)
        total[i] = np.maximum.accumulate(base)
        total[i, int(high[i] - low[i]) + 1 :] = _NO
    pairs, i, j = [], n, m
    while i > 0 and j > 0:
        c = int(j - low[i])
        above = int(j - low[i - 1])
        if c > 0 and total[i, c] == total[i, c - 1]:
            j -= 1
        elif hit[i, c]:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif above >= width:
            j -= 1
        else:
            i -= 1
    return pairs[::-1]


def _second_pass(  # noqa: PLR0917
    src: Sequence[Array],
    tgt: Sequence[Array],
    one: Array,
    two: Array,
    path: list[tuple[int, int]],
    most: int,
    skip: float,
) -> list[Bead]:
    n, m = len(src[0]), len(tgt[0])
    longest = min(most - 1, len(src))
    points = [(-1, -1), *path, (n, m)]
    rows = np.array([p[0] for p in points])
    after = np.searchsorted(rows, np.arange(n + 1))
    columns = np.array([p[1] for p in points])
    low = np.maximum.accumulate(np.maximum(columns[np.maximum(after - 1, 0)] - 5, 0))
    high = np.minimum(columns[after] + 5, m)
    high[n] = m
    low[0] = 0
    shapes = [(a, b) for a in range(1, longest + 1) for b in range(1, longest + 1) if a + b <= most]
    sums = np.concatenate([[0], np.cumsum(one)]), np.concatenate([[0], np.cumsum(two)])
    kept: dict[int, Array] = {}
    codes: list[Array] = []
    for i in range(n + 1):
        lo, hi = int(low[i]), int(high[i])
        row = np.full(hi - lo + 1, _NO)
        code = np.full(hi - lo + 1, -1, np.int8)
        if not i:
            row[0] = 0
        else:
            _reach(kept, i, lo, hi, low, row, code, 0, skip, (1, 0))
            scores = _row_scores(src, tgt, sums, i, lo, hi, longest, shapes)
            for number, (a, b) in enumerate(shapes):
                if i >= a:
                    _reach(kept, i, lo, hi, low, row, code, number + 1, scores[a, b], (a, b))
        ramp = skip * np.arange(len(row))
        along = np.maximum.accumulate(row - ramp) + ramp
        code[along > row + 1e-12] = len(shapes) + 1
        kept[i] = along
        kept.pop(i - longest - 1, None)
        codes.append(code)
    moves = [(1, 0), *shapes, (0, 1)]
    beads, i, j = [], n, m
    while i or j:
        a, b = moves[codes[i][j - low[i]]]
        beads.append((tuple(range(i - a, i)), tuple(range(j - b, j))))
        i, j = i - a, j - b
    return beads[::-1]


def _reach(  # noqa: PLR0917
    kept: dict[int, Array],
    i: int,
    lo: int,
    hi: int,
    low: Array,
    row: Array,
    code: Array,
    number: int,
    score: Any,
    shape: tuple[int, int],
) -> None:
    a, b = shape
    above, start = kept[i - a], int(low[i - a])
    first, last = max(lo, start + b), min(hi, start + len(above) - 1 + b)
    if first > last:
        return
    value = above[first - b - start : last - b - start + 1] + (
        score if isinstance(score, float) else score[first - lo : last - lo + 1]
    )
    here = slice(first - lo, last - lo + 1)
    better = value > row[here]
    row[here] = np.where(better, value, row[here])
    code[here] = np.where(better, number, code[here])


def _row_scores(  # noqa: PLR0917
    src: Sequence[Array],
    tgt: Sequence[Array],
    sums: tuple[Array, Array],
    i: int,
    lo: int,
    hi: int,
    longest: int,
    shapes: list[tuple[int, int]],
) -> dict[tuple[int, int], Array]:
    """Scores of the beads that end at points (i, lo … hi), one product of matrices a row."""
    n, m = len(src[0]), len(tgt[0])
    ends = np.arange(lo, hi + 1)
    left = [src[a - 1][i - a] for a in range(1, min(longest, i) + 1)]
    beside = [src[0][k] for k in range(max(i - longest - 1, 0), min(i + 1, n))]  # single sentences around
    first = max(i - longest - 1, 0)
    width = hi - lo + 1
    starts = [np.clip(ends - b, 0, len(tgt[b - 1]) - 1) for b in range(1, longest + 1)]
    singles = np.arange(max(lo - longest - 1, 0), min(hi + 1, m))
    right = np.concatenate([tgt[b - 1][starts[b - 1]] for b in range(1, longest + 1)] + [tgt[0][singles]])
    cos = np.stack(left + beside) @ right.T
    scores = {}
    for a, b in shapes:
        if a > i:
            continue
        own = cos[a - 1, (b - 1) * width : b * width]
        lines = [k - first for k in (i - a - 1, i) if 0 <= k < n]
        above = cos[[len(left) + k for k in lines], (b - 1) * width : b * width].mean(axis=0) if lines else 0.0
        pad = np.full(width + 2 * longest + 4, np.nan)
        offset = longest + 2 - lo
        pad[singles + offset] = cos[a - 1, longest * width :]
        neighbours = np.stack([pad[ends - b - 1 + offset], pad[ends + offset]])
        there = ~np.isnan(neighbours)
        sides = np.where(there, neighbours, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        one = sums[0][i] - sums[0][i - a]
        two = sums[1][ends] - sums[1][np.maximum(ends - b, 0)]
        small, large = np.minimum(one, two), np.maximum(np.maximum(one, two), 1e-9)
        score = (own - (sides + above) / 2) * np.log2(1 + small / large)
        scores[a, b] = np.where(ends >= b, score, _NO)
    return scores


def vecalign(
    src: Sequence[Array], tgt: Sequence[Array], *, most: int = 6, quantile: float = 0.2, seed: int = 0
) -> list[Bead]:
    """Cost 2·a·b·(1 - cos) ÷ (mean distance of either side to 100 random runs of the other); null beads cost a quantile of random costs."""
    n, m = len(src[0]), len(tgt[0])
    if not n or not m:
        return [((i,), ()) for i in range(n)] + [((), (j,)) for j in range(m)]
    rng = np.random.default_rng(seed)
    longest = min(most - 1, len(src))
    norms = [
        [1 - part @ _sample(other, longest, rng).mean(axis=0) for part in side[:longest]]
        for side, other in ((src, tgt), (tgt, src))
    ]

    def cost(a: int, b: int) -> Array:
        distance = 1 - src[a - 1] @ tgt[b - 1].T
        return 2 * a * b * distance / (1e-6 + norms[0][a - 1][:, None] + norms[1][b - 1][None, :])

    singles = cost(1, 1)
    chosen = rng.integers(0, n, 20_000), rng.integers(0, m, 20_000)
    skip = -float(np.quantile(singles[chosen], quantile))
    scores = {
        (a, b): -cost(a, b)
        for a in range(1, longest + 1)
        for b in range(1, longest + 1)
        if a + b <= most and a <= n and b <= m
    }
    return _search(n, m, scores, np.full(n, skip), np.full(m, skip))


def _sample(side: Sequence[Array], longest: int, rng: np.random.Generator) -> Array:
    each = max(1, 100 // longest)
    return np.concatenate([p[rng.integers(0, len(p), each)] for p in side[:longest] if len(p)])


_PRIORS = {(1, 1): 0.89, (1, 0): 0.0099, (0, 1): 0.0099, (1, 2): 0.089, (2, 1): 0.089, (2, 2): 0.011}


def gale_church(src: Array, tgt: Array, *, ratio: float, variance: float = 6.8) -> list[Bead]:
    """Lengths only. `src` and `tgt` hold characters of each sentence, `ratio` target characters for one of the source."""
    n, m = len(src), len(tgt)
    one, two = np.concatenate([[0.0], np.cumsum(src)]), np.concatenate([[0.0], np.cumsum(tgt)])

    def score(a: int, b: int) -> Array:
        left = (one[a:] - one[: n + 1 - a])[:, None]
        right = (two[b:] - two[: m + 1 - b])[None, :]
        delta = np.abs(right - left * ratio) / np.sqrt(np.maximum(variance * (left + right / ratio) / 2, 1e-9))
        # 2 (1 - Φ(x)) = erfc(x / √2); the usual asymptotic form where it would vanish
        tail = np.vectorize(lambda x: math.log(max(math.erfc(x / math.sqrt(2)), 1e-300)))(np.minimum(delta, 37))
        prior = _PRIORS[a, b] / 2 if a != b else _PRIORS[a, b]
        return math.log(prior) + tail

    scores = {s: score(*s) for s in _PRIORS if 0 not in s and s[0] <= n and s[1] <= m}
    return _search(n, m, scores, score(1, 0)[:, 0] if n else np.zeros(0), score(0, 1)[0] if m else np.zeros(0))


def _search(n: int, m: int, scores: dict[tuple[int, int], Array], skip_src: Array, skip_tgt: Array) -> list[Bead]:
    """The best way through the whole rectangle, a row at a time."""
    total = np.full((n + 1, m + 1), _NO)
    code = np.zeros((n + 1, m + 1), np.int8)
    total[0, 0] = 0
    ramp = np.concatenate([[0.0], np.cumsum(skip_tgt)])
    shapes = list(scores)
    for i in range(n + 1):
        row = total[i]
        if i:
            row[:] = total[i - 1] + skip_src[i - 1]
        for number, (a, b) in enumerate(shapes):
            if i >= a:
                value = total[i - a, : m + 1 - b] + scores[a, b][i - a]
                better = value > row[b:]
                row[b:][better] = value[better]
                code[i, b:][better] = number + 1
        along = np.maximum.accumulate(row - ramp) + ramp
        skipped = along > row + 1e-12
        row[skipped] = along[skipped]
        code[i][skipped] = -1
    beads, i, j = [], n, m
    while i or j:
        k = int(code[i, j])
        a, b = (0, 1) if k < 0 else (1, 0) if not k else shapes[k - 1]
        beads.append((tuple(range(i - a, i)), tuple(range(j - b, j))))
        i, j = i - a, j - b
    return beads[::-1]
