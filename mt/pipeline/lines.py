"""Lines in, lines out: rows of any kind pooled into one stream of sentences, and their translations dealt out again, none lost and none added."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from mt.documents.plain import document
from mt.errors import MTError
from mt.protocols import Progress
from mt.text.features import translatable
from mt.translate.run import BatchTranslator
from mt.types import Document, Hypothesis

FILLER = ""  # the sentence of a row that has none

_Row = TypeVar("_Row")


def pooled(
    translator: BatchTranslator,
    rows: Iterable[_Row],
    sentences: Callable[[_Row], Sequence[str]],
    *,
    window: int | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[_Row, tuple[Hypothesis, ...]]]:
    """Each row with the translations of its sentences, in order; all rows go through one `translate`.

    A row without sentences sends a filler, which passes through: so rows waiting are never more than sentences on their way, however many
    blank lines follow each other, and memory is bounded by the windows of the translator.

    Args:
        translator: the model with its options.
        rows: anything; read on this thread, a few windows ahead.
        sentences: of a row.
        window: sentences decoded together at most; 1 answers each before the next is read; None = the translator's own.
        progress: told of every sentence that has its first translation, fillers included.

    Raises:
        MTError: when the translator loses or adds a sentence.
        Exception: what `rows` raises, behind the answers of all rows before.
    """
    waiting: deque[tuple[_Row, int]] = deque()

    def stream() -> Iterator[str]:
        for row in rows:
            texts = sentences(row)
            waiting.append((row, len(texts)))
            yield from texts or (FILLER,)

    asked = {} if window is None else {"window": window}
    answers = translator.translate(stream(), progress, **asked)
    got: list[Hypothesis] = []
    try:
        for hypothesis in answers:
            if not waiting:
                raise MTError("translator: expected one answer a sentence, found one more")
            got.append(hypothesis)
            row, count = waiting[0]
            if len(got) == max(count, 1):
                waiting.popleft()
                yield row, tuple(got) if count else ()
                got = []
        if waiting:
            raise MTError(f"translator: expected answers for {len(waiting)} more rows, found no more")
    finally:
        if (close := getattr(answers, "close", None)) is not None:
            close()  # its threads end now, not when the collector finds it


def translate_lines(
    translator: BatchTranslator,
    lines: Iterable[str],
    *,
    window: int | None = None,
    progress: Progress | None = None,
) -> Iterator[str]:
    """Each line's translation, its sentences joined by a blank; lines without text come out as they came in.

    Args:
        translator: the model with its options.
        lines: without their line feeds.
        window: as in `pooled`.
        progress: as in `pooled`.
    """
    lang = translator.src_lang
    documents = (document("line", lang, line, "line") for line in lines)
    for d, hypotheses in pooled(translator, documents, texts, window=window, progress=progress):
        yield rebuilt(d, [h.text for h in hypotheses], lang)


def texts(d: Document) -> list[str]:
    """The sentences of a document."""
    return [s.text for s in d.segments]


def rebuilt(d: Document, translations: Sequence[str], lang: str) -> str:
    """A document with its sentences translated; one without a word stays as it is, and gets no blanks between its segments either."""
    return d.rebuild(translations) if translatable(d.text, lang) else d.text
