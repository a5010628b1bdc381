"""Overlap of texts in one language: character n-grams weighed by rarity, in numpy, without a matrix of all pairs.

A text is the vector of the weights of its n-grams, a run of sentences the sum of its sentences' vectors; two are as alike as the cosine of their
vectors. That is chrF's idea (Popović 2015: character n-grams need no words and forgive other endings), with one order, each n-gram once a
sentence, rare ones weighing more, and the geometric instead of the harmonic mean of precision and recall: so sums over neighbouring sentences
stay exact, and runs cost nothing more. `chrf` is the measure itself, for the beads that are found.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BLOCK = 1 << 22  # products gathered at a time: 100 MB


@dataclass(frozen=True, slots=True)
class Grams:
    """Sentences of one side as sparse vectors, sorted by sentence and n-gram.

    Attributes:
        rows: sentence of each entry, int64.
        ids: its n-gram, a number that both sides share.
        count: of sentences.
    """

    rows: Ints
    ids: Ints
    count: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two sides and what their n-grams weigh.

    Attributes:
        first: vectors of the one side.
        second: of the other.
        weights: square of the weight of each n-gram, float64.
        posted: entries of the second side by n-gram, as n-gram · (sentences + 1) + sentence, ascending.
        begins: where each sentence's entries begin in `first`.
    """

    first: Grams
    second: Grams
    weights: Floats
    posted: Ints
    begins: Ints

    @classmethod
    def of(cls, first: Sequence[str], second: Sequence[str], order: int, most: int | None = None) -> Overlap:
        """Vectors of both sides' sentences.

        Args:
            first: sentences.
            second: sentences in the same language.
            order: characters of an n-gram, ≥ 1.
            most: n-grams of more sentences than so many count for nothing, which is quicker where there are many sentences; None = all count.
        """
        texts = [_plain(text) for text in (*first, *second)]
        rows, hashes = _entries(texts, order)
        _, ids = np.unique(hashes, return_inverse=True)
        ids = ids.astype(np.int64)
        frequency = np.bincount(ids).astype(np.float64)
        weights = np.log((len(texts) + 1) / frequency) ** 2
        if most is not None:
            rare = frequency[ids] <= most
            rows, ids = rows[rare], ids[rare]
        split = int(np.searchsorted(rows, len(first)))
        sides = Grams(rows[:split], ids[:split], len(first)), Grams(rows[split:] - len(first), ids[split:], len(second))
        # n-gram and sentence in one number, ascending: what a sentence shares with a range of sentences is a range of these
        posted = np.sort(sides[1].ids * (len(second) + 1) + sides[1].rows)
        return cls(*sides, weights, posted, np.searchsorted(sides[0].rows, np.arange(len(first) + 1)))

    def products(self, start: int, stop: int, low: int = 0, high: int | None = None) -> Floats:
        """Inner products of sentences `start` to `stop` - 1 of the first side with `low` to `high` - 1 of the second (all of them where None).

        Returns:
            Float64 of shape (stop - start, high - low).
        """
        high = self.second.count if high is None else high
        made = np.zeros((stop - start, high - low))
        row = start
        while row < stop:
            # as many sentences as there is room for their products, one at least
            a = int(self.begins[row])
            room = np.cumsum(np.subtract(*self._found(a, int(self.begins[stop]), low, high)[::-1]))
            upto = a + int(np.searchsorted(room, _BLOCK, side="right"))
            last = min(max(row + 1, int(np.searchsorted(self.begins, upto, side="right")) - 1), stop)
            made[row - start : last - start] = self._sums(row, last, low, high)
            row = last
        return made

    def _found(self, a: int, b: int, low: int, high: int) -> tuple[Ints, Ints]:
        """For entries a to b - 1 of the first side, where the same n-gram's sentences begin and end in `posted`."""
        keys = self.first.ids[a:b] * (self.second.count + 1)
        return np.searchsorted(self.posted, keys + low), np.searchsorted(self.posted, keys + high)

    def _sums(self, row: int, last: int, low: int, high: int) -> Floats:
        a, b = int(self.begins[row]), int(self.begins[last])
        starts, ends = self._found(a, b, low, high)
        counts = ends - starts
        entries = np.repeat(np.arange(a, b), counts)
        within = np.arange(len(entries)) - np.repeat(np.cumsum(counts) - counts, counts)
        columns = self.posted[np.repeat(starts, counts) + within] % (self.second.count + 1) - low
        places = (self.first.rows[entries] - row) * (high - low) + columns
        sums = np.bincount(places, self.weights[self.first.ids[entries]], minlength=(last - row) * (high - low))
        return np.asarray(sums.reshape(last - row, high - low), np.float64)

    def norms(self, longest: int) -> tuple[list[Floats], list[Floats]]:
        """Of both sides, the norm of every run of 1 to `longest` sentences: array k - 1, by the node where the run ends; 0 where there is none."""
        return _norms(self.first, self.weights, longest), _norms(self.second, self.weights, longest)


def _plain(text: str) -> str:
    # a blank at both ends: the first and last letters of a sentence are those of a word too
    return f" {' '.join(unicodedata.normalize('NFKC', text).casefold().split())} "


def _entries(texts: Sequence[str], order: int) -> tuple[Ints, npt.NDArray[np.uint64]]:
    """Every different n-gram of every text, as (text, hash), sorted."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    if len(codes) < order:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    hashes = np.zeros(len(codes) - order + 1, np.uint64)
    for k in range(order):
        # a multiplicative hash of 64 bits: among ten million n-grams two fall together with a chance of 3 in a million
        hashes = (hashes + codes[k : k + len(hashes)]) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    whole = owner[: len(hashes)] == owner[order - 1 :]
    rows, hashes = owner[: len(hashes)][whole], hashes[whole]
    sequence = np.lexsort((hashes, rows))
    rows, hashes = rows[sequence], hashes[sequence]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:] != rows[:-1]) | (hashes[1:] != hashes[:-1])
    return rows[new].astype(np.int64), hashes[new]


def _norms(side: Grams, weights: Floats, longest: int) -> list[Floats]:
    size = len(weights) + 1
    keys = side.rows * size + side.ids
    # products[d][i]: sentence i with sentence i + d
    products = []
    for d in range(longest):
        shared = np.isin(keys + d * size, keys, assume_unique=True)
        products.append(np.bincount(side.rows[shared], weights[side.ids[shared]], minlength=side.count))
    made: list[Floats] = []
    square = np.zeros(side.count + 1)
    for k in range(1, longest + 1):
        total = np.zeros(side.count + 1)
        if k <= side.count:
            # the run of k that ends at node i is the run of k - 1 that ends there and the sentence before it
            first = np.arange(side.count - k + 1)
            cross = sum((products[d][first] for d in range(1, k)), np.zeros(len(first)))
            total[k:] = square[k:] + products[0][first] + 2 * cross
        square = total
        made.append(np.sqrt(np.maximum(total, 0)))
    return made


def chrf(hypothesis: str, reference: str, order: int = 6, beta: float = 2.0) -> float:
    """Popović's chrF of a pair (2015), 0 to 1: F-measure over the means of precision and recall of the n-grams of 1 to `order` characters.

    White space does not count; orders that either side is too short for are left out, as sacrebleu does ("effective order").

    Example:
        >>> chrf("a cat", "a cat"), round(chrf("a cat", "a hat"), 3), chrf("", "a cat")
        (1.0, 0.271, 0.0)
    """
    sides = ["".join(text.split()) for text in (hypothesis, reference)]
    precision = recall = 0.0
    orders = 0
    for n in range(1, order + 1):
        first, second = (Counter(text[i : i + n] for i in range(len(text) - n + 1)) for text in sides)
        total, wanted = first.total(), second.total()
        if not total or not wanted:
            continue
        same = (first & second).total()
        precision, recall, orders = precision + same / total, recall + same / wanted, orders + 1
    if not orders or precision + recall == 0:
        return 0.0
    p, r = precision / orders, recall / orders
    return (1 + beta**2) * p * r / (beta**2 * p + r)
