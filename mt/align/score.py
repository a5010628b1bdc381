"""What speaks for and against a bead: features of all beads of many rectangles at once, and their weighted sum.

The heart is Bertalign's observation (Liu and Zhu 2022) that a bead should be more similar than its sides are to their neighbours; to it come
what the last sentence of a side adds to the similarity (SentAlign's re-evaluation of merges, Steingrimsson et al. 2023), the ratio of
lengths (Gale and Church 1993), the shape and, if asked, paragraph borders. Every feature is symmetric in the two sides. A score is a number of
nats in a log-linear model of whole alignments, so that `mt.align.search.marginals` makes probabilities of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mt.align.grid import SCALE, Grid, whole
from mt.align.search import NEVER, Shape, Table

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

GRAIN = 1024  # scores are whole multiples of 1/GRAIN nat, so that sums are exact
FEATURES = (
    "one", "extra", "both", "cosine", "cosine_extra", "contrast", "contrast_extra", "gain", "growth", "weakest", "length", "null",
    "unshared", "inside", "border",
)  # fmt: skip
_FAR = 16.0  # largest square of a length deviation; a longer sentence is not less wrong
_FLOOR = np.float32(-1)


@dataclass(frozen=True, slots=True)
class Half:
    """One side, ready to be scored.

    Attributes:
        windows: `longest` arrays from `mt.align.grid.grid`; row i of array k - 1 belongs to sentences i to i + k - 1.
        sums: float64 (n + 1,): characters before each sentence, in units of the language.
        borders: bool (n + 1,): a paragraph begins at the sentence; all False where unknown.
        alone: bool (n,): the sentence must stay without a partner.
        literals: float32 (n + 1, h): sums of what stands before each sentence of what both sides write alike, see `mt.align.half`; whole
            multiples of 1/64, h may be 0.
    """

    windows: Sequence[Grid]
    sums: npt.NDArray[np.float64]
    borders: npt.NDArray[np.bool_]
    alone: npt.NDArray[np.bool_]
    literals: Floats

    def __len__(self) -> int:
        return len(self.sums) - 1


@dataclass(frozen=True, slots=True)
class Fit:
    """What is measured of two documents before they are aligned, on pairs that surely belong together.

    Attributes:
        level: median cosine of pairs; other texts and other encoders have another.
        spread: how far their lengths differ, as a multiple of what `deviations` expects.
        habits: nats more for beads 1-1, for larger ones, and for null beads, than in the documents that the weights were fitted to.
    """

    level: float
    spread: float
    habits: tuple[float, float, float] = (0.0, 0.0, 0.0)


def features(
    src: Half, tgt: Half, boxes: Ints, *, longest: int, fit: Fit, soft: bool
) -> Iterator[tuple[Shape, dict[str, Floats | float]]]:
    """Features of every bead in boxes.

    Args:
        src: the source side.
        tgt: the target side.
        boxes: shape (count, 4): first and last + 1 source sentence, first and last + 1 target sentence.
        longest: most sentences a side of a bead.
        fit: what these two documents are like.
        soft: give the features of paragraph borders.

    Yields:
        For every shape, as in `Table.beads`: name → array (count, rows, columns) or one number for all.
    """
    rows, columns = _sizes(boxes)
    view = _Cosines(src, tgt, boxes, longest)
    lengths = _lengths(src, boxes[:, 0], rows), _lengths(tgt, boxes[:, 2], columns)
    borders = _borders(src, boxes[:, 0], rows), _borders(tgt, boxes[:, 2], columns)
    words = _Literals(src, tgt, boxes, longest)
    for a, b in shapes(longest):
        n, m = rows + 1 - a, columns + 1 - b
        if n <= 0 or m <= 0:
            continue
        if not a or not b:
            yield (
                (a, b),
                {
                    "null": 1.0,
                    "unshared": np.broadcast_to(words.alone(bool(a)), (len(boxes), n, m)),
                },
            )
            continue
        cosine, contrast = view.cosine(a, b) - np.float32(fit.level), view.contrast(a, b)
        found: dict[str, Floats | float] = {
            "one": float(a == b == 1),
            "extra": float(a + b - 2),
            "both": float(min(a, b) - 1),
            "cosine": cosine,
            "cosine_extra": cosine * np.float32(a + b - 2),
            "contrast": contrast,
            "contrast_extra": contrast * np.float32(a + b - 2),
            "gain": view.gain(a, b),
            "growth": view.growth(a, b),
            "weakest": view.weakest(a, b) - np.float32(fit.level) if a + b > 2 else 0.0,
            "unshared": words.unshared(a, b),
            "length": _deviation(lengths[0], lengths[1], (a, b), fit.spread),
        }
        if soft and src.borders.any() and tgt.borders.any():
            found |= _paragraphs(borders[0], borders[1], a, b)
        yield (a, b), found


def kind(shape: Shape) -> int:
    """0 for 1-1, 1 for more sentences on both sides, 2 for null beads.

    Example:
        >>> kind((1, 1)), kind((1, 2)), kind((0, 1))
        (0, 1, 2)
    """
    return 0 if shape == (1, 1) else 1 if all(shape) else 2


def shapes(longest: int) -> list[Shape]:
    """All shapes, most preferred first: of equally good beads the one with fewer sentences, then the more even one.

    Example:
        >>> shapes(2)
        [(1, 1), (1, 0), (0, 1), (1, 2), (2, 1), (2, 2)]
    """
    every = [(a, b) for a in range(1, longest + 1) for b in range(1, longest + 1)] + [(1, 0), (0, 1)]
    return sorted(every, key=lambda s: (s != (1, 1), s[0] + s[1], abs(s[0] - s[1]), -s[0] if 0 in s else s[0]))


def table(src: Half, tgt: Half, boxes: Ints, weights: dict[str, float], *, longest: int, fit: Fit, soft: bool) -> Table:
    """Scores of every bead in boxes; see `features` for the arguments; `weights` by name of feature, in nats."""
    beads = {}
    rows, columns = _sizes(boxes)
    for (a, b), found in features(src, tgt, boxes, longest=longest, fit=fit, soft=soft):
        total = np.zeros((len(boxes), rows + 1 - a, columns + 1 - b))
        constant = fit.habits[kind((a, b))]
        for name, value in found.items():
            if isinstance(value, float):
                constant += weights[name] * value
            else:
                total += np.float32(weights[name]) * value
        total += constant
        beads[a, b] = np.rint(total * GRAIN) / GRAIN
        if a and b and (src.alone.any() or tgt.alone.any()):
            beads[a, b][
                _taken(src, boxes[:, 0], rows, a)[:, :, None] | _taken(tgt, boxes[:, 2], columns, b)[:, None, :]
            ] = NEVER
    return Table(beads, np.stack([boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]], axis=1))


class _Cosines:
    """Cosines of all windows of one side with all of the other, in all boxes.

    Windows are taken from one sentence before a box, because a bead is compared with its neighbours, which may stand outside.
    """

    def __init__(self, src: Half, tgt: Half, boxes: Ints, longest: int) -> None:
        rows, columns = _sizes(boxes)
        self.rows, self.columns, self.longest = rows, columns, longest
        left, self._left = _stack(src, boxes[:, 0], rows, longest)
        right, self._right = _stack(tgt, boxes[:, 2], columns, longest)
        self._all = np.matmul(left, right.transpose(0, 2, 1))
        self._all /= np.float32(SCALE * SCALE)
        # places that no sentence stands at: before the first and behind the last of a document
        self._no_left = _outside(src, boxes[:, 0], rows)
        self._no_right = _outside(tgt, boxes[:, 2], columns)

    def _block(self, a: int, b: int) -> Floats:
        """Cosines of runs of a with runs of b, both from one sentence before the box on."""
        block: Floats = self._all[:, self._left[a - 1] : self._left[a], self._right[b - 1] : self._right[b]]
        return block

    def cosine(self, a: int, b: int) -> Floats:
        """Shape (count, rows - a + 1, columns - b + 1), as everything here."""
        return self._block(a, b)[:, 1 : self.rows + 2 - a, 1 : self.columns + 2 - b]

    def contrast(self, a: int, b: int) -> Floats:
        """Mean cosine of either side with the single sentences left and right of the other, of those that are there."""
        n, m = self.rows + 1 - a, self.columns + 1 - b
        beside = _neighbours(self._block(a, 1)[:, 1 : n + 1], self._no_right, b, m)
        above = _neighbours(self._block(1, b)[:, :, 1 : m + 1].transpose(0, 2, 1), self._no_left, a, n)
        return np.asarray((beside + above.transpose(0, 2, 1)) * np.float32(0.5), np.float32)

    def gain(self, a: int, b: int) -> Floats | float:
        """What the least useful outer sentence adds to the cosine: cosine - largest cosine with one outer sentence less; 0 for 1-1."""
        n, m = self.rows + 1 - a, self.columns + 1 - b
        less = []
        if a > 1:
            part = self._block(a - 1, b)[:, :, 1 : m + 1]
            less += [part[:, 1 : n + 1], part[:, 2 : n + 2]]
        if b > 1:
            part = self._block(a, b - 1)[:, 1 : n + 1]
            less += [part[:, :, 1 : m + 1], part[:, :, 2 : m + 2]]
        if not less:
            return 0.0
        top = less[0]
        for other in less[1:]:
            top = np.maximum(top, other)
        return self.cosine(a, b) - top

    def growth(self, a: int, b: int) -> Floats:
        """What one more neighbouring sentence would add to the cosine: the largest gain of four, at least 0."""
        n, m = self.rows + 1 - a, self.columns + 1 - b
        cosine = self.cosine(a, b)
        top = cosine
        if a < self.longest:
            part = self._block(a + 1, b)[:, :, 1 : m + 1]
            before, behind = self._no_left[:, :n, None], self._no_left[:, a + 1 : a + 1 + n, None]
            top = np.maximum(top, np.where(before, _FLOOR, part[:, 0:n]))
            top = np.maximum(top, np.where(behind, _FLOOR, part[:, 1 : n + 1]))
        if b < self.longest:
            part = self._block(a, b + 1)[:, 1 : n + 1]
            before, behind = self._no_right[:, None, :m], self._no_right[:, None, b + 1 : b + 1 + m]
            top = np.maximum(top, np.where(before, _FLOOR, part[:, :, 0:m]))
            top = np.maximum(top, np.where(behind, _FLOOR, part[:, :, 1 : m + 1]))
        return top - cosine

    def weakest(self, a: int, b: int) -> Floats:
        """The smallest cosine of a single sentence of a bead with the run on the other side."""
        n, m = self.rows + 1 - a, self.columns + 1 - b
        parts = [self._block(1, b)[:, 1 + k : 1 + k + n, 1 : m + 1] for k in range(a)] if a > 1 else []
        parts += [self._block(a, 1)[:, 1 : n + 1, 1 + k : 1 + k + m] for k in range(b)] if b > 1 else []
        low = parts[0]
        for part in parts[1:]:
            low = np.minimum(low, part)
        return low


_MOST_UNSHARED = np.float32(4)


class _Literals:
    """How much of what both documents write alike does not stand on both sides of a bead."""

    def __init__(self, src: Half, tgt: Half, boxes: Ints, longest: int) -> None:
        rows, columns = _sizes(boxes)
        self._runs = _differences(src, boxes[:, 0], rows, longest), _differences(tgt, boxes[:, 2], columns, longest)
        self._squares = [[np.einsum("kih,kih->ki", run, run) for run in runs] for runs in self._runs]

    def unshared(self, a: int, b: int) -> Floats:
        """Squared distance of the sums of both sides, at most `_MOST_UNSHARED`; products are exact, see `Half.literals`."""
        left, right = self._runs[0][a - 1], self._runs[1][b - 1]
        both = np.matmul(left, right.transpose(0, 2, 1))
        squares = self._squares[0][a - 1][:, :, None] + self._squares[1][b - 1][:, None, :]
        return np.asarray(np.minimum(squares - 2 * both, _MOST_UNSHARED), np.float32)

    def alone(self, src: bool) -> Floats:
        """Of every single sentence what it has, as a column or a row."""
        squares = np.minimum(self._squares[0 if src else 1][0], _MOST_UNSHARED)
        return np.asarray(squares[:, :, None] if src else squares[:, None, :])


def _differences(half: Half, first: Ints, size: int, longest: int) -> list[Floats]:
    """Of runs of 1 to `longest` sentences in boxes the sums of literals, each (count, size - run + 1, h)."""
    sums = half.literals[np.clip(first[:, None] + np.arange(size + 1), 0, len(half))]
    return [sums[:, k:] - sums[:, : max(size + 1 - k, 0)] for k in range(1, longest + 1)]


def _sizes(boxes: Ints) -> tuple[int, int]:
    return int((boxes[:, 1] - boxes[:, 0]).max()), int((boxes[:, 3] - boxes[:, 2]).max())


def _stack(half: Half, first: Ints, size: int, longest: int) -> tuple[Floats, list[int]]:
    """Windows of 1 to `longest` sentences that begin from one before a box to its end, one block of rows after the other; and where blocks begin."""
    parts, starts = [], [0]
    for k in range(1, longest + 1):
        # singles reach one sentence beyond the end, longer windows one place
        places = first[:, None] + np.arange(-1, size + 1)
        rows = half.windows[k - 1]
        if len(rows):
            parts.append(whole(rows[np.clip(places, 0, len(rows) - 1)]))
        else:
            parts.append(np.zeros((*places.shape, half.windows[0].shape[1]), np.float32))
        starts.append(starts[-1] + places.shape[1])
    return np.concatenate(parts, axis=1), starts


def _outside(half: Half, first: Ints, size: int) -> npt.NDArray[np.bool_]:
    """Shape (count, size + 2): True where place first - 1 + column is no sentence of the document."""
    places = first[:, None] + np.arange(-1, size + 1)
    return (places < 0) | (places >= len(half))


def _neighbours(block: Floats, outside: npt.NDArray[np.bool_], b: int, m: int) -> Floats:
    """Mean cosine with the sentence before and the one behind a run of b, for m places; 0 where neither is there."""
    no_before, no_behind = outside[:, None, :m], outside[:, None, b + 1 : b + 1 + m]
    before = np.where(no_before, np.float32(0), block[:, :, :m])
    behind = np.where(no_behind, np.float32(0), block[:, :, b + 1 : b + 1 + m])
    count = 2 - no_before.astype(np.float32) - no_behind.astype(np.float32)
    return np.asarray((before + behind) / np.maximum(count, 1), np.float32)


def _lengths(half: Half, first: Ints, size: int) -> npt.NDArray[np.float64]:
    return np.asarray(half.sums[np.clip(first[:, None] + np.arange(size + 1), 0, len(half))])


def _taken(half: Half, first: Ints, size: int, a: int) -> npt.NDArray[np.bool_]:
    """Shape (count, size - a + 1): a run of a sentences holds one that must stay alone."""
    sums = np.concatenate([[0], np.cumsum(half.alone)])[np.clip(first[:, None] + np.arange(size + 1), 0, len(half))]
    return np.asarray(sums[:, a:] > sums[:, : size + 1 - a])


def _borders(half: Half, first: Ints, size: int) -> npt.NDArray[np.bool_]:
    """Shape (count, size + 1): a paragraph begins at the place."""
    return np.asarray(half.borders[np.clip(first[:, None] + np.arange(size + 1), 0, len(half))])


# Characters that stand for what does not grow with the sentence; keeps the ratio of two very short sentences from meaning much.
_FIXED = 8.0
# Variance of the logarithm of the ratio of lengths: of long sentences, and what is added for each character less; in characters of English.
# The fit of `mt/translate/limits.py`: 10,000 pairs of five corpora.
_LONG, _SHORT = 0.12**2, 1.6**2


def _deviation(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64], shape: Shape, spread: float) -> Floats:
    """Square of the logarithm of the ratio of lengths, in squares of its spread, at most `_FAR`."""
    a, b = shape
    one = (left[:, a:] - left[:, : left.shape[1] - a] + _FIXED)[:, :, None]
    two = (right[:, b:] - right[:, : right.shape[1] - b] + _FIXED)[:, None, :]
    return np.asarray(np.minimum(deviations(one, two) / spread**2, _FAR), np.float32)


def deviations(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Square of the logarithm of the ratio of lengths, in squares of what it usually is for texts of these lengths."""
    return np.asarray((np.log(one) - np.log(two)) ** 2 / (_LONG + 2 * _SHORT / (one + two)))


def _paragraphs(left: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_], a: int, b: int) -> dict[str, Floats | float]:
    """Borders inside a bead; and 1 where it begins at a border on one side only."""
    n, m = left.shape[1] - a, right.shape[1] - b
    one, two = np.cumsum(left, axis=1), np.cumsum(right, axis=1)
    inside: Ints = (one[:, a - 1 : a - 1 + n] - one[:, :n])[:, :, None] + (two[:, b - 1 : b - 1 + m] - two[:, :m])[
        :, None, :
    ]
    other = left[:, :n, None] != right[:, None, :m]
    return {"inside": inside.astype(np.float32), "border": other.astype(np.float32)}
