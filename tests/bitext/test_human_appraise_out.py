"""Campaigns for Appraise. Keys, types and limits as its models and its own examples have them, written down here by hand."""

from __future__ import annotations

import csv
import json
from itertools import pairwise

import pytest

from mt.bitext.human import read_human
from mt.bitext.human_appraise_out import batches, manifest, write_batches
from mt.bitext.human_place import placed
from mt.bitext.testsets import TestData
from mt.errors import InputError

SIZE = 60
DOCS = tuple(f"d{n // 5}" for n in range(SIZE))
SRC = tuple(f"文<{n}>。" for n in range(SIZE))
X = tuple(f"the system x wrote sentence number {n} of the set" for n in range(SIZE))
Y = tuple(text if n % 2 else text.replace("x", "y") for n, text in enumerate(X))
DATA = TestData("set", {}, SRC, {"x": X, "y": Y, "z": X}, DOCS, langs=("ja", "en"))
# what DirectAssessmentDocumentTask.import_from_json takes from an item without a default
KEYS = {"sourceID", "sourceText", "targetID", "targetText", "itemID", "itemType", "documentID", "isCompleteDocument"}


def made(chosen=range(SIZE), **changes):
    return batches(DATA, list(chosen), systems=["x", "y", "z"], **changes)


def first_asked(found):
    """Items that are neither checks nor repeats."""
    items = [item for one in found for item in one["items"]]
    return [item for item in items if item["itemType"] == "TGT" and "#dup" not in item["documentID"]]


def test_batches_have_what_appraise_imports():
    found = made()
    assert [one["task"]["batchNo"] for one in found] == [1, 2]
    for one in found:
        assert one["task"] | {"batchNo": 0} == {
            "batchNo": 0,
            "batchSize": 100,
            "requiredAnnotations": 1,
            "randomSeed": 12345,
            "sourceLanguage": "jpn",
            "targetLanguage": "eng",
        }
        # Appraise's import leaves out any other number
        assert len(one["items"]) == 100
        for item in one["items"]:
            assert item.keys() >= KEYS
            assert isinstance(item["itemID"], int) and item["itemType"] in {"TGT", "BAD"}
            assert not item["isCompleteDocument"] and item["mqm"] == []
            # the page shows sources as HTML
            assert "&lt;" in item["sourceText"] and "<" not in item["sourceText"]
    assert [made(seed=1) == made(seed=1), made(seed=1) == made(seed=2)] == [True, False]


def test_what_was_written_alike_is_asked_about_once_under_all_names():
    items = first_asked(made())
    # x and z are the same everywhere, y differs in every document: two texts a segment
    assert {item["targetID"] for item in items} == {"x+z", "y"}
    assert len(items) == 2 * SIZE
    assert len({(item["itemID"], item["targetID"]) for item in items}) == 2 * SIZE


def test_a_document_and_system_stand_together_with_what_came_before():
    for one in made([7, 8, 9, 12]):
        pages = [(item["documentID"], item["targetID"]) for item in one["items"]]
        borders = sum(a != b for a, b in pairwise(pages))
        # a page may stand beside itself only as a repeat, which has a name of its own
        assert borders == len(set(pages)) - 1
        first = next(item for item in one["items"] if item["itemID"] == 1_000_008 and item["targetID"] == "y")
        assert first["targetContextLeft"] == f"{Y[5]} {Y[6]}"
        assert first["sourceContextLeft"] == "文&lt;5&gt;。文&lt;6&gt;。"


def test_a_tenth_of_the_items_has_words_that_do_not_belong_there():
    for one in made():
        bad = [item for item in one["items"] if item["itemType"] == "BAD"]
        assert len(bad) == round(0.1 * len(first_asked([one])))
        for item in bad:
            own = (X if item["targetID"] == "x+z" else Y)[item["itemID"] - 1_000_001]
            assert item["documentID"].endswith("#bad")
            # 9 to 15 words: a run of four is exchanged
            before, after = own.split(), item["targetText"].split()
            assert len(before) == len(after) and 1 <= sum(a != b for a, b in zip(before, after, strict=True)) <= 4


def test_an_export_of_such_a_campaign_finds_its_lines_again(tmp_path):
    """The twelve fields of ExportSystemScoresToCSV, which takes names apart at +."""
    with (tmp_path / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for item in (item for one in made(range(20, 30)) for item in one["items"]):
            for system in item["targetID"].split("+"):
                place = (system, item["itemID"], item["itemType"], "jpn", "eng", 80, item["documentID"])
                writer.writerow(["jpneng0101", *place, False, "[]", 1.0, 9.0])
    found = read_human(tmp_path / "scores.csv")
    joined = placed(found.judgements, DATA.systems, src=SRC, documents=DOCS, base=found.base)
    assert sorted(n for n, one in joined.judgements if one.system == "y") == list(range(20, 30))
    assert sorted(n for n, one in joined.judgements if one.system == "z") == list(range(20, 30))
    rows = [item for one in made(range(20, 30)) for item in one["items"] for _ in item["targetID"].split("+")]
    bad = sum(item["itemType"] == "BAD" for item in rows)
    # x+z and y: 30 judgements; the rest are repeats
    assert found.left_out == {"BAD": bad, "#dup": len(rows) - bad - 30}


def test_room_in_the_last_task_goes_to_further_segments_before_repeats():
    """91 items and 9 checks make 100: 45 segments in two texts, and 13, which all wrote alike and which is alone in its document."""
    [one] = made([3, 4], spare=range(SIZE - 1, -1, -1))
    assert {item["itemID"] - 1_000_001 for item in first_asked([one])} == {3, 4, 13, *range(17, SIZE)}
    assert not any("#dup" in item["documentID"] for item in one["items"])
    assert len(one["items"]) == 100


def test_the_manifest_gives_each_task_one_annotator(tmp_path):
    assert [path.name for path in write_batches(tmp_path / "new", made())] == ["batches.json", "manifest.json"]
    held = json.loads((tmp_path / "new" / "manifest.json").read_text("utf-8"))
    assert held == manifest(made())
    assert held["TASKS_TO_ANNOTATORS"] == [["jpn", "eng", "uniform", 2, 2]]
    assert held["TASK_TYPE"] == "Document" and held["CAMPAIGN_NAME"].isalnum()
    assert len(json.loads((tmp_path / "new" / "batches.json").read_text("utf-8"))) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TestData("t", {}, None, {"x": ("a",)}, langs=("ja", "en")), "a source"),
        (TestData("t", {}, ("文。",), {"x+y": ("a",)}, langs=("ja", "en")), "a name without +"),
        (TestData("t", {}, ("文。",), {"x": ("a",)}, langs=("xx", "en")), "an ISO 639-3 code"),
        (TestData("t", {}, ("文。",), {"x": ("a",)}, ("d" * 96,), langs=("ja", "en")), "up to 95 characters"),
    ],
)
def test_what_appraise_cannot_hold_is_refused(data, said):
    with pytest.raises(InputError) as e:
        batches(data, [0], systems=list(data.systems))
    assert said in str(e.value)
