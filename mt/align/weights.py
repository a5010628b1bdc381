"""Every fitted number of sentence alignment, in one table; `scripts/fit_align.py` made them and prints them in this form."""

from __future__ import annotations

VERSION = 1  # of the numbers and of what they are multiplied with; in every signature

# Nats for one unit of each feature of `mt.align.score`.
WEIGHTS: dict[str, float] = {
    "one": 0.953,
    "extra": -2.065,
    "both": -2.001,
    "cosine": 14.402,
    "cosine_extra": 4.782,
    "contrast": -0.826,
    "contrast_extra": -2.505,
    "gain": 3.617,
    "growth": -5.691,
    "length": -0.681,
    "null": -4.897,
    "null_nearest": 0.356,
    "unshared": -0.500,
    "inside": -1.000,
    "border": -0.700,
}

# Shares of beads 1-1, larger beads and null beads in the documents that the weights were fitted to, as the model expects them there.
HABITS = (0.72, 0.191, 0.089)

# Log-odds of a bead being right, for one unit of each feature of `mt.align.probability`.
PROBABILITY: dict[str, float] = {
    "bias": 0.0,
    "chance": 1.0,
    "neighbours": 0.0,
    "cosine": 0.0,
    "null": 0.0,
    "null_chance": 1.0,
    "merge": 0.0,
    "aligned": 0.0,
    "null_aligned": 0.0,
}

# The verdict on two documents: log-odds = bias + share × the larger share of a side in probable beads.
VERDICT: dict[str, float] = {"bias": -6.0, "share": 15.0}
