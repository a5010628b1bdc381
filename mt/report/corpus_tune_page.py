"""What `mt corpus tune` learnt, as one HTML file without network or script: noise found by kind, and the curves on which thresholds were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from mt import __version__
from mt.report.corpus_plots import percent
from mt.report.evaluate_plots import Mark, Row, curve, intervals
from mt.report.run_page import _asset, _policy
from mt.report.templates import environment

if TYPE_CHECKING:
    from jinja2 import Template

_POINTS = 200  # of a line: more cannot be told apart


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of noise: how many rows there are and how many are found; precision as a share of 1."""

    name: str
    rows: int
    found: int
    precision: float

    @property
    def recall(self) -> float:
        """Share found."""
        return self.found / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class StepView:
    """A cut of the greedy fit: what it is, and what all cuts so far find and lose, as shares of 1."""

    said: str
    recall: float
    loss: float


@dataclass(frozen=True, slots=True)
class CurveView:
    """What a threshold on the classifier's answer is worth, of the rows that intervals leave.

    Attributes:
        threshold: one a point; rows below it are rejected.
        precision: shares of 1, as long; so are `recall` and `loss`.
        recall: of the noise.
        loss: of the clean rows.
        area: under the ROC, 0 to 1.
        chosen: the threshold taken, None where none is.
    """

    threshold: Sequence[float]
    precision: Sequence[float]
    recall: Sequence[float]
    loss: Sequence[float]
    area: float
    chosen: float | None = None


@dataclass(frozen=True, slots=True)
class TunePage:
    """Everything the page shows.

    Attributes:
        kinds: of noise, the last one all together.
        budget: share of the clean rows that might be lost.
        loss: file → share of its clean rows that is lost; `""` = of all.
        steps: of the intervals.
        classifier: None where there is none.
        limits: score → its interval in words.
        off: filters of the profile that are left out.
        signature: data, noise, models and options.
    """

    kinds: Sequence[KindView]
    budget: float
    loss: Mapping[str, float]
    steps: Sequence[StepView] = ()
    classifier: CurveView | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    off: Sequence[str] = ()
    signature: str = ""


def render(page: TunePage) -> str:
    r"""The page as one HTML document; equal pages give equal text.

    Example:
        >>> html = render(TunePage([KindView("html", 9, 9, 1.0), KindView("all", 9, 9, 1.0)], 0.03, {"": 0.01}))
        >>> "100.0\xa0% of the noise planted is found" in html, "<script" in html
        (True, False)
    """
    css = "".join(_asset(name) for name in ("run.css", "evaluate.css", "corpus.css"))
    return _template().render(
        page=page,
        css=css,
        policy=_policy(css, ""),
        whole=page.kinds[-1],
        kinds_plot=_kinds(page.kinds),
        plots=list(_plots(page)),
        version=__version__,
    )


def _kinds(kinds: Sequence[KindView]) -> str:
    rows = [
        Row(
            kind.name,
            (
                Mark(100 * kind.recall, None, None, f"{kind.name}: recall {percent(kind.recall)}"),
                Mark(100 * kind.precision, None, None, f"{kind.name}: precision {percent(kind.precision)}", "two"),
            ),
            f"{kind.found:,} of {kind.rows:,}",
        )
        for kind in kinds
        if kind.rows
    ]
    return intervals(
        rows, x_title="recall and precision, % →", label="Recall and precision by kind of noise", zero=True
    )


def _plots(page: TunePage) -> list[tuple[str, str, str]]:
    """Title, drawing and caption of every curve there is."""
    found = [_steps(page)] if page.steps else []
    if page.classifier is not None:
        found += [_precision(page.classifier), _recall(page.classifier, page.budget)]
    return found


def _steps(page: TunePage) -> tuple[str, str, str]:
    points = [(100 * one.loss, 100 * one.recall) for one in page.steps]
    marks = [
        Mark(
            100 * one.loss, 100 * one.recall, None, f"{one.said}: {percent(one.recall)} found, {percent(one.loss)} lost"
        )
        for one in page.steps
    ]
    title = "Intervals: noise found for clean rows lost"
    svg = curve(points, marks, x_title=_LOST, y_title=_FOUND, label=title)
    said = (
        f"The first is {page.steps[0].said}, beside what the profile finds at next to no loss; each dot is one more cut of a score's range, the "
        "one that then found most for what it lost. Point at a dot to see which."
    )
    return title, svg, said


def _precision(view: CurveView) -> tuple[str, str, str]:
    # the first threshold rejects all that it can: recall falls along the list
    points = _thinned([(100 * r, 100 * p) for r, p in zip(view.recall, view.precision, strict=True)][::-1])
    title = "Classifier: precision and recall"
    place = _place(view)
    marks = [] if place is None else [_chosen(view, place, 100 * view.recall[place], 100 * view.precision[place])]
    points = sorted([*points, *((m.value, m.low) for m in marks if m.low is not None)], key=lambda point: point[0])
    svg = curve(points, marks, x_title="recall: noise found, % →", y_title="precision, % ↑", label=title)
    said = "Of the rows that the intervals leave, judged by classifiers that did not see their file (or document)."
    return title, svg, f"{said} {_marked(view, place)}".rstrip()


def _recall(view: CurveView, budget: float) -> tuple[str, str, str]:
    most = max(3 * budget, 0.01)  # what no budget like this one buys would push the rest into a corner
    near = [n for n, loss in enumerate(view.loss) if loss <= most]
    points = _thinned([(100 * view.loss[n], 100 * view.recall[n]) for n in near][::-1])
    title = "Classifier: noise found for clean rows lost"
    place = _place(view)
    shown = place is not None and view.loss[place] <= most
    marks = (
        [_chosen(view, place, 100 * view.loss[place], 100 * view.recall[place])] if shown and place is not None else []
    )
    svg = curve(points, marks, x_title=_LOST, y_title=_FOUND, label=title)
    said = f"The same rows, as far as a loss of {percent(most)}. The area under the whole of it, the ROC, is {view.area:.4f}."
    return title, svg, said


_LOST, _FOUND = "clean rows lost, % →", "noise found, % ↑"


def _place(view: CurveView) -> int | None:
    """Where the chosen threshold stands on the curve: thresholds descend, and rows below one are rejected."""
    if view.chosen is None:
        return None
    return next((n for n, one in enumerate(view.threshold) if one <= view.chosen), len(view.threshold) - 1)


def _chosen(view: CurveView, place: int, x: float, y: float) -> Mark:
    said = (
        f"learned ≥ {view.chosen:.4g}: recall {percent(view.recall[place])}, precision {percent(view.precision[place])}"
    )
    return Mark(x, y, None, f"{said}, {percent(view.loss[place])} of the clean rows lost", "marked")


def _marked(view: CurveView, place: int | None) -> str:
    return "" if place is None else f"The dot is {_chosen(view, place, 0, 0).title.replace(':', ', with', 1)}."


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most so many points, at even distances along x, so that steep parts keep theirs; the ends stay."""
    if len(points) <= _POINTS:
        return list(points)
    step = (points[-1][0] - points[0][0]) / _POINTS
    kept = [points[0]]
    for point in points[1:-1]:
        if point[0] - kept[-1][0] >= step:
            kept.append(point)
    return [*kept, points[-1]]


@cache
def _template() -> Template:
    filled = environment()
    filled.filters.update({"number": lambda n: f"{n:,}", "percent": percent})
    return filled.get_template("corpus_tune.html.j2")
