"""Vectors of whole documents, by which candidates for a translation are found.

They follow Thompson and Koehn 2020 ("Exploiting Sentence Order in Document Alignment"): the vectors of a document's sentences are summed in 16
slots, each sentence weighted by how near its place is to a slot's (a PERT distribution, γ = 20) and by how rare the sentence is among all
documents, since menus and footers say nothing. Beside the slots stands their sum without places, which survives where one side was cut.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt.align.neighbours import Array

SLOTS = 16
GAMMA = 20.0


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A document to be matched.

    Attributes:
        id: unique on its side.
        lang: its language.
        sentences: in order; blank ones are passed over.
        name: a path or an address; empty where it has none that means anything.
    """

    id: str
    lang: str
    sentences: tuple[str, ...]
    name: str = ""


def vectors(documents: Sequence[TextDocument], sentences: Sequence[Array], width: int) -> tuple[Array, Array]:
    """Vectors of documents, for the search and for their content.

    Args:
        documents: one side.
        sentences: for each document a float32 array of shape (sentences, width), rows of norm 1.
        width: numbers a vector.

    Returns:
        Two float32 arrays, of shape (documents, 17 * width) and (documents, width), rows of norm 1, or 0 where a document is empty.
    """
    count, slots = len(documents), SLOTS
    frequency = Counter(text for d in documents for text in set(map(_bare, d.sentences)))
    both_, content = np.zeros((count, (slots + 1) * width), np.float32), np.zeros((count, width), np.float32)
    for number, (document, rows) in enumerate(zip(documents, sentences, strict=True)):
        texts = [_bare(s) for s in document.sentences]
        lengths = np.array([len(t) for t in texts], float)
        if not lengths.any():
            continue
        weights = np.sqrt(lengths) / np.array([frequency[t] for t in texts])
        weighted = weights[:, None] * rows.astype(np.float64)
        middle = (np.cumsum(lengths) - lengths / 2) / lengths.sum()
        # sums of float64 in a fixed order, so that the number of threads changes nothing
        placed = np.einsum("sn,nw->sw", _pert(middle), weighted)
        content[number] = whole = _unit(np.einsum("nw->w", weighted))
        both_[number] = np.concatenate([_unit(placed.ravel()), whole]) / math.sqrt(2)
    return both_, content


def _pert(places: Array) -> Array:
    """Density of each slot's PERT distribution at places from 0 to 1: shape (slots, places)."""
    modes = (np.arange(SLOTS) + 0.5) / SLOTS
    alpha, beta = 1 + GAMMA * modes, 1 + GAMMA * (1 - modes)
    scale = np.array([math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) for a, b in zip(alpha, beta, strict=True)])
    at = np.clip(places, 1e-3, 1 - 1e-3)
    density: Array = np.exp(scale[:, None] + (alpha - 1)[:, None] * np.log(at) + (beta - 1)[:, None] * np.log(1 - at))
    return density


def _unit(row: Array) -> Array:
    norm = float(np.sqrt(np.einsum("i,i->", row, row)))
    return row / norm if norm > 0 else row


def _bare(text: str) -> str:
    return " ".join(text.split())
