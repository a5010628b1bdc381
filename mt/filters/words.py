"""Some hundred words found among a block's, all at once: a table without collisions, so that a word costs a product and two look-ups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mt.filters.side import Ints, Side, packed

_BITS = 16
_FACTOR = 0x9E3779B97F4A7C15


class Words:
    """Words in Latin letters by number; what has more than eight is any word with the same eight first letters and more.

    Words that differ only in letters which share a byte are one.

    Example:
        >>> words = Words(["the", "cat"])
        >>> words.find(Side(["See the cat", "The dog"], "en")).tolist()
        [-1, 0, 1, 0, -1]
    """

    def __init__(self, words: Sequence[str]) -> None:
        keys = np.array([packed(word[:8]) for word in words], np.uint64)
        # the first odd factor that sends all words to places of their own
        for step in range(10_000):
            factor = np.uint64((_FACTOR * (2 * step + 1)) % 2**64)
            places = self._places(keys, factor)
            if len(np.unique(places)) == len(np.unique(keys)):
                break
        else:
            raise ValueError(f"words: expected few enough for {2**_BITS:,} places, found {len(words):,}")
        self._factor = factor
        self._numbers = np.full(2**_BITS, -1, np.int32)
        self._keys = np.zeros(2**_BITS, np.uint64)
        self._numbers[places[::-1]] = np.arange(len(words), dtype=np.int32)[::-1]  # of equal ones the first
        self._keys[places] = keys
        self._long = np.zeros(2**_BITS, bool)
        self._long[places] = [len(word) > 8 for word in words]

    def find(self, side: Side) -> NDArray[np.int32]:
        """For each Latin word of a side its number, -1 where it is none of these."""
        places = self._places(side.word_prefix, self._factor)
        numbers = self._numbers.take(places)
        # a word of nine letters is none of eight, though they begin alike
        numbers[
            (self._keys.take(places) != side.word_prefix) | ((side.word_length > 8) != self._long.take(places))
        ] = -1
        return numbers

    @staticmethod
    def _places(keys: NDArray[np.uint64], factor: np.uint64) -> Ints:
        places: Ints = ((keys * factor) >> np.uint64(64 - _BITS)).astype(np.int64)
        return places
