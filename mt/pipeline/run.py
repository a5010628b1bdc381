"""The run: a source text translated, paired, scored against its reference, and written to a folder a person wants to open.

Order of steps: every input is read and checked before the model is loaded; the folder is made before anything is decoded; each file is written
beside and renamed; the manifest comes last.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import mt
from mt.bitext import jsonl, tmx, tsv
from mt.documents.plain import TextFile, document
from mt.errors import CountError
from mt.evaluate import metrics
from mt.evaluate.resegment import resegment
from mt.evaluate.resegment_result import COVERED
from mt.evaluate.testset import TestSet
from mt.files import make_directory
from mt.models.registry import open_model
from mt.pipeline import manifest, result
from mt.pipeline.config import RunConfig, TextConfig
from mt.pipeline.page import build_page
from mt.pipeline.result import UNIT, Run
from mt.protocols import Progress, Silent
from mt.report.run_page import render
from mt.translate.limits import Limits
from mt.translate.run import BatchTranslator
from mt.types import Document


def run(config: RunConfig, progress: Progress | None = None) -> Run:
    """Do it all.

    Args:
        config: what to do; see `mt.pipeline.config`.
        progress: told of stages and sentences.

    Raises:
        UserError: for bad input, a bad model or a place that cannot be written; nothing is decoded in the first two cases.
    """
    show = progress or Silent()
    state = _read(config)
    make_directory(state.folder)
    _translate(state, show)
    if state.reference is not None:
        show.stage("scoring", None, UNIT)
        _score(state)
    show.stage("writing", None, "file")
    _write(state)
    return state


def _read(config: RunConfig) -> Run:
    begin = time.perf_counter()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    source, text = _open(config.source)
    reference_file = reference = None
    if config.reference is not None:
        reference_file, reference = _open(config.reference)
        if reference.paragraph_count != text.paragraph_count:
            raise CountError(
                config.reference.path, reference.paragraph_count, config.source.path, text.paragraph_count, UNIT
            )
    state = Run(config, source, text, reference_file, reference, started)
    state.timings["reading"] = round(time.perf_counter() - begin, 3)
    return state


def _open(config: TextConfig) -> tuple[TextFile, Document]:
    file = TextFile(Path(config.path))
    return file, document(file.path.stem, config.lang, file.text, config.paragraphs)


def _translate(state: Run, show: Progress) -> None:
    config = state.config
    show.stage("loading the model", None, "model")
    with state.timed("loading the model"):
        model = config.model
        engine = open_model(
            model.name,
            engine=model.engine,
            compute_type=model.compute_type,
            device=model.device,
            threads=model.threads,
        )
    decode = config.decode
    with BatchTranslator(
        engine,
        decode,
        max_batch_pieces=decode.max_batch_pieces,
        guard=Limits() if decode.guard else None,
        retry_budget=decode.retry_budget,
    ) as translator:
        show.stage("translating", len(state.document.segments), "sentence")
        with state.timed("translating"):
            state.hypotheses = tuple(translator.translate((s.text for s in state.document.segments), show))
        state.signature, state.device, state.counts = translator.signature, engine.device, translator.counts


def _score(state: Run) -> None:
    config = state.config.score
    hypotheses, references = state.paragraph_hypotheses(), state.paragraph_references()
    names = (str(state.config.source.path), str(state.reference_file and state.reference_file.path))
    with state.timed("scoring"):
        state.scores = metrics.score(
            hypotheses,
            references,
            unit=UNIT,
            metrics=config.metrics,
            resamples=config.resamples,
            seed=config.seed,
            names=names,
        )
        state.document_scores = metrics.score(
            [" ".join(hypotheses)],
            [" ".join(references)],
            unit="document",
            # tercom's shifts take 40 s on this article as one segment; the report says that it is left out
            metrics=[m for m in config.metrics if m != "ter"],
            resamples=0,
        )
        state.paragraph_chrf = tuple(metrics.chrf(h, r) for h, r in zip(hypotheses, references, strict=True))
        _score_sentences(state)


def _score_sentences(state: Run) -> None:
    """Where translator and reference end their sentences differs, so the translation of each paragraph is cut as the reference is."""
    sentences, config = state.reference_sentences(), state.config.score
    test = TestSet((tuple(text for _, text in sentences),), documents=tuple(str(number) for number, _ in sentences))
    lines = state.paragraph_hypotheses()
    if not any(line.strip() for line in lines):
        return
    places = [str(number) for number in range(len(lines))]
    # with the rung named: as many paragraphs as the reference has sentences would be taken for them
    state.cut = found = resegment(lines, test, name="translation", documents=places, method="bead+soft")
    if found.unit == "segment" and found.coverage >= COVERED:
        scores = metrics.score(
            found.hypotheses,
            test.references[0],
            metrics=config.metrics,
            resamples=config.resamples,
            seed=config.seed,
        )
        state.sentence_scores = tuple(replace(one, signature=one.signature.join(found.signature)) for one in scores)


def _write(state: Run) -> None:
    folder = manifest.Folder(state.folder)
    rows, dropped = result.pairs(state)
    totals = result.counts(state, dropped)
    with state.timed("writing"):
        folder.write("translation.en.txt", state.document.rebuild([h.text for h in state.hypotheses]))
        folder.write("sentences.jsonl", jsonl.dumps(result.sentence_records(state)))
        folder.write("pairs.tsv", tsv.dumps(rows))
        folder.write("pairs.jsonl", jsonl.dumps(jsonl.pair_record(p) for p in rows))
        folder.write("pairs.tmx", tmx.dumps(rows, src_lang="ja", tgt_lang="en", tool_version=mt.__version__))
        if state.reference is not None:
            folder.write("scores.json", manifest.json_text(result.scores_file(state)))
        else:
            folder.remove("scores.json")  # of an earlier run that had a reference
    with state.timed("report"):
        folder.write("report.html", render(build_page(state, totals)))
    folder.close(_manifest(state, totals))


def _manifest(state: Run, totals: Mapping[str, int]) -> dict[str, object]:
    inputs = {"source": manifest.text_record(state.source, state.document)}
    if state.reference is not None and state.reference_file is not None:
        inputs["reference"] = manifest.text_record(state.reference_file, state.reference)
    return {
        "format": 1,
        "started": state.started,
        "inputs": inputs,
        "signature": str(state.signature),
        "device": state.device,
        "options": asdict(state.config),
        "counts": dict(totals),
        "seconds": state.timings,
        "versions": manifest.versions(),
    }
