"""The commands as a user sees them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT
from tests.fakes import write_marian


def test_version(mt):
    assert mt("version").out.startswith("kakehashi")
    assert "ctranslate2" in json.loads(mt("version", "--json").out)
    assert mt("--version").out.startswith("kakehashi 0.")


@pytest.mark.parametrize(
    "text", ["猫がいる。\n\n犬もいる。鳥は飛ぶ。\n", "猫がいる。", "\n", "", "a\u2028b\n2021\n　\n", "猫\r\n犬\r\n"]
)
def test_one_line_in_one_line_out(mt, text):
    answer = mt("translate", stdin=text.encode())
    assert answer.code == 0
    wanted = text.count("\n") + (not text.endswith("\n") and bool(text))
    assert answer.out.count("\n") == wanted
    for line, translated in zip(text.split("\n"), answer.out.split("\n"), strict=False):
        assert bool(line.strip()) == bool(translated.strip())


def test_lines_without_a_word_come_out_as_they_went_in(mt):
    text = "\n　\n※※※\n３．１４\n１。２。\n３。　４。\n"
    assert mt("translate", stdin=text.encode()).out == text


def test_translating_a_file_is_the_same_as_piping_it(mt, tmp_path):
    path = tmp_path / "a.ja.txt"
    path.write_text("猫がいる。\n犬もいる。\n", encoding="utf-8")
    piped = mt("translate", stdin=path.read_bytes()).out
    assert mt("translate", path).out == piped
    assert mt("translate", path, "-o", tmp_path / "x.txt").out == ""
    assert (tmp_path / "x.txt").read_text("utf-8") == piped
    mt("translate", path, "--out-dir", tmp_path / "out")
    assert (tmp_path / "out" / "a.en.txt").read_text("utf-8") == piped


def test_score_prints_signatures_and_json(mt, tmp_path):
    for name, text in {"h": "A cat sat.\nIt rained.\n", "r": "A cat sat.\nIt snowed.\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    answer = mt("score", "h", "r", cwd=tmp_path)
    assert answer.code == 0
    assert [line.split()[0] for line in answer.out.splitlines()] == ["BLEU", "chrF2", "TER"]
    assert "unit:segment|n:2" in answer.out
    rows = json.loads(mt("score", "h", "r", "--json", "--metric", "chrf", cwd=tmp_path).out)
    assert [r["name"] for r in rows] == ["chrF2"]
    assert rows[0]["low"] <= rows[0]["value"] <= rows[0]["high"]


def test_models(mt):
    assert "starter" in mt("models", "list").out
    assert json.loads(mt("models", "list", "--json").out)[0]["name"] == "starter"
    shown = json.loads(mt("models", "show", "starter", "--json").out)
    assert shown["vocabulary"] and shown["sha256"]
    assert mt("models", "verify", "starter").code == 0


def test_verify_names_what_is_wrong(mt, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    answer = mt("models", "verify", tmp_path)
    assert answer.code == 2
    assert str(tmp_path) in answer.err


def test_a_closed_pipe_is_no_traceback():
    done = subprocess.run(
        f"yes 猫がいる。 | head -20000 | {sys.executable} -m mt translate -m starter | head -1",
        shell=True,
        capture_output=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


def test_ctrl_c_exits_with_130():
    process = subprocess.Popen(
        [sys.executable, "-m", "mt", "translate"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_flagged_failures_are_delivered_and_end_with_3(mt, tmp_path):
    """A model of random weights never ends a sentence: every answer is a failure, and none is lost."""
    write_marian(tmp_path / "random")
    text = "猫が庭にいる。犬も。\n\n2021\n今日は雨が降った。\n"
    answer = mt("translate", "--model", "random", stdin=text.encode(), cwd=tmp_path)
    assert answer.code == 3
    assert [bool(line) for line in answer.out.split("\n")] == [True, False, True, True, False]
    assert "4 sentences: 0 split because they were too long, 3 flagged as failed" in answer.err
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    answer = mt("run", "--source", "a.txt", "--model", "random", "--out", "out", cwd=tmp_path)
    assert answer.code == 3
    assert "3 failed" in answer.out
    counts = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["counts"]
    assert (counts["sentences"], counts["pairs"], counts["failed"]) == (4, 0, 3)
    assert (counts["not_paired_unfinished"], counts["not_paired_passed_through"]) == (3, 1)
    rows = [json.loads(line) for line in (tmp_path / "out" / "sentences.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert sum({"retried", "unfinished"} <= set(r["flags"]) for r in rows) == 3
