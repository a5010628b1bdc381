"""Gates before any score: what would make a score say something else than it seems to say.

A metric gives a number to anything: to the source, to empty lines, to the lines of another file. So every system and the test set itself are
looked at first. Each gate counts the lines it stops, shows some, and, given a way to score, says what the score is without them. Gates judge; what
follows from an error is the caller's (`--strict`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mt.errors import CountError, InputError, plural
from mt.evaluate import gates_sets as sets
from mt.evaluate import gates_text as text
from mt.evaluate.gates_found import SEVERITIES, Effect, Example, Finding, GateLimits, Gates, Severity
from mt.evaluate.gates_shift import divergence
from mt.evaluate.gates_training import trained_on
from mt.evaluate.statistics import Table, values
from mt.evaluate.testset import System, TestSet

# (name of the system, numbers of the segments to keep, 0-based) → (name of the score, percent)
Scorer = Callable[[str, Sequence[int]], tuple[str, float]]
_EXAMPLES = 5
_QUOTED = 60  # characters


@dataclass(frozen=True, slots=True)
class _LineGate:
    """A gate of single lines: how it is called, what it says of them, how bad they are."""

    name: str
    said: str
    detect: text.Detector
    grave: bool = False  # no translation is like that: a fifth of the share is an error
    worst: Severity = "error"


_LINES = (
    _LineGate("empty", "have no text", text.empty, grave=True),
    _LineGate("source-copy", "are the source", text.copied, grave=True),
    _LineGate("source-script", "have Japanese left in them", text.japanese, grave=True),
    _LineGate("wrong-language", "are in another language", text.foreign, grave=True),
    _LineGate("loop", "repeat themselves", text.looped),
    _LineGate("length", "are much shorter or longer than the reference", text.length),
    _LineGate("overlong", "are longer than metrics read", text.overlong, worst="warning"),
    _LineGate("damage", "have signs of a wrong encoding, of escapes or of a tokeniser", text.damaged),
)
_SYSTEMS = ("shifted", "unrelated", "same-answer", "length-ratio", "is-reference", "identical-systems")
_TEST = (
    "exchanged",
    "reference-language",
    "source-language",
    "duplicated-references",
    "duplicated-segments",
    "empty-reference",
    "overlong-reference",
    "damaged-reference",
)


def check(
    test: TestSet,
    systems: Sequence[System],
    *,
    limits: GateLimits | None = None,
    score: Scorer | None = None,
    training: Mapping[str, Iterable[tuple[str, str]]] | None = None,
) -> Gates:
    """Look at a test set and the systems on it, which have as many lines.

    Args:
        test: the test set.
        systems: any number.
        limits: thresholds; the calibrated ones by default.
        score: how to score a system on some segments, e.g. `scorer(tables)`; None = effects are not measured.
        training: pairs of source and target by the name of the corpus, read once; None = not looked for.

    Raises:
        CountError: for a system of another number of lines; see `refuse`.
        InputError: for references that are transposed.

    Example:
        >>> test = TestSet((("A cat.", "A dog."),), src=("猫。", "犬。"))
        >>> found = check(test, [System("a", ("A cat.", "犬。"))])
        >>> [(f.gate, f.severity, f.count, f.share) for f in found.findings]
        [('source-copy', 'error', 1, 0.5), ('source-script', 'error', 1, 0.5)]
        >>> found.failed
        True
    """
    limits = limits or GateLimits()
    for system in systems:
        refuse(system.name, system.hypotheses, test)
    findings = [*sets.references(test, limits), *_damaged_references(test, limits)]
    if training is not None:
        findings += trained_on(test, training, limits)
    for system in systems:
        findings += _system(test, system, limits)
    findings += sets.identical(systems, limits)
    if score is not None:
        findings = [_with_effect(one, score, systems, len(test)) for one in findings]
    findings.sort(key=lambda one: SEVERITIES.index(one.severity))
    names = [
        *_TEST,
        *(gate.name for gate in _LINES),
        *_SYSTEMS,
        *(["training-overlap"] if training is not None else []),
    ]
    return Gates(tuple(findings), tuple(names), len(test), len(systems))


def refuse(name: str, lines: Sequence[str], test: TestSet, *, path: str = "") -> None:
    """Refuse a system whose number of lines is not that of the test set, and say where the two part.

    Args:
        name: of the system.
        lines: its answers.
        test: the test set.
        path: of its file, for the message and the command that repairs it.

    Raises:
        CountError: for other numbers, with both, the first suspicious place and the command.
        InputError: where the references stand the wrong way round: one stream a segment in place of one string a segment.

    Example:
        >>> ref = [f"the {w} {w}s of {w}land came to {w}ville" for w in "ab cd ef gh ij kl mn".split()]
        >>> try:
        ...     refuse("a", ref[:3] + ref[4:], TestSet((tuple(ref),)))
        ... except CountError as e:
        ...     print(str(e)[:98])
        a: expected 7 lines as in the reference, found 6 lines; they part at line 4: segment 4 has no line
    """
    if len(lines) == len(test):
        return
    where = path or name
    if len(test.references) == len(lines) and len(test) < len(lines):
        raise InputError(
            test.name,
            f"streams of {plural(len(lines), 'segment')}",
            f"{plural(len(test.references), 'stream')} of {plural(len(test), 'segment')}: the references are transposed",
        )
    found = divergence(lines, test.references[0], test.tgt_lang)
    hint = "no place was found where they part"
    if found is not None:
        hint = (
            f"they part at line {found.line}: {found.what} "
            f"(“{_quoted(found.hypothesis)}” stands at “{_quoted(found.reference)}”)"
        )
    raise CountError(
        where,
        len(lines),
        "the reference",
        len(test),
        "line",
        hint=f"{hint}; mt evaluate {where} … --align auto aligns them",
    )


def scorer(tables: Mapping[str, Table]) -> Scorer:
    """Scores of some segments from the statistics of all, by the name of the system.

    Example:
        >>> from mt.evaluate.statistics import table
        >>> scorer({"a": table("chrf", ["A cat.", "?"], [["A cat.", "A dog."]])})("a", [0])
        ('chrF2', 100.0)
    """

    def score(name: str, kept: Sequence[int]) -> tuple[str, float]:
        table = tables[name]
        return table.name, float(values(table.metric, table.rows[list(kept)].sum(axis=0)[None])[0])

    return score


def _system(test: TestSet, system: System, limits: GateLimits) -> Iterator[Finding]:
    shifted = sets.shifted(test, system)
    whole = [
        shifted,
        None if shifted else sets.unrelated(test, system, limits),
        sets.same_answers(test, system, limits),
        sets.ratio(test, system),
        sets.is_reference(test, system, limits),
    ]
    yield from (one for one in whole if one is not None)
    streams = list(zip(*test.references, strict=True))
    lines = [
        text.Line(answer, test.src[n] if test.src else "", streams[n], (test.src_lang, test.tgt_lang), limits)
        for n, answer in enumerate(system.hypotheses)
    ]
    for gate in _LINES:
        stopped = {n: why for n, line in enumerate(lines, 1) if (why := gate.detect(line))}
        if stopped:
            yield _stopped(gate, stopped, test, system, limits)


def _stopped(gate: _LineGate, lines: Mapping[int, str], test: TestSet, system: System, limits: GateLimits) -> Finding:
    share = len(lines) / len(test)
    severity: Severity = "note" if share < limits.warning else "warning"
    if share >= limits.error / (5 if gate.grave else 1):
        severity = gate.worst
    examples = [
        Example(n, why, test.src[n - 1] if test.src else None, test.references[0][n - 1], system.hypotheses[n - 1])
        for n, why in list(lines.items())[:_EXAMPLES]
    ]
    said = f"{system.name}: {len(lines):,} of {plural(len(test), 'line')} ({_percent(share)}) {gate.said}"
    return sets.finding(gate.name, system.name, severity, said, list(lines), total=len(test), examples=examples)


def _damaged_references(test: TestSet, limits: GateLimits) -> Iterator[Finding]:
    for number, stream in enumerate(test.references, 1):
        found = {
            n: why
            for n, one in enumerate(stream, 1)
            if (why := text.damaged(text.Line(one, "", (), (test.src_lang, test.tgt_lang), limits)))
        }
        if found:
            examples = [
                Example(n, why, test.src[n - 1] if test.src else None, stream[n - 1], None)
                for n, why in list(found.items())[:_EXAMPLES]
            ]
            share = len(found) / len(test)
            severity: Severity = "error" if share >= limits.error else "warning" if share >= limits.warning else "note"
            said = f"reference {number}: {len(found):,} of {plural(len(test), 'segment')} have signs of a wrong encoding or of escapes"
            yield sets.finding(
                "damaged-reference", None, severity, said, list(found), total=len(test), examples=examples
            )


def _with_effect(one: Finding, score: Scorer, systems: Sequence[System], total: int) -> Finding:
    """Measured where some lines are concerned and not all; a finding of the test set on the first system."""
    if not 0 < one.count < total or one.count > len(one.lines) or not systems:
        return one
    name = one.system or systems[0].name
    gone = set(one.lines)
    metric, before = score(name, range(total))
    after = score(name, [n for n in range(total) if n + 1 not in gone])[1]
    return replace(one, effect=Effect(metric, before, after))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"


def _quoted(line: str) -> str:
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…"
