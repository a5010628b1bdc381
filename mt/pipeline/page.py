"""A finished run as the report's page: which numbers and tables it shows, in which words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from mt.pipeline.manifest import versions
from mt.pipeline.result import UNIT, Run, sentence_records
from mt.pipeline.verdict import notes
from mt.report.run_page import ParagraphView, RunPage, SentenceView, Table

_COUNTS = {
    "paragraphs": "paragraphs",
    "sentences": "sentences read",
    "decoded": "decoded",
    "repeated": "answered by an equal sentence",
    "passed_through": "passed through, nothing to translate in them",
    "failed": "flagged as failed",
    "split": "split at clause marks, too long for the model",
    "retried": "decoded again because of doubts",
    "pairs": "pairs written",
}


def build_page(state: Run, totals: Mapping[str, int]) -> RunPage:
    """The page of a run, reference or not."""
    units = state.document.paragraph_count
    return RunPage(
        title=state.config.title or state.document.id,
        created=state.started,
        src_lang="ja",
        tgt_lang="en",
        verdict=state.verdict,
        notes=notes(state.scores, units, UNIT, state.hypotheses),
        unit=UNIT,
        unit_count=units,
        scores=state.scores,
        document_scores=state.document_scores,
        paragraphs=_paragraphs(state),
        counts=tuple((label, totals[key]) for key, label in _COUNTS.items()),
        tables=_tables(state),
    )


def _paragraphs(state: Run) -> tuple[ParagraphView, ...]:
    ids = [str(record["id"]) for record in sentence_records(state)]
    references = state.paragraph_references() or [None] * state.document.paragraph_count
    scores = state.paragraph_chrf or [None] * state.document.paragraph_count
    views = []
    for number, (row, reference, chrf) in enumerate(zip(state.document.paragraphs(), references, scores, strict=True)):
        sentences = []
        for n in row:
            h = state.hypotheses[n]
            sentences.append(
                SentenceView(ids[n], state.document.segments[n].text, h.text, h.logprob, h.pieces, h.flags)
            )
        views.append(ParagraphView(number, tuple(sentences), reference, chrf))
    return tuple(views)


def _tables(state: Run) -> tuple[Table, ...]:
    config = state.config
    inputs = [("source", f"{config.source.path} ({state.source.encoding}, sha256 {state.source.sha256[:12]})")]
    if state.reference_file is not None:
        file = state.reference_file
        inputs.append(("reference", f"{file.path} ({file.encoding}, sha256 {file.sha256[:12]})"))
    decode = config.decode
    translation = [
        ("model", f"{config.model.name}, on {state.device}"),
        ("signature", str(state.signature)),
        (
            "search",
            f"beam {decode.beam_size}, length penalty {decode.length_penalty:g}, up to {decode.max_source_pieces:,} pieces a sentence",
        ),
        ("batches of at most", f"{decode.max_batch_pieces:,} pieces"),
    ]
    return (
        *_by_sentence(state),
        Table("Inputs", tuple(inputs)),
        Table("Command", (("again", _command(state)),)),
        Table("Translation", tuple(translation)),
        Table("Seconds", tuple((name, f"{seconds:.2f}") for name, seconds in state.timings.items())),
        Table("Versions", tuple(versions().items())),
    )


def _by_sentence(state: Run) -> tuple[Table, ...]:
    if state.cut is None:
        return ()
    rows = [
        (s.name, f"{s.value:.1f}" if s.low is None else f"{s.value:.1f} [{s.low:.1f}, {s.high:.1f}]")
        for s in state.sentence_scores
    ]
    signatures = [(f"signature of {s.name}", str(s.signature)) for s in state.sentence_scores]
    return (
        Table(
            "By sentence of the reference", (*rows, ("the translation is cut as it is", state.cut.said), *signatures)
        ),
    )


def _command(state: Run) -> str:
    """What does the same again where every other option has its default; `manifest.json` holds them all."""
    config = state.config
    reference = ["--reference", config.reference.path] if config.reference is not None else []
    words = [
        "mt",
        "run",
        "--source",
        config.source.path,
        *reference,
        "--model",
        config.model.name,
        "--out",
        config.output.dir,
    ]
    return shlex.join(words)
