"""`mt align`: two documents in, beads of sentences that belong together out."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mt.cli import align_docs, align_score, align_view, align_words, console, options
from mt.cli.groups import DEFAULT, DefaultGroup

if TYPE_CHECKING:
    from mt.pipeline.align import Done, Output
    from mt.pipeline.aligner import AlignConfig

app = typer.Typer(cls=DefaultGroup, no_args_is_help=True)
app.command("score")(align_score.command)
app.command("view")(align_view.command)
app.command("docs")(align_docs.command)
app.add_typer(align_words.app, name="words", help="Link the words of sentence pairs.")

_Method = Literal["auto", "embed", "mt", "length"]
_Format = Literal[
    "auto",
    "vecalign",
    "sentalign",
    "hunalign",
    "hunalign-text",
    "bertalign",
    "pairs",
    "tsv",
    "jsonl",
    "intertext",
    "tmx",
]


@app.command(DEFAULT, hidden=True)
def command(
    src: Annotated[Path, typer.Argument(help="A text, or a folder of texts.", show_default=False)],
    tgt: Annotated[Path, typer.Argument(help="Its translation, or a folder of them.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    out_dir: Annotated[Path | None, typer.Option(help="Write each pair's alignment into this folder.")] = None,
    format: Annotated[_Format, typer.Option(help="auto: by the name of --output, else tsv.")] = "auto",
    method: Annotated[
        _Method, typer.Option(help="Compare vectors, translations, or lengths; auto says which and why.")
    ] = "auto",
    encoder: Annotated[str, typer.Option(help="use, or st:NAME for any sentence-transformers model.")] = "use",
    src_lang: Annotated[str, typer.Option(help="Code of the language; auto goes by script.")] = "auto",
    tgt_lang: Annotated[str, typer.Option(help="Code of the language; auto goes by script.")] = "auto",
    input: Annotated[
        Literal["auto", "lines", "document"], typer.Option(help="A line is a sentence, or sentences are to be found.")
    ] = "auto",
    longest: Annotated[int, typer.Option("--longest", "--max-beads", help="Most sentences a side, 1 to 10.")] = 4,
    hard_boundaries: Annotated[
        bool, typer.Option("--hard-boundaries", help="Never cross paragraphs (with lines: blank lines).")
    ] = False,
    chapters: Annotated[
        bool, typer.Option("--chapters", help="Never cross headings that both have (Markdown, HTML).")
    ] = False,
    min_probability: Annotated[float, typer.Option(help="Leave out less likely pairs, 0 to 1; counted.")] = 0.0,
    base: Annotated[int, typer.Option(help="Sentence numbers count from 0 or 1.")] = 0,
    fixed: Annotated[Path | None, typer.Option(help="Beads that stand: corrections saved by mt align view.")] = None,
    sentences: Annotated[Path | None, typer.Option(help="Write the sentences, one a line, into this folder.")] = None,
    vectors_src: Annotated[
        Path | None, typer.Option(help="Vectors of the source sentences: a.npy; a.emb,a.txt.")
    ] = None,
    vectors_tgt: Annotated[Path | None, typer.Option(help="Vectors of the target sentences.")] = None,
    translations: Annotated[Path | None, typer.Option(help="For mt: the source translated, a line each.")] = None,
    model: options.Model = "auto",
    cache: Annotated[Path | None, typer.Option(help="Keep the encoder's vectors in this file.")] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Let an st: model be fetched that is not on disk.")
    ] = False,
    device: options.Device = "auto",
    threads: options.Threads = 0,
    glob: Annotated[str, typer.Option(help="Which files of a folder.")] = "**/*",
    report: Annotated[Path | None, typer.Option(help="Write counts, hashes and verdicts to this JSON file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print that report; alignments go to files.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 where texts are no translations.")] = False,
) -> int:
    """Align the sentences of two texts, or of two folders of texts whose names match.

    Every sentence of both sides ends up in exactly one bead. A probability says how likely a person would have made the same one. tsv, pairs
    and tmx hold pairs only, the other formats null beads too; jsonl holds everything, and is what mt align view shows best.

    Examples:

      mt align article.ja.txt reference.en.txt --method length

      mt align article.ja.txt reference.en.txt -o article.jsonl

      mt align article.ja.txt reference.en.txt -o article.tmx --min-probability 0.5

      mt align . . --src-lang ja --tgt-lang en --out-dir aligned --method length
    """
    return _align(Asked(**locals()))


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command under their names; a test compares the two."""

    src: Path
    tgt: Path
    output: Path | None
    out_dir: Path | None
    format: _Format
    method: _Method
    encoder: str
    src_lang: str
    tgt_lang: str
    input: Literal["auto", "lines", "document"]
    longest: int
    hard_boundaries: bool
    chapters: bool
    min_probability: float
    base: int
    fixed: Path | None
    sentences: Path | None
    vectors_src: Path | None
    vectors_tgt: Path | None
    translations: Path | None
    model: str
    cache: Path | None
    download: bool
    device: Literal["auto", "cpu", "cuda"]
    threads: int
    glob: str
    report: Path | None
    json: bool
    strict: bool

    def langs(self) -> tuple[str | None, str | None]:
        """Of the sides; None where the script decides."""
        return (
            None if self.src_lang == "auto" else self.src_lang,
            None if self.tgt_lang == "auto" else self.tgt_lang,
        )

    def place(self) -> Output:
        """Format and thresholds."""
        from mt.pipeline.align import Output, format_of

        return Output(format_of(self.format, self.output), self.base, self.min_probability, self.sentences)

    def config(self) -> AlignConfig:
        """The method."""
        from mt.align.options import AlignOptions
        from mt.pipeline.aligner import AlignConfig, both

        return AlignConfig(
            method=self.method,
            encoder=self.encoder,
            options=AlignOptions(longest=self.longest, hard=self.hard_boundaries, chapters=self.chapters),
            vectors=both(self.vectors_src, self.vectors_tgt),
            cache=self.cache,
            download=self.download,
            device=self.device,
            threads=self.threads,
            model=self.model,
            translations=self.translations,
        )

    def record(self) -> dict[str, object]:
        """For the report: what was asked for."""
        left_out = {"report", "json"}
        return {k: str(v) if isinstance(v, Path) else v for k, v in asdict(self).items() if k not in left_out}


def _align(asked: Asked) -> int:
    from mt.errors import ConfigError
    from mt.files import write_text
    from mt.pipeline import align as work
    from mt.pipeline.aligner import Aligner

    if asked.output is not None and asked.out_dir is not None:
        raise ConfigError("--output", "no --out-dir beside it", str(asked.output))
    if asked.json and asked.output is None and asked.out_dir is None:
        raise ConfigError(
            "--json", "--output or --out-dir beside it, since the report takes standard output", "neither"
        )
    last: list[Done] = []

    def keep(done: Done) -> None:
        last[:] = [done]

    with options.checked(), console.progress() as progress, Aligner(asked.config()) as aligner:
        place = asked.place()
        jobs, matched = work.plan(
            asked.src,
            asked.tgt,
            place,
            out=asked.output,
            out_dir=asked.out_dir,
            fixed=asked.fixed,
            langs=asked.langs(),
            glob=asked.glob,
        )
        report = work.align_files(
            jobs,
            aligner,
            place,
            langs=asked.langs(),
            kind=asked.input,
            stream=sys.stdout,
            matched=matched,
            progress=progress,
            told=keep,
        )
    if asked.report is not None:
        write_text(asked.report, work.report_text(report, asked.record()))
    if asked.json:
        console.out_json(report.record(asked.record()))
    for _, error in report.failed:
        console.fail(error)
    for line in [work.describe(last[0])] if matched is None else work.summary(report):
        console.note(line)
    for line in (*report.warnings, *report.verdicts):
        console.note(line)
    return 2 if report.failed else 3 if asked.strict and report.verdicts else 0
