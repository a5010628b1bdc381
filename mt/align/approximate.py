"""Nearest neighbours by faiss, for piles that an exact search takes long for: some neighbours are missed, cosines are exact all the same.

The time of an exact search (`mt.align.neighbours`) grows with the product of both piles, that of faiss with the power 1.5 of one and a large
constant, since its cells must be learnt first. Needs the extra `mining`.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Literal

import numpy as np

from mt.align.neighbours import Array, Neighbours, cosines
from mt.errors import ConfigError
from mt.protocols import Progress, Silent

_EXACT = 50_000  # vectors below which faiss compares all of them too
_PROBES = 32  # cells looked through for every vector
_BLOCK = 16_384
# Pairs of sentences from which `auto` takes faiss: 200,000 by 200,000. Cells take 0.6 of the time of an exact search for 60,000 by 60,000 of
# Tatoeba's, and miss 2 of 100 nearest ones and 4 of 100 of the four nearest; where an exact search takes less than an hour that is no bargain.
MANY = 40_000_000_000

Search = Literal["auto", "exact", "faiss"]
SEARCHES: tuple[Search, ...] = ("auto", "exact", "faiss")


def chosen(search: str, src: int, tgt: int, *, exact_only: bool = False) -> Literal["exact", "faiss"]:
    """The search that is meant for piles of `src` and `tgt` sentences.

    Args:
        search: `exact`, `faiss`, or `auto`: faiss from `MANY` pairs of sentences on, where it is installed.
        src: sentences of the source pile.
        tgt: of the target pile.
        exact_only: `auto` is exact whatever the size: its parts are to be kept, or shared out.

    Raises:
        ConfigError: for another name.

    Example:
        >>> chosen("auto", 10_000, 10_000), chosen("auto", 10**6, 10**6, exact_only=True), chosen("faiss", 1, 1)
        ('exact', 'exact', 'faiss')
    """
    if search not in SEARCHES:
        raise ConfigError("--search", ", ".join(SEARCHES), search)
    if search == "faiss" or (
        search == "auto" and src * tgt >= MANY and not exact_only and find_spec("faiss") is not None
    ):
        return "faiss"
    return "exact"


def both(src: Array, tgt: Array, k: int, *, progress: Progress | None = None) -> tuple[Neighbours, Neighbours]:
    """As `mt.align.neighbours.both`, but for what is missed: neighbours in other cells than the 32 nearest of 4 √n.

    Raises:
        ConfigError: where faiss is not installed.
    """
    try:
        import faiss
    except ImportError:
        raise ConfigError("--search", "the package faiss-cpu (pip install kakehashi[mining])", "none") from None
    progress = progress or Silent()
    progress.stage("searching", len(src) + len(tgt), "sentence")
    return _one(faiss, src, tgt, k, progress), _one(faiss, tgt, src, k, progress)


def _one(faiss: Any, src: Array, tgt: Array, k: int, progress: Progress) -> Neighbours:
    numbers, values = np.full((len(src), k), -1, np.int32), np.full((len(src), k), -np.inf)
    if not len(src) or not len(tgt):
        return Neighbours(numbers, values)
    width = tgt.shape[1]
    index = faiss.IndexFlatIP(width)
    if len(tgt) >= _EXACT:
        cells = int(4 * len(tgt) ** 0.5)
        index = faiss.IndexIVFFlat(index, width, cells, faiss.METRIC_INNER_PRODUCT)
        index.cp.seed, index.nprobe = 1234, _PROBES
        index.train(np.ascontiguousarray(tgt[:: max(1, len(tgt) // (40 * cells))]))
    index.add(np.ascontiguousarray(tgt))
    for start in range(0, len(src), _BLOCK):
        block = np.ascontiguousarray(src[start : start + _BLOCK])
        _, found = index.search(block, min(k, len(tgt)))
        rows = np.repeat(np.arange(len(block)), found.shape[1])
        flat = found.ravel()
        exact = np.where(flat >= 0, cosines(block, tgt, np.stack([rows, np.maximum(flat, 0)], 1)), -np.inf)
        exact = exact.reshape(found.shape)
        order = np.lexsort((found, -exact), axis=1)
        end = start + len(block)
        numbers[start:end, : found.shape[1]] = np.take_along_axis(found, order, 1)
        values[start:end, : found.shape[1]] = np.take_along_axis(exact, order, 1)
        progress.advance(len(block))
    return Neighbours(numbers, values)
