"""Plots of an evaluation as inline SVG: intervals in rows, a histogram, a heat strip, a course over runs. Looks come from CSS classes.

Horizontal positions are percentages and vertical ones pixels, as in `plots`. Axes need not start at 0: differences lie around it, and scores of
good systems far from it. So every axis has its numbers, and its unit at the title.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Literal

from mt.report.plots import _grid, _line, _open, _text, _up, ticks, visible

ROW = 42  # px a row of `intervals`: its name above, its marks below
STRIP_ROW = 34
HEIGHT = 200
LEVELS = 7  # colours of the heat strip

Kind = Literal["one", "two", "muted", "marked"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot with its interval; `low` and `high` None where there is none.

    Attributes:
        value: where the dot stands.
        low: left end of the bar.
        high: right end.
        title: what a reader sees when pointing at it.
        kind: `one` and `two` are the two systems compared, `muted` a mark that proves nothing, `marked` one to look at.
    """

    value: float
    low: float | None
    high: float | None
    title: str
    kind: Kind = "one"


@dataclass(frozen=True, slots=True)
class Row:
    """Marks on one line, under one name; `note` stands at the right end."""

    name: str
    marks: tuple[Mark, ...]
    note: str = ""


WHOLE = 8  # steps of an axis of whole numbers, at most


@dataclass(frozen=True, slots=True)
class Cell:
    """A document of the heat strip: `width` in segments, `value` None where it was not measured."""

    value: float | None
    width: float
    title: str


def span(low: float, high: float, intervals: int = 6) -> tuple[float, ...]:
    """Round numbers from at or below `low` to at or above `high`, in steps of 1, 2 or 5 times a power of ten; at least two.

    Example:
        >>> span(-1.3, 2.2)
        (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
        >>> span(44.1, 52.9)
        (44.0, 46.0, 48.0, 50.0, 52.0, 54.0)
    """
    if not high > low:
        low, high = low - 0.5, high + 0.5
    step = ticks(high - low, intervals)[1]
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(n * step, 10) for n in range(first, last + 1))


def intervals(
    rows: Sequence[Row], *, x_title: str, label: str, zero: bool = False, rule: float | None = None, whole: bool = False
) -> str:
    """Rows of dots with bars over one axis: a forest plot, ranks, slices, scores.

    Args:
        rows: from the top.
        x_title: quantity and unit.
        label: the plot in one sentence, for those who do not see it.
        zero: the axis reaches 0, and a line stands there.
        rule: draws a dashed line at this value, or nothing.
        whole: the axis has whole numbers only.

    Example:
        >>> svg = intervals([Row("B \u2212 A", (Mark(1.0, 0.0, 2.0, "1.0"),))], x_title="chrF2", label="d", zero=True)
        >>> 'cx="50%"' in svg, svg.count("<rect")
        (True, 1)
    """
    values = [x for row in rows for m in row.marks for x in (m.value, m.low, m.high) if x is not None]
    values += [0.0] if zero else []
    values += [rule] if rule is not None else []
    marks = span(min(values, default=0.0), max(values, default=1.0))
    if whole:
        # ranks begin at 1: an axis from 0 to the next round number shows some that nobody can have
        first, last = math.floor(min(values, default=0.0)), math.ceil(max(values, default=1.0))
        step = max(1, math.ceil((last - first) / WHOLE))
        marks = tuple(float(n) for n in range(first, max(last, first + 1) + step, step))
    height = ROW * len(rows)
    parts = [_open("rows", height, label)]
    for tick in marks:
        x = _place(tick, marks)
        parts.append(_line("axis" if zero and tick == 0 else "grid", x, x, 0, height))
        parts.append(_text(x, height + 14, "middle", f"{tick:g}".replace("-", "\N{MINUS SIGN}")))
    if rule is not None:
        parts.append(_line("rule", _place(rule, marks), _place(rule, marks), 0, height))
    parts.append(_text(100, height + 32, "end", x_title, "name"))
    for n, row in enumerate(rows):
        parts.append(_text(0, n * ROW + 11, "start", row.name, "row"))
        if row.note:
            parts.append(_text(100, n * ROW + 11, "end", row.note, "tick"))
        step = 0 if len(row.marks) < 2 else 9
        for k, mark in enumerate(row.marks):
            parts.append(_mark(mark, marks, n * ROW + 28 + step * (k - (len(row.marks) - 1) / 2)))
    return "".join([*parts, "</svg>"])


def histogram(
    counts: Sequence[int], edges: Sequence[float], *, x_title: str, label: str, rule: float | None = None
) -> str:
    """Bars of counts between edges.

    Args:
        counts: one a bar.
        edges: one more than counts, ascending, at even distances.
        x_title: quantity and unit.
        label: the plot in one sentence.
        rule: draws a dashed line there.

    Example:
        >>> histogram([1, 3], [0, 1, 2], x_title="x", label="l").count("<title>")
        2
    """
    ys = ticks(max(counts, default=1), 4)
    left, right = edges[0], edges[-1]
    parts = [_open("histogram", HEIGHT, label), *_grid(ys, HEIGHT, "segments ↑")]
    for count, a, b in zip(counts, edges[:-1], edges[1:], strict=True):
        x, width = 100 * (a - left) / (right - left), 100 * (b - a) / (right - left)
        y = _up(count, ys[-1], HEIGHT)
        shape = f'<rect class="fill" x="{x + width * 0.05:.4g}%" width="{width * 0.9:.4g}%" y="{y:.4g}" height="{HEIGHT - y:.4g}"/>'
        parts.append(f"<g><title>{escape(f'{a:g} to {b:g}: {count:,}')}</title>{shape}</g>")
    for tick in (t for t in span(left, right) if left <= t <= right):
        x = 100 * (tick - left) / (right - left)
        parts += [_line("axis", x, x, HEIGHT, HEIGHT + 4)]
        parts.append(_text(x, HEIGHT + 16, "middle", f"{tick:g}".replace("-", "\N{MINUS SIGN}")))
    if rule is not None and left <= rule <= right:
        x = 100 * (rule - left) / (right - left)
        parts.append(_line("rule", x, x, 0, HEIGHT))
    return "".join([*parts, _text(100, HEIGHT + 34, "end", x_title, "name"), "</svg>"])


def strip(rows: Sequence[tuple[str, Sequence[Cell]]], *, x_title: str, label: str, low: float, high: float) -> str:
    """A line of coloured cells for each system, one cell a document, in order; widths as the documents' lengths.

    Args:
        rows: a name and its cells; all rows have the same widths.
        x_title: what runs from left to right.
        label: the plot in one sentence.
        low: value of the lightest colour; below it nothing gets lighter.
        high: of the darkest.

    Example:
        >>> svg = strip([("A", [Cell(10, 1, "d1"), Cell(50, 3, "d2")])], x_title="x", label="l", low=10, high=50)
        >>> 'class="heat h0" x="0%" width="25%"' in svg, 'class="heat h6" x="25%" width="75%"' in svg
        (True, True)
    """
    height = STRIP_ROW * len(rows)
    parts = [_open("strip", height, label)]
    for n, (name, cells) in enumerate(rows):
        parts.append(_text(0, n * STRIP_ROW + 8, "start", name, "row"))
        total, x = sum(cell.width for cell in cells) or 1, 0.0
        for cell in cells:
            width = 100 * cell.width / total
            kind = "none" if cell.value is None else f"h{level(cell.value, low, high)}"
            shape = (
                f'<rect class="heat {kind}" x="{x:.4g}%" width="{width:.4g}%" y="{n * STRIP_ROW + 16}" height="14"/>'
            )
            parts.append(f"<g><title>{escape(visible(cell.title))}</title>{shape}</g>")
            x += width
    return "".join([*parts, _text(100, height + 14, "end", x_title, "name"), "</svg>"])


def level(value: float, low: float, high: float) -> int:
    """Which of the `LEVELS` colours a value has.

    Example:
        >>> level(0, 0, 70), level(35, 0, 70), level(99, 0, 70), level(5, 5, 5)
        (0, 3, 6, 3)
    """
    if not high > low:
        return LEVELS // 2
    return min(max(int(LEVELS * (value - low) / (high - low)), 0), LEVELS - 1)


def course(points: Sequence[tuple[str, float, float | None, float | None, bool]], *, y_title: str, label: str) -> str:
    """A score over runs, the oldest on the left.

    Args:
        points: what a run is called, value, ends of its interval or None, and whether it stands out.
        y_title: quantity and unit.
        label: the plot in one sentence.
    """
    values = [x for p in points for x in p[1:4] if x is not None]
    ys = span(min(values, default=0.0), max(values, default=1.0))
    parts = [_open("course", HEIGHT, label), _text(0, -18, "start", y_title, "name", shift=-34)]
    for tick in ys:
        y = HEIGHT * (1 - _place(tick, ys) / 100)
        parts += [_line("grid", 0, 100, y, y), _text(0, y, "end", f"{tick:g}", shift=-8)]
    spots = []
    for n, (name, value, low, high, marked) in enumerate(points):
        x = 100 * (n + 0.5) / len(points)
        y = HEIGHT * (1 - _place(value, ys) / 100)
        spots.append((x, y))
        bar = ""
        if low is not None and high is not None:
            bar = _line("range-line", x, x, *(HEIGHT * (1 - _place(v, ys) / 100) for v in (low, high)))
        kind = "mark marked" if marked else "mark one"
        parts.append(
            f'<g class="{kind}"><title>{escape(visible(name))}</title>{bar}<circle cx="{x:.4g}%" cy="{y:.4g}" r="5"/></g>'
        )
    joined = [_line("path", a[0], b[0], a[1], b[1]) for a, b in pairwise(spots)]
    return "".join(
        [
            *parts[:1],
            *joined,
            *parts[1:],
            _text(100, HEIGHT + 16, "end", "runs, newest on the right →", "name"),
            "</svg>",
        ]
    )


def curve(
    points: Sequence[tuple[float, float]], marks: Sequence[Mark], *, x_title: str, y_title: str, label: str
) -> str:
    """A line through points, and marks that stand on it.

    Args:
        points: (x from 0, y in percent) by ascending x.
        marks: `value` is x; `low` is y, `high` is not used.
        x_title: quantity and unit.
        y_title: quantity and unit.
        label: the plot in one sentence.

    Example:
        >>> curve([(0, 50), (2, 80)], [Mark(1, 65, None, "a")], x_title="x", y_title="y", label="l").count("<circle")
        1
    """
    xs = ticks(max((x for x, _ in points), default=1.0), 6)
    values = [y for _, y in points] + [m.low for m in marks if m.low is not None]
    ys = span(min(values, default=50.0), max(values, default=100.0), 5)
    parts = [_open("curve", HEIGHT, label), _text(0, -18, "start", y_title, "name", shift=-34)]
    for tick in ys:
        y = HEIGHT * (1 - _place(tick, ys) / 100)
        parts += [_line("grid", 0, 100, y, y), _text(0, y, "end", f"{tick:g}", shift=-8)]
    for tick in xs:
        x = _place(tick, xs)
        parts += [_line("axis", x, x, HEIGHT, HEIGHT + 4), _text(x, HEIGHT + 16, "middle", f"{tick:g}")]
    spots = [(_place(x, xs), HEIGHT * (1 - _place(y, ys) / 100)) for x, y in points]
    parts += [_line("path", a[0], b[0], a[1], b[1]) for a, b in pairwise(spots)]
    for mark in marks:
        if mark.low is not None:
            y = HEIGHT * (1 - _place(mark.low, ys) / 100)
            dot = f'<circle cx="{_place(mark.value, xs):.4g}%" cy="{y:.4g}" r="4.5"/>'
            parts.append(f'<g class="mark {mark.kind}"><title>{escape(visible(mark.title))}</title>{dot}</g>')
    return "".join([*parts, _text(100, HEIGHT + 34, "end", x_title, "name"), "</svg>"])


def _mark(mark: Mark, axis: Sequence[float], y: float) -> str:
    shape = ""
    if mark.low is not None and mark.high is not None:
        left, right = _place(mark.low, axis), _place(mark.high, axis)
        shape = (
            f'<rect class="bar" x="{left:.4g}%" width="{max(right - left, 0.1):.4g}%" y="{y - 3:g}" height="6" rx="3"/>'
        )
    dot = f'<circle cx="{_place(mark.value, axis):.4g}%" cy="{y:g}" r="4.5"/>'
    return f'<g class="mark {mark.kind}"><title>{escape(visible(mark.title))}</title>{shape}{dot}</g>'


def _place(value: float, axis: Sequence[float]) -> float:
    """Percent of the way along an axis, kept inside."""
    return min(max(100 * (value - axis[0]) / (axis[-1] - axis[0]), 0.0), 100.0)
