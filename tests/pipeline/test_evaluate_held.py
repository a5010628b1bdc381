"""Which segments of a large test set a page holds. Sizes are measured on the page itself; orders found again by sorting."""

from __future__ import annotations

import json
import re

from mt.pipeline.evaluate_documents import CELLS, ROWS
from mt.pipeline.evaluate_documents import section as documents
from mt.pipeline.evaluate_held import named, segments_of
from mt.report.evaluate_page import EvaluatePage, Example, Examples, Figure, Grid, Section, render
from mt.report.tables import TextTable

N = 3000
RECORD = {"systems": ["a", "b"], "pair": ["a", "b"], "options": {"seed": 7}, "flags": None}
SEGMENTS = [
    {
        "segment": n + 1,
        "document": f"d{n // 10}",
        "src": f"文{n}。" * 5,
        "references": [f"Reference number {n}, and what it says at some length."],
        "systems": {
            "a": {"text": f"One says {n} at some length.", "chrF2": (n * 37 % 1000) / 10},
            "b": {"text": f"Another says {n} at length.", "chrF2": (n * 53 % 1000) / 10},
        },
    }
    for n in range(N)
]
SECTIONS = (
    Section("e", "E", (Examples((("Worst", (Example(2900, "", "", "r", ()),)),)),)),
    Section("g", "G", (Grid(TextTable("", ("x",), (("y",),)), links={(0, 0): "#seg-1500", (0, 1): "#data"}),)),
    Section("f", "F", (Figure("", '<svg><a href="#seg-77"/></svg>', ""),)),
)


def test_a_small_test_set_is_held_whole():
    found = segments_of(RECORD, SEGMENTS[:50], SECTIONS)
    assert found is not None
    assert (len(found.references), found.numbers, found.note) == (50, (), "")
    assert segments_of(RECORD, [], SECTIONS) is None


def test_a_large_one_holds_what_the_page_names_and_the_extremes_and_says_so():
    assert list(named(SECTIONS)) == [2900, 1500, 77]
    found = segments_of(RECORD, SEGMENTS, SECTIONS, room=100_000)
    assert found is not None
    held = set(found.numbers)
    assert {2900, 1500, 77} <= held
    assert list(found.numbers) == sorted(held) and 200 < len(held) < 1000
    score = {s["segment"]: (s["systems"]["a"]["chrF2"], s["systems"]["b"]["chrF2"]) for s in SEGMENTS}
    numbers = range(1, N + 1)
    assert set(sorted(numbers, key=lambda n: (score[n][0], n))[:100]) <= held
    assert set(sorted(numbers, key=lambda n: (-abs(score[n][0] - score[n][1]), n))[:100]) <= held
    # a third or so is drawn: neither worst nor far apart
    assert sum(score[n][0] > 50 and abs(score[n][0] - score[n][1]) < 30 for n in held) > 30
    assert found.references[list(found.numbers).index(77)].startswith("Reference number 76,")
    assert f"holds {len(held)} of 3,000 segments" in found.note and "segments.jsonl" in found.note


def test_the_room_is_what_the_segments_take_on_the_page():
    for room in (30_000, 300_000):
        found = segments_of(RECORD, SEGMENTS, (), room=room)
        html = render(EvaluatePage("t", (), ("v",), (Section("e", "E", (Examples(()),)),), found))
        [data] = re.findall(r'<script type="application/json" id="segments">(.*?)</script>', html, re.S)
        assert 0.7 * room < len(data.encode()) < 1.1 * room
        assert len(json.loads(data)["number"]) == len(json.loads(data)["ref"])
        assert found is not None and found.note in html


def test_many_documents_share_cells_and_the_table_has_both_ends():
    count = 2000
    record = {
        **RECORD,
        "comparisons": {"chrf": {"scores": [{"system": "a"}, {"system": "b"}]}},
        "documents": {
            "names": [f"d{n}" for n in range(count)],
            "first": list(range(1, count + 1)),
            "segments": [1] * count,
            "scores": {"a": [float(n % 100) for n in range(count)], "b": [50.0] * count},
        },
    }
    made = documents(record)
    assert made is not None
    figure, table = made.blocks[:2]
    assert isinstance(figure, Figure) and isinstance(table, Grid)
    # five documents a cell: scores 0 to 4 have the mean 2, 95 to 99 the mean 97
    assert figure.svg.count("a, d0 to d4, 5 segments: chrF2 2.0") == 1
    assert figure.svg.count(" segments: chrF2") == 2 * CELLS
    assert "2 to 97 %" in figure.caption and "5 documents a cell" in figure.caption
    assert len(table.table.rows) == ROWS and "all are in scores.json" in table.table.notes[0]
    assert (table.table.rows[0][2], table.table.rows[-1][2]) == ("0.0", "99.0")
