"""The tensors of a MarianMT model, read from `model.safetensors` and checked by name and shape.

Tied tensors are stored once by some writers and twice by others, position tables by some and not by others; `read_weights` gives every tensor
under its own name. Nothing is invented: a tensor that is missing is an error, and so is one that no part of the model would use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mt.errors import InputError, ModelError
from mt.files import read_bytes
from mt.models.marian import WEIGHTS, MarianConfig, MarianDirectory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

SHARED = "model.shared.weight"
SOURCE_EMBEDDING = "model.encoder.embed_tokens.weight"
TARGET_EMBEDDING = "model.decoder.embed_tokens.weight"
OUTPUT = "lm_head.weight"
OUTPUT_BIAS = "final_logits_bias"
SOURCE_POSITIONS = "model.encoder.embed_positions.weight"
TARGET_POSITIONS = "model.decoder.embed_positions.weight"

_EMBEDDINGS = (SHARED, SOURCE_EMBEDDING, TARGET_EMBEDDING, OUTPUT)


def read_weights(directory: MarianDirectory) -> dict[str, Array]:
    """Every tensor the model computes with, float32, as HF names it; `final_logits_bias` has shape (target pieces,).

    Raises:
        ModelError: for a file that is no safetensors file or is cut short, for missing, unexpected, misshapen or contradictory tensors, and
            for numbers that are none.
    """
    stored = _Stored(directory)
    config = directory.config
    weights = {name: stored.take(name, shape) for name, shape in layer_shapes(config)}
    weights |= _embeddings(stored, config)
    bias = stored.take_if_there(OUTPUT_BIAS, (1, config.decoder_vocab_size))
    weights[OUTPUT_BIAS] = _zeros(config.decoder_vocab_size) if bias is None else bias[0]
    shape = (config.max_position_embeddings, config.d_model)
    for name in (SOURCE_POSITIONS, TARGET_POSITIONS):
        table = stored.take_if_there(name, shape)
        weights[name] = positions(*shape) if table is None else table
    stored.check_nothing_left()
    return weights


def layer_shapes(config: MarianConfig) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor inside the layers, as PyTorch stores them: a matrix is (outputs, inputs)."""
    width = config.d_model
    sides = (
        ("encoder", config.encoder_layers, config.encoder_ffn_dim, ("self_attn",)),
        ("decoder", config.decoder_layers, config.decoder_ffn_dim, ("self_attn", "encoder_attn")),
    )
    for side, layers, inner, attentions in sides:
        for number in range(layers):
            layer = f"model.{side}.layers.{number}"
            for attention in attentions:
                for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                    yield f"{layer}.{attention}.{part}.weight", (width, width)
                    yield f"{layer}.{attention}.{part}.bias", (width,)
            for norm in (*(f"{a}_layer_norm" for a in attentions), "final_layer_norm"):
                yield f"{layer}.{norm}.weight", (width,)
                yield f"{layer}.{norm}.bias", (width,)
            yield f"{layer}.fc1.weight", (inner, width)
            yield f"{layer}.fc1.bias", (inner,)
            yield f"{layer}.fc2.weight", (width, inner)
            yield f"{layer}.fc2.bias", (width,)


def positions(count: int, width: int) -> Array:
    """Marian's sinusoids: sines in the first half of a row, cosines in the second; row p, column i holds sin(p / 10000^(2i/width)).

    The original (Vaswani et al. 2017) alternates sines and cosines; Marian and its port in transformers do not.

    Example:
        >>> [[f"{x:.2f}" for x in row] for row in positions(2, 4)]
        [['0.00', '0.00', '1.00', '1.00'], ['0.84', '0.01', '0.54', '1.00']]
    """
    import numpy as np

    angles = np.arange(count)[:, None] / np.power(10000.0, 2 * (np.arange(width) // 2) / width)
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)


class _Stored:
    """What the file holds; each tensor is taken once."""

    def __init__(self, directory: MarianDirectory) -> None:
        from safetensors import SafetensorError, deserialize

        self.path = directory.path / WEIGHTS
        try:
            self.left: dict[str, Mapping[str, Any]] = dict(deserialize(read_bytes(self.path)))
        except SafetensorError as e:
            raise ModelError(self.path, "a whole safetensors file", str(e).splitlines()[0]) from None
        except InputError as e:
            raise ModelError(self.path, e.expected, e.found) from None

    def take_if_there(self, name: str, shape: tuple[int, ...]) -> Array | None:
        tensor = self.left.pop(name, None)
        if tensor is None:
            return None
        if tuple(tensor["shape"]) != shape:
            raise ModelError(self.path, f"{name} of shape {shape}", f"{tuple(tensor['shape'])}")
        return self._float32(name, tensor).reshape(shape)

    def take(self, name: str, shape: tuple[int, ...]) -> Array:
        array = self.take_if_there(name, shape)
        if array is None:
            raise ModelError(self.path, f"the tensor {name}", "none of that name")
        return array

    def check_nothing_left(self) -> None:
        if self.left:
            names = sorted(self.left)
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise ModelError(self.path, "no other tensors than a MarianMT model has", ", ".join(names[:3]) + more)

    def _float32(self, name: str, tensor: Mapping[str, Any]) -> Array:
        import numpy as np

        kind, data = tensor["dtype"], tensor["data"]
        array: Array
        if kind == "BF16":  # numpy has no bfloat16; it is the upper half of a float32
            array = (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
        elif kind in ("F16", "F32", "F64"):
            array = np.frombuffer(data, f"<f{int(kind[1:]) // 8}").astype(np.float32)
        else:
            raise ModelError(self.path, f"{name} in floating point", str(kind))
        if not np.isfinite(array).all():
            raise ModelError(self.path, f"{name} made of finite numbers", "NaN or infinity")
        return array


def _embeddings(stored: _Stored, config: MarianConfig) -> dict[str, Array]:
    """The two embeddings and the output layer, whichever of the names they were stored under."""
    source, target = (config.vocab_size, config.d_model), (config.decoder_vocab_size, config.d_model)
    names = _EMBEDDINGS if config.share_encoder_decoder_embeddings else _EMBEDDINGS[1:]
    found: dict[str, Array] = {}
    for name in names:
        array = stored.take_if_there(name, source if name in (SHARED, SOURCE_EMBEDDING) else target)
        if array is not None:
            found[name] = array
    for group in _tied(config):
        here = [name for name in group if name in found]
        if not here:
            raise ModelError(stored.path, f"the tensor {group[0]}", "none of that name")
        for other in here[1:]:
            if (found[other] != found[here[0]]).any():
                raise ModelError(stored.path, f"{other} equal to {here[0]} (config.json ties them)", "other numbers")
        for name in group:
            found[name] = found[here[0]]  # the very same array, so that it is converted and stored once
    found.pop(SHARED, None)
    return found


def _tied(config: MarianConfig) -> tuple[tuple[str, ...], ...]:
    """Groups of names for one tensor."""
    if config.share_encoder_decoder_embeddings:
        return (_EMBEDDINGS,) if config.tie_word_embeddings else (_EMBEDDINGS[:3], (OUTPUT,))
    if config.tie_word_embeddings:
        return (SOURCE_EMBEDDING,), (TARGET_EMBEDDING, OUTPUT)
    return (SOURCE_EMBEDDING,), (TARGET_EMBEDDING,), (OUTPUT,)


def _zeros(count: int) -> Array:
    import numpy as np

    return np.zeros(count, np.float32)
