"""`mt corpus tune --plot`: what was learnt, as a page."""

from __future__ import annotations

from pathlib import Path

from mt.files import write_text
from mt.pipeline.corpus_semantic import LEARNED
from mt.pipeline.corpus_tune import Tuned, said
from mt.report.corpus_tune_page import CurveView, KindView, StepView, TunePage, render


def page(tuned: Tuned, budget: float) -> TunePage:
    """What the page shows.

    Args:
        tuned: what was learnt.
        budget: share of the clean rows that might be lost.
    """
    curve, chosen = None, tuned.limits.get(LEARNED)
    if (c := tuned.curve) is not None:
        threshold, precision, recall, loss = (one.tolist() for one in (c.threshold, c.precision, c.recall, c.loss))
        curve = CurveView(threshold, precision, recall, loss, c.area, None if chosen is None else chosen.low)
    return TunePage(
        [KindView(row.kind, row.rows, row.found, row.precision) for row in tuned.kinds],
        budget,
        tuned.loss,
        [StepView(f"{name} {said(limit)}", recall, lost) for name, limit, recall, lost in tuned.steps],
        curve,
        {name: said(limit) for name, limit in tuned.limits.items()},
        list(tuned.off),
        str(tuned.signature),
    )


def plot(path: Path, tuned: Tuned, budget: float) -> None:
    """Write the page.

    Raises:
        OutputError: where it cannot be written.
    """
    write_text(path, render(page(tuned, budget)))
