"""Two folders → pairs of files that are each other's translation, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mt.bitext.beads import FORMATS
from mt.errors import ConfigError, InputError

# What stands behind a document's name and says nothing about which document it is.
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_ENDINGS = frozenset({".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".gz", ".bz2", ".xz", ".zst"}) | _PAGES
_CODE = re.compile(r"[._-](ja|jp|jpn|en|eng|zh|ko|de|fr|es|it|pt|ru|nl|pl|tr|ar|th)(?:[-_][A-Za-z]{2,4})?\Z", re.I)

# Of the alignment of a document in each format; `mt align score` and `--format auto` know them again.
ENDINGS = {
    "vecalign": ".vecalign",
    "sentalign": ".path",
    "hunalign": ".ladder",
    "hunalign-text": ".hunalign",
    "bertalign": ".aligned",
    "pairs": ".pairs.tsv",
    "tsv": ".tsv",
    "jsonl": ".jsonl",
    "intertext": ".xml",
    "tmx": ".tmx",
    "columns": ".beads",
}
if ENDINGS.keys() != set(FORMATS):  # a format without an ending would be found out only when somebody asks for it
    raise AssertionError(f"endings of {sorted(ENDINGS.keys() ^ set(FORMATS))}")
_RESULTS = frozenset(ENDINGS.values()) | {".gold", ".json", ".html"}


@dataclass(frozen=True, slots=True)
class Matched:
    """Files by name.

    Attributes:
        pairs: (name, source file, target file), in the order of names.
        src_only: files of the source folder without a partner.
        tgt_only: files of the target folder without one.
    """

    pairs: tuple[tuple[str, Path, Path], ...]
    src_only: tuple[Path, ...]
    tgt_only: tuple[Path, ...]


def document_name(path: Path) -> tuple[str, str | None]:
    """The name without its language and kind, and the language that it says.

    Example:
        >>> document_name(Path("a.ja.txt")), document_name(Path("news_EN.md")), document_name(Path("b/c.txt.gz"))
        (('a', 'ja'), ('news', 'en'), ('c', None))
    """
    name, code = path.name, None
    while True:
        if (suffix := Path(name).suffix.lower()) in _ENDINGS and len(name) > len(suffix):
            name = name[: -len(suffix)]
        elif code is None and (found := _CODE.search(name)) and found.start():
            code, name = found[1].lower(), name[: found.start()]
        else:
            return name, code


def match(src: Path, tgt: Path, langs: tuple[str | None, str | None] = (None, None), glob: str = "**/*") -> Matched:
    """Pair the files of two folders, or of one folder whose names say the language.

    Files pair whose places and names are equal but for language and kind: `news/a.ja.txt` with `news/a.en.md`. Hidden files, and those that are named
    like alignments, are left out; `.html` may be a page of `mt align view`, and is taken where the pattern asks for it.

    Args:
        src: folder of the source side.
        tgt: of the target side; may be the same.
        langs: of the sides, where they are known: a file whose name says another language is left out. Of one folder, `ja` and `en` if unknown.
        glob: which files, relative to the folders.

    Raises:
        InputError: for a folder without such files, or two files of one name on one side.
        ConfigError: for a pattern that is none.
    """
    if src.resolve() == tgt.resolve():
        langs = (langs[0] or "ja", langs[1] or "en")
        sides = [_files(src, lang, glob, must=True) for lang in langs]
    else:
        sides = [_files(folder, lang, glob, must=False) for folder, lang in zip((src, tgt), langs, strict=True)]
    both = sorted(sides[0].keys() & sides[1].keys())
    return Matched(
        tuple((name, sides[0][name], sides[1][name]) for name in both),
        *(tuple(side[name] for name in sorted(side.keys() - set(both))) for side in sides),
    )


def _files(folder: Path, lang: str | None, glob: str, *, must: bool) -> dict[str, Path]:
    if not folder.is_dir():
        raise InputError(folder, "a folder, as the other side is one", "a file" if folder.exists() else "nothing there")
    found: dict[str, Path] = {}
    try:
        paths = sorted(p for p in folder.glob(glob) if p.is_file())
    except (ValueError, NotImplementedError) as e:
        raise ConfigError("--glob", "a pattern relative to the folder, e.g. **/*.txt", f"{glob!r} ({e})") from None
    for path in paths:
        below = path.relative_to(folder)
        if any(part.startswith(".") for part in below.parts) or (_is_alignment(path) and not _asked(path, glob)):
            continue
        name, code = document_name(path)
        wanted = None if lang is None else _short(lang)
        if code is not None and wanted is not None and _short(code) != wanted:
            continue
        if code is None and must:
            continue
        key = (below.parent / name).as_posix()
        if key in found:
            raise InputError(path, f"one file named {name}", f"{found[key].name} beside it")
        found[key] = path
    if not found:
        said = f"files named for {lang}" if must else f"files like {glob}"
        raise InputError(folder, said, "none")
    return found


def _is_alignment(path: Path) -> bool:
    return path.suffix in _RESULTS


def _asked(path: Path, glob: str) -> bool:
    """Whether a page is meant: one of HTML, which the pattern names."""
    return path.suffix in _PAGES and path.suffix in glob


def _short(lang: str) -> str:
    code = lang.lower().replace("_", "-").split("-")[0]
    return {"jp": "ja", "jpn": "ja", "eng": "en"}.get(code, code)
