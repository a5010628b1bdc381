"""Pairs of sentences that are translations of each other, found in two unordered piles: who is whose nearest, and by what margin.

The margin (Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings") compares the cosine of two
sentences with the mean cosine of each to its k nearest on the other side, a(x) and a(y), since some sentences are near to everything:

    ratio      cos / ((a(x) + a(y)) / 2)          1 = no nearer than its neighbours are
    distance   cos - (a(x) + a(y)) / 2            0 = the same
    absolute   cos

A margin depends on all of both piles: it cannot be compared between runs on different piles, nor be computed for a pair without them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mt.align.literals import contradict
from mt.align.neighbours import Array, Neighbours
from mt.align.pool import EMPTY, LONG, REPEATED, SHORT, Pool, overlap
from mt.errors import OptionError
from mt.signature import Signature
from mt.types import check_range

Margin = Literal["ratio", "distance", "absolute"]
Retrieval = Literal["intersection", "forward", "backward", "max"]

# Why a sentence is in no pair, beside what its pile says of it.
UNCHOSEN = "not-mutual"  # its best candidate has a better one, or nothing chose it
BELOW_COSINE = "cosine"
BELOW_MARGIN = "margin"
ABOVE_CAP = "cap"
COPY = "copy"  # the other side is the same text, or nearly
LENGTHS = "length"  # one side is too long for the other
CONTRADICTION = "contradiction"  # a number or a Latin name of one side is not on the other
TAKEN = "taken"  # its candidate is in a better pair already
REASONS = (
    EMPTY,
    REPEATED,
    SHORT,
    LONG,
    UNCHOSEN,
    BELOW_COSINE,
    BELOW_MARGIN,
    ABOVE_CAP,
    COPY,
    LENGTHS,
    CONTRADICTION,
    TAKEN,
)

# Least margins where none is given, for up to 8 neighbours and for more: what scripts/bench_mining.py found between precision and recall on piles
# of which most sentences have no partner. The 1.06 of LASER, CCMatrix and NLLB is for other encoders, and lets twice as many wrong pairs pass.
LEAST = {"ratio": (1.15, 1.35), "distance": (0.07, 0.15), "absolute": (0.5, 0.5)}
_FEW = 100  # sentences; the neighbours of a smaller pile say little
_FIT = 20  # pairs below which no lengths are fitted


@dataclass(frozen=True, slots=True)
class MiningOptions:
    """What makes a pair.

    Attributes:
        neighbours: k of the margin, 1 to 1,024; 4 in LASER, 16 in NLLB. A sentence of fewer than k neighbours takes all there are.
        margin: see the module.
        retrieval: `intersection` = each is the other's best by margin; `forward` = the best of every source sentence; `backward` = of every
            target sentence; `max` = both of these, best margin first.
        one_to_one: no sentence in two pairs; the better margin wins.
        min_margin: least margin; None = 1.15 for a ratio, 0.07 for a distance (with more than 8 neighbours 1.35 and 0.15), 0.5 absolute.
        max_margin: greatest margin; None = any. NLLB takes 1.25 with its own encoder, which is where true pairs begin with other encoders.
        min_cosine: least cosine, -1 to 1.
        max_overlap: greatest share of common letters (see `mt.align.pool.overlap`), 0 to 1, above which a pair is a copy; 1 = copies are pairs.
        shortest: letters and digits below which a sentence is left out, 0 = none.
        longest: characters above which a sentence is left out.
        length_band: standard deviations that the lengths of two sides may differ by from what is usual in these piles; 0 = any.
        contradicting: numbers, and names that Japanese writes in Latin letters, may differ (`mt.align.literals.contradict`). Where most sentences
            have no partner, a quarter of the wrong pairs is dropped for them, and one right pair of a hundred.

    Raises:
        OptionError: for a number out of range.

    Example:
        >>> str(MiningOptions().signature())
        'mine:ratio|k:4|retrieval:intersection|one:yes|min:1.15|cap:none|cos:0.4|copy:0.6|chars:2-1000|band:4|contradicting:no'
    """

    neighbours: int = 4
    margin: Margin = "ratio"
    retrieval: Retrieval = "intersection"
    one_to_one: bool = True
    min_margin: float | None = None
    max_margin: float | None = None
    min_cosine: float = 0.4
    max_overlap: float = 0.6
    shortest: int = 2
    longest: int = 1000
    length_band: float = 4.0
    contradicting: bool = False

    def __post_init__(self) -> None:
        check_range("neighbours", self.neighbours, 1, 1024)
        if self.margin not in LEAST:
            raise OptionError("margin", f"one of {', '.join(LEAST)}", self.margin)
        if self.retrieval not in ("intersection", "forward", "backward", "max"):
            raise OptionError("retrieval", "one of intersection, forward, backward, max", self.retrieval)
        for key in ("min_margin", "max_margin"):
            if (value := getattr(self, key)) is not None:
                check_range(key, value, -100, 100)
        check_range("min_cosine", self.min_cosine, -1, 1)
        check_range("max_overlap", self.max_overlap, 0, 1)
        check_range("shortest", self.shortest, 0, 1_000_000)
        check_range("longest", self.longest, 1, 10_000_000)
        check_range("length_band", self.length_band, 0, 1000)

    @property
    def least(self) -> float:
        """The least margin in force."""
        return LEAST[self.margin][self.neighbours > 8] if self.min_margin is None else self.min_margin

    def signature(self) -> Signature:
        """All fields."""
        return Signature.of(
            mine=self.margin,
            k=self.neighbours,
            retrieval=self.retrieval,
            one=self.one_to_one,
            min=float(self.least),
            cap="none" if self.max_margin is None else float(self.max_margin),
            cos=float(self.min_cosine),
            copy=float(self.max_overlap),
            chars=f"{self.shortest}-{self.longest}",
            band=float(self.length_band),
            contradicting=self.contradicting,
        )


@dataclass(frozen=True, slots=True)
class MinedPair:
    """Two sentences that belong together.

    Attributes:
        src: number of the source sentence in its pile, from 0.
        tgt: of the target sentence.
        cosine: of their vectors.
        margin: what they were chosen by; higher is better.
        src_rank: 1 where no target sentence is nearer to the source by cosine; None where k are.
        tgt_rank: the same the other way.
    """

    src: int
    tgt: int
    cosine: float
    margin: float
    src_rank: int | None
    tgt_rank: int | None


@dataclass(frozen=True, slots=True)
class Mined:
    """What was found in two piles.

    Attributes:
        pairs: best margin first; of equal ones the earlier source first.
        src_reasons: for every source sentence why it is in no pair, None where it is in one.
        tgt_reasons: the same for the target sentences.
        log_ratio: usual logarithm of target characters by source characters; None where too few pairs were found to fit it.
        spread: its standard deviation.
        warnings: what makes these numbers doubtful, for people.
        signature: options and encoder.
    """

    pairs: tuple[MinedPair, ...]
    src_reasons: tuple[str | None, ...]
    tgt_reasons: tuple[str | None, ...]
    log_ratio: float | None
    spread: float | None
    warnings: tuple[str, ...]
    signature: Signature

    def __post_init__(self) -> None:
        """Raises ValueError where a sentence is in a pair and has a reason not to be, or neither."""
        for name, reasons in (("src", self.src_reasons), ("tgt", self.tgt_reasons)):
            paired = {getattr(pair, name) for pair in self.pairs}
            if paired != {number for number, reason in enumerate(reasons) if reason is None}:
                raise ValueError(f"mined: expected every {name} sentence in a pair or dropped for a reason")

    def counts(self) -> dict[str, dict[str, int]]:
        """For each side `read`, `paired` and the sentences dropped by reason, which add up."""
        return {"src": _counts(self.src_reasons), "tgt": _counts(self.tgt_reasons)}


def _counts(reasons: Sequence[str | None]) -> dict[str, int]:
    found = Counter(reasons)
    return {"read": len(reasons), "paired": found[None]} | {r: found[r] for r in REASONS if found[r]}


def margins(cosine: Array, mean: Array, kind: Margin) -> Array:
    """The margin of cosines to the mean of both sides' neighbours; a ratio to a mean that is not above 0 is 0.

    Example:
        >>> margins(np.array([0.6]), np.array([0.5]), "ratio").round(3).tolist()
        [1.2]
    """
    if kind == "absolute":
        return cosine
    if kind == "distance":
        return cosine - mean
    return np.divide(cosine, mean, out=np.zeros_like(cosine), where=mean > 0)


def select(
    src: Pool,
    tgt: Pool,
    forward: Neighbours,
    backward: Neighbours,
    options: MiningOptions | None = None,
    *,
    langs: tuple[str, str] = ("und", "und"),
    encoder: Signature | None = None,
) -> Mined:
    """Choose pairs.

    Args:
        src: the source pile.
        tgt: the target pile.
        forward: for every sentence of `src.kept` its nearest of `tgt.kept`, at least `options.neighbours` where there are as many.
        backward: the other way round.
        options: the defaults where None.
        langs: of the piles; numbers are read in `ja` and `en`.
        encoder: its signature, for that of the result.

    Raises:
        ValueError: for neighbours that are not these piles'.
    """
    options = options or MiningOptions()
    if len(forward.numbers) != len(src.kept) or len(backward.numbers) != len(tgt.kept):
        raise ValueError(
            f"select: expected neighbours of {len(src.kept)} and {len(tgt.kept)} sentences, "
            f"found {len(forward.numbers)} and {len(backward.numbers)}"
        )
    found = _candidates(forward, backward, options)
    state = _Choice(src, tgt, options, found, langs)
    state.run()
    signature = options.signature()
    return Mined(
        tuple(
            MinedPair(src.kept[p.src], tgt.kept[p.tgt], p.cosine, p.margin, p.src_rank, p.tgt_rank) for p in state.pairs
        ),
        src.with_reasons(state.reasons[0], UNCHOSEN),
        tgt.with_reasons(state.reasons[1], UNCHOSEN),
        state.log_ratio,
        state.spread,
        _warnings(len(src.kept), len(tgt.kept), state.pairs, options),
        signature if encoder is None else signature.join(encoder),
    )


def _candidates(forward: Neighbours, backward: Neighbours, options: MiningOptions) -> list[MinedPair]:
    """Pairs by the rule of retrieval, best margin first; numbers are places among what is kept."""
    if not len(forward.numbers) or not len(backward.numbers):
        return []
    k = options.neighbours
    ahead, back = _Direction(forward, k), _Direction(backward, k)
    src, tgt = np.arange(len(ahead.mean)), np.arange(len(back.mean))
    to_tgt, to_src = ahead.best(back.mean, options.margin), back.best(ahead.mean, options.margin)
    if options.retrieval == "intersection":
        mutual = to_src[to_tgt] == src
        pairs = np.stack([src[mutual], to_tgt[mutual]], 1)
    elif options.retrieval == "forward":
        pairs = np.stack([src, to_tgt], 1)
    elif options.retrieval == "backward":
        pairs = np.stack([to_src, tgt], 1)
    else:
        pairs = np.unique(np.concatenate([np.stack([src, to_tgt], 1), np.stack([to_src, tgt], 1)]), axis=0)
    a, b = pairs[:, 0], pairs[:, 1]
    src_rank, cosine = ahead.find(a, b)
    tgt_rank, other = back.find(b, a)
    cosine = np.where(src_rank > 0, cosine, other)
    margin = margins(cosine, (ahead.mean[a] + back.mean[b]) / 2, options.margin)
    order = np.lexsort((b, a, -margin))
    rows = zip(*(x[order].tolist() for x in (a, b, cosine, margin, src_rank, tgt_rank)), strict=True)
    return [MinedPair(i, j, c, m, r or None, q or None) for i, j, c, m, r, q in rows]


class _Direction:
    """The neighbours of one side: the k nearest, and their mean cosine."""

    __slots__ = ("cosines", "mean", "numbers")

    def __init__(self, found: Neighbours, k: int) -> None:
        self.numbers, self.cosines = found.numbers[:, :k], found.cosines[:, :k]
        there = self.numbers >= 0
        self.mean: Array = np.where(there, self.cosines, 0.0).sum(1) / np.maximum(there.sum(1), 1)

    def best(self, other_mean: Array, kind: Margin) -> Array:
        """The neighbour of the greatest margin, of equal ones the nearest."""
        means = (self.mean[:, None] + other_mean[self.numbers]) / 2
        scores = np.where(self.numbers >= 0, margins(np.maximum(self.cosines, -2.0), means, kind), -np.inf)
        best: Array = self.numbers[np.arange(len(scores)), scores.argmax(1)].astype(np.int64)
        return best

    def find(self, rows: Array, numbers: Array) -> tuple[Array, Array]:
        """Rank from 1 of a neighbour, 0 where it is none of the nearest, and its cosine."""
        at = self.numbers[rows] == numbers[:, None]
        place = at.argmax(1)
        return np.where(at.any(1), place + 1, 0), self.cosines[rows, place]


class _Choice:
    """Candidates → pairs, one after the other; the first reason against a sentence's best candidate is the sentence's."""

    def __init__(
        self, src: Pool, tgt: Pool, options: MiningOptions, candidates: list[MinedPair], langs: tuple[str, str]
    ) -> None:
        self.langs = langs
        self.src, self.tgt, self.options, self.candidates = src, tgt, options, candidates
        self.pairs: list[MinedPair] = []
        self.reasons: tuple[dict[int, str | None], dict[int, str | None]] = ({}, {})
        self.log_ratio: float | None = None
        self.spread: float | None = None

    def run(self) -> None:
        sure = [p for p in self.candidates if p.src_rank == p.tgt_rank == 1 and not self._numbers(p)]
        self._fit(sure)
        taken: tuple[set[int], set[int]] = (set(), set())
        for pair in self.candidates:
            reason = self._numbers(pair) or self._texts(pair) or self._words(pair)
            if not reason and self.options.one_to_one and (pair.src in taken[0] or pair.tgt in taken[1]):
                reason = TAKEN
            if not reason:
                self.pairs.append(pair)
                taken[0].add(pair.src)
                taken[1].add(pair.tgt)
            for known, number in zip(self.reasons, (pair.src, pair.tgt), strict=True):
                if not reason:
                    known[number] = None
                else:
                    known.setdefault(number, reason)

    def _numbers(self, pair: MinedPair) -> str:
        if pair.cosine < self.options.min_cosine:
            return BELOW_COSINE
        if pair.margin < self.options.least:
            return BELOW_MARGIN
        return ABOVE_CAP if self.options.max_margin is not None and pair.margin > self.options.max_margin else ""

    def _texts(self, pair: MinedPair) -> str:
        src, tgt = self.src.text(pair.src), self.tgt.text(pair.tgt)
        if self.options.max_overlap < 1 and overlap(src, tgt) > self.options.max_overlap:
            return COPY
        if self.log_ratio is None or self.spread is None or not self.options.length_band:
            return ""
        one, two = _length(src), _length(tgt)
        # a few words may be said in many ways: the spread of short sentences is wider
        shorter = min(one, two / math.exp(self.log_ratio))
        spread = self.spread * math.sqrt(1 + 10 / max(shorter, 1.0))
        return LENGTHS if abs(math.log(two / one) - self.log_ratio) > self.options.length_band * spread else ""

    def _words(self, pair: MinedPair) -> str:
        if self.options.contradicting:
            return ""
        return CONTRADICTION if contradict(self.src.text(pair.src), self.tgt.text(pair.tgt), self.langs) else ""

    def _fit(self, pairs: list[MinedPair]) -> None:
        """Median and spread (by the median absolute deviation, as of a normal distribution) of the log ratio of lengths."""
        if len(pairs) < _FIT:
            return
        ratios = np.array([math.log(_length(self.tgt.text(p.tgt)) / _length(self.src.text(p.src))) for p in pairs])
        self.log_ratio = float(np.median(ratios))
        self.spread = float(np.clip(1.4826 * np.median(np.abs(ratios - self.log_ratio)), 0.2, 0.6))


def _length(text: str) -> int:
    return max(len("".join(text.split())), 1)


def _warnings(src: int, tgt: int, pairs: list[MinedPair], options: MiningOptions) -> tuple[str, ...]:
    said: list[str] = []
    if 0 < min(src, tgt) < _FEW:
        said.append(f"piles of {src:,} and {tgt:,} sentences: so few neighbours say little; margins are not reliable")
    if options.margin == "ratio" and pairs:
        high = sum(pair.margin > 2.5 for pair in pairs)
        if high * 100 > len(pairs):
            said.append(f"{high:,} of {len(pairs):,} pairs have a ratio above 2.5: hardly anything else resembles them")
    if pairs and min(src, tgt) >= _FEW and float(np.median([p.cosine for p in pairs])) < 0.5:
        said.append("half of the pairs have a cosine below 0.5: these piles may have nothing in common")
    return tuple(said)
