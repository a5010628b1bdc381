"""What a run knows, and the records made of it: sentences, pairs, counts, scores."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from mt.documents.plain import TextFile
from mt.evaluate import metrics
from mt.evaluate.resegment_result import Resegmented
from mt.pipeline import manifest
from mt.pipeline.config import RunConfig
from mt.pipeline.verdict import verdict
from mt.signature import Signature
from mt.translate.run import Counts
from mt.types import FAILURES, LOWER_IS_BETTER, PASSED_THROUGH, Document, Hypothesis, Pair, Score

UNIT: metrics.Unit = "paragraph"


@dataclass(slots=True)
class Run:
    """Everything a run knows, filled step by step.

    Attributes:
        config: what was asked for.
        source: the source file.
        document: its sentences.
        reference_file: the reference file, if there is one.
        reference: its sentences.
        hypotheses: one a source sentence.
        signature: of the translation.
        device: what the model ran on.
        counts: fate of every sentence.
        scores: by paragraph, with intervals.
        document_scores: the whole document as one unit.
        sentence_scores: by sentence of the reference, the translation cut as it is; empty where the two resemble each other too little.
        cut: how that was done; None without a reference.
        paragraph_chrf: chrF2 of each paragraph, or None each without a reference.
        timings: seconds of each step.
        started: when, UTC, ISO 8601.
    """

    config: RunConfig
    source: TextFile
    document: Document
    reference_file: TextFile | None
    reference: Document | None
    started: str
    hypotheses: tuple[Hypothesis, ...] = ()
    signature: Signature = field(default_factory=lambda: Signature(()))
    device: str = ""
    counts: Counts = field(default_factory=Counts)
    scores: tuple[Score, ...] = ()
    document_scores: tuple[Score, ...] = ()
    sentence_scores: tuple[Score, ...] = ()
    cut: Resegmented | None = None
    paragraph_chrf: tuple[float | None, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the outputs are."""
        return Path(self.config.output.dir)

    @property
    def verdict(self) -> str:
        """One sentence on the result."""
        if self.reference is None:
            return "Translated without a reference: nothing was scored."
        return verdict(self.scores, len(self.paragraph_hypotheses()), UNIT)

    def paragraph_hypotheses(self) -> tuple[str, ...]:
        """Translation of each paragraph, its sentences joined by a blank."""
        return tuple(" ".join(self.hypotheses[n].text for n in row) for row in self.document.paragraphs())

    def paragraph_references(self) -> tuple[str, ...]:
        """Reference of each paragraph, hard-wrapped lines joined; empty without a reference."""
        if self.reference is None:
            return ()
        return tuple(" ".join(text.split("\n")) for text in self.reference.paragraph_texts())

    def reference_sentences(self) -> tuple[tuple[int, str], ...]:
        """Paragraph, from 0, and text of each sentence of the reference; a paragraph without one is one itself."""
        if self.reference is None:
            return ()
        texts, segments = self.paragraph_references(), self.reference.segments
        rows = ((number, row) for number, row in enumerate(self.reference.paragraphs()))
        return tuple(
            (number, text)
            for number, row in rows
            for text in ([" ".join(segments[n].text.split("\n")) for n in row] or [texts[number]])
        )

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the seconds of the block to `timings`."""
        begin = time.perf_counter()
        yield
        self.timings[step] = round(self.timings.get(step, 0.0) + time.perf_counter() - begin, 3)


def pairs(state: Run) -> tuple[tuple[Pair, ...], Mapping[str, int]]:
    """The parallel corpus, and why the other sentences are not in it (reason → count).

    Passed-through sentences are copies of their source and failed ones are no translations: neither teaches anything.
    """
    rows: list[Pair] = []
    origin = f"mt:{dict(state.signature.items).get('model', 'model')}"
    dropped: dict[str, int] = {}
    for record, hypothesis in zip(sentence_records(state), state.hypotheses, strict=True):
        reason = next((f for f in hypothesis.flags if f == PASSED_THROUGH or f in FAILURES), None)
        if reason is not None:
            dropped[reason] = dropped.get(reason, 0) + 1
            continue
        scores = {} if hypothesis.logprob is None else {"logprob": round(hypothesis.logprob, 4)}
        rows.append(Pair(str(record["id"]), str(record["src"]), hypothesis.text, origin, MappingProxyType(scores)))
    return tuple(rows), dropped


def sentence_records(state: Run) -> list[dict[str, object]]:
    """One object a sentence, as in `sentences.jsonl`; paragraphs count from 0, offsets are characters of the source file."""
    width = len(str(len(state.document.segments)))
    return [
        {
            "id": f"{state.document.id}-{number:0{width}d}",
            "paragraph": segment.paragraph,
            "start": segment.start,
            "end": segment.end,
            "src": segment.text,
            "hyp": hypothesis.text,
            "logprob": None if hypothesis.logprob is None else round(hypothesis.logprob, 4),
            "pieces": hypothesis.pieces,
            "flags": list(hypothesis.flags),
            "steps": list(hypothesis.steps),
        }
        for number, (segment, hypothesis) in enumerate(zip(state.document.segments, state.hypotheses, strict=True), 1)
    ]


def counts(state: Run, dropped: Mapping[str, int]) -> dict[str, int]:
    """What was read and what became of it; checked to add up."""
    c = state.counts
    total = len(state.document.segments)
    fates = {
        "decoded": c.decoded,
        "repeated": c.repeated,
        "remembered": c.remembered,
        "passed_through": c.passed_through,
        "failed": c.failed,
    }
    manifest.check_sum(total, fates, "sentences")
    kept = total - sum(dropped.values())
    return {
        "paragraphs": state.document.paragraph_count,
        "sentences": total,
        **fates,
        "split": c.split,
        "retried": c.retried,
        **{f"doubted_{flag.replace('-', '_')}": n for flag, n in sorted(c.doubted.items())},
        "pairs": kept,
        **{f"not_paired_{reason.replace('-', '_')}": n for reason, n in dropped.items()},
        "source_pieces": c.source_pieces,
        "target_pieces": c.target_pieces,
        "extra_pieces": c.extra_pieces,
    }


def score_records(scores: Sequence[Score]) -> list[dict[str, object]]:
    """Scores as objects: name, value, low, high (percent, 95 %), better, signature."""
    return [
        {
            "name": s.name,
            "value": round(s.value, 4),
            "low": None if s.low is None else round(s.low, 4),
            "high": None if s.high is None else round(s.high, 4),
            "better": "lower" if s.name in LOWER_IS_BETTER else "higher",
            "signature": str(s.signature),
        }
        for s in scores
    ]


def scores_file(state: Run) -> dict[str, object]:
    """What `scores.json` holds."""
    return {
        "unit": UNIT,
        "units": len(state.paragraph_chrf),
        "verdict": state.verdict,
        "scores": score_records(state.scores),
        "document_scores": score_records(state.document_scores),
        "sentence_scores": score_records(state.sentence_scores),
        "sentences_cut": state.cut and state.cut.said,
        "paragraph_chrf2": [None if x is None else round(x, 2) for x in state.paragraph_chrf],
        "translation": str(state.signature),
    }


def score_lines(scores: Sequence[Score]) -> list[str]:
    """Scores for people: value, interval, arrow, signature."""
    rows = []
    for s in scores:
        arrow = "↓" if s.name in LOWER_IS_BETTER else "↑"
        interval = "" if s.low is None else f"[{s.low:.1f}, {s.high:.1f}]"
        rows.append(f"{s.name + ' ' + arrow:9}{s.value:6.2f}  {interval:15} {s.signature}")
    return rows


def describe(state: Run) -> list[str]:
    """What `mt run` prints: verdict, scores, counts, flags, and where to look."""
    c = state.counts
    lines = [state.verdict, *score_lines(state.scores)]
    lines.append(
        f"{c.read:,} sentences: {c.decoded:,} decoded, {c.repeated:,} repeated, {c.passed_through:,} passed through, "
        f"{c.failed:,} failed; {c.split:,} split, {c.retried:,} retried"
    )
    if c.doubted:
        lines.append("to be looked at: " + ", ".join(f"{name} {count:,}" for name, count in c.doubted.most_common()))
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in state.timings.items() if value >= 0.05)
    lines.append(f"{state.config.model.name} on {state.device}: {seconds}")
    lines.append(f"report: {state.folder / 'report.html'}")
    return lines
