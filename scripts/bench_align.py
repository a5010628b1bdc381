"""Sentence alignment measured: gold sets, made documents, dropped and swapped stretches, how far probabilities can be trusted, speed.

    python scripts/bench_align.py [--only gold,made,stretches,speed,growth] [--seeds 3] [--sentences 500,1000,2000,5000] [--json]

Every method reads the same vectors, of the default encoder. The peers are written down from their papers in `bench_align_peers.py`: Gale and
Church with the ratio of lengths of the document, a cost in the manner of Vecalign with its best search (the whole rectangle), Bertalign's two
passes; and for speed the package `galechurch` where it is installed. F1 is Vecalign's, strict and lax, in percent; null F1 is over null beads, –
where there are none. Nothing was fitted to any of these documents; `fit_align.py` says what was fitted to which.

`made` merges 20 % and drops 6 % of the sentences of the WMT21 documents. `stretches` takes away or exchanges paragraphs of theirs on one side; a
stretch is clean where no bead with a probability above 0.5 pairs a sentence of it with one that is no translation of it. `speed` is of documents of
that many pairs, vectors aside; `growth` of larger ones, with random vectors. A plain Bertalign would run compiled code (numba) in its loops, which
is not installed here: the peer is numpy, a row at a time.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bench_align_peers import bertalign, gale_church, vecalign
from bench_align_texts import Ids, Text, corpus, gold_sets, plain, wmt21

from mt.align.options import AlignOptions
from mt.align.sentences import align, windows
from mt.align.side import Side
from mt.blas import single_threaded
from mt.evaluate.beads import BeadScores, count, score
from mt.models.encoders import open_encoder

Array = np.ndarray[Any, np.dtype[Any]]
Method = Callable[[Text, tuple[list[Array], list[Array]]], list[Ids]]
OPTIONS = AlignOptions()


def bytes_of(side: Side) -> Array:
    return np.array([len(s.encode()) for s in side.sentences], np.float64)


def by_length(text: Text, _: Any) -> list[Ids]:
    one, two = (np.array(s.lengths(), np.float64) for s in (text.src, text.tgt))
    return gale_church(one, two, ratio=max(two.sum(), 1) / max(one.sum(), 1))


def by_package(text: Text, _: Any) -> list[Ids]:
    import galechurch

    block = galechurch.align(list(text.src.sentences), list(text.tgt.sentences))
    return [
        (tuple(range(b.source_start, b.source_end)), tuple(range(b.target_start, b.target_end))) for b in block.beads
    ]


def ours(text: Text, vectors: tuple[list[Array], list[Array]]) -> list[Ids]:
    return [(tuple(b.src), tuple(b.tgt)) for b in align(text.src, text.tgt, vectors, OPTIONS).beads]


METHODS: dict[str, Method] = {
    "Gale-Church": by_length,
    "Vecalign-style": lambda t, v: vecalign(*v),
    "Bertalign-style": lambda t, v: bertalign(*v, bytes_of(t.src), bytes_of(t.tgt)),
    "ours": ours,
}


class Vectors:
    """Windows of sides, each computed once."""

    def __init__(self) -> None:
        self._encoder = open_encoder("use")
        self._known: dict[Any, list[Array]] = {}

    def __call__(self, text: Text) -> tuple[list[Array], list[Array]]:
        """Of both sides."""
        for side in (text.src, text.tgt):
            if side not in self._known:
                self._known[side] = windows(self._encoder, side, OPTIONS.longest)
        return self._known[text.src], self._known[text.tgt]


def scored(texts: Sequence[Text], method: Method, vectors: Vectors) -> BeadScores:
    counts = [count(t.gold, method(t, vectors(t)), (len(t.src), len(t.tgt))) for t in texts]
    return score(counts, resamples=0)


def rows(name: str, texts: Sequence[Text], vectors: Vectors) -> list[dict[str, Any]]:
    found = []
    for method, run in METHODS.items():
        begin = time.perf_counter()
        s = scored(texts, run, vectors)
        nulls = any(not (one and two) for t in texts for one, two in t.gold)
        found.append(
            {
                "set": name,
                "method": method,
                "strict": s["strict F1"].value,
                "lax": s["lax F1"].value,
                "null": s["null bead F1"].value if nulls else None,
                "seconds": time.perf_counter() - begin,
            }
        )
        show(found[-1])
    return found


def show(row: dict[str, Any]) -> None:
    null = "    –" if row["null"] is None else f"{row['null']:5.1f}"
    print(
        f"{row['set']:24} {row['method']:16} {row['strict']:6.2f} {row['lax']:6.2f}  {null}  {row['seconds']:7.2f} s",
        flush=True,
    )


def stretches(
    seed: int, vectors: Vectors, verbose: bool = False
) -> tuple[dict[str, list[bool]], list[float], list[bool]]:
    """For each kind of stretch whether it is clean, and for every bead its probability and whether it is right."""
    rng = random.Random(seed)
    clean: dict[str, list[bool]] = {"dropped": [], "exchanged": []}
    probabilities: list[float] = []
    right: list[bool] = []
    for kind, name, pairs in [(kind, *document) for kind in clean for document in wmt21()]:
        size = rng.randint(2, 4)
        if len(pairs) < 2 * size + 2:
            continue
        kept = list(range(len(pairs)))
        if kind == "dropped":
            first = rng.randrange(0, len(pairs) - size + 1)
            last = first + size
            order = kept[:first] + kept[last:]
        else:
            first = rng.randrange(0, len(pairs) - 2 * size + 1)
            middle, last = first + size, first + 2 * size
            order = kept[:first] + kept[middle:last] + kept[first:middle] + kept[last:]
        moved = set(range(first, last))
        flipped = rng.random() < 0.5
        src, tgt = (order, kept) if flipped else (kept, order)
        text = Text(name, Side(tuple(pairs[i][0] for i in src), "ja"), Side(tuple(pairs[j][1] for j in tgt), "en"), ())
        wrong = False
        for bead in align(text.src, text.tgt, vectors(text), OPTIONS).beads:
            if not (bead.src and bead.tgt):
                continue
            true = {src[i] for i in bead.src} == {tgt[j] for j in bead.tgt}
            touched = {src[i] for i in bead.src} | {tgt[j] for j in bead.tgt}
            probabilities.append(bead.probability or 0.0)
            right.append(true)
            false = not true and bool(touched & moved) and (bead.probability or 0.0) > 0.5
            if false and verbose:
                print(
                    f"  {name} {[src[i] for i in bead.src]} {[tgt[j] for j in bead.tgt]} {bead.probability:.2f} of {sorted(moved)}"
                )
            wrong |= false
        clean[kind].append(not wrong)
    return clean, probabilities, right


def reliability(probabilities: Sequence[float], right: Sequence[bool]) -> float:
    """Prints the table, and returns the expected calibration error."""
    p, r, error = np.array(probabilities), np.array(right, np.float64), 0.0
    for k in range(10):
        here = np.minimum((p * 10).astype(int), 9) == k
        if here.any():
            error += float(here.mean() * abs(p[here].mean() - r[here].mean()))
            print(f"  {k / 10:.1f}  {here.sum():6,} beads  said {p[here].mean():.3f}  right {r[here].mean():.3f}")
    print(f"  expected calibration error {error:.4f}")
    return error


def calibration(texts: Sequence[Text], vectors: Vectors) -> float:
    probabilities, right = [], []
    for text in texts:
        gold = set(text.gold)
        for bead in align(text.src, text.tgt, vectors(text), OPTIONS).beads:
            probabilities.append(bead.probability or 0.0)
            right.append((tuple(bead.src), tuple(bead.tgt)) in gold)
    return reliability(probabilities, right)


def timed(run: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def speed(sizes: Sequence[int], vectors: Vectors) -> list[dict[str, Any]]:
    """Seconds of each method by number of pairs; the documents are beginnings of one corpus."""
    found = []
    pairs = corpus("kyoto_wiki", max(sizes))
    for size in sizes:
        text = plain(f"{size}", pairs[:size], random.Random(1), 0.2, 0.06)
        both = vectors(text)
        row: dict[str, Any] = {"pairs": size, "src": len(text.src), "tgt": len(text.tgt)}
        row["ours"] = min(timed(lambda t=text, v=both: ours(t, v)) for _ in range(3))
        if size <= 5000:
            with single_threaded():  # as ours; on two threads it took twice as long
                row["Bertalign-style"] = timed(lambda t=text, v=both: METHODS["Bertalign-style"](t, v))
            try:
                row["galechurch"] = timed(lambda t=text: by_package(t, None))
            except ImportError:
                row["galechurch"] = None
        row["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        cells = "  ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items())
        print(cells, flush=True)
        found.append(row)
    return found


def random_document(pairs: int, width: int = 512) -> tuple[Text, tuple[list[Array], list[Array]]]:
    """A large document without its encoding: random directions, the same ones with noise on the other side, a stretch and 5 % dropped."""
    rng = np.random.default_rng(pairs)
    rows = rng.standard_normal((pairs, width), dtype=np.float32)
    kept = rng.random(pairs) > 0.05
    kept[pairs // 2 : pairs // 2 + pairs // 20] = False
    other = rows[kept] + rng.standard_normal((int(kept.sum()), width), dtype=np.float32) * np.float32(0.7)
    sides = (Side(("x" * 60,) * pairs, "en"), Side(tuple("x" * int(n) for n in rng.integers(40, 80, len(other))), "en"))
    places = np.cumsum(kept) - 1
    gold = tuple(((i,), (int(places[i]),)) if kept[i] else ((i,), ()) for i in range(pairs))
    vectors = []
    for single in (rows, other):
        runs = []
        for n in range(1, OPTIONS.longest + 1):
            run = single[: len(single) - n + 1].copy()
            for k in range(1, n):
                run += single[k : len(single) - n + 1 + k]
            run /= np.sqrt(np.einsum("ij,ij->i", run, run))[:, None]
            runs.append(run)
        vectors.append(runs)
    return Text(f"random {pairs}", *sides, gold), (vectors[0], vectors[1])


def growth(sizes: Sequence[int]) -> list[dict[str, Any]]:
    found = []
    for size in sizes:
        text, vectors = random_document(size)
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        begin = time.perf_counter()
        beads = ours(text, vectors)
        seconds = time.perf_counter() - begin
        right = len(set(beads) & set(text.gold)) / len(text.gold)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{size:7,} × {len(text.tgt):7,}  {seconds:7.2f} s  {1e6 * seconds / size:6.0f} µs a sentence  "
            f"peak {peak:,} MB, before aligning {held:,} MB  {100 * right:.2f} % right",
            flush=True,
        )
        found.append({"pairs": size, "seconds": seconds, "peak MB": peak, "right": right})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="gold,made,stretches,speed,growth")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sentences", default="500,1000,2000,5000")
    parser.add_argument(
        "--random", default="1000,10000,100000", help="pairs of the documents of `growth`, whose vectors are random"
    )
    parser.add_argument("--verbose", action="store_true", help="name the false beads of stretches")
    parser.add_argument("--json", action="store_true", help="all figures once more, as JSON, at the end")
    arguments = parser.parse_args()
    chosen, vectors, report = arguments.only.split(","), Vectors(), {}
    if "gold" in chosen:
        report["gold"] = [row for name, texts in gold_sets().items() for row in rows(name, texts, vectors)]
    if "made" in chosen:
        report["made"] = []
        for seed in range(arguments.seeds):
            rng = random.Random(seed)
            texts = [plain(name, pairs, rng, 0.2, 0.06) for name, pairs in wmt21()]
            report["made"] += rows(f"WMT21 made, seed {seed}", texts, vectors)
            if not seed:
                report["calibration"] = calibration(texts, vectors)
    if "stretches" in chosen:
        results = [stretches(seed, vectors, arguments.verbose) for seed in range(arguments.seeds)]
        report["stretches"] = {}
        for kind in results[0][0]:
            clean = [c for r in results for c in r[0][kind]]
            print(f"clean stretches, {kind}: {sum(clean)} of {len(clean)}: {100 * sum(clean) / len(clean):.1f} %")
            report["stretches"][kind] = sum(clean) / len(clean)
        reliability([p for r in results for p in r[1]], [x for r in results for x in r[2]])
    if "speed" in chosen:
        report["speed"] = speed([int(x) for x in arguments.sentences.split(",")], vectors)
    if "growth" in chosen:
        report["growth"] = growth([int(x) for x in arguments.random.split(",")])
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
