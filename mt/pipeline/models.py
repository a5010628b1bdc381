"""What `mt models` says of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mt.errors import UserError
from mt.models.marian import MarianDirectory, read_directory
from mt.models.registry import ModelEntry, find, known, open_model, verify
from mt.models.weights import OUTPUT_BIAS, SOURCE_POSITIONS, TARGET_POSITIONS, read_weights
from mt.translate.run import BatchTranslator
from mt.types import DecodingOptions

# Sentences any ja→en model must answer with something: a plain one, numbers, and one of every script.
_TRIAL = ("猫がいる。", "会議は１２日午後３時に始まる。", "NATOはウクライナのパートナーと協議する。")


def record(entry: ModelEntry) -> dict[str, object]:
    """A registry entry as an object."""
    return {
        "name": entry.name,
        "installed": entry.directory is not None,
        "src_lang": entry.src_lang,
        "tgt_lang": entry.tgt_lang,
        "parameters": entry.parameters,
        "licence": entry.licence,
        "description": entry.description,
    }


def list_lines(entries: Sequence[ModelEntry]) -> list[str]:
    """The registry for people, a line a model."""
    return [
        f"{e.name:12}{e.src_lang}→{e.tgt_lang}  {e.parameters / 1e6:6.1f} M  {e.licence:28}  {e.description}"
        for e in entries
    ]


def describe(name: str) -> dict[str, object]:
    """What a model is, read from its files.

    Raises:
        ModelError: when there is no such model or it is not whole.
    """
    directory = find(name)
    model = read_directory(directory)
    c = model.config
    size = sum(p.stat().st_size for p in directory.iterdir() if p.is_file())
    facts: dict[str, object] = {
        "name": name,
        "directory": str(directory),
        "kind": "MarianMT",
        "megabytes": round(size / 1e6, 1),
        "parameters": _parameters(model),
        "layers": f"{c.encoder_layers} encoder, {c.decoder_layers} decoder",
        "width": c.d_model,
        "heads": c.encoder_attention_heads,
        "activation": c.activation_function,
        "vocabulary": len(model.source_pieces) - 1,
        "shared_vocabulary": model.source_pieces == model.target_pieces,
        "longest_input_pieces": c.max_position_embeddings - 1,
        "sha256": model.weights_sha256,
    }
    entry = next((e for e in known() if e.directory == directory), None)
    return facts | ({"licence": entry.licence, "description": entry.description} if entry else {})


def _parameters(model: MarianDirectory) -> int:
    """Trained numbers: a table that serves several places counts once; positions and the mask of `<pad>` are not trained."""
    weights = read_weights(model)
    computed = {SOURCE_POSITIONS, TARGET_POSITIONS, OUTPUT_BIAS}
    return sum({id(w): w.size for name, w in weights.items() if name not in computed}.values())


def check(name: str) -> list[str]:
    """Problems of a model, one line each: files, then loading, then a few trial sentences.

    Raises:
        ModelError: when there is no such model.
    """
    directory = find(name)
    problems = verify(directory)
    if problems:
        return problems
    try:
        engine = open_model(str(Path(directory)))
        with BatchTranslator(engine, DecodingOptions(beam_size=1)) as translator:
            hypotheses = list(translator.translate(_TRIAL))
    except UserError as e:
        return [str(e)]
    return [
        f"{directory}: expected a translation of {src}, found {' and '.join(h.flags)}"
        for src, h in zip(_TRIAL, hypotheses, strict=True)
        if h.failed
    ]
