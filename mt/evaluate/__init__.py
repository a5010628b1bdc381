"""Scores with intervals and signatures."""
