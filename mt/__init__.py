"""Kakehashi (架け橋, a bridge): translate Japanese articles in batches, produce parallel corpora, and score what comes out.

Example:
    >>> import mt
    >>> with mt.open_translator("starter") as translator:
    ...     hypotheses = list(translator.translate(["猫がいる。", "…"]))
    >>> hypotheses[1].text, hypotheses[1].flags
    ('…', ('passed-through',))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mt.errors import MTError
from mt.signature import Signature
from mt.types import (
    Alignment,
    Bead,
    Corpus,
    Decision,
    DecodingOptions,
    Document,
    Hypothesis,
    Links,
    Pair,
    Score,
    Segment,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mt.pipeline.result import Run
    from mt.protocols import SentenceEncoder
    from mt.translate.run import BatchTranslator

__version__ = "0.1.0"

__all__ = [
    "Alignment",
    "Bead",
    "Corpus",
    "Decision",
    "DecodingOptions",
    "Document",
    "Hypothesis",
    "Links",
    "MTError",
    "Pair",
    "Score",
    "Segment",
    "Signature",
    "align_sentences",
    "open_encoder",
    "open_translator",
    "read_document",
    "run",
    "score",
]


def open_translator(
    model: str = "starter",
    *,
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2",
    compute_type: str = "auto",
    device: Literal["auto", "cpu", "cuda"] = "auto",
    threads: int = 0,
    guard: bool = True,
    retry_budget: float = 0.15,
    memory: str | None = None,
    every_script: bool = False,
    **options: Any,
) -> BatchTranslator:
    """A loaded model that translates any number of sentences; close it, or use it in a `with` block.

    One of these may serve several threads. A forked child must open its own: ctranslate2 is not fork-safe, and says so.

    Args:
        model: a known model's name or a directory in Hugging Face MarianMT format.
        engine: `ctranslate2`, or `transformers` (extra `train`).
        compute_type: `auto` is int8 on a CPU and float16 on a GPU.
        device: `auto` takes a GPU where there is one.
        threads: on a CPU; 0 = as many as there are cores.
        guard: compare every translation with its source, try doubtful ones again, and flag what stays doubtful.
        retry_budget: share of the work that trying again may add, 0 to 100.
        memory: a file that remembers translations; the same call after a crash decodes only what is not in it.
        every_script: let a model for English write kana and kanji too; slower.
        options: fields of `DecodingOptions`, e.g. `beam_size=1`.

    Raises:
        ModelError: when there is no such model or it is corrupt.
        ValueError: for an option out of range.
    """
    from pathlib import Path

    from mt.models.registry import open_model
    from mt.translate.limits import Limits
    from mt.translate.run import BatchTranslator

    decoding = DecodingOptions(**options)
    loaded = open_model(
        model, engine=engine, compute_type=compute_type, device=device, threads=threads, every_script=every_script
    )
    place = Path(memory) if memory is not None else None
    limits = Limits() if guard else None
    return BatchTranslator(loaded, decoding, guard=limits, retry_budget=retry_budget, memory=place)


def open_encoder(name_or_path: str = "use", **options: Any) -> SentenceEncoder:
    """Sentences → vectors of unit norm; options of `mt.models.encoders.open_encoder`.

    Example:
        >>> encoder = open_encoder("use")
        >>> encoder.encode(["猫がいる。", "There is a cat."]).shape
        (2, 512)
    """
    from mt.models.encoders import open_encoder as opened

    return opened(name_or_path, **options)


def align_sentences(
    src: Sequence[str],
    tgt: Sequence[str],
    *,
    src_lang: str = "ja",
    tgt_lang: str = "en",
    method: Literal["auto", "embed", "mt", "length"] = "auto",
    encoder: str | SentenceEncoder = "use",
    translations: Sequence[str] | None = None,
    src_paragraphs: Sequence[int] | None = None,
    tgt_paragraphs: Sequence[int] | None = None,
    fixed: Sequence[Bead] = (),
    **options: Any,
) -> Alignment:
    """Align the sentences of two texts: a document with its translation, a source with a hypothesis, or a hypothesis with a reference.

    Every sentence of both sides is in exactly one bead of the answer, with a probability that a person would have made the same one. Texts in one
    language (`src_lang="en"`) align as well: so a score by segments needs no equal segmentation.

    Args:
        src: sentences of the source document, in order.
        tgt: of the target document.
        src_lang: code of the source language.
        tgt_lang: of the target language.
        method: compare vectors (`embed`), translations (`mt`) or lengths; `auto` takes the first of these that can be had.
        encoder: what makes vectors: a name, or one that is open and stays yours.
        translations: of each source sentence in the target's language, for `mt`; None = our own translator makes them.
        src_paragraphs: number of the paragraph of each source sentence, ascending; None = unknown.
        tgt_paragraphs: of each target sentence.
        fixed: beads that stand as they are.
        options: fields of `mt.align.options.AlignOptions`, e.g. `longest=4`, `hard=True`.

    Raises:
        MTError: when the method lacks something.
        ValueError: for an option out of range, or borders or fixed beads that these texts cannot have.

    Example:
        >>> made = align_sentences(["猫が庭にいる。", "雨が降る。"], ["A cat is in the garden.", "It rains."], method="length")
        >>> [(list(bead.src), list(bead.tgt)) for bead in made.beads]
        [([0], [0]), ([1], [1])]
    """
    from mt.align.options import AlignOptions
    from mt.align.side import Side
    from mt.pipeline.aligner import AlignConfig, Aligner

    name = encoder if isinstance(encoder, str) else "use"
    config = AlignConfig(method, encoder=name, options=AlignOptions(**options))
    sides = [
        Side(tuple(sentences), lang, None if paragraphs is None else tuple(paragraphs))
        for sentences, lang, paragraphs in ((src, src_lang, src_paragraphs), (tgt, tgt_lang, tgt_paragraphs))
    ]
    with Aligner(config, encoder=None if isinstance(encoder, str) else encoder, translations=translations) as aligner:
        return aligner.align(*sides, fixed=fixed)[0]


def read_document(path: str, lang: str = "ja", paragraphs: Literal["auto", "line", "blank"] = "auto") -> Document:
    """A text file cut into paragraphs and sentences; encodings as in `mt run`.

    Raises:
        InputError: when it cannot be read as text.
    """
    from pathlib import Path

    from mt.documents.plain import TextFile, document

    file = TextFile(Path(path))
    return document(file.path.stem, lang, file.text, paragraphs)


def score(hypotheses: list[str], references: list[str], **options: Any) -> tuple[Score, ...]:
    """BLEU, chrF2 and TER in percent with 95 % intervals; options of `mt.evaluate.metrics.score`.

    Example:
        >>> [s.name for s in score(["A cat."], ["A cat."])]
        ['BLEU', 'chrF2', 'TER']
    """
    from mt.evaluate.metrics import score as corpus_score

    return corpus_score(hypotheses, references, **options)


def run(config: str) -> Run:
    """Do a configured run, as `mt run CONFIG` does."""
    from pathlib import Path

    from mt.pipeline.config import load_run
    from mt.pipeline.run import run as whole_run

    return whole_run(load_run(Path(config)))
