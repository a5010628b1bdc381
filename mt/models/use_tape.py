"""Pieces of many texts in one row, and the portions of it that are computed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from mt.models.use_forward import GAP, REACH

if TYPE_CHECKING:
    from numpy.typing import NDArray

PORTION = 768  # pieces computed together: fewer make the products small, more leave a core's cache
_EMPTY = -1


@dataclass(frozen=True, slots=True)
class Portion:
    """Pieces to be computed together.

    Attributes:
        ids: int64 (n,): piece numbers; -1 in the gaps, two of which are at either end.
        starts: int64 (r,): where in `ids` each run of pieces starts whose sum is wanted.
        counts: int64 (r,): how many pieces it has.
        rows: int64 (r,): which sum each run is part of; none twice in a portion.
    """

    ids: NDArray[Any]
    starts: NDArray[Any]
    counts: NDArray[Any]
    rows: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Tape:
    """One row of pieces, and the runs of it whose sums are wanted.

    Attributes:
        ids: int64 (n,): piece numbers; -1 twice between texts, before the first and behind the last.
        starts: int64 (r,): where each run starts, ascending.
        counts: int64 (r,): its number of pieces, ≥ 1; a run has no gap in it.
    """

    ids: NDArray[Any]
    starts: NDArray[Any]
    counts: NDArray[Any]

    @classmethod
    def of(cls, texts: Sequence[Sequence[int]]) -> Tape:
        """Texts of at least one piece; every text is a run.

        Example:
            >>> tape = Tape.of([[1, 5, 2], [1, 2]])
            >>> tape.ids.tolist(), tape.starts.tolist()
            ([-1, -1, 1, 5, 2, -1, -1, 1, 2, -1, -1], [2, 7])
        """
        import numpy as np

        counts = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        size = int(counts.sum())
        places = np.arange(size) + GAP * np.repeat(np.arange(1, len(texts) + 1), counts)
        ids = np.full(size + GAP * (len(texts) + 1), _EMPTY, dtype=np.int64)
        ids[places] = np.fromiter(chain.from_iterable(texts), dtype=np.int64, count=size)
        return cls(ids, np.cumsum(counts) - counts + GAP * np.arange(1, len(texts) + 1), counts)

    def portions(self) -> Iterator[Portion]:
        """Runs together, as many as fit; one that does not fit by itself in parts. Every run sees the pieces within `REACH` around it."""
        lot: list[tuple[int, int, int]] = []
        for start, count, row in self._parts():
            if lot and start + count - lot[0][0] > PORTION:
                yield self._portion(lot)
                lot = []
            lot.append((start, count, row))
        if lot:
            yield self._portion(lot)

    def _parts(self) -> Iterable[tuple[int, int, int]]:
        for row, (start, count) in enumerate(zip(self.starts.tolist(), self.counts.tolist(), strict=True)):
            for offset in range(0, count, PORTION):
                yield start + offset, min(PORTION, count - offset), row

    def _portion(self, lot: list[tuple[int, int, int]]) -> Portion:
        import numpy as np

        low = max(lot[0][0] - REACH - GAP, 0)
        high = min(lot[-1][0] + lot[-1][1] + REACH + GAP, len(self.ids))
        ids = self.ids[low:high].copy()
        ids[:GAP] = ids[len(ids) - GAP :] = _EMPTY
        starts, counts, rows = (np.array(column, dtype=np.int64) for column in zip(*lot, strict=True))
        return Portion(ids, starts - low, counts, rows)
