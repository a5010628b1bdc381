"""Resampled corpora: sums of rows under random weights or signs, in blocks of bounded memory, the same on any machine.

The draws are taken from the bits of PCG64, whose stream is fixed for good, and not from numpy's distributions, whose streams may change from
version to version. Sums of counts are whole numbers far below 2^53, so no order of addition changes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_BLOCK = 1 << 23  # numbers of a block of weights: 64 MB


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
    return _products(rows, _weights(len(rows[0]), samples, seed), samples)


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
    return _products(rows, _signs(len(rows[0]), samples, seed), samples)


def _products(rows: Sequence[Array], blocks: Iterator[Array], samples: int) -> list[Array]:
    units, columns = rows[0].shape
    found = [np.empty((samples, columns)) for _ in rows]
    # side by side one product does for several systems; only so many that the copy stays small
    together = max(1, _BLOCK // max(units * columns, 1))
    groups = [list(range(k, min(k + together, len(rows)))) for k in range(0, len(rows), together)]
    stacks = [np.hstack([rows[n] for n in group]) if len(group) > 1 else rows[group[0]] for group in groups]
    start = 0
    for block in blocks:
        end = start + len(block)
        for group, stack in zip(groups, stacks, strict=True):
            product = block @ stack
            for place, n in enumerate(group):
                found[n][start:end] = product[:, place * columns : (place + 1) * columns]
        start = end
    return found


def _weights(units: int, samples: int, seed: int) -> Iterator[Array]:
    """Rows of how often each unit is drawn."""
    bits = np.random.PCG64(seed)
    height = max(1, _BLOCK // units)
    for start in range(0, samples, height):
        count = min(height, samples - start)
        # the upper half of 64 bits times `units`, halved again: a number below `units`, its bias below units / 2^32
        drawn = ((bits.random_raw(count * units) >> np.uint64(32)) * np.uint64(units) >> np.uint64(32)).astype(np.int64)
        drawn += np.repeat(np.arange(count) * units, units)
        yield np.bincount(drawn, minlength=count * units).reshape(count, units).astype(np.float64)


def _signs(units: int, samples: int, seed: int) -> Iterator[Array]:
    """Rows of zeros and ones."""
    bits = np.random.PCG64(seed)
    height = max(1, _BLOCK // units)
    words = -(-units // 64)  # each row starts with a fresh word, so the height of a block changes nothing
    for start in range(0, samples, height):
        count = min(height, samples - start)
        raw = bits.random_raw(count * words).astype("<u8").view(np.uint8).reshape(count, words * 8)
        yield np.unpackbits(raw, axis=1, count=units).astype(np.float64)
