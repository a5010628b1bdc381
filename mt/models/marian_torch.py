"""The second engine: transformers, for people who have it, and as an independent check of the first (extra `train`)."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mt.errors import ConfigError, ModelError, UserError
from mt.models.marian import MarianDirectory, read
from mt.models.marian_ct2 import check_lengths
from mt.models.pieces import Pieces
from mt.signature import Signature
from mt.types import DecodingOptions, Hypothesis


class MarianTorch:
    """A Marian model run by transformers' `generate`, with this project's pieces."""

    def __init__(
        self, directory: Path, *, compute_type: str = "auto", device: str = "auto", intra_threads: int = 0
    ) -> None:
        """See `open_torch`."""
        self._torch = _import_torch()
        model = read(directory)
        self._pieces = Pieces(model)
        self._config = model.config
        self._ids = {piece: number for number, piece in enumerate(model.src_vocabulary)}
        self._vocabulary = model.tgt_vocabulary
        cuda = self._torch.cuda.is_available()
        self._where = ("cuda" if cuda else "cpu") if device == "auto" else device
        if self._where == "cuda" and not cuda:
            raise ConfigError("device", "a CUDA GPU that torch can use", "none")
        kind = ("float16" if self._where == "cuda" else "float32") if compute_type == "auto" else compute_type
        if kind not in ("float32", "float16", "bfloat16"):
            raise ConfigError("compute_type", "auto, float32, float16 or bfloat16 with transformers", repr(kind))
        if intra_threads:
            self._torch.set_num_threads(intra_threads)
        self._model: Any = _load(model, getattr(self._torch, kind)).to(self._where)
        self.device = f"{self._where}, {kind}"
        library = ".".join(version("transformers").split(".")[:2])
        name = model.name.replace("|", "_") or "model"
        self.signature = Signature.of(model=name, sha=model.sha256[:12], engine=f"transformers-{library}", type=kind)

    @property
    def max_source_pieces(self) -> int:
        """Longest input, its end not counted."""
        return self._config.positions - 1

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each text."""
        return self._pieces.encode(texts)

    def translate_batch(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> list[Hypothesis]:
        """One hypothesis an input; see `mt.protocols.Translator`.

        Raises:
            ValueError: for an input that is empty or over the limit; nothing is truncated.
        """
        check_lengths(batch, self.max_source_pieces, max_target_pieces)
        if not batch:
            return []
        torch, c = self._torch, self._config
        width = max(map(len, batch)) + 1
        rows = [[self._ids[p] for p in row] + [c.eos] + [c.pad] * (width - len(row) - 1) for row in batch]
        ids = torch.tensor(rows, device=self._where)
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=ids,
                attention_mask=(ids != c.pad).long(),
                num_beams=options.beam_size,
                length_penalty=float(options.length_penalty),
                repetition_penalty=float(options.repetition_penalty),
                no_repeat_ngram_size=options.no_repeat_ngram_size,
                max_new_tokens=max_target_pieces,
            )
            outputs = [self._cut(row[1:]) for row in out.tolist()]
            scores = self._logprobs(ids, outputs)
        return [
            Hypothesis(
                self._pieces.decode([self._vocabulary[i] for i in row if i != c.eos]),
                min(total, 0.0),
                len(row),
                bool(row) and row[-1] == c.eos,
            )
            for row, total in zip(outputs, scores, strict=True)
        ]

    def close(self) -> None:
        """Free the weights; twice does no harm."""
        self._model = None

    def _cut(self, row: list[int]) -> list[int]:
        """Up to and with the end of the sentence; what follows is padding."""
        end = row.index(self._config.eos) + 1 if self._config.eos in row else len(row)
        return row[:end]

    def _logprobs(self, ids: Any, outputs: Sequence[Sequence[int]]) -> list[float]:
        """Sums of log-probabilities under teacher forcing: `generate` reports scores after its own adjustments."""
        torch, pad = self._torch, self._config.pad
        width = max(map(len, outputs))
        target = torch.tensor([[*row, *[pad] * (width - len(row))] for row in outputs], device=self._where)
        start = torch.full_like(target[:, :1], pad)
        logits = self._model(
            input_ids=ids,
            attention_mask=(ids != pad).long(),
            decoder_input_ids=torch.cat([start, target[:, :-1]], 1),
        ).logits.float()
        logits[:, :, pad] = -torch.inf  # <pad> is never generated, so it takes no share
        taken = logits.log_softmax(-1).gather(2, target[:, :, None])[:, :, 0]
        sums: list[float] = taken.masked_fill(target == pad, 0.0).sum(1).tolist()
        return sums


def open_torch(directory: Path, **options: Any) -> MarianTorch:
    """Load a MarianMT directory with transformers.

    Args:
        directory: in Hugging Face format.
        options: `compute_type` (auto = float32 on a CPU, float16 on a GPU), `device` (auto, cpu, cuda), `intra_threads`.

    Raises:
        UserError: when torch or transformers is not installed.
        ModelError: when the directory is not a whole model.
    """
    return MarianTorch(directory, **options)


def _import_torch() -> Any:
    try:
        import torch
        import transformers  # noqa: F401 - so that both are known to be there
    except ImportError as e:
        raise UserError(f"engine transformers: expected {e.name}, found none; pip install 'kakehashi[train]'") from None
    return torch


def _load(model: MarianDirectory, dtype: Any) -> Any:
    from transformers import GenerationConfig, MarianMTModel
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # loading draws a progress bar
            loaded = MarianMTModel.from_pretrained(model.path, dtype=dtype, use_safetensors=True, local_files_only=True)
    except (OSError, RuntimeError, ValueError) as e:
        raise ModelError(model.path, "a model transformers can load", str(e).splitlines()[0]) from None
    finally:
        logging.set_verbosity(level)
    c = model.config
    # everything else about the search is given with each call; a forced end would hide that an answer did not finish
    loaded.generation_config = GenerationConfig(
        decoder_start_token_id=c.pad, pad_token_id=c.pad, eos_token_id=c.eos, bad_words_ids=[[c.pad]], do_sample=False
    )
    return loaded.eval()
