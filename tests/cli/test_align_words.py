"""`mt align words` as a user calls it: what it prints, its exit codes, its one-line errors."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def words(mt, tmp_path):
    (tmp_path / "p.tsv").write_text("猫が3匹いる。\tThere are 3 cats.\n\t\n", encoding="utf-8")
    (tmp_path / "gold.talp").write_text("1-1 2p2\n", encoding="utf-8")
    (tmp_path / "bad").write_text("0-0\n0:0\n", encoding="utf-8")

    def call(*args):
        return mt("align", "words", *args, cwd=tmp_path)

    return call


def test_links_and_their_score(words, tmp_path):
    done = words("p.tsv", "-o", "o.talp", "--format", "talp", "--src-tokens", "characters")
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("1 without a link, 1 of them with an empty side; words: characters and words\n")
    links = (tmp_path / "o.talp").read_text()
    assert links.count("\n") == 2
    assert "3-3" in links.split()
    assert words("score", "o.talp", "o.talp").out.startswith("AER          0.0")


def test_links_go_to_stdout_where_no_file_is_named(words, tmp_path):
    done = words("p.tsv", "--method", "similar")
    words("p.tsv", "-o", "o", "--method", "similar")
    assert done.out == (tmp_path / "o").read_text()
    assert words("p.tsv", "--json").error.startswith("mt: error: --json: expected --output")


def test_json_for_machines(words):
    done = words("p.tsv", "-o", "o", "--method", "similar", "--json")
    assert json.loads(done.out)["pairs"] == 2
    words("p.tsv", "-o", "o.jsonl", "--method", "similar", "--format", "jsonl")
    record = json.loads(words("score", "o.jsonl", "o", "--json").out)
    assert [s["name"] for s in record["scores"]] == ["AER", "precision", "recall", "F1"]
    assert record["scores"][0]["value"] == 0


def test_a_lexicon_is_made_and_used(words):
    pytest.importorskip("thot")
    made = words("train", "p.tsv", "--out", "m", "--method", "fast_align", "--src-tokens", "characters")
    assert (made.code, made.out) == (0, "m\n")
    assert made.err == "mt: 1 pair, 7 and 5 different words\n"
    assert words("p.tsv", "-o", "o", "--model", "m", "--src-tokens", "characters").code == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["none.tsv", "-o", "o"], "none.tsv: expected a file, found nothing there"),
        (["p.tsv", "p.tsv", "p.tsv", "-o", "o"], "PAIRS: expected one file of pairs, or a file of each side, found 3"),
        (["bad", "-o", "o"], "bad:1: expected two columns, found 1 column"),
        (["p.tsv", "-o", "o", "--model", "none"], "none: expected a word alignment model, found nothing there"),
        (["p.tsv", "-o", "o", "--base", "3"], "--base: expected 0 or 1, found 3"),
        (["p.tsv", "-o", "/dev/null/x"], "/dev/null/x: cannot write"),
        (["score", "gold.talp", "bad"], "bad:2: expected links like 0-0 or 0p0, found '0:0'"),
        (["score", "gold.talp", "gold.talp", "--gold-base", "2"], "--gold-base: expected 0 or 1, found 2"),
        (["train", "p.tsv", "--out", "m", "--limit", "-1"], "--limit: expected a number from 0, found -1"),
    ],
)
def test_mistakes_are_one_line(words, args, said):
    done = words(*args)
    assert done.code == 2
    assert done.error.startswith(f"mt: error: {said}")
