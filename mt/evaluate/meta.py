"""How well metrics agree with people: the metrics of metrics.

    pairwise accuracy   share of pairs of systems that metric and people order alike (Kocmi et al. 2021, "To Ship or Not to Ship")
    acc23               the same for a segment's pairs of systems, ties counted: concordant pairs plus pairs tied in both, over all pairs, mean over
                        segments, a metric's difference of at most ε being a tie; ε is chosen to make acc23 largest (Deutsch et al. 2023,
                        "Ties Matter")
    soft accuracy       1 − mean |p of people − p of metric|, p of a paired permutation test of segments that one system is better than the other
                        by chance, one-sided (Thompson et al. 2024, "Improving Statistical Significance in Human Evaluation of Automatic Metrics
                        via Soft Pairwise Accuracy")
    metric against      two-sided permutation test that changes the two metrics' standardised scores of random systems (PERM-INPUTS of Deutsch et
    metric              al. 2021), for acc23 of random segments

Scores must be higher-is-better on both sides: turn them round before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mt.errors import CountError, InputError

Array = npt.NDArray[np.float64]
Pairs = Sequence[tuple[int, int]]
_SAME = 1e-9  # relative to the spread of the differences; what rounding may do to equal sums


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Pairwise accuracy of systems.

    Attributes:
        value: alike / pairs, 0 to 1.
        alike: pairs ordered as people order them, or tied in both.
        against: ordered the other way.
        tied: tied by one of the two only; they count as wrong.
        pairs: all of them.
    """

    value: float
    alike: int
    against: int
    tied: int
    pairs: int


@dataclass(frozen=True, slots=True)
class TieAccuracy:
    """Accuracy of segments with calibrated ties.

    Attributes:
        value: acc23, 0 to 1, at the best ε.
        epsilon: differences of at most this are ties, in the metric's unit.
        uncalibrated: acc23 at ε = 0.
        items: segments with at least one pair.
        pairs: of systems on segments.
        human_ties: share of them that people tied.
        by_item: accuracy of each segment; NaN where no pair was judged.
    """

    value: float
    epsilon: float
    uncalibrated: float
    items: int
    pairs: int
    human_ties: float
    by_item: Array


def pairwise_accuracy(human: Array, metric: Array, pairs: Pairs) -> Accuracy:
    """Of system scores.

    Args:
        human: shape (systems,), higher is better.
        metric: shape (systems,), higher is better.
        pairs: which systems to compare, as places.

    Raises:
        InputError: for no pair.

    Example:
        >>> pairwise_accuracy(np.array([3.0, 2.0, 1.0]), np.array([9.0, 9.0, 8.0]), [(0, 1), (0, 2), (1, 2)])
        Accuracy(value=0.6666666666666666, alike=2, against=0, tied=1, pairs=3)
    """
    if not pairs:
        raise InputError("systems", "at least one pair", "none")
    people, machine = _signs_of(human, pairs), _signs_of(metric, pairs)
    alike = int((people == machine).sum())
    against = int((people * machine < 0).sum())
    return Accuracy(alike / len(pairs), alike, against, len(pairs) - alike - against, len(pairs))


def tie_accuracy(human: Array, metric: Array, pairs: Pairs) -> TieAccuracy:
    """acc23 of segment scores, items being segments.

    All ε that can change anything, the differences themselves, are tried in one pass: at ε = t the pairs with |Δ| ≤ t are ties, so going through
    them in order adds a pair that people tied, and takes away one that was concordant.

    Args:
        human: shape (systems, segments), NaN = not judged.
        metric: shape (systems, segments).
        pairs: which systems to compare, as places.

    Raises:
        CountError: for other shapes.
        InputError: where nothing was judged twice.

    Example:
        >>> found = tie_accuracy(np.array([[1.0, 5.0], [1.0, 3.0]]), np.array([[0.31, 0.9], [0.30, 0.5]]), [(0, 1)])
        >>> found.value, round(found.epsilon, 3), found.uncalibrated
        (1.0, 0.01, 0.5)
    """
    if human.shape != metric.shape:
        raise CountError("metric", metric.shape[1], "human scores", human.shape[1], "segment")
    first, second = (np.array([pair[k] for pair in pairs], int) for k in (0, 1))
    people, machine = human[first] - human[second], metric[first] - metric[second]
    known = ~(np.isnan(people) | np.isnan(machine))
    counts = known.sum(axis=0)
    items = int((counts > 0).sum())
    if not items:
        raise InputError("segment scores", "segments of which two systems were judged", "none")
    weight = np.where(known, 1.0, 0.0) / np.maximum(counts, 1) / items
    size, tied = np.abs(machine), people == 0
    concordant = people * machine > 0
    change = np.where(tied, weight, np.where(concordant, -weight, 0.0))[known]
    order = np.argsort(size[known], kind="stable")
    sizes = size[known][order]
    sums = float(weight[known & concordant].sum()) + np.cumsum(change[order])
    last = np.append(np.diff(sizes) > 0, True)  # the end of each run of equal differences
    values, thresholds = sums[last], sizes[last]
    none = float(weight[known & ((concordant & (size > 0)) | (tied & (size == 0)))].sum())
    best = int(np.argmax(values))
    epsilon = float(thresholds[best]) if values[best] > none + 1e-12 else 0.0
    right = np.where(tied, size <= epsilon, concordant & (size > epsilon)) & known
    with np.errstate(invalid="ignore"):
        by_item = np.where(counts > 0, right.sum(axis=0) / np.maximum(counts, 1), np.nan)
    return TieAccuracy(
        float(np.nanmean(by_item)),
        epsilon,
        none,
        items,
        int(counts.sum()),
        float((tied & known).sum() / counts.sum()),
        by_item,
    )


def p_values(first: Array, second: Array, signs: Array) -> Array:
    """One-sided p of paired permutation tests that each first is better than each second, row by row.

    Args:
        first: shape (pairs, segments), NaN = not judged; only segments that both have count.
        second: the same.
        signs: shape (trials, segments), of −1 and 1, see `draw`.

    Returns:
        Shape (pairs,): the share of trials whose difference is at least the observed one.

    Example:
        >>> p_values(np.array([[2.0, 2.0]]), np.array([[1.0, 1.0]]), np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]))
        array([0.25])
    """
    difference = np.nan_to_num(first - second, nan=0.0)
    null = difference @ signs.T
    observed = difference.sum(axis=1, keepdims=True)
    near = _SAME * np.abs(difference).sum(axis=1, keepdims=True)
    return np.asarray((null >= observed - near).mean(axis=1), float)


def soft_accuracy(human: Array, metric: Array) -> float:
    """1 − mean |difference| of p values of the same pairs, each of shape (pairs,).

    Example:
        >>> soft_accuracy(np.array([0.0, 0.5]), np.array([0.1, 0.5]))
        0.95
    """
    return float(1 - np.abs(human - metric).mean())


def draw(trials: int, units: int, seed: int) -> Array:
    """Signs of shape (trials, units), from the bits of PCG64, whose stream is fixed for good."""
    count = trials * units
    words = np.random.PCG64(seed).random_raw((count + 63) // 64).astype("<u8")
    bits = np.unpackbits(words.view(np.uint8))[:count].reshape(trials, units)
    return bits.astype(np.float64) * 2 - 1


def pairs_of(names: Sequence[str], identical: Sequence[Sequence[str]] = ()) -> list[tuple[int, int]]:
    """All pairs as places, but those of systems that wrote the same: no metric can part them, and where people do that is noise.

    Example:
        >>> pairs_of(["a", "b", "c"], [["a", "c"]])
        [(0, 1), (1, 2)]
    """
    group = {name: n for n, names in enumerate(identical) for name in names}
    return [
        (i, j)
        for i, j in combinations(range(len(names)), 2)
        if names[i] not in group or group[names[i]] != group.get(names[j])
    ]


def identical_systems(texts: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Groups of systems that wrote the same.

    Example:
        >>> identical_systems({"a": ["x"], "b": ["y"], "c": ["x"]})
        [['a', 'c']]
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for name, stream in texts.items():
        found.setdefault(tuple(stream), []).append(name)
    return [names for names in found.values() if len(names) > 1]


def compare_accuracy(human: Array, metrics: tuple[Array, Array], pairs: Pairs, signs: Array) -> tuple[float, float]:
    """Difference of two metrics' pairwise accuracies, and its two-sided p.

    Args:
        human: shape (systems,).
        metrics: two of shape (systems,).
        pairs: as places.
        signs: shape (trials, systems).

    Example:
        >>> people = np.arange(12.0)
        >>> d, p = compare_accuracy(people, (people, -people), pairs_of([str(n) for n in range(12)]), draw(999, 12, 1))
        >>> d, p < 0.05
        (1.0, True)
    """
    scaled = [_standard(metric) for metric in metrics]
    right = np.empty((2, 2, len(pairs)))
    for a in (0, 1):
        for b in (0, 1):
            machine = np.array([np.sign(scaled[a][i] - scaled[b][j]) for i, j in pairs])
            right[a, b] = machine == _signs_of(human, pairs)
    return _swapped(right, pairs, signs)


def compare_soft(
    human_p: Array, metrics: tuple[Array, Array], pairs: Pairs, signs: Array, segments: Array
) -> tuple[float, float]:
    """Difference of two metrics' soft accuracies, and its two-sided p.

    Args:
        human_p: shape (pairs,).
        metrics: two of shape (systems, segments).
        pairs: as places.
        signs: shape (trials, systems).
        segments: signs of shape (draws, segments), as for `p_values`.
    """
    scaled = [_standard(metric) for metric in metrics]
    first, second = ([pair[k] for pair in pairs] for k in (0, 1))
    right = np.empty((2, 2, len(pairs)))
    for a in (0, 1):
        for b in (0, 1):
            own = p_values(scaled[a][first], scaled[b][second], segments)
            right[a, b] = 1 - np.abs(human_p - own)
    return _swapped(right, pairs, signs)


def compare_items(first: Array, second: Array, signs: Array) -> tuple[float, float]:
    """Difference of the means of two metrics' accuracies by item, and its two-sided p; NaN items are left out.

    Args:
        first: shape (items,).
        second: the same.
        signs: shape (trials, items).

    Example:
        >>> compare_items(np.ones(8), np.zeros(8), draw(999, 8, 1))[0]
        1.0
    """
    difference = np.nan_to_num(first - second, nan=0.0)
    known = int((~np.isnan(first - second)).sum())
    observed = float(difference.sum()) / max(known, 1)
    null = signs @ difference / max(known, 1)
    return observed, _two_sided(observed, null)


def _swapped(right: Array, pairs: Pairs, signs: Array) -> tuple[float, float]:
    """`right[a, b, k]`: how right pair k is with the first system scored by metric a and the second by metric b."""
    observed = float(right[0, 0].mean() - right[1, 1].mean())
    chosen = (signs < 0).astype(int)
    first, second = (np.array([pair[k] for pair in pairs]) for k in (0, 1))
    null = np.empty(len(signs))
    places = np.arange(len(pairs))
    for trial, row in enumerate(chosen):
        a, b = row[first], row[second]
        null[trial] = (right[a, b, places] - right[1 - a, 1 - b, places]).mean()
    return observed, _two_sided(observed, null)


def _two_sided(observed: float, null: Array) -> float:
    return float((1 + (np.abs(null) >= abs(observed) - 1e-12).sum()) / (len(null) + 1))


def _standard(values: Array) -> Array:
    spread = float(np.nanstd(values))
    return (values - np.nanmean(values)) / (spread if spread > 0 else 1.0)


def _signs_of(values: Array, pairs: Pairs) -> Array:
    return np.array([np.sign(values[i] - values[j]) for i, j in pairs])
