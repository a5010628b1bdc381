"""Rules of length: of each side, in characters and words, and of one side by the other."""

from __future__ import annotations

import re

import numpy as np

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.lengths import MODELS, oriented
from mt.filters.measures import Measures, share
from mt.filters.side import Ints, Side

_LONG = 60  # characters; shorter words are not asked whether they are a path
_PARTED = re.compile(r"[\s/\\]+")


def shorter(m: Measures) -> Numbers:
    """Characters other than blanks of the shorter side."""
    return np.minimum(m.src.inked, m.tgt.inked).astype(np.float32)


def characters(side: Side) -> Numbers:
    """Characters."""
    return side.length.astype(np.float32)


def words(m: Measures, side: Side) -> Numbers:
    """Words between blanks; NaN for a language that has none between words."""
    if not m.spaced(side):
        return _nowhere(side)
    return np.bincount(_word_rows(side), minlength=len(side))[: len(side)].astype(np.float32)


def longest_word(m: Measures, side: Side) -> Numbers:
    """Characters of the longest word between blanks; in a language without blanks, of the longest run of Latin letters.

    Addresses and paths are no words, so only what stands between two slashes counts.
    """
    longest = np.zeros(len(side), np.int64)
    if m.spaced(side):
        np.maximum.at(longest, _word_rows(side), _word_lengths(side))
        for row, text in side.texts_of(longest > _LONG):
            longest[row] = max(map(len, _PARTED.split(text)))
    else:
        np.maximum.at(longest, side.word_row, side.word_length)
    return longest.astype(np.float32)


def average_word(m: Measures, side: Side) -> Numbers:
    """Characters of a word between blanks, on average; NaN below four words, and for a language without blanks."""
    if not m.spaced(side):
        return _nowhere(side)
    return share(side.inked, np.bincount(_word_rows(side), minlength=len(side))[: len(side)], 4)


def length_ratio(m: Measures) -> Numbers:
    """Deviation of the ratio of lengths; positive where the target is too long. NaN for a pair of languages without a model."""
    model = m.model or MODELS.get(frozenset({m.src_lang, m.tgt_lang}))
    if model is None:
        return _nowhere(m.src)
    if oriented(m.src_lang, m.tgt_lang):
        return model.deviations(m.src, m.tgt)
    return -model.deviations(m.tgt, m.src)


def _edges(side: Side) -> Ints:
    kinds = side.kinds
    ink = (kinds != Kind.BREAK) & (kinds != Kind.SPACE) & (kinds != Kind.BREAK_LINE)
    return np.flatnonzero(ink[1:] != ink[:-1]) + 1


def _word_rows(side: Side) -> Ints:
    return side.row[side.cached("edges", _edges)[0::2]]


def _word_lengths(side: Side) -> Ints:
    edges = side.cached("edges", _edges)
    return edges[1::2] - edges[0::2]


def _nowhere(side: Side) -> Numbers:
    return np.full(len(side), np.nan, np.float32)
