"""Sources of a corpus → units of reading: which files there are, which belong together, in which order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mt.bitext.records import COMPRESSED
from mt.errors import ConfigError, InputError, plural
from mt.pipeline.corpus_config import CorpusConfig, SourceConfig
from mt.pipeline.corpus_text import LINED, count_lines, kind_of

HUB = "hf:"
LINES = 10_000  # lines of a unit that is translated: some minutes of work
PAIRS = 32  # document pairs of a unit: opening the encoder takes a second, and a unit lost is work lost
_MAGIC = frozenset("*?[")
_MOST_SOURCES, _MOST_FILES = 1000, 100_000  # what numbers of three and five digits hold


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """The smallest piece of reading.

    Attributes:
        name: unique and fit for a file's name; in the order of their names units are in the order of their rows.
        source: which of the configuration's sources.
        files: what is read: of pairs of files the source side and the target side by turns; of piles all source files, then all target files.
            Empty for a dataset of the hub.
        first: number of its first file, pair of files, or stretch of lines in the source, from 0; the middle of its rows' ids.
        names: what each file, or pair of files, is called in documents: unique in the source, the same on every machine. Of piles, those of the
            source side.
        lines: which lines of its file it is about, from 0, half-open; None = all of them.
    """

    name: str
    source: str
    files: tuple[Path, ...]
    first: int = 0
    names: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None


def units(config: CorpusConfig, base: Path) -> tuple[list[ReadUnit], list[str]]:
    """All units of a build, in order, and what a reader of its report should know of its files.

    One file, or pair of files, is a unit where rows are pairs already; 32 pairs of documents are one where they are aligned, 10,000 lines of a file
    where they are translated; a source that is mined is one, since its margins depend on all of it.

    Args:
        config: the build.
        base: the folder that its paths are relative to.

    Raises:
        InputError: for a source without files.
        ConfigError: for two patterns that cannot be paired, or too many files.
    """
    found: list[ReadUnit] = []
    notes: list[str] = []
    if len(config.source) > _MOST_SOURCES:
        raise ConfigError("source", f"at most {_MOST_SOURCES:,} sources", f"{len(config.source):,}")
    for number, (name, source) in enumerate(config.source.items()):
        found += _units(f"{number:03}-{name}", name, source, base, notes)
    return found, notes


def _units(prefix: str, name: str, source: SourceConfig, base: Path, notes: list[str]) -> Iterator[ReadUnit]:
    if source.path.startswith(HUB):
        if source.make != "given":
            raise ConfigError(f"source.{name}.make", "given, for a dataset of the hub", source.make)
        yield ReadUnit(f"{prefix}-00000", name, (), 0, (source.path.removeprefix(HUB),))
        return
    if source.make == "mine":
        piles = [_files(base, str(path), f"source.{name}") for path in (source.path, source.tgt_path)]
        files = tuple(path for pile in piles for path in pile.values())
        yield ReadUnit(f"{prefix}-00000", name, files, 0, tuple(map(_shown, piles[0])))
        return
    groups: list[tuple[str, tuple[Path, ...]]]
    if source.tgt_path is None:
        groups = [(_shown(key), (path,)) for key, path in _files(base, source.path, f"source.{name}").items()]
    else:
        groups = _paired(base, name, source, notes)
    if len(groups) > _MOST_FILES:
        raise ConfigError(f"source.{name}.path", f"at most {_MOST_FILES:,} files", f"{len(groups):,}")
    if source.make == "translate":
        yield from _stretches(prefix, name, source, groups)
        return
    size = PAIRS if source.make == "align" else 1
    for number, start in enumerate(range(0, len(groups), size)):
        batch = groups[start : start + size]
        files = tuple(path for _, paths in batch for path in paths)
        yield ReadUnit(f"{prefix}-{number:05}", name, files, number * size, tuple(key for key, _ in batch))


def _stretches(
    prefix: str, name: str, source: SourceConfig, groups: list[tuple[str, tuple[Path, ...]]]
) -> Iterator[ReadUnit]:
    """Units of files whose lines are sentences; a page is one."""
    number = 0
    for key, (path,) in groups:
        count = count_lines(path) if kind_of(path, source.format) in LINED else 0
        for start in range(0, max(count, 1), LINES):
            lines = (start, start + LINES) if count > LINES else None
            shown = key if lines is None else f"{key}@{start // LINES:05}"
            yield ReadUnit(f"{prefix}-{number:05}", name, (path,), number, (shown,), lines)
            number += 1
    if number > _MOST_FILES:
        raise ConfigError(f"source.{name}.path", f"at most {_MOST_FILES * LINES:,} lines", "more")


def _paired(base: Path, name: str, source: SourceConfig, notes: list[str]) -> list[tuple[str, tuple[Path, ...]]]:
    """Files of both sides by what the stars of their patterns stand for."""
    patterns = (source.path, str(source.tgt_path))
    stars = [_stars(pattern) for pattern in patterns]
    if stars[0] != stars[1]:
        expected = f"a pattern with {plural(stars[0], 'star')}, as path has"
        raise ConfigError(f"source.{name}.tgt_path", expected, f"{patterns[1]!r}")
    src, tgt = (_files(base, pattern, f"source.{name}") for pattern in patterns)
    if not stars[0]:
        [one], [other] = src.values(), tgt.values()
        return [(_shown(next(iter(src))), (one, other))]
    for side, mine, others in (("source", src, tgt), ("target", tgt, src)):
        if alone := sorted(mine.keys() - others.keys()):
            shown = ", ".join("/".join(key) for key in alone[:5]) + (" …" if len(alone) > 5 else "")
            notes.append(f"{name}: {plural(len(alone), f'{side} file')} without a partner: {shown}")
    both = [key for key in src if key in tgt]
    if not both:
        raise InputError(base / patterns[0], f"files that have partners like {patterns[1]}", "none")
    return [("/".join(part for part in key if part), (src[key], tgt[key])) for key in both]


Key = tuple[str, ...]


def _files(base: Path, pattern: str, said: str) -> dict[Key, Path]:
    """Files of a pattern by what its stars stand for (of a path without any: by its name), in the order of their names."""
    parts = Path(pattern).parts
    first = next((i for i, part in enumerate(parts) if not _MAGIC.isdisjoint(part)), len(parts))
    root = base.joinpath(*parts[:first])
    if first == len(parts):
        if not root.is_file():
            raise InputError(root, f"the file of {said}", "a folder" if root.is_dir() else "nothing there")
        return {(root.name,): root}
    below = "/".join(parts[first:])
    match = re.compile(_regex(below)).fullmatch
    found: dict[Key, Path] = {}
    for path in sorted(root.glob(below)):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if hidden or not path.is_file() or (groups := match(name)) is None:
            continue
        key = tuple(group or "" for group in groups.groups())
        if key in found:
            raise ConfigError(said, f"a pattern that tells {found[key].name} from {path.name}", repr(pattern))
        found[key] = path
    if not found:
        raise InputError(root / below, "files like that", "none")
    return found


def _regex(pattern: str) -> str:
    r"""A pattern as a regular expression with a group for each star.

    Example:
        >>> re.fullmatch(_regex("**/*.ja.md"), "a/b/c.ja.md").groups()
        ('a/b', 'c')
    """
    made = ""
    for token in re.findall(r"\*\*/|\*+|\?|\[[^]]+\]|[^*?[]+|\[", pattern):
        if token == "**/":
            made += "(?:(.*)/)?"
        elif token.startswith("*"):
            made += "([^/]*)"
        elif token == "?":
            made += "([^/])"
        elif token.startswith("[") and len(token) > 2:
            made += "([" + token[1:-1].replace("!", "^", 1) + "])" if token[1] == "!" else f"({token})"
        else:
            made += re.escape(token)
    return made


def _stars(pattern: str) -> int:
    return re.compile(_regex(pattern)).groups


def _shown(key: Sequence[str]) -> str:
    """A file's name without what only says how it is packed."""
    name = "/".join(part for part in key if part)
    path = Path(name)
    return name[: -len(path.suffix)] if path.suffix.lower() in COMPRESSED else name


def said(path: Path, base: Path) -> str:
    """A path as records name it: relative to the configuration, so that it is the same on every machine."""
    return Path(os.path.relpath(path, base)).as_posix()


def by_side(unit: ReadUnit) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Files of the source side and of the target side of a unit that is mined."""
    return unit.files[: len(unit.names)], unit.files[len(unit.names) :]
