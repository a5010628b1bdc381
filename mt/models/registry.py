"""Which models there are, and how a name becomes a loaded one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mt.errors import ModelError
from mt.files import sha256_file
from mt.protocols import Translator

_HERE = Path(__file__).resolve().parent

EngineName = Literal["ctranslate2", "transformers"]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A known model.

    Attributes:
        name: what it is called.
        directory: where it is, or None when it is not installed.
        src_lang: language it reads.
        tgt_lang: language it writes.
        parameters: number of weights.
        licence: what one may do with it.
        description: in a few words.
        sha256: hash of each file, where they are known.
    """

    name: str
    directory: Path | None
    src_lang: str
    tgt_lang: str
    parameters: int
    licence: str
    description: str
    sha256: Mapping[str, str] = field(default_factory=dict)


def known() -> tuple[ModelEntry, ...]:
    """All models of the registry, in its order.

    Example:
        >>> [entry.name for entry in known()]
        ['starter']
    """
    raw = tomllib.loads((_HERE / "registry.toml").read_text("utf-8"))
    return tuple(
        ModelEntry(name, _HERE / row.pop("directory") if "directory" in row else None, **row) for name, row in raw.items()
    )


def find(name_or_path: str) -> Path:
    """Directory of a known model, or of a path.

    Raises:
        ModelError: when it is neither.

    Example:
        >>> find("starter").name
        'starter'
    """
    entries = {entry.name: entry for entry in known()}
    entry = entries.get(name_or_path)
    if entry is not None and entry.directory is not None:
        return entry.directory
    if Path(name_or_path).is_dir():
        return Path(name_or_path).resolve()
    names = ", ".join(entries)
    raise ModelError(name_or_path, f"a known model ({names}) or a model directory", "neither", hint="mt models list shows them")


def verify(directory: Path) -> list[str]:
    """What is wrong with a model's files, one line each; an empty list when nothing is.

    A known model's files are compared with the registry's hashes; any directory is read and its pieces loaded.
    """
    entry = next((e for e in known() if e.directory == directory), None)
    problems = []
    for name, wanted in entry.sha256.items() if entry else ():
        path = directory / name
        found = sha256_file(path)[:12] if path.is_file() else "no file"
        if found != wanted[:12]:
            problems.append(f"{path}: expected sha256 {wanted[:12]}, found {found}")
    if not problems:
        from mt.models.marian import read
        from mt.models.pieces import Pieces

        try:
            Pieces(read(directory))
        except ModelError as e:
            problems.append(str(e))
    return problems


def open_model(
    name_or_path: str,
    *,
    engine: EngineName = "ctranslate2",
    compute_type: str = "auto",
    device: str = "auto",
    intra_threads: int = 0,
) -> Translator:
    """Load a model.

    Args:
        name_or_path: a known model, or a MarianMT directory.
        engine: `ctranslate2` or `transformers` (extra `train`).
        compute_type: `auto`, or what the engine supports.
        device: `auto`, `cpu` or `cuda`.
        intra_threads: CPU threads; 0 = as many as there are cores.

    Raises:
        ModelError: when there is no such model or it is corrupt.
        UserError: when the engine is not installed.
    """
    directory = find(name_or_path)
    if engine == "transformers":
        from mt.models.marian_torch import open_torch

        return open_torch(directory, compute_type=compute_type, device=device, intra_threads=intra_threads)
    from mt.models.marian_ct2 import open_ct2

    return open_ct2(directory, compute_type=compute_type, device=device, intra_threads=intra_threads)
