"""The curve of a training run: loss and, where it was measured, chrF over the target pieces seen. One SVG that any viewer shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from mt.report.plots import ticks

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 860, 360, 56, 56, 34, 46
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#555}.grid{stroke:#e4e4e4}.loss{stroke:#1f6feb;fill:none;stroke-width:2}"
    ".chrf{stroke:#b35900;fill:#b35900;stroke-width:2}.chrf-line{stroke:#b35900;fill:none;stroke-width:2}"
    ".left{fill:#1f6feb}.right{fill:#b35900}"
)


def curve(rows: Sequence[Mapping[str, float]]) -> str:
    """The log's lines as a picture.

    Args:
        rows: each with `tokens`, and `loss` (nats a target piece) or `chrF` (percent).

    Example:
        >>> curve([{"tokens": 1e6, "loss": 5.0}, {"tokens": 2e6, "loss": 4.0}]).count("<polyline")
        1
    """
    losses = [(r["tokens"], r["loss"]) for r in rows if "loss" in r]
    checks = [(r["tokens"], r["chrF"]) for r in rows if "chrF" in r]
    right = ticks(max((r["tokens"] / 1e6 for r in rows), default=1.0) or 1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Training curve">',
        f'<style>{_STYLE}</style><rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        *(_tick(x, right[-1]) for x in right),
        _label(_WIDTH - _RIGHT, _HEIGHT - 8, "target pieces seen, millions", "end"),
    ]
    if losses:
        marks = ticks(max(y for _, y in losses))
        parts += [_grid(y, marks[-1]) for y in marks]
        parts.append(_label(8, 18, "loss, nats a piece", "start", "left"))
        parts.append(f'<polyline class="loss" points="{_points(losses, right[-1], marks[-1])}"/>')
    if checks:
        marks = ticks(max(y for _, y in checks))
        parts += [_label(_WIDTH - _RIGHT + 8, _y(y, marks[-1]) + 4, f"{y:g}", "start", "right") for y in marks]
        parts.append(_label(_WIDTH - 8, 18, "chrF on the development set, %", "end", "right"))
        spots = _points(checks, right[-1], marks[-1])
        parts.append(f'<polyline class="chrf-line" points="{spots}"/>')
        parts += [f'<circle class="chrf" cx="{s.split(",")[0]}" cy="{s.split(",")[1]}" r="3"/>' for s in spots.split()]
    return "".join([*parts, "</svg>\n"])


def _points(rows: Sequence[tuple[float, float]], right: float, top: float) -> str:
    return " ".join(f"{_x(x / 1e6, right):.1f},{_y(y, top):.1f}" for x, y in rows)


def _x(value: float, right: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / right


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top


def _tick(value: float, right: float) -> str:
    return _label(_x(value, right), _HEIGHT - _BOTTOM + 18, f"{value:g}", "middle")


def _grid(value: float, top: float) -> str:
    y = _y(value, top)
    line = f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + _label(_LEFT - 8, y + 4, f"{value:g}", "end", "left")


def _label(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
