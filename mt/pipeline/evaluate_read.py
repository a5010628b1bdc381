"""Files of the formats of an evaluation, one after the other, into the streams of one test set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mt.bitext.testsets import TestData, read_stream, read_testset
from mt.documents.plain import TextFile, document
from mt.errors import InputError
from mt.files import read_bytes, sha256, sha256_file

RUN_TEXT, RUN_SENTENCES = "translation.en.txt", "sentences.jsonl"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was read.

    Attributes:
        role: `system`, `reference`, `source`, `documents`, `columns`, `ids`, `line ids` or `line documents`.
        name: of the system, or the role's number.
        path: as it was given.
        sha256: of its bytes.
        lines: how many.
    """

    role: str
    name: str
    path: str
    sha256: str
    lines: int


class Reader:
    """Files of any of the formats, one after the other, into the streams of one test set."""

    def __init__(self, langs: tuple[str, str]) -> None:
        self.langs, self.unit = langs, ""
        self.files: list[FileRecord] = []
        self.names: list[str] = []
        self.references: list[tuple[str, ...]] = []
        self.systems: dict[str, tuple[str, ...]] = {}
        self.src: tuple[str, ...] | None = None
        self.documents: tuple[str, ...] | None = None
        self.columns: Mapping[str, tuple[str, ...]] = {}
        self.ids: tuple[str, ...] | None = None
        self.line_ids: dict[str, tuple[str, ...]] = {}
        self._sets: list[TestData] = []

    def lines(self, role: str, called: str, path: Path) -> tuple[str, ...]:
        """The lines of a text, its file noted."""
        if path.suffix.lower() == ".srt":
            texts = read_stream(path).texts
        else:
            text = TextFile(path)
            texts = tuple(line.removesuffix("\r") for line in text.lines())
        self._note(role, called, path, len(texts))
        return texts

    def reference(self, path: Path) -> None:
        """A reference, or a test set with references, source, documents and columns."""
        if is_set(path):
            self._take(read_testset(path, langs=self.langs if path.is_dir() else None), path)
        else:
            self.names.append(str(path))
            self.references.append(self.lines("reference", str(len(self.references) + 1), path))

    def system(self, called: str, path: Path, *, own: bool) -> None:
        """A system; `own`: its file may bring references and source along."""
        if is_run(path):
            run = read_run(path, own=own)
            self.systems[called] = run.hypotheses
            self.unit = "paragraph"
            self._note("system", called, path / RUN_TEXT, len(run.hypotheses))
            if own and run.reference is not None and not self.references:
                self.names.append(str(run.reference_path))
                self.references.append(run.reference)
                self._note("reference", "1", run.reference_path, len(run.reference))
            if self.src is None:
                self.src = run.src
                self._note("source", "1", path / RUN_SENTENCES, len(run.src))
            return
        if not is_set(path):
            self.systems[called] = self.lines("system", called, path)
            return
        data = read_testset(path, langs=self.langs if path.is_dir() else None)
        if own and not self.references:
            self._take(data, path)
        held = data.systems or (data.references if not own else {})
        if not held:
            rows = path.suffix.lower() in {".tsv", ".jsonl"}
            wanted = "what a system wrote" + (": a column hyp, or hyp:NAME for each of several" if rows else "")
            raise InputError(path, wanted, "references only" if data.references else "none")
        for name, texts in held.items():
            key = name if len(held) > 1 or data.systems else called
            key = key if key not in self.systems else f"{called}/{key}"
            self.systems[key] = texts
            self._note("system", key, path, len(texts))
            if not own and data.ids is not None:
                self.line_ids[key] = data.ids

    def take_systems(self) -> None:
        """The systems that the test sets given as references hold."""
        for data in self._sets:
            for name, texts in data.systems.items():
                self.systems[name] = texts
                self._note("system", name, data.files[0] if data.files else Path(data.name), len(texts))

    def _take(self, data: TestData, path: Path) -> None:
        self._sets.append(data)
        for name, texts in data.references.items():
            self.names.append(f"{path} ({name})")
            self.references.append(texts)
            self._note("reference", name, path, len(texts))
        for role, stream in (("source", data.src), ("documents", data.documents)):
            if stream is not None:
                self._note(role, "1", path, len(stream))
        self.src = self.src or data.src
        self.documents = self.documents or data.documents
        self.columns = {**self.columns, **data.columns}
        self.ids = self.ids or data.ids

    def _note(self, role: str, called: str, path: Path, count: int) -> None:
        digest = sha256_file(path) if path.is_file() else sha256(str(path).encode())
        self.files.append(FileRecord(role, called, str(path), digest, count))


def is_set(path: Path) -> bool:
    """True for a test set that holds several streams: a folder that is no run, XML, tab-separated, JSON lines."""
    return (path.is_dir() and not is_run(path)) or path.suffix.lower() in {".xml", ".tsv", ".jsonl"}


def is_run(path: Path) -> bool:
    """True for a run folder of this project."""
    return (path / RUN_SENTENCES).is_file() and (path / RUN_TEXT).is_file()


def run_model(folder: Path) -> str:
    """The name of the model that made a run, or an empty string where its manifest does not say."""
    try:
        said = str(json.loads(read_bytes(folder / "manifest.json"))["signature"])
        return dict(part.partition(":")[::2] for part in said.split("|")).get("model", "")
    except (InputError, ValueError, KeyError, TypeError):
        return ""


@dataclass(frozen=True, slots=True)
class RunTexts:
    """A run by paragraphs: what was written, the source, and the reference it was scored on, None where there was none or it is gone."""

    hypotheses: tuple[str, ...]
    src: tuple[str, ...]
    reference: tuple[str, ...] | None
    reference_path: Path


def read_run(folder: Path, *, own: bool = True) -> RunTexts:
    """The paragraphs of a run folder, as `mt run` scored them.

    Args:
        folder: with `sentences.jsonl` and `manifest.json`.
        own: read its reference too, from the path that the manifest names.

    Raises:
        InputError: where a file is missing or damaged.
    """
    place = folder / RUN_SENTENCES
    paragraphs: dict[int, list[tuple[str, str]]] = {}
    try:
        for line in read_bytes(place).splitlines():
            row = json.loads(line)
            paragraphs.setdefault(int(row["paragraph"]), []).append((str(row["src"]), str(row["hyp"])))
        inputs = json.loads(read_bytes(folder / "manifest.json"))
        given = inputs["options"].get("reference")
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise InputError(place, "the sentences of a run", f"{type(e).__name__}: {e}") from None
    rows = [paragraphs[n] for n in sorted(paragraphs)]
    reference, path = None, Path(given["path"]) if given else Path()
    if own and given and path.is_file():
        file = TextFile(path)
        texts = document(path.stem, given["lang"], file.text, given["paragraphs"]).paragraph_texts()
        reference = tuple(" ".join(text.split("\n")) for text in texts)
    return RunTexts(
        tuple(" ".join(hyp for _, hyp in row) for row in rows),
        tuple("".join(src for src, _ in row) for row in rows),
        reference,
        path,
    )
