"""`mt mine`: pairs of sentences out of two piles without order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mt.cli import console, options

if TYPE_CHECKING:
    from mt.pipeline.mine import MineConfig

_Src = Annotated[Path, typer.Argument(help="Sentences, one a line, or JSON lines.", show_default=False)]
_Tgt = Annotated[Path, typer.Argument(help="Sentences of the other language.", show_default=False)]
_Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")]
_Format = Annotated[
    Literal["auto", "tsv", "pairs", "jsonl", "tmx"],
    typer.Option(help="tsv: margin, src, tgt. pairs: src, tgt. jsonl: all. auto: by the name of --output."),
]
_MinMargin = Annotated[
    float | None,
    typer.Option(help="Least margin; by default 1.15 for a ratio (1.35 if k > 8), 0.07 for a distance, 0.5 absolute."),
]
_MaxMargin = Annotated[float | None, typer.Option(help="Greatest margin; any by default.")]
_MinCosine = Annotated[float, typer.Option(help="Least cosine, -1 to 1.")]
_Neighbours = Annotated[int, typer.Option("--neighbours", "-k", help="Of the margin; 4 or 16 are usual.")]
_Margin = Annotated[
    Literal["ratio", "distance", "absolute"], typer.Option(help="Cosine by, less, or without the neighbours' mean.")
]
_Retrieval = Annotated[
    Literal["intersection", "forward", "backward", "max"],
    typer.Option(help="Each the other's best; the best of every SRC; of every TGT; both of these."),
]
_Many = Annotated[bool, typer.Option("--many", help="A sentence may be in several pairs.")]
_MaxOverlap = Annotated[
    float, typer.Option(help="Share of common letters above which a pair is a copy; 1 = copies are pairs.")
]
_Shortest = Annotated[int, typer.Option(help="Letters and digits below which a sentence is left out.")]
_Longest = Annotated[int, typer.Option(help="Characters above which a sentence is left out.")]
_LengthBand = Annotated[
    float, typer.Option(help="Standard deviations that lengths may be off what is usual here; 0 = any.")
]
_Contradicting = Annotated[
    bool, typer.Option("--contradicting", help="Keep pairs of ja and en whose numbers or Latin names differ.")
]
_Encoder = Annotated[str, typer.Option(help="use, or st:NAME for any sentence-transformers model.")]
_VectorsSrc = Annotated[Path | None, typer.Option(help="Vectors of SRC, a row a sentence: .npy or .bin.")]
_VectorsTgt = Annotated[Path | None, typer.Option(help="Vectors of TGT.")]
_Cache = Annotated[Path | None, typer.Option(help="Keep the encoder's vectors in this file.")]
_Download = Annotated[bool, typer.Option("--download", help="Let an st: model be fetched that is not on disk.")]
_Search = Annotated[
    Literal["auto", "exact", "faiss"],
    typer.Option(
        help="faiss misses some neighbours (extra `mining`); auto takes it from 200,000 x 200,000 sentences on."
    ),
]
_Shards = Annotated[int, typer.Option(help="Parts TGT is searched in; changes no bit of the result.")]
_Work = Annotated[
    Path | None, typer.Option(help="Keep each part's neighbours in this folder; a stopped run goes on from them.")
]
_Field = Annotated[str, typer.Option(help="Of JSON lines, the one that holds the text.")]
_Lang = Annotated[str, typer.Option(help="Code of the language, for tmx; auto goes by script.")]
_Json = Annotated[bool, typer.Option("--json", help="Print counts as JSON; pairs go to --output.")]


def command(
    src: _Src,
    tgt: _Tgt,
    output: _Output = None,
    format: _Format = "auto",
    min_margin: _MinMargin = None,
    max_margin: _MaxMargin = None,
    min_cosine: _MinCosine = 0.4,
    neighbours: _Neighbours = 4,
    margin: _Margin = "ratio",
    retrieval: _Retrieval = "intersection",
    many: _Many = False,
    max_overlap: _MaxOverlap = 0.6,
    shortest: _Shortest = 2,
    longest: _Longest = 1000,
    length_band: _LengthBand = 4.0,
    contradicting: _Contradicting = False,
    encoder: _Encoder = "use",
    vectors_src: _VectorsSrc = None,
    vectors_tgt: _VectorsTgt = None,
    cache: _Cache = None,
    download: _Download = False,
    search: _Search = "auto",
    shards: _Shards = 1,
    work: _Work = None,
    field: _Field = "text",
    src_lang: _Lang = "auto",
    tgt_lang: _Lang = "auto",
    device: options.Device = "auto",
    threads: options.Threads = 0,
    json: _Json = False,
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
    return _mine(**locals())


def _config(asked: dict[str, Any]) -> MineConfig:
    from mt.align.mining import MiningOptions
    from mt.pipeline.aligner import both
    from mt.pipeline.mine import MineConfig

    named = ("neighbours", "margin", "retrieval", "min_margin", "max_margin", "min_cosine", "max_overlap")
    chosen = {name: asked[name] for name in (*named, "shortest", "longest", "length_band", "contradicting")}
    return MineConfig(
        options=MiningOptions(one_to_one=not asked["many"], **chosen),
        vectors=both(asked["vectors_src"], asked["vectors_tgt"]),
        **{
            name: asked[name]
            for name in ("encoder", "cache", "download", "device", "threads", "search", "shards", "work", "field")
        },
    )


def _mine(*, output: Path | None, format: str, json: bool, **asked: Any) -> int:
    from mt.errors import ConfigError
    from mt.files import write_text
    from mt.pipeline.mine import format_of, mine_files

    place = format_of(format, output)
    if json and output is None:
        raise ConfigError("--json", "--output beside it, since the counts take standard output", "none")
    with options.checked(), console.progress() as progress:
        src_lang, tgt_lang = (None if asked[x] == "auto" else asked[x] for x in ("src_lang", "tgt_lang"))
        config = _config(asked)
        report = mine_files(asked["src"], asked["tgt"], config, langs=(src_lang, tgt_lang), progress=progress)
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
