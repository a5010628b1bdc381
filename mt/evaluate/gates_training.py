"""Does training data hold the test? Segments found in named corpora, to the letter or nearly.

A segment is found where a text of the corpus has the same letters and digits, or at least 80 % of its 7-grams of characters (3-grams in languages
without blanks, where a character says more). Corpora are read once, pair by pair; memory holds the test set only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mt.evaluate.gates_found import Example, Finding, GateLimits, Severity
from mt.evaluate.gates_sets import finding
from mt.evaluate.gates_text import bare
from mt.evaluate.resegment_bags import UNSPACED
from mt.evaluate.testset import TestSet

Side = Literal["source", "reference"]
_NEAR = 0.8
_SHORT = 12  # columns; shorter segments are everybody's (“Thank you.”), and only count where both sides agree
_EVERY = 4  # every fourth n-gram of a text is looked up first; of a near copy nearly all would be found


@dataclass(frozen=True, slots=True)
class Overlap:
    """A segment that a corpus holds.

    Attributes:
        segment: 1-based.
        side: which side was found.
        exact: to the letter, else nearly.
        text: of the corpus.
    """

    segment: int
    side: Side
    exact: bool
    text: str


def overlaps(test: TestSet, corpus: Iterable[tuple[str, str]]) -> list[Overlap]:
    """Segments of a test set in a corpus, each at most once a side, exact before near, in the order of the test set.

    Args:
        test: the test set.
        corpus: pairs of source and target.

    Example:
        >>> test = TestSet((("The cat plays with three dogs in the garden.",),), src=("猫は三匹の犬と庭で遊ぶ。",))
        >>> [(o.segment, o.side, o.exact) for o in overlaps(test, [("別の文。", "the cat plays with three dogs in the garden")])]
        [(1, 'reference', True)]
    """
    sides: list[tuple[Side, Sequence[str], str]] = [("reference", stream, test.tgt_lang) for stream in test.references]
    if test.src is not None:
        sides.append(("source", test.src, test.src_lang))
    indexes: dict[int, list[tuple[Side, _Index]]] = {0: [], 1: []}
    for side, texts, lang in sides:
        indexes[0 if side == "source" else 1].append((side, _Index(texts, lang)))
    whole = {
        (bare(src), bare(ref)): n
        for stream in test.references
        for n, (src, ref) in enumerate(zip(test.src or [""] * len(test), stream, strict=True), 1)
        if test.src
    }
    found: dict[tuple[int, Side], Overlap] = {}
    for pair in corpus:
        plain = (bare(pair[0]), bare(pair[1]))
        for number in (0, 1):
            for side, index in indexes[number]:
                for segment, exact in index.find(plain[number]):
                    old = found.get((segment, side))
                    if old is None or (exact and not old.exact):
                        found[segment, side] = Overlap(segment, side, exact, pair[number])
        if (both := whole.get(plain)) is not None:
            found.setdefault((both, "source"), Overlap(both, "source", True, pair[0]))
    return [found[key] for key in sorted(found)]


def trained_on(test: TestSet, training: Mapping[str, Iterable[tuple[str, str]]], limits: GateLimits) -> list[Finding]:
    """A finding for each corpus that holds segments of the test set.

    Args:
        test: the test set.
        training: pairs by the name of the corpus.
        limits: thresholds.

    Example:
        >>> test = TestSet((("The cat plays with three dogs in the garden.",),))
        >>> [f.said for f in trained_on(test, {"web": [("", "The cat plays with three dogs in the garden!")]}, GateLimits())]
        ['web holds 1 of 1 segments of the test set, 1 to the letter']
    """
    findings = []
    for name, corpus in training.items():
        rows = overlaps(test, corpus)
        if not rows:
            continue
        lines = sorted({row.segment for row in rows})
        exact = len({row.segment for row in rows if row.exact})
        said = f"{name} holds {len(lines):,} of {len(test):,} segments of the test set, {exact:,} to the letter"
        severity: Severity = "error" if len(lines) >= limits.error * len(test) else "warning"
        examples = [
            Example(
                row.segment,
                f"{row.side}: {row.text}",
                test.src[row.segment - 1] if test.src else None,
                test.references[0][row.segment - 1],
                None,
            )
            for row in rows[:5]
        ]
        findings.append(finding("training-overlap", None, severity, said, lines, total=len(test), examples=examples))
    return findings


class _Index:
    """Segments of one side by their letters and by their n-grams."""

    def __init__(self, texts: Sequence[str], lang: str) -> None:
        self.size = 3 if lang in UNSPACED else 7
        self.exact: dict[str, list[int]] = {}
        self.grams: dict[str, list[int]] = {}
        self.counts: dict[int, int] = {}
        for number, text in enumerate(map(bare, texts), 1):
            if len(text) + sum(c > "\x7f" for c in text) < _SHORT:
                continue
            self.exact.setdefault(text, []).append(number)
            own = {text[k : k + self.size] for k in range(len(text) - self.size + 1)}
            self.counts[number] = len(own)
            for gram in own:
                self.grams.setdefault(gram, []).append(number)

    def find(self, text: str) -> list[tuple[int, bool]]:
        """Segments that a text holds, each with whether to the letter."""
        if (same := self.exact.get(text)) is not None:
            return [(number, True) for number in same]
        size, last = self.size, len(text) - self.size + 1
        sample = sum(text[k : k + size] in self.grams for k in range(0, last, _EVERY))
        if 4 * sample < max(last, 0) / _EVERY:
            return []
        shared = Counter(
            number for gram in {text[k : k + size] for k in range(last)} for number in self.grams.get(gram, ())
        )
        return [(number, False) for number, count in sorted(shared.items()) if count >= _NEAR * self.counts[number]]
