"""Sentence alignment by vectors: two sides and their vectors in, an alignment with a probability for every bead out.

The way of a document: `half` (vectors on a grid, lengths in common units) → `anchors` (pairs that surely belong together; boxes between them) →
`score` (what speaks for every bead in a box) → `search` (the best beads of many boxes at once, and the probability of each under the
model) → `probability` (calibrated) → `verdict` (are these documents translations of each other at all?).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mt.align.anchors import Anchors, Box, boxes
from mt.align.grid import SCALE, whole
from mt.align.half import measure, prepare, scaled, share
from mt.align.options import AlignOptions
from mt.align.pieces import chapters
from mt.align.probability import calibrated, features
from mt.align.score import GRAIN, Fit, Half, kind, table
from mt.align.search import Table, Ways, best, marginals
from mt.align.side import Side
from mt.align.verdict import translations
from mt.align.weights import HABITS, PROBABILITY, VERSION, WEIGHTS
from mt.blas import single_threaded
from mt.errors import OptionError
from mt.protocols import Progress, SentenceEncoder, Silent
from mt.signature import Signature
from mt.types import Alignment, Bead

Vectors = Sequence[npt.NDArray[np.float32]]
_HABIT_BOXES = 24  # boxes that a document's habits are read from
_HABIT_MOST = 2.0  # nats
_HABIT_ROUNDS = 3  # of expectation and maximisation
_HABIT_PRIOR = 20.0  # beads that the usual habits count for

Step = tuple[
    int, int, int, int, float, float
]  # first source and target sentence, how many of each, score, probability under the model

_GROUP = 1 << 17  # points of the boxes that are searched together; 16 shapes of them stay below 20 MB


def windows(encoder: SentenceEncoder, side: Side, longest: int) -> list[Any]:
    """Vectors of every run of 1 to `longest` neighbouring sentences of a side.

    Uses the encoder's own `windows` where it has one (see `mt.protocols.WindowEncoder`), and reads the joined texts where it has none.

    Args:
        encoder: rows of unit norm.
        side: the sentences.
        longest: most sentences in a run, ≥ 1.

    Returns:
        `longest` float32 arrays; row i of array k - 1, of shape (max(0, len(side) - k + 1), width), belongs to sentences i to i + k - 1.
    """
    own = getattr(encoder, "windows", None)
    if own is not None:
        return list(own(side.sentences, longest, side.joiner))
    made = []
    for k in range(1, longest + 1):
        texts = [side.run(i, i + k) for i in range(len(side) - k + 1)]
        made.append(encoder.encode(texts) if texts else np.zeros((0, encoder.width), np.float32))
    return made


def align(
    src: Side,
    tgt: Side,
    vectors: tuple[Vectors, Vectors],
    options: AlignOptions | None = None,
    *,
    fixed: Sequence[Bead] = (),
    encoder: Signature | None = None,
    ids: tuple[str, str] = ("src", "tgt"),
    progress: Progress | None = None,
) -> Alignment:
    """Align the sentences of two documents.

    The result depends on nothing but the arguments: not on threads, tiles or the machine's order of addition. Exchanging the two sides exchanges
    the sides of every bead and changes nothing else.

    Args:
        src: the source document.
        tgt: the target document.
        vectors: of each side, what `windows` returns for `options.longest`.
        options: beads and borders; the defaults where None.
        fixed: beads that stand as they are (a person's corrections), ascending, without overlap, of any size. Of a null bead only the
            sentences count, not the place where its empty side stands.
        encoder: its signature, for the alignment's.
        ids: names of the two documents.
        progress: told of the stages.

    Returns:
        Every sentence of both sides in exactly one bead, in order. `Bead.score` is in nats of a log-linear model, higher is better;
        `Bead.probability` is calibrated, 1 where fixed; `Alignment.translations` is the probability that the documents are translations of
        each other.

    Raises:
        ValueError: for arrays that do not fit the sides, or fixed beads that overlap or leave the documents.
        OptionError: for `hard` borders where paragraphs are unknown or not equally many.
    """
    options = options or AlignOptions()
    signature = Signature.of(align="embed", version=VERSION).join(options.signature())
    if encoder is not None:
        signature = signature.join(encoder)
    if src.sentences == tgt.sentences and not fixed and not (options.hard and src.paragraphs != tgt.paragraphs):
        # a text and its copy: the diagonal, since no rule for ties could be the same from both sides
        fixed = [Bead(range(i, i + 1), range(i, i + 1)) for i in range(len(src))]
    swapped = _key(src) > _key(tgt)
    if swapped:
        src, tgt, vectors = tgt, src, (vectors[1], vectors[0])
        fixed = [Bead(b.tgt, b.src, b.score, b.probability) for b in fixed]
    # many small products: on all cores each would wait for the slowest, and spin where other programs run
    with single_threaded():
        solved = solve((src, tgt), vectors, options, fixed, progress)
    beads = _beads(solved, fixed)
    verdict = translations(solved.src, solved.tgt, beads)
    if swapped:
        beads = [Bead(b.tgt, b.src, b.score, b.probability) for b in beads]
    return Alignment(ids[0], ids[1], tuple(beads), signature, verdict)


def _key(side: Side) -> tuple[object, ...]:
    # one order of the sides whatever the caller's, so that ties are broken alike and exchanging them transposes exactly
    return (len(side), side.lang, side.sentences, side.paragraphs or ())


@dataclass(frozen=True, slots=True)
class Solved:
    """Two documents and their best beads, before their chances are made probabilities.

    Attributes:
        src: the source side, its lengths in units of the target.
        tgt: the target side.
        steps: the beads in order, fixed ones left out.
    """

    src: Half
    tgt: Half
    steps: tuple[Step, ...]


def solve(
    sides: tuple[Side, Side],
    vectors: tuple[Vectors, Vectors],
    options: AlignOptions,
    fixed: Sequence[Bead] = (),
    progress: Progress | None = None,
) -> Solved:
    """The best beads; see `align` for the arguments, in whose name `scripts/fit_align.py` asks."""
    src, tgt = sides
    progress = progress or Silent()
    alone = [i for b in fixed if not b.tgt for i in b.src], [j for b in fixed if not b.src for j in b.tgt]
    if any(i >= len(src) for i in alone[0]) or any(j >= len(tgt) for j in alone[1]):
        raise ValueError(f"fixed beads: expected sentences of documents of {len(src)} and {len(tgt)}, found others")
    one = prepare(src, vectors[0], options.longest, options.soft, alone[0])
    two = prepare(tgt, vectors[1], options.longest, options.soft, alone[1])
    one, two = share((one, two), sides)
    free = list(_free(src, tgt, fixed, options))
    progress.stage("anchoring", len(free), "stretch")
    pieces: list[Box] = []
    found: list[Anchors] = []
    for box in free:
        pieces += boxes(one, two, box, found=found.append)
        progress.advance(1)
    log_ratio, fit = measure(one, two, found)
    one = scaled(one, log_ratio)
    fit = replace(fit, habits=habits(one, two, pieces, options, fit))
    steps: list[Step] = []
    progress.stage("aligning", len(pieces), "stretch")
    for group in groups(pieces):
        steps += _solve(one, two, np.array(group, np.int64), options, fit)
        progress.advance(len(group))
    return Solved(one, two, tuple(sorted(steps)))


def habits(one: Half, two: Half, pieces: Sequence[Box], options: AlignOptions, fit: Fit) -> tuple[float, float, float]:
    """How much likelier beads 1-1, larger ones and null beads are in these documents than elsewhere, as `Fit.habits`.

    The expected numbers of the three kinds, under the model as it was fitted, in a part of the boxes; drawn towards what is usual.
    """
    some = [p for p in pieces if p[0] < p[1] and p[2] < p[3]]
    some = some[:: max(1, len(some) // _HABIT_BOXES)]
    tables = [
        table(one, two, np.array(group, np.int64), WEIGHTS, longest=options.longest, fit=fit, soft=options.soft)
        for group in groups(some)
    ]
    found = (0.0, 0.0, 0.0)
    for _ in range(_HABIT_ROUNDS):
        counts = [0.0, 0.0, 0.0]
        for scores in tables:
            more = {shape: values + found[kind(shape)] for shape, values in scores.beads.items()}
            for shape, chances in marginals(Table(more, scores.sizes)).items():
                counts[kind(shape)] += float(chances.sum())
        total = sum(counts) + _HABIT_PRIOR
        shares = [(n + _HABIT_PRIOR * usual) / total for n, usual in zip(counts, HABITS, strict=True)]
        # bounded, since a document ten times as long as the other has nulls for no habit's sake; whole multiples of what scores are multiples of
        logs = [
            min(max(math.log(s / usual), -_HABIT_MOST), _HABIT_MOST) for s, usual in zip(shares, HABITS, strict=True)
        ]
        found = (round(logs[0] * GRAIN) / GRAIN, round(logs[1] * GRAIN) / GRAIN, round(logs[2] * GRAIN) / GRAIN)
    return found


def _free(src: Side, tgt: Side, fixed: Sequence[Bead], options: AlignOptions) -> Iterator[Box]:
    """Boxes between what is fixed and, where borders are hard, between borders."""
    points = [(0, 0), (len(src), len(tgt))]
    if options.hard:
        starts = [side.first_of_paragraph() for side in (src, tgt)]
        if starts[0] is None or starts[1] is None:
            raise OptionError("hard", "paragraph numbers on both sides", "none")
        if len(starts[0]) != len(starts[1]):
            raise OptionError("hard", f"as many paragraphs as the other side has, {len(starts[0])}", len(starts[1]))
        points += zip(starts[0], starts[1], strict=True)
    if options.chapters:
        points += chapters(src, tgt)
    for bead in fixed:
        if bead.src and bead.tgt:
            points += [(bead.src.start, bead.tgt.start), (bead.src.stop, bead.tgt.stop)]
    taken = {(b.src.start, b.tgt.start): (b.src.stop, b.tgt.stop) for b in fixed if b.src and b.tgt}
    for (i, j), (k, last) in pairwise(sorted(set(points))):
        if last < j or k > len(src) or last > len(tgt) or taken.get((i, j), (k, last)) != (k, last):
            raise ValueError(
                f"fixed beads: expected ascending beads inside the documents and their borders, found ({i},{j}) before ({k},{last})"
            )
        if (i, j) not in taken:
            yield (i, k, j, last)


def groups(pieces: Sequence[Box]) -> Iterator[list[Box]]:
    """Boxes of about one size, together; what has nothing on one side needs no search but comes along."""
    sizes: dict[tuple[int, int], list[Box]] = {}
    for box in pieces:
        sizes.setdefault((_class(box[1] - box[0]), _class(box[3] - box[2])), []).append(box)
    for (n, m), group in sizes.items():
        most = max(1, _GROUP // ((n + 1) * (m + 1)))
        for k in range(0, len(group), most):
            yield group[k : k + most]


def _class(size: int) -> int:
    for step in (0, 4, 8, 12, 16, 24, 32, 48, 64):
        if size <= step:
            return step
    return -(-size // 64) * 64


def _solve(one: Half, two: Half, group: npt.NDArray[np.int64], options: AlignOptions, fit: Fit) -> list[Step]:
    """The best beads of boxes, with their scores and probabilities under the model."""
    # the loop in Python goes over the rows, so the shorter side becomes them
    flipped = (group[:, 1] - group[:, 0]).max() > (group[:, 3] - group[:, 2]).max()
    if flipped:
        one, two, group = two, one, group[:, [2, 3, 0, 1]]
    scores = table(one, two, group, WEIGHTS, longest=options.longest, fit=fit, soft=options.soft)
    ways = Ways.of(scores)
    found = [(number, *bead) for number, beads in enumerate(best(scores)) for bead in beads]
    steps: list[Step] = []
    for shape in {(a, b) for *_, a, b in found}:
        places = np.array([(number, i, j) for number, i, j, a, b in found if (a, b) == shape], np.int64)
        numbers, i, j = places.T
        chances = ways.chances(numbers, i, j, shape).tolist()
        first, second = (group[numbers, 0] + i).tolist(), (group[numbers, 2] + j).tolist()
        for k, score in enumerate(scores.beads[shape][numbers, i, j].tolist()):
            step = (first[k], second[k], *shape, score, chances[k])
            steps.append((step[1], step[0], step[3], step[2], score, chances[k]) if flipped else step)
    return steps


def _beads(solved: Solved, fixed: Sequence[Bead]) -> list[Bead]:
    """Beads with calibrated probabilities, in order; what is fixed is certain."""
    kept = [
        Bead(range(i, i + a), range(j, j + b), score, float(probability))
        for (i, j, a, b, score, _), probability in zip(
            solved.steps, calibrated(evidence(solved), PROBABILITY), strict=True
        )
    ]
    kept += [Bead(b.src, b.tgt, b.score, 1.0) for b in fixed if b.src and b.tgt]
    return sorted(kept, key=lambda b: (b.src.start, b.tgt.start, b.src.stop, b.tgt.stop))


def evidence(solved: Solved) -> npt.NDArray[np.float64]:
    """What the probabilities of beads are made of, see `mt.align.probability.features`."""
    cosines = np.zeros(len(solved.steps))
    shapes = [(a, b) for _, _, a, b, *_ in solved.steps]
    for a, b in {shape for shape in shapes if all(shape)}:
        here = [k for k, shape in enumerate(shapes) if shape == (a, b)]
        left = solved.src.windows[a - 1][[solved.steps[k][0] for k in here]]
        right = solved.tgt.windows[b - 1][[solved.steps[k][1] for k in here]]
        cosines[here] = np.einsum("ij,ij->i", whole(left), whole(right)) / (SCALE * SCALE)
    return features([s[5] for s in solved.steps], shapes, cosines.tolist())
