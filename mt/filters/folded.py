"""Texts of a block without anything that may differ between two copies: what `overlap.plain` gives, as numbers and for all texts at once.

A character that folds by itself goes through a table; texts with characters that join or come apart (combining marks, ligatures, what stands
beyond the first plane of Unicode) are folded one by one. Both ways give what `plain` gives; a test holds every character against it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.filters.overlap import MINUS, SIGN

GRAM = 5  # letters, as in `overlap.Guard`

_ROWS = 500  # folded together: the arrays of so many rows stay in a cache of a megabyte, which is twice as quick as a whole block
_PLANE = 0x10000  # characters of Unicode's first plane; the table has one entry more, for all beyond
# in the table, beside letters: signs that belong to a number where a digit is beside them, and characters that are not folded by themselves
_SIGNS = {".": 0xFFFFFFF0, ",": 0xFFFFFFF1, "-": 0xFFFFFFF2, MINUS: 0xFFFFFFF3}
_APART = np.uint32(0xFFFFFFFF)
_POINT, _COMMA, _HYPHEN, _MINUS = (np.uint32(code) for code in _SIGNS.values())
_WIDE = np.uint32(0x2E80)  # letters from here on are of scripts that set no blank before a minus
_ZERO, _NINE = np.uint32(ord("0")), np.uint32(ord("9"))
_BASE = np.uint32(0x9E3779B1)  # an odd number near 2³² / golden ratio: Knuth's multiplicative hash


class Folded:
    """Letters and digits of texts, folded, one text after another; with the point within a number and the minus before it.

    Attributes:
        letters: uint32 code points of all texts, never 0.
        opens: whether a letter begins a word: the character before it in the text is none of these.
        starts: int64, one more than there are texts; text `i` is `letters[starts[i]:starts[i + 1]]`.

    Example:
        >>> folded = Folded(["「ＡＢＣ」は、 3％ 増！", "!"])
        >>> folded.text(0), folded.text(1), folded.opens.tolist()
        ('abcは3増', '', [True, False, False, True, True, True])
    """

    def __init__(self, texts: Sequence[str]) -> None:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        raw = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        mapped: NDArray[np.uint32] = _table().take(raw, mode="clip")
        odd = np.flatnonzero(mapped >= _POINT)
        apart = odd[mapped.take(odd) == _APART]
        if len(apart):
            numbers = np.unique(np.searchsorted(np.cumsum(lengths), apart, "right"))
            mapped, lengths = _spliced(texts, mapped, lengths, numbers)
            odd = np.flatnonzero(mapped >= _POINT)
        if len(odd):
            _settle(mapped, odd, lengths)
        kept = mapped != 0
        borders = _starts(lengths)
        after_none = np.ones(len(kept) + 1, bool)
        np.logical_not(kept, out=after_none[1:])
        after_none[borders] = True
        at = np.flatnonzero(kept)
        self.letters: NDArray[np.uint32] = mapped.take(at)
        self.opens: NDArray[np.bool_] = after_none.take(at)
        self.starts: NDArray[np.int64] = np.searchsorted(at, borders)

    @classmethod
    def already(cls, texts: Sequence[str]) -> Folded:
        """Texts that `overlap.plain` made: taken as they are, each one word."""
        folded = cls([])
        folded.letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        folded.starts = _starts(np.fromiter(map(len, texts), np.int64, len(texts)))
        folded.opens = np.zeros(len(folded.letters), bool)
        folded.opens[folded.starts[:-1][folded.lengths > 0]] = True
        return folded

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Letters of each text."""
        return np.diff(self.starts)

    def text(self, number: int) -> str:
        """One text as a string."""
        return (
            self.letters[self.starts[number] : self.starts[number + 1]].tobytes().decode("utf-32-le", "surrogatepass")
        )

    @cached_property
    def grams(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """A 32-bit hash of every 5-gram of letters, text by text, and where each text's begin (one more than there are texts).

        A text of one to four letters has one gram, itself. Two different grams have the same hash once in 2³².
        """
        return _grams(self.letters, self.starts)


def fold(block: Block) -> list[Folded]:
    """Both sides of a block's rows, 500 rows at a time: text 2 i of a part is the source of its row i, text 2 i + 1 the target.

    Example:
        >>> [part] = fold(Block.of([("a:1", "猫。", "Cat."), ("a:2", "犬。", "Dog.")]))
        >>> [part.text(number) for number in range(4)]
        ['猫', 'cat', '犬', 'dog']
    """
    parts = []
    for at in range(0, len(block), _ROWS):
        src, tgt = block.src[at : at + _ROWS], block.tgt[at : at + _ROWS]
        texts = [""] * (2 * len(src))
        texts[0::2], texts[1::2] = src, tgt
        parts.append(Folded(texts))
    return parts


def mixed(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Numbers scattered over all 32 bits, one to one, in place: the end of MurmurHash3 (Appleby 2011, public domain)."""
    numbers ^= numbers >> np.uint32(16)
    numbers *= np.uint32(0x85EBCA6B)
    numbers ^= numbers >> np.uint32(13)
    numbers *= np.uint32(0xC2B2AE35)
    numbers ^= numbers >> np.uint32(16)
    return numbers


def _grams(letters: NDArray[np.uint32], starts: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    lengths = np.diff(starts)
    counts = np.where(lengths >= GRAM, lengths - (GRAM - 1), np.minimum(lengths, 1))
    at = _starts(counts)
    padded = np.concatenate([letters, np.zeros(GRAM, np.uint32)])
    powers = [np.uint32(pow(int(_BASE), j, 1 << 32)) for j in range(GRAM)]
    # Σ letter[i + j] · base^j for j = 0 … 4, by doubling: 2, then 4, then 5 letters
    two = padded[:-1] + padded[1:] * powers[1]
    four = two[:-2] + two[2:] * powers[2]
    five = four[: len(letters)] + padded[4 : 4 + len(letters)] * powers[4]
    whole = np.ones(len(letters), bool)
    for j in range(1, GRAM):  # the last four places of a text begin no gram
        ends = starts[1:] - j
        whole[ends[ends >= starts[:-1]]] = False
    short = np.flatnonzero((lengths > 0) & (lengths < GRAM))
    first = starts[short]
    whole[first] = True
    value = np.zeros(len(short), np.uint32)
    for j in range(GRAM - 1):
        value += np.where(j < lengths[short], padded[first + j], np.uint32(0)) * powers[j]
    five[first] = value
    return mixed(five[whole]), at


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def _spliced(
    texts: Sequence[str], mapped: NDArray[np.uint32], lengths: NDArray[np.int64], numbers: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The mapped characters with some texts folded one by one instead."""
    ends = np.cumsum(lengths)
    pieces: list[NDArray[Any]] = []
    lengths = lengths.copy()
    done = 0
    for number in numbers.tolist():
        end = int(ends[number])
        folded = _fold(texts[number])
        codes = [ord(c) if c.isalnum() else 0 for c in folded]
        for sign in SIGN.finditer(folded):
            codes[sign.start()] = ord(sign[0] if sign[0] in ".," else MINUS)
        pieces += [mapped[done : end - int(lengths[number])], np.array(codes, np.uint32)]
        lengths[number] = len(codes)
        done = end
    return np.concatenate([*pieces, mapped[done:]]), lengths


def _settle(mapped: NDArray[np.uint32], at: NDArray[np.int64], lengths: NDArray[np.int64]) -> None:
    """Write signs at their places, those of no number as 0."""
    signs = mapped.take(at)
    mapped[at] = 0
    behind = mapped.take(at + 1, mode="clip")
    few = np.flatnonzero((behind >= _ZERO) & (behind <= _NINE))
    at, signs, ends = at.take(few), signs.take(few), np.cumsum(lengths)
    text = np.searchsorted(ends, at, "right")
    end = ends.take(text)
    before = np.where(at > end - lengths.take(text), mapped.take(at - 1, mode="clip"), np.uint32(0))
    point = (signs <= _COMMA) & (before >= _ZERO) & (before <= _NINE)
    minus = (signs == _MINUS) | (signs == _HYPHEN) & ((before == 0) | (before >= _WIDE))
    kept = (at + 1 < end) & np.where(signs <= _COMMA, point, minus)
    mapped[at] = np.where(kept, _WRITTEN.take(signs - _POINT), np.uint32(0))


_WRITTEN = np.array([ord("."), ord(","), ord(MINUS), ord(MINUS)], np.uint32)


def _fold(text: str) -> str:
    """NFKC and case folded: `overlap.plain` before it drops what is no letter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Character → its folded letter; 0 where nothing of it is left, one of `_SIGNS`, `_APART` where its neighbours matter or it becomes several.

    Takes 0.1 s.
    """
    joining = _joining()
    table = np.zeros(_PLANE + 1, np.uint32)
    table[_PLANE] = _APART
    for code in range(_PLANE):
        char = chr(code)
        first = unicodedata.normalize("NFKC", char)
        folded = _fold(char)
        if any(c in joining or unicodedata.combining(c) for c in char + first + first.casefold() + folded):
            table[code] = _APART
            continue
        letters = [c for c in folded if c.isalnum()]
        if len(letters) == len(folded) == 1:
            table[code] = ord(letters[0])
        elif letters or (len(folded) > 1 and any(sign in folded for sign in _SIGNS)):
            table[code] = _APART
        else:
            table[code] = _SIGNS.get(folded, 0)
    return table


def _joining() -> frozenset[str]:
    """Characters that may join the one before them when a text is composed."""
    found = {chr(code) for code in range(0x1100, 0x1200)}  # Hangul letters, which join by rule and not by table
    for code in range(_PLANE):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(chr(int(parts[1], 16)))
    return frozenset(found)
