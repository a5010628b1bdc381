"""Rules of marks: brackets, quotations, the end of the sentence, how many sentences there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind, sign, signs
from mt.filters.filter import Numbers
from mt.filters.measures import Measures, difference
from mt.filters.side import Ints, Side

_PAIRS = ("()", "[]", "{}", "「」", "『』", "【】", "〈〉", "《》", "〔〕")
_STOP, _ASK, _CRY, _OPEN, _NONE = 1, 2, 3, 4, 0
_STEPS = 4  # closing brackets and quotation marks that may stand behind the end of a sentence


def brackets(m: Measures, side: Side) -> Numbers:
    """Brackets of a side without a partner: the difference of opening and closing ones, over all kinds; width does not matter."""
    total = np.zeros(len(side), np.int64)
    for pair in _PAIRS:
        total += np.abs(side.has(pair[0]) - side.has(pair[1]))
    return total.astype(np.float32)


def quotations(m: Measures) -> Numbers:
    """Quotations and brackets that one side has more of than the other, by the marks that close them."""
    return difference(m.src.cached("closed", _closed), m.tgt.cached("closed", _closed))


def end_marks(m: Measures) -> Numbers:
    """Do both sides end alike? 0 = yes; 1 = one has a stop, the other nothing; 2 = a colon or comma against a stop; 3 = a question against none.

    What is asked in Japanese by か or の alone counts as a question and as none. NaN where a side is empty.
    """
    src, tgt = (s.cached("ends", _ends) for s in m.sides)
    (a, soft_a), (b, soft_b) = src, tgt
    found = _ENDS[a, b]
    soft = (soft_a & (b == _ASK)) | (soft_b & (a == _ASK))
    found[soft & (found == 3)] = 0
    found[(m.src.length == 0) | (m.tgt.length == 0)] = np.nan
    return found


def sentences(m: Measures) -> Numbers:
    """Sentences that one side has more of than the other, by the marks that end them."""
    return difference(m.src.cached("sentences", _sentences), m.tgt.cached("sentences", _sentences))


def _closed(side: Side) -> Ints:
    closed: Ints = side.has(")]」』】》〉〕”»") + side.counts[sign('"')] // 2
    return closed


def _sentences(side: Side) -> Ints:
    """Marks that end a sentence and are not followed by another: full-width ones anywhere, those of ASCII before a blank or the end."""
    kinds = side.kinds
    ends = (kinds == sign(".")) | (kinds == sign("!")) | (kinds == sign("?"))
    places = np.flatnonzero(ends[:-1])
    found = side.per_row(places[_AFTER[kinds[places + 1]]])
    places = np.flatnonzero(kinds[:-1] == sign("。"))
    found += side.per_row(places[kinds[places + 1] != sign("。")])
    last, _ = side.cached("ends", _ends)
    found += (last == _NONE) | (last == _OPEN)
    return found


def _ends(side: Side) -> tuple[Ints, NDArray[np.bool_]]:
    """What each row ends in, behind closing marks; and whether the letter before is か or の, which ask without a mark."""
    kinds, codes = side.kinds, side.codes
    at = side.first + side.length - 1
    first = side.first
    for _ in range(_STEPS):
        at = np.where((at > first) & _CLOSING[kinds[np.maximum(at, 0)]], at - 1, at)
    at = np.maximum(at, 0)
    end = _END[kinds[at]].astype(np.int64)
    before = np.where((end == _STOP) & (at > first), at - 1, at)
    asks = (
        (codes[before] == ord("か"))
        | (codes[before] == ord("の"))
        | (codes[before] == ord("な"))
        | (codes[before] == ord("ね"))
    )
    return end, asks


def _flags(kinds: list[int]) -> NDArray[np.bool_]:
    found = np.zeros(256, bool)
    found[kinds] = True
    return found


_CLOSING = _flags([*signs(")]」』】》〉〕”’\"'»>*_`"), Kind.SPACE, Kind.BREAK_LINE])
_AFTER = _flags([*signs(")]」』】》〉〕”’\"'»"), Kind.SPACE, Kind.BREAK, Kind.BREAK_LINE])
_END = np.zeros(256, np.uint8)
_END[signs(".。…")] = _STOP
_END[sign("?")] = _ASK
_END[sign("!")] = _CRY
_END[signs(":;,、")] = _OPEN
# rows: none, stop, question, cry, open; the two sides may stand either way round
_ENDS = np.array(
    [[0, 1, 3, 1, 1], [1, 0, 3, 0, 2], [3, 3, 0, 1, 3], [1, 0, 1, 0, 2], [1, 2, 3, 2, 0]],
    np.float32,
)
