"""The rule of beginnings: a side that starts in the middle of a sentence has lost what stood before."""

from __future__ import annotations

import numpy as np

from mt.filters.filter import Numbers
from mt.filters.measures import Measures

# What begins no word: the object's を, the nasal, small kana, the lengthening mark, and marks that close or go on.
_JA = frozenset("をんっゃゅょぁぃぅぇぉッャュョァィゥェォー、。」』）)】,.;:!?！？")
_EN = frozenset("abcdefghijklmnopqrstuvwxyz,.;:!?)")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SIDES = {"ja": _JA, "en": _EN}


def begins(m: Measures) -> Numbers:
    """How many sides start in the middle of a sentence; NaN for languages other than Japanese and English, and for an empty side.

    An English side may begin with a small letter where the other begins with a Latin one, since then both begin with a name: `npm`.

    Example:
        >>> from mt.block import Block
        >>> rows = [("a:1", "雨なので家にいます。", "because it rains."), ("a:2", "npmを使う", "npm is used"), ("a:3", "を使う", "Use it")]
        >>> begins(Measures(Block.of(rows), "ja", "en")).tolist()
        [1.0, 0.0, 1.0]
    """
    found = np.full(len(m), np.nan, np.float32)
    if m.src_lang not in _SIDES or m.tgt_lang not in _SIDES:
        return found
    one, other = _SIDES[m.src_lang], _SIDES[m.tgt_lang]
    for row, (src, tgt) in enumerate(zip(m.src.texts, m.tgt.texts, strict=True)):
        if not src or not tgt:
            continue
        count = (src[0] in one) + (tgt[0] in other)
        found[row] = 0 if count and src[0] in _LATIN and tgt[0] in _LATIN else count
    return found
