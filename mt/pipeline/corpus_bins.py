"""Numbers of a corpus → bars: counts in bins that depend on the numbers only, never on the order or the parts they come in.

First every number is counted by the upper half of its bits, which keeps order and needs 65,536 counters; that says where bars are worth drawing.
Then numbers are counted in those bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BARS = 40
_TAIL = 0.005  # share of the numbers on each side that bars need not show
_FINE = 1 << 16
_FAR = 1e30  # stands for what is infinite
_SIGN = np.uint32(0x80000000)


class Fine:
    """Counts of float32 numbers by their upper 16 bits.

    Example:
        >>> fine = Fine()
        >>> fine.add(np.array([1, 2, 3, np.nan], np.float32))
        >>> fine.total, fine.unmeasured, fine.whole
        (3, 1, True)
        >>> fine.quantile(0.5)
        2.0
    """

    def __init__(self) -> None:
        self.counts = np.zeros(_FINE, np.int64)
        self.unmeasured, self.whole = 0, True

    @property
    def total(self) -> int:
        """Numbers, NaN left out."""
        return int(self.counts.sum())

    def add(self, numbers: NDArray[np.float32]) -> None:
        """Count numbers; NaN is none."""
        known = numbers[~np.isnan(numbers)] + np.float32(0)  # −0 becomes 0
        self.unmeasured += len(numbers) - len(known)
        if self.whole and len(known):
            self.whole = bool(np.all(known == np.rint(known)))
        bits = known.view(np.uint32)
        ordered = np.where(bits & _SIGN, ~bits, bits | _SIGN)
        self.counts += np.bincount(ordered >> np.uint32(16), minlength=_FINE)

    def quantile(self, share: float) -> float:
        """A number at or just below the one that `share` of the numbers do not exceed; 0 where there are none."""
        if not self.total:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self.counts), max(1, math.ceil(share * self.total))))
        return _lower(place)


def _lower(place: int) -> float:
    """The least number, by size, of a counter."""
    ordered = np.uint32(place << 16)
    bits = ordered & ~_SIGN if ordered & _SIGN else ~ordered
    found = float(np.array([bits], np.uint32).view(np.float32)[0])
    return -math.inf if math.isnan(found) else found  # the counter of -∞ begins among the NaNs


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars at even distances: bar n counts numbers from `low` + n·`width` to below the next."""

    low: float
    width: float
    count: int

    def edges(self) -> tuple[float, ...]:
        """Ends of the bars, one more than bars."""
        return tuple(round(self.low + n * self.width, 10) for n in range(self.count + 1))

    def place(self, numbers: NDArray[np.float32]) -> NDArray[np.int64]:
        """The bar of each number, from 0; -1 left of them, `count` right of them. Not for NaN."""
        found = np.floor((numbers.astype(np.float64) - self.low) / self.width + 1e-9)
        places: NDArray[np.int64] = np.clip(found, -1, self.count).astype(np.int64)
        return places


def bars(fine: Fine, ends: Sequence[float]) -> Bars:
    """Where bars are drawn: between the outer half percents of the numbers, and around the ends of the interval where those are not far away.

    Example:
        >>> fine = Fine()
        >>> fine.add(np.linspace(0, 1, 1000, dtype=np.float32))
        >>> bars(fine, [0.5])
        Bars(low=0.0, width=0.05, count=20)
    """
    left, right = (min(max(fine.quantile(share), -_FAR), _FAR) for share in (_TAIL, 1 - _TAIL))
    reach = right - left if right - left > 1e-9 * abs(left) else 2 * max(abs(left), 1.0)
    for end in ends:
        if math.isfinite(end) and left - reach <= end <= right + reach:
            left, right = min(left, end), max(right, end)
    if right - left <= 1e-9 * abs(left) and not fine.whole:  # one number only: a bar in the middle
        left, right = left - reach / 4, right + reach / 4
    rough = max(right - left, 1.0 if fine.whole else 1e-6) / BARS
    power = 10.0 ** math.floor(math.log10(rough))
    width = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    if fine.whole:
        width = max(1.0, round(width))
    low = math.floor(left / width + 1e-9) * width
    count = max(1, math.floor((right - low) / width + 1e-9) + 1)
    return Bars(round(low, 10), round(width, 12), count)


def nearest(
    kept: list[tuple[float, int]], distances: NDArray[np.float64], rows: NDArray[np.int64], most: int
) -> list[tuple[float, int]]:
    """Of what was kept and what is new, the `most` least by (distance, row).

    Example:
        >>> nearest([(0.5, 1)], np.array([0.5, 0.1]), np.array([7, 9]), 2)
        [(0.1, 9), (0.5, 1)]
    """
    if len(distances) > most:
        bound = np.partition(distances, most - 1)[most - 1]
        chosen = np.flatnonzero(distances <= bound)
        chosen = chosen[np.lexsort((rows[chosen], distances[chosen]))[:most]]
        distances, rows = distances[chosen], rows[chosen]
    return sorted([*kept, *zip(distances.tolist(), rows.tolist(), strict=True)])[:most]


def mixed(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number from 0 to 1 for each row that says nothing of where it stands: splitmix64 (Steele et al. 2014) of its number.

    Example:
        >>> [round(float(x), 3) for x in mixed(np.array([0, 1, 2]))]
        [0.883, 0.432, 0.026]
    """
    with np.errstate(over="ignore"):
        x = (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53
