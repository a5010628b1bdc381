"""Piles of sentences and of documents: lines or JSON lines in, compressed or not; scored pairs and matched documents out as tab-separated text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.bitext import stream
from mt.errors import InputError

JSON_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as a file holds it.

    Attributes:
        id: unique in its file.
        url: an address or a path; empty where there is none.
        text: the whole of it; None where it comes in sentences.
        sentences: None where it comes as one text.
    """

    id: str
    url: str
    text: str | None
    sentences: tuple[str, ...] | None


def is_json(path: Path) -> bool:
    """True for the name of JSON lines, compressed or not.

    Example:
        >>> is_json(Path("a.jsonl.zst")), is_json(Path("a.txt"))
        (True, False)
    """
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in _COMPRESSED]
    return bool(suffixes) and suffixes[-1] in JSON_SUFFIXES


def sentences(path: Path, field: str = "text") -> tuple[list[str], list[str]]:
    """Ids and texts of a pile of sentences.

    A line of text is a sentence, its number from 1 the id; JSON lines have an `id` (else the number counts) and the text.

    Raises:
        InputError: for what cannot be read, JSON lines that are no objects with that field, or an id that comes twice.
    """
    if not is_json(path):
        texts = list(stream.lines(path))
        return [str(number) for number in range(1, len(texts) + 1)], texts
    ids, texts = [], []
    for number, record in _records(path):
        ids.append(_id(record, number))
        texts.append(_text(record, field, path, number))
    _unique(ids, path)
    return ids, texts


def documents(path: Path) -> list[RawDocument]:
    """Documents of JSON lines: `id` (else the line's number), `url` if any, and `text` or `sentences`.

    Raises:
        InputError: for what cannot be read, an object without either, or an id that comes twice.
    """
    found = []
    for number, record in _records(path):
        url = record.get("url")
        if url is not None and not isinstance(url, str):
            raise InputError(path, "a text as url", type(url).__name__, line=number)
        parts = record.get("sentences")
        if parts is None:
            found.append(RawDocument(_id(record, number), url or "", _text(record, "text", path, number), None))
            continue
        if not isinstance(parts, list) or not all(isinstance(x, str) for x in parts):
            raise InputError(path, "a list of texts as sentences", "something else", line=number)
        found.append(RawDocument(_id(record, number), url or "", None, tuple(parts)))
    _unique([d.id for d in found], path)
    return found


def scored(rows: Iterable[tuple[float, str, str]]) -> str:
    r"""The lines that LASER's mining writes: `score<TAB>src<TAB>tgt`; line breaks and tabs inside a sentence become blanks.

    Example:
        >>> scored([(1.25, "猫", "a\tcat")])
        '1.2500\t猫\ta cat\n'
    """
    return "".join(f"{score:.4f}\t{_cell(src)}\t{_cell(tgt)}\n" for score, src, tgt in rows)


def table(rows: Iterable[Sequence[str | float | None]]) -> str:
    r"""Cells parted by tabs: numbers with four places, nothing where there is nothing.

    Example:
        >>> table([["a.ja", None, 0.5]])
        'a.ja\t\t0.5000\n'
    """
    return "".join("\t".join(_shown(cell) for cell in row) + "\n" for row in rows)


def _shown(cell: str | float | None) -> str:
    return "" if cell is None else _cell(cell) if isinstance(cell, str) else f"{cell:.4f}"


def _cell(text: str) -> str:
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\t", " ")


def _records(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(stream.lines(path), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as e:
            said = e.msg if isinstance(e, json.JSONDecodeError) else "one nested too deeply"
            raise InputError(path, "a JSON object", said, line=number) from None
        if not isinstance(record, dict):
            raise InputError(path, "a JSON object", f"a {type(record).__name__}", line=number)
        yield number, record


def _id(record: dict[str, Any], number: int) -> str:
    value = record.get("id")
    return str(number) if value is None else str(value)


def _text(record: dict[str, Any], field: str, path: Path, number: int) -> str:
    value = record.get(field)
    if not isinstance(value, str):
        found = type(value).__name__ if field in record else f"only {', '.join(record) or 'nothing'}"[:200]
        raise InputError(path, f"a text in the field {field!r}", found, line=number)
    # halves of surrogate pairs, which JSON can escape and no text holds
    return value.encode("utf-8", "replace").decode("utf-8")


def _unique(ids: list[str], path: Path) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InputError(path, "every id once", f"{one!r} twice")
        seen.add(one)
