"""Which rows repeat a test set: what `overlap.Guard` finds, at the speed of arrays, and runs of words that a test segment has too.

`exact` and `near` are `Guard`'s own verdicts. It is asked only about rows that can be meant: those with the hash of a segment or of a pair, and
those with enough grams of one segment. A text with 80 % of a segment's n grams lacks at most m = ⌊0.2 n⌋ of them, so of any m + e it has at least
e (prefix filtering with longer prefixes, Wang, Li and Feng 2012); e = 10, and the grams are those that a trigram model of the test sets
thinks least likely, so that hardly any other text has ten.

`run`: the row and a segment have the same 13 words one after another (the rule of GPT-3's report, Brown et al. 2020), or in Japanese and Chinese the
same 20 letters. Case, width and punctuation do not count. Measured against WMT21, FLORES, NTREX and Tatoeba's test set in 168,000 rows of eight other
sources: with 20 letters one row, as with 13 words, and either does repeat a part of a segment; with 16 letters 18 rows, with 12 letters 802, which
are phrases of everybody's; with 10 words 9, with 8 words 19.

Five test sets of 7,000 pairs take 2 s to index and 15 µs a pair of 100 letters to ask on one core, `Guard` alone 200 µs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.filters.folded import Folded, fold
from mt.filters.overlap import Guard
from mt.filters.runs import RunIndex
from mt.signature import Signature

KINDS = ("exact", "near", "run")

_EXTRA = 10
_BITS = 22  # of the table that tells in one look most grams that no segment has: 0.5 MB
_BIT = np.uint8(1) << np.arange(8, dtype=np.uint8)
_COUNTERS = (1 << 15) - 1
_TGT = np.uint64(0x9E3779B97F4A7C15)


class Contamination:
    """Named test sets, asked about blocks of rows.

    Example:
        >>> tests = {"wmt": [("猫は三匹の犬と一緒に広い庭で遊んでいる。", "The cat is playing with three dogs in the large garden.")]}
        >>> found = Contamination(tests)
        >>> rows = [("a:1", "別の文。", "the cat is playing with three dogs in the large garden"), ("a:2", "犬がいる。", "There is a dog.")]
        >>> found.codes(Block.of(rows)).tolist(), names(["wmt"])[0]
        ([1, 0], 'overlap-wmt-exact')
    """

    def __init__(self, sets: Mapping[str, Iterable[tuple[str, str]]], *, near: float = 0.8) -> None:
        """`sets`: pairs by name, `""` for a side that there is not; `near`: the share of 5-grams from which on a text is a near copy, 0.3 to 1."""
        pairs = {name: list(some) for name, some in sets.items()}
        self._code = {name: 1 + len(KINDS) * number for number, name in enumerate(pairs)}
        self._guard = Guard(pairs, near=near)
        segments = list(self._guard.segments)
        folded = Folded.already(segments)
        sides = Folded.already([side for pair in self._guard.pairs for side in pair])
        self._sums = np.unique(_sums(folded))
        self._pair_sums = np.unique(_pair_sums(_sums(sides)))
        self._index = _GramIndex(folded, near)
        texts = [side for some in pairs.values() for pair in some for side in pair]
        codes = [self._code[name] + 2 for name, some in pairs.items() for _ in range(2 * len(some))]
        self._runs = RunIndex(Folded(texts), np.array(codes, np.uint16))

    def codes(self, block: Block, folded: Sequence[Folded] | None = None) -> NDArray[np.uint16]:
        """0 where a row repeats no test set, else 1 + the number in `names` of the set and of how; the closest kind where there are several.

        Args:
            block: rows.
            folded: `fold(block)`, where the caller has it already.
        """
        out = np.zeros(len(block), np.uint16)
        row = 0
        for part in fold(block) if folded is None else folded:
            end = row + len(part) // 2
            out[row:end] = self._part(part, block, row)
            row = end
        return out

    def _part(self, texts: Folded, block: Block, start: int) -> NDArray[np.uint16]:
        runs = self._runs.find(texts).reshape(-1, 2)
        code = np.where(runs[:, 0] > 0, runs[:, 0], runs[:, 1])
        sums = _sums(texts)
        exact = _within(_pair_sums(sums), self._pair_sums)
        exact |= _within(sums, self._sums).reshape(-1, 2).any(axis=1)
        near: dict[int, dict[int, list[int]]] = {}
        for text, segment in zip(*(column.tolist() for column in self._index.candidates(texts)), strict=True):
            near.setdefault(text // 2, {}).setdefault(text, []).append(segment)
        for row in np.flatnonzero(exact).tolist():
            near.pop(row, None)
            if (found := self._guard.find(block.src[start + row], block.tgt[start + row])) is not None:
                code[row] = self._code[found[0]] + KINDS.index(found[1])
        for row, sides in near.items():
            name = next(
                filter(None, (self._guard.nearest(texts.text(text), some) for text, some in sides.items())), None
            )
            if name is not None:
                code[row] = self._code[name] + KINDS.index("near")
        return code


def names(sets: Sequence[str]) -> list[str]:
    """Reasons by code of `Contamination.codes`, from 1 on.

    Example:
        >>> names(["wmt"])
        ['overlap-wmt-exact', 'overlap-wmt-near', 'overlap-wmt-run']
    """
    return [f"overlap-{name}-{kind}" for name in sets for kind in KINDS]


def signature() -> Signature:
    """What verdicts depend on beside the test sets.

    Example:
        >>> str(signature())
        'overlap:guard-v2|gram:5|near:0.8|run:13w-20c'
    """
    from mt.filters.runs import LETTERS, WORDS

    return Signature.of(overlap="guard-v2", gram=5, near=0.8, run=f"{WORDS}w-{LETTERS}c")


class _GramIndex:
    """The least likely grams of every segment."""

    def __init__(self, folded: Folded, near: float) -> None:
        grams, starts = folded.grams
        likely = _likelihoods(folded)
        hashes, owners = [], []
        self._need = np.zeros(len(folded), np.int64)
        for number in range(len(folded)):
            own, first = np.unique(grams[starts[number] : starts[number + 1]], return_index=True)
            lacking = int((1 - near) * len(own) + 1e-9)
            rare = np.argsort(likely[starts[number] :][first], kind="stable")[: lacking + _EXTRA]
            hashes.append(own[rare])
            owners.append(np.full(len(rare), number))
            self._need[number] = len(rare) - lacking
        every = np.concatenate(hashes) if hashes else np.zeros(0, np.uint32)
        owner = np.concatenate(owners) if owners else np.zeros(0, np.int64)
        # grams that agree in their first bits are taken for one: that may make a candidate, and never loses one
        key = every >> np.uint32(32 - _BITS)
        order = np.lexsort((owner, key))
        self._owner = owner[order].astype(np.int32)
        known, self._first, self._count = np.unique(key[order], return_index=True, return_counts=True)
        have = np.zeros(1 << _BITS, bool)
        have[known] = True
        self._known = np.packbits(have, bitorder="little")  # in bits it stays in a core's own cache
        self._number = np.zeros(1 << _BITS, np.int32)
        self._number[known] = np.arange(len(known))

    def candidates(self, folded: Folded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Texts and segments that have enough grams in common, ascending by text, then segment."""
        grams, starts = folded.grams
        key = grams >> np.uint32(32 - _BITS)
        # `take` is twice as quick as brackets here, and quicker with numpy's own index type
        byte = self._known.take((key >> np.uint32(3)).astype(np.intp), mode="clip")
        at = np.flatnonzero(byte & _BIT.take((key & np.uint32(7)).astype(np.intp), mode="clip"))
        if not len(at):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        gram = self._number.take(key.take(at))
        text = np.repeat(np.arange(len(folded)), np.diff(starts)).take(at)
        # every hit as often as segments have it
        count = self._count.take(gram)
        skip = self._first.take(gram) - np.cumsum(count) + count
        segment = self._owner.take(np.arange(int(count.sum())) + np.repeat(skip, count))
        # hits of a text and a segment are counted roughly first, all in few counters: what is below is below, and little is left to sort
        pair = np.repeat(text * len(self._need), count) + segment
        counter = pair & _COUNTERS
        times = np.bincount(counter, minlength=_COUNTERS + 1)
        pair = np.sort(pair[times.take(counter) >= self._need.take(segment)])
        pairs, exactly = np.unique(pair, return_counts=True)
        text, segment = np.divmod(pairs, len(self._need))
        enough = exactly >= self._need[segment]
        return text[enough], segment[enough]


def _likelihoods(folded: Folded) -> NDArray[np.float64]:
    """For each 5-gram, how likely a Markov chain of trigrams fitted to all texts thinks it: any order of grams finds the same, this one quickly."""
    letters = np.concatenate([folded.letters, np.zeros(4, np.uint32)]).astype(np.uint64)
    two = letters[:-1] << np.uint64(21) | letters[1:]
    three = two[:-1] << np.uint64(21) | letters[2:]
    many2, many3 = (np.log(_times(column)) for column in (two, three))
    count = len(folded.letters)
    chain = many3[:count] - many2[1 : count + 1] + many3[1 : count + 1] - many2[2 : count + 2] + many3[2 : count + 2]
    _, starts = folded.grams
    lengths = np.diff(starts)
    at: NDArray[np.int64] = np.arange(int(starts[-1])) + np.repeat(folded.starts[:-1] - starts[:-1], lengths)
    found: NDArray[np.float64] = chain[at]
    return found


def _times(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How often each value is there."""
    _, number, count = np.unique(values, return_inverse=True, return_counts=True)
    found: NDArray[np.int64] = count[number]
    return found


def _sums(folded: Folded) -> NDArray[np.uint64]:
    """A number a text that is the same for equal texts: the sum of its grams' hashes, and of its length."""
    grams, starts = folded.grams
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(grams, dtype=np.uint64)])
    found: NDArray[np.uint64] = total[starts[1:]] - total[starts[:-1]]
    return found + (folded.lengths.astype(np.uint64) << np.uint64(48))


def _pair_sums(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    both = sums.reshape(-1, 2)
    found: NDArray[np.uint64] = both[:, 0] + both[:, 1] * _TGT
    return found


def _within(values: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which values are among some that are sorted."""
    if not len(known):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    found: NDArray[np.bool_] = known[at] == values
    return found
