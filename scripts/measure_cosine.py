"""How well cosines of sentence vectors rank systems, against people's z scores of WMT21 ja-en: the figures of `mt/evaluate/cosine.py`.

    python scripts/measure_cosine.py ../shared/data/wmt21-ja-en

The folder holds src.ja, ref.en, systems/ and human/ad-sys-ranking-ja-en-z-names.csv (raw, z, annotations, …, name). Takes about a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mt.evaluate.cosine import agreement, likeness
from mt.evaluate.statistics import tables
from mt.models.encoders import open_encoder


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").removesuffix("\n").split("\n")


def main(folder: Path) -> int:
    ref, src = lines(folder / "ref.en"), lines(folder / "src.ja")
    systems = {path.stem: lines(path) for path in sorted((folder / "systems").iterdir())}
    ranking = lines(folder / "human" / "ad-sys-ranking-ja-en-z-names.csv")
    people = {row.split()[-1]: float(row.split()[1]) for row in ranking}
    found = likeness(open_encoder("use"), systems, ref, src)
    rows = [
        agreement({f.system: f.src for f in found if f.src is not None}, people, "cosine with the source"),
        agreement({f.system: f.ref for f in found}, people, "cosine with the reference"),
    ]
    for metric in ("chrf", "bleu"):
        scores = [table.score() for table in tables(metric, list(systems.values()), [ref])]
        rows.append(agreement(dict(zip(systems, scores, strict=True)), people, metric))
    for row in rows:
        print(f"{row.name:28}Pearson {row.pearson:5.2f}   pairs {row.pairs:5.1f} % of {row.count}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/wmt21-ja-en")))
