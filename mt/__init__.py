"""Kakehashi (架け橋, a bridge): translate Japanese articles in batches, produce parallel corpora, and score what comes out."""

__version__ = "0.1.0"
