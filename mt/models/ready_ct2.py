"""A directory that is in CTranslate2's format already: read, checked, opened. Nothing is converted and torch cannot open it.

model.bin                                         weights: a list of named arrays; its names and shapes say what the model is
config.json                                       special pieces, and whether the end mark is added by the library
shared_vocabulary.json, or source_ and target_    pieces by number (or .txt, one a line, as older versions wrote)
source.spm, target.spm                            sentencepiece models, which CTranslate2 itself does not keep
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mt.errors import InputError, ModelError
from mt.files import read_bytes, sha256, sha256_file
from mt.models.marian import SOURCE_SPM, TARGET_SPM, UNKNOWN, WEIGHTS, MarianConfig, MarianDirectory

if TYPE_CHECKING:
    from mt.models.marian_ct2 import MarianCT2

MODEL = "model.bin"
_CONFIG = "config.json"
_SPEC = "TransformerSpec"
_PAD = "<pad>"
# Where no position table is stored, CTranslate2 computes as many positions as it needs; Marian's models were trained with at most so many.
_POSITIONS = 512
_ACTIVATIONS = (
    "relu",
    "gelu_new",
    "swish",
    "gelu",
    "gelu (sigmoid)",
    "tanh",
    "sigmoid",
)  # by number, ctranslate2.specs.common_spec.Activation


def is_ready(directory: Path) -> bool:
    """True for a directory in CTranslate2's format."""
    return (directory / MODEL).is_file() and not (directory / WEIGHTS).exists()


def read(directory: Path) -> MarianDirectory:
    """What the files say, as for a directory in Hugging Face format; `<pad>` is put behind the vocabularies where it is not in them.

    Raises:
        ModelError: naming the first file that is missing, corrupt or not supported.
    """
    settings = _object(directory / _CONFIG)
    shapes, numbers = _variables(directory / MODEL)
    vocabularies = [_vocabulary(directory, side) for side in ("source", "target")]
    end = settings.get("eos_token", "</s>")
    for pieces in vocabularies:
        for piece in (UNKNOWN, end):
            if piece not in pieces:
                raise ModelError(directory, f"the piece {piece} in its vocabulary", "none")
    # numbers play no part here, as ctranslate2 is asked by pieces; one number for both sides fits only where they agree
    source, target = ([end, *(p for p in v if p not in (end, _PAD)), _PAD] for v in vocabularies)
    longest = max(len(source), len(target))
    source, target = ([*v[:-1], *(f"<none{n}>" for n in range(longest - len(v))), _PAD] for v in (source, target))
    data = json.dumps([settings, *vocabularies]).encode()
    for name in (SOURCE_SPM, TARGET_SPM):
        _bytes(directory / name)
    config = _config(directory / MODEL, shapes, numbers, longest, shared=vocabularies[0] == vocabularies[1])
    digest = sha256_file(directory / MODEL)
    return MarianDirectory(directory, config, tuple(source), tuple(target), digest, sha256(data))


def open_ready(
    directory: Path, *, compute_type: str = "auto", device: str = "auto", threads: int = 0, intra_threads: int = 0
) -> MarianCT2:
    """Load such a directory; the arguments are those of `open_model`.

    Raises:
        ModelError: when the directory is missing, corrupt or not supported.
        ConfigError: when device or compute type are not to be had here.
    """
    import ctranslate2

    from mt.models.convert import Converted
    from mt.models.engine import one_line
    from mt.models.marian_ct2 import MarianCT2, _compute_type, _device, _threads, said_threads

    device = _device(device)
    compute_type = _compute_type(compute_type, device)
    workers, each = _threads(threads, intra_threads) if device == "cpu" else (1, 0)
    model = read(directory)
    place = device if device != "cpu" else said_threads(workers, each)
    try:
        translator: Any = ctranslate2.Translator(
            str(directory), device, compute_type=compute_type, inter_threads=workers, intra_threads=each
        )
        if _object(directory / _CONFIG).get("add_source_eos"):
            translator = _EndIsAdded(translator)
        return MarianCT2(model, Converted(directory, temporary=False), translator, compute_type, place)
    except (RuntimeError, ValueError) as e:
        raise ModelError(directory, "a model that ctranslate2 loads", one_line(e)) from None


class _EndIsAdded:
    """A translator that puts the end mark behind its input itself: the one that is there already is taken away."""

    def __init__(self, translator: Any) -> None:
        self._translator = translator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._translator, name)

    def translate_batch(self, sources: Sequence[Sequence[str]], **options: Any) -> Any:
        return self._translator.translate_batch([s[:-1] for s in sources], **options)

    def score_batch(self, sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], **options: Any) -> Any:
        return self._translator.score_batch([s[:-1] for s in sources], targets, **options)


def _config(
    path: Path, shapes: dict[str, tuple[int, ...]], numbers: dict[str, int], pieces: int, *, shared: bool
) -> MarianConfig:
    def layers(side: str) -> int:
        return len({name.split("/")[1] for name in shapes if name.startswith(f"{side}/layer_")} - {"layer_norm"})

    def shape(name: str, axis: int) -> int:
        if name not in shapes or len(shapes[name]) <= axis:
            raise ModelError(path, f"the array {name}", "none of that name")
        return shapes[name][axis]

    positions = [
        shapes[name][0]
        for name in (f"{side}/position_encodings/encodings" for side in ("encoder", "decoder"))
        if name in shapes
    ]
    return MarianConfig(
        vocab_size=pieces,
        decoder_vocab_size=pieces,
        max_position_embeddings=min([_POSITIONS, *positions]),
        d_model=shape("encoder/embeddings_0/weight", 1),
        encoder_layers=layers("encoder"),
        encoder_ffn_dim=shape("encoder/layer_0/ffn/linear_0/weight", 0),
        encoder_attention_heads=numbers.get("encoder/num_heads", 8),
        decoder_layers=layers("decoder"),
        decoder_ffn_dim=shape("decoder/layer_0/ffn/linear_0/weight", 0),
        decoder_attention_heads=numbers.get("decoder/num_heads", 8),
        activation_function=_activation(path, numbers.get("encoder/activation", 0)),
        scale_embedding=True,
        share_encoder_decoder_embeddings=shared,
        tie_word_embeddings=True,
        pad_token_id=pieces - 1,
        eos_token_id=0,
        decoder_start_token_id=pieces - 1,
    )


def _activation(path: Path, number: int) -> str:
    if not 0 <= number < len(_ACTIVATIONS):
        raise ModelError(path, f"an activation of {', '.join(_ACTIVATIONS)}", f"number {number}")
    return _ACTIVATIONS[number]


def _variables(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """Names and shapes of all arrays, and the values of those that are one whole number.

    The format (ctranslate2.specs.model_spec, `_serialize`): version, name and revision of the specification, count, and for each array its name,
    rank, dimensions, type, bytes and data. Aliases follow.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    numbers: dict[str, int] = {}
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            version = _number(file, "I")
            name = _string(file)
            if not 5 <= version <= 6 or name != _SPEC:
                raise ModelError(path, f"a {_SPEC} of version 5 or 6", f"{name[:40]!r} of version {version}")
            _number(file, "I")
            for _ in range(_number(file, "I")):
                name = _string(file)
                shapes[name] = tuple(_number(file, "I") for _ in range(_number(file, "B")))
                _number(file, "B")
                length = _number(file, "I")
                if not shapes[name] and length <= 2:
                    numbers[name] = int.from_bytes(file.read(length), "little", signed=True)
                else:
                    file.seek(length, 1)
                if file.tell() > size:
                    raise ModelError(path, "a whole model.bin", "one that is cut short")
            for _ in range(_number(file, "I")):
                alias, name = _string(file), _string(file)
                shapes[alias] = shapes.get(name, ())
                if name in numbers:
                    numbers[alias] = numbers[name]
    except FileNotFoundError:
        raise ModelError(path, "a file", "nothing there") from None
    except OSError as e:
        raise ModelError(path, "a readable file", e.strerror or type(e).__name__) from None
    except (struct.error, UnicodeDecodeError):
        raise ModelError(path, "a whole model.bin of CTranslate2", "something else (is the file whole?)") from None
    return shapes, numbers


def _number(file: BinaryIO, kind: str) -> int:
    value: int = struct.unpack("<" + kind, file.read(struct.calcsize("<" + kind)))[0]
    return value


def _string(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode("utf-8")


def _vocabulary(directory: Path, side: str) -> list[str]:
    for name in (f"{side}_vocabulary", "shared_vocabulary"):
        path = directory / f"{name}.json"
        if path.exists():
            try:
                pieces = json.loads(_bytes(path))
            except ValueError:
                pieces = None
            if not isinstance(pieces, list) or not all(isinstance(p, str) for p in pieces):
                raise ModelError(path, "a list of pieces", "something else (is the file whole?)")
            return pieces
        path = directory / f"{name}.txt"
        if path.exists():
            return _bytes(path).decode("utf-8", "replace").removesuffix("\n").split("\n")
    raise ModelError(directory, f"shared_vocabulary.json or {side}_vocabulary.json", "neither")


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(path))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ModelError(path, "a JSON object", "something else (is the file whole?)")
    return value


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except InputError as e:
        raise ModelError(path, e.expected, e.found) from None
