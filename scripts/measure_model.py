"""Score a model on the test sets of its card: WMT21 news, FLORES-200 devtest, Tatoeba, and the article by paragraph.

    python scripts/measure_model.py [--model starter] [--data ../shared/data] [--beam-size 4] [--no-guard]
        [--against MODEL]

Prints one Markdown row a set, then the signatures. With `--against MODEL` a second table: how much better the model is than that one, in points,
with the 95 % interval of the paired bootstrap. The sets belong to others and are not part of this repository; a set that is not there is
named and left out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import mt
from mt.evaluate.metrics import difference, score
from mt.pipeline.score import file_lines

ROOT = Path(__file__).resolve().parents[1]
Texts = tuple[list[str], list[str]]


def wmt21(data: Path) -> Texts:
    folder = data / "wmt21-ja-en"
    return file_lines(folder / "src.ja"), file_lines(folder / "ref.en")


def columns(path: Path) -> Texts:
    rows = [line.split("\t") for line in file_lines(path)]
    return [src for src, _ in rows], [ref for _, ref in rows]


def article(_: Path) -> Texts:
    folder = ROOT / "corpora" / "nato-demands"
    return file_lines(folder / "article.ja.txt"), file_lines(folder / "reference.en.txt")


SETS: dict[str, tuple[str, Callable[[Path], Texts]]] = {
    "wmt21-ja-en": ("segment", wmt21),
    "flores devtest": ("segment", lambda data: columns(data / "flores" / "devtest.tsv")),
    "tatoeba-test": ("segment", lambda data: columns(data / "tatoeba-test" / "test.tsv")),
    "article": ("paragraph", article),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--beam-size", type=int, default=4)
    parser.add_argument("--against", help="another model, for the paired difference")
    parser.add_argument("--no-guard", action="store_true", help="every sentence decoded once, as it is")
    parser.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    options = parser.parse_args()
    from mt.pipeline.lines import translate_lines

    signatures: list[str] = []
    against: list[str] = []
    print("| set | unit | n | BLEU | chrF2 | flagged | sentences/s |\n|---|---|---|---|---|---|---|")
    for name in options.sets:
        unit, read = SETS[name]
        try:
            src, ref = read(options.data)
        except mt.MTError as e:
            print(f"{name}: left out: {e}")
            continue
        with mt.open_translator(options.model, beam_size=options.beam_size, guard=not options.no_guard) as translator:
            begin = time.perf_counter()
            hyp = list(translate_lines(translator, src))
            seconds = time.perf_counter() - begin
            counts = translator.counts
            signatures.append(f"{name}: {translator.signature}")
        scores = score(hyp, ref, unit=unit, metrics=["bleu", "chrf"])  # type: ignore[arg-type]
        said = [f"{s.value:.1f} [{s.low:.1f}, {s.high:.1f}]" for s in scores]
        flagged = f"{counts.failed} of {counts.read}"
        print(
            f"| {name} | {unit} | {len(src):,} | {said[0]} | {said[1]} | {flagged} | {counts.read / seconds:.0f} |",
            flush=True,
        )
        signatures += [f"  {s.signature}" for s in scores]
        if options.against:
            with mt.open_translator(
                options.against, beam_size=options.beam_size, guard=not options.no_guard
            ) as translator:
                other = list(translate_lines(translator, src))
            deltas = difference(hyp, other, ref, unit=unit, metrics=["bleu", "chrf"])  # type: ignore[arg-type]
            against.append(
                f"| {name} | " + " | ".join(f"{d.value:+.1f} [{d.low:+.1f}, {d.high:+.1f}]" for d in deltas) + " |"
            )
    if against:
        print("\n| set | BLEU, difference | chrF2, difference |\n|---|---|---|\n" + "\n".join(against))
    print("\n" + "\n".join(signatures))


if __name__ == "__main__":
    main()
