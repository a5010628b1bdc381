"""Campaigns for Appraise, the tool of WMT's human evaluations: the batches and the manifest that its `StartNewCampaign` takes.

A batch is `{"task": {"batchNo", "batchSize", "requiredAnnotations", "randomSeed", "sourceLanguage", "targetLanguage"}, "items": [item…]}`, an item

    itemID              1,000,000 + number of the segment in the test set, from 1: what an export has, so that it says itself how it counts
    itemType            TGT, or BAD where words were put in that do not belong there, to see whether an annotator looks
    documentID          name of the document; of a BAD item with `#bad` behind it, of one asked twice to fill a task with `#dup`
    isCompleteDocument  false, as in WMT's campaigns of ESA: segments are judged, not whole documents
    sourceID, targetID  name of the test set, of the system; of several that wrote the same with `+` between, which Appraise takes apart again
    sourceText          HTML; targetText is plain, since the tool counts its characters for the marked spans
    sourceContextLeft, targetContextLeft   the segments before, which people need but are not asked about
    mqm                 errors marked before anybody looks: none

Items of one document and system stand together: they are one page. `read_appraise` reads what Appraise exports (`ExportSystemScoresToCSV`).
Keys as in Appraise's own `EvalData/models/direct_assessment_document.py` and `Examples/MQM+ESA`; how many words a BAD item gets wrong is WMT's
rule (Graham et al. 2013).
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from mt.bitext.human_appraise import FIRST
from mt.bitext.testsets import TestData
from mt.errors import CountError, InputError
from mt.files import make_directory, write_text

LONGEST = 95  # characters of a document's name: Appraise keeps 100, and `#bad` takes some
SIZE = 100  # items of a task: Appraise leaves out tasks with any other number, and says so in its log only
CONTEXT = 3  # segments before an item that are shown with it
CHECKED = 0.1  # BAD items for each item
BATCHES, MANIFEST = "batches.json", "manifest.json"
# Appraise has ISO 639-3 codes
_CODES = {
    **{
        "ar": "ara",
        "cs": "ces",
        "de": "deu",
        "en": "eng",
        "es": "spa",
        "fi": "fin",
        "fr": "fra",
        "hi": "hin",
        "it": "ita",
    },
    **{
        "ja": "jpn",
        "ko": "kor",
        "nl": "nld",
        "pl": "pol",
        "pt": "por",
        "ru": "rus",
        "tr": "tur",
        "uk": "ukr",
        "zh": "zho",
    },
}
_SOLID = {"ja", "zh", "th"}  # written without blanks
# length of a segment in words → words that a BAD item gets wrong
_WRONG = ((1, 1), (5, 2), (8, 3), (15, 4), (20, 5))


@dataclass(frozen=True, slots=True)
class _Page:
    """Segments of one document by systems that wrote the same."""

    document: str
    systems: tuple[str, ...]
    segments: tuple[int, ...]


def batches(
    data: TestData,
    chosen: Sequence[int],
    *,
    systems: Sequence[str],
    spare: Sequence[int] = (),
    seed: int = 12345,
    size: int = SIZE,
) -> list[dict[str, Any]]:
    """Tasks of ESA about some segments, each with exactly `size` items.

    All systems' pages of one document are in one task if they fit, since annotators use a scale differently; their order is random within it.

    Args:
        data: the test set, with source.
        chosen: segments from 0.
        systems: names to ask about.
        spare: further segments, the most wanted first, as many of which are asked about as the tasks have room for; what is left of it is filled with
            repeats.
        seed: of the order, of what is repeated and of what is wrong with BAD items.
        size: items of a task, at least 2.

    Raises:
        InputError: for a segment or system that is not there, a name with `+`, no source, or a language Appraise's code of which is not known.
        CountError: where a system has other lines.

    Example:
        >>> data = TestData("t", {}, ("猫。", "犬。"), {"x": ("Cat.", "Dog."), "y": ("Cat.", "A dog.")}, ("d", "d"), langs=("ja", "en"))
        >>> [made] = batches(data, [1], systems=["x", "y"], size=2)
        >>> sorted((i["targetID"], i["targetText"], i["sourceContextLeft"], i["itemID"]) for i in made["items"])
        [('x', 'Dog.', '猫。', 1000002), ('y', 'A dog.', '猫。', 1000002)]
    """
    _check(data, chosen, systems)
    codes = [_code(lang) for lang in data.langs]
    rng = random.Random(seed)
    found: list[dict[str, Any]] = []
    for number, pages in enumerate(_filled(data, list(chosen), systems, spare, round(size / (1 + CHECKED))), 1):
        blocks = [[_item(data, page, n) for n in page.segments] for page in pages]
        blocks += _checks(data, pages, rng, size - sum(map(len, blocks)))
        blocks += _repeats(data, pages, rng, size - sum(map(len, blocks)))
        rng.shuffle(blocks)
        task = {"batchNo": number, "batchSize": size, "requiredAnnotations": 1, "randomSeed": seed}
        found.append(
            {
                "task": {**task, "sourceLanguage": codes[0], "targetLanguage": codes[1]},
                "items": [{"_item": n, "_block": -1, **item} for n, item in enumerate(chain.from_iterable(blocks))],
            }
        )
    return found


def manifest(made: Sequence[Mapping[str, Any]], *, name: str = "mtevaluate", number: int = 1) -> dict[str, Any]:
    """What `StartNewCampaign` takes beside the batches: one annotator a task, each task once.

    Args:
        made: the batches, at least one.
        name: letters and digits only.
        number: of the campaign; part of the names of accounts.

    Example:
        >>> manifest([{"task": {"sourceLanguage": "jpn", "targetLanguage": "eng"}}])["TASKS_TO_ANNOTATORS"]
        [['jpn', 'eng', 'uniform', 1, 1]]
    """
    task = made[0]["task"]
    return {
        "CAMPAIGN_URL": "http://127.0.0.1:8000/dashboard/sso/",
        "CAMPAIGN_NAME": name,
        "CAMPAIGN_KEY": name,
        "CAMPAIGN_NO": number,
        "REDUNDANCY": 1,
        "TASKS_TO_ANNOTATORS": [[task["sourceLanguage"], task["targetLanguage"], "uniform", len(made), len(made)]],
        "TASK_TYPE": "Document",
        "TASK_OPTIONS": "ESA;StaticContext",
    }


def write_batches(folder: Path, made: Sequence[Mapping[str, Any]]) -> list[Path]:
    """Write `batches.json` and `manifest.json`.

    Raises:
        OutputError: where they cannot be written.
    """
    make_directory(folder)
    files = {BATCHES: made, MANIFEST: manifest(made)}
    for name, content in files.items():
        write_text(folder / name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return [folder / name for name in files]


def _check(data: TestData, chosen: Sequence[int], systems: Sequence[str]) -> None:
    if data.src is None:
        raise InputError(data.name, "a source, which people judge by", "none")
    for name in systems:
        if name not in data.systems:
            raise InputError(data.name, f"the system {name}", ", ".join(data.systems) or "none")
        if "+" in name:
            raise InputError(name, "a name without +, with which Appraise joins systems", name)
        if len(data.systems[name]) != len(data):
            raise CountError(name, len(data.systems[name]), data.name, len(data), "segment")
    if not chosen or not all(0 <= n < len(data) for n in chosen):
        raise InputError(data.name, f"segments from 1 to {len(data)}", str([n + 1 for n in chosen])[:60])
    for name in dict.fromkeys(data.documents or ()):
        if len(name) > LONGEST:
            raise InputError(
                data.name, f"names of documents of up to {LONGEST} characters, as Appraise keeps them", name
            )


def _code(lang: str) -> str:
    code = _CODES.get(lang, lang)
    if len(code) != 3:
        raise InputError("language", f"an ISO 639-3 code or one of {', '.join(_CODES)}", repr(lang))
    return code


def _pages(data: TestData, chosen: Sequence[int], systems: Sequence[str]) -> list[list[_Page]]:
    """Pages by document."""
    documents: dict[str, list[int]] = {}
    for n in sorted(set(chosen)):
        # without documents a segment is one of its own
        documents.setdefault(data.documents[n] if data.documents is not None else f"segment {n + 1}", []).append(n)
    found = []
    for name, segments in documents.items():
        same: dict[tuple[str, ...], list[str]] = {}
        for system in systems:
            same.setdefault(tuple(data.systems[system][n] for n in segments), []).append(system)
        found.append([_Page(name, tuple(names), tuple(segments)) for names in same.values()])
    return found


def _filled(
    data: TestData, chosen: list[int], systems: Sequence[str], spare: Sequence[int], room: int
) -> list[list[_Page]]:
    """Tasks of the chosen segments and of those spare ones that need no further task."""
    made = _tasks(_pages(data, chosen, systems), room)
    for n in (n for n in spare if n not in set(chosen)):
        if sum(len(page.segments) for pages in made for page in pages) >= room * len(made):
            break
        more = _tasks(_pages(data, [*chosen, n], systems), room)
        if len(more) == len(made):
            made, chosen = more, [*chosen, n]
    return made


def _tasks(documents: Sequence[Sequence[_Page]], room: int) -> list[list[_Page]]:
    """Pages by task, no task with more than `room` segments; a page that is longer is cut."""
    found: list[list[_Page]] = []
    free = 0
    for pages in documents:
        if sum(len(page.segments) for page in pages) > free:
            found.append([])
            free = room
        for page in pages:
            for start in range(0, len(page.segments), room):
                part = page.segments[start : start + room]
                if len(part) > free:
                    found.append([])
                    free = room
                found[-1].append(_Page(page.document, page.systems, part))
                free -= len(part)
    return [pages for pages in found if pages]


def _item(data: TestData, page: _Page, n: int, *, text: str | None = None, mark: str = "") -> dict[str, Any]:
    assert data.src is not None
    own = data.systems[page.systems[0]]
    first = n
    while first > max(0, n - CONTEXT) and data.documents is not None and data.documents[first - 1] == data.documents[n]:
        first -= 1
    src, tgt = data.langs
    return {
        "documentID": page.document + (mark if text is None else "#bad"),
        "isCompleteDocument": False,
        "itemID": FIRST + n + 1,
        "itemType": "TGT" if text is None else "BAD",
        "sourceID": data.name,
        "sourceContextLeft": html.escape(_joined(data.src[first:n], src), quote=False),
        "sourceText": html.escape(data.src[n], quote=False),
        "targetID": "+".join(page.systems),
        "targetContextLeft": html.escape(_joined(own[first:n], tgt), quote=False),
        "targetText": own[n] if text is None else text,
        "mqm": [],
    }


def _checks(data: TestData, pages: Sequence[_Page], rng: random.Random, free: int) -> list[list[dict[str, Any]]]:
    """Pages with words that do not belong there, about a tenth of the items, at most `free`."""
    wanted = min(free, round(CHECKED * sum(len(page.segments) for page in pages)))
    found: list[list[dict[str, Any]]] = []
    for page in rng.sample(list(pages), len(pages)):
        room = wanted - sum(map(len, found))
        block = []
        for n in page.segments[: max(room, 0)]:
            made = _spoilt(data.systems[page.systems[0]], n, data.langs[1], rng)
            if made is not None:
                block.append(_item(data, page, n, text=made))
        found += [block] if block else []
    return found


def _repeats(data: TestData, pages: Sequence[_Page], rng: random.Random, free: int) -> list[list[dict[str, Any]]]:
    """Pages once more, until `free` items are there."""
    found: list[list[dict[str, Any]]] = []
    turn = 1
    while free > 0:
        for page in rng.sample(list(pages), len(pages)):
            mark = "#dup" if turn == 1 else f"#dup{turn}"
            found += [[_item(data, page, n, mark=mark) for n in page.segments[:free]]] if free else []
            free -= min(free, len(page.segments))
        turn += 1
    return found


def _spoilt(texts: Sequence[str], n: int, lang: str, rng: random.Random) -> str | None:
    """The text with a run of words of another segment in place of its own; None where there is nothing to take."""
    own = _words(texts[n], lang)
    others = [k for k in range(len(texts)) if k != n and texts[k].strip() and texts[k] != texts[n]]
    if not own or not others:
        return None
    count = next((wrong for length, wrong in _WRONG if len(own) <= length), len(own) // 4)
    other = _words(texts[rng.choice(others)], lang)
    start = rng.randrange(max(1, len(other) - count + 1))
    run = other[start : start + count]
    # the middle, so that a look at both ends does not do
    place = rng.randint(min(1, len(own) - count), max(min(1, len(own) - count), len(own) - count - 1))
    made = _joined([*own[:place], *run, *own[place + count :]], lang)
    return made if made != texts[n] else None


def _words(text: str, lang: str) -> list[str]:
    return list(text) if lang in _SOLID else text.split()


def _joined(parts: Sequence[str], lang: str) -> str:
    return ("" if lang in _SOLID else " ").join(parts)
