"""Campaigns for Pearmut, an annotation tool, out; its annotations in.

A campaign is `{"info": {"assignment", "protocol"}, "campaign_id", "data": [task[document[item]]]}`, an item `{"src", "ref", "tgt": {system: text},
"item_id", "error_spans"}`. Its `end_i` is the last character of a span; ours are exclusive.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from mt.bitext.human import HumanFile, Judgement, Span
from mt.bitext.human_appraise import span
from mt.bitext.testsets import TestData
from mt.errors import CountError, InputError
from mt.files import read_bytes, write_text

Assignment = Literal["task-based", "single-stream", "dynamic"]


def campaign(
    data: TestData,
    chosen: Sequence[int],
    *,
    systems: Sequence[str],
    campaign_id: str = "mt-evaluate",
    assignment: Assignment = "single-stream",
    spans: Mapping[str, Mapping[int, Sequence[Span]]] | None = None,
) -> dict[str, Any]:
    """An ESA campaign of some segments.

    Segments of one document stand in one document of the campaign, in their order. What systems wrote alike is asked about once, under the first
    one's name, and its `item_id` says so: `read_pearmut` gives the judgement to all.

    Args:
        data: the test set.
        chosen: segments from 0.
        systems: names to ask about.
        campaign_id: name of the campaign.
        assignment: who gets what.
        spans: system → segment → errors already found, to be corrected.

    Raises:
        InputError: for a segment or system that is not there.
        CountError: where a system has other lines.

    Example:
        >>> made = campaign(TestData("t", {"A": ("A cat.",)}, ("猫。",), {"x": ("Cat.",), "y": ("Cat.",)}), [0], systems=["x", "y"])
        >>> made["data"][0][0]
        [{'item_id': 'segment-1', 'src': '猫。', 'ref': 'A cat.', 'tgt': {'x': 'Cat.'}, 'same': {'x': ['y']}}]
    """
    for name in systems:
        if name not in data.systems:
            raise InputError(data.name, f"the system {name}", ", ".join(data.systems) or "none")
        if len(data.systems[name]) != len(data):
            raise CountError(name, len(data.systems[name]), data.name, len(data), "segment")
    if not chosen or not all(0 <= n < len(data) for n in chosen):
        raise InputError(data.name, f"segments from 1 to {len(data)}", str([n + 1 for n in chosen])[:60])
    documents: dict[str, list[dict[str, Any]]] = {}
    for n in sorted(set(chosen)):
        name = data.documents[n] if data.documents is not None else f"segment {n + 1}"
        documents.setdefault(name, []).append(_item(data, n, systems, spans))
    return {
        "info": {"assignment": assignment, "protocol": "ESA"},
        "campaign_id": campaign_id,
        "data": [list(documents.values())] if assignment == "task-based" else [[one] for one in documents.values()],
    }


def write_campaign(path: Path, made: Mapping[str, Any]) -> None:
    """Write a campaign as JSON.

    Raises:
        OutputError: where it cannot be written.
    """
    write_text(path, json.dumps(made, ensure_ascii=False, indent=1) + "\n")


def read_pearmut(path: Path) -> HumanFile:
    """Annotations that Pearmut exported: a list, or lines, of `{"user_id", "item": [item…], "annotation": [{system: {"score", "error_spans"}}…]}`.

    Items that are attention checks (`validation`) are left out. A judgement of a text that several systems wrote is given to each.

    Raises:
        InputError: for other JSON, or a score outside 0 to 100.
    """
    try:
        text = read_bytes(path).decode("utf-8")
        found = [json.loads(x) for x in text.split("\n") if x.strip()] if path.suffix == ".jsonl" else json.loads(text)
    except ValueError as e:
        raise InputError(path, "JSON", str(e)) from None
    judgements: list[Judgement] = []
    left_out: dict[str, int] = {}
    for number, row in enumerate(found if isinstance(found, list) else [], 1):
        try:
            items, answers = row["item"], row["annotation"]
            for item, answer in zip(items, answers, strict=True):
                if item.get("validation"):
                    left_out["attention check"] = left_out.get("attention check", 0) + 1
                    continue
                for name, given in answer.items():
                    judgements += _judgements(row, item, name, given, number)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            said = f"{type(e).__name__}: {e}"
            raise InputError(path, "an annotation with user_id, item and annotation", said, line=number) from None
    if not judgements:
        raise InputError(path, "annotations", "none")
    return HumanFile("esa", tuple(judgements), left_out, path)


def _item(
    data: TestData, n: int, systems: Sequence[str], spans: Mapping[str, Mapping[int, Sequence[Span]]] | None
) -> dict[str, Any]:
    reference = next(iter(data.references.values()), None)
    first: dict[str, str] = {}
    same: dict[str, list[str]] = {}
    for name in systems:
        text = data.systems[name][n]
        if text in first:
            same.setdefault(first[text], []).append(name)
        first.setdefault(text, name)
    item: dict[str, Any] = {"item_id": f"segment-{n + 1}", "src": data.src[n] if data.src is not None else ""}
    item |= {"ref": reference[n]} if reference is not None else {}
    item["tgt"] = {name: text for text, name in first.items()}
    if spans:
        item["error_spans"] = {name: [_marked(one) for one in spans.get(name, {}).get(n, ())] for name in item["tgt"]}
    return item | ({"same": same} if same else {})


def _judgements(row: Any, item: Any, name: str, given: Any, line: int) -> list[Judgement]:
    score = None if given.get("score") is None else float(given["score"])
    if score is not None and not 0 <= score <= 100:
        raise ValueError(f"score {score:g} is not within 0 and 100")
    errors = tuple(span(one) for one in given.get("error_spans") or ())
    id = str(item.get("item_id", ""))
    return [
        Judgement(
            system, str(row["user_id"]), id, "", score, errors, str(item["src"]), str(item["tgt"][name]), None, line
        )
        for system in (name, *(item.get("same") or {}).get(name, ()))
    ]


def _marked(one: Span) -> dict[str, Any]:
    """A span as Pearmut has it: `end_i` is the last character."""
    place = {"start_i": "missing", "end_i": "missing"}
    if one.start is not None and one.end is not None and one.end > one.start and not one.in_source:
        return {"start_i": one.start, "end_i": one.end - 1, "severity": one.severity, "category": one.category or None}
    return {**place, "severity": one.severity, "category": one.category or None}
