"""Blocks of an evaluation's page for what the pieces of `mt/evaluate` found; nothing where a piece found nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt.pipeline.evaluate_verdict import main_comparison
from mt.report.evaluate_page import Block, Grid, Section, Text
from mt.report.tables import TextTable

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
    found = record.get("semantic")
    if not found:
        return ()
    order = {s["system"]: n for n, s in enumerate(main_comparison(record)["scores"])}
    rows = [
        (s["system"], "" if s["src"] is None else f"{s['src']:.1f}", f"{s['ref']:.1f}")
        for s in sorted(found["systems"], key=lambda s: order[s["system"]])
    ]
    notes = ["Mean cosine of sentence vectors, times 100: likeness of topic and meaning, no judgement of quality."]
    notes += [
        f"With the {m['name']}: on WMT21 ja-en its system scores have a Pearson correlation of {m['pearson']:.2f} with people’s z, and order "
        f"{m['pairs']:.0f} % of {m['count']} pairs as people do" + (" (a coin: 50 %)." if m["pairs"] < 60 else ".")
        for m in found["measured"]
    ]
    notes.append(f"Encoder: {found['systems'][0]['signature']}.")
    table = TextTable(
        "Likeness by sentence vectors", ("system", "with the source", "with the reference"), tuple(rows), tuple(notes)
    )
    return (Grid(table),)


def human(record: Record) -> Section | None:
    """Judgements of people."""
    return None
