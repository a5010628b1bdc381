"""`mt score`: BLEU, chrF and TER of a file against a reference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, options


def command(
    hypothesis: Annotated[Path, typer.Argument(help="The translation, one unit a line.", show_default=False)],
    reference: Annotated[Path, typer.Argument(help="The reference, as many lines.", show_default=False)],
    metric: Annotated[list[str] | None, typer.Option("--metric", "-m", help="bleu, chrf, ter; all by default.")] = None,
    unit: Annotated[
        Literal["segment", "paragraph", "document"], typer.Option(help="What one line is; it stands in the signature.")
    ] = "segment",
    resamples: Annotated[int, typer.Option(help="Bootstrap samples behind the intervals; 0 = none.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 12345,
    json: options.Json = False,
) -> int:
    """Score a translation against a reference, line by line, in percent with 95 % intervals.

    Examples:

      mt score hyp.txt ref.txt

      mt score hyp.txt ref.txt --metric chrf --unit paragraph --json
    """
    from mt.evaluate.metrics import METRICS
    from mt.pipeline.config import ScoreConfig
    from mt.pipeline.result import score_lines, score_records
    from mt.pipeline.score import score_files

    with options.checked():
        ScoreConfig(resamples=resamples, seed=seed)
    scores = score_files(hypothesis, reference, metrics=metric or METRICS, unit=unit, resamples=resamples, seed=seed)
    if json:
        console.out_json(score_records(scores))
    else:
        for line in score_lines(scores):
            console.out(line)
    return 0
