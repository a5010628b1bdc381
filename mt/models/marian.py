"""A MarianMT directory in Hugging Face format, read and checked: configuration, vocabularies, which files there are.

    config.json             sizes and kinds; what this program cannot compute is refused by the key's name
    generation_config.json  may be absent; only its start of decoding counts, the search is `DecodingOptions`
    vocab.json              piece → number (of the source, where target_vocab.json stands beside it)
    target_vocab.json       only with separate vocabularies
    tokenizer_config.json   may be absent; only its target language counts, by which pieces are not written
    source.spm, target.spm  sentencepiece models; read by `mt.models.pieces`
    model.safetensors       weights; read by `mt.models.weights`

No weights are loaded here and no library beside the standard one is needed.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.errors import InputError, ModelError
from mt.files import read_bytes, sha256, sha256_file
from mt.models.written import unwritten

CONFIG = "config.json"
GENERATION = "generation_config.json"
VOCABULARY = "vocab.json"
TARGET_VOCABULARY = "target_vocab.json"
TOKENIZER = "tokenizer_config.json"
SOURCE_SPM = "source.spm"
TARGET_SPM = "target.spm"
WEIGHTS = "model.safetensors"

UNKNOWN = "<unk>"
ACTIVATIONS = ("relu", "gelu", "gelu_new", "swish", "silu")

# Keys of Marian's older configurations (and of BART's, from which they were copied) that change what is computed: the only value we compute.
_FIXED: Mapping[str, object] = {
    "model_type": "marian",
    "is_encoder_decoder": True,
    "is_decoder": False,
    "static_position_embeddings": True,
    "normalize_before": False,
    "normalize_embedding": False,
    "add_final_layer_norm": False,
    "forced_bos_token_id": None,
}
_SIZES = (
    "vocab_size",
    "max_position_embeddings",
    "d_model",
    "encoder_layers",
    "encoder_ffn_dim",
    "encoder_attention_heads",
    "decoder_layers",
    "decoder_ffn_dim",
    "decoder_attention_heads",
)
# What to type when only pickled weights are there; the path goes in as an argument, so that no quoting inside Python is needed.
_TO_SAFETENSORS = (
    'python -c "import sys; from transformers import MarianMTModel as M; '
    'M.from_pretrained(sys.argv[1]).save_pretrained(sys.argv[1])"'
)


@dataclass(frozen=True, slots=True)
class MarianConfig:
    """What `config.json` says, all of it needed to compute.

    Attributes:
        vocab_size: pieces of the source vocabulary, `<pad>` included.
        decoder_vocab_size: pieces of the target vocabulary; the same number where embeddings are shared.
        max_position_embeddings: rows of the position table: longest input or output, in pieces, the end mark included.
        d_model: width.
        encoder_layers: and the other sizes, as Hugging Face calls them.
        activation_function: one of `ACTIVATIONS`.
        scale_embedding: embeddings are multiplied by √width.
        share_encoder_decoder_embeddings: one table for both sides.
        tie_word_embeddings: the output layer is the target embedding.
        pad_token_id: `<pad>`, which is never written.
        eos_token_id: the end mark `</s>`.
        decoder_start_token_id: what decoding starts from, `<pad>` nearly always.
    """

    vocab_size: int
    decoder_vocab_size: int
    max_position_embeddings: int
    d_model: int
    encoder_layers: int
    encoder_ffn_dim: int
    encoder_attention_heads: int
    decoder_layers: int
    decoder_ffn_dim: int
    decoder_attention_heads: int
    activation_function: str
    scale_embedding: bool
    share_encoder_decoder_embeddings: bool
    tie_word_embeddings: bool
    pad_token_id: int
    eos_token_id: int
    decoder_start_token_id: int


@dataclass(frozen=True, slots=True)
class MarianDirectory:
    """A directory that was read: everything but the weights and the sentencepiece models.

    Attributes:
        path: the directory.
        config: what it computes.
        source_pieces: the source vocabulary by number.
        target_pieces: the target vocabulary by number; equal to the other where there is one.
        weights_sha256: of `model.safetensors`, 64 hexadecimal digits.
        settings_sha256: of the configuration and vocabulary files together.
        unwritten: numbers of target pieces that are never written, see `mt.models.written`.
    """

    path: Path
    config: MarianConfig
    source_pieces: tuple[str, ...]
    target_pieces: tuple[str, ...]
    weights_sha256: str
    settings_sha256: str
    unwritten: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The directory's own name, fit for a signature."""
        return self.path.resolve().name.replace("|", "_").replace("\n", "_") or "model"

    @property
    def end_mark(self) -> str:
        """The target piece that ends a sentence, `</s>`."""
        return self.target_pieces[self.config.eos_token_id]


def read_directory(path: Path, *, every_script: bool = False) -> MarianDirectory:
    """Read and check a MarianMT directory; weights are hashed, not loaded.

    Args:
        path: the directory.
        every_script: let it write pieces that its target language is not written with, too.

    Raises:
        ModelError: naming the first file that is missing, corrupt or of a kind that is not supported.
    """
    if not path.is_dir():
        raise ModelError(path, "a model directory", "a file" if path.exists() else "nothing there")
    _check_weights_format(path)
    files = {name: _bytes(path / name) for name in (CONFIG, VOCABULARY)}
    for name in (GENERATION, TARGET_VOCABULARY):
        if (path / name).exists():
            files[name] = _bytes(path / name)
    generation = _object(path / GENERATION, files.get(GENERATION, b"{}"))
    config = _config(path / CONFIG, _object(path / CONFIG, files[CONFIG]), generation)
    source = _vocabulary(path / VOCABULARY, files[VOCABULARY], config.vocab_size, config)
    target = source
    if not config.share_encoder_decoder_embeddings:
        if TARGET_VOCABULARY in files:
            target = _vocabulary(path / TARGET_VOCABULARY, files[TARGET_VOCABULARY], config.decoder_vocab_size, config)
        elif config.decoder_vocab_size != config.vocab_size:
            raise ModelError(path / TARGET_VOCABULARY, f"{config.decoder_vocab_size:,} pieces", "no such file")
        for number in (config.pad_token_id, config.eos_token_id):
            if source[number] != target[number]:
                expected = f"the piece {source[number]!r} for {number} as in {VOCABULARY}"
                raise ModelError(path / TARGET_VOCABULARY, expected, repr(target[number]))
    settings = sha256(json.dumps({name: sha256(data) for name, data in sorted(files.items())}).encode())
    for name in (SOURCE_SPM, TARGET_SPM):
        _bytes(path / name)
    never = frozenset() if every_script else unwritten(target, _target_language(path / TOKENIZER))
    never -= {config.eos_token_id, config.pad_token_id, config.decoder_start_token_id}
    return MarianDirectory(path, config, source, target, _hash(path / WEIGHTS), settings, never)


def _target_language(path: Path) -> str:
    """What transformers' settings of the tokeniser say; empty where they say nothing."""
    said = _object(path, _bytes(path)).get("target_lang") if path.exists() else None
    return said if isinstance(said, str) else ""


def _check_weights_format(path: Path) -> None:
    """Refuses weights that are there in another shape than `model.safetensors`, with the command that helps."""
    if (path / WEIGHTS).exists():
        return
    command = f"{_TO_SAFETENSORS} {shlex.quote(str(path))}"
    if (path / f"{WEIGHTS}.index.json").exists():
        raise ModelError(path / WEIGHTS, "weights in one file", "weights in several (shards)")
    if (path / "pytorch_model.bin").exists():
        hint = f"this converts it (needs the packages torch and transformers): {command}"
        raise ModelError(path / WEIGHTS, "weights as safetensors", "only pytorch_model.bin", hint=hint)


def _config(path: Path, raw: Mapping[str, Any], generation: Mapping[str, Any]) -> MarianConfig:
    if "model_type" not in raw:
        raise ModelError(path, 'model_type: "marian"', "no such key")
    for key, value in _FIXED.items():
        if raw.get(key, value) != value:
            raise ModelError(path, f"{key}: {json.dumps(value)}", json.dumps(raw[key]))
    sizes = {key: _number(path, raw, key, low=1) for key in _SIZES}
    activation = raw.get("activation_function", "gelu")
    if activation not in ACTIVATIONS:
        raise ModelError(path, f"activation_function: one of {', '.join(ACTIVATIONS)}", repr(activation))
    shared = _flag(path, raw, "share_encoder_decoder_embeddings", default=True)
    target_size = raw.get("decoder_vocab_size") or sizes["vocab_size"]
    if shared and target_size != sizes["vocab_size"]:
        expected = f"decoder_vocab_size: {sizes['vocab_size']} as vocab_size, embeddings being shared"
        raise ModelError(path, expected, repr(target_size))
    for side in ("encoder", "decoder"):
        heads = sizes[f"{side}_attention_heads"]
        if sizes["d_model"] % heads:
            raise ModelError(path, f"{side}_attention_heads: a divisor of d_model {sizes['d_model']}", str(heads))
    numbers = {**raw, **{k: v for k, v in generation.items() if k == "decoder_start_token_id" and v is not None}}
    return MarianConfig(
        **sizes,
        decoder_vocab_size=_number(path, {"decoder_vocab_size": target_size}, "decoder_vocab_size", low=1),
        activation_function=activation,
        scale_embedding=_flag(path, raw, "scale_embedding", default=False),
        share_encoder_decoder_embeddings=shared,
        tie_word_embeddings=_flag(path, raw, "tie_word_embeddings", default=True),
        pad_token_id=_number(path, raw, "pad_token_id", low=0),
        eos_token_id=_number(path, raw, "eos_token_id", low=0),
        decoder_start_token_id=_number(path, numbers, "decoder_start_token_id", low=0),
    )


def _vocabulary(path: Path, data: bytes, size: int, config: MarianConfig) -> tuple[str, ...]:
    """Pieces by number, every number from 0 to size - 1 once."""
    numbers = _object(path, data)
    pieces: list[str | None] = [None] * size
    for piece, number in numbers.items():
        if type(number) is not int or not 0 <= number < size:
            raise ModelError(path, f"numbers from 0 to {size - 1:,} (config.json)", f"{piece!r}: {number!r}")
        if pieces[number] is not None:
            raise ModelError(path, "every number once", f"{number} for {pieces[number]!r} and for {piece!r}")
        pieces[number] = piece
    if len(numbers) != size:
        raise ModelError(path, f"{size:,} pieces (config.json)", f"{len(numbers):,}")
    known = tuple(p for p in pieces if p is not None)
    if UNKNOWN not in numbers:
        raise ModelError(path, f"the piece {UNKNOWN}", "none")
    for key in ("pad_token_id", "eos_token_id", "decoder_start_token_id"):
        if getattr(config, key) >= size:
            raise ModelError(path, f"a piece with the number {getattr(config, key):,} ({key})", f"{size:,} pieces")
    if len({config.pad_token_id, config.eos_token_id, numbers[UNKNOWN]}) < 3:
        raise ModelError(path, f"different numbers for pad, end and {UNKNOWN}", "one for two of them")
    return known


def _object(path: Path, data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise ModelError(path, "a JSON object", "something else (is the file whole?)") from None
    if not isinstance(value, dict):
        raise ModelError(path, "a JSON object", f"a {type(value).__name__}")
    return value


def _number(path: Path, raw: Mapping[str, Any], key: str, *, low: int) -> int:
    value = raw.get(key)
    if type(value) is not int or not low <= value < 2**31:
        raise ModelError(path, f"{key}: a whole number from {low}", repr(value) if key in raw else "no such key")
    return value


def _flag(path: Path, raw: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = raw.get(key, default)
    if not isinstance(value, bool):
        raise ModelError(path, f"{key}: true or false", repr(value))
    return value


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except InputError as e:
        raise ModelError(path, e.expected, e.found) from None


def _hash(path: Path) -> str:
    try:
        return sha256_file(path)
    except FileNotFoundError:
        raise ModelError(path, "a file", "nothing there") from None
    except OSError as e:
        raise ModelError(path, "a readable file", e.strerror or type(e).__name__) from None
