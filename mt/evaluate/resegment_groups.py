"""A system's lines by document, and the alignment of each document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mt.errors import CountError, InputError
from mt.evaluate.resegment_bags import Vocabulary
from mt.evaluate.resegment_beads import Bead, align, likeness
from mt.evaluate.resegment_marks import Marks, join, sentences
from mt.evaluate.resegment_result import Method, Resegmented, result
from mt.evaluate.resegment_words import cut
from mt.evaluate.testset import TestSet

# likeness from which on a bead counts as aligned: 99 % of the words of weak systems of news have it, under half of those of unrelated news
_ALIKE = 0.25
_WRAPPED = 0.2  # share of lines that go on in small letters behind no mark: they were broken for their width
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]」』）]*\Z")


@dataclass(frozen=True, slots=True)
class Group:
    """What a system wrote for segments `start` to `end` − 1 of a test set.

    Attributes:
        name: of the document.
        texts: its sentences, or what comes nearest to them, without outer white space, none empty.
    """

    name: str
    texts: tuple[str, ...]
    start: int
    end: int


def groups(
    lines: Sequence[str], test: TestSet, documents: Sequence[str] | None = None, name: str = "system"
) -> list[Group]:
    """Lines by document, cut into sentences; see `mt.evaluate.resegment.resegment`.

    Raises:
        InputError: for a document that the test set does not have.
        CountError: for documents of another number than lines.

    Example:
        >>> test = TestSet((("a", "b", "c"),), documents=("x", "x", "y"))
        >>> [(g.name, g.texts) for g in groups(["It rained. Then it snowed.", "", "C."], test)]
        [('x', ('It rained.', 'Then it snowed.')), ('y', ('C.',))]
    """
    spans = list(test.spans())
    if documents is not None:
        if len(documents) != len(lines):
            raise CountError("documents", len(documents), name, len(lines), "line")
        known = {document for document, _, _ in spans}
        for number, document in enumerate(documents, 1):
            if document not in known:
                raise InputError(name, f"a document of {test.name}", repr(document), line=number)
        own: dict[str, list[str]] = {}
        for line, document in zip(lines, documents, strict=True):
            own.setdefault(document, []).append(line)
        parts = [own.get(document, []) for document, _, _ in spans]
    elif len(spans) > 1 and len(lines) == len(spans):
        parts = [[line] for line in lines]
    elif len(spans) > 1 and len(found := by_blanks(lines)) == len(spans):
        parts = found
    else:
        parts, spans = [list(lines)], [(test.name, 0, len(test))]
    return [
        Group(document, tuple(_sentences(part, test.tgt_lang)), a, b)
        for part, (document, a, b) in zip(parts, spans, strict=True)
    ]


def by_blanks(lines: Sequence[str]) -> list[list[str]]:
    """Lines between empty lines.

    Example:
        >>> by_blanks(["a", "b", "", "", "c"])
        [['a', 'b'], ['c']]
    """
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [part for part in found if part]


def _sentences(lines: Sequence[str], lang: str) -> Iterator[str]:
    kept = [line.strip() for line in lines if line.strip()]
    going_on = sum(line[0].islower() and not _ENDED.search(before) for before, line in pairwise(kept))
    if going_on > _WRAPPED * len(kept):
        kept = [join(kept, lang)]
    for line in kept:
        for a, b in sentences(line, lang):
            yield line[a:b]


def aligned(found: Sequence[Group], test: TestSet, name: str, *, soft: bool) -> Resegmented:
    """Every document's sentences, or words where `soft`, in the segments of the first reference."""
    reference, lang = test.references[0], test.tgt_lang
    work = _Work(reference, lang)
    known = len(found) == len(list(test.spans())) and test.documents is not None
    for group in found:
        if soft:
            work.words(group)
        else:
            work.beads(group)
    method: Method = "soft" if soft else "bead+soft"
    return work.result(name, method, known=known)


class _Work:
    """The segments as they fill, and what is counted on the way."""

    def __init__(self, reference: Sequence[str], lang: str) -> None:
        self.reference, self.lang = reference, lang
        self.marks = Marks(reference, lang)
        self.parts: list[list[str]] = [[] for _ in reference]
        self.kinds: Counter[str] = Counter()
        self.cuts = 0
        self.alone = [0, 0]  # words without a partner: of the hypothesis, of the reference
        self.covered = [0, 0]
        self.total = [0, 0]

    def words(self, group: Group) -> None:
        """One programme over all words of a document."""
        segments = self.reference[group.start : group.end]
        self._cut(join(group.texts, self.lang), group.start, group.end)
        vocabulary = Vocabulary(self.lang)
        for k, segment in enumerate(segments, group.start):
            self._count(vocabulary.number(join(self.parts[k], self.lang)), vocabulary.number(segment))

    def beads(self, group: Group) -> None:
        """Sentences in beads, words within those of several segments."""
        vocabulary = Vocabulary(self.lang)
        segments = self.reference[group.start : group.end]
        hyp = [vocabulary.number(text) for text in group.texts]
        ref = [vocabulary.number(text) for text in segments]
        last = group.start
        for bead in _closed(align(hyp, ref, sentences=[len(sentences(text, self.lang)) for text in segments])):
            self.kinds[bead.kind] += 1
            self._count(
                [w for row in hyp[bead.hyp_start : bead.hyp_end] for w in row],
                [w for row in ref[bead.ref_start : bead.ref_end] for w in row],
            )
            first, end = group.start + bead.ref_start, group.start + bead.ref_end
            if bead.hyp_start == bead.hyp_end:
                continue
            text = join(group.texts[bead.hyp_start : bead.hyp_end], self.lang)
            if first == end:
                self.parts[last].append(text)
            else:
                self._cut(text, first, end)
                last = end - 1

    def _cut(self, text: str, first: int, end: int) -> None:
        pieces = cut(text, self.reference[first:end], self.marks)
        for k, piece in enumerate(pieces, first):
            if piece:
                self.parts[k].append(piece)
        self.cuts += end - first - 1

    def _count(self, hyp: Sequence[int], ref: Sequence[int]) -> None:
        alike = likeness(hyp, ref) >= _ALIKE
        for side, (own, other) in enumerate(((hyp, ref), (ref, hyp))):
            self.total[side] += len(own)
            self.covered[side] += len(own) * alike
            self.alone[side] += 0 if other else len(own)

    def result(self, name: str, method: Method, *, known: bool) -> Resegmented:
        """Everything together."""
        shares = [covered / total if total else 0.0 for covered, total in zip(self.covered, self.total, strict=True)]
        return result(
            name,
            [join(part, self.lang) for part in self.parts],
            self.lang,
            method,
            known=known,
            coverage=min(shares),
            unaligned=(self.alone[0], self.alone[1]),
            cuts=self.cuts,
            beads=self.kinds,
        )


def _closed(beads: Sequence[Bead]) -> Iterator[Bead]:
    """Beads, but sentences and segments left alone between the same two matches are one bead: a free translation has no word in common."""
    run: list[Bead] = []
    for bead in [*beads, None]:
        if bead is not None and "0" in bead.kind.split("-"):
            run.append(bead)
            continue
        sides = {bead.kind.split("-").index("0") for bead in run}
        if len(sides) == 2:
            hyp = [b for b in run if b.kind.endswith("-0")]
            ref = [b for b in run if b.kind.startswith("0-")]
            yield Bead(hyp[0].hyp_start, hyp[-1].hyp_end, ref[0].ref_start, ref[-1].ref_end)
        else:
            yield from run
        run = []
        if bead is not None:
            yield bead
