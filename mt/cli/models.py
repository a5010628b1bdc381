"""`mt models`: which models there are, what they are, whether they are whole."""

from __future__ import annotations

from typing import Annotated

import typer

from mt.cli import console, options

app = typer.Typer(help="List, show and verify translation models.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A known model or a MarianMT directory.", show_default=False)]


@app.command("list")
def list_models(json: options.Json = False) -> int:
    """List the models this program knows.

    Example:

      mt models list
    """
    from mt.models.registry import known
    from mt.pipeline.models import list_lines, record

    if json:
        console.out_json([record(entry) for entry in known()])
    else:
        for line in list_lines(known()):
            console.out(line)
    return 0


@app.command("show")
def show(name: Name, json: options.Json = False) -> int:
    """Show what a model is: sizes, vocabulary, limits, hashes.

    Example:

      mt models show starter
    """
    from mt.pipeline.models import describe

    facts = describe(name)
    if json:
        console.out_json(facts)
    else:
        for key, value in facts.items():
            console.out(f"{key:22}{value}")
    return 0


@app.command("verify")
def verify(name: Name) -> int:
    """Check that a model's files are whole, and that it loads and translates. Exit code 2 when not.

    Example:

      mt models verify starter
    """
    from mt.pipeline.models import check

    problems = check(name)
    for problem in problems:
        console.note(f"error: {problem}")
    if not problems:
        console.out(f"{name}: whole; it loads and translates")
    return 2 if problems else 0
