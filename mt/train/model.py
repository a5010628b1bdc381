"""The model that is trained: by preset from scratch, from a checkpoint, or from a checkpoint with another vocabulary."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import MarianConfig, MarianMTModel

from mt.errors import ModelError
from mt.train.device import no_bars
from mt.train.options import Model
from mt.train.vocabulary import Pieces, read

Array = np.ndarray[Any, Any]

# width, inner width, encoder layers, decoder layers, heads; parameters are those with 16,001 shared embeddings
PRESETS = {
    "toy": (64, 128, 2, 1, 2),  # tests
    "tiny": (256, 1024, 6, 2, 4),  # 11 M, the starter's
    "small": (384, 1536, 6, 2, 6),  # 22 M
    "base": (512, 2048, 6, 6, 8),  # 52 M; 60 to 76 M with the 32,000 to 60,000 pieces that OPUS-MT has
}


_OF_THE_VOCABULARY = ("shared", "embed_tokens", "lm_head", "final_logits_bias")  # parts of names of weights


def build(options: Model, pieces: Pieces, anchor: Array | None, *, seed: int) -> MarianMTModel:
    """A model from scratch, ready to be trained.

    Args:
        options: preset, residual scale, dropout.
        pieces: the vocabulary.
        anchor: embeddings to begin with, unit rows of shape (pieces, width), see `mt.train.anchor`; None = random ones.
        seed: of the initial weights.
    """
    width, inner, encoder, decoder, heads = PRESETS[options.preset]
    torch.manual_seed(seed)
    config = MarianConfig(
        vocab_size=len(pieces), decoder_vocab_size=len(pieces), d_model=width,
        encoder_layers=encoder, decoder_layers=decoder, encoder_ffn_dim=inner, decoder_ffn_dim=inner,
        encoder_attention_heads=heads, decoder_attention_heads=heads, activation_function="swish",
        dropout=options.dropout, attention_dropout=0.0, activation_dropout=0.0, max_position_embeddings=512,
        # rows of norm 1 before scaling by √width: as large as the positions they are added to
        init_std=1 / math.sqrt(width), scale_embedding=True, share_encoder_decoder_embeddings=True, tie_word_embeddings=True,
        pad_token_id=pieces.pad, eos_token_id=pieces.eos, bos_token_id=None,
        decoder_start_token_id=pieces.pad, forced_eos_token_id=pieces.eos,
    )  # fmt: skip
    model = MarianMTModel(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.dim() == 2 and "layers" in name:
                torch.nn.init.xavier_uniform_(weights)
                if name.endswith(("out_proj.weight", "fc2.weight")):
                    weights.mul_(options.residual_scale)
        if anchor is not None:
            known = torch.from_numpy(np.linalg.norm(anchor, axis=1) > 0)
            model.model.shared.weight[known] = torch.from_numpy(anchor)[known]
        model.model.shared.weight[pieces.pad] = 0
    return freeze_positions(model)


def load(directory: Path, options: Model, pieces: Pieces) -> MarianMTModel:
    """A checkpoint, in float32; with `pieces` that differ from its own, rows of the pieces it knows are kept and the others composed.

    Raises:
        ModelError: when the directory holds no MarianMT model.
    """
    try:
        with no_bars():
            model = MarianMTModel.from_pretrained(
                directory, dtype=torch.float32, use_safetensors=True, local_files_only=True
            )
    except (OSError, ValueError, RuntimeError) as e:
        raise ModelError(directory, "a MarianMT model to train on from", str(e).splitlines()[0]) from None
    for module in model.modules():
        if hasattr(module, "dropout") and isinstance(module.dropout, float):
            module.dropout = options.dropout
    model.config.dropout = options.dropout
    own = read(directory)
    if own.vocabulary != pieces.vocabulary:
        model = _exchange(model, own, pieces)
    return freeze_positions(model)


def _exchange(model: MarianMTModel, old: Pieces, new: Pieces) -> MarianMTModel:
    """New embeddings: of a known piece its row, of another the mean of the rows of the old pieces it consists of."""
    table = model.model.shared.weight.detach()
    rows = torch.empty(len(new), table.shape[1])
    names = new.names()
    for number, (name, parts) in enumerate(
        zip(names, old.encode_tgt([n.replace("▁", " ") for n in names]), strict=True)
    ):
        known = old.vocabulary.get(name)
        rows[number] = table[known] if known is not None else table[parts].mean(0) if parts else table.mean(0)
    rows[new.pad] = 0
    config = MarianConfig.from_dict(
        model.config.to_dict()
        | {"vocab_size": len(new), "decoder_vocab_size": len(new), "pad_token_id": new.pad, "eos_token_id": new.eos}
        | {"decoder_start_token_id": new.pad, "forced_eos_token_id": new.eos}
    )
    made = MarianMTModel(config)
    # what depends on the vocabulary is the embeddings (under three names) and the output's bias; all else is taken over
    kept = {n: w for n, w in model.state_dict().items() if not any(part in n for part in _OF_THE_VOCABULARY)}
    made.load_state_dict(kept, strict=False)
    with torch.no_grad():
        made.model.shared.weight.copy_(rows)
    made.tie_weights()
    return made


def freeze_positions(model: MarianMTModel) -> MarianMTModel:
    """Positions are a formula (Vaswani et al. 2017), not weights, whatever the library's version says of them."""
    for side in (model.model.encoder, model.model.decoder):
        side.embed_positions.weight.requires_grad_(False)
    return model


def parameters(model: MarianMTModel) -> int:
    """Numbers that are trained, shared ones once."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
