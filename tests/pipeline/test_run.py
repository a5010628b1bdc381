"""The main job, on a short text with the embedded model, and on the article."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mt.errors import MTError
from mt.evaluate import metrics
from mt.pipeline import manifest
from mt.pipeline.config import OutputConfig, RunConfig, TextConfig, load_run
from mt.pipeline.run import run
from tests.conftest import ROOT

JA = "猫がいる。犬もいる。\n\n※※※\n「寒い。」と彼は言った。猫がいる。\n"
EN = 'There is a cat. There is a dog, too.\n\n***\n"I\'m cold," he said. There is a cat.\n'
FILES = {
    "translation.en.txt",
    "sentences.jsonl",
    "pairs.tsv",
    "pairs.jsonl",
    "pairs.tmx",
    "scores.json",
    "report.html",
    "manifest.json",
}


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "a.ja.txt").write_text(JA, encoding="utf-8")
    (tmp_path / "a.en.txt").write_text(EN, encoding="utf-8")
    return tmp_path


def configured(folder, *, reference=True):
    return RunConfig(
        source=TextConfig(str(folder / "a.ja.txt"), "ja"),
        reference=TextConfig(str(folder / "a.en.txt"), "en") if reference else None,
        output=OutputConfig(str(folder / "out")),
    )


def test_the_folder_is_whole_and_its_numbers_agree(texts):
    state = run(configured(texts))
    out = texts / "out"
    assert {p.name for p in out.iterdir()} == FILES
    written = json.loads((out / "manifest.json").read_text("utf-8"))
    assert written["outputs"].keys() == FILES - {"manifest.json"}
    for name, record in written["outputs"].items():
        data = (out / name).read_bytes()
        assert record == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    c = written["counts"]
    assert (c["paragraphs"], c["sentences"], c["decoded"], c["repeated"], c["passed_through"]) == (3, 5, 3, 1, 1)
    assert c["pairs"] + c["not_paired_passed_through"] == 5
    assert written["inputs"]["source"]["sha256"] == hashlib.sha256(JA.encode()).hexdigest()
    assert written["signature"] == str(state.signature)


def test_every_sentence_is_where_it_says(texts):
    state = run(configured(texts))
    rows = [json.loads(line) for line in (texts / "out" / "sentences.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert [JA[r["start"] : r["end"]] for r in rows] == [r["src"] for r in rows]
    assert [r["paragraph"] for r in rows] == [0, 0, 1, 2, 2]
    assert [r["flags"] for r in rows] == [[], [], ["passed-through"], [], []]
    assert all((r["logprob"] is None) == bool(r["flags"]) for r in rows)
    translation = (texts / "out" / "translation.en.txt").read_text("utf-8")
    # paragraphs, blank lines and line ends of the source
    assert [bool(line) for line in translation.split("\n")] == [True, False, True, True, False]
    assert translation.split("\n")[0] == f"{rows[0]['hyp']} {rows[1]['hyp']}"
    pairs = (texts / "out" / "pairs.tsv").read_text("utf-8").split("\n")[:-1]
    assert pairs == [f"{r['src']}\t{r['hyp']}" for r in rows if not r["flags"]]
    assert len(state.paragraph_chrf) == 3


def test_scores_are_those_of_the_written_files(texts):
    run(configured(texts))
    scores = json.loads((texts / "out" / "scores.json").read_text("utf-8"))
    assert [s["name"] for s in scores["scores"]] == ["BLEU", "chrF2", "TER"]
    assert all("unit:paragraph|n:3" in s["signature"] for s in scores["scores"])
    assert all("unit:document|n:1" in s["signature"] and s["low"] is None for s in scores["document_scores"])
    from sacrebleu.metrics import CHRF

    hyp = [x for x in (texts / "out" / "translation.en.txt").read_text("utf-8").split("\n") if x]
    ref = [x for x in EN.split("\n") if x]
    assert scores["scores"][1]["value"] == pytest.approx(CHRF().corpus_score(hyp, [ref]).score, abs=1e-4)


def test_by_sentence_of_the_reference_no_word_of_the_translation_is_lost(texts):
    # the reference says the first paragraph in one sentence, of two in the source
    (texts / "a.en.txt").write_text(EN.replace("cat. There is a dog", "cat and there is a dog"), encoding="utf-8")
    state = run(configured(texts))
    assert [number for number, _ in state.reference_sentences()] == [0, 1, 2, 2]
    assert state.cut is not None and len(state.cut.hypotheses) == 4
    words = " ".join(h.text for h in state.hypotheses).split()
    assert " ".join(state.cut.hypotheses).split() == words
    kept = json.loads((texts / "out" / "scores.json").read_text("utf-8"))
    assert kept["sentences_cut"] == state.cut.said
    if state.sentence_scores:  # a model may say things too far from the reference
        assert {dict(s.signature.items)["unit"] for s in state.sentence_scores} == {"segment"}
        again = metrics.score(state.cut.hypotheses, [t for _, t in state.reference_sentences()])
        assert [s.value for s in state.sentence_scores] == [s.value for s in again]
    assert "By sentence of the reference" in (texts / "out" / "report.html").read_text("utf-8")


def test_a_reference_of_something_else_has_no_scores_by_sentence(texts):
    (texts / "a.en.txt").write_text("Quarterly revenue grew.\n\n***\nShares fell by nine percent.\n", encoding="utf-8")
    state = run(configured(texts))
    assert state.cut is not None and state.cut.coverage < 0.6
    assert state.sentence_scores == ()


def test_without_a_reference_nothing_is_scored(texts):
    state = run(configured(texts, reference=False))
    assert {p.name for p in (texts / "out").iterdir()} == FILES - {"scores.json"}
    assert state.scores == ()
    assert "nothing was scored" in state.verdict


def test_a_run_without_a_reference_takes_the_scores_of_an_earlier_one_away(texts):
    run(configured(texts))
    run(configured(texts, reference=False))
    assert {p.name for p in (texts / "out").iterdir()} == FILES - {"scores.json"}


def test_a_second_run_writes_the_same_bytes_but_for_times(texts):
    run(configured(texts))
    first = {name: (texts / "out" / name).read_bytes() for name in FILES - {"report.html", "manifest.json"}}
    run(configured(texts))
    assert first == {name: (texts / "out" / name).read_bytes() for name in first}


def test_a_count_mismatch_is_refused_before_anything_is_made(texts):
    (texts / "a.en.txt").write_text(EN + "More.\n", encoding="utf-8")
    with pytest.raises(MTError, match=r"a\.en\.txt: expected 3 paragraphs as in .*a\.ja\.txt, found 4 paragraphs"):
        run(configured(texts))
    assert not (texts / "out").exists()


def test_an_interrupted_run_leaves_no_manifest_of_the_old_one(texts, monkeypatch):
    run(configured(texts))

    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mt.pipeline.run.render", broken)
    with pytest.raises(KeyboardInterrupt):
        run(configured(texts))
    assert not (texts / "out" / "manifest.json").exists()
    monkeypatch.undo()
    run(configured(texts))
    assert {p.name for p in (texts / "out").iterdir()} == FILES


def test_killed_at_any_moment_the_folder_holds_only_whole_files(texts):
    """`kill -9` while the run loops over the folder: every file that is there parses, and the same command goes on."""
    code = (
        "import sys; from mt.pipeline.run import run; from mt.pipeline.config import *\n"
        f"c = RunConfig(source=TextConfig({str(texts / 'a.ja.txt')!r}, 'ja'), output=OutputConfig({str(texts / 'out')!r}))\n"
        "print('up', flush=True)\n"
        "while True: run(c)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None
    process.stdout.readline()
    while not (texts / "out" / "manifest.json").exists():
        time.sleep(0.05)
    time.sleep(0.7)  # somewhere in the second run or a later one
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(list((texts / "out").glob("[!.]*"))) >= len(FILES) - 2
    for path in (texts / "out").glob("[!.]*"):
        text = path.read_text("utf-8")
        if path.suffix == ".jsonl":
            assert all(json.loads(line) for line in text.split("\n")[:-1])
        assert text.endswith("\n") or path.suffix == ".html"
    run(configured(texts))
    assert json.loads((texts / "out" / "manifest.json").read_text("utf-8"))["counts"]["sentences"] == 5


def test_the_article_keeps_its_31_paragraphs_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state = run(load_run(ROOT / "configs" / "article.toml"))
    assert state.document.paragraph_count == 31
    source = (ROOT / "corpora" / "nato-demands" / "article.ja.txt").read_text("utf-8")
    assert state.document.text == source
    lines = (tmp_path / "runs/article/translation.en.txt").read_text("utf-8").split("\n")
    assert len(lines) == len(source.split("\n"))
    assert all(lines[:31])
    assert state.counts.read == len(state.document.segments) == 44
    assert [s.name for s in state.scores] == ["BLEU", "chrF2", "TER"]
    assert all(s.low < s.value < s.high for s in state.scores)


def test_the_corpus_manifest_is_true():
    folder = ROOT / "corpora" / "nato-demands"
    recorded = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, record in recorded["files"].items():
        data = (folder / name).read_bytes()
        text = data.decode("utf-8")
        assert record["sha256"] == hashlib.sha256(data).hexdigest()
        assert (record["bytes"], record["characters"]) == (len(data), len(text))
        assert record["paragraphs"] == sum(bool(line.strip()) for line in text.split("\n")) == 31


def test_fates_that_do_not_add_up_are_an_internal_error():
    with pytest.raises(MTError, match="5 read, but 4 accounted for"):
        manifest.check_sum(5, {"decoded": 4}, "sentences")
