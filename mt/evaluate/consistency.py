"""Whether a document calls one thing by one name: terms that come back, and how many renderings each has.

There are no word links here. The rendering of a term in a document is looked for among the words of the translation: the word or pair of words
that stands in most segments with the term, in few without it, and in few documents without it. Segments that have it are rendered alike; among
the rest the next is looked for, until nothing is left but segments that share nothing. So a term counts as consistent as far as its segments
share something of their own, and the reference, measured likewise, says how consistent people are by this measure.

Terms: katakana words of three characters and more, names in Latin script, kanji with a title behind (田中選手), and the terms of a glossary, in
at least two segments of one document.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern

from mt.evaluate.accuracy import REFERENCE
from mt.evaluate.testset import System, TestSet
from mt.text import tokens
from mt.text.latin import names

LEAST = 2  # segments of one document that have the term
SHOWN = 20
_OUTSIDE = 0.25  # share of a document's other segments that may have the rendering too
_ELSEWHERE = 0.2  # share of the documents without the term that may have it; a word in more of them is no name
_DOCUMENTS = 10  # from which on this can be told
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{3,}(?:[・=＝][\u30a1-\u30fa\u30fc]{2,})*")
_TITLED = re.compile(
    "([\u3400-\u4dbf\u4e00-\u9fff々]{2,4})(?:氏|さん|選手|監督|投手|大統領|首相|議員|長官|大臣|教授|容疑者|被告)"
)
_COMMON_WORDS = (
    "a an the of in on at to for from by with and or but as is are was were be been has have had it its he she they his her their this that "
    "which who not will would can could said also after before about more than one there i you we 's"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_Place = tuple[int, str, list[int]]  # number of the document, term, its segments


@dataclass(frozen=True, slots=True)
class TermUse:
    """A term in one document.

    Attributes:
        term: as the source has it.
        document: name of the document.
        segments: those with the term, from 1.
        renderings: (words, segments with them), most first; a segment without any of its own counts as ("…", 1).
        share: segments of the first rendering among all, from 0 to 1.
        entropy: of the renderings, bits; 0 = one name for one thing.
    """

    term: str
    document: str
    segments: tuple[int, ...]
    renderings: tuple[tuple[str, int], ...]
    share: float
    entropy: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """One system; `(reference)` is the first reference.

    Attributes:
        system: its name.
        terms: terms that come back in a document, each document counted.
        alike: those with one rendering.
        share: mean share of the first rendering, percent, terms weighted by their segments; None without terms.
        entropy: mean entropy, bits, likewise weighted; None without terms.
        uses: the least consistent terms first; of a system only those that the reference calls by one name, where that was people's choice.
    """

    system: str
    terms: int
    alike: int
    share: float | None
    entropy: float | None
    uses: tuple[TermUse, ...]


def consistency(
    test: TestSet, systems: Sequence[System], *, find: Callable[[str], Iterable[str]] | None = None
) -> tuple[Consistency, ...]:
    """How consistent the reference and each system are; nothing where source or documents are not known.

    Args:
        test: the test set.
        systems: what to measure.
        find: further terms of a source text, e.g. those of a glossary.

    Example:
        >>> src = ("メルケルが来た。", "雨だった。", "メルケルは話した。", "メルケルが去った。")
        >>> t = TestSet((("Merkel came.", "It rained.", "Merkel talked.", "Merkel left."),), src=src, documents=("d",) * 4)
        >>> people, a = consistency(t, [System("A", ("Merkel came.", "It rained.", "Mercer talked.", "Merkel left."))])
        >>> people.share, round(a.share, 1), a.uses[0].renderings
        (100.0, 66.7, (('merkel', 2), ('…', 1)))
    """
    if test.src is None or test.documents is None or test.src_lang != "ja":
        return ()
    places: list[_Place] = []
    spans = list(test.spans())
    having: dict[str, set[int]] = {}
    for d, (_, start, end) in enumerate(spans):
        found: dict[str, list[int]] = {}
        for n in range(start, end):
            for term in _terms(test.src[n], find):
                found.setdefault(term, []).append(n)
                having.setdefault(term, set()).add(d)
        places += [(d, term, here) for term, here in found.items() if len(here) >= LEAST]
    people = _uses(System(REFERENCE, test.references[0]), places, spans, having)
    one_name = {(use.document, use.term) for use in people if use.entropy == 0}
    made = [_summed(REFERENCE, people, [use for use in people if use.entropy > 0])]
    for system in systems:
        uses = _uses(system, places, spans, having)
        told = [use for use in uses if use.entropy > 0 and (use.document, use.term) in one_name]
        made.append(_summed(system.name, uses, told))
    return tuple(made)


def _terms(text: str, find: Callable[[str], Iterable[str]] | None) -> list[str]:
    found = [*_KATAKANA.findall(text), *_TITLED.findall(text), *names(text), *(find(text) if find is not None else ())]
    return list(dict.fromkeys(found))


def _uses(
    system: System,
    places: Sequence[_Place],
    spans: Sequence[tuple[str, int, int]],
    having: Mapping[str, set[int]],
) -> list[TermUse]:
    bags = [_bag(text) for text in system.hypotheses]
    wholes = [frozenset().union(*bags[start:end]) for _, start, end in spans]
    counts = Counter(word for whole in wholes for word in whole)
    uses = []
    for d, term, here in places:
        name, start, end = spans[d]
        without = len(spans) - len(having[term])
        common = set()
        for word in frozenset().union(*(bags[n] for n in here)) if without >= _DOCUMENTS else ():
            most = _ELSEWHERE * without
            if counts[word] > most and counts[word] - sum(word in wholes[k] for k in having[term]) > most:
                common.add(word)
        renderings = _renderings(bags, range(start, end), here, common)
        shares = [count / len(here) for _, count in renderings]
        entropy = -sum(p * math.log2(p) for p in shares) + 0.0  # no minus before a zero
        uses.append(TermUse(term, name, tuple(n + 1 for n in here), renderings, shares[0], entropy))
    return uses


def _summed(name: str, uses: Sequence[TermUse], told: list[TermUse]) -> Consistency:
    weight = sum(len(use.segments) for use in uses)
    told.sort(key=lambda use: (-use.entropy * len(use.segments), use.document, use.term))
    return Consistency(
        name,
        len(uses),
        sum(len(use.renderings) == 1 for use in uses),
        100 * sum(use.share * len(use.segments) for use in uses) / weight if weight else None,
        sum(use.entropy * len(use.segments) for use in uses) / weight if weight else None,
        tuple(told[:SHOWN]),
    )


def _renderings(
    bags: Sequence[frozenset[str]], document: range, here: Sequence[int], common: set[str]
) -> tuple[tuple[str, int], ...]:
    inside = set(here)
    outside = Counter(word for n in document if n not in inside for word in bags[n])
    most = _OUTSIDE * (len(document) - len(inside))
    left, found = list(here), []
    while left:
        counts = Counter(word for n in left for word in bags[n] if outside[word] <= most and word not in common)
        # the one in most segments; of equals the one least seen elsewhere, then the longest, a pair of words before one
        best = min(counts, key=lambda w: (-counts[w], outside[w], -w.count(" "), -len(w), w), default="")
        if not best or counts[best] < 2:
            found += [("…", 1)] * len(left)
            break
        found.append((best, counts[best]))
        left = [n for n in left if best not in bags[n]]
    return tuple(sorted(found, key=lambda pair: -pair[1]))


def _bag(text: str) -> frozenset[str]:
    """Words of a text in small letters, plural and possessive endings off, and pairs of neighbours; common words and marks left out."""
    words = [word.lower() for word in tokens.words(text).words]
    bare = [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words]
    good = [word[0].isalnum() and word not in _COMMON and len(word) > 1 for word in words]
    # interned: the words of a hundred thousand segments are few
    found = {intern(word) for word, kept in zip(bare, good, strict=True) if kept}
    found |= {intern(f"{a} {b}") for a, b, x, y in zip(bare, bare[1:], good, good[1:], strict=False) if x and y}
    return frozenset(found)
