"""Rules of repetition: stretches that stand twice in a side, and short pieces that go on and on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.measures import Measures, share
from mt.filters.rules_scripts import scripts
from mt.filters.side import Ints, Side, hashed

_WINDOW, _WINDOW_SPACED = 6, 12  # characters from the beginning of a word; about two words of each
_PERIODS = (1, 2, 3, 4)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_ROW = np.uint64(40)


def repeated(m: Measures, side: Side) -> Numbers:
    """Share of stretches that stood in the text before, 0 to 1; NaN below four of them.

    A stretch is two words in a row in languages with Latin letters; in others the six characters from the beginning of a word on (twelve where
    words are parted by blanks). In Japanese a word begins where the script changes, and not before hiragana: いろいろ and ますます are no repetition.
    """
    row, mixed = _pairs_of_words(side) if scripts(side.lang) == scripts("en") else _windows(side, m.spaced(side))
    keys = np.sort(row.astype(np.uint64) << _ROW | mixed >> np.uint64(24))
    again = (keys[1:][keys[1:] == keys[:-1]] >> _ROW).astype(np.int64)
    return share(side.tally(again), side.tally(row), 4)


def _pairs_of_words(side: Side) -> tuple[Ints, NDArray[np.uint64]]:
    """Neighbouring Latin words: their row, and a number for the two."""
    row = side.word_row
    mixed = hashed(side.word_prefix, side.word_length)
    both = np.flatnonzero(row[1:] == row[:-1])
    pairs = (mixed[both] ^ (mixed[both + 1] >> np.uint64(7))) * _FACTOR
    return row[both], pairs


def _windows(side: Side, spaced: bool) -> tuple[Ints, NDArray[np.uint64]]:
    """Characters from the beginning of each word on: their row, and a number for them."""
    window = _WINDOW_SPACED if spaced else _WINDOW
    starts = _starts(side)
    row = side.row[starts]
    fits = starts + window <= (side.first + side.length)[row] if len(side) else np.zeros(0, bool)
    starts, row = starts[fits], row[fits]
    mixed = np.zeros(len(starts), np.uint64)
    for offset in range(window):
        mixed = (mixed ^ side.codes[starts + offset]) * _FACTOR
        mixed ^= mixed >> np.uint64(32)
    return row, mixed


def longest_run(m: Measures, side: Side) -> Numbers:
    """Characters of the longest stretch that repeats one to four letters over and over; 0 where no piece stands three times.

    はははははは has 6, abababab 8; digits and ornaments (-----) do not count.
    """
    longest = np.zeros(len(side), np.int64)
    codes, kinds = side.codes, side.kinds
    letter = (kinds >= Kind.LOWER) & (kinds <= Kind.JAPANESE) & (kinds != Kind.DIGIT) & (kinds != Kind.LONG)
    for period in _PERIODS:
        same = (codes[period:] == codes[:-period]) & letter[period:]
        # three times the piece = twice its length of characters equal to those one period before
        for place in _beginnings(_stretches(same, 2 * period)):
            end = place
            while end < len(same) and same[end]:
                end += 1
            row = side.row[place + period]
            longest[row] = max(longest[row], end - place + period)
    return longest.astype(np.float32)


def _stretches(flags: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Where so many flags in a row are set, the first of them; `length` is 2, 4, 6 or 8."""
    if len(flags) < length:
        return flags[:0]
    pairs = flags[1:] & flags[:-1]
    if length == 2:
        return pairs
    fours = pairs[2:] & pairs[:-2]
    if length == 4:
        return fours
    behind = pairs if length == 6 else fours
    return fours[: len(flags) - length + 1] & behind[4 : 4 + len(flags) - length + 1]


def _beginnings(flags: NDArray[np.bool_]) -> list[int]:
    places = np.flatnonzero(flags)
    if not len(places):
        return []
    first = np.concatenate(([True], np.diff(places) > 1))
    return [int(p) for p in places[first]]


def _starts(side: Side) -> Ints:
    """Where words begin: a letter or digit behind something else, or a letter of another script than the one before; not hiragana."""
    group = _GROUP[side.kinds]
    return np.flatnonzero((group[1:] != group[:-1]) & (group[1:] > 0)) + 1


def _groups() -> NDArray[np.uint8]:
    found = np.zeros(256, np.uint8)
    found[[Kind.LOWER, Kind.UPPER, Kind.LATIN]] = 1
    found[Kind.DIGIT] = 2
    found[[Kind.KATAKANA, Kind.HALF_KANA]] = 3
    found[[Kind.HAN, Kind.NUMERAL, Kind.CHINESE, Kind.JAPANESE, Kind.LEAD_JA]] = 4
    found[
        [Kind.HANGUL, Kind.CYRILLIC, Kind.GREEK, Kind.HEBREW, Kind.ARABIC, Kind.DEVANAGARI, Kind.THAI, Kind.LETTER]
    ] = 5
    return found


_GROUP = _groups()
