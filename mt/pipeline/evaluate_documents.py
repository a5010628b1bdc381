"""Documents on an evaluation's page: a strip along the test set, and a table of the furthest apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mt.errors import plural
from mt.pipeline import evaluate_detail as detail
from mt.pipeline.evaluate_verdict import main_comparison, signed
from mt.report import evaluate_plots as plots
from mt.report.evaluate_page import Figure, Grid, Mood, Section
from mt.report.tables import TextTable

Record = Mapping[str, Any]
STRIPS = 6  # systems in the heat strip
CELLS = 400  # of a system in it; more are narrower than a pixel or two
ROWS = 300  # of the table


def section(record: Record) -> Section | None:
    """chrF2 of each document; None where documents are not known, or there is one."""
    found = record.get("documents")
    if not found or len(found["names"]) < 2:
        return None
    order = [s["system"] for s in main_comparison(record)["scores"]]
    shown = list(dict.fromkeys([*record["pair"], *order]))[:STRIPS]
    return Section(
        "documents",
        "Documents",
        (_strip(found, shown), _table(found, *record["pair"]), *detail.consistency(record)),
        "chrF2 of all segments of a document together.",
    )


def _strip(found: Record, shown: Sequence[str]) -> Figure:
    """A row a system; documents side by side, several in one cell where there are many."""
    count = len(found["names"])
    step = -(-count // CELLS)
    parts = [range(start, min(start + step, count)) for start in range(0, count, step)]
    rows = []
    for name in shown:
        scores, sizes = found["scores"][name], found["segments"]
        cells = []
        for part in parts:
            size = sum(sizes[n] for n in part)
            value = sum(scores[n] * sizes[n] for n in part) / max(size, 1)
            docs = found["names"][part[0]] + ("" if len(part) == 1 else f" to {found['names'][part[-1]]}")
            cells.append(plots.Cell(value, size, f"{name}, {docs}, {plural(size, 'segment')}: chrF2 {value:.1f}"))
        rows.append((name, cells))
    values = [cell.value for _, cells in rows for cell in cells if cell.value is not None]
    low, high = min(values), max(values)
    svg = plots.strip(
        rows, x_title="documents in the order of the test set →", label="chrF2 of each document", low=low, high=high
    )
    caption = f"The stronger the colour, the better: chrF2 of a document, {low:.0f} to {high:.0f} %; widths are numbers of segments."
    if step > 1:
        caption += f" {step} documents a cell, their mean by segments: there are {count:,}."
    return Figure("Along the test set", svg, caption)


def _table(found: Record, a: str, b: str) -> Grid:
    """A row a document, worst for the first system first; both ends where there are many."""
    rows, moods, links = [], dict[tuple[int, int], Mood](), dict[tuple[int, int], str]()
    columns = (a,) if a == b else (a, b)
    ordered = sorted(
        range(len(found["names"])), key=lambda n: found["scores"][a][n] - (found["scores"][b][n] if a != b else 0)
    )
    notes: tuple[str, ...] = ()
    if len(ordered) > ROWS:
        ordered = [*ordered[: ROWS // 2], *ordered[-(ROWS // 2) :]]
        notes = (f"The {ROWS // 2} first and last of {len(found['names']):,} documents; all are in scores.json.",)
    for r, n in enumerate(ordered):
        row = [found["names"][n], str(found["segments"][n]), *(f"{found['scores'][name][n]:.1f}" for name in columns)]
        links[r, 0] = f"#seg-{found['first'][n]}"
        if a != b:
            delta = found["scores"][a][n] - found["scores"][b][n]
            row.append(signed(delta))
            moods[r, 4] = "good" if delta > 0 else "bad" if delta < 0 else "muted"
        rows.append(tuple(row))
    heads = ("document", "segments", *columns, *(() if a == b else (f"{a} − {b}",)))
    table = TextTable("chrF2 by document, worst for the first first", heads, tuple(rows), notes)
    return Grid(table, moods, folded=True, links=links)
