"""Whole builds, stopped in every way a machine can stop them and shared out in every way: the same bytes as of a build that nobody disturbed.

What the runner owes any stages is in `test_corpus_build`; here the stages are the real ones. The build compared with is made by one process, in
one shard.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from mt.errors import ConfigError
from mt.pipeline import corpus_build
from mt.pipeline.corpus_card import edit
from mt.pipeline.corpus_config import load_corpus
from mt.pipeline.corpus_marks import plan
from mt.pipeline.corpus_validate import validate
from mt.pipeline.corpus_work import Work
from tests.conftest import ROOT

SRC = [
    "猫",
    "犬",
    "家",
    "川",
    "山",
    "電車",
    "学校",
    "先生",
    "本",
    "音楽",
    "冬",
    "夏",
    "町",
    "庭",
    "窓",
    "手紙",
    "友達",
    "朝",
]
TGT = "cat dog house river mountain train school teacher book music winter summer city garden window letter friend morning"
SHARDS = {1: 5000, 3: 120, 7: 40}  # at least so many shards, by rows of a shard
ROWS = 240


def sources(place):
    """Two sources: with copies within and between them, near copies, rows without a side, and lines that are no pair."""
    dice, words = random.Random(7), TGT.split()
    lines = {"a": [], "b": []}
    for n in range(ROWS):
        k = [dice.randrange(len(words)) for _ in range(3)]
        src = "昨日、" + "と".join(SRC[i] for i in k) + f"を{n}回見ました。"
        tgt = "Yesterday I saw the " + ", the ".join(words[i] for i in k) + f" {n} times."
        said = "\t".join((src, tgt))
        lines["a"].append({7: "no pair", 19: f"\tempty {n}", 31: lines["a"][-1] if n else said}.get(n % 40, said))
        if n % 3 == 0:
            lines["b"].append(said if n % 2 else "\t".join((f"第{n}章。" + src, f"Chapter {n}. " + tgt)))
    for name, text in lines.items():
        (place / f"{name}.tsv").write_text("\n".join(text) + "\n", "utf-8")


def config(place, name="c.toml", part_rows=5000, more=""):
    said = f"""name = "whole"
part_rows = {part_rows}
file_rows = 50
publish = ["parquet", "tsv", "jsonl", "moses", "tmx"]
[source.a]
path = "a.tsv"
document = "row"
licence = "CC0-1.0"
[source.b]
path = "b.tsv"
weight = 2
licence = "CC0-1.0"
[split]
dev = 0.1
test = 0.1
{more}"""
    (place / name).write_text(said, "utf-8")
    return place / name


def published(root):
    """Hash of every file outside of `work`."""
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.relative_to(root).parts[0] != "work")
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def whole(root):
    """See that all records add up and vouch for what is there, and that nothing is left over; the hashes of what is published."""
    records = [json.loads(p.read_text("utf-8")) for p in root.rglob("*.done.json")]
    told = {}
    for record in records:
        assert record["read"] == record["written"] + sum(record["rejected"].values())
        told |= record["outputs"]
    for name, out in told.items():
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == out["sha256"]
    made = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    rest = {x for x in made - told.keys() if not x.endswith(".done.json") and not x.startswith("work/cluster/")}
    assert rest <= {"work/plan.json"}
    return published(root)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    sources(folder)
    return folder


@pytest.fixture(scope="module")
def wanted(place):
    """Hashes of the build that nobody disturbed."""
    path, root = config(place), place / "wanted"
    corpus_build.build(path, root)
    found = whole(root)
    done = corpus_build.outcome(path, root)
    # 240 lines of a and 80 of b; every 40th of a is no pair, another has no source side
    assert done.read == ROWS + ROWS // 3
    assert done.rejected["bad-columns"] == ROWS // 40
    assert done.rejected["exact-copy"] > 0
    assert set(done.published) == {"train", "dev", "test"}
    assert {"README.md", "manifest.json", "report.html", "rejects.jsonl.zst", "train.tsv", "train.tmx"} <= found.keys()
    return found


@pytest.fixture
def copy(place, wanted, tmp_path):
    """The undisturbed build once more, to be harmed: configuration, folder."""
    for name in ("a.tsv", "b.tsv", "c.toml"):
        shutil.copy2(place / name, tmp_path / name)
    shutil.copytree(place / "wanted", tmp_path / "out", copy_function=shutil.copy2)
    return tmp_path / "c.toml", tmp_path / "out"


def start(path, root, *more, **options):
    args = [sys.executable, "-m", "mt", "corpus", "build", path, "-o", root, *more]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.Popen([*map(str, args)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def end(process, code=0):
    out, err = process.communicate(timeout=200)
    assert process.returncode == code, err.decode()
    assert b"Traceback" not in err
    return out.decode(), err.decode()


@pytest.mark.parametrize("shards", [3, 7])
def test_the_same_bytes_whatever_the_shards(place, wanted, tmp_path, shards):
    path = config(place, f"{shards}.toml", SHARDS[shards])
    corpus_build.build(path, tmp_path)
    assert len(list((tmp_path / "work" / "scores").glob("*.npy"))) >= shards
    assert whole(tmp_path) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("shards", [1, 3])
def test_the_same_bytes_by_two_workers(place, wanted, tmp_path, shards):
    path = config(place, f"{shards}-2.toml", SHARDS[shards])
    end(start(path, tmp_path, "--workers", 2))
    assert whole(tmp_path) == wanted


@pytest.mark.slow
def test_the_same_bytes_by_two_workers_in_seven_shards(place, wanted, tmp_path):
    path = config(place, "7-2.toml", SHARDS[7])
    end(start(path, tmp_path, "--workers", 2))
    assert whole(tmp_path) == wanted


@pytest.mark.slow
def test_the_same_bytes_by_two_processes_over_one_folder(place, wanted, tmp_path):
    path = config(place, "ranks.toml", SHARDS[7])
    both = [start(path, tmp_path, "--rank", rank, "--world-size", 2, "--workers", 1) for rank in (1, 0)]
    for process in both:
        end(process)
    assert whole(tmp_path) == wanted


@pytest.mark.slow
def test_the_same_bytes_by_datatrove(place, wanted, tmp_path):
    pytest.importorskip("datatrove", reason="needs the extra `cluster`")
    path = config(place, "trove.toml", SHARDS[3])
    end(start(path, tmp_path, "--executor", "local", "--tasks", 2, "--at-once", 1))
    assert whole(tmp_path) == wanted


def killed_in(path, root, stage, dice):
    """Start a build and kill all of its processes when a stage has begun; False where it ended before."""
    process = start(path, root, "--workers", 2, start_new_session=True)
    folder = root / "work" / stage
    while not folder.exists() or not any(folder.iterdir()):
        if process.poll() is not None:
            end(process)
            return False
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.05))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return True


def stages(path):
    return [stage.name for stage in corpus_build.stages(load_corpus(path), path.parent)]


def killed(place, wanted, root, names):
    path = config(place, f"{root.name}.toml", SHARDS[7])
    dice = random.Random(9)
    assert [name for name in names if not killed_in(path, root, name, dice)] == []
    out, err = end(start(path, root, "--workers", 2))
    assert whole(root) == wanted
    assert out.startswith(f"{ROWS + ROWS // 3} records = ")
    assert f"report: {root / 'report.html'}" in out
    assert err == ""


def test_kill_9_while_it_publishes(place, wanted, tmp_path):
    killed(place, wanted, tmp_path, ["publish"])


@pytest.mark.slow
def test_kill_9_in_every_stage(place, wanted, tmp_path):
    killed(place, wanted, tmp_path, stages(config(place)))


def test_an_output_of_every_stage_cut_short_or_altered_is_made_again(copy, wanted):
    path, root = copy
    work = Work(root)
    harmed = 0
    for stage in corpus_build.stages(load_corpus(path), path.parent):
        for record in [*work.records(stage)][:1]:
            for number, name in enumerate(record["outputs"]):
                data = (root / name).read_bytes()
                middle = len(data) // 2
                altered = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
                (root / name).write_bytes(data[:middle] if number % 2 else altered)
                harmed += 1
    assert harmed > 20
    corpus_build.build(path, root)
    assert whole(root) == wanted


def test_another_threshold_is_refused_and_redo_keeps_rows_and_scores(copy):
    path, root = copy
    kept = [p for name in ("rows", "scores", "keys", "near") for p in (root / "work" / name).iterdir()]
    before = [(p.stat().st_ino, p.stat().st_mtime_ns) for p in kept]
    config(path.parent, more="[filter.tgt-words]\nhigh = 12\n")
    with pytest.raises(ConfigError, match=r"--redo.*others for verdict, ") as error:
        corpus_build.build(path, root)
    assert "rows" not in str(error.value).split("others for")[1]
    corpus_build.build(path, root, redo=True)
    assert before == [(p.stat().st_ino, p.stat().st_mtime_ns) for p in kept]
    after = whole(root)
    shutil.rmtree(root)
    corpus_build.build(path, root)
    assert whole(root) == after


def test_what_a_maintainer_said_is_kept_when_it_is_built_again(copy):
    path, root = copy
    edit(root, {"title": 'Ｃats "and" dogs', "contact": "a\nb"}, {"wrong pairs": "3 of 100"})
    text = (root / "README.md").read_text("utf-8")
    assert "wrong pairs: 3 of 100" in text
    corpus_build.build(path, root)  # the card is not what was recorded, and is made again
    assert (root / "README.md").read_text("utf-8") == text
    config(path.parent, more="[filter.tgt-words]\nhigh = 12\n")
    corpus_build.build(path, root, redo=True)
    assert "wrong pairs: 3 of 100" in (root / "README.md").read_text("utf-8")
    assert validate(root).wrong == []
    # by hand
    (root / "card.toml").write_text('title = "Cats"\n', "utf-8")
    assert "# Cats\n" in edit(root, {}, {})
    assert "3 of 100" not in (root / "manifest.json").read_text("utf-8")
    (root / "card.toml").write_text('titel = "Cats"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"card\.toml:1: titel: expected a known key"):
        edit(root, {}, {})


def test_another_number_of_tasks_is_refused(copy):
    path, root = copy
    with pytest.raises(ConfigError, match="--tasks: expected 1"):
        corpus_build.build(path, root, corpus_build.Share(0, 2))


def test_a_source_that_changed_is_refused_and_redo_reads_it_again(copy, wanted):
    path, root = copy
    source = path.parent / "b.tsv"
    text = source.read_bytes()
    source.write_bytes(text.replace("第".encode(), "全".encode()))
    with pytest.raises(ConfigError, match=r"source files.*others for rows, "):
        corpus_build.build(path, root)
    corpus_build.build(path, root, redo=True)
    assert whole(root) != wanted
    source.write_bytes(text)
    corpus_build.build(path, root, redo=True)
    assert whole(root) == wanted


BY_UNIT = ("rows", "scores", "keys", "near", "verdict", "split")


def test_another_source_file_makes_its_own_units_and_the_rest_stays(tmp_path, monkeypatch):
    """Files that come, change and go: what was made of the others is not touched, and the bytes are those of a build from nothing."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nobody pulls the plug here
    sources(tmp_path)
    files, root = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    lines = (tmp_path / "a.tsv").read_text("utf-8").splitlines() + (tmp_path / "b.tsv").read_text("utf-8").splitlines()
    texts = ["\n".join(lines[n::4]) + "\n" for n in range(4)]  # with copies of each other
    for n in range(3):
        (files / f"{n}.tsv").write_text(texts[n], "utf-8")
    path = config(tmp_path)
    told = path.read_text("utf-8").replace('"a.tsv"', '"files/*.tsv"')
    path.write_text(told.replace('"parquet", "tsv", "jsonl", "moses", "tmx"', '"tsv"'), "utf-8")

    def made(file):
        found = [p for name in BY_UNIT for p in (root / "work" / name).glob(f"000-a-0000{file}*")]
        return {p.relative_to(root).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns) for p in found}

    corpus_build.build(path, root)
    first, before = whole(root), made(0)
    assert {name.split("/")[1] for name in before} == {*BY_UNIT}
    # one changes, one comes
    changed = made(1)
    (files / "1.tsv").write_text(texts[1].replace("昨日", "先日"), "utf-8")
    (files / "3.tsv").write_text(texts[3], "utf-8")
    with pytest.raises(ConfigError, match=r"--redo.*others for rows, "):
        corpus_build.build(path, root)
    corpus_build.build(path, root, redo=True)
    assert made(0) == before
    assert made(1).keys() == changed.keys() and not set(made(1).items()) & set(changed.items())
    corpus_build.build(path, tmp_path / "new")
    assert whole(root) == whole(tmp_path / "new")
    # and back
    (files / "1.tsv").write_text(texts[1], "utf-8")
    (files / "3.tsv").unlink()
    corpus_build.build(path, root, redo=True)
    assert whole(root) == first
    assert made(0) == before
    assert made(3) == {}


def test_another_pair_of_documents_changes_its_batch_alone(tmp_path):
    """Units are batches of 32 pairs that are aligned: what 33 pairs make of the first 32 is not made again for a 34th, nor what is scored of it."""
    for n in range(33):
        for lang in ("ja", "en"):
            (tmp_path / f"{n:02}.{lang}.txt").write_text("猫。\n" if lang == "ja" else "A cat.\n", "utf-8")
    path = tmp_path / "c.toml"
    said = '[source.{0}]\npath = "{1}.ja.txt"\ntgt_path = "{1}.en.txt"\nmake = "align"\nmethod = "length"\n'
    path.write_text('name = "c"\n' + said.format("a", "*"), "utf-8")
    first = plan(corpus_build.stages(load_corpus(path), tmp_path))
    for lang in ("ja", "en"):
        (tmp_path / f"33.{lang}.txt").write_text("犬", "utf-8")
    path.write_text(path.read_text("utf-8") + said.format("b", "00"), "utf-8")  # and another source
    second = plan(corpus_build.stages(load_corpus(path), tmp_path))
    assert [*first.units["rows"]] == ["000-a-00000", "000-a-00001"]
    assert [*second.units["rows"]] == ["000-a-00000", "000-a-00001", "001-b-00000"]
    for stage, part in (("rows", ""), ("scores", "-00000"), ("verdict", "-00007"), ("split", "-00000")):
        assert first.mark(stage, f"000-a-00000{part}") == second.mark(stage, f"000-a-00000{part}")
        assert first.mark(stage, f"000-a-00001{part}") != second.mark(stage, f"000-a-00001{part}")
    # what compares rows, or counts them, sees all
    rest = {*first.stages} - {"rows", "scores", "verdict", "split"}
    assert rest and all(first.stages[name] != second.stages[name] for name in rest)


@pytest.mark.slow
def test_a_full_file_system(place, wanted, tmp_path):
    """A tmpfs of some hundred kilobytes for the folder, where this process may mount one; it grows bit by bit."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this process may not mount a file system")
    try:
        path = config(place, "full.toml", SHARDS[7])
        for size in ("60k", "300k", "500k"):
            subprocess.run(["mount", "-o", f"remount,size={size}", str(small)], check=True)
            _, err = end(start(path, small / "out", "--workers", 2), 2)
            assert err.startswith("mt: error: ")
            assert "No space left on device" in err
            assert len(err.splitlines()) == 1
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        end(start(path, small / "out", "--workers", 2))
        assert whole(small / "out") == wanted
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits on file sizes are a matter of POSIX systems")
def test_a_file_that_may_not_grow(place, wanted, tmp_path):
    """As on a full disk: one line, exit code 2, and the same command goes on."""

    def small():
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, resource.RLIM_INFINITY))

    path = config(place, "limit.toml", SHARDS[7])
    _, err = end(start(path, tmp_path, "--workers", 1, preexec_fn=small), 2)
    assert err.startswith("mt: error: ")
    assert "cannot write: File too large" in err
    assert len(err.splitlines()) == 1
    end(start(path, tmp_path, "--workers", 1))
    assert whole(tmp_path) == wanted
