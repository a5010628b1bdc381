"""Words of a list somebody gives: how often they stand on either side of a pair."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np

from mt.block import Block
from mt.filters.filter import Numbers

_WORD = re.compile(r"[A-Za-zÀ-ɏ0-9]")


class Listed:
    """A list, one word or phrase a line; blank lines and lines that begin with `#` are passed over.

    Width and case do not matter. What begins or ends with a Latin letter or a digit is looked for as a word of its own (`ass` is not in
    `class`); other scripts have no blanks between words, so there a phrase is found wherever it stands.

    Example:
        >>> listed = Listed(["# mild", "darn", "畜生", ""])
        >>> listed.count(Block.of([("a:1", "畜生、畜生！", "Darn! Darned."), ("a:2", "猫。", "Cat.")])).tolist()
        [3.0, 0.0]
    """

    def __init__(self, lines: Iterable[str]) -> None:
        words = {_folded(line) for line in lines if line.strip() and not line.lstrip().startswith("#")}
        # the longest first, so that a phrase is counted once and not for the word it begins with
        parts = [_bounded(word) for word in sorted(words, key=lambda word: (-len(word), word))]
        self._pattern = re.compile("|".join(parts)) if parts else None

    def count(self, block: Block) -> Numbers:
        """Occurrences in both sides of each row, float32; depends on the row alone."""
        if self._pattern is None:
            return np.zeros(len(block), np.float32)
        find = self._pattern.findall
        rows = zip(block.src, block.tgt, strict=True)
        return np.fromiter(
            (len(find(_folded(src))) + len(find(_folded(tgt))) for src, tgt in rows), np.float32, len(block)
        )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _bounded(word: str) -> str:
    before = f"(?<!{_WORD.pattern})" if _WORD.match(word[0]) else ""
    behind = f"(?!{_WORD.pattern})" if _WORD.match(word[-1]) else ""
    return before + re.escape(word) + behind
