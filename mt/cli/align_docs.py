"""`mt align docs`: which documents of two piles are translations of each other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, options

_Download = Annotated[bool, typer.Option("--download", help="Let an st: model be fetched that is not on disk.")]


def command(
    src: Annotated[Path, typer.Argument(help="A folder of texts, or JSON lines.", show_default=False)],
    tgt: Annotated[Path, typer.Argument(help="The same of the other language.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    format: Annotated[
        Literal["auto", "tsv", "jsonl"], typer.Option(help="auto: by the name of --output, else tsv.")
    ] = "auto",
    min_score: Annotated[float, typer.Option(help="Score below which a document has no partner, 0 to 1.")] = 0.45,
    min_margin: Annotated[
        float, typer.Option(help="Least lead over any other candidate; negative: leftovers pair too.")
    ] = 0.0,
    candidates: Annotated[int, typer.Option(help="Documents that each is compared with by its sentences.")] = 32,
    hints: Annotated[
        bool, typer.Option("--hints/--no-hints", help="Let equal names speak for a pair; texts decide all the same.")
    ] = True,
    glob: Annotated[str, typer.Option(help="Which files of a folder; {lang} stands for the side's language.")] = "**/*",
    src_lang: Annotated[str, typer.Option(help="Code of the language; auto goes by script.")] = "auto",
    tgt_lang: Annotated[str, typer.Option(help="Code of the language; auto goes by script.")] = "auto",
    encoder: Annotated[str, typer.Option(help="use, or st:NAME for any sentence-transformers model.")] = "use",
    cache: Annotated[Path | None, typer.Option(help="Keep the encoder's vectors in this file.")] = None,
    download: _Download = False,
    device: options.Device = "auto",
    threads: options.Threads = 0,
    json: Annotated[bool, typer.Option("--json", help="Print counts as JSON; pairs go to --output.")] = False,
) -> int:
    """Match the documents of two folders, or of two files of JSON lines (id, url, and text or sentences), in any order.

    tsv has seven cells: SRC's document, TGT's, score, margin, reason (hint, vectors or re-rank); a document without a partner stands at the end
    with the reason null, its best candidate and that one's score. jsonl has the parts of the score too. Scores depend on all documents of both
    sides. Of one folder given twice, files belong to the side whose language their names say.

    Examples:

      mt align docs . . --glob "*.{lang}.txt" --src-lang ja --tgt-lang en

      mt align docs . . --glob "*.{lang}.txt" -o matched.jsonl --json
    """
    from mt.align.documents import DocumentOptions
    from mt.errors import ConfigError
    from mt.files import write_text
    from mt.pipeline import align_docs as work

    place = work.format_of(format, output)
    if json and output is None:
        raise ConfigError("--json", "--output beside it, since the counts take standard output", "none")
    with options.checked(), console.progress() as progress:
        chosen = DocumentOptions(candidates, min_score, min_margin, hints)
        config = work.DocsConfig(chosen, encoder, cache, device, threads, glob, download)
        langs = tuple(None if lang == "auto" else lang for lang in (src_lang, tgt_lang))
        report = work.match_documents(src, tgt, config, langs=(langs[0], langs[1]), progress=progress)
    if output is not None:
        write_text(output, report.text(place))
    else:
        sys.stdout.write(report.text(place))
    if json:
        console.out_json(report.record())
    else:
        for line in report.lines():
            console.note(line)
    return 0
