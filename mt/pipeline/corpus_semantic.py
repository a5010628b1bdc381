"""Scores of a build that need a model: asked for by a filter, measured by shard, kept beside the pair like any other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.filters import table
from mt.pipeline.corpus_config import CorpusConfig

MEASURED = ("cosine",)


def asked(names: Iterable[str]) -> tuple[str, ...]:
    """Of the filters of a build, those this module measures."""
    return tuple(name for name in names if name in MEASURED and table.TABLE[name].score is None)


def measure(names: tuple[str, ...], block: Block, config: CorpusConfig) -> dict[str, NDArray[np.float32]]:
    """The scores of a block's rows, float32, by name."""
    found = {}
    if "cosine" in names:
        encoder = _encoder(config.score.encoder, config.score.device)
        src, tgt = encoder.encode(list(block.src)), encoder.encode(list(block.tgt))
        # four digits: what is behind them may change with the sentences that are encoded together
        found["cosine"] = np.round(np.einsum("ij,ij->i", src, tgt), 4).astype(np.float32)
    return found


@lru_cache(maxsize=1)
def _encoder(name: str, device: str) -> Any:
    from mt.models.encoders import open_encoder

    return open_encoder(name, device=device)
