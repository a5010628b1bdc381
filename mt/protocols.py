"""What a room may ask of something it does not own: a model, a filter, a progress display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mt.signature import Signature
from mt.types import DecodingOptions, Hypothesis, Links, Pair


class Translator(Protocol):
    """A loaded translation model: text → pieces, pieces → hypotheses. Implementations live in `mt/models/`."""

    @property
    def signature(self) -> Signature:
        """Model, weights, engine and precision: what changes the result, decoding options aside."""

    @property
    def max_source_pieces(self) -> int:
        """Longest input the model can read, in pieces, the end of the sentence not counted."""

    @property
    def max_target_pieces(self) -> int:
        """Longest answer the model can write, in pieces, the end of the sentence counted."""

    @property
    def device(self) -> str:
        """What it runs on, for people: `cpu`, 2 threads, int8."""

    @property
    def workers(self) -> int:
        """Batches that can be decoded at the same time, ≥ 1."""

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each text, which must be normalised already; no end mark."""

    def submit(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> Callable[[], list[Hypothesis]]:
        """Begin to decode a batch; the function returned waits for it: one hypothesis for every input, in order.

        Args:
            batch: pieces of each source sentence, each of 1 to `max_source_pieces` pieces.
            options: how to search.
            max_target_pieces: the decoder stops there; such a hypothesis is not `finished`.
        """

    def close(self) -> None:
        """Free the weights. Calling it twice does no harm."""


class SentenceEncoder(Protocol):
    """Sentences → vectors of unit norm."""

    @property
    def signature(self) -> Signature:
        """Model, weights and precision."""

    @property
    def width(self) -> int:
        """Numbers per vector."""

    def encode(self, texts: Sequence[str]) -> Any:
        """A float32 array of shape (len(texts), width); rows have norm 1."""


class WindowEncoder(SentenceEncoder, Protocol):
    """An encoder that gets the vectors of neighbouring sentences together more cheaply than by reading them joined."""

    def windows(self, sentences: Sequence[str], longest: int, joiner: str) -> list[Any]:
        """Vectors of every run of 1 to `longest` neighbouring sentences.

        Args:
            sentences: one side of a document, in order.
            longest: most sentences in a run, ≥ 1.
            joiner: what stands between two sentences of a run: nothing in Japanese, a space in English.

        Returns:
            `longest` float32 arrays; row i of array k - 1, of shape (max(0, len(sentences) - k + 1), width), belongs to sentences i to
            i + k - 1; rows have norm 1.
        """


class WordAligner(Protocol):
    """Sentence pairs → links between their words."""

    @property
    def signature(self) -> Signature:
        """Method, model and options."""

    def align(self, pairs: Sequence[Pair]) -> list[Links]:
        """Links of each pair, in order."""


class Progress(Protocol):
    """Where long work reports how far it is; the command line draws it, the API may ignore it."""

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """A new stage begins; `total` units are expected, None when unknown."""

    def advance(self, count: int) -> None:
        """So many units of the current stage are done."""


class Silent:
    """A `Progress` that shows nothing."""

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """Nothing is shown."""

    def advance(self, count: int) -> None:
        """Nothing is shown."""
