"""Gold and test files matched by name, list or content, and what is said where that fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mt.errors import CountError, InputError
from mt.pipeline.align_score import Side, score_alignments, score_lines, score_record

GOLD = "[0]:[0]\n[1]:[1, 2]\n[2]:[]\n"
TEST = "[0]:[0]:0.1\n[1]:[1]:0.2\n[]:[2]:0\n[2]:[]:0\n"


def folder(path: Path, files: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_two_files_whatever_their_names(tmp_path):
    where = folder(tmp_path / "x", {"a.defr": GOLD, "b.path": TEST})
    scored = score_alignments(Side(where / "a.defr"), Side(where / "b.path"))
    # precision: [0]:[0] and [2]:[] of 4; recall: [0]:[0] of 2
    assert scored.scores["strict P"].value == 50
    assert scored.scores["strict R"].value == 50
    assert scored.scores.documents == 1


def test_folders_match_by_name_and_texts_between_them_do_no_harm(tmp_path):
    gold = folder(
        tmp_path / "gold", {"a.gold": GOLD, "b.gold": GOLD, "a.ja": "猫\n", "a.en": "Cat\n", "README.txt": "x\n"}
    )
    test = folder(
        tmp_path / "test", {"b.jsonl": '{"src_ids": [0], "tgt_ids": [0]}\n', "a.vecalign": GOLD, "c.path": TEST}
    )
    scored = score_alignments(Side(gold), Side(test))
    assert scored.names == ("a", "b")
    assert scored.unmatched == ("c",)
    # a: 3 of 3; b: 1 of 1; recall 2 of 2 and 1 of 2
    assert scored.scores["strict P"].value == 100
    assert scored.scores["strict R"].value == 75
    assert score_lines(scored)[-1] == "left out, not in the gold: c"


def test_a_gold_document_without_a_test_is_an_error_not_a_silence(tmp_path):
    gold = folder(tmp_path / "gold", {"a.gold": GOLD, "b.gold": GOLD})
    test = folder(tmp_path / "test", {"a.path": TEST})
    with pytest.raises(
        InputError, match=r"expected an alignment of each of the 2 documents of .*, found none of b \(1 missing\)"
    ):
        score_alignments(Side(gold), Side(test))
    with pytest.raises(InputError, match="expected files that are named like alignments"):
        score_alignments(Side(gold), Side(folder(tmp_path / "empty", {"a.html": ""})))


def test_lists_go_by_order(tmp_path):
    where = folder(tmp_path / "x", {"1.gold": GOLD, "2.gold": GOLD, "x.path": GOLD, "y.path": TEST})
    for name, files in (("g", ("1.gold", "2.gold")), ("t", ("x.path", "y.path")), ("u", ("x.path",))):
        (where / name).write_text("".join(f"{where / file}\n" for file in files))
    scored = score_alignments(Side(where / "g"), Side(where / "t"), lists=True)
    assert scored.scores.documents == 2
    with pytest.raises(CountError, match="expected 2 files as in"):
        score_alignments(Side(where / "g"), Side(where / "u"), lists=True)


def test_documents_within_json_lines_match_by_their_names(tmp_path):
    def record(doc: str) -> str:
        return json.dumps({"src_ids": [0], "tgt_ids": [0], "src_doc": doc, "tgt_doc": f"{doc}-en"}) + "\n"

    where = folder(tmp_path / "x", {"g.jsonl": record("a") + record("b"), "t.jsonl": record("b") + record("a")})
    assert score_alignments(Side(where / "g.jsonl"), Side(where / "t.jsonl")).scores["strict F1"].value == 100


def test_bases_formats_and_texts(tmp_path):
    where = folder(
        tmp_path / "x",
        {
            "g.txt": "1 1\n2,3 2\n",
            "t.tsv": "猫。\tCat.\n犬。 鳥。\tDog, bird.\n",
            "s": "猫。\n犬。\n鳥。\n",
            "t": "Cat.\nDog, bird.\n",
        },
    )
    gold, test = Side(where / "g.txt", base=1), Side(where / "t.tsv")
    assert score_alignments(gold, test, texts=(where / "s", where / "t")).scores["strict F1"].value == 100
    with pytest.raises(InputError, match="expected sentence numbers, or the sentences of both sides"):
        score_alignments(gold, test)


def test_for_people_and_for_machines(tmp_path):
    where = folder(tmp_path / "x", {"a.gold": GOLD, "a.path": TEST})
    scored = score_alignments(Side(where / "a.gold"), Side(where / "a.path"))
    lines = score_lines(scored)
    assert lines[0].split() == ["percent", "P", "R", "F1"]
    assert lines[1].split() == ["strict", "50.0", "50.0", "50.0"]
    assert lines[5].startswith("found by type  1-0: 1 of 1 (100 %)  1-1: 1 of 1 (100 %)  1-2: 0 of 1 (0 %)")
    assert lines[6].startswith("1 document, 3 beads in the gold, 4 in the test  rule:vecalign|avg:micro|docs:1")
    record = score_record(scored)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["unit"] == "percent"
    assert record["types"]["1-2"] == {"found": 0, "gold": 1}
    assert record["documents"][0]["name"] == "a"
