"""Sentences of two documents that belong together."""
