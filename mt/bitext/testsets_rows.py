"""Test sets as tables and JSON lines: one segment a row, columns by name.

    src, source                       the source
    ref, reference, ref1, refA, …     references
    hyp, hypothesis, mt, translation  the only system; hyp:NAME, mt:NAME or sys:NAME for several
    doc, document, docid, doc_id      name of the document
    id, segment, line                 name of the row, to join by
    anything else                     a column to slice by

JSON lines may hold `references` (a list) and `systems` (name → text, or → {"text": …}, as `segments.jsonl` of `mt evaluate` has it) too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mt.bitext.stream import lines
from mt.bitext.testsets import TestData
from mt.errors import InputError

_SRC = {"src", "source"}
_DOC = {"doc", "document", "docid", "doc_id"}
_ID = {"id", "segment", "line", "segment_id", "seg_id"}
_HYP = {"hyp", "hypothesis", "mt", "translation", "tgt", "target"}
_REF = re.compile(r"ref(erence)?(s)?[_.-]?\w*\Z")
_NAMED = re.compile(r"(?:hyp|mt|sys|system):(.+)\Z")
Cell = tuple[str, str]


def read_rows(path: Path) -> TestData:
    """A test set of a `.tsv` with heads, or of a `.jsonl`.

    Cells of a TSV are taken as they are: no quotes, no escapes.

    Raises:
        InputError: for a row with other columns than the first, or columns that are no test set.
    """
    read = _jsonl if path.suffix.lower() == ".jsonl" else _tsv
    columns: dict[Cell, list[str]] = {}
    ids: list[str | None] = []
    for number, whole in read(path):
        ids.append(next((value for (side, _), value in whole.items() if side == "id"), None))
        row = {cell: value for cell, value in whole.items() if cell[0] != "id"}
        if columns and row.keys() != columns.keys():
            missing = sorted(name for _, name in row.keys() ^ columns.keys())
            raise InputError(path, "the columns of the first row", f"others: {', '.join(missing)}", line=number)
        for cell, value in row.items():
            columns.setdefault(cell, []).append(value)
    sides = {side for side, _ in columns}
    if not sides & {"ref", "hyp", "src"}:
        said = ", ".join(name for _, name in columns) or "no row"
        raise InputError(path, "columns such as src, ref, doc, hyp:NAME", said)
    streams = {cell: tuple(values) for cell, values in columns.items()}
    documents = next((texts for (side, _), texts in streams.items() if side == "doc"), None)
    return TestData(
        path.stem,
        {name: texts for (side, name), texts in streams.items() if side == "ref"},
        next((texts for (side, _), texts in streams.items() if side == "src"), None),
        {name: texts for (side, name), texts in streams.items() if side == "hyp"},
        documents,
        {name: texts for (side, name), texts in streams.items() if side == "column"},
        files=(path,),
        ids=None if None in ids else tuple(one for one in ids if one is not None),
    )


def _tsv(path: Path) -> Iterator[tuple[int, Mapping[Cell, str]]]:
    rows = enumerate(lines(path), 1)
    heads = [_cell(head.strip(), path.stem) for head in next(rows, (0, ""))[1].split("\t")]
    if len(set(heads)) != len(heads):
        raise InputError(path, "heads that differ", ", ".join(name for _, name in heads), line=1)
    for number, line in rows:
        cells = line.split("\t")
        if len(cells) != len(heads):
            raise InputError(path, f"{len(heads)} columns", str(len(cells)), line=number)
        yield number, dict(zip(heads, cells, strict=True))


def _jsonl(path: Path) -> Iterator[tuple[int, Mapping[Cell, str]]]:
    for number, line in enumerate(lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as e:
            raise InputError(path, "JSON", str(e), line=number) from None
        if not isinstance(row, dict):
            raise InputError(path, "a JSON object", type(row).__name__, line=number)
        found: dict[Cell, str] = {}
        for key, value in row.items():
            for cell, one in _values(key, value, path.stem):
                if not isinstance(one, str | int | float | bool):
                    raise InputError(path, f"text in {key}", type(one).__name__, line=number)
                if cell in found:
                    raise InputError(path, f"{cell[1]} once", "twice", line=number)
                found[cell] = one if isinstance(one, str) else json.dumps(one)
        yield number, found


def _values(key: str, value: object, stem: str) -> Iterator[tuple[Cell, object]]:
    """The cells of one key of a JSON object; null is no cell, and an id that is a list or an object none either."""
    if key == "references" and isinstance(value, list):
        yield from ((("ref", str(n)), one) for n, one in enumerate(value, 1))
    elif key == "systems" and isinstance(value, dict):
        yield from ((("hyp", name), one.get("text") if isinstance(one, dict) else one) for name, one in value.items())
    elif value is not None and ((cell := _cell(key, stem))[0] != "id" or isinstance(value, str | int)):
        yield cell, value


def _cell(head: str, stem: str) -> Cell:
    """What a column is, and its name.

    Example:
        >>> [_cell(head, "file") for head in ("source", "refA", "hyp:x", "mt", "docid", "domain")]
        [('src', 'src'), ('ref', 'refA'), ('hyp', 'x'), ('hyp', 'file'), ('doc', 'doc'), ('column', 'domain')]
    """
    low = head.lower()
    if named := _NAMED.match(head):
        return "hyp", named[1].strip()
    for words, cell in ((_SRC, ("src", "src")), (_DOC, ("doc", "doc")), (_ID, ("id", head)), (_HYP, ("hyp", stem))):
        if low in words:
            return cell
    return ("ref", head) if _REF.match(low) else ("column", head)
