"""What rules measure, once for a whole block: both sides as arrays, and what several rules share; each computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.filters.filter import Numbers
from mt.filters.lengths import LengthModel
from mt.filters.side import Side

T = TypeVar("T")
UNSPACED = frozenset({"ja", "zh", "th", "lo", "km", "my", "bo", "yue"})  # written without blanks between words


class Measures:
    """Properties of a block's rows that several filters share.

    Attributes:
        block: the rows.
        src_lang: code of the source language.
        tgt_lang: code of the target language.
        src: the source side.
        tgt: the target side.
        model: how long translations are; `lengths.MODELS` has it for Japanese and English, for other pairs `lengths.fit` finds it.

    Example:
        >>> measures = Measures(Block.of([("a:1", "猫。", "Cat.")]), "ja", "en")
        >>> measures.src_length.tolist()
        [2.0]
    """

    def __init__(self, block: Block, src_lang: str, tgt_lang: str, *, model: LengthModel | None = None) -> None:
        self.block, self.src_lang, self.tgt_lang, self.model = block, src_lang, tgt_lang, model
        self.src, self.tgt = Side(block.src, src_lang), Side(block.tgt, tgt_lang)

        self._cache: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.block)

    def part(self, start: int, stop: int) -> Measures:
        """Rows `start` to `stop` - 1, measured anew."""
        return Measures(self.block.part(start, stop), self.src_lang, self.tgt_lang, model=self.model)

    def cached(self, name: str, make: Callable[[Measures], T]) -> T:
        """What `make` measures, measured once; several rules of one module share it."""
        if name not in self._cache:
            self._cache[name] = make(self)
        found: T = self._cache[name]
        return found

    @cached_property
    def src_length(self) -> Numbers:
        """Characters of the source."""
        return self.src.length.astype(np.float32)

    @cached_property
    def tgt_length(self) -> Numbers:
        """Characters of the target."""
        return self.tgt.length.astype(np.float32)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Source and target."""
        return self.src, self.tgt

    def spaced(self, side: Side) -> bool:
        """Whether a side's language parts words by blanks."""
        return side.lang not in UNSPACED


def share(part: NDArray[np.integer], whole: NDArray[np.integer], least: int = 1) -> Numbers:
    """A part of a whole as float32, NaN where the whole is less than `least`.

    Example:
        >>> share(np.array([1, 0]), np.array([4, 0])).tolist()
        [0.25, nan]
    """
    found = part.astype(np.float32) / np.maximum(whole, 1).astype(np.float32)
    return np.where(whole >= least, found, np.float32(np.nan))


def difference(one: NDArray[np.int64], other: NDArray[np.int64]) -> Numbers:
    """How far two counts are apart."""
    found: Numbers = np.abs(one - other).astype(np.float32)
    return found
