"""Word links by likeness: cosines between the vectors that the sentence encoder's table has for pieces, without any context.

The table is that of the multilingual Universal Sentence Encoder, which puts words of its 16 languages that mean the same near each other. A word's
vector is the sum of its pieces', weighed by the characters they share with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mt.models.tokens import membership
from mt.models.use_pieces import UsePieces
from mt.models.use_weights import UseWeights, load_weights
from mt.signature import Signature
from mt.text.tokens import Span, Tokens, through_blanks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class SimilarScorer:
    """Cosines of word vectors.

    Args:
        weights: the encoder's; None = the installed package's.

    Raises:
        ModelError: when the encoder is not installed, or corrupt.
    """

    def __init__(self, weights: UseWeights | None = None) -> None:
        self._weights = weights or load_weights()
        self._pieces = UsePieces(self._weights.pieces)

    @property
    def signature(self) -> Signature:
        """The encoder's table."""
        return Signature.of(similar="use-pieces", sha=self._weights.sha256[:12])

    def scores(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Array]:
        """A float array of shape (src words, tgt words) for each pair, from -1 to 1."""
        return [self._vectors(src) @ self._vectors(tgt).T for src, tgt in pairs]

    def _vectors(self, tokens: Tokens) -> Array:
        """Rows of unit norm, one a word; zero for a word without a piece."""
        import numpy as np

        numbers: list[int] = []

        def cut(text: str) -> Tokens:
            spans: list[Span] = []
            rows = zip(self._pieces.ids([text])[0], self._pieces.spans(text), strict=True)
            for number, (_, start, end) in rows:
                if start < end:
                    numbers.append(number)
                    spans.append((start, end))
            return Tokens(text, tuple(spans))

        spans = through_blanks(tokens.text, cut).spans
        if not len(tokens) or not spans:
            return np.zeros((len(tokens), 512), dtype=np.float32)
        shared = _shared(tokens, spans)
        vectors = shared @ self._weights.rows(np.array(numbers))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9))


def _shared(tokens: Tokens, spans: Sequence[Span]) -> Array:
    """Characters shared by each word and piece: float32 (words, pieces)."""
    import numpy as np

    words, others = np.array(tokens.spans), np.array(spans)
    ends = np.minimum(words[:, None, 1], others[None, :, 1])
    starts = np.maximum(words[:, None, 0], others[None, :, 0])
    return np.asarray(np.where(membership(tokens, spans), ends - starts, 0).astype(np.float32))
