"""People's judgements → scores of systems: MQM's weights, means of ESA and DA, z by annotator.

Every value here is higher-is-better: an MQM value is minus the sum of its errors' weights. A segment's value is the mean over its annotators, a
system's the mean over its segments (Freitag et al. 2021, "Experts, Errors, and Context"); z is an annotator's value less the mean of all their
values, over their standard deviation, since annotators use a scale differently (Graham et al. 2013).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mt.errors import ConfigError, InputError
from mt.evaluate.resampling import weighted
from mt.signature import Signature

WEIGHTS = "Major:5 Minor:1 Neutral:0 Major/Non-translation!:25 Minor/Fluency/Punctuation:0.1"


@dataclass(frozen=True, slots=True)
class Rating:
    """One annotator's value of one segment of one system; higher is better.

    Attributes:
        system: its name.
        segment: line of the test set from 0, or any number that names the segment for all systems.
        annotator: name or code.
        value: the score; of MQM at most 0.
        seconds: the time it took, or None.
    """

    system: str
    segment: int
    annotator: str
    value: float
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class HumanSystem:
    """A system as people saw it.

    Attributes:
        system: its name.
        mean: of its segments' values.
        z: mean of its segments' z.
        low: lower end of the 95 % interval of `z` by resampling segments.
        high: upper end.
        segments: judged ones.
        ratings: judgements.
    """

    system: str
    mean: float
    z: float
    low: float
    high: float
    segments: int
    ratings: int


@dataclass(frozen=True, slots=True)
class Annotator:
    """One annotator: how much, how strict, how spread, how fast; `seconds` is the median a judgement, None = not known."""

    name: str
    ratings: int
    mean: float
    deviation: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Human:
    """What people said.

    Attributes:
        protocol: `mqm`, `esa` or `da`.
        systems: best z first.
        annotators: by name.
        twice: items (a system's segment) that at least two annotators judged.
        agreement: share of pairs of such items in which two annotators order the two alike, ties of either left out; None where there are none.
        minutes: of all judgements with a time, or None.
        signature: the recipe.
    """

    protocol: str
    systems: tuple[HumanSystem, ...]
    annotators: tuple[Annotator, ...]
    twice: int
    agreement: float | None
    minutes: float | None
    signature: str


class Weights:
    """Weights of MQM errors by severity and category, from `Severity:weight` and `Severity/Category:weight`, the longest match counting.

    The default is mt-metrics-eval's: `Non-translation!` weighs 25 only where it is major. `Critical`, which it does not name, weighs as `Major`, and
    `undecided`, a span to which nobody gave a severity, nothing.

    Raises:
        ConfigError: for another form.

    Example:
        >>> w = Weights()
        >>> w("minor", "Fluency/Punctuation"), w("minor", "Fluency/Grammar"), w("major", "Non-translation!"), w("critical", "Style")
        (0.1, 1.0, 25.0, 5.0)
    """

    def __init__(self, said: str = WEIGHTS) -> None:
        self.said = said
        self._table: dict[str, float] = {}
        for word in said.split():
            match = re.fullmatch(r"([^:]+):(\d+(?:\.\d+)?)", word)
            if match is None:
                raise ConfigError("weights", f"words such as in {WEIGHTS!r}", repr(word))
            self._table[match[1].lower()] = float(match[2])

    def __call__(self, severity: str, category: str = "") -> float:
        """The weight of an error; InputError for a severity without one."""
        severity, parts = severity.strip().lower(), re.split(r"\s*/\s*", category.strip().lower())
        for name in (severity, "major") if severity == "critical" else (severity,):
            for length in range(len(parts), -1, -1):
                key = "/".join([name, *parts[:length]])
                if key in self._table:
                    return self._table[key]
        if severity == "undecided":
            return 0.0
        raise InputError("MQM", f"severities {', '.join(k for k in self._table if '/' not in k)}", repr(severity))

    def value(self, errors: Iterable[tuple[str, str]]) -> float:
        """Minus the weights of (severity, category) errors; an error twice counts twice.

        Example:
            >>> Weights().value([("major", "Accuracy/Omission"), ("minor", "Style")])
            -6.0
        """
        return -sum(self(severity, category) for severity, category in errors) or 0.0


def z_scores(ratings: Sequence[Rating]) -> list[Rating]:
    """The same ratings as z of their annotator (standard deviation of the sample, n − 1); 0 for who judged once, or always alike.

    Example:
        >>> [r.value for r in z_scores([Rating("x", 0, "a", 50), Rating("y", 0, "a", 70), Rating("x", 0, "b", 9)])]
        [-0.7071067811865475, 0.7071067811865475, 0.0]
    """
    own: dict[str, list[float]] = defaultdict(list)
    for one in ratings:
        own[one.annotator].append(one.value)
    found = {name: _scale(values) for name, values in own.items()}
    return [replace(one, value=_z(one.value, *found[one.annotator])) for one in ratings]


def _scale(values: Sequence[float]) -> tuple[float, float, float]:
    """A value, what the mean is above it, and the deviation: equal values have 0, where a mean of 1.9, 1.9, 1.9 is not 1.9 to the last digit."""
    above = np.array(values, float) - values[0]
    return values[0], float(np.mean(above)), float(np.std(above, ddof=1)) if len(values) > 1 else 0.0


def _z(value: float, first: float, mean: float, spread: float) -> float:
    return (value - first - mean) / spread if spread > 0 else 0.0


def segment_values(ratings: Sequence[Rating]) -> dict[str, dict[int, float]]:
    """System → segment → mean over annotators.

    Example:
        >>> segment_values([Rating("x", 3, "a", 50), Rating("x", 3, "b", 70)])
        {'x': {3: 60.0}}
    """
    found: dict[str, dict[int, list[float]]] = {}
    for one in ratings:
        found.setdefault(one.system, {}).setdefault(one.segment, []).append(one.value)
    return {s: {n: float(np.mean(values)) for n, values in rows.items()} for s, rows in found.items()}


def summarise(ratings: Sequence[Rating], protocol: str, *, resamples: int = 1000, seed: int = 12345) -> Human:
    """Systems, annotators, and how far annotators agree.

    Args:
        ratings: higher is better.
        protocol: `mqm`, `esa` or `da`.
        resamples: bootstrap samples behind the intervals, at least 1.
        seed: of the bootstrap.

    Raises:
        InputError: for no rating.

    Example:
        >>> found = summarise([Rating("x", n, "a", 90.0) for n in range(9)] + [Rating("y", n, "a", 60.0) for n in range(9)], "esa")
        >>> [(s.system, s.mean, round(s.z, 2)) for s in found.systems]
        [('x', 90.0, 0.97), ('y', 60.0, -0.97)]
    """
    if not ratings:
        raise InputError("human judgements", "at least one", "none")
    scaled = z_scores(ratings)
    raw, z = segment_values(ratings), segment_values(scaled)
    systems = []
    for name, values in z.items():
        column = np.array([[value, 1.0] for value in values.values()])
        [drawn] = weighted([column], resamples, seed)
        low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
        own = list(raw[name].values())
        count = sum(one.system == name for one in ratings)
        systems.append(
            HumanSystem(name, float(np.mean(own)), float(column[:, 0].mean()), float(low), float(high), len(own), count)
        )
    times = [one.seconds for one in ratings if one.seconds is not None]
    twice, agreement = _agreement(ratings)
    signature = Signature.of(
        human=protocol, z="annotator", segment="mean", n=len(ratings), bs=resamples, seed=seed, ci="percentile95"
    )
    return Human(
        protocol,
        tuple(sorted(systems, key=lambda s: (-s.z, s.system))),
        _annotators(ratings),
        twice,
        agreement,
        sum(times) / 60 if times else None,
        str(signature),
    )


def most_informative(
    scores: Mapping[str, Sequence[float]], count: int, *, texts: Mapping[str, Sequence[str]] | None = None
) -> list[int]:
    """Segments on which people's time is spent best: where systems differ most by an automatic metric.

    The order is by the variance of the systems' segment scores, a simple rule that needs no people's scores and beats a random choice (Zouhar et
    al. 2025, "How to Select Datapoints for Efficient Human Evaluation of NLG Models?"); segments that all systems wrote alike say nothing and are
    left out.

    Args:
        scores: system → one score a segment.
        count: how many at most.
        texts: system → what it wrote, to find what is alike.

    Example:
        >>> most_informative({"x": [50, 90, 10], "y": [50, 20, 30]}, 2)
        [1, 2]
    """
    if not scores:
        raise InputError("segment scores", "at least one system", "none")
    variance = np.array(list(scores.values()), float).var(axis=0)
    alike = [texts is not None and len({t[n] for t in texts.values()}) == 1 for n in range(len(variance))]
    order = sorted(range(len(variance)), key=lambda n: (-variance[n], n))
    return [n for n in order if not alike[n] and variance[n] > 0][:count]


def _annotators(ratings: Sequence[Rating]) -> tuple[Annotator, ...]:
    own: dict[str, list[Rating]] = defaultdict(list)
    for one in ratings:
        own[one.annotator].append(one)
    found = []
    for name, rows in sorted(own.items()):
        values = [one.value for one in rows]
        times = [one.seconds for one in rows if one.seconds is not None]
        seconds = float(np.median(times)) if times else None
        found.append(Annotator(name, len(rows), float(np.mean(values)), _scale(values)[2], seconds))
    return tuple(found)


def _agreement(ratings: Sequence[Rating]) -> tuple[int, float | None]:
    """Items judged twice, and how often two annotators order two systems of a segment alike."""
    items: dict[int, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for one in ratings:
        items[one.segment][one.annotator][one.system] = one.value
    judged: dict[tuple[int, str], int] = defaultdict(int)
    alike = ordered = 0
    for segment, people in items.items():
        names = sorted(people)
        for name in names:
            for system in people[name]:
                judged[segment, system] += 1
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                common = sorted(people[first].keys() & people[second].keys())
                for k, a in enumerate(common):
                    for b in common[k + 1 :]:
                        x, y = people[first][a] - people[first][b], people[second][a] - people[second][b]
                        ordered += x * y != 0
                        alike += x * y > 0
    return sum(count > 1 for count in judged.values()), alike / ordered if ordered else None
