"""Rules of marks: brackets, quotations, the end of the sentence, how many sentences there are."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind, sign, signs
from mt.filters.filter import Numbers
from mt.filters.measures import Measures, difference
from mt.filters.side import Ints, Side

_PAIRS = ("()", "[]", "{}", "「」", "『』", "【】", "〈〉", "《》", "〔〕")
STOP, _ASK, _CRY, _OPEN, _NONE = 1, 2, 3, 4, 0
# Japanese that asks, or may, without a question mark: a word that asks, or an ending; headings are nouns (`理由`) where English ones ask
_ASKS_JA = re.compile(
    "何|なに|なぜ|なんで|どう|どの|どれ|どこ|どちら|どんな|誰|だれ|いつ|いくつ|いくら|"
    '(?:か|かい|かな|かしら|の|ね|な|よ|でしょう|だろう|ない|ましょう|ください|下さい|理由|方法|場合|は)[。」』)…\\s"]*$'
)
# English that asks by its first words, whatever it ends in
_ASKS_EN = re.compile(
    r"^\W*(?:(?:and|so|but|then|now|well|or|to|from|for|in|on|by|with|at)\W+)*(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|"
    r"do|does|did|can|could|will|would|should|shall|have|has|may)\b",
    re.IGNORECASE,
)
_ASKS = {"ja": _ASKS_JA, "en": _ASKS_EN}
_AGAINST = 3  # a question against none
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

    A side that asks without a mark at its end counts as a question and as none: in Japanese by か, の, 何, だろう and the like, in English by its
    first words, in either by a question mark further on. NaN where a side is empty.

    Example:
        >>> from mt.block import Block
        >>> rows = [("a:1", "コーヒーのお好みは。", "How do you take your coffee?"), ("a:2", "雨だ。", "Is it far?")]
        >>> end_marks(Measures(Block.of(rows), "ja", "en")).tolist()
        [0.0, 3.0]
    """
    src, tgt = (s.cached("ends", ends) for s in m.sides)
    (a, soft_a), (b, soft_b) = src, tgt
    found = _ENDS[a, b]
    soft = (soft_a & (b == _ASK)) | (soft_b & (a == _ASK))
    found[soft & (found == _AGAINST)] = 0
    for row in np.flatnonzero(found == _AGAINST).tolist():
        other = m.tgt if a[row] == _ASK else m.src
        if _asks(other.texts[row], other.lang):
            found[row] = 0
    found[(m.src.length == 0) | (m.tgt.length == 0)] = np.nan
    return found


def sentences(m: Measures) -> Numbers:
    """Sentences that one side has more of than the other, by the marks that end them."""
    return difference(m.src.cached("sentences", _sentences), m.tgt.cached("sentences", _sentences))


def _asks(text: str, lang: str) -> bool:
    """Whether a text without a question mark at its end asks all the same."""
    pattern = _ASKS.get(lang)
    return "?" in text or (pattern is not None and pattern.search(text) is not None)


def _closed(side: Side) -> Ints:
    closed: Ints = side.has(")]」』】》〉〕”»") + side.counts[sign('"')] // 2
    return closed


def _sentences(side: Side) -> Ints:
    """Marks that end a sentence and are not followed by another: full-width ones anywhere, those of ASCII before a blank or the end."""
    kinds = side.kinds
    stops = (kinds == sign(".")) | (kinds == sign("!")) | (kinds == sign("?"))
    places = np.flatnonzero(stops[:-1])
    found = side.per_row(places[_AFTER[kinds[places + 1]]])
    places = np.flatnonzero(kinds[:-1] == sign("。"))
    found += side.per_row(places[kinds[places + 1] != sign("。")])
    last, _ = side.cached("ends", ends)
    found += (last == _NONE) | (last == _OPEN)
    return found


def ends(side: Side) -> tuple[Ints, NDArray[np.bool_]]:
    """What each row ends in, behind closing marks; and whether the letter before is か or の, which ask without a mark."""
    kinds, codes = side.kinds, side.codes
    at = side.first + side.length - 1
    first = side.first
    for _ in range(_STEPS):
        at = np.where((at > first) & _CLOSING[kinds[np.maximum(at, 0)]], at - 1, at)
    at = np.maximum(at, 0)
    end = _END[kinds[at]].astype(np.int64)
    before = np.where((end == STOP) & (at > first), at - 1, at)
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
_END[signs(".。…")] = STOP
_END[sign("?")] = _ASK
_END[sign("!")] = _CRY
_END[signs(":;,、")] = _OPEN
# rows: none, stop, question, cry, open; the two sides may stand either way round
_ENDS = np.array(
    [[0, 1, 3, 1, 1], [1, 0, 3, 0, 2], [3, 3, 0, 1, 3], [1, 0, 1, 0, 2], [1, 2, 3, 2, 0]],
    np.float32,
)
