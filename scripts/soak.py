"""A soak: translate changing text for minutes on end, and see whether memory grows.

    python scripts/soak.py [--minutes 10] [--bound 30] [--memory] [--kept]

Windows of sentences that never come again, with short and long ones, symbols and repetitions among them, go through one translator, and nothing is
done to its memory but what the program does itself. *Held* is what the process has of the machine's memory at any moment, twice a second: freed
memory and the batch in flight included, it is what a machine must have. *Used* is what the allocator counts as handed out, between two windows, every
three seconds, where the C library says so (glibc 2.33 and later): a leak of native code would show there first, without the noise of what lies
free; Python's small objects are in maps of its own, and so in *held* only. With --kept garbage is collected and the allocator told to give back what
is free before each of the latter samples, and what the process then holds is *kept*; that makes *held* lower than it is in use, where memory is
given back every ten seconds only.

After a warm-up (a fifth of the time, in which caches and arenas fill) a line is fitted to each by least squares, in MB (10⁶ bytes) an hour. Samples
that follow each other are alike, so that a plain standard error would promise too much: they are averaged over `BLOCKS` stretches of equal time, and
the standard error is widened by √((1+r)/(1−r)), r the correlation of neighbouring residuals where it is positive (the effective sample size of a
first-order process: Bayley & Hammersley 1946). Growth is *within noise* where the slope is less than two standard errors from 0. The exit code is 1
where what is held grows by more than the bound plus two standard errors: a day at the default bound of 30 MB/h would cost 0.7 GB. It is 2 where
there is too little to fit. Linux only (/proc). --memory also keeps a translation memory in a temporary file.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import itertools
import math
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bench_growth

import mt
from mt.models.heap import Heap

BLOCKS = 24
WARM_UP = 0.2
WINDOW = 128
FEWEST = 8  # blocks a line is fitted to
REST = 3.0  # seconds between two samples of what is used or kept
Sample = tuple[float, float]  # seconds, MB


def text(seed: int) -> Iterator[str]:
    """Sentences as they come in practice: mostly plain, some long, some that make models stumble."""
    draw, plain = random.Random(seed), bench_growth.sentences(seed)
    for number in itertools.count():
        kind = draw.random()
        if kind < 0.8:
            yield f"{next(plain)[:-1]}（{number}番）。"
        elif kind < 0.95:
            yield "、また".join(next(plain)[:-1] for _ in range(draw.randint(2, 12))) + f"、{number}回目だ。"
        elif kind < 0.98:
            yield draw.choice("あははーっ！？") * draw.randint(3, 60) + str(number)
        else:
            yield draw.choice(("＊＊＊", "――――", "", "  ", "…"))


def fit(samples: list[Sample]) -> tuple[float, float]:
    """Slope in MB an hour and its standard error, of block means.

    Raises:
        ValueError: for fewer than 8 blocks with a sample in them.

    Example:
        >>> slope, error = fit([(36.0 * i, 100 + 0.1 * i) for i in range(240)])
        >>> round(slope, 6), error < 1e-6
        (10.0, True)
    """
    first, last = samples[0][0], samples[-1][0]
    blocks: list[list[Sample]] = [[] for _ in range(BLOCKS)]
    for sample in samples:
        blocks[min(int((sample[0] - first) / max(last - first, 1e-9) * BLOCKS), BLOCKS - 1)].append(sample)
    means = [(statistics.fmean(t / 3600 for t, _ in b), statistics.fmean(m for _, m in b)) for b in blocks if b]
    if len(means) < FEWEST:
        raise ValueError(
            f"fit: expected samples in at least {FEWEST} of {BLOCKS} blocks, found {len(means)}: more minutes are needed"
        )
    hours, mb = [h for h, _ in means], [m for _, m in means]
    slope, start = statistics.linear_regression(hours, mb)
    rest = [m - start - slope * h for h, m in means]
    square = sum(r * r for r in rest)
    spread = sum((h - statistics.fmean(hours)) ** 2 for h in hours)
    error = math.sqrt(square / (len(means) - 2) / spread)
    alike = sum(a * b for a, b in itertools.pairwise(rest)) / square if square > 0 else 0.0
    alike = min(max(alike, 0.0), 0.95)
    return slope, error * math.sqrt((1 + alike) / (1 - alike))


def soak(minutes: float, model: str, remember: bool, kept: bool) -> tuple[dict[str, list[Sample]], int]:
    """Samples of what this process holds, uses and (if asked) keeps, and the sentences translated."""
    samples: dict[str, list[Sample]] = {"held": []}
    between = _between(kept)
    with tempfile.TemporaryDirectory() as folder:
        options = {"memory": Path(folder) / "memory.sqlite"} if remember else {}
        with mt.open_translator(model, **options) as translator:
            began = time.perf_counter()
            over = threading.Event()
            sampler = threading.Thread(target=_sample, args=(samples["held"], began, over))
            sampler.start()
            source, count, shown, rested = text(1), 0, 0.0, float("-inf")
            while (now := time.perf_counter() - began) < 60 * minutes:
                count += sum(1 for _ in translator.translate(itertools.islice(source, WINDOW)))
                if now - rested >= REST:
                    rested = now
                    for name, mb in between.items():
                        samples.setdefault(name, []).append((time.perf_counter() - began, mb()))
                if now >= shown:
                    last = "".join(f" {found[-1][1]:9.1f} MB {name}" for name, found in samples.items())
                    print(f"{now:8.0f} s {count:10,} sentences{last}", flush=True)
                    shown += 60 * minutes / 20
            over.set()
            sampler.join()
    return samples, count


def _between(kept: bool) -> dict[str, Callable[[], float]]:
    """What is looked at between two windows: name → MB."""
    found: dict[str, Callable[[], float]] = {}
    if kept:
        heap = Heap(0)

        def after_trim() -> float:
            gc.collect()
            heap.rest()
            return bench_growth.resident_mb()

        found["kept"] = after_trim
    if (used := _allocator()) is not None:
        found["used"] = used
    return found


class _Mallinfo2(ctypes.Structure):
    """`struct mallinfo2` of glibc's malloc.h."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    )


def _allocator() -> Callable[[], float] | None:
    """MB that glibc's allocator has handed out, in arenas and maps of their own; None where the C library does not say."""
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return None
    ask.restype = _Mallinfo2

    def used() -> float:
        found = ask()
        return float(found.uordblks + found.hblkhd) / 1e6

    return used


def _sample(found: list[Sample], began: float, over: threading.Event) -> None:
    while not over.is_set():
        found.append((time.perf_counter() - began, bench_growth.resident_mb()))
        over.wait(0.5)


def _fitted(name: str, samples: list[Sample]) -> tuple[float, float]:
    """Print and return slope and standard error after the warm-up; exits with 2 where there is too little to fit."""
    try:
        slope, error = fit([sample for sample in samples if sample[0] >= WARM_UP * samples[-1][0]])
    except ValueError as e:
        print(e, file=sys.stderr)
        sys.exit(2)
    noise = "within noise" if abs(slope) < 2 * error else "beyond noise"
    most = max(mb for _, mb in samples)
    print(f"{name}: {len(samples):,} samples, most {most:,.0f} MB, slope {slope:+.1f} ± {error:.1f} MB/h, {noise}")
    return slope, error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--bound", type=float, default=30, help="MB an hour")
    parser.add_argument("--model", default="starter")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument(
        "--kept", action="store_true", help="collect and trim every three seconds, and see what is left"
    )
    asked = parser.parse_args()
    samples, count = soak(asked.minutes, asked.model, asked.memory, asked.kept)
    print(
        f"\n{count:,} sentences; slopes after warm-up with their standard errors; bound {asked.bound:g} MB/h for what is held"
    )
    fitted = {name: _fitted(name, found) for name, found in samples.items()}
    slope, error = fitted["held"]
    if slope - 2 * error > asked.bound:
        sys.exit(1)


if __name__ == "__main__":
    main()
