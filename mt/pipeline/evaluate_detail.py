"""Blocks of an evaluation's page for what the pieces of `mt/evaluate` found; nothing where a piece found nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt.report.evaluate_page import Block, Section, Text

Record = Mapping[str, Any]


def gates(record: Record) -> tuple[Block, ...]:
    """What was found before any score."""
    return (Text(("No gates were checked.",), "muted"),)


def slices(record: Record) -> Section | None:
    """Scores by kind of segment."""
    return None


def words(record: Record) -> Section | None:
    """Words and n-grams of one system and not of another; numbers, names, links, terms."""
    return None


def profiles(record: Record) -> tuple[Block, ...]:
    """Length ratios and repetitions."""
    return ()


def consistency(record: Record) -> tuple[Block, ...]:
    """Terms within a document."""
    return ()


def alignment(record: Record) -> Section | None:
    """How systems with other lines were brought to the reference's."""
    return None


def semantic(record: Record) -> tuple[Block, ...]:
    """Cosines of sentence vectors."""
    return ()


def human(record: Record) -> Section | None:
    """Judgements of people."""
    return None
