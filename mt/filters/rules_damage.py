"""Rules of damage: text decoded wrongly, escapes that nobody resolved, blanks between all letters, words without blanks."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.side import Ints, Side
from mt.text.repair import repair

# `\\u3042`, `\\xe3` and the like, and HTML's numbers: what a program writes for a character
_ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|&#x?[0-9A-Fa-f]{2,6};|(?:%[0-9A-F]{2}){3,}")
_IN_A_ROW = 3  # escaped bytes of a URL


def encoding(m: Measures) -> Numbers:
    """Signs of both sides that good text has not: U+FFFD, C1 controls, private use, kana and letters read from another table."""
    return (m.src.cached("damage", _damage) + m.tgt.cached("damage", _damage)).astype(np.float32)


def escapes(m: Measures) -> Numbers:
    r"""Escapes of characters (`\u3042`, `\xe3`, `&#12354;`, `%E3%81%82`) that one side has more of than the other."""
    found = np.zeros(len(m), np.float32)
    sides = [(s.has("\\") > 0) | ((s.has("&") > 0) & (s.has("#") > 0)) | (s.has("%") >= _IN_A_ROW) for s in m.sides]
    for row in np.flatnonzero(sides[0] | sides[1]).tolist():
        src, tgt = (_escaped(s.texts[row]) for s in m.sides)
        found[row] = abs(src - tgt)
    return found


def _escaped(text: str) -> int:
    if "\\u" in text or "\\x" in text or "&#" in text or text.count("%") >= _IN_A_ROW:
        return len(_ESCAPE.findall(text))
    return 0


def spaced_out(m: Measures, side: Side) -> Numbers:
    """Single letters one behind the other with blanks between, the longest such row of them: `t h i s` has 4."""
    kinds = side.kinds
    blank = (kinds == Kind.SPACE) | (kinds == Kind.BREAK)
    single = np.zeros(len(kinds), bool)
    single[1:-1] = blank[:-2] & blank[2:]
    places = np.flatnonzero(single)
    single[places] = _LETTER[kinds[places]]
    # four singles at distances of two; two BREAKs stand in for what is behind the last row
    single = np.concatenate((single, np.zeros(2, bool)))
    spaced = (kinds[1:-1] == Kind.SPACE) & single[:-4] & single[2:-2]  # a single, a blank, a single
    tight = spaced[4:] & spaced[2:-2] & spaced[:-4] if len(spaced) > 4 else spaced[:0]
    longest = np.zeros(len(side), np.float32)
    first = tight.copy()
    first[2:] &= ~tight[:-2]  # else a text of nothing else would be walked through from each of its letters
    for place in np.flatnonzero(first):
        end = int(place)
        while single[end + 2] and kinds[end + 1] == Kind.SPACE:
            end += 2
        row = side.row[place]
        longest[row] = max(longest[row], (end - place) // 2 + 1)
    return longest


def glued(m: Measures, side: Side) -> Numbers:
    """Capitals behind small letters within words: `cookiesAccept` has 1; names of programs have them, menus without blanks many."""
    kinds = side.kinds
    places = np.flatnonzero((kinds[1:] == Kind.UPPER) & (kinds[:-1] == Kind.LOWER)) + 1
    return side.per_row(places).astype(np.float32)


def _damage(side: Side) -> Ints:
    sure = side.count(Kind.LOST, Kind.PRIVATE, Kind.CONTROL1, Kind.CONTROL)
    doubtful = (side.count(Kind.LEAD_JA) > 0) | (
        (side.count(Kind.LEAD) > 0) & (side.count(Kind.LATIN1, Kind.LEAD, Kind.CONTROL1) > 1)
    )
    doubtful |= side.count(Kind.LEAD) * (side.has("“”‘’«»•–—・") + side.counts[Kind.OTHER]) > 0
    for row, text in side.texts_of(doubtful):
        better = repair(text)
        if better != text:
            sure[row] += len(text) - len(better)
        else:
            sure[row] += len(_MOJIBAKE.findall(text))
    return sure


# Not to be undone, but no text either: bytes of UTF-8 shown one by one, of which some were lost; of kana read as Shift_JIS with ・ for what was lost
_MOJIBAKE = re.compile(
    "[\u00c3\u00c2\u00e2\u00e3][\u0080-\u00bf\u20ac\u2122\u0153\u0161\u017e\u0192\u02c6\u2030][\u0080-\u00bf\u20ac\u2122\u201c\u201d]?|[縺繧繝].[縺繧繝]|[縺繧繝][\uff61-\uff9f・]"
)


def _letters() -> NDArray[np.bool_]:
    found = np.zeros(256, bool)
    found[Kind.LOWER : Kind.JAPANESE + 1] = True
    found[[Kind.DIGIT, Kind.CONTROL, Kind.CONTROL1, Kind.LOST, Kind.PRIVATE, Kind.UNSEEN, Kind.LATIN1]] = False
    return found


_LETTER = _letters()
