"""Word links from a MarianMT model's attention: the model reads the source, is made to write the target, and its attention is looked at.

What a decoder attends to when a word is its *input* says more about that word than what it attends to when the word is still to be written (Chen et
al. 2020, "Accurate Word Alignment Induction from Neural Machine Translation", section 3): in the first of the starter's two layers one head does,
after the word; in the second another does, before. The forward pass is numpy on the model's own tensors, up to the layer that is needed, so neither
torch nor the output layer is; ctranslate2 returns one head of the last layer only, which here is far worse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.blas import single_threaded
from mt.errors import ModelError
from mt.models.marian import SOURCE_SPM, TARGET_SPM, UNKNOWN, MarianDirectory, read_directory
from mt.models.tokens import both_ways, membership, pieces
from mt.models.weights import SOURCE_EMBEDDING, SOURCE_POSITIONS, TARGET_EMBEDDING, TARGET_POSITIONS, read_weights
from mt.signature import Signature
from mt.text.tokens import Tokens, through_blanks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_STARTER = "60f345c4fe0e"  # of its weights


@dataclass(frozen=True, slots=True)
class Head:
    """One head of cross-attention, and when it is looked at.

    Attributes:
        layer: of the decoder, from 0.
        head: from 0.
        after: at the step that reads the word; False = at the step that writes it.
        weight: its part in the mean, > 0.
    """

    layer: int
    head: int
    after: bool
    weight: float = 1.0

    def __str__(self) -> str:
        """Layer, head and moment, with the weight where it is not 1.

        Example:
            >>> str(Head(0, 3, True, 2))
            '0.3after*2'
        """
        return f"{self.layer}.{self.head}{'after' if self.after else 'before'}" + (
            f"*{self.weight:g}" if self.weight != 1 else ""
        )


# Of all 16 (layer, head, moment) of the starter these three have the best mutual-best AER on KFTT, on either half of its 291 sentences: 53, 69 and
# 69, where the one that ctranslate2 returns has 75 (`scripts/bench_words.py --heads`).
STARTER_HEADS = (Head(0, 3, True, 2.0), Head(1, 1, False), Head(1, 3, False))


class AttentionScorer:
    """Scores of links by attention, for pairs in the model's own direction.

    Args:
        directory: a MarianMT directory in Hugging Face format.
        heads: which heads; None = those measured for the starter, all of another model, for which `chosen` is False then.

    Raises:
        ModelError: when the directory is missing, corrupt or not supported, or has not the heads.
    """

    def __init__(self, directory: Path, heads: Sequence[Head] | None = None) -> None:
        from sentencepiece import SentencePieceProcessor

        self._directory = read_directory(directory)
        self.chosen = heads is not None or self._directory.weights_sha256.startswith(_STARTER)
        self.heads = tuple(heads or (STARTER_HEADS if self.chosen else all_heads(self._directory)))
        config = self._directory.config
        for head in self.heads:
            if head.layer >= config.decoder_layers or head.head >= config.decoder_attention_heads:
                found = f"{config.decoder_layers} layers of {config.decoder_attention_heads}"
                raise ModelError(directory, f"a model with head {head.head} in layer {head.layer}", found)
        self._source, self._target = (
            SentencePieceProcessor(model_file=str(directory / name)) for name in (SOURCE_SPM, TARGET_SPM)
        )
        self._pass = _Forward(self._directory, max(head.layer for head in self.heads))

    @property
    def signature(self) -> Signature:
        """Model, weights and heads."""
        heads = "+".join(map(str, self.heads)) if len(self.heads) < 8 else "all"
        sha = self._directory.weights_sha256[:12]
        return Signature.of(attention=self._directory.name, sha=sha, heads=heads)

    def scores(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Array]:
        """A float array of shape (src words, tgt words) for each pair, from 0 to 1; 0 for what lies beyond the model's longest input."""
        with (
            single_threaded()
        ):  # matrices of one pair are small: two threads take five times the time of one, most of it waiting
            return [self._mean(self.by_head(src, tgt)) for src, tgt in pairs]

    def by_head(self, src: Tokens, tgt: Tokens) -> list[Array]:
        """The same for each head by itself."""
        import numpy as np

        if not len(src) or not len(tgt):
            return [np.zeros((len(src), len(tgt))) for _ in self.heads]
        limit = self._directory.config.max_position_embeddings - 1
        read = pieces(self._source, src.text) if src.text.isascii() else _unspaced(self._source, src)
        written = pieces(self._target, tgt.text) if tgt.text.isascii() else _unspaced(self._target, tgt)
        read, written = read[:limit], written[:limit]
        layers = self._pass.attention([p for p, _ in read], [p for p, _ in written])
        rows = membership(src, [span for _, span in read]).astype(float)
        columns = membership(tgt, [span for _, span in written]).astype(float)
        columns /= np.maximum(columns.sum(axis=1, keepdims=True), 1)
        found = []
        for head in self.heads:
            first = 1 if head.after else 0
            weights = layers[head.layer][head.head][first : first + len(written), : len(read)]
            found.append(both_ways(rows @ weights.T @ columns.T))
        return found

    def _mean(self, matrices: Sequence[Array]) -> Array:
        total = sum(head.weight for head in self.heads)
        mean = matrices[0] * 0.0
        for head, matrix in zip(self.heads, matrices, strict=True):
            mean = mean + matrix * (head.weight / total)
        return mean


def all_heads(directory: MarianDirectory) -> tuple[Head, ...]:
    """Every head of a model, at both moments."""
    config = directory.config
    return tuple(
        Head(layer, head, after)
        for layer in range(config.decoder_layers)
        for head in range(config.decoder_attention_heads)
        for after in (True, False)
    )


def _unspaced(processor: Any, tokens: Tokens) -> list[tuple[str, tuple[int, int]]]:
    """Pieces of a text read as if blanks between Japanese words, put there by a tokeniser, were not there."""
    found: list[str] = []

    def cut(text: str) -> Tokens:
        rows = [(piece, span) for piece, span in pieces(processor, text) if span[0] < span[1]]
        # of a character that becomes several pieces the first has the span
        kept = [row for n, row in enumerate(rows) if n == 0 or row[1][0] >= rows[n - 1][1][1]]
        found.extend(piece for piece, _ in kept)
        return Tokens(text, tuple(span for _, span in kept))

    spans = through_blanks(tokens.text, cut).spans
    return list(zip(found, spans, strict=True))


class _Forward:
    """The encoder, and the decoder up to one layer's cross-attention, of one pair at a time."""

    def __init__(self, directory: MarianDirectory, last: int) -> None:
        import numpy as np

        self._config, self._last = directory.config, last
        self._weights = read_weights(directory)
        self._sides = tuple(
            {piece: number for number, piece in enumerate(side)}
            for side in (directory.source_pieces, directory.target_pieces)
        )
        self._scale = math.sqrt(self._config.d_model) if self._config.scale_embedding else 1.0
        self._np = np

    def attention(self, source: Sequence[str], target: Sequence[str]) -> list[Array]:
        """Cross-attention of each layer: arrays (heads, 1 + target pieces, source pieces + 1); rows are steps, the last column the end mark.

        Step n reads target piece n - 1 (step 0 the start sign) and would write piece n.
        """
        np, config = self._np, self._config
        read = [*self._numbers(0, source), config.eos_token_id]
        written = [config.decoder_start_token_id, *self._numbers(1, target)]
        x = self._embedded(read, SOURCE_EMBEDDING, SOURCE_POSITIONS)
        for n in range(config.encoder_layers):
            name = f"model.encoder.layers.{n}"
            x = self._add(x, self._attend(f"{name}.self_attn", x, x, None)[0], f"{name}.self_attn_layer_norm")
            x = self._add(x, self._inner(name, x), f"{name}.final_layer_norm")
        y = self._embedded(written, TARGET_EMBEDDING, TARGET_POSITIONS)
        hidden = np.triu(np.full((len(written), len(written)), -np.inf, dtype=np.float32), 1)
        found = []
        for n in range(self._last + 1):
            name = f"model.decoder.layers.{n}"
            y = self._add(y, self._attend(f"{name}.self_attn", y, y, hidden)[0], f"{name}.self_attn_layer_norm")
            mixed, weights = self._attend(f"{name}.encoder_attn", y, x, None)
            found.append(weights)
            if n < self._last:
                y = self._add(y, mixed, f"{name}.encoder_attn_layer_norm")
                y = self._add(y, self._inner(name, y), f"{name}.final_layer_norm")
        return found

    def _numbers(self, side: int, written: Sequence[str]) -> list[int]:
        known = self._sides[side]
        return [known.get(piece, known[UNKNOWN]) for piece in written]

    def _embedded(self, numbers: list[int], table: str, places: str) -> Array:
        vectors: Array = self._weights[table][numbers] * self._scale + self._weights[places][: len(numbers)]
        return vectors

    def _linear(self, name: str, x: Array) -> Array:
        result: Array = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result

    def _add(self, x: Array, more: Array, norm: str) -> Array:
        np = self._np
        x = x + more
        x = x - x.mean(axis=-1, keepdims=True)
        # 1e-5 is PyTorch's, and so transformers'
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)
        result: Array = x * self._weights[f"{norm}.weight"] + self._weights[f"{norm}.bias"]
        return result

    def _inner(self, name: str, x: Array) -> Array:
        return self._linear(f"{name}.fc2", _activate(self._config.activation_function, self._linear(f"{name}.fc1", x)))

    def _attend(self, name: str, x: Array, to: Array, hidden: Array | None) -> tuple[Array, Array]:
        np = self._np
        decoder = name.startswith("model.decoder")
        heads = self._config.decoder_attention_heads if decoder else self._config.encoder_attention_heads
        q, k, v = (
            self._linear(f"{name}.{part}_proj", one).reshape(len(one), heads, -1).transpose(1, 0, 2)
            for part, one in (("q", x), ("k", to), ("v", to))
        )
        logits = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        logits = logits if hidden is None else logits + hidden
        weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
        weights = weights / weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ v).transpose(1, 0, 2).reshape(len(x), -1)
        return self._linear(f"{name}.out_proj", mixed), weights


def _activate(kind: str, x: Array) -> Array:
    """The activations that `mt.models.marian.ACTIVATIONS` names."""
    import numpy as np

    if kind == "relu":
        return np.maximum(x, 0)
    if kind in ("swish", "silu"):
        return np.asarray(x / (1 + np.exp(-np.clip(x, -80, 80))))
    if kind == "gelu_new":
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    error = np.vectorize(math.erf, otypes=[np.float32])
    return np.asarray(0.5 * x * (1 + error(x / math.sqrt(2))))
