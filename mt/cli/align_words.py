"""`mt align words`: links between the words of sentence pairs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, options
from mt.cli.groups import DEFAULT, DefaultGroup

app = typer.Typer(cls=DefaultGroup, no_args_is_help=True)

_Tokens = Literal["auto", "given", "words", "characters", "fugashi"]
_Format = Literal["pharaoh", "talp", "wpt", "jsonl"]
_Read = Literal["auto", "pharaoh", "talp", "wpt", "jsonl"]


@app.command(DEFAULT, hidden=True)
def command(
    pairs: Annotated[
        list[Path],
        typer.Argument(help="A file of pairs (.tsv, .jsonl, .tmx, src ||| tgt), or one a side.", show_default=False),
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    method: Annotated[
        Literal["auto", "combined", "eflomal", "fast_align", "attention", "similar"],
        typer.Option(
            help="auto: all there is for the languages; eflomal and fast_align learn from PAIRS without --model."
        ),
    ] = "auto",
    model: Annotated[
        Path | None,
        typer.Option(help="A lexicon that mt align words train made; default: the package's, for ja and en."),
    ] = None,
    translator: Annotated[
        str, typer.Option(help="MarianMT model ja→en for attention: a name or a directory.")
    ] = "starter",
    format: Annotated[
        _Format, typer.Option(help="jsonl has spans of characters; talp and wpt count from 1.")
    ] = "pharaoh",
    base: Annotated[
        int | None, typer.Option(help="What words are counted from, 0 or 1; default: as the format.")
    ] = None,
    src_lang: Annotated[str, typer.Option(help="Language of the source.")] = "ja",
    tgt_lang: Annotated[str, typer.Option(help="Language of the target.")] = "en",
    src_tokens: Annotated[_Tokens, typer.Option(help="Words of the source; given = parted by blanks.")] = "auto",
    tgt_tokens: Annotated[_Tokens, typer.Option(help="Words of the target.")] = "auto",
    json: options.Json = False,
) -> int:
    """Link the words of sentence pairs; a line of links for every pair.

    Text whose Japanese words are parted by blanks keeps those words; other Japanese is cut by fugashi (extra `words`), or into characters.

    Examples:

      mt align words mine.tsv -o links.pharaoh

      mt align words mine.tsv -o links.jsonl --format jsonl --method similar --src-tokens characters
    """
    from mt.errors import ConfigError
    from mt.pipeline.words_files import WordsConfig, align_words, linked_line

    if json and output is None:
        raise ConfigError("--json", "--output, where stdout is for the links", "none")
    with options.checked():
        config = WordsConfig(
            method, model, translator, format, base, src_lang, tgt_lang, tokens=(src_tokens, tgt_tokens)
        )
    with console.progress() as progress:
        done = align_words(pairs, output or sys.stdout.write, config, progress=progress)
    if json:
        console.out_json(asdict(done))
    else:
        console.note(linked_line(done))
    return 0


@app.command("train")
def train(
    bitext: Annotated[list[Path], typer.Argument(help="Files of pairs, compressed or not.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Directory of the lexicon to be made.")],
    method: Annotated[
        Literal["eflomal", "fast_align"], typer.Option(help="What learns; both need the extra `words`.")
    ] = ("eflomal"),
    limit: Annotated[int, typer.Option(help="At most so many pairs, spread over all; 0 = all.")] = 0,
    src_lang: Annotated[str, typer.Option(help="Language of the source.")] = "ja",
    tgt_lang: Annotated[str, typer.Option(help="Language of the target.")] = "en",
    src_tokens: Annotated[_Tokens, typer.Option(help="Words of the source.")] = "auto",
    tgt_tokens: Annotated[_Tokens, typer.Option(help="Words of the target.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of eflomal's sampling.")] = 1,
    json: options.Json = False,
) -> int:
    """Learn a lexicon from bitext, without any gold links, for --model. 100,000 pairs take some minutes.

    Examples:

      mt align words train mine.tsv --out lexicon --method fast_align
    """
    from mt.errors import plural
    from mt.pipeline.words_files import train_words

    with console.progress() as progress:
        made = train_words(
            bitext,
            out,
            method=method,
            src_lang=src_lang,
            tgt_lang=tgt_lang,
            tokens=(src_tokens, tgt_tokens),
            limit=limit,
            seed=seed,
            progress=progress,
        )
    counts = {"pairs": made.pairs, "src_words": len(made.sides[0]), "tgt_words": len(made.sides[1])}
    if json:
        console.out_json({"model": str(out), "method": made.method, "tokens": made.tokens, **counts})
    else:
        console.note(
            f"{plural(made.pairs, 'pair')}, {counts['src_words']:,} and {counts['tgt_words']:,} different words"
        )
        console.out(str(out))
    return 0


@app.command("score")
def score(
    gold: Annotated[Path, typer.Argument(help="The right links; - sure, p possible.", show_default=False)],
    test: Annotated[Path, typer.Argument(help="The links to judge, of as many pairs.", show_default=False)],
    gold_format: Annotated[_Read, typer.Option(help="auto: by the name, else pharaoh.")] = "auto",
    test_format: Annotated[_Read, typer.Option(help="auto: by the name, else pharaoh.")] = "auto",
    gold_base: Annotated[
        int | None, typer.Option(help="What GOLD counts words from, 0 or 1; default: as its format.")
    ] = None,
    test_base: Annotated[int | None, typer.Option(help="The same of TEST.")] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option("--pairs", help="The cut texts: links beyond their ends are counted and left out."),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap samples of pairs; 0 = no intervals.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 12345,
    json: options.Json = False,
) -> int:
    """Score word links: alignment error rate, precision, recall and F1 in percent, counts summed over all pairs.

    Examples:

      mt align words mine.tsv -o links.talp --format talp --method similar

      mt align words score links.talp links.talp

      mt align words score links.talp links.talp --gold-base 1 --json
    """
    from mt.pipeline.config import ScoreConfig
    from mt.pipeline.words_files import score_lines, score_record, score_words

    with options.checked():
        ScoreConfig(resamples=resamples, seed=seed)
    scored = score_words(
        gold,
        test,
        gold_format=gold_format,
        test_format=test_format,
        gold_base=gold_base,
        test_base=test_base,
        pairs=pairs or (),
        resamples=resamples,
        seed=seed,
    )
    if json:
        console.out_json(score_record(scored))
    else:
        for line in score_lines(scored):
            console.out(line)
    return 0
