"""What both engines for MarianMT have in common: pieces, limits, signature, and being closed."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from mt.errors import ConfigError, EngineError
from mt.models.marian import MarianDirectory
from mt.models.pieces import Pieces
from mt.signature import Signature
from mt.types import DecodingOptions, Hypothesis


class MarianEngine(ABC):
    """A loaded model; implements `mt.protocols.Translator` but for the decoding.

    Args:
        directory: what was loaded.
        library: the engine's name and version.
        compute_type: precision.
        place: the device and its threads, for people.
    """

    def __init__(self, directory: MarianDirectory, library: str, compute_type: str, place: str) -> None:
        self._directory, self._compute_type, self._place = directory, compute_type, place
        self._library = ".".join(library.split(".")[:2])
        self._pieces = Pieces(directory)
        self._process = os.getpid()

    @property
    def signature(self) -> Signature:
        """Model, its weights, the engine with its version (major.minor), precision, and the script where it writes no other.

        The device changes nothing but speed.
        """
        sha = self._directory.weights_sha256[:12]
        found = Signature.of(model=self._directory.name, sha=sha, engine=self._library, type=self._compute_type)
        return found.plus(script="latin") if self._directory.unwritten else found

    @property
    def max_source_pieces(self) -> int:
        """One less than the rows of the position table: the end mark takes one."""
        return self._directory.config.max_position_embeddings - 1

    @property
    def max_target_pieces(self) -> int:
        """One less than the rows of the position table: an answer that did not end is scored with an end put behind it."""
        return self._directory.config.max_position_embeddings - 1

    @property
    def device(self) -> str:
        """What it runs on, for people, e.g. `cpu, 2 threads, int8`."""
        return f"{self._place}, {self._compute_type}"

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each normalised text, `<unk>` for what the vocabulary has not, without end mark; none for blank text."""
        return self._pieces.encode(texts)

    def encode_target(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each normalised text as the model would write it, likewise."""
        return self._pieces.encode_target(texts)

    @property
    def workers(self) -> int:
        """Batches that can be decoded at the same time."""
        return 1

    def translate_batch(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> list[Hypothesis]:
        """`submit`, waited for."""
        return self.submit(batch, options, max_target_pieces)()

    def submit(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> Callable[[], list[Hypothesis]]:
        """Begin to decode a batch; see `mt.protocols.Translator`. Safe to call from several threads.

        A hypothesis' `logprob` is the model's own, whatever steered the search: options about repetition change which pieces are written, not
        what the model thinks of them.

        Raises:
            ValueError: for an input or a limit that the position table does not reach, or when the engine is closed.
            EngineError: when the library fails, at once or when the answer is waited for, and in a forked child: the libraries' threads
                are not in it, and it would wait for them for ever.
        """
        if os.getpid() != self._process:
            raise EngineError(
                f"the model was loaded by process {self._process} and this is its fork {os.getpid()}, which has none of its threads: "
                "load the model in the child, or start children with the method spawn"
            )
        if not 1 <= max_target_pieces <= self.max_target_pieces:
            raise ValueError(f"limit: expected 1 to {self.max_target_pieces} pieces, found {max_target_pieces}")
        for pieces in batch:
            if not 1 <= len(pieces) <= self.max_source_pieces:
                raise ValueError(f"input: expected 1 to {self.max_source_pieces} pieces, found {len(pieces)}")
        return self._submit(batch, options, max_target_pieces) if batch else list

    def force(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> list[list[float]]:
        """What the model thinks of given translations (forced decoding).

        At float32 a pair's numbers depend on the pair but for the sixth digit, whatever else is in the call; in 8 bits for the second.

        Args:
            sources: pieces of each source, 1 to `max_source_pieces` of them.
            targets: pieces of each target, as `encode_target` has them, 0 to `max_target_pieces` of them.

        Returns:
            For each pair the log-probability of every target piece and of the end behind them: one number more than there are pieces.

        Raises:
            ValueError: for sides of different count, for pieces that the position table does not reach, or when the engine is closed.
            EngineError: when the library fails.
        """
        if len(sources) != len(targets):
            raise ValueError(f"force: expected {len(sources)} targets, found {len(targets)}")
        for pieces, least, most in (
            *((one, 1, self.max_source_pieces) for one in sources),
            *((one, 0, self.max_target_pieces) for one in targets),
        ):
            if not least <= len(pieces) <= most:
                raise ValueError(f"force: expected {least} to {most} pieces, found {len(pieces)}")
        return self._force(sources, targets) if sources else []

    @abstractmethod
    def _force(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> list[list[float]]:
        """`force` of pairs that are not too long, at least one."""

    def _hypothesis(
        self, pieces: Sequence[str], logprob: float, alignment: tuple[tuple[int, int], ...] | None = None
    ) -> Hypothesis:
        """From all pieces written, the end mark included where there is one."""
        finished = pieces[-1:] == [self._directory.end_mark]
        text = self._pieces.decode(pieces[:-1] if finished else pieces)
        return Hypothesis(text, min(logprob, 0.0), len(pieces), finished, alignment=alignment)

    @staticmethod
    def _best(found: Sequence[Hypothesis]) -> Hypothesis:
        """The first of an n-best list, with the others as its alternatives."""
        return replace(found[0], alternatives=tuple(found[1:])) if len(found) > 1 else found[0]

    @abstractmethod
    def _submit(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> Callable[[], list[Hypothesis]]:
        """`submit` of a batch that is not empty and not too long."""

    @abstractmethod
    def close(self) -> None:
        """Free the weights. Calling it twice does no harm."""


def one_of(key: str, value: str, allowed: Sequence[str]) -> None:
    """Raises ConfigError unless an option has one of the values allowed.

    Example:
        >>> one_of("device", "tpu", ["auto", "cpu"])
        Traceback (most recent call last):
        mt.errors.ConfigError: device: expected one of auto, cpu, found 'tpu'
    """
    if value not in allowed:
        raise ConfigError(key, f"one of {', '.join(allowed)}", repr(value))


def one_line(error: BaseException) -> str:
    """A library's message, its first line only, for an error of one line."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
