"""Neural metrics in an evaluation: scored by workers in processes of their own, shown on the page, compared where recipes are the same."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.report.evaluate_page import Block, Facts, Grid, Section
from mt.report.tables import TextTable

if TYPE_CHECKING:
    from mt.pipeline.evaluate import Evaluation

Record = Mapping[str, Any]
DIGITS = 6  # of a segment's score in the record; fp32 has no more


def neural(state: Evaluation) -> None:
    """Scores of every worker that was named, all systems in one process of it; None where none was.

    Raises:
        ConfigError, ModelError: where a worker cannot be started, fails, or two of them would fill one column with different recipes.
    """
    from mt.errors import ConfigError
    from mt.evaluate.neural import NeuralScores, neural_table
    from mt.models.neural_metric import measure

    found: list[dict[str, Any]] = []
    count, test = len(state.test), state.test
    for command in state.config.neural:
        began = time.perf_counter()
        recipe, scores = measure(
            command,
            [text for system in state.systems for text in system.hypotheses],
            src=None if test.src is None else test.src * len(state.systems),
            references=test.references[0] * len(state.systems),
        )
        for other in found:
            if other["metric"] == recipe.metric:
                raise ConfigError(
                    f"--neural, {recipe.metric}", f"one recipe ({other['recipe']})", str(recipe.signature())
                )
        own = {s.name: scores[k * count : (k + 1) * count] for k, s in enumerate(state.systems)}
        table = neural_table(
            [
                NeuralScores(name, recipe.metric, recipe.lower_is_better, values, recipe.signature())
                for name, values in own.items()
            ],
            documents=test.documents,
            resamples=state.config.resamples,
            seed=state.config.seed,
        )
        found.append(
            {
                "recipe": str(recipe.signature()),
                "command": command,
                "seconds": round(time.perf_counter() - began, 3),
                **asdict(table),
                "segments": {name: [round(value, DIGITS) for value in values] for name, values in own.items()},
            }
        )
    state.parts["neural"] = found or None


def section(record: Record) -> Section | None:
    """A table a metric, each under its own recipe."""
    found = record.get("neural")
    if not found:
        return None
    blocks: list[Block] = []
    for one in found:
        head = f"{one['metric']} {'↓' if one['lower_is_better'] else '↑'}"
        rows = tuple(
            (
                row["system"],
                f"{row['value']:.4f}",
                "" if row["low"] is None else f"{row['low']:.4f} – {row['high']:.4f}",
            )
            for row in one["rows"]
        )
        blocks.append(Grid(TextTable(one["metric"], ("system", head, "95 %"), rows)))
    recipes = Facts("Recipes", tuple((one["metric"], one["signature"]) for one in found), code=True)
    hint = "Means over segments, in each metric’s own unit. Only equal recipes may be compared; these metrics do not see untranslated text well."
    return Section("neural", "Neural metrics", (*blocks, recipes), hint)


def compared(first: Record, second: Record, common: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Neural metrics of two evaluations, by metric; where the recipes differ no number stands beside another, and `refused` says so."""
    from mt.errors import ConfigError
    from mt.evaluate.neural import joined

    old, new = ({one["metric"]: one for one in record.get("neural") or ()} for record in (first, second))
    found: list[dict[str, Any]] = []
    for metric in (name for name in old if name in new):
        a, b = old[metric], new[metric]
        row: dict[str, Any] = {
            "metric": metric,
            "lower_is_better": a["lower_is_better"],
            "refused": None,
            "systems": [],
        }
        try:
            joined({metric: a["recipe"]}, {metric: b["recipe"]})
        except ConfigError as e:
            row["refused"] = str(e)
        else:
            means = [{r["system"]: r["value"] for r in one["rows"]} for one in (a, b)]
            row["systems"] = [
                {"old": x, "new": y, "difference": means[1][y] - means[0][x]}
                for x, y in common
                if x in means[0] and y in means[1]
            ]
        found.append(row)
    return found


def compared_lines(found: Sequence[Record]) -> list[str]:
    """What `compared` found, for people."""
    said = []
    for row in found:
        if row["refused"] is not None:
            said.append(f"{row['metric']} not compared: {row['refused']}")
        arrow = "lower is better" if row["lower_is_better"] else "higher is better"
        said += [f"{s['old']} → {s['new']}: {row['metric']} {s['difference']:+.4f} ({arrow})" for s in row["systems"]]
    return said


def write_layout(state: Evaluation, folder: Path) -> list[Path]:
    """The evaluation as a directory of mt-metrics-eval: texts, sentence chrF2, corpus scores, neural scores, and people's z.

    Metrics that are better when lower are written with their sign turned, as that layout has them.

    Raises:
        OutputError, InputError: where it cannot be written, or a system's name cannot be a file's.
    """
    from mt.bitext.testsets import TestData
    from mt.bitext.testsets_mte import write_mte

    test = state.test
    refs = [f"ref{chr(ord('A') + n)}" for n in range(len(test.references))]
    seen = ".".join(refs)
    metrics: dict[str, dict[str, Sequence[float | None]]] = {
        f"chrF2-{seen}.seg": {name: list(values) for name, values in state.segment_scores.items()}
    }
    for c in state.comparisons.values():
        sign = -1 if c.lower_is_better else 1
        metrics[f"{c.name}-{seen}.sys"] = {row.system: [sign * row.value] for row in c.scores}
    for one in state.parts.get("neural") or ():
        sign = -1 if one["lower_is_better"] else 1
        name = f"{one['metric']}-{refs[0] if '+ref|' in one['recipe'] + '|' else 'src'}"
        metrics[f"{name}.seg"] = {s: [sign * value for value in values] for s, values in one["segments"].items()}
        metrics[f"{name}.sys"] = {row["system"]: [sign * row["value"]] for row in one["rows"]}
    human = {
        f"{one['protocol']}.sys": {row["system"]: [row["z"]] for row in one["systems"]}
        for one in state.parts.get("human") or ()
    }
    data = TestData(
        test.name,
        dict(zip(refs, test.references, strict=True)),
        test.src,
        {s.name: s.hypotheses for s in state.systems},
        test.documents,
        {"domain": test.columns["domain"]} if "domain" in test.columns else {},
        (test.src_lang, test.tgt_lang),
    )
    return write_mte(folder, data, human=human, metrics=metrics)
