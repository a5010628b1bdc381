"""What every alignment format gives: rows of sentence numbers. The formats themselves are `beads_*.py`; `beads.py` opens and writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mt.errors import InputError
from mt.types import Links

Direction = Literal["cost", "similarity"]
MAN = "man"  # status of a row that a person made or found right; InterText's word

UNSPACED = frozenset({"ja", "zh", "th"})  # written without spaces between sentences


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an alignment file; unlike a `Bead` it may cross others, skip sentences, or stand beside a second row for the same one.

    Attributes:
        src: numbers of the source sentences, 0-based, in the file's order, none twice.
        tgt: numbers of the target sentences.
        score: as the file has it; `BeadFile.score_is` says which end is good.
        probability: from 0 to 1, that a person would have made the same bead; None where the file does not say.
        status: `man` where a person made or confirmed it; whatever else the file says; None where it says nothing.
        links: aligned words, spans of the sentences joined by `joiner` of their language.
        line: 1-based, where it stood; None for a row that came from no file.
    """

    src: tuple[int, ...]
    tgt: tuple[int, ...]
    score: float | None = None
    probability: float | None = None
    status: str | None = None
    links: Links | None = None
    line: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError for a negative or repeated number, a score that is none, or a probability outside 0 to 1."""
        for side in (self.src, self.tgt):
            if any(n < 0 for n in side):
                raise ValueError(f"sentence numbers from 0, found {min(side)}")
            if len(set(side)) != len(side):
                raise ValueError(f"each sentence once, found {list(side)}")
        if self.score is not None and not math.isfinite(self.score):
            raise ValueError(f"a score, found {self.score}")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise ValueError(f"a probability from 0 to 1, found {self.probability}")


@dataclass(frozen=True, slots=True)
class BeadFile:
    """An alignment file as it was read.

    Attributes:
        rows: in the file's order, numbers 0-based whatever the file counts from.
        format: its name, one of `beads.FORMATS`.
        score_is: `cost` (lower is better), `similarity` (higher is better), or None for a file without scores.
        names: of the two documents, where the file names them.
        sentences: both sides, where the file itself holds every sentence.
        path: where it was read.
        translations: probability that the two documents are translations of each other, where the file says it.
        origin: how the alignment was made, where the file says it.
    """

    rows: tuple[Row, ...]
    format: str
    score_is: Direction | None = None
    names: tuple[str, str] | None = None
    sentences: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    path: str = "alignment"
    translations: float | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a writer needs beside the rows.

    Attributes:
        src: sentences of the source document.
        tgt: sentences of the target document.
        langs: codes of the two languages; they choose what stands between joined sentences.
        names: of the two documents.
        base: what sentence numbers count from, 0 or 1.
        translations: probability that the two documents are translations of each other; None when nothing measured it.
        origin: how the alignment was made; None where nobody knows.
    """

    src: Sequence[str]
    tgt: Sequence[str]
    langs: tuple[str, str] = ("ja", "en")
    names: tuple[str, str] = ("src", "tgt")
    base: int = 0
    translations: float | None = None
    origin: str | None = None

    def texts(self, row: Row) -> tuple[str, str]:
        """Both sides of a row, joined."""
        return (
            joiner(self.langs[0]).join(self.src[n] for n in row.src),
            joiner(self.langs[1]).join(self.tgt[n] for n in row.tgt),
        )


def joiner(lang: str) -> str:
    """What stands between two sentences: nothing in languages written without spaces, else a space.

    Example:
        >>> joiner("ja"), joiner("en-GB")
        ('', ' ')
    """
    return "" if lang.partition("-")[0].lower() in UNSPACED else " "


def row_at(
    path: Path,
    line: int,
    base: int,
    ids: Sequence[Sequence[int]],
    *,
    score: float | None = None,
    probability: float | None = None,
    status: str | None = None,
    links: Links | None = None,
) -> Row:
    """A row whose numbers count from `base` in the file; what is wrong with it is an InputError of its line."""
    src, tgt = ids
    for n in (*src, *tgt):
        if n < base:
            raise InputError(path, f"sentence numbers from {base}", str(n), line=line)
    try:
        return Row(tuple(n - base for n in src), tuple(n - base for n in tgt), score, probability, status, links, line)
    except ValueError as e:
        expected, _, found = str(e).partition(", found ")
        raise InputError(path, expected, found or "something else", line=line) from None


def measured(rows: Sequence[Row]) -> list[float | None]:
    """The one number a row that a format with one column holds: its probability where the file has any, else its score.

    Example:
        >>> measured([Row((0,), (0,), score=3.0), Row((1,), ())])
        [3.0, None]
        >>> measured([Row((0,), (0,), score=3.0, probability=0.5), Row((1,), ())])
        [0.5, None]
    """
    likely = any(row.probability is not None for row in rows)
    return [row.probability if likely else row.score for row in rows]


def number(value: float) -> str:
    """Six significant digits, without an exponent where it can be.

    Example:
        >>> number(0.12), number(1 / 3), number(-0.0)
        ('0.12', '0.333333', '0')
    """
    return f"{value + 0.0:.6g}"
