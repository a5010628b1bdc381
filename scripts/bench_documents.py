"""Document matching: shuffled documents with gold, whole and made harder, and pages whose names are their gold.

    python scripts/bench_documents.py [--data ../shared/data] [--encoder use]

`document-alignment`: ids say nothing, so no name helps; `named` gives each document the name that the gold has for it, as an address. `halves`
keeps a random half of each side's sentences, so that a quarter of the pairs of sentences is left; `nulls` takes a third of each side away, so that
many have no partner. `document-pairs`: raw pages of four projects, matched without their names; pages that were never translated count as right
where they stay alone. Figures are pairs found, pairs that are right, pairs there are, and the share of these that was found.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from mt.align.document_vectors import TextDocument
from mt.align.documents import agreement, match
from mt.align.pool import encode
from mt.bitext.stream import lines
from mt.models.encoders import open_encoder
from mt.pipeline.align_text import read_text

ROOT = Path(__file__).resolve().parents[1]
SEEDS = range(5)
Side = tuple[list[TextDocument], list[np.ndarray]]


def shuffled(data: Path, encoder) -> tuple[Side, Side, list[int], list[str]]:
    where = data / "document-alignment"
    sides = []
    for lang in ("ja", "en"):
        rows = [json.loads(line) for line in lines(where / f"docs.{lang}.jsonl")]
        documents = [TextDocument(r["id"], lang, tuple(s for s in r["sentences"] if s.strip())) for r in rows]
        sides.append((documents, encoded(documents, encoder)))
    gold = {row[0]: row for row in (line.split("\t") for line in lines(where / "gold.tsv"))}
    places = {document.id: n for n, document in enumerate(sides[1][0])}
    return sides[0], sides[1], [places[gold[x.id][1]] for x in sides[0][0]], [gold[x.id][3] for x in sides[0][0]]


def pages(data: Path, encoder) -> tuple[Side, Side, list[int]]:
    found: dict[str, dict[str, TextDocument]] = {"ja": {}, "en": {}}
    for lang, documents in found.items():
        for path in sorted((data / "document-pairs").glob(f"*/*.{lang}.md")):
            name = f"{path.parent.name}/{path.name.removesuffix(f'.{lang}.md')}"
            texts = tuple(s for s in read_text(path, lang, "document").side.sentences if s.strip())
            documents[name] = TextDocument(name, lang, texts)
    sides = [(list(documents.values()), encoded(list(documents.values()), encoder)) for documents in found.values()]
    names = list(found["en"])
    # an untranslated page has a name on the other side, and no translation there
    gold = [names.index(x.id) if x.id in names and agreement(x.sentences, "ja") > 0 else -1 for x in sides[0][0]]
    return sides[0], sides[1], gold


def encoded(documents: list[TextDocument], encoder) -> list[np.ndarray]:
    ends = np.cumsum([0] + [len(x.sentences) for x in documents])
    rows = encode(encoder, [s for x in documents for s in x.sentences])
    return [rows[a:b] for a, b in pairwise(ends)]


def show(name: str, src: Side, tgt: Side, gold: list[int]) -> None:
    begin = time.perf_counter()
    matched = match(src[0], tgt[0], (src[1], tgt[1]))
    seconds = time.perf_counter() - begin
    right, there = sum(gold[p.src] == p.tgt for p in matched.pairs), sum(j >= 0 for j in gold)
    least = min((p.likeness.score for p in matched.pairs), default=0.0)
    lead = min((p.margin for p in matched.pairs if p.margin is not None), default=0.0)
    reasons = {reason: sum(p.reason == reason for p in matched.pairs) for reason in ("hint", "vectors", "re-rank")}
    print(
        f"  {name:<26}{len(matched.pairs):>6}{right:>7}{there:>7}{100 * right / max(there, 1):>9.1f} %"
        f"{least:>10.3f}{lead:>10.3f}{seconds:>8.1f} s  {reasons}"
    )


def halves(side: Side, seed: int) -> Side:
    rng = np.random.default_rng(seed)
    documents, vectors = [], []
    for document, rows in zip(*side, strict=True):
        kept = np.sort(rng.choice(len(rows), max(2, len(rows) // 2), replace=False))
        documents.append(TextDocument(document.id, document.lang, tuple(document.sentences[i] for i in kept)))
        vectors.append(rows[kept])
    return documents, vectors


def without(src: Side, tgt: Side, gold: list[int], seed: int) -> tuple[Side, Side, list[int]]:
    rng = np.random.default_rng(seed)
    one, two = (np.sort(rng.choice(len(x[0]), 2 * len(x[0]) // 3, replace=False)) for x in (src, tgt))
    places = {int(j): n for n, j in enumerate(two)}
    pick = lambda side, kept: ([side[0][i] for i in kept], [side[1][i] for i in kept])  # noqa: E731
    return pick(src, one), pick(tgt, two), [places.get(gold[i], -1) for i in one]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--encoder", default="use")
    options = parser.parse_args()
    encoder = open_encoder(options.encoder)
    print(encoder.signature)
    print(f"  {'':<26}{'pairs':>6}{'right':>7}{'there':>7}{'right':>11}{'least':>10}{'lead':>10}")
    src, tgt, gold, names = shuffled(options.data, encoder)
    show("document-alignment", src, tgt, gold)
    url = "https://example.org/{}/{}.html"
    one = [TextDocument(x.id, "ja", x.sentences, url.format("ja", n)) for x, n in zip(src[0], names, strict=True)]
    back = dict(zip(gold, names, strict=True))
    two = [TextDocument(x.id, "en", x.sentences, url.format("en", back[j])) for j, x in enumerate(tgt[0])]
    show("  named", (one, src[1]), (two, tgt[1]), gold)
    for seed in SEEDS:
        show(f"  halves {seed}", halves(src, seed), halves(tgt, seed + 100), gold)
    for seed in SEEDS:
        show(f"  nulls {seed}", *without(src, tgt, gold, seed))
    src, tgt, gold = pages(options.data, encoder)
    show("document-pairs", src, tgt, gold)
    for seed in SEEDS:
        show(f"  nulls {seed}", *without(src, tgt, gold, seed))


if __name__ == "__main__":
    main()
