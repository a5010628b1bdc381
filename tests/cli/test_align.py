"""`mt align` as a user calls it: what it prints, its exit codes, its one-line errors."""

from __future__ import annotations

import dataclasses
import inspect
import json

import pytest

from mt.cli import align

JA = "猫が庭にいる。\n犬もいる。\n彼は長い本を静かに読んでいた。\n"
EN = "A cat is in the garden.\nThere is a dog too.\nHe was quietly reading a long book.\n"


@pytest.fixture
def run(mt, tmp_path):
    """`mt align a.ja.txt a.en.txt …` in a folder of these two."""
    (tmp_path / "a.ja.txt").write_text(JA, encoding="utf-8")
    (tmp_path / "a.en.txt").write_text(EN, encoding="utf-8")

    def call(*args, files=("a.ja.txt", "a.en.txt"), **more):
        return mt("align", *files, *args, cwd=tmp_path, **more)

    return call


def test_two_files_to_standard_output(run):
    done = run("--method", "length", "--format", "vecalign")
    assert done.code == 0
    assert [line.rpartition(":")[0] for line in done.out.splitlines()] == ["[0]:[0]", "[1]:[1]", "[2]:[2]"]
    assert done.err == (
        "mt: 3 sentences (ja by its script, lines) and 3 sentences (en by its script, lines) by length (asked for): "
        "3 pairs, 0 null beads; 3 written\n"
    )


def test_the_default_is_vectors_and_says_so(run):
    done = run("-o", "a.jsonl", "--json")
    assert done.code == 0
    assert "by embed (use reads ja and en): 3 pairs" in done.err
    report = json.loads(done.out)
    assert report["totals"] == {
        "documents": 1, "failed": 0, "without_partner": 0, "beads": 3, "pairs": 3, "nulls": 0, "fixed": 0, "written": 3,
    }  # fmt: skip
    assert report["options"]["format"] == "auto"
    assert report["documents"][0]["output"]["path"] == "a.jsonl"


def test_texts_that_are_no_translations_are_told_and_strict_ends_with_3(run, tmp_path):
    (tmp_path / "a.translated.txt").write_text("Fish swim.\nDeep sea.\nMany corals.\n", encoding="utf-8")
    given = ("-o", "o.tsv", "--translations", "a.translated.txt")
    told = run(*given)
    assert told.code == 0
    assert "mt: a.ja.txt and a.en.txt are not translations of each other (probability 0." in told.err
    assert run(*given, "--strict").code == 3


def test_a_folder_with_a_bad_file_ends_with_2_and_the_others_are_there(run, tmp_path):
    (tmp_path / "b.ja.txt").write_text(JA, encoding="utf-8")
    (tmp_path / "b.en.txt").write_bytes(b"\xff\x00")
    (tmp_path / "c.ja.txt").write_text(JA, encoding="utf-8")
    done = run("--out-dir", "out", "--method", "length", "--report", "report.json", files=(".", "."))
    assert done.code == 2
    assert "b.en.txt" in done.error
    assert "mt: 1 of 2 pairs of documents aligned: 3 pairs, 0 null beads; 3 written" in done.err
    assert "mt: without a partner, 1 source file: c.ja.txt" in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.tsv"]
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["failed"][0]["name"] == "b"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--longest", "0"], "--longest: expected a number from 1 to 10, found 0"),
        (["--min-probability", "2"], "--min-probability: expected a number from 0 to 1, found 2"),
        (["--json"], "--json: expected --output or --out-dir beside it"),
        (["-o", "x", "--out-dir", "y"], "--output: expected no --out-dir beside it, found x"),
        (
            ["--hard-boundaries", "--method", "length"],
            "--hard-boundaries for a.ja.txt and a.en.txt: expected paragraphs",
        ),
        (["--method", "mt", "--src-lang", "ru"], "--method mt: expected ja and en, which our models translate"),
        (["--method", "x"], "Invalid value for '--method'"),
    ],
)
def test_mistakes_are_one_line(run, args, said):
    done = run(*args)
    assert done.code == 2
    assert done.error.startswith(f"mt: error: {said}")


def test_a_missing_file_is_one_line(run):
    done = run(files=("none.txt", "a.en.txt"))
    assert (done.code, done.error) == (2, "mt: error: none.txt: expected a file, found nothing there")


def test_other_commands_live_beside_the_default_one(mt):
    out = mt("align", "--help", env={"COLUMNS": "120"}).out
    assert "Usage: mt align [OPTIONS]" in out
    for name in ("score", "view"):
        assert f"   {name}" in out
        assert f"mt align {name}" in mt("align", name, "--help", env={"COLUMNS": "120"}).out


def test_the_options_are_those_of_the_command():
    assert [f.name for f in dataclasses.fields(align.Asked)] == list(inspect.signature(align.command).parameters)
