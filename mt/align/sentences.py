"""Sentence alignment by vectors: two sides and their vectors in, an alignment with a probability for every bead out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mt.align.options import AlignOptions
from mt.align.side import Side
from mt.protocols import Progress, SentenceEncoder
from mt.signature import Signature
from mt.types import Alignment, Bead

Vectors = Sequence[npt.NDArray[np.float32]]


def windows(encoder: SentenceEncoder, side: Side, longest: int) -> list[Any]:
    """Vectors of every run of 1 to `longest` neighbouring sentences of a side.

    Uses the encoder's own `windows` where it has one (see `mt.protocols.WindowEncoder`), and reads the joined texts where it has none.

    Args:
        encoder: rows of unit norm.
        side: the sentences.
        longest: most sentences in a run, ≥ 1.

    Returns:
        `longest` float32 arrays; row i of array k - 1, of shape (max(0, len(side) - k + 1), width), belongs to sentences i to i + k - 1.
    """
    own = getattr(encoder, "windows", None)
    if own is not None:
        return list(own(side.sentences, longest, side.joiner))
    made = []
    for k in range(1, longest + 1):
        texts = [side.run(i, i + k) for i in range(len(side) - k + 1)]
        made.append(encoder.encode(texts) if texts else np.zeros((0, encoder.width), np.float32))
    return made


def align(
    src: Side,
    tgt: Side,
    vectors: tuple[Vectors, Vectors],
    options: AlignOptions | None = None,
    *,
    fixed: Sequence[Bead] = (),
    encoder: Signature | None = None,
    ids: tuple[str, str] = ("src", "tgt"),
    progress: Progress | None = None,
) -> Alignment:
    """Align the sentences of two documents.

    Args:
        src: the source document.
        tgt: the target document.
        vectors: of each side, what `windows` returns for `options.longest`.
        options: beads and borders; the defaults where None.
        fixed: beads that stand as they are (a person's corrections); ascending, without overlap.
        encoder: its signature, for the alignment's.
        ids: names of the two documents.
        progress: told of the stages.

    Returns:
        Every sentence of both sides in exactly one bead, in order. `Bead.score` is the method's own, higher is better;
        `Bead.probability` is calibrated; `Alignment.translations` is the probability that the documents are translations of each other.
    """
    raise NotImplementedError
