"""`mt models`: which models there are, what they are, whether they are whole, and getting more of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mt.cli import console, options

if TYPE_CHECKING:
    from mt.pipeline.install import Installation

app = typer.Typer(help="List, show, install and verify translation models.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A known or installed model, or a model directory.", show_default=False)]
OwnName = Annotated[str, typer.Argument(help="An installed model.", show_default=False)]


@app.command("list")
def list_models(json: options.Json = False) -> int:
    """List the models this program knows and those installed; * marks the one that --model auto takes.

    Example:

      mt models list
    """
    from mt.pipeline.models import list_lines, records

    rows = records()
    if json:
        console.out_json(rows)
    else:
        for line in list_lines(rows):
            console.out(line)
    return 0


@app.command("show")
def show(name: Name, json: options.Json = False) -> int:
    """Show what a model is: sizes, vocabulary, limits, hashes, published scores.

    Examples:

      mt models show starter

      mt models show staka/fugumt-ja-en --json
    """
    from mt.pipeline.models import describe, fact_lines

    facts = describe(name)
    if json:
        console.out_json(facts)
    else:
        for line in fact_lines(facts):
            console.out(line)
    return 0


@app.command("pull")
def pull(
    name: Annotated[str, typer.Argument(help="owner/name, or owner/name@revision.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Also a model that mt models list warns of.")] = False,
) -> int:
    """Download a model from the Hugging Face hub, check it, and install it. Needs the extra `hub`.

    An interrupted download goes on where it ended. Only weights as safetensors are read. HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and the proxy
    variables are respected.

    Examples:

      mt models pull staka/fugumt-ja-en

      mt models pull Helsinki-NLP/opus-mt-ja-en@main
    """
    from mt.pipeline.install import pull as pull_model

    _print_installed(pull_model(name, force=force))
    return 0


@app.command("import")
def import_model(
    directory: Annotated[Path, typer.Argument(help="A model directory; it is copied.", show_default=False)],
    name: Annotated[str | None, typer.Option("--name", help="What to call it; default: the directory's name.")] = None,
) -> int:
    """Install a model from a directory: Hugging Face, Marian-native (OPUS-MT's archives, unpacked) or CTranslate2.

    Example:

      mt models import my-model --name mine/ja-en
    """
    from mt.pipeline.install import take

    _print_installed(take(directory, name))
    return 0


def _print_installed(done: Installation) -> None:
    record = done.model.record
    if not done.new:
        console.out(f"{record.name}: installed already, revision {record.revision[:12]}")
        return
    where = f" (revision {record.revision[:12]})" if record.revision else f" ({record.kind})"
    console.out(f"{record.name}: installed in {done.model.directory}{where}")
    if record.golden:
        source, target = record.golden.answers[0]
        console.out(f"{source} → {target}")


@app.command("verify")
def verify(
    name: Annotated[str | None, typer.Argument(help="A model; all that are there without it.")] = None,
    json: options.Json = False,
) -> int:
    """Check that a model's files are whole, that it loads, and that it translates as it did when it was installed.

    Exit code 2 when files are damaged or the model cannot be used, 3 when only its translations differ from the recorded ones.

    Examples:

      mt models verify starter

      mt models verify --json
    """
    from mt.pipeline.install import check, check_all

    checks = [check(name)] if name is not None else check_all()
    if json:
        keys = ("name", "verdict", "problems", "differences", "compared")
        console.out_json([{key: getattr(one, key) for key in keys} for one in checks])
    for one in checks:
        for problem in one.problems + one.differences:
            console.note(f"error: {problem}")
        if one.verdict == "whole" and not json:
            told = f"{one.compared} trial sentences as recorded" if one.compared else "it loads and translates"
            console.out(f"{one.name}: whole; {told}")
    verdicts = {one.verdict for one in checks}
    return 2 if "damaged" in verdicts else 3 if "different" in verdicts else 0


@app.command("remove")
def remove(
    name: OwnName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Remove an installed model, and what is left of an interrupted download of it. On a terminal it asks first.

    Example:

      mt models remove mine/ja-en --yes
    """
    from mt.pipeline.install import drop

    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm(f"Remove {name}?", abort=True, err=True)
    for line in drop(name):
        console.out(f"{name}: {line}")
    return 0


@app.command("card")
def card(name: Name) -> int:
    """Print a model's card: what it was trained on, what it is good for, its licence.

    Example:

      mt models card starter
    """
    from mt.pipeline.models import card as model_card

    console.out(model_card(name).rstrip("\n"))
    return 0


@app.command("pin")
def pin(name: Name) -> int:
    """Make a model the one that --model auto takes, in $XDG_CONFIG_HOME/kakehashi/config.toml.

    Example:

      mt models pin starter
    """
    from mt.pipeline.install import pin as pin_model

    console.out(f"{name}: pinned in {pin_model(name)}")
    return 0


@app.command("unpin")
def unpin() -> int:
    """Pin no model: --model auto takes the best installed one again.

    Example:

      mt models unpin
    """
    from mt.pipeline.install import pin as pin_model

    console.out(f"nothing pinned in {pin_model(None)}")
    return 0
