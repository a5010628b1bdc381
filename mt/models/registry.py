"""Which models there are: names → directories, what they are, whether they are whole, and opening them.

`registry.toml` beside this module lists the models known by name; any other MarianMT directory is used by its path.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mt.errors import InputError, ModelError
from mt.files import read_bytes, sha256
from mt.models.engine import one_of
from mt.models.marian import read_directory
from mt.models.pieces import Pieces
from mt.models.weights import read_weights
from mt.protocols import Translator

_HERE = Path(__file__).resolve().parent
_REGISTRY = _HERE / "registry.toml"
ENGINES = ("ctranslate2", "transformers")


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model known by name.

    Attributes:
        name: what to call it by.
        directory: where it is, or None while it is not installed.
        parameters: how many numbers it learned, tied ones once.
        licence: what its weights may be used for.
        description: one sentence.
        src_lang: language it reads, ISO 639-1.
        tgt_lang: language it writes.
        sha256: file name → what its bytes must hash to.
    """

    name: str
    directory: Path | None
    parameters: int
    licence: str
    description: str
    src_lang: str
    tgt_lang: str
    sha256: tuple[tuple[str, str], ...]


def known() -> tuple[ModelEntry, ...]:
    """All models known by name, in the registry's order.

    Example:
        >>> [entry.name for entry in known()]
        ['starter']
    """
    return tuple(
        ModelEntry(
            name=row["name"],
            directory=path if (path := _HERE / row["directory"]).is_dir() else None,
            parameters=row["parameters"],
            licence=row["licence"],
            description=row["description"],
            src_lang=row["src_lang"],
            tgt_lang=row["tgt_lang"],
            sha256=tuple(row["sha256"].items()),
        )
        for row in tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))["model"]
    )


def find(name_or_path: str) -> Path:
    """The directory of a known model, or the directory itself. A known name wins; `./starter` is a path.

    Raises:
        ModelError: when it is neither, naming the known ones.

    Example:
        >>> find("starter").name
        'starter'
    """
    entries = known()
    try:
        path = Path(name_or_path).expanduser()
    except RuntimeError:  # ~somebody who is not there
        path = Path(name_or_path)
    for entry in entries:
        if entry.name == name_or_path and entry.directory is None:
            raise ModelError(name_or_path, "an installed model", "a known one that is not installed")
        if entry.directory is not None and (entry.name == name_or_path or _same(entry.directory, path)):
            return entry.directory
    if not name_or_path or not path.is_dir():
        names = ", ".join(entry.name for entry in entries)
        found = "a file" if name_or_path and path.exists() else "nothing of that name"
        raise ModelError(name_or_path or "''", f"a known model ({names}) or a model directory", found)
    return path


def verify(directory: Path) -> list[str]:
    """What is wrong with a model directory, one line a problem; an empty list when nothing is.

    Every file of a known model must have its registered hash. Any directory must hold a MarianMT model that can be converted: settings,
    vocabularies, sentencepiece models, every tensor with its shape, finite numbers. Nothing is decoded.

    Example:
        >>> verify(find("starter"))
        []
    """
    problems = [p for entry in known() if _same(entry.directory, directory) for p in _hash_problems(entry, directory)]
    try:
        read = read_directory(directory)
        Pieces(read)
        read_weights(read)
    except ModelError as e:
        problems.append(str(e))
    return problems


def open_model(
    name_or_path: str,
    *,
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2",
    compute_type: str = "auto",
    device: str = "auto",
    threads: int = 0,
) -> Translator:
    """Load a model.

    Args:
        name_or_path: a known model or a MarianMT directory.
        engine: `ctranslate2`, or `transformers` from the extra `train`.
        compute_type: precision; `auto` is int8 on a CPU and float16 on a GPU, float32 with transformers.
        device: `auto` (a GPU where there is one), `cpu` or `cuda`.
        threads: on a CPU: workers of ctranslate2 with one thread each (`open_ct2` says why), or threads of torch. 0 = chosen.

    Raises:
        ModelError: when there is no such model, or it is corrupt or not supported.
        ConfigError: when engine, device or compute type are not to be had here.
        UserError: when the engine is not installed.
    """
    one_of("engine", engine, ENGINES)
    directory = find(name_or_path)
    if engine == "transformers":
        from mt.models.marian_torch import open_torch

        dtype = "float32" if compute_type == "auto" else compute_type
        return open_torch(directory, device=device, dtype=dtype, threads=threads)
    from mt.models.marian_ct2 import open_ct2

    return open_ct2(directory, compute_type=compute_type, device=device, inter_threads=threads)


def _same(one: Path | None, other: Path) -> bool:
    return one is not None and one.resolve() == other.resolve()


def _hash_problems(entry: ModelEntry, directory: Path) -> list[str]:
    problems = []
    for name, expected in entry.sha256:
        path = directory / name
        try:
            found = sha256(read_bytes(path))
        except InputError as e:
            problems.append(str(e))
            continue
        if found != expected:
            problems.append(f"{path}: expected sha256 {expected[:12]}…, found {found[:12]}…")
    return problems
