"""mt evaluate as it is typed. sacrebleu's own command, its tests and its printer are the second program for its output."""

from __future__ import annotations

import dataclasses
import inspect
import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest
from sacrebleu.utils import Color, print_results_table

from mt.cli import evaluate
from mt.cli.app import run_command
from tests.conftest import Answer

WORDS = ["cat", "dog", "bird", "tree", "river", "stone", "house", "road", "moon", "cloud"]


@pytest.fixture
def inside(monkeypatch, capsys):
    """The command in this process, which is quicker than one of its own: inside("evaluate", …, cwd=…)."""

    def call(*args, cwd):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["mt", *map(str, args)])
        monkeypatch.setenv("NO_COLOR", "1")
        code = run_command()
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Ten segments; `a` is near the reference, `b` far from it."""
    folder = tmp_path_factory.mktemp("evaluate")
    refs = [f"The {WORDS[n]} is near the {WORDS[(n + 3) % 10]} and the {WORDS[(n + 7) % 10]} today." for n in range(10)]
    near = [r.replace("today", "now") if n % 3 else r for n, r in enumerate(refs)]
    far = [r.replace("is near", "was by").replace("and", "or") for r in refs]
    for name, lines in (("ref", refs), ("a", near), ("b", far), ("src", [f"文{n}。" for n in range(10)])):
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def sacrebleu(place: Path, *args: str) -> str:
    words = [sys.executable, "-m", "sacrebleu", "ref.txt", *args]
    done = subprocess.run(
        words, cwd=place, capture_output=True, text=True, timeout=60, env={"NO_COLOR": "1", "PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_command_prints_the_verdict_and_writes_the_page(mt, place, tmp_path):
    answer = mt("evaluate", "a.txt", "b.txt", "--ref", "ref.txt", "--src", "src.txt", "-o", tmp_path / "out", cwd=place)
    assert answer.code == 0, answer.err
    assert answer.out.startswith("a is better than b: +")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "report.html",
        "report.md",
        "scores.json",
        "segments.jsonl",
        "tables.tex",
    ]
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "a is better than b" in page
    assert "mt evaluate a.txt b.txt --ref ref.txt" in page


@pytest.mark.parametrize(
    "args",
    [
        ("-i", "a.txt", "-m", "bleu", "-f", "json", "-w", "3"),
        ("-i", "a.txt", "-m", "bleu", "chrf", "ter", "-f", "json"),
        ("-i", "a.txt", "-m", "bleu", "chrf", "-f", "text", "-w", "2"),
        ("-i", "a.txt", "-m", "bleu", "-f", "text"),
        ("-i", "a.txt", "-m", "bleu", "-f", "json", "-tok", "char", "-lc"),
        ("-i", "a.txt", "-m", "bleu", "chrf", "ter", "-f", "text", "-lc"),
        ("-i", "a.txt", "-m", "chrf", "-f", "json", "--confidence", "-w", "2"),
        ("-i", "a.txt", "b.txt", "-m", "bleu", "chrf", "-f", "json", "-w", "2"),
        ("-i", "a.txt", "b.txt", "-m", "ter", "chrf", "bleu", "-f", "text", "-w", "2"),
    ],
    ids=" ".join,
)
def test_output_is_sacrebleus_to_the_letter(inside, place, args):
    answer = inside("evaluate", *args, "-r", "ref.txt", cwd=place)
    assert answer.code == 0, answer.err
    assert answer.out == sacrebleu(place, *args)
    assert not (place / "evaluation").exists()


def test_paired_tests_have_sacrebleus_numbers(inside, place):
    args = ("-i", "a.txt", "b.txt", "-m", "bleu", "chrf", "-f", "json", "--paired-ar")
    ours, theirs = (
        json.loads(inside("evaluate", *args, "-r", "ref.txt", cwd=place).out),
        json.loads(sacrebleu(place, *args)),
    )
    assert [row["system"] for row in ours] == [row["system"] for row in theirs]
    for own, other in zip(ours, theirs, strict=True):
        for metric in ("BLEU", "chrF2"):
            assert own[metric]["score"] == pytest.approx(other[metric]["score"], abs=1e-9)
            assert own[metric]["p_value"] == (
                None if other[metric]["p_value"] is None else pytest.approx(other[metric]["p_value"])
            )


def test_the_grid_of_a_paired_test_is_the_one_that_sacrebleu_draws_from_its_own_results(
    inside, place, capsys, monkeypatch
):
    """sacrebleu's two tests, its means and intervals of the one and its p of the other, through its own printer."""
    refs, *systems = ((place / f"{name}.txt").read_text("utf-8").splitlines() for name in ("ref", "a", "b"))
    named = list(zip(("Baseline: a.txt", "b.txt"), systems, strict=True))
    found = []
    for kind, trials in (("bs", 200), ("ar", 500)):
        made = {"BLEU": BLEU(references=[refs]), "CHRF": CHRF(references=[refs])}
        found.append(PairedTest(named, made, references=None, test_type=kind, n_samples=trials)()[1])
    for name in ("BLEU", "chrF2"):
        for drawn, swapped in zip(found[0][name], found[1][name], strict=True):
            drawn.p_value = swapped.p_value
    monkeypatch.setattr(Color, "ENABLE_COLORS", False)
    capsys.readouterr()
    print_results_table(dict(found[0]), {}, Namespace(format="text", width=2, paired_bs=False, paired_ar=False))
    theirs = capsys.readouterr().out
    args = ("-m", "bleu", "chrf", "--paired-ar", "--confidence", "--resamples", "200", "--trials", "500", "-w", "2")
    ours = inside("evaluate", "-i", "a.txt", "b.txt", "-r", "ref.txt", "-f", "text", *args, cwd=place).out
    assert "(p = 0.0020)*" in ours
    assert ours.partition("\n\n")[0] == theirs.partition("\n\n")[0]
    assert f"{BLEU(references=[refs]).get_signature()}".removeprefix("nrefs:1|") in ours


def test_latex_can_go_into_a_paper_as_it_is(inside, place):
    made = inside(
        "evaluate", "-i", "a.txt", "b.txt", "-r", "ref.txt", "-m", "chrf", "ter", "-f", "latex", "-par", cwd=place
    )
    lines = made.out.splitlines()
    assert lines[0] == r"\begin{table}[t]"
    assert lines[4:6] == [r"System & chrF2 & TER \\", r"\midrule"]
    # `a` leads in both, and lower is better for TER; `b` differs from the first by both
    a, b = lines[6:8]
    assert a.count(r"\textbf") == 2
    assert r"\dagger" not in a
    assert r"\textbf" not in b
    assert b.count(r"$^{\dagger}$") == 2
    assert r"\texttt{nrefs:1|\allowbreak ar:10000|" in made.out
    for sign in "{}":
        assert made.out.count(sign) == made.out.count("{")


def test_the_whole_evaluation_as_latex_begins_with_the_table_for_a_paper(inside, place):
    args = ("a.txt", "b.txt", "-r", "ref.txt", "--trials", "500", "--resamples", "200", "-m", "chrf")
    made = inside("evaluate", *args, "--latex", cwd=place).out
    table = made.partition(r"\end{table}")[0]
    # two clusters: `a` before `b`, a line between them, the best bold
    assert table.count(r"\midrule") == 2
    assert table.index(r"a & \textbf{") < table.index("b & ")
    assert "Lines part rank clusters by chrF2." in table
    assert "unit:segment" in table


def test_standard_output_holds_what_was_asked_for_and_nothing_is_written(inside, place):
    made = json.loads(inside("evaluate", "a.txt", "b.txt", "-r", "ref.txt", "--json", cwd=place).out)
    assert made["schema"] == "kakehashi-evaluation/1"
    assert "| a |" in inside("evaluate", "a.txt", "b.txt", "-r", "ref.txt", "--markdown", cwd=place).out
    assert r"\toprule" in inside("evaluate", "a.txt", "b.txt", "-r", "ref.txt", "--latex", cwd=place).out
    assert not (place / "evaluation").exists()


def test_a_missed_limit_is_exit_code_three(inside, place, tmp_path):
    common = ("evaluate", "b.txt", "-r", "ref.txt", "-o", tmp_path / "x")
    assert inside(*common, "--fail-under", "chrF2=10", cwd=place).code == 0
    answer = inside(*common, "--fail-under", "chrF2=99", cwd=place)
    assert answer.code == 3
    assert "at least 99 was asked for" in answer.out


def test_compare_names_what_got_worse(inside, place, tmp_path):
    for folder, system in (("old", "a"), ("new", "b")):
        assert inside("evaluate", f"sys={system}.txt", "-r", "ref.txt", "-o", tmp_path / folder, cwd=place).code == 0
    answer = inside("evaluate", "compare", "old", "new", "--strict", cwd=tmp_path)
    assert answer.code == 3
    assert "chrF2" in answer.out and "worse" in answer.out
    assert (
        json.loads(inside("evaluate", "compare", "old", "new", "--json", cwd=tmp_path).out)["systems"][0]["worse"]
        is True
    )


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("a.txt",), "--ref: expected at least one reference, found none"),
        (("-r", "ref.txt"), "hypotheses: expected at least one file, found none"),
        (("no.txt", "-r", "ref.txt"), "no.txt: expected a file, found nothing there"),
        (("a.txt", "-r", "ref.txt", "-m", "blue"), "metric: expected one of bleu, chrf, chrf++, ter, found 'blue'"),
        (("a.txt", "-r", "ref.txt", "--alpha", "2"), "--alpha: expected a number from"),
        (("a.txt", "-r", "ref.txt", "-tok", "none-such"), "tokenize: expected one of"),
        (("a.txt", "-r", "ref.txt", "-f", "json", "-w", "99"), "--width: expected a number from 0 to 10, found 99"),
        (
            ("a.txt", "-r", "ref.txt", "-f", "json", "--paired-ar"),
            "--paired-ar: expected more than one system, found one",
        ),
        (
            ("a.txt", "-r", "ref.txt", "-s", "ref.txt", "-d", "/dev/null"),
            "/dev/null: expected text, found an empty file",
        ),
        (("compare", "a.txt", "b.txt"), "a.txt: expected JSON of an evaluation"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_bad_input_is_one_line_and_exit_code_two(inside, place, args, said):
    answer = inside("evaluate", *args, cwd=place)
    assert answer.code == 2
    assert said in answer.error


def test_the_options_are_those_of_the_command():
    assert [f.name for f in dataclasses.fields(evaluate.Asked)] == list(inspect.signature(evaluate.command).parameters)
