"""How sure differences between systems are: intervals, paired tests of all pairs, Holm's correction, rank clusters.

With A and B the rows of two systems (shape (units, columns)), f the score of summed rows and Δ = f(ΣA) − f(ΣB):

    interval       percentiles 2.5 and 97.5 of f(W A), W the counts of units drawn with replacement (Koehn 2004); of Δ: of f(W A) − f(W B)
    randomisation  each unit changes sides with probability ½ (Noreen 1989; Riezler and Maxwell 2005), Δ* of each such pair of corpora;
                   p = (1 + #{|Δ*| ≥ |Δ|}) / (n + 1)
    bootstrap      d = f(W A) − f(W B); p = (1 + #{|d − mean d| ≥ |Δ|}) / (n + 1): first centred, then without sign (Efron and Tibshirani 1993,
                   ch. 16). sacrebleu takes the absolute value first and centres it then, which halves p.

Sentences of one document are not independent, so documents are drawn where their names are known, and enough of them. All systems and pairs
share the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from mt.errors import ConfigError, CountError, InputError, plural
from mt.evaluate.resampling import signed, weighted
from mt.evaluate.statistics import LOWER_IS_BETTER, Table, values

Array = npt.NDArray[np.float64]
Resample = Literal["auto", "segment", "document"]
LEAST_DOCUMENTS = 10  # intervals from fewer clusters are too narrow (Cameron, Gelbach and Miller 2008), and swaps too few for a small p
LEAST_SEGMENTS = 100  # for a verdict from BLEU, which counts 4-grams that a short text hardly has
_SAME = 1e-9  # points; closer scores are equal, whatever the machine rounded


@dataclass(frozen=True, slots=True)
class SystemScore:
    """One system by one metric.

    Attributes:
        system: its name.
        value: corpus score, percent.
        low: lower end of the 95 % interval; None where nothing was resampled.
        high: upper end, or None.
        rank: (best, worst) rank that the tests leave open, 1 = best.
        cluster: number of its rank cluster, 1 = best.
    """

    system: str
    value: float
    low: float | None
    high: float | None
    rank: tuple[int, int]
    cluster: int


@dataclass(frozen=True, slots=True)
class PairTest:
    """Two systems by one metric.

    Attributes:
        first: name of a system.
        second: name of another.
        difference: score of the first − score of the second, points.
        low: lower end of the 95 % interval of the difference; None where nothing was resampled.
        high: upper end, or None.
        p: of approximate randomisation, two-sided.
        p_holm: the same, corrected for the number of pairs.
        p_bootstrap: of the centred bootstrap; None where nothing was resampled.
        smallest_p: the smallest `p` that these units and trials could have given.
        better: name of the system shown to be better (`p_holm` below `alpha`); None where no difference was shown.
        identical: the two have the same statistics in every unit; nothing was tested.
    """

    first: str
    second: str
    difference: float
    low: float | None
    high: float | None
    p: float
    p_holm: float
    p_bootstrap: float | None
    smallest_p: float
    better: str | None
    identical: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """All systems by one metric.

    Attributes:
        metric: key of the metric, e.g. `chrf`.
        name: its name, e.g. `chrF2`.
        lower_is_better: whether less is better.
        resampled: `document` or `segment`: what was drawn and swapped.
        units: how many of them.
        alpha: level of the verdicts.
        scores: best first.
        pairs: every pair once, in the order of the input.
        clusters: names of systems, best cluster first: every system of a cluster is shown to be better than every system of the next.
        verdict: False where the metric may not decide (BLEU below 100 segments); then nothing is `better`.
        notes: sentences a reader must know, e.g. why segments were drawn although documents are known.
        signature: of the scores, with unit, number, trials and seed of the resampling.
    """

    metric: str
    name: str
    lower_is_better: bool
    resampled: str
    units: int
    alpha: float
    scores: tuple[SystemScore, ...]
    pairs: tuple[PairTest, ...]
    clusters: tuple[tuple[str, ...], ...]
    verdict: bool
    notes: tuple[str, ...]
    signature: str


def compare(
    systems: Mapping[str, Table],
    *,
    documents: Sequence[str] | None = None,
    resample: Resample = "auto",
    resamples: int = 1000,
    trials: int = 10_000,
    seed: int = 12345,
    alpha: float = 0.05,
) -> Comparison:
    """Score systems with intervals, and test every pair.

    Args:
        systems: name → statistics, all of one metric and one set of references.
        documents: name of the document of each segment; None = not known.
        resample: what is drawn and swapped; `auto` = documents where at least `LEAST_DOCUMENTS` are known, else segments.
        resamples: bootstrap samples, for intervals; 0 = none.
        trials: of the randomisation test, at least 1.
        seed: of both.
        alpha: level, strictly between 0 and 1.

    Raises:
        InputError: for no system.
        CountError: for systems or documents of different numbers of segments.
        ConfigError: for systems of different signatures, or an option out of range.

    Example:
        >>> from mt.evaluate.statistics import tables
        >>> refs = [f"Sentence number {n}." for n in range(200)]
        >>> found = compare(dict(zip("AB", tables("chrf", [refs, [r.upper() for r in refs]], [refs]), strict=True)), trials=999)
        >>> found.clusters, found.pairs[0].p, found.pairs[0].better
        ((('A',), ('B',)), 0.001, 'A')
    """
    names, tables = list(systems), list(systems.values())
    _check(tables, names, resamples, trials, alpha)
    rows, resampled, notes = _units(tables, documents, resample)
    metric, units = tables[0].metric, len(rows[0])
    verdict = metric != "bleu" or len(tables[0]) >= LEAST_SEGMENTS
    if not verdict:
        notes.append(f"BLEU decides nothing below {LEAST_SEGMENTS} segments; this set has {len(tables[0])}: see chrF.")
    scores = np.array([table.score() for table in tables])
    drawn = [values(metric, sums) for sums in weighted(rows, resamples, seed)] if resamples and units > 1 else None
    pairs = _pairs(names, metric, rows, scores, drawn, trials=trials, seed=seed, alpha=alpha if verdict else 0.0)
    ranked = _ranked(names, metric, scores, drawn, pairs)
    signature = tables[0].signature.plus(resample=resampled, units=units)
    signature = signature if drawn is None else signature.plus(bs=resamples, ci="percentile95")
    return Comparison(
        metric=metric,
        name=tables[0].name,
        lower_is_better=metric in LOWER_IS_BETTER,
        resampled=resampled,
        units=units,
        alpha=alpha,
        scores=ranked,
        pairs=pairs,
        clusters=_clusters(ranked),
        verdict=verdict,
        notes=tuple(notes),
        signature=str(signature.plus(ar=trials, holm=sum(not p.identical for p in pairs), seed=seed)),
    )


def holm(p: Sequence[float]) -> list[float]:
    """Probabilities corrected for having made so many tests (Holm 1979): the smallest times m, the next times m − 1, …, each at most 1 and none
    below the one before.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    found, largest = [0.0] * len(p), 0.0
    for place, n in enumerate(sorted(range(len(p)), key=lambda k: p[k])):
        largest = max(largest, min(1.0, p[n] * (len(p) - place)))
        found[n] = largest
    return found


def _check(tables: Sequence[Table], names: Sequence[str], resamples: int, trials: int, alpha: float) -> None:
    if not tables:
        raise InputError("systems", "at least one", "none")
    for name, table in zip(names, tables, strict=True):
        if len(table) != len(tables[0]):
            raise CountError(name, len(table), names[0], len(tables[0]), "segment")
        if table.signature != tables[0].signature:
            raise ConfigError(f"signature of {name}", f"{tables[0].signature} as of {names[0]}", str(table.signature))
    if resamples < 0:
        raise ConfigError("resamples", "a number from 0", str(resamples))
    if trials < 1:
        raise ConfigError("trials", "a number from 1", str(trials))
    if not 0 < alpha < 1:
        raise ConfigError("alpha", "a level between 0 and 1", str(alpha))


def _units(
    tables: Sequence[Table], documents: Sequence[str] | None, resample: Resample
) -> tuple[list[Array], str, list[str]]:
    """Rows of what is drawn, its name, and what to say about it."""
    if resample not in ("auto", "segment", "document"):
        raise ConfigError("resample", "auto, segment or document", repr(resample))
    if documents is not None and len(documents) != len(tables[0]):
        raise CountError("documents", len(documents), "hypothesis", len(tables[0]), "segment")
    count = len(set(documents)) if documents is not None else 0
    if resample == "document" and documents is None:
        raise ConfigError("resample", "names of documents, to draw documents", "none")
    if documents is not None and (resample == "document" or (resample == "auto" and count >= LEAST_DOCUMENTS)):
        return [table.grouped(documents) for table in tables], "document", []
    notes = []
    if resample == "auto":
        why = "no documents are known" if not count else f"{plural(count, 'document')} are too few to draw from"
        notes.append(
            f"Segments were drawn, since {why}: where sentences belong together, intervals are wider than shown."
        )
    return [table.rows for table in tables], "segment", notes


def _pairs(
    names: Sequence[str],
    metric: str,
    rows: Sequence[Array],
    scores: Array,
    drawn: Sequence[Array] | None,
    *,
    trials: int,
    seed: int,
    alpha: float,
) -> tuple[PairTest, ...]:
    order = list(combinations(range(len(names)), 2))
    halves = signed(rows, trials, seed) if order else []
    totals = [table.sum(axis=0) for table in rows]
    apart = [int((rows[a] != rows[b]).any(axis=1).sum()) for a, b in order]
    p = []
    for (a, b), differing in zip(order, apart, strict=True):
        if not differing:
            p.append(1.0)
            continue
        swap = halves[b] - halves[a]
        others = np.abs(values(metric, totals[a] + swap) - values(metric, totals[b] - swap))
        p.append(float(1 + (others >= abs(scores[a] - scores[b]) - _SAME).sum()) / (trials + 1))
    tested = [k for k, differing in enumerate(apart) if differing]
    corrected = dict(zip(tested, holm([p[k] for k in tested]), strict=True))
    sign = -1 if metric in LOWER_IS_BETTER else 1
    found = []
    for k, (a, b) in enumerate(order):
        low, high, p_bootstrap = _of_difference(drawn[a] - drawn[b], scores[a] - scores[b]) if drawn else (None,) * 3
        p_holm, winner = corrected.get(k, 1.0), a if sign * scores[a] > sign * scores[b] else b
        found.append(
            PairTest(
                names[a],
                names[b],
                float(scores[a] - scores[b]),
                low,
                high,
                p[k],
                p_holm,
                p_bootstrap,
                smallest_p=min(1.0, max(1 / (trials + 1), 2.0 ** (1 - apart[k]))),
                better=names[winner] if p_holm < alpha else None,
                identical=not apart[k],
            )
        )
    return tuple(found)


def _of_difference(drawn: Array, difference: float) -> tuple[float, float, float]:
    low, high = (float(x) for x in np.percentile(drawn, [2.5, 97.5]))
    # a system against itself: every deviation, 0, is as large as the difference, 0
    extreme = (np.abs(drawn - drawn.mean()) >= abs(difference) - _SAME).sum()
    return low, high, float(1 + extreme) / (len(drawn) + 1)


def _ranked(
    names: Sequence[str], metric: str, scores: Array, drawn: Sequence[Array] | None, pairs: Sequence[PairTest]
) -> tuple[SystemScore, ...]:
    beats = {(pair.better, pair.second if pair.better == pair.first else pair.first) for pair in pairs if pair.better}
    order = sorted(range(len(names)), key=lambda n: scores[n] if metric in LOWER_IS_BETTER else -scores[n])
    cluster, found = 1, []
    for place, n in enumerate(order):
        if place and all((names[a], names[b]) in beats for a in order[:place] for b in order[place:]):
            cluster += 1
        low, high = (float(x) for x in np.percentile(drawn[n], [2.5, 97.5])) if drawn else (None, None)
        rank = (
            1 + sum((other, names[n]) in beats for other in names),
            len(names) - sum((names[n], other) in beats for other in names),
        )
        found.append(SystemScore(names[n], float(scores[n]), low, high, rank, cluster))
    return tuple(found)


def _clusters(ranked: Sequence[SystemScore]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(s.system for s in ranked if s.cluster == n) for n in range(1, ranked[-1].cluster + 1))
