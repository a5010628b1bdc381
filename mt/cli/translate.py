"""`mt translate`: plain text in, plain text out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mt.cli import console, options
from mt.errors import ConfigError, UserError

if TYPE_CHECKING:
    from mt.translate.run import BatchTranslator


def command(
    files: Annotated[list[Path] | None, typer.Argument(help="Text files; none or - is standard input.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    out_dir: Annotated[Path | None, typer.Option(help="Write a.ja.txt to DIR/a.en.txt, and so on.")] = None,
    model: options.Model = "auto",
    engine: options.Engine = "ctranslate2",
    compute_type: options.ComputeType = "auto",
    device: options.Device = "auto",
    threads: options.Threads = 0,
    beam_size: options.BeamSize = 4,
    length_penalty: options.LengthPenalty = 1.0,
    max_batch_pieces: options.MaxBatchPieces = 2048,
) -> int:
    """Translate text. One line in, one line out, always; a line of several sentences stays one line.

    Examples:

      echo 猫がいる。 | mt translate

      mt translate article.ja.txt -o article.en.txt

      mt translate *.ja.txt --out-dir english
    """
    from mt.models.registry import open_model
    from mt.pipeline.config import DecodeConfig, ModelConfig
    from mt.pipeline.lines import targets
    from mt.translate.run import BatchTranslator

    sources = files or [Path("-")]
    if output and out_dir:
        raise ConfigError("--output", "no --out-dir beside it", str(out_dir))
    if Path("-") in sources and (out_dir or len(sources) > 1):
        raise ConfigError("FILES", "files" if out_dir else "files, or - alone", "standard input among them")
    with options.checked():
        decode = DecodeConfig(beam_size=beam_size, length_penalty=length_penalty, max_batch_pieces=max_batch_pieces)
        ModelConfig(model, engine, compute_type, device, threads)
    files_to_write = targets(sources, out_dir) if out_dir is not None else []
    loaded = open_model(options.chosen(model), engine=engine, compute_type=compute_type, device=device, threads=threads)
    with BatchTranslator(loaded, decode, max_batch_pieces=max_batch_pieces) as translator:
        if out_dir is not None:
            bad = _to_directory(translator, files_to_write, out_dir)
        else:
            bad = _to_one(translator, sources, output)
        _summary(translator)
        return 2 if bad else 3 if translator.counts.failed else 0


def _to_directory(translator: BatchTranslator, files: list[tuple[Path, Path]], directory: Path) -> int:
    from mt.pipeline.lines import translate_files

    with console.progress() as progress:
        progress.stage("translating", None, "sentence")
        batch = translate_files(translator, files, progress)
    for error in batch.errors:
        console.fail(error)
    console.note(f"{len(batch.done)} of {len(files)} files written to {directory}")
    return len(batch.errors)


def _to_one(translator: BatchTranslator, sources: list[Path], output: Path | None) -> int:
    """All sources one after the other, to stdout as they come or to one file when all are done."""
    from mt.files import write_text
    from mt.pipeline.lines import translate_file

    bad, texts = 0, []
    for source in sources:
        try:
            if source == Path("-"):
                texts += _standard_input(translator, keep=output is not None)
            else:
                text = translate_file(translator, source)
                texts.append(text)
                if output is None:
                    sys.stdout.write(text)
        except UserError as e:
            if len(sources) == 1:
                raise
            bad += 1
            console.fail(e)
    if output is not None and bad < len(sources):
        write_text(output, "".join(texts))
    if bad:
        console.note(f"{len(sources) - bad} of {len(sources)} files translated")
    return bad


def _standard_input(translator: BatchTranslator, *, keep: bool) -> list[str]:
    from mt.documents.plain import lines
    from mt.pipeline.lines import WINDOW, translate_lines

    kept = []
    # somebody typing waits for each answer; a pipe is read ahead
    window = 1 if sys.stdin.isatty() else WINDOW
    for line in translate_lines(translator, lines(sys.stdin.buffer, "<stdin>"), window=window):
        if keep:
            kept.append(f"{line}\n")
        else:
            sys.stdout.write(f"{line}\n")
            if window == 1:
                sys.stdout.flush()
    return kept


def _summary(translator: BatchTranslator) -> None:
    c = translator.counts
    if c.split or c.failed:
        console.note(
            f"{c.read:,} sentences: {c.split:,} split because they were too long, {c.failed:,} flagged as failed"
        )
