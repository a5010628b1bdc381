"""`mt run`: the main job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mt.cli import console, options
from mt.errors import ConfigError

if TYPE_CHECKING:
    from mt.pipeline.config import RunConfig
    from mt.pipeline.result import Run


def command(
    config: Annotated[Path | None, typer.Argument(help="A run, e.g. configs/article.toml.", show_default=False)] = None,
    source: Annotated[Path | None, typer.Option(help="Japanese text, instead of a configuration.")] = None,
    reference: Annotated[Path | None, typer.Option(help="English reference, as many paragraphs.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; replaces the configuration's.")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="Replaces the configuration's.")] = None,
    json: options.Json = False,
) -> int:
    """Translate a text, pair its sentences, score it, and write a folder with a report.

    Examples:

      mt run configs/article.toml

      mt run --source article.ja.txt --reference reference.en.txt --out runs/mine
    """
    from mt.pipeline.run import run

    asked = _config(config, source, reference)
    if out is not None:
        asked = replace(asked, output=replace(asked.output, dir=str(out)))
    if model is not None:
        asked = replace(asked, model=replace(asked.model, name=model))
    asked = replace(asked, model=replace(asked.model, name=options.chosen(asked.model.name)))
    with console.progress() as progress:
        state = run(asked, progress)
    if json:
        _print_json(state)
    else:
        _print(state)
    return 3 if state.counts.failed else 0


def _config(config: Path | None, source: Path | None, reference: Path | None) -> RunConfig:
    from mt.pipeline.config import OutputConfig, RunConfig, TextConfig, load_run

    if config is not None:
        if source or reference:
            raise ConfigError("--source and --reference", "no configuration beside them", str(config))
        return load_run(config)
    if source is None:
        raise ConfigError("run", "a configuration file or --source FILE", "neither")
    return RunConfig(
        source=TextConfig(str(source), "ja"),
        reference=TextConfig(str(reference), "en") if reference else None,
        output=OutputConfig(f"runs/{source.stem.removesuffix('.ja') or 'text'}"),
        title=source.name,
    )


def _print(state: Run) -> None:
    from mt.pipeline.result import describe

    for line in describe(state):
        console.out(line)


def _print_json(state: Run) -> None:
    import json

    from mt.pipeline.manifest import NAME

    scores = state.folder / "scores.json"
    console.out_json(
        {
            "folder": str(state.folder),
            "manifest": json.loads((state.folder / NAME).read_text("utf-8")),
            "scores": json.loads(scores.read_text("utf-8")) if state.reference is not None else None,
        }
    )
