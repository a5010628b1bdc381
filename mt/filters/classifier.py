"""A classifier learnt from rows of which it is known what is wrong with them: the scores of filters in, weights that can be read out.

A logistic regression of each kind of noise against the clean rows, by Newton's method (iteratively reweighted least squares) with a ridge penalty;
plain numpy, the same on every run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.errors import OptionError
from mt.filters.filter import Numbers
from mt.filters.learn import Flags, Floats, both_kinds

_CLIP = 4.0  # scales from the middle behind which a number counts no further
_RIDGE = 1.0  # of .1 to 30, tried by sources left out: more flattens the weights of kinds that have few rows
_STEPS, _ENOUGH = 30, 1e-6
_WEIGHTY = 0.02  # the least weight that is kept
_SURE = 50.0  # log odds behind which nothing changes


@dataclass(frozen=True, slots=True)
class Feature:
    """What the classifier makes of one score: four numbers, the distance from the middle, that below `low`, that above `high`, and whether it is NaN.

    Attributes:
        middle: median of the clean rows.
        scale: half the way from their 1st to their 99th percentile; distances are counted in it, at most four of it.
        low: their 10th percentile.
        high: their 90th percentile.
    """

    middle: float
    scale: float
    low: float
    high: float

    def __post_init__(self) -> None:
        """Raises OptionError for numbers no fit gives."""
        if not self.scale > 0:
            raise OptionError("scale", "a number above 0", self.scale)
        if not self.low <= self.middle <= self.high:
            raise OptionError("middle", f"a number from low = {self.low:g} to high = {self.high:g}", self.middle)


@dataclass(frozen=True, slots=True)
class Odds:
    """The logarithm of how much likelier a row is clean than noise of one kind: `bias` and weights of each score's four numbers."""

    bias: float
    weights: Mapping[str, tuple[float, ...]]

    def __post_init__(self) -> None:
        """Raises OptionError unless each score has four weights."""
        for name, weights in self.weights.items():
            if len(weights) != 4:
                raise OptionError(f"weights.{name}", "four numbers", len(weights))


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted logistic regression of kinds of noise against clean rows: the scores of a pair → the chance that it is clean.

    A kind of noise shows in few scores, and another kind in others; so each kind has weights of its own, and a pair is clean when it is none of
    them: its chance is 1 / (1 + sum of e to the -odds).

    Attributes:
        score: name of a score → its scale.
        kind: name of a kind of noise → its odds.
        fitted: what it was fitted on, for people and signatures.

    Example:
        >>> cosine = Feature(0.6, 0.2, 0.5, 0.7)
        >>> one = Classifier({"cosine": cosine}, {"misaligned": Odds(2.0, {"cosine": (1.0, -3.0, 0.0, -1.0)})})
        >>> one.chance({"cosine": np.array([0.6, 0.1, np.nan], np.float32)}).tolist()
        [0.8808000087738037, 0.001500000013038516, 0.7310600280761719]
    """

    score: Mapping[str, Feature]
    kind: Mapping[str, Odds]
    fitted: str = ""

    def __post_init__(self) -> None:
        """Raises OptionError where a kind weighs a score that has no scale."""
        for kind, odds in self.kind.items():
            for name in odds.weights:
                if name not in self.score:
                    raise OptionError(f"kind.{kind}.weights", f"of {', '.join(self.score)}", name)

    def chance(self, scores: Mapping[str, Numbers]) -> Numbers:
        """From 0 to 1, of every row; five digits.

        Raises:
            OptionError: where a score it needs was not measured.
        """
        for name in self.score:
            if name not in scores:
                raise OptionError(f"learned.score.{name}", "a score that is measured", "none")
        if not self.score:
            return np.zeros(0, np.float32)
        parts = {name: _features(scores[name], one) for name, one in self.score.items()}
        count = len(next(iter(parts.values())))
        total = np.zeros(count)
        for odds in self.kind.values():
            logits = np.full(count, odds.bias)
            for name, weights in odds.weights.items():
                # column by column, so that a row's number does not depend on how many rows a product has
                for column, weight in enumerate(weights):
                    logits += parts[name][:, column] * weight
            total += np.exp(-np.clip(logits, -_SURE, _SURE))
        return np.round(1 / (1 + total), 5).astype(np.float32)


def fit(
    scores: Mapping[str, Numbers], kinds: Sequence[str | None], *, fitted: str = "", ridge: float = _RIDGE
) -> Classifier:
    """Fit a classifier; every row counts alike.

    Args:
        scores: name → one number a row.
        kinds: of noise, None = clean.
        fitted: kept in the result.
        ridge: weight of the penalty on squared weights, > 0: more keeps weights smaller.

    Raises:
        OptionError: where there is no clean row or no noise.
    """
    clean = np.array([kind is None for kind in kinds], bool)
    both_kinds(clean)
    features = {name: _feature(numbers, clean) for name, numbers in scores.items()}
    table = np.concatenate(
        [np.ones((len(clean), 1)), *(_features(scores[name], one) for name, one in features.items())], axis=1
    )
    found = {}
    for kind in sorted({kind for kind in kinds if kind is not None}):
        rows = clean | np.array([one == kind for one in kinds], bool)
        here = table[rows]
        # a column of zeros has weight 0 at the optimum; without the many there are it is found in half the time
        live = here.any(axis=0)
        weights = np.zeros(len(live))
        weights[live] = _newton(here[:, live], clean[rows].astype(np.float64), ridge)
        # three digits are more than a fit knows, and can be read
        rounded = [round(float(w), 3) for w in weights]
        each = {name: tuple(rounded[4 * n + 1 : 4 * n + 5]) for n, name in enumerate(features)}
        found[kind] = Odds(rounded[0], {name: four for name, four in each.items() if max(map(abs, four)) >= _WEIGHTY})
    used = {name for odds in found.values() for name in odds.weights}
    return Classifier({name: one for name, one in features.items() if name in used}, found, fitted)


def out_of_fold(
    scores: Mapping[str, Numbers], kinds: Sequence[str | None], groups: Sequence[str], folds: int = 5
) -> Numbers:
    """Chances of every row by a classifier that saw no row of its group: what a fit is worth on new material.

    Args:
        scores: name → one number a row.
        kinds: of noise, None = clean.
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
    found = np.full(len(kinds), np.nan, np.float32)
    for fold in range(min(folds, len(names))):
        here = of_row == fold
        others = [kind for kind, inside in zip(kinds, here, strict=True) if not inside]
        if None not in others or set(others) == {None}:
            found[here] = 1.0  # nothing to learn from, so nothing is doubted
            continue
        made = fit({name: column[~here] for name, column in scores.items()}, others)
        # without a score that tells anything there is nothing to doubt by either
        found[here] = made.chance({name: column[here] for name, column in scores.items()}) if made.score else 1.0
    return found


def _feature(numbers: Numbers, clean: Flags) -> Feature:
    known = numbers[clean & np.isfinite(numbers)].astype(np.float64)
    if not len(known):
        return Feature(0.0, 1.0, 0.0, 0.0)
    first, low, middle, high, last = (float(f"{q:.6g}") for q in np.quantile(known, [0.01, 0.1, 0.5, 0.9, 0.99]))
    scale = (last - first) / 2 or float(known.std()) or 1.0
    return Feature(middle, float(f"{scale:.6g}"), low, high)


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
    found: Floats = 1 / (1 + np.exp(-np.clip(x, -_SURE, _SURE)))
    return found
