"""Matching n-grams of many segments at once: the counting below BLEU and chrF, without a dictionary a segment.

The n-grams of the references of a block of segments become the nodes of one trie, numbered in order of (segment, n-gram), with a count for each
reference. A hypothesis walks down the trie from all its positions together; a position whose n-gram no reference of its own segment has can
match no longer n-gram either, and is left behind. So the references are counted once for all systems, exactly, with whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_SHIFT = np.int64(32)  # a key is node << 32 | symbol: symbols are code points or numbers of words, both below 2^31


@dataclass(frozen=True, slots=True, eq=False)
class Symbols:
    """Segments as numbers.

    Attributes:
        flat: symbols of all segments, one after the other.
        lengths: symbols of each segment.
    """

    flat: Ints
    lengths: Ints

    @classmethod
    def of(cls, segments: Sequence[Sequence[int]]) -> Symbols:
        """From one sequence of numbers from 0 to 2^31 − 1 a segment.

        Example:
            >>> s = Symbols.of([[5, 6], [], [7]])
            >>> s.flat.tolist(), s.lengths.tolist()
            ([5, 6, 7], [2, 0, 1])
        """
        lengths = np.array([len(s) for s in segments], np.int64)
        return cls(np.array([x for s in segments for x in s], np.int64), lengths)

    @classmethod
    def of_characters(cls, segments: Sequence[str]) -> Symbols:
        """From strings, a symbol a code point.

        Example:
            >>> Symbols.of_characters(["ab", ""]).flat.tolist()
            [97, 98]
        """
        lengths = np.array([len(s) for s in segments], np.int64)
        return cls(
            np.frombuffer("".join(segments).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64), lengths
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """The n-grams of one order: `keys` ascending (node of the order below, last symbol), `counts` (references, nodes), `segments` of nodes."""

    keys: Ints
    counts: Ints
    segments: Ints


class Trie:
    """The n-grams of orders 1 to `order` of one block of segments in one or more references.

    Example:
        >>> trie = Trie([Symbols.of([[1, 2, 1], [3]])], 2)
        >>> trie.matches(Symbols.of([[1, 2, 2], [1]])).tolist()  # order × reference × segment: 1, 2 and then 1 2; no 1 in the second
        [[[2, 0]], [[1, 0]]]
    """

    def __init__(self, references: Sequence[Symbols], order: int) -> None:
        """All references have the same segments."""
        self.segments = len(references[0].lengths)
        self.levels: list[_Level] = []
        walks = [_Walk(symbols) for symbols in references]
        below = np.arange(self.segments)
        for _ in range(order):
            found = [walk.keys() for walk in walks]
            keys, nodes = np.unique(np.concatenate(found), return_inverse=True)
            counts, start = np.empty((len(walks), len(keys)), np.int64), 0
            for n, walk in enumerate(walks):
                own = nodes[start : start + len(found[n])]
                counts[n] = np.bincount(own, minlength=len(keys))
                walk.enter(own)
                start += len(found[n])
            below = below[keys >> _SHIFT]
            self.levels.append(_Level(keys, counts, below))

    def matches(self, hypothesis: Symbols, *, union: bool = False) -> Ints:
        """Clipped matches: of each n-gram as many as both sides have.

        Args:
            hypothesis: the same segments.
            union: compare with all references as one, each n-gram as often as it stands in the reference that has most of it (BLEU's way).

        Returns:
            Shape (order, references, segments); one reference for a union.
        """
        walk, found = _Walk(hypothesis), []
        for level in self.levels:
            counts = level.counts.max(axis=0, keepdims=True) if union else level.counts
            keys = walk.keys()
            places = np.searchsorted(level.keys, keys)
            places[places == len(level.keys)] = 0
            hit = level.keys[places] == keys if len(level.keys) else np.zeros(len(keys), bool)
            nodes = places[hit]
            had = np.bincount(nodes, minlength=len(level.keys))
            found.append(
                [
                    np.bincount(level.segments, np.minimum(had, row), minlength=self.segments).astype(np.int64)
                    for row in counts
                ]
            )
            walk.enter(nodes, hit)
        return np.array(found)


class _Walk:
    """Positions of a text on their way down: where the n-gram ends, the end of its segment, its node of the order below."""

    def __init__(self, symbols: Symbols) -> None:
        self.flat = symbols.flat
        self.ends = np.repeat(np.cumsum(symbols.lengths), symbols.lengths)
        self.nodes = np.repeat(np.arange(len(symbols.lengths)), symbols.lengths)
        self.last = np.arange(len(self.flat))

    def keys(self) -> Ints:
        return (self.nodes << _SHIFT) | self.flat[self.last]

    def enter(self, nodes: Ints, kept: npt.NDArray[np.bool_] | None = None) -> None:
        """Go to the nodes found, those that were kept, and one symbol on where the segment has one."""
        ends, last = (self.ends, self.last) if kept is None else (self.ends[kept], self.last[kept])
        more = last + 1 < ends
        self.nodes, self.ends, self.last = nodes[more].astype(np.int64), ends[more], last[more] + 1


def totals(lengths: Ints, order: int) -> Ints:
    """Number of n-grams of orders 1 to `order` of segments of these lengths: shape (order, segments).

    Example:
        >>> totals(np.array([3, 1, 0]), 2).tolist()
        [[3, 1, 0], [2, 0, 0]]
    """
    found: Ints = np.maximum(lengths[None] - np.arange(order)[:, None], 0)
    return found
