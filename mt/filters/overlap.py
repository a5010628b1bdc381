"""Does a pair repeat a test set? A model trained on its test looks better than it is, so training refuses such sources.

Exact: equal after NFKC, case folding and dropping everything that is no letter, digit, point within a number or minus before one. Near: a
share of the test segment's character 5-grams stands in the text. That is found exactly and without comparing all with all by prefix
filtering (Chaudhuri et al. 2006; Bayardo et al. 2007): a text that holds 80 % of a segment's n grams holds at least one of any ⌊0.2 n⌋ + 1
of them, so only the rarest so many are indexed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal

Kind = Literal["exact", "near"]

_NO_WORD = re.compile(r"[\W_]+")
# What makes another number of the same digits: a point or comma within it, a minus before it. A hyphen behind a letter or digit is none, but
# Japanese sets no blank before a minus.
_NARROW = "[^\\W_\u2e80-\U0010ffff]"
SIGN = re.compile(rf"(?<=[0-9])[.,](?=[0-9])|(?:(?<!{_NARROW})-|\u2212)(?=[0-9])")
_MAYBE_SIGN = re.compile(r"[.,\u2212-][0-9]")  # found ten times as quickly
_NO_WORD_NO_SIGN = re.compile(rf"(?:(?!{SIGN.pattern})[\W_])+")
MINUS = "\u2212"
_GRAM = 5
_SHORT = (
    12  # characters; shorter segments ("はい。", "Thank you.") are everybody's, and count only where both sides agree
)
_WHOLE = (
    24  # characters; a shorter segment within a longer text is a phrase, not a copy, so for it the two must be alike
)


class Guard:
    """Named test sets, asked about one pair at a time. Memory grows with the test sets only.

    Example:
        >>> guard = Guard({"wmt": [("猫は三匹の犬と一緒に広い庭で遊んでいる。", "The cat is playing with three dogs in the large garden.")]})
        >>> guard.find("別の文。", "the cat is playing with three dogs in the large garden")
        ('wmt', 'exact')
        >>> guard.find("猫は三匹の犬と一緒に広い庭で遊んでいた。", "Cats.")
        ('wmt', 'near')
        >>> guard.find("犬がいる。", "There is a dog.") is None
        True
    """

    def __init__(self, sets: Mapping[str, Iterable[tuple[str, str]]], *, near: float = 0.8) -> None:
        """`near` is the share of 5-grams from which on a text is a near copy, 0.3 to 1."""
        self._near = near
        self._exact: dict[str, str] = {}
        self._pairs: dict[tuple[str, str], str] = {}
        self._segments: list[tuple[str, frozenset[str], int]] = []
        for name, pairs in sets.items():
            for pair in pairs:
                self._add(name, plain(pair[0]), plain(pair[1]))

    @cached_property
    def _index(self) -> Mapping[str, list[int]]:
        """The rarest grams of every segment → its number; made when first asked for, since who looks for exact copies needs none of it."""
        seen = Counter(gram for _, grams, _ in self._segments for gram in grams)
        index: dict[str, list[int]] = {}
        for number, (_, grams, _) in enumerate(self._segments):
            # the rarest grams first; the gram itself settles ties, so that the index does not depend on the order of a set
            ordered = sorted(grams, key=lambda gram: (seen[gram], gram))
            for gram in ordered[: int((1 - self._near) * len(grams) + 1e-9) + 1]:
                index.setdefault(gram, []).append(number)
        return index

    def find(self, src: str, tgt: str) -> tuple[str, Kind] | None:
        """The test set a pair overlaps and how closely, with either side; None where it overlaps none."""
        sides = plain(src), plain(tgt)
        if (name := self._pairs.get(sides)) is not None:
            return name, "exact"
        for side in sides:
            if (name := self._exact.get(side)) is not None:
                return name, "exact"
        for side in sides:
            if (name := self._close(side)) is not None:
                return name, "near"
        return None

    @property
    def pairs(self) -> Iterable[tuple[str, str]]:
        """The folded pairs it knows."""
        return self._pairs

    @property
    def segments(self) -> Iterable[str]:
        """The folded segments it knows, in the order it asks for them."""
        return self._exact

    def _add(self, name: str, src: str, tgt: str) -> None:
        if src and tgt:
            self._pairs.setdefault((src, tgt), name)
        for side in (src, tgt):
            if _columns(side) >= _SHORT and side not in self._exact:
                self._exact[side] = name
                self._segments.append((name, _grams(side), _columns(side)))

    def nearest(self, text: str, numbers: Iterable[int]) -> str | None:
        """The test set of the first of some segments, by their number in `segments`, that a folded text is a near copy of; None if of none."""
        return self._nearest(_grams(text), numbers)

    def _close(self, text: str) -> str | None:
        grams = _grams(text)
        return self._nearest(
            grams, sorted({number for gram in grams & self._index.keys() for number in self._index[gram]})
        )

    def _nearest(self, grams: frozenset[str], numbers: Iterable[int]) -> str | None:
        for number in numbers:
            name, own, length = self._segments[number]
            shared = len(grams & own)
            # share of the segment that stands in the text; for a short one, of all grams of both
            if shared / len(own if length >= _WHOLE else grams | own) >= self._near:
                return name
        return None


def plain(text: str) -> str:
    """A text without anything that may differ between two copies of it: letters and digits only, folded, and the signs of numbers.

    Example:
        >>> plain("「ＡＢＣ」は、 3％ 増！"), plain("GPT-4: 3.5% or -5.")
        ('abcは3増', 'gpt43.5or−5')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not unicodedata.is_normalized("NFKC", folded):  # folding can take a few letters apart again
        folded = unicodedata.normalize("NFKC", folded)
    if _MAYBE_SIGN.search(folded) is None:
        return _NO_WORD.sub("", folded)
    return _NO_WORD_NO_SIGN.sub("", folded).replace(
        "-", MINUS
    )  # so that a minus stays one behind whatever letter comes before it now


def _columns(text: str) -> int:
    return len(text) + sum(map("\x7f".__lt__, text))


def _grams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + _GRAM] for i in range(len(text) - _GRAM + 1))
