"""A translator without weights: it answers with the characters it was given, so that order, splitting and joining can be seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mt.signature import Signature
from mt.types import DecodingOptions, Hypothesis


class EchoEngine:
    """One piece a character; the answer is `answer(text)`, by default the text between angle brackets."""

    def __init__(
        self, max_source_pieces: int = 50, answer: Callable[[str], str] = "<{}>".format, loops: str = ""
    ) -> None:
        self.max_source_pieces, self.answer, self.loops = max_source_pieces, answer, loops
        self.max_target_pieces = max_source_pieces + 1
        self.signature = Signature.of(model="echo")
        self.device = "nothing"
        self.workers = 1
        self.batches: list[tuple[list[str], int]] = []
        self.closed = False

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        return [list(text) for text in texts]

    def submit(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> Callable[[], list[Hypothesis]]:
        answers = self.translate_batch(batch, options, max_target_pieces)
        return lambda: answers

    def translate_batch(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> list[Hypothesis]:
        texts = ["".join(pieces) for pieces in batch]
        assert all(0 < len(t) <= self.max_source_pieces for t in texts)
        self.batches.append((texts, max_target_pieces))
        return [self._one(t, options, max_target_pieces) for t in texts]

    def _one(self, text: str, options: DecodingOptions, limit: int) -> Hypothesis:
        # a "loop" ends only when repeats are forbidden, unless the text says that nothing helps
        looping = bool(self.loops) and self.loops in text and (options.no_repeat_ngram_size == 0 or "never" in text)
        out = self.answer(text)
        if len(out) + 1 > limit:
            return Hypothesis(out[:limit], -float(len(text)), limit, finished=False)
        return Hypothesis(out, -float(len(text)), len(out) + 1, finished=not looping)

    def close(self) -> None:
        self.closed = True
