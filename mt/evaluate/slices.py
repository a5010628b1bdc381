"""Where a system is good: scores of kinds of segments, with intervals, beside the score of the whole.

A slice's score is that of the sum of its rows, so no text is scored twice; intervals are those of `linear`, paired where two things are compared.
Of twenty intervals one misses by chance: p of the differences of two systems is corrected for the number of slices (Holm).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mt.errors import CountError, InputError
from mt.evaluate import linear
from mt.evaluate.frequencies import Frequencies
from mt.evaluate.significance import LEAST_DOCUMENTS, holm
from mt.evaluate.statistics import Table, values
from mt.evaluate.testset import TestSet
from mt.evaluate.traits import traits

LEAST = 30  # segments; below, a slice says nothing but its size
MOST_VALUES = 12  # of a column; the rest of the values are one slice

_Units = npt.NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Slice:
    """Segments of one kind: their places from 0, ascending."""

    dimension: str
    name: str
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SliceScore:
    """One system on one slice, points.

    Attributes:
        system: its name.
        value: score of the slice.
        low: lower end of its 95 % interval, None where one unit is all there is; so for the other ends.
        high: upper end.
        to_whole: the slice's score − the whole's.
        to_whole_low: lower end of its interval, which knows that the slice is part of the whole.
        to_whole_high: upper end.
    """

    system: str
    value: float
    low: float | None
    high: float | None
    to_whole: float
    to_whole_low: float | None
    to_whole_high: float | None


@dataclass(frozen=True, slots=True)
class SliceResult:
    """All systems on one slice.

    Attributes:
        dimension: e.g. `numbers`.
        name: e.g. `with a number`.
        segments: how many.
        enough: at least `LEAST`; otherwise nothing is scored.
        unit: of the intervals, `document` or `segment`.
        scores: in the order of the systems; empty where there are too few segments.
        difference: first of the pair − second, points; None for one system or too few segments.
        low: lower end of its 95 % interval.
        high: upper end.
        p: of the difference, two-sided.
        p_holm: corrected for the number of slices.
        change: the difference here − the difference in the whole.
        change_low: lower end of its 95 % interval.
        change_high: upper end.
    """

    dimension: str
    name: str
    segments: int
    enough: bool
    unit: str
    scores: tuple[SliceScore, ...] = ()
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    change: float | None = None
    change_low: float | None = None
    change_high: float | None = None


@dataclass(frozen=True, slots=True)
class SliceReport:
    """Every slice by one metric.

    Attributes:
        metric: key.
        name: of the score.
        pair: the two systems of the differences; equal where there is one.
        least: segments that a slice must have.
        tests: differences that p was corrected for.
        slices: by dimension.
        signature: of the scores and intervals.
    """

    metric: str
    name: str
    pair: tuple[str, str]
    least: int
    tests: int
    slices: tuple[SliceResult, ...]
    signature: str


def slices(test: TestSet, frequencies: Frequencies | None = None) -> list[Slice]:
    """Slices of a test set, by dimension: traits of the source (of the reference where no source is known), place in the document, large
    documents, rarest word of the reference by training frequency, and the values of each column. Dimensions that do not part the set are left out.

    Example:
        >>> t = TestSet((("One.", "Two."),), src=("1。", "猫が二匹いるか。"))
        >>> [(s.dimension, s.name, s.segments) for s in slices(t) if s.dimension == "question"]
        [('question', 'question', (1,)), ('question', 'other', (0,))]
    """
    texts, lang, side = (test.references[0], test.tgt_lang, "reference")
    if test.src is not None:
        texts, lang, side = test.src, test.src_lang, "source"
    found: list[Slice] = []
    for trait in traits(lang, side):
        found += _parted(trait.dimension, [trait.label(text) for text in texts], trait.labels)
    if test.documents is not None:
        labels = ("first", "between", "last")
        found += _parted("place in the document", _places(test), labels)
        found += _large(test.documents)
    if frequencies is not None:
        rare = [frequencies.rarest(text) for text in test.references[0]]
        found += _parted("rarest word of the reference in training", rare, frequencies.labels)
    for name, column in test.columns.items():
        found += _column(name, column)
    return found


def measure(
    parts: Sequence[Slice],
    tables: Mapping[str, Table],
    *,
    pair: tuple[str, str] | None = None,
    documents: Sequence[str] | None = None,
    least: int = LEAST,
) -> SliceReport:
    """Score systems on slices.

    Args:
        parts: the slices; they may overlap.
        tables: statistics by system, of one metric and one test set.
        pair: the two systems of the differences; the first two by default.
        documents: name of the document of each segment: the units of the intervals of slices with segments of at least `LEAST_DOCUMENTS`.
        least: segments that a slice needs, at least 2.

    Raises:
        InputError: for no system.
        CountError: for systems or documents of different numbers of segments.

    Example:
        >>> from mt.evaluate.statistics import tables
        >>> refs = [f"Sentence number {n}." for n in range(80)]
        >>> a, b = tables("chrf", [refs, refs[:40] + ["Nothing."] * 40], [refs])
        >>> report = measure([Slice("half", "second", tuple(range(40, 80)))], {"A": a, "B": b})
        >>> report.slices[0].scores[0].value, report.slices[0].difference > 90, report.slices[0].p_holm < 0.001
        (100.0, True, True)
    """
    names = list(tables)
    if not names:
        raise InputError("systems", "at least one", "none")
    first = tables[names[0]]
    for name, table in tables.items():
        if len(table) != len(first):
            raise CountError(name, len(table), names[0], len(first), "segment")
    if documents is not None and len(documents) != len(first):
        raise CountError("documents", len(documents), names[0], len(first), "segment")
    numbers: dict[str, int] = {}
    units = None if documents is None else np.array([numbers.setdefault(d, len(numbers)) for d in documents], np.int64)
    two = pair or (names[0], names[min(1, len(names) - 1)])
    whole = {name: _Part(table.metric, table.rows) for name, table in tables.items()}
    found = [
        _measured(part, tables, whole, units, two)
        if len(part.segments) >= max(least, 2)
        else SliceResult(part.dimension, part.name, len(part.segments), False, "segment")
        for part in parts
    ]
    tested = [n for n, one in enumerate(found) if one.p is not None]
    for n, corrected in zip(tested, holm([found[n].p or 0.0 for n in tested]), strict=True):
        found[n] = _corrected(found[n], corrected)
    signature = first.signature.plus(ci="linear95", slice=max(least, 2), holm=len(tested))
    return SliceReport(first.metric, first.name, two, max(least, 2), len(tested), tuple(found), str(signature))


class _Part:
    """Score and influences of some rows."""

    def __init__(self, metric: str, rows: npt.NDArray[np.float64]) -> None:
        self.value = float(values(metric, rows.sum(axis=0)[None])[0])
        self.influences = linear.influences(metric, rows)


def _measured(
    part: Slice,
    tables: Mapping[str, Table],
    whole: Mapping[str, _Part],
    documents: _Units,
    pair: tuple[str, str],
) -> SliceResult:
    places = np.array(part.segments, np.int64)
    unit, units, all_units = "segment", None, None
    if documents is not None and len(np.unique(documents[places])) >= LEAST_DOCUMENTS:
        unit, units, all_units = "document", documents[places], documents
    parts = {name: _Part(table.metric, table.rows[places]) for name, table in tables.items()}

    def beside(name: str) -> npt.NDArray[np.float64]:
        """Influences on the slice's score − the whole's."""
        spread = -whole[name].influences
        spread[places] += parts[name].influences
        return spread

    scores = []
    for name, own in parts.items():
        low, high = _ends(own.value, linear.by_unit(own.influences, units))
        change = own.value - whole[name].value
        scores.append(
            SliceScore(name, own.value, low, high, change, *_ends(change, linear.by_unit(beside(name), all_units)))
        )
    a, b = pair
    if a == b:
        return SliceResult(part.dimension, part.name, len(places), True, unit, tuple(scores))
    difference = parts[a].value - parts[b].value
    spread = linear.by_unit(parts[a].influences - parts[b].influences, units)
    change = difference - (whole[a].value - whole[b].value)
    return SliceResult(
        part.dimension,
        part.name,
        len(places),
        True,
        unit,
        tuple(scores),
        difference,
        *_ends(difference, spread),
        p=linear.p_value(difference, spread),
        change=change,
        **dict(
            zip(
                ("change_low", "change_high"),
                _ends(change, linear.by_unit(beside(a) - beside(b), all_units)),
                strict=True,
            )
        ),
    )


def _ends(value: float, spread: npt.NDArray[np.float64]) -> tuple[float | None, float | None]:
    half = linear.half_width(spread)
    return (None, None) if half is None else (value - half, value + half)


def _corrected(one: SliceResult, p: float) -> SliceResult:
    return replace(one, p_holm=p)


def _parted(dimension: str, labels: Sequence[str | None], order: Sequence[str]) -> list[Slice]:
    places: dict[str, list[int]] = {name: [] for name in order}
    for n, label in enumerate(labels):
        if label is not None:
            places[label].append(n)
    found = [Slice(dimension, name, tuple(here)) for name, here in places.items() if here]
    return found if len(found) > 1 or (found and len(found[0].segments) < len(labels)) else []


def _places(test: TestSet) -> list[str | None]:
    """A document of one segment has no place to speak of."""
    found: list[str | None] = [None] * len(test)
    for _, start, end in test.spans():
        if end - start > 1:
            found[start:end] = ["first", *["between"] * (end - start - 2), "last"]
    return found


def _large(documents: Sequence[str]) -> list[Slice]:
    """The largest documents that have segments enough for a score, in the order of the test set, and all others as one."""
    counts = Counter(documents)
    kept = {name for name, count in counts.most_common(MOST_VALUES) if count >= LEAST}
    if not kept:
        return []
    rest = f"{len(counts) - len(kept):,} other documents"
    order = [*(name for name in counts if name in kept), rest]
    return _parted("document", [name if name in kept else rest for name in documents], order)


def _column(name: str, column: Sequence[str]) -> list[Slice]:
    counts = Counter(column)
    common = [value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    rest = f"{len(common) - MOST_VALUES:,} other values"
    kept = common if len(common) <= MOST_VALUES + 1 else common[:MOST_VALUES]
    shown = {value: value or "(empty)" for value in sorted(kept)}
    order = list(dict.fromkeys([*shown.values(), *([rest] if len(kept) < len(common) else [])]))
    return _parted(name, [shown.get(value, rest) for value in column], order)
