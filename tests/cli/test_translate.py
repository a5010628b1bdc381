"""`mt translate` as it is called, over an engine that echoes: every option to what it does, and the ways it ends."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.cli import translate
from mt.errors import ConfigError
from mt.pipeline import translator
from mt.pipeline.config import DecodeConfig
from mt.types import Hypothesis
from tests.conftest import ROOT
from tests.fake_engine import EchoEngine

TEXT = st.text(st.sampled_from("猫犬。！「」 　\r\u2028\u0085\x0b12a※\n"), max_size=80)


@dataclass
class Done:
    code: int
    out: str
    err: str


class Nbest(EchoEngine):
    """Answers with as many hypotheses as are asked for, and with the alignment of an echo."""

    def _one(self, text, options, limit):
        best = super()._one(text, options, limit)
        others = tuple(
            Hypothesis(f"{best.text}{n}", best.logprob - n, best.pieces) for n in range(1, options.num_hypotheses)
        )
        links = tuple((n, n + 1) for n in range(len(text))) if options.alignment else None
        return Hypothesis(best.text, best.logprob, best.pieces, best.finished, alternatives=others, alignment=links)


def call(*, stdin=b"", engine=None, **options) -> Done:
    """The command in this process, with no guard unless asked for, as it lets no echo pass, and without what other tests remember."""
    out, err = io.StringIO(), io.StringIO()
    options = {"model": "starter", "guard": False, "no_memory": "memory" not in options, **options}
    if "files" in options:
        options["files"] = [Path(f) for f in options["files"]]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(translator, "open_model", lambda *_, **__: engine or Nbest())
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = translate.command(**options)
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    for name, text in (("a.ja.txt", "猫。\n"), ("tree/b.txt", "犬。鳥。\n\n"), ("tree/deep/c.txt", "魚。\r\n")):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


def test_the_options_and_their_record_are_the_same_and_defaults_are_those_of_a_run():
    parameters = inspect.signature(translate.command).parameters
    assert list(parameters) == [f.name for f in fields(translate.Asked)]
    defaults = {f.name: f.default for f in fields(DecodeConfig)}
    shared = parameters.keys() & defaults.keys()
    assert {"beam_size", "max_batch_pieces", "retry_budget", "guard", "num_hypotheses"} <= shared
    assert {name: parameters[name].default for name in shared} == {name: defaults[name] for name in shared}


@settings(deadline=None, max_examples=40)
@given(TEXT, st.booleans())
def test_standard_input_gives_as_many_lines_as_it_has(text, line_buffered):
    done = call(stdin=text.encode(), line_buffered=line_buffered)
    assert done.code == 0
    assert done.out.count("\n") == text.count("\n") + (bool(text) and not text.endswith("\n"))


@settings(deadline=None, max_examples=30)
@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=4))
def test_one_output_of_many_files_is_their_outputs_one_behind_the_other(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("many")
    paths = [folder / f"{n}.txt" for n in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    single = [call(files=[path]).out for path in paths]
    assert call(files=paths).out == "".join(single)
    call(files=paths, output=folder / "all.txt")
    assert (folder / "all.txt").read_bytes().decode() == "".join(single)
    call(files=paths, out_dir=folder / "en")
    assert [(folder / "en" / f"{n}.en.txt").read_bytes().decode() for n in range(len(texts))] == single
    for text, translated in zip(texts, single, strict=True):
        assert translated.count("\n") == text.count("\n") + (not text.endswith("\n"))


def test_trees_are_mirrored_and_can_be_made_again(folder):
    for _ in range(2):
        done = call(files=["tree"], out_dir=Path("tree/en"))
        assert done.code == 0
        assert "2 of 2 files written to tree/en" in done.err
        made = {p.relative_to("tree/en").as_posix(): p.read_bytes().decode() for p in Path("tree/en").rglob("*.*")}
        assert made == {"b.en.txt": "<犬。> <鳥。>\n\n", "deep/c.en.txt": "<魚。>\r\n"}


def test_names_by_suffix_and_template(folder):
    call(files=["a.ja.txt"], suffix=".eng")
    assert Path("a.eng.txt").read_text("utf-8") == "<猫。>\n"
    call(files=["tree"], out_dir=Path("x"), template="{dir}/en-{name}", glob="deep/*")
    assert Path("x/deep/en-c.txt").exists()
    call(files=["tree/*/*.txt"], suffix="-en")
    assert Path("tree/deep/c-en.txt").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"output": Path("x"), "out_dir": Path("y")},
            "--output: expected no --out-dir, --suffix or --template beside it",
        ),
        ({"suffix": ".a", "template": "{stem}"}, "--suffix: expected no --template beside it"),
        ({"output": Path("a.ja.txt")}, "--output: expected a file that is no input, found a.ja.txt"),
        ({"report": Path("a.ja.txt")}, "--report: expected a file that is no input, found a.ja.txt"),
        ({"output": Path("x"), "report": Path("x")}, "--report: expected another file than --output"),
        ({"template": "{name}"}, "--template: expected names where no input is overwritten"),
        ({"suffix": ".en", "report": Path("a.en.txt")}, "--suffix: expected files of different names"),
        ({"files": ["a.ja.txt", "-"]}, "FILES: expected files, or - alone"),
        ({"files": ["-"], "out_dir": Path("y")}, "FILES: expected files, found standard input among them"),
        ({"files": ["a.ja.txt", "x.jsonl"]}, "--format: expected one format for one output, found jsonl and text"),
        ({"num_hypotheses": 2}, "--num-hypotheses: expected JSON lines, which have room for alternatives"),
        ({"num_hypotheses": 5, "format": "jsonl"}, "--num-hypotheses: expected a number from 1 to 4, found 5"),
        ({"column": 0}, "--column: expected a number from 1"),
        ({"jobs": 65}, "--jobs: expected a number from 0 to 64, found 65"),
        ({"retry_budget": -1.0}, "--retry-budget: expected a number from 0 to 100"),
        ({"field": "score"}, "--field: expected a name other than"),
    ],
)
def test_options_that_do_not_go_together(folder, options, said):
    with pytest.raises(ConfigError) as e:
        call(**{"files": ["a.ja.txt"], **options})
    assert str(e.value).startswith(said)
    assert Path("a.ja.txt").read_text("utf-8") == "猫。\n"
    assert sorted(p.name for p in folder.iterdir()) in (["a.ja.txt", "tree"], ["a.ja.txt", "tree", "y"])


def test_json_lines_from_standard_input():
    line = '{"id": 7, "text": "猫。犬", "more": [1.50]}'
    done = call(stdin=(line + "\n").encode(), format="jsonl", num_hypotheses=3, with_alignment=True)
    [out] = done.out.splitlines()
    assert out.startswith(line[:-1] + ", ")
    row = json.loads(out)
    assert list(row) == ["id", "text", "more", "translation", "score", "flags", "alternatives", "alignment"]
    assert row["translation"] == "<猫。> <犬>"
    # an echo has the log-probability -(its length) and its length, two brackets and the end in pieces: -(2 + 1) / (5 + 4)
    assert row["score"] == round(-3 / 9, 4)
    # one sentence by its second answer costs 1 in both cases, and the first of equals stands first
    assert [a["text"] for a in row["alternatives"]] == ["<猫。> <犬>1", "<猫。>1 <犬>"]
    assert {a["score"] for a in row["alternatives"]} == {round(-4 / 9, 4)}
    # the second sentence begins behind 2 source pieces and 4 target pieces, the end mark not counted
    assert row["alignment"] == "0-1 1-2 2-5"


def test_the_alignment_goes_on_behind_a_sentence_that_was_split():
    # 30 characters and a mark, 30 more and a full stop: two parts of 31, of which an echo writes two brackets more; then a sentence of 2
    line = "あ" * 30 + "、" + "い" * 30 + "。犬。"
    done = call(
        stdin=json.dumps({"text": line}).encode() + b"\n", format="jsonl", with_alignment=True, engine=Nbest(50)
    )
    row = json.loads(done.out)
    assert row["translation"] == f"<{'あ' * 30}、> <{'い' * 30}。> <犬。>"
    links = [(n, n + 1) for n in range(31)] + [(31 + n, 33 + n + 1) for n in range(31)] + [(62, 67), (63, 68)]
    assert row["alignment"] == " ".join(f"{a}-{b}" for a, b in links)


def test_text_and_tables_with_scores_and_alignments(folder):
    assert call(stdin="猫\n\n".encode(), with_scores=True, with_alignment=True).out == "-0.2500\t<猫>\t0-1\n\t\t\n"
    Path("t.tsv").write_text("7\t猫\n8\t2021\n", encoding="utf-8")
    done = call(files=["t.tsv"], column=2, with_scores=True)
    assert done.out == "7\t猫\t<猫>\t-0.2500\t\n8\t2021\t2021\t\tpassed-through\n"
    assert call(files=["t.tsv"], column=2).out == "7\t猫\t<猫>\n8\t2021\t2021\n"


def test_bad_files_among_good_ones(folder):
    Path("bad.txt").write_bytes(b"\0")
    Path("x.txt").write_text("keep")
    done = call(files=["bad.txt", "a.ja.txt", "no.txt", "tree"], output=Path("x.txt"), report=Path("r.json"))
    assert done.code == 2
    assert [x for x in done.err.splitlines() if "error: " in x] == [
        "mt: error: bad.txt:1: expected text, found a NUL byte at offset 0 (binary data?)",
        "mt: error: no.txt: expected a file, found nothing there",
        "mt: error: tree: expected a file, found a directory",
    ]
    assert "1 of 4 files translated" in done.err
    assert Path("x.txt").read_text("utf-8") == "<猫。>\n"
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert [bool(f["error"]) for f in report["files"]] == [True, False, True, True]
    assert report["output"]["bytes"] == Path("x.txt").stat().st_size
    assert report["options"]["output"] == "x.txt"
    done = call(files=["no.txt", "no2.txt"], output=Path("x.txt"))
    assert Path("x.txt").read_text("utf-8") == "<猫。>\n"
    assert sorted(p.name for p in folder.iterdir()) == ["a.ja.txt", "bad.txt", "r.json", "tree", "x.txt"]


def test_exit_codes_of_failures_and_doubts():
    assert call(stdin="猫\n".encode()).code == 0
    failed = call(stdin="猫 never\n".encode(), engine=EchoEngine(loops="never"))
    assert failed.code == 3
    assert "1 flagged as failed" in failed.err
    doubted = {
        "stdin": "猫が３匹いた。\n".encode(),
        "engine": EchoEngine(answer=lambda _: "There were 4 cats."),
        "guard": True,
    }
    assert call(**doubted).code == 0
    strict = call(**doubted, strict=True)
    assert strict.code == 3
    assert "flags: " in strict.err
    assert "numbers 1" in strict.err


def test_the_summary_says_fates_speed_and_device():
    done = call(stdin="猫\n猫\n犬。2021\n\n".encode())
    # the blank line is no sentence
    assert "mt: 4 sentences: 2 decoded, 1 repeated, 1 passed through\n" in done.err
    assert "starter on nothing: " in done.err
    assert "sentences/s" in done.err


def test_what_a_memory_knows_is_not_decoded_again(folder):
    first, again = Nbest(), Nbest()
    one = call(files=["a.ja.txt"], memory=Path("m.db"), engine=first)
    two = call(files=["a.ja.txt"], memory=Path("m.db"), engine=again)
    assert (one.out, one.code) == (two.out, two.code) == ("<猫。>\n", 0)
    assert first.batches and not again.batches
    assert "1 remembered" in two.err
    third = Nbest()
    call(files=["a.ja.txt"], memory=Path("m.db"), no_memory=True, engine=third)
    assert third.batches


def test_reading_ahead_changes_nothing(folder):
    outs = {call(files=["tree/b.txt", "a.ja.txt", "tree/deep/c.txt"], jobs=jobs).out for jobs in (0, 1, 5)}
    assert outs == {"<犬。> <鳥。>\n\n<猫。>\n<魚。>\r\n"}


def test_a_line_is_answered_before_the_next_is_typed():
    process = subprocess.Popen(
        [sys.executable, "-m", "mt", "translate", "-m", "starter", "--line-buffered", "--no-memory"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        for line in ("2021。※。\n", "\n", "猫がいる。犬もいる。\n"):
            process.stdin.write(line.encode())
            process.stdin.flush()
            answer = process.stdout.readline().decode()
            assert bool(answer.strip()) == bool(line.strip())
    finally:
        process.stdin.close()
        process.stdout.close()
    assert process.wait(timeout=60) == 0


SLOWLY = """
import sys, time
from mt.pipeline import translator
from tests.fake_engine import EchoEngine

class Slow(EchoEngine):
    def translate_batch(self, *args):
        time.sleep(0.02)
        return super().translate_batch(*args)

translator.open_model = lambda *_, **__: Slow()
from mt.__main__ import main
main()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_leaves_no_half_file_under_a_final_name(tmp_path, how):
    (tmp_path / "a.txt").write_text("猫がいる。\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("".join(f"今日は{n}匹の猫がいた。\n" for n in range(30_000)), encoding="utf-8")
    args = ["translate", "a.txt", "b.txt", "--out-dir", "en", "-m", "starter", "--no-guard", "--no-memory"]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, *args],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 90
    # until b's first lines are on their way to the disk
    while time.monotonic() < end and not list(tmp_path.glob("en/.b.en.txt.*")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -9)
    assert b"Traceback" not in err
    left = sorted(p.name for p in (tmp_path / "en").iterdir())
    assert left[-1] == "a.en.txt"
    assert (tmp_path / "en" / "a.en.txt").read_text("utf-8") == "<猫がいる。>\n"
    # an interrupt takes the part away; against a kill nothing can be done but to keep it from the name
    assert [p.startswith(".b.en.txt.") for p in left[:-1]] == ([] if how == signal.SIGINT else [True])


def test_similar_sentences_are_reported_and_not_used(folder):
    call(stdin="猫が三匹いて、庭で遊んでいる。\n".encode(), memory=Path("m.sqlite"))
    done = call(
        stdin="猫が四匹いて、庭で遊んでいる。\n馬が走る。\n".encode(),
        memory=Path("m.sqlite"),
        fuzzy=0.8,
        report=Path("r.json"),
    )
    assert done.out == "<猫が四匹いて、庭で遊んでいる。>\n<馬が走る。>\n"
    # one character of 15 differs
    assert json.loads(Path("r.json").read_text("utf-8"))["similar"] == [
        {
            "file": "-",
            "line": 1,
            "source": "猫が四匹いて、庭で遊んでいる。",
            "similarity": 0.933,
            "remembered": "猫が三匹いて、庭で遊んでいる。",
            "translation": "<猫が三匹いて、庭で遊んでいる。>",
            "origin": "mt",
        }
    ]
    with pytest.raises(ConfigError, match="--fuzzy: expected --report beside it"):
        call(stdin=b"", fuzzy=0.8)
    with pytest.raises(ConfigError, match=r"--fuzzy: expected a number from 0\.5 to 1"):
        call(stdin=b"", fuzzy=0.2, report=Path("r.json"))
