"""Blocks of an evaluation's page for what the pieces of `mt/evaluate` found; nothing where a piece found nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt.pipeline.evaluate_verdict import main_comparison, signed
from mt.report.evaluate_page import Block, Facts, Grid, Section, Text
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
    found = record.get("alignment")
    if not found:
        return None
    heads = (
        "system",
        "method",
        "coverage",
        "words",
        "of no segment",
        "segments without words",
        "cut inside",
        "measured error",
    )
    rows = []
    for one in found["systems"]:
        error = one["error"]
        said = "none" if error is None else f"BLEU {signed(error['bleu'], 2)}, chrF2 {signed(error['chrf'], 2)}"
        counts = (f"{one[key]:,}" for key in ("words", "unaligned_hypothesis", "empty", "cut"))
        rows.append((one["name"], one["method"], f"{100 * one['coverage']:.0f} %", *counts, said))
    beads = tuple(
        (one["name"], ", ".join(f"{kind}: {n:,}" for kind, n in one["beads"]))
        for one in found["systems"]
        if one["beads"]
    )
    blocks: list[Block] = [Text(tuple(dict.fromkeys(one["said"] for one in found["systems"])))]
    if len({one["method"] for one in found["systems"]}) > 1:
        blocks.append(
            Text(
                (
                    "Systems were aligned in different ways: those with the reference’s own lines have an advantage of about the error.",
                ),
                "warn",
            )
        )
    blocks.append(
        Grid(
            TextTable(
                "",
                heads,
                tuple(rows),
                (
                    "Coverage: words in groups that resemble each other, the lesser of both sides. Every word of a system is kept.",
                ),
            )
        )
    )
    blocks += [Facts("Sentences to segments", beads)] if beads else []
    return Section(
        "alignment",
        "Alignment",
        tuple(blocks),
        "Systems whose lines are not the reference’s were brought to its segments.",
    )


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
