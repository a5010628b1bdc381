"""Systems whose lines are not the reference's: brought to its segments by the rung of the ladder asked for, else refused with the place where they
part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from mt.errors import ConfigError, InputError
from mt.evaluate.gates import refuse
from mt.evaluate.resegment import by_document, by_ids, resegment
from mt.evaluate.resegment_result import Method, Resegmented
from mt.evaluate.testset import System
from mt.pipeline.evaluate import Evaluation

_METHODS: dict[str, Method] = {"beads": "bead+soft", "words": "soft", "documents": "document"}


def align(state: Evaluation) -> None:
    """Bring every system to the reference's segments, or refuse it; fills the part `alignment`, None where all had the reference's lines.

    Ids or documents of lines given in files of their own are used whatever `align` says. Where one system can be compared by whole documents
    only, all are: scores of two units cannot stand in one table.

    Raises:
        CountError: for another number of lines, with both counts, the first suspicious place and what to type.
        InputError: for lines that stand in another order than the segments by their ids, where nothing is to be aligned; for unknown ids.
        ConfigError: where lines are to be joined by ids that no file has.
    """
    state.parts["alignment"] = None
    if state.config.align == "none" and not state.lines.asked:
        _as_they_are(state)
        return
    found = [_aligned(state, system) for system in state.systems]
    if any(one.unit == "document" for one in found):
        found = [
            one if one.unit == "document" else _whole(state, system, one)
            for system, one in zip(state.systems, found, strict=True)
        ]
        state.test = by_document(state.test)
        state.config = replace(state.config, unit="document")
    state.systems = tuple(System(one.name, one.hypotheses) for one in found)
    if any(one.method != "lines" for one in found):
        state.parts["alignment"] = {"systems": [_record(one) for one in found]}


def _as_they_are(state: Evaluation) -> None:
    paths = {f.name: f.path for f in state.files if f.role == "system"}
    ids = state.lines.ids
    for system in state.systems:
        refuse(system.name, system.hypotheses, state.test, path=paths[system.name])
        own = state.lines.segments.get(system.name)
        if ids is None or own is None:
            continue
        for number, (segment, line) in enumerate(zip(ids, own, strict=True), 1):
            if segment != line:
                raise InputError(
                    paths[system.name], f"the id {segment!r}; --align ids joins by them", repr(line), line=number
                )


def _aligned(state: Evaluation, system: System) -> Resegmented:
    """By the rung asked for, or the highest that holds: ids, then those of `resegment`."""
    way, name = state.config.align, system.name
    segments = state.lines.segments.get(name)
    if way == "ids" and segments is None:
        raise ConfigError("--align ids", f"segments of the lines of {name} (--line-ids, or a column id)", "none")
    # ids that came along in a system's file mean something only where the test set has ids too
    known = segments is not None and (way == "ids" or name in state.lines.asked or state.lines.ids is not None)
    if segments is not None and known and way in {"none", "auto", "ids"}:
        ids = _ids(state)
        places = set(ids)
        given = [one if one in places else tuple(one.split()) for one in segments]
        return by_ids(system.hypotheses, given, state.test, name=name, segments=ids)
    documents = state.lines.documents.get(name)
    return resegment(system.hypotheses, state.test, name=name, documents=documents, method=_METHODS.get(way))


def _ids(state: Evaluation) -> Sequence[str]:
    return state.lines.ids or [str(n) for n in range(1, len(state.test) + 1)]


def _whole(state: Evaluation, system: System, one: Resegmented) -> Resegmented:
    """The documents of a system that has the segments."""
    lines, documents = system.hypotheses, state.lines.documents.get(system.name)
    if one.method in {"lines", "ids"}:
        lines, documents = one.hypotheses, state.test.documents
    return resegment(lines, state.test, name=system.name, documents=documents, method="document")


def _record(one: Resegmented) -> dict[str, object]:
    left_out = {"hypotheses", "documents", "signature"}
    found = {key: value for key, value in asdict(one).items() if key not in left_out}
    return {**found, "signature": str(one.signature)}
