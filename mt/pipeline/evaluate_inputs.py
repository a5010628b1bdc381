"""What `mt evaluate` is given, read: systems by name, pattern or folder, references, source, documents; every file with its hash."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mt.documents.plain import TextFile
from mt.errors import CountError, InputError, plural
from mt.evaluate.testset import System, TestSet

RUN_TEXT = "translation.en.txt"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file that was read.

    Attributes:
        role: `system`, `reference`, `source`, `documents` or `columns`.
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


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read. `systems` may have other numbers of lines than the test set until they are aligned or refused."""

    test: TestSet
    systems: tuple[System, ...]
    files: tuple[FileRecord, ...]


def read_inputs(
    hypotheses: Sequence[str],
    references: Sequence[Path],
    *,
    source: Path | None = None,
    documents: Path | None = None,
    columns: Path | None = None,
    name: str = "",
    langs: tuple[str, str] = ("ja", "en"),
) -> Inputs:
    """Read every file.

    Args:
        hypotheses: files, patterns, run folders of this project, or `NAME=FILE`.
        references: at least one, with equal numbers of lines.
        source: as many lines; None = not known.
        documents: the name of each line's document, as many lines; None = not known.
        columns: tab-separated facts of each line, as many rows below one with their names; None = none.
        name: of the test set; by default the first reference's.
        langs: codes of source and target language.

    Raises:
        InputError: for a file that cannot be read, or a pattern that no file has.
        CountError: for references, source, documents and columns of different numbers of lines.
    """
    files: list[FileRecord] = []

    def read(role: str, called: str, path: Path) -> tuple[str, ...]:
        text = TextFile(path)
        lines = tuple(line.removesuffix("\r") for line in text.lines())
        files.append(FileRecord(role, called, str(path), text.sha256, len(lines)))
        return lines

    places = found(hypotheses)
    if not places:
        raise InputError("hypotheses", "at least one file", "none")
    streams = tuple(read("reference", str(n), path) for n, path in enumerate(references, 1))
    src = read("source", "1", source) if source is not None else None
    names = read("documents", "1", documents) if documents is not None else None
    for path, stream in [*zip(references[1:], streams[1:], strict=True), (source, src), (documents, names)]:
        if stream is not None and path is not None and len(stream) != len(streams[0]):
            raise CountError(path, len(stream), references[0], len(streams[0]), "line")
    facts = (
        _facts(columns, read("columns", "1", columns), len(streams[0]), references[0]) if columns is not None else {}
    )
    test = TestSet(
        streams,
        src,
        _unbroken(names) if names is not None else None,
        facts,
        name=name or references[0].name,
        src_lang=langs[0],
        tgt_lang=langs[1],
    )
    systems = tuple(System(called, read("system", called, path)) for called, path in places.items())
    return Inputs(test, systems, tuple(files))


def found(words: Sequence[str]) -> Mapping[str, Path]:
    """Files by the names of their systems, in the order of the words, a pattern's in the order of their names.

    A system is called as its file without the last suffix; where two would be called the same, as much of the path is added as tells them apart.

    Raises:
        InputError: for a pattern that no file has, a folder that is no run folder, or two systems given one name.
    """
    named: list[tuple[str, Path]] = []
    for word in words:
        called, equals, rest = word.partition("=")
        if equals and not Path(word).exists() and re.fullmatch(r"[\w.+ -]+", called):
            named.append((called, _file(Path(rest))))
        elif Path(word).exists() or not re.search(r"[*?\[]", word):
            named.append(("", _file(Path(word))))
        else:
            hits = sorted(path for path in _glob(word) if path.is_file())
            if not hits:
                raise InputError(word, "a pattern that files have", "none")
            named += [("", path) for path in hits]
    pairs = list(dict.fromkeys(named))  # a file named and matched by a pattern too is one system
    return dict(zip(_names(pairs), (path for _, path in pairs), strict=True))


def _names(named: Sequence[tuple[str, Path]]) -> list[str]:
    names = [called or _stem(path) for called, path in named]
    given = Counter(called for called, _ in named if called)
    for called, count in given.items():
        if count > 1:
            raise InputError(called, "a name for one system", f"{count} systems")
    for depth in range(1, 12):
        many = {name for name, count in Counter(names).items() if count > 1}
        if not many:
            break
        names = [
            name if name not in many or called else "/".join([*path.absolute().parts[-1 - depth : -1], _stem(path)])
            for name, (called, path) in zip(names, named, strict=True)
        ]
    else:
        # same places, other suffixes: the whole name tells them apart
        names = [called or str(path) for called, path in named]
    return names


def _stem(path: Path) -> str:
    return path.parent.name if path.name == RUN_TEXT and path.parent.name else path.stem


def _file(path: Path) -> Path:
    if path.is_dir():
        if (path / RUN_TEXT).is_file():
            return path / RUN_TEXT
        raise InputError(path, f"a file, a pattern in quotes, or a run folder with {RUN_TEXT}", "another folder")
    return path


def _glob(pattern: str) -> list[Path]:
    import glob

    return [Path(path) for path in glob.glob(pattern, recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute pattern


def _facts(path: Path, rows: Sequence[str], count: int, reference: Path) -> Mapping[str, tuple[str, ...]]:
    """Columns by the names in the first row."""
    if len(rows) != count + 1:
        raise CountError(path, max(len(rows) - 1, 0), reference, count, "row")
    names = rows[0].split("\t")
    if not all(names) or len(set(names)) < len(names):
        raise InputError(path, "different names of columns in the first row", rows[0], line=1)
    cells = [row.split("\t") for row in rows[1:]]
    for number, row in enumerate(cells, 2):
        if len(row) != len(names):
            raise InputError(path, plural(len(names), "column"), plural(len(row), "column"), line=number)
    return {name: tuple(row[k].strip() for row in cells) for k, name in enumerate(names)}


def _unbroken(names: Sequence[str]) -> tuple[str, ...]:
    """Names of documents whose lines stand side by side: a name that comes back later is another document, and is numbered."""
    found_names: list[str] = []
    parts: Counter[str] = Counter()
    last = None
    for name in names:
        if name != last:
            parts[name] += 1
        last = name
        found_names.append(name if parts[name] == 1 else f"{name} ({parts[name]})")
    return tuple(found_names)
