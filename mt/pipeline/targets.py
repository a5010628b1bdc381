"""Files, directories and patterns → the files they stand for, and where the translation of each goes."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mt.errors import ConfigError, InputError

PATTERN = "**/*.txt"

_MAGIC = frozenset("*?[")
_FIELDS = ("dir", "stem", "ext", "name")


@dataclass(frozen=True, slots=True)
class Found:
    """A file, and the directory it stands in below the tree it was found in; `.` for a file that was named itself."""

    path: Path
    below: Path = Path()


@dataclass(frozen=True, slots=True)
class Naming:
    """What translations are called.

    Attributes:
        directory: where they go, trees mirrored; None = beside their sources.
        template: of their paths, with the fields `{dir}` (that directory), `{stem}` (the name without `.ja` and its last suffix), `{ext}` (the
            last suffix with its dot) and `{name}` (both, `.ja` left in); a template without `{dir}` is relative to it.
        option: which option this comes from, for messages.

    Raises:
        ConfigError: for a template with other fields, or one that would call all files the same.

    Example:
        >>> Naming(Path("en")).of(Found(Path("news/a.ja.txt"), Path("2021"))).as_posix()
        'en/2021/a.en.txt'
        >>> Naming(template="{dir}/english/{name}").of(Found(Path("news/a.ja.txt"))).as_posix()
        'news/english/a.ja.txt'
        >>> Naming(template="{dir}/x.txt")
        Traceback (most recent call last):
        mt.errors.ConfigError: --template: expected {stem} or {name} in it, found '{dir}/x.txt'
    """

    directory: Path | None = None
    template: str = "{stem}.en{ext}"
    option: str = "--template"

    def __post_init__(self) -> None:
        try:
            parts = list(string.Formatter().parse(self.template))
        except ValueError as e:
            raise ConfigError(self.option, "a template such as {dir}/{stem}.en{ext}", str(e)) from None
        fields = [field for _, field, _, _ in parts if field is not None]
        wrong = [field for field in fields if field not in _FIELDS]
        if wrong or any(spec or conversion for _, _, spec, conversion in parts):
            listed = ", ".join(f"{{{field}}}" for field in _FIELDS)
            raise ConfigError(self.option, f"fields {listed} only", repr(self.template))
        if "stem" not in fields and "name" not in fields:
            raise ConfigError(self.option, "{stem} or {name} in it", repr(self.template))

    @classmethod
    def suffix(cls, suffix: str, directory: Path | None = None) -> Naming:
        """Names with something put before the last suffix: `.en` makes `a.txt` and `a.ja.txt` `a.en.txt`.

        Raises:
            ConfigError: for one that is empty or holds a slash.

        Example:
            >>> Naming.suffix(".en").of(Found(Path("a.txt"))).name
            'a.en.txt'
        """
        if not suffix or "/" in suffix:
            raise ConfigError("--suffix", "letters to put before the last suffix, e.g. .en", repr(suffix))
        return cls(directory, "{stem}" + suffix.replace("{", "{{").replace("}", "}}") + "{ext}", "--suffix")

    def of(self, found: Found) -> Path:
        """Where the translation of a file goes."""
        path = found.path
        directory = path.parent if self.directory is None else self.directory / found.below
        stem = path.stem.removesuffix(".ja")
        filled = self.template.format(dir=directory, stem=stem, ext=path.suffix, name=path.name)
        return Path(filled) if "{dir}" in self.template else directory / filled


def targets(found: Iterable[Found], naming: Naming, also: Iterable[Path] = ()) -> list[tuple[Path, Path]]:
    """Each file with the place of its translation.

    Args:
        found: the files.
        naming: what their translations are called.
        also: other files that are about to be written.

    Raises:
        ConfigError: when two files would be written to one place, or one over an input or another output.
    """
    files = list(found)
    given = {file.path.resolve() for file in files}
    taken = {path.resolve(): path for path in also}
    rows: list[tuple[Path, Path]] = []
    for file in files:
        target = naming.of(file)
        place = target.resolve()
        if place in taken:
            raise ConfigError(naming.option, "files of different names", f"{taken[place]} and {file.path}")
        if place in given:
            expected = "a directory" if naming.option == "--out-dir" else "names"
            raise ConfigError(
                naming.option, f"{expected} where no input is overwritten", f"{file.path} going to {target}"
            )
        taken[place] = file.path
        rows.append((file.path, target))
    return rows


def find(named: Iterable[Path], pattern: str | None = PATTERN, skip: Path | None = None) -> list[Found]:
    """The files that are meant: a file itself, the files of a directory that match a pattern, or those of a pattern; in the order of names.

    Hidden files are left out, unless named themselves; what does not exist stays, for the one who opens it to complain.

    Args:
        named: files, directories, and patterns with `*`, `?` or `[` that are no file's name; `**` is any number of directories.
        pattern: of files in directories, relative to them; None = directories stay, for the one who opens them to complain.
        skip: a directory whose files are left out of trees: where earlier translations are.

    Raises:
        InputError: when a directory or a pattern has no file.
        ConfigError: for a pattern that is none.
    """
    found: list[Found] = []
    for path in named:
        if pattern is not None and path.is_dir():
            files = list(_matching(path, pattern, skip))
            if not files:
                raise InputError(path, f"files like {pattern} (--glob says which)", "none")
            found += files
        elif _MAGIC.isdisjoint(str(path)) or path.exists():
            found.append(Found(path))
        else:
            parts = path.parts
            first = next(n for n, part in enumerate(parts) if not _MAGIC.isdisjoint(part))
            files = list(_matching(Path(*parts[:first]), str(Path(*parts[first:])), skip))
            if not files:
                raise InputError(path, "files like that", "none")
            found += files
    return found


def _matching(root: Path, pattern: str, skip: Path | None) -> Iterator[Found]:
    skipped = skip.resolve() if skip is not None else None
    try:
        paths = sorted(set(root.glob(pattern)))
    except (ValueError, NotImplementedError, IndexError) as e:
        raise ConfigError(
            "--glob", "a pattern relative to the directory, e.g. **/*.ja.txt", f"{pattern!r} ({e})"
        ) from None
    for path in paths:
        below = path.relative_to(root)
        hidden = any(part.startswith(".") for part in below.parts)
        if hidden or not path.is_file() or (skipped is not None and path.resolve().is_relative_to(skipped)):
            continue
        yield Found(path, below.parent)
