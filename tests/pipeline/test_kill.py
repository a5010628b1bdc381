"""`mt translate` is stopped in every way a machine can stop it; the same command ends with the bytes of a run that nobody stopped."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT

ARTICLE = ROOT / "corpora" / "nato-demands" / "article.ja.txt"


def lines(count: int) -> str:
    """The article's sentences in pairs of its own making: enough work for some seconds, no line twice."""
    given = [x for x in ARTICLE.read_text("utf-8").split("\n") if x]
    return "".join(f"{given[n % len(given)]}　（{n}回目）\n" for n in range(count))


def command(folder, name, *more):
    memory = folder / f"{name}.sqlite"
    out = folder / f"{name}.en.txt"
    args = ["translate", "in.ja.txt", "-o", out, "--memory", memory, "--beam-size", "1", "--max-batch-pieces", "256"]
    return [sys.executable, "-m", "mt", *map(str, (*args, *more))], out, memory


def start(args, folder, **options):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    return subprocess.Popen(args, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


@pytest.fixture
def finish(mt):
    """Runs the command to its end, in this process: how a run ends does not hang on the process that it begins in."""

    def call(args, folder):
        answer = mt(*args[3:], cwd=folder)
        assert answer.code in (0, 3), answer.err

    return call


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with a text, its translation by a run that was not stopped, and how long that took."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "in.ja.txt").write_text(lines(40), "utf-8")
    args, out, memory = command(folder, "whole")
    began = time.monotonic()
    process = start(args, folder)
    _, err = process.communicate(timeout=120)
    assert process.returncode in (0, 3), err.decode()
    assert b"Traceback" not in err
    return folder, out.read_bytes(), time.monotonic() - began, memory


@pytest.fixture(scope="module")
def killed(whole):
    """Memories (and logs beside them) of a run that was killed in the middle of its work."""
    folder, _, seconds, _ = whole
    args, _, memory = command(folder, "middle")
    process = start(args, folder)
    time.sleep(0.7 * seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return memory


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_kill_9_at_random_moments(whole, finish, kills):
    folder, wanted, seconds, _ = whole
    args, out, memory = command(folder, f"killed{kills}")
    dice = random.Random(kills)
    for _ in range(kills):
        process = start(args, folder)
        time.sleep(dice.uniform(0.1, 0.9 * seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if out.exists():
            assert out.read_bytes() == wanted  # whole or not there, at every moment
    finish(args, folder)
    assert out.read_bytes() == wanted
    assert not [p.name for p in folder.iterdir() if p.name.endswith((".part", ".partial"))]
    assert sqlite3.connect(memory).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(whole, finish):
    folder, wanted, seconds, _ = whole
    args, out, _ = command(folder, "interrupted")
    process = start(args, folder)
    time.sleep(0.6 * seconds)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (130, 0)
    assert b"Traceback" not in err
    finish(args, folder)
    assert out.read_bytes() == wanted


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_a_write_ahead_log_cut_short_by_a_power_loss(whole, killed, finish, share):
    folder, wanted, _, _ = whole
    args, out, memory = command(folder, f"power{share}")
    shutil.copyfile(killed, memory)
    log = killed.with_name(killed.name + "-wal")
    if log.exists():  # the index beside it, -shm, is in memory, and gone after a power loss
        cut = shutil.copyfile(log, memory.with_name(memory.name + "-wal"))
        os.truncate(cut, int(share * cut.stat().st_size))
    finish(args, folder)
    assert out.read_bytes() == wanted


def test_run_twice_the_second_decodes_nothing(whole, finish):
    folder, wanted, _, _ = whole
    args, out, _ = command(folder, "whole", "--report", "report.json")
    finish(args, folder)
    assert out.read_bytes() == wanted
    counts = json.loads((folder / "report.json").read_text("utf-8"))["counts"]
    assert counts["decoded"] == 0
    assert counts["remembered"] > 0


def test_two_writers_share_one_memory(whole):
    folder, wanted, _, _ = whole
    args, out, memory = command(folder, "shared")
    other = [str(folder / "other.en.txt") if a == str(out) else a for a in args]
    both = [start(args, folder), start(other, folder)]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert process.returncode in (0, 3), err.decode()
    assert out.read_bytes() == wanted == (folder / "other.en.txt").read_bytes()
    assert sqlite3.connect(memory).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(os.name != "posix", reason="limits on file sizes are a matter of POSIX systems")
def test_a_full_disk_ends_with_one_clear_line_and_the_same_command_goes_on(whole, finish):
    folder, wanted, _, _ = whole
    args, out, _ = command(folder, "full")

    def small():
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))

    process = start(args, folder, preexec_fn=small)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2, err.decode()
    assert b"Traceback" not in err
    assert [x for x in err.decode().splitlines() if x.startswith("mt: error: ")]
    assert not out.exists()
    finish(args, folder)
    assert out.read_bytes() == wanted


def test_a_full_file_system(whole, finish, tmp_path):
    """A tmpfs of a few hundred kilobytes for the memory, where this process may mount one."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this process may not mount a file system")
    try:
        folder, wanted, _, _ = whole
        args, out, memory = command(folder, "tmpfs")
        args[args.index(str(memory))] = str(small / "m.sqlite")
        process = start(args, folder)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 2, err.decode()
        assert b"Traceback" not in err
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        finish(args, folder)
        assert out.read_bytes() == wanted
    finally:
        subprocess.run(["umount", str(small)], check=True)
