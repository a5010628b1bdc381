"""`manifest.json`: what went in, what came out, by what recipe, in numbers that add up. Written last, so that its presence means a whole run."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import mt
from mt.documents.plain import TextFile
from mt.errors import MTError, OutputError
from mt.files import sha256, write_bytes
from mt.types import Document

NAME = "manifest.json"
_LIBRARIES = ("ctranslate2", "sentencepiece", "safetensors", "numpy", "sacrebleu", "jinja2")


def versions() -> dict[str, str]:
    """Versions of this program, Python and the libraries that touch the numbers."""
    found = {"kakehashi": mt.__version__, "python": platform.python_version()}
    for name in (*_LIBRARIES, "torch", "transformers"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def text_record(file: TextFile, document: Document) -> dict[str, object]:
    """An input: path, hash, encoding and size."""
    return {
        "path": str(file.path),
        "sha256": file.sha256,
        "encoding": file.encoding,
        "lang": document.lang,
        "characters": len(file.text),
        "paragraphs": document.paragraph_count,
        "sentences": len(document.segments),
    }


class Folder:
    """A run folder being filled: every file written beside and renamed, its hash kept for the manifest."""

    def __init__(self, directory: Path) -> None:
        """An older manifest is taken away first: it would vouch for files that are about to change."""
        self.directory = directory
        self.outputs: dict[str, dict[str, object]] = {}
        self.remove(NAME)

    def remove(self, name: str) -> None:
        """Take a file of an earlier run away; that it is not there is as well.

        Raises:
            OutputError: when it cannot be removed.
        """
        try:
            (self.directory / name).unlink(missing_ok=True)
        except OSError as e:
            raise OutputError(self.directory / name, e.strerror or type(e).__name__) from None

    def write(self, name: str, text: str) -> None:
        """One file, in UTF-8.

        Raises:
            OutputError: when it cannot be written.
        """
        data = _encoded(text)
        write_bytes(self.directory / name, data)
        self.outputs[name] = {"sha256": sha256(data), "bytes": len(data)}

    def close(self, manifest: Mapping[str, object]) -> None:
        """Write the manifest, with what was written before it."""
        whole = {**manifest, "outputs": self.outputs}
        write_bytes(self.directory / NAME, _encoded(json_text(whole)))


def json_text(value: object) -> str:
    """Indented JSON with a line end, non-ASCII as it is."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _encoded(text: str) -> bytes:
    # a lone surrogate, e.g. of a file name that is no UTF-8, cannot be written in any encoding
    return text.encode("utf-8", "replace")


def check_sum(total: int, parts: Mapping[str, int], what: str) -> None:
    """Every unit read has exactly one fate.

    Raises:
        MTError: when the parts do not add up to the total; that is a fault of this program.

    Example:
        >>> check_sum(3, {"decoded": 2, "passed through": 1}, "segments")
        >>> check_sum(3, {"decoded": 2}, "segments")
        Traceback (most recent call last):
        mt.errors.MTError: segments: 3 read, but 2 accounted for (decoded 2)
    """
    if total != sum(parts.values()):
        said = ", ".join(f"{name} {count}" for name, count in parts.items())
        raise MTError(f"{what}: {total} read, but {sum(parts.values())} accounted for ({said})")
