"""What a batch of files came to: counts that add up, and a report with a record of every file and of every doubtful sentence.

Records go to a temporary file as they come, so that the report of any number of files and doubts needs no memory of its own.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

from mt.errors import UserError, plural
from mt.files import PartFile
from mt.pipeline import manifest
from mt.text.normalize import normalize
from mt.translate.run import BatchTranslator, Counts
from mt.types import Document, Hypothesis, check_range

FATES = ("decoded", "repeated", "remembered", "passed_through", "failed")


@dataclass(slots=True)
class FileRecord:
    """One file of a batch, as in `files` of the report; None = not known, since the file or its translation is not there.

    Attributes:
        source: its path, `-` is standard input.
        target: where its translation went; None = to the output that all share.
        encoding: what it was decoded with.
        sha256: of its bytes.
        lines: answered.
        sentences: in them.
        flagged: sentences with a doubt.
        target_sha256: of the bytes of its translation.
        target_bytes: how many they are.
        error: why there is no translation.
    """

    source: str
    target: str | None = None
    encoding: str | None = None
    sha256: str | None = None
    lines: int = 0
    sentences: int = 0
    flagged: int = 0
    target_sha256: str | None = None
    target_bytes: int | None = None
    error: str | None = None


@dataclass(slots=True)
class Totals:
    """Sums over a batch.

    Attributes:
        files: given.
        written: of them translated whole.
        lines: answered.
        sentences: in them.
        fillers: what the translator was given beside them, for rows without a sentence.
        flagged: sentences with a doubt.
        failed: sentences without a translation to speak of.
        flags: sentences by flag.
        seconds: from the first sentence read to the last file written.
    """

    files: int = 0
    written: int = 0
    lines: int = 0
    sentences: int = 0
    fillers: int = 0
    flagged: int = 0
    failed: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def speed(self) -> float:
        """Sentences a second."""
        return self.sentences / self.seconds if self.seconds > 0 else 0.0


class Ledger:
    """Takes down what happens; `close` gives the temporary files back.

    Args:
        translator: the one whose counts these are; what it counted before does not matter.
        keep: take down records for a report.
        fuzzy: also take down, for every sentence that was decoded, the remembered one that is most like it, if it is at least so similar:
            0.5 to 1, where 1 is the sentence itself; 0 = none.

    Raises:
        OptionError: for another number.
    """

    def __init__(self, translator: BatchTranslator, *, keep: bool = False, fuzzy: float = 0.0) -> None:
        if fuzzy:
            check_range("fuzzy", fuzzy, 0.5, 1)
        self._fuzzy = fuzzy
        self.totals, self.errors = Totals(), list[UserError]()
        self.translator, self._before = translator, _numbers(translator.counts)
        self._started, self._begun = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
        self._stack = ExitStack()
        self._files = self._spool() if keep else None
        self._flagged = self._spool() if keep else None
        self._similar = self._spool() if keep and fuzzy and translator.memory is not None else None

    def row(self, record: FileRecord, line: int, document: Document, answers: tuple[Hypothesis, ...]) -> None:
        """A line was answered; `line` counts from 1, `document` is its text."""
        t = self.totals
        t.lines, t.sentences, t.fillers = t.lines + 1, t.sentences + len(answers), t.fillers + (not answers)
        record.lines, record.sentences = record.lines + 1, record.sentences + len(answers)
        for segment, h in zip(document.segments, answers, strict=True):
            if self._similar is not None and h.logprob is not None:
                self._look(record.source, line, segment.text)
            if not h.flags:
                continue
            t.flags.update(h.flags)
            t.failed += h.failed
            if h.doubts:
                t.flagged += 1
                record.flagged += 1
                self._doubt(record.source, line, segment.text, h)

    def file(self, record: FileRecord, error: UserError | None) -> None:
        """A file is done, or is given up; it sent one filler for its end."""
        self.totals.files += 1
        self.totals.fillers += 1
        if error is None:
            self.totals.written += 1
        else:
            self.errors.append(error)
            record.error = str(error)
        if self._files is not None:
            self._files.write(_line({name: getattr(record, name) for name in FileRecord.__slots__}))

    def done(self) -> None:
        """Everything is written: stop the clock."""
        self.totals.seconds = time.perf_counter() - self._begun

    def counts(self) -> dict[str, int]:
        """Sentences read and their fates.

        Raises:
            MTError: when they do not add up, or the translator counted others than were given to it.
        """
        now = _numbers(self.translator.counts)
        read, *fates = (now[name] - self._before[name] for name in ("read", *FATES))
        named = dict(zip(FATES, fates, strict=True))
        named["passed_through"] -= self.totals.fillers
        manifest.check_sum(self.totals.sentences, {"given to the translator": read - self.totals.fillers}, "sentences")
        manifest.check_sum(self.totals.sentences, named, "sentences")
        return {"sentences": self.totals.sentences, **named}

    def write(self, part: PartFile, options: Mapping[str, object], output: Mapping[str, object] | None) -> None:
        """Write the report and give it its name.

        Args:
            part: the file begun for it.
            options: what was asked for.
            output: path, hash and size of the output that all files share, if there is one.

        Raises:
            OutputError: when it cannot be written.
        """
        head = self._head(options, output)
        text = manifest.json_text(head).encode("utf-8", "replace").decode("utf-8")  # as in the temporary files
        part.write(text.rstrip().removesuffix("}").rstrip())
        for name, spool in (("files", self._files), ("flagged", self._flagged), ("similar", self._similar)):
            part.write(f',\n  "{name}": [')
            for number, line in enumerate(_lines(spool)):
                part.write((",\n    " if number else "\n    ") + line.removesuffix("\n"))
            part.write("\n  ]")
        part.write("\n}\n")
        part.commit()

    def close(self) -> None:
        """Give the temporary files back."""
        self._stack.close()

    def _head(self, options: Mapping[str, object], output: Mapping[str, object] | None) -> dict[str, object]:
        t = self.totals
        return {
            "format": 1,
            "started": self._started,
            "signature": str(self.translator.signature),
            "device": self.translator.engine.device,
            "options": dict(options),
            "versions": manifest.versions(),
            "counts": {"files": t.files, "written": t.written, "lines": t.lines, **self.counts(), "flagged": t.flagged},
            "flags": dict(sorted(t.flags.items())),
            "seconds": round(t.seconds, 3),
            "sentences_per_second": round(t.speed, 2),
            "output": output,
        }

    def _look(self, source: str, line: int, sentence: str) -> None:
        """Take down what the memory has that is most like a sentence, but for itself; it is shown, and never used."""
        memory, text = self.translator.memory, normalize(sentence, self.translator.src_lang)
        found = [] if memory is None else memory.similar(text, threshold=self._fuzzy, limit=2)
        for score, record in [(score, record) for score, record in found if record.src != text][:1]:
            row = {"file": source, "line": line, "source": sentence, "similarity": round(score, 3)}
            more = {"remembered": record.src, "translation": record.hypothesis.text, "origin": record.origin}
            if self._similar is not None:
                self._similar.write(_line(row | more))

    def _doubt(self, source: str, line: int, sentence: str, h: Hypothesis) -> None:
        if self._flagged is not None:
            row = {"file": source, "line": line, "source": sentence, "translation": h.text}
            self._flagged.write(_line({**row, "flags": list(h.flags), "steps": list(h.steps)}))

    def _spool(self) -> IO[str]:
        # file names may hold bytes that are no UTF-8
        file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace", newline="\n")  # noqa: SIM115
        return self._stack.enter_context(file)


def describe(ledger: Ledger, model: str) -> list[str]:
    """What `mt translate` says at the end: sentences and their fates, flags, and how fast on what.

    Args:
        ledger: of a batch that is done.
        model: its name.
    """
    counts, t, c = ledger.counts(), ledger.totals, ledger.translator.counts
    fates = ", ".join(f"{counts[name]:,} {name.replace('_', ' ')}" for name in FATES if counts[name])
    lines = [f"{plural(t.sentences, 'sentence')}: {fates or 'none'}"]
    if t.failed or c.split:
        lines.append(
            f"{plural(t.sentences, 'sentence')}: {c.split:,} split because they were too long, {t.failed:,} flagged as failed"
        )
    if t.flags:
        lines.append("flags: " + ", ".join(f"{name} {count:,}" for name, count in t.flags.most_common()))
    device = ledger.translator.engine.device
    lines.append(f"{model} on {device}: {t.seconds:.1f} s, {t.speed:,.1f} sentences/s")
    return lines


def _numbers(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("read", *FATES)}


def _line(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"


def _lines(spool: IO[str] | None) -> Iterator[str]:
    if spool is not None:
        spool.seek(0)
        yield from spool
