"""A text and the words it is cut into, as spans of characters: what word alignment counts in.

A link between words is only worth something together with the words it counts, so the cut stays with its text, and links found on one cut are
carried over to another by the characters both cover.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

_GIVEN = re.compile(r"\S+")
# `'s` is a word of its own, as Penn Treebank, KyTea's companion texts and awesome-align's have it; digits stay together with their marks
_WORDS = re.compile(r"['’]s\b|\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|_")
# a Latin word or a number counts as one character
_CHARACTERS = re.compile(r"[A-Za-z]+|[0-9]+|\S")
# no blank stands between the words of these scripts: kana, Han, and their marks
_UNSPACED = re.compile("[\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]")
_CUT = re.compile(f"(?<={_UNSPACED.pattern}) +(?=\\S)|(?<=\\S) +(?={_UNSPACED.pattern})")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text and the spans of its words.

    Attributes:
        text: untouched.
        spans: half-open spans of characters, ascending, at least one character each, none overlapping.

    Example:
        >>> given("猫 が いる").words
        ('猫', 'が', 'いる')
    """

    text: str
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        """Raises ValueError for spans that are empty, overlap, do not ascend or leave the text."""
        if any(a >= b for a, b in self.spans) or any(x[1] > y[0] for x, y in pairwise(self.spans)):
            raise ValueError("tokens: expected ascending spans of at least one character")
        if self.spans and not (self.spans[0][0] >= 0 and self.spans[-1][1] <= len(self.text)):
            raise ValueError(f"tokens: expected spans within {len(self.text)} characters, found {self.spans[-1]}")

    def __len__(self) -> int:
        """Number of words."""
        return len(self.spans)

    @property
    def words(self) -> tuple[str, ...]:
        """The words as they stand in the text."""
        return tuple(self.text[a:b] for a, b in self.spans)


def given(text: str) -> Tokens:
    """What white space parts, nothing else: text that is cut already.

    Example:
        >>> given(" で あ る 。").spans
        ((1, 2), (3, 4), (5, 6), (7, 8))
    """
    return _found(_GIVEN, text)


def words(text: str) -> Tokens:
    """Words and marks of a language written with blanks.

    Example:
        >>> words("Muromachi's 1,200 shogun(s).").words
        ('Muromachi', "'s", '1,200', 'shogun', '(', 's', ')', '.')
    """
    return _found(_WORDS, text)


def characters(text: str) -> Tokens:
    """Characters, but Latin words and numbers whole.

    Example:
        >>> characters("NATOは32か国。").words
        ('NATO', 'は', '32', 'か', '国', '。')
    """
    return _found(_CHARACTERS, text)


def _found(pattern: re.Pattern[str], text: str) -> Tokens:
    return Tokens(text, tuple(m.span() for m in pattern.finditer(text)))


def is_cut(texts: Sequence[str]) -> bool:
    """True where blanks part the words of a script that is written without them: more than one in six of the characters are followed by one.

    Example:
        >>> is_cut(["猫 が いる 。"]), is_cut(["猫がいる。 犬もいる。"]), is_cut(["There is a cat."])
        (True, False, False)
    """
    unspaced = sum(len(_UNSPACED.findall(text)) for text in texts)
    return unspaced > 0 and 6 * sum(len(_CUT.findall(text)) for text in texts) > unspaced


def through_blanks(text: str, cut: Callable[[str], Tokens]) -> Tokens:
    """The words of a text whose blanks beside Japanese are of no meaning, cut as if they were not there; spans are those of the text as it stands.

    Example:
        >>> through_blanks("で あ る NATO", lambda bare: Tokens(bare, ((0, 1), (1, 3), (3, 7)))).words
        ('で', 'あ る', 'NATO')
    """
    gone = {place for m in _CUT.finditer(text) for place in range(*m.span())}
    if not gone:
        return Tokens(text, cut(text).spans)
    kept = [place for place in range(len(text)) if place not in gone]
    bare = cut("".join(text[place] for place in kept))
    return Tokens(text, tuple((kept[a], kept[b - 1] + 1) for a, b in bare.spans))


def overlaps(cut: Sequence[Span], other: Sequence[Span]) -> list[range]:
    """For each span, the numbers of those spans of another cut of the same text that share a character with it.

    Example:
        >>> overlaps(((0, 1), (1, 4)), ((0, 2), (2, 4), (5, 6)))
        [range(0, 1), range(0, 2)]
    """
    found, first = [], 0
    for start, end in cut:
        while first < len(other) and other[first][1] <= start:
            first += 1
        last = first
        while last < len(other) and other[last][0] < end:
            last += 1
        found.append(range(first, last))
    return found
