"""A model directory of any format that can be read → a checked copy that the engines open.

    huggingface     config.json (marian), model.safetensors, vocab.json, source.spm, target.spm      copied
    marian-native   decoder.yml, a .npz, vocab.yml, source.spm, target.spm                           converted to the first
    ctranslate2     model.bin, config.json, vocabularies, source.spm, target.spm                     copied

Pickled weights (pytorch_model.bin) are not read: unpickling a file runs whatever program is in it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from mt.errors import InputError, ModelError, OutputError
from mt.files import new_directory, read_bytes, write_text
from mt.models import marian_native, ready_ct2
from mt.models.marian import (
    CONFIG,
    GENERATION,
    SOURCE_SPM,
    TARGET_SPM,
    TARGET_VOCABULARY,
    VOCABULARY,
    WEIGHTS,
    MarianDirectory,
    read_directory,
)
from mt.models.pieces import Pieces
from mt.models.weights import read_weights

_TOKENIZER = "tokenizer_config.json"
_PICKLED = "pytorch_model.bin"
_FORMATS = (
    f"{CONFIG} and {WEIGHTS} (Hugging Face), {marian_native.DECODER} and a .npz (Marian), "
    f"or {ready_ct2.MODEL} and {CONFIG} (CTranslate2)"
)
# What says whose a model is and what may be done with it; compared without case.
_ABOUT = ("readme", "license", "licence", "notice", "copying")
_MOST_NAMES = 5  # in a message


def detect(directory: Path) -> str:
    """The format of a model directory: `huggingface`, `marian-native` or `ctranslate2`. Where there is more than one, the first of them.

    Only names are looked at, and `model_type` in `config.json`; `import_directory` reads the rest.

    Raises:
        ModelError: when it is none of them, naming what is there.

    Example:
        >>> from mt.models.registry import find
        >>> detect(find("starter"))
        'huggingface'
    """
    names = _names(directory)
    if CONFIG in names and (WEIGHTS in names or f"{WEIGHTS}.index.json" in names):
        _check_is_marian(directory / CONFIG)
        return "huggingface"
    archives = [name for name in names if name.endswith(".npz")]
    if marian_native.DECODER in names and archives:
        return "marian-native"
    if ready_ct2.MODEL in names and (CONFIG in names or any("vocabulary." in name for name in names)):
        return "ctranslate2"
    if _PICKLED in names:
        hint = "pickled weights are not read, as unpickling runs the program inside; transformers saves them as safetensors"
        raise ModelError(directory, f"weights as {WEIGHTS}", f"only {_PICKLED}", hint=hint)
    if archives:
        raise ModelError(directory, f"{marian_native.DECODER} beside {archives[0]}", "no such file")
    raise ModelError(directory, _FORMATS, _listed(names))


def import_directory(source: Path, target: Path) -> str:
    """Check a model directory and write what is needed of it, in Hugging Face or CTranslate2 format, to a new one.

    Everything is read and checked before anything is written: settings, vocabularies, sentencepiece models, every tensor of the two formats
    that are not CTranslate2's. Readme and licence are taken along.

    Args:
        source: in any format that `detect` knows; it stays as it is.
        target: a directory that is not there yet; it appears when it is whole.

    Returns:
        The format of the source.

    Raises:
        ModelError: naming the first file that is missing, corrupt or not supported.
        OutputError: when the target is there already or cannot be written.
    """
    kind = detect(source)
    if target.exists():
        raise OutputError(target, "File exists")
    if kind == "marian-native":
        model = marian_native.read(source)
        with _new(target) as scratch:
            marian_native.write(model, scratch)
            del model  # hundreds of megabytes
            _copy(source, scratch, _about(source))
            _check(scratch, source)
    elif kind == "huggingface":
        directory = _check(source, source)
        with _new(target) as scratch:
            _copy_huggingface(directory, scratch)
    else:
        _check_spm(source)
        Pieces(ready_ct2.read(source))
        with _new(target) as scratch:
            vocabularies = [name for name in _names(source) if name.endswith(("vocabulary.json", "vocabulary.txt"))]
            names = [ready_ct2.MODEL, CONFIG, SOURCE_SPM, TARGET_SPM, *vocabularies]
            _copy(source, scratch, [*names, *_about(source)])
    return kind


def _names(directory: Path) -> list[str]:
    if not directory.is_dir():
        raise ModelError(directory, "a model directory", "a file" if directory.exists() else "nothing there")
    try:
        return sorted(path.name for path in directory.iterdir() if path.is_file())
    except OSError as e:
        raise ModelError(directory, "a readable directory", e.strerror or type(e).__name__) from None


def _listed(names: list[str]) -> str:
    if not names:
        return "no files"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _check_is_marian(path: Path) -> None:
    try:
        found = json.loads(read_bytes(path))["model_type"]
    except InputError as e:
        raise ModelError(path, e.expected, e.found) from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ModelError(path, 'model_type: "marian"', "no such key (is the file whole?)") from None
    if found != "marian":
        raise ModelError(path, 'model_type: "marian"', json.dumps(found))


def _check(place: Path, source: Path) -> MarianDirectory:
    """Read all that the engines would read; a message names the source's file, where it is a scratch directory that is read."""
    try:
        directory = read_directory(place)
        Pieces(directory)
        read_weights(directory)
    except ModelError as e:
        raise ModelError(source / Path(e.path).relative_to(place), e.expected, e.found, hint=e.hint) from None
    return directory


def _check_spm(source: Path) -> None:
    missing = [name for name in (SOURCE_SPM, TARGET_SPM) if not (source / name).is_file()]
    if missing:
        hint = "CTranslate2's converters do not copy them: put them beside model.bin"
        raise ModelError(source, f"{SOURCE_SPM} and {TARGET_SPM}", f"no {' and no '.join(missing)}", hint=hint)


def _copy_huggingface(directory: MarianDirectory, scratch: Path) -> None:
    source = directory.path
    optional = (GENERATION, TARGET_VOCABULARY, _TOKENIZER)
    _copy(source, scratch, [WEIGHTS, CONFIG, VOCABULARY, SOURCE_SPM, TARGET_SPM])
    _copy(source, scratch, [*(name for name in optional if (source / name).is_file()), *_about(source)])
    config = asdict(directory.config)
    if not (scratch / GENERATION).exists():
        write_text(scratch / GENERATION, marian_native.generation_config(config))
    if not (scratch / _TOKENIZER).exists():
        separate = (scratch / TARGET_VOCABULARY).exists()
        write_text(scratch / _TOKENIZER, marian_native.tokenizer_config(config, source, separate=separate))


def _about(source: Path) -> list[str]:
    return [name for name in _names(source) if name.lower().startswith(_ABOUT)]


def _copy(source: Path, scratch: Path, names: Iterable[str]) -> None:
    for name in names:
        try:
            shutil.copyfile(source / name, scratch / name)  # a link is followed: hub caches are made of them
        except FileNotFoundError:
            raise ModelError(source / name, "a file", "nothing there") from None


@contextlib.contextmanager
def _new(target: Path) -> Iterator[Path]:
    """`new_directory`, with the error of a place that cannot be written."""
    try:
        with new_directory(target) as scratch:
            yield scratch
    except OSError as e:
        raise OutputError(target, e.strerror or type(e).__name__) from None
