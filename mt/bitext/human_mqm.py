"""MQM files of Google's and WMT's annotations: one error a row, tab-separated.

`system doc doc_id seg_id rater source target category severity`; the error's span is marked `<v>…</v>` in the source or the target. WMT24's
files call the segment `globalSegId`, count it from 1, and begin with a canary line. Cells are not quoted but in newstest2020's files, where a text
with quotation marks stands in quotation marks with its own ones doubled.
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
_TESTS = {"hotw-test", "hotw"}  # damaged texts that raters had to find
_NEEDED = ("system", "seg_id", "rater", "source", "target", "category", "severity")


def read_mqm(path: Path) -> HumanFile:
    """Errors gathered by system, segment and rater, in the order of first appearance.

    Raises:
        InputError: for other heads, or a row with another number of fields.
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
        row = dict(zip(heads, map(unquoted, cells), strict=True))
        reason = "canary" if "canary" in line.lower() else ""
        reason = "attention check" if row["severity"].strip().lower() in _TESTS else reason
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        key = row["system"], row.get("doc", ""), row["seg_id"], row["rater"]
        span, src, tgt = _span(row)
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


def unquoted(cell: str) -> str:
    """A cell of newstest2020's files; others hold quotation marks as they are, and none doubled within a pair.

    Example:
        >>> unquoted('"He ""knows""."'), unquoted('"Yes."'), unquoted('"Yes", "no"')
        ('He "knows".', '"Yes."', '"Yes", "no"')
    """
    if len(cell) < 4 or cell[0] != '"' or cell[-1] != '"':
        return cell
    inner = cell[1:-1]
    return inner.replace('""', '"') if '"' in inner and '"' not in inner.replace('""', "") else cell


def _span(row: Mapping[str, str]) -> tuple[Span | None, str, str]:
    """The error of a row, with its source and target; None for a row that says there is none.

    Of several spans of one error the outermost ends are kept. A mark whose other one is missing (one row in each of the TED files of WMT21) reaches
    to that end of the text.
    """
    src, tgt = row["source"], row["target"]
    category, severity = row["category"].strip(), row["severity"].strip().lower()
    if category.lower() in _NONE or severity in _NONE:
        return None, src, tgt
    for text, in_source in ((tgt, False), (src, True)):
        marks = list(_MARK.finditer(text))
        if not marks:
            continue
        start = marks[0].start() if marks[0][0] == "<v>" else 0
        plain = len(_MARK.sub("", text))
        end = marks[-1].start() - sum(len(m[0]) for m in marks[:-1]) if marks[-1][0] == "</v>" else plain
        return Span(start, end, severity, category, in_source), src, tgt
    return Span(None, None, severity, category), src, tgt
