"""Word links against gold ones: alignment error rate, precision, recall, F1 over a corpus.

Counts are summed over all pairs before anything is divided; the mean of sentences' rates is another number. Gold links are sure or possible
(Och and Ney 2003, "A Systematic Comparison of Various Statistical Alignment Models", section 5.1). With A = links judged, S = sure, P = sure
or possible: precision = |A∩P| / |A|, recall = |A∩S| / |S|, AER = 1 - (|A∩S| + |A∩P|) / (|A| + |S|), F1 = harmonic mean of precision and
recall. Where no gold link is merely possible, AER = 1 - F1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mt.errors import CountError
from mt.signature import Signature
from mt.types import Score

Cell = tuple[int, int]
NAMES = ("AER", "precision", "recall", "F1")


@dataclass(frozen=True, slots=True)
class LinkScores:
    """What judging one set of links gave.

    Attributes:
        scores: AER, precision, recall and F1, percent, with 95 % intervals where there are at least two pairs.
        pairs: pairs judged.
        links: links judged, those out of range not counted.
        sure: sure gold links.
        possible: merely possible ones.
        ignored: links of the test that name a word that is not there; left out.
        gold_ignored: the same of the gold.
    """

    scores: tuple[Score, ...]
    pairs: int
    links: int
    sure: int
    possible: int
    ignored: int = 0
    gold_ignored: int = 0


def score(
    test: Sequence[Collection[Cell]],
    sure: Sequence[Collection[Cell]],
    possible: Sequence[Collection[Cell]] | None = None,
    *,
    shapes: Sequence[tuple[int, int]] | None = None,
    resamples: int = 1000,
    seed: int = 12345,
    names: tuple[str, str] = ("test", "gold"),
) -> LinkScores:
    """Judge links.

    Precision of no link is 100 where there is no gold link either, else 0; recall of no gold link is 100. So no links against no gold have an
    AER of 0, no links against some gold one of 100.

    Args:
        test: links of each pair, (src word, tgt word), counted as the gold's are.
        sure: gold links of each pair.
        possible: links that are no mistake and no duty; may hold the sure ones too.
        shapes: (src words, tgt words) of each pair; links beyond are counted and left out. None = nobody knows.
        resamples: bootstrap samples of pairs; 0 = no interval.
        seed: of the resampling.
        names: of the streams, for messages.

    Raises:
        CountError: for unequal numbers of pairs.

    Example:
        >>> found = score([{(0, 0), (1, 1), (2, 2)}], [{(0, 0), (2, 1)}], [{(1, 1)}])
        >>> [(s.name, round(s.value, 1)) for s in found.scores]  # 1 - (1 + 2) / (3 + 2), 2 of 3, 1 of 2
        [('AER', 40.0), ('precision', 66.7), ('recall', 50.0), ('F1', 57.1)]
    """
    maybe = possible if possible is not None else [()] * len(sure)
    for other, unit in ((sure, names[1]), (maybe, names[1]), (shapes, "the pairs")):
        if other is not None and len(other) != len(test):
            raise CountError(names[0], len(test), unit, len(other), "pair")
    table, ignored, gold_ignored, merely = _table(test, sure, maybe, shapes)
    total = table.sum(axis=0)
    values = _rates(total[None, :])[0]
    low, high = _interval(table, resamples, seed)
    signature = Signature.of(links="sums", empty="P0", pairs=len(table))
    if low is not None:
        signature = signature.plus(bs=resamples, seed=seed, ci="percentile95")
    scores = tuple(
        Score(
            name,
            float(values[n]),
            None if low is None else float(low[n]),
            None if high is None else float(high[n]),
            signature,
        )
        for n, name in enumerate(NAMES)
    )
    return LinkScores(scores, len(table), int(total[0]), int(total[1]), merely, ignored, gold_ignored)


def _table(
    test: Sequence[Collection[Cell]],
    sure: Sequence[Collection[Cell]],
    possible: Sequence[Collection[Cell]],
    shapes: Sequence[tuple[int, int]] | None,
) -> tuple[npt.NDArray[np.int64], int, int, int]:
    """A row of counts for each pair, as `_rates` takes them; links left out of the test and of the gold; merely possible gold links."""
    limits = shapes if shapes is not None else [None] * len(test)
    rows, ignored, gold_ignored, merely = [], 0, 0, 0
    for found, firm, soft, shape in zip(test, sure, possible, limits, strict=True):
        a, s, p = (_within(cells, shape) for cells in (found, firm, soft))
        ignored += len(set(found)) - len(a)
        gold_ignored += len(set(firm) | set(soft)) - len(s | p)
        merely += len(p - s)
        rows.append((len(a), len(s), len(a & s), len(a & (s | p))))
    return np.array(rows, dtype=np.int64).reshape(len(rows), 4), ignored, gold_ignored, merely


def _within(cells: Collection[Cell], shape: tuple[int, int] | None) -> set[Cell]:
    if shape is None:
        return set(cells)
    return {(i, j) for i, j in cells if 0 <= i < shape[0] and 0 <= j < shape[1]}


def _rates(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Rows of (links, sure, links that are sure, links that are sure or possible) → rows of percent, in the order of NAMES."""
    a, s, hit, allowed = sums.T.astype(float)
    nothing = (a == 0) & (s == 0)
    precision = np.where(a > 0, allowed / np.maximum(a, 1), nothing)
    recall = np.where(s > 0, hit / np.maximum(s, 1), 1.0)
    aer = np.where(nothing, 0.0, 1 - (hit + allowed) / np.maximum(a + s, 1))
    both = precision + recall
    f1 = np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1), 0.0)
    return 100 * np.stack([aer, precision, recall, f1], axis=1)


def _interval(
    table: npt.NDArray[np.int64], resamples: int, seed: int
) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None]:
    if resamples < 1 or len(table) < 2:
        return None, None
    rng = np.random.default_rng(seed)
    sums = np.stack([table[rng.integers(len(table), size=len(table))].sum(axis=0) for _ in range(resamples)])
    low, high = np.percentile(_rates(sums), [2.5, 97.5], axis=0)
    return low, high
