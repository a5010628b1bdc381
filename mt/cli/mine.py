"""`mt mine`: pairs of sentences out of two piles without order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, options


def command(
    src: Annotated[Path, typer.Argument(help="Sentences, one a line, or JSON lines.", show_default=False)],
    tgt: Annotated[Path, typer.Argument(help="Sentences of the other language.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    format: Annotated[
        Literal["auto", "tsv", "pairs", "jsonl", "tmx"],
        typer.Option(help="tsv: margin, src, tgt. pairs: src, tgt. jsonl: all. auto: by the name of --output."),
    ] = "auto",
    min_margin: Annotated[
        float | None,
        typer.Option(
            help="Least margin; by default 1.15 for a ratio (1.35 if k > 8), 0.07 for a distance, 0.5 absolute."
        ),
    ] = None,
    max_margin: Annotated[float | None, typer.Option(help="Greatest margin; any by default.")] = None,
    min_cosine: Annotated[float, typer.Option(help="Least cosine, -1 to 1.")] = 0.4,
    neighbours: Annotated[int, typer.Option("--neighbours", "-k", help="Of the margin; 4 or 16 are usual.")] = 4,
    margin: Annotated[
        Literal["ratio", "distance", "absolute"],
        typer.Option(help="Cosine by, less, or without the neighbours' mean."),
    ] = "ratio",
    retrieval: Annotated[
        Literal["intersection", "forward", "backward", "max"],
        typer.Option(help="Each the other's best; the best of every SRC; of every TGT; both of these."),
    ] = "intersection",
    many: Annotated[bool, typer.Option("--many", help="A sentence may be in several pairs.")] = False,
    max_overlap: Annotated[
        float, typer.Option(help="Share of common letters above which a pair is a copy; 1 = copies are pairs.")
    ] = 0.6,
    shortest: Annotated[int, typer.Option(help="Letters and digits below which a sentence is left out.")] = 2,
    longest: Annotated[int, typer.Option(help="Characters above which a sentence is left out.")] = 1000,
    length_band: Annotated[
        float, typer.Option(help="Standard deviations that lengths may be off what is usual here; 0 = any.")
    ] = 4.0,
    encoder: Annotated[str, typer.Option(help="use, or st:NAME for any sentence-transformers model.")] = "use",
    vectors_src: Annotated[Path | None, typer.Option(help="Vectors of SRC, a row a sentence: .npy or .bin.")] = None,
    vectors_tgt: Annotated[Path | None, typer.Option(help="Vectors of TGT.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Keep the encoder's vectors in this file.")] = None,
    search: Annotated[
        Literal["exact", "faiss"],
        typer.Option(help="faiss misses a few neighbours; for millions of sentences. Extra `mining`."),
    ] = "exact",
    shards: Annotated[int, typer.Option(help="Parts TGT is searched in; changes no bit of the result.")] = 1,
    work: Annotated[
        Path | None, typer.Option(help="Keep each part's neighbours in this folder; a stopped run goes on from them.")
    ] = None,
    field: Annotated[str, typer.Option(help="Of JSON lines, the one that holds the text.")] = "text",
    src_lang: Annotated[str, typer.Option(help="Code of the language, for tmx; auto goes by script.")] = "auto",
    tgt_lang: Annotated[str, typer.Option(help="Code of the language, for tmx; auto goes by script.")] = "auto",
    device: options.Device = "auto",
    threads: options.Threads = 0,
    json: Annotated[bool, typer.Option("--json", help="Print counts as JSON; pairs go to --output.")] = False,
) -> int:
    """Mine pairs of translations out of two piles of sentences in any order, best first.

    A pair's margin says how much nearer two sentences are to each other than to their nearest neighbours. It depends on all of both piles: never
    compare margins of different piles, nor mine a corpus in pieces (use --shards). The least margin by default is for piles of which most sentences
    have no partner; where most have one, 1.06 finds more. Every sentence that is in no pair is counted by reason.

    Examples:

      mt mine article.ja.txt reference.en.txt

      mt mine article.ja.txt reference.en.txt -o mined.jsonl --retrieval max --min-margin 1.06

      mt mine article.ja.txt reference.en.txt -o mined.tsv --shards 3 --work parts --json
    """
    from mt.align.mining import MiningOptions
    from mt.errors import ConfigError
    from mt.files import write_text
    from mt.pipeline import mine as work_of
    from mt.pipeline.aligner import both

    place = work_of.format_of(format, output)
    if json and output is None:
        raise ConfigError("--json", "--output beside it, since the counts take standard output", "none")
    with options.checked(), console.progress() as progress:
        chosen = MiningOptions(
            neighbours=neighbours,
            margin=margin,
            retrieval=retrieval,
            one_to_one=not many,
            min_margin=min_margin,
            max_margin=max_margin,
            min_cosine=min_cosine,
            max_overlap=max_overlap,
            shortest=shortest,
            longest=longest,
            length_band=length_band,
        )
        config = work_of.MineConfig(
            options=chosen,
            encoder=encoder,
            vectors=both(vectors_src, vectors_tgt),
            cache=cache,
            device=device,
            threads=threads,
            shards=shards,
            work=work,
            approximate=search == "faiss",
            field=field,
        )
        langs = tuple(None if lang == "auto" else lang for lang in (src_lang, tgt_lang))
        report = work_of.mine_files(src, tgt, config, langs=(langs[0], langs[1]), progress=progress)
    if output is not None:
        write_text(output, report.text(place))
    else:
        sys.stdout.write(report.text(place))
    if json:
        console.out_json(report.record())
    else:
        for line in report.lines():
            console.note(line)
    for warning in report.mined.warnings:
        console.note(warning)
    return 0
