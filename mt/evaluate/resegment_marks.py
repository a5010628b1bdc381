"""How much a place in a text looks like one where a segment ends: by the mark before it and the word behind it, counted in the reference itself.

A reference of news ends its segments behind full stops and before capitals, one of subtitles anywhere: the log-odds are taken from its own
segments, so nothing is fitted to any one kind of text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np

from mt.evaluate.resegment_bags import UNSPACED, Floats, Ints, tokens
from mt.text import en, ja
from mt.text.tokens import Span

_CLAUSE = re.compile(r"[,;:、，；：—–|-][\"'”’»)\]」』）]*\s*\Z|[\"”»)\]」』）]\s*\Z")
# never begins a part, in languages without blanks
_CLINGS = re.compile(r"[\s、。，．！？!?…」』）)\]ー]")
_SCALE = 0.3  # matched words for each unit of log-odds
_SMOOTH = 0.5

Kind = tuple[str, str]


def sentences(text: str, lang: str) -> list[Span]:
    """Spans of the sentences of a text, by the rules of its language; English rules where there are no own ones."""
    return ja.split(text) if lang == "ja" else en.split(text)


def join(texts: Sequence[str], lang: str) -> str:
    """Texts as one, without outer white space, a blank between them where the language has blanks.

    Example:
        >>> join(["a ", "", "b"], "en"), join(["猫。", "犬。"], "ja")
        ('a b', '猫。犬。')
    """
    return ("" if lang in UNSPACED else " ").join(kept for text in texts if (kept := text.strip()))


class Marks:
    """What places are worth, in matched words.

    Example:
        >>> marks = Marks(["He came home.", "Then, in 2020, he left.", "Nobody saw him."])
        >>> places, worth = marks.places("It rained. Then it snowed, said the man.")
        >>> places.tolist(), places[worth.argmax()].item()  # the words behind a blank; the best is "Then"
        ([0, 1, 3, 4, 5, 7, 8, 9, 11], 3)
    """

    def __init__(self, segments: Sequence[str], lang: str = "en") -> None:
        """`segments` of the reference, in order."""
        self.lang = lang
        self._lower = {word for segment in segments for word in segment.split() if word.islower()}
        text, ends, at = join(segments, lang), set(), 0
        gap = 0 if lang in UNSPACED else 1
        for segment in segments:
            if kept := segment.strip():
                at += len(kept) + gap
                ends.add(at)
        spans = tokens(text, lang).spans
        every: Counter[Kind] = Counter()
        ending: Counter[Kind] = Counter()
        for place, kind in self._kinds(text, spans):
            every[kind] += 1
            ending[kind] += spans[place][0] in ends
        self._base = _odds(sum(ending.values()), sum(every.values()))
        self._odds = {kind: _odds(ending[kind], count) for kind, count in every.items()}

    def places(self, text: str) -> tuple[Ints, Floats]:
        """Places where the text may be cut, as numbers of the word behind them, and what each is worth, at least 0; both ends are worth nothing."""
        spans = tokens(text, self.lang).spans
        found = [(0, 0.0)]
        for place, kind in self._kinds(text, spans):
            found.append((place, max(0.0, _SCALE * (self._odds.get(kind, self._base) - _FLOOR))))
        found.append((len(spans), 0.0))
        places, worth = zip(*dict(found).items(), strict=True)
        return np.array(places, np.int64), np.array(worth, np.float64)

    def _kinds(self, text: str, spans: Sequence[Span]) -> list[tuple[int, Kind]]:
        """Inner places that may be cut, with what stands before and behind."""
        ends = {b for _, b in sentences(text, self.lang)}
        found = []
        for place in range(1, len(spans)):
            start, before = spans[place][0], spans[place - 1][1]
            if start > before or (self.lang in UNSPACED and not _CLINGS.match(text, start)):
                found.append((place, (self._before(text, before, ends), self._behind(text, start))))
        return found

    def _before(self, text: str, end: int, ends: set[int]) -> str:
        if end in ends:
            return "sentence"
        return "clause" if _CLAUSE.search(text, max(0, end - 3), end) else ""

    def _behind(self, text: str, start: int) -> str:
        char = text[start]
        if char.islower():
            return "lower"
        if char.isupper():
            word = re.compile(r"\w+").match(text, start)
            return "common" if word is not None and word[0].lower() in self._lower else "name"
        return "digit" if char.isdigit() else "other"


# log-odds of a place with nothing to say for it: one in three thousand words
_FLOOR = log(1 / 3000)


def _odds(ending: int, every: int) -> float:
    return log((ending + _SMOOTH) / (every - ending + _SMOOTH)) if every else _FLOOR
