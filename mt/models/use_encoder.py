"""The default sentence encoder: Google's multilingual Universal Sentence Encoder, offline, on the CPU."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.blas import cores, single_threaded
from mt.models.use_forward import Network, PieceTable
from mt.models.use_pieces import BEGIN, END, UNKNOWN, UsePieces
from mt.models.use_tape import Portion, Tape
from mt.models.use_weights import FEATURES, WIDTH, UseWeights, load_weights
from mt.models.use_windows import Steps, windows
from mt.signature import Signature
from mt.types import check_range

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEXTS, _CHARACTERS = 1024, 1 << 20  # texts read into pieces at a time, and at most so many characters
_KNOWN_PIECES = 16384  # capacity of the table of pieces: 252 MB, taken as they are met
_MOST_THREADS = 256


class UseEncoder:
    """Sentences → vectors of unit norm, 512 numbers each, for ja, en and 14 more languages.

    A text of no pieces (empty, or blank) has the vector of one unknown piece. A text's vector depends on its own characters, but for rounding:
    what else is in the call moves it by less than 1e-6, the number of threads by nothing. Safe to call from several threads, one at a time works.

    Example:
        >>> encoder = UseEncoder.open()
        >>> vectors = encoder.encode(["猫がいる。", "There is a cat.", "The parliament adjourned."])
        >>> vectors.shape, bool(vectors[0] @ vectors[1] > 0.6 > 0.3 > vectors[0] @ vectors[2])
        ((3, 512), True)
    """

    def __init__(self, weights: UseWeights, *, threads: int | None = None) -> None:
        """`threads` computing at the same time; None = as many as this process has cores.

        Raises:
            OptionError: for a number of threads out of range.
        """
        check_range("threads", 1 if threads is None else threads, 1, _MOST_THREADS)
        self.threads = threads or cores()
        self._weights = weights
        self._signature = Signature.of(
            encoder="use-multilingual-3",
            weights=weights.sha256[:12],
            pieces=weights.pieces_sha256[:12],
            dtype="float32",
        )
        self._network, self._table = Network(weights), PieceTable(weights, _KNOWN_PIECES)
        self._lock = threading.Lock()
        self._pieces: UsePieces | None = None
        self._failed: Exception | None = None
        # 0.2 s, without Python's lock: whoever opens an encoder has something else to do first; no daemon, because the library ends the
        # process with a signal when the interpreter goes while it reads
        self._opening = threading.Thread(target=self._read_pieces)
        self._opening.start()

    @classmethod
    def open(
        cls, *, threads: int | None = None, resources: Path | None = None, cache: Path | None = None
    ) -> UseEncoder:
        """With the weights of the installed package, or of a directory; arguments as for `load_weights` and for the class.

        Raises:
            ModelError: when the weights are missing or damaged.
        """
        return cls(load_weights(resources, cache=cache), threads=threads)

    @property
    def signature(self) -> Signature:
        """The network, its weights and pieces."""
        return self._signature

    @property
    def width(self) -> int:
        """512."""
        return WIDTH

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """A float32 array (len(texts), 512); rows have norm 1. Texts of any length are read to their end.

        Raises:
            TypeError: for one text in place of a sequence.
        """
        import numpy as np

        if isinstance(texts, str):
            raise TypeError("encode: expected a sequence of texts, found one text")
        out = np.empty((len(texts), WIDTH), dtype=np.float32)
        done = 0
        with self._lock, self._steps() as steps:
            for block in _blocks(texts):
                different = list(dict.fromkeys(block))  # in conversations every sixth sentence or so stood there before
                tape = Tape.of([_marked(row) for row in steps.ids(different)])
                vectors = steps.finish(steps.project(steps.sums(tape), tape.counts), tape.counts)
                if len(different) < len(block):
                    row_of = {text: row for row, text in enumerate(different)}
                    vectors = vectors[[row_of[text] for text in block]]
                out[done : done + len(block)] = vectors
                done += len(block)
        return out

    def windows(self, sentences: Sequence[str], longest: int, joiner: str) -> list[NDArray[Any]]:
        """Vectors of every run of 1 to `longest` neighbouring sentences; see `mt.protocols.WindowEncoder`.

        Costs little more than encoding the sentences once. Differs from encoding the joined texts only where sentencepiece would cut pieces
        otherwise at a joint.

        Raises:
            OptionError: for `longest` below 1.

        Example:
            >>> one, two = UseEncoder.open().windows(["There is a cat.", "It is asleep.", "Let it sleep."], 2, " ")
            >>> one.shape, two.shape
            ((3, 512), (2, 512))
        """
        check_range("longest", longest, 1, 1000)
        with self._lock, self._steps() as steps:
            return windows(sentences, longest, joiner, steps)

    def pieces(self, text: str) -> list[tuple[str, int, int]]:
        """Pieces of a text, each with its half-open span of characters in the text as given.

        Spans ascend and do not overlap; white space is in none, so a piece that stands for white space alone has an empty one.

        Example:
            >>> UseEncoder.open().pieces("ｶﾞ 猫です")
            [('▁', 0, 0), ('ガ', 0, 2), ('▁', 3, 3), ('猫', 3, 4), ('です', 4, 6)]
        """
        return self._tokeniser.spans(text)

    def piece_ids(self, text: str) -> NDArray[Any]:
        """Numbers of the pieces of a text, int64 (n,), as many as `pieces` has."""
        import numpy as np

        return np.array(self._tokeniser.ids([text])[0], dtype=np.int64)

    def piece_vectors(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Rows of the encoder's table of pieces, float32 (n, 512), not of unit norm: the same for a piece wherever it stands.

        Raises:
            IndexError: for a number that no piece has.
        """
        return self._weights.rows(ids)

    def close(self) -> None:
        """Nothing has to be freed; here because other encoders have something."""

    @property
    def _tokeniser(self) -> UsePieces:
        self._opening.join()
        if self._pieces is None:
            raise self._failed or RuntimeError("the encoder's pieces were not read")
        return self._pieces

    def _read_pieces(self) -> None:
        try:
            self._pieces = UsePieces(self._weights.pieces)
        except Exception as e:
            self._failed = e  # raised where the pieces are asked for

    def _sums(self, tape: Tape, workers: ThreadPoolExecutor | None) -> NDArray[Any]:
        """Sums over the runs of a tape, float32 (r, 1281), by the workers; rows of pieces more than the table holds are made here, in between."""
        import numpy as np

        out = np.zeros((len(tape.starts), FEATURES + 1), dtype=np.float32)
        waiting: deque[tuple[Portion, Callable[[], NDArray[Any]]]] = deque()

        def collect(most: int) -> None:
            while len(waiting) > most:
                portion, result = waiting.popleft()
                out[portion.rows] += result()  # in order, so that no sum depends on which thread was first

        self._fill(tape, workers)
        for portion in tape.portions():
            missing = self._table.missing(portion.ids)  # where those of the tape are more than the table holds
            if not self._table.has_room(len(missing)):
                collect(0)  # rows of the table will move
                self._table.shrink()
                missing = self._table.missing(portion.ids)
            self._table.add(missing)
            arguments = (self._table, self._table.slots(portion.ids), portion.starts, portion.counts)
            if workers is None:
                waiting.append((portion, partial(_same, self._network.sums(*arguments))))
            else:
                waiting.append((portion, workers.submit(self._network.sums, *arguments).result))
            collect(2 * self.threads)
        collect(0)
        return out

    def _fill(self, tape: Tape, workers: ThreadPoolExecutor | None) -> None:
        """Make the table's rows of all pieces of a tape, if they fit, or do where the half used least goes; nobody may be reading."""
        missing = self._table.missing(tape.ids)
        if not self._table.has_room(len(missing)) and len(missing) < self._table.capacity // 2:
            self._table.shrink()
            missing = self._table.missing(tape.ids)
        if self._table.has_room(len(missing)):
            self._table.add(missing, workers.map if workers else map)

    @contextmanager
    def _steps(self) -> Iterator[Steps]:
        with self._workers() as workers:
            each = workers.map if workers else map
            yield Steps(
                ids=partial(self._tokeniser.ids, threads=self.threads),
                sums=partial(self._sums, workers=workers),
                project=partial(self._network.project, each=each),
                finish=partial(self._network.finish, each=each),
            )

    @contextmanager
    def _workers(self) -> Iterator[ThreadPoolExecutor | None]:
        with single_threaded() as alone:
            if not alone or self.threads == 1:
                yield None  # products use what threads their library wants
                return
            with ThreadPoolExecutor(self.threads, thread_name_prefix="use") as pool:
                yield pool


def _same(value: NDArray[Any]) -> NDArray[Any]:
    return value


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in runs that are read into pieces at a time."""
    block: list[str] = []
    size = 0
    for text in texts:
        if block and (len(block) == _TEXTS or size + len(text) > _CHARACTERS):
            yield block
            block, size = [], 0
        block.append(text)
        size += len(text)
    if block:
        yield block


def _marked(ids: list[int]) -> list[int]:
    return [BEGIN, *(ids or [UNKNOWN]), END]
