"""Builds by made-up stages (`corpus_toy`): what the runner owes any stages, whatever they do. The expected total is a sum written out here."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mt.errors import ConfigError, MTError
from mt.pipeline import corpus_build
from mt.pipeline.corpus_marks import plan
from mt.pipeline.corpus_work import Made, Unit, Work
from tests.conftest import ROOT
from tests.pipeline import corpus_toy

STAGES = ("numbers", "squares", "total")


def total(units, factor=2):
    return sum(factor * n * n for n in range(10 * units) if n % 3)


def start(place, root="out", *more, **options):
    args = [sys.executable, "-m", "tests.pipeline.corpus_toy", place / "c.toml", place / root, *more]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([*map(str, args)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def end(process, code=0):
    """Standard error of a process that ends with a code, and without a traceback."""
    _, err = process.communicate(timeout=100)
    said = err.decode()
    assert process.returncode == code, said
    assert "Traceback" not in said
    return said


def config(place, units=7, factor=2):
    (place / "told").mkdir(exist_ok=True)
    said = f'name = "toy"\npart_rows = {units}\nfile_rows = {factor}\n[source.a]\npath = "a.tsv"\n'
    (place / "c.toml").write_text(said, "utf-8")
    return place


@pytest.fixture
def place(tmp_path):
    return config(tmp_path)


@pytest.fixture
def build(monkeypatch):
    """A build in this process, by one worker: quicker than a program where processes are not the point."""
    monkeypatch.setattr(corpus_build, "stages", corpus_toy.stages)

    def call(place, root="out", **more):
        corpus_build.build(place / "c.toml", place / root, corpus_build.Share(**more.pop("share", {})), **more)

    return call


def tell(place, kind, unit, said=""):
    (place / "told" / f"{kind}-{unit}").write_text(said)


def log(place):
    """Units in the order in which they were begun, since the last look."""
    path = place / "told" / "log"
    found = [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def published(root):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(root.iterdir()) if p.is_file()}


def whole(place, root="out", units=7, factor=2):
    """See that a folder is complete: the total, records that add up and vouch for what is there, nothing left over."""
    root = place / root
    assert (root / "total.txt").read_text() == f"{total(units, factor)}\n"
    assert len(published(root)) == units + 1
    for path in root.rglob("*.done.json"):
        record = json.loads(path.read_text())
        assert record["read"] == record["written"] + sum(record["rejected"].values())
        for name, out in record["outputs"].items():
            assert hashlib.sha256((root / name).read_bytes()).hexdigest() == out["sha256"]
    assert not [p for p in root.rglob("*") if p.name.endswith((".part", ".partial"))]


def until(found, seconds=60):
    """Wait for something."""
    stop = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < stop
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("units", [1, 3, 7])
def test_the_same_bytes_whatever_the_workers_and_processes(tmp_path, units):
    place = config(tmp_path, units)
    one, two = start(place, "one", "--workers", 1), start(place, "two", "--workers", 2)
    ranks = [start(place, "ranks", "--workers", 1, "--tasks", 2, "--rank", rank) for rank in (1, 0)]
    for process in (one, two, *ranks):
        end(process)
    for name in ("one", "two", "ranks"):
        whole(place, name, units)
    assert published(place / "one") == published(place / "two") == published(place / "ranks")
    done = log(place)
    assert len(done) == 3 * (2 * units + 1)  # each unit once in each of three builds: ranks share and never repeat


def test_what_is_complete_is_not_made_again(place, build):
    build(place)
    assert len(log(place)) == 15
    before = {p: p.stat().st_mtime_ns for p in (place / "out").rglob("*") if p.is_file()}
    build(place)
    assert log(place) == []
    assert before == {p: p.stat().st_mtime_ns for p in before}


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param("numbers", marks=pytest.mark.slow),
        "squares",
        pytest.param("total", marks=pytest.mark.slow),
    ],
)
def test_kill_9_of_everything_in_each_stage(place, build, stage):
    unit = {"numbers": "003", "squares": "004", "total": "all"}[stage]
    tell(place, "slow", f"{stage}-{unit}", "60")
    process = start(place, "out", "--workers", 2, start_new_session=True)
    until(lambda: (place / "told" / "log").exists() and f"{stage}/{unit}" in (place / "told" / "log").read_text())
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    (place / "told" / f"slow-{stage}-{unit}").unlink()
    first = log(place)
    kept = {p.name.partition(".")[0] for p in (place / "out" / "work" / stage).glob("*.done.json")}
    build(place)
    whole(place)
    again = log(place)
    assert f"{stage}/{unit}" in again
    assert not {x for x in again if x.startswith(f"{stage}/") and x.split("/")[1] in kept}
    assert sorted({*first, *again}) == sorted([f"{s}/{n:03}" for s in STAGES[:2] for n in range(7)] + ["total/all"])


def test_a_worker_that_is_killed_is_one_clear_line_and_the_build_goes_on(place, build):
    tell(place, "die", "squares-002")
    said = end(start(place, "out", "--workers", 2), 1)
    assert "squares: a worker was killed (out of memory?); the same command goes on" in said
    build(place)
    whole(place)


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_parent(place):
    for n in range(7):
        tell(place, "slow", f"numbers-{n:03}", "60")
    process = start(place, "out", "--workers", 2)
    path = place / "told" / "log"
    until(lambda: path.exists() and len(path.read_text().splitlines()) == 2)
    workers = [int(line.split()[1]) for line in path.read_text().splitlines()]
    process.kill()
    process.communicate()

    def gone(pid):
        state = Path(f"/proc/{pid}/stat")
        try:
            return state.read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    until(lambda: all(map(gone, workers)), 10)


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_an_error_of_a_unit_keeps_its_words_and_its_exit_code(place, build, workers):
    for n in range(3, 7):
        tell(place, "slow", f"numbers-{n:03}", "60")
    tell(place, "fail", "numbers-001")
    began = time.monotonic()
    said = end(start(place, "out", "--workers", workers), 2)
    assert said == "mt: error: in.tsv:7: expected two columns, found one\n"
    assert time.monotonic() - began < 50  # it does not wait for units that are under way
    for path in (place / "told").glob("slow-*"):
        path.unlink()
    build(place)
    whole(place)


def test_ctrl_c_ends_at_once_with_130(place, build):
    for n in range(7):
        tell(place, "slow", f"squares-{n:03}", "60")
    process = start(place, "out", "--workers", 2, start_new_session=True)
    until(lambda: (place / "told" / "log").exists() and "squares" in (place / "told" / "log").read_text())
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
    assert end(process, 130) == ""
    assert time.monotonic() - began < 20
    for path in (place / "told").glob("slow-*"):
        path.unlink()
    build(place)
    whole(place)


@pytest.mark.parametrize("harm", ["cut", "altered", "gone", "half a record"])
@pytest.mark.parametrize("name", ["work/numbers/003.txt", "squares-005.txt", "total.txt"])
def test_an_output_that_is_not_what_its_record_says_is_made_again(place, build, harm, name):
    build(place)
    log(place)
    path = place / "out" / name
    stage = {"w": "numbers", "s": "squares", "t": "total"}[name[0]]
    unit = {"numbers": "003", "squares": "005", "total": "all"}[stage]
    data = path.read_bytes()
    if harm == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif harm == "altered":
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif harm == "gone":
        path.unlink()
    else:
        record = place / "out" / "work" / stage / f"{unit}.done.json"
        record.write_bytes(record.read_bytes()[:40])
    build(place)
    whole(place)
    assert log(place) == [f"{stage}/{unit}"]


def test_workers_verify_what_is_too_much_for_one_process(place, build, monkeypatch):
    build(place)
    log(place)
    (place / "out" / "squares-005.txt").write_text("0\n")
    monkeypatch.setattr(corpus_build, "_QUICK", 1)
    build(place)
    whole(place)
    assert log(place) == ["squares/005"]


def test_other_settings_are_refused_and_redo_makes_again_what_depends_on_them(place, build):
    build(place)
    log(place)
    first = (place / "out" / "work" / "numbers" / "000.txt").stat()
    config(place, factor=3)
    with pytest.raises(ConfigError, match=r"--redo.*others for squares, total"):
        build(place)
    whole(place)  # as before
    build(place, redo=True)
    whole(place, factor=3)
    assert {x.split("/")[0] for x in log(place)} == {"squares", "total"}
    second = (place / "out" / "work" / "numbers" / "000.txt").stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)


def test_redo_takes_away_published_files_that_are_no_longer_made(place, build):
    build(place)
    config(place, units=3)
    build(place, redo=True)
    whole(place, units=3)


@pytest.mark.slow
def test_a_redo_that_is_killed_goes_on(place):
    end(start(place))
    config(place, factor=3)
    tell(place, "slow", "squares-004", "60")
    log(place)
    process = start(place, "out", "--workers", 1, "--redo")
    until(lambda: (place / "told" / "log").exists() and "squares/004" in (place / "told" / "log").read_text())
    process.kill()
    process.communicate()
    (place / "told" / "slow-squares-004").unlink()
    end(start(place))
    whole(place, factor=3)


@pytest.mark.slow
def test_two_ranks_with_redo_do_not_take_away_what_the_other_made(place):
    end(start(place))
    config(place, factor=3)
    for process in [start(place, "out", "--redo", "--workers", 1, "--tasks", 2, "--rank", r) for r in (1, 0)]:
        end(process)
    whole(place, factor=3)


def test_another_number_of_tasks_is_refused(place, build):
    build(place)
    log(place)
    two = {"rank": 0, "tasks": 2, "patience": 0.1}
    with pytest.raises(ConfigError, match="--tasks: expected 1"):
        build(place, share=two)
    build(place, redo=True, share=two)
    whole(place)
    assert log(place) == []  # nothing was made again


def test_a_source_that_changed_is_noticed(place, build, monkeypatch):
    source = place / "told" / "source"
    source.write_text("a")
    build(place)
    os.utime(source, ns=(1, 1))
    with pytest.raises(ConfigError, match="others for numbers, squares, total"):
        build(place)
    run = corpus_toy.Toy.run

    def late(self, work, unit):
        os.utime(source, ns=(2, 2))  # while the build runs
        return run(self, work, unit)

    monkeypatch.setattr(corpus_toy.Toy, "run", late)
    with pytest.raises(ConfigError, match="source files that do not change during a build"):
        build(place, redo=True)


def test_a_rank_gives_up_when_the_others_do_not_come_and_goes_on_when_they_came(place, build):
    asked = {"tasks": 2, "patience": 0.2}
    with pytest.raises(MTError, match=r"numbers: 4 units of other tasks missing after 0\.2 s, the first 000"):
        build(place, share={"rank": 1, **asked})
    with pytest.raises(MTError, match=r"squares: 3 units"):
        build(place, share={"rank": 0, **asked})
    with pytest.raises(MTError, match=r"total: 1 unit "):
        build(place, share={"rank": 1, **asked})
    build(place, share={"rank": 0, **asked})
    build(place, share={"rank": 1, **asked})
    whole(place)
    assert len(log(place)) == 15


@pytest.mark.skipif(os.name != "posix", reason="limits on file sizes are a matter of POSIX systems")
def test_a_full_disk(place, build):
    def small():
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (250, resource.RLIM_INFINITY))

    said = end(start(place, "out", "--workers", 2, preexec_fn=small), 2)
    assert said.startswith("mt: error: ")
    assert "cannot write: File too large" in said
    assert len(said.splitlines()) == 1
    build(place)
    whole(place)


# the folder itself, in this process


class Given:
    def __init__(self, name, after=(), **params):
        self.name, self.after, self._params = name, after, params

    def params(self):
        return self._params

    def units(self, work):
        return [Unit("a")]


def test_rows_that_do_not_add_up_are_no_record():
    with pytest.raises(MTError, match="3 read, 1 written, 1 rejected"):
        Made((), 3, 1, {"empty": 1})


def test_a_fingerprint_says_what_a_stage_depends_on():
    first = plan([Given("a", x=1), Given("b", ("a",)), Given("c", ())])
    second = plan([Given("a", x=2), Given("b", ("a",)), Given("c", ())])
    assert [first.stages[n] == second.stages[n] for n in "abc"] == [False, False, True]


class Apart(Given):
    """A stage whose units are fingerprinted one by one."""

    def each(self):
        return self._params["each"]

    def params(self):
        return {}


class Parts(Given):
    of = "a"


def test_a_fingerprint_of_a_unit_says_what_it_alone_depends_on():
    first, more, other = (
        plan([Apart("a", each=each), Parts("b", ("a",), y=y), Given("c", ("b",))])
        for each, y in (({"1": "x"}, 0), ({"1": "x", "2": "z"}, 0), ({"1": "y"}, 1))
    )
    assert first.others(more) == ["a", "b", "c"]  # stages have something to do
    for stage, unit in (("a", "1"), ("b", "1-00000")):  # but not for what was there
        assert first.mark(stage, unit) == more.mark(stage, unit) != other.mark(stage, unit)
    assert more.mark("a", "1") != more.mark("a", "2") != first.mark("a", "2") is None
    assert first.mark("b", "2-00000") is None
    assert first.mark("c", "all") == first.stages["c"]


def test_a_record_of_other_settings_is_not_believed(tmp_path):
    (tmp_path / "x").write_text("x")
    work = Work(tmp_path)
    work.begin([Given("a", x=1)], 1)
    work.done("a", "a", Made((tmp_path / "x",), 1, 1))
    assert Work(tmp_path).verify("a", "a")
    # the same record beside another plan, as where another process left it there late
    record = work.path("a", "a.done.json").read_bytes()
    other = Work(tmp_path)
    other.begin([Given("a", x=2)], 1, redo=True)
    assert not (tmp_path / "x").exists()
    (tmp_path / "x").write_text("x")
    work.path("a", "a.done.json").write_bytes(record)
    assert other.record("a", "a") is None
    assert Work(tmp_path).record("a", "a") is None


def test_a_plan_that_is_none_is_an_error_of_its_own(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "plan.json").write_text("[]")
    with pytest.raises(MTError, match="expected the plan of a build"):
        Work(tmp_path).begin([], 1)


def test_only_rank_0_carries_out_a_redo(tmp_path):
    Work(tmp_path).begin([Given("a", x=1)], 2)
    with pytest.raises(MTError, match="rank 0"):
        Work(tmp_path).begin([Given("a", x=2)], 2, redo=True, rank=1, patience=0.3)
    with pytest.raises(ConfigError, match="others for a"):
        Work(tmp_path).begin([Given("a", x=2)], 2)
