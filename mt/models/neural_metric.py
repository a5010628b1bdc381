"""A neural metric that runs in a process and an environment of its own, spoken to in JSON lines.

COMET and MetricX pin versions of numpy, torch and protobuf that nothing else can live with; so they never enter this process. A worker is any
command that, started once, writes to standard output a greeting

    {"protocol": "kakehashi-metric/1", "metric": "COMET", "model": "Unbabel/wmt22-comet-da", "revision": "…", "precision": "fp32",
     "library": "unbabel-comet 2.2.7", "lower_is_better": false, "needs": ["src", "mt", "ref"]}

reads from standard input one `{"id": 0, "src": …, "mt": …, "ref": …}` a line until its end, and answers each with `{"id": 0, "score": 0.83}` in any
order, or with `{"error": "…"}`. What it writes to standard error is shown when it fails. `docs/neural-metrics.md` has one for COMET.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from mt.errors import ConfigError, CountError, ModelError
from mt.signature import Signature

PROTOCOL = "kakehashi-metric/1"
SIDES = ("src", "mt", "ref")
_TAIL = 20  # lines of standard error kept
_LONGEST = 1 << 20  # characters of a line of the worker


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker says it is; all of it stands in the signature.

    Attributes:
        metric: name of the score, e.g. `COMET`.
        model: identifier of the weights.
        revision: commit or hash of the weights.
        precision: `fp32`, `fp16`, `bf16`, ….
        library: package and version.
        lower_is_better: as for MetricX.
        needs: some of `src`, `mt`, `ref`.
    """

    metric: str
    model: str
    revision: str
    precision: str
    library: str
    lower_is_better: bool
    needs: tuple[str, ...]

    def signature(self) -> Signature:
        """Of scores made so.

        Example:
            >>> str(Recipe("COMET", "m", "1", "fp32", "c 2", False, ("src", "mt", "ref")).signature())
            'metric:COMET|model:m|revision:1|precision:fp32|library:c 2|sides:src+mt+ref|better:higher'
        """
        return Signature.of(
            metric=self.metric,
            model=self.model,
            revision=self.revision,
            precision=self.precision,
            library=self.library,
            sides="+".join(self.needs),
            better="lower" if self.lower_is_better else "higher",
        )


def measure(
    command: str,
    hypotheses: Sequence[str],
    *,
    src: Sequence[str] | None = None,
    references: Sequence[str] | None = None,
    timeout: float = 600.0,
) -> tuple[Recipe, tuple[float, ...]]:
    """Scores of segments by a worker, in their order.

    Args:
        command: how to start it, e.g. `/opt/comet/bin/python worker.py`; no shell looks at it.
        hypotheses: one string a segment.
        src: the source, as many; None = not known.
        references: as many; None = none.
        timeout: seconds without any word of the worker before it is ended.

    Raises:
        ConfigError: where the command cannot be started, or the metric needs a side that is not given.
        CountError: for sides of different length, or answers fewer or more than segments.
        ModelError: where the worker ends early, is silent too long, or writes something else.
    """
    sides = {"src": src, "mt": hypotheses, "ref": references}
    for name, stream in sides.items():
        if stream is not None and len(stream) != len(hypotheses):
            raise CountError(name, len(stream), "hypothesis", len(hypotheses), "segment")
    with _Worker(command, timeout) as worker:
        recipe = _recipe(command, worker.line("a greeting"))
        for name in recipe.needs:
            if sides[name] is None:
                raise ConfigError(f"{recipe.metric} of {command}", f"the side {name}", "none given")
        used = {name: stream for name in recipe.needs if (stream := sides[name]) is not None}
        worker.send([{"id": n, **{k: stream[n] for k, stream in used.items()}} for n in range(len(hypotheses))])
        scores: dict[int, float] = {}
        while (answer := worker.line(None)) is not None:
            id, score = _score(command, answer)
            if id in scores or not 0 <= id < len(hypotheses):
                what = "a second time" if id in scores else "which was not asked for"
                raise ModelError(command, "one answer a segment", f"segment {id} {what}")
            scores[id] = score
        worker.end()
        if len(scores) != len(hypotheses):
            raise CountError(command, len(scores), "hypothesis", len(hypotheses), "score", hint=worker.said())
    return recipe, tuple(scores[n] for n in range(len(hypotheses)))


class _Worker:
    """A process with one thread that writes to it and two that read; nobody waits for a full pipe."""

    def __init__(self, command: str, timeout: float) -> None:
        self._command, self._timeout = command, timeout
        self._tail: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> _Worker:
        try:
            words = shlex.split(self._command)
            if not words:
                raise ValueError("no words")
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="backslashreplace",
                start_new_session=True,
            )
        except (OSError, ValueError) as e:
            reason = (e.strerror if isinstance(e, OSError) else None) or str(e)
            raise ConfigError("neural metric", "a command that starts", f"{self._command!r} ({reason})") from None
        self._start(self._read)
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        # all of its group: what it started itself would hold the pipes open
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for thread in self._threads:
            thread.join(5)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written to a worker that is gone
                    pipe.close()

    def send(self, rows: Sequence[dict[str, Any]]) -> None:
        text = "".join(json.dumps(row) + "\n" for row in rows)
        self._start(lambda: self._write(text))

    def line(self, expected: str | None) -> str | None:
        """The next line; None at the end, unless something is expected."""
        try:
            found = self._lines.get(timeout=self._timeout)
        except queue.Empty:
            raise ModelError(
                self._command, f"a word within {self._timeout:g} seconds", "silence", hint=self.said()
            ) from None
        if found is None and expected is not None:
            raise ModelError(self._command, expected, f"its end with {self._code()}", hint=self.said())
        return found

    def end(self) -> None:
        """Wait for the end; whoever fails after the last answer has failed too."""
        code = self._code()
        if code != "exit code 0":
            raise ModelError(self._command, "exit code 0", code, hint=self.said())

    def said(self) -> str:
        """Its last words on standard error."""
        for _ in range(20):  # they may come a moment after its end
            if self._tail or self._process.poll() is None:
                break
            time.sleep(0.02)
        return f"it said: {self._tail[-1]}" if self._tail else ""

    def _code(self) -> str:
        try:
            code = self._process.wait(self._timeout)
        except subprocess.TimeoutExpired:
            return f"no end within {self._timeout:g} seconds"
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    def _start(self, work: Any) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _read(self) -> None:
        try:
            while line := self._stdout().readline(_LONGEST):
                if line.strip():
                    self._lines.put(line)
        except ValueError:
            pass  # closed while reading
        self._lines.put(None)

    def _listen(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        try:
            while line := stream.readline(_LONGEST):
                if line.strip():
                    self._tail = [*self._tail, line.strip()[:300]][-_TAIL:]
        except ValueError:
            pass

    def _write(self, text: str) -> None:
        stream = self._process.stdin
        assert stream is not None
        try:
            stream.write(text)
            stream.close()
        except (OSError, ValueError):
            pass  # it has ended; the reader tells

    def _stdout(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout


def _object(command: str, line: str | None) -> dict[str, Any]:
    try:
        found = json.loads(line or "")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ModelError(command, "JSON lines", repr((line or "").strip()[:80]), hint="print nothing else to stdout")
    if "error" in found:
        raise ModelError(command, "scores", f"its error: {str(found['error'])[:300]}".replace("\n", " "))
    return found


def _recipe(command: str, line: str | None) -> Recipe:
    found = _object(command, line)
    if found.get("protocol") != PROTOCOL:
        raise ModelError(command, f"the protocol {PROTOCOL}", repr(found.get("protocol")))
    texts = {key: found.get(key) for key in ("metric", "model", "revision", "precision", "library")}
    for key, value in texts.items():
        if not isinstance(value, str) or not value or "|" in value or "\n" in value:
            raise ModelError(command, f"{key} in its greeting", repr(value))
    needs, lower = found.get("needs"), found.get("lower_is_better")
    if not isinstance(needs, list) or "mt" not in needs or not set(needs) <= set(SIDES):
        raise ModelError(command, "needs: some of src, mt, ref, mt among them", repr(needs))
    if not isinstance(lower, bool):
        raise ModelError(command, "lower_is_better: true or false", repr(lower))
    given = {key: str(value) for key, value in texts.items()}
    return Recipe(**given, lower_is_better=lower, needs=tuple(side for side in SIDES if side in needs))


def _score(command: str, line: str) -> tuple[int, float]:
    found = _object(command, line)
    id, score = found.get("id"), found.get("score")
    if not isinstance(id, int) or isinstance(id, bool):
        raise ModelError(command, "id as a whole number", repr(id))
    if not isinstance(score, int | float) or isinstance(score, bool) or not math.isfinite(score):
        raise ModelError(command, f"a number as score of segment {id}", repr(score))
    return id, float(score)
