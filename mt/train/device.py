"""Where training runs, and in which precision; and quiet, where a library would talk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import torch

from mt.errors import ConfigError


def place(device: str, threads: int) -> torch.device:
    """The device asked for; `auto` takes a GPU where there is one.

    Args:
        device: `auto`, `cpu` or `cuda`.
        threads: of the CPU; 0 = all.

    Raises:
        ConfigError: when a GPU is asked for and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("loop.device", "a GPU that PyTorch can use", "none")
    if threads:
        torch.set_num_threads(threads)
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def autocast(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 where the device computes in it; elsewhere it is emulated and slower than 32 bits."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if _bfloat16(device.type) else nullcontext()


@cache
def _bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:  # not Linux
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def said(device: torch.device) -> str:
    """For people: `cpu, 2 threads, 32 bits`."""
    bits = "bfloat16" if _bfloat16(device.type) else "32 bits"
    return (
        f"{device.type}, {torch.get_num_threads()} threads, {bits}"
        if device.type == "cpu"
        else f"{device.type}, {bits}"
    )


@contextmanager
def no_bars() -> Iterator[None]:
    """Transformers draws a bar for every small file; ours stand alone."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
