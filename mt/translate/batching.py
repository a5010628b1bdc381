"""Which inputs are decoded together: similar lengths, under a budget of padded pieces.

A hypothesis must not depend on its neighbours. The decoder's length limit is one number a batch, so batches never mix limit classes:
what a sentence may grow to depends on that sentence alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SMALLEST_CLASS = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs to decode in one call.

    Attributes:
        rows: their numbers.
        max_target_pieces: where the decoder stops.
    """

    rows: tuple[int, ...]
    max_target_pieces: int


def target_limit(pieces: int, ceiling: int) -> int:
    """Longest answer allowed for an input of so many pieces: twice its length class and 50 more.

    English takes about 1.2 pieces for a Japanese one, so twice leaves room; 50 lets short inputs be names and numbers. Classes are powers of
    two from 16 and the middles between them: a batch of one class holds inputs of similar length, and a loop does not run far.

    Args:
        pieces: length of the input, ≥ 0.
        ceiling: what the model can write at most.

    Example:
        >>> target_limit(5, 511), target_limit(17, 511), target_limit(300, 511)
        (82, 98, 511)
    """
    size = _SMALLEST_CLASS
    while size < pieces:
        size *= 2
    if 3 * size // 4 >= max(pieces, _SMALLEST_CLASS):
        size = 3 * size // 4
    return min(2 * size + 50, ceiling)


def plan(lengths: Sequence[int], budget: int, ceiling: int) -> list[Batch]:
    """Batches, longest inputs first, each of at most `budget` padded pieces (an input over it goes alone).

    Every row is in exactly one batch. Longest first, so that the largest memory is asked for at once and the tail is short work.

    Args:
        lengths: pieces of each input.
        budget: most rows × longest row of a batch, ≥ 1.
        ceiling: what the model can write at most, in pieces.

    Raises:
        ValueError: for a budget below 1.

    Example:
        >>> [b.rows for b in plan([3, 9, 4, 30], 20, 511)]
        [(3,), (1, 2), (0,)]
    """
    if budget < 1:
        raise ValueError(f"budget: expected at least 1 piece, found {budget}")
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    batches: list[Batch] = []
    rows: list[int] = []
    longest = limit = 0
    for row in order:
        own = target_limit(lengths[row], ceiling)
        if rows and (own != limit or longest * (len(rows) + 1) > budget):
            batches.append(Batch(tuple(rows), limit))
            rows = []
        if not rows:
            longest, limit = max(lengths[row], 1), own
        rows.append(row)
    if rows:
        batches.append(Batch(tuple(rows), limit))
    return batches
