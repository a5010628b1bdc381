"""A translator from options: the one place where `mt translate` makes a model, its search, its guard and its memory into one thing."""

from __future__ import annotations

from pathlib import Path

from mt.models.registry import open_model
from mt.pipeline.config import DecodeConfig, ModelConfig
from mt.pipeline.toml import load
from mt.translate.limits import Limits
from mt.translate.run import BatchTranslator


def open_configured(
    model: ModelConfig,
    decode: DecodeConfig,
    *,
    intra_threads: int = 0,
    memory: Path | None = None,
    limits: Limits | None = None,
) -> BatchTranslator:
    """Load a model and make a translator of it; close it, or use it in a `with` block.

    Args:
        model: which model, on which engine; `threads` is the number of its workers.
        decode: how to search, and whether translations are guarded.
        intra_threads: threads of a worker; 0 = one.
        memory: a file that remembers translations; None = nothing is remembered.
        limits: thresholds of the guard; None = the calibrated ones.

    Raises:
        UserError: when the model or the memory cannot be used.
        OptionError: for a number out of range.

    Example:
        >>> with open_configured(ModelConfig("starter"), DecodeConfig(beam_size=1)) as translator:
        ...     [h.text for h in translator.translate(["2021"])]
        ['2021']
    """
    engine = open_model(
        model.name,
        engine=model.engine,
        compute_type=model.compute_type,
        device=model.device,
        threads=model.threads,
        intra_threads=intra_threads,
        every_script=model.every_script,
    )
    try:
        return BatchTranslator(
            engine,
            decode,
            max_batch_pieces=decode.max_batch_pieces,
            guard=(limits or Limits()) if decode.guard else None,
            memory=memory,
            retry_budget=decode.retry_budget,
        )
    except BaseException:
        engine.close()
        raise


def read_limits(path: Path | None) -> Limits | None:
    """Thresholds of the guard from a file; keys that are left out have their default.

    Raises:
        InputError: when the file cannot be read.
        ConfigError: when something in it is wrong.
    """
    return None if path is None else load(path, Limits)
