"""What rules measure, once for a whole block: characters by class, counted in numpy; each computed when first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from mt.block import Block
from mt.filters.filter import Numbers


class Measures:
    """Properties of a block's rows that several filters share.

    Example:
        >>> measures = Measures(Block.of([("a:1", "猫。", "Cat.")]), "ja", "en")
        >>> measures.src_length.tolist()
        [2.0]
    """

    def __init__(self, block: Block, src_lang: str, tgt_lang: str) -> None:
        self.block, self.src_lang, self.tgt_lang = block, src_lang, tgt_lang

    @cached_property
    def src_length(self) -> Numbers:
        """Characters of the source."""
        return np.fromiter(map(len, self.block.src), np.float32, len(self.block))

    @cached_property
    def tgt_length(self) -> Numbers:
        """Characters of the target."""
        return np.fromiter(map(len, self.block.tgt), np.float32, len(self.block))
