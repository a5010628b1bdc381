"""Two files, line by line, to scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mt.documents.plain import TextFile
from mt.evaluate.metrics import METRICS, Unit, score
from mt.types import Score


def score_files(
    hypothesis: Path,
    reference: Path,
    *,
    metrics: Sequence[str] = METRICS,
    unit: Unit = "segment",
    resamples: int = 1000,
    seed: int = 12345,
) -> tuple[Score, ...]:
    """Scores of a file against another, one unit a line; an empty line is an empty unit, and counts.

    Raises:
        InputError: when a file cannot be read as text.
        CountError: when they have different numbers of lines.
    """
    return score(
        file_lines(hypothesis),
        file_lines(reference),
        metrics=metrics,
        unit=unit,
        resamples=resamples,
        seed=seed,
        names=(str(hypothesis), str(reference)),
    )


def file_lines(path: Path) -> list[str]:
    """Lines of a text file without their ends; only a line feed ends a line."""
    return [line.removesuffix("\r") for line in TextFile(path).lines()]
