"""The work of `mt evaluate`: what is read, checked, scored, tested and looked at, in this order, into one record.

The record is plain data (`docs/scores.schema.json`): it is `scores.json`, and the report, the Markdown and the tables are made of it alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mt.evaluate.significance import Comparison, compare
from mt.evaluate.statistics import Table, tables, values
from mt.evaluate.testset import System, TestSet
from mt.pipeline.evaluate_config import EvaluateConfig
from mt.pipeline.evaluate_inputs import Lines, read_inputs
from mt.pipeline.evaluate_read import FileRecord
from mt.pipeline.manifest import versions
from mt.protocols import Progress, Silent

SCHEMA = "kakehashi-evaluation/1"


@dataclass(slots=True)
class Evaluation:
    """Everything an evaluation knows, filled step by step.

    Attributes:
        config: what was asked for.
        test: the test set.
        systems: one answer a segment.
        files: what was read.
        started: when, UTC, ISO 8601.
        lines: what is known of the systems' lines.
        tables: statistics by metric and system.
        comparisons: by metric, in the order asked for.
        segment_scores: sentence chrF2 in percent, by system.
        pair: the two systems compared in detail; twice the same where there is one.
        parts: what the other pieces found, by name, plain data.
        timings: seconds of each step.
    """

    config: EvaluateConfig
    test: TestSet
    systems: tuple[System, ...]
    files: tuple[FileRecord, ...]
    started: str
    lines: Lines = field(default_factory=Lines)
    tables: dict[str, dict[str, Table]] = field(default_factory=dict)
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    segment_scores: dict[str, tuple[float, ...]] = field(default_factory=dict)
    pair: tuple[str, str] = ("", "")
    parts: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Keeps the seconds that a step takes."""
        began = time.perf_counter()
        yield
        self.timings[step] = self.timings.get(step, 0.0) + time.perf_counter() - began

    @property
    def main(self) -> Comparison:
        """By the metric of the verdict."""
        return self.comparisons[self.config.main]


def evaluate(config: EvaluateConfig, *, progress: Progress | None = None) -> Evaluation:
    """Do a whole evaluation, writing nothing but the history.

    Raises:
        MTError: when something given cannot be used.
    """
    from mt.pipeline import evaluate_parts
    from mt.pipeline.evaluate_align import align

    told = progress or Silent()
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inputs = read_inputs(
        config.hypotheses,
        config.references,
        source=config.source,
        documents=config.documents,
        columns=config.columns,
        ids=config.ids,
        line_ids=config.line_ids,
        line_documents=config.line_documents,
        name=config.title,
        langs=(config.src_lang, config.tgt_lang),
    )
    if inputs.unit == "paragraph" and config.unit == "segment":
        config = replace(config, unit="paragraph")
    state = Evaluation(config, inputs.test, inputs.systems, inputs.files, started, inputs.lines)
    with state.timed("alignment"):
        align(state)
    told.stage("scoring", len(config.metrics) * len(state.systems), "score")
    with state.timed("scores"):
        score(state, told)
    for name, step in evaluate_parts.STEPS:
        told.stage(name, None, "step")
        with state.timed(name):
            step(state)
    return state


def score(state: Evaluation, progress: Progress) -> None:
    """Statistics, scores, tests of all pairs, and sentence scores."""
    config, test = state.config, state.test
    for metric in config.metrics:
        made = tables(
            metric,
            [system.hypotheses for system in state.systems],
            test.references,
            lowercase=config.lowercase,
            tokenize=config.tokenize,
            unit=config.unit,
        )
        state.tables[metric] = {system.name: table for system, table in zip(state.systems, made, strict=True)}
        state.comparisons[metric] = compare(
            state.tables[metric],
            documents=test.documents,
            resample=config.resample,
            resamples=config.resamples,
            trials=config.trials,
            seed=config.seed,
            alpha=config.alpha,
        )
        progress.advance(len(state.systems))
    chrf = state.tables.get("chrf") or {
        system.name: table
        for system, table in zip(
            state.systems, tables("chrf", [s.hypotheses for s in state.systems], test.references), strict=True
        )
    }
    state.tables.setdefault("chrf", chrf)
    state.segment_scores = {name: tuple(values("chrf", table.rows).tolist()) for name, table in chrf.items()}
    best = [score.system for score in state.main.scores]
    state.pair = config.pair or (best[0], best[min(1, len(best) - 1)])
    for name in state.pair:
        if name not in best:
            from mt.errors import ConfigError

            raise ConfigError("--pair", f"two of {', '.join(best)}", name)


def record(state: Evaluation) -> dict[str, Any]:
    """The evaluation as plain data."""
    from mt.pipeline.evaluate_verdict import verdict

    test = state.test
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "title": state.config.title or test.name,
        "created": state.started,
        "test_set": {
            "name": test.name,
            "unit": state.config.unit,
            "segments": len(test),
            "documents": None if test.documents is None else len(list(test.spans())),
            "references": len(test.references),
            "src_lang": test.src_lang,
            "tgt_lang": test.tgt_lang,
            "files": [asdict(one) for one in state.files],
        },
        "pair": list(state.pair),
        "systems": [system.name for system in state.systems],
        "comparisons": {
            metric: _signed(asdict(one), state.parts["alignment"]) for metric, one in state.comparisons.items()
        },
        "lengths": lengths(state),
        **state.parts,
        "seconds": {name: round(seconds, 3) for name, seconds in state.timings.items()},
        "versions": versions(),
        "options": options(state.config),
    }
    found["verdict"] = verdict(found)
    return found


def lengths(state: Evaluation) -> dict[str, dict[str, float]]:
    """Length of each system's text against the references', as BLEU counts it, and BLEU's brevity penalty; empty where BLEU was not measured."""
    import math

    found = {}
    for name, table in state.tables.get("bleu", {}).items():
        total = table.rows.sum(axis=0)
        length, ref = float(total[0]), float(total[1])
        penalty = 1.0 if length >= ref else 0.0 if not length else math.exp(1 - ref / length)
        found[name] = {"words": length, "reference": ref, "ratio": length / max(ref, 1.0), "brevity": penalty}
    return found


def options(config: EvaluateConfig) -> dict[str, Any]:
    """The options as plain data; files under their names."""
    return {key: _plain(value) for key, value in asdict(config).items()}


def segments(state: Evaluation) -> list[dict[str, Any]]:
    """Rows of `segments.jsonl`: texts and sentence chrF2 of every segment."""
    test = state.test
    return [
        {
            "segment": n + 1,
            "document": None if test.documents is None else test.documents[n],
            "src": None if test.src is None else test.src[n],
            "references": [stream[n] for stream in test.references],
            "systems": {
                s.name: {"text": s.hypotheses[n], "chrF2": round(state.segment_scores[s.name][n], 2)}
                for s in state.systems
            },
        }
        for n in range(len(test))
    ]


def _signed(comparison: dict[str, Any], aligned: Mapping[str, Any] | None) -> dict[str, Any]:
    """With how systems were aligned in the signature: scores after different alignments cannot be compared."""
    if aligned is None:
        return comparison
    ways = sorted({one["method"] for one in aligned["systems"]})
    return {**comparison, "signature": f"{comparison['signature']}|seg:ref|align:{'+'.join(ways)}"}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
