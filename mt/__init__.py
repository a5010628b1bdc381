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
    from mt.pipeline.result import Run
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
    loaded = open_model(model, engine=engine, compute_type=compute_type, device=device, threads=threads)
    place = Path(memory) if memory is not None else None
    limits = Limits() if guard else None
    return BatchTranslator(loaded, decoding, guard=limits, retry_budget=retry_budget, memory=place)


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
