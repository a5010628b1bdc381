"""Sentences in, hypotheses out, in order: normalised, deduplicated, split where too long, decoded in batches, judged, tried again, remembered.

Nothing is truncated: an input over the model's length is cut at clause marks and its parts are joined again (flag `split`). An answer that
gives reason to doubt is tried again (`mt/translate/ladder.py`) and delivered with its flags if that did not help. Sentences without anything
to translate pass through untouched. Windows of sentences are decoded one after the other, two at a time on their way, so that memory is
bounded and the engine never waits.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from mt.protocols import Progress, Silent, Translator
from mt.signature import Signature
from mt.text import normalize
from mt.translate.decode import Decoder, Work
from mt.translate.guard import Guard
from mt.translate.limits import Limits
from mt.translate.memory import Memory
from mt.translate.window import Prepared, Setting, Window
from mt.types import RETRIED, SPLIT, DecodingOptions, Hypothesis, check_range

WINDOW = 4096  # sentences pooled at a time: enough for full batches of one length, bounded memory for endless input
MAX_BATCH_PIECES = 1024
RETRY_BUDGET = 0.15


@dataclass(slots=True)
class Counts:
    """What became of the segments read; `read == decoded + repeated + remembered + passed_through + failed`.

    Attributes:
        read: segments given.
        decoded: different sentences given to the model.
        repeated: segments answered by the answer to an equal sentence of the same run.
        remembered: segments answered by the memory.
        passed_through: segments without anything to translate.
        failed: segments whose hypothesis is flagged as a failure, whatever it came from.
        split: segments that were cut because they were too long for the model.
        retried: segments decoded again because of doubts.
        doubted: flag → segments delivered with it.
        source_pieces: pieces given to the model, first decoding.
        target_pieces: pieces it answered, ends included.
        extra_pieces: both, of retries, counted for a beam as wide as the first one's.
    """

    read: int = 0
    decoded: int = 0
    repeated: int = 0
    remembered: int = 0
    passed_through: int = 0
    failed: int = 0
    split: int = 0
    retried: int = 0
    doubted: Counter[str] = field(default_factory=Counter)
    source_pieces: int = 0
    target_pieces: int = 0
    extra_pieces: int = 0


class BatchTranslator:
    """Translates any number of sentences with one loaded model; one of these may serve several threads.

    Args:
        engine: the model; closed with this object.
        options: how to search.
        max_batch_pieces: padded source pieces decoded together; changes speed and memory, and in 8 bits on some CPUs a few texts.
        src_lang: language whose normalisation the source gets.
        tgt_lang: language of the answers, for the guard.
        guard: thresholds of the guard; None = no guard: only an answer that does not end is tried again, and flagged.
        memory: a file that remembers every translation, and is the point from which a stopped run goes on; None = nothing is remembered.
        retry_budget: share of the work that retries may add, 0 to 100; 0 = other answers of the same search only.

    Raises:
        OptionError: for a number out of range.
        UserError: for a memory that cannot be used.
    """

    def __init__(
        self,
        engine: Translator,
        options: DecodingOptions | None = None,
        *,
        max_batch_pieces: int = MAX_BATCH_PIECES,
        src_lang: str = "ja",
        tgt_lang: str = "en",
        guard: Limits | None = None,
        memory: Path | None = None,
        retry_budget: float = RETRY_BUDGET,
    ) -> None:
        check_range("retry_budget", retry_budget, 0, 100)
        self.engine, self.options, self.counts = engine, options or DecodingOptions(), Counts()
        self.max_batch_pieces, self.src_lang, self.retry_budget = max_batch_pieces, src_lang, retry_budget
        self.guard = None if guard is None else Guard(guard, src_lang=src_lang, tgt_lang=tgt_lang)
        self.memory = None
        if memory is not None:
            self.memory = Memory(memory, self.signature, src_lang=src_lang, tgt_lang=tgt_lang)
        self._lock = threading.Lock()

    @property
    def signature(self) -> Signature:
        """Model, normaliser, search and guard: equal signatures, equal translations."""
        plain = self._model.join(self.options.signature())
        return plain if self.guard is None else plain.join(self.guard.signature).plus(retry=float(self.retry_budget))

    @property
    def _model(self) -> Signature:
        return self.engine.signature.join(normalize.signature())

    def translate(
        self, sentences: Iterable[str], progress: Progress | None = None, *, window: int = WINDOW
    ) -> Iterator[Hypothesis]:
        """One hypothesis a sentence, in order.

        Args:
            sentences: any strings; line breaks inside count as white space. Read on the caller's thread, at most three windows ahead.
            progress: told of every sentence that has its first translation.
            window: sentences pooled; 1 answers each before the next is read.

        Raises:
            EngineError: when the engine fails; what was decoded before is in the memory.
            Exception: what `sentences` raises, behind the translations of everything it gave before.
        """
        setting = Setting(
            self.engine, self.options, self.guard, self.memory, self.retry_budget, self.src_lang, self.signature
        )
        windows = _Windows(setting, iter(sentences), window, progress or Silent())
        decoder = Decoder(self.engine, self._model, self.max_batch_pieces, self.memory)
        try:
            for done, hypotheses in decoder.run(windows, ahead=1 if window == 1 else 2):
                self._count(done, hypotheses)
                yield from hypotheses
        finally:
            windows.close()
        if windows.error is not None:
            raise windows.error

    async def translate_async(
        self, sentences: Iterable[str] | AsyncIterable[str], *, window: int = 256
    ) -> AsyncIterator[Hypothesis]:
        """`translate` for an event loop, which stays free while the engine works; a smaller window answers sooner.

        Args:
            sentences: also an asynchronous generator.
            window: sentences pooled.
        """
        pooled: list[str] = []
        async for sentence in _asynchronous(sentences):
            pooled.append(sentence)
            if len(pooled) == window:
                for hypothesis in await asyncio.to_thread(list, self.translate(pooled)):
                    yield hypothesis
                pooled = []
        for hypothesis in await asyncio.to_thread(list, self.translate(pooled)):
            yield hypothesis

    def close(self) -> None:
        """Free the model and let go of the memory."""
        self.engine.close()
        if self.memory is not None:
            self.memory.close()

    def __enter__(self) -> BatchTranslator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _count(self, window: Window, hypotheses: list[Hypothesis]) -> None:
        fates = Counter(window.fates(hypotheses))
        with self._lock:
            c = self.counts
            c.read += len(hypotheses)
            for name, count in fates.items():
                setattr(c, name, getattr(c, name) + count)
            c.split += sum(SPLIT in h.flags for h in hypotheses)
            c.retried += sum(RETRIED in h.flags for h in hypotheses)
            c.doubted.update(flag for h in hypotheses for flag in h.doubts)
            source, target, extra = window.pieces
            c.source_pieces, c.target_pieces = c.source_pieces + source, c.target_pieces + target
            c.extra_pieces += extra


class _Windows:
    """Reads sentences window by window on the caller's thread, and prepares each on another one while those before are decoded."""

    def __init__(self, setting: Setting, sentences: Iterator[str], size: int, progress: Progress) -> None:
        self.error: Exception | None = None
        self._setting, self._sentences, self._size, self._progress = setting, sentences, size, progress
        self._thread = ThreadPoolExecutor(1, "prepare") if size > 1 else None
        self._next: Future[Prepared] | None = None
        self._last: Window | None = None
        self._begun = False

    def ready(self) -> bool:
        return self._next is None or self._next.done()

    def take(self) -> Work[tuple[Window, list[Hypothesis]]] | None:
        if self._thread is None:
            sentences = self._read()
            return self._window(Prepared(self._setting, sentences)) if sentences else None
        if not self._begun:
            self._begun, self._next = True, self._ahead()
        if self._next is None:
            return None
        prepared = self._next.result()
        self._next = self._ahead()
        return self._window(prepared)

    def close(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _ahead(self) -> Future[Prepared] | None:
        sentences = self._read()
        return self._thread.submit(Prepared, self._setting, sentences) if sentences and self._thread else None

    def _read(self) -> list[str]:
        """The next window; shorter where reading fails, and the error is kept for the end."""
        sentences: list[str] = []
        if self.error is None:
            try:
                for sentence in islice(self._sentences, self._size):
                    sentences.append(sentence)
            except Exception as e:
                self.error = e
        return sentences

    def _window(self, prepared: Prepared) -> Work[tuple[Window, list[Hypothesis]]]:
        self._last = Window(prepared, self._last, self._progress)
        return self._last


async def _asynchronous(sentences: Iterable[str] | AsyncIterable[str]) -> AsyncIterator[str]:
    if isinstance(sentences, AsyncIterable):
        async for sentence in sentences:
            yield sentence
    else:
        for sentence in sentences:
            yield sentence
