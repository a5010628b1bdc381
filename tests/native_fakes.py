"""The tiny model of `tests.fakes` as Marian itself would have saved it: the converter's mapping backwards, from Marian's own sources, not from ours.

Names are those of `src/models/transformer.h` and `src/layers/generic.h` in marian-dev. A directory made here was loaded and run by Marian (the
package pymarian 1.12.42), with the log-probabilities of the Hugging Face directory it is made from.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from tests.fakes import write_marian

SETTINGS: dict[str, Any] = {
    "bert-train-type-embeddings": True, "bert-type-vocab-size": 2, "dec-cell": "gru", "dec-cell-base-depth": 2, "dec-cell-high-depth": 1,
    "dec-depth": 2, "dim-emb": 16, "dim-rnn": 1024, "dim-vocabs": [0, 0], "enc-cell": "gru", "enc-cell-depth": 1, "enc-depth": 2,
    "enc-type": "bidirectional", "input-types": [], "layer-normalization": False, "lemma-dim-emb": 0, "output-omit-bias": False,
    "right-left": False, "skip": False, "special-vocab": [], "tied-embeddings": False, "tied-embeddings-all": True,
    "tied-embeddings-src": False, "transformer-aan-activation": "swish", "transformer-aan-depth": 2, "transformer-aan-nogate": False,
    "transformer-decoder-autoreg": "self-attention", "transformer-decoder-dim-ffn": 20, "transformer-dim-aan": 2048,
    "transformer-dim-ffn": 24, "transformer-ffn-activation": "swish", "transformer-ffn-depth": 2,
    "transformer-guided-alignment-layer": "last", "transformer-heads": 4, "transformer-no-projection": False, "transformer-pool": False,
    "transformer-postprocess": "dan", "transformer-postprocess-emb": "d", "transformer-postprocess-top": "", "transformer-preprocess": "",
    "transformer-tied-layers": [], "transformer-train-position-embeddings": False, "type": "transformer", "ulr": False, "ulr-dim-emb": 0,
    "ulr-trainable-transformation": False, "version": "v1.12.42 4ff2ad4c 2024-01-17 10:50:47 -0800",
}  # fmt: skip
MODEL = "opus.spm32k-spm32k.transformer.model1.npz.best-perplexity.npz"


def write_original(path: Path, **options: Any) -> Path:
    """A Hugging Face directory that Marian could have trained: the same heads on both sides, and Marian's own positions as tables."""
    write_marian(path, config={"decoder_attention_heads": 4}, **options)
    tensors = load_file(path / "model.safetensors")
    for side in ("encoder", "decoder"):
        tensors[f"model.{side}.embed_positions.weight"] = marian_positions(24, 16)
    save_file(tensors, path / "model.safetensors")
    return path


def marian_positions(count: int, width: int) -> np.ndarray:
    """`sinusoidalPositionEmbeddings` of Marian's src/graph/node_initializers.cpp, loop by loop."""
    scales = width // 2
    increment = math.log(10000) / (scales - 1)
    table = np.zeros((count, width), np.float32)
    for p in range(count):
        for i in range(scales):
            value = p * math.exp(i * -increment)
            table[p, i], table[p, scales + i] = math.sin(value), math.cos(value)
    return table


def write_native(
    path: Path,
    original: Path,
    *,
    settings: dict[str, Any] | None = None,
    arrays: dict[str, np.ndarray | None] | None = None,
    compress: bool = False,
) -> Path:
    """Write a Marian directory of an original; returns its path.

    Args:
        path: where.
        original: made by `write_original`.
        settings: to change in special:model.yml; None takes one away.
        arrays: to add or change in the archive; None takes one away.
        compress: the archive is deflated, as Marian does not.
    """
    path.mkdir(parents=True, exist_ok=True)
    config = json.loads((original / "config.json").read_text("utf-8"))
    stored, own = _arrays(original, config)
    kept = SETTINGS | own | (settings or {})
    stored |= arrays or {}
    text = as_yaml({key: value for key, value in sorted(kept.items()) if value is not None})
    stored.setdefault("special:model.yml", np.frombuffer(text.encode() + b"\0", np.uint8))
    save = np.savez_compressed if compress else np.savez
    save(path / MODEL, **{name: array for name, array in stored.items() if array is not None})
    vocabularies = _write_vocabularies(path, original, config["pad_token_id"])
    decoder = {
        "models": [MODEL], "vocabs": vocabularies, "beam-size": 6, "normalize": 1, "word-penalty": 0, "mini-batch": 1,
        "maxi-batch": 1, "maxi-batch-sort": "src", "relative-paths": True,
    }  # fmt: skip
    (path / "decoder.yml").write_text(as_yaml(decoder), "utf-8")
    for name in ("source.spm", "target.spm"):
        (path / name).write_bytes((original / name).read_bytes())
    (path / "README.md").write_text("# opus-2020-01-01\n", "utf-8")
    (path / "LICENSE").write_text("CC-BY 4.0\n", "utf-8")
    return path


def as_yaml(values: dict[str, Any]) -> str:
    """As yaml-cpp writes it for Marian: a list's values below its key, an empty list as `[]` there."""
    lines = []
    for key, value in values.items():
        if isinstance(value, list):
            lines += [f"{key}:", *(f"  - {_plain(v)}" for v in value)] if value else [f"{key}:", "  []"]
        else:
            lines.append(f"{key}: {_plain(value)}")
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) if value != "" else '""'


def vocabulary_yaml(pieces: list[str]) -> str:
    """`piece: number` lines; what is more than letters and digits goes into double quotes."""
    lines = []
    for number, piece in enumerate(pieces):
        quoted = '"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"{piece if re.fullmatch(r'[▁a-z]+|<unk>|</s>', piece) else quoted}: {number}\n")
    return "".join(lines)


def _write_vocabularies(path: Path, original: Path, pad: int) -> list[str]:
    files = {"vocab.json": "opus.spm32k-spm32k.vocab.yml"}
    if (original / "target_vocab.json").exists():
        files = {"vocab.json": "opus.src.vocab.yml", "target_vocab.json": "opus.trg.vocab.yml"}
    for name, own in files.items():
        numbers = json.loads((original / name).read_text("utf-8"))
        pieces = sorted(numbers, key=lambda piece: numbers[piece])
        assert pieces.pop(pad) == "<pad>"
        (path / own).write_text(vocabulary_yaml(pieces), "utf-8")
    names = list(files.values())
    return [names[0], names[-1]]


def _arrays(original: Path, config: dict[str, Any]) -> tuple[dict[str, np.ndarray | None], dict[str, Any]]:
    """What stands in the archive, and the settings that follow from it."""
    tensors = load_file(original / "model.safetensors")
    pad, arrays = config["pad_token_id"], {}
    for side, depth in (("encoder", 2), ("decoder", 2)):
        for number in range(depth):
            for name, array in _layer(tensors, f"model.{side}.layers.{number}.", decoder=side == "decoder").items():
                arrays[f"{side}_l{number + 1}_{name}"] = array
    shared, tied = config["share_encoder_decoder_embeddings"], config["tie_word_embeddings"]
    if shared:
        arrays["Wemb"] = np.delete(tensors["model.shared.weight"], pad, axis=0)
    else:
        for side in ("encoder", "decoder"):
            arrays[f"{side}_Wemb"] = np.delete(tensors[f"model.{side}.embed_tokens.weight"], pad, axis=0)
    if not tied:
        arrays["decoder_ff_logit_out_W"] = np.ascontiguousarray(np.delete(tensors["lm_head.weight"], pad, axis=0).T)
    arrays["decoder_ff_logit_out_b"] = np.delete(tensors["final_logits_bias"], pad, axis=1)
    sizes = [config["vocab_size"] - 1, config["decoder_vocab_size"] - 1]
    return arrays, {
        "dim-vocabs": sizes,
        "tied-embeddings-all": shared and tied,
        "tied-embeddings-src": shared and not tied,
        "tied-embeddings": tied and not shared,
        "transformer-ffn-activation": config["activation_function"],
    }


def _layer(tensors: dict[str, np.ndarray], prefix: str, *, decoder: bool) -> dict[str, np.ndarray]:
    arrays = {}

    def put(name: str, other: str, kind: str) -> None:
        """A matrix turned round, a vector with a 1 in front, as Marian's are rows."""
        arrays[name] = np.ascontiguousarray(np.atleast_2d(tensors[f"{prefix}{other}.{kind}"].T))

    for block, other in [("self", "self_attn"), ("context", "encoder_attn")][: 1 + decoder]:
        for letter, projection in (("q", "q_proj"), ("k", "k_proj"), ("v", "v_proj"), ("o", "out_proj")):
            put(f"{block}_W{letter}", f"{other}.{projection}", "weight")
            put(f"{block}_b{letter}", f"{other}.{projection}", "bias")
        put(f"{block}_Wo_ln_scale", f"{other}_layer_norm", "weight")
        put(f"{block}_Wo_ln_bias", f"{other}_layer_norm", "bias")
    for number in ("1", "2"):
        put(f"ffn_W{number}", f"fc{number}", "weight")
        put(f"ffn_b{number}", f"fc{number}", "bias")
    put("ffn_ffn_ln_scale", "final_layer_norm", "weight")
    put("ffn_ffn_ln_bias", "final_layer_norm", "bias")
    return arrays
