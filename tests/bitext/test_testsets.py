"""Readers of test sets. Expected values: written by hand from the layouts' descriptions; mt-metrics-eval's also read back from what is written."""

from __future__ import annotations

import gzip
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.bitext.testsets import TestData, read_stream, read_testset
from mt.bitext.testsets_mte import human_scores, metric_scores, read_mte, read_scores, write_mte
from mt.errors import CountError, InputError

XML = """<?xml version='1.0' encoding='utf-8'?>
<dataset id="newstest.ja-en">
  <doc id="d1" origlang="ja" domain="news">
    <src lang="ja"><p><seg id="1">猫 &amp; 犬。</seg></p><p><seg id="2">はい。</seg></p></src>
    <ref lang="en" translator="A"><p><seg id="2">Yes.</seg><seg id="1">A cat &amp; a dog.</seg></p></ref>
    <ref lang="en" translator="B"><p><seg id="1">Cat.</seg><seg id="2">Yep.</seg></p></ref>
    <hyp system="X" language="en"><p><seg id="1">Cats.</seg><seg id="2">Yes!</seg></p></hyp>
  </doc>
  <doc id="d2" origlang="ja" domain="social">
    <src lang="ja"><p><seg id="1">いいえ。</seg></p></src>
    <ref lang="en" translator="A"><p><seg id="1">No.</seg></p></ref>
    <hyp system="X" language="en"><p><seg id="1">Nope.</seg></p></hyp>
  </doc>
</dataset>
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_wmt_xml_is_joined_by_document_and_id(tmp_path):
    found = read_testset(write(tmp_path / "t.xml", XML))
    assert found.src == ("猫 & 犬。", "はい。", "いいえ。")
    assert found.references == {"A": ("A cat & a dog.", "Yes.", "No.")}
    assert found.systems == {"X": ("Cats.", "Yes!", "Nope.")}
    assert found.documents == ("d1", "d1", "d2")
    assert found.columns["domain"] == ("news", "news", "social")
    assert (found.name, found.langs) == ("newstest.ja-en", ("ja", "en"))
    assert found.notes == ("ref B lacks documents and was left out",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<dataset", '<!DOCTYPE x [<!ENTITY a "b">]><dataset', "entities"),
        ('<seg id="2">Yes!</seg>', "", "segment 2 of document d1 in hyp X"),
        ('<seg id="2">Yes!</seg>', '<seg id="1">Yes!</seg>', "segment 1 once"),
        ("</dataset>", "", "a mistake"),
        ('<hyp system="X" language="en"><p><seg id="1">Nope.</seg></p></hyp>', "", "system X for document d2"),
        ("<dataset", "<a>" * 40 + "<dataset", "inside each other"),
    ],
)
def test_bad_xml_is_refused_with_its_place(tmp_path, old, new, said):
    path = write(tmp_path / "t.xml", XML.replace(old, new, 1))
    with pytest.raises(InputError) as e:
        read_testset(path)
    assert said in str(e.value)
    assert str(path) in str(e.value)


def test_a_compressed_xml_that_unfolds_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("mt.bitext.testsets_xml.LARGEST", 1 << 20)
    path = tmp_path / "t.xml"
    path.write_bytes(gzip.compress(b"<dataset>" + b" " * (1 << 22) + b"</dataset>"))
    with pytest.raises(InputError, match="at most 1 MiB"):
        read_testset(path)


def test_tables_and_json_lines_hold_the_same(tmp_path):
    tsv = "id\tsource\trefA\tdocid\thyp:x\tdomain\n1\t猫。\tCat.\td\tA cat.\tnews\n2\t犬。\tDog.\td\tA dog.\tnews\n"
    jsonl = (
        '{"segment": 1, "document": "d", "src": "猫。", "references": ["Cat."], "systems": {"x": {"text": "A cat.", "chrF2": 1.5}}}\n'
        '{"segment": 2, "document": "d", "src": "犬。", "references": ["Dog."], "systems": {"x": {"text": "A dog."}}}\n'
    )
    a, b = read_testset(write(tmp_path / "t.tsv", tsv)), read_testset(write(tmp_path / "t.jsonl", jsonl))
    assert a.src == b.src == ("猫。", "犬。")
    assert list(a.references.values()) == list(b.references.values()) == [("Cat.", "Dog.")]
    assert a.systems == b.systems == {"x": ("A cat.", "A dog.")}
    assert a.documents == b.documents == ("d", "d")
    assert a.columns == {"domain": ("news", "news")}
    assert read_stream(tmp_path / "t.jsonl").texts == ("A cat.", "A dog.")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("t.tsv", "src\tref\n猫\n", "t.tsv:2: expected 2 columns, found 1"),
        ("t.tsv", "a\tb\n1\t2\n", "columns such as src"),
        ("t.tsv", "src\tsource\n1\t2\n", "heads that differ"),
        ("t.jsonl", '{"src": "a"}\n{"ref": "b"}\n', "t.jsonl:2"),
        ("t.jsonl", "[1]\n", "a JSON object"),
        ("t.jsonl", '{"src": ["a"]}\n', "text in src"),
        ("t.srt", "no times\n", "times such as"),
        ("t.srt", "1\n00:00:05,000 --> 00:00:04,000\nx\n", "an end behind its start"),
    ],
)
def test_bad_rows_are_refused_with_their_place(tmp_path, name, text, said):
    with pytest.raises(InputError) as e:
        read_stream(write(tmp_path / name, text))
    assert said in str(e.value)


def test_subtitles_are_segments_with_times(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,500\n- Where?\n- <i>Here.</i>\n\n"
    text += "2\n00:00:03.5 --> 00:01:00,0\n猫が\nいる。\n\n3\n00:01:01,000 --> 00:01:02,000\n\n"
    found = read_stream(write(tmp_path / "t.srt", text.replace("\n", "\r\n")))
    assert found.texts == ("- Where? - Here.", "猫がいる。", "")
    assert found.times == ((1000, 2500), (3500, 60000), (61000, 62000))


def test_a_real_subtitle_file_keeps_its_count(tmp_path):
    files = sorted(Path("../shared/data/formats").rglob("*.srt"))
    if not files:
        pytest.skip("no ../shared/data/formats with .srt files")
    for path in files:
        arrows = path.read_text(encoding="utf-8-sig", errors="replace").count(" --> ")
        assert len(read_stream(path).texts) == arrows


def test_a_plain_folder_is_a_test_set(tmp_path):
    write(tmp_path / "src.ja", "猫。\n")
    write(tmp_path / "ref.en", "Cat.\n")
    write(tmp_path / "docids.txt", "d\n")
    write(tmp_path / "systems" / "X.en", "A cat.\nToo much.\n")
    found = read_testset(tmp_path)
    assert (found.references, found.systems, found.langs) == (
        {"ref": ("Cat.",)},
        {"X": ("A cat.", "Too much.")},
        ("ja", "en"),
    )
    write(tmp_path / "docids.txt", "d\nd\n")
    with pytest.raises(CountError):
        read_testset(tmp_path)
    with pytest.raises(InputError, match="a test set"):
        read_testset(write(tmp_path / "other" / "x.txt", "x").parent)


def test_metrics_evals_layout_is_read_as_described(tmp_path):
    write(tmp_path / "sources" / "ja-en.txt", "猫。\n犬。\n")
    write(tmp_path / "documents" / "ja-en.docs", "news d1\nnews\td2\n")
    write(tmp_path / "references" / "ja-en.refA.txt", "Cat.\nDog.\n")
    for name in ("refA", "X"):
        write(tmp_path / "system-outputs" / "ja-en" / f"{name}.txt", "Cat.\nDog!\n")
    write(tmp_path / "human-scores" / "ja-en.mqm.seg.score", "X -1\nX None\nrefA\t0\nrefA\t-0.1\n")
    write(tmp_path / "metric-scores" / "ja-en" / "BLEU-refA.refB.seg.score", "X\t1\nX\t2.5\n")
    found = read_mte(tmp_path)
    assert list(found.systems) == ["X"]
    assert found.documents == ("d1", "d2")
    [human] = human_scores(tmp_path, "ja-en")
    assert human.systems == {"X": (-1.0, None), "refA": (0.0, -0.1)}
    [metric] = metric_scores(tmp_path, "ja-en")
    assert (metric.name, metric.references, metric.level) == ("BLEU", ("refA", "refB"), "seg")
    write(tmp_path / "sources" / "en-ja.txt", "x\n")
    with pytest.raises(InputError, match="one pair of languages"):
        read_mte(tmp_path)


@pytest.mark.parametrize("text", ["X\n", "X y\n", "X nan\n", "X 1\nX 2\nY 1\n", ""])
def test_bad_scores_are_refused(tmp_path, text):
    with pytest.raises(InputError):
        read_scores(write(tmp_path / "x.score", text))


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@settings(max_examples=25, deadline=None)  # each writes six files to the disk
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5))
def test_what_is_written_as_metrics_eval_has_it_is_read_back(rows):
    src, ref, hyp = (tuple(row[k] for row in rows) for k in range(3))
    data = TestData("t", {"refA": ref}, src, {"x": hyp}, ("d",) * len(rows), langs=("ja", "en"))
    with tempfile.TemporaryDirectory() as d:
        write_mte(Path(d), data, human={"esa.seg": {"x": [None, *(1.5 for _ in rows[1:])]}})
        found = read_mte(Path(d))
        [scores] = human_scores(Path(d), "ja-en")
    # a byte order mark at the start of a file is no character of its text
    same = {"refA": (ref[0].removeprefix("\ufeff"), *ref[1:])}
    assert found.references == same
    assert found.documents == data.documents
    assert scores.systems["x"] == (None, *(1.5 for _ in rows[1:]))


@pytest.mark.parametrize("name", ["a/b", "..", "a b"])
def test_names_that_are_no_file_names_are_refused(tmp_path, name):
    data = TestData("t", {"refA": ("Cat.",)}, systems={name: ("Cat.",)}, langs=("ja", "en"))
    with pytest.raises(InputError):
        write_mte(tmp_path, data)
    assert not any(c in string.whitespace for p in tmp_path.rglob("*") for c in p.name)


def test_a_line_feed_inside_a_segment_cannot_be_written(tmp_path):
    data = TestData("t", {"refA": ("A\ncat.",)}, langs=("ja", "en"))
    with pytest.raises(InputError, match="line feeds"):
        write_mte(tmp_path, data)
