"""How good a sentence alignment is, against a gold one: Vecalign's precision, recall and F1, strict and lax, null beads, and each type of bead.

Strict and lax are Vecalign's rule to the letter (Thompson and Koehn 2019, `score.py`), for figures that stand beside published ones; its habits:

- Beads are sets of a document: one that stands twice counts once, and one without any sentence not at all.
- Precision is counted over the test's beads, null beads among them: a right one is a hit, a wrong one a miss of both kinds. Recall is counted
  over the gold's beads with sides exchanged, after the null beads of both are taken out.
- A bead that is not in the gold is a lax hit where one of its target sentences is aligned, in the gold, with one of its source sentences.
- Counts are summed over documents before anything is divided; 0 / 0 = 0.

Dropping every null bead raises precision under this rule, so null beads are scored by themselves too: by bead (the same sentences, together),
and by sentence (a sentence that no bead with two sides holds is null, whether the file says so or leaves it out).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from mt.errors import CountError, InputError
from mt.signature import Signature
from mt.types import Score

Ids = tuple[tuple[int, ...], tuple[int, ...]]
Array = npt.NDArray[np.float64]

_NAMES = ("strict", "lax", "null bead", "null sentence")
# Where the hits and the total of precision and of recall stand in `BeadCounts.row`, for each of the four.
_COLUMNS = ((0, 1, 4, 5), (2, 3, 6, 7), (8, 9, 8, 10), (11, 12, 11, 13))


@dataclass(frozen=True, slots=True)
class BeadCounts:
    """Sufficient statistics of one document, or of several added up.

    Attributes:
        precision: of the test's beads: strict hits, strict total, lax hits, lax total.
        recall: of the gold's beads without null beads: strict hits, strict total, lax hits, lax total.
        null_beads: in both, in the test, in the gold.
        null_sentences: of both sides together: in both, in the test, in the gold.
        types: type of the gold bead, e.g. `1-2` → (found exactly, in the gold).
    """

    precision: tuple[int, int, int, int] = (0, 0, 0, 0)
    recall: tuple[int, int, int, int] = (0, 0, 0, 0)
    null_beads: tuple[int, int, int] = (0, 0, 0)
    null_sentences: tuple[int, int, int] = (0, 0, 0)
    types: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def row(self) -> tuple[int, ...]:
        """The fourteen numbers that scores are made of."""
        return (*self.precision, *self.recall, *self.null_beads, *self.null_sentences)


@dataclass(frozen=True, slots=True)
class BeadScores:
    """Scores in percent, and what they were made of.

    Attributes:
        scores: `strict P`, `strict R`, `strict F1`, the same of `lax`, `null bead` and `null sentence`; the last two only where the gold or
            the test has such.
        counts: all documents together.
        documents: how many there were.
    """

    scores: tuple[Score, ...]
    counts: BeadCounts
    documents: int

    def __getitem__(self, name: str) -> Score:
        """The score of a name; KeyError where there is none."""
        for score in self.scores:
            if score.name == name:
                return score
        raise KeyError(name)


def count(gold: Iterable[Ids], test: Iterable[Ids], sizes: tuple[int, int] | None = None) -> BeadCounts:
    """Statistics of one document.

    Args:
        gold: beads as (source numbers, target numbers).
        test: the same of the alignment that is judged.
        sizes: sentences of both documents; None = as many as the highest number of either file says. Only null sentences depend on it.

    Example:
        >>> c = count([((0,), (0,)), ((1,), (1, 2))], [((0,), (0,)), ((1,), (1,)), ((), (2,))])
        >>> c.precision, c.recall
        ((1, 3, 2, 3), (1, 2, 2, 2))
        >>> c.null_beads, c.null_sentences, dict(c.types)
        ((0, 1, 0), (0, 1, 0), {'1-1': (1, 1), '1-2': (0, 1)})
    """
    found, wanted = _beads(test), _beads(gold)
    precision = _hits(wanted, found)
    recall = _hits({b for b in found if all(b)}, {b for b in wanted if all(b)})
    nulls = [{b for b in beads if not all(b)} for beads in (found, wanted)]
    sizes = sizes or (_size(found | wanted, 0), _size(found | wanted, 1))
    unaligned = [_unaligned(beads, sizes) for beads in (found, wanted)]
    types: Counter[str] = Counter(_type(bead) for bead in wanted)
    hit: Counter[str] = Counter(_type(bead) for bead in wanted & found)
    return BeadCounts(
        precision,
        recall,
        (len(nulls[0] & nulls[1]), len(nulls[0]), len(nulls[1])),
        (len(unaligned[0] & unaligned[1]), len(unaligned[0]), len(unaligned[1])),
        MappingProxyType({name: (hit[name], types[name]) for name in sorted(types)}),
    )


def total(documents: Sequence[BeadCounts]) -> BeadCounts:
    """Statistics of several documents, added up.

    Example:
        >>> total([count([((0,), (0,))], [((0,), (0,))])] * 3).precision
        (3, 3, 3, 3)
    """
    rows = [sum(column) for column in zip(*(d.row for d in documents), strict=True)] if documents else [0] * 14
    types: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for document in documents:
        for name, (found, wanted) in document.types.items():
            types[name][0] += found
            types[name][1] += wanted
    ordered = {name: (types[name][0], types[name][1]) for name in sorted(types)}
    p, r, b, s = rows[:4], rows[4:8], rows[8:11], rows[11:14]
    return BeadCounts(_four(p), _four(r), (b[0], b[1], b[2]), (s[0], s[1], s[2]), MappingProxyType(ordered))


def score(documents: Sequence[BeadCounts], *, resamples: int = 1000, seed: int = 12345) -> BeadScores:
    """Scores in percent over all documents, with 95 % percentile intervals by resampling documents where there are several.

    Args:
        documents: statistics, one a document.
        resamples: bootstrap samples; 0 = no interval.
        seed: of the resampling.

    Raises:
        InputError: for no documents at all.

    Example:
        >>> counts = count([((0,), (0,)), ((1,), (1, 2))], [((0,), (0,)), ((1,), (1,)), ((), (2,))])
        >>> [(s.name, round(s.value, 1)) for s in score([counts]).scores[:3]]
        [('strict P', 33.3), ('strict R', 50.0), ('strict F1', 40.0)]
    """
    if not documents:
        raise InputError("test", "at least one document", "none")
    table = np.array([d.row for d in documents], dtype=np.float64)
    whole = table.sum(axis=0)
    drawn = None
    signature = Signature.of(rule="vecalign", avg="micro", docs=len(documents))
    if resamples and len(documents) > 1:
        rng = np.random.default_rng(seed)
        share = np.full(len(documents), 1 / len(documents))
        drawn = rng.multinomial(len(documents), share, size=resamples).astype(np.float64) @ table
        signature = signature.plus(bs=resamples, seed=seed, ci="percentile95")
    scores = []
    for name, columns in zip(_NAMES, _COLUMNS, strict=True):
        if name.startswith("null") and not (whole[columns[1]] or whole[columns[3]]):
            continue
        recipe = Signature((("rule", name.replace(" ", "-")), *signature.items[1:])) if "null" in name else signature
        values, samples = _rates(whole[None], columns), None if drawn is None else _rates(drawn, columns)
        for kind, part in enumerate(("P", "R", "F1")):
            low = high = None
            if samples is not None:
                low, high = (float(x) for x in np.percentile(samples[:, kind], [2.5, 97.5]))
            scores.append(Score(f"{name} {part}", float(values[0, kind]), low, high, recipe))
    return BeadScores(tuple(scores), total(documents), len(documents))


def score_documents(
    gold: Sequence[Iterable[Ids]], test: Sequence[Iterable[Ids]], *, resamples: int = 1000, seed: int = 12345
) -> BeadScores:
    """`count` each pair of documents, then `score`.

    Raises:
        CountError: for unequal numbers of documents.

    Example:
        >>> score_documents([[((0,), (0,))]], [[((0,), (0,))]])["strict F1"].value
        100.0
    """
    if len(gold) != len(test):
        raise CountError("test", len(test), "gold", len(gold), "document")
    documents = [count(one, other) for one, other in zip(gold, test, strict=True)]
    return score(documents, resamples=resamples, seed=seed)


def _beads(beads: Iterable[Ids]) -> set[Ids]:
    return {(tuple(src), tuple(tgt)) for src, tgt in beads if src or tgt}


def _hits(gold: set[Ids], test: set[Ids]) -> tuple[int, int, int, int]:
    partners: defaultdict[int, set[int]] = defaultdict(set)
    for src, tgt in gold:
        for n in src:
            partners[n].update(tgt)
    strict = lax = 0
    for bead in test:
        if bead in gold:
            strict, lax = strict + 1, lax + 1
        elif any(not partners[n].isdisjoint(bead[1]) for n in bead[0] if n in partners):
            lax += 1
    return strict, len(test), lax, len(test)


def _unaligned(beads: set[Ids], sizes: tuple[int, int]) -> set[tuple[int, int]]:
    aligned = {(side, n) for bead in beads if all(bead) for side in (0, 1) for n in bead[side]}
    return {(side, n) for side in (0, 1) for n in range(sizes[side])} - aligned


def _size(beads: set[Ids], side: int) -> int:
    return max((n for bead in beads for n in bead[side]), default=-1) + 1


def _type(bead: Ids) -> str:
    return f"{len(bead[0])}-{len(bead[1])}"


def _rates(rows: Array, columns: tuple[int, int, int, int]) -> Array:
    """Precision, recall and F1 in percent, shape (rows, 3); 0 where nothing can be divided."""
    hits, tests, found, golds = (rows[:, c] for c in columns)
    p, r = _divided(hits, tests), _divided(found, golds)
    return 100 * np.stack([p, r, _divided(2 * p * r, p + r)], axis=1)


def _divided(a: Array, b: Array) -> Array:
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _four(row: Sequence[int]) -> tuple[int, int, int, int]:
    return row[0], row[1], row[2], row[3]
