"""Whether two documents are translations of each other at all, judged by their alignment."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mt.align.score import Half
from mt.align.weights import VERDICT
from mt.types import Bead


def translations(src: Half, tgt: Half, beads: Sequence[Bead]) -> float:
    """Probability that two documents are translations of each other, whole or in part.

    What counts is how much of either document stands in beads that are probably right, by length; of the two shares the larger, because a document
    with untranslated chapters covers all of its partner and only some of itself.

    Args:
        src: the source side.
        tgt: the target side.
        beads: their alignment, with probabilities.

    Returns:
        From 0 to 1; 0 where a side is empty.
    """
    if not len(src) or not len(tgt):
        return 0.0
    pairs = [bead for bead in beads if bead.src and bead.tgt]
    shares = [_share(src, [b.src for b in pairs], pairs), _share(tgt, [b.tgt for b in pairs], pairs)]
    return 1 / (1 + math.exp(-(VERDICT["bias"] + VERDICT["share"] * max(shares))))


def _share(side: Half, runs: Sequence[range], pairs: Sequence[Bead]) -> float:
    sums = (side.sums + np.arange(len(side.sums))).tolist()  # an empty sentence counts a little
    covered = math.fsum(
        (bead.probability or 0.0) * (sums[run.stop] - sums[run.start]) for bead, run in zip(pairs, runs, strict=True)
    )
    return covered / float(sums[-1])
