"""Answers whose lines are not the reference's, brought to the reference's segments without losing a word.

The ladder, from what is exact to what is measured:

    lines       as many lines as segments, none shifted: they are taken as they are
    ids         each line names its segments: joined by name; nothing is guessed but where one line has several segments
    bead+soft   sentences are aligned to segments within their documents (`resegment_beads`), and where one has several segments, it is cut word
                by word (`resegment_words`)
    soft        no reliable ends of sentences: the words of a document, or of all, are aligned
    document    what is found resembles the reference too little: only documents are compared, which is another unit

A sentence that belongs to no segment is added to the one before it and counted. The error that a method makes itself is known from texts whose
true lines are known (`scripts/bench_resegment.py`), and `measure` finds it for a test set from any system that has its lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mt.errors import CountError, InputError, plural
from mt.evaluate.gates_shift import shifts
from mt.evaluate.resegment_groups import Group, aligned, groups
from mt.evaluate.resegment_marks import Marks, join
from mt.evaluate.resegment_result import COVERED, Method, MethodError, Resegmented, result
from mt.evaluate.resegment_words import cut
from mt.evaluate.statistics import table
from mt.evaluate.testset import TestSet

_FEW_ENDS = 0.4  # sentences for each segment; fewer say that marks are missing


def resegment(
    lines: Sequence[str],
    test: TestSet,
    *,
    name: str = "system",
    documents: Sequence[str] | None = None,
    method: Method | None = None,
) -> Resegmented:
    """Bring lines to the segments of a test set's first reference, by the highest rung that holds.

    Args:
        lines: of the system, in the order of the test set.
        test: the test set; its documents help much.
        name: of the system.
        documents: name of the document of each line. Where it is None, lines are told apart by empty lines between documents, or are documents
            themselves, if there are as many as the test set has.
        method: go to this rung, whatever the others say: `lines`, `bead+soft`, `soft` or `document`.

    Raises:
        InputError: for no line at all, a document that the test set does not have, or text that resembles the reference too little while
            it is not known where its documents end.
        CountError: for documents of another number than lines, or the rung `lines` with another number than segments.

    Example:
        >>> test = TestSet((("A cat sat down.", "It slept.", "The dog barked at it."),))
        >>> found = resegment(["A cat sat. It slept. The dog barked."], test)
        >>> found.hypotheses, found.method, found.coverage
        (('A cat sat.', 'It slept.', 'The dog barked.'), 'bead+soft', 1.0)
    """
    if not any(line.strip() for line in lines):
        raise InputError(name, "at least one line with text", "none")
    if method in (None, "lines") and len(lines) == len(test) and _fits(lines, test, method):
        return result(name, lines, test.tgt_lang, "lines")
    if method == "lines":
        raise CountError(name, len(lines), "the reference", len(test), "line")
    found = groups(lines, test, documents, name)
    if method == "document":
        return _documents(lines, found, test, name, 1.0)
    answer = aligned(found, test, name, soft=_soft(found, test) if method is None else method == "soft")
    if method is None and answer.coverage < COVERED:
        return _documents(lines, found, test, name, answer.coverage)
    return answer


def by_ids(
    lines: Sequence[str],
    ids: Sequence[str | tuple[str, ...]],
    test: TestSet,
    *,
    name: str = "system",
    segments: Sequence[str] | None = None,
) -> Resegmented:
    """Join lines by the names of their segments: exact wherever a line has one segment.

    Args:
        lines: of the system.
        ids: for each line the segment it belongs to, or several that follow each other.
        test: the test set.
        name: of the system.
        segments: ids of the test set's segments; by default its column `id`.

    Raises:
        InputError: for an id that the test set does not have or has twice, or segments of one line that do not follow each other.
        CountError: for ids of another number than lines.

    Example:
        >>> test = TestSet((("One.", "Two.", "Three."),), columns={"id": ("a", "b", "c")})
        >>> by_ids(["Three!", "One,", "and one."], ["c", "a", "a"], test).hypotheses
        ('One, and one.', '', 'Three!')
    """
    known = segments if segments is not None else test.columns.get("id")
    if known is None:
        raise InputError(test.name, "ids of its segments", "none")
    for given, count, other, unit in ((ids, len(lines), name, "line"), (known, len(test), test.name, "segment")):
        if len(given) != count:
            raise CountError("ids", len(given), other, count, unit)
    places = {one: number for number, one in enumerate(known)}
    if len(places) < len(known):
        twice = next(one for one, count in Counter(known).items() if count > 1)
        raise InputError(test.name, "every id once", f"{twice!r} twice")
    reach = list(range(len(test)))  # last segment that belongs together with each
    texts: dict[int, list[str]] = {}
    for number, (line, one) in enumerate(zip(lines, ids, strict=True), 1):
        first, last = _run(places, (one,) if isinstance(one, str) else one, name, number)
        reach[first] = max(reach[first], last)
        texts.setdefault(first, []).append(line)
    return _joined(texts, reach, test, name)


def measure(
    hypotheses: Sequence[str], test: TestSet, *, method: Method | None = None, name: str = "a system with lines"
) -> MethodError:
    """What re-segmentation changes on this very test set: a system that has the lines loses them within its documents, and gets them back.

    Args:
        hypotheses: one string a segment.
        test: the test set.
        method: the rung; None = the one the ladder takes.
        name: of the system.

    Raises:
        CountError: for another number of lines than segments.

    Example:
        >>> test = TestSet((("A cat sat down.", "It slept.", "The dog barked at it."),))
        >>> measure(["A cat sat.", "It slept.", "The dog barked."], test).exact
        1.0
    """
    if len(hypotheses) != len(test):
        raise CountError(name, len(hypotheses), "the reference", len(test), "line")
    spans = list(test.spans())
    texts = [join(hypotheses[a:b], test.tgt_lang) for _, a, b in spans]
    found = resegment(
        texts, test, name=name, documents=[d for d, _, _ in spans] if test.documents else None, method=method
    )
    if found.unit != "segment":
        raise InputError(name, "text that can be aligned", f"coverage {found.coverage:.2f}")
    scores = [
        [table(metric, side, [test.references[0]]).score() for side in (hypotheses, found.hypotheses)]
        for metric in ("bleu", "chrf")
    ]
    same = sum(one.split() == other.split() for one, other in zip(hypotheses, found.hypotheses, strict=True))
    changes = [after - before for before, after in scores]
    return MethodError(round(changes[0], 2), round(changes[1], 2), same / len(test), 1, f"{name} on {test.name}")


def mixed(found: Sequence[Resegmented]) -> str:
    """What to say where systems to be compared were brought to the segments in different ways, "" where they were not.

    A method costs points by itself, so that a system scored on its true lines starts ahead of one whose lines had to be found.

    Example:
        >>> test = TestSet((("A cat sat down.", "It slept."),))
        >>> mixed([resegment(["A cat sat.", "It slept."], test, name="a"), resegment(["A cat sat. It slept."], test, name="b")])
        'a: lines, b: bead+soft; compare only what was aligned the same way'
    """
    if len({one.method for one in found}) < 2:
        return ""
    return ", ".join(f"{one.name}: {one.method}" for one in found) + "; compare only what was aligned the same way"


def by_document(test: TestSet) -> TestSet:
    """The test set with a document a unit, to score what is only known by document.

    Example:
        >>> t = by_document(TestSet((("A.", "B.", "C."),), documents=("x", "x", "y")))
        >>> t.references, t.documents
        ((('A. B.', 'C.'),), ('x', 'y'))
    """
    spans = list(test.spans())

    def joined(stream: Sequence[str], lang: str) -> tuple[str, ...]:
        return tuple(join(stream[a:b], lang) for _, a, b in spans)

    return TestSet(
        tuple(joined(stream, test.tgt_lang) for stream in test.references),
        None if test.src is None else joined(test.src, test.src_lang),
        tuple(name for name, _, _ in spans),
        name=test.name,
        src_lang=test.src_lang,
        tgt_lang=test.tgt_lang,
    )


def _fits(lines: Sequence[str], test: TestSet, method: Method | None) -> bool:
    return method == "lines" or not shifts(lines, test.references[0], test.tgt_lang)


def _soft(found: Sequence[Group], test: TestSet) -> bool:
    return sum(len(group.texts) for group in found) < _FEW_ENDS * len(test)


def _documents(lines: Sequence[str], found: Sequence[Group], test: TestSet, name: str, coverage: float) -> Resegmented:
    """A document a unit; where their borders are not known, they are those of the segments, if these can be found."""
    spans, lang = list(test.spans()), test.tgt_lang
    texts = [join(group.texts, lang) for group in found]
    if len(found) < len(spans):
        if len(lines) == len(test) and not shifts(lines, test.references[0], lang):
            parts: Sequence[str] = lines
        else:
            answer = aligned(found, test, name, soft=_soft(found, test))
            if answer.coverage < COVERED:
                raise InputError(
                    name,
                    f"text that can be aligned, or {plural(len(spans), 'document')} between empty lines",
                    f"one text, of which {100 * answer.coverage:.0f} % resembles the reference",
                )
            parts, coverage = answer.hypotheses, answer.coverage
        texts = [join(parts[a:b], lang) for _, a, b in spans]
    return result(name, texts, lang, "document", coverage=coverage, documents=[one for one, _, _ in spans])


def _run(places: dict[str, int], ids: Sequence[str], name: str, number: int) -> tuple[int, int]:
    """First and last segment of a line."""
    for one in ids:
        if one not in places:
            raise InputError(name, "an id of the test set", repr(one), line=number)
    numbers = sorted({places[one] for one in ids})
    if not numbers or numbers[-1] - numbers[0] + 1 != len(numbers):
        raise InputError(name, "one id, or several of segments that follow each other", repr(tuple(ids)), line=number)
    return numbers[0], numbers[-1]


def _joined(texts: dict[int, list[str]], reach: Sequence[int], test: TestSet, name: str) -> Resegmented:
    marks: Marks | None = None
    found: list[str] = []
    kinds: Counter[str] = Counter()
    cuts = first = 0
    while first < len(test):
        last, at = reach[first], first
        while at < last:  # segments that one line has belong to all lines that have one of them
            at += 1
            last = max(last, reach[at])
        own = [line for k in range(first, last + 1) for line in texts.get(k, ())]
        kinds[f"{len(own)}-{last - first + 1}"] += 1
        text = join(own, test.tgt_lang)
        if last > first:
            marks = marks or Marks(test.references[0], test.tgt_lang)
            found += cut(text, test.references[0][first : last + 1], marks)
            cuts += last - first
        else:
            found.append(text)
        first = last + 1
    return result(name, found, test.tgt_lang, "ids", cuts=cuts, beads=kinds)
