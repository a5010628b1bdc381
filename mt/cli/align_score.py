"""`mt align score`: a sentence alignment against a gold one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mt.cli import console, options

_FORMAT = "vecalign, sentalign, hunalign, hunalign-text, bertalign, tsv, jsonl, intertext, tmx, columns, or auto."


def command(
    gold: Annotated[Path, typer.Argument(help="The right alignment: a file, or a folder of them.", show_default=False)],
    test: Annotated[Path, typer.Argument(help="The one to judge: a file, or a folder of as many.", show_default=False)],
    gold_base: Annotated[int, typer.Option(help="What GOLD's sentence numbers count from, 0 or 1.")] = 0,
    test_base: Annotated[int, typer.Option(help="What TEST's sentence numbers count from, 0 or 1.")] = 0,
    gold_format: Annotated[str, typer.Option(help=f"Of GOLD: {_FORMAT}")] = "auto",
    test_format: Annotated[str, typer.Option(help=f"Of TEST: {_FORMAT}")] = "auto",
    lists: Annotated[
        bool, typer.Option("--lists", help="GOLD and TEST are text files that name the files, one a line.")
    ] = False,
    src: Annotated[
        Path | None, typer.Option(help="Source sentences, one a line, for formats without sentence numbers.")
    ] = None,
    tgt: Annotated[Path | None, typer.Option(help="Target sentences, one a line.")] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap samples of documents; 0 = no intervals.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 12345,
    json: options.Json = False,
) -> int:
    """Score a sentence alignment: Vecalign's strict and lax precision, recall and F1, null beads, and each type of bead.

    Counts are summed over the documents of a folder, which are matched by name; intervals are 95 %, by resampling documents.

    Examples:

      mt align score gold.path test.path

      mt align score gold.path test.path --json
    """
    from mt.errors import ConfigError
    from mt.pipeline.align_score import Side, score_alignments, score_lines, score_record
    from mt.pipeline.config import ScoreConfig

    if (src is None) != (tgt is None):
        raise ConfigError("--src", "both --src and --tgt, or neither", "one")
    with options.checked():
        ScoreConfig(resamples=resamples, seed=seed)
        scored = score_alignments(
            Side(gold, gold_format, gold_base),
            Side(test, test_format, test_base),
            lists=lists,
            texts=None if src is None or tgt is None else (src, tgt),
            resamples=resamples,
            seed=seed,
        )
    if json:
        console.out_json(score_record(scored))
    else:
        for line in score_lines(scored):
            console.out(line)
    return 0
