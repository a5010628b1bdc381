"""What a corpus's maintainer says of it, in a file of its own beside the corpus: a build that goes on, or is made anew, keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mt.files import read_bytes, sha256, write_bytes
from mt.report.card import FIELDS
from mt.report.corpus import CorpusRecord

SAID = "card.toml"
_HEAD = "# What the maintainer says of this corpus; `mt corpus card` writes it, and puts what is changed here by hand on the card.\n"


@dataclass(frozen=True, slots=True)
class Said:
    """The file: fields of the card, and what is known of the corpus's errors, name → value; empty = nothing is said.

    Example:
        >>> Said(title="Cats").changed({"title": "", "licence": "CC0-1.0"}, {"wrong": "3 of 100"}).fields()
        {'licence': 'CC0-1.0'}
    """

    title: str = ""
    description: str = ""
    licence: str = ""
    homepage: str = ""
    contact: str = ""
    noise: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def fields(self) -> dict[str, str]:
        """Those of the card that are set."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name)}

    def changed(self, fields: Mapping[str, str], noise: Mapping[str, str]) -> Said:
        """With other values; an empty one takes a field or a known error away."""
        known = {name: value for name, value in {**self.noise, **noise}.items() if value}
        return replace(self, noise=known, **dict(fields))

    def record(self, record: CorpusRecord) -> CorpusRecord:
        """A corpus of which this is said."""
        return replace(record, card=self.fields(), noise=tuple(self.noise.items()))

    def toml(self) -> str:
        r"""The file's text.

        Example:
            >>> print(Said(title='A "cat"', noise={"wrong pairs": "3 of 100"}).toml().partition("\n")[2], end="")
            title = "A \"cat\""
            <BLANKLINE>
            [noise]
            "wrong pairs" = "3 of 100"
        """
        lines = [f"{name} = {_quoted(value)}" for name, value in self.fields().items()]
        noise = [f"{_quoted(name)} = {_quoted(value)}" for name, value in self.noise.items()]
        return _HEAD + "\n".join([*lines, *(["", "[noise]", *noise] if noise else [])]) + "\n"


def read_said(folder: Path) -> Said | None:
    """What is said of the corpus in a folder; None where there is no file.

    Raises:
        InputError, ConfigError: for a file that is none of these, naming file and line.
    """
    from mt.pipeline.toml import load

    path = folder / SAID
    return load(path, Said) if path.exists() else None


def write_said(folder: Path, said: Said) -> None:
    """Write the file.

    Raises:
        OutputError: where it cannot be written.
    """
    write_bytes(folder / SAID, said.toml().encode("utf-8", "replace"))


def output(folder: Path) -> dict[str, dict[str, Any]]:
    """The file as a manifest names it, where there is one."""
    if not (folder / SAID).exists():
        return {}
    data = read_bytes(folder / SAID)
    return {SAID: {"sha256": sha256(data), "bytes": len(data)}}


def _quoted(text: str) -> str:
    """A basic string of TOML, which is one of JSON but for U+007F."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
