"""Rules of what web pages and localisation files carry along: links, tags and placeholders, trails, dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind, sign, signs
from mt.filters.filter import Numbers
from mt.filters.measures import Measures, share
from mt.filters.rules_marks import STOP, ends
from mt.filters.side import Ints, Side

# ASCII alone, for Japanese goes on behind an address without a blank
_LINK = re.compile(
    r"(?:https?|ftp)://[!#-&*-;=?-\[\\^-~]+|www\.[!#-&*-;=?-\[\\^-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII
)
_TAG = re.compile(
    r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|&[A-Za-z]{2,8};|&#x?[0-9A-Fa-f]+;|\{\{?\$?[\w.]*\}?\}|%(?:\d+\$|\(\w+\))?[sdifux@]\b|\$\{[\w.]+\}",
    re.ASCII,
)
_TAG_NAME = re.compile(r"</?\s*([A-Za-z0-9-]+)")
# left-overs of mark-up that no reader should see: attributes, comments, style rules, wiki links and templates
# each with what stands in all that it finds, since looking for that is cheaper
_DEBRIS = (
    (
        "<",
        re.compile(
            r"</?(?:div|span|p|br|a|td|tr|table|ul|ol|li|img|h[1-6]|font|script|style|nav|section|input|form|button|iframe|meta|link|body|html|head)\b"
            r"[^<>]*/?>?|<!--",
            re.IGNORECASE,
        ),
    ),
    ("=", re.compile(r"\b(?:class|href|src|style|onclick|target|rel|width|height|alt|id) ?= ?[\"'][^\"']*[\"']?")),
    ("&", re.compile(r"&(?:nbsp|amp|lt|gt|quot|copy|raquo|laquo|middot|hellip|#\d+);")),
    ("-->", re.compile("-->")),
    ("[[", re.compile(r"\[\[")),
    ("]]", re.compile(r"\]\]")),
    ("{", re.compile(r"\{\{|\{ ?(?:color|margin|padding|font|display|width)\b[^}]*\}?")),
    ("}}", re.compile(r"\}\}")),
)
LITERALS = ("Re:", "{{", "%s", "}}", "+++", "***", '="')  # bicleaner-hardrules' list
_DATE_LONG = 60
_STEP_LONG = 30  # characters
_MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|[月火水木金土日])[a-z]*曜?日?"
_DATE = re.compile(
    rf"(?:{_DAY},? )?(?:\d{{4}}[年/.-] ?\d{{1,2}}[月/.-] ?\d{{1,2}}日?"
    rf"|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{1,2}}月\d{{1,2}}日|\d{{4}}年(?:\d{{1,2}}月)?"
    rf"|\b{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTHS}(?:,? \d{{4}})?)"
    rf"(?:[ (]*{_DAY}\)?)?(?:,? ?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: ?[AaPp][Mm])?)?"
)


def links(m: Measures) -> Numbers:
    """Share of URLs and e-mail addresses of both sides that stand on both, 0 to 1; NaN where there is none."""
    here = [(s.has(":") > 0) & (s.has("/") > 1) | (s.has("@") > 0) | _www(s) for s in m.sides]
    return _agreement(m, here[0] | here[1], _links_of)


def links_count(m: Measures) -> Numbers:
    """URLs and e-mail addresses of the side that has more."""
    found = np.zeros(len(m), np.float32)
    for side in m.sides:
        for row, text in side.texts_of((side.has(":") > 0) & (side.has("/") > 1) | (side.has("@") > 0) | _www(side)):
            found[row] = max(found[row], len(_LINK.findall(text)))
    return found


def tags(m: Measures) -> Numbers:
    """Share of tags, entities and placeholders of both sides that stand on both, as often, 0 to 1; NaN where there is none."""
    here = [s.has("<{%&$") > 0 for s in m.sides]
    return _agreement(m, here[0] | here[1], _tags_of)


def debris(m: Measures) -> Numbers:
    """Share of a side that is left over from mark-up (layout tags, attributes, entities, wiki links), of the worse side, 0 to 1."""
    found = np.zeros(len(m), np.float32)
    for side in m.sides:
        for row, text in side.texts_of(side.cached("debris", _may_be_debris)):
            cut = sum(len(match[0]) for sign, pattern in _DEBRIS if sign in text for match in pattern.finditer(text))
            if cut:
                found[row] = max(found[row], np.float32(min(1.0, cut / len(text))))
    return found


def literals(m: Measures) -> Numbers:
    """Pieces of programs and threads (`Re:`, `{{`, `}}`, `%s`, `+++`, `***`, `="`) on both sides together."""
    found = np.zeros(len(m), np.float32)
    for side in m.sides:
        for row, text in side.texts_of(side.counts[sign(":")] > 0):
            found[row] += text.count(LITERALS[0])
        attribute = (side.counts[sign("=")] > 0) & (side.counts[sign('"')] > 0)
        for row, text in side.texts_of((side.has("{}%+*") > 0) | attribute):
            found[row] += sum(map(text.count, LITERALS[1:]))
    return found


def trail(m: Measures) -> Numbers:
    """Marks that part the steps of a trail or a menu (` » `, ` > `, ` | `, ` → `, ` • `) on the side that has more.

    0 for what is not made like one: steps of more than 30 characters on average, or a sentence's end behind the last.
    """
    more: Ints = np.maximum(m.src.cached("trail", _trail), m.tgt.cached("trail", _trail))
    return more.astype(np.float32)


def dates(m: Measures) -> Numbers:
    """Share of the characters that are dates and times, of the side with less, 0 to 1: 1 is a pair that is nothing but a date.

    0 where fewer than an eighth of a side's characters are digits, and for texts over 60 characters.
    """
    found = np.zeros(len(m), np.float32)
    short = np.ones(len(m), bool)
    for side in m.sides:
        short &= (side.length <= _DATE_LONG) & (8 * side.count(Kind.DIGIT) >= np.maximum(side.length, 1))
    for row in np.flatnonzero(short).tolist():
        shares = [sum(len(match[0]) for match in _DATE.finditer(s.texts[row])) / len(s.texts[row]) for s in m.sides]
        found[row] = min(shares)
    return found


def titles(m: Measures, side: Side) -> Numbers:
    """Share of Latin words of four letters or more that begin with a capital, 0 to 1: headlines have 1; NaN below three such words."""
    long = side.word_length >= 4
    upper = side.kinds[side.word_at[long]] == Kind.UPPER
    row = side.word_row[long]
    rows = len(side)
    return share(np.bincount(row[upper], minlength=rows)[:rows], np.bincount(row, minlength=rows)[:rows], 3)


def header(m: Measures) -> Numbers:
    """1 where a side begins with the mark of a heading or list that the other has not (`##`, `=`, `*`, `>`, `1.2.3`), else 0."""
    differ: NDArray[np.bool_] = m.src.cached("header", _header) != m.tgt.cached("header", _header)
    return differ.astype(np.float32)


def _may_be_debris(side: Side) -> NDArray[np.bool_]:
    """Rows with a tag, an attribute's value, an entity, doubled brackets or a style rule."""
    kinds = side.kinds
    quoted = (kinds[1:] == sign('"')) | (kinds[1:] == sign("'"))
    attribute = (kinds[:-1] == sign("=")) & (quoted | (kinds[1:] == Kind.SPACE))
    doubled = (kinds[1:] == kinds[:-1]) & _BRACES[kinds[1:]]
    places = np.flatnonzero(attribute | doubled)
    entity = (side.counts[sign("&")] > 0) & (side.counts[sign(";")] > 0)
    rule = (side.counts[sign("{")] > 0) & (side.counts[sign(":")] > 0)
    found: NDArray[np.bool_] = (
        (side.per_row(places) > 0) | (side.counts[sign("<")] > 0) | (side.has(">") > 0) | entity | rule
    )
    return found


_BRACES = np.zeros(256, bool)
_BRACES[signs("[]{}")] = True


def _header(side: Side) -> NDArray[np.bool_]:
    first = np.minimum(side.first, max(len(side.kinds) - 1, 0))
    return _HEADER[side.kinds[first]]


_HEADER = np.zeros(256, bool)
_HEADER[[*signs("#=*>|»→•·"), Kind.BULLET]] = True


def _www(side: Side) -> NDArray[np.bool_]:
    # www. needs three letters alike before a dot; looked at where there is a dot within a word
    kinds, low = side.kinds, side.low
    w = ord("w")
    places = np.flatnonzero((low[:-3] == w) & (low[1:-2] == w) & (low[2:-1] == w) & (kinds[3:] == sign(".")))
    return side.per_row(places) > 0


def _links_of(text: str) -> Counter[str]:
    return Counter(one.rstrip(".,:;!?/").lower() for one in _LINK.findall(text))


def _tags_of(text: str) -> Counter[str]:
    return Counter(_tag_name(one) for one in _TAG.findall(text))


def _tag_name(tag: str) -> str:
    """A tag without its attributes, which may be translated; other placeholders as they are."""
    name = _TAG_NAME.match(tag)
    return f"<{'/' * tag.startswith('</')}{name[1].lower()}>" if name else tag


def _agreement(m: Measures, rows: NDArray[np.bool_], items: Callable[[str], Counter[str]]) -> Numbers:
    found = np.full(len(m), np.nan, np.float32)
    for row in np.flatnonzero(rows).tolist():
        src, tgt = (items(s.texts[row]) for s in m.sides)
        total = src.total() + tgt.total()
        if total:
            found[row] = 2 * (src & tgt).total() / total
    return found


def _trail(side: Side) -> Ints:
    kinds = side.kinds
    blank = kinds == Kind.SPACE
    places = np.flatnonzero(blank[:-2] & blank[2:]) + 1  # few are left for the table
    found = side.per_row(places[_STEP[kinds[places]]])
    end, _ = side.cached("ends", ends)
    found[(side.length > _STEP_LONG * (found + 1)) | (end == STOP)] = 0
    return found


_STEP = np.zeros(256, bool)
_STEP[[*signs("»>|→•·/"), Kind.BULLET]] = True
