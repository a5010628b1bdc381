"""How often a system has seen a word: counts of its training text, and how rare the rarest word of a segment is by them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from mt.errors import InputError

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
BORDERS = (1, 10, 100, 1000)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Counts of lower-cased words of a language written with blanks.

    Attributes:
        counts: of each word; what is not there was never seen.
        name: what was counted, for the reader.
        least: words counted more rarely are not in `counts`; 1 = all are.

    Raises:
        InputError: where nothing was counted.

    Example:
        >>> f = Frequencies({"the": 1200, "cat": 12}, "two files")
        >>> f.rarest("The CAT sat, the cat."), f.rarest("The cat 3!"), f.rarest("…")
        ('never seen', '10–99 times', None)
        >>> Frequencies({"the": 1200, "cat": 12}, "two files", least=3).labels[:2]
        ('seen fewer than 3 times', 'seen 3–9 times')
    """

    counts: Mapping[str, int]
    name: str
    least: int = 1

    def __post_init__(self) -> None:
        if not self.counts:
            raise InputError(self.name, "at least one word", "none")

    @property
    def labels(self) -> tuple[str, ...]:
        """The bands, rarest first."""
        return _bands(self.least)[1]

    def label(self, word: str) -> str:
        """The band of one word, whatever its case."""
        return self._band(self.counts.get(word.lower(), 0))

    def rarest(self, text: str) -> str | None:
        """The band of the rarest word; None for a text without words."""
        found = [self.counts.get(word.lower(), 0) for word in words(text)]
        return self._band(min(found)) if found else None

    def _band(self, count: int) -> str:
        borders, labels = _bands(self.least)
        return labels[bisect_right(borders, count)]


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


@lru_cache
def _bands(least: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The counts at which bands begin but for the first, and all bands' names."""
    borders = (least, *(border for border in BORDERS if border > least))
    rarest = "never seen" if least == 1 else f"seen fewer than {least:,} times"
    spans = [f"{low:,}–{high - 1:,} times" for low, high in pairwise(borders)]
    labels = [*spans, f"{borders[-1]:,} times and more"]
    return borders, (rarest, f"seen {labels[0]}", *labels[1:])


LABELS = _bands(1)[1]
