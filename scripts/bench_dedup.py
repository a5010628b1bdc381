"""Copies measured: how quickly keys, signatures and test sets are looked up, how many near copies are found, and how the estimate errs.

    python scripts/bench_dedup.py [--bitext ../shared/data/bitext] [--rows 60000] [--plant 4000] [--seed 1] [--json] [--parts speed,recall,...]

`speed`: microseconds of the processor a pair of each step, on rows of several sources, and of the plain Python that gives the same.
`recall`: real pairs, edited by replacing, dropping and doubling letters until their 5-gram sets, compared exactly, are as similar as wanted; the
share of those pairs that bands find, that pass the estimate, and that peers find: datasketch's MinHashLSH and rensa's RMinHashLSH, both asked for
a threshold of 0.8 with 128 permutations of the same 5-grams (who is not installed is left out, and said so).
`corpus`: the rows themselves deduplicated: candidates, edges, what the exact similarity of the edges is, groups.
`tests`: verdicts on rows against `overlap.Guard` asked row by row, with the same test sets.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mt.block import Block
from mt.filters.contamination import KINDS, Contamination, names
from mt.filters.folded import Folded, fold
from mt.filters.keys import keys
from mt.filters.minhash import BANDS, bands, signatures, similarity
from mt.filters.near import SLACK, _candidates, clusters, edges
from mt.filters.overlap import Guard, plain
from mt.filters.winners import losers

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SOURCES = ("kyoto_wiki", "wmt_sys_enja", "tatoeba_train", "python_docs_ja", "coursera", "names_wikidata_persons")
LEVELS = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
PERMUTATIONS, THRESHOLD = 128, 0.8
Pair = tuple[str, str]


def read(path: Path, count: int) -> list[Pair]:
    """The first rows of a table."""
    import zstandard

    pairs: list[Pair] = []
    with path.open("rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8"):
            src, tgt = line.rstrip("\n").split("\t")[:2]
            pairs.append((src, tgt))
            if len(pairs) == count:
                break
    return pairs


def blocks(pairs: list[Pair], size: int = 5000) -> Iterator[Block]:
    for at in range(0, len(pairs), size):
        yield Block.of([(f"a:{at + n}", *pair) for n, pair in enumerate(pairs[at : at + size])])


def timed(work: Callable[[], Any], rows: int, rounds: int = 3) -> float:
    """Microseconds of the processor a row, the best of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) / rows * 1e6


def grams(pair: Pair) -> frozenset[str]:
    """The set of a pair from its definition."""
    found = set()
    for mark, side in zip("st", pair, strict=True):
        text = plain(side)
        found |= {mark + text[i : i + 5] for i in range(max(1, len(text) - 4))} if text else set()
    return frozenset(found)


def jaccard(one: Pair, other: Pair) -> float:
    a, b = grams(one), grams(other)
    return len(a & b) / max(1, len(a | b))


def speed(pairs: list[Pair]) -> dict[str, float]:
    some = list(blocks(pairs))
    folded = [fold(block) for block in some]
    made = [signatures(block, parts) for block, parts in zip(some, folded, strict=True)]
    rows = len(pairs)
    return {
        "letters a pair": sum(len(part.letters) for parts in folded for part in parts) / rows,
        "plain, both sides": timed(lambda: [(plain(src), plain(tgt)) for src, tgt in pairs], rows, 1),
        "fold": timed(lambda: [fold(block) for block in some], rows),
        "keys of folded": timed(lambda: [keys(b, f) for b, f in zip(some, folded, strict=True)], rows),
        "grams": timed(lambda: [Folded.grams.func(part) for parts in folded for part in parts], rows),  # type: ignore[attr-defined]
        "signatures of grams": timed(lambda: [signatures(b, f) for b, f in zip(some, folded, strict=True)], rows),
        "bands": timed(lambda: [bands(one) for one in made], rows),
    }


def edited(text: str, times: int, rng: random.Random) -> str:
    """A text with so many letters replaced, dropped or doubled."""
    letters = list(text)
    for _ in range(times):
        at = rng.randrange(len(letters)) if letters else 0
        letters[at : at + 1] = rng.choice([[rng.choice(letters or ["x"])], [], letters[at : at + 1] * 2])
    return "".join(letters)


def planted(pairs: list[Pair], count: int, seed: int) -> dict[float, list[tuple[Pair, Pair]]]:
    """Pairs of pairs by the level their similarity is nearest to, within 0.01."""
    rng = random.Random(seed)
    found: dict[float, list[tuple[Pair, Pair]]] = {level: [] for level in LEVELS}
    for _ in range(count * 60):
        pair = rng.choice(pairs)
        side = rng.randrange(2)
        times = rng.randint(1, max(1, len(pair[0] + pair[1]) // 12))
        first, second = (edited(text, times if n == side else times // 3, rng) for n, text in enumerate(pair))
        alike = jaccard(pair, (first, second))
        level = min(LEVELS, key=lambda one: abs(one - alike))
        if abs(level - alike) <= 0.01 and len(found[level]) < count:
            found[level].append((pair, (first, second)))
        if all(len(some) >= count for some in found.values()):
            break
    return found


def recall(pairs: list[Pair], count: int, seed: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for level, some in planted(pairs, count, seed).items():
        one, other = (signatures(Block.of([("a", *both[n]) for both in some])) for n in (0, 1))
        together = (bands(one) == bands(other)).any(axis=1)
        alike = similarity(one, other)
        exact = np.array([jaccard(*both) for both in some])
        row: dict[str, Any] = {
            "pairs": len(some),
            "bias": float((alike - exact).mean()),
            "deviation": float((alike - exact).std()),
            "formula": 1 - (1 - level**6) ** BANDS,
            "bands": float(together.mean()),
            "found": float((together & (alike >= THRESHOLD - SLACK)).mean()),
        }
        few = np.array([len(grams(both[0])) <= 40 for both in some])
        row["found, ≤ 40 grams"] = float((together & (alike >= THRESHOLD - SLACK))[few].mean()) if few.any() else None
        for name, peer in PEERS.items():
            row[name] = peer([(grams(a), grams(b)) for a, b in some])
        out[f"{level:g}"] = row
    return out


Sets = list[tuple[frozenset[str], frozenset[str]]]


def datasketch(some: Sets) -> float | None:
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None

    def made(of: frozenset[str]) -> Any:
        one = MinHash(num_perm=PERMUTATIONS)
        one.update_batch([gram.encode() for gram in of])
        return one

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for number, both in enumerate(some):
        index.insert(number, made(both[0]))
    return sum(number in index.query(made(both[1])) for number, both in enumerate(some)) / max(1, len(some))


def rensa(some: Sets) -> float | None:
    try:
        from rensa import RMinHash, RMinHashLSH
    except ImportError:
        return None

    def made(of: frozenset[str]) -> Any:
        one = RMinHash(num_perm=PERMUTATIONS, seed=1)
        one.update(list(of))
        return one

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=16)
    for number, both in enumerate(some):
        index.insert(number, made(both[0]))
    return sum(number in index.query(made(both[1])) for number, both in enumerate(some)) / max(1, len(some))


PEERS: dict[str, Callable[[Sets], float | None]] = {"datasketch": datasketch, "rensa": rensa}


def peer_speed(pairs: list[Pair]) -> dict[str, float | None]:
    """Microseconds of the processor a pair: grams made in Python, as peers want them, then from those to an index asked once."""
    made = [grams(pair) for pair in pairs[::10]]
    some = list(zip(made, made, strict=True))
    out: dict[str, float | None] = {
        "grams in Python": timed(lambda: [grams(pair) for pair in pairs[::10]], len(made), 1)
    }
    for name, peer in PEERS.items():
        out[name] = None if peer(some[:10]) is None else timed(lambda peer=peer: peer(some), 2 * len(some), 1)  # type: ignore[misc]
    return out


def corpus(pairs: list[Pair]) -> dict[str, Any]:
    """The way of the pipeline in one piece: exact copies, then near ones."""
    start = time.process_time()
    some = list(blocks(pairs))
    folded = [fold(block) for block in some]
    tables = [keys(b, f) for b, f in zip(some, folded, strict=True)]
    places = np.arange(len(pairs), dtype=np.uint64)
    ones = np.ones(len(pairs), np.float32)
    high, low = (np.concatenate([one[f"pair_{half}"] for one in tables]) for half in ("high", "low"))
    exact = losers((high, low), ones, ones, places)
    kept = np.setdiff1d(places, exact[:, 0])
    hashed = time.process_time()
    every = np.concatenate([signatures(b, f) for b, f in zip(some, folded, strict=True)])
    found = bands(every[kept.astype(int)])
    signed = time.process_time()
    band, place = found.reshape(-1), np.repeat(kept, BANDS)
    near = edges(band, place, lambda wanted: every[wanted.astype(int)])
    groups = clusters(near)
    joined = time.process_time()
    sample = near[np.random.default_rng(1).permutation(len(near))[:2000]].tolist()
    alike = np.array([jaccard(pairs[a], pairs[b]) for a, b in sample])
    _, sizes = np.unique(groups[:, 1], return_counts=True)
    return {
        "rows": len(pairs),
        "exact copies": len(exact),
        "candidates": sum(len(part) for part in _candidates(band, place)),
        "edges": len(near),
        "edges below 0.8, exactly": float((alike < 0.8).mean()),
        "edges below 0.75": float((alike < 0.75).mean()),
        "edges below 0.7": float((alike < 0.7).mean()),
        "near copies": len(groups) - len(sizes),
        "largest group": int(sizes.max(initial=0)),
        "µs a pair: keys and exact": (hashed - start) / len(pairs) * 1e6,
        "µs a pair: signatures and bands": (signed - hashed) / len(pairs) * 1e6,
        "µs a pair: edges and groups": (joined - signed) / len(pairs) * 1e6,
    }


def tests(pairs: list[Pair], bitext: Path) -> dict[str, Any]:
    def lines(path: str) -> list[str]:
        return (DATA / path).read_text(encoding="utf-8").splitlines()

    def table(path: str) -> list[Pair]:
        return [(row.split("\t")[0], row.split("\t")[1]) for row in lines(path)]

    sets = {
        "wmt21": list(zip(lines("wmt21-ja-en/src.ja"), lines("wmt21-ja-en/ref.en"), strict=True)),
        "flores": table("flores/devtest.tsv"),
        "tatoeba": table("tatoeba-test/test.tsv"),
        "ntrex": read(bitext / "ntrex.tsv.zst", 2000),
        "wmt23": read(bitext / "generaltest2023_jaen.tsv.zst", 2000),
    }
    start = time.process_time()
    found = Contamination(sets)
    built = time.process_time() - start
    some = list(blocks(pairs))
    folded = [fold(block) for block in some]
    for parts in folded:
        for part in parts:
            _ = part.grams
    codes = np.concatenate([found.codes(b, f) for b, f in zip(some, folded, strict=True)])
    rng = random.Random(1)
    checked = [*range(0, len(pairs), 20)]
    mixed = [pairs[n] for n in checked] + [
        (edited(src, rng.randint(0, 4), rng), edited(tgt, rng.randint(0, 12), rng))
        for name in sets
        for src, tgt in sets[name][:400]
    ]
    guard = Guard(sets)
    guard.find("a", "b")
    wanted = [guard.find(*pair) for pair in mixed]
    have = np.concatenate([found.codes(block) for block in blocks(mixed)]).tolist()
    known = names(list(sets))
    said = [known[code - 1].removeprefix("overlap-").rsplit("-", 1) if code else None for code in have]
    differ = sum(
        (None if one is None or one[1] == "run" else tuple(one)) != other
        for one, other in zip(said, wanted, strict=True)
    )
    return {
        "segments": sum(map(len, sets.values())),
        "seconds to index": built,
        "µs a pair": timed(lambda: [found.codes(b, f) for b, f in zip(some, folded, strict=True)], len(pairs), 2),
        "Guard, µs a pair": timed(lambda: [guard.find(*pair) for pair in mixed[:1000]], 1000, 1),
        "rows of the corpus": {known[n - 1]: int((codes == n).sum()) for n in np.unique(codes[codes > 0])},
        "compared with Guard": len(mixed),
        "of them copies by Guard": sum(one is not None for one in wanted),
        "differ": differ,
        "kinds": list(KINDS),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bitext", type=Path, default=DATA / "bitext")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--plant", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--parts", default="speed,recall,peers,corpus,tests")
    options = parser.parse_args()
    if not options.bitext.is_dir():
        sys.exit(f"{options.bitext}: expected a folder of tables, found nothing")
    pairs = [
        pair for name in SOURCES for pair in read(options.bitext / f"{name}.tsv.zst", options.rows // len(SOURCES))
    ]
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "speed": lambda: speed(pairs),
        "recall": lambda: recall(pairs, options.plant, options.seed),
        "peers": lambda: peer_speed(pairs),
        "corpus": lambda: corpus(pairs),
        "tests": lambda: tests(pairs, options.bitext),
    }
    said = {name: parts[name]() for name in options.parts.split(",")}
    if options.json:
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return
    for name, rows in said.items():
        print(f"\n{name}")
        for key, value in rows.items():
            values = value if isinstance(value, dict) else {"": value}
            shown = ", ".join(
                f"{n} {'not installed' if v is None else f'{v:.4g}' if isinstance(v, float) else v}".strip()
                for n, v in values.items()
            )
            print(f"  {key}: {shown}")


if __name__ == "__main__":
    main()
