"""How often the nearest sentence is the right one: LASER's test of similarity search."""

from __future__ import annotations

from typing import Any

import numpy as np

from mt.align.mining import Margin, margins
from mt.align.neighbours import Array, Neighbours


def rates(cosine: Array, forward: Neighbours, backward: Neighbours, kind: Margin) -> tuple[float, float]:
    """Error rates of retrieval where sentence i belongs to sentence i (LASER's test of similarity search), in percent, both directions.

    Args:
        cosine: of every pair, shape (n, n).
        forward: the nearest of every source sentence; its columns are the neighbours of the margin.
        backward: of every target sentence.
        kind: of the margin.
    """
    mean: Any = (forward.cosines.mean(1)[:, None] + backward.cosines.mean(1)) / 2
    scores = margins(cosine, mean, kind)
    truth = np.arange(len(cosine))
    return float((scores.argmax(1) != truth).mean() * 100), float((scores.argmax(0) != truth).mean() * 100)
