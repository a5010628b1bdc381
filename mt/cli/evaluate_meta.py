"""`mt evaluate meta`: how well metrics agree with people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mt.cli import console, options


def command(
    directory: Annotated[
        Path, typer.Argument(help="mt-metrics-eval's layout, or src.*, ref.*, systems/, human/.", show_default=False)
    ],
    human: Annotated[str, typer.Option(help="Which human scores; by default mqm, esa or z.")] = "",
    metrics: Annotated[
        str, typer.Option("--metrics", "-m", help="Computed here: bleu, chrf, chrf++, ter.")
    ] = "bleu,chrf",
    langs: Annotated[str | None, typer.Option(help="Pair of languages where there are several, e.g. ja-en.")] = None,
    lower: Annotated[
        list[str] | None, typer.Option(help="A metric of the directory that is better when lower.")
    ] = None,
    trials: Annotated[int, typer.Option(help="Of every permutation test.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of everything drawn.")] = 12345,
    json: options.Json = False,
) -> int:
    """Measure metrics by people's judgements: pairwise accuracy, soft accuracy, acc23 with calibrated ties, tests of metric against metric.

    Metrics whose scores the directory holds (metric-scores/) stand beside those computed here. Pairs of systems that wrote the same are left out.

    Examples:

      mt evaluate meta judged

      mt evaluate meta judged --human z --metrics chrf,bleu,ter --json
    """
    from mt.pipeline.evaluate_config import metric_keys
    from mt.pipeline.meta import MetaConfig, evaluate_metrics, lines_of, pair_of_langs

    with options.checked():
        config = MetaConfig(
            directory,
            human,
            metric_keys((metrics,)),
            pair_of_langs(langs),
            trials,
            seed,
            tuple(lower or ()),
        )
    with console.progress() as progress:
        found = evaluate_metrics(config, progress=progress)
    if json:
        console.out_json(found)
    else:
        for line in lines_of(found):
            console.out(line)
    return 0
