"""Every fitted number of sentence alignment, in one table; `scripts/fit_align.py` made them and prints them in this form."""

from __future__ import annotations

VERSION = 1  # of the numbers and of what they are multiplied with; in every signature

# Nats for one unit of each feature of `mt.align.score`.
WEIGHTS: dict[str, float] = {
    "one": 0.147,
    "extra": -2.577,
    "both": -1.785,
    "cosine": 12.573,
    "cosine_extra": 4.206,
    "contrast": -1.899,
    "contrast_extra": -1.092,
    "gain": 5.912,
    "growth": -2.861,
    "length": -0.435,
    "null": -4.092,
    "null_beside": 0.0,
    "unshared": -1.133,
    "inside": -1.580,
    "border": -2.906,
}

# Shares of beads 1-1, larger beads and null beads in the documents that the weights were fitted to, as the model expects them there.
HABITS = (0.663, 0.256, 0.081)

# Log-odds of a bead being right, for one unit of each feature of `mt.align.probability`.
PROBABILITY: dict[str, float] = {
    "bias": -0.673,
    "chance": 1.236,
    "neighbours": 0.986,
    "cosine": -0.577,
    "null": 3.782,
    "null_chance": 0.726,
    "gain": 0.0,
    "length": 0.0,
    "merge": -0.557,
    "aligned": 1.247,
    "null_aligned": -3.427,
}

# The verdict on two documents: log-odds = bias + share × the larger share of a side in probable beads.
VERDICT: dict[str, float] = {
    "bias": -3.394,
    "share": 8.542,
}
