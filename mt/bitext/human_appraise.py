"""Appraise's exports without heads: DA+SQM (WMT23, 11 fields) and ESA (WMT24, 12 fields).

    DA+SQM  user, system, segment (from 1 within the document), type, source language, target language, score, document, is document, start, end
    ESA     user, system, segment, type, source language, target language, score, document, is document, spans, start, end

Spans are JSON; their `end_i` is the last marked character and not the one behind it, `start_i` of an omission is `missing`. Neither file holds
the texts: `human.placed` finds the lines by number and checks them.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path

from mt.bitext.human import HumanFile, Judgement, Span
from mt.bitext.stream import lines
from mt.errors import InputError

FIRST = 1_000_000  # ids of campaigns that this project wrote are numbers of segments from 1 more than this (`human_appraise_out`)
_MARKED = ("#bad", "#dup", "#incomplete", "*tutorial*", "tutorial")


def read_appraise(path: Path) -> HumanFile:
    """Judgements of segments; attention checks (`BAD`, `#bad`), repeats (`#dup`), unfinished and tutorial rows, and scores of whole documents are
    left out and counted.

    Raises:
        InputError: for another number of fields, a score outside 0 to 100, or damaged spans.
    """
    judgements: list[Judgement] = []
    left_out: dict[str, int] = {}
    width = 0
    for number, row in _rows(path):
        width = width or len(row)
        if len(row) != width or width not in {11, 12}:
            expected = f"{width} fields" if width in {11, 12} else "11 fields (DA+SQM) or 12 (ESA)"
            raise InputError(path, expected, str(len(row)), line=number)
        reason = _reason(row)
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        errors = _spans(path, number, row[9]) if width == 12 else None
        judgements.append(
            Judgement(
                row[1].strip(),
                row[0].strip(),
                row[2].strip(),
                row[7].strip(),
                _score(path, number, row[6]),
                errors,
                seconds=_seconds(row[-2], row[-1]),
                line=number,
            )
        )
    if not judgements:
        raise InputError(path, "judgements", "none")
    numbered = all(one.segment.isdecimal() and int(one.segment) > FIRST for one in judgements)
    return HumanFile("esa" if width == 12 else "da", tuple(judgements), left_out, path, FIRST + 1 if numbered else None)


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
    category = str(one.get("error_type") or one.get("category") or "")
    if "missing" in (start, end) or start is None or end is None:
        return Span(None, None, severity, category)
    if not isinstance(start, int | str) or not isinstance(end, int | str):
        raise ValueError(f"ends of a span: {start!r}, {end!r}")
    low, high = sorted((int(start), int(end)))  # a text marked from right to left
    return Span(low, high + 1, severity, category)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines(path))
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as e:
        raise InputError(path, "CSV", str(e), line=reader.line_num) from None


def _reason(row: list[str]) -> str:
    kind = row[3].strip()
    if kind != "TGT":
        return kind or "no type"
    if row[8].strip().lower() == "true":
        return "score of a document"
    ids = " ".join((row[1], row[7])).lower()
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
    try:
        value = float(end) - float(start)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None
