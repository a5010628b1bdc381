"""Which documents of two piles are translations of each other: candidates by document vectors, chosen by aligning their sentences.

How well sentences align is measured by a chain of their cosines, not by the verdict of a full alignment (`mt.align.sentences`): on the 111
documents of `document-alignment` both find all, where half of every document's sentences is missing the chain finds 99 (2 wrong) and the
verdict 81 (7 wrong), any score allowed, and the verdict takes some fifteen times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt.align import hints
from mt.align.document_vectors import GAMMA, SLOTS, TextDocument, vectors
from mt.align.literals import shared
from mt.align.neighbours import Array, both, products
from mt.protocols import Progress, Silent
from mt.signature import Signature
from mt.text.features import translatable
from mt.types import check_range

HINT, VECTORS, RERANK = "hint", "vectors", "re-rank"
_UNRELATED = 0.3  # cosine below which two sentences are no step of a chain: 99 of 100 unrelated pairs are below
_FINALISTS = 8  # candidates of every document whose sentences are compared
_ROWS = 256  # sentences of the longer document compared at a time


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """How documents are matched.

    Attributes:
        candidates: documents of the other side that each is compared with, the nearest by document vectors; the best 8 of them, sentence by
            sentence.
        min_score: score below which a document has no translation here, 0 to 1.
        min_margin: margin below which a pair is what was left over when something better was taken, and no pair; -1 to 1. At 0 each must be
            the other's best.
        hints: paths and addresses that are the same but for the language are worth `bonus`.
        bonus: added to the score of a pair with such names where pairs compete, 0 to 1; it lifts nothing above `min_score`.

    Raises:
        OptionError: for a number out of range.

    Example:
        >>> str(DocumentOptions().signature())
        'documents:slots16|gamma:20|candidates:32|min:0.45|margin:0|hints:yes|bonus:0.1'
    """

    candidates: int = 32
    min_score: float = 0.45
    min_margin: float = 0.0
    hints: bool = True
    bonus: float = 0.1

    def __post_init__(self) -> None:
        check_range("candidates", self.candidates, 1, 1024)
        check_range("min_score", self.min_score, 0, 1)
        check_range("min_margin", self.min_margin, -1, 1)
        check_range("bonus", self.bonus, 0, 1)

    def signature(self) -> Signature:
        """All fields."""
        return Signature.of(
            documents=f"slots{SLOTS}",
            gamma=GAMMA,
            candidates=self.candidates,
            min=float(self.min_score),
            margin=float(self.min_margin),
            hints=self.hints,
            bonus=float(self.bonus),
        )


@dataclass(frozen=True, slots=True)
class Likeness:
    """What speaks for two documents being translations of each other; every part from 0 (or a little below) to 1.

    Attributes:
        aligned: mean cosine of the sentences of the best monotone chain, times the share of sentences in it.
        content: cosine of what the documents say in sum.
        shared: cosine of the numbers and Latin words that both sides use, rare ones weighing more.
        agreement: 1 where both sides are written in their languages, code and addresses aside, falling to 0 where none of it is.
    """

    aligned: float
    content: float
    shared: float
    agreement: float

    @property
    def score(self) -> float:
        """All of it in one number: the mean, `shared` counted half, times `agreement`.

        Example:
            >>> Likeness(0.6, 0.8, 0.4, 1.0).score
            0.64
        """
        return round(self.agreement * (self.aligned + self.content + 0.5 * self.shared) / 2.5, 6)


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """Two documents that belong together.

    Attributes:
        src: place of the source document.
        tgt: of the target document.
        likeness: what it was chosen by.
        margin: how much more the score, with what equal names add, is than that of the best other candidate of either; None without one.
        reason: `hint` = their names say so too; `vectors` = each is the other's nearest by document vectors; `re-rank` = it was not, but
            its sentences align better.
    """

    src: int
    tgt: int
    likeness: Likeness
    margin: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class NullDocument:
    """A document without a translation in the other pile, with the best candidate it had; None where it had none."""

    number: int
    best: int | None = None
    likeness: Likeness | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """Two piles of documents, matched.

    Attributes:
        pairs: in the order of the source side.
        src_nulls: source documents in no pair, in order.
        tgt_nulls: target documents in no pair, in order.
        refused: hints that something better, or too low a score, spoke against: (source, target).
        signature: options and encoder.
    """

    pairs: tuple[DocumentPair, ...]
    src_nulls: tuple[NullDocument, ...]
    tgt_nulls: tuple[NullDocument, ...]
    refused: tuple[tuple[int, int], ...]
    signature: Signature

    def __post_init__(self) -> None:
        """Raises ValueError where a document is in two places or in none."""
        for name, nulls in (("src", self.src_nulls), ("tgt", self.tgt_nulls)):
            numbers = [getattr(p, name) for p in self.pairs] + [n.number for n in nulls]
            if sorted(numbers) != list(range(len(numbers))):
                raise ValueError(f"matched: expected every {name} document once, found {sorted(numbers)[:10]} …")


def chain(src: Array, tgt: Array) -> float:
    """Mean cosine of the best monotone chain of sentences times the share of sentences in it; 0 to 1.

    The chain takes each sentence at most once and passes over any; what it gains is 2 Σ cosine / (n + m). One row of partial sums is kept, so
    that memory grows with the shorter document only.

    Args:
        src: vectors of a document's sentences, float32 of shape (n, width), rows of norm 1.
        tgt: of the other's, (m, width).

    Example:
        >>> x = np.eye(3, dtype=np.float32)
        >>> chain(x, x), chain(x, x[[0, 2]]), chain(x, x[::-1])
        (1.0, 0.8, 0.333333)
    """
    if not len(src) or not len(tgt):
        return 0.0
    longer, shorter = (src, tgt) if len(src) >= len(tgt) else (tgt, src)
    best = np.zeros(len(shorter) + 1)
    for start in range(0, len(longer), _ROWS):
        cosines = products(longer[start : start + _ROWS], shorter)
        for row in np.where(cosines > _UNRELATED, cosines, 0.0):
            np.maximum.accumulate(np.maximum(best[1:], best[:-1] + row), out=best[1:])
    return round(2 * float(best[-1]) / (len(src) + len(tgt)), 6)


def agreement(sentences: Sequence[str], lang: str) -> float:
    """1 where at least a fifth of the sentences with letters is in the language's script, falling to 0 where none is.

    A fifth only, since pages of code and addresses have few others; an untranslated page has none.

    Japanese wants a kana or a kanji, Chinese and Korean nothing (no rule here tells them from it), other languages neither of these.

    Example:
        >>> agreement(["猫がいる。", "code();", "犬。"], "ja"), agreement(["猫がいる。", "犬。"], "en")
        (1.0, 0.0)
    """
    base = lang.lower().replace("_", "-").split("-")[0]
    written = [s for s in sentences if translatable(s, "en")]
    if base in ("zh", "yue", "ko") or not written:
        return 1.0
    japanese = sum(translatable(s, "ja") for s in written) / len(written)
    return min(1.0, 5 * (japanese if base == "ja" else 1 - japanese))


class _Judge:
    """Likeness of any two documents, each pair once."""

    def __init__(
        self,
        sides: tuple[Sequence[TextDocument], Sequence[TextDocument]],
        sentences: tuple[Sequence[Array], Sequence[Array]],
        content: tuple[Array, Array],
        pairs: Sequence[tuple[int, int]],
    ) -> None:
        self._sentences, self._content, self._pairs = sentences, content, pairs
        self._agreement = [[agreement(d.sentences, d.lang) for d in side] for side in sides]
        self._shared = shared([[d.sentences for d in side] for side in sides], pairs)

    def content(self, i: int, j: int) -> float:
        """Cosine of what two documents say in sum."""
        one, two = self._content[0][i].astype(np.float64), self._content[1][j].astype(np.float64)
        return round(float(np.einsum("i,i->", one, two)), 6)

    def finalists(self) -> list[int]:
        """Numbers of the pairs worth aligning: the best of either document by all that costs nothing."""
        cheap = [self.content(i, j) + 0.5 * self._shared[n] for n, (i, j) in enumerate(self._pairs)]
        best: dict[tuple[int, int], list[int]] = {}
        for number in sorted(range(len(cheap)), key=lambda n: (-cheap[n], n)):
            for place in enumerate(self._pairs[number]):
                best.setdefault(place, []).append(number)
        return sorted({number for numbers in best.values() for number in numbers[:_FINALISTS]})

    def likeness(self, number: int) -> Likeness:
        """Of a pair's documents."""
        i, j = self._pairs[number]
        return Likeness(
            chain(self._sentences[0][i], self._sentences[1][j]),
            self.content(i, j),
            self._shared[number],
            min(self._agreement[0][i], self._agreement[1][j]),
        )


def match(
    src: Sequence[TextDocument],
    tgt: Sequence[TextDocument],
    sentences: tuple[Sequence[Array], Sequence[Array]],
    options: DocumentOptions | None = None,
    *,
    encoder: Signature | None = None,
    progress: Progress | None = None,
) -> Matched:
    """Match documents one to one: best score first, each document once.

    Args:
        src: the source documents.
        tgt: the target documents.
        sentences: for each side the vectors of every document's sentences, float32 arrays of shape (sentences, width), rows of norm 1.
        options: the defaults where None.
        encoder: its signature, for that of the result.
        progress: told of every two documents compared.
    """
    options, progress = options or DocumentOptions(), progress or Silent()
    width = next((rows.shape[1] for side in sentences for rows in side if rows.ndim == 2), 1)
    first, one = vectors(src, sentences[0], width)
    second, two = vectors(tgt, sentences[1], width)
    forward, backward = both(first, second, options.candidates, tile=512)
    hinted: dict[int, int] = {}
    if options.hints:
        hinted = hints.matches([hints.key(d.name, d.lang) for d in src], [hints.key(d.name, d.lang) for d in tgt])
    there = ([bool(x.any()) for x in one], [bool(x.any()) for x in two])
    pairs = _pairs(forward.numbers, backward.numbers, hinted, there)
    judge = _Judge((src, tgt), sentences, (one, two), pairs)
    numbers = judge.finalists()
    numbers = sorted({*numbers, *(n for n, (i, j) in enumerate(pairs) if hinted.get(i) == j)})
    progress.stage("comparing documents", len(numbers), "pair")
    found: dict[tuple[int, int], Likeness] = {}
    for number in numbers:
        found[pairs[number]] = judge.likeness(number)
        progress.advance(1)
    mutual = {(i, int(j)) for i, j in enumerate(forward.numbers[:, 0]) if j >= 0 and backward.numbers[j, 0] == i}
    signature = options.signature()
    signature = signature if encoder is None else signature.join(encoder)
    return _choose((len(src), len(tgt)), found, hinted, (mutual, options, signature))


def _pairs(
    forward: Array, backward: Array, hinted: dict[int, int], there: tuple[list[bool], list[bool]]
) -> list[tuple[int, int]]:
    pairs = set(hinted.items())
    pairs |= {(i, int(j)) for i, row in enumerate(forward) for j in row if j >= 0}
    pairs |= {(int(i), j) for j, row in enumerate(backward) for i in row if i >= 0}
    return sorted((i, j) for i, j in pairs if there[0][i] and there[1][j])


def _choose(
    sizes: tuple[int, int],
    found: dict[tuple[int, int], Likeness],
    hinted: dict[int, int],
    rules: tuple[set[tuple[int, int]], DocumentOptions, Signature],
) -> Matched:
    mutual, options, signature = rules

    def worth(pair: tuple[int, int]) -> float:
        return found[pair].score + (options.bonus if hinted.get(pair[0]) == pair[1] else 0.0)

    order = sorted(found, key=lambda pair: (-worth(pair), pair))
    ranked: tuple[dict[int, list[tuple[int, int]]], dict[int, list[tuple[int, int]]]] = ({}, {})
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for i, j in order:
        ranked[0].setdefault(i, []).append((i, j))
        ranked[1].setdefault(j, []).append((i, j))
        if found[i, j].score >= options.min_score and i not in chosen and j not in taken:
            chosen[i] = j
            taken.add(j)

    def margin(i: int, j: int) -> float | None:
        others = [worth(p) for side, x in zip(ranked, (i, j), strict=True) for p in side[x] if p != (i, j)]
        return round(worth((i, j)) - max(others), 6) if others else None

    def reason(i: int, j: int) -> str:
        return HINT if hinted.get(i) == j else VECTORS if (i, j) in mutual else RERANK

    margins = {i: margin(i, j) for i, j in chosen.items()}
    chosen = {i: j for i, j in chosen.items() if (m := margins[i]) is None or m >= options.min_margin}
    taken = set(chosen.values())

    def null(side: int, number: int) -> NullDocument:
        best = ranked[side].get(number, [None])[0]
        return NullDocument(number) if best is None else NullDocument(number, best[1 - side], found[best])

    return Matched(
        tuple(DocumentPair(i, j, found[i, j], margins[i], reason(i, j)) for i, j in sorted(chosen.items())),
        tuple(null(0, i) for i in range(sizes[0]) if i not in chosen),
        tuple(null(1, j) for j in range(sizes[1]) if j not in taken),
        tuple((i, j) for i, j in sorted(hinted.items()) if chosen.get(i) != j),
        signature,
    )
