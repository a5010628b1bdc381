r"""Any bitext → records one by one, the malformed ones too: what cannot be a pair is a `Reject` with its line and reason, and the rest goes on.

A file that is missing, cut short or not of its format at all is an InputError all the same. `mt.bitext.read.read_pairs` is the strict
reader of the same formats, for who wants every line or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from mt.errors import ConfigError, InputError, plural

# Reasons why a record is no pair.
BAD_COLUMNS = "bad-columns"  # other cells than its file has
BAD_JSON = "bad-json"
BAD_ENCODING = "bad-encoding"  # a line that is not UTF-8, or text that cannot be written as it
NO_LANGUAGE = "no-language"  # a record without one of the two sides
TOO_LONG = "too-long"  # a side of more than LONGEST characters: no sentence, whatever it is
FUZZY = "fuzzy"  # a translation that its own file marks as a guess
UNTRANSLATED = "untranslated"  # a record whose target is still to be written
REASONS = (BAD_COLUMNS, BAD_JSON, BAD_ENCODING, NO_LANGUAGE, TOO_LONG, FUZZY, UNTRANSLATED)

LONGEST = 100_000  # characters of a side
Format = Literal["auto", "tsv", "paracrawl", "jparacrawl", "moses", "jsonl", "tmx", "xliff", "po", "parquet"]
FORMATS: tuple[str, ...] = get_args(Format)

_NONE: Mapping[str, float] = MappingProxyType({})
_JUDGED = 100  # records by which a file is known not to be of its format,
_FEWEST = 10  # and how many of them there must be: a short file with a slip or two is not a wrong file
_WELL_FORMED = frozenset({FUZZY, UNTRANSLATED})
_KEPT = 200  # characters of a malformed record that are kept


class Record(NamedTuple):
    """A pair as it was read. A tuple, for there are millions of them.

    Attributes:
        line: 1-based line (of a table: row) it stands on.
        src: source side, untouched.
        tgt: target side, untouched.
        document: what it is from, where the format says so; else empty.
        given: numbers that stand beside it, by name.
    """

    line: int
    src: str
    tgt: str
    document: str = ""
    given: Mapping[str, float] = _NONE


class Reject(NamedTuple):
    """A record that is no pair.

    Attributes:
        line: 1-based line (of a table: row) it stands on.
        reason: one of `REASONS`.
        text: its beginning, for people.
        src: the source side, where it could be read.
        tgt: the target side, likewise.
    """

    line: int
    reason: str
    text: str = ""
    src: str | None = None
    tgt: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What a reader needs to know.

    Attributes:
        src_lang: code of the source language, where the format names languages.
        tgt_lang: of the target language.
        format: how files are written; `auto` goes by the name, see `format_of`.
        columns: of a table, name → number of the column from 1, or its name in the header. `src` and `tgt` are the sides, `document` the
            document; every other name is a number that is kept under it. Empty = as the file itself looks, see `mt.bitext.records_text.tsv`.
        tags: keep inline tags of TMX and XLIFF as they are written, rather than their text only.

    Raises:
        ConfigError: for a format that there is not, or columns without both sides.
    """

    src_lang: str = "ja"
    tgt_lang: str = "en"
    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tags: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise ConfigError("format", f"one of {', '.join(FORMATS)}", self.format)
        if self.columns and not {"src", "tgt"} <= self.columns.keys():
            raise ConfigError("columns", "src and tgt among them", ", ".join(self.columns))


def records(
    path: Path | str, layout: Layout | None = None, *, tgt_path: Path | None = None
) -> Iterator[Record | Reject]:
    r"""All records of a file, compressed (gz, bz2, xz, zst) or not, in its order.

    Args:
        path: a file; or `hf:owner/name[:config[:split]]`, which is fetched from the hub.
        layout: how it is written, and which languages are wanted.
        tgt_path: the target side, where each side is a file of its own (Moses).

    Raises:
        InputError: when the file is missing or damaged, or when none of its first hundred records is a pair.
        CountError: when two sides have different numbers of lines.
        ConfigError: for columns that the file does not have.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.tsv").write_text("猫\tCat\n犬\n鳥\tBird\n", encoding="utf-8")
        ...     for found in records(Path(d, "a.tsv")):
        ...         print(found[:3])
        (1, '猫', 'Cat')
        (2, 'bad-columns', '犬')
        (3, '鳥', 'Bird')
    """
    layout = layout or Layout()
    return _judged(path, _reader(path, layout, tgt_path))


def format_of(path: Path) -> str:
    """The format that a file's name says, `tsv` where it says none.

    Example:
        >>> format_of(Path("a.ja.tmx.gz")), format_of(Path("messages.XLF")), format_of(Path("en-ja.txt"))
        ('tmx', 'xliff', 'tsv')
    """
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in COMPRESSED]
    return _SUFFIXES.get(suffixes[-1] if suffixes else "", "tsv")


def short(text: str) -> str:
    """The beginning of a malformed record.

    Example:
        >>> len(short("x" * 500))
        200
    """
    return text if len(text) <= _KEPT else text[: _KEPT - 1] + "…"


COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})
_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".tmx": "tmx",
    ".xlf": "xliff",
    ".xliff": "xliff",
    ".po": "po",
    ".pot": "po",
    ".parquet": "parquet",
}


def _reader(path: Path | str, layout: Layout, tgt_path: Path | None) -> Iterator[Record | Reject]:
    # each format's module is imported when it is read: the package `datasets` behind one of them takes seconds
    if str(path).startswith("hf:"):
        from mt.bitext.records_table import hub

        return hub(str(path), layout)
    path = Path(path)
    if tgt_path is not None:
        from mt.bitext.records_text import moses

        return moses(path, tgt_path)
    name = format_of(path) if layout.format == "auto" else layout.format
    if name == "moses":
        raise ConfigError("tgt_path", "the other side, which format = 'moses' needs", "none")
    return _readers(name)(path, layout)


def _readers(name: str) -> Callable[[Path, Layout], Iterator[Record | Reject]]:
    if name == "tmx":
        from mt.bitext.read_tmx import records as read
    elif name == "xliff":
        from mt.bitext.read_xliff import records as read
    elif name == "po":
        from mt.bitext.read_po import records as read
    elif name == "parquet":
        from mt.bitext.records_table import parquet as read
    elif name == "jsonl":
        from mt.bitext.records_text import jsonl as read
    else:
        from mt.bitext.records_text import tsv as read
    return read


def _judged(path: Path | str, found: Iterator[Record | Reject]) -> Iterator[Record | Reject]:
    """Sides that are too long become rejects; a file without any pair at its beginning is not what it is taken for."""
    good, bad, damaged = 0, 0, 0
    first: Reject | None = None
    for found_one in found:
        one = found_one
        if type(one) is Record:
            if len(one.src) <= LONGEST and len(one.tgt) <= LONGEST:
                good += 1
                yield one
                continue
            one = Reject(one.line, TOO_LONG, short(one.src))
        if type(one) is Reject and one.reason not in _WELL_FORMED:
            first = first or one
            bad += 1
            damaged += one.reason != NO_LANGUAGE  # a memory of many languages may begin with others
            if not good and damaged == _JUDGED:
                raise _wrong(path, bad, first)
        yield one
    if not good and bad >= _FEWEST and first is not None:
        raise _wrong(path, bad, first)


def _wrong(path: Path | str, count: int, first: Reject) -> InputError:
    said = f"{first.reason} in each of {plural(count, 'record')}"
    return InputError(path, "pairs", f"{said}, first {first.text[:60]!r}", line=first.line)
