"""Scores of neural metrics in one table, equal recipes only.

A neural metric's number depends on model, revision, precision and library; COMET 1.1.3 and 2.1.1 moved every score of one project and turned
conclusions round. So one column holds one signature, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mt.errors import ConfigError, CountError, InputError
from mt.signature import Signature


@dataclass(frozen=True, slots=True)
class NeuralScores:
    """One system by one neural metric: its segments' scores, in the metric's own unit and direction."""

    system: str
    metric: str
    lower_is_better: bool
    segments: tuple[float, ...]
    signature: Signature


@dataclass(frozen=True, slots=True)
class NeuralRow:
    """A system in the table: mean over segments, None in `low` and `high` where nothing was resampled."""

    system: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class NeuralTable:
    """Systems by one metric and one signature, best first."""

    metric: str
    lower_is_better: bool
    rows: tuple[NeuralRow, ...]
    signature: str


def neural_table(
    scores: Sequence[NeuralScores],
    *,
    documents: Sequence[str] | None = None,
    resamples: int = 1000,
    seed: int = 12345,
) -> NeuralTable:
    """Means with intervals, documents drawn where they are known.

    Raises:
        InputError: for no system.
        ConfigError: for systems of different signatures, metrics or directions: their numbers cannot be compared.
        CountError: for different numbers of segments.

    Example:
        >>> s = Signature.of(metric="COMET", model="m", revision="1", precision="fp32")
        >>> t = neural_table([NeuralScores(n, "COMET", False, v, s) for n, v in (("x", (0.5, 0.7)), ("y", (0.8, 0.8)))], resamples=0)
        >>> [(row.system, round(row.value, 2)) for row in t.rows]
        [('y', 0.8), ('x', 0.6)]
    """
    from mt.evaluate.resampling import weighted

    if not scores:
        raise InputError("neural metric", "at least one system", "none")
    first = scores[0]
    for one in scores:
        if (one.signature, one.metric, one.lower_is_better) != (first.signature, first.metric, first.lower_is_better):
            expected = f"{first.signature} as of {first.system}"
            raise ConfigError(f"signature of {one.system}", expected, str(one.signature))
        if len(one.segments) != len(first.segments):
            raise CountError(one.system, len(one.segments), first.system, len(first.segments), "segment")
    if documents is not None and len(documents) != len(first.segments):
        raise CountError("documents", len(documents), first.system, len(first.segments), "segment")
    names = list(documents) if documents is not None else [str(n) for n in range(len(first.segments))]
    places = {name: k for k, name in enumerate(dict.fromkeys(names))}
    sums = [np.zeros((len(places), 2)) for _ in scores]
    for table, one in zip(sums, scores, strict=True):
        np.add.at(table, [places[name] for name in names], np.array([[value, 1.0] for value in one.segments]))
    drawn = weighted(sums, resamples, seed) if resamples and len(places) > 1 else None
    rows = []
    for k, one in enumerate(scores):
        ends = None if drawn is None else np.percentile(drawn[k][:, 0] / drawn[k][:, 1], [2.5, 97.5])
        low, high = (None, None) if ends is None else (float(ends[0]), float(ends[1]))
        rows.append(NeuralRow(one.system, float(np.mean(one.segments)), low, high))
    sign = 1 if first.lower_is_better else -1
    signature = first.signature.plus(n=len(first.segments), units=len(places))
    signature = signature if drawn is None else signature.plus(bs=resamples, seed=seed, ci="percentile95")
    ranked = tuple(sorted(rows, key=lambda row: (sign * row.value, row.system)))
    return NeuralTable(first.metric, first.lower_is_better, ranked, str(signature))


def joined(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Refuse to set two evaluations' columns beside each other where a metric's signatures differ.

    Args:
        old: metric → signature.
        new: the same of the other.

    Raises:
        ConfigError: naming the metric and both.
    """
    for metric in old.keys() & new.keys():
        if old[metric] != new[metric]:
            raise ConfigError(f"signature of {metric}", old[metric], new[metric])
