"""The rule of beginnings: a side that starts in the middle of a sentence has lost what stood before."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import table
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.side import Side

# What begins no word: the object's を, the nasal, small kana, the lengthening mark, and marks that close or go on.
_JA = frozenset("をんっゃゅょぁぃぅぇぉッャュョァィゥェォー、。」』）)】,.;:!?！？")
_EN = frozenset("abcdefghijklmnopqrstuvwxyz,.;:!?)")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SIDES = {"ja": _JA, "en": _EN}
_MIDDLE, _NAME = np.uint8(1), np.uint8(2)


def begins(m: Measures) -> Numbers:
    """How many sides start in the middle of a sentence; NaN for languages other than Japanese and English, and for an empty side.

    An English side may begin with a small letter where the other begins with a Latin one, since then both begin with a name: `npm`.

    Example:
        >>> from mt.block import Block
        >>> rows = [("a:1", "雨なので家にいます。", "because it rains."), ("a:2", "npmを使う", "npm is used"), ("a:3", "を使う", "Use it")]
        >>> begins(Measures(Block.of(rows), "ja", "en")).tolist()
        [1.0, 0.0, 1.0]
    """
    if m.src_lang not in _SIDES or m.tgt_lang not in _SIDES:
        return np.full(len(m), np.nan, np.float32)
    starts = [
        known.take(side.cached("first letters", _first))
        for side, known in zip(m.sides, _tables(m.src_lang, m.tgt_lang), strict=True)
    ]
    count = (starts[0] & _MIDDLE > 0).astype(np.float32) + (starts[1] & _MIDDLE > 0)
    count[(starts[0] & starts[1] & _NAME) > 0] = 0
    return np.where((m.src.length > 0) & (m.tgt.length > 0), count, np.float32(np.nan))


def _first(side: Side) -> NDArray[np.intp]:
    """The first character of each row, the mark between rows where there is none."""
    return side.codes.take(side.first, mode="clip").astype(np.intp)


@cache
def _tables(src_lang: str, tgt_lang: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each code point whether it stands in the middle of a sentence, and whether it is a Latin letter, as bits; of either language."""
    found = []
    for lang in (src_lang, tgt_lang):
        bits = np.zeros(len(table()), np.uint8)
        bits[list(map(ord, _SIDES[lang]))] |= _MIDDLE
        bits[list(map(ord, _LATIN))] |= _NAME
        found.append(bits)
    return found[0], found[1]
