"""Intervals without resampling: a score as a function of sums, taken as linear around the sums that were found.

With S the sum of the rows r of all units, f the score and g its gradient at S, the influence of a unit is g · r: how much the score would rise
for a little more of this unit. f does not change where all sums are multiplied, so influences add up to 0, and

    var f ≈ m / (m − 1) · Σ influence²                over m units (infinitesimal jackknife: Efron and Tibshirani 1993, ch. 22; Binder 1983)

Influences of a slice and of the whole, or of two systems, can be subtracted before they are squared: that is what makes hundreds of paired
intervals cheap. Bars are t quantiles with m − 1 degrees of freedom. Documents are the units where enough are known.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mt.evaluate.statistics import Rows, values

Influences = npt.NDArray[np.float64]
_STEP = 1e-5  # of a sum; the gradient's error is of the order of its square
_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution


def influences(metric: str, rows: Rows) -> Influences:
    """Influence of each row on the score of their sum, points; shape (units,).

    Args:
        metric: key of `mt.evaluate.statistics.METRICS`.
        rows: shape (units, columns).

    Example:
        >>> influences("ter", np.array([[1.0, 4.0], [3.0, 4.0]])).round(6).tolist()  # TER 50: a unit with 25 and one with 75
        [-12.5, 12.5]
    """
    total = rows.sum(axis=0)
    step = total * _STEP
    # a column that is 0 everywhere has no say, and a step there would leave the range that smoothing was made for
    moved = np.diag(step)
    high, low = values(metric, total + moved), values(metric, total - moved)
    gradient = np.divide(high - low, 2 * step, out=np.zeros_like(step), where=step > 0)
    found: Influences = rows @ gradient
    return found


def by_unit(found: Influences, units: npt.NDArray[np.int64] | None) -> Influences:
    """Influences added up by the number of the unit, the units that are there only; untouched without numbers.

    Example:
        >>> by_unit(np.array([1.0, 2.0, 4.0]), np.array([7, 7, 9])).tolist()
        [3.0, 4.0]
    """
    if units is None:
        return found
    _, places = np.unique(units, return_inverse=True)
    summed: Influences = np.bincount(places, weights=found).astype(np.float64)
    return summed


def error(found: Influences) -> float | None:
    """Standard error of a score with these influences, points; None for fewer than two units.

    Example:
        >>> round(error(np.array([-1.0, 1.0])), 6)
        2.0
    """
    m = len(found)
    if m < 2:
        return None
    # the mean is 0 in theory; what smoothing left of it is no spread
    return float(np.sqrt(m / (m - 1) * np.square(found - found.mean()).sum()))


def half_width(found: Influences) -> float | None:
    """Half of the 95 % interval, points; None for fewer than two units."""
    spread = error(found)
    return None if spread is None else spread * quantile(len(found) - 1)


def p_value(value: float, found: Influences) -> float | None:
    """Two-sided probability of a value so far from 0 by chance; None for fewer than two units.

    Student's t, brought to a normal deviate by Wallace (1959); never below what swapping m units could show, 2 / 2^m.

    Example:
        >>> round(p_value(2.228, np.array([1.0, -1.0] * 5 + [0.0]) / 11**0.5), 2)  # t = 2.228 with 10 degrees of freedom: 0.05 in tables
        0.05
    """
    spread = error(found)
    if spread is None:
        return None
    if value == 0:
        return 1.0
    free = len(found) - 1
    smallest = 2.0**-free
    if spread == 0:
        return smallest
    z = (8 * free + 1) / (8 * free + 3) * math.sqrt(free * math.log1p((value / spread) ** 2 / free))
    return max(smallest, math.erfc(z / math.sqrt(2)))


def quantile(free: int) -> float:
    """97.5 % quantile of Student's t, by the expansion 26.7.5 of Abramowitz and Stegun; within 0.5 % from 5 degrees of freedom.

    Example:
        >>> [round(quantile(n), 2) for n in (10, 30, 10_000)]  # tables: 2.228, 2.042, 1.960
        [2.23, 2.04, 1.96]
    """
    z, n = _Z, float(free)
    terms = (z**3 + z) / 4 / n + (5 * z**5 + 16 * z**3 + 3 * z) / 96 / n**2
    terms += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / n**3
    return z + terms
