"""Systems whose lines are not the reference's: aligned where that was asked for, else refused with the place where they part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from mt.evaluate.gates import refuse
from mt.evaluate.resegment import resegment
from mt.evaluate.resegment_result import Resegmented
from mt.evaluate.testset import System, TestSet
from mt.pipeline.evaluate import Evaluation


def align(state: Evaluation) -> None:
    """Bring every system to the reference's segments, or refuse it; fills the part `alignment`.

    Where one system can be compared by whole documents only, all are: scores of two units cannot stand in one table.

    Raises:
        CountError: for another number of lines, with both counts, the first suspicious place and what to type.
    """
    state.parts["alignment"] = None
    if state.config.align == "none":
        paths = {f.name: f.path for f in state.files if f.role == "system"}
        for system in state.systems:
            refuse(system.name, system.hypotheses, state.test, path=paths[system.name])
        return
    found = [resegment(s.hypotheses, state.test, name=s.name) for s in state.systems]
    if any(one.unit == "document" for one in found):
        found = [
            one if one.unit == "document" else resegment(s.hypotheses, state.test, name=s.name, method="document")
            for s, one in zip(state.systems, found, strict=True)
        ]
        state.test = by_document(state.test)
        state.config = replace(state.config, unit="document")
    state.systems = tuple(System(one.name, one.hypotheses) for one in found)
    if any(one.method != "lines" for one in found):
        state.parts["alignment"] = {"systems": [_record(one) for one in found]}


def by_document(test: TestSet) -> TestSet:
    """The test set with each document as one segment.

    Example:
        >>> t = by_document(TestSet((("A cat.", "A dog.", "Yes."),), documents=("x", "x", "y")))
        >>> t.references, t.documents
        ((('A cat. A dog.', 'Yes.'),), ('x', 'y'))
    """
    spans = list(test.spans())

    def joined(stream: Sequence[str], joiner: str) -> tuple[str, ...]:
        return tuple(joiner.join(stream[a:b]) for _, a, b in spans)

    spaced = "" if test.src_lang in {"ja", "zh", "th"} else " "
    return TestSet(
        tuple(joined(stream, " ") for stream in test.references),
        None if test.src is None else joined(test.src, spaced),
        tuple(name for name, _, _ in spans),
        name=test.name,
        src_lang=test.src_lang,
        tgt_lang=test.tgt_lang,
    )


def _record(one: Resegmented) -> dict[str, object]:
    left_out = {"hypotheses", "documents", "signature"}
    found = {key: value for key, value in asdict(one).items() if key not in left_out}
    return {**found, "signature": str(one.signature)}
