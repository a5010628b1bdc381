"""What `mt align` does: pairs of files → alignments, a record of each, and counts that add up."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from mt.align.choose import Choice
from mt.bitext.beads import PAIR_FORMATS, BeadFile, Written, origins, person_made, read_beads, to_alignment, write_beads
from mt.errors import ConfigError, InputError, OptionError, UserError, plural
from mt.files import make_directory, sha256_file, write_text
from mt.pipeline import manifest
from mt.pipeline.align_match import ENDINGS, Matched, document_name, match
from mt.pipeline.align_text import Kind, Text, read_texts
from mt.pipeline.align_warnings import warnings
from mt.pipeline.aligner import Aligner
from mt.protocols import Progress, Silent
from mt.types import Alignment, Bead, check_range

DOUBT = 0.5  # probability of being translations under which a verdict says that they are none


@dataclass(frozen=True, slots=True)
class Output:
    """Where alignments go, and in what form.

    Attributes:
        format: one of `mt.bitext.beads.FORMATS`.
        base: what sentence numbers count from, 0 or 1.
        min_probability: pairs below it are left out of the formats that hold pairs only, and counted; 0 to 1.
        sentences: a folder for the sentences of both sides, one a line; None = they are not written.
    """

    format: str = "tsv"
    base: int = 0
    min_probability: float = 0.0
    sentences: Path | None = None

    def __post_init__(self) -> None:
        """Raises OptionError for a number out of range, ConfigError for a threshold that the format would not honour."""
        check_range("min_probability", self.min_probability, 0, 1)
        if self.min_probability and self.format not in PAIR_FORMATS:
            kinds = " or ".join(sorted(PAIR_FORMATS))
            raise ConfigError("--min-probability", f"--format {kinds}, which hold pairs only", self.format)


@dataclass(frozen=True, slots=True)
class Job:
    """A pair of files; `out` None = standard output; `fixed` = a person's beads of it."""

    name: str
    src: Path
    tgt: Path
    out: Path | None = None
    fixed: Path | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A pair that is aligned and written."""

    job: Job
    src: Text
    tgt: Text
    alignment: Alignment
    choice: Choice
    written: Written
    fixed: int = 0
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises MTError where a sentence has no fate, or two."""
        for text, fates in ((self.src, self.fates(0)), (self.tgt, self.fates(1))):
            manifest.check_sum(len(text.side), fates, f"{text.path}: sentences")

    def fates(self, side: int) -> dict[str, int]:
        """Sentences of one side by what became of them."""
        beads = [(bead.src, bead.tgt) for bead in self.alignment.beads]
        return {
            "aligned": sum(len(pair[side]) for pair in beads if all(pair)),
            "alone": sum(len(pair[side]) for pair in beads if not all(pair)),
        }

    @property
    def verdict(self) -> str | None:
        """One line where the documents do not look like translations of each other."""
        likely = self.alignment.translations
        if likely is None or likely >= DOUBT:
            return None
        return f"{self.src.path} and {self.tgt.path} are not translations of each other (probability {likely:.2f})"

    def record(self) -> dict[str, object]:
        """For the report."""
        pairs = sum(1 for bead in self.alignment.beads if bead.src and bead.tgt)
        out = self.job.out
        return {
            "name": self.job.name,
            "src": self.src.record() | self.fates(0),
            "tgt": self.tgt.record() | self.fates(1),
            "method": self.choice.method,
            "why": self.choice.why,
            "signature": str(self.alignment.signature),
            "translations": self.alignment.translations,
            "warnings": list(self.warnings),
            "beads": len(self.alignment.beads),
            "pairs": pairs,
            "nulls": len(self.alignment.beads) - pairs,
            "fixed": self.fixed,
            "written": self.written.written,
            "left_out": {"nulls": self.written.nulls, "below min_probability": self.written.doubtful},
            "output": None
            if out is None
            else {"path": str(out), "sha256": sha256_file(out), "bytes": out.stat().st_size},
        }


@dataclass(slots=True)
class Report:
    """Everything that was done, or could not be."""

    done: list[dict[str, object]] = field(default_factory=list)
    failed: list[tuple[Job, UserError]] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    matched: Matched | None = None
    jobs: int = 0

    def record(self, options: dict[str, object]) -> dict[str, object]:
        """For machines.

        Raises:
            MTError: where a pair of files is in no count, or in two.
        """
        totals = self.totals()
        manifest.check_sum(self.jobs, {"aligned": len(self.done), "failed": len(self.failed)}, "pairs of files")
        lost = ((), ()) if self.matched is None else (self.matched.src_only, self.matched.tgt_only)
        return {
            "options": options,
            "versions": manifest.versions(),
            "totals": totals,
            "documents": self.done,
            "failed": [{"name": job.name, "error": str(error)} for job, error in self.failed],
            "without_partner": {"src": list(map(str, lost[0])), "tgt": list(map(str, lost[1]))},
        }

    def totals(self) -> dict[str, int]:
        """Sums over the pairs of files."""
        keys = ("beads", "pairs", "nulls", "fixed", "written")
        sums = {key: sum(_number(one[key]) for one in self.done) for key in keys}
        lost = 0 if self.matched is None else len(self.matched.src_only) + len(self.matched.tgt_only)
        return {"documents": len(self.done), "failed": len(self.failed), "without_partner": lost, **sums}


def align_files(
    jobs: Sequence[Job],
    aligner: Aligner,
    output: Output,
    *,
    langs: tuple[str | None, str | None] = (None, None),
    kind: Kind = "auto",
    stream: TextIO | None = None,
    matched: Matched | None = None,
    progress: Progress | None = None,
    told: Callable[[Done], None] = lambda done: None,
) -> Report:
    """Align pairs of files and write each; one that fails is recorded and the others go on, unless it is the only one.

    Args:
        jobs: pairs of files.
        aligner: the method.
        output: format and thresholds.
        langs: of the sides; None = by script.
        kind: how files are read, see `mt.pipeline.align_text.read_text`.
        stream: where alignments without a place of their own go.
        matched: what folders had, for the report.
        progress: told of pairs of files.
        told: called with every pair that is done.

    Raises:
        UserError: of the only job.
    """
    progress, report = progress or Silent(), Report(matched=matched, jobs=len(jobs))
    several = len(jobs) > 1
    if several:
        progress.stage("aligning", len(jobs), "pair")
    for job in jobs:
        try:
            done = _one(job, aligner, output, langs, kind, stream, Silent() if several else progress)
        except UserError as e:
            if not several:
                raise
            report.failed.append((job, e))
        else:
            report.done.append(done.record())
            report.warnings += done.warnings
            if done.verdict:
                report.verdicts.append(done.verdict)
            told(done)
        if several:
            progress.advance(1)
    return report


def _one(  # noqa: PLR0917
    job: Job,
    aligner: Aligner,
    output: Output,
    langs: tuple[str | None, str | None],
    kind: Kind,
    stream: TextIO | None,
    progress: Progress,
) -> Done:
    src, tgt = read_texts((job.src, job.tgt), langs, kind)
    fixed = [] if job.fixed is None else fixed_beads(job.fixed, src, tgt)
    ids = (job.src.name, job.tgt.name)
    try:
        alignment, choice = aligner.align(src.side, tgt.side, fixed=fixed, ids=ids, progress=progress)
    except OptionError as e:  # of these two documents, not of all
        option = {"hard": "--hard-boundaries"}.get(e.key, f"--{e.key.replace('_', '-')}")
        raise ConfigError(f"{option} for {src.path} and {tgt.path}", e.expected, e.found) from None
    out = job.out if job.out is not None else stream
    if out is None:
        raise ConfigError("--output", "a place for the alignment", "none")
    written = write_beads(
        out,
        alignment,
        src.side.sentences,
        tgt.side.sentences,
        format=output.format,
        base=output.base,
        langs=(src.side.lang, tgt.side.lang),
        min_probability=output.min_probability,
    )
    if output.sentences is not None:
        for text in (src, tgt):
            name = f"{job.name}.{text.side.lang}.txt"
            write_text(output.sentences / name, "".join(f"{_line(s)}\n" for s in text.side.sentences))
    told = warnings(src, tgt, headings=aligner.config.options.chapters)
    return Done(job, src, tgt, alignment, choice, written, len(fixed), tuple(told))


def fixed_beads(path: Path, src: Text, tgt: Text) -> list[Bead]:
    """Beads that a person made or confirmed (status `man`, or every bead of a file without a status), from any alignment format.

    Raises:
        InputError: for a file of other sentences, or beads that overlap or cross.
    """
    sentences = (src.side.sentences, tgt.side.sentences)
    file = read_beads(path, sentences=sentences, langs=(src.side.lang, tgt.side.lang))
    if file.sentences is not None and file.sentences != sentences:
        raise InputError(path, f"the sentences of {src.path} and {tgt.path}", "others: they are split in another way")
    made = person_made(file)
    chosen = BeadFile(made, file.format, file.score_is, file.names, file.sentences, file.path)
    alignment = to_alignment(chosen, len(src.side), len(tgt.side))
    return [
        Bead(bead.src, bead.tgt, bead.score, 1.0)
        for bead, row in zip(alignment.beads, origins(chosen, alignment), strict=True)
        if row is not None
    ]


def format_of(asked: str, out: Path | None) -> str:
    """The format that `auto` means: by the name of the output, else tab-separated pairs.

    Example:
        >>> format_of("auto", Path("a.jsonl")), format_of("auto", None), format_of("tmx", None)
        ('jsonl', 'tsv', 'tmx')
    """
    if asked != "auto":
        return asked
    named = {} if out is None else {ending: name for name, ending in ENDINGS.items() if out.name.endswith(ending)}
    # `.pairs.tsv` ends in `.tsv` too
    return named[max(named, key=len)] if named else "tsv"


def plan(
    src: Path,
    tgt: Path,
    output: Output,
    *,
    out: Path | None = None,
    out_dir: Path | None = None,
    fixed: Path | None = None,
    langs: tuple[str | None, str | None] = (None, None),
    glob: str = "**/*",
) -> tuple[list[Job], Matched | None]:
    """The pairs of files that two paths mean, and where their alignments go.

    Args:
        src: a file, or a folder.
        tgt: the same.
        output: its format gives the names of `out_dir` their ending.
        out: of a pair of files.
        out_dir: a folder for any number; needed for folders.
        fixed: a file, or a folder of files named like the documents, not all of which must have one.
        langs: see `mt.pipeline.align_match.match`.
        glob: which files of folders.

    Raises:
        UserError: where the paths and the places do not go together.
    """
    if not (src.is_dir() or tgt.is_dir()):
        name = document_name(src)[0]
        if out_dir is not None:
            out = out_dir / (name + ENDINGS[output.format])
        if out is not None and out.resolve() in (src.resolve(), tgt.resolve()):
            raise ConfigError("--output", "a file that is no input", str(out))
        return [Job(name, src, tgt, out, fixed)], None
    if out_dir is None:
        raise ConfigError("--out-dir", "a folder for the alignments of folders", "none")
    if fixed is not None and not fixed.is_dir():
        raise ConfigError(
            "--fixed", "a folder of files named like the documents, as SRC and TGT are folders", str(fixed)
        )
    found = match(src, tgt, langs, glob)
    make_directory(out_dir)
    jobs = [
        Job(name, a, b, out_dir / (name + ENDINGS[output.format]), _fixed_of(fixed, name)) for name, a, b in found.pairs
    ]
    return jobs, found


def _fixed_of(folder: Path | None, name: str) -> Path | None:
    if folder is None:
        return None
    places = [folder / (name + ending) for ending in (".gold", *ENDINGS.values())]
    return next((place for place in places if place.is_file()), None)


def describe(done: Done) -> str:
    """One pair for people: what was read, by which method, what came of it."""
    record = done.record()
    sides = " and ".join(
        f"{plural(len(text.side), 'sentence')} ({text.side.lang}{'' if text.known else ' by its script'}, {text.kind})"
        for text in (done.src, done.tgt)
    )
    return (
        f"{sides} by {done.choice.method} ({done.choice.why}): {record['pairs']:,} pairs, "
        f"{plural(_number(record['nulls']), 'null bead')}; {_written(done.written.written, done.written.nulls, done.written.doubtful)}"
    )


def summary(report: Report) -> list[str]:
    """Many pairs for people: counts that add up, and files without a partner."""
    totals = report.totals()
    left = [_numbers(one["left_out"]) for one in report.done]
    nulls, doubtful = (sum(row[k] for row in left) for k in (0, 1))
    lines = [
        f"{totals['documents']:,} of {plural(report.jobs, 'pair')} of documents aligned: {totals['pairs']:,} pairs, "
        f"{plural(totals['nulls'], 'null bead')}; {_written(totals['written'], nulls, doubtful)}"
    ]
    lost = () if report.matched is None else (report.matched.src_only, report.matched.tgt_only)
    for side, paths in zip(("source", "target"), lost or ((), ()), strict=True):
        if paths:
            some = ", ".join(str(path) for path in paths[:5]) + (" …" if len(paths) > 5 else "")
            lines.append(f"without a partner, {plural(len(paths), f'{side} file')}: {some}")
    return lines


def _written(written: int, nulls: int, doubtful: int) -> str:
    left = [f"{nulls:,} without a partner"] if nulls else []
    left += [f"{doubtful:,} below the least probability"] if doubtful else []
    return f"{written:,} written" + (f", left out: {', '.join(left)}" if left else "")


def _numbers(counts: object) -> tuple[int, int]:
    values = list(counts.values()) if isinstance(counts, dict) else [0, 0]
    return values[0], values[1]


def report_text(report: Report, options: dict[str, object]) -> str:
    """The report as JSON."""
    return json.dumps(report.record(options), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _line(text: str) -> str:
    return " ".join(text.splitlines())


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
