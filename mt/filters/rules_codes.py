"""The rule of names with a number in them: what `numbers` passes over, since i32, v18, W3C and PERSON11 are no quantities."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.side import Side

_RUN = re.compile(r"\d+", re.ASCII)
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def codes(m: Measures) -> Numbers:
    """Numbers glued to Latin letters that the other side has nowhere, of the side with fewer: 1 = one stands for another; NaN without any.

    Example:
        >>> from mt.block import Block
        >>> rows = [("a:1", "i32です", "It is an i64"), ("a:2", "Python3.11", "Python 3.11"), ("a:3", "猫", "A cat")]
        >>> codes(Measures(Block.of(rows), "ja", "en")).tolist()
        [1.0, 0.0, nan]
    """
    found = np.full(len(m), np.nan, np.float32)
    some = m.src.cached("glued digits", _glued) | m.tgt.cached("glued digits", _glued)
    for row in np.flatnonzero(some).tolist():
        src, tgt = m.src.texts[row], m.tgt.texts[row]
        left, right = _glued_to(src), _glued_to(tgt)
        if left == right:
            if left:
                found[row] = 0
        else:
            found[row] = min(len(left - {*_RUN.findall(tgt)}), len(right - {*_RUN.findall(src)}))
    return found


def _glued_to(text: str) -> set[str]:
    """Digits with a Latin letter before or behind them."""
    padded = f" {text} "
    return {
        match[0]
        for match in _RUN.finditer(padded)
        if padded[match.start() - 1] in _LATIN or padded[match.end()] in _LATIN
    }


def _glued(side: Side) -> NDArray[np.bool_]:
    """Rows with a digit beside a Latin letter."""
    digit = side.kinds == Kind.DIGIT
    latin = (side.kinds == Kind.LOWER) | (side.kinds == Kind.UPPER)
    places = np.flatnonzero((digit[1:] & latin[:-1]) | (latin[1:] & digit[:-1]))
    return side.per_row(places) > 0
