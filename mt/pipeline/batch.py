"""Many files → their translations, through one stream of sentences: batches fill across files, and every file appears when it is whole.

A file that cannot be read or written is recorded, and the others go on. Memory does not grow with the number of lines or of files' bytes:
sentences on their way, files read ahead (each at most `mt.documents.stream.WHOLE` bytes), and one error a bad file are all that is held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from mt.documents import plain
from mt.documents.rows import Format, Layout
from mt.documents.stream import LineFile
from mt.errors import OutputError, UserError
from mt.files import PartFile, make_directory
from mt.pipeline.assemble import assemble
from mt.pipeline.ledger import FileRecord, Ledger
from mt.pipeline.lines import pooled
from mt.protocols import Progress, Silent
from mt.translate.run import BatchTranslator
from mt.types import Document

STANDARD_INPUT = "<stdin>"

_LINES = 50_000  # lines parted into sentences before the file's turn comes; 4 MiB of line feeds would be 4 million


@dataclass(frozen=True, slots=True)
class Job:
    """A file to translate: bytes or a path, and where its translation goes; None = to the output that all jobs share."""

    source: Path | BinaryIO
    target: Path | None = None

    @property
    def name(self) -> str:
        """Of the source, for messages."""
        return str(self.source) if isinstance(self.source, Path) else STANDARD_INPUT


class Output(Protocol):
    """What all jobs without a target of their own write to; `mt.files.PartFile` is one."""

    def write(self, text: str) -> None:
        """Add text."""

    def mark(self) -> tuple[int, object]:
        """A point to come back to."""

    def back(self, mark: tuple[int, object]) -> None:
        """Forget what was written behind a mark, where that is possible."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a batch is done.

    Attributes:
        layout: how lines are read and answered.
        window: sentences decoded together at most; 1 answers each before the next is read; None = the translator's own.
        ahead: files read and parted into sentences on other threads while those before are translated; 0 = none.
    """

    layout: Layout = field(default_factory=Layout)
    window: int | None = None
    ahead: int = 1


@dataclass(frozen=True, slots=True)
class _Line:
    """A line on its way."""

    file: _File
    number: int
    text: str
    document: Document


@dataclass(slots=True)
class _File:
    """A file on its way: its lines come first, then the file itself, whose end it is."""

    job: Job
    format: Format
    record: FileRecord
    lines: Iterable[_Line] = ()
    error: UserError | None = None
    size: int = 0


def translate_batch(
    translator: BatchTranslator,
    jobs: Iterable[Job],
    ledger: Ledger,
    *,
    options: Options | None = None,
    output: Output | None = None,
    progress: Progress | None = None,
) -> None:
    """Translate files; what is pooled does not show in the results.

    Args:
        translator: the model with its options.
        jobs: in the order in which their translations are written.
        ledger: takes down every line, file and error.
        options: how to do it.
        output: of the jobs without a target.
        progress: told of bytes of the sources, as far as their sentences have a first translation.

    Raises:
        ConfigError: when a file's format has no place for what was asked for.
        EngineError: when the engine fails.
    """
    asked = options or Options()
    reader = _Reader(translator.src_lang, asked, progress or Silent())
    writer = _Writer(translator, ledger, output)
    try:
        items = pooled(translator, reader.items(jobs), _sentences, window=asked.window, progress=reader)
        for item, answers in items:
            if isinstance(item, _File):
                writer.end(item)
            else:
                row = assemble(translator, item.document, answers, asked.layout)
                writer.line(item, item.file.format.answer(item.text, row))
                ledger.row(item.file.record, item.number, item.document, answers)
    finally:
        writer.close()
    ledger.done()


def _sentences(item: _Line | _File) -> list[str]:
    return [] if isinstance(item, _File) else [s.text for s in item.document.segments]


class _Reader:
    """Files → lines with their sentences; also turns sentences done into bytes done, by what a sentence took so far."""

    def __init__(self, lang: str, options: Options, progress: Progress) -> None:
        self._lang, self._options, self._progress = lang, options, progress
        self._bytes, self._sentences, self._done, self._shown = 0, 0, 0, 0
        self._made: set[Path] = set()

    def items(self, jobs: Iterable[Job]) -> Iterator[_Line | _File]:
        for file in self._files(jobs):
            read = 0
            try:
                for line in file.lines:
                    self._sentences += max(len(line.document.segments), 1)
                    self._bytes += (length := len(line.text.encode("utf-8", "replace")) + 1)
                    read += length
                    yield line
            except UserError as e:
                file.error = e
            file.lines = ()
            self._sentences += 1
            self._bytes += max(file.size - read, 0)
            yield file

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """The stage is the batch's, and was announced by who made it."""

    def advance(self, count: int) -> None:
        self._done += count
        if self._sentences:
            reached = self._bytes * self._done // self._sentences
            if reached > self._shown:
                self._progress.advance(reached - self._shown)
                self._shown = reached

    def _files(self, jobs: Iterable[Job]) -> Iterator[_File]:
        if not self._options.ahead:
            yield from map(self._open, jobs)
            return
        waiting: deque[Future[_File]] = deque()
        pool = ThreadPoolExecutor(self._options.ahead, "read")
        try:
            for job in jobs:
                waiting.append(pool.submit(self._open, job))
                if len(waiting) > self._options.ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _open(self, job: Job) -> _File:
        layout = self._options.layout
        file = _File(job, layout.of(job.name), FileRecord(job.name, None if job.target is None else str(job.target)))
        try:
            if not isinstance(job.source, Path):
                file.record.source = "-"
                file.lines = self._lines(file, plain.lines(job.source, STANDARD_INPUT))
                return file
            found = LineFile(job.source)
            file.record.encoding, file.record.sha256, file.size = found.encoding, found.sha256, found.size
            if job.target is not None:
                self._check(job.target)
            file.lines = self._lines(file, found)
            if found.small and found.count <= _LINES:
                file.lines = list(
                    file.lines
                )  # on this thread, and an error comes before any of its lines is translated
        except UserError as e:
            file.lines, file.error = (), e
        return file

    def _check(self, target: Path) -> None:
        """A place that cannot be written is better known before the work than behind it."""
        if target.is_dir():
            raise OutputError(target, "Is a directory")
        if target.parent not in self._made:
            make_directory(target.parent)
            self._made.add(target.parent)

    def _lines(self, file: _File, lines: Iterable[str]) -> Iterator[_Line]:
        for number, line in enumerate(lines, 1):
            text = file.format.text(line, file.job.name, number)
            yield _Line(file, number, line, plain.document("line", self._lang, text, "line"))


class _Writer:
    """Lines → files; at most one is open at a time, since answers come in order."""

    def __init__(self, translator: BatchTranslator, ledger: Ledger, output: Output | None) -> None:
        self._translator, self._ledger, self._output = translator, ledger, output
        self._file: _File | None = None
        self._part: PartFile | None = None
        self._mark: tuple[int, object] | None = None
        self._failed: UserError | None = None

    def line(self, line: _Line, answer: str) -> None:
        if line.file is not self._file:
            self._begin(line.file)
        if line.file.job.target is None:
            if self._output is not None:
                self._output.write(f"{answer}\n")  # what all share fails for all
        elif self._part is not None and self._failed is None:
            try:
                self._part.write(f"{answer}\n")
            except UserError as e:
                self._failed = e

    def end(self, file: _File) -> None:
        """The last line of a file is there; give the translation its name, or take it back."""
        if file is not self._file:
            self._begin(file)
        error = file.error or self._failed
        if error is None and self._part is not None:
            try:
                file.record.target_sha256, file.record.target_bytes = self._part.commit()
            except UserError as e:
                error = e
        elif error is not None and self._output is not None and self._mark is not None:
            self._output.back(self._mark)
        self._ledger.file(file.record, error)
        self.close()

    def close(self) -> None:
        if self._part is not None:
            self._part.discard()
        self._file = self._part = self._mark = self._failed = None

    def _begin(self, file: _File) -> None:
        self._file = file
        if file.job.target is None:
            self._mark = self._output.mark() if self._output is not None else None
        elif file.error is None:  # else it is known to be bad, and nothing is written of it
            try:
                self._part = PartFile(file.job.target)
            except UserError as e:
                self._failed = e
