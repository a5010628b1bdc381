"""Segments that metrics judge in opposite ways: what one counts as better and another as worse is worth a look, and often shows what a metric cannot
see.

Of two systems, d is a metric's score of the first less that of the second for each segment, higher being better, over the root mean square of
these differences: metrics have different scales. Two metrics disagree where the signs of d do, by the smaller of the two |d|. Of one system, they
disagree by how far apart the segment's ranks are, as shares of all segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mt.evaluate.formulas import LOWER_IS_BETTER, values
from mt.evaluate.statistics import Table

Array = npt.NDArray[np.float64]
_ALIKE = {frozenset({"chrF2", "chrF2++"})}  # nearly the same measure


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A segment on which two metrics disagree.

    Attributes:
        segment: from 0.
        metrics: the two, by name.
        first: what the one says: the difference of two systems (above 0 the first is better), or of one system its score; in the metric's own
            points, turned so that higher is better.
        second: what the other says.
        strength: how far they disagree, above 0; comparable between metrics.
    """

    segment: int
    metrics: tuple[str, str]
    first: float
    second: float
    strength: float


def sentence_values(table: Table) -> Array:
    """Scores of single segments, percent, higher is better: chrF as it is, TER with its sign turned, BLEU over the orders that the segment has, as
    sacrebleu's sentence score.

    Example:
        >>> from mt.evaluate.statistics import table
        >>> sentence_values(table("bleu", ["A cat.", "Yes sir."], [["A cat.", "No sir."]])).round(1).tolist()
        [100.0, 55.0]
    """
    if table.metric == "bleu":
        return _bleu(table.rows)
    found = np.asarray(values(table.metric, table.rows), np.float64)
    return -found if table.metric in LOWER_IS_BETTER else found


def disagreements(
    scores: Mapping[str, tuple[Sequence[float] | Array, Sequence[float] | Array]], *, one: bool = False, count: int = 8
) -> tuple[Disagreement, ...]:
    """The segments on which two metrics disagree most, each segment once.

    Args:
        scores: name of the metric → scores of the first and of the second system, one a segment, higher is better.
        one: both systems are the same one.
        count: at most so many.

    Raises:
        ValueError: for scores of different numbers.

    Example:
        >>> found = disagreements({"x": ([5, 1, 0], [1, 2, 0]), "y": ([0, 9, 0], [8, 1, 0])}, count=1)
        >>> found[0].segment, found[0].metrics, found[0].first, found[0].second
        (0, ('x', 'y'), 4.0, -8.0)
    """
    own = {name: _said(*pair, one) for name, pair in scores.items()}
    best: dict[int, Disagreement] = {}
    for a, b in combinations(own, 2):
        if frozenset({a, b}) in _ALIKE:
            continue
        (x, seen_x), (y, seen_y) = own[a], own[b]
        if len(x) != len(y):
            raise ValueError(f"scores of {a} and {b}: {len(x)} and {len(y)} segments")
        strength = np.abs(seen_x - seen_y) if one else np.where(x * y < 0, np.minimum(abs(seen_x), abs(seen_y)), 0.0)
        for n in np.argsort(-strength, kind="stable")[:count].tolist():
            found = Disagreement(n, (a, b), float(x[n]), float(y[n]), float(strength[n]))
            if found.strength > 0 and (n not in best or best[n].strength < found.strength):
                best[n] = found
    return tuple(sorted(best.values(), key=lambda d: (-d.strength, d.segment))[:count])


def _said(first: Sequence[float] | Array, second: Sequence[float] | Array, one: bool) -> tuple[Array, Array]:
    """What a metric says of each segment, and the same on a scale that metrics share."""
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if len(x) != len(y):
        raise ValueError(f"scores of {len(x)} and {len(y)} segments")
    if one:
        order = np.argsort(x, kind="stable")
        ranks = np.empty(len(x))
        ranks[order] = np.arange(len(x)) / max(len(x), 1)
        # equal scores share a rank
        _, group = np.unique(x, return_inverse=True)
        return x, np.bincount(group, ranks)[group] / np.bincount(group)[group]
    gaps = x - y
    size = float(np.sqrt(np.mean(gaps**2))) if len(gaps) else 0.0
    return gaps, gaps / size if size > 0 else gaps


def _bleu(rows: Array) -> Array:
    matches, totals = rows[:, 2:6], rows[:, 6:10]
    smoothed = np.where(matches > 0, matches, np.exp2(-np.cumsum((matches == 0) & (totals > 0), axis=1)))
    logs = np.where(totals > 0, np.log(smoothed / np.maximum(totals, 1)), 0.0)
    orders = np.maximum((totals > 0).sum(axis=1), 1)
    length, ref = rows[:, 0], rows[:, 1]
    brevity = np.where(length > 0, np.exp(np.minimum(1 - ref / np.maximum(length, 1), 0)), 0.0)
    return np.where((matches > 0).any(axis=1), 100 * brevity * np.exp(logs.sum(axis=1) / orders), 0.0)
