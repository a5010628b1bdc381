"""Fits every number of `mt/align/weights.py`, and says how well they do on sources that were not fitted to.

    python scripts/fit_align.py [--seed 1] [--fits 3] [--size 1.0] [--keep]

Three lots of made documents (`bench_align_texts.py`). The weights of the score are fitted to the first by maximum likelihood of whole alignments
(a conditional random field; the likelihood is concave, so its optimum is the only one). The probabilities and the verdict are fitted to the second,
which has other stretches of the same sources, swapped stretches, and pairs of strangers. The third, of other sources, only judges. No gold file is
read.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from bench_align_texts import Text, corpus, dropped, made, strangers, swapped

from mt.align import sentences, weights
from mt.align.anchors import Anchors, boxes
from mt.align.half import measure, prepare, scaled, share
from mt.align.options import AlignOptions
from mt.align.probability import FEATURES as PROBABILITY
from mt.align.score import FEATURES, features, kind
from mt.align.search import Table, Ways, marginals
from mt.align.sentences import align, groups, solve, windows
from mt.evaluate.beads import count, score
from mt.models.encoders import open_encoder

Array = np.ndarray[Any, np.dtype[Any]]
OPTIONS = AlignOptions()
# source, pairs, pairs before them
FIT = (
    ("ntrex", 900, 0),
    ("kyoto_wiki", 500, 200_000),
    ("python_docs_ja", 300, 3000),
    ("rust_book_ja", 400, 500),
    ("wmt24_enja", 500, 0),
)
CALIBRATE = (("ntrex", 900, 1000), ("kyoto_wiki", 500, 210_000), ("rust_book_ja", 300, 1200), ("wmt24_enja", 400, 500))
HELD = (("generaltest2023_enja", 500, 0), ("react_docs_ja", 400, 0), ("newstest2021_enja", 500, 0))
# What a weight of 1 is multiplied with, so that all have about one size: the search for the optimum is quicker.
SIZES = {
    "cosine": 6.0,
    "cosine_extra": 2.0,
    "contrast": 6.0,
    "contrast_extra": 2.0,
    "gain": 6.0,
    "growth": 6.0,
    "length": 0.2,
    "weakest": 6.0,
}
L2 = 1e-4
# Nats that a null bead is dearer than in made documents: whoever aligns by hand joins what a program may drop. The one number that was chosen by
# looking at `sentence-alignment/` (its development sets): without it ten null beads more in a thousand sentences, nearly all wrong there.
RARER = 0.6
# Log-odds that a merge with few aligned neighbours loses beyond the fit: where partners are missing, a wrong bead that is believed costs more than
# a right one that is doubted. On stretches of WMT21 (`bench_align.py`) 96 in place of 94 in a hundred stay clean, and 5 right beads in 1,573
# fall under 0.5; chosen there.
LONELY = 2.4


def documents(sources: Sequence[tuple[str, int, int]], rng: random.Random, size: float, hard: bool) -> list[Text]:
    texts = []
    for name, number, skip in sources:
        pairs, i = corpus(name, int(number * size), skip), 0
        lots = []
        while i < len(pairs):
            lot = pairs[i : i + rng.choice([15, 40, 80, 160])]
            i += len(lot)
            if len(lot) >= 8:
                lots.append(lot)
        texts += [made(f"{name} {k}", lot, rng) for k, lot in enumerate(lots)]
        if hard:
            short = [pairs[k : k + 16] for k in range(0, len(pairs) - 15, 16)]
            texts += [dropped(f"{name} dropped {k}", lot, rng) for k, lot in enumerate(short)]
            texts += [swapped(f"{name} swapped {k}", lot[:40], rng) for k, lot in enumerate(lots) if len(lot) >= 26]
            texts += [strangers(f"{name} strangers {k}", a[:40], b[:40]) for k, (a, b) in enumerate(pairwise(lots))]
    return texts


class Vectors:
    """Windows of sides, each computed once."""

    def __init__(self) -> None:
        self._encoder = open_encoder("use")
        self._known: dict[Any, Any] = {}

    def __call__(self, text: Text) -> tuple[Any, Any]:
        """Of both sides."""
        found = []
        for side in (text.src, text.tgt):
            key = (side.sentences, side.joiner)
            if key not in self._known:
                self._known[key] = windows(self._encoder, side, OPTIONS.longest)
            found.append(self._known[key])
        return found[0], found[1]


Lot = tuple[dict[tuple[int, int], Array], dict[tuple[int, int], Array], Array]


def lots(text: Text, vectors: tuple[Any, Any]) -> Iterator[Lot]:
    """Features of all beads of the boxes of a document, 1 where a bead is in the gold, sizes; boxes that a gold bead crosses are left out."""
    src, tgt = share(
        (prepare(text.src, vectors[0], OPTIONS.longest, True), prepare(text.tgt, vectors[1], OPTIONS.longest, True)),
        (text.src, text.tgt),
    )
    found: list[Anchors] = []
    pieces = boxes(src, tgt, (0, len(src), 0, len(tgt)), found=found.append)
    log_ratio, fit = measure(src, tgt, found)
    src = scaled(src, log_ratio)
    starts, i, j = [], 0, 0
    for one, two in text.gold:
        starts.append((i, j, len(one), len(two)))
        i, j = i + len(one), j + len(two)
    points = {(i, j) for i, j, _, _ in starts} | {(len(src), len(tgt))}
    for group in groups([b for b in pieces if b[0] < b[1] and b[2] < b[3]]):
        kept = np.array([b for b in group if {(b[0], b[2]), (b[1], b[3])} <= points])
        if not len(kept):
            continue
        rows, marks = {}, {}
        for shape, values in features(src, tgt, kept, longest=OPTIONS.longest, fit=fit, soft=True):
            size = (
                len(kept),
                int((kept[:, 1] - kept[:, 0]).max()) + 1 - shape[0],
                int((kept[:, 3] - kept[:, 2]).max()) + 1 - shape[1],
            )
            rows[shape] = np.zeros((len(FEATURES), *size), np.float32)
            for name, value in values.items():
                rows[shape][FEATURES.index(name)] = value
            marks[shape] = np.zeros(size, np.float32)
        for k, (i0, i1, j0, j1) in enumerate(kept):
            for i, j, a, b in starts:
                if i0 <= i and i + a <= i1 and j0 <= j and j + b <= j1:
                    marks[a, b][k, i - i0, j - j0] = 1
        yield rows, marks, np.stack([kept[:, 1] - kept[:, 0], kept[:, 3] - kept[:, 2]], axis=1)


def likelihood(data: Sequence[Lot], w: Array) -> tuple[float, Array, Array]:
    """Negative log-likelihood of the gold per bead, its gradient, and expected numbers of the three kinds of beads."""
    loss, slope, beads, kinds = 0.0, np.zeros(len(w)), 0.0, np.zeros(3)
    for rows, marks, sizes in data:
        table = Table({s: np.tensordot(w.astype(np.float32), v, 1).astype(np.float64) for s, v in rows.items()}, sizes)
        loss += float(Ways.of(table).whole.sum())
        for shape, chances in marginals(table).items():
            loss -= float((table.beads[shape] * marks[shape]).sum())
            slope += np.tensordot(
                rows[shape].reshape(len(w), -1), (chances - marks[shape]).ravel().astype(np.float32), 1
            )
            beads += float(marks[shape].sum())
            kinds[kind(shape)] += float(chances.sum())
    return loss / beads + L2 * float(w @ w) / 2, slope / beads + L2 * w, kinds / kinds.sum()


def lbfgs(f: Callable[[Array], tuple[float, Array]], x: Array, steps: int = 60, memory: int = 8) -> Array:
    """Nocedal 1980, with a backtracking line search; for a concave likelihood."""
    value, slope = f(x)
    pairs: list[tuple[Array, Array]] = []
    for _ in range(steps):
        q, factors = slope.copy(), []
        for s, y in reversed(pairs):
            factors.append((s @ q) / (s @ y))
            q = q - factors[-1] * y
        q = q * (
            (pairs[-1][0] @ pairs[-1][1]) / (pairs[-1][1] @ pairs[-1][1])
            if pairs
            else 1 / max(1.0, float(np.linalg.norm(slope)))
        )
        for (s, y), a in zip(pairs, reversed(factors), strict=True):
            q = q + s * (a - (y @ q) / (s @ y))
        step = 1.0
        while True:
            there, (new, other) = x - step * q, f(x - step * q)
            if new <= value - 1e-4 * step * (slope @ q) or step < 1e-3:
                break
            step *= 0.4
        if (there - x) @ (other - slope) > 1e-12:
            pairs = [*pairs, (there - x, other - slope)][-memory:]
        done, x, value, slope = abs(value - new) < 1e-6, there, new, other
        if done:
            break
    return x


def logistic(rows: Array, right: Array, ridge: float = 1.0) -> Array:
    """Newton's method with a ridge."""
    w = np.zeros(rows.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(rows @ w, -30, 30)))
        change = np.linalg.solve(
            rows.T * (p * (1 - p)) @ rows + ridge * np.eye(len(w)), rows.T @ (right - p) - ridge * w
        )
        w = w + change
        if np.abs(change).max() < 1e-9:
            break
    return w


def right(text: Text, steps: Sequence[Any]) -> list[float]:
    gold = set(text.gold)
    marks = []
    for i, j, a, b, *_ in steps:
        bead = (tuple(range(i, i + a)), tuple(range(j, j + b)))
        known = text.true is not None and a == b == 1 and (i, j) in text.true
        marks.append(float(bead in gold or known))
    return marks


def reliability(probability: Array, marks: Array) -> list[str]:
    lines, total = [], 0.0
    for low in np.arange(0, 1, 0.1):
        here = (probability >= low) & ((probability < low + 0.1) | (low > 0.85))
        if here.any():
            total += here.mean() * abs(probability[here].mean() - marks[here].mean())
            lines.append(
                f"  {low:.1f}  {here.sum():6,}  said {probability[here].mean():.3f}  right {marks[here].mean():.3f}"
            )
    return [*lines, f"  expected calibration error {total:.4f} over {len(marks):,} beads"]


def show(name: str, values: dict[str, float]) -> None:
    print(f"{name}: dict[str, float] = {{")
    for key, value in values.items():
        print(f'    "{key}": {value:.3f},')
    print("}")


def fit_score(lots_of_texts: Sequence[Sequence[Text]], vectors: Vectors) -> None:
    """The mean of the fits to several drawings of documents; null beads a little dearer, see `RARER`."""
    sizes = np.array([SIZES.get(name, 1.0) for name in FEATURES])
    found, habits = [], []
    for texts in lots_of_texts:
        data = [lot for text in texts for lot in lots(text, vectors(text))]

        def f(x: Array, data: Sequence[Lot] = data) -> tuple[float, Array]:
            value, slope, _ = likelihood(data, x * sizes)
            return value, slope * sizes

        w = lbfgs(f, np.array([weights.WEIGHTS[name] for name in FEATURES]) / sizes) * sizes
        value, _, kinds = likelihood(data, w)
        found.append(w)
        habits.append(kinds)
        print(f"# {len(texts)} documents; {value:.4f} nats a bead; " + " ".join(f"{v:.2f}" for v in w), flush=True)
    w = np.mean(found, axis=0)
    w[FEATURES.index("null")] -= RARER
    weights.WEIGHTS.update({name: round(float(v), 3) for name, v in zip(FEATURES, w, strict=True)})
    # modules hold the tuple by name
    weights.HABITS = sentences.HABITS = tuple(round(float(k), 3) for k in np.mean(habits, axis=0))
    show("WEIGHTS", weights.WEIGHTS)
    print(f"HABITS = {weights.HABITS}", flush=True)


def fit_probability(texts: Sequence[Text], vectors: Vectors) -> None:
    rows, marks = [], []
    for text in texts:
        solved = solve((text.src, text.tgt), vectors(text), OPTIONS)
        rows.append(sentences.evidence(solved))
        marks += right(text, solved.steps)
    w = logistic(np.concatenate(rows), np.array(marks))
    w[PROBABILITY.index("merge_alone")] -= LONELY
    weights.PROBABILITY.update({name: round(float(v), 3) for name, v in zip(PROBABILITY, w, strict=True)})
    show("PROBABILITY", weights.PROBABILITY)


def fit_verdict(texts: Sequence[Text], vectors: Vectors) -> None:
    weights.VERDICT.update({"bias": 0.0, "share": 1.0})
    shares = []
    for text in texts:
        found = align(text.src, text.tgt, vectors(text), OPTIONS).translations or 0.0
        shares.append(np.log(found / (1 - found)))
    w = logistic(np.stack([np.ones(len(texts)), shares], axis=1), np.array([float(t.parallel) for t in texts]), 0.1)
    weights.VERDICT.update({"bias": round(float(w[0]), 3), "share": round(float(w[1]), 3)})
    show("VERDICT", weights.VERDICT)


def judge(name: str, texts: Sequence[Text], vectors: Vectors) -> None:
    counts, probability, marks, verdicts = [], [], [], []
    for text in texts:
        found = align(text.src, text.tgt, vectors(text), OPTIONS)
        ids = [(tuple(b.src), tuple(b.tgt)) for b in found.beads]
        if text.true is None:
            counts.append(count(text.gold, ids, (len(text.src), len(text.tgt))))
        probability += [b.probability for b in found.beads]
        marks += right(text, [(b.src.start, b.tgt.start, len(b.src), len(b.tgt)) for b in found.beads])
        verdicts.append((found.translations or 0.0) >= 0.5 if text.parallel else (found.translations or 0.0) < 0.5)
    scores = score(counts, resamples=0)
    print(
        f"# {name}: strict {scores['strict F1'].value:.2f}, lax {scores['lax F1'].value:.2f}, null {scores['null bead F1'].value:.2f},"
    )
    print(f"# verdicts right {np.mean(verdicts):.3f} of {len(verdicts)}; probabilities:")
    print("\n".join("# " + line for line in reliability(np.array(probability), np.array(marks))), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the weights of the score, fit the rest")
    parser.add_argument("--fits", type=int, default=3, help="drawings of documents whose fits are averaged")
    parser.add_argument("--size", type=float, default=1.0, help="share of the documents; less is quicker")
    arguments = parser.parse_args()
    rng, vectors, begin = random.Random(arguments.seed), Vectors(), time.monotonic()
    first = [documents(FIT, rng, arguments.size, False) for _ in range(arguments.fits)]
    second, third = documents(CALIBRATE, rng, arguments.size, True), documents(HELD, rng, arguments.size, True)
    if not arguments.keep:
        fit_score(first, vectors)
    fit_probability(second, vectors)
    fit_verdict(second, vectors)
    for name, texts in (("fitted", first[0]), ("calibrated", second), ("held out", third)):
        judge(name, texts, vectors)
    print(f"# {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
