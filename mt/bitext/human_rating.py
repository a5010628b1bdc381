"""mt-metrics-eval's `.seg.rating` files: `SYSTEM<TAB>JSON|None[<TAB>RATER]`, blocks by system, one line a segment; spans' ends are exclusive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mt.bitext.human import HumanFile, Judgement, Span
from mt.bitext.stream import lines
from mt.errors import InputError


def read_ratings(path: Path) -> HumanFile:
    """Judgements with the number of their line within the system's block, from 0, as the id of the segment; `None` lines are left out.

    The rater may change from line to line; several ratings of one segment stand in several files.

    Raises:
        InputError: for other lines, or errors that are no such JSON.
    """
    found: list[Judgement] = []
    left_out = 0
    places: dict[str, int] = {}
    for number, line in enumerate(lines(path), 1):
        words = line.split("\t")
        if len(words) not in {2, 3} or not words[0].strip():
            raise InputError(
                path, "a system, its errors and perhaps a rater, parted by tabs", repr(line[:60]), line=number
            )
        system, rater = words[0].strip(), words[2].strip() if len(words) == 3 else ""
        places[system] = places.get(system, -1) + 1
        if words[1].strip() == "None":
            left_out += 1
            continue
        try:
            errors = tuple(_span(one) for one in json.loads(words[1])["errors"])
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            said = f"{type(e).__name__}: {e}"
            raise InputError(path, 'errors as {"errors": […]}', said, line=number) from None
        found.append(Judgement(system, rater or "rater", str(places[system]), errors=errors, line=number))
    if not found:
        raise InputError(path, "ratings", "none")
    return HumanFile("mqm", tuple(found), {"None": left_out} if left_out else {}, path, base=0)


def _span(one: dict[str, Any]) -> Span:
    severity, category = str(one["severity"]).lower(), str(one.get("category") or "")
    start, end = one.get("start"), one.get("end")
    if start is None or end is None or int(start) < 0:
        return Span(None, None, severity, category, bool(one.get("is_source_error")))
    return Span(int(start), int(end), severity, category, bool(one.get("is_source_error")))
