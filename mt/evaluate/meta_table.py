"""Metrics set against people's scores of the same systems, into one table and tests of every two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from mt.evaluate import meta
from mt.evaluate.meta import Array


@dataclass(frozen=True, slots=True)
class HumanScores:
    """Human scores of systems, higher is better.

    Attributes:
        name: what they are, e.g. `z`, `mqm`.
        systems: name → score.
        segments: name → one score a segment, NaN = not judged; empty where unknown.
        joined: whether the segments are lines of the set; else they are the file's own, good for people's p values only.
    """

    name: str
    systems: Mapping[str, float]
    segments: Mapping[str, Sequence[float]]
    joined: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's scores, higher is better: of systems, and of segments where there are any."""

    name: str
    systems: Mapping[str, float]
    segments: Mapping[str, Sequence[float]]


class Measured:
    """Metrics set against people's scores; everything is computed once."""

    def __init__(
        self,
        names: Sequence[str],
        pairs: Sequence[tuple[int, int]],
        people: HumanScores,
        metrics: Sequence[Metric],
        *,
        trials: int,
        seed: int,
    ) -> None:
        self._trials, self._seed, self._names, self._pairs = trials, seed, names, pairs
        self._people, self._metrics = people, metrics
        self._human = np.array([people.systems[name] for name in names])
        self._accuracy = [meta.pairwise_accuracy(self._human, self._systems(m), pairs) for m in metrics]
        whole = set(names) <= people.segments.keys()
        self._segments = np.array([people.segments[name] for name in names]) if whole else None
        self._human_p = None if self._segments is None else self._p(self._segments)
        self._ties = [
            meta.tie_accuracy(self._segments, self._matrix(m), pairs)
            if self._segments is not None and people.joined and m.segments
            else None
            for m in metrics
        ]

    def rows(self) -> list[dict[str, Any]]:
        """One a metric, the best pairwise accuracy first."""
        found = []
        for m, accuracy, ties in zip(self._metrics, self._accuracy, self._ties, strict=True):
            soft = None
            if self._human_p is not None and m.segments:
                soft = meta.soft_accuracy(self._human_p, self._p(self._matrix(m)))
            found.append(
                {
                    "metric": m.name,
                    "accuracy": accuracy.value,
                    "alike": accuracy.alike,
                    "against": accuracy.against,
                    "tied": accuracy.tied,
                    "soft": soft,
                    "acc23": None if ties is None else ties.value,
                    "epsilon": None if ties is None else ties.epsilon,
                    "uncalibrated": None if ties is None else ties.uncalibrated,
                    "items": None if ties is None else ties.items,
                    "human_ties": None if ties is None else ties.human_ties,
                }
            )
        return sorted(found, key=lambda row: (-row["accuracy"], row["metric"]))

    def tests(self) -> list[dict[str, Any]]:
        """Every two metrics against each other: difference and p of each measure, None where it is not known."""
        found = []
        signs = meta.draw(self._trials, len(self._names), self._seed)
        for i, j in combinations(range(len(self._metrics)), 2):
            a, b = self._metrics[i], self._metrics[j]
            row: dict[str, Any] = {"metrics": [a.name, b.name], "soft": None, "acc23": None}
            row["accuracy"] = list(
                meta.compare_accuracy(self._human, (self._systems(a), self._systems(b)), self._pairs, signs)
            )
            if self._human_p is not None and a.segments and b.segments:
                matrices = self._matrix(a), self._matrix(b)
                drawn = meta.draw(self._trials, matrices[0].shape[1], self._seed)
                row["soft"] = list(meta.compare_soft(self._human_p, matrices, self._pairs, signs, drawn))
            first, second = self._ties[i], self._ties[j]
            if first is not None and second is not None:
                drawn = meta.draw(self._trials, len(first.by_item), self._seed + 1)
                row["acc23"] = list(meta.compare_items(first.by_item, second.by_item, drawn))
            found.append(row)
        return found

    def notes(self) -> list[str]:
        """What is not known, and why."""
        if self._segments is None:
            return ["No human scores of segments: soft accuracy and acc23 are not known."]
        if not self._people.joined:
            return [
                "The human scores of segments carry ids that are not line numbers: they give people's p values, but no acc23."
            ]
        return []

    def _p(self, segments: Array) -> Array:
        signs = meta.draw(self._trials, segments.shape[1], self._seed)
        first, second = ([pair[k] for pair in self._pairs] for k in (0, 1))
        return meta.p_values(segments[first], segments[second], signs)

    def _systems(self, metric: Metric) -> Array:
        return np.array([metric.systems[name] for name in self._names])

    def _matrix(self, metric: Metric) -> Array:
        return np.array([metric.segments[name] for name in self._names])
