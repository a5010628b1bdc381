"""`mt translate`: text in, text out."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mt.cli import console, options
from mt.errors import ConfigError

if TYPE_CHECKING:
    from mt.documents.rows import Layout
    from mt.files import PartFile
    from mt.pipeline.batch import Job
    from mt.pipeline.config import DecodeConfig, ModelConfig
    from mt.pipeline.ledger import Ledger
    from mt.pipeline.targets import Naming

_Kind = Literal["auto", "text", "jsonl", "tsv"]


def command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files, directories, patterns; none or - is stdin.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    out_dir: Annotated[Path | None, typer.Option(help="Write a.ja.txt to DIR/a.en.txt; trees are mirrored.")] = None,
    suffix: Annotated[
        str | None, typer.Option(help="Names: a.txt to a SUFFIX .txt, beside it or in --out-dir.")
    ] = None,
    template: Annotated[str | None, typer.Option(help="Names, e.g. '{dir}/{stem}.en{ext}'; also {name}.")] = None,
    glob: Annotated[str, typer.Option(help="Which files of a directory.")] = "**/*.txt",
    format: Annotated[_Kind, typer.Option(help="auto: by the name, text on stdin.")] = "auto",
    field: Annotated[str, typer.Option(help="Of JSON lines: the one with the text.")] = "text",
    column: Annotated[int, typer.Option(help="Of tab-separated lines: the one with the text, from 1.")] = 1,
    with_scores: Annotated[bool, typer.Option("--with-scores", help="Text: score TAB translation.")] = False,
    with_alignment: Annotated[bool, typer.Option("--with-alignment", help="Text: translation TAB 0-0 1-2.")] = False,
    num_hypotheses: options.NumHypotheses = 1,
    model: options.Model = "auto",
    engine: options.Engine = "ctranslate2",
    compute_type: options.ComputeType = "auto",
    device: options.Device = "auto",
    threads: options.InterThreads = 0,
    intra_threads: options.IntraThreads = 0,
    every_script: options.EveryScript = False,
    beam_size: options.BeamSize = 4,
    length_penalty: options.LengthPenalty = 1.0,
    repetition_penalty: options.RepetitionPenalty = 1.0,
    no_repeat_ngram_size: options.NoRepeatNgramSize = 0,
    max_batch_pieces: options.MaxBatchPieces = 1024,
    guard: options.Guard = True,
    limits: options.Limits = None,
    retry_budget: options.RetryBudget = 0.15,
    memory: options.Memory = None,
    no_memory: options.NoMemory = False,
    fuzzy: Annotated[
        float, typer.Option(help="Report remembered sentences at least so similar, 0.5 to 1; 0 = none.")
    ] = 0.0,
    line_buffered: Annotated[bool, typer.Option("--line-buffered", help="Answer each line before the next.")] = False,
    jobs: Annotated[int, typer.Option(help="Files read ahead on threads of their own, 0 to 64.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Write counts, hashes and every doubt to this JSON file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 for any doubt, not only failures.")] = False,
) -> int:
    """Translate text. One line in, one line out, always; a line of several sentences stays one line.

    Examples:

      echo 猫がいる。 | mt translate

      mt translate article.ja.txt -o article.en.txt

      mt translate *.ja.txt --out-dir english --report report.json

      echo '{"id": 7, "text": "猫がいる。"}' | mt translate --format jsonl
    """
    return _translate(Asked(**locals()))


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command under their names; a test compares the two."""

    files: list[Path] | None
    output: Path | None
    out_dir: Path | None
    suffix: str | None
    template: str | None
    glob: str
    format: _Kind
    field: str
    column: int
    with_scores: bool
    with_alignment: bool
    num_hypotheses: int
    model: str
    engine: Literal["ctranslate2", "transformers"]
    compute_type: str
    device: Literal["auto", "cpu", "cuda"]
    threads: int
    intra_threads: int
    every_script: bool
    beam_size: int
    length_penalty: float
    repetition_penalty: float
    no_repeat_ngram_size: int
    max_batch_pieces: int
    guard: bool
    limits: Path | None
    retry_budget: float
    memory: Path | None
    no_memory: bool
    fuzzy: float
    line_buffered: bool
    jobs: int
    report: Path | None
    strict: bool

    def layout(self) -> Layout:
        """How lines are read and answered."""
        from mt.documents.rows import Layout

        kind = None if self.format == "auto" else self.format
        return Layout(kind, self.field, self.column, self.with_scores, self.num_hypotheses > 1, self.with_alignment)

    def model_config(self) -> ModelConfig:
        """Which model, on what."""
        from mt.pipeline.config import ModelConfig

        return ModelConfig(self.model, self.engine, self.compute_type, self.device, self.threads, self.every_script)

    def decode_config(self) -> DecodeConfig:
        """How to search; the fields of that name."""
        from mt.pipeline.config import DecodeConfig

        same = {f.name: getattr(self, f.name) for f in fields(DecodeConfig) if f.name in Asked.__slots__}
        return DecodeConfig(**same, alignment=self.with_alignment)

    def record(self) -> dict[str, object]:
        """For the report: what was asked for, files aside."""
        left_out = {"files", "report"}
        return {k: str(v) if isinstance(v, Path) else v for k, v in asdict(self).items() if k not in left_out}


def _translate(asked: Asked) -> int:
    from mt.pipeline.ledger import Ledger, describe
    from mt.pipeline.translator import open_configured, read_limits
    from mt.types import check_range

    with options.checked():
        check_range("jobs", asked.jobs, 0, 64)
        layout, model, decode = asked.layout(), asked.model_config(), asked.decode_config()
    if asked.fuzzy and asked.report is None:
        raise ConfigError("--fuzzy", "--report beside it, where what is similar is shown", "none")
    limits = read_limits(asked.limits)
    jobs = _jobs(asked, layout)
    with ExitStack() as stack:
        shared, report = (_begun(path, stack) for path in (asked.output, asked.report))
        model = replace(model, name=options.chosen(asked.model))
        with options.checked():
            translator = open_configured(
                model, decode, intra_threads=asked.intra_threads, memory=_memory(asked), limits=limits
            )
        stack.enter_context(translator)
        with options.checked():
            ledger = Ledger(translator, keep=report is not None, fuzzy=asked.fuzzy)
        stack.callback(ledger.close)
        _run(asked, layout, jobs, ledger, shared)
        bad = len(ledger.errors)
        record = None
        if shared is not None and bad < len(jobs):
            digest, size = shared.commit()
            record = {"path": str(asked.output), "sha256": digest, "bytes": size}
        if report is not None:
            ledger.write(report, asked.record(), record)
        _say(asked, ledger, len(jobs), describe(ledger, model.name))
        doubts = ledger.totals.failed or (asked.strict and ledger.totals.flagged)
        return 2 if bad else 3 if doubts else 0


def _memory(asked: Asked) -> Path | None:
    """The memory named, else the user's own; without that, where it cannot be had, as long as nobody asked for it."""
    from mt.errors import OutputError
    from mt.files import make_directory
    from mt.translate.memory import default_path

    if asked.no_memory or asked.memory is not None:
        return None if asked.no_memory else asked.memory
    path = default_path()
    try:
        make_directory(path.parent)
    except OutputError as e:
        console.note(f"nothing is remembered: {e}")
        return None
    return path


def _begun(path: Path | None, stack: ExitStack) -> PartFile | None:
    """An output that is opened before the model is loaded, so that a bad place costs nothing; taken away again unless it is committed."""
    from mt.files import PartFile

    if path is None:
        return None
    part = PartFile(path)
    stack.callback(part.discard)
    return part


def _jobs(asked: Asked, layout: Layout) -> list[Job]:
    """What is to be translated, checked as far as is possible without reading it."""
    from mt.pipeline.batch import Job
    from mt.pipeline.targets import find, targets

    named = asked.files or [Path("-")]
    naming = _naming(asked)
    if asked.output and naming:
        raise ConfigError("--output", "no --out-dir, --suffix or --template beside it", str(asked.output))
    if Path("-") in named and (naming or len(named) > 1):
        raise ConfigError("FILES", "files" if naming else "files, or - alone", "standard input among them")
    # a tree needs places for its translations; without them a directory is no text
    found = find(named, asked.glob if naming else None, asked.out_dir)
    kinds = {layout.of(str(file.path)).kind for file in found}
    if not naming and len(kinds) > 1:
        raise ConfigError("--format", "one format for one output", " and ".join(sorted(kinds)))
    others = [path for path in (asked.output, asked.report) if path is not None]
    _check_outputs(asked, [file.path for file in found])
    if naming is None:
        return [Job(sys.stdin.buffer if path == Path("-") else path) for path in (file.path for file in found)]
    if asked.out_dir is not None:
        from mt.files import make_directory

        make_directory(asked.out_dir)
    return [Job(source, target) for source, target in targets(found, naming, others)]


def _naming(asked: Asked) -> Naming | None:
    """How the options name translations; None = they go to one output."""
    from mt.pipeline.targets import Naming

    if asked.suffix is not None and asked.template is not None:
        raise ConfigError("--suffix", "no --template beside it", repr(asked.template))
    if asked.suffix is not None:
        return Naming.suffix(asked.suffix, asked.out_dir)
    if asked.template is not None:
        return Naming(asked.out_dir, asked.template)
    return Naming(asked.out_dir, option="--out-dir") if asked.out_dir is not None else None


def _check_outputs(asked: Asked, sources: list[Path]) -> None:
    given = {path.resolve() for path in sources}
    for option, path in (("--output", asked.output), ("--report", asked.report)):
        if path is not None and path.resolve() in given:
            raise ConfigError(option, "a file that is no input", str(path))
    if asked.output and asked.report and asked.output.resolve() == asked.report.resolve():
        raise ConfigError("--report", "another file than --output", str(asked.report))


def _run(asked: Asked, layout: Layout, jobs: list[Job], ledger: Ledger, shared: PartFile | None) -> None:
    from mt.pipeline.batch import STANDARD_INPUT, Options, translate_batch

    # somebody typing waits for each answer; a pipe is read ahead
    typing = asked.line_buffered or (jobs[0].name == STANDARD_INPUT and sys.stdin.isatty())
    how = Options(layout, window=1 if typing else None, ahead=0 if typing else asked.jobs)
    with console.progress() as progress:
        sizes = [job.source.stat().st_size for job in jobs if isinstance(job.source, Path) and job.source.is_file()]
        progress.stage("translating", sum(sizes) or None, "byte")
        output = shared or _Standard(typing)
        translate_batch(ledger.translator, jobs, ledger, options=how, output=output, progress=progress)


class _Standard:
    """Standard output: what is written cannot be taken back."""

    def __init__(self, flush: bool) -> None:
        self._flush = flush

    def write(self, text: str) -> None:
        sys.stdout.write(text)
        if self._flush:
            sys.stdout.flush()

    def mark(self) -> tuple[int, object]:
        return 0, None

    def back(self, mark: tuple[int, object]) -> None:
        """What was read before the mistake is answered already."""


def _say(asked: Asked, ledger: Ledger, files: int, lines: list[str]) -> None:
    for error in ledger.errors:
        console.fail(error)
    written = ledger.totals.written
    if _naming(asked) is not None:
        console.note(f"{written:,} of {files:,} files written" + (f" to {asked.out_dir}" if asked.out_dir else ""))
    elif ledger.errors and files > 1:
        console.note(f"{written:,} of {files:,} files translated")
    for line in lines:
        console.note(line)
