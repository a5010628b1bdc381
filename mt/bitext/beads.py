"""Alignments in the formats of the field: read into rows of sentence numbers, made an `Alignment` of, and written.

| format | numbers | texts | null beads | scores | status | who writes it |
|---|---|---|---|---|---|---|
| vecalign | yes | – | yes | one, lower is better | – | Vecalign, galechurch; gold files without the score |
| sentalign | yes | – | yes | one, higher is better | – | SentAlign |
| hunalign | yes | – | yes | one | – | hunalign's ladder; complete and monotone only |
| hunalign-text | counted | yes | yes | one | – | hunalign -text |
| bertalign | found | yes | yes | – | – | Bertalign |
| pairs | found | yes | – | – | – | OPUS, Moses tools |
| tsv | yes | yes | – | both | – | this program |
| jsonl | yes | yes | yes | both | yes | this program; word links and document names too |
| intertext | yes | – | yes | one | yes | InterText; OPUS's XCES |
| tmx | yes | yes | – | both | yes | this program; others' TMX with the numbers found |
| columns | yes | – | – | – | – | hand-made gold: `5,6 5` |

*Counted*: each line begins behind the one before. *Found*: the sentences must be given, and the texts are looked for among them. *One*: the
probability, or where there is none the score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TextIO

from mt import __version__
from mt.bitext import beads_ids, beads_jsonl, beads_text, beads_xml
from mt.bitext.beads_fill import origins, person_made, to_alignment
from mt.bitext.beads_row import MAN, BeadFile, Direction, Row, Sheet, joiner
from mt.bitext.stream import lines
from mt.errors import InputError, OptionError
from mt.files import PartFile
from mt.types import Alignment

__all__ = [
    "FORMATS",
    "MAN",
    "PAIR_FORMATS",
    "BeadFile",
    "Direction",
    "Row",
    "Sheet",
    "Written",
    "joiner",
    "origins",
    "person_made",
    "read_beads",
    "read_documents",
    "rows_of",
    "to_alignment",
    "write_beads",
    "write_rows",
]

FORMATS = (
    "vecalign",
    "sentalign",
    "hunalign",
    "hunalign-text",
    "bertalign",
    "pairs",
    "tsv",
    "jsonl",
    "intertext",
    "tmx",
    "columns",
)
PAIR_FORMATS = frozenset({"pairs", "tsv", "tmx"})  # corpora: no null beads, and no pair below `min_probability`
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".tmx": "tmx", ".xml": "intertext"}
_SUFFIXES |= {".vecalign": "vecalign", ".ladder": "hunalign"}
_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})
_SCORED_BY: dict[str, Direction] = {"vecalign": "cost"}

Sentences = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the beads of an alignment; `beads == written + nulls + doubtful`.

    Attributes:
        beads: of the alignment.
        written: lines, units or links.
        nulls: null beads that the format has no place for.
        doubtful: pairs below the least probability.
    """

    beads: int
    written: int
    nulls: int = 0
    doubtful: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError where a bead is in no count, or in two."""
        if self.beads != self.written + self.nulls + self.doubtful:
            raise ValueError(f"written: expected {self.beads} beads in the counts, found {self}")


def read_beads(
    path: str | Path,
    *,
    format: str = "auto",
    base: int = 0,
    score_is: Direction | None = None,
    sentences: Sentences | None = None,
    langs: tuple[str, str] = ("ja", "en"),
) -> BeadFile:
    r"""An alignment file of one pair of documents.

    Args:
        path: a file, compressed or not.
        format: one of `FORMATS`; `auto` goes by the name, then by the first line.
        base: what the file's sentence numbers count from, 0 or 1.
        score_is: which end of the scores is good; None = the habit of the format (Vecalign's are costs, all others similarities).
        sentences: of both sides; needed where a format has texts but no numbers.
        langs: languages of a TMX file.

    Raises:
        InputError: naming file and line where the file is not what it should be, or that it has several pairs of documents.
        OptionError: for an unknown format or another base.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.path").write_text("[0]:[0, 1]:0.12\n[1]:[]\n")
        ...     file = read_beads(Path(d, "a.path"), format="vecalign")
        >>> file.score_is, [(row.src, row.tgt, row.score) for row in file.rows]
        ('cost', [((0,), (0, 1), 0.12), ((1,), (), None)])
    """
    files = read_documents(path, format=format, base=base, score_is=score_is, sentences=sentences, langs=langs)
    if len(files) > 1:
        raise InputError(path, "one pair of documents", f"{len(files)}: {files[0].names}, {files[1].names} …")
    return files[0]


def read_documents(
    path: str | Path,
    *,
    format: str = "auto",
    base: int = 0,
    score_is: Direction | None = None,
    sentences: Sentences | None = None,
    langs: tuple[str, str] = ("ja", "en"),
) -> tuple[BeadFile, ...]:
    """Like `read_beads`, for files that may hold several pairs of documents (JSON lines with document names, XML with several groups of links)."""
    path = Path(path)
    if base not in (0, 1):
        raise OptionError("base", "0 or 1", base)
    if format not in ("auto", *FORMATS):
        raise OptionError("format", f"auto or one of {', '.join(FORMATS)}", format)
    chosen = _by_name(path) if format == "auto" else format
    if chosen == "tmx":
        rows = beads_xml.read_tmx(path, base, langs, sentences)
        return (_file(path, rows, "tmx", score_is),)
    if chosen == "intertext":
        return tuple(_file(path, rows, chosen, score_is, names) for names, rows in beads_xml.read_standoff(path, base))
    numbered = _trimmed(path)
    chosen = chosen or _by_look(path, numbered)
    if chosen in ("tmx", "intertext"):
        return read_documents(path, format=chosen, base=base, score_is=score_is, sentences=sentences, langs=langs)
    if chosen == "jsonl":
        parts = beads_jsonl.read(path, numbered, base) or [beads_jsonl.Part(None, [], ((), ()), None, None)]
        return tuple(
            replace(
                _file(path, p.rows, chosen, score_is, p.names),
                sentences=p.sentences,
                translations=p.translations,
                origin=p.origin,
            )
            for p in parts
        )
    readers: dict[str, Callable[[], list[Row]]] = {
        "vecalign": lambda: beads_ids.read_vecalign(path, numbered, base),
        "sentalign": lambda: beads_ids.read_vecalign(path, numbered, base),
        "hunalign": lambda: beads_ids.read_ladder(path, numbered, base),
        "columns": lambda: beads_ids.read_columns(path, numbered, base),
        "hunalign-text": lambda: beads_text.read_hunalign(path, numbered, sentences),
        "bertalign": lambda: beads_text.read_pairs(path, numbered, sentences),
        "pairs": lambda: beads_text.read_pairs(path, numbered, sentences),
        "tsv": lambda: beads_text.read_tsv(path, numbered, base, sentences),
    }
    return (_file(path, readers[chosen](), chosen, score_is),)


def rows_of(alignment: Alignment) -> tuple[Row, ...]:
    """An alignment's beads as rows."""
    return tuple(Row(tuple(b.src), tuple(b.tgt), b.score, b.probability) for b in alignment.beads)


def write_beads(
    out: TextIO | str | Path,
    alignment: Alignment,
    src: Sequence[str],
    tgt: Sequence[str],
    *,
    format: str,
    base: int = 0,
    langs: tuple[str, str] = ("ja", "en"),
    min_probability: float = 0.0,
) -> Written:
    r"""Write an alignment; a file is written beside and renamed.

    Args:
        out: an open text file, or a path.
        alignment: of all sentences of both sides.
        src: sentences of the source document.
        tgt: sentences of the target document.
        format: one of `FORMATS`; the table at the top says what each can hold.
        base: what sentence numbers count from, 0 or 1.
        langs: codes of the two languages: what stands between joined sentences, and TMX's names for them.
        min_probability: pairs of a lower one are left out of `PAIR_FORMATS` and counted; other formats hold the whole alignment always.

    Raises:
        OptionError: for an unknown format or another base.
        ValueError: where the alignment is not one of these sentences.
        OutputError: for a place that cannot be written.

    Example:
        >>> import io
        >>> from mt.types import Bead
        >>> alignment = Alignment("a", "b", (Bead(range(1), range(2), probability=0.9), Bead(range(1, 2), range(2, 2))))
        >>> file = io.StringIO()
        >>> write_beads(file, alignment, ["猫。", "犬。"], ["A", "cat."], format="sentalign")
        Written(beads=2, written=2, nulls=0, doubtful=0)
        >>> file.getvalue()
        '[0]:[0,1]:0.9\n[1]:[]\n'
    """
    counts = (sum(len(b.src) for b in alignment.beads), sum(len(b.tgt) for b in alignment.beads))
    if counts != (len(src), len(tgt)):
        raise ValueError(
            f"alignment of {counts} sentences: expected the sentences it is of, found {(len(src), len(tgt))}"
        )
    names, origin = (alignment.src_id, alignment.tgt_id), None
    if alignment.signature is not None:
        origin = f"align:{alignment.signature}"
    sheet = Sheet(src, tgt, langs, names, base, alignment.translations, origin)
    return write_rows(out, rows_of(alignment), sheet, format=format, min_probability=min_probability)


def write_rows(
    out: TextIO | str | Path, rows: Sequence[Row], sheet: Sheet, *, format: str, min_probability: float = 0.0
) -> Written:
    """Like `write_beads`, for rows, which may have a status and word links. Scores are taken as similarities."""
    if sheet.base not in (0, 1):
        raise OptionError("base", "0 or 1", sheet.base)
    pairs = [bool(row.src and row.tgt) for row in rows]
    likely = [row.probability is None or row.probability >= min_probability for row in rows]
    only_pairs = format in PAIR_FORMATS or format == "columns"
    if format not in PAIR_FORMATS:
        likely = [True] * len(rows)
    kept = [row for row, pair, good in zip(rows, pairs, likely, strict=True) if good or not pair]
    nulls, doubtful = pairs.count(False) if only_pairs else 0, len(rows) - len(kept)
    text = _dump(kept, sheet, format)
    if isinstance(out, str | Path):
        part = PartFile(Path(out))
        try:
            for piece in text:
                part.write(piece.encode("utf-8", "replace").decode("utf-8"))
            part.commit()
        finally:
            part.discard()
    else:
        for piece in text:
            out.write(piece)
    return Written(len(rows), len(rows) - nulls - doubtful, nulls, doubtful)


def _dump(rows: Sequence[Row], sheet: Sheet, format: str) -> Iterator[str]:
    writers: dict[str, Callable[[], Iterator[str]]] = {
        "vecalign": lambda: beads_ids.write_vecalign(rows, sheet.base),
        "sentalign": lambda: beads_ids.write_sentalign(rows, sheet.base),
        "hunalign": lambda: beads_ids.write_ladder(rows, sheet.base),
        "columns": lambda: beads_ids.write_columns(rows, sheet.base),
        "hunalign-text": lambda: beads_text.write_hunalign(rows, sheet),
        "bertalign": lambda: beads_text.write_pairs(rows, sheet, nulls=True),
        "pairs": lambda: beads_text.write_pairs(rows, sheet, nulls=False),
        "tsv": lambda: beads_text.write_tsv(rows, sheet),
        "jsonl": lambda: beads_jsonl.write(rows, sheet),
        "intertext": lambda: beads_xml.write_standoff(rows, sheet),
        "tmx": lambda: beads_xml.write_tmx(rows, sheet, __version__),
    }
    if format not in writers:
        raise OptionError("format", f"one of {', '.join(FORMATS)}", format)
    return writers[format]()


def _file(
    path: Path,
    rows: Sequence[Row],
    format: str,
    score_is: Direction | None,
    names: tuple[str, str] | None = None,
) -> BeadFile:
    scored = any(row.score is not None for row in rows)
    direction = (score_is or _SCORED_BY.get(format, "similarity")) if scored else None
    return BeadFile(tuple(rows), format, direction, names, path=str(path))


def _trimmed(path: Path) -> list[tuple[int, str]]:
    """Numbered lines; blank ones at the end are no content, those before it are somebody's mistake and stay."""
    numbered = list(enumerate(lines(path), 1))
    while numbered and not numbered[-1][1].strip():
        numbered.pop()
    return numbered


def _by_name(path: Path) -> str | None:
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in _COMPRESSED]
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _by_look(path: Path, numbered: Sequence[tuple[int, str]]) -> str:
    if not numbered:
        return "vecalign"  # an empty file is an alignment of nothing, in any format
    first = numbered[0][1]
    if first.lstrip("\ufeff \t").startswith("<"):
        return "tmx" if "<tmx" in "".join(text for _, text in numbered[:20]) else "intertext"
    if first.lstrip().startswith("{"):
        return "jsonl"
    found = beads_ids.looks_like(first) or beads_text.looks_like(first)
    if found == "vecalign":
        return beads_ids.which(numbered, path)
    if found == "bertalign" and any(beads_text.MARK in text for _, text in chain(numbered[:100])):
        return "hunalign-text"
    if found is None:
        raise InputError(path, f"an alignment ({', '.join(FORMATS)})", repr(first[:60]), line=numbered[0][0])
    return found
