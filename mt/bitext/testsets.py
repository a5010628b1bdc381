"""Test sets and what systems wrote for them, in the formats of the field, as plain streams of strings.

    a directory     mt-metrics-eval's layout (`testsets_mte`), or a plain one: src.*, ref*.*, docids.txt, systems/*
    .xml            WMT's XML (`testsets_xml`)
    .tsv .jsonl     one segment a row (`testsets_rows`)
    .srt            one segment a subtitle (`testsets_srt`)
    anything else   one segment a line

Streams are not cut to equal length here: who scores them says which lines are too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mt.bitext.stream import lines
from mt.errors import CountError, InputError

Texts = tuple[str, ...]
STRUCTURED = frozenset({".xml", ".tsv", ".jsonl", ".srt"})
LARGEST = 1 << 28  # bytes of a file of a test set: the largest of WMT has 40 MB, and all of it is held in memory


@dataclass(frozen=True, slots=True)
class TestData:
    """What a test set's files hold.

    Attributes:
        name: of the test set.
        references: streams by name (`refA`, `1`, …), one string a segment; may be empty.
        src: the source, or None where the files have none.
        systems: what systems wrote, by name.
        documents: name of each segment's document, or None.
        columns: further facts of each segment, e.g. `domain`.
        ids: name of each row, or None where the files have none; rows of a system that has other lines are joined by them.
        langs: codes of source and target language where the files say so, else empty.
        files: what was read.
        notes: what a reader should know, e.g. a reference that was left out because it covers a part only.

    Raises:
        CountError: where source, references, documents and columns differ in length. Systems may have other numbers of lines.

    Example:
        >>> t = TestData("t", {"A": ("A cat.",)}, src=("猫。",), systems={"x": ("Cat.",)})
        >>> len(t), t.systems["x"]
        (1, ('Cat.',))
    """

    __test__ = False  # pytest takes the name for one of its own

    name: str
    references: Mapping[str, Texts] = field(default_factory=dict)
    src: Texts | None = None
    systems: Mapping[str, Texts] = field(default_factory=dict)
    documents: Texts | None = None
    columns: Mapping[str, Texts] = field(default_factory=dict)
    langs: tuple[str, str] = ("", "")
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    ids: Texts | None = None

    def __post_init__(self) -> None:
        streams = {**{f"reference {k}": v for k, v in self.references.items()}, **self.columns}
        if self.src is not None:
            streams = {"source": self.src, **streams}
        if self.documents is not None:
            streams["documents"] = self.documents
        for key, stream in streams.items():
            first, other = next(iter(streams.items()))
            if len(stream) != len(other):
                raise CountError(f"{self.name}, {key}", len(stream), f"{self.name}, {first}", len(other), "segment")

    def __len__(self) -> int:
        """Segments; 0 where there are systems only."""
        streams: Iterable[Sequence[str]] = [*self.references.values(), *([self.src] if self.src is not None else [])]
        return len(next(iter(streams), ()))


@dataclass(frozen=True, slots=True)
class Stream:
    """One side of a file: a string a segment, with what the file says beside it.

    Attributes:
        texts: one string a segment.
        documents: name of each segment's document, or None.
        times: start and end of each segment in milliseconds, or None.
    """

    texts: Texts
    documents: Texts | None = None
    times: tuple[tuple[int, int], ...] | None = None


def read_testset(path: Path, *, langs: tuple[str, str] | None = None) -> TestData:
    """A test set with everything its file or directory holds.

    Args:
        path: see the top of the module.
        langs: which pair of languages where a directory holds several, e.g. `("ja", "en")`.

    Raises:
        InputError: for what is none of the formats, or damaged.
        CountError: where streams differ in length.
    """
    if path.is_dir():
        if (path / "sources").is_dir() or (path / "system-outputs").is_dir():
            from mt.bitext.testsets_mte import read_mte

            return read_mte(path, langs=langs)
        return read_folder(path)
    check_size(path)
    suffix = path.suffix.lower()
    if suffix == ".xml":
        from mt.bitext.testsets_xml import read_wmt_xml

        return read_wmt_xml(path)
    if suffix in {".tsv", ".jsonl"}:
        from mt.bitext.testsets_rows import read_rows

        return read_rows(path)
    return TestData(path.stem, {"1": read_stream(path).texts}, files=(path,))


def read_stream(path: Path, *, system: str | None = None) -> Stream:
    """What one system wrote, from a file of any of the formats.

    Args:
        path: a file; of a `.xml`, `.tsv` or `.jsonl` the only system is taken, or the one named; where there is none, the only reference.
        system: its name in the file.

    Raises:
        InputError: where the file cannot be read, or holds several systems and none was named.
    """
    suffix = path.suffix.lower()
    if suffix not in STRUCTURED:
        return Stream(tuple(lines(path)))
    check_size(path)
    if suffix == ".srt":
        from mt.bitext.testsets_srt import read_srt

        return read_srt(path)
    found = read_testset(path)
    streams = found.systems or found.references
    if system is not None and system not in streams:
        raise InputError(path, f"the system {system}", ", ".join(streams) or "none")
    if system is None and len(streams) != 1:
        raise InputError(path, "one system, or the name of one", ", ".join(streams) or "none")
    return Stream(streams[system if system is not None else next(iter(streams))], found.documents)


def read_folder(path: Path) -> TestData:
    """A plain directory: `src.*` (or `source.*`), `ref*.*`, `docids.txt` (or `docs.txt`), `systems/*`, as many lines each.

    Raises:
        InputError: where there is neither a reference nor a source.
        CountError: where they differ in length.
    """
    files = sorted(p for p in path.iterdir() if p.is_file())
    sources = [p for p in files if p.stem in {"src", "source"}]
    references = [p for p in files if re.fullmatch(r"ref(erence)?[-_.]?\w*", p.stem)]
    documents = [p for p in files if p.stem in {"docids", "docs", "documents"}]
    systems = sorted(p for p in (path / "systems").glob("*") if p.is_file() and not p.name.startswith("."))
    if not sources and not references:
        raise InputError(path, "a test set: sources/ or src.*, ref.*, systems/", "neither")
    for several, what in ((sources, "source"), (documents, "file of documents")):
        if len(several) > 1:
            raise InputError(path, f"one {what}", ", ".join(p.name for p in several))
    langs = (sources[0].suffix[1:] if sources else "", references[0].suffix[1:] if references else "")
    return TestData(
        path.name or path.resolve().name,
        {p.stem: read_stream(p).texts for p in references},
        read_stream(sources[0]).texts if sources else None,
        {p.stem: read_stream(p).texts for p in systems},
        tuple(lines(documents[0])) if documents else None,
        langs=langs if all(re.fullmatch(r"[a-z]{2,3}", x) for x in langs if x) else ("", ""),
        files=(*sources, *references, *documents, *systems),
    )


def check_size(path: Path) -> None:
    """Raises InputError for a file that is missing, or too large to be held in memory."""
    try:
        size = path.stat().st_size
    except OSError as e:
        raise InputError(path, "a file", "nothing there" if isinstance(e, FileNotFoundError) else str(e)) from None
    if size > LARGEST:
        raise InputError(path, f"a file of at most {LARGEST >> 20} MiB", f"{size >> 20:,} MiB")
