"""What a difference between two systems is worth: how often people would agree with it.

Two sources, printed side by side because they disagree where it matters, at small differences of BLEU:

- The published curve, percent = a / (1 + exp(−b·|Δ|)), fitted on WMT's human judgements of many language pairs: Kocmi, Zouhar, Federmann and
  Post 2024, "Navigating the Metrics Maze: Reconciling Score Magnitudes and Accuracies" (ACL 2024, pp. 1999–2014); constants as in the authors'
  mt-thresholds 1.0.4.
- Japanese to English alone: 347 pairs of systems of WMT20 to WMT23, the metric's order against that of people's z scores, by the size of the
  difference. The table has no number for some sizes; then there is none.

A curve starts at a / 2, which is below 50 % for every metric but means no more than a coin's toss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mt.errors import ConfigError

CURVES_SOURCE = "Kocmi et al. 2024 (mt-thresholds 1.0.4), many language pairs"
PAIRS_SOURCE = "347 system pairs of WMT20 to WMT23 ja-en against human z scores"

# metric → (a, b)
_CURVES: dict[str, tuple[float, float]] = {
    "bleu": (88.3333, 0.966393),
    "chrf": (93.0, 1.114273),
    "spbleu101": (84.5845, 1.262508),
    "spbleu200": (91.0, 0.807905),
    "bertscore": (95.0, 2.682316),
    "bleurt-default": (94.6667, 0.494723),
    "bleurt20": (98.3333, 1.372721),
    "comet20": (97.3333, 0.726699),
    "comet22": (96.2237, 2.835919),
    "comet21qe": (93.7997, 43.38414),
    "cometkiwi22": (98.8814, 2.719281),
    "cometkiwixxl": (96.2317, 1.282658),
    "cometkiwi23-xl-src": (96.3908, 1.888888),
    "xcometxl": (96.5674, 1.45356),
    "xcometxxl": (98.9343, 1.162953),
    "metricx-23-large": (93.6078, 26.27785),
    "metricx-23-qe-large": (98.0, 15.541456),
}
# metric → (difference from, difference below, percent of pairs that people order alike)
_PAIRS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "bleu": ((0, 1, 57), (1, 2, 59), (2, 3, 80), (3, 5, 92), (5, math.inf, 98)),
    "chrf": ((0, 0.5, 46), (0.5, 1, 67), (1, 2, 80), (3, 5, 94)),
}
CURVES = frozenset(_CURVES)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often people agree with a difference of this size.

    Attributes:
        metric: key of the metric.
        difference: its size, points, from 0.
        curve: percent by the published curve; None where there is none for the metric.
        pairs: percent of ja-en pairs with a difference of about this size; None where none is known.
        band: sizes that `pairs` is about: (from, below), the second None where it has no upper end; None without `pairs`.
        words: both in one line, for people.
    """

    metric: str
    difference: float
    curve: float | None
    pairs: float | None
    band: tuple[float, float | None] | None
    words: str


def agreement(metric: str, difference: float, *, langs: str = "ja-en") -> Agreement:
    """Expected agreement of people with a difference of a metric.

    Args:
        metric: a key of `mt.evaluate.statistics.METRICS`, or of `CURVES`; case does not matter. chrF++ and TER were never fitted.
        difference: points, as the metric is printed (percent); its sign does not matter.
        langs: pair of languages; the table of pairs is about ja-en only.

    Raises:
        ConfigError: for a difference that is no number.

    Example:
        >>> agreement("bleu", -1.39).words
        'people would agree in about 70 % (curve, many language pairs), 59 % (ja-en pairs 1 to 2 points apart)'
    """
    if not math.isfinite(difference):
        raise ConfigError("difference", "a number of points", str(difference))
    size, key = abs(difference), metric.lower()
    curve = None
    if key in _CURVES:
        a, b = _CURVES[key]
        curve = a / (1 + math.exp(-b * size))
    found = next((row for row in _PAIRS.get(key, ()) if row[0] <= size < row[1]), None) if langs == "ja-en" else None
    band = None if found is None else (float(found[0]), None if math.isinf(found[1]) else float(found[1]))
    pairs = None if found is None else float(found[2])
    return Agreement(metric, size, curve, pairs, band, _words(curve, pairs, band))


def needed(metric: str, percent: float) -> float | None:
    """Smallest difference whose published curve reaches a percentage; None where it never does, or for a metric without a curve.

    Args:
        metric: as in `agreement`.
        percent: above 50 and below 100.

    Raises:
        ConfigError: for a percentage out of range.

    Example:
        >>> round(needed("chrf", 80), 2), needed("bleu", 90)
        (1.63, None)
    """
    if not 50 < percent < 100:
        raise ConfigError("percent", "a number between 50 and 100", f"{percent:g}")
    a, b = _CURVES.get(metric.lower(), (0.0, 1.0))
    return None if percent >= a else -math.log(a / percent - 1) / b


def _words(curve: float | None, pairs: float | None, band: tuple[float, float | None] | None) -> str:
    parts = []
    if curve is not None:
        parts.append(f"{max(curve, 50):.0f} % (curve, many language pairs)")
    if pairs is not None and band is not None:
        size = f"more than {band[0]:g}" if band[1] is None else f"{band[0]:g} to {band[1]:g}"
        parts.append(f"{pairs:.0f} % (ja-en pairs {size} points apart)")
    return f"people would agree in about {', '.join(parts)}" if parts else "nobody measured how often people agree"
