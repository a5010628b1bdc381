"""What people judged, from the files in which WMT and its tools keep it; one judgement a segment and annotator.

    .tsv   MQM: one error a row, spans marked <v>…</v> in the text (`human_mqm`)
    .csv   DA+SQM (11 fields, or 9 without documents) and ESA or MQM (12 fields), Appraise's exports (`human_appraise`)
    .json  what Pearmut exports (`human_pearmut`)
    .jsonl WMT24's and WMT25's files of texts with all their judgements (`human_wmt`), or Pearmut's
    .rating  mt-metrics-eval's errors by segment (`human_rating`)

Judgements come with other numbers than lines: `human_place` joins them to the lines of a test set by their text, since ids were off by one,
shuffled or counted anew in several years' files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mt.bitext.stream import lines
from mt.bitext.testsets import check_size
from mt.errors import InputError

Protocol = Literal["mqm", "esa", "da"]


@dataclass(frozen=True, slots=True)
class Span:
    """A marked error.

    Attributes:
        start: first character, from 0; None where the error has no place (an omission).
        end: last character + 1 (exclusive, as in mt-metrics-eval; Pearmut's and Appraise's own files count the last character in); None likewise.
        severity: in lower case: `neutral`, `minor`, `major`, `critical`, `undecided`.
        category: as the file has it, e.g. `Fluency/Punctuation`.
        in_source: the span is of the source.

    Raises:
        ValueError: for one end without the other, or an end before its start.
    """

    start: int | None
    end: int | None
    severity: str
    category: str = ""
    in_source: bool = False

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise ValueError("a span has both ends or none")
        if self.start is not None and self.end is not None and not 0 <= self.start <= self.end:
            raise ValueError(f"span: expected 0 <= start <= end, found {self.start} and {self.end}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One annotator's word on one segment of one system.

    Attributes:
        system: its name.
        annotator: a name or code.
        segment: the file's own id of the segment.
        document: its name, or empty.
        score: 0 to 100, higher is better; None for MQM, whose errors are weighted later.
        errors: marked errors; None = the protocol has none.
        src: the source, or empty where the file has no texts.
        tgt: the system's text, or empty.
        seconds: the time it took, or None.
        line: of the file, from 1.
        langs: codes of source and target as the file has them (`eng`, `jpn`), or None.
        utf16: ends of spans count UTF-16 units, as a browser does: a 😀 is two; `human_place` makes characters of them.
    """

    system: str
    annotator: str
    segment: str
    document: str = ""
    score: float | None = None
    errors: tuple[Span, ...] | None = None
    src: str = ""
    tgt: str = ""
    seconds: float | None = None
    line: int = 0
    langs: tuple[str, str] | None = None
    utf16: bool = False


@dataclass(frozen=True, slots=True)
class HumanFile:
    """A file of judgements.

    Attributes:
        protocol: how was judged.
        judgements: in the order of the file.
        left_out: rows that are no judgement, by reason, e.g. `BAD` (attention checks), `tutorial`.
        path: where it was read.
        base: number of the first segment of the set in its ids, where the format says it; None = `placed` finds out.
    """

    protocol: Protocol
    judgements: tuple[Judgement, ...]
    left_out: Mapping[str, int]
    path: Path
    base: int | None = None


def read_human(path: Path) -> HumanFile:
    """Judgements of a file, its format seen from name and heads.

    Raises:
        InputError: for a file of another kind, or a damaged row.
    """
    check_size(path)
    suffix = path.suffix.lower()
    if suffix == ".tsv":
        from mt.bitext.human_mqm import read_mqm

        return read_mqm(path)
    if suffix == ".csv":
        from mt.bitext.human_appraise import read_appraise

        return read_appraise(path)
    if suffix in {".json", ".jsonl"}:
        from mt.bitext.human_pearmut import read_pearmut
        from mt.bitext.human_wmt import is_wmt, read_wmt

        return read_wmt(path) if is_wmt(path) else read_pearmut(path)
    if suffix == ".rating":
        from mt.bitext.human_rating import read_ratings

        return read_ratings(path)
    raise InputError(path, ".tsv (MQM), .csv (ESA, DA+SQM), .json (Pearmut) or .rating", suffix or "no suffix")


def system_scores(path: Path) -> dict[str, dict[str, float]]:
    """WMT's table of systems (`RAW.SCR Z.SCR N SYS N.ALL`): `z` and `raw` → system → score.

    z is each annotator's scores less their mean, over their standard deviation: raw means depend on who judged (in WMT21 two identical
    submissions have raw 67.8 and 63.5, z .033 and .025). WMT's number behind a name is taken off.

    Raises:
        InputError: for another table.
    """
    rows = [line.split() for line in lines(path)]
    if not rows or not {"SYS", "Z.SCR", "RAW.SCR"} <= set(rows[0]):
        raise InputError(path, "heads RAW.SCR, Z.SCR, SYS", " ".join(rows[0])[:60] if rows else "an empty file")
    found: dict[str, dict[str, float]] = {"z": {}, "raw": {}}
    _even(path, rows)
    names = plain_names(row[rows[0].index("SYS")] for row in rows[1:])
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(rows[0], row, strict=True))
        for name, key in (("z", "Z.SCR"), ("raw", "RAW.SCR")):
            found[name][names[cells["SYS"]]] = _number(path, number, cells[key])
    return found


def segment_scores(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """WMT's table of segments (`SYS SID RAW.SCR Z.SCR N`): `z` and `raw` → system → id → score.

    The ids are the same for all systems, but are not line numbers of the published texts: never join them by row.

    Raises:
        InputError: for another table, or an id twice for one system.
    """
    rows = [line.split() for line in lines(path)]
    if not rows or rows[0][:4] != ["SYS", "SID", "RAW.SCR", "Z.SCR"]:
        raise InputError(path, "heads SYS SID RAW.SCR Z.SCR", " ".join(rows[0])[:60] if rows else "an empty file")
    found: dict[str, dict[str, dict[str, float]]] = {"z": {}, "raw": {}}
    _even(path, rows)
    names = plain_names(row[0] for row in rows[1:])
    for number, row in enumerate(rows[1:], 2):
        for name, place in (("z", 3), ("raw", 2)):
            own = found[name].setdefault(names[row[0]], {})
            if row[1] in own:
                raise InputError(path, f"segment {row[1]} of {row[0]} once", "twice", line=number)
            own[row[1]] = _number(path, number, row[place])
    return found


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """Systems' names → the same without the numbers that WMT's tables put behind them; untouched unless every name has one.

    Example:
        >>> plain_names(["Facebook-AI.4", "XMU.10"]), plain_names(["gpt-3.5", "XMU"])
        ({'Facebook-AI.4': 'Facebook-AI', 'XMU.10': 'XMU'}, {'gpt-3.5': 'gpt-3.5', 'XMU': 'XMU'})
    """
    parts = {name: name.rpartition(".") for name in names}
    numbered = all(stem and number.isdigit() for stem, _, number in parts.values())
    return {name: stem if numbered else name for name, (stem, _, _) in parts.items()}


def _even(path: Path, rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(path, f"{len(rows[0])} fields", str(len(row)), line=number)


def _number(path: Path, line: int, word: str) -> float:
    import math

    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(path, "a number", repr(word), line=line)
    return value
