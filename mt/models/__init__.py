"""Weights → protocols: registry, conversion, engines."""
