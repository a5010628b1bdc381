"""MarianMT → CTranslate2, without torch or transformers: ctranslate2's own specification classes and numpy.

The converted model goes to the user's cache, once per weights, settings, quantisation and version of this converter. Conversion is deterministic:
processes that do it at the same time write the same bytes, and a damaged cache entry is mended file by file under the feet of whoever reads it.

What follows from the model's arithmetic (compared with transformers in tests/models/test_convert.py):

- Layers are post-norm; embeddings are multiplied by √width where `scale_embedding` says so; positions are Marian's (`weights.positions`).
- Marian starts decoding from a zero vector. Hugging Face writes it as the embedding of `<pad>`, an extra piece. Where that row is zero, `<pad>`
  is taken out of the vocabulary and the decoder starts from zero, as in Marian. Where fine-tuning has changed the row (a tied output layer
  passes gradients into it), `<pad>` stays as the piece to start from, with a bias that forbids writing it.
- Pieces that the target language is not written with are rows that the target side does not get (`mt.models.written`).
- `gelu` in Hugging Face is the exact one (erf); Marian's own, an approximation by a sigmoid, is another.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.errors import OutputError
from mt.files import cache_directory, new_directory, sha256, sha256_file, write_bytes
from mt.models.marian import UNKNOWN, MarianConfig, MarianDirectory
from mt.models.weights import (
    OUTPUT,
    OUTPUT_BIAS,
    SOURCE_EMBEDDING,
    SOURCE_POSITIONS,
    TARGET_EMBEDDING,
    TARGET_POSITIONS,
    read_weights,
)

if TYPE_CHECKING:
    from mt.models.weights import Array

VERSION = 2  # raise it whenever the same input would give another model
COMPLETE = "complete.json"  # written last: size and sha256 of every other file

_ACTIVATIONS = {"relu": "RELU", "gelu": "GELU", "gelu_new": "GELUTanh", "swish": "SWISH", "silu": "SWISH"}
# ctranslate2 writes bfloat16 with torch only; it computes in it from float32 weights as well.
_STORED = {"bfloat16": "float32", "int8_bfloat16": "int8_float32"}
_FORBIDDEN = -1e4  # added to a logit: probability 0 in float32, and finite in float16


class Converted:
    """A CTranslate2 model directory; a temporary one disappears with `close`, with this object, or with the process.

    Attributes:
        path: the directory.
        temporary: whether it is outside the cache.
    """

    def __init__(self, path: Path, *, temporary: bool) -> None:
        self.path, self.temporary = path, temporary
        self._remove = weakref.finalize(self, shutil.rmtree, path, ignore_errors=True) if temporary else None

    def close(self) -> None:
        """Remove the directory if it is temporary. Calling it twice does no harm."""
        if self._remove is not None:
            self._remove()


def converted(directory: MarianDirectory, quantization: str) -> Converted:
    """The CTranslate2 model of a directory: from the cache, or converted into it; in a temporary directory where the cache cannot be written.

    Args:
        directory: what to convert.
        quantization: `float32`, `int8`, `float16`, …: a compute type of ctranslate2.

    Raises:
        ModelError: when the weights are missing, corrupt or unsupported.
        OutputError: when no directory can be written at all.
    """
    quantization = _STORED.get(quantization, quantization)
    try:
        final = _cache_entry(directory, quantization)
        if not is_whole(final):
            _convert_into_cache(directory, quantization, final)
        return Converted(final, temporary=False)
    except (OSError, OutputError):
        return _convert_into_temporary(directory, quantization)


def _cache_entry(directory: MarianDirectory, quantization: str) -> Path:
    try:
        return cache_directory() / "ct2" / cache_key(directory, quantization)
    except RuntimeError as e:  # pathlib's word for a user without a home directory
        raise OutputError("~", str(e)) from None


def cache_key(directory: MarianDirectory, quantization: str) -> str:
    """Name of a cache entry, 32 hexadecimal digits: weights, settings, quantisation, versions of this converter and of ctranslate2."""
    import ctranslate2

    library = ctranslate2.__version__.rsplit(".", 1)[0]
    recipe = [
        VERSION,
        library,
        quantization,
        directory.weights_sha256,
        directory.settings_sha256,
        sorted(directory.unwritten),
    ]
    return sha256(json.dumps(recipe).encode())[:32]


def is_whole(path: Path) -> bool:
    """True where a converted model is complete: every file of the size and with the hash it was written with."""
    try:
        files = json.loads((path / COMPLETE).read_bytes())
        return "model.bin" in files and all(
            (path / name).stat().st_size == size and sha256_file(path / name) == digest
            for name, (size, digest) in files.items()
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def convert(directory: MarianDirectory, quantization: str, output: Path) -> None:
    """Write a CTranslate2 model.

    Args:
        directory: what to convert.
        quantization: how to store the matrices: `float32`, `float16`, `int8`, `int8_float32`, `int8_float16` or `int16`.
        output: an existing, empty directory.

    Raises:
        ModelError: when the weights are missing, corrupt or unsupported.
        OSError: when the output cannot be written.
    """
    spec = specification(directory, read_weights(directory))
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(output))
    files = {p.name: [p.stat().st_size, sha256_file(p)] for p in sorted(output.iterdir())}
    (output / COMPLETE).write_text(json.dumps(files, indent=1), encoding="utf-8")


def _convert_into_cache(directory: MarianDirectory, quantization: str, final: Path) -> None:
    with new_directory(final) as scratch:
        convert(directory, quantization, scratch)
        if final.is_dir() and not is_whole(final):  # damaged: the rename would lose to it
            for name in [*json.loads((scratch / COMPLETE).read_bytes()), COMPLETE]:
                write_bytes(final / name, (scratch / name).read_bytes())
    if not is_whole(final):
        raise OutputError(final, "what was written did not stay whole")


def _convert_into_temporary(directory: MarianDirectory, quantization: str) -> Converted:
    try:
        path = Path(tempfile.mkdtemp(prefix="kakehashi-"))
    except OSError as e:
        raise OutputError(tempfile.gettempdir(), e.strerror or type(e).__name__) from None
    result = Converted(path, temporary=True)
    try:
        convert(directory, quantization, path)
    except OSError as e:
        result.close()
        raise OutputError(path, e.strerror or type(e).__name__) from None
    except BaseException:
        result.close()
        raise
    return result


def specification(directory: MarianDirectory, weights: dict[str, Array]) -> Any:
    """The model as a `ctranslate2.specs.TransformerSpec`, not quantised yet."""
    from ctranslate2.specs import common_spec, transformer_spec

    config = directory.config
    activation = common_spec.Activation[_ACTIVATIONS[config.activation_function]]
    encoder = transformer_spec.TransformerEncoderSpec(
        config.encoder_layers, config.encoder_attention_heads, pre_norm=False, activation=activation
    )
    decoder = transformer_spec.TransformerDecoderSpec(
        config.decoder_layers, config.decoder_attention_heads, pre_norm=False, activation=activation
    )
    for side, name in ((encoder, "encoder"), (decoder, "decoder")):
        side.scale_embeddings = config.d_model**0.5 if config.scale_embedding else 1.0
        for number, layer in enumerate(side.layer):
            _set_layer(layer, f"model.{name}.layers.{number}", weights)
    encoder.position_encodings.encodings = weights[SOURCE_POSITIONS]
    decoder.position_encodings.encodings = weights[TARGET_POSITIONS]
    spec = transformer_spec.TransformerSpec(encoder, decoder)
    _set_vocabulary(spec, directory, weights)
    return spec


def _set_layer(layer: Any, name: str, weights: dict[str, Array]) -> None:
    import numpy as np

    def linear(spec: Any, *parts: str) -> None:
        spec.weight = np.concatenate([weights[f"{name}.{part}.weight"] for part in parts])
        spec.bias = np.concatenate([weights[f"{name}.{part}.bias"] for part in parts])

    def norm(spec: Any, part: str) -> None:
        spec.gamma, spec.beta = weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"]

    own = layer.self_attention
    linear(own.linear[0], *(f"self_attn.{part}_proj" for part in "qkv"))
    linear(own.linear[1], "self_attn.out_proj")
    norm(own.layer_norm, "self_attn_layer_norm")
    if hasattr(layer, "attention"):
        other = layer.attention
        linear(other.linear[0], "encoder_attn.q_proj")
        linear(other.linear[1], "encoder_attn.k_proj", "encoder_attn.v_proj")
        linear(other.linear[2], "encoder_attn.out_proj")
        norm(other.layer_norm, "encoder_attn_layer_norm")
    linear(layer.ffn.linear_0, "fc1")
    linear(layer.ffn.linear_1, "fc2")
    norm(layer.ffn.layer_norm, "final_layer_norm")


def _set_vocabulary(spec: Any, directory: MarianDirectory, weights: dict[str, Array]) -> None:
    """Embeddings, output layer, vocabularies, and what decoding starts from."""
    import numpy as np

    config = directory.config
    source, target = list(directory.source_pieces), list(directory.target_pieces)
    bias = weights[OUTPUT_BIAS].copy()
    zero_start = not weights[TARGET_EMBEDDING][config.decoder_start_token_id].any()
    gone: frozenset[int] = frozenset()
    if zero_start or config.decoder_start_token_id != config.pad_token_id:
        gone = frozenset([config.pad_token_id])
    else:
        bias[config.pad_token_id] = _FORBIDDEN
    without: dict[tuple[int, frozenset[int]], Array] = {}  # by identity: a tied tensor stays one tensor

    def rest(table: Array, rows: frozenset[int]) -> Array:
        name = (id(table), rows)
        if name not in without:
            without[name] = np.delete(table, sorted(rows), axis=0) if rows else table
        return without[name]

    never = gone | directory.unwritten
    spec.encoder.embeddings[0].weight = rest(weights[SOURCE_EMBEDDING], gone)
    spec.decoder.embeddings.weight = rest(weights[TARGET_EMBEDDING], never)
    spec.decoder.projection.weight = rest(weights[OUTPUT], never)
    source = [piece for number, piece in enumerate(source) if number not in gone]
    target = [piece for number, piece in enumerate(target) if number not in never]
    bias = np.delete(bias, sorted(never))
    if bias.any():
        spec.decoder.projection.bias = bias
    spec.decoder.start_from_zero_embedding = zero_start
    spec.register_source_vocabulary(source)
    spec.register_target_vocabulary(target)
    _set_special_pieces(spec.config, config, directory.target_pieces, zero_start)


def _set_special_pieces(spec_config: Any, config: MarianConfig, pieces: tuple[str, ...], zero_start: bool) -> None:
    spec_config.unk_token = UNKNOWN
    spec_config.eos_token = pieces[config.eos_token_id]
    spec_config.bos_token = spec_config.eos_token  # never used, but looked up when the model is loaded
    # with a zero start any piece will do, as its embedding is not looked at
    spec_config.decoder_start_token = spec_config.eos_token if zero_start else pieces[config.decoder_start_token_id]
