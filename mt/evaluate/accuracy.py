"""What must not get lost on the way: numbers, links and addresses, names. How much of it each system keeps, beside the people's translation.

A rule that compares two languages is wrong now and then, so the reference is measured by the same rule: what it misses is the rule's own error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mt.evaluate.testset import System, TestSet
from mt.text.latin import links, names, names_missing
from mt.text.numbers import LANGS, match, numbers

REFERENCE = "(reference)"
SHOWN = 20  # losses kept a system and kind
_Z = 1.959963984540054

_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de][\w'’-]*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
# what stands before a word that has its capital from its place alone
_OPENS = re.compile(r"(?:^|[.!?:;…\n\"“‘'(\[–—-])\s*$")
_ENDS = re.compile(r"[.!?][\"”’)]*\s*$")
_NO_NAMES = frozenset({"i", "i'm", "i'll", "i've", "i'd", "mr", "mrs", "ms", "dr", "the", "a", "an"})


@dataclass(frozen=True, slots=True)
class Loss:
    """What one segment lost or has too much of: the segment from 1, and the thing as the text had it."""

    segment: int
    what: str


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How much of one kind a system kept.

    Attributes:
        kind: `numbers`, `links and addresses`, `Latin names` (of the source), `names of the reference`.
        system: its name; `(reference)` is the first reference.
        wanted: things that the translation should have.
        kept: those it has.
        share: kept of wanted, percent; None where nothing was wanted.
        low: lower end of its 95 % interval (Wilson 1927), percent.
        high: upper end.
        extra: things that it has and the source has not; None where this cannot be told.
        segments: segments with something lost or extra.
        lost: the first of them, in order.
        added: the first that are extra.
    """

    kind: str
    system: str
    wanted: int
    kept: int
    share: float | None
    low: float | None
    high: float | None
    extra: int | None
    segments: int
    lost: tuple[Loss, ...]
    added: tuple[Loss, ...]


_Found = tuple[int, list[str], list[str] | None]  # wanted, missing, extra
_Rule = Callable[[int, str], _Found]  # of a segment's place and a translation


def accuracy(test: TestSet, systems: Sequence[System]) -> tuple[Accuracy, ...]:
    """Every kind that the test set has something of, the reference first, then the systems in order.

    Example:
        >>> t = TestSet((("NATO met 32 people in Paris.",),), src=("NATOは32人とパリで会った。",))
        >>> for a in accuracy(t, [System("A", ("NATO met 23 people in Paris.",))]):
        ...     print(a.kind, a.system, f"{a.kept}/{a.wanted}", [x.what for x in a.lost], [x.what for x in a.added])
        numbers (reference) 1/1 [] []
        numbers A 0/1 ['32人'] ['23']
        Latin names (reference) 1/1 [] []
        Latin names A 1/1 [] []
        names of the reference A 1/1 [] []
    """
    found: list[Accuracy] = []
    texts = [System(REFERENCE, test.references[0]), *systems]
    for kind, rule in _rules(test):
        chosen = texts[1:] if kind == "names of the reference" else texts
        made = [_measured(kind, rule, system) for system in chosen]
        found += made if made and (made[0].wanted or any(a.extra for a in made)) else []
    return tuple(found)


def wilson(kept: int, wanted: int) -> tuple[float, float] | None:
    """95 % interval of a share, percent (Wilson 1927); None of nothing.

    Example:
        >>> [round(x, 1) for x in wilson(9, 10)]  # Newcombe (1998) prints such intervals: 59.6 to 98.2
        [59.6, 98.2]
    """
    if not wanted:
        return None
    share, square = kept / wanted, _Z**2 / wanted
    middle = share + square / 2
    half = _Z * math.sqrt(share * (1 - share) / wanted + square / wanted / 4)
    low, high = 100 * (middle - half) / (1 + square), 100 * (middle + half) / (1 + square)
    return low if kept else 0.0, high if kept < wanted else 100.0


def reference_names(text: str) -> tuple[str, ...]:
    """Words with a capital that they do not have from their place, each once: names, for the most part. None of a headline in title case.

    Example:
        >>> reference_names("Yesterday Mr. Abe met Angela Merkel. They ate."), reference_names("Prime Minister Abe Meets Merkel")
        (('Abe', 'Angela', 'Merkel'), ())
    """
    long = [word for word in _WORD.findall(text) if len(word) > 3]
    if not _ENDS.search(text) and len(long) > 2 and all(word[0].isupper() for word in long):
        return ()
    found = []
    for hit in _CAPITAL.finditer(text):
        before = text[: hit.start()]
        titled = before.rstrip().endswith(("Mr.", "Mrs.", "Ms.", "Dr."))
        word = _bare(hit[0])
        if (titled or not _OPENS.search(before)) and len(word) > 1 and word.lower() not in _NO_NAMES:
            found.append(word)
    return tuple(dict.fromkeys(found))


def _rules(test: TestSet) -> list[tuple[str, _Rule]]:
    """The kinds that can be looked for, sources read once."""
    rules: list[tuple[str, _Rule]] = []
    if test.src is not None:
        sources = test.src
        if {test.src_lang, test.tgt_lang} <= LANGS:
            rules.append(("numbers", _number_rule(test)))
        linked = [links(text) for text in sources]
        rules.append(("links and addresses", lambda n, text: _listed(linked[n], links(text))))
        if test.src_lang == "ja":
            named = [names(text) for text in sources]
            rules.append(("Latin names", lambda n, text: (len(named[n]), names_missing(named[n], text), None)))
    if test.tgt_lang == "en":
        wanted = [reference_names(text) for text in test.references[0]]
        rules.append(("names of the reference", lambda n, text: _spoken(wanted[n], text)))
    return rules


def _number_rule(test: TestSet) -> _Rule:
    sources = [numbers(text, test.src_lang) for text in test.src or ()]

    def rule(n: int, text: str) -> _Found:
        found = match(sources[n], numbers(text, test.tgt_lang))
        wanted = sum(number.sure for number in sources[n])
        return wanted, [str(x) for x in found.missing], [str(x) for x in found.extra]

    return rule


def _listed(wanted: tuple[str, ...], had: tuple[str, ...]) -> _Found:
    each = dict.fromkeys(wanted)
    return len(each), [x for x in each if x not in had], [x for x in dict.fromkeys(had) if x not in each]


def _spoken(wanted: tuple[str, ...], text: str) -> _Found:
    had = {_bare(word).lower() for word in _WORD.findall(text)}
    return len(wanted), [word for word in wanted if word.lower() not in had], None


def _bare(word: str) -> str:
    """Without possessive and marks at the end."""
    word = word.replace("’", "'").rstrip("'-")
    return word.removesuffix("'s")


def _measured(kind: str, rule: _Rule, system: System) -> Accuracy:
    wanted = kept = segments = 0
    extra: int | None = 0
    lost: list[Loss] = []
    added: list[Loss] = []
    for n, text in enumerate(system.hypotheses):
        here, missing, more = rule(n, text)
        wanted += here
        kept += here - len(missing)
        segments += bool(missing or more)
        lost += [Loss(n + 1, what) for what in missing]
        added += [Loss(n + 1, what) for what in more or ()]
        extra = None if more is None or extra is None else extra + len(more)
    low, high = wilson(kept, wanted) or (None, None)
    share = 100 * kept / wanted if wanted else None
    return Accuracy(
        kind, system.name, wanted, kept, share, low, high, extra, segments, tuple(lost[:SHOWN]), tuple(added[:SHOWN])
    )
