"""A text cut where the segments of its reference end, word by word.

Words of the hypothesis are set against those of the reference, in order, without any price for what stays alone; two words are worth how many
characters they share (the idea of SoftSegmenter, Polák et al. 2025, arXiv 2509.17349, section 3), marks only fit marks. Where that says nothing,
as between words that resemble none, many places are nearly as good: then marks and capitals decide (`resegment_marks`). Every word stays where it
is: a cut moves nothing.

The programme runs forwards and backwards; the sum of both at a place is what the best alignment through it is worth, so only the columns where a
segment ends are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mt.evaluate.resegment_bags import Floats, Ints, tokens
from mt.evaluate.resegment_beads import anchors
from mt.evaluate.resegment_marks import Marks

_POWER = 2  # of the share of characters: half-alike words (the, that) are chance mostly
_FEATURES = 96  # characters told apart; rarer ones fall together
_ROWS = 64  # words of the hypothesis compared at once
_NARROW = 300  # words on either side of the path
_WIDE = 3000

Matrix = npt.NDArray[np.float32]


def cut(text: str, segments: Sequence[str], marks: Marks) -> tuple[str, ...]:
    """A text in as many parts as the reference has segments, in order, without outer white space; some may be empty.

    Args:
        text: of the hypothesis.
        segments: of the reference, at least one.
        marks: what a place to cut at is worth by itself; it knows the language.

    Example:
        >>> segments = ["He came home.", "Then he ate some rice."]
        >>> cut("He came home, then he ate a little rice", segments, Marks(segments))
        ('He came home,', 'then he ate a little rice')
    """
    places = [0, *cuts(text, segments, marks), len(text)]
    return tuple(text[a:b].strip() for a, b in pairwise(places))


def cuts(text: str, segments: Sequence[str], marks: Marks) -> list[int]:
    """Where to cut, as ascending offsets into the text: one fewer than segments.

    Example:
        >>> cuts("a b c d", ["a b", "c d"], Marks(["a b", "c d"]))
        [4]
    """
    if len(segments) == 1:
        return []
    spans = tokens(text, marks.lang).spans
    parts = [[word.lower() for word in tokens(segment, marks.lang).words] for segment in segments]
    ends = np.cumsum([len(part) for part in parts])
    starts = [a for a, _ in spans] + [len(text)]
    places, worth = marks.places(text)
    table = _Through(
        [text[a:b].lower() for a, b in spans], [word for part in parts for word in part], ends[:-1].astype(np.int64)
    )
    found, last = [], 0
    for number, end in enumerate(ends[:-1].tolist()):
        last = _best(table.through(number), places, worth, last, len(spans) * end / max(int(ends[-1]), 1))
        found.append(starts[last])
    return found


def _best(through: tuple[int, Floats], places: Ints, worth: Floats, last: int, expected: float) -> int:
    """The place from `last` on where the best alignment and the mark before it are worth most; of equals the nearest to where it is expected."""
    first, values = through
    a, b = np.searchsorted(places, [max(first, last), first + len(values)])
    if a >= b:
        return last
    chosen = places[a:b]
    total = values[chosen - first] + worth[a:b]
    equal = chosen[total >= total.max() - 1e-9]
    return int(equal[np.abs(equal - expected).argmin()])


class _Through:
    """For each end of a segment and each place in the hypothesis: what the best alignment is worth that has one at the other."""

    def __init__(self, hyp: Sequence[str], ref: Sequence[str], ends: Ints) -> None:
        """`ends` are numbers of words of `ref` behind which a segment ends, ascending."""
        self.ends = ends
        self.low, self.high = _band(hyp, ref)
        # rows in whose band a column lies: one after the other, since both edges ascend
        self.first = np.searchsorted(self.high, ends, "left")
        self.last = np.searchsorted(self.low, ends, "right")
        self.offsets = np.concatenate([[0], np.cumsum(np.maximum(self.last - self.first, 0))])
        self.values = np.zeros(int(self.offsets[-1]))
        features = _Features([*hyp, *ref])
        rows, columns = features.rows(hyp), features.rows(ref)
        for i, row, low in _forwards(rows, columns, self.low, self.high):
            self._add(i, row, low)
        back = (columns.count - self.high[::-1], columns.count - self.low[::-1])
        for i, row, low in _forwards(rows.turned(), columns.turned(), *back):
            self._add(rows.count - i, row[::-1], columns.count - low - len(row) + 1)

    def through(self, number: int) -> tuple[int, Floats]:
        """First place in the hypothesis, and the worth of it and of those behind it, for the end of that number."""
        return int(self.first[number]), self.values[self.offsets[number] : self.offsets[number + 1]]

    def _add(self, i: int, row: Floats, low: int) -> None:
        a, b = np.searchsorted(self.ends, [low, low + len(row)])
        inside = np.arange(a, b)
        self.values[self.offsets[inside] + i - self.first[inside]] += row[self.ends[inside] - low]


def _forwards(hyp: _Words, ref: _Words, low: Ints, high: Ints) -> Iterator[tuple[int, Floats, int]]:
    """Rows of the programme: number, worth of the best alignment of the words before with those before each column of the band, first column."""
    row, start = np.zeros(int(high[0] - low[0]) + 1), int(low[0])
    yield 0, row, start
    for top in range(0, hyp.count, _ROWS):
        bottom = min(top + _ROWS, hyp.count)
        left = int(low[top])
        block = _alike(hyp, ref, slice(top, bottom), slice(left, int(high[bottom])))
        for i in range(top + 1, bottom + 1):
            a, b = int(low[i]), int(high[i])
            best = np.full(b - a + 1, -np.inf)
            same = min(len(row) - (a - start), len(best))
            best[:same] = row[a - start : a - start + same]
            # the column before: c - 1 for every c of this row that has one in the row above
            c = max(a, start + 1)
            d = min(b, start + len(row))
            if c <= d:
                met = row[c - 1 - start : d - start] + block[i - 1 - top, c - 1 - left : d - left]
                np.maximum(best[c - a : d - a + 1], met, out=best[c - a : d - a + 1])
            row, start = np.maximum.accumulate(best), a
            yield i, row, start


class _Words:
    """Words as rows of characters they have."""

    def __init__(self, kinds: Ints, have: Matrix, sizes: Matrix, marks: npt.NDArray[np.bool_]) -> None:
        self.kinds, self.have, self.sizes, self.marks = kinds, have, sizes, marks
        self.count = len(kinds)

    def turned(self) -> _Words:
        return _Words(self.kinds[::-1], self.have, self.sizes, self.marks)


class _Features:
    """Which characters each different word has."""

    def __init__(self, words: Sequence[str]) -> None:
        self.numbers = {word: k for k, word in enumerate(dict.fromkeys(words))}
        known: dict[str, int] = {}
        self.have = np.zeros((len(self.numbers), _FEATURES), np.float32)
        for word, k in self.numbers.items():
            for char in word:
                self.have[k, known.setdefault(char, len(known)) % _FEATURES] = 1
        self.sizes = self.have.sum(axis=1)
        self.marks = np.array([not word[0].isalnum() for word in self.numbers], bool)

    def rows(self, words: Sequence[str]) -> _Words:
        kinds = np.array([self.numbers[word] for word in words], np.int64)
        return _Words(kinds, self.have, self.sizes, self.marks)


def _alike(hyp: _Words, ref: _Words, rows: slice, columns: slice) -> Matrix:
    """Worth of setting each of some words against each of others, 0 to 1; shape (rows, columns)."""
    a, b = hyp.kinds[rows], ref.kinds[columns]
    shared = hyp.have[a] @ ref.have[b].T
    union = hyp.sizes[a][:, None] + ref.sizes[b][None] - shared
    found: Matrix = ((shared / np.maximum(union, 1)) ** _POWER).astype(np.float32)
    found[hyp.marks[a][:, None] != ref.marks[b][None]] = 0
    found[a[:, None] == b[None]] = 1
    return found


def _band(hyp: Sequence[str], ref: Sequence[str]) -> tuple[Ints, Ints]:
    """First and last column of each row, as `resegment_beads.band`: everything for short texts, else near the anchors."""
    rows, columns = len(hyp), len(ref)
    if max(rows, columns) <= 4 * _NARROW:
        return np.zeros(rows + 1, np.int64), np.full(rows + 1, columns, np.int64)
    numbers = {word: k for k, word in enumerate(dict.fromkeys([*hyp, *ref]))}
    points = [(0, 0), *anchors([numbers[w] for w in hyp], [numbers[w] for w in ref]), (rows, columns)]
    x, y = (np.array(side, np.float64) for side in zip(*points, strict=True))
    places = np.arange(rows + 1)
    path = np.interp(places, x, y).astype(np.int64)
    gaps = np.diff(y)[np.clip(np.searchsorted(x, places, "right") - 1, 0, len(x) - 2)]
    gaps[1:] = np.maximum(gaps[1:], gaps[:-1].copy())  # the row behind a jump holds both its ends
    wide = np.clip(gaps, _NARROW, _WIDE).astype(np.int64)
    low, high = np.clip(path - wide, 0, columns), np.clip(path + wide, 0, columns)
    low[0], high[-1] = 0, columns
    low, high = np.minimum.accumulate(low[::-1])[::-1], np.maximum.accumulate(high)
    low[1:] = np.minimum(low[1:], high[:-1])
    return low, high
