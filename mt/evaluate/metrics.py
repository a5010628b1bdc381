"""BLEU, chrF and TER of one system against one reference, by sacrebleu, with intervals by resampling units.

Sufficient statistics are taken once per unit (sacrebleu's own), summed, and turned into a score; the bootstrap (Koehn 2004) sums resampled
rows of the same table, so a score and its interval come from the same numbers. sacrebleu's Python interface drops what is left over of
unequal streams in silence; here unequal counts are an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mt.errors import ConfigError, CountError, InputError
from mt.signature import Signature
from mt.types import Score

Unit = Literal["segment", "paragraph", "document"]
METRICS = ("bleu", "chrf", "ter")


def score(
    hypotheses: Sequence[str],
    references: Sequence[str],
    *,
    unit: Unit = "segment",
    metrics: Sequence[str] = METRICS,
    resamples: int = 1000,
    seed: int = 12345,
    names: tuple[str, str] = ("hypothesis", "reference"),
) -> tuple[Score, ...]:
    """Corpus scores in percent; 95 % percentile intervals where there are at least two units.

    Args:
        hypotheses: one string a unit, not normalised, not lower-cased (WMT's habit).
        references: as many.
        unit: what one string is; it stands in the signature, since scores of different units cannot be compared.
        metrics: some of `bleu`, `chrf`, `ter`, in the order wanted.
        resamples: bootstrap samples; 0 = no interval.
        seed: of the resampling, the same for every metric.
        names: of the two streams, for messages.

    Raises:
        CountError: for unequal counts.
        InputError: for no units at all.
        ConfigError: for an unknown metric.

    Example:
        >>> hyp, ref = ["A cat sat on the mat.", "It rained."], ["A cat sat on the mat.", "It snowed."]
        >>> [s] = score(hyp, ref, metrics=["chrf"], resamples=0)
        >>> s.name, round(s.value, 1), s.low, str(s.signature)[:44]
        ('chrF2', 75.0, None, 'nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:n')
    """
    if not hypotheses and not references:
        raise InputError(names[0], f"at least one {unit}", "none")
    if len(hypotheses) != len(references):
        raise CountError(names[0], len(hypotheses), names[1], len(references), unit)
    return tuple(_one(name, hypotheses, references, unit=unit, resamples=resamples, seed=seed) for name in metrics)


def difference(
    hypotheses: Sequence[str],
    others: Sequence[str],
    references: Sequence[str],
    *,
    unit: Unit = "segment",
    metrics: Sequence[str] = METRICS,
    resamples: int = 1000,
    seed: int = 12345,
) -> tuple[Score, ...]:
    """How much better the first system is than the other, in percent points, with the 95 % interval of the paired bootstrap (Koehn 2004).

    Both systems are scored on the same resampled units, so what makes a unit hard for both cancels out. An interval without 0 is a difference
    that would be seen again on other texts of the kind.

    Args:
        hypotheses: one string a unit.
        others: the other system's.
        references: as many.
        unit: what one string is.
        metrics: some of `bleu`, `chrf`, `ter`.
        resamples: bootstrap samples, at least 1.
        seed: of the resampling.

    Raises:
        CountError: for unequal counts.

    Example:
        >>> [one] = difference(["A cat.", "Yes."], ["A dog.", "Yes."], ["A cat.", "Yes."], metrics=["chrf"])
        >>> one.value > 0
        True
    """
    for name, stream in (("the other system", others), ("reference", references)):
        if len(stream) != len(hypotheses):
            raise CountError("hypothesis", len(hypotheses), name, len(stream), unit)
    found = []
    for name in metrics:
        metric = _metric(name)
        tables = [
            np.asarray(metric._extract_corpus_statistics(list(hyps), [list(references)]), dtype=np.float64)
            for hyps in (hypotheses, others)
        ]
        values = [metric._compute_score_from_stats(list(table.sum(axis=0))) for table in tables]
        drawn = [np.array(_resampled(metric, table, resamples, seed)) for table in tables]
        low, high = (float(x) for x in np.percentile(drawn[0] - drawn[1], [2.5, 97.5]))
        signature = Signature.parse(str(metric.get_signature())).plus(bs=resamples, seed=seed, ci="paired-percentile95")
        value = float(values[0].score - values[1].score)
        found.append(Score(values[0].name, value, low, high, signature.plus(unit=unit, n=len(hypotheses))))
    return tuple(found)


def chrf(hypothesis: str, reference: str) -> float:
    """chrF2 of one unit, in percent, to rank units by; no corpus score.

    Example:
        >>> chrf("A cat.", "A cat.")
        100.0
    """
    return float(_metric("chrf").sentence_score(hypothesis, [reference]).score)


def _one(name: str, hyps: Sequence[str], refs: Sequence[str], *, unit: Unit, resamples: int, seed: int) -> Score:
    metric = _metric(name)
    rows = np.asarray(metric._extract_corpus_statistics(list(hyps), [list(refs)]), dtype=np.float64)
    result = metric._compute_score_from_stats(list(rows.sum(axis=0)))
    signature = Signature.parse(str(metric.get_signature()))
    low = high = None
    if resamples and len(hyps) > 1:
        low, high = (float(x) for x in np.percentile(_resampled(metric, rows, resamples, seed), [2.5, 97.5]))
        signature = signature.plus(bs=resamples, seed=seed, ci="percentile95")
    return Score(result.name, float(result.score), low, high, signature.plus(unit=unit, n=len(hyps)))


def _resampled(metric: Any, rows: npt.NDArray[np.float64], resamples: int, seed: int) -> list[float]:
    """Scores of `resamples` corpora drawn from the units with replacement; `rows` has shape (units, statistics)."""
    units = len(rows)
    rng = np.random.default_rng(seed)
    # how often each unit is drawn: one matrix product sums all resampled corpora at once
    weights = rng.multinomial(units, np.full(units, 1 / units), size=resamples).astype(np.float64)
    return [float(metric._compute_score_from_stats(list(total)).score) for total in weights @ rows]


def _metric(name: str) -> Any:
    from sacrebleu.metrics import BLEU, CHRF, TER

    if name not in METRICS:
        raise ConfigError("metric", f"one of {', '.join(METRICS)}", repr(name))
    return {"bleu": BLEU, "chrf": CHRF, "ter": TER}[name]()
