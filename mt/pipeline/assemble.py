"""Hypotheses of the sentences of one line → what is said of the line."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import product

from mt.documents.rows import Answer, Layout
from mt.pipeline.lines import rebuilt
from mt.text.normalize import normalize
from mt.translate.run import BatchTranslator
from mt.types import PASSED_THROUGH, Document, Hypothesis


def assemble(translator: BatchTranslator, d: Document, answers: Sequence[Hypothesis], layout: Layout) -> Answer:
    """Texts joined, log-probabilities and pieces added, flags united.

    Args:
        translator: the one that answered.
        d: the text of the line and its sentences.
        answers: one a sentence.
        layout: what beside the translation is asked for.
    """
    others: tuple[tuple[str, float | None], ...] = ()
    if layout.alternatives:
        rows = combinations(answers, translator.options.num_hypotheses)
        others = tuple((rebuilt(d, [h.text for h in row], translator.src_lang), score(row)) for row in rows)
    links = _alignment(translator, d, answers) if layout.alignment else None
    text = rebuilt(d, [h.text for h in answers], translator.src_lang)
    return Answer(text, score(answers), flags(answers), others, links)


def score(answers: Sequence[Hypothesis]) -> float | None:
    """Log-probability of all pieces divided by their number; None where the model was asked for nothing.

    Example:
        >>> score([Hypothesis("a", -1.0, 2), Hypothesis("b", -2.0, 4), Hypothesis("3", None, 0)])
        -0.5
    """
    known = [(h.logprob, h.pieces) for h in answers if h.logprob is not None]
    pieces = sum(n for _, n in known)
    return sum(logprob for logprob, _ in known) / pieces if pieces else None


def flags(answers: Sequence[Hypothesis]) -> tuple[str, ...]:
    """Flags of the sentences, each once; that a sentence passed through is said only where all did.

    Example:
        >>> flags([Hypothesis("a", -1.0, 2, flags=("split",)), Hypothesis("3", None, 0, flags=("passed-through",))])
        ('split',)
    """
    found = dict.fromkeys(flag for h in answers for flag in h.flags)
    if not all(PASSED_THROUGH in h.flags for h in answers):
        found.pop(PASSED_THROUGH, None)
    return tuple(found)


def combinations(answers: Sequence[Hypothesis], count: int) -> list[list[Hypothesis]]:
    """Other ways to say several sentences, best score first: each sentence by its answer or one of its alternatives.

    Sentences are taken one after the other and the best `count` beginnings kept, which is no more than a beam search over sentences.

    Args:
        answers: with their alternatives.
        count: ways in all, the answers themselves included; so at most `count` - 1 are returned.

    Example:
        >>> one = Hypothesis("a", -1.0, 2, alternatives=(Hypothesis("b", -1.5, 2),))
        >>> two = Hypothesis("c", -1.0, 2, alternatives=(Hypothesis("d", -3.0, 2),))
        >>> [[h.text for h in row] for row in combinations([one, two], 3)]
        [['b', 'c'], ['a', 'd']]
    """
    rows: list[list[Hypothesis]] = [[]]
    for h in answers:
        longer = ([*row, choice] for row, choice in product(rows, (h, *h.alternatives)))
        rows = heapq.nlargest(count, longer, key=lambda row: score(row) or 0.0)
    chosen = [h.text for h in answers]
    return [row for row in rows if [h.text for h in row] != chosen][: count - 1]


def _alignment(
    translator: BatchTranslator, d: Document, answers: Sequence[Hypothesis]
) -> tuple[tuple[int, int], ...] | None:
    """Links of all sentences, pieces numbered through; None where one has none."""
    links: list[tuple[int, int]] = []
    src = tgt = 0
    for segment, h in zip(d.segments, answers, strict=True):
        if PASSED_THROUGH in h.flags:
            continue  # no pieces on either side
        if h.alignment is None:
            return None
        links += [(a + src, b + tgt) for a, b in h.alignment]
        text = normalize(segment.text, translator.src_lang)
        src += sum(read for read, _ in h.parts) if h.parts else len(translator.engine.encode([text])[0])
        tgt += h.written
    return tuple(links) if links else None
