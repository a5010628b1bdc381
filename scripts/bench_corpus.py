"""`mt corpus build` beside OpusFilter on the same file in the same run: pairs a second, processor time, memory; and whether time grows linearly.

    python scripts/bench_corpus.py [--data ../shared/data] [--rows 1260000] [--repeats 3] [--opusfilter PATH] [--json FILE]
    python scripts/bench_corpus.py --growth 10000 100000 1000000

The pairs are those of `bitext/`, source by source, as plain lines, for ours in eight files a side (OpusFilter cuts its own). Ours: profile `web`,
every rule of the table measured, exact and near copies, parquet, TSV, rejects, card and report, `--workers 2`. OpusFilter (its command, of an
environment of its own): the rules that both have, with its own usual thresholds in characters, and its removal of duplicates, `--n-jobs 2`; near
copies, scores beside the pairs, parquet and a report it has not. The times of both are taken by turns, medians given. Memory is the proportional set
size of all processes together, sampled once a second (Linux; taking it costs time, more of a program that holds more). Processor seconds are of
all processes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from mt.bitext.read import read_pairs

ROOT = Path(__file__).resolve().parents[1]
FILES = 8  # ours reads a file with one process

# Rules that both have. OpusFilter's names and usual thresholds, lengths in characters since Japanese has no blanks between words.
OPUSFILTER = """
common:
  output_directory: {folder}
steps:
  - type: remove_duplicates
    parameters:
      inputs: [all.ja, all.en]
      outputs: [once.ja, once.en]
  - type: filter
    parameters:
      inputs: [once.ja, once.en]
      outputs: [kept.ja, kept.en]
      filters:
        - LengthFilter: {{unit: char, min_length: 1, max_length: 900}}
        - LengthRatioFilter: {{unit: char, threshold: 5}}
        - LongWordFilter: {{threshold: [1000, 40]}}
        - HtmlTagFilter: {{}}
        - CharacterScoreFilter: {{scripts: [Han, Latin], thresholds: [0, 0.5]}}
        - AlphabetRatioFilter: {{threshold: [0.5, 0.5]}}
        - TerminalPunctuationFilter: {{threshold: -3}}
        - NonZeroNumeralsFilter: {{threshold: 0.4}}
        - RepetitionFilter: {{threshold: 2, min_length: 5, max_length: 100}}
        - SimilarityFilter: {{threshold: 0.9, unit: char}}
"""


@dataclass
class Run:
    """One measured command."""

    name: str
    rows: int
    seconds: float
    processor: float
    peak_mb: float
    kept: int


def pairs(data: Path, count: int) -> Iterator[tuple[str, str]]:
    """The first so many pairs, source by source."""
    rows = ((src, tgt) for path in sorted((data / "bitext").glob("*.tsv.zst")) for _, src, tgt in read_pairs(path))
    return islice(rows, count)


def tree(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            below.setdefault(parent, []).append(int(entry.name))
    found, open_ = [], [root]
    while open_:
        one = open_.pop()
        found.append(one)
        open_ += below.get(one, [])
    return found


def held(processes: list[int]) -> float:
    """What processes hold together, shared pages counted once, in MB."""
    total = 0
    for one in processes:
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total * 1024 / 1e6


def measured(name: str, rows: int, command: list[str], kept: Path) -> Run:
    """Run a command to its end.

    Raises:
        SystemExit: when it fails.
    """
    before, began = os.times(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak, ended = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(1):
            peak = max(peak, held(tree(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, said = process.communicate()
    ended.set()
    watcher.join()
    seconds, after = time.perf_counter() - began, os.times()
    if process.returncode:
        sys.exit(f"{name}: exit code {process.returncode}\n{said[-2000:]}")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    with kept.open("rb") as file:
        return Run(name, rows, seconds, processor, peak, sum(1 for _ in file))


def ours(folder: Path, rows: int, workers: int) -> Run:
    """A whole build, from nothing."""
    out = folder / "ours"
    shutil.rmtree(out, ignore_errors=True)
    config = folder / "bench.toml"
    config.write_text(
        'name = "bench"\nprofile = "web"\n[source.all]\npath = "part-*.ja"\ntgt_path = "part-*.en"\ndocument = "row"\n',
        "utf-8",
    )
    command = [sys.executable, "-m", "mt", "corpus", "build", str(config), "-o", str(out), "--workers", str(workers)]
    return measured("mt corpus build", rows, command, out / "train.tsv")


def opusfilter(program: str, folder: Path, rows: int, workers: int) -> Run:
    """Its pipeline, from nothing."""
    config = folder / "opusfilter.yaml"
    config.write_text(OPUSFILTER.format(folder=folder), "utf-8")
    command = [program, "--overwrite", "--n-jobs", str(workers), str(config)]
    return measured("OpusFilter", rows, command, folder / "kept.en")


def write(folder: Path, data: Path, count: int) -> int:
    """Both sides as plain lines, whole and in eight files a side; how many there are."""
    rows = list(pairs(data, count))
    for lang, side in (("ja", 0), ("en", 1)):
        lines = [row[side] + "\n" for row in rows]
        (folder / f"all.{lang}").write_text("".join(lines), "utf-8", newline="\n")
        size = -(-len(rows) // FILES)
        for number in range(FILES):
            part = lines[number * size : (number + 1) * size]
            (folder / f"part-{number}.{lang}").write_text("".join(part), "utf-8", newline="\n")
    return len(rows)


def told(run: Run) -> str:
    """A line of the table."""
    return (
        f"{run.name:16} {run.rows:10,} pairs  {run.seconds:8.1f} s  {run.rows / run.seconds:9,.0f} pairs/s"
        f"  {run.processor:8.1f} s of processor  {run.peak_mb:7,.0f} MB  {run.kept:10,} kept"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--opusfilter", default=shutil.which("opusfilter"))
    parser.add_argument("--growth", type=int, nargs="+")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: list[Run] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in asked.growth or [asked.rows]:
            rows = write(folder, asked.data, count)
            for _ in range(asked.repeats):
                found.append(ours(folder, rows, asked.workers))
                print(told(found[-1]), flush=True)
                if asked.opusfilter and not asked.growth:
                    found.append(opusfilter(asked.opusfilter, folder, rows, asked.workers))
                    print(told(found[-1]), flush=True)
    summary(found)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(run) for run in found], indent=1) + "\n", "utf-8")


def summary(found: list[Run]) -> None:
    """Medians and ratios."""
    groups: dict[tuple[str, int], list[Run]] = {}
    for run in found:
        groups.setdefault((run.name, run.rows), []).append(run)
    medians = {key: statistics.median(run.seconds for run in runs) for key, runs in groups.items()}
    cores = {key: statistics.median(run.processor for run in runs) for key, runs in groups.items()}
    print()
    for (name, rows), seconds in medians.items():
        wall, core = (value / rows * 1e6 for value in (seconds, cores[name, rows]))
        print(f"{name}: {rows:,} pairs, median {seconds:.1f} s, {wall:.1f} µs a pair, {core:.1f} µs of processor")
    peers = [key for key in medians if key[0] == "OpusFilter"]
    for key in peers:
        mine = ("mt corpus build", key[1])
        print(
            f"OpusFilter / ours: {medians[key] / medians[mine]:.1f} x the time, {cores[key] / cores[mine]:.1f} x the processor time"
        )
    if not peers:
        print("OpusFilter: not measured (not installed, or --growth)")


if __name__ == "__main__":
    main()
