"""Plots as inline SVG: an interval, a scatter, bars. No library, no script, no colour of their own: CSS classes say how they look.

Horizontal positions are percentages of the plot's width and vertical ones pixels, so a plot fits any screen while its text keeps its
size. Tick labels stand outside the drawing (`overflow: visible`; run.css keeps the margins free).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

T = TypeVar("T")

SCATTER_HEIGHT = 220  # px of the drawing, without labels
BARS_HEIGHT = 220
INTERVAL_HEIGHT = 26

# Invisible in a page, or able to reorder it: controls, line and paragraph separators, bidirectional overrides, lone surrogates, non-characters.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Point:
    """One dot of a scatter.

    Attributes:
        x: from 0.
        y: from 0.
        href: where a click leads, `#…`.
        title: what a reader sees when pointing at it.
        marked: drawn to stand out.
    """

    x: float
    y: float
    href: str
    title: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, from 0 up; `value` None leaves its place empty."""

    value: float | None
    href: str
    title: str
    marked: bool = False


def visible(text: str) -> str:
    r"""Characters that a page would hide, or that would reorder it, written as ⟨U+XXXX⟩; the rest untouched.

    Example:
        >>> visible("a\x00b\u2028c\td")
        'a⟨U+0000⟩b⟨U+2028⟩c\td'
    """
    return _INVISIBLE.sub(lambda m: f"⟨U+{ord(m.group()):04X}⟩", text)


def ticks(high: float, intervals: int = 5) -> tuple[float, ...]:
    """Round numbers from 0 to the first one at or above `high`, in steps of 1, 2 or 5 times a power of ten.

    Args:
        high: largest number to show; 0 or less counts as 1.
        intervals: at most so many steps, from 1.

    Example:
        >>> ticks(47.3)
        (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)
        >>> ticks(0.7)
        (0.0, 0.2, 0.4, 0.6, 0.8)
    """
    if high <= 0:
        high = 1.0
    rough = high / intervals
    power = math.floor(math.log10(rough))
    # 1e-9: a step that misses only by rounding is good enough (0.6 / 3 is not quite 0.2)
    step = next(m * 10.0**power for m in (1, 2, 5, 10) if m * 10.0**power >= rough * (1 - 1e-9))
    count = math.ceil(high / step - 1e-9)
    return tuple(round(i * step, 12) for i in range(count + 1))


def sampled(items: Sequence[T], cap: int) -> tuple[T, ...]:
    """At most `cap` items at even distances, in order, the first always among them.

    Example:
        >>> sampled("abcdefghij", 4)
        ('a', 'c', 'f', 'h')
    """
    if len(items) <= cap:
        return tuple(items)
    return tuple(items[i * len(items) // cap] for i in range(cap))


def interval_plot(value: float, low: float | None, high: float | None, *, label: str) -> str:
    """A score on an axis from 0 to 100 percent (longer where TER needs it): a dot, and a bar from `low` to `high`.

    Example:
        >>> 'class="dot" cx="25%"' in interval_plot(25.0, 20.0, 30.0, label="BLEU")
        True
    """
    marks = ticks(max(100.0, value, high or 0.0))
    top, middle = marks[-1], INTERVAL_HEIGHT / 2
    parts = [_open("interval", INTERVAL_HEIGHT, label), _line("axis", 0, 100, middle, middle)]
    for mark in marks:
        x = _share(mark, top)
        parts.append(_line("axis", x, x, middle - 3, middle + 3))
        # the unit stands at the last number, once
        parts.append(_text(x, INTERVAL_HEIGHT + 8, "middle", f"{mark:g}" + ("\u2009%" if mark == top else "")))
    if low is not None and high is not None:
        left, right = _share(low, top), _share(high, top)
        parts.append(
            f'<rect class="range" x="{left:.4g}%" width="{max(right - left, 0.1):.4g}%" y="{middle - 6:g}" height="12" rx="2"/>'
        )
    parts.append(f'<circle class="dot" cx="{_share(value, top):.4g}%" cy="{middle:g}" r="4"/></svg>')
    return "".join(parts)


def scatter(
    points: Sequence[Point],
    *,
    x_title: str,
    y_title: str,
    label: str,
    slope: float | None = None,
    height: int = SCATTER_HEIGHT,
) -> str:
    """Dots over two axes from 0, each a link with a title; marked dots are drawn last, on top.

    Args:
        points: what to draw; none gives empty axes.
        x_title: quantity and unit along the bottom.
        y_title: quantity and unit up the side.
        label: the plot in one sentence, for those who do not see it.
        slope: draws the line y = slope · x, or nothing.
        height: px.
    """
    xs, ys = ticks(max((p.x for p in points), default=1)), ticks(max((p.y for p in points), default=1))
    right, top = xs[-1], ys[-1]
    parts = [_open("scatter", height, label), *_grid(ys, height, y_title)]
    for mark in xs:
        x = _share(mark, right)
        parts += [_line("axis", x, x, height, height + 4), _text(x, height + 16, "middle", f"{mark:,g}")]
    parts.append(_text(100, height + 34, "end", x_title, "name"))
    if slope:
        x_end = min(right, top / slope)
        parts.append(_line("rule", 0, _share(x_end, right), height, _up(slope * x_end, top, height)))
    for p in sorted(points, key=lambda p: p.marked):
        shape = f'<circle cx="{_share(p.x, right):.4g}%" cy="{_up(p.y, top, height):.4g}" r="{5 if p.marked else 4}"/>'
        parts.append(_link(p.href, p.title, "point marked" if p.marked else "point", shape))
    return "".join([*parts, "</svg>"])


def bars(
    rows: Sequence[Bar], *, y_title: str, x_title: str, label: str, rule: float | None = None, height: int = BARS_HEIGHT
) -> str:
    """Bars side by side over the whole width, the first on the left, each a link with a title.

    Args:
        rows: one a place; the axis reaches the next round number above the largest.
        y_title: quantity and unit up the side.
        x_title: what the places are.
        label: the plot in one sentence.
        rule: draws a dashed line at this height, or nothing.
        height: px.
    """
    marks = ticks(max([row.value or 0.0 for row in rows] + [rule or 0.0]), 4)
    top, width = marks[-1], 100 / max(1, len(rows))
    parts = [_open("bars", height, label), *_grid(marks, height, y_title)]
    for place, row in enumerate(rows):
        if row.value is None:
            continue
        y = _up(row.value, top, height)
        spot = f'x="{place * width + 0.1 * width:.4g}%" width="{0.8 * width:.4g}%"'
        # a bar of height 0 could be neither seen nor clicked: the invisible one behind it reaches the top
        shape = f'<rect class="hit" {spot} y="0" height="{height}"/>'
        shape += f'<rect {spot} y="{min(y, height - 1):.4g}" height="{max(height - y, 1):.4g}"/>'
        parts.append(_link(row.href, row.title, "point marked" if row.marked else "point", shape))
    if rule is not None:
        parts.append(_line("rule", 0, 100, _up(rule, top, height), _up(rule, top, height)))
    return "".join([*parts, _text(100, height + 34, "end", x_title, "name"), "</svg>"])


def _grid(marks: Sequence[float], height: int, title: str) -> list[str]:
    """Horizontal lines with their numbers left of the drawing, and the axis title above it."""
    parts = [_text(0, -18, "start", title, "name", shift=-34)]
    for mark in marks:
        y = _up(mark, marks[-1], height)
        parts.append(_line("axis" if mark == 0 else "grid", 0, 100, y, y))
        parts.append(_text(0, y, "end", f"{mark:,g}", shift=-8))
    return parts


def _share(value: float, top: float) -> float:
    """Percent of the way from 0 to `top`."""
    return 100 * value / top


def _up(value: float, top: float, height: int) -> float:
    """Pixels from the upper edge: SVG counts downwards."""
    return height * (1 - value / top)


def _open(kind: str, height: int, label: str) -> str:
    return f'<svg class="plot {kind}" width="100%" height="{height}" role="img" aria-label="{escape(visible(label))}">'


def _line(kind: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.4g}%" x2="{x2:.4g}%" y1="{y1:.4g}" y2="{y2:.4g}"/>'


def _text(x: float, y: float, anchor: str, text: str, kind: str = "tick", *, shift: int = 0) -> str:
    """`shift` moves it by px beside the percentage."""
    moved = f' dx="{shift}"' if shift else ""
    return f'<text class="{kind}" x="{x:.4g}%" y="{y:.4g}"{moved} dy=".35em" text-anchor="{anchor}">{escape(visible(text))}</text>'


def _link(href: str, title: str, kind: str, shape: str) -> str:
    # Not in the tab order: hundreds of stops; the same places are reached through the paragraphs.
    return f'<a class="{kind}" href="{escape(href)}" tabindex="-1"><title>{escape(visible(title))}</title>{shape}</a>'
