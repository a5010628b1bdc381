"""Builds on datatrove's executors: processes, a Slurm that is played by scripts, and a Ray cluster of two nodes on this machine."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest

from mt.errors import ConfigError, MTError, OptionError
from mt.pipeline import corpus_build, corpus_cluster
from mt.pipeline.corpus_cluster import Cluster
from mt.pipeline.corpus_config import load_corpus
from mt.pipeline.corpus_work import Work
from tests.conftest import ROOT
from tests.pipeline import corpus_toy
from tests.pipeline.test_corpus_build import STAGES, config, end, log, published, start, tell, whole

pytest.importorskip("datatrove", reason="needs the extra `cluster`")

# What sbatch, srun and scontrol are asked for, as far as datatrove asks. An array's indices run one after the other in the order of $ORDER; a job
# whose dependency failed never runs; `srun` starts everything $TIMES times at once, as a site may have set it up, numbered by SLURM_PROCID, and
# where $REQUEUE is 1, again when one was killed, as Slurm does with the jobs of a node that is lost.
SBATCH = """#!{python}
import os, re, subprocess, sys
from pathlib import Path
home = Path(os.environ["SLURM_PLAYED"])
script = Path(sys.argv[-1]).read_text()
told = dict(re.findall(r"^#SBATCH --([^=\\s]+)(?:=(.*))?$", script, re.M))
number = str(1 + len(list(home.glob("*.slurm"))))
(home / f"{{number}}.slurm").write_text("\\n".join(sys.argv[1:-1]) + "\\n" + script)
print("Submitted batch job", number)
after = [x.split(":")[1] for arg in sys.argv for x in arg.removeprefix("--dependency=").split(",") if x.startswith("afterok:")]
if "merge_stats" in script or os.environ.get("ORDER") == "none":
    sys.exit()
if any((home / f"{{one}}.failed").exists() for one in after):
    (home / f"{{number}}.failed").write_text("never satisfied")
    sys.exit()
first, last = map(int, told["array"].partition("%")[0].split("-"))
indices = list(range(first, last + 1))
if os.environ["ORDER"] == "down":
    indices.reverse()
env = {{**os.environ, "SLURM_JOB_ID": number, "SLURM_NODELIST": "here", "SLURM_NTASKS": "2", "SLURM_PROCID": "1"}}
for arg in sys.argv:
    if arg.startswith("--export=ALL,"):
        env["RUN_OFFSET"] = arg.partition("RUN_OFFSET=")[2]
for index in indices:
    env["SLURM_ARRAY_TASK_ID"] = str(index)
    with open(home / f"{{number}}_{{index}}.out", "w") as out:
        if subprocess.run(["bash", home / f"{{number}}.slurm"], env=env, stdout=out, stderr=out).returncode:
            (home / f"{{number}}.failed").write_text(str(index))
"""
SRUN = """#!{python}
import os, subprocess, sys
words = sys.argv[sys.argv.index("-n") + 2 :]
while True:
    running = [
        subprocess.Popen(words, env={{**os.environ, "SLURM_PROCID": str(n)}}) for n in range(int(os.environ["TIMES"]))
    ]
    codes = [one.wait() for one in running]
    if os.environ["REQUEUE"] != "1" or -9 not in codes:
        sys.exit(max(map(abs, codes)))
"""
SCONTROL = "#!/bin/sh\necho here\n"


@pytest.fixture
def place(tmp_path):
    return config(tmp_path, 3)


def play(place, monkeypatch, order="up", times="1", requeue="0"):
    """Put a Slurm that is played on the PATH; the folder in which what is handed in is kept."""
    folder, played = place / "bin", place / "played"
    folder.mkdir()
    played.mkdir()
    for name, text in (("sbatch", SBATCH), ("srun", SRUN), ("scontrol", SCONTROL)):
        path = folder / name
        path.write_text(text.format(python=sys.executable) if name != "scontrol" else text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    # PYTHONPATH: what is pickled is of these tests
    told = {"SLURM_PLAYED": str(played), "ORDER": order, "TIMES": times, "REQUEUE": requeue, "PYTHONPATH": str(ROOT)}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return played


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """The folder in which what was handed in is kept."""
    return play(tmp_path, monkeypatch)


def last_line(err):
    """Our own line, below datatrove's log."""
    return [line for line in err.splitlines() if line.startswith("mt: error: ")][-1]


def test_processes_of_this_machine(place):
    tell(place, "fail", "squares-001")
    said = last_line(end(start(place, "out", "--executor", "local", "--tasks", 2, "--workers", 1), 2))
    assert (
        said == "mt: error: in.tsv:7: expected two columns, found one"
    )  # by who started it, not in a task's log alone
    log(place)
    end(start(place, "out", "--executor", "local", "--tasks", 2, "--workers", 1))
    whole(place, units=3)
    assert log(place) == ["squares/001", "total/all"]
    # datatrove's marks of completion say that all is done; our records say what is
    (place / "out" / "squares-001.txt").write_text("harm")
    end(start(place, "out", "--executor", "local", "--tasks", 2, "--workers", 1))
    whole(place, units=3)
    assert log(place) == ["squares/001"]


@pytest.mark.slow
def test_processes_at_the_same_time_and_an_error_in_one(place):
    tell(place, "fail", "numbers-001")
    said = last_line(end(start(place, "out", "--executor", "local", "--tasks", 3, "--workers", 2), 2))
    assert said == "mt: error: in.tsv:7: expected two columns, found one"
    end(start(place, "out", "--executor", "local", "--tasks", 3, "--workers", 2))
    whole(place, units=3)
    said = last_line(end(start(place, "out", "--executor", "local", "--tasks", 2), 2))
    assert "--tasks: expected 3" in said


def test_what_is_handed_to_slurm(place, slurm, monkeypatch):
    monkeypatch.setenv("ORDER", "none")
    process = start(place, "out", "--executor", "slurm", "--tasks", 2, "--workers", 0)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err.decode()
    jobs = json.loads(out)
    assert list(jobs) == list(STAGES)
    texts = {name: (slurm / f"{number}.slurm").read_text() for name, number in jobs.items()}
    assert "--dependency" not in texts["numbers"]
    assert f"--dependency=afterok:{jobs['numbers']}\n" in texts["squares"]
    assert f"--dependency=afterok:{jobs['squares']}\n" in texts["total"]
    for name, text in texts.items():
        for line in ("array=0-1", "partition=cpu", f"job-name=mt-{name}", "kill-on-invalid-dep=yes", "mem-per-cpu=1G"):
            assert f"#SBATCH --{line}\n" in text
        assert f'export PATH={Path(sys.executable).parent}:"$PATH"' in text
        assert "srun  -l -n 1 launch_pickled_pipeline" in text


@pytest.mark.slow
def test_a_task_that_is_killed_is_one_clear_line(place):
    tell(place, "die", "squares-001")
    said = last_line(end(start(place, "out", "--executor", "local", "--tasks", 3, "--workers", 2), 1))
    assert said == "mt: error: squares: a task was killed (out of memory?); the same command goes on"
    end(start(place, "out", "--executor", "local", "--tasks", 3, "--workers", 2))
    whole(place, units=3)


@pytest.mark.slow
@pytest.mark.parametrize(("order", "times"), [("up", "1"), ("down", "2")])
def test_a_slurm_that_is_played(place, slurm, monkeypatch, order, times):
    """In two orders; once started twice at the same time, each with a SLURM_PROCID that is no rank of ours."""
    monkeypatch.setenv("ORDER", order)
    monkeypatch.setenv("TIMES", times)
    tell(place, "fail", "squares-001")
    end(start(place, "out", "--executor", "slurm", "--tasks", 2, "--workers", 0))
    assert (slurm / "3.failed").exists()  # job 2 is datatrove's own, which adds up its statistics
    assert (slurm / "5.failed").read_text() == "never satisfied"
    notes = list((place / "out" / "work" / "cluster" / "0001" / "squares" / "failed").glob("*.json"))
    if times == "1":
        assert not (place / "out" / "total.txt").exists()
        assert json.loads(notes[0].read_text())["said"] == "in.tsv:7: expected two columns, found one"
    for path in slurm.iterdir():
        path.unlink()
    end(start(place, "out", "--executor", "slurm", "--tasks", 2, "--workers", 0))
    whole(place, units=3)
    if times == "1":
        assert len(log(place)) == 8  # one of 7 twice: it failed


@pytest.mark.slow
def test_a_ray_cluster_of_two_nodes_of_which_one_is_killed(tmp_path):
    pytest.importorskip("ray", reason="needs the extra `cluster`")
    place = config(tmp_path, 4)
    tell(place, "slow", "squares-001", "8")
    tell(place, "slow", "squares-003", "8")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.ray_nodes", place],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=400)
    finally:
        if process.poll() is None:  # its nodes see that it is gone, and end
            os.killpg(process.pid, signal.SIGTERM)
    assert process.returncode == 0, err.decode()
    assert b"a node was killed" in out
    whole(place, units=4)
    end(start(place, "alone"))
    assert published(place / "out") == published(place / "alone")
    assert log(place).count("total/all") == 2  # one a build


def test_a_ray_task_that_cannot_be_started_is_not_waited_for(monkeypatch):
    """As where its node is lost in that second."""

    def lost(_):
        raise OSError("the node is gone")

    ray = types.ModuleType("ray")
    ray.util = types.SimpleNamespace(placement_group=lost)
    monkeypatch.setitem(sys.modules, "ray", ray)
    manager = corpus_cluster._task_manager()(1, None)
    future = manager.submit_task(None, [0], {"num_cpus": 1})
    assert str(future.exception(timeout=20)) == "the node is gone"
    assert manager.wait([future]) == ([], [])  # it is logged; that its units are missing is seen when the stage ends
    manager.executor.shutdown()


def test_options_are_checked_before_anything_is_written(place, monkeypatch):
    with pytest.raises(OptionError, match="tasks"):
        Cluster(tasks=0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigError, match="--partition"):
        corpus_cluster.build(place / "c.toml", place / "out", Cluster("slurm"))
    with pytest.raises(ConfigError, match="sbatch"):
        corpus_cluster.build(place / "c.toml", place / "out", Cluster("slurm", partition="cpu"))
    monkeypatch.setitem(sys.modules, "datatrove", None)
    with pytest.raises(ConfigError, match="cluster"):
        corpus_cluster.build(place / "c.toml", place / "out", Cluster())
    assert not (place / "out").exists()


@pytest.mark.parametrize("executor", ["local", "slurm", "ray"])
def test_other_settings_and_another_number_of_tasks_are_refused_before_a_task_is_started(
    place, slurm, monkeypatch, executor
):
    monkeypatch.setattr(corpus_build, "stages", corpus_toy.stages)
    monkeypatch.setitem(sys.modules, "ray", types.ModuleType("ray"))  # it is not called
    corpus_build.build(place / "c.toml", place / "out")
    log(place)
    with pytest.raises(ConfigError, match="--tasks: expected 1"):
        corpus_cluster.build(place / "c.toml", place / "out", Cluster(executor, tasks=2, partition="cpu"))
    config(place, 3, factor=3)
    with pytest.raises(ConfigError, match=r"--redo.*others for squares, total"):
        corpus_cluster.build(place / "c.toml", place / "out", Cluster(executor, partition="cpu"))
    assert log(place) == list(slurm.iterdir()) == []
    assert not (place / "out" / "work" / "cluster").exists()
    whole(place, units=3)


def test_a_task_that_begins_when_settings_have_changed_is_refused(place, monkeypatch):
    """As where a job waits for hours, and the configuration is edited meanwhile."""
    monkeypatch.setattr(corpus_build, "stages", corpus_toy.stages)
    path, root = place / "c.toml", place / "out"
    Work(root).begin(corpus_toy.stages(load_corpus(path), place), 2)
    step = corpus_cluster.Step(str(path), str(root), "numbers", str(place / "notes"), wait=False)
    with pytest.raises(ConfigError, match="--tasks: expected 2"):
        step(None, 0, 3)
    config(place, 3, factor=3)
    with pytest.raises(ConfigError, match=r"--redo.*others for squares, total"):
        step(None, 0, 2)
    assert "others for squares" in json.loads((place / "notes" / "000000.json").read_text())["said"]
    assert log(place) == []


def test_slurm_is_not_started_from_a_task_of_slurm(place, slurm, monkeypatch):
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "0")  # datatrove would take this process for that task
    with pytest.raises(ConfigError, match="outside of a Slurm array"):
        corpus_cluster.build(place / "c.toml", place / "out", Cluster("slurm", partition="cpu"))


def test_every_start_has_a_folder_of_its_own_for_logs(tmp_path):
    assert [corpus_cluster._attempt(tmp_path / "a").name for _ in range(3)] == ["0001", "0002", "0003"]
    (tmp_path / "b").write_text("")
    with pytest.raises(MTError, match="cannot write"):
        corpus_cluster._attempt(tmp_path / "b")
