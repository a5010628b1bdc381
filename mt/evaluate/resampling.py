"""Resampled corpora: sums of rows under random weights or signs, in blocks of bounded memory, the same on any machine.

The draws are taken from the bits of PCG64, whose stream is fixed for good, and not from numpy's distributions, whose streams may change from
version to version. Sums of counts are whole numbers far below 2^53, so no order of addition changes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Block = npt.NDArray[np.float32]
_BLOCK = 1 << 21  # numbers of a block of weights: 8 MB, and a few times as much on the way there


def weighted(rows: Sequence[Array], samples: int, seed: int) -> list[Array]:
    """Sums over corpora drawn with replacement, as many units as there are (Efron's bootstrap).

    Args:
        rows: one array of shape (units, columns) a system, all of the same units: they share the draws.
        samples: corpora to draw.
        seed: of the draws.

    Returns:
        One array of shape (samples, columns) a system.

    Example:
        >>> [a] = weighted([np.array([[1.0], [1.0]])], 3, 1)
        >>> a.tolist()
        [[2.0], [2.0], [2.0]]
    """
    units = len(rows[0])
    # no resampled sum is larger than the largest row so many times
    kind = _kind(rows, max((float(table.max(initial=0)) for table in rows), default=0.0) * units)
    if samples * units <= _BLOCK:
        return _products(rows, iter([_few_weights(units, samples, seed)]), samples, kind)
    return _products(rows, _weights(units, samples, seed), samples, kind)


def signed(rows: Sequence[Array], samples: int, seed: int) -> list[Array]:
    """Sums over random halves: each unit is taken or left, with equal chances.

    Two systems change places in the units taken: the first then sums to its total − its half + the other's half.

    Args:
        rows: as in `weighted`.
        samples: halves to draw.
        seed: of the draws.

    Returns:
        One array of shape (samples, columns) a system.

    Example:
        >>> [a] = signed([np.array([[1.0], [2.0]])], 100, 1)
        >>> sorted(set(a[:, 0].tolist()))
        [0.0, 1.0, 2.0, 3.0]
    """
    # no half is larger than the whole
    kind = _kind(rows, max((float(table.sum(axis=0).max(initial=0)) for table in rows), default=0.0))
    return _products(rows, _signs(len(rows[0]), samples, seed), samples, kind)


def _kind(rows: Sequence[Array], largest: float) -> type[np.floating[Any]]:
    """Numbers of 32 bits where they are exact: whole, and no sum reaches 2^24."""
    whole = largest < 1 << 24 and all(bool((table == np.rint(table)).all() and (table >= 0).all()) for table in rows)
    return np.float32 if whole else np.float64


def _products(
    rows: Sequence[Array], blocks: Iterator[Block], samples: int, kind: type[np.floating[Any]]
) -> list[Array]:
    found = [np.empty((samples, table.shape[1])) for table in rows]
    # side by side one product does for several systems; only so many that the copy stays small
    groups: list[list[int]] = []
    for n, table in enumerate(rows):
        if groups and (sum(rows[k].size for k in groups[-1]) + table.size) <= _BLOCK:
            groups[-1].append(n)
        else:
            groups.append([n])
    stacks = [np.hstack([rows[n] for n in group]).astype(kind) for group in groups]
    start = 0
    for block in blocks:
        end, block_of_kind = start + len(block), block.astype(kind, copy=False)
        for group, stack in zip(groups, stacks, strict=True):
            product, left = block_of_kind @ stack, 0
            for n in group:
                right = left + rows[n].shape[1]
                found[n][start:end] = product[:, left:right]
                left = right
        start = end
    return found


@lru_cache(maxsize=1)
def _few_weights(units: int, samples: int, seed: int) -> Block:
    """Weights of a small set, kept: every metric of an evaluation draws the same."""
    found = next(iter(_weights(units, samples, seed)))
    found.flags.writeable = False
    return found


def _weights(units: int, samples: int, seed: int) -> Iterator[Block]:
    """Rows of how often each unit is drawn."""
    bits = np.random.PCG64(seed)
    height = max(1, _BLOCK // units)
    words = -(-units // 2)  # each row starts with a fresh word, so the height of a block changes nothing
    for start in range(0, samples, height):
        count = min(height, samples - start)
        # 32 bits times `units`, divided by 2^32: a number below `units`, its bias below units / 2^32
        halves = bits.random_raw(count * words).astype("<u8", copy=False).view("<u4").reshape(count, 2 * words)
        drawn = halves[:, :units].astype(np.uint64)
        drawn *= np.uint64(units)
        drawn >>= np.uint64(32)
        places = drawn.view(np.int64)
        places += (np.arange(count) * units)[:, None]
        yield np.bincount(places.ravel(), minlength=count * units).reshape(count, units).astype(np.float32)


def _signs(units: int, samples: int, seed: int) -> Iterator[Block]:
    """Rows of zeros and ones."""
    bits = np.random.PCG64(seed)
    height = max(1, _BLOCK // units)
    words = -(-units // 64)
    for start in range(0, samples, height):
        count = min(height, samples - start)
        raw = bits.random_raw(count * words).astype("<u8").view(np.uint8).reshape(count, words * 8)
        yield np.unpackbits(raw, axis=1, count=units).astype(np.float32)
