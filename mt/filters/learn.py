"""Thresholds and a classifier learnt from rows of which it is known whether they are clean: the scores of filters in, intervals or weights out.

Thresholds are fitted greedily under a budget: of all ways to cut a score's range once more, the one is taken that finds most noise for each clean
row it loses, until the budget is spent. The classifier is a logistic regression on the scores, by Newton's method (iteratively reweighted least
squares) with a ridge penalty. Both are plain numpy and the same on every run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
_CLIP = 4.0  # scales from the middle behind which a number counts no further
_RIDGE, _STEPS, _ENOUGH = 1.0, 30, 1e-6


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
class Feature:
    """What the classifier makes of one score: four numbers, each with a weight.

    Attributes:
        middle: median of the clean rows.
        scale: half the way from their 1st to their 99th percentile; numbers are counted in it, at most four of it either way.
        low: their 10th percentile; what is below it counts a second time.
        high: their 90th percentile; what is above it counts a second time.
        weights: of the distance from the middle, of that below `low`, of that above `high`, and of not being measured.
    """

    middle: float
    scale: float
    low: float
    high: float
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raises OptionError for numbers no fit gives."""
        if not self.scale > 0:
            raise OptionError("scale", "a number above 0", self.scale)
        if not self.low <= self.middle <= self.high:
            raise OptionError("middle", f"a number from low = {self.low:g} to high = {self.high:g}", self.middle)
        if len(self.weights) != 4:
            raise OptionError("weights", "four numbers", len(self.weights))


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted logistic regression: the scores of a pair → the chance that it is clean.

    Attributes:
        bias: log odds of a row of which every score is in the middle.
        score: name of a score → what is made of it.
        fitted: what it was fitted on, for people and signatures.

    Example:
        >>> one = Classifier(2.0, {"cosine": Feature(0.6, 0.2, 0.5, 0.7, (1.0, -3.0, 0.0, -1.0))})
        >>> one.chance({"cosine": np.array([0.6, 0.1, np.nan], np.float32)}).tolist()
        [0.8808000087738037, 0.001500000013038516, 0.7311000227928162]
    """

    bias: float
    score: Mapping[str, Feature]
    fitted: str = ""

    def chance(self, scores: Mapping[str, Numbers]) -> Numbers:
        """From 0 to 1, of every row.

        Raises:
            OptionError: where a score it needs was not measured.
        """
        total: Floats | None = None
        for name, feature in self.score.items():
            if name not in scores:
                raise OptionError(f"learned.score.{name}", "a score that is measured", "none")
            part = _features(scores[name], feature) @ np.array(feature.weights)
            total = part if total is None else total + part
        logits = self.bias + (total if total is not None else np.zeros(0))
        # four digits: the product's last bits may depend on the number of rows
        return np.round(_sigmoid(logits), 4).astype(np.float32)


def fit(scores: Mapping[str, Numbers], clean: Flags, *, fitted: str = "", ridge: float = _RIDGE) -> Classifier:
    """Fit a classifier; every row counts alike.

    Args:
        scores: name → one number a row.
        clean: which rows are clean.
        fitted: kept in the result.
        ridge: weight of the penalty on squared weights, > 0: more keeps weights smaller.

    Raises:
        OptionError: where there is no clean row or no noise.
    """
    both_kinds(clean)
    features = {name: _feature(numbers, clean) for name, numbers in scores.items()}
    columns = [_features(scores[name], one) for name, one in features.items()]
    table = np.concatenate([np.ones((len(clean), 1)), *columns], axis=1)
    weights = _newton(table, clean.astype(np.float64), ridge)
    # six digits are more than a fit knows, and can be read
    rounded = [float(f"{w:.6g}") for w in weights]
    made = {
        name: Feature(one.middle, one.scale, one.low, one.high, tuple(rounded[4 * n + 1 : 4 * n + 5]))
        for n, (name, one) in enumerate(features.items())
    }
    return Classifier(rounded[0], {name: one for name, one in made.items() if any(one.weights)}, fitted)


def out_of_fold(scores: Mapping[str, Numbers], clean: Flags, groups: Sequence[str], folds: int = 5) -> Numbers:
    """Chances of every row by a classifier that saw no row of its group: what a fit is worth on new material.

    Args:
        scores: name → one number a row.
        clean: which rows are clean.
        groups: a name a row (its source or its document); a group is in one fold whole.
        folds: how many classifiers are fitted; with fewer groups, one a group.

    Raises:
        OptionError: for fewer than two groups.
    """
    names = list(dict.fromkeys(groups))
    if len(names) < 2:
        raise OptionError("groups", "two or more", len(names))
    number = {name: n % folds for n, name in enumerate(names)}
    of_row = np.array([number[name] for name in groups])
    found = np.full(len(clean), np.nan, np.float32)
    for fold in range(min(folds, len(names))):
        here = of_row == fold
        made = fit({name: column[~here] for name, column in scores.items()}, clean[~here])
        found[here] = made.chance({name: column[here] for name, column in scores.items()})
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


def _feature(numbers: Numbers, clean: Flags) -> Feature:
    known = numbers[clean & np.isfinite(numbers)].astype(np.float64)
    if not len(known):
        return Feature(0.0, 1.0, 0.0, 0.0, (0.0,) * 4)
    first, low, middle, high, last = (float(f"{q:.6g}") for q in np.quantile(known, [0.01, 0.1, 0.5, 0.9, 0.99]))
    scale = (last - first) / 2 or float(known.std()) or 1.0
    return Feature(middle, float(f"{scale:.6g}"), low, high, (0.0,) * 4)


def _features(numbers: Numbers, one: Feature) -> Floats:
    """Shape (rows, 4)."""
    missing = np.isnan(numbers)
    x = np.where(missing, one.middle, np.nan_to_num(numbers.astype(np.float64), posinf=1e30, neginf=-1e30))
    ways = ((x - one.middle), np.maximum(one.low - x, 0), np.maximum(x - one.high, 0))
    parts = [np.clip(way / one.scale, -_CLIP, _CLIP) for way in ways]
    return np.where(missing[:, None], [0.0, 0.0, 0.0, 1.0], np.stack([*parts, np.zeros(len(x))], axis=1))


def _newton(table: Floats, wanted: Floats, ridge: float) -> Floats:
    """Weights of a logistic regression with an L2 penalty on all but the first column's."""
    penalty = np.full(table.shape[1], ridge)
    penalty[0] = 1e-6
    weights: Floats = np.zeros(table.shape[1])
    value = math.inf
    for _ in range(_STEPS):
        chance = _sigmoid(table @ weights)
        slope = table.T @ (wanted - chance) - penalty * weights
        curvature = (table * (chance * (1 - chance))[:, None]).T @ table + np.diag(penalty)
        step = np.linalg.solve(curvature, slope)
        # a whole step can overshoot where few rows are in doubt: halve it until the loss falls
        for _ in range(_STEPS):
            new = _loss(table, wanted, weights + step, penalty)
            if new <= value:
                break
            step = step / 2
        weights = weights + step
        if value - new < _ENOUGH * max(1.0, abs(new)):
            break
        value = new
    return weights


def _loss(table: Floats, wanted: Floats, weights: Floats, penalty: Floats) -> float:
    logits = table @ weights
    return float((np.logaddexp(0, logits) - wanted * logits).sum() + (penalty * weights**2).sum() / 2)


def _sigmoid(x: NDArray[Any]) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(x, -50, 50)))
    return found
