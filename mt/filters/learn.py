"""Thresholds learnt from rows of which it is known whether they are clean: the scores of filters in, intervals out.

They are fitted greedily under a budget: of all ways to cut a score's range once more, the one is taken that finds most noise for each clean row it
loses, until the budget is spent. What a threshold on one number is worth is a curve. Plain numpy, the same on every run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mt.errors import OptionError
from mt.filters.filter import Limit, Numbers
from mt.types import check_range

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_LEVELS = 24  # cuts tried of each end of a score's range, from no clean row lost to the whole budget
_PRIOR = (
    1 / 4000
)  # of the clean rows: what a cut is taken to lose more than was seen, since the next sample is another one


@dataclass(frozen=True, slots=True)
class Fitted:
    """Intervals found by `thresholds`.

    Attributes:
        limits: score → interval; scores that bought nothing are not in it.
        rejected: of the rows it was fitted to.
        steps: (score, limit, share of noise found, share of clean rows lost) after each cut, in order: the curve of the budget.
    """

    limits: Mapping[str, Limit]
    rejected: Flags
    steps: Sequence[tuple[str, Limit, float, float]]


def reject(limits: Mapping[str, Limit], scores: Mapping[str, Numbers], count: int) -> Flags:
    """Which rows an interval of a score that was measured does not accept."""
    out = np.zeros(count, bool)
    for name, limit in limits.items():
        if name in scores:
            out |= ~limit.accept(scores[name])
    return out


def thresholds(
    scores: Mapping[str, Numbers], clean: Flags, budget: float, *, start: Mapping[str, Limit] | None = None
) -> Fitted:
    """Intervals that find as much noise as a loss of clean rows buys.

    Args:
        scores: name → one number a row.
        clean: which rows are clean; the others are noise.
        budget: share of clean rows that may be lost, 0 to 1.
        start: intervals that hold from the beginning; what they lose counts.

    Raises:
        OptionError: for a budget out of range, or where there is no clean row or no noise.

    Example:
        >>> numbers = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9, 0.9], np.float32)
        >>> found = thresholds({"cosine": numbers}, np.arange(8) > 2, 0.0)
        >>> found.limits["cosine"], found.rejected.tolist()[:4]
        (Limit(low=0.6000000238418579, high=inf), [True, True, True, False])
    """
    check_range("budget", budget, 0, 1)
    both_kinds(clean)
    limits = dict(start or {})
    rejected = reject(limits, scores, len(clean))
    cuts = [cut for name, numbers in scores.items() for cut in _cuts(name, numbers, clean, budget)]
    out = np.array([cut.rejects for cut in cuts], bool) if cuts else np.zeros((0, len(clean)), bool)
    noise, good = np.flatnonzero(~clean), np.flatnonzero(clean)
    caught, lost = out[:, noise].astype(np.float32), out[:, good].astype(np.float32)
    most, prior = int(budget * len(good)), max(1.0, _PRIOR * len(good))
    least = max(1.0, 0.0005 * len(noise))
    steps = []
    while True:
        gain = caught @ (~rejected[noise]).astype(np.float32)
        loss = lost @ (~rejected[good]).astype(np.float32)
        worth = np.where((loss + rejected[good].sum() <= most) & (gain >= least), gain / (loss + prior), 0)
        if not len(worth) or worth.max() <= 0:
            break
        best = cuts[int(worth.argmax())]
        limits[best.name] = _narrower(limits.get(best.name), best.limit)
        rejected |= best.rejects
        steps.append((best.name, limits[best.name], float(rejected[noise].mean()), float(rejected[good].mean())))
    needed = _needed(limits, set(start or {}), scores, clean)
    return Fitted(needed, reject(needed, scores, len(clean)), steps)


def both_kinds(clean: Flags) -> None:
    """Raises OptionError unless there are clean rows and others."""
    if not clean.any() or clean.all():
        raise OptionError("clean", "rows that are clean and rows that are not", f"{int(clean.sum())} of {len(clean)}")


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    name: str
    limit: Limit
    rejects: Flags


def _cuts(name: str, numbers: Numbers, clean: Flags, budget: float) -> list[_Cut]:
    """One-sided intervals at quantiles of the clean rows; of equal numbers only one."""
    known = np.sort(numbers[clean & ~np.isnan(numbers)])
    if not len(known):
        return []
    most = int(budget * int(clean.sum()))
    places = sorted({0, *(round(most ** (n / _LEVELS)) for n in range(_LEVELS + 1) if most)})
    places = [n for n in places if n < len(known)]
    lows = dict.fromkeys(float(known[n]) for n in places)
    highs = dict.fromkeys(float(known[-1 - n]) for n in places)
    found = [
        _Cut(name, limit, ~limit.accept(numbers)) for limit in (*map(Limit, lows), *(Limit(high=h) for h in highs))
    ]
    return [cut for cut in found if cut.rejects[~clean].any()]


def _narrower(one: Limit | None, other: Limit) -> Limit:
    if one is None:
        return other
    low, high = max(one.low, other.low), min(one.high, other.high)
    return Limit(low, high) if low <= high else other


def _needed(limits: dict[str, Limit], kept: set[str], scores: Mapping[str, Numbers], clean: Flags) -> dict[str, Limit]:
    """Without the ends that find nothing which the others do not find: later cuts make earlier ones idle."""
    found = dict(limits)
    for name in reversed([*limits]):
        for bare in (Limit(high=found[name].high), Limit(low=found[name].low)) if name not in kept else ():
            if bare != found[name]:
                tried = {**found, name: bare}
                if (reject(tried, scores, len(clean)) == reject(found, scores, len(clean)))[~clean].all():
                    found = tried
        if found[name] == Limit():
            del found[name]
    return found


@dataclass(frozen=True, slots=True)
class Curve:
    """What a threshold on one number is worth, from strict to lenient: rows below it are rejected.

    Attributes:
        threshold: descending.
        precision: share of the rejected that is noise.
        recall: share of the noise that is rejected.
        loss: share of the clean rows that is rejected.
        area: under the ROC: the chance that a clean row has a higher number than noise, ties counted half.
    """

    threshold: Floats
    precision: Floats
    recall: Floats
    loss: Floats
    area: float = field(default=math.nan)

    def at(self, loss: float) -> int:
        """The strictest place that loses no more clean rows than that; the last place where all do."""
        fits = np.flatnonzero(self.loss <= loss)
        return int(fits[0]) if len(fits) else len(self.loss) - 1


def curve(numbers: Numbers, clean: Flags) -> Curve:
    """Precision and recall of `number < threshold` as a sign of noise, at each different number; NaN is rejected by none.

    Raises:
        OptionError: where there is no clean row or no noise.

    Example:
        >>> found = curve(np.array([0.1, 0.5, 0.4, 0.9], np.float32), np.array([False, False, True, True]))
        >>> found.recall.tolist(), found.loss.tolist(), found.area
        ([1.0, 0.5, 0.5, 0.0], [0.5, 0.5, 0.0, 0.0], 0.75)
    """
    both_kinds(clean)
    filled = np.where(np.isnan(numbers), np.float32(np.inf), numbers)
    different, place = np.unique(filled, return_inverse=True)
    noise = np.bincount(place, ~clean, len(different))
    good = np.bincount(place, clean, len(different))
    # rows below each different number
    bad_below, good_below = (np.concatenate([[0.0], np.cumsum(side)[:-1]]) for side in (noise, good))
    recall, loss = bad_below / noise.sum(), good_below / good.sum()
    below = bad_below + good_below
    precision = np.where(below > 0, bad_below / np.maximum(below, 1), 1.0)
    area = float((good * (bad_below + noise / 2)).sum() / (good.sum() * noise.sum()))
    return Curve(different[::-1].astype(np.float64), precision[::-1], recall[::-1], loss[::-1], area)
