"""How often a system has seen a word: counts of its training text, and how rare the rarest word of a segment is by them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mt.errors import InputError

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
BORDERS = (1, 10, 100, 1000)
LABELS = ("never seen", "seen 1–9 times", "10–99 times", "100–999 times", "1,000 times and more")


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Counts of lower-cased words of a language written with blanks.

    Attributes:
        counts: of each word; what is not there was never seen.
        name: what was counted, for the reader.

    Raises:
        InputError: where nothing was counted.

    Example:
        >>> f = Frequencies({"the": 1200, "cat": 12}, "two files")
        >>> f.rarest("The CAT sat, the cat."), f.rarest("The cat 3!"), f.rarest("…")
        ('never seen', '10–99 times', None)
    """

    counts: Mapping[str, int]
    name: str

    def __post_init__(self) -> None:
        if not self.counts:
            raise InputError(self.name, "at least one word", "none")

    def label(self, word: str) -> str:
        """The band of one word, whatever its case."""
        return LABELS[bisect_right(BORDERS, self.counts.get(word.lower(), 0))]

    def rarest(self, text: str) -> str | None:
        """The band of the rarest word; None for a text without words."""
        found = [self.counts.get(word.lower(), 0) for word in words(text)]
        return LABELS[bisect_right(BORDERS, min(found))] if found else None


def words(text: str) -> list[str]:
    """Words of letters, joined by apostrophes and hyphens; numbers and marks are left out.

    Example:
        >>> words("It's the well-known G7, 2021.")
        ["It's", 'the', 'well-known', 'G']
    """
    return _WORD.findall(text)


def count(texts: Iterable[str], name: str) -> Frequencies:
    """Count the words of texts.

    Example:
        >>> count(["A cat.", "a dog"], "x").counts["a"]
        2
    """
    found: Counter[str] = Counter()
    for text in texts:
        found.update(words(text.lower()))
    return Frequencies(found, name)
