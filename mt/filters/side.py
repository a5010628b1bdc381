"""One side of a block as arrays: code points joined, classes, counts by row, Latin words. Computed when first asked for, and once.

Rows are joined with U+0000 before, between and behind them, so that no comparison of neighbouring characters sees two rows at once: what is
measured of a row is the same whatever rows stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import COUNT, Kind, folded, sign, table, within

Ints = NDArray[np.int64]
T = TypeVar("T")
N = TypeVar("N", bound=np.generic)
_PREFIX = 8  # letters of a word that are looked at, beside its length: as many as a number of 64 bits holds
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(_PREFIX)] + [2**64 - 1], np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_LENGTH = np.uint64(0xD6E8FEB86659FD93)
_LETTERS = tuple(
    k
    for k in Kind
    if k
    in (
        Kind.LOWER,
        Kind.UPPER,
        Kind.LATIN,
        Kind.HIRAGANA,
        Kind.KATAKANA,
        Kind.HAN,
        Kind.NUMERAL,
        Kind.CHINESE,
        Kind.HANGUL,
        Kind.CYRILLIC,
        Kind.GREEK,
        Kind.HEBREW,
        Kind.ARABIC,
        Kind.DEVANAGARI,
        Kind.THAI,
        Kind.LETTER,
        Kind.HALF_KANA,
        Kind.JAPANESE,
        Kind.LEAD,
        Kind.LEAD_JA,
        Kind.LONG,
    )
)


class Side:
    """The texts of one side of a block.

    Example:
        >>> side = Side(["A cat.", "猫"], "en")
        >>> side.length.tolist(), side.count(Kind.LOWER, Kind.UPPER).tolist(), side.word_count.tolist()
        ([6, 1], [4, 0], [2, 0])
    """

    def __init__(self, texts: Sequence[str], lang: str) -> None:
        self.texts, self.lang = texts, lang

        self._cache: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def cached(self, name: str, make: Callable[[Side], T]) -> T:
        """What `make` measures of this side, measured once; several rules of one module share it."""
        if name not in self._cache:
            self._cache[name] = make(self)
        found: T = self._cache[name]
        return found

    @cached_property
    def length(self) -> Ints:
        """Characters."""
        return np.fromiter(map(len, self.texts), np.int64, len(self.texts))

    @cached_property
    def first(self) -> Ints:
        """Where each row begins in `codes`."""
        return np.cumsum(self.length + 1) - self.length

    @cached_property
    def codes(self) -> NDArray[np.uint32]:
        """Code points of all rows, a 0 before, between and behind them."""
        joined = "\0".join(("", *self.texts, "")) if self.texts else "\0"
        return within(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32, copy=False))

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        return self.codes.astype(np.intp)

    def look(self, known: NDArray[N]) -> NDArray[N]:
        """What a table over code points says of each of `codes`."""
        # numpy would turn the code points into its own index type each time, and `clip` spares it a copy for the case of an error
        return known.take(self._places, mode="clip")

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """Classes of `codes`."""
        return self.look(table())

    @cached_property
    def row(self) -> Ints:
        """The row of each of `codes`; the marks between rows belong to the row before, the first one to row 0."""
        lengths = self.length + 1
        if len(lengths):
            lengths[0] += 1
        return np.repeat(np.arange(len(self), dtype=np.int64), lengths) if len(self) else np.zeros(1, np.int64)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Characters of each class in each row, shape (classes, rows)."""
        rows = len(self)
        if not rows:
            return np.zeros((COUNT, 0), np.int64)
        places = self.row * COUNT
        places += self.kinds
        found = np.bincount(places, minlength=rows * COUNT)
        return np.ascontiguousarray(found.reshape(rows, COUNT).T)

    def count(self, *kinds: int) -> Ints:
        """Characters of any of these classes, a row each."""
        total: Ints = self.counts[kinds[0]].copy()
        for kind in kinds[1:]:
            total += self.counts[kind]
        return total

    def has(self, chars: str) -> Ints:
        """Signs of these in each row; see `classes.SIGNS`."""
        return self.count(*map(sign, chars))

    def per_row(self, places: NDArray[np.int64]) -> Ints:
        """How many of some places of `codes` are in each row."""
        return self.tally(self.row[places])

    def tally(self, rows: NDArray[np.int64]) -> Ints:
        """How often each row is named."""
        found: Ints = np.bincount(rows, minlength=len(self))[: len(self)].astype(np.int64, copy=False)
        return found

    def texts_of(self, rows: NDArray[np.bool_]) -> list[tuple[int, str]]:
        """Rows chosen by a mask, with their number: for what only a regular expression can tell."""
        return [(n, self.texts[n]) for n in np.flatnonzero(rows).tolist()]

    @cached_property
    def letters(self) -> Ints:
        """Letters of any script."""
        return self.count(*_LETTERS)

    @cached_property
    def inked(self) -> Ints:
        """Characters that are no blanks."""
        return self.length - self.count(Kind.SPACE, Kind.BREAK_LINE)

    # Latin words

    @cached_property
    def low(self) -> NDArray[np.uint8]:
        """`codes` as Latin letters of one case, 0 where there is none."""
        return self.look(folded())

    @cached_property
    def _spans(self) -> tuple[Ints, Ints]:
        edges = np.flatnonzero(np.diff(self.low > 0))
        return edges[0::2] + 1, edges[1::2] + 1

    @cached_property
    def word_at(self) -> Ints:
        """Where each run of Latin letters begins in `codes`."""
        return self._spans[0]

    @cached_property
    def word_length(self) -> Ints:
        """Letters of each."""
        return self._spans[1] - self._spans[0]

    @cached_property
    def word_row(self) -> Ints:
        """The row of each."""
        return self.row[self.word_at]

    @cached_property
    def word_prefix(self) -> NDArray[np.uint64]:
        """The first eight letters of each, as one number."""
        padded = np.concatenate((self.low, np.zeros(_PREFIX, np.uint8)))
        windows = np.ndarray((len(self.low),), "<u8", padded.tobytes(), strides=(1,))
        found = windows[self.word_at].astype(np.uint64, copy=False)
        return found & _MASKS[np.minimum(self.word_length, _PREFIX)]

    @cached_property
    def word_count(self) -> Ints:
        """Runs of Latin letters in each row."""
        return self.tally(self.word_row)


def packed(word: str) -> int:
    """A word of at most eight Latin letters as `Side.word_prefix` has it.

    Example:
        >>> packed("the") == int(Side(["The"], "en").word_prefix[0])
        True
    """
    data = [int(folded()[ord(c)]) for c in word]
    if len(data) > _PREFIX or not all(data):
        raise ValueError(f"expected at most {_PREFIX} Latin letters, found {word!r}")
    return int.from_bytes(bytes(data), "little")


def hashed(prefix: NDArray[np.uint64], length: Ints) -> NDArray[np.uint64]:
    """A number for each word: equal for words of the same length and the same eight first letters, whatever the case.

    Args:
        prefix: as `Side.word_prefix` has it; letters from `length` on are not looked at.
        length: letters of each word.
    """
    kept = prefix & _MASKS[np.minimum(length, _PREFIX)]
    mixed: NDArray[np.uint64] = (kept ^ (length.astype(np.uint64) * _LENGTH)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _LENGTH
    mixed ^= mixed >> np.uint64(32)
    return mixed
