"""The guard measured: false alarms on human translations, recall and precision on planted errors, what it says of sixteen systems, its speed.

    python scripts/bench_guard.py [--wmt ../shared/data/wmt21-ja-en] [--bitext ../shared/data/bitext] [--model starter] [--seed 1] [--json]

A false alarm is a doubt about a reference. References are no gold for a rule: some leave a number or a bracket out, and those count as false
alarms all the same. No threshold was fitted to the sets here: newstest2021 ja-en, generaltest2023 ja-en, NTREX, and every second line of Kyoto
Wiki (the fit of lengths has seen the others). The systems are the submissions to WMT21; their doubts have no gold, so only rates are given.

Every planted error is made from references that the detector in question does not doubt, where it can be made at all. Recall is the share
that its detector finds, `any` the share that some detector finds. Precision weighs the errors against as many references of the same kind:
found / (found + false alarms among the references the errors were made from, with those that are doubted beforehand).

`--fit` prints instead what the weights of the length detector are fitted to be, by the data and the method `mt.translate.limits` names.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mt.text.normalize import normalize
from mt.translate.guard import Guard, Source, kinds
from mt.types import (
    BRACKETS,
    COPIED,
    DOUBTS,
    EMPTY,
    LENGTH,
    LINKS,
    NAMES,
    NUMBERS,
    REPETITION,
    SCRIPT,
    STOCK,
    UNKNOWN,
    Hypothesis,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
FITTED = (
    "newstest2021_enja",
    "pud",
    "generaltest2022_enja",
    "wmt24_enja",
)  # written in English; Kyoto Wiki in Japanese
HELD = ("generaltest2023_jaen", "ntrex", "kyoto_wiki")
# a number that is no part of a name: COVID-19 and G7 stand in many a reference whose source says 新型コロナ or 主要国
NUMBER = re.compile(r"(?<![\w\-,.])(?:\d[\d,.]*\d|\d)(?![A-Z])")
ORDINAL = re.compile(NUMBER.pattern + "(?:st|nd|rd|th)?")
KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
PHRASES = (
    "I'm sorry.",
    "Thank you for your attention.",
    "Please contact us for more information.",
    "I don't know.",
    "See you later.",
)
SCALES = {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion"}
Pairs = list[tuple[str, str]]
Plant = Callable[[str, str, random.Random], tuple[str, str] | None]


def replaced(text: str, match: re.Match[str], by: str) -> str:
    return " ".join((text[: match.start()] + by + text[match.end() :]).split())


def drop_clause(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """One of the stretches between commas that has at least a quarter of the words."""
    clauses = tgt.split(", ")
    long = [i for i, clause in enumerate(clauses) if len(clause) * 4 >= len(tgt)]
    if len(clauses) < 2 or not long:
        return None
    at = rng.choice(long)
    return src, ", ".join(clauses[:at] + clauses[at + 1 :])


def cut_in_half(src: str, tgt: str, _: random.Random) -> tuple[str, str] | None:
    words = tgt.split()
    return (src, " ".join(words[: len(words) // 2])) if len(words) >= 8 else None


def double_phrase(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    words = tgt.split()
    if len(words) < 8:
        return None
    size = rng.randint(3, 6)
    at = rng.randrange(len(words) - size)
    return src, " ".join(words[: at + size] + words[at:])


def loop_end(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    words = tgt.rstrip(".").split()
    if len(words) < 4:
        return None
    return src, " ".join(words + words[-rng.randint(1, 3) :] * rng.randint(4, 12))


def invent(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """As many words again and half as many, none of them in the order of the sentence: the decoder has lost the source."""
    words = [w for w in re.findall(r"[A-Za-z]{2,}", tgt) if w[0].islower()]
    if len(words) < 8:
        return None
    return src, tgt + " " + " ".join(rng.choices(words, k=len(tgt.split()) * 3 // 2))


def change_digit(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """One digit of a number that is no part of a name."""
    found = list(NUMBER.finditer(tgt))
    if not found:
        return None
    match = rng.choice(found)
    at = rng.choice([i for i in range(match.start(), match.end()) if tgt[i].isdigit()])
    return src, tgt[:at] + rng.choice([d for d in "123456789" if d != tgt[at]]) + tgt[at + 1 :]


def swap_scale(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    found = list(re.finditer(r"\b(?:thousand|million|billion|trillion)\b", tgt))
    if not found:
        return None
    match = rng.choice(found)
    return src, replaced(tgt, match, SCALES[match[0]])


def drop_number(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """A number that stands once: what is said twice may be said once."""
    found = [m for m in ORDINAL.finditer(tgt) if tgt.count(m[0]) == 1]
    return (src, replaced(tgt, rng.choice(found), "")) if found else None


def leave_name(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """A capitalised word becomes the katakana of the source."""
    kana, words = KATAKANA.findall(src), list(re.finditer(r"(?<=\s)[A-Z][a-z]+", tgt))
    return (src, replaced(tgt, rng.choice(words), rng.choice(kana))) if kana and words else None


def leave_clause(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    clauses, words = src.split("、"), tgt.split()
    if len(clauses) < 2 or len(words) < 8:
        return None
    return src, " ".join([*words[: len(words) // 2], rng.choice(clauses)])


def empty(src: str, _: str, __: random.Random) -> tuple[str, str] | None:
    return src, ""


def copy(src: str, _: str, __: random.Random) -> tuple[str, str] | None:
    return src, src


def open_bracket(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """A closing bracket or the second straight quote of a pair is lost."""
    found = list(re.finditer(r"[)\]”]", tgt)) + list(re.finditer(r'"', tgt))[1::2]
    return (src, replaced(tgt, rng.choice(found), "")) if found else None


def drop_name(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """A run of capitals and digits that both sides have, everywhere it stands."""
    shared = sorted({n for n in re.findall(r"(?<![A-Za-z0-9])[A-Z][A-Za-z0-9]{2,}(?![A-Za-z0-9])", src) if n in tgt})
    return (src, " ".join(tgt.replace(rng.choice(shared), "").split())) if shared else None


def change_link(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    """The same URL is put into both sides, with one letter changed on one of them; the target's may be gone altogether."""
    page = "".join(rng.choices("abcdefghijklmnop", k=8))
    other = page[:3] + "z" + page[4:]
    tail = rng.choice([f" https://example.org/{other}", f" https://example.com/{page}", ""])
    return f"{src} https://example.org/{page}", tgt + tail


def say_stock(src: str, _: str, rng: random.Random) -> tuple[str, str] | None:
    return src, rng.choice(PHRASES)


def lose_piece(src: str, tgt: str, rng: random.Random) -> tuple[str, str] | None:
    words = tgt.split()
    words[rng.randrange(len(words))] = rng.choice(["⁇", "<unk>"])
    return src, " ".join(words)


PLANTS: dict[str, tuple[str, Plant]] = {
    "phrase doubled": (REPETITION, double_phrase),
    "last words looped": (REPETITION, loop_end),
    "stock phrase instead": (STOCK, say_stock),
    "source copied": (COPIED, copy),
    "clause dropped": (LENGTH, drop_clause),
    "second half lost": (LENGTH, cut_in_half),
    "words invented": (LENGTH, invent),
    "digit changed": (NUMBERS, change_digit),
    "scale swapped": (NUMBERS, swap_scale),
    "number dropped": (NUMBERS, drop_number),
    "link changed": (LINKS, change_link),
    "Latin name dropped": (NAMES, drop_name),
    "name left in katakana": (SCRIPT, leave_name),
    "clause left in Japanese": (SCRIPT, leave_clause),
    "piece unknown": (UNKNOWN, lose_piece),
    "closing mark lost": (BRACKETS, open_bracket),
    "nothing": (EMPTY, empty),
}


def rates(guard: Guard, sources: list[Source], texts: list[str]) -> dict[str, float]:
    """Percent of texts that each detector doubts, and `any`."""
    found: Counter[str] = Counter()
    for source, text in zip(sources, texts, strict=True):
        doubts = guard.doubts(source, Hypothesis(text, None, 1))
        found.update([*doubts, *(["any"] if doubts else [])])
    return {flag: 100 * found[flag] / max(len(texts), 1) for flag in (*DOUBTS, EMPTY, "any")}


def plant(guard: Guard, pairs: Pairs, name: str, seed: int) -> dict[str, Any]:
    """What becomes of one kind of planted error."""
    flag, make = PLANTS[name]
    count = found = seen = alarms = made_of = 0
    for row, (src, tgt) in enumerate(pairs):
        made = make(src, tgt, random.Random(f"{seed}:{name}:{row}"))
        if made is None or made[1] == tgt:
            continue
        made_of += 1
        if flag in guard.doubts(guard.source(src), Hypothesis(tgt, None, 1)):
            alarms += 1
            continue
        doubts = guard.doubts(guard.source(normalize(made[0])), Hypothesis(made[1], None, 1))
        count, found, seen = count + 1, found + (flag in doubts), seen + bool(doubts)
    recall, false = found / max(count, 1), alarms / max(made_of, 1)
    return {
        "detector": flag,
        "count": count,
        "recall": 100 * recall,
        "any": 100 * seen / max(count, 1),
        "precision": 100 * recall / (recall + false) if recall else 0.0,
    }


def speed(guard: Guard, pairs: Pairs, repeats: int) -> float:
    """Microseconds of CPU for `source` and `doubts` of one pair, the best of some repeats."""
    hypotheses = [Hypothesis(tgt, -20.0, 20) for _, tgt in pairs]
    best = float("inf")
    for _ in range(repeats):
        begin = time.process_time()
        for (src, _tgt), hypothesis in zip(pairs, hypotheses, strict=True):
            guard.doubts(guard.source(src), hypothesis)
        best = min(best, time.process_time() - begin)
    return best / len(pairs) * 1e6


def decoded(guard: Guard, model: str, sources: list[Source]) -> dict[str, float]:
    """Rates on a model's own answers, with the probability it gave them; a sentence the decoder was not asked for is left out."""
    import mt

    found: Counter[str] = Counter()
    with mt.open_translator(model) as translator:
        answers = list(translator.translate([source.text for source in sources]))
    asked = [(s, h) for s, h in zip(sources, answers, strict=True) if h.logprob is not None]
    for source, hypothesis in asked:
        doubts = guard.doubts(source, hypothesis)
        found.update([*doubts, *(["any"] if doubts else [])])
    return {flag: 100 * found[flag] / max(len(asked), 1) for flag in (*DOUBTS, EMPTY, "any")}


def read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        sys.exit(f"{path}: expected lines of a test set, found nothing there")


def read_pairs(path: Path, most: int, rng: random.Random, *, fitted: bool = False) -> Pairs:
    """Pairs of a compressed table; of Kyoto Wiki only every second line: those the fit of lengths has not seen, or those it has."""
    import zstandard

    if not path.is_file():
        sys.exit(f"{path}: expected a table of pairs, found nothing there")
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8", newline="\n")
        rows = [
            line.rstrip("\n").split("\t")
            for number, line in enumerate(text)
            if "kyoto" not in path.name or (number % 2 == 0) == fitted
        ]
    pairs = [(normalize(row[0]), row[1]) for row in rows if len(row) > 1 and row[0].strip() and row[1].strip()]
    return rng.sample(pairs, most) if len(pairs) > most else pairs


def fit(options: argparse.Namespace) -> dict[str, float]:
    """Weights that bring ln(length / expected length) to 0: Gauss-Newton steps, pairs far off counted less (Huber 1964, bend at 1.5 σ)."""
    import numpy as np

    rng = random.Random(options.seed)
    pairs = read_pairs(options.bitext / "kyoto_wiki.tsv.zst", 5000, rng, fitted=True)
    for name in FITTED:
        pairs += rng.choices(read_pairs(options.bitext / f"{name}.tsv.zst", 10**6, rng), k=1250)
    counts = np.array([[*kinds(src), 1] for src, _ in pairs], dtype=float)
    length = np.array([len(tgt) for _, tgt in pairs], dtype=float)
    weights = np.full(counts.shape[1], 2.5)
    for _ in range(60):
        expected = np.maximum(counts @ weights, 1)
        off = np.log(length / expected)
        bend = 1.5 * 1.4826 * np.median(np.abs(off))
        root = np.sqrt(np.minimum(1, bend / np.maximum(np.abs(off), 1e-9)))
        step = np.linalg.lstsq(counts / expected[:, None] * root[:, None], off * root, rcond=None)[0]
        weights = np.maximum(weights + step / 2, 0)
    plain = np.log(length / counts[:, :-1].sum(axis=1).clip(1))
    names = ("hiragana", "katakana", "kanji", "latin", "other", "fixed")
    answer = {f"chars_{name}": round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}
    return answer | {
        "sd": round(float(off.std()), 3),
        "sd_by_length_alone": round(float(plain.std()), 3),
        "pairs": len(pairs),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    guard, rng = Guard(), random.Random(options.seed)
    src, ref = read_lines(options.wmt / "src.ja"), read_lines(options.wmt / "ref.en")
    wmt = [(normalize(a), b) for a, b in zip(src, ref, strict=True)]
    sets = {"wmt21": wmt, **{name: read_pairs(options.bitext / f"{name}.tsv.zst", options.most, rng) for name in HELD}}
    sources = [guard.source(a) for a, _ in wmt]
    planted_in = [pair for name in ("wmt21", *HELD[:2]) for pair in sets[name]]
    answer: dict[str, Any] = {
        "signature": str(guard.signature),
        "seed": options.seed,
        "pairs": {name: len(pairs) for name, pairs in sets.items()},
        "false_alarms": {
            name: rates(guard, [guard.source(a) for a, _ in pairs], [b for _, b in pairs])
            for name, pairs in sets.items()
        },
        "planted": {name: plant(guard, planted_in, name, options.seed) for name in PLANTS},
        "systems": {
            path.stem: rates(guard, sources, read_lines(path))
            for path in sorted((options.wmt / "systems").glob("*.en"))
        },
        "microseconds": speed(guard, wmt, options.repeats),
    }
    if options.model:
        answer["systems"][f"({options.model})"] = decoded(guard, options.model, sources)
    return answer


def show(answer: dict[str, Any]) -> None:
    sets, planted = answer["false_alarms"], answer["planted"]
    print(f"{answer['signature']}, seed {answer['seed']}; {answer['microseconds']:.0f} µs a pair\n")
    print("Doubts about human references, percent: false alarms, errors of the references included")
    print(f"{'':24}" + "".join(f"{name:>22}" for name in sets))
    print(f"{'pairs':24}" + "".join(f"{count:22,}" for count in answer["pairs"].values()))
    for flag in (*DOUBTS, "any"):
        print(f"{flag:24}" + "".join(f"{values[flag]:22.2f}" for values in sets.values()))
    print(f"\nPlanted errors\n{'':24} {'detector':>15} {'count':>7} {'recall':>8} {'precision':>10} {'any':>8}")
    for name, row in planted.items():
        figures = f"{row['count']:7,} {row['recall']:8.1f} {row['precision']:10.1f} {row['any']:8.1f}"
        print(f"{name:24} {row['detector']:>15} {figures}")
    print("\nDoubts about the systems of WMT21, percent")
    shown = [f for f in DOUBTS if any(values[f] for values in answer["systems"].values())]
    print(f"{'':16}" + "".join(f"{flag[:11]:>12}" for flag in [*shown, "any"]))
    for name, values in sorted(answer["systems"].items(), key=lambda item: item[1]["any"]):
        print(f"{name:16}" + "".join(f"{values[flag]:12.2f}" for flag in [*shown, "any"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wmt", type=Path, default=DATA / "wmt21-ja-en", help="src.ja, ref.en and systems/*.en")
    parser.add_argument("--bitext", type=Path, default=DATA / "bitext", help="tables of pairs, *.tsv.zst")
    parser.add_argument("--most", type=int, default=3000, help="pairs of a table, at most")
    parser.add_argument(
        "--model", default="", help="a model whose own answers are judged too, with their probabilities"
    )
    parser.add_argument("--repeats", type=int, default=5, help="for the speed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="everything, for programs")
    parser.add_argument(
        "--fit", action="store_true", help="fit the weights of the length detector; nothing else is done"
    )
    options = parser.parse_args()
    if options.fit:
        print(json.dumps(fit(options), indent=1))
        return
    answer = measure(options)
    if options.json:
        print(json.dumps(answer, indent=1, ensure_ascii=False))
    else:
        show(answer)


if __name__ == "__main__":
    main()
