"""`mt corpus sample`: a few rows of a corpus, the same ones whenever it is asked, and mostly the same ones when it has grown."""

from __future__ import annotations

import heapq
import json
import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from mt.bitext.records import Reject
from mt.bitext.write_text import in_a_cell
from mt.block import Block
from mt.errors import ConfigError
from mt.pipeline.corpus_folder import Corpus
from mt.types import check_range


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row that was drawn."""

    split: str
    id: str
    src: str
    tgt: str
    source: str
    document: str
    scores: dict[str, float]

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        named = ("split", "id", "src", "tgt", "source", "document", "scores")
        return {name: getattr(self, name) for name in named}


def sample(
    corpus: Corpus,
    count: int = 10,
    *,
    seed: int = 1,
    split: str | None = None,
    by_score: str | None = None,
    highest: bool = False,
    skipped: list[Reject] | None = None,
) -> list[Drawn]:
    """Draw rows.

    By a hash of the seed and the row's text, so that the rows drawn from a corpus do not depend on how it is split into files, and a row that is
    drawn stays drawn while others come in behind it; in the corpus's order. With `by_score`, the rows of the lowest numbers instead, lowest first,
    ties by that hash; rows without the number are left out.

    Args:
        corpus: where from.
        count: so many rows, or all where there are fewer.
        seed: another one, other rows.
        split: from that one only.
        by_score: name of a score.
        highest: the rows of the highest numbers instead.
        skipped: takes what is no pair; without it, that is an error.

    Raises:
        ConfigError: for a split or a score that there is not.
        InputError: naming file and line.
        OptionError: for a count out of range.
    """
    check_range("count", count, 1, 1_000_000)
    draw = _Draw(count, seed, by_score, -1.0 if highest else 1.0)
    for name in corpus.chosen(split):
        for block in corpus.blocks(name, skipped=skipped):
            draw.add(name, block)
    if by_score is not None and by_score not in draw.scores:
        there = ", ".join(sorted(draw.scores)) or "none, since rows have no scores"
        raise ConfigError("--by-score", f"one of {there}", by_score)
    return draw.rows()


class _Draw:
    """The rows of the least (number, hash)."""

    def __init__(self, count: int, seed: int, by_score: str | None, sign: float) -> None:
        self._count, self._by, self._sign = count, by_score, sign
        self._salt = seed.to_bytes(8, "little", signed=True)
        self._kept: list[tuple[float, int, int, Drawn]] = []  # a heap whose first one goes next
        self._place = 0
        self.scores: set[str] = set()

    def add(self, split: str, block: Block) -> None:
        self.scores |= block.given.keys()
        column = block.given.get(self._by) if self._by is not None else [0.0] * len(block)
        if column is None:
            return
        for n, (src, tgt) in enumerate(zip(block.src, block.tgt, strict=True)):
            self._place += 1
            number = self._sign * column[n]
            if math.isnan(number):
                continue
            text = f"{src}\t{tgt}".encode("utf-8", "surrogatepass")
            mark = int.from_bytes(blake2b(text, digest_size=8, salt=self._salt).digest(), "little")
            key = (-number, -mark, -self._place)
            if len(self._kept) < self._count:
                heapq.heappush(self._kept, (*key, _drawn(split, block, n)))
            elif key > self._kept[0][:3]:
                heapq.heapreplace(self._kept, (*key, _drawn(split, block, n)))

    def rows(self) -> list[Drawn]:
        """By number where one was asked for, else as they stand in the corpus."""
        first = 0 if self._by is not None else 2
        return [one[3] for one in sorted(self._kept, key=lambda one: one[first:3], reverse=True)]


def _drawn(split: str, block: Block, n: int) -> Drawn:
    scores = {name: column[n] for name, column in block.given.items() if not math.isnan(column[n])}
    return Drawn(split, block.ids[n], block.src[n], block.tgt[n], block.origins[n], block.documents[n], scores)


def tsv(rows: list[Drawn], by_score: str | None = None) -> str:
    r"""Rows as a table: id, the number where there is one, source, target.

    Example:
        >>> tsv([Drawn("train", "a:1", "猫", "Cat\n", "a", "", {"fit": 0.5})], "fit")
        'a:1\t0.5\t猫\tCat \n'
    """
    made = []
    for row in rows:
        cells = [row.id, *([f"{row.scores[by_score]:.6g}"] if by_score is not None else []), row.src, row.tgt]
        made.append("\t".join(map(in_a_cell, cells)) + "\n")
    return "".join(made)


def jsonl(rows: list[Drawn]) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row.record(), ensure_ascii=False) + "\n" for row in rows)
