"""sacrebleu's own numbers of uncertainty, draw for draw, for those who compare with papers: `--confidence` and `--paired-ar`.

What this project reports itself is in `significance`: documents as units, all pairs, Holm's correction. Here the draws are those of sacrebleu 2.6
(`numpy.random.default_rng(seed)`; `choice` of segments, `integers(2)` for the swaps), and so are the formulas, so that printed digits agree.
sacrebleu's paired bootstrap is left out: it halves p.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mt.evaluate.statistics import Table, values

BLOCK = 1 << 24  # numbers drawn at a time


def confidence(table: Table, *, resamples: int = 1000, seed: int = 12345) -> tuple[float, float]:
    """Mean of the resampled scores, and half of the middle 95 % of them, in percent points.

    Args:
        table: of one system.
        resamples: at least 1.
        seed: `SACREBLEU_SEED`.

    Example:
        >>> from mt.evaluate.statistics import table
        >>> mean, half = confidence(table("chrf", ["A cat.", "Yes."] * 9, [["A cat.", "No."] * 9]))
        >>> round(mean, 1), half > 0
        (81.6, True)
    """
    units = len(table)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(units, size=(resamples, units), replace=True)
    scores = np.concatenate([values(table.metric, _counts(part, units) @ table.rows) for part in _blocks(drawn, units)])
    scores.sort()
    low = resamples // 40
    return float(scores.mean()), float(0.5 * (scores[resamples - low - 1] - scores[low]))


def paired_ar(baseline: Table, table: Table, *, trials: int = 10_000, seed: int = 12345) -> float:
    """The p of sacrebleu's approximate randomisation: segments change sides, two-sided, not corrected for the number of systems.

    Example:
        >>> from mt.evaluate.statistics import tables
        >>> refs = [f"Sentence number {n}." for n in range(30)]
        >>> paired_ar(*tables("chrf", [refs, [r.upper() for r in refs]], [refs]), trials=999)
        0.001
    """
    units = len(table)
    real = abs(baseline.score() - table.score())
    total = baseline.rows.sum(axis=0) + table.rows.sum(axis=0)
    swaps = np.random.default_rng(seed).integers(2, size=(trials, units), dtype=bool)
    above = 0
    for part in _blocks(swaps, units):
        mixed = part.astype(np.float64) @ (baseline.rows - table.rows) + table.rows.sum(axis=0)
        found = np.abs(values(table.metric, mixed) - values(table.metric, total - mixed))
        above += int((found > real + 1e-9).sum())
    return (above + 1) / (trials + 1)


def _blocks(drawn: npt.NDArray[np.generic], units: int) -> Iterator[npt.NDArray[np.generic]]:
    step = max(1, BLOCK // max(units, 1))
    for start in range(0, len(drawn), step):
        yield drawn[start : start + step]


def _counts(drawn: npt.NDArray[np.generic], units: int) -> npt.NDArray[np.float64]:
    """How often each unit was drawn: shape (draws, units)."""
    return np.array([np.bincount(row, minlength=units) for row in drawn.astype(np.int64)], dtype=np.float64)
