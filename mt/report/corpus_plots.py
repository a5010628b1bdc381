"""Plots of a corpus as inline SVG: bars of published rows with those left out on top, and a bar of a table's row. Looks come from CSS classes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from mt.report.evaluate_plots import span
from mt.report.plots import _grid, _line, _open, _text, _up, ticks, visible

HEIGHT = 170


def stacked(
    edges: Sequence[float],
    published: Sequence[int],
    lost: Sequence[int] | None = None,
    *,
    rules: Sequence[float] = (),
    x_title: str,
    label: str,
) -> str:
    """Counts between edges: published rows from the axis up, rows that were left out above them, thresholds as dashed lines.

    Args:
        edges: one more than counts, ascending, at even distances.
        published: one a bar.
        lost: one a bar, or None where only published rows are shown.
        rules: where lines are drawn; those outside the plot are left out.
        x_title: quantity and unit.
        label: the plot in one sentence.

    Example:
        >>> svg = stacked([0, 1, 2], [1, 3], [2, 0], rules=[1], x_title="x", label="l")
        >>> svg.count('class="kept"'), svg.count('class="gone"'), svg.count('class="rule"')
        (2, 1, 1)
    """
    gone = lost if lost is not None else [0] * len(published)
    ys = ticks(max((a + b for a, b in zip(published, gone, strict=True)), default=1), 4)
    left, right = edges[0], edges[-1]
    parts = [_open("histogram", HEIGHT, label), *_grid(ys, HEIGHT, "rows ↑")]
    for kept, out, a, b in zip(published, gone, edges[:-1], edges[1:], strict=True):
        x, width = 100 * (a - left) / (right - left), 100 * (b - a) / (right - left)
        spot = f'x="{x + width * 0.05:.4g}%" width="{width * 0.9:.4g}%"'
        said = f"{a:g} to {b:g}: {kept:,} published" + (f", {out:,} left out" if lost is not None else "")
        middle, top = _up(kept, ys[-1], HEIGHT), _up(kept + out, ys[-1], HEIGHT)
        shape = f'<rect class="kept" {spot} y="{middle:.4g}" height="{HEIGHT - middle:.4g}"/>'
        if out:
            shape += f'<rect class="gone" {spot} y="{top:.4g}" height="{middle - top:.4g}"/>'
        parts.append(f"<g><title>{escape(visible(said))}</title>{shape}</g>")
    for tick in (t for t in span(left, right) if left <= t <= right):
        x = 100 * (tick - left) / (right - left)
        parts += [_line("axis", x, x, HEIGHT, HEIGHT + 4)]
        parts.append(_text(x, HEIGHT + 16, "middle", f"{tick:,g}".replace("-", "\N{MINUS SIGN}")))
    for rule in rules:
        if left <= rule <= right:
            x = 100 * (rule - left) / (right - left)
            parts.append(_line("rule", x, x, -8, HEIGHT))
    return "".join([*parts, _text(100, HEIGHT + 34, "end", x_title, "name"), "</svg>"])


def share(whole: int, left: int, lost: int) -> str:
    """A bar for a table's row: what is left of the whole, and behind it what this row takes away.

    Example:
        >>> svg = share(100, 60, 20)
        >>> 'class="kept" x="0%" width="60%"' in svg, 'class="gone" x="60%" width="20%"' in svg
        (True, True)
    """
    total = whole or 1
    a, b = 100 * left / total, 100 * lost / total
    return (
        '<svg class="share" width="100%" height="12" aria-hidden="true"><rect class="all" x="0%" width="100%" height="12"/>'
        f'<rect class="kept" x="0%" width="{a:.4g}%" height="12"/>'
        f'<rect class="gone" x="{a:.4g}%" width="{b:.4g}%" height="12"/></svg>'
    )


def percent(share: float) -> str:
    r"""A share of 1 in percent, the unit on the same line; what is not quite all or nothing does not look as if it were.

    Example:
        >>> percent(0.934), percent(0.0004), percent(1.0), percent(0.99996)
        ('93.4\xa0%', '0.04\xa0%', '100.0\xa0%', '> 99.9\xa0%')
    """
    if 0.9995 <= share < 1:
        return "> 99.9\N{NO-BREAK SPACE}%"
    return f"{100 * share:.{2 if 0 < share < 0.01 else 1}f}\N{NO-BREAK SPACE}%"
