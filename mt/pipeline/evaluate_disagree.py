"""Segments on which the metrics of an evaluation disagree most: into the record, and its table of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mt.pipeline.evaluate_verdict import signed
from mt.report.evaluate_page import Block, Grid
from mt.report.tables import TextTable

if TYPE_CHECKING:
    from mt.pipeline.evaluate import Evaluation

Record = Mapping[str, Any]


def disagree(state: Evaluation) -> None:
    """By the metrics asked for and the neural ones, for the pair; empty where there is one metric only."""
    from mt.evaluate.disagreement import disagreements, sentence_values
    from mt.evaluate.statistics import NAMES

    a, b = state.pair
    scores: dict[str, tuple[Any, Any]] = {
        NAMES[metric]: (sentence_values(state.tables[metric][a]), sentence_values(state.tables[metric][b]))
        for metric in state.comparisons
    }
    for one in state.parts.get("neural") or ():
        sign = -1.0 if one["lower_is_better"] else 1.0
        scores[one["metric"]] = tuple([sign * x for x in one["segments"][name]] for name in (a, b))  # type: ignore[assignment]
    found = disagreements(scores, one=a == b)
    state.parts["disagreements"] = [
        {
            "segment": d.segment + 1,
            "metrics": list(d.metrics),
            "values": [round(d.first, 4), round(d.second, 4)],
            "strength": round(d.strength, 4),
        }
        for d in found
    ]


def words(record: Record, one: Record) -> tuple[str, str]:
    """What each of the two metrics says of a segment."""
    alone = record["pair"][0] == record["pair"][1]
    a, b = (
        f"{name} {value:.1f}" if alone else f"{name} {signed(value)}"
        for name, value in zip(one["metrics"], one["values"], strict=True)
    )
    return a, b


def blocks(record: Record) -> list[Block]:
    """The segments with links."""
    found = record.get("disagreements")
    if not found:
        return []
    a, b = record["pair"]
    rows = tuple((f"segment {one['segment']}", *words(record, one), f"{one['strength']:.2f}") for one in found)
    links = {(n, 0): f"#seg-{one['segment']}" for n, one in enumerate(found)}
    notes = (
        f"{a} − {b}, one metric for each; turned so that higher is better. By how much: the smaller difference, over the metric's usual one."
        if a != b
        else "Sentence scores, turned so that higher is better. By how much: between the segment's ranks, as a share of all segments.",
    )
    heads = ("segment", "one says", "another", "by")
    return [Grid(TextTable("Segments on which metrics disagree most", heads, rows, notes), links=links)]
