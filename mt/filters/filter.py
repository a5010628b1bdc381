"""What a filter is: a number for every pair of a block, and apart from it the interval of numbers that are accepted.

Score first, verdict second (OpusFilter's habit): numbers are kept beside the pairs, so that a threshold can change without scoring again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mt.errors import OptionError

if TYPE_CHECKING:
    from mt.filters.measures import Measures

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Limit:
    """The numbers that are accepted: low ≤ number ≤ high. What was not measured (NaN) is accepted.

    Example:
        >>> Limit(low=0.5).accept(np.array([0.4, 0.5, np.nan], np.float32)).tolist()
        [False, True, True]
    """

    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        """Raises OptionError for an empty interval."""
        if not self.low <= self.high:
            raise OptionError("high", f"at least low = {self.low:g}", self.high)

    def accept(self, numbers: NDArray[Any]) -> NDArray[np.bool_]:
        """Verdicts on an array of numbers, one each."""
        # compared in float32, as the numbers are kept: 0.1 must accept the 0.1 that was measured
        low, high = np.float32(self.low), np.float32(self.high)
        accepted: NDArray[np.bool_] = ~((numbers < low) | (numbers > high))
        return accepted


@dataclass(frozen=True, slots=True)
class Filter:
    """One judgement of pairs.

    Attributes:
        name: the reason under which a rejected pair is counted.
        about: what the number is: unit, range, which way is better.
        score: measures of a block → one float32 a row, NaN where the rule does not apply. None where a model is needed, and the build measures
            it (`cosine`, `margin`, `mt-chrf`, `dual`).
        usual: the interval of the profile `web`.
        same_as: what other programs call it, `PROGRAM:NAME`.
        settings: numbers the score itself depends on; part of the signature.
    """

    name: str
    about: str
    score: Callable[[Measures], Numbers] | None
    usual: Limit
    same_as: tuple[str, ...] = ()
    settings: Mapping[str, float] | None = None
