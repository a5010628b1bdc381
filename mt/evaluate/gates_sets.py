"""What is seen in a whole system, between systems, and in the test set itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from mt.errors import plural
from mt.evaluate.gates_found import Example, Finding, GateLimits, Severity
from mt.evaluate.gates_shift import shifts
from mt.evaluate.gates_text import bare
from mt.evaluate.resegment_bags import Bags, Vocabulary, diagonal, tokens
from mt.evaluate.testset import System, TestSet
from mt.text.script import language

_SHOWN = 1000  # numbers of lines that a finding keeps
_FEW = 20  # segments; below, equal or unrelated lines say little
_EQUAL_WORDS = 8
_FAR = (7, 13, 29)  # offsets that no segment belongs to


def finding(
    gate: str,
    system: str | None,
    severity: Severity,
    said: str,
    lines: Sequence[int],
    *,
    total: int,
    examples: Sequence[Example] = (),
) -> Finding:
    """A finding of some lines, 1-based.

    Example:
        >>> finding("empty", "a", "note", "no text", [3], total=100).share
        0.01
    """
    count = len(lines)
    return Finding(
        gate, system, severity, said, count, total, count / max(total, 1), tuple(lines[:_SHOWN]), tuple(examples)
    )


def shifted(test: TestSet, system: System) -> Finding | None:
    """Lines that belong to other segments."""
    found = shifts(system.hypotheses, test.references[0], test.tgt_lang)
    if not found:
        return None
    first = found[0]
    lines = [k for run in found for k in range(run.first, run.last + 1)]
    where = (
        "all lines are"
        if len(lines) > 0.9 * len(test)
        else f"{plural(len(lines), 'line')} from line {first.first} on are"
    )
    said = (
        f"{system.name}: {where} off: line {first.first} belongs to segment {first.first + first.offset} "
        f"(likeness {first.likeness:.2f} there, {first.before:.2f} where it stands); "
        f"mt evaluate … --align auto sets it right"
    )
    examples = [
        Example(
            run.first,
            f"belongs to segment {run.first + run.offset}: {test.references[0][run.first + run.offset - 1]}"
            if 0 < run.first + run.offset <= len(test)
            else "belongs to no segment",
            test.src[run.first - 1] if test.src else None,
            test.references[0][run.first - 1],
            system.hypotheses[run.first - 1],
        )
        for run in found[:5]
    ]
    return finding("shifted", system.name, "error", said, lines, total=len(test), examples=examples)


def unrelated(test: TestSet, system: System, limits: GateLimits) -> Finding | None:
    """A system whose lines resemble their own references no more than others."""
    if len(test) < _FEW:
        return None
    words = Vocabulary(test.tgt_lang)
    hyp = Bags.of([words.number(text) for text in system.hypotheses])
    ref = Bags.of([words.number(text) for text in test.references[0]])
    own = float(diagonal(hyp, ref).mean())
    others = [one[one >= 0] for offset in _FAR if offset < len(test) - 1 for one in [diagonal(hyp, ref, offset)]]
    far = sum(float(one.mean()) for one in others) / max(len(others), 1)
    if own - far >= limits.unrelated:
        return None
    said = f"{system.name}: broken, or of another test set: its lines resemble their references ({own:.2f}) hardly more than others ({far:.2f})"
    return finding("unrelated", system.name, "error", said, range(1, len(test) + 1), total=len(test))


def same_answers(test: TestSet, system: System, limits: GateLimits) -> Finding | None:
    """One answer to segments with different references."""
    by: dict[str, list[int]] = {}
    for number, text in enumerate(system.hypotheses):
        by.setdefault(bare(text), []).append(number)
    groups = []
    for numbers in by.values():
        text = system.hypotheses[numbers[0]]
        if len(numbers) < limits.same_answer or not bare(text):
            continue
        if len(tokens(text, test.tgt_lang)) < limits.same_words:
            continue
        if len({bare(test.references[0][n]) for n in numbers}) >= limits.same_answer:
            groups.append(numbers)
    if not groups:
        return None
    lines = sorted(n + 1 for numbers in groups for n in numbers)
    groups.sort(key=len, reverse=True)
    most = system.hypotheses[groups[0][0]]
    said = f"{system.name}: {plural(len(lines), 'line')} with an answer that other segments get too, “{most[:60]}” {len(groups[0])} times"
    examples = [_example(test, system, numbers[k], "") for numbers in groups[:3] for k in range(2)]
    severity: Severity = "error" if len(lines) >= limits.error * len(test) else "warning"
    return finding("same-answer", system.name, severity, said, lines, total=len(test), examples=examples)


def ratio(test: TestSet, system: System) -> Finding | None:
    """The length of all answers together against that of the reference, in characters."""
    found = sum(map(len, system.hypotheses))
    expected = sum(map(len, test.references[0]))
    share = found / max(expected, 1)
    if len(test) < _FEW or 0.8 <= share <= 1.25:
        return None
    severity: Severity = "warning" if 0.67 <= share <= 1.5 else "error"
    said = f"{system.name}: {100 * share:.0f} % as long as the reference"
    return finding("length-ratio", system.name, severity, said, range(1, len(test) + 1), total=len(test))


def is_reference(test: TestSet, system: System, limits: GateLimits) -> Finding | None:
    """A system that is the reference, or has more of it than translators have of each other."""
    for number, stream in enumerate(test.references, 1):
        pairs = zip(system.hypotheses, stream, strict=True)
        equal = [n for n, (one, other) in enumerate(pairs, 1) if one.strip() and one.split() == other.split()]
        if len(test) >= _FEW and len(equal) >= limits.identical * len(test):
            said = f"{system.name}: {len(equal):,} of {len(test):,} lines are reference {number} to the letter"
            return finding("is-reference", system.name, "error", said, equal, total=len(test))
        long = [n for n in range(1, len(test) + 1) if len(tokens(stream[n - 1], test.tgt_lang)) >= _EQUAL_WORDS]
        known = sorted(set(equal) & set(long))
        if len(long) >= _FEW and len(known) >= limits.equal * len(long):
            said = (
                f"{system.name}: {len(known):,} of {len(long):,} lines of {_EQUAL_WORDS} words or more are reference {number} to the letter; "
                "was it trained on them?"
            )
            examples = [_example(test, system, n - 1, "") for n in known[:5]]
            return finding("is-reference", system.name, "warning", said, known, total=len(long), examples=examples)
    return None


def identical(systems: Sequence[System], limits: GateLimits) -> Iterator[Finding]:
    """Pairs of systems that wrote the same."""
    for one, other in combinations(systems, 2):
        pairs = zip(one.hypotheses, other.hypotheses, strict=True)
        equal = [n for n, (a, b) in enumerate(pairs, 1) if a == b]
        total = len(one.hypotheses)
        if len(equal) == total:
            said = f"{one.name} and {other.name} are the same, line by line"
            yield finding("identical-systems", one.name, "error", said, equal, total=total)
        elif total >= _FEW and len(equal) >= limits.identical * total:
            said = f"{one.name} and {other.name} have {len(equal):,} of {total:,} lines in common"
            yield finding("identical-systems", one.name, "warning", said, equal, total=total)


def references(test: TestSet, limits: GateLimits) -> Iterator[Finding]:
    """What is wrong with the test set itself: languages exchanged, streams the same, segments twice, empty, or long."""
    yield from _languages(test)
    for (i, one), (j, other) in combinations(enumerate(test.references, 1), 2):
        equal = [n for n, (a, b) in enumerate(zip(one, other, strict=True), 1) if a == b]
        if len(equal) >= limits.identical * len(test):
            said = f"references {i} and {j} have {len(equal):,} of {len(test):,} segments in common: the second adds nothing"
            yield finding("duplicated-references", None, "warning", said, equal, total=len(test))
    yield from _twice(test)
    empty = [n for n, texts in enumerate(zip(*test.references, strict=True), 1) if not all(map(bare, texts))]
    if empty:
        severity: Severity = "error" if len(empty) >= limits.error * len(test) else "warning"
        said = f"{plural(len(empty), 'segment')} of {len(test):,} without text in a reference"
        yield finding("empty-reference", None, severity, said, empty, total=len(test), examples=_own(test, empty))
    long = [
        n
        for n, text in enumerate(test.references[0], 1)
        if len(text) > limits.words and len(tokens(text, test.tgt_lang)) > limits.words
    ]
    if long:
        said = f"{plural(len(long), 'segment')} of more than {limits.words} words: neural metrics cut them, and BLEU and chrF see word order less"
        yield finding("overlong-reference", None, "warning", said, long, total=len(test), examples=_own(test, long))


def _languages(test: TestSet) -> Iterator[Finding]:
    found = language(test.references[0])
    every = range(1, len(test) + 1)
    src = language(test.src) if test.src is not None else None
    if found == test.src_lang != test.tgt_lang and src == test.tgt_lang:
        yield finding("exchanged", None, "error", "source and reference are exchanged", every, total=len(test))
        return
    # scripts tell only some languages apart: what is in Latin letters is called English
    if found not in {None, test.tgt_lang, "en"}:
        said = f"the reference looks like {found}, not {test.tgt_lang}"
        yield finding("reference-language", None, "error", said, every, total=len(test))
    if src not in {None, test.src_lang, "en"}:
        said = f"the source looks like {src}, not {test.src_lang}"
        yield finding("source-language", None, "error", said, every, total=len(test))


def _twice(test: TestSet) -> Iterator[Finding]:
    by: dict[tuple[str, str], list[int]] = {}
    for n, text in enumerate(test.references[0]):
        by.setdefault((text, test.src[n] if test.src else ""), []).append(n + 1)
    again = sorted(
        n for numbers in by.values() if len(numbers) > 1 for n in numbers[1:] if bare(test.references[0][n - 1])
    )
    if again:
        severity: Severity = "warning" if len(again) >= 0.02 * len(test) else "note"
        said = f"{plural(len(again), 'segment')} of {len(test):,} stand a second time: they count twice, and are no independent units"
        yield finding("duplicated-segments", None, severity, said, again, total=len(test), examples=_own(test, again))


def _own(test: TestSet, lines: Sequence[int]) -> list[Example]:
    return [Example(n, "", test.src[n - 1] if test.src else None, test.references[0][n - 1], None) for n in lines[:5]]


def _example(test: TestSet, system: System, n: int, why: str) -> Example:
    return Example(n + 1, why, test.src[n] if test.src else None, test.references[0][n], system.hypotheses[n])
