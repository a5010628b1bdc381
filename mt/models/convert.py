"""A MarianMT directory → a CTranslate2 model, without torch or transformers: ctranslate2's own layer specifications filled with numpy arrays.

The result is kept in the user's cache under a key of everything it was made from, so that it is made once; when the cache cannot be written,
in a temporary directory.
"""

from __future__ import annotations

import json
import math
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mt.errors import ModelError
from mt.files import cache_directory, new_directory, sha256
from mt.models.marian import WEIGHTS, MarianDirectory, Weights

VERSION = 1  # of this converter; a change that alters its output raises it, and with it every cache key
_DONE = "complete.json"
_ACTIVATIONS = {
    "relu": "RELU",
    "swish": "SWISH",
    "silu": "SWISH",
    "gelu": "GELU",  # Hugging Face's gelu is the exact one (erf)
    "gelu_new": "GELUTanh",
}


@contextmanager
def converted(directory: MarianDirectory, quantization: str) -> Iterator[Path]:
    """The CTranslate2 model of a directory: from the cache, or made now; valid inside the block.

    Args:
        directory: a checked MarianMT directory.
        quantization: how weights are stored: `float32`, `float16`, `int16` or `int8`.

    Raises:
        ModelError: when the model cannot be converted.
    """
    final = cache_directory() / "ct2" / _key(directory, quantization)
    if not _whole(final):
        try:
            _make(directory, quantization, final)
        except OSError:
            with tempfile.TemporaryDirectory(prefix="kakehashi-") as scratch:
                path = Path(scratch, "model")
                _make(directory, quantization, path)
                yield path
            return
    yield final


def _key(directory: MarianDirectory, quantization: str) -> str:
    names = ("config.json", "vocab.json", "target_vocab.json")
    parts = [directory.sha256, quantization, str(VERSION)]
    parts += [sha256((directory.path / n).read_bytes()) for n in names if (directory.path / n).is_file()]
    return f"{directory.name[:40]}-{quantization}-{sha256('|'.join(parts).encode())[:16]}"


def _whole(path: Path) -> bool:
    """True where every file is as it was when it was written: a cut or damaged cache is made anew, not loaded."""
    try:
        wanted = json.loads((path / _DONE).read_text("utf-8"))
        return bool(wanted) and all(_mark(path / name) == mark for name, mark in wanted.items())
    except (OSError, ValueError, AttributeError):
        return False


def _mark(path: Path) -> list[int]:
    data = path.read_bytes()
    return [len(data), zlib.crc32(data)]


def _make(directory: MarianDirectory, quantization: str, final: Path) -> None:
    if final.exists():  # damaged, or a file: out of the way, under another name until it is gone
        _discard(final)
    with new_directory(final) as scratch:
        spec = build(directory)
        spec.validate()
        spec.optimize(quantization=quantization)
        spec.save(str(scratch))
        marks = {p.name: _mark(p) for p in sorted(scratch.iterdir())}
        (scratch / _DONE).write_text(json.dumps(marks), "utf-8")


def _discard(path: Path) -> None:
    import shutil

    aside = Path(tempfile.mkdtemp(prefix=".old.", dir=path.parent))
    try:
        path.rename(aside / "x")
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def build(directory: MarianDirectory) -> Any:
    """The `TransformerSpec` of a model, its weights set, its vocabularies registered; `<pad>` is left out, as it must never be generated.

    Raises:
        ModelError: for tensors that are missing, left over or misshapen, or a start vector that is not zero.
    """
    from ctranslate2.specs import common_spec, transformer_spec

    config = directory.config
    if config.activation not in _ACTIVATIONS:
        expected = "activation_function: one of " + ", ".join(_ACTIVATIONS)
        raise ModelError(directory.path / "config.json", expected, repr(config.activation))
    activation = common_spec.Activation[_ACTIVATIONS[config.activation]]
    spec = transformer_spec.TransformerSpec(
        transformer_spec.TransformerEncoderSpec(
            config.encoder_layers, config.encoder_heads, pre_norm=False, activation=activation
        ),
        transformer_spec.TransformerDecoderSpec(
            config.decoder_layers, config.decoder_heads, pre_norm=False, activation=activation
        ),
    )
    _Filler(directory, directory.weights()).fill(spec)
    spec.register_source_vocabulary(_without(directory.src_vocabulary, config.pad))
    spec.register_target_vocabulary(_without(directory.tgt_vocabulary, config.pad))
    spec.config.eos_token = "</s>"
    spec.config.unk_token = "<unk>"
    # any token would do: decoding starts from a zero vector
    spec.config.decoder_start_token = "</s>"
    spec.config.add_source_eos = True
    return spec


def positions(rows: int, width: int) -> npt.NDArray[np.float32]:
    """Sinusoidal position table of shape (rows, width): sines in the first half of the columns, cosines in the second.

    Vaswani et al. 2017 with Marian's column order, computed in double precision as transformers does.

    Example:
        >>> positions(2, 4).round(4).tolist()
        [[0.0, 0.0, 1.0, 1.0], [0.8415, 0.01, 0.5403, 0.9999]]
    """
    angle = np.arange(rows)[:, None] / np.power(10000.0, 2 * (np.arange(width) // 2) / width)[None, :]
    return np.concatenate([np.sin(angle[:, 0::2]), np.cos(angle[:, 1::2])], axis=1).astype(np.float32)


def _without(pieces: tuple[str, ...], number: int) -> list[str]:
    return [piece for i, piece in enumerate(pieces) if i != number]


class _Filler:
    """Moves every tensor of a checkpoint to its place, and notices what is missing or left over."""

    def __init__(self, directory: MarianDirectory, weights: Weights) -> None:
        self.directory, self.config, self.weights = directory, directory.config, weights
        self.left = set(weights)

    def fill(self, spec: Any) -> None:
        c = self.config
        src, tgt, out = self._tables()
        scale = math.sqrt(c.d_model) if c.scale_embedding else 1.0
        for side, table, layers in ((spec.encoder, src, c.encoder_layers), (spec.decoder, tgt, c.decoder_layers)):
            name = "encoder" if side is spec.encoder else "decoder"
            side.scale_embeddings = scale
            stored = f"model.{name}.embed_positions.weight"
            side.position_encodings.encodings = (
                self._take(stored, (c.positions, c.d_model)) if stored in self.left else positions(c.positions, c.d_model)
            )
            embeddings = side.embeddings[0] if name == "encoder" else side.embeddings
            embeddings.weight = self._drop_pad(table)
            for number in range(layers):
                self._layer(side.layer[number], f"model.{name}.layers.{number}.", decoder=name == "decoder")
        spec.decoder.start_from_zero_embedding = True
        spec.decoder.projection.weight = self._drop_pad(out)
        bias = self._bias()
        if bias is not None:
            spec.decoder.projection.bias = bias
        if self.left:
            some = ", ".join(sorted(self.left)[:3])
            raise self._error("only tensors of a MarianMT model", f"{len(self.left)} more: {some}")

    def _tables(self) -> tuple[npt.NDArray[np.float32], ...]:
        """Source embeddings, target embeddings and output projection, which a checkpoint stores once, twice or three times."""
        c = self.config
        one = self._first("model.shared.weight", "model.encoder.embed_tokens.weight", rows=c.vocab_size)
        src = self._optional("model.encoder.embed_tokens.weight", one, c.vocab_size)
        if c.shared:
            tgt = self._optional("model.decoder.embed_tokens.weight", one, c.decoder_vocab_size)
        else:
            tgt = self._first("model.decoder.embed_tokens.weight", "lm_head.weight", rows=c.decoder_vocab_size)
        out = self._optional("lm_head.weight", tgt, c.decoder_vocab_size)
        if np.any(tgt[c.pad]):
            raise self._error("a zero vector for <pad>, which starts decoding", "another vector")
        return src, tgt, out

    def _first(self, *names: str, rows: int) -> npt.NDArray[np.float32]:
        name = next((n for n in names if n in self.weights), names[0])
        return self._take(name, (rows, self.config.d_model))

    def _optional(self, name: str, default: npt.NDArray[np.float32], rows: int) -> npt.NDArray[np.float32]:
        return self._take(name, (rows, self.config.d_model)) if name in self.weights else default

    def _bias(self) -> npt.NDArray[np.float32] | None:
        if "final_logits_bias" not in self.weights:
            return None
        bias = self._take("final_logits_bias", (1, self.config.decoder_vocab_size))[0]
        bias = np.delete(bias, self.config.pad)
        return bias if np.any(bias) else None

    def _drop_pad(self, table: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.delete(table, self.config.pad, axis=0)

    def _layer(self, spec: Any, prefix: str, *, decoder: bool) -> None:
        self._attention(spec.self_attention, prefix + "self_attn", fused=True)
        if decoder:
            self._attention(spec.attention, prefix + "encoder_attn", fused=False)
        width, inner = self.config.d_model, len(self.weights.get(prefix + "fc1.bias", ()))
        self._linear(spec.ffn.linear_0, prefix + "fc1", (inner, width))
        self._linear(spec.ffn.linear_1, prefix + "fc2", (width, inner))
        self._norm(spec.ffn.layer_norm, prefix + "final_layer_norm")

    def _attention(self, spec: Any, prefix: str, *, fused: bool) -> None:
        """Query, key and value in one matrix for self-attention; query apart from key and value for cross-attention."""
        width = self.config.d_model

        def join(names: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
            weights = [self._take(f"{prefix}.{n}_proj.weight", (width, width)) for n in names]
            biases = [self._take(f"{prefix}.{n}_proj.bias", (width,)) for n in names]
            return np.concatenate(weights), np.concatenate(biases)

        for linear, names in zip(spec.linear[:-1], ["qkv"] if fused else ["q", "kv"], strict=True):
            linear.weight, linear.bias = join(names)
        self._linear(spec.linear[-1], f"{prefix}.out_proj", (width, width))
        self._norm(spec.layer_norm, f"{prefix}_layer_norm")

    def _linear(self, spec: Any, name: str, shape: tuple[int, int]) -> None:
        spec.weight = self._take(f"{name}.weight", shape)
        spec.bias = self._take(f"{name}.bias", shape[:1])

    def _norm(self, spec: Any, name: str) -> None:
        spec.gamma = self._take(f"{name}.weight", (self.config.d_model,))
        spec.beta = self._take(f"{name}.bias", (self.config.d_model,))

    def _take(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        if name not in self.weights:
            raise self._error(f"tensor {name}", "none of that name")
        tensor = self.weights[name]
        if tensor.shape != shape:
            raise self._error(f"{name} of shape {shape}", str(tensor.shape))
        self.left.discard(name)
        return tensor

    def _error(self, expected: str, found: str) -> ModelError:
        return ModelError(self.directory.path / WEIGHTS, expected, found)
