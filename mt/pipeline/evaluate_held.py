"""Which segments a page holds for its search: all where they fit, else those that it names and a share of the others, so that a page of any test set
opens at once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from mt.errors import plural
from mt.report.evaluate_page import Examples, Figure, Grid, Section, Segments

Record = Mapping[str, Any]
ROOM = 3_200_000  # bytes of segments; with the rest a page stays below 5 MB
_PLACE = re.compile(r"#seg-(\d+)")


def segments_of(
    record: Record, segments: Sequence[Record], sections: Iterable[Section], *, room: int = ROOM
) -> Segments | None:
    """The segments of a page, with what it says about those that are left out.

    Args:
        record: of the evaluation.
        segments: all of them.
        sections: of the page, whose links name segments.
        room: bytes that they may take; those that the page names first, then in turn the worst of the first system, the most different between
            the pair, and drawn ones.
    """
    if not segments:
        return None
    names = tuple(record["systems"])
    a, b = record["pair"]
    sizes = [_size(row) for row in segments]
    note, numbers, shown = "", list(range(1, len(segments) + 1)), segments
    if sum(sizes) > room:
        seed = record["options"]["seed"]
        order = chain(named(sections), _others(segments, a, b, seed))
        numbers = sorted(_fitting(order, sizes, room))
        shown = [segments[n - 1] for n in numbers]
        what = f"in turn the worst of {a}" + ("" if a == b else f", those on which {a} and {b} differ most")
        note = (
            f"The search holds {len(numbers):,} of {plural(len(segments), 'segment')}, as far as there is room: those that this page names, then "
            f"{what}, and drawn ones (seed {seed}). All of them are in segments.jsonl, a line a segment."
        )
    return Segments(
        systems=names,
        pair=(names.index(a), names.index(b)),
        documents=tuple(row["document"] for row in shown) if segments[0]["document"] is not None else (),
        src=tuple(row["src"] for row in shown) if segments[0]["src"] is not None else (),
        references=tuple(row["references"][0] for row in shown),
        texts=tuple(tuple(row["systems"][name]["text"] for row in shown) for name in names),
        scores=tuple(tuple(row["systems"][name]["chrF2"] for row in shown) for name in names),
        flags=_flags(record, names, numbers),
        seed=record["options"]["seed"],
        numbers=tuple(numbers) if note else (),
        total=len(segments),
        note=note,
    )


def named(sections: Iterable[Section]) -> Iterator[int]:
    """Numbers of the segments that sections show or lead to; examples first, then tables, then the dots of figures."""
    blocks = [block for section in sections for block in section.blocks]
    for block in blocks:
        if isinstance(block, Examples):
            yield from (e.number for _, group in block.groups for e in group)
    for block in blocks:
        if isinstance(block, Grid):
            yield from (int(found[1]) for link in block.links.values() if (found := _PLACE.search(link)))
    for block in blocks:
        if isinstance(block, Figure):
            yield from (int(number) for number in _PLACE.findall(block.svg))


def _others(segments: Sequence[Record], a: str, b: str, seed: int) -> Iterator[int]:
    """Worst, most different and drawn, in turn."""
    first = [row["systems"][a]["chrF2"] for row in segments]
    gaps = [abs(x - row["systems"][b]["chrF2"]) for x, row in zip(first, segments, strict=True)]
    places = range(len(segments))
    drawn = random.Random(seed).sample(places, len(places))
    orders = [sorted(places, key=lambda n: (first[n], n)), drawn]
    if a != b:
        orders.insert(1, sorted(places, key=lambda n: (-gaps[n], n)))
    for turn in zip(*orders, strict=True):
        yield from (n + 1 for n in turn)


def _fitting(order: Iterable[int], sizes: Sequence[int], room: int) -> set[int]:
    """The first numbers that fit, each once; at least one."""
    found: set[int] = set()
    for number in order:
        if number in found or not 0 < number <= len(sizes):
            continue
        room -= sizes[number - 1]
        if room < 0 and found:
            break
        found.add(number)
    return found


def _size(row: Record) -> int:
    """Bytes of a segment on the page, with quotes, commas and scores."""
    texts = [row["document"], row["src"], row["references"][0], *(one["text"] for one in row["systems"].values())]
    return 16 * len(texts) + sum(len(text.encode("utf-8", "surrogatepass")) for text in texts if text)


def _flags(record: Record, names: Sequence[str], numbers: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """What is wrong at sight with each segment; known for the pair, empty for other systems."""
    found = (record.get("flags") or {}).get("segments")
    if not found:
        return ()
    return tuple(tuple("\n".join(found.get(name, {}).get(str(n), ())) for n in numbers) for name in names)
