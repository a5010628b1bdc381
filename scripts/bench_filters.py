"""How fast pairs are filtered: pairs a second for all rules of the table on one core, and each rule's share of the time.

    python scripts/bench_filters.py --data ../shared/data --rows 200000

Rows are taken evenly from all sources of `bitext/`, in their order, cleaned as a build cleans them. Texts are in memory: reading and cleaning are
not in the time. What several rules share is counted in the rule that asks first, but for the characters' classes and the words, which have
lines of their own. Seconds are of the processor, so that others on the machine disturb them little.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from mt.bitext.read import read_pairs
from mt.block import Block
from mt.filters import table
from mt.filters.measures import Measures
from mt.filters.rules import clean


def rows(data: Path, wanted: int) -> Block:
    files = sorted((data / "bitext").glob("*.tsv.zst"))
    total = sum(1 for file in files for _ in read_pairs(file))
    step = max(1, total // wanted)
    found: list[tuple[str, str, str]] = []
    number = 0
    for file in files:
        for _, src, tgt in read_pairs(file):
            if number % step == 0:
                found.append((f"{file.name.partition('.')[0]}:{number:09}", *clean(src, tgt)))
            number += 1
    return Block.of(found[:wanted])


def measure(block: Block, size: int) -> tuple[float, Counter[str]]:
    """Seconds for `table.score` over the block, and by rule in a second round."""
    begin = time.process_time()
    for start in range(0, len(block), size):
        table.score(Measures(block.part(start, min(len(block), start + size)), "ja", "en"))
    whole = time.process_time() - begin
    shares: Counter[str] = Counter()
    for start in range(0, len(block), size):
        m = Measures(block.part(start, min(len(block), start + size)), "ja", "en")
        for name, asked in (
            ("(classes)", lambda m: [side.counts for side in m.sides]),
            ("(words)", lambda m: [side.word_prefix for side in m.sides]),
            *((name, f.score) for name, f in table.TABLE.items() if f.score is not None),
        ):
            begin = time.process_time()
            asked(m)
            shares[name] += time.process_time() - begin
    return whole, shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--block", type=int, default=1000, help="rows measured together")
    options = parser.parse_args()
    block = rows(options.data, options.rows)
    characters = sum(map(len, block.src)) + sum(map(len, block.tgt))
    seconds, shares = measure(block, options.block)
    print(f"{len(block):,} pairs, {characters / len(block):.0f} characters a pair, blocks of {options.block:,}")
    print(
        f"all {sum(f.score is not None for f in table.TABLE.values())} rules: {len(block) / seconds:,.0f} pairs/s on one core"
    )
    total = shares.total()
    for name, spent in shares.most_common():
        print(f"{name:20} {1e6 * spent / len(block):7.2f} µs a pair {100 * spent / total:5.1f} %")


if __name__ == "__main__":
    main()
