"""`mt train`: make a model, or a better one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from mt.cli import console, options
from mt.errors import OptionError


def command(
    config: Annotated[Path, typer.Argument(help="A recipe, e.g. configs/train/starter.toml.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where the run lives; runs/train/NAME otherwise.")] = None,
    data: Annotated[Path | None, typer.Option(help="Directory of the recipe's files; replaces its own.")] = None,
    updates: Annotated[
        int | None, typer.Option(help="End after so many updates in all; replaces the recipe's.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="End after so many minutes of this call.")] = None,
    decay: Annotated[float, typer.Option(help="Anneal for so many minutes from the last checkpoint; it stays.")] = 0.0,
    check: Annotated[bool, typer.Option("--check", help="Only check the recipe and the files it names.")] = False,
    json: options.Json = False,
) -> int:
    """Train a MarianMT model from bitext; the same command goes on where it was stopped.

    Ctrl-C or SIGTERM saves and ends; a run that was killed goes on from its last checkpoint. Needs kakehashi[train].

    Examples:

      mt train configs/train/starter.toml --minutes 60

      mt train configs/train/starter.toml --decay 30
    """
    from mt.pipeline.train import Asked, load_recipe, train

    recipe = load_recipe(config, data)
    with options.checked():
        if updates is not None:
            recipe = replace(recipe, schedule=replace(recipe.schedule, updates=updates))
        if minutes is not None:
            recipe = replace(recipe, schedule=replace(recipe.schedule, minutes=minutes))
        if decay < 0:
            raise OptionError("decay", "a number of minutes from 0", decay)
    if check:
        console.note(f"{config}: {len(recipe.source)} sources; the recipe is well")
        return 0
    directory = out or Path("runs/train") / recipe.name
    with console.progress() as progress, _stopped() as stop:
        at = train(Asked(recipe, directory, decay, progress, console.note, stop))
    model = directory / ("decayed" if decay else "model")
    if json:
        console.out_json({"model": str(model), "updates": at.updates, "tokens": at.tokens})
    else:
        console.out(str(model))
    return 0


class _Asked:
    """Becomes true when the user asks to stop; a second time interrupts at once."""

    def __init__(self) -> None:
        self.stop = False

    def __call__(self) -> bool:
        return self.stop

    def handle(self, number: int, frame: FrameType | None) -> None:
        if self.stop:
            raise KeyboardInterrupt
        self.stop = True
        console.note("stopping after this update; once more stops at once, back to the last checkpoint")


@contextmanager
def _stopped() -> Iterator[_Asked]:
    asked = _Asked()
    before = {number: signal.signal(number, asked.handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
