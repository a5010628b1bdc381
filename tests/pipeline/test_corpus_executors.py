"""Whole builds of the real stages on datatrove's executors, with tasks that are killed in every stage: the bytes of the built-in runner.

What the executors owe any stages is in `test_corpus_cluster`, what is the same without them in `test_corpus_kill`, whose sources these are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from mt.pipeline import corpus_build
from tests.conftest import ROOT
from tests.pipeline.test_corpus_cluster import play
from tests.pipeline.test_corpus_kill import SHARDS, config, sources, stages, whole

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Hashes of the build by one process in one shard."""
    folder = tmp_path_factory.mktemp("alone")
    sources(folder)
    path = config(folder)
    corpus_build.build(path, folder / "out")
    return whole(folder / "out")


@pytest.fixture
def path(tmp_path):
    """The same sources in three shards and more, to be built by tasks."""
    sources(tmp_path)
    (tmp_path / "told").mkdir()
    return config(tmp_path, part_rows=SHARDS[3])


def tell(path, kind, names, said=""):
    for name in names:
        (path.parent / "told" / f"{kind}-{name}").write_text(said)


def left(path):
    """Stages in which nobody was killed yet."""
    return sorted(one.name.removeprefix("die-") for one in (path.parent / "told").glob("die-*"))


def run(path, executor, seconds=900):
    """Its exit code, and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.corpus_real", path, path.parent / "out", executor],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        if process.poll() is None:  # Ray's nodes see that it is gone, and end
            os.killpg(process.pid, signal.SIGTERM)
    return process.returncode, (out + err).decode()


def test_processes_of_this_machine_killed_in_every_stage(path, alone):
    names = stages(path)
    tell(path, "die", names)
    for number in range(len(names)):
        assert len(left(path)) == len(names) - number
        assert run(path, "local")[0] == -signal.SIGKILL
    assert left(path) == []
    code, said = run(path, "local")
    assert code == 0, said
    assert whole(path.parent / "out") == alone


def test_a_slurm_that_is_played_and_requeues_what_is_killed_in_every_stage(path, alone, tmp_path, monkeypatch):
    played = play(tmp_path, monkeypatch, order="up", requeue="1")
    tell(path, "die", stages(path))
    code, said = run(path, "slurm")
    assert code == 0, said
    assert left(path) == []
    assert not list(played.glob("*.failed"))
    assert whole(path.parent / "out") == alone


def test_a_slurm_that_is_played_in_the_other_order(path, alone, tmp_path, monkeypatch):
    play(tmp_path, monkeypatch, order="down")
    code, said = run(path, "slurm")
    assert code == 0, said
    assert whole(path.parent / "out") == alone


def test_a_ray_cluster_of_two_nodes_one_killed_and_a_task_killed_in_every_stage(path, alone):
    """The node goes while both score; before and after that, processes of tasks are killed, which Ray starts again."""
    pytest.importorskip("ray", reason="needs the extra `cluster`")
    tell(path, "die", [name for name in stages(path) if name != "scores"])
    tell(path, "wait", ["scores"], "6")
    code, said = run(path, "ray")
    assert code == 0, said
    assert "a node was killed" in said
    assert left(path) == []
    assert whole(path.parent / "out") == alone
