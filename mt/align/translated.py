"""Alignment by translation (the idea of Bleualign, Sennrich and Volk 2010): the source is translated by machine, and what it becomes is looked for.

Source sentences that are given in the target's language overlap with their translations in character n-grams, even where the machine's style is
another. Pairs that are each other's best, by a margin, are anchors; the longest chain of them that keeps the order of both documents says
where to look; within that band the cheapest path is found, where a bead costs what lengths make it cost (`mt.align.length`) less what its
overlap is worth. Where nothing overlaps, lengths decide.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mt.align import band as bands
from mt.align.grams import Overlap, chrf
from mt.align.length import Lengths, best_path, borders, first_band, fit_to, length_costs
from mt.align.options import AlignOptions
from mt.align.pieces import Piece, pieces
from mt.align.side import Side
from mt.errors import CountError
from mt.protocols import Progress, Silent
from mt.signature import Signature
from mt.types import Alignment, Bead

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ORDER = {True: 3, False: 2}  # characters of an n-gram, by whether the language has blanks between words
_WORTH = (
    150.0  # nats of a bead at a cosine of 1. 90 to 200 are equally good on four corpora of merged and dropped pairs
)
_CHANCE = 0.02  # cosine that is worth nothing; between 0 and 0.06 it hardly matters
_MARGIN, _LEAST = 1.5, 0.15  # an anchor is so many times as alike as the second best, and so alike at least
_ROWS = 256  # source sentences whose products are made at a time
_SAME, _WIDTH = 0.26, 0.02  # mean chrF at which documents are as likely translations as not, and how sharp that is
_COMMON = 200  # sentences; an n-gram of more, and of more than a hundredth of them, is no evidence for an anchor
_SLACK = 24  # columns on each side of the chain of anchors


def align_translated(
    src: Side,
    tgt: Side,
    translations: Sequence[str],
    options: AlignOptions | None = None,
    *,
    fixed: Sequence[Bead] = (),
    translator: Signature | None = None,
    ids: tuple[str, str] = ("src", "tgt"),
    progress: Progress | None = None,
) -> Alignment:
    """Align two documents by a translation of the source.

    Args:
        src: the source document.
        tgt: the target document.
        translations: of each source sentence, in the target's language; of a document in that language, its sentences.
        options: beads and borders; the defaults where None.
        fixed: beads that stand as they are.
        translator: who translated, for the signature.
        ids: names of the two documents.
        progress: told of the stages.

    Returns:
        Every sentence in exactly one bead. `Bead.score` is the chrF of translation and target, 0 to 1 (None for null beads);
        `Bead.probability` is calibrated; so is `translations`.

    Raises:
        CountError: for another number of translations than of source sentences.
        OptionError: for hard borders or fixed beads that these documents cannot have.

    Example:
        >>> src = Side(("猫が庭にいる。", "鳥は空を飛ぶ。彼は笑った。"), "ja")
        >>> tgt = Side(("A cat sits in the garden.", "Birds fly in the sky.", "He laughed."), "en")
        >>> made = align_translated(src, tgt, ["The cat is in the garden.", "A bird flies in the sky. He laughed."])
        >>> [(tuple(b.src), tuple(b.tgt), b.score) for b in made.beads]
        [((0,), (0,), 0.6563), ((1,), (1, 2), 0.7231)]
    """
    options, progress = options or AlignOptions(), progress or Silent()
    if len(translations) != len(src):
        raise CountError("translations", len(translations), "the source", len(src), "sentence")
    cut = pieces(src, tgt, options, fixed)
    progress.stage("comparing translations", len(src), "sentence")
    tasks = [_Task(src, tgt, tuple(translations), options, piece) for piece in cut]
    chains = [[] if task.piece.bead is not None else task.anchors() for task in tasks]
    sure = [(t.piece.src.start + i, t.piece.tgt.start + j) for t, c in zip(tasks, chains, strict=True) for i, j in c]
    model = fit_to(src, tgt, sure)
    made: list[Bead] = []
    for task, chain in zip(tasks, chains, strict=True):
        made += [task.piece.bead] if task.piece.bead is not None else _aligned(task, model, chain)
        progress.advance(len(task.piece.src))
    signature = Signature.of(method="mt", overlap="cos3idf").join(options.signature())
    if translator is not None:
        signature = signature.join(Signature(tuple((f"mt.{key}", value) for key, value in translator.items)))
    return Alignment(*ids, tuple(made), signature, _verdict(made))


@dataclass(frozen=True, slots=True)
class _Task:
    """A piece of two documents, and what is known of both."""

    src: Side
    tgt: Side
    translations: tuple[str, ...]
    options: AlignOptions
    piece: Piece

    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Translations and target sentences of the piece."""
        a, b = self.piece.src, self.piece.tgt
        return self.translations[a.start : a.stop], self.tgt.sentences[b.start : b.stop]

    def lengths(self) -> tuple[Floats, Floats]:
        """Characters of the piece's sentences."""
        x, y = (np.array(side.lengths(), np.float64) for side in (self.src, self.tgt))
        return x[self.piece.src.start : self.piece.src.stop], y[self.piece.tgt.start : self.piece.tgt.stop]

    @property
    def order(self) -> int:
        """Characters of an n-gram."""
        return _ORDER[bool(self.tgt.joiner)]

    def anchors(self) -> list[tuple[int, int]]:
        """Sentences of the piece that surely belong together, by their rarer n-grams where there are many sentences."""
        first, second = self.texts()
        if not first or not second:
            return []
        most = max(_COMMON, (len(first) + len(second)) // 100)
        return anchors(Overlap.of(first, second, self.order, most))


def _aligned(task: _Task, model: Lengths, chain: list[tuple[int, int]]) -> Iterator[Bead]:
    kinds = bands.shapes(task.options.longest)
    x, y = task.lengths()
    costs = length_costs(x, y, kinds, model, borders(task.src, task.tgt, task.options, task.piece))
    band = first_band(x, y)
    first, second = task.texts()
    if first and second:
        if band.width <= band.m:
            band = _along(chain, len(first), len(second))
        costs = _combined(costs, Overlap.of(first, second, task.order), kinds)
    costs = bands.kept(costs)
    path, band = best_path(band, kinds, costs)
    weights = bands.posteriors(band, kinds, costs, path)
    runs = bands.beads(kinds, path, task.piece.src.start, task.piece.tgt.start)
    for (a, b), weight in zip(runs, weights, strict=True):
        score = None
        if a and b:
            joined = task.tgt.joiner.join(task.translations[a.start : a.stop])
            score = round(chrf(joined, task.tgt.run(b.start, b.stop)), 4)
        yield Bead(a, b, score, calibrated(float(weight)))


def _combined(lengths: bands.Costs, overlap: Overlap, kinds: bands.Kinds) -> bands.Costs:
    """Costs by lengths, less what overlap is worth."""
    longest = max(max(kind) for kind in kinds)
    first, second = overlap.norms(longest)

    def costs(band: bands.Band, start: int, stop: int) -> npt.NDArray[np.float32]:
        made = np.array(lengths(band, start, stop), np.float32)
        # sums over all sentences before both nodes; differences of them are the products of runs
        top, left = max(0, start - longest), max(0, int(band.low[start]) - longest)
        products = overlap.products(top, stop - 1, left, int(band.low[stop - 1]) + band.width - 1)
        sums = np.zeros((products.shape[0] + 1, products.shape[1] + 1))
        np.cumsum(products, axis=0, out=products)
        np.cumsum(products, axis=1, out=sums[1:, 1:])
        columns = band.low[start:stop, None] + np.arange(-left, band.width - left)
        rows = np.arange(start - top, stop - top)[:, None]
        for k, (a, b) in enumerate(kinds):
            if a and b:
                above, before = np.maximum(rows - a, 0), np.maximum(columns - b, 0)
                shared = sums[rows, columns] - sums[above, columns] - sums[rows, before] + sums[above, before]
                norms = first[a - 1][start:stop, None] * second[b - 1][columns + left]
                alike = np.divide(shared, norms, out=np.zeros_like(shared), where=norms > 0)
                # once a bead, whatever its size: two beads of one sentence a side are worth more than both in one (as Bertalign has it)
                made[:, k] -= bands.exact(_WORTH * (alike - _CHANCE))
        return made

    return costs


def anchors(overlap: Overlap) -> list[tuple[int, int]]:
    """Sentences that surely belong together, ascending on both sides: the longest such chain of those that are each other's best by a margin."""
    n, m = overlap.first.count, overlap.second.count
    (norm,), (other,) = overlap.norms(1)
    best, second, chosen = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    back, back_second, asked = np.zeros(m), np.zeros(m), np.zeros(m, np.int64)
    for start in range(0, n, _ROWS):
        stop = min(start + _ROWS, n)
        scale = norm[start + 1 : stop + 1, None] * other[None, 1:]
        alike = np.divide(overlap.products(start, stop), scale, out=np.zeros((stop - start, m)), where=scale > 0)
        chosen[start:stop] = alike.argmax(axis=1)
        best[start:stop] = alike.max(axis=1)
        second[start:stop] = _runner_up(alike, 1)
        top, runner = alike.max(axis=0), _runner_up(alike, 0)
        asked = np.where(top > back, start + alike.argmax(axis=0), asked)
        back_second = np.maximum(np.minimum(back, top), np.maximum(back_second, runner))
        back = np.maximum(back, top)
    rows = np.arange(n)
    sure = (asked[chosen] == rows) & (best >= _LEAST) & (best >= _MARGIN * second)
    sure &= best >= _MARGIN * back_second[chosen]
    return _chain([(int(i), int(chosen[i])) for i in rows[sure]])


def _runner_up(alike: Floats, axis: int) -> Floats:
    size = alike.shape[axis]
    if size < 2:
        return np.zeros(alike.shape[1 - axis])
    return np.asarray(np.partition(alike, size - 2, axis=axis).take(size - 2, axis=axis))


def _chain(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs, ascending in the first, that ascends in the second too.

    Example:
        >>> _chain([(0, 5), (1, 1), (2, 2), (3, 9), (4, 3)])
        [(1, 1), (2, 2), (4, 3)]
    """
    ends: list[int] = []  # last target sentence of the best chain of each length
    at: list[int] = []  # and the pair it is of
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        k = bisect_left(ends, j)
        ends[k : k + 1] = [j]
        at[k : k + 1] = [number]
        before.append(at[k - 1] if k else -1)
    chain, number = [], at[-1] if at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _along(chain: list[tuple[int, int]], n: int, m: int) -> bands.Band:
    """A band that follows a chain of anchors."""
    known = [(0, 0), *((i + 1, j + 1) for i, j in chain), (n, m)]
    centres = np.interp(np.arange(n + 1), [i for i, _ in known], [j for _, j in known])
    return bands.around(centres, m, _SLACK)


def _verdict(beads: Sequence[Bead]) -> float | None:
    """Probability that two documents are translations of each other, by the mean chrF of their pairs; None without a pair.

    Of 80 documents of the four corpora above, forty sentences or eight long, translated by the starter, true ones had 0.24 to 0.63, documents
    beside another's text 0.07 to 0.23 but for those that overlap.
    """
    scores = [bead.score for bead in beads if bead.src and bead.tgt and bead.score is not None]
    if not scores:
        return None
    return round(1 / (1 + math.exp(-(sum(scores) / len(scores) - _SAME) / _WIDTH)), 4)


def calibrated(weight: float) -> float:
    """Probability that a bead is right whose share of the weight of all paths is `weight`, from 0 to 1.

    A logistic curve fitted to 3,000 beads of NTREX, Kyoto articles, lectures and ruby-lang.org (a fifth of the pairs merged, 6 % dropped on one
    side) with the starter's translations: overlap counts n-grams as if they were independent, so the model is surer than it should be.

    Example:
        >>> [round(calibrated(w), 2) for w in (0.0, 0.5, 0.9, 0.999, 1.0)]
        [0.01, 0.41, 0.56, 0.83, 0.97]
    """
    return bands.calibrate(weight, -0.37, 0.284)
