"""The default engine: CTranslate2."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mt.errors import ConfigError, EngineError, ModelError
from mt.models.convert import converted
from mt.models.marian import read
from mt.models.pieces import Pieces
from mt.signature import Signature
from mt.types import DecodingOptions, Hypothesis

_STORED_INT8 = "int8"


class MarianCT2:
    """A converted Marian model. Any thread may call it; a forked child may not (ctranslate2 is not fork-safe)."""

    def __init__(
        self,
        directory: Path,
        *,
        compute_type: str = "auto",
        device: str = "auto",
        inter_threads: int = 1,
        intra_threads: int = 0,
    ) -> None:
        """See `open_ct2`."""
        import ctranslate2

        model = read(directory)
        self._pieces = Pieces(model)
        where, kind = _placed(device, compute_type)
        threads = intra_threads or os.cpu_count() or 1
        self._stack = ExitStack()
        path = self._stack.enter_context(converted(model, _stored(kind)))
        try:
            self._model: Any = ctranslate2.Translator(
                str(path), device=where, compute_type=kind, inter_threads=inter_threads, intra_threads=threads
            )
        except (RuntimeError, ValueError) as e:
            self._stack.close()
            raise ModelError(path, "a model ctranslate2 can load", str(e).splitlines()[0]) from None
        self._positions = model.config.positions
        used = self._model.compute_type
        self.device = f"{where}, {used}" + (f", {threads} threads" if where == "cpu" else "")
        library = ".".join(version("ctranslate2").split(".")[:2])
        self.signature = Signature.of(model=_safe(model.name), sha=model.sha256[:12], engine=f"ctranslate2-{library}", type=used)

    @property
    def max_source_pieces(self) -> int:
        """Longest input, its end not counted: the position table has a row for the end too."""
        return self._positions - 1

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each text."""
        return self._pieces.encode(texts)

    def translate_batch(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> list[Hypothesis]:
        """One hypothesis an input; see `mt.protocols.Translator`.

        Raises:
            ValueError: for an input that is empty or over the limit; nothing is truncated.
            EngineError: when the library fails.
        """
        check_lengths(batch, self.max_source_pieces, max_target_pieces)
        if not batch:
            return []
        try:
            results = self._model.translate_batch(
                [list(row) for row in batch],
                beam_size=options.beam_size,
                length_penalty=options.length_penalty,
                repetition_penalty=options.repetition_penalty,
                no_repeat_ngram_size=options.no_repeat_ngram_size,
                max_input_length=0,
                max_decoding_length=max_target_pieces,
                return_scores=True,
                return_end_token=True,
            )
        except RuntimeError as e:
            raise EngineError(f"ctranslate2: {str(e).splitlines()[0]}") from None
        return [self._hypothesis(r, options) for r in results]

    def close(self) -> None:
        """Free the weights; twice does no harm."""
        if self._model is not None:
            self._model.unload_model()
            self._model = None
        self._stack.close()

    def _hypothesis(self, result: Any, options: DecodingOptions) -> Hypothesis:
        pieces = result.hypotheses[0]
        finished = bool(pieces) and pieces[-1] == "</s>"
        length = len(pieces)
        # the library divides the sum of log-probabilities by length ** length_penalty; the sum is what we report
        logprob = result.scores[0] * (max(length, 1) ** options.length_penalty)
        return Hypothesis(self._pieces.decode(pieces[:-1] if finished else pieces), min(logprob, 0.0), length, finished)


def open_ct2(directory: Path, **options: Any) -> MarianCT2:
    """Load a MarianMT directory, converting it first where the cache does not hold it.

    Args:
        directory: in Hugging Face format, with safetensors weights.
        options: `compute_type` (auto = int8 on a CPU, float16 on a GPU), `device` (auto, cpu, cuda), `inter_threads` (batches
            decoded at once), `intra_threads` (threads a batch; 0 = as many as there are cores).

    Raises:
        ModelError: when the directory is not a whole model.
        ConfigError: for a device or compute type that is not there.
    """
    return MarianCT2(directory, **options)


def check_lengths(batch: Sequence[Sequence[str]], longest: int, max_target_pieces: int) -> None:
    """Raises ValueError unless every input has 1 to `longest` pieces and the target limit fits too.

    Example:
        >>> check_lengths([["a"] * 9], 8, 8)
        Traceback (most recent call last):
        ValueError: input 0: expected 1 to 8 pieces, found 9
    """
    for number, row in enumerate(batch):
        if not 1 <= len(row) <= longest:
            raise ValueError(f"input {number}: expected 1 to {longest} pieces, found {len(row)}")
    if not 1 <= max_target_pieces <= longest:
        raise ValueError(f"max_target_pieces: expected 1 to {longest}, found {max_target_pieces}")


def _placed(device: str, compute_type: str) -> tuple[str, str]:
    """Device and compute type that `auto` stands for, both checked."""
    import ctranslate2

    gpus = ctranslate2.get_cuda_device_count()
    where = ("cuda" if gpus else "cpu") if device == "auto" else device
    if where == "cuda" and not gpus:
        raise ConfigError("device", "a CUDA GPU that ctranslate2 can use", "none")
    kinds = ctranslate2.get_supported_compute_types(where)
    if compute_type == "auto":
        wanted = "float16" if where == "cuda" else "int8"
        return where, wanted if wanted in kinds else "float32"
    if compute_type not in kinds:
        raise ConfigError("compute_type", f"auto or one of {', '.join(sorted(kinds))} on this {where}", repr(compute_type))
    return where, compute_type


def _stored(compute_type: str) -> str:
    """How weights are kept on disk for a compute type; bfloat16 is made from float32 when it is loaded."""
    if compute_type.startswith("int8"):
        return _STORED_INT8
    return compute_type if compute_type in ("int16", "float16") else "float32"


def _safe(name: str) -> str:
    return name.replace("|", "_").replace("\n", "_") or "model"
