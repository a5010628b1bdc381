"""`mt align score` and `mt align view` as they are typed, and corrections on their way from the page to the next run."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from mt.cli.app import run_command

JA = "猫がいる。\n犬もいる。\n鳥が空を飛ぶ。\n"
EN = "There is a cat.\nThere is a dog, too.\nA bird flies in the sky.\n"


@pytest.fixture
def here(capsys, monkeypatch):
    """The command in this process: a process of its own takes a second, and there are many calls."""

    def call(*words, cwd):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["mt", *words])
        code = run_command()
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return call


@pytest.fixture
def place(tmp_path):
    (tmp_path / "a.ja").write_text(JA, encoding="utf-8")
    (tmp_path / "a.en").write_text(EN, encoding="utf-8")
    (tmp_path / "gold.path").write_text("[0]:[0]\n[1]:[1]\n[2]:[2]\n", encoding="utf-8")
    (tmp_path / "test.path").write_text("[0]:[0]:0.1\n[1, 2]:[1, 2]:0.2\n", encoding="utf-8")
    return tmp_path


def test_score_for_people_and_machines(here, place):
    answer = here("align", "score", "gold.path", "test.path", cwd=place)
    assert (answer.code, answer.err) == (0, "")
    # precision 1 of 2, recall 1 of 3; F1 = 2 · 1/2 · 1/3 / (5/6) = 2/5
    assert answer.out.splitlines()[1].split() == ["strict", "50.0", "33.3", "40.0"]
    assert answer.out.splitlines()[2].split() == ["lax", "100.0", "100.0", "100.0"]
    record = json.loads(here("align", "score", "gold.path", "test.path", "--json", cwd=place).out)
    assert record["scores"][2]["name"] == "strict F1"
    assert record["scores"][2]["value"] == pytest.approx(40)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gold.path", "no.path"], "mt: error: no.path: expected a file, found nothing there"),
        (
            ["gold.path", "test.path", "--gold-base", "1"],
            "mt: error: gold.path:1: expected sentence numbers from 1, found 0",
        ),
        (["gold.path", "test.path", "--test-base", "3"], "mt: error: --test-base: expected 0 or 1, found 3"),
        (
            ["gold.path", "test.path", "--gold-format", "x"],
            "mt: error: --gold-format: expected auto or one of vecalign",
        ),
        (
            ["gold.path", "test.path", "--src", "a.ja"],
            "mt: error: --src: expected both --src and --tgt, or neither, found one",
        ),
        (["gold.path", "a.ja"], "mt: error: a.ja:1: expected an alignment (vecalign"),
    ],
)
def test_score_of_what_is_wrong_is_one_line_and_code_2(here, place, words, message):
    answer = here("align", "score", *words, cwd=place)
    assert answer.code == 2
    assert answer.err.startswith(message)
    assert answer.err.count("\n") == 1


def test_view_writes_one_page(here, place):
    answer = here("align", "view", "test.path", "a.ja", "a.en", "-o", "view.html", cwd=place)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "mt: view.html: 2 beads, 0 without a partner\n"
    text = (place / "view.html").read_text("utf-8")
    assert text.count('role="listitem" tabindex="-1" aria-label="source') == 2
    assert '<div class="side src" lang="ja">' in text
    # the costs of Vecalign: lower is better
    assert "lower is better" in text
    assert not list(place.glob(".*"))


def test_view_of_a_gold_that_crosses_keeps_the_most_sentences_in_order(here, tmp_path):
    # a passage moved: sentence 0 stands behind 1 to 3; without it the other three beads are in order
    (tmp_path / "gold.path").write_text("[0]:[3]\n[1]:[0]\n[2, 3]:[1]\n[4]:[2]\n", encoding="utf-8")
    for lang, count in (("ja", 5), ("en", 4)):
        (tmp_path / lang).write_text("".join(f"{lang} {n}\n" for n in range(count)), encoding="utf-8")
    answer = here("align", "view", "gold.path", "ja", "en", cwd=tmp_path)
    assert answer.code == 0, answer.err
    assert (
        answer.err == "mt: view.html: 5 beads, 2 without a partner; 1 bead of the file left apart for crossing others\n"
    )
    text = (tmp_path / "view.html").read_text("utf-8")
    assert "gold.path (vecalign, 4 beads)" in text
    assert "1, shown without a partner: [0]:[3]" in text
    assert "in no bead of the file" not in text


def test_view_of_what_is_wrong_is_one_line_and_code_2(here, place):
    for words, message in (
        (
            ["test.path"],
            "test.path: expected its sentences within it, or given beside it, found an alignment in the format",
        ),
        (["test.path", "a.ja"], "TGT: expected both SRC and TGT, or neither, found one"),
        (["gold.path", "a.ja", "a.ja", "--base", "1"], "gold.path:1: expected sentence numbers from 1, found 0"),
        (["gold.path", "a.ja", "a.en", "-o", "/proc/x/view.html"], "/proc/x/view.html: cannot write: "),
    ):
        answer = here("align", "view", *words, cwd=place)
        assert answer.code == 2, answer.err
        assert answer.err.startswith(f"mt: error: {message}")
    (place / "far.path").write_text("[7]:[0]\n")
    answer = here("align", "view", "far.path", "a.ja", "a.en", cwd=place)
    assert answer.err == "mt: error: far.path:1: expected source sentences up to 2, found 7\n"


def test_corrections_are_honoured_by_the_next_run_and_shown_as_a_persons(here, place):
    first = here("align", "a.ja", "a.en", "--method", "length", "-o", "a.jsonl", cwd=place)
    assert first.code == 0, first.err
    records = [json.loads(line) for line in (place / "a.jsonl").read_text("utf-8").splitlines()]
    assert [(r["src_ids"], r["tgt_ids"]) for r in records] == [([0], [0]), ([1], [1]), ([2], [2])]
    # what the page saves for a person who merged the first two (`tests/report/test_align_page.py` has it from the page itself)
    merged = {"src_ids": [0, 1], "tgt_ids": [0, 1], "status": "man"}
    rest = {"src_ids": [2], "tgt_ids": [2], "status": "auto"}
    (place / "fixed.jsonl").write_text("".join(json.dumps(r) + "\n" for r in (merged, rest)))
    again = here("align", "a.ja", "a.en", "--method", "length", "--fixed", "fixed.jsonl", "-o", "b.jsonl", cwd=place)
    assert again.code == 0, again.err
    records = [json.loads(line) for line in (place / "b.jsonl").read_text("utf-8").splitlines()]
    assert [(r["src_ids"], r["tgt_ids"]) for r in records] == [([0, 1], [0, 1]), ([2], [2])]
    # JSON lines hold the sentences: no other file is needed
    shown = here("align", "view", "b.jsonl", "-o", "b.html", cwd=place)
    assert shown.code == 0, shown.err
    assert "猫がいる。" in (place / "b.html").read_text("utf-8")
    marked = here("align", "view", "fixed.jsonl", "a.ja", "a.en", cwd=place)
    assert marked.err == "mt: view.html: 2 beads, 0 without a partner, 1 marked as right\n"


def test_word_links_of_a_file_are_shown(here, place):
    (place / "one.path").write_text("[0]:[0]\n[1]:[]\n[2]:[1, 2]\n")
    one = {
        "src": "猫がいる。",
        "tgt": "There is a cat.",
        "src_tokens": [[0, 1], [1, 2]],
        "tgt_tokens": [[11, 14]],
        "links": [[0, 0]],
    }
    other = {
        "src": "鳥が空を飛ぶ。",
        "tgt": EN.splitlines()[1] + " " + EN.splitlines()[2],
        "src_tokens": [[0, 1]],
        "tgt_tokens": [[24, 28]],
        "links": [[0, 0]],
    }
    (place / "links.jsonl").write_text("".join(json.dumps(r) + "\n" for r in (one, other)))
    words = ("align", "view", "one.path", "a.ja", "a.en", "--words", "links.jsonl")
    answer = here(*words, cwd=place)
    assert answer.code == 0, answer.err
    # 猫 ↔ cat; 鳥 ↔ characters 24 to 28 of the joined text = 3 to 7 of the third sentence, which begins behind 20 characters and a blank
    assert "[[0,0,1,0,11,14],[2,0,1,2,3,7]]" in (place / "view.html").read_text("utf-8")
    (place / "links.jsonl").write_text(json.dumps(one) + "\n")
    answer = here(*words, cwd=place)
    assert (answer.code, answer.err) == (2, "mt: error: links.jsonl: expected 2 pairs as in one.path, found 1 pair\n")
    (place / "links.jsonl").write_text("".join(json.dumps(r) + "\n" for r in (other, one)))
    assert here(*words, cwd=place).err.startswith(
        "mt: error: links.jsonl:1: expected the text of bead 1: '猫がいる。', found '鳥が空を飛ぶ。'"
    )
