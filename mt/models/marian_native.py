"""A directory as Marian itself writes it, and OPUS-MT ships it → MarianMT in Hugging Face's layout, with numpy alone.

    decoder.yml             which model and vocabularies, and how to search
    *.npz                   weights, and under `special:model.yml` the settings they were trained with
    *.vocab.yml             piece: number; one file for both sides, or one for each
    source.spm, target.spm  sentencepiece models

What differs between the two (Marian's src/models/transformer.h; transformers' convert_marian_to_pytorch.py does the same, with torch):

- Marian multiplies from the left, so that a matrix is (inputs, outputs); Hugging Face's are (outputs, inputs).
- Marian starts decoding from a zero vector; Hugging Face from the embedding of `<pad>`, a row of zeros put behind the vocabulary.
- Marian spaces the wave lengths of its positions by 10000^(1/(width/2 - 1)), transformers by 10000^(2/width). `transformers`' converter lets
  that pass; here the tables go with the weights, so that the converted model computes what the original does.

What this program cannot compute is refused by the setting's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from mt.errors import InputError, ModelError
from mt.files import read_bytes, write_bytes, write_text
from mt.models.marian import (
    CONFIG,
    GENERATION,
    SOURCE_SPM,
    TARGET_SPM,
    TARGET_VOCABULARY,
    VOCABULARY,
    WEIGHTS,
    MarianConfig,
)
from mt.models.marian_npz import Archive
from mt.models.marian_settings import Settings
from mt.models.marian_yaml import END, PAD, Setting, read_settings, read_vocabulary
from mt.models.weights import (
    OUTPUT,
    OUTPUT_BIAS,
    SHARED,
    SOURCE_EMBEDDING,
    SOURCE_POSITIONS,
    TARGET_EMBEDDING,
    TARGET_POSITIONS,
    layer_shapes,
)

if TYPE_CHECKING:
    from mt.models.weights import Array

DECODER = "decoder.yml"
_SETTINGS = "special:model.yml"
# Marian computes as many positions as a sentence needs. Its models were trained on sentences of at most this length or so.
_POSITIONS = 512


@dataclass(frozen=True, slots=True)
class Native:
    """A model that was read, in Hugging Face's terms.

    Attributes:
        path: the directory it came from.
        config: what it computes, `<pad>` included.
        source_pieces: the source vocabulary by number.
        target_pieces: the target vocabulary by number.
        weights: tensors by Hugging Face's names, float32.
        beam_size: what its authors decode with.
    """

    path: Path
    config: MarianConfig
    source_pieces: tuple[str, ...]
    target_pieces: tuple[str, ...]
    weights: dict[str, Array]
    beam_size: int


def read(directory: Path) -> Native:
    """Read a directory with `decoder.yml`, weights as `.npz` and vocabularies as `.yml`.

    Raises:
        ModelError: naming the file, and the setting or tensor, that is missing, corrupt or not supported.
    """
    path = directory / DECODER
    decoder = read_settings(str(path), _text(path))
    models, vocabularies = _list(path, decoder, "models"), _list(path, decoder, "vocabs")
    if len(models) != 1:
        raise ModelError(path, "models: one (an ensemble is not supported)", str(len(models)))
    if len(vocabularies) != 2:
        raise ModelError(path, "vocabs: two, of the source and of the target", str(len(vocabularies)))
    places = [_inside(directory, name) for name in vocabularies]
    for name in (SOURCE_SPM, TARGET_SPM):
        if not (directory / name).is_file():
            raise ModelError(directory / name, "a sentencepiece model", "nothing there")
    with Archive(_inside(directory, models[0])) as archive:
        where = f"{archive.path}:{_SETTINGS}"
        settings = Settings(where, read_settings(where, archive.text(_SETTINGS)))
        settings.check()
        pieces = [_vocabulary(place) for place in dict.fromkeys(places)]
        if settings.shared and pieces[0] != pieces[-1]:
            raise ModelError(path, "vocabs: one for both sides, embeddings being tied", "two that differ")
        config = _config(settings, pieces[0], pieces[-1], places)
        weights = _weights(archive, settings, config)
        archive.check_nothing_left()
    source, target = (_with_pad(p, config.pad_token_id) for p in (pieces[0], pieces[-1]))
    beam = decoder.get("beam-size", "")
    size = int(beam) if isinstance(beam, str) and re.fullmatch(r"[1-9]\d{0,2}", beam) else 6
    return Native(directory, config, source, target, weights, size)


def write(model: Native, directory: Path) -> None:
    """Write a model to an existing directory in Hugging Face's layout. Same model, same bytes.

    Raises:
        OutputError: when it cannot be written.
    """
    from safetensors.numpy import save

    config = asdict(model.config)
    separate = not model.config.share_encoder_decoder_embeddings
    head = {"model_type": "marian", "architectures": ["MarianMTModel"], "is_encoder_decoder": True, "dtype": "float32"}
    tail = {
        "bos_token_id": None, "forced_eos_token_id": config["eos_token_id"], "static_position_embeddings": True,
        "normalize_before": False, "num_hidden_layers": config["encoder_layers"],
    }  # fmt: skip
    write_text(directory / CONFIG, _json(head | config | tail))
    write_text(directory / GENERATION, generation_config(config, model.beam_size))
    write_text(directory / "tokenizer_config.json", tokenizer_config(config, model.path, separate=separate))
    names = {VOCABULARY: model.source_pieces} | ({TARGET_VOCABULARY: model.target_pieces} if separate else {})
    for name, pieces in names.items():
        write_text(directory / name, _json({piece: number for number, piece in enumerate(pieces)}))
    for name in (SOURCE_SPM, TARGET_SPM):
        write_bytes(directory / name, _bytes(model.path / name))
    write_bytes(directory / WEIGHTS, save(dict(sorted(model.weights.items())), metadata={"format": "pt"}))


def generation_config(config: Mapping[str, Any], beam_size: int = 6) -> str:
    """`generation_config.json` for transformers; of it, this program reads only what decoding starts from."""
    marks = {key: config[key] for key in ("decoder_start_token_id", "eos_token_id", "pad_token_id")}
    rest = {
        "forced_eos_token_id": config["eos_token_id"], "bad_words_ids": [[config["pad_token_id"]]],
        "max_length": config["max_position_embeddings"], "num_beams": beam_size,
    }  # fmt: skip
    return _json(marks | rest)


def tokenizer_config(config: Mapping[str, Any], source: Path, *, separate: bool) -> str:
    """`tokenizer_config.json` for transformers; languages where the directory's name ends in them (`opus-mt-ja-en`)."""
    languages = re.search(r"(?:^|[-_+.])([a-z]{2,3})-([a-z]{2,3})$", source.resolve().name)
    value: dict[str, Any] = {"source_lang": languages[1], "target_lang": languages[2]} if languages else {}
    value |= {"tokenizer_class": "MarianTokenizer", "model_max_length": config["max_position_embeddings"]}
    return _json(value | {"separate_vocabs": separate})


def positions(count: int, width: int) -> Array:
    """Marian's own sinusoids: row p, column i < h = width/2 holds sin(p / 10000^(i/(h-1))), column h + i the cosine.

    `sinusoidalPositionEmbeddings` in Marian's src/graph/node_initializers.cpp.

    Args:
        count: rows.
        width: columns, even, at least 4.

    Example:
        >>> [[f"{x:.4f}" for x in row] for row in positions(2, 4)]
        [['0.0000', '0.0000', '1.0000', '1.0000'], ['0.8415', '0.0001', '0.5403', '1.0000']]
    """
    import numpy as np

    half = width // 2
    angles = np.arange(count)[:, None] * np.power(10000.0, -np.arange(half) / (half - 1))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def _config(settings: Settings, source: tuple[str, ...], target: tuple[str, ...], places: list[Path]) -> MarianConfig:
    for pieces, place in zip((source, target), places, strict=True):
        if source.index(END) != pieces.index(END):
            raise ModelError(place, f"{END} with the number {source.index(END)} as in {places[0].name}", "another")
    width, inner = settings.number("dim-emb"), settings.number("transformer-dim-ffn")
    heads = settings.number("transformer-heads")
    depths = settings.number("enc-depth"), settings.number("dec-depth")
    if width < 4 or width % 2 or not heads or width % heads:
        raise settings.error("dim-emb: an even number and a multiple of transformer-heads", f"{width} and {heads}")
    if not inner or not all(depths):
        raise settings.error("enc-depth, dec-depth, transformer-dim-ffn: numbers from 1", f"{depths} and {inner}")
    # one number for both sides, as config.json knows only one: behind the smaller vocabulary
    pad = min(len(source), len(target))
    return MarianConfig(
        vocab_size=len(source) + 1,
        decoder_vocab_size=len(target) + 1,
        max_position_embeddings=_POSITIONS,
        d_model=width,
        encoder_layers=depths[0],
        encoder_ffn_dim=inner,
        encoder_attention_heads=heads,
        decoder_layers=depths[1],
        decoder_ffn_dim=settings.number("transformer-decoder-dim-ffn", "0") or inner,
        decoder_attention_heads=heads,
        activation_function=str(settings.values.get("transformer-ffn-activation", "swish")),
        scale_embedding=True,
        share_encoder_decoder_embeddings=settings.shared,
        tie_word_embeddings=settings.tied,
        pad_token_id=pad,
        eos_token_id=source.index(END),
        decoder_start_token_id=pad,
    )


def _with_pad(pieces: tuple[str, ...], number: int) -> tuple[str, ...]:
    return (*pieces[:number], PAD, *pieces[number:])


# Weights ----------------------------------------------------------------------------------------------------------------------------------------

_PARTS = {
    **{f"self_attn.{part}_proj": ("self", part[0]) for part in ("q", "k", "v", "out")},
    **{f"encoder_attn.{part}_proj": ("context", part[0]) for part in ("q", "k", "v", "out")},
    "fc1": ("ffn", "1"),
    "fc2": ("ffn", "2"),
}
_NORMS = {"self_attn_layer_norm": "self_Wo", "encoder_attn_layer_norm": "context_Wo", "final_layer_norm": "ffn_ffn"}
_NAME = re.compile(r"model\.(encoder|decoder)\.layers\.(\d+)\.(.+)\.(weight|bias)")


def marian_name(name: str) -> str:
    """Marian's name of a tensor inside a layer that Hugging Face calls `name`.

    Example:
        >>> marian_name("model.encoder.layers.0.self_attn.q_proj.weight")
        'encoder_l1_self_Wq'
        >>> marian_name("model.decoder.layers.5.final_layer_norm.bias")
        'decoder_l6_ffn_ffn_ln_bias'
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"expected the name of a tensor inside a layer, found {name!r}")
    side, number, part, kind = match.groups()
    layer = f"{side}_l{int(number) + 1}"
    if part in _NORMS:
        return f"{layer}_{_NORMS[part]}_ln_{'scale' if kind == 'weight' else 'bias'}"
    block, suffix = _PARTS[part]
    return f"{layer}_{block}_{'W' if kind == 'weight' else 'b'}{suffix}"


def _weights(archive: Archive, settings: Settings, config: MarianConfig) -> dict[str, Array]:
    """Every tensor by Hugging Face's name, tied ones once, position tables included."""
    import numpy as np

    weights: dict[str, Array] = {}
    for name, shape in layer_shapes(config):
        weights[name] = archive.take(marian_name(name), shape[::-1]).T
    pad, width = config.pad_token_id, config.d_model
    source, target = config.vocab_size - 1, config.decoder_vocab_size - 1

    def with_pad(table: Array) -> Array:
        return np.insert(table, pad, 0, axis=0)

    if settings.shared:
        weights[SHARED] = with_pad(archive.take("Wemb", (source, width)))
    else:
        weights[SOURCE_EMBEDDING] = with_pad(archive.take("encoder_Wemb", (source, width)))
        weights[TARGET_EMBEDDING] = with_pad(archive.take("decoder_Wemb", (target, width)))
    if not settings.tied:  # newer versions store it transposed, under another name
        name = "decoder_ff_logit_out_W"
        table = (
            archive.take(f"{name}t", (target, width))
            if f"{name}t" in archive
            else archive.take(name, (width, target)).T
        )
        weights[OUTPUT] = with_pad(table)
        if settings.shared:  # transformers ties nothing then, not even the two embeddings to the shared one
            weights[SOURCE_EMBEDDING] = weights[TARGET_EMBEDDING] = weights[SHARED]
    omit = settings.flag("output-omit-bias")
    bias = np.zeros(target, np.float32) if omit else archive.take("decoder_ff_logit_out_b", (target,))
    weights[OUTPUT_BIAS] = np.insert(bias, pad, 0)[None, :]
    weights[SOURCE_POSITIONS] = weights[TARGET_POSITIONS] = positions(_POSITIONS, width)
    # safetensors writes an array's memory as it lies, transposed or not, without a word
    return {name: np.ascontiguousarray(array) for name, array in weights.items()}


def _vocabulary(path: Path) -> tuple[str, ...]:
    if path.suffix not in (".yml", ".yaml", ".json"):
        kind = "factors" if path.suffix == ".fsv" else f"{path.suffix or 'no ending'}"
        raise ModelError(path, "a vocabulary as .yml (factors and other kinds are not supported)", kind)
    return read_vocabulary(str(path), _text(path))


def _list(path: Path, settings: Mapping[str, Setting], key: str) -> list[str]:
    value = settings.get(key, "")
    if isinstance(value, str):
        raise ModelError(path, f"{key}: a list", repr(value) if key in settings else "no such setting")
    return value


def _inside(directory: Path, name: str) -> Path:
    """A file that `decoder.yml` names: where it says below this directory, else, as after a move to another machine, here by its own name."""
    place = PurePath(name)
    if not place.is_absolute() and ".." not in place.parts and (directory / place).is_file():
        return directory / place
    own = PurePath(name.replace("\\", "/")).name
    if not own or own == "..":
        raise ModelError(directory / DECODER, "names of files", repr(name))
    return directory / own


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ModelError(path, "text in UTF-8", "other bytes") from None


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except InputError as e:
        raise ModelError(path, e.expected, e.found) from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
