"""Sentences in, hypotheses out, in order: normalised, split where too long, deduplicated, batched, decoded, joined.

Nothing is truncated: an input over the model's length is cut at clause marks and its parts are joined again (flag `split`); an answer that
ran into the decoder's limit, which is a loop nearly always, is decoded once more without repeated four-piece sequences (flag `retried`), and
flagged `unfinished` if that did not end either. Segments without a word pass through untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from mt.protocols import Progress, Silent, Translator
from mt.signature import Signature
from mt.text import normalize
from mt.text.clauses import parts
from mt.text.features import translatable
from mt.translate.batching import plan
from mt.types import EMPTY, PASSED_THROUGH, RETRIED, SPLIT, UNFINISHED, DecodingOptions, Hypothesis

WINDOW = 8192  # sentences pooled at a time: enough for full batches of one length, bounded memory for endless input
RETRY_NGRAM = 4  # a repeated four-piece sequence is a loop far more often than a name


@dataclass(slots=True)
class Counts:
    """What became of the segments read; `read == decoded + repeated + passed_through`.

    Attributes:
        read: segments given.
        decoded: different sentences given to the model.
        repeated: segments answered by the answer to an equal sentence.
        passed_through: segments without a word.
        split: segments that were cut because they were too long for the model.
        retried: segments decoded a second time because the first answer ran on.
        failed: segments whose hypothesis is flagged as a failure.
        source_pieces: pieces given to the model, first pass.
        target_pieces: pieces it answered, ends included.
    """

    read: int = 0
    decoded: int = 0
    repeated: int = 0
    passed_through: int = 0
    split: int = 0
    retried: int = 0
    failed: int = 0
    source_pieces: int = 0
    target_pieces: int = 0


class BatchTranslator:
    """Translates any number of sentences with one loaded model.

    Args:
        engine: the model; closed with this object.
        options: how to search.
        max_batch_pieces: padded source pieces decoded together; changes speed and memory, not results.
        src_lang: language whose normalisation the source gets.
    """

    def __init__(
        self,
        engine: Translator,
        options: DecodingOptions | None = None,
        *,
        max_batch_pieces: int = 2048,
        src_lang: str = "ja",
    ) -> None:
        self.engine, self.options = engine, options or DecodingOptions()
        self.max_batch_pieces, self.src_lang, self.counts = max_batch_pieces, src_lang, Counts()

    @property
    def signature(self) -> Signature:
        """Model, normaliser and search: equal signatures, equal translations."""
        return self.engine.signature.join(normalize.signature()).join(self.options.signature())

    def translate(self, sentences: Iterable[str], progress: Progress | None = None) -> Iterator[Hypothesis]:
        """One hypothesis a sentence, in order; the input is read `WINDOW` sentences ahead.

        Args:
            sentences: any strings; line breaks inside count as white space.
            progress: told of every sentence that is done.
        """
        show = progress or Silent()
        stream = iter(sentences)
        while window := list(islice(stream, WINDOW)):
            yield from self._window(window, show)

    def close(self) -> None:
        """Free the model."""
        self.engine.close()

    def __enter__(self) -> BatchTranslator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _window(self, sentences: Sequence[str], show: Progress) -> list[Hypothesis]:
        words = [normalize.normalize(s, self.src_lang) if translatable(s) else None for s in sentences]
        uses: dict[str, int] = {}
        for text in words:
            if text is not None:
                uses[text] = uses.get(text, 0) + 1
        show.advance(words.count(None))
        answers = self._distinct(uses, show)
        done = [
            (None if text is None else answers[text]) or _passed(sentence)
            for sentence, text in zip(sentences, words, strict=True)
        ]
        passed = sum(PASSED_THROUGH in h.flags for h in done)
        decoded = sum(answer is not None for answer in answers.values())
        self.counts.read += len(sentences)
        self.counts.passed_through += passed
        self.counts.decoded += decoded
        self.counts.repeated += len(done) - passed - decoded
        self.counts.split += sum(SPLIT in h.flags for h in done)
        self.counts.retried += sum(RETRIED in h.flags for h in done)
        self.counts.failed += sum(h.failed for h in done)
        return done

    def _distinct(self, uses: dict[str, int], show: Progress) -> dict[str, Hypothesis | None]:
        """Answers of different normalised sentences, None for one without a piece; `uses` counts the segments behind each."""
        texts = list(uses)
        inputs: list[list[str]] = []
        shares: list[range] = []  # which inputs belong to each text
        for text, pieces in zip(texts, self.engine.encode(texts), strict=True):
            cut = ([pieces] if pieces else []) if len(pieces) <= self._longest else self._cut(text)
            shares.append(range(len(inputs), len(inputs) + len(cut)))
            inputs += cut
        owner = [number for number, share in enumerate(shares) for _ in share]
        left = [len(share) for share in shares]
        show.advance(sum(uses[text] for text, share in zip(texts, shares, strict=True) if not share))
        outputs: dict[int, Hypothesis] = {}
        for row, hypothesis in self._decode(inputs):
            outputs[row] = hypothesis
            number = owner[row]
            left[number] -= 1
            if not left[number]:  # a text is done when the last of its parts is
                show.advance(uses[texts[number]])
        return {
            text: _joined([outputs[row] for row in share]) if share else None
            for text, share in zip(texts, shares, strict=True)
        }

    @property
    def _longest(self) -> int:
        return min(self.options.max_source_pieces, self.engine.max_source_pieces)

    def _cut(self, text: str) -> list[list[str]]:
        def length(part: str) -> int:
            return len(self.engine.encode([part])[0])

        spans = parts(text, length, self._longest)
        return [pieces for pieces in self.engine.encode([text[a:b].strip() for a, b in spans]) if pieces]

    def _decode(self, inputs: Sequence[Sequence[str]]) -> Iterator[tuple[int, Hypothesis]]:
        """Every input's number with its hypothesis, in the order they are done."""
        for batch in plan([len(x) for x in inputs], self.max_batch_pieces, self.engine.max_target_pieces):
            hypotheses = self.engine.translate_batch(
                [inputs[row] for row in batch.rows], self.options, batch.max_target_pieces
            )
            for row, hypothesis in zip(batch.rows, hypotheses, strict=True):
                final = hypothesis
                if not hypothesis.finished and self.options.no_repeat_ngram_size == 0:
                    final = self._retry(inputs[row], batch.max_target_pieces)
                self.counts.source_pieces += len(inputs[row])
                self.counts.target_pieces += final.pieces
                yield row, _judged(final)

    def _retry(self, pieces: Sequence[str], limit: int) -> Hypothesis:
        """Decode one input alone without repeats, so that its answer does not depend on who else was retried."""
        options = replace(self.options, no_repeat_ngram_size=RETRY_NGRAM)
        hypothesis = self.engine.translate_batch([pieces], options, limit)[0]
        return replace(hypothesis, flags=(*hypothesis.flags, RETRIED))


def _passed(sentence: str) -> Hypothesis:
    """The source itself; a hypothesis is one line, so a line break inside a segment of symbols becomes a blank."""
    return Hypothesis(sentence.replace("\r\n", " ").replace("\n", " "), None, 0, flags=(PASSED_THROUGH,))


def _judged(hypothesis: Hypothesis) -> Hypothesis:
    """With the failures that can be seen from the hypothesis alone."""
    flags = hypothesis.flags
    if not hypothesis.finished:
        flags += (UNFINISHED,)
    if not hypothesis.text.strip():
        flags += (EMPTY,)
    return replace(hypothesis, flags=flags)


def _joined(parts_: Sequence[Hypothesis]) -> Hypothesis:
    """One hypothesis of the parts of a sentence that was split: log-probabilities add, flags unite."""
    if len(parts_) == 1:
        return parts_[0]
    known = [p.logprob for p in parts_ if p.logprob is not None]
    flags = (SPLIT, *dict.fromkeys(flag for p in parts_ for flag in p.flags))
    text = " ".join(p.text for p in parts_ if p.text)
    finished = all(p.finished for p in parts_)
    return Hypothesis(
        text, sum(known) if len(known) == len(parts_) else None, sum(p.pieces for p in parts_), finished, flags
    )
