"""The second engine: MarianMT by transformers and PyTorch, from the extra `train`. Slower; the reference that the default engine is held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mt.errors import ConfigError, EngineError, ModelError, UserError
from mt.models.engine import MarianEngine, one_line, one_of
from mt.models.marian import UNKNOWN, MarianDirectory, read_directory
from mt.models.weights import read_weights
from mt.types import DecodingOptions, Hypothesis

_DTYPES = ("float32", "float16", "bfloat16")
_LOGITS = 2**26  # numbers of the output layer held at once while scoring: 256 MB


class MarianTorch(MarianEngine):
    """A model loaded by `open_torch`."""

    def __init__(self, directory: MarianDirectory, model: Any, dtype: str, place: str) -> None:
        import transformers

        super().__init__(directory, f"transformers-{transformers.__version__}", dtype, place)
        self._model = model
        self._numbers = {piece: number for number, piece in enumerate(directory.source_pieces)}

    def _submit(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> Callable[[], list[Hypothesis]]:
        self._open()
        if options.alignment:
            raise ConfigError("alignment", "the engine ctranslate2, which returns it", "transformers")
        return partial(self._translate, batch, options, max_target_pieces)

    def _translate(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> list[Hypothesis]:
        import torch

        model, best = self._open(), options.num_hypotheses
        try:
            with torch.inference_mode(), _quiet():
                inputs, mask = self._inputs(batch)
                written = model.generate(
                    inputs, attention_mask=mask, generation_config=self._search(options, max_target_pieces)
                )
                rows = [self._cut(row[1:]) for row in written.tolist()]  # the first is what decoding starts from
                logprobs = self._score(inputs.repeat_interleave(best, 0), mask.repeat_interleave(best, 0), rows)
        except RuntimeError as e:
            raise EngineError(f"transformers: {one_line(e)}") from None
        pieces = self._directory.target_pieces
        found = [self._hypothesis([pieces[n] for n in r], score) for r, score in zip(rows, logprobs, strict=True)]
        return [self._best(found[first : first + best]) for first in range(0, len(found), best)]

    def _inputs(self, batch: Sequence[Sequence[str]]) -> tuple[Any, Any]:
        """Numbers and mask, both of shape (inputs, longest input with its end mark)."""
        import torch

        config, unknown = self._directory.config, self._numbers[UNKNOWN]
        rows = [[*(self._numbers.get(p, unknown) for p in pieces), config.eos_token_id] for pieces in batch]
        width = max(map(len, rows))
        inputs = torch.tensor([row + [config.pad_token_id] * (width - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
        return inputs.to(self._model.device), mask.to(self._model.device)

    def _search(self, options: DecodingOptions, limit: int) -> Any:
        """Every choice stated, so that nothing comes from a model's own generation_config.json."""
        from transformers import GenerationConfig

        return GenerationConfig(
            **self._marks(),
            num_beams=options.beam_size,
            num_return_sequences=options.num_hypotheses,
            do_sample=False,
            # ctranslate2 too ends a search when as many hypotheses as beams are finished
            early_stopping=options.beam_size > 1,
            length_penalty=float(options.length_penalty),
            repetition_penalty=float(options.repetition_penalty),
            no_repeat_ngram_size=options.no_repeat_ngram_size,
            max_new_tokens=limit,
            # probabilities add up to 1 again after pieces were forbidden, as in ctranslate2, which forbids before the softmax
            renormalize_logits=options.no_repeat_ngram_size > 0,
        )

    def _marks(self) -> dict[str, int]:
        config = self._directory.config
        return {
            "decoder_start_token_id": config.decoder_start_token_id,
            "eos_token_id": config.eos_token_id,
            "pad_token_id": config.pad_token_id,
        }

    def _cut(self, row: list[int]) -> list[int]:
        """Without the padding behind the end."""
        config = self._directory.config
        for place, number in enumerate(row):
            if number == config.eos_token_id:
                return row[: place + 1]
            if number == config.pad_token_id:
                return row[:place]
        return row

    def _score(self, inputs: Any, mask: Any, rows: list[list[int]]) -> list[float]:
        """Sum of the log-probabilities of each row's numbers."""
        return [sum(line) for line in self._each(inputs, mask, rows)]

    def _force(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> list[list[float]]:
        import torch

        end, unknown = self._directory.config.eos_token_id, self._numbers[UNKNOWN]
        numbers = {piece: number for number, piece in enumerate(self._directory.target_pieces)}
        rows = [[*(numbers.get(p, unknown) for p in pieces), end] for pieces in targets]
        self._open()
        try:
            with torch.inference_mode(), _quiet():
                return self._each(*self._inputs(sources), rows)
        except RuntimeError as e:
            raise EngineError(f"transformers: {one_line(e)}") from None

    def _each(self, inputs: Any, mask: Any, rows: list[list[int]]) -> list[list[float]]:
        """Log-probabilities of each row's numbers, read in one pass with the right answers given (teacher forcing)."""
        import torch

        config = self._directory.config
        width = max(map(len, rows))
        chunk = max(_LOGITS // (width * config.decoder_vocab_size), 1)
        found: list[list[float]] = []
        for first in range(0, len(rows), chunk):
            part = rows[first : first + chunk]
            padded = torch.tensor([row + [config.eos_token_id] * (width - len(row)) for row in part])
            answers = padded.to(inputs.device)
            starts = torch.full_like(answers[:, :1], config.decoder_start_token_id)
            logits = self._model(
                input_ids=inputs[first : first + chunk],
                attention_mask=mask[first : first + chunk],
                decoder_input_ids=torch.cat([starts, answers[:, :-1]], dim=1),
                use_cache=False,
            ).logits
            each = logits.float().log_softmax(-1).gather(2, answers[:, :, None])[:, :, 0].tolist()
            found += [line[: len(row)] for line, row in zip(each, part, strict=True)]
        return found

    def _open(self) -> Any:
        if self._model is None:
            raise ValueError("the model is closed")
        return self._model

    def close(self) -> None:
        """Let go of the weights. Calling it twice does no harm."""
        self._model = None


def open_torch(
    directory: Path, *, device: str = "auto", dtype: str = "float32", threads: int = 0, every_script: bool = False
) -> MarianTorch:
    """Load a MarianMT directory with transformers.

    Args:
        directory: in Hugging Face format, with weights as safetensors.
        device: `auto` (a GPU where torch finds one), `cpu` or `cuda`.
        dtype: `float32`, `float16` or `bfloat16`.
        threads: CPU threads of torch, for the whole process; 0 leaves them alone.
        every_script: let it write pieces that its target language is not written with, too.

    Raises:
        UserError: when torch or transformers are not installed.
        ModelError: when the directory is missing, corrupt or not supported.
        ConfigError: when device or dtype are not to be had here.
    """
    try:
        import torch
        from transformers import GenerationConfig, MarianMTModel
    except ImportError as e:
        missing = f"the engine transformers needs the package {e.name or 'torch'}, which is not installed"
        raise UserError(f"{missing}: pip install 'kakehashi[train]'") from None
    one_of("compute_type", dtype, _DTYPES)
    one_of("device", device, ("auto", "cpu", "cuda"))
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device", "auto or cpu, as torch finds no CUDA device here", repr(device))
    place = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    if threads:
        torch.set_num_threads(threads)
    read = read_directory(directory, every_script=every_script)
    read_weights(read)  # transformers would fill in what is missing with random numbers and only warn
    try:
        with _quiet():
            model = MarianMTModel.from_pretrained(
                str(directory), dtype=getattr(torch, dtype), use_safetensors=True, local_files_only=True
            )
    except (OSError, RuntimeError, ValueError, TypeError, KeyError) as e:
        raise ModelError(directory, "a model that transformers loads", one_line(e)) from None
    model.eval().to(place)
    engine = MarianTorch(read, model, dtype, place)
    # `<pad>` is no piece of the model's own: Marian does not have it, and ctranslate2's output layer neither
    model.final_logits_bias[0, [read.config.pad_token_id, *sorted(read.unwritten)]] = float("-inf")
    model.generation_config = GenerationConfig(**engine._marks())
    return engine


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no advice on standard error."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
