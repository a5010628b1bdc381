"""`mt align view`: an alignment as a page to read and correct."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, options


def command(
    alignment: Annotated[Path, typer.Argument(help="An alignment, in any format mt align writes.", show_default=False)],
    src: Annotated[
        Path | None,
        typer.Argument(help="Source sentences, one a line; JSON lines of mt align hold them.", show_default=False),
    ] = None,
    tgt: Annotated[Path | None, typer.Argument(help="Target sentences, one a line.", show_default=False)] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page.")] = Path("view.html"),
    format: Annotated[str, typer.Option(help="Of ALIGNMENT; auto goes by its name and first line.")] = "auto",
    base: Annotated[int, typer.Option(help="What its sentence numbers count from, 0 or 1.")] = 0,
    score_is: Annotated[
        Literal["auto", "cost", "similarity"], typer.Option(help="Which end of its scores is good: low or high.")
    ] = "auto",
    src_lang: Annotated[str, typer.Option(help="Code of the source language, or auto.")] = "auto",
    tgt_lang: Annotated[str, typer.Option(help="Code of the target language, or auto.")] = "auto",
    words: Annotated[
        Path | None, typer.Option(help="Word links to show: JSON lines of mt align words, made of ALIGNMENT.")
    ] = None,
    title: Annotated[str, typer.Option(help="Heading; default: the names of the documents.")] = "",
) -> int:
    """Write one HTML page of an alignment, to read, to filter by doubt and to correct; it needs no network.

    Corrections are saved from the page as JSON lines, which mt align --fixed takes.

    Examples:

      mt align view gold.path article.ja.txt reference.en.txt -o view.html
    """
    from mt.errors import ConfigError, plural
    from mt.pipeline.align_view import view

    if (src is None) != (tgt is None):
        raise ConfigError("TGT", "both SRC and TGT, or neither", "one")
    with options.checked():
        done = view(
            alignment,
            output,
            texts=None if src is None or tgt is None else (src, tgt),
            format=format,
            base=base,
            score_is=None if score_is == "auto" else score_is,
            langs=(src_lang, tgt_lang),
            title=title,
            words=words,
        )
    right = f", {done.man:,} marked as right" if done.man else ""
    crossing = f"; {plural(done.crossing, 'bead')} of the file left apart for crossing others" if done.crossing else ""
    console.note(f"{output}: {plural(done.beads, 'bead')}, {done.nulls:,} without a partner{right}{crossing}")
    return 0
