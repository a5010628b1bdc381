"""Fixtures of all rooms: the command as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# the gate gives one answer for one commit; at home the search for counter-examples stays random
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

ROOT = Path(__file__).resolve().parents[1]


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
    """Runs `python -m mt ARGS` in a process of its own: mt("score", "a", "b", cwd=…, stdin=b"…")."""

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
