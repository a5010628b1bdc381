"""Learning rate of an update: warm-up, stable, decay."""

from __future__ import annotations

import math

from mt.train.options import Schedule


def rate(options: Schedule, update: int, since_start: int, *, left: float = 1.0) -> float:
    """Learning rate of one update.

    Args:
        options: see `Schedule`.
        update: how many were done before, over all sessions.
        since_start: how many were done since the weights came from somewhere else than this run's state; the warm-up counts these.
        left: of a decay that goes by the clock, the part that is left, 1 to 0.

    Example:
        >>> o = Schedule(rate=1.0, warmup=10, cooling=100, updates=1000, decay_updates=500)
        >>> [round(rate(o, u, u), 3) for u in (0, 9, 99, 400, 750, 999)]
        [0.1, 1.0, 1.0, 0.5, 0.183, 0.001]
    """
    value = options.rate * min(1.0, (since_start + 1) / max(options.warmup, 1))
    if options.cooling:
        value *= min(1.0, math.sqrt(options.cooling / max(update, 1)))
    if options.decay_updates:
        value *= max(0.0, min(1.0, (options.updates - update) / options.decay_updates))
    return value * left
