"""`mt distill`: pairs that a model made, to train another one on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mt.cli import console, options
from mt.types import DecodingOptions


def command(
    texts: Annotated[list[Path], typer.Argument(help="Text, one sentence a line; may be compressed.")],
    out: Annotated[Path, typer.Option("--out", help="File of pairs to be made, e.g. distilled.tsv.")],
    model: options.Model = "auto",
    beam_size: options.BeamSize = 4,
    threads: options.Threads = 0,
    device: options.Device = "auto",
    json: options.Json = False,
) -> int:
    """Translate text with a teacher and write pairs for `mt train`; the same command goes on where it was stopped.

    A small model learns more from a large one's translations than from what people wrote freely (Kim and Rush 2016).

    Examples:

      mt distill article.ja.txt --model starter --out distilled.tsv
    """
    from mt.models.registry import open_model
    from mt.pipeline.distill import make_pairs, told
    from mt.translate.run import BatchTranslator

    with options.checked():
        decoding = DecodingOptions(beam_size=beam_size)
    engine = open_model(options.chosen(model), threads=threads, device=device)
    with console.progress() as progress, BatchTranslator(engine, decoding) as translator:
        counts = make_pairs(translator, texts, out, progress=progress)
    if json:
        console.out_json({"pairs": str(out), "counts": counts})
    else:
        console.note(told(counts))
        console.out(str(out))
    return 0
