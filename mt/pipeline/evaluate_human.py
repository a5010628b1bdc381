"""People in an evaluation: files of their judgements into the record and the page, and a campaign to ask them for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.errors import plural
from mt.report import evaluate_plots as plots
from mt.report.evaluate_page import Block, Figure, Grid, Section, Text
from mt.report.tables import TextTable

if TYPE_CHECKING:
    from mt.pipeline.evaluate import Evaluation

Record = Mapping[str, Any]
PROTOCOLS = {"mqm": "MQM", "esa": "ESA", "da": "DA+SQM"}


def human(state: Evaluation) -> None:
    """Judgements of ESA, MQM and DA+SQM files, joined to the segments; None where none were given.

    Raises:
        InputError: for a damaged file, or one of which no judgement belongs to these systems.
    """
    from mt.bitext.human import read_human
    from mt.bitext.human_place import placed
    from mt.errors import InputError
    from mt.evaluate.human import summarise
    from mt.pipeline.meta_scores import ratings_of

    systems = {s.name: s.hypotheses for s in state.systems}
    found = []
    for path in state.config.human:
        file = read_human(path)
        test = state.test
        langs = test.src_lang, test.tgt_lang
        joined = placed(file.judgements, systems, src=test.src, documents=test.documents, base=file.base, langs=langs)
        ratings = ratings_of(file, joined)
        if not ratings:
            reasons = ", ".join(f"{count} × {why}" for why, count in joined.lost.items())
            raise InputError(path, "judgements of these systems' segments", reasons or "none")
        summary = summarise(ratings, file.protocol, resamples=state.config.resamples or 1000, seed=state.config.seed)
        lost = {**file.left_out, **joined.lost}
        found.append({"path": str(path), "joined_by": joined.how, "lost": lost, **asdict(summary)})
    state.parts["human"] = found or None


def write_campaign(state: Evaluation, path: Path, items: int) -> int:
    """A Pearmut campaign of the most informative segments, for people to judge by ESA.

    Returns:
        How many segments it asks about.

    Raises:
        InputError: where no segment parts the systems.
        OutputError: where it cannot be written.
    """
    from mt.bitext import human_pearmut as pearmut
    from mt.bitext.testsets import TestData
    from mt.evaluate.human import most_informative

    test = state.test
    texts = {s.name: s.hypotheses for s in state.systems}
    chosen = most_informative(state.segment_scores, items, texts=texts)
    data = TestData(
        test.name,
        {f"ref{n}": stream for n, stream in enumerate(test.references, 1)},
        test.src,
        texts,
        test.documents,
        langs=(test.src_lang, test.tgt_lang),
    )
    pearmut.write_campaign(path, pearmut.campaign(data, chosen, systems=list(texts)))
    return len(chosen)


def section(record: Record) -> Section | None:
    """Judgements of people, a group a file."""
    found = record.get("human")
    if not found:
        return None
    blocks: list[Block] = []
    for one in found:
        blocks += _file(one)
    hint = "z: an annotator’s values less their mean, over their standard deviation; raw means depend on who judged."
    return Section("human", "People’s judgements", tuple(blocks), hint)


def _file(one: Record) -> list[Block]:
    name = PROTOCOLS.get(one["protocol"], one["protocol"])
    count = sum(s["ratings"] for s in one["systems"])
    said = f"{name}: {plural(count, 'judgement')} by {plural(len(one['annotators']), 'annotator')}, joined by {one['joined_by']}."
    if one["agreement"] is not None:
        said += f" {plural(one['twice'], 'item')} judged twice; two annotators order two systems alike in {100 * one['agreement']:.0f} %."
    if one["minutes"] is not None:
        said += f" {one['minutes']:.0f} minutes in all."
    lost = tuple(f"Left out: {count:,} × {why}." for why, count in one["lost"].items())
    rows = tuple(
        (
            s["system"],
            f"{s['mean']:.2f}",
            f"{s['z']:.3f}",
            f"{s['low']:.3f} – {s['high']:.3f}",
            f"{s['segments']:,}",
            f"{s['ratings']:,}",
        )
        for s in one["systems"]
    )
    marks = [
        plots.Row(s["system"], (plots.Mark(s["z"], s["low"], s["high"], f"{s['system']}: z {s['z']:.3f}"),))
        for s in one["systems"]
    ]
    svg = plots.intervals(marks, x_title="z (higher is better)", label=f"z of each system by {name}")
    people = tuple(
        (
            a["name"],
            f"{a['ratings']:,}",
            f"{a['mean']:.1f}",
            f"{a['deviation']:.1f}",
            "" if a["seconds"] is None else f"{a['seconds']:.0f}",
        )
        for a in one["annotators"]
    )
    heads = ("system", "mean", "z", "95 %", "segments", "judgements")
    annotators = TextTable("Annotators", ("annotator", "judgements", "mean", "deviation", "seconds"), people)
    return [
        Text((said, *lost)),
        Grid(TextTable(f"{name} of {one['path']}", heads, rows, (one["signature"],))),
        Figure(f"{name} by system", svg, "Bars: 95 % of bootstrap samples of segments."),
        Grid(annotators, folded=True),
    ]
