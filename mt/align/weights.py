"""Every fitted number of sentence alignment, in one table; `scripts/fit_align.py` made them and prints them in this form."""

from __future__ import annotations

VERSION = 1  # of the numbers and of what they are multiplied with; in every signature

# Nats for one unit of each feature of `mt.align.score`.
WEIGHTS: dict[str, float] = {
    "one": -0.354,
    "extra": -2.737,
    "both": -1.776,
    "cosine": 12.539,
    "cosine_extra": 4.185,
    "contrast": -1.577,
    "contrast_extra": -1.448,
    "gain": 4.529,
    "growth": -5.455,
    "weakest": 1.587,
    "length": -0.429,
    "null": -5.423,
    "unshared": -1.349,
    "inside": -3.008,
    "border": -0.602,
}

# Shares of beads 1-1, larger beads and null beads in the documents that the weights were fitted to, as the model expects them there.
HABITS = (0.678, 0.24, 0.082)

# Log-odds of a bead being right, for one unit of each feature of `mt.align.probability`.
PROBABILITY: dict[str, float] = {
    "bias": 0.111,
    "chance": 1.184,
    "neighbours": -0.140,
    "cosine": 0.254,
    "null": 3.343,
    "null_chance": 0.396,
    "merge": -1.548,
    "merge_alone": -3.543,
    "aligned": 0.997,
    "null_aligned": -2.289,
}

# The verdict on two documents: log-odds = bias + share × the larger share of a side in probable beads.
VERDICT: dict[str, float] = {
    "bias": -3.215,
    "share": 9.208,
}
