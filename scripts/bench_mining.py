"""Mining beside what is published: error rates on LASER's Tatoeba pairs, precision and recall on planted pairs, growth of the search.

    python scripts/bench_mining.py [--data ../shared/data] [--encoder use] [--sizes 10000,20000,40000] [--only rates|planted|growth|faiss]

Rates: for every one of 1,000 sentences its nearest on the other side by cosine or margin; an error is one that is not its translation.
Planted: of a corpus that nothing here was trained on, a part keeps its translations and of the rest each side keeps other sentences, so that most
sentences have no partner, as in a real pile; what is mined is compared with what was kept. Growth: vectors drawn like
sentences' (sums of shared topics), seconds and processor seconds of the whole search in both directions, memory beside the vectors (of a quarter
of the sentences, since counting it takes time) and the plan's, and what these say of a million a side. Faiss: the exact search beside that by
cells on sentences of tatoeba_train, seconds and the share of the nearest that is found.
"""

from __future__ import annotations

import argparse
import resource
import time
import tracemalloc
from pathlib import Path

import numpy as np

from mt.align.mining import MiningOptions, select
from mt.align.neighbours import Plan, both
from mt.align.pool import Pool, encode
from mt.align.retrieval import rates
from mt.bitext.stream import lines
from mt.files import sha256
from mt.models.encoders import open_encoder

ROOT = Path(__file__).resolve().parents[1]
CORPORA = (
    "ntrex",
    "pud",
    "newstest2021_enja",
    "generaltest2022_enja",
    "generaltest2023_enja",
    "python_docs_ja",
    "coursera",
)
KEPT, REST = 1000, 5000  # planted pairs, and sentences without a partner on either side
MARGINS = {"ratio": (1.0, 1.02, 1.04, 1.06, 1.08, 1.1, 1.15, 1.2), "distance": (0.0, 0.01, 0.02, 0.03, 0.05, 0.08)}


def tatoeba(data: Path, encoder) -> None:
    where = data / "mining" / "laser_tatoeba"
    src, tgt = (encode(encoder, list(lines(where / f"tatoeba.jpn-eng.{side}"))) for side in ("jpn", "eng"))
    cosine = src.astype(float) @ tgt.astype(float).T
    print("laser_tatoeba, 1,000 pairs: error rate in percent")
    print(f"  {'':<16}{'ja→en':>8}{'en→ja':>8}")
    for kind, k in (("absolute", 4), ("ratio", 4), ("ratio", 16), ("distance", 4), ("distance", 16)):
        ahead, back = rates(cosine, *both(src, tgt, k), kind)
        name = "cosine" if kind == "absolute" else f"{kind} k={k}"
        print(f"  {name:<16}{ahead:>8.1f}{back:>8.1f}")


def planted(data: Path, encoder) -> None:
    rows, seen = [], set()
    for name in CORPORA:
        for line in lines(data / "bitext" / f"{name}.tsv.zst"):
            ja, en = line.split("\t")[:2]
            # several translations of one sentence would make right pairs look wrong
            if ja not in seen and en not in seen:
                rows.append((ja, en))
                seen |= {ja, en}
    order = np.random.default_rng(7).permutation(len(rows))
    rest = min(REST, (len(rows) - KEPT) // 2)
    kept, ja_only, en_only = np.split(order[: KEPT + 2 * rest], [KEPT, KEPT + rest])
    # shuffled again, so that the place says nothing
    ja, en = (
        np.random.default_rng(seed).permutation(np.concatenate([kept, x])) for seed, x in ((1, ja_only), (2, en_only))
    )
    texts = [rows[i][0] for i in ja], [rows[i][1] for i in en]
    pools = [Pool.of(side, shortest=2, longest=1000) for side in texts]
    src, tgt = (encode(encoder, pool.texts()) for pool in pools)
    print(f"\nplanted: {KEPT:,} pairs among {len(ja):,} and {len(en):,} sentences of {', '.join(CORPORA)}")
    print(
        f"  {'margin':<10}{'k':>3} {'retrieval':<13}{'least':>6}{'pairs':>8}{'P':>8}{'R':>8}{'F1':>8}    with contradicting numbers and names"
    )
    for kind, retrieval, k in (
        ("ratio", "intersection", 4),
        ("ratio", "intersection", 16),
        ("ratio", "max", 4),
        ("distance", "intersection", 4),
    ):
        found = both(src, tgt, k)
        for least in MARGINS[kind]:
            told = []
            for contradicting in (False, True):
                options = MiningOptions(k, kind, retrieval, min_margin=least, contradicting=contradicting)
                pairs = select(pools[0], pools[1], *found, options, langs=("ja", "en")).pairs
                right = sum(ja[p.src] == en[p.tgt] for p in pairs)
                p, r = right / max(len(pairs), 1), right / KEPT
                f1 = 2 * p * r / max(p + r, 1e-9)
                told.append(f"{len(pairs):>8,}{p:>8.3f}{r:>8.3f}{f1:>8.3f}")
            print(f"  {kind:<10}{k:>3} {retrieval:<13}{least:>6.2f}{told[0]}    {told[1]}", flush=True)


def like_sentences(count: int, seed: int, width: int = 512) -> np.ndarray:
    topics = np.random.default_rng(0).normal(size=(500, width)).astype(np.float32)
    rng = np.random.default_rng(seed)
    made = np.empty((count, width), np.float32)
    for start in range(0, count, 10_000):
        n = min(10_000, count - start)
        rows = topics[rng.integers(500, size=n)] + topics[rng.integers(500, size=n)] + rng.normal(size=(n, width)) * 1.2
        made[start : start + n] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return made


def growth(sizes: list[int]) -> None:
    print("\nsearch, both directions, k = 4, 512 numbers a vector")
    print(
        f"  {'sentences':>19}{'seconds':>9}{'CPU s':>9}{'GFLOP/CPU s':>13}{'MB of ¼':>9}{'plan MB':>9}  SHA-256 of the answer, 1 and 3 shards"
    )
    last = 0.0
    for size in sizes:
        src, tgt = like_sentences(size, 1), like_sentences(size, 2)
        begin, used = time.perf_counter(), time.process_time()
        answer = both(src, tgt, 4)
        wall, last = time.perf_counter() - begin, time.process_time() - used
        tracemalloc.start()
        sharded = both(src[: size // 4], tgt[: size // 4], 4, shards=3)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        whole = both(src[: size // 4], tgt[: size // 4], 4)
        digests = [sha256(x[0].to_bytes() + x[1].to_bytes())[:8] for x in (whole, sharded)]
        plan = Plan(size // 4, size // 4, 512, 4)
        speed = 2 * size * size * 512 / last / 1e9
        print(
            f"  {size:>8,} x {size:>8,}{wall:>9.1f}{last:>9.1f}{speed:>13.1f}{peak / 1e6:>9.0f}{plan.working / 1e6:>9.0f}  {' '.join(digests)}"
        )
        del src, tgt, answer
    for size in (100_000, 1_000_000):
        plan = Plan(size, size, 512, 4)
        hours = last * (size / sizes[-1]) ** 2 / 3600
        print(
            f"  {size:>8,} x {size:>8,}: about {hours:.2f} hours of one core at that speed; {plan.vectors / 1e9:.1f} GB of vectors (or on the disk), "
            f"{plan.working / 1e6:.0f} MB beside them (k = 16: {Plan(size, size, 512, 16).working / 1e6:.0f} MB)"
        )
    print(f"  most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


def faiss(data: Path, encoder, sizes: list[int]) -> None:
    from mt.align import approximate

    size = max(sizes)
    src: dict[str, None] = {}
    tgt: dict[str, None] = {}
    for line in lines(data / "bitext" / "tatoeba_train.tsv.zst"):
        ja, en = line.split("\t")[:2]
        src.setdefault(ja)
        tgt.setdefault(en)
        if min(len(src), len(tgt)) >= size:
            break
    vectors = [encode(encoder, list(side)[:size]) for side in (src, tgt)]
    print("\nfaiss beside the exact search, both directions, k = 4, tatoeba_train")
    print(f"  {'sentences':>19}{'exact s':>9}{'faiss s':>9}{'nearest found':>15}{'of four':>9}{'mutual nearest':>16}")
    for count in sorted(min(size, *map(len, vectors)) for size in sizes):
        one, two = (side[:count] for side in vectors)
        begin = time.perf_counter()
        exact = both(one, two, 4)
        middle = time.perf_counter()
        found = approximate.both(one, two, 4)
        end = time.perf_counter()
        first = np.concatenate([a.numbers[:, 0] == b.numbers[:, 0] for a, b in zip(exact, found, strict=True)])
        four = [(a.numbers[:, :, None] == b.numbers[:, None]).any(2) for a, b in zip(exact, found, strict=True)]
        mutual = [
            {(i, j) for i, j in enumerate(a.numbers[:, 0].tolist()) if j >= 0 and b.numbers[j, 0] == i}
            for a, b in (exact, found)
        ]
        kept = len(mutual[0] & mutual[1]) / len(mutual[0])
        print(
            f"  {len(one):>8,} x {len(two):>8,}{middle - begin:>9.1f}{end - middle:>9.1f}{first.mean():>15.4f}"
            f"{np.concatenate(four).mean():>9.4f}{kept:>16.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--encoder", default="use")
    parser.add_argument("--sizes", default="10000,20000,40000")
    parser.add_argument("--only", choices=["rates", "planted", "growth", "faiss"])
    options = parser.parse_args()
    encoder = open_encoder(options.encoder)
    print(encoder.signature)
    if options.only in (None, "rates"):
        tatoeba(options.data, encoder)
    if options.only in (None, "planted"):
        planted(options.data, encoder)
    if options.only == "faiss":
        faiss(options.data, encoder, [int(x) for x in options.sizes.split(",")])
    if options.only in (None, "growth"):
        growth([int(x) for x in options.sizes.split(",")])


if __name__ == "__main__":
    main()
