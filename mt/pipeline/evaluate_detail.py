"""Blocks of an evaluation's page for what the pieces of `mt/evaluate` found; nothing where a piece found nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt.errors import plural
from mt.pipeline import evaluate_texts as texts
from mt.pipeline.evaluate_verdict import main_comparison, signed
from mt.report import evaluate_plots as plots
from mt.report.evaluate_page import Block, Facts, Figure, Grid, Mood, Section, Text
from mt.report.tables import TextTable

Record = Mapping[str, Any]
SLICES = 24  # rows of the plot
FINDINGS = 8  # rows of a table that is open at first
WORST = 4  # findings said in words
QUOTED = 120  # characters of a line


def gates(record: Record) -> tuple[Block, ...]:
    """What was found before any score."""
    found = record.get("gates")
    if not found:
        return (Text(("No gates were checked.",), "muted"),)
    checked = f"{plural(len(found['checked']), 'gate')} were checked on {plural(found['lines'], 'line')} of {plural(found['systems'], 'system')}"
    if not found["findings"]:
        return (
            Text((f"{checked}: nothing was found.",)),
            Text((f"Checked: {', '.join(found['checked'])}.",), "muted"),
        )
    rows, moods = [], dict[tuple[int, int], Mood]()
    for r, one in enumerate(found["findings"]):
        effect = one["effect"]
        said = "" if effect is None else f"{effect['metric']} {effect['all']:.1f}, without {effect['without']:.1f}"
        rows.append(
            (
                one["gate"],
                one["severity"],
                one["system"] or "test set",
                f"{one['count']:,}",
                f"{100 * one['share']:.1f} %",
                said,
            )
        )
        moods[r, 1] = {"error": "bad", "warning": "warn"}.get(one["severity"], "muted")  # type: ignore[assignment]
    worst = [one["said"] for one in found["findings"] if one["severity"] != "note"]
    blocks: list[Block] = [Text((f"{checked}.",))]
    if worst:
        more = len(worst) - WORST
        lines = [f"{said}." for said in worst[:WORST]] + (
            [f"{plural(more, 'more warning')} below."] if more > 0 else []
        )
        blocks.append(Text(tuple(lines), "warn"))
    heads = ("gate", "severity", "where", "lines", "share", "effect")
    note = "error: the score does not say what it seems to say; warning: look before believing small differences; note: good to know."
    blocks.append(Grid(TextTable("Found", heads, tuple(rows), (note,)), moods, folded=len(rows) > FINDINGS))
    return (*blocks, *_stopped(found), Text((f"Checked: {', '.join(found['checked'])}.",), "muted"))


def _stopped(found: Record) -> list[Block]:
    """Lines that were stopped, with links."""
    rows: list[tuple[str, ...]] = []
    links: dict[tuple[int, int], str] = {}
    for one in found["findings"]:
        for example in one["examples"]:
            links[len(rows), 0] = f"#seg-{example['line']}"
            text = example["hypothesis"] if example["hypothesis"] is not None else example["reference"]
            rows.append(
                (f"segment {example['line']}", one["gate"], one["system"] or "test set", example["why"], _short(text))
            )
    heads = ("segment", "gate", "where", "what", "text")
    table = TextTable("Lines that were stopped", heads, tuple(rows))
    return [Grid(table, folded=True, links=links, text=(3, 4))] if rows else []


def _short(text: str) -> str:
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def slices(record: Record) -> Section | None:
    """Scores by kind of segment."""
    found = record.get("slices")
    if not found or not found["slices"]:
        return None
    a, b = found["pair"]
    rows, moods = [], dict[tuple[int, int], Mood]()
    for r, one in enumerate(found["slices"]):
        own = {s["system"]: s for s in one["scores"]}
        row = [f"{one['dimension']}: {one['name']}", f"{one['segments']:,}"]
        if not one["enough"]:
            row += ["too few"] + [""] * (3 if a == b else 5)
            moods[r, 2] = "muted"
        else:
            for name in (a,) if a == b else (a, b):
                row += [f"{own[name]['value']:.1f}", _interval(own[name])]
            if a == b:
                row += [signed(own[a]["to_whole"]), _interval(own[a], "to_whole_")]
            else:
                row += [signed(one["difference"]), f"{one['p_holm']:.2g}" if one["p_holm"] is not None else ""]
                shown = one["p_holm"] is not None and one["p_holm"] < 0.05
                moods[r, 6] = "muted" if not shown else "good" if one["difference"] > 0 else "bad"
        rows.append(tuple(row))
    columns = (a, "95 %", "to the whole", "95 %") if a == b else (a, "95 %", b, "95 %", f"{a} − {b}", "p (Holm)")
    notes = (
        f"{found['name']}; slices below {found['least']} segments are not scored. p corrected for {plural(found['tests'], 'slice')}: of twenty "
        "intervals one misses by chance.",
        found["signature"],
    )
    table = Grid(TextTable("All slices", ("slice", "segments", *columns), tuple(rows), notes), moods, folded=True)
    return Section(
        "slices", "Slices", (_slice_plot(found), table), "Kinds of segments: where a system is better or worse."
    )


def _slice_plot(found: Record) -> Figure:
    """Differences of the pair by slice, or of one system to the whole, widest apart first."""
    a, b = found["pair"]
    rows = []
    for one in (s for s in found["slices"] if s["enough"]):
        name = f"{one['dimension']}: {one['name']}"
        if a == b:
            own = one["scores"][0]
            low, high = own["to_whole_low"], own["to_whole_high"]
            value, shown = own["to_whole"], low is not None and (low > 0 or high < 0)
        else:
            value, low, high = one["difference"], one["low"], one["high"]
            shown = one["p_holm"] is not None and one["p_holm"] < 0.05
        said = f"{name}, {plural(one['segments'], 'segment')}: {signed(value)}"
        note = f"n = {one['segments']:,}"
        rows.append((value, plots.Row(name, (plots.Mark(value, low, high, said, "one" if shown else "muted"),), note)))
    rows.sort(key=lambda pair: -pair[0])
    kept = [row for _, row in rows]
    if len(kept) > SLICES:
        kept = [*kept[: SLICES // 2], *kept[-(SLICES // 2) :]]
    title = f"{a} against its score on the whole" if a == b else f"{a} − {b} by slice"
    caption = (
        "Bars: 95 %. Grey: not shown after Holm’s correction." if a != b else "Bars: 95 %. Grey: the interval holds 0."
    )
    if len(rows) > len(kept):
        caption += f" The {SLICES // 2} highest and lowest of {len(rows)} slices."
    svg = plots.intervals(kept, x_title=f"difference in {found['name']}, points", label=title, zero=True)
    return Figure(title, svg, caption)


def _interval(row: Record, prefix: str = "") -> str:
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    if low is None:
        return ""
    return f"{low:.1f} – {high:.1f}" if not prefix else f"{signed(low)} to {signed(high)}"


def words(record: Record) -> Section | None:
    """Words and n-grams of one system and not of another; numbers, names, links, terms."""
    blocks = [*_differences(record), *_bands(record), *_accuracy(record), *texts.glossary_blocks(record)]
    return Section("words", "Words, numbers and names", tuple(blocks)) if blocks else None


def _differences(record: Record) -> list[Block]:
    """N-grams of the reference that one system gets and the other misses, and words that one writes more often."""
    found = (record.get("words") or {}).get("differences")
    if not found:
        return []
    a, b = found["first"], found["second"]
    blocks: list[Block] = []
    for key, name, other in (("right_first", a, b), ("right_second", b, a)):
        rows, links = [], dict[tuple[int, int], str]()
        for r, one in enumerate(found[key]):
            share = one["ratio"] if name == a else 1 - one["ratio"]
            rows.append(
                (
                    one["gram"],
                    f"{one['reference']:,}",
                    f"{one['first']:,}",
                    f"{one['second']:,}",
                    f"{share:.2f}",
                    _listed(one["segments"]),
                )
            )
            if one["segments"]:
                links[r, 5] = f"#seg-{one['segments'][0]}"
        note = f"Ratio: (matches of {name} + 1) / (matches of both + 2)."
        heads = ("words", "in the reference", a, b, "ratio", "segments")
        if rows:
            blocks.append(
                Grid(TextTable(f"{name} gets, {other} misses", heads, tuple(rows), (note,)), folded=True, links=links)
            )
    uses = [
        (one["word"], f"{one['reference']:,}", f"{one['first']:,}", f"{one['second']:,}", signed(one["z"]))
        for key in ("more_first", "more_second")
        for one in found[key]
    ]
    if uses:
        note = (
            f"z of the log-odds with an informative prior (Monroe et al. 2008); above 0 {a} writes the word more often."
        )
        blocks.append(
            Grid(
                TextTable(
                    "Words written more often by one", ("word", "in the reference", a, b, "z"), tuple(uses), (note,)
                ),
                folded=True,
            )
        )
    return blocks


def _listed(segments: list[int]) -> str:
    return ", ".join(str(n) for n in segments[:4])


def _bands(record: Record) -> list[Block]:
    """Words by how often training had them."""
    found = (record.get("words") or {}).get("bands")
    if not found:
        return []
    rows = tuple(
        (
            f"{one['system']}: {one['band']}",
            f"{one['reference']:,}",
            f"{one['written']:,}",
            f"{one['right']:,}",
            *("" if one[key] is None else f"{one[key]:.1f}" for key in ("precision", "recall", "f1")),
        )
        for one in found
    )
    heads = ("seen in training", "in the reference", "written", "right", "precision", "recall", "F1")
    counted = record["words"].get("counted")
    notes = ("Percent.", *([f"Counted in {counted}."] if counted else []))
    return [Grid(TextTable("Words by training frequency", heads, rows, notes), folded=len(rows) > 10)]


def _accuracy(record: Record) -> list[Block]:
    """What was kept of numbers, links and names, a table a kind."""
    found = record.get("accuracy")
    if not found:
        return []
    blocks: list[Block] = []
    for kind in dict.fromkeys(one["kind"] for one in found):
        chosen = [one for one in found if one["kind"] == kind]
        rows = tuple(
            (
                one["system"],
                "" if one["share"] is None else f"{one['share']:.1f} %",
                "" if one["low"] is None else f"{one['low']:.1f} – {one['high']:.1f}",
                f"{one['kept']:,} of {one['wanted']:,}",
                "" if one["extra"] is None else f"{one['extra']:,}",
                f"{one['segments']:,}",
            )
            for one in chosen
        )
        heads = ("system", "kept", "95 %", "of", "extra", "segments touched")
        note = "The reference’s own line shows how far people keep them; what stands otherwise there is no error of a system."
        blocks.append(
            Grid(TextTable(kind.capitalize(), heads, rows, (note,) if chosen[0]["system"] == "(reference)" else ()))
        )
        blocks += _losses(kind, [one for one in chosen if one["system"] in record["pair"]])
    return blocks


def _losses(kind: str, chosen: list[Any]) -> list[Block]:
    """The first things lost and added by the compared systems, each with a link to its segment."""
    rows: list[tuple[str, ...]] = []
    links: dict[tuple[int, int], str] = {}
    for one in chosen:
        for what, losses in (("lost", one["lost"]), ("added", one["added"])):
            for loss in losses:
                links[len(rows), 0] = f"#seg-{loss['segment']}"
                rows.append((f"segment {loss['segment']}", one["system"], what, loss["what"]))
    if not rows:
        return []
    return [
        Grid(
            TextTable(f"{kind.capitalize()}: the first lost and added", ("segment", "system", "", "what"), tuple(rows)),
            folded=True,
            links=links,
            text=(3,),
        )
    ]


def profiles(record: Record) -> tuple[Block, ...]:
    """Length ratios and repetitions, and what can be seen at sight."""
    return (*texts.profile_blocks(record), *texts.flag_blocks(record))


def consistency(record: Record) -> tuple[Block, ...]:
    """Terms within a document."""
    return tuple(texts.consistency_blocks(record))


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
                    f"Method: the rung of the ladder; asked for was {record['options']['align']}. lines: one a segment, as they are; ids: joined by "
                    "names, exact; bead+soft: sentences, then words inside them; soft: words; document: whole documents only.",
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
