"""What `mt align score` does: gold and test files matched, read, counted and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mt.bitext.beads import BeadFile, read_documents
from mt.errors import CountError, InputError, OptionError, plural
from mt.evaluate.beads import BeadCounts, BeadScores, Ids, count, score
from mt.pipeline.score import file_lines
from mt.types import Score

# What ends the name of an alignment, so that `a.ja-en.gold` and `a.ja-en.jsonl` are found to be of the same document.
_FORMATS = frozenset({".path", ".vecalign", ".ladder", ".hunalign", ".align", ".aligned", ".beads"})
_FORMATS |= frozenset({".gold", ".jsonl", ".ndjson", ".xml", ".tmx", ".tsv"})
_SUFFIXES = _FORMATS | frozenset({".txt", ".gz", ".bz2", ".xz", ".zst"})
_TYPES = 6  # types of beads that people are shown by themselves


@dataclass(frozen=True, slots=True)
class Side:
    """How one of the two is read.

    Attributes:
        path: a file, a folder of files, or a list of files.
        format: of `mt.bitext.beads.FORMATS`, or `auto`.
        base: what sentence numbers count from, 0 or 1.
    """

    path: Path
    format: str = "auto"
    base: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores, document by document too.

    Attributes:
        scores: over all documents.
        names: of the documents, in the order of their names.
        counts: statistics of each.
        unmatched: documents of the test that the gold does not have; they count for nothing.
    """

    scores: BeadScores
    names: tuple[str, ...]
    counts: tuple[BeadCounts, ...]
    unmatched: tuple[str, ...] = field(default=())


def score_alignments(
    gold: Side,
    test: Side,
    *,
    lists: bool = False,
    texts: tuple[Path, Path] | None = None,
    resamples: int = 1000,
    seed: int = 12345,
) -> Scored:
    """Score one alignment, or many.

    Args:
        gold: the right one. Of a folder, files that end in `.gold` where it has such, else all that are named like alignments.
        test: the one that is judged; of a folder, files named like the gold ones but for what stands behind the name.
        lists: both paths are text files that name the files, one a line, in the same order.
        texts: sentences of both sides, one a line; needed for formats without sentence numbers, for one document.
        resamples: bootstrap samples behind the intervals; 0 = none.
        seed: of the resampling.

    Raises:
        InputError: for a file that is not what it should be, or gold documents without a test.
        CountError: for lists of different length.
        OptionError: for a format or a base that there is not.
    """
    sentences = None if texts is None else (file_lines(texts[0]), file_lines(texts[1]))
    sides = []
    for side, wanted in ((gold, True), (test, False)):
        files = _listed(side.path) if lists else _found(side.path, gold=wanted)
        try:
            sides.append(_documents(side, files, sentences))
        except OptionError as e:
            raise OptionError(f"{'gold' if wanted else 'test'}_{e.key}", e.expected, e.found) from None
    golds, tests = sides
    if lists and len(golds) != len(tests):
        raise CountError(test.path, len(tests), gold.path, len(golds), "file")
    if lists or len(golds) == len(tests) == 1:
        tests = dict(zip(golds, tests.values(), strict=True))
    if missing := [name for name in golds if name not in tests]:
        some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        expected = f"an alignment of each of the {plural(len(golds), 'document')} of {gold.path}"
        raise InputError(test.path, expected, f"none of {some} ({len(missing):,} missing)")
    sizes = None if sentences is None else (len(sentences[0]), len(sentences[1]))
    counts = [count(_ids(golds[name]), _ids(tests[name]), sizes) for name in golds]
    extra = tuple(name for name in tests if name not in golds)
    return Scored(score(counts, resamples=resamples, seed=seed), tuple(golds), tuple(counts), extra)


def score_record(scored: Scored) -> dict[str, object]:
    """The same for machines; values in percent."""
    counts = scored.scores.counts
    return {
        "unit": "percent",
        "scores": [
            {"name": s.name, "value": s.value, "low": s.low, "high": s.high, "signature": str(s.signature)}
            for s in scored.scores.scores
        ],
        "types": {name: {"found": found, "gold": wanted} for name, (found, wanted) in counts.types.items()},
        "counts": _count_record(counts),
        "documents": [
            {"name": name, "counts": _count_record(c), "strict_f1": score([c], resamples=0)["strict F1"].value}
            for name, c in zip(scored.names, scored.counts, strict=True)
        ],
        "unmatched": list(scored.unmatched),
    }


def score_lines(scored: Scored) -> list[str]:
    """The same for people: a line a measure, a line of the bead types, what the numbers are of."""
    by_name = {s.name: s for s in scored.scores.scores}
    counts = scored.scores.counts
    lines = [f"{'percent':<15}{'P':>7}{'R':>7}{'F1':>7}"]
    for name in ("strict", "lax", "null bead", "null sentence"):
        if f"{name} F1" in by_name:
            p, r, f = (by_name[f"{name} {part}"] for part in ("P", "R", "F1"))
            lines.append(f"{name:<15}{p.value:7.1f}{r.value:7.1f}{f.value:7.1f}{_interval(f)}")
        else:
            lines.append(f"{name:<15}{'–':>7}{'–':>7}{'–':>7}  none in either")
    shown = sorted(counts.types.items(), key=lambda item: (-item[1][1], item[0]))
    few, rare = shown[:_TYPES], shown[_TYPES:]
    if rare:
        few.append(("others", (sum(f for _, (f, _) in rare), sum(w for _, (_, w) in rare))))
    lines.append("found by type  " + "  ".join(f"{name}: {f:,} of {w:,} ({100 * f / w:.0f} %)" for name, (f, w) in few))
    beads = f"{plural(sum(wanted for _, wanted in counts.types.values()), 'bead')} in the gold, {counts.precision[1]:,} in the test"
    lines.append(f"{plural(scored.scores.documents, 'document')}, {beads}  {by_name['strict F1'].signature}")
    if scored.unmatched:
        lines.append(f"left out, not in the gold: {', '.join(scored.unmatched)}")
    return lines


def _interval(s: Score) -> str:
    return "" if s.low is None or s.high is None else f"  [{s.low:.1f}, {s.high:.1f}]"


def _count_record(counts: BeadCounts) -> dict[str, list[int]]:
    return {
        "precision": list(counts.precision),
        "recall": list(counts.recall),
        "null_beads": list(counts.null_beads),
        "null_sentences": list(counts.null_sentences),
    }


def _ids(file: BeadFile) -> list[Ids]:
    return [(row.src, row.tgt) for row in file.rows]


def _documents(
    side: Side, files: Sequence[Path], sentences: tuple[Sequence[str], Sequence[str]] | None
) -> dict[str, BeadFile]:
    """Name of the document → its alignment, in the order of the files."""
    found: dict[str, BeadFile] = {}
    for path in files:
        parts = read_documents(path, format=side.format, base=side.base, sentences=sentences)
        for part in parts:
            name = _stem(path) if len(parts) == 1 else " ".join(part.names or ())
            if name in found:
                raise InputError(path, "one alignment a document", f"a second one of {name}")
            found[name] = part
    return found


def _found(path: Path, *, gold: bool) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(
        p for p in path.iterdir() if p.is_file() and not p.name.startswith(".") and _FORMATS.intersection(p.suffixes)
    )
    marked = [p for p in files if ".gold" in p.suffixes]
    chosen = marked or files if gold else [p for p in files if p not in marked] or files
    if not chosen:
        raise InputError(path, "files that are named like alignments (.gold, .path, .jsonl …)", "none")
    return chosen


def _listed(path: Path) -> list[Path]:
    return [Path(line.strip()) for line in file_lines(path) if line.strip()]


def _stem(path: Path) -> str:
    name = path.name
    while (suffix := Path(name).suffix) in _SUFFIXES and name != suffix:
        name = name.removesuffix(suffix)
    return name
