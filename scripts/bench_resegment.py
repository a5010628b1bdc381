"""What re-segmentation changes: the systems of newstest2021 ja-en without their lines, brought back to the reference's, against the truth.

    python scripts/bench_resegment.py [--data ../shared/data/wmt21-ja-en] [--systems NAME …] [--json]

Four tables: all lines of each document joined (`bead+soft`); the same with all marks and capitals removed (`soft`); one sentence of each document
dropped, against the same sentences dropped with their places known; and all documents joined, so that no border is known at all. `exact` is the
share of the segments that came out as they were, blanks aside; seconds are of the processor. In the third, `naive` is what a tool says that pairs
line by line within the documents.

Measured on all sixteen systems, the largest change of any: joined −0.23 BLEU, −0.41 chrF2, at least 91.4 % exact; bare −0.47, −1.09, 32.7 %; dropped
−0.23, −0.50, 84.3 % (naive pairing loses 7 to 11 BLEU); stream −0.35, −0.55, 90.2 %. One to two and a half seconds a system.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mt.evaluate.resegment import Resegmented, resegment
from mt.evaluate.statistics import table
from mt.evaluate.testset import TestSet

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "wmt21-ja-en"


@dataclass(frozen=True, slots=True)
class Row:
    """One system in one table."""

    system: str
    bleu: float
    bleu_change: float
    chrf: float
    chrf_change: float
    exact: float
    coverage: float
    seconds: float
    naive: float | None = None


def scores(hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, float]:
    return table("bleu", hypotheses, [references]).score(), table("chrf", hypotheses, [references]).score()


def row(
    name: str, true: Sequence[str], given: Sequence[str], test: TestSet, *, known: bool = True, soft: bool = False
) -> Row:
    """`true` lines against what is made of the texts `given`, one a document where they are `known`."""
    documents = [d for d, _, _ in test.spans()] if known else None
    began = time.process_time()
    found: Resegmented = resegment(given, test, name=name, documents=documents, method="soft" if soft else "bead+soft")
    seconds = time.process_time() - began
    words = " ".join(" ".join(given).split())
    if " ".join(" ".join(found.hypotheses).split()) != words:
        sys.exit(f"{name}: words were lost or moved")
    before, after = scores(true, test.references[0]), scores(found.hypotheses, test.references[0])
    exact = sum(a.split() == b.split() for a, b in zip(true, found.hypotheses, strict=True)) / len(test)
    return Row(name, before[0], after[0] - before[0], before[1], after[1] - before[1], exact, found.coverage, seconds)


def bare(text: str) -> str:
    """Without marks and capitals, as speech recognition writes."""
    return " ".join(re.sub(r"[^\w\s]", " ", text).lower().split())


def joined(lines: Sequence[str], test: TestSet) -> list[str]:
    return [" ".join(line.strip() for line in lines[a:b] if line.strip()) for _, a, b in test.spans()]


def dropped(name: str, lines: Sequence[str], test: TestSet) -> Row:
    """The middle line of each document is missing: the truth has an empty line there."""
    true, naive = list(lines), []
    for _, a, b in test.spans():
        gone = (a + b) // 2
        true[gone] = ""
        naive += [*lines[a:gone], *lines[gone + 1 : b], ""]
    found = row(name, true, joined(true, test), test)
    return Row(*(getattr(found, key) for key in Row.__slots__[:-1]), scores(naive, test.references[0])[0])


def printed(title: str, rows: Sequence[Row]) -> None:
    print(
        f"\n{title}\n{'system':18} {'BLEU':>6} {'change':>7} {'chrF2':>6} {'change':>7} {'exact':>6} {'cov':>5} {'s':>5}"
    )
    for r in rows:
        naive = "" if r.naive is None else f"  naive {r.naive:.2f}"
        scored = f"{r.bleu:6.2f} {r.bleu_change:+7.2f} {r.chrf:6.2f} {r.chrf_change:+7.2f}"
        print(f"{r.system:18} {scored} {r.exact:6.3f} {r.coverage:5.2f} {r.seconds:5.2f}{naive}")
    worst = max(rows, key=lambda r: abs(r.bleu_change)), max(rows, key=lambda r: abs(r.chrf_change))
    print(
        f"largest change {worst[0].bleu_change:+.2f} BLEU, {worst[1].chrf_change:+.2f} chrF2; least exact {min(r.exact for r in rows):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--systems", nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    def read(path: Path) -> tuple[str, ...]:
        return tuple(path.read_text("utf-8").removesuffix("\n").split("\n"))

    reference, documents = read(args.data / "ref.en"), read(args.data / "docids.txt")
    test = TestSet((reference,), documents=documents, name="newstest2021 ja-en")
    plain = TestSet((tuple(map(bare, reference)),), documents=documents, name="newstest2021 ja-en, bare")
    tables: dict[str, list[Row]] = {"joined": [], "bare": [], "dropped": [], "stream": []}
    for path in sorted((args.data / "systems").glob("*.en")):
        if args.systems and path.stem not in args.systems:
            continue
        lines = read(path)
        tables["joined"].append(row(path.stem, lines, joined(lines, test), test))
        without = [bare(line) for line in lines]
        tables["bare"].append(row(path.stem, without, joined(without, plain), plain, soft=True))
        tables["dropped"].append(dropped(path.stem, lines, test))
        tables["stream"].append(row(path.stem, lines, [" ".join(joined(lines, test))], test, known=False))
    if args.json:
        print(json.dumps({key: [asdict(r) for r in rows] for key, rows in tables.items()}, indent=1))
        return
    printed("lines of each document joined: bead+soft", tables["joined"])
    printed("joined, without marks and capitals on both sides: soft", tables["bare"])
    printed("one sentence of each document dropped: bead+soft", tables["dropped"])
    printed("all documents joined, no border known: bead+soft", tables["stream"])


if __name__ == "__main__":
    main()
