"""The options of `mt evaluate`: there are too many to be described inside its function."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Hypotheses = Annotated[
    list[str] | None, typer.Argument(help="Files, 'patterns', run folders, NAME=FILE.", show_default=False)
]
Ref = Annotated[list[Path] | None, typer.Option("--ref", "-r", help="A reference; again for more.")]
Src = Annotated[Path | None, typer.Option("--src", "-s", help="The source, as many lines.")]
Docs = Annotated[Path | None, typer.Option("--docs", "-d", help="Name of each line's document.")]
Columns = Annotated[Path | None, typer.Option(help="TSV to slice by, names in its first row.")]
Input = Annotated[list[str] | None, typer.Option("--input", "-i", help="Hypotheses, as sacrebleu has them.")]
Metrics = Annotated[
    list[str] | None, typer.Option("--metrics", "-m", help="chrf, bleu, chrf++, ter; default: chrf,bleu.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder of the report; default: evaluation.")]
Tokenize = Annotated[str, typer.Option("--tokenize", "-tok", help="Tokeniser of BLEU.")]
Lowercase = Annotated[bool, typer.Option("--lowercase", "-lc", help="Compare without regard to case.")]
Unit = Annotated[Literal["segment", "paragraph", "document"], typer.Option(help="What a line is.")]
Align = Annotated[
    Literal["none", "auto", "ids", "beads", "words", "documents"],
    typer.Option(help="Systems with other lines: refused, or brought to the segments so; auto: as well as can be."),
]
Ids = Annotated[Path | None, typer.Option(help="Name of each segment; default: its number.")]
LineIds = Annotated[list[str] | None, typer.Option(help="[NAME=]FILE: segments of each line of a system, to join by.")]
LineDocs = Annotated[list[str] | None, typer.Option(help="[NAME=]FILE: document of each line of a system.")]
Resample = Annotated[Literal["auto", "segment", "document"], typer.Option(help="Unit of intervals and tests.")]
Resamples = Annotated[int, typer.Option(help="Bootstrap samples; 0 = no intervals.")]
Trials = Annotated[int, typer.Option(help="Of approximate randomisation.")]
Seed = Annotated[int, typer.Option(envvar="SACREBLEU_SEED", help="Of everything drawn.")]
Alpha = Annotated[float, typer.Option(help="Level of the tests.")]
Pair = Annotated[str | None, typer.Option(help="A,B: compared in detail; default: the best two.")]
Title = Annotated[str, typer.Option(help="Heading of the report.")]
Lang = Annotated[str, typer.Option(help="Code of the language.")]
Human = Annotated[list[Path] | None, typer.Option(help="Judgements of people: ESA, MQM, DA+SQM files.")]
Pearmut = Annotated[Path | None, typer.Option(help="Write a campaign to ask people: the segments that tell most.")]
Appraise = Annotated[Path | None, typer.Option(help="The same for Appraise: batches and manifest in this folder.")]
Items = Annotated[int, typer.Option(help="How many segments of it.")]
Neural = Annotated[list[str] | None, typer.Option(help="Command of a neural metric's worker: docs/neural-metrics.md.")]
Layout = Annotated[Path | None, typer.Option("--mt-metrics-eval", help="Write its layout into this folder.")]
Glossary = Annotated[Path | None, typer.Option(help="TSV of terms and their translations.")]
Training = Annotated[list[Path] | None, typer.Option(help="Training data to look for the test set in.")]
Frequencies = Annotated[
    str,
    typer.Option(
        help="Words with counts, to slice by: a file, starter or none; default: of --training, or the starter's run."
    ),
]
Semantic = Annotated[bool, typer.Option("--semantic", help="Cosines of sentence vectors too.")]
History = Annotated[Path | None, typer.Option(help="Keep the scores in this SQLite file, and plot them.")]
Commit = Annotated[str, typer.Option(help="What the history notes beside the run.")]
FailUnder = Annotated[list[str] | None, typer.Option(help="chrF2=40: exit with 3 below; again for more.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 where a gate fails.")]
Format = Annotated[
    Literal["text", "json", "latex"] | None, typer.Option("--format", "-f", help="sacrebleu's output instead.")
]
Width = Annotated[int, typer.Option("--width", "-w", help="Digits of it, 0 to 10.")]
Confidence = Annotated[bool, typer.Option("--confidence", "-ci", help="Its bootstrap.")]
PairedAr = Annotated[bool, typer.Option("--paired-ar", "-par", help="Its test against the first.")]
Json = Annotated[bool, typer.Option("--json", help="Print scores.json.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the report as Markdown.")]
Latex = Annotated[bool, typer.Option("--latex", help="Print scores and differences for LaTeX.")]
