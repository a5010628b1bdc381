"""Rules of what both sides have in common: copies, near copies, words in Latin letters that should stand in both."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.overlap import plain
from mt.filters.rules_scripts import scripts
from mt.filters.side import Ints, Side, hashed

_NAME = 3  # letters; shorter words are units, variables and articles
_FEW = 0.5  # a share of names below which they are looked for in other spellings
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]{3,}")
# English for a name said again; not `it` and `they`, which stand in so many sentences that they say nothing
_PRONOUNS = frozenset(("we", "our", "ours", "us", "its", "their", "theirs"))


def copy(m: Measures) -> Numbers:
    """1 where both sides are equal but for case, width, white space and punctuation; NaN where either has no letter."""
    found = np.zeros(len(m), np.float32)
    src, tgt = m.src.letters, m.tgt.letters
    found[(src == 0) | (tgt == 0)] = np.nan
    # folding can change the number of letters (ﬁ, ㌔), but not by a fifth of them and two
    near = 5 * np.abs(src - tgt) <= np.maximum(src, tgt) + 10
    for row in np.flatnonzero((src > 0) & (tgt > 0) & near & _same_first(m)).tolist():
        found[row] = plain(m.src.texts[row]) == plain(m.tgt.texts[row])
    return found


def copied(m: Measures) -> Numbers:
    """Share of the different Latin words of the side that has more of them that stand on the other side too, 0 to 1; NaN below four words."""
    src, tgt, both = _distinct(m)
    return _ratio(both, np.maximum(src, tgt), 4)


def names(m: Measures) -> Numbers:
    """Share of the different Latin words (three letters or more) of the side in another script that stand on the other side, 0 to 1.

    A word stands there too where it is written in one with others (`Web`, website), apart (`NodeRED`, Node-RED), or in full (`DoS`, denial of
    service). A lone one that stands nowhere counts a half where English has a pronoun, for Japanese names again what English calls `we` or
    `its`. NaN where there is none, or where both languages are written in Latin letters.
    """
    src_latin, tgt_latin = (scripts(lang) == scripts("en") for lang in (m.src_lang, m.tgt_lang))
    if src_latin == tgt_latin:
        return np.full(len(m), np.nan, np.float32)
    src, tgt, both = _distinct(m)
    found = _ratio(both, tgt if src_latin else src, 1)
    named = m.tgt if src_latin else m.src
    long = np.bincount(named.word_row[named.word_length >= _NAME], minlength=len(m))[: len(m)] > 0
    found[long & (src == 0)] = 0  # no word at all on the other side
    other = m.src if src_latin else m.tgt
    for row in np.flatnonzero(found < _FEW).tolist():
        found[row] = _spelt(named.texts[row], other.texts[row], _PRONOUNS if other.lang == "en" else frozenset())
    return found


def _spelt(text: str, other: str, pronouns: frozenset[str]) -> float:
    """Share of the names of a text that the other has, in one with what stands beside them, apart, or in full."""
    words = [word.lower() for word in _WORD.findall(other)]
    joined, initials = "".join(words), "".join(word[0] for word in words)
    names = {name.lower(): name for name in _LATIN.findall(text)}
    there = 0
    for name, written in names.items():
        stem = name[:-1] if len(name) > _NAME and name.endswith("s") else name
        there += stem in joined or (sum(map(str.isupper, written)) >= 2 and name in initials)
    if len(names) == 1 and not there and not pronouns.isdisjoint(words):
        return _FEW
    return there / len(names) if names else 0.0


def _same_first(m: Measures) -> NDArray[np.bool_]:
    """Whether the number of Latin letters of both sides is about the same: copies pass, translations into another script do not."""
    src, tgt = (s.count(Kind.LOWER, Kind.UPPER, Kind.LATIN) for s in m.sides)
    found: NDArray[np.bool_] = (np.abs(src - tgt) <= 2) | (np.minimum(src, tgt) * 2 >= np.maximum(src, tgt))
    return found


def _ratio(part: Ints, whole: Ints, least: int) -> Numbers:
    found = part.astype(np.float32) / np.maximum(whole, 1).astype(np.float32)
    return np.where(whole >= least, found, np.float32(np.nan))


def _distinct(m: Measures) -> tuple[Ints, Ints, Ints]:
    """Different words of each side, and of both, in each row; 0 where either side has none."""
    return m.cached("distinct", _count_distinct)


def _count_distinct(m: Measures) -> tuple[Ints, Ints, Ints]:
    """Rows where a side has no word are left at 0, which spares most words of languages in different scripts the sorting."""
    rows = len(m)
    src, tgt = _keys(m.src), _keys(m.tgt)
    has = [np.bincount((keys >> _ROW).astype(np.int64), minlength=rows)[:rows] > 0 for keys in (src, tgt)]
    both = has[0] & has[1]
    src, tgt = (np.unique(keys[both[(keys >> _ROW).astype(np.int64)]]) for keys in (src, tgt))
    shared = np.intersect1d(src, tgt, assume_unique=True)
    counted = [np.bincount((keys >> _ROW).astype(np.int64), minlength=rows)[:rows] for keys in (src, tgt, shared)]
    return counted[0], counted[1], counted[2]


_ROW = np.uint64(32)


def _keys(side: Side) -> NDArray[np.uint64]:
    """Words of `_NAME` letters or more: row in the upper half, the word's number in the lower; a final s is left off, for ABC and ABCs are one."""
    long = np.flatnonzero(side.word_length >= _NAME)
    length, prefix = side.word_length[long], side.word_prefix[long]
    last = side.low[side.word_at[long] + length - 1] == ord("s")
    length = length - (last & (length > _NAME))
    found: NDArray[np.uint64] = (side.word_row[long].astype(np.uint64) << _ROW) | (hashed(prefix, length) >> _ROW)
    return found
