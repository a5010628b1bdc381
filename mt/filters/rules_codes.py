"""The rule of names with a number in them: what `numbers` passes over, since i32, v18, W3C and PERSON11 are no quantities."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.rules_numbers import digit_runs, wide
from mt.filters.side import Ints, Side

_RUN = re.compile(r"\d+", re.ASCII)
_GLUED = re.compile(r"(?<=[A-Za-z])\d++|\d++(?=[A-Za-z])", re.ASCII)


def codes(m: Measures) -> Numbers:
    """Numbers glued to Latin letters that the other side has nowhere, of the side with fewer: 1 = one stands for another; NaN without any.

    Example:
        >>> from mt.block import Block
        >>> rows = [("a:1", "i32です", "It is an i64"), ("a:2", "Python3.11", "Python 3.11"), ("a:3", "猫", "A cat")]
        >>> codes(Measures(Block.of(rows), "ja", "en")).tolist()
        [1.0, 0.0, nan]
    """
    found = np.full(len(m), np.nan, np.float32)
    (some, total), (others, other_total) = (s.cached("glued digits", _glued) for s in m.sides)
    same = (total == other_total) & (some == others)
    # letters and digits of full width are none of these, so rows that have some are asked text by text
    same[np.concatenate([s.cached("wide", wide) for s in m.sides])] = False
    found[same & (some > 0)] = 0
    for row in np.flatnonzero(~same).tolist():
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
    return {*_GLUED.findall(text)}


def _glued(side: Side) -> tuple[Ints, NDArray[np.uint64]]:
    """Runs of digits beside a Latin letter: how many a row has, and one number for all of them."""
    starts, ends, mixed = side.cached("digit runs", digit_runs)
    latin = (side.kinds == Kind.LOWER) | (side.kinds == Kind.UPPER)
    beside = np.flatnonzero(latin[starts - 1] | latin[ends])
    rows = side.row[starts[beside]]
    total = np.zeros(len(side), np.uint64)
    np.add.at(total, rows, mixed[beside])
    return side.tally(rows), total
