"""Lines of text → records: tab-separated tables, Moses pairs of files, JSON lines."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from mt.bitext.read_text import sides
from mt.bitext.records import (
    BAD_COLUMNS,
    BAD_ENCODING,
    BAD_JSON,
    NO_LANGUAGE,
    TOO_LONG,
    Layout,
    Record,
    Reject,
    short,
)
from mt.bitext.stream import LONGEST_LINE, open_bytes
from mt.errors import ConfigError, CountError, InputError

Found = Iterator[Record | Reject]
Line = tuple[int, str | Reject]

_BLOCK = 1 << 20  # bytes read at a time
_MARK = b"\xef\xbb\xbf"
_SEEN = 200  # lines by which a table without told columns is judged
_NAMES = {
    "src": ("src", "source", "source_text"),
    "tgt": ("tgt", "trg", "target", "target_text", "mt"),
    "document": ("document", "doc", "doc_id", "docid", "source-document", "url"),
}
# url, url, text, text, two checksums, hash, bifixer's score, bicleaner's, collection: ParaCrawl's raw files; the sides in the order of their name
_PARACRAWL = {"src": "3", "tgt": "4", "document": "1", "bicleaner": "9"}
# JParaCrawl: host, host, probability, English, Japanese
_JPARACRAWL = {"en": "4", "ja": "5"}


def raw_lines(path: Path) -> Iterator[Line]:
    r"""Lines of a file with their numbers, as `mt.bitext.stream.lines` has them, but that a line which is not UTF-8, holds a NUL
    character or is far too long is a Reject.

    Raises:
        InputError: when the file is missing or damaged.
    """
    with open_bytes(path) as stream:
        number, rest, skipped = 0, b"", b""
        while block := stream.read(_BLOCK):
            whole = block.rfind(b"\n") + 1
            if not whole:
                rest = b"" if skipped else rest + block
                if len(rest) > 4 * LONGEST_LINE:
                    rest, skipped = b"", rest[:1000]
                continue
            chunk, rest = (rest + block[:whole] if rest else block[:whole]), block[whole:]
            if skipped:
                # the end of a line of which the beginning was thrown away
                number += 1
                yield number, Reject(number, TOO_LONG, short(skipped.decode("utf-8", "replace")))
                chunk, skipped = chunk[chunk.index(b"\n") + 1 :], b""
            if chunk:
                yield from _decoded(chunk[:-1].removeprefix(_MARK) if not number else chunk[:-1], number)
                number += chunk.count(b"\n")
        if rest:
            yield from _decoded(rest.removeprefix(_MARK) if not number else rest, number)
        elif skipped:
            yield number + 1, Reject(number + 1, TOO_LONG, short(skipped.decode("utf-8", "replace")))


def _decoded(chunk: bytes, before: int) -> Iterator[Line]:
    """Lines of whole lines without the last line feed; decoding them at once is six times as quick as one by one."""
    try:
        text = chunk.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # no text has it; UTF-16 and binary files do
        for number, line in enumerate(chunk.split(b"\n"), before + 1):
            try:
                made = line.decode("utf-8").removesuffix("\r")
            except UnicodeDecodeError:
                made = "\0"
            shown = short(line[:1000].decode("utf-8", "replace").rstrip()) if "\0" in made else ""
            yield number, Reject(number, BAD_ENCODING, shown) if "\0" in made else made
    elif "\r" in text:
        yield from enumerate((line.removesuffix("\r") for line in text.split("\n")), before + 1)
    else:
        yield from enumerate(text.split("\n"), before + 1)


def moses(src: Path, tgt: Path) -> Found:
    """Line n of one file with line n of the other.

    Raises:
        CountError: when one is longer.
    """
    for one, other in zip_longest(raw_lines(src), raw_lines(tgt)):
        if one is None or other is None:
            long, short_ = (tgt, src) if one is None else (src, tgt)
            raise CountError(short_, (other or one)[0] - 1, long, sum(1 for _ in raw_lines(long)), "line")
        (number, src_text), (_, tgt_text) = one, other
        if type(src_text) is str and type(tgt_text) is str:
            yield Record(number, src_text, tgt_text)
        else:
            yield src_text if isinstance(src_text, Reject) else tgt_text  # type: ignore[misc] # one of them is


def tsv(path: Path, layout: Layout) -> Found:
    """Rows of a table, one a line, without quotes.

    Where no columns are told, the first two hundred lines tell: a header that names both sides (`src`, `source` …, or both languages) is one;
    three columns of which the first is a number are score, source, target, as mined pairs are written; else source and target come first, and
    numbers behind them are `score`, `score2` …

    Raises:
        ConfigError: for columns that the table does not have.
    """
    found = raw_lines(path)
    head = list(islice(found, _SEEN))
    table = _Table.of(path, layout, [line for _, line in head if isinstance(line, str)])
    rows = chain(head, found)
    if table.header:
        next(rows)
    plain = table.width == 2 and (table.src, table.tgt) == (0, 1) and table.document is None and not table.numbers
    width, src, tgt = table.width, table.src, table.tgt
    for number, line in rows:
        if type(line) is not str:
            yield line  # type: ignore[misc] # a Reject
            continue
        cells = line.split("\t")
        if len(cells) != width and not (table.at_least and len(cells) > width):
            yield Reject(number, BAD_COLUMNS, short(line))
        elif plain:
            yield Record(number, cells[0], cells[1])
        else:
            yield Record(number, cells[src], cells[tgt], *table.more(cells))


class _Table:
    """Which column is what, from 0."""

    def __init__(self, columns: Mapping[str, int], width: int, *, header: bool = False, at_least: bool = False) -> None:
        self.src, self.tgt, self.document = columns["src"], columns["tgt"], columns.get("document")
        self.numbers = [(name, at) for name, at in columns.items() if name not in _NAMES]
        self.width, self.header, self.at_least = width, header, at_least

    @classmethod
    def of(cls, path: Path, layout: Layout, head: Sequence[str]) -> _Table:
        rows = [line.split("\t") for line in head]
        width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 2
        told = _told(layout)
        names = [cell.strip().strip("\ufeff").lower() for cell in rows[0]] if rows else []
        if told:
            return cls._of_told(path, told, names)
        known = _of_header(names, layout)
        if known:
            return cls({**known, **_numbers(rows[1:], len(names), known, names)}, len(names), header=True)
        if width == 3 and _share(rows, 0) > 0.9 and _share(rows, 2) < 0.5:
            return cls({"src": 1, "tgt": 2, "score": 0}, width)
        columns = {"src": 0, "tgt": 1}
        return cls({**columns, **_numbers(rows, width, columns)}, max(width, 2))

    @classmethod
    def _of_told(cls, path: Path, told: Mapping[str, str], names: Sequence[str]) -> _Table:
        header = any(not value.isdigit() for value in told.values())
        columns = {}
        for name, value in told.items():
            if value.isdigit() and int(value):
                columns[name] = int(value) - 1
            elif value.lower() in names:
                columns[name] = names.index(value.lower())
            elif names:
                raise ConfigError(f"columns.{name}", f"a number from 1 or a name in the header of {path}", value)
            else:
                columns[name] = 0
        return cls(columns, max(columns.values()) + 1, header=header, at_least=True)

    def more(self, cells: Sequence[str]) -> tuple[str, dict[str, float]]:
        """Document and numbers of a row."""
        given = {}
        for name, at in self.numbers:
            value = number_of(cells[at])
            if value is not None:
                given[name] = value
        return "" if self.document is None else cells[self.document], given


def _told(layout: Layout) -> Mapping[str, str]:
    if layout.columns:
        return layout.columns
    if layout.format == "paracrawl":
        return _PARACRAWL
    if layout.format == "jparacrawl":
        sides_ = {"src": _JPARACRAWL.get(layout.src_lang, ""), "tgt": _JPARACRAWL.get(layout.tgt_lang, "")}
        if not all(sides_.values()):
            raise ConfigError(
                "format", "ja and en, which are what JParaCrawl has", f"{layout.src_lang}-{layout.tgt_lang}"
            )
        return {**sides_, "document": "1", "bicleaner": "3"}
    return {}


def _of_header(names: Sequence[str], layout: Layout) -> dict[str, int]:
    """Columns that a first row names; none where it names no two sides and so is no header."""
    found = {}
    for key, known in _NAMES.items():
        lang = {"src": layout.src_lang, "tgt": layout.tgt_lang}.get(key)
        at = next((names.index(name) for name in (*known, lang) if name in names), None)
        if at is not None:
            found[key] = at
    return found if {"src", "tgt"} <= found.keys() and found["src"] != found["tgt"] else {}


def _numbers(
    rows: Sequence[Sequence[str]], width: int, columns: Mapping[str, int], names: Sequence[str] = ()
) -> dict[str, int]:
    """Further columns that hold numbers, by name."""
    found: dict[str, int] = {}
    for at in range(width):
        if at not in columns.values() and _share(rows, at) > 0.9:
            name = names[at] if names else "score" if not found else f"score{len(found) + 1}"
            if name and name not in _NAMES:
                found[name] = at
    return found


def _share(rows: Sequence[Sequence[str]], at: int) -> float:
    cells = [row[at] for row in rows if len(row) > at]
    return sum(number_of(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def number_of(value: object) -> float | None:
    """A finite number, None where it is none.

    Example:
        >>> number_of("0.5"), number_of(1), number_of("nan"), number_of(True), number_of("")
        (0.5, 1.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def jsonl(path: Path, layout: Layout) -> Found:
    """Objects with both sides as in `mt.bitext.read_text.jsonl`; `document` (or `doc_id`, `url`) names what a row is from, and numbers under
    `scores`, `given` or `score` are kept.
    """
    extract = extractor(layout)
    for number, line in raw_lines(path):
        if isinstance(line, Reject):
            yield line
            continue
        if number == 1 and line.startswith("["):
            raise InputError(path, "an object a line", "an array", line=1)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield Reject(number, BAD_JSON, short(line))
            continue
        yield extract(number, row, line)


def extractor(layout: Layout) -> Callable[[int, Any, str], Record | Reject]:
    """(number, object, its text) → a record of the sides, document and numbers that an object holds."""
    told = dict(layout.columns)
    src_key, tgt_key = told.pop("src", ""), told.pop("tgt", "")
    documents = (told.pop("document", ""), *_NAMES["document"])

    def extract(number: int, row: Any, line: str) -> Record | Reject:
        pair = (row.get(src_key), row.get(tgt_key)) if src_key and isinstance(row, dict) else None
        if pair is None:
            pair = sides(row, layout.src_lang, layout.tgt_lang)
        if pair is None or not isinstance(pair[0], str) or not isinstance(pair[1], str):
            return Reject(number, NO_LANGUAGE, short(line))
        if not (_writable(pair[0]) and _writable(pair[1])):
            return Reject(number, BAD_ENCODING, short(line))
        document = next((row[key] for key in documents if isinstance(row.get(key), str | int)), "")
        return Record(number, pair[0], pair[1], str(document), _given(row, told))

    return extract


def _writable(text: str) -> bool:
    """False for half a surrogate pair, which JSON can escape and no file can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _given(row: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, float]:
    found = {name: row.get(key) for name, key in told.items()}
    for key in ("given", "scores"):
        if isinstance(inner := row.get(key), dict):
            found |= inner
    if "score" in row:
        found["score"] = row["score"]
    return {str(name): value for name, given in found.items() if (value := number_of(given)) is not None}
