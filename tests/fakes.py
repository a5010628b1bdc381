"""A tiny random MarianMT directory: right in every file, worthless as a translator. Made with numpy, safetensors and sentencepiece only."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

TEXT = {
    "source": [
        "猫が庭にいる。",
        "犬も庭にいた。",
        "鳥は空を飛ぶ。",
        "今日は雨が降った。",
        "彼は本を読む。",
        "明日は晴れる。",
        "猫と犬が遊ぶ。",
    ],
    "target": [
        "there is a cat in the garden .",
        "the dog was in the garden too .",
        "birds fly in the sky .",
        "it rained today .",
        "he reads a book .",
        "tomorrow it will be fine .",
    ],
}
SENTENCES = ["猫が庭にいる。", "犬", "今日は雨が降った。明日は晴れる。", "鳥は本を読む", "彼は Zürich にいた。"]


def write_marian(path: Path, **options: Any) -> Path:
    """Write a directory; returns its path.

    Options (default first):
        tied: True | False, the output layer is the target embedding.
        separate: False | True, a vocabulary and an embedding for each side.
        names: "shared" | "all" | "lm_head", under which names tied embeddings are stored.
        activation: "swish", or another of config.json.
        scale_embedding: True | False.
        bias: False | True, a final_logits_bias of random numbers; None leaves the tensor out.
        positions: False | True, position tables are stored (and are not the usual ones).
        pad_row: False | True, the embedding of <pad> is not zero, as after fine-tuning.
        dtype: "F32" | "F16" | "BF16".
        start: what decoding starts from: "<pad>" | another target piece.
        seed: 1.
        config: more keys for config.json.
    """
    path.mkdir(parents=True, exist_ok=True)
    chosen = {
        "tied": True, "separate": False, "names": "shared", "activation": "swish", "scale_embedding": True, "bias": False,
        "positions": False, "pad_row": False, "dtype": "F32", "start": "<pad>", "seed": 1, "config": {},
    }  # fmt: skip
    assert options.keys() <= chosen.keys()
    chosen |= options
    vocabularies = _write_pieces(path, separate=chosen["separate"])
    config = _config(chosen, *vocabularies)
    _write_json(path / "config.json", config | chosen["config"])
    marks = ("bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id")
    _write_json(
        path / "generation_config.json", {key: config[key] for key in marks} | {"max_length": 24, "num_beams": 4}
    )
    _write_json(
        path / "tokenizer_config.json",
        # pieces of both scripts are to be written, see mt.models.written
        {"source_lang": "en", "target_lang": "ja", "tokenizer_class": "MarianTokenizer"},
    )
    save_tensors(path / "model.safetensors", _tensors(config, chosen), chosen["dtype"])
    return path


def save_tensors(path: Path, tensors: dict[str, np.ndarray], dtype: str = "F32") -> None:
    """A safetensors file by its definition (length of the header, header as JSON, data), as numpy has no bfloat16 for the library to write."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, array in tensors.items():
        if dtype == "BF16":
            data = (np.ascontiguousarray(array, np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
        else:
            data = array.astype({"F32": "<f4", "F16": "<f2"}[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + body)


def _config(chosen: dict[str, Any], source: dict[str, int], target: dict[str, int]) -> dict[str, Any]:
    return {
        "model_type": "marian", "architectures": ["MarianMTModel"], "is_encoder_decoder": True,
        "vocab_size": len(source), "decoder_vocab_size": len(target), "max_position_embeddings": 24,
        "d_model": 16, "encoder_layers": 2, "encoder_ffn_dim": 24, "encoder_attention_heads": 4,
        "decoder_layers": 2, "decoder_ffn_dim": 20, "decoder_attention_heads": 2,
        "activation_function": chosen["activation"], "scale_embedding": chosen["scale_embedding"],
        "share_encoder_decoder_embeddings": not chosen["separate"], "tie_word_embeddings": chosen["tied"],
        "pad_token_id": source["<pad>"], "eos_token_id": 0, "bos_token_id": None, "forced_eos_token_id": 0,
        "decoder_start_token_id": target[chosen["start"]], "static_position_embeddings": True, "normalize_before": False,
    }  # fmt: skip


def _tensors(config: dict[str, Any], chosen: dict[str, Any]) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(chosen["seed"])
    width, layers = config["d_model"], {}

    def normal(*shape: int, scale: float = 0.3) -> np.ndarray:
        return (draw.standard_normal(shape) * scale).astype(np.float32)

    for side, attentions in (("encoder", ["self_attn"]), ("decoder", ["self_attn", "encoder_attn"])):
        for number in range(config[f"{side}_layers"]):
            inner = config[f"{side}_ffn_dim"]
            layer = {"fc1": (inner, width), "fc2": (width, inner)}
            layer |= {f"{a}.{part}_proj": (width, width) for a in attentions for part in ("q", "k", "v", "out")}
            for name, shape in layer.items():
                layers[f"model.{side}.layers.{number}.{name}.weight"] = normal(*shape)
                layers[f"model.{side}.layers.{number}.{name}.bias"] = normal(shape[0])
            for name in [f"{a}_layer_norm" for a in attentions] + ["final_layer_norm"]:
                layers[f"model.{side}.layers.{number}.{name}.weight"] = 1 + normal(width, scale=0.1)
                layers[f"model.{side}.layers.{number}.{name}.bias"] = normal(width, scale=0.1)
    layers |= _embeddings(config, chosen, normal)
    if chosen["bias"] is not None:
        layers["final_logits_bias"] = normal(1, config["decoder_vocab_size"]) * bool(chosen["bias"])
    if chosen["positions"]:
        for side in ("encoder", "decoder"):
            layers[f"model.{side}.embed_positions.weight"] = normal(config["max_position_embeddings"], width)
    return layers


def _embeddings(config: dict[str, Any], chosen: dict[str, Any], normal: Any) -> dict[str, np.ndarray]:
    def table(rows: int) -> np.ndarray:
        array = normal(rows, config["d_model"], scale=0.5)
        array[config["pad_token_id"]] *= chosen["pad_row"]
        return array

    shared, source, target, output = (
        "model.shared.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight",
    )  # fmt: skip
    first = table(config["vocab_size"])
    second = table(config["decoder_vocab_size"]) if chosen["separate"] else first
    stored = {source: first, target: second}
    if not chosen["separate"]:
        stored = {shared: first} if chosen["tied"] and chosen["names"] == "shared" else {shared: first, **stored}
        if chosen["names"] == "lm_head":
            stored = {output: first}
    if not chosen["tied"]:
        stored[output] = table(config["decoder_vocab_size"])
    elif chosen["names"] == "all":
        stored[output] = second
    return stored


def _write_pieces(path: Path, *, separate: bool) -> tuple[dict[str, int], dict[str, int]]:
    """Two sentencepiece models and their vocabularies, in one file or two."""
    source, target = TEXT["source"], TEXT["target"]
    models = [(40, tuple(source)), (40, tuple(target))] if separate else [(70, (*source, *target))] * 2
    trained = [_trained(*model) for model in models]
    vocabularies = []
    for name, (data, pieces) in zip(("source.spm", "target.spm"), trained, strict=True):
        (path / name).write_bytes(data)
        known = ["</s>", "<unk>", *(p for p in pieces if p != "<unk>")]
        known.insert(2 if separate else len(known), "<pad>")  # one number for both sides, as config.json knows only one
        vocabularies.append({piece: number for number, piece in enumerate(known)})
    source_numbers, target_numbers = vocabularies
    _write_json(path / "vocab.json", source_numbers)
    if separate:
        _write_json(path / "target_vocab.json", target_numbers)
    return source_numbers, target_numbers


@cache
def _trained(size: int, lines: Iterable[str]) -> tuple[bytes, tuple[str, ...]]:
    import sentencepiece

    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, vocab_size=size, hard_vocab_limit=False, character_coverage=1.0,
        bos_id=-1, eos_id=-1, unk_id=0, minloglevel=2,
    )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    return out.getvalue(), tuple(processor.id_to_piece(i) for i in range(len(processor)))


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
