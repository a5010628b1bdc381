"""Many files through one stream: each gets its own lines, whole or not at all, whatever happens to the others."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.documents import stream
from mt.documents.rows import Layout
from mt.errors import EngineError, MTError
from mt.files import PartFile
from mt.pipeline import batch
from mt.pipeline.batch import Job, Options, translate_batch
from mt.pipeline.ledger import Ledger, describe
from mt.translate.run import BatchTranslator
from mt.types import DecodingOptions
from tests.fake_engine import EchoEngine

GOOD = st.text(st.sampled_from("猫犬。！「」 　\r\u2028\u0085\x0b12a※\n"), min_size=1, max_size=60).filter(str.strip)
BAD = st.sampled_from([b"", b" \n", b"\xff\xfe\x00", b"a\0b", "caf\u00e9".encode("cp1252"), None, "directory"])


def engine(**options):
    return BatchTranslator(EchoEngine(**options), DecodingOptions())


def write(folder: Path, contents) -> list[Job]:
    jobs = []
    for number, content in enumerate(contents):
        source = folder / f"{number}.txt"
        if content == "directory":
            source.mkdir()
        elif content is not None:
            source.write_bytes(content if isinstance(content, bytes) else content.encode())
        jobs.append(Job(source, folder / "out" / f"{number}.en.txt"))
    return jobs


def run(jobs, translator=None, *, keep=False, output=None, **options):
    ledger = Ledger(translator or engine(), keep=keep)
    translate_batch(ledger.translator, jobs, ledger, options=Options(**options), output=output)
    return ledger


def outputs(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (folder / "out").iterdir()} if (folder / "out").exists() else {}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(GOOD | BAD, max_size=8),
    st.sampled_from([None, 1, 5]),
    st.integers(0, 3),
    st.sampled_from([4, stream.WHOLE]),
)
def test_pooled_is_file_by_file_and_bad_files_are_only_themselves(tmp_path_factory, contents, window, ahead, whole):
    one, many = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("many")
    alone = [run([job]) for job in write(one, contents)]
    with pytest.MonkeyPatch.context() as patch:
        # the small size makes every file a large one
        patch.setattr(batch, "LineFile", lambda path: stream.LineFile(path, whole=whole))
        together = run(write(many, contents), window=window, ahead=ahead)
    assert outputs(many) == outputs(one)
    assert len(together.errors) == sum(len(a.errors) for a in alone)
    assert len(outputs(many)) + len(together.errors) == len(contents)
    for number, content in enumerate(contents):
        if f"{number}.en.txt" in outputs(many):
            text = content.decode() if isinstance(content, bytes) else content
            wanted = text.count("\n") + (not text.endswith("\n"))
            assert outputs(many)[f"{number}.en.txt"].count(b"\n") == wanted
    assert together.counts()["sentences"] == sum(a.counts()["sentences"] for a in alone)


def test_sentences_of_several_files_are_decoded_together(tmp_path):
    t = engine()
    run(write(tmp_path, ["猫\n", "犬\n", "鳥\n"]), t)
    assert sorted(t.engine.batches[0][0]) == ["犬", "猫", "鳥"]


def test_a_malformed_line_takes_its_whole_file_back_and_no_other(tmp_path):
    lines = ['{"text": "猫"}', '{"text": "犬"}', "oops"]
    for name, rows in (("a", lines[:2]), ("b", lines), ("c", lines[:1])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    for whole in (stream.WHOLE, 4):  # known before its lines are translated, or behind them
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch, "LineFile", lambda path, whole=whole: stream.LineFile(path, whole=whole))
            for window in (None, 1):
                jobs = [Job(tmp_path / f"{n}.jsonl", tmp_path / "out" / n) for n in "abc"]
                ledger = run(jobs, window=window)
                assert [str(e).removeprefix(f"{tmp_path}/") for e in ledger.errors] == [
                    "b.jsonl:3: expected a JSON object, found Expecting value in column 1"
                ]
                assert sorted(outputs(tmp_path)) == ["a", "c"]
                shared = PartFile(tmp_path / "all")
                run([Job(job.source) for job in jobs], output=shared, window=window)
                shared.commit()
                texts = [json.loads(x)["translation"] for x in (tmp_path / "all").read_text("utf-8").splitlines()]
                assert texts == ["<猫>", "<犬>", "<猫>"]


def test_a_full_disk_leaves_the_old_file_and_no_scraps(tmp_path, monkeypatch):
    jobs = write(tmp_path, ["猫\n", "犬\n"])
    run(jobs)
    jobs[0].source.write_text("鳥\n", encoding="utf-8")
    calls = []

    def full_once(_):
        calls.append(1)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_once)
    ledger = run(jobs)
    assert [str(e) for e in ledger.errors] == [f"{jobs[0].target}: cannot write: No space left on device"]
    assert outputs(tmp_path) == {"0.en.txt": "<猫>\n".encode(), "1.en.txt": "<犬>\n".encode()}


def test_a_target_that_cannot_be_written_is_known_before_its_text_is_decoded(tmp_path):
    jobs = write(tmp_path, ["猫\n", "犬\n"])
    (tmp_path / "out" / "0.en.txt").mkdir(parents=True)
    ledger = run(jobs)
    assert [str(e) for e in ledger.errors] == [f"{jobs[0].target}: cannot write: Is a directory"]
    assert ledger.translator.counts.decoded == 1


def test_what_fails_in_the_middle_leaves_nothing_half(tmp_path):
    class Dies(EchoEngine):
        def translate_batch(self, batch, options, limit):
            if any("死" in "".join(x) for x in batch):
                raise EngineError("the engine is gone")
            return super().translate_batch(batch, options, limit)

    jobs = write(tmp_path, ["猫\n犬\n", "鳥\n死\n魚\n"])
    with pytest.raises(EngineError):
        run(jobs, BatchTranslator(Dies()), window=1)
    assert outputs(tmp_path) == {"0.en.txt": "<猫>\n<犬>\n".encode()}


def test_an_interrupt_leaves_nothing_half(tmp_path):
    def interrupted(text):
        if text == "死":
            raise KeyboardInterrupt
        return f"<{text}>"

    jobs = write(tmp_path, ["猫\n犬\n", "鳥\n死\n魚\n"])
    with pytest.raises(KeyboardInterrupt):
        run(jobs, engine(answer=interrupted), window=1)
    assert sorted(outputs(tmp_path)) == ["0.en.txt"]


def test_standard_input_is_answered_up_to_the_line_that_is_none(tmp_path):
    out = io.StringIO()
    shared = type("Out", (), {"write": out.write, "mark": lambda _: (0, None), "back": lambda _, mark: None})()
    ledger = run([Job(io.BytesIO("猫\n".encode() + b"\xff\n"))], output=shared)
    assert out.getvalue() == "<猫>\n"
    assert [str(e) for e in ledger.errors] == ["<stdin>:2: expected UTF-8, found byte 0xff in column 1"]


def test_the_report_holds_every_file_and_every_doubt(tmp_path):
    jobs = write(tmp_path, ["猫。回。\n\n2021\n", b"", "回\n"])
    ledger = run(jobs, engine(loops="回"), keep=True)
    ledger.write(PartFile(tmp_path / "r.json"), {"beam_size": 4}, None)
    ledger.close()
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    counts = report["counts"]
    assert (counts["files"], counts["written"], counts["lines"], counts["sentences"]) == (3, 2, 4, 4)
    fates = ("decoded", "repeated", "remembered", "passed_through", "failed")
    assert sum(counts[name] for name in fates) == counts["sentences"]
    assert counts["passed_through"] == 1  # blank lines are not sentences
    assert report["flags"]["passed-through"] == 1
    for record, job in zip(report["files"], jobs, strict=True):
        assert record["source"] == str(job.source)
        if record["error"] is None:
            assert record["sha256"] == hashlib.sha256(job.source.read_bytes()).hexdigest()
            assert record["target_sha256"] == hashlib.sha256(job.target.read_bytes()).hexdigest()
            assert record["target_bytes"] == job.target.stat().st_size
    assert "an empty file" in report["files"][1]["error"]
    assert [p["lines"] for p in report["files"]] == [3, 0, 1]
    for name in ("signature", "device", "versions", "seconds", "sentences_per_second", "started"):
        assert name in report
    assert describe(ledger, "echo")[0].startswith("4 sentences: ")


def test_failures_are_in_the_report_with_file_and_line(tmp_path):
    jobs = write(tmp_path, ["猫\n\n死ねない、never。犬。\n"])
    ledger = run(jobs, engine(loops="never"), keep=True)
    ledger.write(PartFile(tmp_path / "r.json"), {}, None)
    ledger.close()
    [row] = json.loads((tmp_path / "r.json").read_text("utf-8"))["flagged"]
    assert (row["file"], row["line"], row["source"]) == (str(jobs[0].source), 3, "死ねない、never。")
    assert "unfinished" in row["flags"]
    assert ledger.totals.failed == ledger.counts()["failed"] == 1


def test_counts_that_do_not_add_up_are_an_error(tmp_path):
    ledger = run(write(tmp_path, ["猫\n"]))
    ledger.translator.counts.decoded += 1
    with pytest.raises(MTError, match="sentences: 1 read, but 2 accounted for"):
        ledger.counts()
    ledger.translator.counts.read += 1
    with pytest.raises(MTError, match="given to the translator 2"):
        ledger.counts()


def test_an_earlier_use_of_the_translator_does_not_count(tmp_path):
    t = engine()
    list(t.translate(["猫", "犬", ""]))
    assert run(write(tmp_path, ["鳥\n"]), t).counts() == {
        "sentences": 1, "decoded": 1, "repeated": 0, "remembered": 0, "passed_through": 0, "failed": 0,
    }  # fmt: skip


class Bar:
    """A progress display that adds up."""

    def __init__(self):
        self.done = 0

    def stage(self, name, total, unit):
        raise AssertionError("the stage is the caller's")

    def advance(self, count):
        assert count > 0
        self.done += count


@pytest.mark.parametrize("whole", [4, stream.WHOLE])
def test_progress_ends_at_the_size_of_the_files(tmp_path, monkeypatch, whole):
    monkeypatch.setattr(batch, "LineFile", lambda path: stream.LineFile(path, whole=whole))
    jobs, bar = write(tmp_path, ["猫。犬。\n\n\n" * 20, "鳥\r\n", "猫" * 30]), Bar()
    ledger = Ledger(engine())
    translate_batch(ledger.translator, jobs, ledger, progress=bar)
    assert bar.done == pytest.approx(sum(job.source.stat().st_size for job in jobs), abs=3)


def test_no_more_files_are_read_than_are_ahead(tmp_path, monkeypatch):
    opened, done = [], []

    class Spy(stream.LineFile):
        def __init__(self, path):
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(batch, "LineFile", Spy)
    jobs = write(tmp_path, ["猫\n"] * 30)
    ledger = Ledger(engine())
    monkeypatch.setattr(
        ledger, "file", lambda record, error: done.append(len(opened)) or Ledger.file(ledger, record, error)
    )
    translate_batch(ledger.translator, jobs, ledger, options=Options(window=1, ahead=2))
    assert all(read <= number + 2 + 2 for number, read in enumerate(done))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["猫。犬。", "", "2021", "鳥「あ。」と"]), min_size=1, max_size=6))
def test_the_same_texts_have_the_same_translations_in_every_format(tmp_path_factory, texts):
    if not any(t.strip() for t in texts):
        texts.append("猫")
    folder = tmp_path_factory.mktemp("formats")
    (folder / "a.txt").write_text("".join(f"{t}\n" for t in texts), encoding="utf-8")
    (folder / "a.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts), encoding="utf-8")
    (folder / "a.tsv").write_text("".join(f"{n}\t{t}\n" for n, t in enumerate(texts)), encoding="utf-8")
    jobs = [Job(folder / f"a.{x}", folder / f"b.{x}") for x in ("txt", "jsonl", "tsv")]
    assert run(jobs, layout=Layout(column=2)).errors == []
    plain = (folder / "b.txt").read_text("utf-8").split("\n")[:-1]
    assert [json.loads(x)["translation"] for x in (folder / "b.jsonl").read_text("utf-8").splitlines()] == plain
    assert [x.split("\t")[2] for x in (folder / "b.tsv").read_text("utf-8").split("\n")[:-1]] == plain
