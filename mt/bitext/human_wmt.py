"""WMT24's and WMT25's JSON lines of texts with the judgements of all systems beside them.

    {"doc_id", "src_text", "tgt_text": {system: text}, "scores": {system: [{"score", "annotator", "errors", "times", "protocol"}…]}}
    … the same with {system: {"human": score, "errors"}} (WMT25, which leaves the annotator out)
    {"langs", "line_id", "src", "tgt", "doc_id", "esa_spans", "esa_score", "times", "system", "annotator"}, one judgement a line

`doc_id` is `en-ja_#_news_#_document_#_segment`, of which WMT25 has a longer form; spans are Appraise's: in UTF-16 units, the last one inclusive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mt.bitext.human import HumanFile, Judgement, Protocol
from mt.bitext.human_appraise import span
from mt.bitext.human_place import in_characters
from mt.bitext.stream import lines
from mt.errors import InputError

_PROTOCOLS: dict[str, Protocol] = {"esa": "esa", "da+sqm": "da", "mqm": "mqm"}


def is_wmt(path: Path) -> bool:
    """True where the first line is an object of one of the three kinds."""
    try:
        first = json.loads(next(iter(lines(path)), "") or "null")
    except ValueError:
        return False
    return isinstance(first, dict) and ({"scores", "tgt_text"} <= first.keys() or {"esa_score", "tgt"} <= first.keys())


def read_wmt(path: Path) -> HumanFile:
    """Judgements with their texts; texts that nobody judged are passed over.

    Raises:
        InputError: for another line, a score outside 0 to 100, or several protocols in one file.
    """
    found: list[Judgement] = []
    protocols: set[Protocol] = set()
    for number, line in enumerate(lines(path), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            for protocol, one in _one(row, number) if "esa_score" in row else _all(row, number):
                protocols.add(protocol)
                found.append(in_characters(one, one.tgt))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as e:
            said = f"{type(e).__name__}: {e}"
            raise InputError(path, "texts with scores as WMT publishes them", said, line=number) from None
    if len(protocols) != 1:
        raise InputError(path, "judgements of one protocol", ", ".join(sorted(protocols)) or "none")
    return HumanFile(protocols.pop(), tuple(found), {}, path)


def _all(row: Any, number: int) -> Iterator[tuple[Protocol, Judgement]]:
    parts = str(row["doc_id"]).split("_#_")
    pair = parts[0].partition("-")
    for system, given in row["scores"].items():
        for one in given if isinstance(given, list) else [given]:
            score = one["score"] if "score" in one else one["human"]
            errors = one.get("errors")
            yield (
                _PROTOCOLS[str(one.get("protocol", "ESA")).lower()],
                Judgement(
                    str(system),
                    str(one.get("annotator", "people")),
                    parts[-1],
                    parts[-2] if len(parts) > 1 else "",
                    _score(score),
                    None if errors is None else tuple(span(error) for error in errors),
                    str(row["src_text"]),
                    str(row["tgt_text"][system]),
                    _seconds(one.get("times")),
                    number,
                    (pair[0], pair[2]) if len(parts) > 1 and pair[2] else None,
                    True,
                ),
            )


def _one(row: Any, number: int) -> Iterator[tuple[Protocol, Judgement]]:
    src_lang, _, tgt_lang = str(row["langs"]).partition("-")
    yield (
        "esa",
        Judgement(
            str(row["system"]),
            str(row["annotator"]),
            str(row["line_id"]),
            str(row["doc_id"]),
            _score(row["esa_score"]),
            tuple(span(error) for error in row["esa_spans"]),
            str(row["src"]),
            str(row["tgt"]),
            _seconds(row.get("times")),
            number,
            (src_lang, tgt_lang),
            True,
        ),
    )


def _score(value: Any) -> float:
    score = float(value)
    if not 0 <= score <= 100:
        raise ValueError(f"score {score:g} is not within 0 and 100")
    return score


def _seconds(times: Any) -> float | None:
    if not isinstance(times, list) or len(times) != 2:
        return None
    value = float(times[1]) - float(times[0])
    return value if value >= 0 else None
