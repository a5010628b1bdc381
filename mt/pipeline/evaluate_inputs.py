"""What `mt evaluate` is given, read: systems by name, pattern or folder, references, source, documents; every file with its hash."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from mt.errors import ConfigError, CountError, InputError, plural
from mt.evaluate.testset import System, TestSet
from mt.pipeline.evaluate_read import FileRecord, Reader, is_run


@dataclass(frozen=True, slots=True)
class Lines:
    """What is known of the lines of systems beside their texts.

    Attributes:
        ids: name of each segment of the test set; None = not known.
        segments: for each line of a system the segments it belongs to, as the file has it, by system.
        documents: the document of each line of a system, by system.
        asked: systems for which somebody gave these in files of their own.
    """

    ids: tuple[str, ...] | None = None
    segments: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    documents: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read.

    Attributes:
        test: the test set.
        systems: they may have other numbers of lines than the test set until they are aligned or refused.
        files: what was read.
        unit: what the files say that a line is; empty where they say nothing.
        lines: what is known of the systems' lines.
    """

    test: TestSet
    systems: tuple[System, ...]
    files: tuple[FileRecord, ...]
    unit: str = ""
    lines: Lines = Lines()


def read_inputs(
    hypotheses: Sequence[str],
    references: Sequence[Path],
    *,
    source: Path | None = None,
    documents: Path | None = None,
    columns: Path | None = None,
    ids: Path | None = None,
    line_ids: Sequence[str] = (),
    line_documents: Sequence[str] = (),
    name: str = "",
    langs: tuple[str, str] = ("ja", "en"),
) -> Inputs:
    """Read every file.

    Args:
        hypotheses: files, patterns, run folders of this project, test sets with their systems, or `NAME=FILE`.
        references: files with equal numbers of lines, or a test set (a folder, XML, TSV or JSON lines); may be empty where the hypotheses' files
            hold references, or are run folders made with one.
        source: as many lines; None = what the test set has.
        documents: the name of each line's document, as many lines; None = what the test set has.
        columns: tab-separated facts of each line, as many rows below one with their names; None = what the test set has.
        ids: name of each segment, as many lines; None = what the test set has.
        line_ids: `[NAME=]FILE`, segments of each line of a system; without a name of all systems.
        line_documents: likewise the documents.
        name: of the test set; by default the first reference's.
        langs: codes of source and target language.

    Raises:
        InputError: for a file that cannot be read, or a pattern that no file has.
        CountError: for references, source and documents of different numbers of lines.
        ConfigError: where no reference or no system is found.
    """
    read = _files(hypotheses, references, source, documents, langs)
    first, count = read.names[0], len(read.references[0])
    pairs: list[tuple[str, tuple[str, ...] | None]] = [*zip(read.names[1:], read.references[1:], strict=True)]
    for file, stream in [*pairs, (str(source or "source"), read.src), (str(documents or "documents"), read.documents)]:
        if stream is not None and len(stream) != count:
            raise CountError(file, len(stream), first, count, "line")
    lines = _lines(read, ids, line_ids, line_documents)
    if columns is not None:
        read.columns = {**read.columns, **_facts(columns, read.lines("columns", "1", columns), count, first)}
    test = TestSet(
        tuple(read.references),
        read.src,
        _unbroken(read.documents) if read.documents is not None else None,
        read.columns,
        name=name or Path(read.names[0]).name,
        src_lang=langs[0],
        tgt_lang=langs[1],
    )
    return Inputs(test, tuple(System(*pair) for pair in read.systems.items()), tuple(read.files), read.unit, lines)


def _files(
    hypotheses: Sequence[str],
    references: Sequence[Path],
    source: Path | None,
    documents: Path | None,
    langs: tuple[str, str],
) -> Reader:
    """References, systems, source and documents.

    Raises:
        ConfigError: where no reference or no system is found.
    """
    read = Reader(langs)
    places = found(hypotheses)
    for path in references:
        read.reference(path)
    for called, path in places.items():
        read.system(called, path, own=not references)
    if source is not None:
        read.src = read.lines("source", "1", source)
    if documents is not None:
        read.documents = read.lines("documents", "1", documents)
    if not read.references:
        raise ConfigError("--ref", "at least one reference", "none")
    if not places:
        read.take_systems()
    if not read.systems:
        raise ConfigError("hypotheses", "at least one file", "none")
    return read


def _lines(read: Reader, ids: Path | None, line_ids: Sequence[str], line_documents: Sequence[str]) -> Lines:
    """Ids and documents of lines.

    Raises:
        CountError: for a file with another number of lines than what it is about.
        InputError: for a system that is not there.
    """
    count = len(read.references[0])
    named = read.lines("ids", "1", ids) if ids is not None else read.ids
    if named is not None and len(named) != count:
        raise CountError(ids or "ids", len(named), read.names[0], count, "line")
    segments = _of_systems(read, "line ids", line_ids)
    documents = _of_systems(read, "line documents", line_documents)
    return Lines(named, {**read.line_ids, **segments}, documents, frozenset(segments) | frozenset(documents))


def _of_systems(read: Reader, role: str, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found_streams: dict[str, tuple[str, ...]] = {}
    for word in words:
        called, equals, rest = word.partition("=")
        named = bool(equals) and not Path(word).exists()
        if named and called not in read.systems:
            raise InputError(word, f"one of the systems {', '.join(read.systems)}", called)
        path = Path(rest if named else word)
        stream = read.lines(role, called if named else "all", path)
        for name in [called] if named else read.systems:
            if len(stream) != len(read.systems[name]):
                raise CountError(path, len(stream), name, len(read.systems[name]), "line")
            found_streams[name] = stream
    return found_streams


def found(words: Sequence[str]) -> Mapping[str, Path]:
    """Files by the names of their systems, in the order of the words, a pattern's in the order of their names.

    A system is called as its file without the last suffix; where two would be called the same, as much of the path is added as tells them apart.

    Raises:
        InputError: for a pattern that no file has, or two systems given one name.
    """
    named: list[tuple[str, Path]] = []
    for word in words:
        called, equals, rest = word.partition("=")
        if equals and not Path(word).exists() and re.fullmatch(r"[\w.+ -]+", called):
            named.append((called, Path(rest)))
        elif Path(word).exists() or not re.search(r"[*?\[]", word):
            named.append(("", Path(word)))
        else:
            hits = sorted(path for path in _glob(word) if path.is_file() or is_run(path))
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
    return path.name if path.is_dir() else path.stem


def _glob(pattern: str) -> list[Path]:
    import glob

    return [Path(path) for path in glob.glob(pattern, recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute pattern


def _facts(path: Path, rows: Sequence[str], count: int, reference: str) -> Mapping[str, tuple[str, ...]]:
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
