"""From chances under the model to calibrated probabilities of beads.

The model's own chance is too sure of itself where a document is unlike those it was fitted to: it must explain every sentence, and two texts that
have nothing to do with each other still have a best alignment. A logistic function of the chance, of the neighbours' chances, of the bead's
cosine and shape, and of how much of the documents is aligned with good chances puts that right; `scripts/fit_align.py` fits it to documents with
merges, drops and swapped stretches, and to pairs of documents that are no translations of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

FEATURES = (
    "bias",
    "chance",
    "neighbours",
    "cosine",
    "null",
    "null_chance",
    "merge",
    "merge_alone",
    "aligned",
    "null_aligned",
)
_LIMIT = 1e-4  # of a chance that is taken for itself
_NEAR = 3  # neighbours on each side

Floats = npt.NDArray[np.float64]


def features(chances: Sequence[float], shapes: Sequence[tuple[int, int]], cosines: Sequence[float]) -> Floats:
    """What the probability of each bead is made of.

    Args:
        chances: of each bead of a document under the model, in order.
        shapes: sentences of either side.
        cosines: of the two sides; 0 for a null bead.

    Returns:
        Shape (beads, len(FEATURES)).
    """
    if not len(chances):
        return np.zeros((0, len(FEATURES)))
    sure = np.clip(np.asarray(chances, np.float64), _LIMIT, 1 - _LIMIT)
    odds = np.log(sure / (1 - sure))
    sizes = np.asarray(shapes, np.int64).reshape(-1, 2)
    null = (sizes.min(axis=1) == 0).astype(np.float64)
    merge = ((sizes.min(axis=1) > 0) & (sizes.sum(axis=1) > 2)).astype(np.float64)
    # a neighbour speaks for its neighbourhood as far as it has two sides
    paired = np.where(null > 0, 0.0, sure)
    neighbours = _around(paired)
    aligned = float((paired * sizes.sum(axis=1)).sum() / max(sizes.sum(axis=1).sum(), 1))
    whole = np.full(len(odds), aligned)
    return np.stack(
        [
            np.ones(len(odds)),
            odds * (1 - null),
            neighbours * (1 - null),
            np.asarray(cosines, np.float64) * (1 - null),
            null,
            odds * null,
            merge,
            # a sentence that lost its partner is easily taken along by a neighbour
            merge * (1 - neighbours),
            whole * (1 - null),
            whole * null,
        ],
        axis=1,
    )


def calibrated(rows: Floats, weights: Mapping[str, float]) -> Floats:
    """Probabilities, from 0 to 1, of rows of `features`.

    Example:
        >>> calibrated(features([0.5], [(1, 1)], [0.6]), dict.fromkeys(FEATURES, 0.0)).tolist()
        [0.5]
    """
    total = np.zeros(len(rows))
    for column, name in enumerate(FEATURES):
        total = total + rows[:, column] * weights[name]
    return np.asarray(1 / (1 + np.exp(-np.clip(total, -30, 30))))


def _around(values: Floats) -> Floats:
    """Mean of the `_NEAR` values on either side, of those that are there."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    low, high = np.maximum(places - _NEAR, 0), np.minimum(places + _NEAR + 1, len(values))
    others = high - low - 1
    return np.asarray((sums[high] - sums[low] - values) / np.maximum(others, 1))
