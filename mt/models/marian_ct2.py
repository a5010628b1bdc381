"""The default engine: MarianMT by CTranslate2, int8 on a CPU, float16 on a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mt.errors import ConfigError, EngineError, ModelError, plural
from mt.models.convert import Converted, converted
from mt.models.engine import MarianEngine, one_line, one_of
from mt.models.heap import Heap
from mt.models.marian import MarianDirectory, read_directory
from mt.types import DecodingOptions, Hypothesis

_MOST_THREADS = 256
_SCORED_TOGETHER = 1024  # pieces: 64 MB of logits for 16,000 pieces of vocabulary


class MarianCT2(MarianEngine):
    """A model loaded by `open_ct2`."""

    def __init__(
        self, directory: MarianDirectory, model: Converted, translator: Any, compute_type: str, place: str
    ) -> None:
        import ctranslate2

        super().__init__(directory, f"ctranslate2-{ctranslate2.__version__}", compute_type, place)
        self._model, self._translator, self._heap = model, translator, Heap()

    @property
    def workers(self) -> int:
        """Batches decoded at the same time."""
        return int(self._open().num_translators)

    def _submit(
        self, batch: Sequence[Sequence[str]], options: DecodingOptions, max_target_pieces: int
    ) -> Callable[[], list[Hypothesis]]:
        sources = [[*pieces, self._directory.end_mark] for pieces in batch]
        try:
            waiting = self._open().translate_batch(
                sources,
                asynchronous=True,  # one call is one batch of one worker: what is decoded together does not depend on how many there are
                beam_size=options.beam_size,
                num_hypotheses=options.num_hypotheses,
                length_penalty=options.length_penalty,
                repetition_penalty=options.repetition_penalty,
                no_repeat_ngram_size=options.no_repeat_ngram_size,
                max_input_length=0,  # the default cuts off what is longer, without a word
                max_decoding_length=max_target_pieces,
                min_decoding_length=0,  # the default forbids an empty answer, which hides it
                return_scores=True,
                return_attention=options.alignment,
                return_end_token=True,
            )
        except RuntimeError as e:
            raise EngineError(f"ctranslate2: {one_line(e)}") from None

        def wait() -> list[Hypothesis]:
            try:
                results = [one.result() for one in waiting]
                self._heap.rest()
                return self._read(sources, results, options)
            except RuntimeError as e:
                raise EngineError(f"ctranslate2: {one_line(e)}") from None

        return wait

    def _read(self, sources: list[list[str]], results: list[Any], options: DecodingOptions) -> list[Hypothesis]:
        rows = [(number, n) for number, result in enumerate(results) for n in range(len(result.hypotheses))]
        pieces = [results[number].hypotheses[n] for number, n in rows]
        if options.repetition_penalty != 1 or options.no_repeat_ngram_size > 0:
            logprobs = self._score([sources[number] for number, _ in rows], pieces)
        else:
            # ctranslate2 divides the sum by length ** length_penalty, the end mark counted (src/decoding.cc)
            scores = [results[number].scores[n] for number, n in rows]
            logprobs = [s * len(p) ** options.length_penalty for s, p in zip(scores, pieces, strict=True)]
        found: list[list[Hypothesis]] = [[] for _ in results]
        for (number, n), written, logprob in zip(rows, pieces, logprobs, strict=True):
            links = _links(results[number].attention[n], len(sources[number]) - 1) if options.alignment else None
            found[number].append(self._hypothesis(written, logprob, links))
        return [self._best(one) for one in found]

    def _score(self, sources: list[list[str]], targets: list[list[str]]) -> list[float]:
        """Log-probability of given pieces; of an unfinished answer only those pieces, not the end that ctranslate2 puts behind them."""
        bodies = [t[:-1] if t[-1:] == [self._directory.end_mark] else t for t in targets]
        # every piece takes a row of logits as wide as the vocabulary, so few are scored at a time
        together = max(1, _SCORED_TOGETHER // max(map(len, targets)))
        scored = self._open().score_batch(sources, bodies, max_input_length=0, max_batch_size=together)
        return [sum(s.log_probs[: len(target)]) for s, target in zip(scored, targets, strict=True)]

    def _force(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> list[list[float]]:
        ended = [[*pieces, self._directory.end_mark] for pieces in sources]
        try:
            # ctranslate2 sorts by length, so that little is padded
            scored = self._open().score_batch(
                ended, targets, max_input_length=0, max_batch_size=_SCORED_TOGETHER, batch_type="tokens"
            )
        except RuntimeError as e:
            raise EngineError(f"ctranslate2: {one_line(e)}") from None
        self._heap.rest()
        return [list(one.log_probs) for one in scored]

    def _open(self) -> Any:
        if self._translator is None:
            raise ValueError("the model is closed")
        return self._translator

    def close(self) -> None:
        """Free the weights, and the temporary directory if there is one. Calling it twice does no harm."""
        if self._translator is not None:
            self._translator.unload_model()
            self._translator = None
        self._model.close()


def open_ct2(
    directory: Path,
    *,
    compute_type: str = "auto",
    device: str = "auto",
    inter_threads: int = 0,
    intra_threads: int = 0,
    every_script: bool = False,
) -> MarianCT2:
    """Load a MarianMT directory, converting it first if that was not done before.

    Args:
        directory: in Hugging Face format, with weights as safetensors.
        compute_type: `auto` (int8 on a CPU, float16 on a GPU, where supported), or what ctranslate2 supports on the device.
        device: `auto` (a GPU where ctranslate2 finds one), `cpu` or `cuda`.
        inter_threads: shares of a batch decoded at the same time on a CPU; 0 = as many as this process has cores, or 1 when
            `intra_threads` is given.
        intra_threads: CPU threads working on one share; 0 = 1. More than 1 rarely pays: the matrices of such models are small.
        every_script: let it write pieces that its target language is not written with, too; slower.

    Raises:
        ModelError: when the directory is missing, corrupt or not supported.
        ConfigError: when device or compute type are not to be had here.
    """
    import ctranslate2

    device = _device(device)
    compute_type = _compute_type(compute_type, device)
    threads = _threads(inter_threads, intra_threads) if device == "cpu" else (1, 0)
    read = read_directory(directory, every_script=every_script)
    model = converted(read, compute_type)
    try:
        translator = ctranslate2.Translator(
            str(model.path), device, compute_type=compute_type, inter_threads=threads[0], intra_threads=threads[1]
        )
        place = device if device != "cpu" else said_threads(*threads)
        return MarianCT2(read, model, translator, compute_type, place)
    except (RuntimeError, ValueError) as e:
        model.close()
        raise ModelError(directory, "a model that ctranslate2 loads", one_line(e)) from None
    except BaseException:
        model.close()
        raise


def _links(attention: Sequence[Sequence[float]], source: int) -> tuple[tuple[int, int], ...]:
    """The source piece that each target piece looked at most, as (source, target); none where that is the end mark, number `source`.

    Example:
        >>> _links([[0.1, 0.8, 0.1], [0.2, 0.1, 0.7], [0.9, 0.0, 0.1]], 2)
        ((0, 2), (1, 0))
    """
    best = [max(range(len(row)), key=row.__getitem__) for row in attention]
    return tuple(sorted((at, number) for number, at in enumerate(best) if at < source))


def _device(device: str) -> str:
    import ctranslate2

    one_of("device", device, ("auto", "cpu", "cuda"))
    found = ctranslate2.get_cuda_device_count()
    if device == "cuda" and not found:
        raise ConfigError("device", "auto or cpu, as ctranslate2 finds no CUDA device here", repr(device))
    return ("cuda" if found else "cpu") if device == "auto" else device


def _compute_type(compute_type: str, device: str) -> str:
    import ctranslate2

    supported = ctranslate2.get_supported_compute_types(device)
    if compute_type == "auto":
        wanted = "float16" if device == "cuda" else "int8"
        return wanted if wanted in supported else "float32"
    one_of("compute_type", compute_type, ("auto", *sorted(supported)))
    return compute_type


def _threads(inter: int, intra: int) -> tuple[int, int]:
    """Workers, and threads of each. On two cores, two workers take 0.6 of the time of one, one with two threads 1.2 to 2.5 times it."""
    for key, value in (("inter_threads", inter), ("intra_threads", intra)):
        if not 0 <= value <= _MOST_THREADS:
            raise ConfigError(key, f"a number from 0 to {_MOST_THREADS}", str(value))
    return inter or (1 if intra else _cores()), intra or 1


def said_threads(inter: int, intra: int) -> str:
    """Workers and their threads, for people.

    Example:
        >>> said_threads(4, 1)
        'cpu, 4 workers of 1 thread'
    """
    return f"cpu, {plural(inter, 'worker')} of {plural(intra, 'thread')}"


def _cores() -> int:
    """Cores this process may use."""
    try:
        return min(len(os.sched_getaffinity(0)), _MOST_THREADS)
    except AttributeError:  # only Linux can say which cores are ours
        return min(os.cpu_count() or 1, _MOST_THREADS)
