"""For `bench_translate.py`: the processes that take turns, and what is said of them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench_peers

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8")  # what decides oneDNN's kernels


@dataclass(slots=True)
class Runner:
    """A system in its process.

    Attributes:
        name: in the table.
        slow: gets the sample only.
    """

    name: str
    system: str
    options: dict[str, Any]
    slow: bool = False
    python: Path = field(default_factory=lambda: Path(sys.executable))
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    versions: dict[str, str] = field(default_factory=dict)
    errors: Any = None

    def start(self) -> Runner:
        """Load the model."""
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [self.python, Path(bench_peers.__file__), self.system, json.dumps(self.options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", **self.environment},
        )
        self.versions = self._answer()["versions"]
        return self

    def ask(self, texts: Path, answers: Path | None = None) -> dict[str, float]:
        """Seconds, processor seconds, pieces and peak memory of translating a file."""
        assert self.process is not None and self.process.stdin is not None
        print(
            json.dumps({"texts": str(texts), "answers": answers and str(answers)}), file=self.process.stdin, flush=True
        )
        return self._answer()

    def stop(self) -> None:
        """End the process."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            self.process.wait(60)

    def _answer(self) -> dict[str, Any]:
        assert self.process is not None and self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(60)
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines() or [f"exit code {self.process.returncode}"]
            raise RuntimeError(said[-1])
        return dict(json.loads(line))


Run = dict[str, float]
COMPARED = ("limit", "engine")  # what ratios are taken to


@dataclass(frozen=True, slots=True)
class Work:
    """A set of sentences as files.

    Attributes:
        name: in the table.
        texts: all sentences.
        lengths: pieces of each.
        rows: numbers of those that slow systems get.
        folder: where the sentences are written, and the answers.
    """

    name: str
    texts: list[str]
    lengths: list[int]
    rows: list[int]
    folder: Path

    def numbers(self, runner: Runner) -> list[int]:
        """Of the sentences that a system gets."""
        return self.rows if runner.slow else list(range(len(self.texts)))

    def given(self, runner: Runner) -> Path:
        """The file of them."""
        return self.folder / ("sample.json" if runner.slow else "whole.json")

    def answers(self, runner: Runner) -> Path:
        """The file of what it answers."""
        return self.folder / f"{runner.name}.json"

    def write(self) -> None:
        """Both files of sentences."""
        (self.folder / "whole.json").write_text(json.dumps(self.texts), "utf-8")
        (self.folder / "sample.json").write_text(json.dumps([self.texts[row] for row in self.rows]), "utf-8")


def measure(work: Work, runners: list[Runner], repeats: int) -> dict[str, list[Run]]:
    """Every system's runs, in turns; every other turn goes backwards, so that no one is always behind the same one.

    The two that ratios are taken to also get the sample (`limit, sample`), since what is rare and costs most, a long sentence that loops, may
    not be in it: slow systems are compared on the same texts.
    """
    runs: dict[str, list[Run]] = {runner.name: [] for runner in runners}
    runs |= {f"{name}, sample": [] for name in COMPARED}
    for turn in range(repeats):
        for runner in runners[:: 1 if turn % 2 == 0 else -1]:
            run = runner.ask(work.given(runner), work.answers(runner))
            runs[runner.name].append(run)
            if runner.name in COMPARED:
                runs[f"{runner.name}, sample"].append(runner.ask(work.folder / "sample.json"))
            print(f"{turn + 1}/{repeats} {runner.name}: {run['seconds']:.1f} s", file=sys.stderr, flush=True)
    return runs


COLUMNS = {
    "sentences/s": ("sentences_per_second", "12,.1f"),
    "src pieces/s": ("source_pieces_per_second", "13,.0f"),
    "tgt pieces/s": ("target_pieces_per_second", "13,.0f"),
    "of limit": ("of_limit", "9.1%"),
    "engine is": ("engine_is", "10.2f"),
    "per cpu s": ("per_processor_second", "10,.1f"),
    "peak MB": ("peak_mb", "9,.0f"),
    "same": ("same", "6.0%"),
    "chrF2": ("chrf2_to_limit", "7.1f"),
}


def table(work: Work, runners: list[Runner], runs: dict[str, list[Run]]) -> list[dict[str, Any]]:
    """Print one set's rows, and give them back as data."""
    some = sum(work.lengths[row] for row in work.rows)
    print(f"\n{work.name}: {len(work.texts):,} sentences, {sum(work.lengths):,} pieces", end="")
    print(f"; slow systems get {len(work.rows):,} of them, {some:,} pieces")
    widths = [int("".join(c for c in shape.split(".")[0] if c.isdigit())) for _, shape in COLUMNS.values()]
    names = "".join(f"{name:>{width}}" for name, width in zip(COLUMNS, widths, strict=True))
    print(f"{'':27}{'sentences':>10}{names}")
    pieces = {r.name: sum(work.lengths[number] for number in work.numbers(r)) for r in runners}
    pieces |= {f"{name}, sample": some for name in COMPARED}
    rates = {name: [count / run["seconds"] for run in runs[name]] for name, count in pieces.items()}
    found = []
    for runner in runners:
        row = described(work, runner, runs[runner.name], rates)
        found.append(row)
        values = {key: value[0] if isinstance(value, tuple) else value for key, value in row.items()}
        cells = "".join(f"{values[key]:{shape}}" for key, shape in COLUMNS.values())
        print(f"{runner.name:27}{row['sentences']:10,}{cells}")
    return found


def described(work: Work, runner: Runner, runs: list[Run], rates: dict[str, list[float]]) -> dict[str, Any]:
    """What was found of one system; `rates` are source pieces/s of all."""
    from sacrebleu import corpus_chrf

    numbers = work.numbers(runner)
    limit = json.loads((work.folder / "limit.json").read_text("utf-8"))
    reference = [limit[number] for number in numbers]
    same = ", sample" if runner.slow else ""  # compared on the same texts
    answers = json.loads(work.answers(runner).read_text("utf-8"))
    rate, source = statistics.median(rates[runner.name]), sum(work.lengths[number] for number in numbers)
    return {
        "set": work.name,
        "system": runner.name,
        "sentences": len(numbers),
        "sentences_per_second": rate * len(numbers) / source,
        "source_pieces_per_second": rate,
        "target_pieces_per_second": rate * runs[-1]["pieces"] / source,
        "of_limit": ratio(rates[runner.name], rates["limit" + same]),
        "engine_is": ratio(rates["engine" + same], rates[runner.name]),
        "per_processor_second": statistics.median(len(numbers) / run["processor"] for run in runs),
        "peak_mb": runs[-1]["peak_mb"],
        "same": sum(a == b for a, b in zip(answers, reference, strict=True)) / len(numbers),
        "chrf2_to_limit": corpus_chrf(answers, [reference]).score,
        "seconds": [run["seconds"] for run in runs],
        "processor_seconds": [run["processor"] for run in runs],
        "options": runner.options | runner.environment,
        "versions": runner.versions,
    }


def ratio(these: list[float], those: list[float]) -> tuple[float, float, float]:
    """Median, least and greatest of the ratios within each repeat."""
    each = [a / b for a, b in zip(these, those, strict=True)]
    return statistics.median(each), min(each), max(each)


GOALS = (
    ("engine", "of_limit", 0.95),
    ("engine, guards", "of_limit", 0.85),
    ("transformers, sorted", "engine_is", 5.0),
    ("argos", "engine_is", 5.0),
)


def goals(rows: list[dict[str, Any]]) -> None:
    """What was wished for, beside what was found."""
    for name, key, least in GOALS:
        for row in (r for r in rows if r["system"] == name):
            median, low, high = row[key]
            met = "met" if low >= least else "missed" if high < least else "undecided, as repeats differ"
            what = f"{name}: share of the limit" if key == "of_limit" else f"the engine is so many times {name}"
            print(f"{row['set']}: {what}: {median:.3f} [{low:.3f}, {high:.3f}], goal {least}: {met}")


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def conditions() -> dict[str, Any]:
    """What the figures hold for."""
    try:
        info = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if ":" in line)
    except OSError:  # Linux only
        info = {}
    info = {key.strip(): value.strip() for key, value in info.items()}
    return {
        "cpu": info.get("model name", platform.processor()),
        "flags": [flag for flag in FLAGS if flag in info.get("flags", "").split()],
        "cores": cores(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
