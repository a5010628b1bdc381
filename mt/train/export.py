"""A trained model → a Hugging Face MarianMT directory that transformers loads and our converter converts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import MarianMTModel

from mt.errors import OutputError
from mt.files import new_directory, write_bytes, write_text
from mt.train.device import no_bars
from mt.train.vocabulary import EOS, PAD, UNKNOWN, Pieces


def export(
    model: MarianMTModel, weights: Mapping[str, torch.Tensor], pieces: Pieces, out: Path, *, langs: tuple[str, str]
) -> None:
    """Write `out`, whole or not at all; what stood there before is replaced.

    Args:
        model: gives the shape; it is left as it was.
        weights: name → tensor, such as the moving average; in 16 bits they lose nothing a translation would show.
        pieces: the vocabulary.
        out: the directory to be made.
        langs: codes of source and target language.

    Raises:
        OutputError: when it cannot be written.
    """
    config = model.config.to_dict() | {"dtype": "float16"}
    copy = MarianMTModel(type(model.config).from_dict(config))
    copy.load_state_dict(dict(weights), strict=False)
    copy.tie_weights()
    # the padding is never written; ±10^4 is within 16 bits
    copy.final_logits_bias.zero_()
    copy.final_logits_bias[0, pieces.pad] = -1e4
    search = copy.generation_config
    search.bad_words_ids, search.max_length, search.num_beams = [[pieces.pad]], 512, 4
    search.decoder_start_token_id, search.pad_token_id = pieces.pad, pieces.pad
    search.eos_token_id = search.forced_eos_token_id = pieces.eos
    old = out.with_name(f".{out.name}.old")
    try:
        shutil.rmtree(old, ignore_errors=True)
        with new_directory(out) as scratch:
            with no_bars():
                copy.half().save_pretrained(scratch)
            # safetensors makes files that only the owner can read
            (scratch / "model.safetensors").chmod((scratch / "config.json").stat().st_mode)
            for name, data in zip(("source.spm", "target.spm"), pieces.models, strict=True):
                write_bytes(scratch / name, data)
            write_text(scratch / "vocab.json", json.dumps(pieces.vocabulary, ensure_ascii=False))
            write_text(scratch / "tokenizer_config.json", json.dumps(_tokenizer(langs), ensure_ascii=False))
            if out.exists():
                out.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as e:
        raise OutputError(out, e.strerror or str(e)) from None


def _tokenizer(langs: tuple[str, str]) -> dict[str, Any]:
    return {
        "source_lang": langs[0], "target_lang": langs[1], "unk_token": UNKNOWN, "eos_token": EOS, "pad_token": PAD,
        "model_max_length": 512, "separate_vocabs": False, "tokenizer_class": "MarianTokenizer",
    }  # fmt: skip
