"""Vectors on a grid, so that their products are the same number on one thread, on many, and from either side.

A matrix product sums in an order that depends on threads, tiles and processor, and floating point answers each order a little differently; an
aligner that breaks ties by such sums gives another result on another machine. Components are therefore rounded to whole multiples of
1/`SCALE`: products and their sums are then whole numbers below 2^24 (Cauchy-Schwarz), which float32 holds and adds exactly in any order. The
cosine moves by about 0.0001.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Grid = npt.NDArray[np.int16]

# Rounding moves a component by at most 1/2, so a vector of `d` components becomes at most SCALE + sqrt(d)/2 long; its square must stay below
# 2^24. SCALE = 4000 has room for 36,000 components.
SCALE = 4000


def grid(vectors: npt.ArrayLike) -> Grid:
    """Vectors × `SCALE`, rounded to whole numbers.

    Args:
        vectors: shape (n, d), rows of norm 1 (or 0, which stays 0); what is not finite counts as 0.

    Returns:
        int16, shape (n, d), half the memory of float32; products of two such arrays, made float32 first, are exact.

    Example:
        >>> grid([[0.6, 0.8]]).tolist()
        [[2400, 3200]]
    """
    array = np.array(vectors, dtype=np.float32)
    squares = np.einsum("ij,ij->i", array, array)
    if not np.isfinite(squares).all():
        array = np.nan_to_num(array, nan=0.0, posinf=0.0, neginf=0.0)
        squares = np.einsum("ij,ij->i", array, array)
    # rows that are too long would leave the range in which sums are exact
    array *= (np.float32(SCALE) / np.sqrt(np.maximum(squares, 1)))[:, None]
    return np.rint(array, out=array).astype(np.int16)


def cosines(a: Grid, b: Grid) -> Floats:
    """Cosine of every row of one array with every row of the other; both from `grid`.

    Returns:
        float32, shape (len(a), len(b)).

    Example:
        >>> cosines(grid([[0.6, 0.8]]), grid([[1.0, 0.0], [0.8, 0.6]])).round(4).tolist()
        [[0.6000000238418579, 0.9599999785423279]]
    """
    return np.asarray((whole(a) @ whole(b).T) / np.float32(SCALE * SCALE), dtype=np.float32)


def whole(rows: Grid) -> Floats:
    """Rows of the grid as float32, ready for products."""
    return rows.astype(np.float32)
