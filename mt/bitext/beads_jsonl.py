"""Alignments as JSON lines: everything an alignment knows, a bead a line, and a bitext that `read_pairs` reads as it is.

A record holds `id`, the joined texts `src` and `tgt`, `src_ids` and `tgt_ids` (sentence numbers), `src_sentences` and `tgt_sentences`,
`score` (higher is better), `probability`, and where they are known `status`, `links` (spans of `src` and `tgt`: [[[0, 2], [4, 7]], …], or
numbers of `src_tokens` and `tgt_tokens`), `src_doc` and `tgt_doc`, `origin` (how the alignment was made) and `translations` (probability that
the documents are translations). Readers need `src_ids` and `tgt_ids` only, and skip keys they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.bitext.beads_row import Row, Sheet, row_at
from mt.errors import InputError
from mt.types import Links

Lines = Iterable[tuple[int, str]]
Sentences = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one pair of documents; sentences where the records hold them all."""

    names: tuple[str, str] | None
    rows: list[Row]
    sentences: Sentences | None
    translations: float | None
    origin: str | None


def read(path: Path, lines: Lines, base: int) -> list[Part]:
    """Parts of the file by their documents, in the order they begin.

    Raises:
        InputError: naming the line that is no such record.
    """
    parts: dict[tuple[str, str] | None, tuple[list[Row], list[Mapping[str, Any]]]] = {}
    for line, text in lines:
        record = _record(path, line, text)
        names = (record.get("src_doc"), record.get("tgt_doc"))
        key = names if all(isinstance(name, str) for name in names) else None
        rows, records = parts.setdefault(key, ([], []))  # type: ignore[arg-type]
        rows.append(_row(path, line, base, record))
        records.append(record)
    found = []
    for key, (rows, records) in parts.items():
        likely, origin = records[0].get("translations"), records[0].get("origin")
        good = isinstance(likely, int | float) and 0 <= likely <= 1
        origin = origin if isinstance(origin, str) else None
        found.append(Part(key, rows, _sentences(rows, records), likely if good else None, origin))
    return found


def write(rows: Sequence[Row], sheet: Sheet) -> Iterator[str]:
    """Records, null beads among them; numbers to six digits behind the point.

    Example:
        >>> [line] = write([Row((0,), (0,), probability=0.5)], Sheet(["猫。"], ["Cat."], names=("a", "b")))
        >>> line[:43]
        '{"id": "a:b:0", "src": "猫。", "tgt": "Cat.",'
    """
    for place, row in enumerate(rows):
        src, tgt = sheet.texts(row)
        record: dict[str, object] = {
            "id": f"{sheet.names[0]}:{sheet.names[1]}:{place}",
            "src": src,
            "tgt": tgt,
            "src_ids": [n + sheet.base for n in row.src],
            "tgt_ids": [n + sheet.base for n in row.tgt],
            "src_sentences": [sheet.src[n] for n in row.src],
            "tgt_sentences": [sheet.tgt[n] for n in row.tgt],
            "score": None if row.score is None else round(row.score, 6),
            "probability": None if row.probability is None else round(row.probability, 6),
        }
        if row.status is not None:
            record["status"] = row.status
        if row.links is not None:
            record["links"] = [[list(a), list(b)] for a, b in row.links.spans]
        if sheet.origin is not None:
            record["origin"] = sheet.origin
        if sheet.translations is not None:
            record["translations"] = round(sheet.translations, 6)
        record |= {"src_doc": sheet.names[0], "tgt_doc": sheet.names[1]}
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        # half a surrogate pair has no UTF-8, and many readers take U+2028 for the end of a line
        yield (
            "".join(f"\\u{ord(c):04x}" if c in "\u2028\u2029" or "\ud800" <= c <= "\udfff" else c for c in text) + "\n"
        )


def _record(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(path, "a JSON object", repr(text[:40]), line=line) from None
    if not isinstance(record, dict):
        raise InputError(path, "a JSON object", type(record).__name__, line=line)
    return record


def _row(path: Path, line: int, base: int, record: Mapping[str, Any]) -> Row:
    ids = []
    for key in ("src_ids", "tgt_ids"):
        value = record.get(key)
        if not isinstance(value, list) or not all(type(n) is int for n in value):
            raise InputError(path, f"{key} as a list of sentence numbers", _found(record, key), line=line)
        ids.append(value)
    numbers: dict[str, float | None] = {}
    for key in ("score", "probability"):
        value = record.get(key)
        if value is not None and type(value) not in (int, float):
            raise InputError(path, f"{key} as a number or null", _found(record, key), line=line)
        numbers[key] = None if value is None else float(value)
    status = record.get("status")
    if status is not None and not isinstance(status, str):
        raise InputError(path, "status as text", _found(record, "status"), line=line)
    return row_at(
        path,
        line,
        base,
        ids,
        score=numbers["score"],
        probability=numbers["probability"],
        status=status,
        links=_links(path, line, record),
    )


def _links(path: Path, line: int, record: Mapping[str, Any]) -> Links | None:
    value = record.get("links")
    if value is None:
        return None
    src, tgt = record.get("src_tokens"), record.get("tgt_tokens")
    try:
        if src is not None and tgt is not None:  # as `mt align words` writes them: numbers of words
            value = [(src[i], tgt[j]) for i, j in value]
        spans = sorted({((int(a), int(b)), (int(c), int(d))) for (a, b), (c, d) in value})
        return Links(tuple(spans))
    except (TypeError, ValueError, LookupError):
        raise InputError(
            path, "links as [[[start, end], [start, end]], …]", _found(record, "links"), line=line
        ) from None


def _sentences(rows: Sequence[Row], records: Sequence[Mapping[str, Any]]) -> Sentences | None:
    """Both sides, where the records hold every sentence from 0 on with its text."""
    sides = []
    for ids, key in (("src", "src_sentences"), ("tgt", "tgt_sentences")):
        found: dict[int, str] = {}
        for row, record in zip(rows, records, strict=True):
            numbers, texts = getattr(row, ids), record.get(key)
            if not isinstance(texts, list) or len(texts) != len(numbers) or not all(isinstance(t, str) for t in texts):
                return None
            found |= zip(numbers, texts, strict=True)
        if sorted(found) != list(range(len(found))):
            return None
        sides.append(tuple(found[n] for n in range(len(found))))
    return sides[0], sides[1]


def _found(record: Mapping[str, Any], key: str) -> str:
    return f"{key} {json.dumps(record[key], ensure_ascii=False)[:40]}" if key in record else f"no {key}"
