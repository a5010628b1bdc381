"""sacrebleu's own output of scores, for scripts and papers made for it: text, JSON, LaTeX; signatures and digits as sacrebleu 2.6 prints them.

Different on purpose: streams of different length are an error in every case, JSON of several metrics never fails, and sacrebleu's paired bootstrap
is not offered, since it halves p.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Literal

from mt.errors import ConfigError, CountError
from mt.evaluate.parity import confidence as resampled
from mt.evaluate.parity import paired_ar as randomised
from mt.evaluate.statistics import Table, tables
from mt.pipeline.evaluate_config import EvaluateConfig
from mt.pipeline.evaluate_inputs import read_inputs
from mt.report.tables import TextTable, latex, plain
from mt.types import check_range

Format = Literal["text", "json", "latex"]


def report(
    config: EvaluateConfig, format: Format, *, width: int = 1, confidence: bool = False, paired_ar: bool = False
) -> str:
    """What `sacrebleu REF -i HYP…` prints.

    Args:
        config: inputs, metrics, tokeniser, case, resamples, trials and seed.
        format: `latex` needs more than one system or metric to be of use.
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
    made = {
        metric: tables(metric, hyps, inputs.test.references, lowercase=config.lowercase, tokenize=config.tokenize)
        for metric in config.metrics
    }
    if len(names) == 1 and not paired_ar:
        return _single([_One(rows[0], config, confidence) for rows in made.values()], format, width)
    if paired_ar and len(names) < 2:
        raise ConfigError("--paired-ar", "more than one system", "one")
    return _many(names, made, config, format, width=width, confidence=confidence, paired=paired_ar)


class _One:
    """A score with all that a line of it says."""

    def __init__(self, table: Table, config: EvaluateConfig, confidence: bool) -> None:
        self.table, self.name, self.value = table, table.name, table.score()
        self.mean = self.half = None
        if confidence:
            self.mean, self.half = resampled(table, resamples=config.resamples, seed=config.seed)
        extra = {"bs": config.resamples, "seed": config.seed} if confidence else {}
        self.signature = signature(table, extra)

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


def signature(table: Table, extra: dict[str, int]) -> str:
    """The signature sacrebleu would print for a table: what this project adds left out, what was drawn behind the number of references."""
    pairs = [(key, value) for key, value in table.signature.items if key not in {"unit", "n"}]
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


def _many(
    names: Sequence[str],
    made: dict[str, list[Table]],
    config: EvaluateConfig,
    format: Format,
    *,
    width: int,
    confidence: bool,
    paired: bool,
) -> str:
    cells: list[dict[str, Any]] = [
        {"system": f"Baseline: {name}" if paired and not n else name} for n, name in enumerate(names)
    ]
    shown: list[list[str]] = [[str(cell["system"])] for cell in cells]
    notes = []
    for rows in made.values():
        extra = {"bs": config.resamples} if confidence else {}
        extra |= {"ar": config.trials} if paired else {}
        extra |= {"seed": config.seed} if extra else {}
        notes.append(f"{rows[0].name}  {signature(rows[0], extra)}")
        for n, table in enumerate(rows):
            one = _One(table, config, confidence)
            p = randomised(rows[0], table, trials=config.trials, seed=config.seed) if paired and n else None
            if paired:
                cells[n][one.name] = {"score": one.value, "p_value": p, "mean": one.mean, "ci": one.half}
            else:
                cells[n][one.name] = one.score(width)
            shown[n].append(one.score(width) + ("" if p is None else f" (p = {p:.4f})" + ("*" if p < 0.05 else "")))
    if format == "json":
        return json.dumps(cells, indent=4, ensure_ascii=False)
    table_of = TextTable(
        "", ("System", *(rows[0].name for rows in made.values())), tuple(tuple(r) for r in shown), tuple(notes)
    )
    return (latex if format == "latex" else plain)([table_of]).rstrip("\n")
