"""Of rows that are copies of each other, which stay: a total order, so that the answer depends neither on the order of rows nor on buckets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def losers(
    key: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    quality: NDArray[np.float32],
    weight: NDArray[np.float32],
    place: NDArray[np.uint64],
    *,
    per: int = 1,
) -> NDArray[np.uint64]:
    """Who loses to whom among rows of equal key.

    Of each key the `per` best stay: greatest quality first (NaN counts as least), among equals greatest weight, among those least place. All
    rows of a key must be there; then the losers are the same in whatever order rows come and however keys are dealt out to calls.

    Args:
        key: high and low half of each row's key.
        quality: how good each row is.
        weight: of each row's source.
        place: where each row stands, each once.
        per: how many of a key stay; 0 = all.

    Returns:
        (losers, 2): the place of each loser and of the best row of its key, ascending by loser.

    Example:
        >>> high, places = np.array([7, 7, 9, 7], np.uint64), np.arange(4, dtype=np.uint64)
        >>> ones = np.ones(4, np.float32)
        >>> losers((high, high), np.array([0.5, 0.9, 0.1, 0.9], np.float32), ones, places).tolist()
        [[0, 1], [3, 1]]
    """
    high, low = key
    rows = _shared(high)
    if per < 1 or not len(rows):
        return np.zeros((0, 2), np.uint64)
    good = np.where(np.isnan(quality[rows]), -np.inf, quality[rows])
    # the last key of lexsort is the first to sort by
    rows = rows[np.lexsort((place[rows], -weight[rows].astype(np.float64), -good, low[rows], high[rows]))]
    first = np.ones(len(rows), bool)
    first[1:] = (high[rows][1:] != high[rows][:-1]) | (low[rows][1:] != low[rows][:-1])
    starts = np.flatnonzero(first)
    start_of = starts[np.cumsum(first) - 1]
    lost = np.arange(len(rows)) - start_of >= per
    found = np.stack([place[rows][lost], place[rows[start_of]][lost]], axis=1).astype(np.uint64)
    ordered: NDArray[np.uint64] = found[np.argsort(found[:, 0], kind="stable")]
    return ordered


def _shared(high: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Rows whose key has the same high half as another row's; most rows have no copy and need no sorting by all the rest."""
    order = np.argsort(high)
    same = high[order[1:]] == high[order[:-1]]
    many = np.zeros(len(high), bool)
    many[order[1:][same]] = True
    many[order[:-1][same]] = True
    return np.flatnonzero(many)
