"""Scores of sums: BLEU, chrF and TER as functions of their sufficient statistics, for many sums at once.

The columns of each metric, as sacrebleu orders them:

    bleu          hypothesis length, reference length, matches of orders 1 to 4, n-grams of orders 1 to 4      10
    chrf, chrf++  for each order: n-grams of the hypothesis, of the reference, matches; 6 orders, 6 + 2        18, 24
    ter           edits, mean reference length                                                                 2
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mt.errors import ConfigError

Metric = Literal["bleu", "chrf", "chrf++", "ter"]
METRICS: tuple[Metric, ...] = ("bleu", "chrf", "chrf++", "ter")
NAMES = {"bleu": "BLEU", "chrf": "chrF2", "chrf++": "chrF2++", "ter": "TER"}
COLUMNS = {"bleu": 10, "chrf": 18, "chrf++": 24, "ter": 2}
LOWER_IS_BETTER = frozenset({"ter"})

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BleuParts:
    """What a BLEU score is made of.

    Attributes:
        precisions: of orders 1 to 4, percent, smoothed as in the score.
        brevity: brevity penalty, from 0 to 1.
        ratio: hypothesis length / reference length; 0 without a reference length.
        length: hypothesis length, tokens.
        ref_length: reference length, tokens.
    """

    precisions: tuple[float, float, float, float]
    brevity: float
    ratio: float
    length: int
    ref_length: int


def bleu_parts(sums: npt.NDArray[Any]) -> BleuParts:
    """Parts of BLEU of one sum of rows, shape (10,).

    Example:
        >>> parts = bleu_parts(np.array([3, 4, 2, 1, 0, 0, 3, 2, 1, 0]))
        >>> [round(x, 1) for x in parts.precisions], round(parts.brevity, 3), parts.ratio
        ([66.7, 50.0, 50.0, 0.0], 0.717, 0.75)
    """
    totals = np.asarray(sums, dtype=np.float64)[None]
    length, ref_length = int(totals[0, 0]), int(totals[0, 1])
    precisions = 100 * _precisions(totals)[0] if totals[0, 2:6].any() else np.zeros(4)
    a, b, c, d = (float(x) for x in precisions)
    ratio = length / ref_length if ref_length else 0.0
    return BleuParts((a, b, c, d), float(_brevity(totals)[0]), ratio, length, ref_length)


def values(metric: str, sums: npt.NDArray[Any]) -> Rows:
    """Scores in percent of many sums of rows: shape (m, columns) → (m,).

    BLEU is smoothed exponentially, its effective order off; chrF averages over the orders that both sides have; all as sacrebleu's defaults.

    Raises:
        ConfigError: for an unknown metric.

    Example:
        >>> values("ter", np.array([[1, 4], [3, 0], [0, 0]])).tolist()
        [25.0, 100.0, 0.0]
    """
    totals = np.asarray(sums, dtype=np.float64)
    return {"bleu": _bleu, "chrf": _chrf, "chrf++": _chrf, "ter": _ter}[known(metric)](totals)


def known(metric: str) -> str:
    """The metric itself. Raises ConfigError where it is none of `METRICS`."""
    if metric not in METRICS:
        raise ConfigError("metric", f"one of {', '.join(METRICS)}", repr(metric))
    return metric


def _bleu(sums: Rows) -> Rows:
    matches, precisions = sums[:, 2:6], _precisions(sums)
    some: npt.NDArray[np.bool_] = np.any(matches > 0, axis=1) & np.all(precisions > 0, axis=1)
    # without any match, or without a 4-gram in the whole text, there is no score: sacrebleu's 0
    logs = np.log(np.where(some[:, None], precisions, 1.0))
    return np.where(some, 100 * _brevity(sums) * np.exp(logs.mean(axis=1)), 0.0)


def _precisions(sums: Rows) -> Rows:
    """Shape (m, 4), from 0 to 1. NIST's smoothing: each order without a match counts half of the one before it that had none."""
    matches, totals = sums[:, 2:6], sums[:, 6:10]
    smoothed = np.where(matches > 0, matches, np.exp2(-np.cumsum(matches == 0, axis=1)))
    # behind the first order that has no n-gram at all, nothing counts
    counted = np.cumprod(totals > 0, axis=1, dtype=bool)
    return np.where(counted, smoothed / np.where(counted, totals, 1), 0.0)


def _brevity(sums: Rows) -> Rows:
    length, ref_length = sums[:, 0], sums[:, 1]
    short = np.where(length > 0, np.exp(np.minimum(1 - ref_length / np.maximum(length, 1), 0)), 0.0)
    return np.where(length < ref_length, short, 1.0)


def _chrf(sums: Rows, beta: float = 2.0) -> Rows:
    hyp, ref, match = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    orders = np.zeros(len(sums))
    precision, recall = np.zeros(len(sums)), np.zeros(len(sums))
    # one order after the other, as sacrebleu adds them: which of several references is best must not hang on the last bit
    for n in range(hyp.shape[1]):
        counted = (hyp[:, n] > 0) & (ref[:, n] > 0)
        precision += np.where(counted, match[:, n] / np.where(counted, hyp[:, n], 1), 0.0)
        recall += np.where(counted, match[:, n] / np.where(counted, ref[:, n], 1), 0.0)
        orders += counted
    precision /= np.maximum(orders, 1)
    recall /= np.maximum(orders, 1)
    below = beta**2 * precision + recall
    return 100 * ((1 + beta**2) * precision * recall / np.where(below > 0, below, 1))


def _ter(sums: Rows) -> Rows:
    edits, length = sums[:, 0], sums[:, 1]
    return np.where(length > 0, 100 * edits / np.where(length > 0, length, 1), np.where(edits > 0, 100.0, 0.0))
