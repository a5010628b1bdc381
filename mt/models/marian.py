"""A MarianMT directory in Hugging Face format, read and checked: configuration, vocabularies, pieces, weights.

Files: `config.json`, `vocab.json` (and `target_vocab.json` where the sides differ), `source.spm`, `target.spm`, `model.safetensors`. Whatever is
missing, corrupt or not supported is a `ModelError` that names the file. Nothing here needs torch or transformers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mt.errors import ModelError
from mt.files import sha256

WEIGHTS = "model.safetensors"
_TO_SAFETENSORS = (
    'python -c "import sys; from transformers import MarianMTModel; '
    'MarianMTModel.from_pretrained(sys.argv[1]).save_pretrained(sys.argv[1])" {}'
)
_FLOATS = {"F64": np.float64, "F32": np.float32, "F16": np.float16}
# Marian options that change the network and that no published OPUS-MT checkpoint in this format uses: (key, the value supported).
_FIXED = (
    ("normalize_before", False),
    ("normalize_embedding", False),
    ("add_final_layer_norm", False),
    ("add_bias_logits", False),
    ("static_position_embeddings", True),
)

Weights = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class MarianConfig:
    """The numbers of `config.json` that the network is built from.

    Attributes:
        d_model: width.
        encoder_layers: number of encoder layers.
        decoder_layers: number of decoder layers.
        encoder_heads: attention heads in the encoder.
        decoder_heads: attention heads in the decoder.
        activation: of the feed-forward layers: relu, swish, silu, gelu, gelu_new.
        scale_embedding: embeddings are multiplied by √width.
        positions: rows of the position table; the longest input or output, its end included.
        vocab_size: rows of the source embeddings, `<pad>` included.
        decoder_vocab_size: rows of the target embeddings, `<pad>` included.
        shared: one embedding table serves both sides.
        pad: id of `<pad>`, which starts decoding with a zero vector and is never generated.
        eos: id of `</s>`.
    """

    d_model: int
    encoder_layers: int
    decoder_layers: int
    encoder_heads: int
    decoder_heads: int
    activation: str
    scale_embedding: bool
    positions: int
    vocab_size: int
    decoder_vocab_size: int
    shared: bool
    pad: int
    eos: int


@dataclass(frozen=True, slots=True)
class MarianDirectory:
    """A checked directory: everything but the weights, which are read on demand.

    Attributes:
        path: the directory.
        config: its numbers.
        src_vocabulary: source pieces by id, `<pad>` included.
        tgt_vocabulary: target pieces by id; the same list where the sides share one.
        sha256: of the weights file.
    """

    path: Path
    config: MarianConfig
    src_vocabulary: tuple[str, ...]
    tgt_vocabulary: tuple[str, ...]
    sha256: str

    @property
    def name(self) -> str:
        """What people call it: the directory's name."""
        return self.path.name

    def weights(self) -> Weights:
        """All tensors as float32.

        Raises:
            ModelError: when the file is corrupt.
        """
        return _weights(self.path / WEIGHTS)


def read(path: Path) -> MarianDirectory:
    """Read and check a directory.

    Raises:
        ModelError: naming the file, what was expected and what was found.
    """
    if not path.is_dir():
        raise ModelError(path, "a model directory", "a file" if path.exists() else "nothing there")
    config = _config(path / "config.json", _object(path / "config.json"))
    if not (path / WEIGHTS).is_file() and (path / "pytorch_model.bin").is_file():
        hint = "pickled weights are not loaded; convert them where you trust them: " + _TO_SAFETENSORS.format(path)
        raise ModelError(path / WEIGHTS, "weights as safetensors", "only pytorch_model.bin", hint=hint)
    src = _vocabulary(path / "vocab.json", config.vocab_size, config)
    target_file = path / "target_vocab.json"
    separate = target_file.is_file()
    tgt = _vocabulary(target_file, config.decoder_vocab_size, config) if separate else src
    if len(tgt) != config.decoder_vocab_size:
        raise ModelError(target_file, f"{config.decoder_vocab_size:,} target pieces", "no file and one shared vocabulary")
    for name in ("source.spm", "target.spm"):
        _bytes(path / name)
    return MarianDirectory(path, config, src, tgt, sha256(_bytes(path / WEIGHTS)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelError(path, "a file", "nothing there") from None
    except OSError as e:
        raise ModelError(path, "a readable file", e.strerror or type(e).__name__) from None


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(path))
    except ValueError as e:
        raise ModelError(path, "JSON", f"{e}".split(":")[0].lower() if "Expecting" in str(e) else str(e)) from None
    if not isinstance(value, dict):
        raise ModelError(path, "a JSON object", type(value).__name__)
    return value


def _config(path: Path, raw: Mapping[str, Any]) -> MarianConfig:
    if raw.get("model_type") != "marian":
        raise ModelError(path, 'model_type "marian"', repr(raw.get("model_type")))
    for key, value in _FIXED:
        if raw.get(key, value) != value:
            raise ModelError(path, f"{key} = {value} (the only kind supported)", repr(raw[key]))

    def whole(key: str, default: int | None = None) -> int:
        value = raw.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ModelError(path, f"{key}: a whole number", repr(value))
        return value

    config = MarianConfig(
        d_model=whole("d_model"),
        encoder_layers=whole("encoder_layers"),
        decoder_layers=whole("decoder_layers"),
        encoder_heads=whole("encoder_attention_heads"),
        decoder_heads=whole("decoder_attention_heads"),
        activation=str(raw.get("activation_function", "swish")),
        scale_embedding=bool(raw.get("scale_embedding", False)),
        positions=whole("max_position_embeddings"),
        vocab_size=whole("vocab_size"),
        decoder_vocab_size=whole("decoder_vocab_size", None if raw.get("decoder_vocab_size") else whole("vocab_size")),
        shared=bool(raw.get("share_encoder_decoder_embeddings", True)),
        pad=whole("pad_token_id"),
        eos=whole("eos_token_id", 0),
    )
    start = raw.get("decoder_start_token_id", config.pad)
    if start != config.pad:
        raise ModelError(path, f"decoder_start_token_id = pad_token_id = {config.pad}", repr(start))
    for heads in (config.encoder_heads, config.decoder_heads):
        if heads == 0 or config.d_model % heads:
            raise ModelError(path, f"attention heads that divide d_model = {config.d_model}", str(heads))
    return config


def _vocabulary(path: Path, size: int, config: MarianConfig) -> tuple[str, ...]:
    ids = _object(path)
    pieces: list[str | None] = [None] * size
    for piece, number in ids.items():
        if not isinstance(number, int) or not 0 <= number < size:
            raise ModelError(path, f"ids from 0 to {size - 1:,}", f"{number!r} for {piece!r}")
        pieces[number] = piece
    whole = [piece for piece in pieces if piece is not None]
    if len(whole) != size or len(ids) != size:
        raise ModelError(path, f"{size:,} pieces, each with an id of its own", f"{len(set(ids.values())):,} ids for {len(ids):,} pieces")
    if config.pad >= size or config.eos >= size or whole[config.eos] != "</s>" or "<unk>" not in ids:
        raise ModelError(path, f"</s> with id {config.eos}, <unk>, and an id {config.pad} for <pad>", "another vocabulary")
    return tuple(whole)


def _weights(path: Path) -> Weights:
    from safetensors import SafetensorError, deserialize

    try:
        tensors = deserialize(_bytes(path))
    except (SafetensorError, ValueError) as e:
        raise ModelError(path, "safetensors", f"a corrupt file ({e})") from None
    weights: Weights = {}
    for name, info in tensors:
        kind, shape, data = info["dtype"], info["shape"], info["data"]
        if kind == "BF16":
            # numpy has no bfloat16: it is the upper half of a float32
            raw = (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32)
        elif kind in _FLOATS:
            raw = np.frombuffer(data, _FLOATS[kind]).astype(np.float32)
        else:
            raise ModelError(path, f"{name} in F32, F16 or BF16", str(kind))
        weights[name] = raw.reshape(shape)
    return weights
