"""`mt evaluate compare`: two evaluations of one test set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mt.cli import console, options


def command(
    old: Annotated[Path, typer.Argument(help="Folder of an evaluation.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="Folder of a later one.", show_default=False)],
    trials: Annotated[int, typer.Option(help="Of approximate randomisation.")] = 10_000,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 where a system got worse.")] = False,
    json: options.Json = False,
) -> int:
    """Compare two evaluations of the same test set: what each system gained or lost, tested on their segments.

    Systems are matched by name; where each evaluation has one system, these two are compared.

    Examples:

      mt evaluate hyp.txt --ref ref.txt --out before

      mt evaluate other.txt --ref ref.txt --out after

      mt evaluate compare before after
    """
    from mt.pipeline.evaluate_compare import compare_runs, compared_lines

    with options.checked():
        found = compare_runs(old, new, trials=trials)
    if json:
        console.out_json(found)
    else:
        for line in compared_lines(found):
            console.out(line)
    return 3 if strict and any(row["worse"] for row in found["systems"]) else 0
