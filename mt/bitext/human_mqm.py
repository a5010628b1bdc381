"""MQM files of Google's and WMT's annotations: one error a row, tab-separated, without quoting.

`system doc doc_id seg_id rater source target category severity`; the error's span is marked `<v>…</v>` in the source or the target. WMT24's
files call the segment `globalSegId`, count it from 1, and begin with a canary line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mt.bitext.human import HumanFile, Judgement, Span
from mt.bitext.stream import lines
from mt.errors import InputError

_MARK = re.compile(r"</?v>")
_NONE = {"no-error", "no error", "noerror", ""}
_NAMES = {"globalSegId": "seg_id", "globalsegid": "seg_id", "segment_id": "seg_id", "document": "doc"}
_NEEDED = ("system", "seg_id", "rater", "source", "target", "category", "severity")


def read_mqm(path: Path) -> HumanFile:
    """Errors gathered by system, segment and rater, in the order of first appearance.

    Raises:
        InputError: for other heads, a row with another number of fields, or marks that do not pair.
    """
    rows = enumerate(lines(path), 1)
    heads: list[str] = []
    for _, line in rows:
        heads = [_NAMES.get(head.strip(), head.strip()) for head in line.split("\t")]
        if set(_NEEDED) <= set(heads):
            break
    else:
        raise InputError(path, f"a line of heads with {', '.join(_NEEDED)}", "none")
    found: dict[tuple[str, str, str, str], Judgement] = {}
    errors: dict[tuple[str, str, str, str], list[Span]] = {}
    left_out: dict[str, int] = {}
    for number, line in rows:
        cells = line.split("\t")
        if len(cells) == len(heads) - 1 and heads[-1] not in _NEEDED:
            cells.append("")  # the comment, which many rows leave out with its tab
        if len(cells) != len(heads):
            raise InputError(path, f"{len(heads)} fields", str(len(cells)), line=number)
        row = dict(zip(heads, cells, strict=True))
        if "canary" in line.lower():
            left_out["canary"] = left_out.get("canary", 0) + 1
            continue
        key = row["system"], row.get("doc", ""), row["seg_id"], row["rater"]
        span, src, tgt = _span(path, number, row)
        own = errors.setdefault(key, [])
        if span is not None:
            own.append(span)
        found.setdefault(
            key, Judgement(key[0], key[3], key[2], key[1], src=_MARK.sub("", src), tgt=_MARK.sub("", tgt), line=number)
        )
    if not found:
        raise InputError(path, "judgements", "none")
    from dataclasses import replace

    judgements = tuple(replace(one, errors=tuple(errors[key])) for key, one in found.items())
    return HumanFile("mqm", judgements, left_out, path)


def _span(path: Path, line: int, row: Mapping[str, str]) -> tuple[Span | None, str, str]:
    """The error of a row, with its source and target; None for a row that says there is none."""
    src, tgt = row["source"], row["target"]
    category, severity = row["category"].strip(), row["severity"].strip().lower()
    if category.lower() in _NONE or severity in _NONE:
        return None, src, tgt
    for text, in_source in ((tgt, False), (src, True)):
        marks = list(_MARK.finditer(text))
        if not marks:
            continue
        if len(marks) % 2 or [m[0] for m in marks] != ["<v>", "</v>"] * (len(marks) // 2):
            raise InputError(path, "one <v> before each </v>", repr(text[:60]), line=line)
        # of several spans of one error the outermost ends are kept
        start = marks[0].start()
        end = marks[-1].start() - sum(len(m[0]) for m in marks[:-1])
        return Span(start, end, severity, category, in_source), src, tgt
    return Span(None, None, severity, category), src, tgt
