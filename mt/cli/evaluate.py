"""`mt evaluate`: is one system better than another, by how much, where, and would people agree?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, evaluate_compare, options
from mt.cli.groups import DEFAULT, DefaultGroup

app = typer.Typer(cls=DefaultGroup, no_args_is_help=True)
app.command("compare")(evaluate_compare.command)


@app.command(DEFAULT, hidden=True)
def command(
    hypotheses: Annotated[
        list[str] | None, typer.Argument(help="Files, 'patterns', run folders, NAME=FILE.", show_default=False)
    ] = None,
    ref: Annotated[list[Path] | None, typer.Option("--ref", "-r", help="A reference; again for more.")] = None,
    src: Annotated[Path | None, typer.Option("--src", "-s", help="The source, as many lines.")] = None,
    docs: Annotated[Path | None, typer.Option("--docs", "-d", help="Name of each line's document.")] = None,
    input: Annotated[list[str] | None, typer.Option("--input", "-i", help="As the arguments.")] = None,
    metrics: Annotated[
        list[str] | None, typer.Option("--metrics", "-m", help="chrf, bleu, chrf++, ter; default: chrf,bleu.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the report; default: evaluation.")] = None,
    tokenize: Annotated[str, typer.Option("--tokenize", "-tok", help="Tokeniser of BLEU.")] = "13a",
    lowercase: Annotated[bool, typer.Option("--lowercase", "-lc", help="Compare without regard to case.")] = False,
    unit: Annotated[Literal["segment", "paragraph", "document"], typer.Option(help="What a line is.")] = "segment",
    align: Annotated[
        Literal["none", "auto"], typer.Option(help="auto: systems may have other lines than the reference.")
    ] = "none",
    resample: Annotated[
        Literal["auto", "segment", "document"], typer.Option(help="Unit of intervals and tests.")
    ] = "auto",
    resamples: Annotated[int, typer.Option(help="Bootstrap samples; 0 = no intervals.")] = 1000,
    trials: Annotated[int, typer.Option(help="Of approximate randomisation.")] = 10_000,
    seed: Annotated[int, typer.Option(envvar="SACREBLEU_SEED", help="Of everything drawn.")] = 12345,
    alpha: Annotated[float, typer.Option(help="Level of the tests.")] = 0.05,
    pair: Annotated[str | None, typer.Option(help="A,B: compared in detail; default: the best two.")] = None,
    title: Annotated[str, typer.Option(help="Heading of the report.")] = "",
    src_lang: Annotated[str, typer.Option(help="Code of the source language.")] = "ja",
    tgt_lang: Annotated[str, typer.Option(help="Code of the target language.")] = "en",
    glossary: Annotated[Path | None, typer.Option(help="TSV of terms and their translations.")] = None,
    training: Annotated[list[Path] | None, typer.Option(help="Training data to look for the test set in.")] = None,
    semantic: Annotated[bool, typer.Option("--semantic", help="Cosines of sentence vectors too.")] = False,
    history: Annotated[Path | None, typer.Option(help="Keep the scores in this SQLite file, and plot them.")] = None,
    commit: Annotated[str, typer.Option(help="What the history notes beside the run.")] = "",
    fail_under: Annotated[list[str] | None, typer.Option(help="chrF2=40: exit with 3 below; again for more.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 where a gate fails.")] = False,
    format: Annotated[
        Literal["text", "json", "latex"] | None, typer.Option("--format", "-f", help="sacrebleu's output instead.")
    ] = None,
    width: Annotated[int, typer.Option("--width", "-w", help="Digits of it, 0 to 10.")] = 1,
    confidence: Annotated[bool, typer.Option("--confidence", "-ci", help="Its bootstrap.")] = False,
    paired_ar: Annotated[bool, typer.Option("--paired-ar", "-par", help="Its test against the first.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print scores.json.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the report as Markdown.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print scores and differences for LaTeX.")] = False,
) -> int:
    """Evaluate one or more systems: scores, tests of all pairs, what people would say, where and why; one page.

    Writes report.html, scores.json, segments.jsonl, report.md and tables.tex into the folder --out, and prints the verdict. With --format,
    --json, --markdown or --latex the answer goes to standard output, and files are written only where --out says so.

    Examples:

      mt evaluate hyp.txt --ref ref.txt

      mt evaluate hyp.txt other.txt --ref ref.txt --src article.ja.txt --out evaluation

      mt evaluate -i hyp.txt -r ref.txt -m bleu chrf -f json -w 2

      mt evaluate "h*.txt" --ref ref.txt --fail-under chrF2=40 --history history.sqlite
    """
    from mt.pipeline import evaluate_outputs as outputs
    from mt.pipeline.evaluate import evaluate, record, segments
    from mt.pipeline.evaluate_config import EvaluateConfig, limits, metric_keys, pair_of_names, parted

    words, asked_metrics = parted((*(input or ()), *(hypotheses or ())), tuple(metrics or ()))
    answers = [name for name, asked in (("json", json), ("markdown", markdown), ("latex", latex)) if asked]
    with options.checked():
        config = EvaluateConfig(
            hypotheses=words,
            references=tuple(ref or ()),
            source=src,
            documents=docs,
            title=title,
            metrics=metric_keys(asked_metrics or ("chrf,bleu",)),
            tokenize=tokenize,
            lowercase=lowercase,
            unit=unit,
            resample=resample,
            resamples=resamples,
            trials=trials,
            seed=seed,
            alpha=alpha,
            align=align,
            pair=pair_of_names(pair),
            fail_under=limits(tuple(fail_under or ())),
            history=history,
            commit=commit,
            glossary=glossary,
            training=tuple(training or ()),
            semantic=semantic,
            src_lang=src_lang,
            tgt_lang=tgt_lang,
        )
        if format is not None:
            from mt.pipeline.evaluate_sacrebleu import report

            console.out(report(config, format, width=width, confidence=confidence, paired_ar=paired_ar))
            return 0
    with console.progress() as progress:
        state = evaluate(config, progress=progress)
    found, rows = record(state), segments(state)
    again = outputs.command(sys.argv[1:])
    if out is not None or not answers:
        for path in outputs.write(out or Path("evaluation"), found, rows, command=again):
            console.note(f"written: {path}")
    if answers:
        console.out(outputs.text(answers[0], found, rows, command=again).rstrip("\n"))
    else:
        for line in outputs.lines(found):
            console.out(line)
    return outputs.exit_code(found, strict=strict)
