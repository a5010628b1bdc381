"""Fixtures of all rooms: the command as a user calls it."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# the gate gives one answer for one commit; at home the search for counter-examples stays random. No deadlines: other programs may want the cores too
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

# workers share the cores among them already, and threads of products that wait for a core do so by spinning
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# a shell starts what it runs in the background (`scripts/test &`) deaf to Ctrl-C, and so would be the programs that tests interrupt
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """The long ones first: one that starts last would leave the other cores idle."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line of an error; a traceback or a second error line fails the test."""
        assert "Traceback" not in self.err
        [line] = [x for x in self.err.splitlines() if x.startswith("mt: error: ") or "internal error" in x]
        return line


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Converted models go to a cache of this session's, which starts empty as on a new machine; so do installed ones and settings."""
    path = tmp_path_factory.mktemp("cache")
    os.environ["KAKEHASHI_CACHE"] = str(path)
    os.environ["KAKEHASHI_MODELS"] = str(tmp_path_factory.mktemp("models"))
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("settings"))
    return path


@pytest.fixture
def mt():
    """The command in this process, which need not start Python and import everything again: mt("score", "a", "b", cwd=…, stdin=b"…").

    What is about a process — its start, signals, streams of the system, variables that packages read as they are imported —
    takes `mt_process`, which is called alike.
    """
    from mt.cli.app import run_command

    def call(*args, cwd=ROOT, stdin=b"", env=None):
        out, err = io.BytesIO(), io.BytesIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(cwd)
            for name, value in {"NO_COLOR": "1", **(env or {})}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["mt", *map(str, args)])
            for name, stream in {"stdin": io.BytesIO(stdin), "stdout": out, "stderr": err}.items():
                patch.setattr(sys, name, io.TextIOWrapper(stream, encoding="utf-8"))
            code = run_command()
            sys.stdout.flush()
            sys.stderr.flush()
            return Answer(code, out.getvalue().decode("utf-8", "replace"), err.getvalue().decode("utf-8", "replace"))

    return call


@pytest.fixture
def shell(mt, tmp_path_factory):
    """Runs a line of documentation. Of `mt …` and `echo … | mt …` a shell reads quotes, patterns and pipe, and the command runs in this process."""
    asked = tmp_path_factory.mktemp("shell")
    caught = f'mt() {{ cat >"{asked}/stdin"; printf "%s\\0" "$@" >"{asked}/arguments"; }}\n'
    whole = f'mt() {{ {shlex.quote(sys.executable)} -m mt "$@"; }}\n'

    def call(line, cwd):
        simple = re.fullmatch(r"(echo ('[^']*'|[^'\"|;&<>$`]+) \| )?mt [^|;&<>$`]+", line)
        (asked / "arguments").unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", "-c", (caught if simple else whole) + line],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, (line, done.stderr)
        if not simple:
            return done.stdout
        arguments = (asked / "arguments").read_bytes().decode().split("\0")[:-1]
        answer = mt(*arguments, cwd=cwd, stdin=(asked / "stdin").read_bytes())
        assert answer.code == 0, (line, answer.err)
        return answer.out

    return call


@pytest.fixture
def mt_process():
    """Runs `python -m mt ARGS` in a process of its own."""

    def call(*args, cwd=ROOT, stdin=b"", env=None):
        done = subprocess.run(
            [sys.executable, "-m", "mt", *map(str, args)],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(env or {})},
        )
        return Answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    return call
