"""Segments as bags of words, kept as flat arrays: what gates and alignment compare segments of one language by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mt.text.tokens import Span, Tokens, characters

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_WORDS = re.compile(r"\w+|[^\w\s]")
# languages written without blanks, whose words are not known: a character is compared in place of a word
UNSPACED = frozenset({"ja", "zh", "th"})


def tokens(text: str, lang: str = "en") -> Tokens:
    """Words and single marks of a text; characters where the language has no blanks.

    Example:
        >>> tokens("It's 5, no?").words, tokens("猫は3匹。", "ja").words
        (('It', "'", 's', '5', ',', 'no', '?'), ('猫', 'は', '3', '匹', '。'))
    """
    if lang in UNSPACED:
        return characters(text)
    return Tokens(text, tuple(m.span() for m in _WORDS.finditer(text)))


class Vocabulary:
    """Numbers of words, without regard to case; both sides of a comparison share one."""

    def __init__(self, lang: str = "en") -> None:
        """`lang` decides what a word is."""
        self.lang = lang
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, text: str) -> list[int]:
        """Numbers of the words of a text.

        Example:
            >>> Vocabulary().number("No, no.")
            [0, 1, 0, 2]
        """
        known = self._numbers
        return [known.setdefault(text[a:b].lower(), len(known)) for a, b in self.spans(text)]

    def spans(self, text: str) -> Sequence[Span]:
        """Where the words stand."""
        return tokens(text, self.lang).spans


@dataclass(frozen=True, slots=True, eq=False)
class Bags:
    """Bags of words of rows, one after the other.

    Attributes:
        starts: shape (rows + 1,): row k has the entries from `starts[k]` to `starts[k + 1]`.
        words: shape (entries,): numbers of words, ascending within a row, each once.
        counts: shape (entries,): how often.
        lengths: shape (rows,): words of each row, with repetition.
    """

    starts: Ints
    words: Ints
    counts: Ints
    lengths: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], merged: int = 1) -> Bags:
        """Bags of rows of numbers; with `merged` = n, of all n neighbouring rows together, which are n − 1 fewer.

        Example:
            >>> b = Bags.of([[5, 5, 2], [], [2]], 2)
            >>> b.lengths.tolist(), b.words.tolist(), b.counts.tolist(), b.starts.tolist()
            ([3, 1], [2, 5, 2], [1, 2, 1], [0, 2, 3])
        """
        count = max(len(rows) - merged + 1, 0)
        own = np.array([len(row) for row in rows], np.int64)
        edges = np.concatenate([[0], np.cumsum(own)]).astype(np.int64)
        flat = np.array([word for row in rows for word in row], np.int64)
        lengths = edges[merged : merged + count] - edges[:count]
        size = int(flat.max()) + 1 if len(flat) else 1
        parts = [flat[edges[k] : edges[k + merged]] for k in range(count)] if merged > 1 else [flat]
        places = np.concatenate([flat[:0], *parts]) if count else flat[:0]
        keys = np.repeat(np.arange(count, dtype=np.int64), lengths) * size + places
        found, counts = np.unique(keys, return_counts=True)
        starts = np.searchsorted(found, np.arange(count + 1, dtype=np.int64) * size)
        return cls(starts.astype(np.int64), found % size, counts.astype(np.int64), lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    def shared(self, dense: Ints, first: int, last: int) -> Ints:
        """Words that rows `first` to `last` − 1 share with a bag, each as often as both have it.

        Args:
            dense: the bag, a count for each number of a word.
            first: 0 ≤ first ≤ last.
            last: ≤ rows.

        Returns:
            Shape (last − first,).

        Example:
            >>> b = Bags.of([[1, 1, 2], [], [2, 3]])
            >>> b.shared(np.array([0, 1, 5, 0]), 0, 3).tolist()
            [2, 0, 1]
        """
        start, end = self.starts[first], self.starts[last]
        common = np.minimum(dense[self.words[start:end]], self.counts[start:end])
        sums = np.concatenate([[0], np.cumsum(common)])
        found: Ints = np.diff(sums[self.starts[first : last + 1] - start])
        return found


def diagonal(hyp: Bags, ref: Bags, offset: int = 0) -> Floats:
    """Likeness of row k of one with row k + offset of the other, 0 to 1: twice the words they share by the words of both (F1).

    Returns:
        Shape (rows of hyp,); −1 where row k + offset does not exist, 1 where both rows are empty.

    Example:
        >>> a, b = Bags.of([[1, 2], [3, 4]]), Bags.of([[1, 5], [1, 2], []])
        >>> diagonal(a, b).tolist(), diagonal(a, b, 1).tolist()
        ([0.5, 0.0], [1.0, 0.0])
    """
    size = int(max(hyp.words.max(initial=0), ref.words.max(initial=0))) + 1
    rows = np.repeat(np.arange(len(hyp), dtype=np.int64), np.diff(hyp.starts))
    keys = (rows + offset) * size + hyp.words
    theirs = np.repeat(np.arange(len(ref), dtype=np.int64), np.diff(ref.starts)) * size + ref.words
    places = np.searchsorted(theirs, keys)
    hit = np.zeros(len(keys), bool)
    inside = places < len(theirs)
    hit[inside] = theirs[places[inside]] == keys[inside]
    common = np.minimum(hyp.counts[hit], ref.counts[places[hit]])
    shared = np.bincount(rows[hit], common, len(hyp))
    partner = np.arange(len(hyp)) + offset
    there = (partner >= 0) & (partner < len(ref))
    both = hyp.lengths.astype(np.float64)
    both[there] += ref.lengths[partner[there]]
    found = np.where(both > 0, 2 * shared / np.maximum(both, 1), 1.0)
    return np.where(there, found, -1.0)
