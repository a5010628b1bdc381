"""The scores of an evaluation as the one table of a paper: best first, by rank clusters, with what the tests leave open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt.errors import plural
from mt.pipeline.evaluate_verdict import main_comparison, pair_of
from mt.report.evaluate_tables import Cell, paper

Record = Mapping[str, Any]


def paper_table(record: Record) -> str:
    """LaTeX: a row a system with its 95 % intervals, the best of each metric bold, † at those that the test does not tell from it, lines between
    the rank clusters of the metric of the verdict, and all signatures in the caption.
    """
    comparisons = list(record["comparisons"].values())
    main = main_comparison(record)
    heads = ["System", *(f"{c['name']} {'↓' if c['lower_is_better'] else '↑'}" for c in comparisons)]
    order = [row["system"] for row in main["scores"]]
    clusters = main["clusters"] if main["verdict"] and len(order) > 1 else [order]
    groups = [
        [[Cell(name), *(_score(c, name) for c in comparisons)] for name in order if name in cluster]
        for cluster in clusters
    ]
    return paper(heads, groups, caption=_caption(record), signatures=[(c["name"], c["signature"]) for c in comparisons])


def _score(comparison: Record, name: str) -> Cell:
    own = next(row for row in comparison["scores"] if row["system"] == name)
    best = comparison["scores"][0]
    small = "" if own["low"] is None else f"{own['low']:.1f}–{own['high']:.1f}"
    pair = pair_of(comparison, best["system"], name)
    tied = pair is not None and pair["better"] is None and comparison["verdict"]
    return Cell(f"{own['value']:.1f}", small, own["value"] == best["value"], "†" if tied else "")


def _caption(record: Record) -> str:
    test, main = record["test_set"], main_comparison(record)
    said = f"{plural(len(record['systems']), 'system')} on {test['name']}, {plural(test['segments'], test['unit'])}."
    if len(record["systems"]) < 2:
        return f"{said} Small: 95 % intervals of {plural(main['units'], main['resampled'])}."
    said += f" Bold: the best; small: 95 % intervals of {plural(main['units'], main['resampled'])}."
    said += (
        f" †: not told from the best (paired approximate randomisation, p ≥ {main['alpha']:g} after Holm's correction for "
        f"{plural(len(main['pairs']), 'pair')})."
    )
    if main["verdict"] and len(main["clusters"]) > 1:
        said += f" Lines part rank clusters by {main['name']}."
    if silent := [c["name"] for c in record["comparisons"].values() if not c["verdict"]]:
        said += f" Too few segments for a verdict by {' and '.join(silent)}."
    return said
