"""A record of an evaluation into files and onto the terminal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mt.errors import InputError
from mt.files import make_directory, read_bytes, write_text
from mt.pipeline.evaluate import SCHEMA
from mt.pipeline.evaluate_page import build_page
from mt.pipeline.evaluate_paper import paper_table
from mt.report import evaluate_page as page
from mt.report import tables

Record = Mapping[str, Any]
SCORES, SEGMENTS = "scores.json", "segments.jsonl"


def write(folder: Path, record: Record, segments: Sequence[Record], *, command: str = "") -> list[Path]:
    """The report and the same content as data and tables; `scores.json` last, so that its presence means a whole evaluation.

    Raises:
        OutputError: when a file cannot be written.
    """
    make_directory(folder)
    (folder / SCORES).unlink(missing_ok=True)
    built = build_page(record, segments, command=command)
    files = {
        "report.html": page.render(built),
        "report.md": page.markdown(built),
        "tables.tex": _latex(record, built),
        SEGMENTS: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in segments),
        SCORES: as_json(record),
    }
    for name, text in files.items():
        # half characters (lone surrogates) have no UTF-8: shown as what they are
        write_text(folder / name, text.encode("utf-8", "backslashreplace").decode("utf-8"))
    return [folder / name for name in files]


def read(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What `write` wrote: the record and the segments.

    Raises:
        InputError: where the folder holds no whole evaluation.
    """
    place = folder / SCORES if folder.is_dir() else folder
    try:
        found = json.loads(read_bytes(place))
        rows = [json.loads(line) for line in read_bytes(place.parent / SEGMENTS).splitlines() if line]
    except ValueError as e:
        raise InputError(place, "JSON of an evaluation", str(e)) from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise InputError(place, f"an evaluation with the schema {SCHEMA}", "another file")
    return found, rows


def text(kind: str, record: Record, segments: Sequence[Record], *, command: str = "") -> str:
    """The record as `json`, `markdown` or `latex`."""
    if kind == "json":
        return as_json(record)
    built = build_page(record, segments, command=command)
    return page.markdown(built) if kind == "markdown" else _latex(record, built)


def _latex(record: Record, built: page.EvaluatePage) -> str:
    """The table for a paper, then those of scores and differences as the page has them."""
    return f"{paper_table(record)}\n{tables.latex(page.text_tables(built))}"


def as_json(record: Record) -> str:
    """One JSON object, its keys in the order of the report."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def lines(record: Record) -> list[str]:
    """Verdict and scores for a terminal."""
    built = build_page(record, ())
    scores = page.text_tables(built, ("scores",))
    return [*built.verdict[:-1], "", tables.plain(scores).rstrip("\n")]


def exit_code(record: Record, *, strict: bool) -> int:
    """3 where a limit was missed, or, for the strict, where a gate failed; else 0."""
    failed = any(gate["severity"] == "error" for gate in (record.get("gates") or {}).get("findings", ()))
    return 3 if record["failed_limits"] or (strict and failed) else 0


def command(words: Sequence[str]) -> str:
    """The command line as it can be typed again."""
    return shlex.join(["mt", *words])
