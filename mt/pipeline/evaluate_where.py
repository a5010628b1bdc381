"""The middle of an evaluation's page: data and gates, distributions, examples, documents, agreement of metrics, published systems, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mt.errors import plural
from mt.pipeline import evaluate_detail as detail
from mt.pipeline import evaluate_disagree, evaluate_documents, evaluate_human, evaluate_neural
from mt.pipeline.evaluate_texts import flags_of
from mt.pipeline.evaluate_verdict import signed
from mt.report import evaluate_plots as plots
from mt.report import plots as base
from mt.report.evaluate_page import Example, Examples, Facts, Figure, Grid, Section, Text
from mt.report.tables import TextTable

Record = Mapping[str, Any]
BINS = 24


def sections(record: Record, segments: Sequence[Record]) -> list[Section | None]:
    """From slices to history, in the order of decisions."""
    return [
        detail.slices(record),
        _distributions(record, segments),
        detail.words(record),
        _examples(record, segments),
        evaluate_documents.section(record),
        detail.alignment(record),
        _metric_agreement(record),
        _published(record),
        evaluate_neural.section(record),
        evaluate_human.section(record),
        _history(record),
    ]


def data_and_gates(record: Record) -> Section:
    """What was scored, and what was found in it before any score."""
    test = record["test_set"]
    facts = [("test set", test["name"]), ("segments", f"{test['segments']:,}")]
    facts.append(
        (
            "documents",
            "not known: segments are the units of the tests" if test["documents"] is None else f"{test['documents']:,}",
        )
    )
    ways = sorted({one["method"] for one in (record.get("alignment") or {}).get("systems", ())})
    facts += [
        ("lines", f"aligned ({', '.join(ways)}): see Alignment" if ways else "one a segment, taken as they are"),
        ("references", str(test["references"])),
        ("source", "yes" if any(f["role"] == "source" for f in test["files"]) else "not given"),
    ]
    return Section(
        "data", "Data and gates", (Facts("", tuple(facts)), *detail.gates(record)), "Looked at before any score."
    )


def _distributions(record: Record, segments: Sequence[Record]) -> Section | None:
    if not segments:
        return None
    a, b = record["pair"]
    found = record["distributions"]
    rows = [(name, *(f"{x:.1f}" for x in quantiles)) for name, quantiles in found["quantiles"].items()]
    heads = ("system", "lowest", "20 %", "40 %", "60 %", "80 %", "highest")
    table = Grid(
        TextTable(
            "Sentence chrF2, fifths of the segments",
            heads,
            tuple(rows),
            ("Percent; a fifth of the segments lies below each border.",),
        ),
        folded=len(rows) > 4,
    )
    if a == b:
        return Section(
            "distributions", "Distribution over segments", (_spread(a, segments), table, *detail.profiles(record))
        )
    x, y = ([row["systems"][name]["chrF2"] for row in segments] for name in (a, b))
    delta = [p - q for p, q in zip(x, y, strict=True)]
    chosen = base.sampled(range(len(segments)), 1500)
    far = sorted(chosen, key=lambda n: -abs(delta[n]))[:20]
    points = [
        base.Point(x[n], y[n], f"#seg-{n + 1}", f"Segment {n + 1}: {a} {x[n]:.1f}, {b} {y[n]:.1f}", n in far)
        for n in chosen
    ]
    scatter = base.scatter(
        points,
        x_title=f"{a}, sentence chrF2, % →",
        y_title=f"{b}, sentence chrF2, % ↑",
        label=f"Sentence chrF2 of {a} against {b}",
        slope=1.0,
        height=320,
    )
    counts = found["difference"]
    said = f"{a} better in {counts['first_better']:,}, equal in {counts['equal']:,}, {b} better in {counts['second_better']:,}"
    said += f" of {plural(len(delta), 'segment')}."
    caption = f"A dot a segment; a click shows it. Below the line {a} is better, above it {b}. Coloured: the twenty most different."
    if len(chosen) < len(segments):
        caption += f" {len(chosen):,} of {len(segments):,} segments, at even distances."
    low, high = max(-100.0, min(delta)), min(100.0, max(delta))
    bound = max(abs(low), abs(high), 1.0)
    hist = _histogram(
        delta, -bound, bound, f"{a} − {b}, points of sentence chrF2", f"How {a} and {b} differ by segment", rule=0.0
    )
    blocks = (
        Text((said,)),
        Figure(f"{a} against {b}", scatter, caption),
        Figure("Difference by segment", hist, f"Right of the line {a} is better."),
        table,
        *detail.profiles(record),
    )
    return Section(
        "distributions", "Distribution over segments", blocks, "Sentence chrF2 ranks segments; it is no corpus score."
    )


def _spread(name: str, segments: Sequence[Record]) -> Figure:
    scores = [row["systems"][name]["chrF2"] for row in segments]
    return Figure(
        "Sentence chrF2",
        _histogram(scores, 0, 100, "sentence chrF2, %", f"Sentence chrF2 of {name}"),
        "How many segments have which score.",
    )


def _histogram(
    values: Sequence[float], low: float, high: float, title: str, label: str, *, rule: float | None = None
) -> str:
    width = (high - low) / BINS
    counts = [0] * BINS
    for value in values:
        counts[min(max(int((value - low) / width), 0), BINS - 1)] += 1
    return plots.histogram(
        counts, [round(low + n * width, 2) for n in range(BINS + 1)], x_title=title, label=label, rule=rule
    )


def _examples(record: Record, segments: Sequence[Record]) -> Section | None:
    if not segments:
        return None
    a, b = record["pair"]
    names = (a,) if a == b else (a, b)
    titles = {
        "worst": f"Worst of {a}",
        "first_better": f"{a} better by most",
        "second_better": f"{b} better by most",
        "flagged": f"Flagged for {a} only",
        "random": "Drawn at random",
    }
    if a == b:
        titles = {key: titles[key] for key in ("worst", "random")}

    def view(n: int, said: str = "") -> Example:
        row = segments[n]
        texts = tuple((name, row["systems"][name]["text"], row["systems"][name]["chrF2"]) for name in names)
        why = said or ("" if a == b else f"{signed(texts[0][2] - texts[1][2])} chrF2")
        why = " · ".join(x for x in (why, flags_of(record, n + 1, names)) if x)
        return Example(n + 1, row["document"] or "", row["src"] or "", row["references"][0], texts, why)

    groups = [
        (title, tuple(view(n) for n in record["examples"][key]))
        for key, title in titles.items()
        if record["examples"][key]
    ]
    if apart := record.get("disagreements"):
        views = tuple(view(one["segment"] - 1, ", ".join(evaluate_disagree.words(record, one))) for one in apart)
        groups.insert(len(groups) - 1, ("Metrics disagree most", views))
    hint = "Underlined: words that the text compared with does not have. Numbers: sentence chrF2, percent. Read the random ones first: they are fair."
    return Section("examples", "Examples", (Examples(tuple(groups)),), hint)


def _metric_agreement(record: Record) -> Section | None:
    rows = [
        (
            " · ".join(record["comparisons"][m]["name"] for m in one["metrics"]),
            f"{one['pairs']:,}",
            f"{one['alike']:,}",
            f"{one['against']:,}",
            signed(one["tau"], 2),
        )
        for one in record.get("metric_agreement", ())
        if one["tau"] is not None
    ]
    blocks: list[Any] = []
    if rows:
        note = "τ: Kendall’s, over pairs of systems; +1 where two metrics rank all systems alike."
        blocks.append(Grid(TextTable("", ("metrics", "pairs", "alike", "against", "τ"), tuple(rows), (note,))))
    blocks += [*evaluate_disagree.blocks(record), *detail.semantic(record)]
    return Section("metrics", "Agreement of metrics", tuple(blocks)) if blocks else None


def _published(record: Record) -> Section | None:
    found = record.get("published")
    if not found:
        return None
    blocks: list[Any] = []
    for metric in (m for m in ("chrf", "bleu") if m in record["comparisons"]):
        comparison = record["comparisons"][metric]
        rows = [
            (
                s["value"],
                plots.Row(
                    s["system"], (plots.Mark(s["value"], s["low"], s["high"], f"{s['system']}: {s['value']:.1f}"),)
                ),
            )
            for s in comparison["scores"]
        ]
        rows += [
            (
                s[metric],
                plots.Row(
                    s["system"],
                    (plots.Mark(s[metric], None, None, f"{s['system']}: {s[metric]:.1f} (published)", "two"),),
                ),
            )
            for s in found["systems"]
        ]
        rows.sort(key=lambda pair: -pair[0])
        svg = plots.intervals(
            [row for _, row in rows],
            x_title=f"{comparison['name']}, %",
            label=f"{comparison['name']} beside published systems",
        )
        blocks.append(
            Figure(
                f"{comparison['name']} beside published systems",
                svg,
                f"{found['name']}. Source: {found['source']}.",
                ("this evaluation", "published"),
            )
        )
        if missing := found["differs"].get(metric):
            blocks.insert(
                0,
                Text(
                    (
                        f"{comparison['name']} here has another recipe than the published figures ({', '.join(missing)}): do not compare them.",
                    ),
                    "warn",
                ),
            )
    return Section(
        "published",
        "Against published systems",
        tuple(blocks),
        "Only the same test set, unit and recipe can be compared.",
    )


def _history(record: Record) -> Section | None:
    found = record.get("history")
    if not found:
        return None
    blocks: list[Any] = []
    fallen = {(e["run"], e["system"]) for e in found["regressed"]}
    for system in record["systems"]:
        rows = [e for e in found["entries"] if e["system"] == system]
        if len(rows) < 2:
            continue
        points = [
            (f"{e['run']} {system}: {e['value']:.1f}", e["value"], e["low"], e["high"], (e["run"], system) in fallen)
            for e in rows
        ]
        svg = plots.course(
            points, y_title=f"{found['name']}, %", label=f"{found['name']} of {system} over {plural(len(rows), 'run')}"
        )
        blocks.append(
            Figure(system, svg, "A dot a run, bars: 95 % intervals. Coloured: wholly below the best run before.")
        )
    table = tuple(
        (e["run"], e["system"], f"{e['value']:.1f}", e["sha256"][:12], e["commit"]) for e in reversed(found["entries"])
    )
    blocks.append(
        Grid(
            TextTable("All runs, newest first", ("run", "system", found["name"], "text", "commit"), table),
            folded=len(table) > 12,
        )
    )
    first = [
        f"First run that fell behind: {e['run']}, {e['system']}, {found['name']} {e['value']:.1f}."
        for e in found["regressed"][:1]
    ]
    said = first or [
        f"{plural(len(found['entries']), 'score')} of this test set kept; none fell behind the best before it."
    ]
    return Section(
        "history",
        "History",
        (Text(tuple(said), "warn" if first else ""), *blocks),
        f"Kept in {found['path']}; only equal signatures are set beside each other.",
    )
