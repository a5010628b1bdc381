"""`mt corpus validate` and `mt corpus card`: what a published folder says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mt.cli import console, options

_Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A published corpus, with its manifest.json.", show_default=False)
]
_Tests = Annotated[
    list[str] | None,
    typer.Option(
        "--test",
        help="A test set that no row may repeat: FILE, or SRC,TGT. Again for more.",
        show_default=False,
    ),
]


def validate(folder: _Folder, test: _Tests = None, json: options.Json = False) -> int:
    """Check a published corpus: hashes, card, the same rows in all formats, counts, splits that share nothing.

    Exit code 0 where all is well, 1 where something is wrong; each of these is a line.

    Examples:

      mt corpus build corpus.toml -o corpus

      mt corpus validate corpus

      mt corpus validate corpus --test article.ja.txt,reference.en.txt --json
    """
    from mt.pipeline.corpus_validate import validate as check

    tests = [_two(text) for text in test or ()]
    with console.progress() as progress:
        found = check(folder, tests, progress=progress)
    if json:
        console.out_json(found.record())
    else:
        for line in found.wrong:
            console.out(line)
        for line in found.notes:
            console.note(line)
        said = "nothing is wrong" if not found.wrong else f"{len(found.wrong)} wrong"
        console.note(f"checked: {', '.join(found.checked)}: {said}")
    return 1 if found.wrong else 0


def _two(text: str) -> tuple[Path, Path | None]:
    src, comma, tgt = text.partition(",")
    return Path(src), Path(tgt) if comma else None


def card(
    folder: _Folder,
    title: Annotated[str | None, typer.Option(help="Heading.", show_default=False)] = None,
    description: Annotated[str | None, typer.Option(help="A paragraph below it.", show_default=False)] = None,
    licence: Annotated[
        str | None, typer.Option(help="Of the whole, e.g. CC-BY-4.0; else those of its sources.", show_default=False)
    ] = None,
    homepage: Annotated[str | None, typer.Option(help="Where it is from.", show_default=False)] = None,
    contact: Annotated[
        str | None, typer.Option(help="Whom to ask to have something removed.", show_default=False)
    ] = None,
    noise: Annotated[
        list[str] | None,
        typer.Option(help="What is known of its errors: NAME=VALUE. Again for more.", show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Print the card too.")] = False,
) -> int:
    """Write the card (README.md) of a published corpus anew from its manifest; what is set here is kept in card.toml, also when it is built again.

    A field set to nothing ("") is taken away. Edit card.toml by hand, and the same command without options puts it on the card.

    Examples:

      mt corpus build corpus.toml -o corpus

      mt corpus card corpus --title "Mine" --noise "wrong pairs=3 of 100 sampled"
    """
    from mt.pipeline.corpus_card import edit, noise_of

    asked = {"title": title, "description": description, "licence": licence, "homepage": homepage, "contact": contact}
    fields = {name: value for name, value in asked.items() if value is not None}
    text = edit(folder, fields, dict(noise_of(one) for one in noise or ()))
    if show:
        console.out(text.rstrip("\n"))
    console.note(f"{folder / 'README.md'} written")
    return 0
