"""A record of an evaluation → the report's page: which numbers it shows, in which words and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mt.errors import plural
from mt.pipeline import evaluate_where
from mt.pipeline.evaluate_held import segments_of
from mt.pipeline.evaluate_verdict import main_comparison, p_text, pair_of, signed
from mt.report import evaluate_plots as plots
from mt.report.evaluate_page import EvaluatePage, Facts, Figure, Grid, Mood, Section, Text
from mt.report.tables import TextTable

Record = Mapping[str, Any]
FOREST = 15  # rows of the forest plot
MATRIX = 20  # systems in the matrix of all pairs
LANGUAGES = {"ja": "Japanese", "en": "English"}


def build_page(record: Record, segments: Sequence[Record], *, command: str = "") -> EvaluatePage:
    """The page of a record and its segments."""
    test = record["test_set"]
    langs = (test["src_lang"], test["tgt_lang"])
    facts = [f"{LANGUAGES.get(langs[0], langs[0])} → {LANGUAGES.get(langs[1], langs[1])}"]
    facts += [plural(test["segments"], test["unit"]), plural(len(record["systems"]), "system")]
    facts += [plural(test["documents"], "document")] if test["documents"] else []
    sections = [
        evaluate_where.data_and_gates(record),
        _scores(record),
        _differences(record),
        *evaluate_where.sections(record, segments),
        _reproduce(record, command),
    ]
    kept = tuple(section for section in sections if section is not None)
    said = record["verdict"]
    return EvaluatePage(
        title=record["title"],
        facts=(*facts, record["created"]),
        verdict=(*said["lines"], said["rule"]),
        sections=kept,
        segments=segments_of(record, segments, kept),
        alarm=said["alarm"],
        langs=langs,
        command=command,
    )


def _scores(record: Record) -> Section:
    comparisons: Mapping[str, Record] = record["comparisons"]
    main = main_comparison(record)
    notes = tuple(dict.fromkeys(note for c in comparisons.values() for note in c["notes"]))
    signatures = Facts("Signatures", tuple((c["name"], c["signature"]) for c in comparisons.values()), code=True)
    return Section(
        "scores",
        "Scores",
        (
            _score_table(record, main),
            *((Text(notes, "muted"),) if notes else ()),
            *_score_plots(main),
            signatures,
        ),
        f"By {record['test_set']['unit']}; scores of another unit cannot be compared with these.",
    )


def _score_table(record: Record, main: Record) -> Grid:
    """A row a system, best first: every metric with its interval, rank, and length."""
    comparisons, lengths = list(record["comparisons"].values()), record["lengths"]
    heads = ["system"]
    for c in comparisons:
        heads += [f"{c['name']} {'↓' if c['lower_is_better'] else '↑'}", "95 %"]
    heads += ["rank", *(["length", "BP"] if lengths else [])]
    rows, moods = [], dict[tuple[int, int], Mood]()
    for r, score in enumerate(main["scores"]):
        name = score["system"]
        row = [name]
        for c in comparisons:
            own = next(s for s in c["scores"] if s["system"] == name)
            row += [f"{own['value']:.1f}", _interval(own)]
        low, high = score["rank"]
        row.append(f"{low}" if low == high else f"{low}–{high}")
        if lengths:
            row += [f"{lengths[name]['ratio']:.2f}", f"{lengths[name]['brevity']:.3f}"]
            if lengths[name]["brevity"] < 0.9:
                moods[r, len(row) - 1] = "warn"
        rows.append(tuple(row))
    notes = [f"Percent; rank by {main['name']}: the ranks that the tests leave open."]
    notes += ["Length: words against the reference's; BP: what BLEU takes off for a short text."] if lengths else []
    return Grid(TextTable("", tuple(heads), tuple(rows), tuple(notes)), moods)


def _score_plots(main: Record) -> list[Figure]:
    """Scores with intervals, and the ranks where there are several systems."""

    def mark(s: Record) -> plots.Mark:
        return plots.Mark(s["value"], s["low"], s["high"], f"{s['system']}: {s['value']:.1f}{_range(s)}")

    scores = main["scores"]
    arrow = "lower is better" if main["lower_is_better"] else "higher is better"
    svg = plots.intervals(
        [plots.Row(s["system"], (mark(s),)) for s in scores],
        x_title=f"{main['name']}, % ({arrow})",
        label=f"{main['name']} of each system with 95 % intervals",
    )
    caption = "Dot: the score; bar: 95 % of bootstrap samples. Overlapping bars can still differ: the tests are below."
    found = [Figure(f"{main['name']} by system", svg, caption)]
    if len(scores) > 2:
        ranks = [plots.Row(s["system"], (_rank(s),)) for s in scores]
        svg = plots.intervals(ranks, x_title="rank (1 is best)", label="Ranks that the tests leave open", whole=True)
        caption = "Bar: the ranks that the tests of all pairs leave open."
        found.append(Figure(f"Ranks by {main['name']}", svg, caption))
    return found


def _rank(score: Record) -> plots.Mark:
    low, high = score["rank"]
    return plots.Mark((low + high) / 2, low, high, f"{score['system']}: rank {low} to {high}")


def _differences(record: Record) -> Section | None:
    main = main_comparison(record)
    if not main["pairs"]:
        return None
    order = [s["system"] for s in main["scores"]]
    forest = [pair_of(main, a, b) for a, b in pairwise(order)]
    if len(order) > 2:
        forest = [pair_of(main, order[0], b) for b in order[1:]]
    rows = []
    for pair in (p for p in forest[:FOREST] if p is not None):
        shown = pair["better"] is not None
        said = (
            f"{signed(pair['difference'], 2)}{_range(pair, True)}, {p_text(pair['p_holm'], pair['smallest_p'])} (Holm)"
        )
        mark = plots.Mark(pair["difference"], pair["low"], pair["high"], said, "one" if shown else "muted")
        rows.append(plots.Row(f"{pair['first']} − {pair['second']}", (mark,), _note(pair)))
    svg = plots.intervals(
        rows, x_title=f"difference in {main['name']}, points", label=f"Paired differences in {main['name']}", zero=True
    )
    caption = "Bars: 95 % of paired bootstrap samples. Grey: not shown after Holm’s correction."
    clusters = tuple((f"cluster {n}", ", ".join(names)) for n, names in enumerate(main["clusters"], 1))
    blocks: list[Any] = [Figure("Against the best" if len(order) > 2 else "Paired difference", svg, caption)]
    blocks += _curve(main, record, [p for p in forest if p is not None])
    if len(order) > 2:
        blocks.append(Facts(f"Rank clusters by {main['name']}", clusters))
        if len(order) <= MATRIX:
            blocks.append(_matrix(main, order))
    blocks += [_pairs(c, record) for c in record["comparisons"].values()]
    return Section("differences", "Differences", tuple(blocks), record["verdict"]["rule"])


def _curve(main: Record, record: Record, pairs: Sequence[Record]) -> list[Figure]:
    """What differences are worth, with those of this evaluation marked."""
    points = record.get("agreement", {}).get("curves", {}).get(main["metric"])
    if not points:
        return []
    rows = record["agreement"][main["metric"]]
    said = {frozenset((row["first"], row["second"])): row for row in rows}
    marks = []
    for pair in pairs:
        row = said[frozenset((pair["first"], pair["second"]))]
        text = f"{pair['first']} − {pair['second']}: {signed(pair['difference'], 2)}; {row['words']}"
        marks.append(plots.Mark(row["difference"], row["curve"], None, text, "one" if pair["better"] else "muted"))
    svg = plots.curve(
        [tuple(p) for p in points],
        marks,
        x_title=f"difference in {main['name']}, points →",
        y_title="people agree, % ↑",
        label=f"How often people agree with a difference in {main['name']}",
    )
    caption = f"Line: {record['agreement']['sources'][0]}. Dots: the differences of this evaluation, grey where the test shows none."
    return [Figure("What people would say", svg, caption)]


def _note(pair: Record) -> str:
    return "identical" if pair["identical"] else p_text(pair["p_holm"], pair["smallest_p"])


def _matrix(main: Record, order: Sequence[str]) -> Grid:
    """Row minus column; coloured where the test shows the difference."""
    rows, moods = [], dict[tuple[int, int], Mood]()
    for r, a in enumerate(order):
        row = [f"{r + 1} {a}"]
        for c, b in enumerate(order):
            pair = pair_of(main, a, b)
            row.append("" if pair is None else signed(pair["difference"]))
            if pair is not None:
                moods[r, c + 1] = "muted" if pair["better"] is None else "good" if pair["better"] == a else "bad"
        rows.append(tuple(row))
    heads = ("row − column", *(str(n) for n in range(1, len(order) + 1)))
    note = f"Points of {main['name']}; grey: no difference is shown. Columns are the rows' numbers."
    return Grid(TextTable(f"All pairs by {main['name']}", heads, tuple(rows), (note,)), moods)


def _pairs(comparison: Record, record: Record) -> Grid:
    said = {(row["first"], row["second"]): row for row in record.get("agreement", {}).get(comparison["metric"], ())}
    heads = ["pair", "Δ", "95 %", "p", "p (Holm)", "p (bootstrap)"] + (["people agree", "on ja→en"] if said else [])
    rows, moods = [], dict[tuple[int, int], Mood]()
    ordered = sorted(comparison["pairs"], key=lambda p: (p["p_holm"], -abs(p["difference"])))
    for r, pair in enumerate(ordered):
        boot = "" if pair["p_bootstrap"] is None else f"{pair['p_bootstrap']:.2g}"
        row = [f"{pair['first']} − {pair['second']}", signed(pair["difference"], 2), _interval(pair, True)]
        row += [f"{pair['p']:.2g}", f"{pair['p_holm']:.2g}", boot]
        if said:
            one = said.get((pair["first"], pair["second"]), {})
            row += [_percent(one.get("curve")), _percent(one.get("pairs"))]
        moods[r, 4] = "good" if pair["better"] else "muted"
        rows.append(tuple(row))
    smallest = max((p["smallest_p"] for p in comparison["pairs"]), default=0.0)
    notes: tuple[str, ...] = (
        f"p: two-sided approximate randomisation of {comparison['resampled']}s; the smallest that can be reached is {smallest:.1g}.",
    )
    if said:
        notes += (f"People agree: {'; on ja→en: '.join(record['agreement']['sources'])}.",)
    return Grid(
        TextTable(f"{comparison['name']}: {plural(len(rows), 'pair')}, surest first", tuple(heads), tuple(rows), notes),
        moods,
        len(rows) > 1,
    )


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} %"


def _reproduce(record: Record, command: str) -> Section:
    test = record["test_set"]
    files = tuple(
        (f"{f['role']} {f['name']}", f"{f['path']} ({plural(f['lines'], 'line')}, sha256 {f['sha256'][:12]})")
        for f in test["files"]
    )
    defaults = ("hypotheses", "references", "source", "documents", "columns", "title")
    chosen = tuple((k, _shown(v)) for k, v in record["options"].items() if k not in defaults)
    return Section(
        "reproduce",
        "To reproduce it",
        (
            *((Facts("Command", (("again", command),), code=True),) if command else ()),
            Facts("Files", files, code=True),
            Facts("Options", chosen, code=True),
            Facts("Seconds", tuple((name, f"{seconds:.2f}") for name, seconds in record["seconds"].items()), code=True),
            Facts("Versions", tuple(record["versions"].items()), code=True),
        ),
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value) or "none"
    return "none" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _interval(row: Record, sign: bool = False) -> str:
    if row["low"] is None:
        return ""
    if sign:
        return f"{signed(row['low'])} to {signed(row['high'])}"
    return f"{row['low']:.1f} – {row['high']:.1f}"


def _range(row: Record, sign: bool = False) -> str:
    return f" ({_interval(row, sign)})" if row["low"] is not None else ""
