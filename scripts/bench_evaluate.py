"""sacrebleu's own paired tests beside ours, on systems of WMT21 ja-en, in one run; and what 100,000 segments take.

    python scripts/bench_evaluate.py [--data ../shared/data] [--systems 10] [--metrics bleu,chrf] [--only peers|pairs|ter|memory]

Seconds are processor seconds of one thread, which what else runs on the machine changes little; wall-clock seconds stand in brackets.
Peers: sacrebleu's `PairedTest` (paired bootstrap, 1,000 resamples, one process, every system against the first) against ours
(1,000 resamples, every pair), from texts to p. The time of sacrebleu's extraction is taken inside its run; the rest of the run is its
resampling. Ours is given for the bootstrap alone, which is like for like, and with 10,000 swaps, Holm and clusters of all pairs besides.
Pairs: 17 systems of 2,000 segments, made of WMT21's sixteen with its segments twice, both metrics, after extraction.
TER: extraction of one system's first segments. Memory: the most that a process of its own held, for two systems of 100,000 segments.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")  # sacrebleu uses one thread; read when numpy is loaded

import numpy as np

from mt.evaluate import resampling
from mt.evaluate.resampling import weighted
from mt.evaluate.significance import compare
from mt.evaluate.statistics import Table, tables, values

ROOT = Path(__file__).resolve().parents[1]


def read(path: Path) -> list[str]:
    return path.read_text("utf-8").split("\n")[:-1]


class Seconds(NamedTuple):
    """Of the processor and of the clock on the wall."""

    processor: float
    wall: float

    def __str__(self) -> str:
        return f"{self.processor:.2f} s [{self.wall:.2f}]"

    def plus(self, other: Seconds, sign: int = 1) -> Seconds:
        """Their sum; their difference with a sign of −1."""
        return Seconds(self.processor + sign * other.processor, self.wall + sign * other.wall)


def timed(work: Callable[[], object], repeats: int = 1) -> tuple[Seconds, object]:
    """The quickest of several runs, and what the last gave."""
    best, found = Seconds(float("inf"), float("inf")), None
    for _ in range(repeats):
        start = Seconds(time.process_time(), time.perf_counter())
        found = work()
        best = min(best, Seconds(time.process_time(), time.perf_counter()).plus(start, -1))
    return best, found


def theirs(metric: str):
    from sacrebleu.metrics import BLEU, CHRF, TER

    return {"bleu": BLEU, "chrf": CHRF, "chrf++": lambda: CHRF(word_order=2), "ter": TER}[metric]()


def forget() -> None:
    """Empty sacrebleu's caches of tokenised lines and our own of draws, so that who comes second gains nothing."""
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
    from sacrebleu.tokenizers.tokenizer_re import TokenizerRegexp
    from sacrebleu.tokenizers.tokenizer_ter import TercomTokenizer

    for kind in (Tokenizer13a, TokenizerRegexp, TercomTokenizer):
        kind.__call__.cache_clear()
    resampling._few_weights.cache_clear()


def bootstraps(made: dict[str, dict[str, Table]]) -> list[list[float]]:
    forget()
    return [bootstrap(named) for named in made.values()]


def bootstrap(named: dict[str, Table], seed: int = 12345) -> list[float]:
    """What sacrebleu's test computes, and no more: scores of 1,000 corpora of each system, p of differences; of all pairs."""
    metric = next(iter(named.values())).metric
    drawn = [values(metric, sums) for sums in weighted([t.rows for t in named.values()], 1000, seed)]
    scores = [t.score() for t in named.values()]
    found = []
    for a, b in combinations(range(len(named)), 2):
        d = drawn[a] - drawn[b]
        found.append(float(1 + (np.abs(d - d.mean()) >= abs(scores[a] - scores[b])).sum()) / 1001)
    return found


def peers(names: list[str], outputs: list[list[str]], ref: list[str], metrics: list[str]) -> None:
    from sacrebleu.significance import PairedTest

    print(f"{len(names)} systems, {len(ref)} segments, {', '.join(metrics)}")
    scorers = {m: theirs(m) for m in metrics}
    spent = []

    def watched(extract):
        def work(*given):
            seconds, found = timed(lambda: extract(*given))
            spent.append(seconds)
            return found

        return work

    for scorer in scorers.values():
        scorer._extract_corpus_statistics = watched(scorer._extract_corpus_statistics)

    def paired() -> object:
        return PairedTest(list(zip(names, outputs, strict=True)), scorers, [ref], "bs", n_samples=1000)()

    forget()
    whole, (_, results) = timed(paired)
    part = Seconds(sum(s.processor for s in spent), sum(s.wall for s in spent))
    rest = whole.plus(part, -1)
    print(f"  sacrebleu, {len(names) - 1} pairs: all {whole}, extraction {part}, resampling {rest}")
    forget()
    extraction, made = timed(lambda: {m: dict(zip(names, tables(m, outputs, [ref]), strict=True)) for m in metrics})
    drawing, _ = timed(lambda: bootstraps(made), 3)
    complete, found = timed(lambda: [compare(named, resample="segment") for named in made.values()])
    all_in = extraction.plus(drawing)
    pairs = len(names) * (len(names) - 1) // 2
    print(f"  ours, {pairs} pairs: all {all_in}, extraction {extraction}, resampling {drawing}")
    for name, ours in (
        ("resampling", (rest, drawing)),
        ("extraction", (part, extraction)),
        ("end to end", (whole, all_in)),
    ):
        print(
            f"  {name}: {ours[0].processor / ours[1].processor:.1f} times as fast [{ours[0].wall / ours[1].wall:.1f}]"
        )
    more = extraction.plus(complete)
    print(f"  with 10,000 swaps of all pairs: all {more}, {whole.processor / more.processor:.1f} times as fast")
    columns = [column for key, column in results.items() if key != "System"]
    worst = max(
        abs(result.score - next(s.value for s in c.scores if s.system == name))
        for column, c in zip(columns, found, strict=True)
        for result, name in zip(column, names, strict=True)
    )
    print(f"  largest difference of a score: {worst:.1e}")


def all_pairs(outputs: list[list[str]], ref: list[str]) -> None:
    """17 systems × 2,000 segments: WMT21's rows and then the first 995 again; the seventeenth system is half one and half another."""
    made = {}
    for metric in ("bleu", "chrf"):
        found = tables(metric, outputs, [ref])
        rows = [np.vstack([t.rows, t.rows])[:2000] for t in found]
        rows.append(np.vstack([rows[0][:1000], rows[1][1000:]]))
        made[metric] = {f"s{n}": Table(metric, r.copy(), found[0].signature) for n, r in enumerate(rows)}
    seconds, _ = timed(lambda: bootstraps(made), 3)
    complete, _ = timed(lambda: [compare(named, resample="segment") for named in made.values()])
    print(
        f"{len(rows)} systems, 2,000 segments, BLEU and chrF, {len(rows) * (len(rows) - 1) // 2} pairs: 1,000 resamples {seconds}; ",
        end="",
    )
    print(f"with 10,000 swaps, Holm and clusters {complete}")


def ter(outputs: list[list[str]], ref: list[str], count: int = 100) -> None:
    forget()
    one, rows = timed(lambda: theirs("ter")._extract_corpus_statistics(outputs[0][:count], [ref[:count]]))
    forget()
    other, [ours] = timed(lambda: tables("ter", [outputs[0][:count]], [ref[:count]]))
    same = np.array_equal(ours.rows, np.array(rows, float))
    print(
        f"TER of {count} segments: sacrebleu {one}, ours {other}, {one.processor / other.processor:.0f} times as fast, rows equal: {same}"
    )


def large(metric: str, data: Path) -> None:
    """Runs in a process of its own: two systems of 100,000 segments, extraction, 1,000 resamples, 10,000 swaps."""
    where = data / "wmt21-ja-en"
    ref = (read(where / "ref.en") * 100)[:100_000]
    outputs = [(read(where / "systems" / f"{name}.en") * 100)[:100_000] for name in ("NiuTrans", "Online-B")]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    extraction, made = timed(lambda: tables(metric, outputs, [ref]))
    middle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    testing, _ = timed(lambda: compare(dict(zip("ab", made, strict=True))))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{metric}, 100,000 segments, 2 systems: extraction {extraction}, 1,000 resamples and 10,000 swaps {testing}; "
        f"most memory {before / 1024:.0f} MB with the texts, {middle / 1024:.0f} MB with the rows, {after / 1024:.0f} MB at the end"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--systems", type=int, default=10)
    parser.add_argument("--metrics", default="bleu,chrf")
    parser.add_argument("--only", choices=("peers", "pairs", "ter", "memory"))
    parser.add_argument("--large", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.large:
        large(options.large, options.data)
        return
    where = options.data / "wmt21-ja-en"
    paths = sorted((where / "systems").glob("*.en"))
    ref, outputs = read(where / "ref.en"), [read(path) for path in paths]
    if options.only in (None, "peers"):
        count = options.systems
        peers([path.stem for path in paths[:count]], outputs[:count], ref, options.metrics.split(","))
    if options.only in (None, "pairs"):
        all_pairs(outputs, ref)
    if options.only in (None, "ter"):
        ter(outputs, ref)
    if options.only in (None, "memory"):
        for metric in options.metrics.split(","):
            subprocess.run([sys.executable, __file__, "--data", str(options.data), "--large", metric], check=True)


if __name__ == "__main__":
    main()
