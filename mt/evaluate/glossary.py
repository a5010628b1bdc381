"""Terms that have a translation: where they stand in the source, and whether each system used it.

The longest term wins where several begin at one place, from left to right (東京都庁 before 東京都). Katakana terms are not found within longer
katakana words, Latin ones not within longer words. On the other side case, blanks and hyphens do not matter, and a plural or possessive ending
may follow; anything else is a miss, be it a good translation or not: a glossary is an instruction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mt.errors import InputError
from mt.evaluate.accuracy import REFERENCE, wilson
from mt.evaluate.testset import System, TestSet
from mt.text.normalize import normalize

MISSES = 20  # segments kept a term
_LATIN = re.compile(r"[A-Za-z0-9\u00c0-\u024f]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc-\u30fe]")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the source and its translations, any of which will do; none of them empty."""

    src: str
    tgt: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermScore:
    """One term, one system.

    Attributes:
        src: the term.
        tgt: its translations.
        wanted: times it stands in the source.
        hits: times that one of the translations stands in the same segment, at most as often as the term.
        misses: the first segments, from 1, with fewer translations than terms.
    """

    src: str
    tgt: tuple[str, ...]
    wanted: int
    hits: int
    misses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GlossaryScore:
    """All terms, one system; `(reference)` is the first reference.

    Attributes:
        system: its name.
        wanted: terms in the source, each time counted.
        hits: translated as the glossary says.
        share: hits of wanted, percent; None where no term was found.
        low: lower end of its 95 % interval (Wilson 1927).
        high: upper end.
        terms: those that stand in the source, most misses first.
    """

    system: str
    wanted: int
    hits: int
    share: float | None
    low: float | None
    high: float | None
    terms: tuple[TermScore, ...]


def terms(rows: Iterable[tuple[str, str]], name: str = "glossary") -> tuple[Term, ...]:
    """Terms of rows; a term in several rows has several translations, and `|` parts translations in one.

    Args:
        rows: (source term, translations), both stripped of blanks here.
        name: of the file, for errors.

    Raises:
        InputError: for a row with an empty side, or no row at all.

    Example:
        >>> terms([("首相", "prime minister|PM"), ("首相", "premier")])
        (Term(src='首相', tgt=('prime minister', 'PM', 'premier')),)
    """
    found: dict[str, list[str]] = {}
    for number, (src, tgt) in enumerate(rows, 1):
        key, ways = normalize(src).strip(), [way.strip() for way in tgt.split("|") if way.strip()]
        if not key or not ways:
            raise InputError(name, "a term and its translation", "an empty one", line=number)
        found.setdefault(key, []).extend(ways)
    if not found:
        raise InputError(name, "at least one term", "none")
    return tuple(Term(src, tuple(dict.fromkeys(ways))) for src, ways in found.items())


class Finder:
    """Finds the terms of a source text.

    Example:
        >>> finder = Finder(terms([("東京", "Tokyo"), ("東京都", "Tokyo Metropolis"), ("リー", "Lee")]))
        >>> [t.src for t in finder("東京都と東京、リーダー")]
        ['東京都', '東京']
    """

    def __init__(self, given: Iterable[Term]) -> None:
        self._by_start: dict[str, list[Term]] = {}
        for term in sorted(given, key=lambda t: (-len(t.src), t.src)):
            self._by_start.setdefault(term.src[0].lower(), []).append(term)

    def __call__(self, text: str) -> list[Term]:
        """The terms from left to right, the longest first where several begin, none overlapping."""
        text = normalize(text)
        low, found, at = text.lower(), [], 0
        if len(low) != len(text):  # a letter whose small form is two: then case matters
            low = text
        while at < len(text):
            for term in self._by_start.get(low[at], ()):
                end = at + len(term.src)
                if low.startswith((term.src, term.src.lower()), at) and _alone(text, at, end):
                    found.append(term)
                    at = end - 1
                    break
            at += 1
        return found


def glossary(test: TestSet, systems: Sequence[System], given: Sequence[Term]) -> tuple[GlossaryScore, ...]:
    """How the reference and each system keep to a glossary; nothing without a source.

    Example:
        >>> t = TestSet((("The long-term loan.",),), src=("長期の貸付。",))
        >>> found = glossary(t, [System("A", ("A long run loan.",))], terms([("長期", "long term"), ("貸付", "loan")]))
        >>> [(g.system, g.hits, g.wanted, [(x.src, x.misses) for x in g.terms]) for g in found]
        [('(reference)', 2, 2, [('貸付', ()), ('長期', ())]), ('A', 1, 2, [('長期', (1,)), ('貸付', ())])]
    """
    if test.src is None:
        return ()
    finder = Finder(given)
    here: list[list[tuple[Term, int]]] = []
    for text in test.src:
        counts: dict[Term, int] = {}
        for term in finder(text):
            counts[term] = counts.get(term, 0) + 1
        here.append(list(counts.items()))
    patterns = {term: _pattern(term.tgt) for row in here for term, _ in row}
    return tuple(_scored(system, here, patterns) for system in (System(REFERENCE, test.references[0]), *systems))


def _scored(
    system: System, here: Sequence[Sequence[tuple[Term, int]]], patterns: dict[Term, re.Pattern[str]]
) -> GlossaryScore:
    wanted: dict[Term, int] = dict.fromkeys(patterns, 0)
    hits = dict(wanted)
    misses: dict[Term, list[int]] = {term: [] for term in patterns}
    for n, (text, row) in enumerate(zip(system.hypotheses, here, strict=True), 1):
        for term, count in row:
            used = min(count, len(patterns[term].findall(text)))
            wanted[term] += count
            hits[term] += used
            if used < count:
                misses[term].append(n)
    each = [TermScore(t.src, t.tgt, wanted[t], hits[t], tuple(misses[t][:MISSES])) for t in patterns]
    each.sort(key=lambda t: (t.hits - t.wanted, t.src))
    total, kept = sum(wanted.values()), sum(hits.values())
    low, high = wilson(kept, total) or (None, None)
    return GlossaryScore(system.name, total, kept, 100 * kept / total if total else None, low, high, tuple(each))


def _alone(text: str, start: int, end: int) -> bool:
    for script in (_LATIN, _KATAKANA):
        if start and script.match(text[start]) and script.match(text[start - 1]):
            return False
        if end < len(text) and script.match(text[end - 1]) and script.match(text[end]):
            return False
    return True


def _pattern(ways: Sequence[str]) -> re.Pattern[str]:
    spelled = ["[-\\s]+".join(map(re.escape, re.split(r"[-\s]+", way))) for way in sorted(ways, key=lambda w: -len(w))]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?:e?s|['’]s?)?(?!\w)", re.IGNORECASE)
