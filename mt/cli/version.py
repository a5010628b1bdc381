"""`mt version`: this program and what its numbers depend on."""

from __future__ import annotations

import typer

import mt
from mt.cli import console, options


def command(json: options.Json = False) -> int:
    """Print the versions of this program, Python and the libraries that touch the numbers.

    Example:

      mt version --json
    """
    from mt.pipeline.manifest import versions

    if json:
        console.out_json(versions())
    else:
        for name, number in versions().items():
            console.out(f"{name:16}{number}")
    return 0


def print_short(asked: bool) -> None:
    """`mt --version`."""
    if asked:
        console.out(f"kakehashi {mt.__version__}")
        raise typer.Exit
