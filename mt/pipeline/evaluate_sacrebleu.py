"""sacrebleu's own output of scores, for scripts and papers made for it: text, JSON, LaTeX; signatures and digits as sacrebleu 2.6 prints them.

Different on purpose: streams of different length are an error in every case, JSON of several metrics never fails, intervals are given for several
systems too, the words below a test say more and LaTeX has a caption, and sacrebleu's paired bootstrap is not offered, since it halves p.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Literal

from mt.errors import ConfigError, CountError, plural
from mt.evaluate.parity import confidence as resampled
from mt.evaluate.parity import paired_ar as randomised
from mt.evaluate.statistics import LOWER_IS_BETTER, Table, tables
from mt.pipeline.evaluate_config import EvaluateConfig
from mt.pipeline.evaluate_inputs import read_inputs
from mt.report.evaluate_tables import Cell, grid, paper
from mt.types import check_range

Format = Literal["text", "json", "latex"]
LEVEL = 0.05  # sacrebleu's, for its stars
_FIRST = "Baseline: "


def report(
    config: EvaluateConfig, format: Format, *, width: int = 1, confidence: bool = False, paired_ar: bool = False
) -> str:
    """What `sacrebleu REF -i HYP…` prints.

    Args:
        config: inputs, metrics, tokeniser, case, resamples, trials and seed.
        format: of several systems: `text` is sacrebleu's grid, `latex` a table that can go into a paper as it is.
        width: digits behind the point, 0 to 10.
        confidence: mean and half width of the bootstrap, as sacrebleu draws it.
        paired_ar: approximate randomisation of each system against the first.

    Raises:
        OptionError: for a width out of range.
        ConfigError: for a paired test of one system.
        CountError: for streams of different length.
    """
    check_range("width", width, 0, 10)
    inputs = read_inputs(config.hypotheses, config.references)
    paths = {f.name: f for f in inputs.files if f.role == "system"}
    for system in inputs.systems:
        if len(system.hypotheses) != len(inputs.test):
            raise CountError(paths[system.name].path, len(system.hypotheses), "the reference", len(inputs.test), "line")
    names = [paths[s.name].path for s in inputs.systems]
    hyps = [s.hypotheses for s in inputs.systems]
    if paired_ar and len(names) < 2:
        raise ConfigError("--paired-ar", "more than one system", "one")
    # sacrebleu sorts metrics by their names, and its -lc is of BLEU alone
    lower = {metric: config.lowercase and metric == "bleu" for metric in config.metrics}
    made = [
        tables(metric, hyps, inputs.test.references, lowercase=lower[metric], tokenize=config.tokenize)
        for metric in sorted(config.metrics)
    ]
    columns = [[_One(table, config, confidence, rows[0] if paired_ar else None) for table in rows] for rows in made]
    if len(names) == 1:
        return _single([column[0] for column in columns], format, width)
    if paired_ar:
        names[0] = _FIRST + names[0]
    systems = [_System(name, scores) for name, scores in zip(names, zip(*columns, strict=True), strict=True)]
    return _many(systems, config, format, width=width, paired=paired_ar)


class _One:
    """A score with all that a line or a cell of it says; tested against the `baseline` where there is one that is another table."""

    def __init__(self, table: Table, config: EvaluateConfig, confidence: bool, baseline: Table | None = None) -> None:
        self.table, self.name, self.value = table, table.name, table.score()
        self.mean = self.half = self.p = None
        if confidence:
            self.mean, self.half = resampled(table, resamples=config.resamples, seed=config.seed)
        if baseline is not None and baseline is not table:
            self.p = randomised(baseline, table, trials=config.trials, seed=config.seed)
        extra = {"bs": config.resamples} if confidence else {}
        extra |= {"ar": config.trials} if baseline is not None else {}
        self.signature = signature(table, extra | ({"seed": config.seed} if extra else {}))

    @property
    def differs(self) -> bool:
        return self.p is not None and self.p <= LEVEL

    def cell(self, width: int, between: str) -> str:
        text = f"{self.value:.{width}f}"
        text += "" if self.mean is None else f" ({self.mean:.{width}f} ± {self.half:.{width}f})"
        return text if self.p is None else f"{text}{between}(p = {self.p:.4f}){'*' if self.differs else ''}"

    def score(self, width: int) -> str:
        text = f"{self.value:.{width}f}"
        return text if self.mean is None else f"{text} ({self.interval(width)})"

    def interval(self, width: int) -> str:
        return f"μ = {self.mean:.{width}f} ± {self.half:.{width}f}"

    def line(self, width: int) -> str:
        return f"{self.name}|{self.signature} = {self.score(width)} {verbose(self.table)}".rstrip()

    def record(self, width: int) -> dict[str, Any]:
        found: dict[str, Any] = {
            "name": self.name,
            "score": float(f"{self.value:.{width}f}"),
            "signature": self.signature,
        }
        if self.mean is not None and self.half is not None:
            found["confidence_mean"] = float(f"{self.mean:.{width}f}")
            found["confidence_var"] = float(f"{self.half:.{width}f}")
            found["confidence"] = self.interval(width)
        if said := verbose(self.table):
            found["verbose_score"] = said
        return found | dict(pair.split(":", 1) for pair in self.signature.split("|"))


class _System:
    """A row: a system's scores by each metric."""

    def __init__(self, name: str, scores: Sequence[_One]) -> None:
        self.name, self.scores = name, scores

    def record(self, width: int, paired: bool) -> dict[str, Any]:
        found: dict[str, Any] = {"system": self.name}
        for one in self.scores:
            whole = {"score": one.value, "p_value": one.p, "mean": one.mean, "ci": one.half}
            found[one.name] = whole if paired else one.score(width)
        return found


def signature(table: Table, extra: dict[str, int]) -> str:
    """The signature sacrebleu would print for a table: what this project adds left out, what was drawn behind the number of references."""
    pairs = [(key, value) for key, value in table.signature.items if key not in {"text", "unit", "n"}]
    more = [(key, str(value)) for key, value in extra.items()]
    return "|".join(f"{key}:{value}" for key, value in [pairs[0], *more, *pairs[1:]])


def verbose(table: Table) -> str:
    """What sacrebleu says behind a BLEU score: precisions, brevity, lengths; nothing for other metrics.

    Example:
        >>> from mt.evaluate.statistics import table
        >>> verbose(table("bleu", ["A cat sat here."], [["A cat sat down here."]]))
        '100.0/75.0/33.3/25.0 (BP = 0.819 ratio = 0.833 hyp_len = 5 ref_len = 6)'
    """
    if table.metric != "bleu":
        return ""
    sums = [float(x) for x in table.rows.sum(axis=0)]
    length, ref, matches, totals = sums[0], sums[1], sums[2:6], sums[6:10]
    precisions, smooth = [], 1.0
    for match, total in zip(matches, totals, strict=True):
        if total and not match:
            smooth *= 2
        precisions.append(
            0.0 if not total or not any(matches) else 100 * match / total if match else 100 / (smooth * total)
        )
    penalty = 1.0 if length >= ref else 0.0 if not length else math.exp(1 - ref / length)
    shown = "/".join(f"{x:.1f}" for x in precisions)
    ratio = length / ref if ref else 0.0
    return f"{shown} (BP = {penalty:.3f} ratio = {ratio:.3f} hyp_len = {length:.0f} ref_len = {ref:.0f})"


def _single(scores: Sequence[_One], format: Format, width: int) -> str:
    if format == "json":
        texts = [json.dumps(one.record(width), indent=1, ensure_ascii=False) for one in scores]
        return "[\n" + ",\n".join(texts) + "\n]" if len(texts) > 1 else texts[0]
    lines = [one.line(width) for one in scores]
    # sacrebleu sets the equal signs below each other
    edge = max(line.index(" = ") for line in lines)
    return "\n".join(" " * (edge - line.index(" = ")) + line for line in lines)


def _many(rows: Sequence[_System], config: EvaluateConfig, format: Format, *, width: int, paired: bool) -> str:
    signatures = [(one.name, one.signature) for one in rows[0].scores]
    if format == "json":
        return json.dumps([row.record(width, paired) for row in rows], indent=4, ensure_ascii=False)
    if format == "latex":
        return _latex(rows, signatures, config, width, paired).rstrip("\n")
    drawn = any(one.mean is not None for one in rows[0].scores)
    heads = ["System", *(one.name + (" (μ ± 95% CI)" if drawn else "") for one in rows[0].scores)]
    made = grid(heads, [[row.name, *(one.cell(width, "\n") for one in row.scores)] for row in rows])
    said = [made, "", *(_headed(*_test(config)) if paired else [])]
    return "\n".join(
        [*said, *_headed("Metric signatures", [f" - {name:<10} {line}" for name, line in signatures])[:-1]]
    )


def _latex(
    rows: Sequence[_System], signatures: Sequence[tuple[str, str]], config: EvaluateConfig, width: int, paired: bool
) -> str:
    """A table for a paper: the best of each metric bold, a dagger at what differs from the first system."""
    best = []
    for column in zip(*(row.scores for row in rows), strict=True):
        values = [float(f"{one.value:.{width}f}") for one in column]
        best.append(min(values) if column[0].table.metric in LOWER_IS_BETTER else max(values))
    body = []
    for row in rows:
        cells = [Cell(row.name.removeprefix(_FIRST))]
        for one, limit in zip(row.scores, best, strict=True):
            text = f"{one.value:.{width}f}"
            drawn = "" if one.mean is None else f"({one.mean:.{width}f} ± {one.half:.{width}f})"
            cells.append(Cell(text, drawn, bold=float(text) == limit, mark="†" if one.differs else ""))
        body.append(cells)
    caption = f"{len(rows)} systems on {plural(len(rows[0].scores[0].table), 'segment')}; the best scores are bold."
    if any(one.mean is not None for one in rows[0].scores):
        caption += " In brackets: mean ± half of the middle 95 % of bootstrap samples."
    if paired:
        caption += f" †: differs from the first system, p ≤ {LEVEL} ({_test(config)[0].lower()})."
    return paper(["System", *(name for name, _ in signatures)], [body], caption=caption, signatures=signatures)


def _test(config: EvaluateConfig) -> tuple[str, list[str]]:
    return f"Paired approximate randomization test with {config.trials} trials", [
        " - Each system is compared to the first. p: how often a difference at least as large comes about where",
        "   segments change sides by chance; two-sided, not corrected for the number of systems.",
        f' - "*": p <= {LEVEL}: the two differ by more than chance explains, which does not say that people see it.',
        " - Without --format: all pairs, documents as units, Holm's correction, and how often people agree.",
    ]


def _headed(title: str, lines: Sequence[str]) -> list[str]:
    rule = "-" * len(title)
    return [rule, title, rule, *lines, ""]
