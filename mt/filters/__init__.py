"""Judgements of pairs: rules, overlap with test sets."""
