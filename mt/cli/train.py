"""`mt train`: make a model, or a better one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from mt.cli import console, options
from mt.errors import ConfigError, OptionError

if TYPE_CHECKING:
    from mt.train.options import Recipe


def command(
    config: Annotated[Path, typer.Argument(help="A recipe, e.g. configs/train/starter.toml.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where the run lives; runs/train/NAME otherwise.")] = None,
    data: Annotated[Path | None, typer.Option(help="Directory of the recipe's files; replaces its own.")] = None,
    updates: Annotated[
        int | None, typer.Option(help="End after so many updates in all; replaces the recipe's.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="End after so many minutes of this call.")] = None,
    decay: Annotated[float, typer.Option(help="Anneal for so many minutes from the last checkpoint; it stays.")] = 0.0,
    back_translate: Annotated[
        list[Path] | None,
        typer.Option(help="Text in the target language: translated back by --with, and trained on too."),
    ] = None,
    backward: Annotated[str, typer.Option("--with", help="Model of the other direction, for --back-translate.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only check the recipe and the files it names.")] = False,
    json: options.Json = False,
) -> int:
    """Train a MarianMT model from bitext; the same command goes on where it was stopped.

    Ctrl-C or SIGTERM saves and ends; a run that was killed goes on from its last checkpoint. Needs the extra `train`.

    With --back-translate the model of the other direction named by --with first makes a source of monolingual text.

    Examples:

      mt train mine.toml --check

      mt train mine.toml --minutes 60

      mt train mine.toml --decay 30
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
    if back_translate:
        recipe = _with_back_translated(recipe, directory, back_translate, backward)
    with console.progress() as progress, _stopped() as stop:
        at = train(Asked(recipe, directory, decay, progress, console.note, stop))
    model = directory / ("decayed" if decay else "model")
    if json:
        console.out_json({"model": str(model), "updates": at.updates, "tokens": at.tokens})
    else:
        console.out(str(model))
    return 0


def _with_back_translated(recipe: Recipe, directory: Path, texts: list[Path], backward: str) -> Recipe:
    """The recipe with one more source: the texts, and what a model of the other direction makes of them."""
    from mt.models.registry import open_model
    from mt.pipeline.distill import make_pairs, told
    from mt.train.options import Source
    from mt.translate.run import BatchTranslator

    if not backward:
        raise ConfigError("--with", f"a model {recipe.tgt_lang}→{recipe.src_lang}", "none")
    made = directory / "back-translated.tsv"
    if not made.exists():
        with (
            console.progress() as progress,
            BatchTranslator(open_model(backward), src_lang=recipe.tgt_lang) as translator,
        ):
            console.note(told(make_pairs(translator, texts, made, back=True, progress=progress)))
    return replace(recipe, source={**recipe.source, "back-translated": Source(str(made))})


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
