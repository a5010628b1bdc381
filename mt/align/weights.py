"""Every fitted number of sentence alignment, in one table; `scripts/fit_align.py` made them and prints them in this form."""

from __future__ import annotations

VERSION = 1  # of the numbers and of what they are multiplied with; in every signature

# Nats for one unit of each feature of `mt.align.score`.
WEIGHTS: dict[str, float] = {
    "one": 0.059,
    "extra": -2.826,
    "both": -1.667,
    "cosine": 12.609,
    "cosine_extra": 4.303,
    "contrast": -2.569,
    "contrast_extra": -1.298,
    "gain": 5.180,
    "growth": -5.565,
    "length": -0.426,
    "null": -5.258,
    "null_beside": 0.112,
    "unshared": -1.373,
    "inside": -2.798,
    "border": -0.588,
}

# Shares of beads 1-1, larger beads and null beads in the documents that the weights were fitted to, as the model expects them there.
HABITS = (0.678, 0.241, 0.082)

# Log-odds of a bead being right, for one unit of each feature of `mt.align.probability`.
PROBABILITY: dict[str, float] = {
    "bias": -0.377,
    "chance": 1.242,
    "neighbours": 0.276,
    "cosine": -0.255,
    "null": 3.989,
    "null_chance": 0.356,
    "gain": 0.640,
    "length": -0.008,
    "merge": -0.823,
    "aligned": 0.885,
    "null_aligned": -3.430,
}

# The verdict on two documents: log-odds = bias + share × the larger share of a side in probable beads.
VERDICT: dict[str, float] = {
    "bias": -3.477,
    "share": 9.229,
}
