"""Steps of an evaluation that look at texts: form, terms, one name for one thing, what is wrong at sight; and their blocks of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mt.evaluate.accuracy import REFERENCE
from mt.report.evaluate_page import Block, Grid, Mood
from mt.report.tables import TextTable

if TYPE_CHECKING:
    from mt.evaluate.glossary import Term
    from mt.pipeline.evaluate import Evaluation

Record = Mapping[str, Any]
TERMS = 30  # terms shown of a glossary, and uses of consistency
FLAGS = 400  # characters of the flags of a segment


def profiles(state: Evaluation) -> None:
    """Lengths, repetition and variety of words."""
    from mt.evaluate.profiles import profiles as measured

    state.parts["profiles"] = [asdict(one) for one in measured(state.test, state.systems)]


def glossary(state: Evaluation) -> None:
    """Terms translated as a glossary says; None where none was given, or no source."""
    from mt.evaluate.glossary import glossary as kept

    given = _terms(state)
    found = kept(state.test, state.systems, given) if given else ()
    state.parts["glossary"] = [asdict(one) for one in found] or None


def consistency(state: Evaluation) -> None:
    """One name for one thing within a document; None where source or documents are not known."""
    from mt.evaluate.consistency import consistency as measured
    from mt.evaluate.glossary import Finder

    given = _terms(state)
    finder = Finder(given) if given else None
    find = None if finder is None else (lambda text: [term.src for term in finder(text)])
    state.parts["consistency"] = [asdict(one) for one in measured(state.test, state.systems, find=find)] or None


def flags(state: Evaluation) -> None:
    """What is wrong at sight: counts by kind and system, and the segments of the pair in words."""
    from mt.evaluate.examples import flags as look

    found = look(state.test, state.systems)
    kinds: dict[str, dict[str, int]] = {}
    for name, rows in found.items():
        for row in rows:
            for kind in dict.fromkeys(flag.partition(":")[0] for flag in row):
                kinds.setdefault(kind, dict.fromkeys(found, 0))[name] += 1
    segments = {
        name: {str(n): list(row) for n, row in enumerate(found[name], 1) if row} for name in dict.fromkeys(state.pair)
    }
    state.parts["flags"] = {"kinds": kinds, "segments": segments}


def examples(state: Evaluation) -> None:
    """Places of segments to read, from 0: worst, most different both ways, flagged for one only, and drawn with the seed."""
    from mt.evaluate.examples import choose

    a, b = state.pair
    said = state.parts["flags"]["segments"]

    def rows(name: str) -> list[list[str]]:
        return [said[name].get(str(n), []) for n in range(1, len(state.test) + 1)]

    marked = None if a == b else (rows(a), rows(b))
    found = choose(state.segment_scores[a], state.segment_scores[b], flags=marked, seed=state.config.seed)
    state.parts["examples"] = {key: list(places) for key, places in asdict(found).items()}


def _terms(state: Evaluation) -> tuple[Term, ...]:
    from mt.bitext.read import read_pairs
    from mt.evaluate.glossary import terms

    path = state.config.glossary
    if path is None:
        return ()
    rows = read_pairs(path, src_lang=state.test.src_lang, tgt_lang=state.test.tgt_lang)
    return terms(((src, tgt) for _, src, tgt in rows), str(path))


# --- the page


def profile_blocks(record: Record) -> list[Block]:
    """Form of each text, the reference's first."""
    found = record.get("profiles")
    if not found:
        return []
    rows, moods = [], dict[tuple[int, int], Mood]()
    for r, one in enumerate(found):
        low, _, middle, _, high = one["ratios"]
        variety = "" if one["per_thousand"] is None else f"{one['per_thousand']:.0f}"
        rows.append(
            (
                one["system"],
                f"{one['words']:,}",
                f"{middle:.2f}",
                f"{low:.2f} – {high:.2f}",
                f"{one['short']:,}",
                f"{one['long']:,}",
                f"{one['loops']:,}",
                f"{one['repeated']:.1f}",
                f"{one['same']:,}",
                variety,
            )
        )
        for column, key in ((4, "short"), (5, "long"), (6, "loops")):
            if one[key] > found[0][key] and one["system"] != REFERENCE:
                moods[r, column] = "warn"
    heads = ("system", "words", "length", "5 – 95 %", "short", "long", "loops", "repeated ‰", "same", "different ‰")
    notes = (
        "Length: characters against the reference’s, median of the segments; short: below half, long: above twice.",
        "Loops: segments with something three times in a row. Repeated: 4-grams that stood earlier in the segment. Same: segments with the text of "
        "another segment that has another source. Different: different words in each thousand.",
    )
    return [Grid(TextTable("Form of the texts", heads, tuple(rows), notes), moods, folded=len(rows) > 6)]


def glossary_blocks(record: Record) -> list[Block]:
    """Terms kept, and those missed by the pair."""
    found = record.get("glossary")
    if not found:
        return []
    rows = tuple(
        (
            one["system"],
            "" if one["share"] is None else f"{one['share']:.1f} %",
            "" if one["low"] is None else f"{one['low']:.1f} – {one['high']:.1f}",
            f"{one['hits']:,} of {one['wanted']:,}",
        )
        for one in found
    )
    note = "Another good translation than the glossary’s counts as missed; the reference’s own line shows how often that is right."
    blocks: list[Block] = [
        Grid(TextTable("Terms of the glossary", ("system", "kept", "95 %", "of"), rows, (note,) if rows else ()))
    ]
    missed: list[tuple[str, ...]] = []
    links: dict[tuple[int, int], str] = {}
    for one in (g for g in found if g["system"] in record["pair"]):
        for term in [t for t in one["terms"] if t["misses"]][:TERMS]:
            links[len(missed), 4] = f"#seg-{term['misses'][0]}"
            said = ", ".join(map(str, term["misses"][:4]))
            missed.append(
                (term["src"], " | ".join(term["tgt"]), one["system"], f"{term['hits']} of {term['wanted']}", said)
            )
    if missed:
        heads = ("term", "translation", "system", "kept", "missed in")
        blocks.append(Grid(TextTable("Terms missed", heads, tuple(missed)), folded=True, links=links))
    return blocks


def consistency_blocks(record: Record) -> list[Block]:
    """One name for one thing: shares, and the terms with most names."""
    found = record.get("consistency")
    if not found:
        return []
    rows = tuple(
        (one["system"], f"{one['share']:.1f} %", f"{one['entropy']:.2f}", f"{one['alike']:,} of {one['terms']:,}")
        for one in found
        if one["share"] is not None
    )
    if not rows:
        return []
    notes = (
        "Katakana words, Latin names, kanji with a title and terms of the glossary that come back in a document; the share of segments with the "
        "commonest rendering, and the entropy of renderings in bits.",
        "Renderings are guessed from the words that segments share, without word links: compare with the reference’s line, not with 100 %.",
    )
    heads = ("system", "alike", "entropy", "one rendering")
    blocks: list[Block] = [Grid(TextTable("One name for one thing", heads, rows, notes), folded=len(rows) > 6)]
    uses: list[tuple[str, ...]] = []
    links: dict[tuple[int, int], str] = {}
    for one in (c for c in found if c["system"] in record["pair"]):
        for use in one["uses"][:TERMS]:
            links[len(uses), 4] = f"#seg-{use['segments'][0]}"
            said = ", ".join(f"{words} ({count})" for words, count in use["renderings"])
            uses.append((use["term"], use["document"], one["system"], said, ", ".join(map(str, use["segments"][:4]))))
    if uses:
        names = ("term", "document", "system", "renderings", "segments")
        blocks.append(
            Grid(
                TextTable(
                    "Terms with most names", names, tuple(uses), ("Only terms that the reference calls by one name.",)
                ),
                folded=True,
                links=links,
                text=(3,),
            )
        )
    return blocks


def flag_blocks(record: Record) -> list[Block]:
    """Kinds of flags by system."""
    found = record.get("flags")
    if not found or not found["kinds"]:
        return []
    kinds = list(found["kinds"])
    rows = tuple((name, *(f"{found['kinds'][kind][name]:,}" for kind in kinds)) for name in record["systems"])
    note = "Segments with what can be seen without knowing the language; not every flag is an error."
    return [Grid(TextTable("Flags", ("system", *kinds), rows, (note,)), folded=len(rows) > 6)]


def flags_of(record: Record, segment: int, names: tuple[str, ...]) -> str:
    """The flags of one segment, from 1, for its example: one system's alone, or each under its name."""
    found = (record.get("flags") or {}).get("segments") or {}
    said = [(name, "; ".join(found.get(name, {}).get(str(segment), ()))) for name in names]
    text = " · ".join(f"{name}: {flags}" if len(names) > 1 else flags for name, flags in said if flags)
    return text if len(text) <= FLAGS else text[: FLAGS - 1] + "…"


STEPS = (
    ("forms", profiles),
    ("glossary", glossary),
    ("consistency", consistency),
    ("flags", flags),
    ("examples", examples),
)
