"""Alignment by lengths alone (Gale and Church 1993, "A Program for Aligning Sentences in Bilingual Corpora"): no weights, any languages.

Long sentences have long translations: the length of one side of a bead, in characters without blanks, is that of the other times a ratio, give
or take what a normal distribution allows. English has about 1.9 characters for each of Japanese news, three for each of an encyclopedia in
kanji; so ratio and variance are fitted to every pair of documents. What the paper has not: beads of three and four sentences on one side, an
upper limit to what a null bead costs (else none is ever found: a sentence that is not translated looks impossible, not rare), paragraph borders
as a hint, and a probability for each bead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mt.align import band as bands
from mt.align.options import AlignOptions
from mt.align.pieces import Piece, pieces
from mt.align.side import Side
from mt.protocols import Progress, Silent
from mt.signature import Signature
from mt.types import Alignment, Bead

Floats = npt.NDArray[np.float64]

# Gale and Church, table 5, for one to two sentences a side (a null's share is that of both directions); larger beads by halving what is left of
# n-1 beads each time, as kyoto_wiki and coursera have them.
_PRIORS = {0: 0.0099 / 2, 1: 0.89, 2: 0.089 / 2, 3: 0.008 / 2, 4: 0.002 / 2}
_TWO_TWO = 0.011
_VARIANCE = 6.8  # their s², in characters, per character
# characters that say what one of English says; measured for ja on news (NTREX: 1.86 English characters each), European languages are about even
_DENSITY = {"ja": 1 / 1.86, **dict.fromkeys(("en", "de", "fr", "es", "it", "pt", "nl"), 1.0)}
_USUAL = 10  # sentences of evidence that the usual ratio counts as
_FAITH = 100  # beads of evidence that their s² counts as; beads that were chosen for agreeing understate it
_NULL = 5.0  # nats: most that a null's length adds to its prior. Strict F1 of 0 to 8 nats differs by < 0.02 on four corpora of merged pairs
_WORST = 60.0  # nats: most that any bead costs
_BORDER = 1.5  # nats: for a bead that ends where one side's paragraph ends and the other's does not
VERSION = 1  # of the numbers above, for signatures
_UNEQUAL = 20  # times as many source sentences as target sentences: then the sides change places
_HALF, _FULL, _MOST = 128, 400, 1 << 30  # columns of the first band; documents that need none; nodes at most
_FEW: bands.Kinds = ((1, 1), (1, 2), (2, 1), (1, 0), (0, 1))  # what the first band is searched for
_ENOUGH = 32  # sentences of which lengths can tell a translation from another text
_VERDICT = (-3.42, 0.919)  # of a logistic curve: offset, and slope in nats by the root of the number of sentences
_NARROW = 24  # columns on each side of the path that this gives

# -log of the probability of a deviation at least so large: two tails of the normal distribution, by steps of 1/128 up to 16 standard deviations.
_STEPS = 128
_TAILS = bands.exact([min(-math.log(math.erfc(k / _STEPS / math.sqrt(2))), _WORST) for k in range(16 * _STEPS + 1)])


@dataclass(frozen=True, slots=True)
class Lengths:
    """What is expected of lengths.

    Attributes:
        ratio: target characters per source character.
        variance: of the difference of both lengths, each in the unit that makes them equally long, per such character (s² of the paper).
    """

    ratio: float
    variance: float = _VARIANCE


def align_length(
    src: Side,
    tgt: Side,
    options: AlignOptions | None = None,
    *,
    fixed: Sequence[Bead] = (),
    ids: tuple[str, str] = ("src", "tgt"),
    progress: Progress | None = None,
) -> Alignment:
    """Align two documents by the lengths of their sentences.

    Args:
        src: the source document.
        tgt: the target document.
        options: beads and borders; the defaults where None.
        fixed: beads that stand as they are.
        ids: names of the two documents.
        progress: told of the stages.

    Returns:
        Every sentence in exactly one bead. `Bead.score` is minus the cost of the bead in nats, by the paper's formula; `Bead.probability` is the
        bead's share of the weight of all paths, calibrated; `translations` is None below 32 sentences, see `verdict`.

    Raises:
        OptionError: for hard borders or fixed beads that these documents cannot have.

    Example:
        >>> src = Side(("猫が庭にいる。", "犬もいる。鳥は空を飛んでいる。"), "ja")
        >>> tgt = Side(("There is a cat.", "There is a dog.", "A bird is flying in the sky."), "en")
        >>> [(b.src, b.tgt) for b in align_length(src, tgt).beads]
        [(range(0, 1), range(0, 1)), (range(1, 2), range(1, 3))]
    """
    options, progress = options or AlignOptions(), progress or Silent()
    if len(src) > _UNEQUAL * (len(tgt) + 1):
        # a row costs more than its columns, so the rows are the side of fewer sentences
        back = tuple(Bead(bead.tgt, bead.src, bead.score, bead.probability) for bead in fixed)
        turned = align_length(tgt, src, options, fixed=back, ids=ids[::-1], progress=progress)
        beads = tuple(Bead(bead.tgt, bead.src, bead.score, bead.probability) for bead in turned.beads)
        return Alignment(*ids, beads, turned.signature, turned.translations)
    cut = pieces(src, tgt, options, fixed)
    progress.stage("aligning by length", None, "sentence")
    model, found = fit(src, tgt, options, cut)
    made: list[Bead] = []
    for piece, band in zip(cut, found, strict=True):
        if piece.bead is not None:
            made.append(piece.bead)
        elif band is not None:
            made += weighed(piece, band, *_problem(src, tgt, options, piece, model))
    signature = Signature.of(method="length", priors=VERSION).join(options.signature())
    return Alignment(*ids, tuple(made), signature, verdict(src, tgt, model))


def verdict(src: Side, tgt: Side, model: Lengths) -> float | None:
    """Probability that two documents are translations of each other, by the order of their lengths alone.

    The documents are aligned once more with the target's sentences from the last to the first: those of a translation fit far worse then, those
    of another text neither better nor worse. What counts is by how many nats, by the root of the number of sentences.

    Args:
        src: the source document.
        tgt: the target document.
        model: ratio and variance.

    Returns:
        From 0 to 1; None where a side has fewer than 32 sentences, of which lengths say too little. A logistic curve fitted to 112 documents of
        that size (Kyoto articles, Pro Git, lectures, news, manuals, meetings; text+berg) and 104 beside another's text: right for 93 of 100.
        Sentences of nearly one length say nothing, and where more than a sixth of one side has no translation the ratio of lengths is wrong,
        and so is the alignment: both look like another text.
    """
    if min(len(src), len(tgt)) < _ENOUGH:
        return None
    x, y = (np.array(side.lengths(), np.float64) for side in (src, tgt))
    found = []
    for order in (y, y[::-1]):
        costs = length_costs(x, np.ascontiguousarray(order), _FEW, model)
        band = first_band(x, order)  # not widened: a text in reverse would touch the sides of any band
        path = bands.search(band, _FEW, costs)
        found.append(float(bands.path_costs(band, _FEW, costs, path).sum()))
    logit = _VERDICT[0] + _VERDICT[1] * (found[1] - found[0]) / math.sqrt(min(len(x), len(y)))
    return round(1 / (1 + math.exp(-min(max(logit, -30.0), 30.0))), 4)


def fit(src: Side, tgt: Side, options: AlignOptions, cut: Sequence[Piece]) -> tuple[Lengths, list[bands.Band | None]]:
    """Ratio and variance of two documents: first from their whole lengths, then from the 1-1 beads that this gives; and the bands of these.

    Documents of fewer than ten such beads keep the first ratio and the paper's variance.
    """
    x, y = (np.array(side.lengths(), np.float64) for side in (src, tgt))
    model = Lengths(_first_ratio(x, y, (src.lang, tgt.lang)))
    ones: list[tuple[int, int]] = []
    found: list[bands.Band | None] = []
    for piece in cut:
        if piece.bead is not None:
            found.append(None)
            runs = [(piece.bead.src, piece.bead.tgt)]
        else:
            kinds, costs = _problem(src, tgt, options, piece, model)
            x_here, y_here = _lengths(src, tgt, piece)
            start = near(x_here, y_here, model, borders(src, tgt, options, piece))
            path, band = best_path(start, kinds, costs)
            found.append(band)
            runs = list(bands.beads(kinds, path, piece.src.start, piece.tgt.start))
        ones += [(a.start, b.start) for a, b in runs if len(a) == len(b) == 1]
    return _refit(x, y, ones, model), found


def fit_to(src: Side, tgt: Side, ones: Sequence[tuple[int, int]]) -> Lengths:
    """Ratio and variance of two documents of which some 1-1 beads are known, as (source, target) sentences."""
    x, y = (np.array(side.lengths(), np.float64) for side in (src, tgt))
    return _refit(x, y, ones, Lengths(_first_ratio(x, y, (src.lang, tgt.lang))))


def _first_ratio(x: Floats, y: Floats, langs: tuple[str, str]) -> float:
    """Of whole lengths, drawn towards what is usual for the two languages as if by ten sentences more."""
    sums, counts = [], []
    for lengths in (x, y):
        full = lengths[lengths > 0]
        # one huge sentence must not decide for all
        sums.append(float(np.minimum(full, 8 * np.median(full)).sum()) if len(full) else 0.0)
        counts.append(len(full))
    dense = [_DENSITY.get(lang.lower().replace("_", "-").split("-")[0]) for lang in langs]
    usual = None if None in dense else (dense[1] or 1.0) / (dense[0] or 1.0)
    if not all(sums):
        return usual or 1.0
    seen = sums[1] / sums[0]
    share = 0.0 if usual is None else _USUAL / (_USUAL + min(counts))
    return math.exp((1 - share) * math.log(seen) + share * math.log(usual or 1.0))


def _refit(x: Floats, y: Floats, ones: Sequence[tuple[int, int]], model: Lengths) -> Lengths:
    rows = np.array([(i, j) for i, j in ones if x[i] and y[j]], np.int64).reshape(-1, 2)
    if len(rows) < 10:
        return model
    a, b = x[rows[:, 0]], y[rows[:, 1]]
    ratio = float(b.sum() / a.sum())
    root = math.sqrt(ratio)
    deviations = (b / root - a * root) ** 2 / ((a * root + b / root) / 2)
    variance = (_FAITH * _VARIANCE + float(np.minimum(deviations, 9 * _VARIANCE).sum())) / (_FAITH + len(rows))
    return replace(model, ratio=ratio, variance=variance)


def weighed(piece: Piece, band: bands.Band, kinds: bands.Kinds, costs: bands.Costs) -> Iterator[Bead]:
    """The beads of the cheapest path through a piece, with minus their cost as score and their calibrated share of all paths as probability."""
    path, band = best_path(band, kinds, costs)
    weights = bands.posteriors(band, kinds, costs, path)
    own = bands.path_costs(band, kinds, costs, path)
    runs = bands.beads(kinds, path, piece.src.start, piece.tgt.start)
    for (a, b), cost, weight in zip(runs, own, weights, strict=True):
        yield Bead(a, b, score=-round(float(cost), 3), probability=calibrated(float(weight)))


def _lengths(src: Side, tgt: Side, piece: Piece) -> tuple[Floats, Floats]:
    x, y = (np.array(side.lengths(), np.float64) for side in (src, tgt))
    return x[piece.src.start : piece.src.stop], y[piece.tgt.start : piece.tgt.stop]


def _problem(
    src: Side, tgt: Side, options: AlignOptions, piece: Piece, model: Lengths
) -> tuple[bands.Kinds, bands.Costs]:
    kinds = bands.shapes(options.longest)
    x, y = _lengths(src, tgt, piece)
    return kinds, bands.kept(length_costs(x, y, kinds, model, borders(src, tgt, options, piece)))


def borders(src: Side, tgt: Side, options: AlignOptions, piece: Piece) -> tuple[Floats, Floats] | None:
    """1 at each node of a side where a paragraph begins, else 0; None where that says nothing."""
    if not options.soft or src.paragraphs is None or tgt.paragraphs is None:
        return None
    made = []
    for side, run in ((src, piece.src), (tgt, piece.tgt)):
        marks = np.zeros(len(run) + 1)
        begins = np.array([b - run.start for b in side.first_of_paragraph() or () if run.start <= b < run.stop], int)
        marks[begins] = 1.0
        marks[-1] = 1.0
        made.append(marks)
    # where nearly every sentence is a paragraph, or none, borders tell nothing
    if any(not 0 < marks[1:-1].mean() < 0.9 for marks in made if len(marks) > 2):
        return None
    return made[0], made[1]


def first_band(x: Floats, y: Floats) -> bands.Band:
    """Everything where the target document is short; else a band around where equal shares of both texts are reached."""
    n, m = len(x), len(y)
    if m <= _FULL:
        return bands.around(np.linspace(0, m, n + 1), m, m)
    return bands.around(_centres(x, y), m, _HALF)


def near(x: Floats, y: Floats, model: Lengths, marks: tuple[Floats, Floats] | None = None) -> bands.Band:
    """Where the cheapest path is looked for: in a narrow band around the cheapest path of few kinds of beads in a wide one.

    Args:
        x: lengths of the source sentences.
        y: of the target sentences.
        model: ratio and variance.
        marks: paragraph borders, see `borders`.
    """
    wide = first_band(x, y)
    if wide.width > wide.m:
        return wide
    path, _ = best_path(wide, _FEW, length_costs(x, y, _FEW, model, marks))
    rows, columns = bands.nodes(_FEW, path).T
    return bands.around(np.interp(np.arange(len(x) + 1), rows, columns), len(y), _NARROW)


def _centres(x: Floats, y: Floats) -> Floats:
    """Expected column of each row; lengths are cut at eight times the mean, or one huge sentence would decide for all."""
    shares = []
    for lengths in (x, y):
        cut = np.minimum(lengths, 8 * lengths.mean()) + 1e-9 if len(lengths) else lengths
        total = np.concatenate([[0.0], np.cumsum(cut)])
        shares.append(total / max(total[-1], 1e-9))
    return np.asarray(np.interp(shares[0], shares[1], np.arange(len(y) + 1)))


def best_path(band: bands.Band, kinds: bands.Kinds, costs: bands.Costs) -> tuple[list[int], bands.Band]:
    """The cheapest path, in a band that is widened until the path keeps away from its sides, and that band."""
    while True:
        path = bands.search(band, kinds, costs)
        wide = min(2 * band.width + 1, band.m + 1)
        if (
            band.width > band.m
            or not band.touched(bands.nodes(kinds, path), band.width // 8)
            or wide * len(band.low) > _MOST
        ):
            return path, band
        band = band.widened()


def length_costs(
    x: Floats,
    y: Floats,
    kinds: bands.Kinds,
    model: Lengths,
    marks: tuple[Floats, Floats] | None = None,
) -> bands.Costs:
    """Costs of beads by the lengths of their sides, for `mt.align.band.search`.

    A bead of lengths a and b, in the unit in which both languages are equally long, costs -log P(kind) - log P(|δ| or more), where
    δ = (b - a) / sqrt(s² (a + b) / 2).

    Args:
        x: lengths of the source sentences, in characters.
        y: of the target sentences.
        kinds: of beads.
        model: ratio and variance.
        marks: paragraph borders, see `borders`.
    """
    root = math.sqrt(model.ratio)
    priors = bands.exact([_prior(kind) for kind in kinds])
    scale = np.float32(_STEPS * math.sqrt(2 / model.variance))
    runs = [(_runs(x * root, a), _runs(y / root, b)) for a, b in kinds]

    def costs(band: bands.Band, start: int, stop: int) -> npt.NDArray[np.float32]:
        made = np.empty((stop - start, len(kinds), band.width), np.float32)
        for k, (first, second) in enumerate(runs):
            a, b = first[start:stop, None], band.rows(second, start, stop)
            step = np.abs(b - a)
            step *= scale
            step /= np.sqrt(a + b)
            cost = _TAILS[np.minimum(step, len(_TAILS) - 1, out=step).astype(np.int32)]
            if 0 in kinds[k]:
                np.minimum(cost, _NULL, out=cost)
            elif marks is not None:
                cost += _BORDER * np.abs(marks[0][start:stop, None] - band.rows(marks[1], start, stop))
            cost += priors[k]
            made[:, k] = cost
            made[: max(0, kinds[k][0] - start), k] = np.inf
            for w in range(min(kinds[k][1], band.width)):
                made[band.low[start:stop] + w < kinds[k][1], k, w] = np.inf
        return made

    return costs


def _runs(lengths: Floats, k: int) -> npt.NDArray[np.float32]:
    """Length of the run of k sentences that ends at each node, never quite 0; nothing of use where there is no such run."""
    total = np.concatenate([[0.0], np.cumsum(lengths)])
    made = np.ones(len(total), np.float32)
    if k < len(total):
        made[k:] = total[k:] - total[: len(total) - k] + 1e-6
    return made


def _prior(kind: tuple[int, int]) -> float:
    a, b = kind
    if min(a, b) > 1:
        # a sentence more a twentieth as often: at a quarter, strict F1 of four corpora without such beads fell by 0 to 3 points
        return -math.log(_TWO_TWO * 0.05 ** (a + b - 4))
    more = max(a, b) if min(a, b) else 0
    # beyond four sentences a bead is rarer by half each time
    return -math.log(_PRIORS.get(more, _PRIORS[4] * 0.5 ** (more - 4)))


def calibrated(weight: float) -> float:
    """Probability that a bead is right whose share of the weight of all paths is `weight`, from 0 to 1.

    A logistic curve fitted to 5,000 beads of four corpora (NTREX, Kyoto articles, lectures, ruby-lang.org; a fifth of the pairs merged, 6 %
    dropped on one side): its slope came out as 1.00, its offset as -0.62, since the model takes for given that lengths tell everything.

    Example:
        >>> [round(calibrated(w), 2) for w in (0.0, 0.5, 0.9, 1.0)]
        [0.0, 0.35, 0.83, 1.0]
    """
    return bands.calibrate(weight, -0.62, 1.0)
