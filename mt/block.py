"""Rows of a parallel corpus by column, as steps of a build hand them on: a few thousand at a time, so that a corpus need not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from mt.types import Pair


@dataclass(frozen=True, slots=True)
class Block:
    """So many rows, column by column; every column has one entry a row.

    Attributes:
        ids: unique in the corpus, `SOURCE:NUMBER`, and ascending by place: the order of the published corpus.
        src: source sentences, normalised.
        tgt: target sentences, normalised.
        documents: the document each row comes from, for splitting and for the neighbourhood of a row; empty where nothing is known of it.
        origins: the source of each row as configured, and how its pairs were made, e.g. `react:align`.
        src_raw: the source as it was read, None where normalising left it as it is.
        tgt_raw: likewise of the target.
        given: scores that came with the rows, by name (`probability` of a bead, `margin` of a mined pair); NaN where a row has none.

    Example:
        >>> block = Block.of([("a:1", "猫。", "Cat."), ("a:2", "犬。", "Dog.")], origin="a:given")
        >>> len(block), block.tgt, block.src_raw
        (2, ['Cat.', 'Dog.'], [None, None])
        >>> block.part(1, 2).ids
        ['a:2']
    """

    ids: Sequence[str]
    src: Sequence[str]
    tgt: Sequence[str]
    documents: Sequence[str]
    origins: Sequence[str]
    src_raw: Sequence[str | None]
    tgt_raw: Sequence[str | None]
    given: Mapping[str, Sequence[float]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Raises ValueError unless all columns are equally long."""
        columns = (self.src, self.tgt, self.documents, self.origins, self.src_raw, self.tgt_raw, *self.given.values())
        if any(len(column) != len(self.ids) for column in columns):
            raise ValueError(
                f"block: expected columns of {len(self.ids)} rows, found {sorted({len(c) for c in columns})}"
            )

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def of(rows: Sequence[tuple[str, str, str]], *, origin: str = "given", document: str = "") -> Block:
        """A block of (id, source, target), all of one origin and document."""
        count = len(rows)
        none: list[str | None] = [None] * count
        ids, src, tgt = ([row[i] for row in rows] for i in range(3))
        return Block(ids, src, tgt, [document] * count, [origin] * count, none, none)

    def part(self, start: int, stop: int) -> Block:
        """Rows `start` to `stop` - 1."""
        cut = slice(start, stop)
        given = {name: column[cut] for name, column in self.given.items()}
        raw = self.src_raw[cut], self.tgt_raw[cut]
        return Block(
            self.ids[cut], self.src[cut], self.tgt[cut], self.documents[cut], self.origins[cut], *raw, given=given
        )

    def pairs(self) -> Iterator[Pair]:
        """The rows one by one."""
        for number, (id, src, tgt, origin) in enumerate(zip(self.ids, self.src, self.tgt, self.origins, strict=True)):
            scores = {name: column[number] for name, column in self.given.items() if column[number] == column[number]}
            yield Pair(id, src, tgt, origin, scores)
