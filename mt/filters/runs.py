"""Runs of words that two texts share: 13 words one after another, or 20 letters of a script without blanks.

A word is what stands between characters that are neither letter nor digit; every kana, kanji and Hangul letter is a word of its own. Runs of words
have none of those; runs of letters consist of them by half or more, so that a name or a number in Latin letters counts as one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mt.filters.folded import Folded

WORDS, LETTERS = 13, 20

_WIDE = 0x2E80  # code points from here on are of scripts that set no blanks, or join what they count to them
_BITS = 22
_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)


class RunIndex:
    """Runs of some texts, each with a code."""

    def __init__(self, texts: Folded, codes: NDArray[np.uint16], *, words: int = WORDS, letters: int = LETTERS) -> None:
        """`codes`: one a text, above 0; a run that several texts have tells the first one's."""
        self._words, self._letters = words, letters
        found, text = runs(texts, words, letters)
        order = np.argsort(text, kind="stable")
        self._runs, first = np.unique(found[order], return_index=True)
        self._codes = codes[text[order[first]]]
        have = np.zeros(1 << _BITS, bool)
        have[self._runs >> np.uint64(64 - _BITS)] = True
        self._known = np.packbits(have, bitorder="little")  # in bits it stays in a core's own cache

    def find(self, texts: Folded) -> NDArray[np.uint16]:
        """The code of each text's first run that is known; 0 where none is.

        Example:
            >>> words = "one two three four five six seven eight nine ten eleven twelve thirteen"
            >>> index = RunIndex(Folded([words]), np.array([1], np.uint16))
            >>> index.find(Folded(["Zero, " + words.upper(), words[4:]])).tolist()
            [1, 0]
        """
        out = np.zeros(len(texts), np.uint16)
        if not len(self._runs):
            return out
        found, text = runs(texts, self._words, self._letters)
        key = (found >> np.uint64(64 - _BITS)).astype(np.intp)
        likely = np.flatnonzero(self._known.take(key >> 3, mode="clip") & _BIT.take(key & 7, mode="clip"))
        found, text = found[likely], text[likely]
        at = np.minimum(np.searchsorted(self._runs, found), len(self._runs) - 1)
        equal = self._runs[at] == found
        out[text[equal][::-1]] = self._codes[at[equal][::-1]]  # of several the first is written last
        return out


def runs(texts: Folded, words: int = WORDS, letters: int = LETTERS) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """A 64-bit hash of every run, and the text each stands in: first all runs of words, then all of letters."""
    wide = texts.letters >= _WIDE
    opens = texts.opens | wide
    opens[1:] |= wide[:-1]
    start = np.flatnonzero(opens)
    if not len(start):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    # Σ letter · base^place over a word, its first place 0: the difference of two sums over all letters, times base^-first
    powers, inverses = _powers(1 << len(opens).bit_length())
    total = np.cumsum(texts.letters * powers[: len(opens)])
    ends = np.append(start[1:], len(opens)) - 1
    token = total.take(ends)
    token[1:] -= total.take(ends[:-1])
    token = _scattered(token * inverses.take(start))
    text_of = np.repeat(np.arange(len(texts)), texts.lengths).take(start)
    wides = np.concatenate([np.zeros(1, np.int64), np.cumsum(wide.take(start))])
    found, at = [], []
    for size, is_words in ((words, True), (letters, False)):
        count = max(0, len(token) - size + 1)
        inside = text_of[:count] == text_of[len(token) - count :]
        many = wides[size : size + count] - wides[:count]
        chosen = np.flatnonzero(inside & ((many == 0) if is_words else (2 * many >= size)))
        found.append(_windows(token, size).take(chosen))
        at.append(text_of.take(chosen))
    return _scattered(np.concatenate(found)), np.concatenate(at)


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """base^n and base^-n modulo 2⁶⁴, n = 0 … count - 1."""
    found = []
    for base in (_BASE, _INVERSE):
        column = np.full(count, base, np.uint64)
        column[0] = 1
        found.append(np.cumprod(column, dtype=np.uint64))
    return found[0], found[1]


def _windows(token: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """A number for every `size` tokens in a row: Σ token[i + j] · base^j, by doubling."""
    total, done = np.zeros(max(0, len(token) - size + 1), np.uint64), 0
    power, width = token, 1
    while True:
        if size & width:
            total += power[done : done + len(total)] * np.uint64(pow(_BASE, done, 1 << 64))
            done += width
        width *= 2
        if width > size:
            return total
        power = power[: -width // 2] + power[width // 2 :] * np.uint64(pow(_BASE, width // 2, 1 << 64))


def _scattered(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread over all 64 bits, one to one, in place: the end of SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers ^= numbers >> np.uint64(30)
    numbers *= np.uint64(0xBF58476D1CE4E5B9)
    numbers ^= numbers >> np.uint64(27)
    numbers *= np.uint64(0x94D049BB133111EB)
    numbers ^= numbers >> np.uint64(31)
    return numbers
