"""Appraise's exports: DA+SQM (WMT22, WMT23; 9 or 11 fields), ESA and MQM (from WMT24 on; 12 fields).

    9       user, system, segment, type, source language, target language, score, start, end
    11      user, system, segment (from 1 within the document), type, source and target language, score, document, is document, start, end
    12      the same with spans before the start

Spans are JSON; their `end_i` is the last marked character and not the one behind it, `start_i` of an omission is `missing`. Errors of MQM have a
list as `error_type`, and its scores are all 0, since errors are weighted later. No file holds the texts: `human_place` finds the lines by number
and checks them. WMT22 keeps the line of heads in a file of its own; where it stands first it is passed over.
"""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mt.bitext.human import HumanFile, Judgement, Span
from mt.bitext.stream import lines
from mt.errors import InputError

FIRST = 1_000_000  # ids of campaigns that this project wrote are numbers of segments from 1 more than this (`human_appraise_out`)
_MARKED = ("#bad", "#dup", "#incomplete", "*tutorial*", "tutorial")
_HEADS = {"username", "userid", "user_id"}
_WIDTHS = {9: "9 fields (DA+SQM of segments)", 11: "11 (DA+SQM)", 12: "12 (ESA, MQM)"}
Row = tuple[int, list[str]]


def read_appraise(path: Path) -> HumanFile:
    """Judgements of segments; attention checks (`BAD`, `#bad`), repeats (`#dup`), unfinished and tutorial rows, and scores of whole documents are
    left out and counted.

    Of a document of DA+SQM in which a text was damaged as an attention check nothing counts, as in WMT23's ranking. Where one annotator judged a
    segment several times the last judgement counts, as in WMT's own tables: people change their minds.

    Raises:
        InputError: for another number of fields, a score outside 0 to 100, or damaged spans.
    """
    left_out: Counter[str] = Counter()
    found: dict[tuple[str, ...], tuple[float, Judgement]] = {}
    rows = list(_rows(path))
    width = len(rows[0][1]) if rows else 0
    typed = False
    for (number, row), reason in zip(rows, _reasons(rows), strict=True):
        if reason:
            left_out[reason] += 1
            continue
        one = _judgement(path, number, row)
        typed = typed or any(span.category for span in one.errors or ())
        key, end = (one.annotator, one.system, one.document, one.segment, *(one.langs or ())), _time(row[-1])
        if key in found:
            left_out["judged again by the same annotator"] += 1
        if key not in found or end >= found[key][0]:
            found[key] = end, one
    if not found:
        raise InputError(path, "judgements", "none")
    judgements = tuple(sorted((one for _, one in found.values()), key=lambda one: one.line))
    numbered = all(one.segment.isdecimal() and int(one.segment) > FIRST for one in judgements)
    base = FIRST + 1 if numbered else None
    if typed and not any(one.score for one in judgements):
        return HumanFile("mqm", tuple(replace(one, score=None) for one in judgements), dict(left_out), path, base)
    return HumanFile("esa" if width == 12 else "da", judgements, dict(left_out), path, base)


def parse_spans(text: str) -> tuple[Span, ...]:
    """Spans of an `error_spans` field, their ends made exclusive.

    Raises:
        ValueError: for what is no list of spans.

    Example:
        >>> parse_spans('[{"start_i": 0, "end_i": 2, "severity": "minor"}]')
        (Span(start=0, end=3, severity='minor', category='', in_source=False),)
    """
    found = json.loads(text) if text.strip() else []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("no list of spans")
    return tuple(span(one) for one in found)


def span(one: dict[str, object]) -> Span:
    """One span of Appraise or Pearmut; `missing` instead of a place gives a span without one.

    Raises:
        ValueError: for an end that is no number.
    """
    start, end = one.get("start_i"), one.get("end_i")
    severity = str(one.get("severity") or "undecided").lower()
    said = one.get("error_type") or one.get("category") or ""
    category = "/".join(map(str, said)) if isinstance(said, list) else str(said)  # ["Accuracy", "Omission"]
    if "missing" in (start, end) or start is None or end is None:
        return Span(None, None, severity, category)
    if not isinstance(start, int | str) or not isinstance(end, int | str):
        raise ValueError(f"ends of a span: {start!r}, {end!r}")
    low, high = sorted((int(start), int(end)))  # a text marked from right to left
    return Span(low, high + 1, severity, category)


def _rows(path: Path) -> Iterator[Row]:
    """Rows with the number of their line, all of one width; without heads."""
    reader = csv.reader(lines(path))
    width = 0
    try:
        for row in reader:
            if not row or (not width and row[0].strip().lower() in _HEADS):
                continue
            width = width or len(row)
            if len(row) != width or width not in _WIDTHS:
                expected = f"{width} fields" if width in _WIDTHS else ", ".join(_WIDTHS.values())
                raise InputError(path, expected, str(len(row)), line=reader.line_num)
            yield reader.line_num, row
    except csv.Error as e:
        raise InputError(path, "CSV", str(e), line=reader.line_num) from None


def _judgement(path: Path, number: int, row: list[str]) -> Judgement:
    system, document = row[1].strip(), row[7].strip() if len(row) > 9 else ""
    if document.endswith(mark := "#" + system.partition(".")[2]) or document.endswith(mark := "#" + system):
        document = document[: -len(mark)] if len(mark) > 1 else document  # `pa.35733#ONLINE-Y` of `wmt23.ONLINE-Y`
    return Judgement(
        system,
        row[0].strip(),
        row[2].strip(),
        document,
        _score(path, number, row[6]),
        _spans(path, number, row[9]) if len(row) == 12 else None,
        seconds=_seconds(row[-2], row[-1]),
        line=number,
        langs=(row[4].strip(), row[5].strip()),
        utf16=True,
    )


def _reasons(rows: Iterable[Row]) -> list[str]:
    """Why a row is no judgement, or an empty string.

    A damaged copy of a document stands in a block of its own, ended by the score of the document or by another document; its other texts are the
    same as elsewhere, and are judged twice.
    """
    found: list[str] = []
    block: list[int] = []
    last: tuple[str, ...] = ()
    for n, (_, row) in enumerate(rows):
        found.append(_reason(row))
        key = (row[0], row[1], row[7]) if len(row) == 11 else ()
        if key != last:
            block = []
        block.append(n)
        if key and any(found[k] == "BAD" for k in block):
            for k in block:
                found[k] = found[k] or "in a document with an attention check"
        last = () if found[n] == "score of a document" else key
    return found


def _reason(row: list[str]) -> str:
    kind = row[3].strip()
    if kind != "TGT":
        return kind or "no type"
    if len(row) > 9 and row[8].strip().lower() == "true":
        return "score of a document"
    ids = " ".join((row[1], row[7] if len(row) > 9 else "")).lower()
    return next((mark.strip("*") for mark in _MARKED if mark in ids), "")


def _spans(path: Path, line: int, text: str) -> tuple[Span, ...]:
    try:
        return parse_spans(text)
    except (ValueError, TypeError) as e:
        raise InputError(path, "a JSON list of spans", f"{text[:60]!r} ({e})", line=line) from None


def _score(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise InputError(path, "a score from 0 to 100", repr(text), line=line)
    return value


def _seconds(start: str, end: str) -> float | None:
    value = _time(end) - _time(start)
    return value if 0 <= value < math.inf else None


def _time(text: str) -> float:
    """Seconds since 1970; NaN where the file has something else."""
    try:
        return float(text)
    except ValueError:
        return math.nan
