"""What people judged, from the files in which WMT and its tools keep it; one judgement a segment and annotator.

    .tsv   MQM: one error a row, spans marked <v>…</v> in the text (`human_mqm`)
    .csv   DA+SQM (11 fields) and ESA (12 fields), Appraise's exports, no heads (`human_appraise`)
    .json  what Pearmut exports (`human_pearmut`)
    .rating  mt-metrics-eval's errors by segment (`human_rating`)

Judgements come with other numbers than lines: `placed` joins them to the lines of a test set by their text, since ids were off by one, shuffled or
counted anew in several years' files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Placed:
    """Judgements on lines.

    Attributes:
        judgements: (line of the test set from 0, judgement).
        how: `text`, `document and number`, or `number`: what they were joined by.
        lost: judgements without a place, by reason.
        base: number of the first segment where they were joined by number, else None.
    """

    judgements: tuple[tuple[int, Judgement], ...]
    how: str
    lost: Mapping[str, int]
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

        return read_pearmut(path)
    if suffix == ".rating":
        from mt.bitext.human_rating import read_ratings

        return read_ratings(path)
    raise InputError(path, ".tsv (MQM), .csv (ESA, DA+SQM), .json (Pearmut) or .rating", suffix or "no suffix")


def placed(
    judgements: Sequence[Judgement],
    systems: Mapping[str, Sequence[str]],
    *,
    src: Sequence[str] | None = None,
    documents: Sequence[str] | None = None,
    base: int | None = None,
) -> Placed:
    """Join judgements to the lines of a test set.

    By text where the file has texts: line whose system text is the same but for white space, and where several are, the one with the same source
    and document, then the first not taken by the same annotator. Without texts by number: within the document if that names a line under one of
    the bases 0 and 1 for all judgements, else within the set, checked by document names and by the ends of spans.

    Args:
        judgements: of a file.
        systems: what systems wrote, one string a line, by name; a system's name may have WMT's number behind it (`XMU.10`).
        src: the source, one string a line.
        documents: name of each line's document.
        base: number of the first segment, where the file's maker says it; None = found out.

    Raises:
        InputError: where numbers fit the lines under both bases or under none.
    """
    lost: dict[str, int] = defaultdict(int)
    known: list[Judgement] = []
    for one in judgements:
        name = one.system if one.system in systems else one.system.rpartition(".")[0]
        if name in systems:
            known.append(one if one.system == name else replace(one, system=name))
        else:
            lost[f"system {one.system} is not among those evaluated"] += 1
    if not known:
        return Placed((), "text", dict(lost))
    if any(one.tgt for one in known):  # an empty text is a text, where others have one
        found = _by_text(known, systems, src, documents, lost)
        return Placed(tuple(found), "text", dict(lost))
    first, how, found = _by_number(known, systems, documents, (0, 1) if base is None else (base,))
    return Placed(tuple(found), how, dict(lost), first)


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


def _by_text(
    known: Sequence[Judgement],
    systems: Mapping[str, Sequence[str]],
    src: Sequence[str] | None,
    documents: Sequence[str] | None,
    lost: dict[str, int],
) -> list[tuple[int, Judgement]]:
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for name in {one.system for one in known}:
        for n, text in enumerate(systems[name]):
            places[name, _plain(text)].append(n)
    taken: set[tuple[str, str, int]] = set()
    found = []
    for one in known:
        hits = places.get((one.system, _plain(one.tgt)), [])
        for stream, own in ((src, one.src), (documents, one.document)):
            if len(hits) > 1 and stream is not None and own:
                hits = [n for n in hits if n < len(stream) and _plain(stream[n]) == _plain(own)] or hits
        place = next((n for n in hits if (one.system, one.annotator, n) not in taken), None)
        if place is None:
            lost["its text is not among the system's" if not hits else "judged twice by one annotator"] += 1
            continue
        taken.add((one.system, one.annotator, place))
        found.append((place, one))
    return found


def _by_number(
    known: Sequence[Judgement],
    systems: Mapping[str, Sequence[str]],
    documents: Sequence[str] | None,
    bases: Sequence[int],
) -> tuple[int, str, list[tuple[int, Judgement]]]:
    numbers = []
    for one in known:
        if not (one.segment.isascii() and one.segment.isdigit() and len(one.segment) < 10):
            raise InputError("judgements", "numbers as ids of segments", repr(one.segment), line=one.line)
        numbers.append(int(one.segment))
    starts: dict[str, int] = {}
    sizes: dict[str, int] = defaultdict(int)
    for n, name in enumerate(documents or ()):
        starts.setdefault(name, n)
        sizes[name] += 1
    ways: list[tuple[int, str, list[tuple[int, Judgement]]]] = []
    for base in bases:
        inside = [
            (starts[one.document] + n - base, one)
            for n, one in zip(numbers, known, strict=True)
            if one.document in starts and 0 <= n - base < sizes[one.document]
        ]
        whole = [(n - base, one) for n, one in zip(numbers, known, strict=True)]
        for how, pairs in (("document and number", inside), ("number", whole)):
            if len(pairs) == len(known) and all(_fits(n, one, systems, documents) for n, one in pairs):
                ways.append((base, how, pairs))
    if len({tuple(n for n, _ in pairs) for _, _, pairs in ways}) != 1:
        said = "none" if not ways else "several (" + ", ".join(f"{how} from {base}" for base, how, _ in ways) + ")"
        raise InputError("judgements", "one way of counting segments under which documents and spans fit", said)
    return ways[0]


def _fits(n: int, one: Judgement, systems: Mapping[str, Sequence[str]], documents: Sequence[str] | None) -> bool:
    own = systems[one.system]
    if not 0 <= n < len(own) or (documents is not None and one.document and documents[n] != one.document):
        return False
    return all(span.end is None or span.in_source or span.end <= len(own[n]) for span in one.errors or ())


def _even(path: Path, rows: Sequence[Sequence[str]]) -> None:
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(path, f"{len(rows[0])} fields", str(len(row)), line=number)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _number(path: Path, line: int, word: str) -> float:
    import math

    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(path, "a number", repr(word), line=line)
    return value
