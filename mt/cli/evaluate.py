"""`mt evaluate`: is one system better than another, by how much, where, and would people agree?"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from mt.cli import console, evaluate_compare, evaluate_meta, options
from mt.cli import evaluate_options as o
from mt.cli.groups import DEFAULT, DefaultGroup

if TYPE_CHECKING:
    from mt.pipeline.evaluate_config import EvaluateConfig

app = typer.Typer(cls=DefaultGroup, no_args_is_help=True)
app.command("compare")(evaluate_compare.command)
app.command("meta")(evaluate_meta.command)


@app.command(DEFAULT, hidden=True)
def command(
    hypotheses: o.Hypotheses = None,
    ref: o.Ref = None,
    src: o.Src = None,
    docs: o.Docs = None,
    columns: o.Columns = None,
    input: o.Input = None,
    metrics: o.Metrics = None,
    out: o.Out = None,
    tokenize: o.Tokenize = "13a",
    lowercase: o.Lowercase = False,
    unit: o.Unit = "segment",
    align: o.Align = "none",
    ids: o.Ids = None,
    line_ids: o.LineIds = None,
    line_docs: o.LineDocs = None,
    resample: o.Resample = "auto",
    resamples: o.Resamples = 1000,
    trials: o.Trials = 10_000,
    seed: o.Seed = 12345,
    alpha: o.Alpha = 0.05,
    pair: o.Pair = None,
    title: o.Title = "",
    src_lang: o.Lang = "ja",
    tgt_lang: o.Lang = "en",
    human: o.Human = None,
    pearmut: o.Pearmut = None,
    appraise: o.Appraise = None,
    items: o.Items = 100,
    neural: o.Neural = None,
    layout: o.Layout = None,
    glossary: o.Glossary = None,
    training: o.Training = None,
    frequencies: o.Frequencies = "",
    semantic: o.Semantic = False,
    history: o.History = None,
    commit: o.Commit = "",
    fail_under: o.FailUnder = None,
    strict: o.Strict = False,
    format: o.Format = None,
    width: o.Width = 1,
    confidence: o.Confidence = False,
    paired_ar: o.PairedAr = False,
    json: o.Json = False,
    markdown: o.Markdown = False,
    latex: o.Latex = False,
) -> int:
    """Evaluate one or more systems: scores, tests of all pairs, what people would say, where and why; one page.

    Writes report.html, scores.json, segments.jsonl, report.md and tables.tex into --out. --format, --json, --markdown and --latex print instead.

    Examples:

      mt evaluate hyp.txt other.txt --ref ref.txt --src article.ja.txt --out evaluation

      mt evaluate -i hyp.txt -r ref.txt -m bleu chrf -f json -w 2

      mt evaluate "h*.txt" --ref ref.txt --fail-under chrF2=40 --history history.sqlite
    """
    return _evaluate(Asked(**locals()))


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command under their names; a test compares the two."""

    hypotheses: list[str] | None
    ref: list[Path] | None
    src: Path | None
    docs: Path | None
    columns: Path | None
    input: list[str] | None
    metrics: list[str] | None
    out: Path | None
    tokenize: str
    lowercase: bool
    unit: Literal["segment", "paragraph", "document"]
    align: Literal["none", "auto", "ids", "beads", "words", "documents"]
    ids: Path | None
    line_ids: list[str] | None
    line_docs: list[str] | None
    resample: Literal["auto", "segment", "document"]
    resamples: int
    trials: int
    seed: int
    alpha: float
    pair: str | None
    title: str
    src_lang: str
    tgt_lang: str
    human: list[Path] | None
    pearmut: Path | None
    appraise: Path | None
    items: int
    neural: list[str] | None
    layout: Path | None
    glossary: Path | None
    training: list[Path] | None
    frequencies: str
    semantic: bool
    history: Path | None
    commit: str
    fail_under: list[str] | None
    strict: bool
    format: Literal["text", "json", "latex"] | None
    width: int
    confidence: bool
    paired_ar: bool
    json: bool
    markdown: bool
    latex: bool

    def config(self) -> EvaluateConfig:
        """What the work is asked for."""
        from mt.pipeline.evaluate_config import EvaluateConfig, limits, metric_keys, pair_of_names, parted

        words, metrics = parted((*(self.input or ()), *(self.hypotheses or ())), tuple(self.metrics or ()))
        return EvaluateConfig(
            hypotheses=words,
            references=tuple(self.ref or ()),
            source=self.src,
            documents=self.docs,
            columns=self.columns,
            title=self.title,
            metrics=metric_keys(metrics or ("chrf,bleu",)),
            tokenize=self.tokenize,
            lowercase=self.lowercase,
            unit=self.unit,
            resample=self.resample,
            resamples=self.resamples,
            trials=self.trials,
            seed=self.seed,
            alpha=self.alpha,
            align=self.align,
            ids=self.ids,
            line_ids=tuple(self.line_ids or ()),
            line_documents=tuple(self.line_docs or ()),
            pair=pair_of_names(self.pair),
            fail_under=limits(tuple(self.fail_under or ())),
            history=self.history,
            commit=self.commit,
            human=tuple(self.human or ()),
            neural=tuple(self.neural or ()),
            glossary=self.glossary,
            training=tuple(self.training or ()),
            frequencies=self.frequencies,
            semantic=self.semantic,
            src_lang=self.src_lang,
            tgt_lang=self.tgt_lang,
        )

    def answer(self) -> str:
        """What standard output holds: `json`, `markdown`, `latex`, or nothing of these."""
        asked = (("json", self.json), ("markdown", self.markdown), ("latex", self.latex))
        return next((name for name, wanted in asked if wanted), "")


def _evaluate(asked: Asked) -> int:
    from mt.errors import plural
    from mt.pipeline import evaluate_outputs as outputs
    from mt.pipeline.evaluate import evaluate, record, segments
    from mt.pipeline.evaluate_campaign import write_appraise
    from mt.pipeline.evaluate_human import write_campaign
    from mt.pipeline.evaluate_neural import write_layout

    with options.checked():
        config = asked.config()
        if asked.format is not None:
            from mt.pipeline.evaluate_sacrebleu import report

            said = report(
                config, asked.format, width=asked.width, confidence=asked.confidence, paired_ar=asked.paired_ar
            )
            console.out(said)
            return 0
    with console.progress() as progress:
        state = evaluate(config, progress=progress)
    found, rows = record(state), segments(state)
    again, answer = outputs.command(sys.argv[1:]), asked.answer()
    if asked.out is not None or not answer:
        for path in outputs.write(asked.out or Path("evaluation"), found, rows, command=again):
            console.note(f"written: {path}")
    if asked.layout is not None:
        console.note(f"written: {plural(len(write_layout(state, asked.layout)), 'file')} in {asked.layout}")
    if asked.pearmut is not None:
        count = write_campaign(state, asked.pearmut, asked.items)
        console.note(f"written: {asked.pearmut} ({plural(count, 'segment')} to judge)")
    if asked.appraise is not None:
        count, files = write_appraise(state, asked.appraise, asked.items)
        for path in files:
            console.note(f"written: {path} ({plural(count, 'segment')} to judge)")
    if answer:
        console.out(outputs.text(answer, found, rows, command=again).rstrip("\n"))
    else:
        for line in outputs.lines(found):
            console.out(line)
    return outputs.exit_code(found, strict=asked.strict)
