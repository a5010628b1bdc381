"""A corpus to look at: a published folder, or any bitext file; its splits, the files of each, its manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mt.bitext.read_rows import read_rows
from mt.bitext.records import Layout, Reject
from mt.block import Block
from mt.errors import ConfigError, InputError, MTError
from mt.pipeline.corpus_report import MANIFEST
from mt.report.corpus import CorpusRecord

ORDER = ("train", "dev", "test")
WHOLE = "all"  # the only split of a file
FORMATS = (
    "parquet",
    "jsonl",
    "tmx",
    "tsv",
    "moses",
)  # the first that is there is read: those that hold most come first
_PARQUET = re.compile(r"(.+)-\d{5}-of-\d{5}\.parquet")

Place = tuple[Path, Path | None]  # a file, and the target side where that is another


@dataclass(frozen=True, slots=True)
class Corpus:
    """What there is at a place.

    Attributes:
        path: the folder or the file.
        langs: codes of source and target.
        files: split → format → its files, in order.
        record: of the manifest; None where there is none.
        outputs: of the manifest: name → sha256, bytes, rows.
        layout: how a single file is written.
    """

    path: Path
    langs: tuple[str, str]
    files: Mapping[str, Mapping[str, tuple[Place, ...]]]
    record: CorpusRecord | None = None
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    layout: Layout = field(default_factory=Layout)

    def formats(self, split: str) -> list[str]:
        """Formats of a split, the one that is read first."""
        return [name for name in FORMATS if name in self.files[split]]

    def blocks(self, split: str, form: str | None = None, skipped: list[Reject] | None = None) -> Iterator[Block]:
        """Rows of a split, in order.

        Raises:
            InputError: naming file and line.
        """
        chosen = form or self.formats(split)[0]
        for path, tgt in self.files[split][chosen]:
            yield from read_rows(path, self.layout, tgt_path=tgt, skipped=skipped)

    def chosen(self, split: str | None) -> list[str]:
        """The splits that are asked for: one, or all.

        Raises:
            ConfigError: for a split that there is not.
        """
        if split is None:
            return list(self.files)
        if split not in self.files:
            raise ConfigError("--split", f"one of {', '.join(self.files)}", split)
        return [split]


def open_corpus(
    path: Path, langs: tuple[str, str] = ("ja", "en"), *, tgt_path: Path | None = None, form: str = "auto"
) -> Corpus:
    """Look at a place.

    Args:
        path: a folder with a manifest, or with files as they are published; or a file.
        langs: of a folder without a manifest, or a file.
        tgt_path: the target side of a file.
        form: of a file.

    Raises:
        InputError: where there is nothing of that kind, or a manifest that is none.
    """
    if not path.is_dir():
        if not path.exists():
            raise InputError(path, "a folder or a file", "nothing there")
        layout = Layout(*langs, format=form)
        return Corpus(path, langs, {WHOLE: {_form(path, tgt_path, form): ((path, tgt_path),)}}, layout=layout)
    record, outputs = read_manifest(path) if (path / MANIFEST).exists() else (None, {})
    langs = record.langs if record else langs
    files = _splits(path, langs)
    if not files:
        raise InputError(path, "a published corpus (data/*.parquet, train.jsonl, train.tsv …)", "none of its files")
    return Corpus(path, langs, files, record, outputs, Layout(*langs))


def read_manifest(folder: Path) -> tuple[CorpusRecord, dict[str, dict[str, Any]]]:
    """The record and the outputs of a manifest.

    Raises:
        InputError: for what is no manifest of a corpus, or one whose numbers do not add up.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_bytes())
        outputs = {str(name): dict(one) for name, one in found["outputs"].items()}
        return CorpusRecord.from_json(found), outputs
    except OSError as e:
        raise InputError(path, "a manifest", e.strerror or "nothing there") from None
    except MTError as e:
        raise InputError(path, "numbers that add up", str(e)) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as e:
        raise InputError(path, "the manifest of a corpus", f"something else ({type(e).__name__}: {e})") from None


def _form(path: Path, tgt_path: Path | None, form: str) -> str:
    from mt.bitext.records import format_of

    return "moses" if tgt_path is not None else format_of(path) if form == "auto" else form


def _splits(folder: Path, langs: tuple[str, str]) -> dict[str, dict[str, tuple[Place, ...]]]:
    found: dict[str, dict[str, tuple[Place, ...]]] = {}
    parquet: dict[str, list[Place]] = {}
    for path in sorted((folder / "data").glob("*.parquet")):
        if match := _PARQUET.fullmatch(path.name):
            parquet.setdefault(match[1], []).append((path, None))
    for split, places in parquet.items():
        found.setdefault(split, {})["parquet"] = tuple(places)
    for path in sorted(folder.iterdir()):
        stem, _, suffix = path.name.removesuffix(".zst").partition(".")
        if not path.is_file() or stem not in (*ORDER, WHOLE):
            continue
        if suffix in ("jsonl", "tmx", "tsv"):
            found.setdefault(stem, {})[suffix] = ((path, None),)
        elif suffix == langs[0]:
            other = path.with_name(path.name.replace(f".{langs[0]}", f".{langs[1]}", 1))
            if other.is_file():
                found.setdefault(stem, {})["moses"] = ((path, other),)
    order = [*(name for name in ORDER if name in found), *sorted(found.keys() - set(ORDER))]
    return {name: found[name] for name in order}
