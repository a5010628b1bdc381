"""`mt corpus`: build parallel corpora, look at them, publish them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mt.cli import console, corpus_build, corpus_publish, corpus_tune, options

if TYPE_CHECKING:
    from mt.bitext.records import Reject
    from mt.pipeline.corpus_folder import Corpus

Opened = tuple["Corpus", "list[Reject] | None"]  # what was no pair is counted, or None where it is an error
app = typer.Typer(help="Build parallel corpora, look at them, check and convert them.", no_args_is_help=True)

Place = Annotated[
    Path, typer.Argument(metavar="CORPUS", help="A published folder, or a bitext in any format.", show_default=False)
]
Split = Annotated[str | None, typer.Option(help="Only this split: train, dev or test.", show_default=False)]
SrcLang = Annotated[str, typer.Option(help="Code of the source language; a published folder says its own.")]
TgtLang = Annotated[str, typer.Option(help="Code of the target language.")]
TgtPath = Annotated[
    Path | None, typer.Option("--tgt", help="The target side, where CORPUS is the source side.", show_default=False)
]
Skip = Annotated[bool, typer.Option("--skip-malformed", help="Count what is no pair instead of stopping at it.")]
Format = Annotated[
    Literal["auto", "tsv", "paracrawl", "jparacrawl", "jsonl", "tmx", "xliff", "po", "parquet"],
    typer.Option("--from", help="How a file is written; auto goes by its name."),
]


def _open(
    corpus: Place,
    tgt: TgtPath = None,
    src_lang: SrcLang = "ja",
    tgt_lang: TgtLang = "en",
    form: Format = "auto",
    skip_malformed: Skip = False,
) -> Opened:
    from mt.pipeline.corpus_folder import open_corpus

    return open_corpus(corpus, (src_lang, tgt_lang), tgt_path=tgt, form=form), [] if skip_malformed else None


def _note(skipped: list[Reject] | None) -> None:
    if skipped:
        from mt.errors import plural

        first = skipped[0]
        console.note(f"{plural(len(skipped), 'record')} left out, the first at line {first.line:,}: {first.reason}")


def _of_a_corpus(command: Callable[..., int]) -> Callable[..., int]:
    """A command with the parameters of `_open` in place of its first one, which is what that gives back; `--json` stays the last of its help."""
    place, *how = inspect.signature(_open, eval_str=True).parameters.values()
    own = [*inspect.signature(command, eval_str=True).parameters.values()][1:]
    order = sorted((place, *own, *how), key=lambda one: one.name == "json")

    def run(**given: Any) -> int:
        opened = _open(**{one.name: given.pop(one.name) for one in (place, *how)})
        code = command(opened, **given)
        _note(opened[1])
        return code

    run.__doc__, run.__name__ = command.__doc__, command.__name__
    run.__annotations__ = {one.name: one.annotation for one in order}
    run.__signature__ = inspect.Signature(order)  # type: ignore[attr-defined]
    return run


app.command("build")(corpus_build.command)
app.command("tune")(corpus_tune.command)


@app.command("stats")
@_of_a_corpus
def stats(
    opened: Opened,
    split: Split = None,
    json: options.Json = False,
) -> int:
    """Count a corpus: rows, lengths in characters, letters and words, scripts, sources, copies, for each split.

    Copies are rows equal to an earlier one on both sides but for case, width, white space and punctuation.

    Examples:

      mt corpus stats mine.tsv

      mt corpus stats article.ja.txt --tgt reference.en.txt --json
    """
    from mt.pipeline.corpus_stats import stats as count
    from mt.report.tables import plain

    corpus, skipped = opened
    with console.progress() as progress:
        found = count(corpus, split, skipped=skipped, progress=progress)
    if json:
        console.out_json(found.record)
    else:
        console.out(plain(found.tables()).rstrip("\n"))
    return 0


@app.command("sample")
@_of_a_corpus
def sample(
    opened: Opened,
    count: Annotated[int, typer.Option("--count", "-n", help="Rows.")] = 10,
    seed: Annotated[int, typer.Option(help="Another one, other rows.")] = 1,
    split: Split = None,
    by_score: Annotated[
        str | None, typer.Option(help="The rows with the lowest numbers of this score.", show_default=False)
    ] = None,
    highest: Annotated[bool, typer.Option("--highest", help="With --by-score: those with the highest.")] = False,
    json: options.Json = False,
) -> int:
    """Draw rows to read: by a hash of seed and text, so that the same corpus gives the same rows, and a grown one mostly the same.

    Prints a table: id, the score where one is asked for, source, target.

    Examples:

      mt corpus sample mine.tsv -n 5

      mt corpus sample mine.tsv -n 3 --seed 7 --json
    """
    from mt.pipeline.corpus_sample import sample as draw
    from mt.pipeline.corpus_sample import tsv

    corpus, skipped = opened
    with options.checked():
        rows = draw(corpus, count, seed=seed, split=split, by_score=by_score, highest=highest, skipped=skipped)
    if json:
        console.out_json([row.record() for row in rows])
    else:
        sys.stdout.write(tsv(rows, by_score))
    return 0


@app.command("diff")
def diff(
    a: Annotated[Path, typer.Argument(help="A published folder, or a bitext in any format.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="Another.", show_default=False)],
    src_lang: SrcLang = "ja",
    tgt_lang: TgtLang = "en",
    json: options.Json = False,
) -> int:
    """Compare two corpora: rows that came, went, changed or moved to another split, by id and by text, and counts by reason and source.

    Exit code 0 where the rows are the same, 3 where they differ.

    Examples:

      mt corpus diff mine.tsv mine.tsv

      mt corpus diff mine.tsv mine.tsv --json
    """
    from mt.pipeline.corpus_diff import diff as compare
    from mt.pipeline.corpus_folder import open_corpus
    from mt.report.tables import plain

    found = compare(open_corpus(a, (src_lang, tgt_lang)), open_corpus(b, (src_lang, tgt_lang)))
    if json:
        console.out_json(found.record())
    else:
        console.out(plain(found.tables()).rstrip("\n"))
    return 0 if found.same() else 3


@app.command("convert")
@_of_a_corpus
def convert(
    opened: Opened,
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="NAME.tsv, .jsonl, .tmx, .parquet, or .ja (with .en beside it), each also .zst; or a folder for all splits.",
            show_default=False,
        ),
    ],
    to: Annotated[
        Literal["auto", "parquet", "tsv", "moses", "jsonl", "tmx"],
        typer.Option("--format", help="auto: by the name of OUT; in a folder parquet."),
    ] = "auto",
    split: Split = None,
    file_rows: Annotated[int, typer.Option(help="Rows of a parquet file in a folder.")] = 500_000,
    json: options.Json = False,
) -> int:
    """Write a corpus or a bitext in another format, as a stream: the same rows in the same order, ids and scores where the format has a place.

    A folder gets the layout of the Hugging Face hub, which datasets.load_dataset("FOLDER") reads.

    Examples:

      mt corpus convert mine.tsv mine.tmx

      mt corpus convert article.ja.txt pairs.jsonl --tgt reference.en.txt

      mt corpus convert mine.tsv hub --format parquet --json
    """
    from mt.errors import plural
    from mt.pipeline.corpus_convert import convert as write

    corpus, skipped = opened
    with options.checked(), console.progress() as progress:
        done = write(corpus, out, to, split=split, file_rows=file_rows, skipped=skipped, progress=progress)
    if json:
        console.out_json(done.record())
    else:
        console.note(f"{plural(sum(done.rows.values()), 'row')} to {', '.join(done.files)}")
    for name, count in done.replaced.items():
        console.note(f"{plural(count, 'side')} hold what {name} cannot; replaced there")
    return 0


app.command("validate")(corpus_publish.validate)
app.command("card")(corpus_publish.card)
