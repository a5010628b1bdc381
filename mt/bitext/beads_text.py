"""Alignments as texts: hunalign's `-text`, Bertalign's two columns, plain pairs, and tab-separated pairs with scores and numbers.

Where a file has no numbers, they are found by looking for its texts among the sentences; white space counts for nothing there, since tools join
sentences in their own ways. hunalign's text, which leaves nothing out, can be counted through instead. A format that is a table cannot hold tabs
and line breaks (they become blanks), nor hunalign's mark ` ~~~ ` within a sentence; an empty sentence alone on its side looks like none at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from mt.bitext.beads_row import Row, Sheet, measured, number, row_at
from mt.errors import InputError, plural

MARK = " ~~~ "  # hunalign's, between the sentences of one side
_BREAKS = re.compile(r"\r\n|[\n\r\t]")
_IDS = re.compile(r"(?:\d{1,9}(?:,\d{1,9})*)?")

Lines = Iterable[tuple[int, str]]
Sentences = tuple[Sequence[str], Sequence[str]]


def read_hunalign(path: Path, lines: Lines, sentences: Sentences | None) -> list[Row]:
    """`src<TAB>tgt<TAB>confidence`, sentences of a side joined by ` ~~~ `; numbers are counted, or found where the sentences are given.

    Raises:
        InputError: for a line that is something else, or a text that is not among the sentences.
    """
    rows, at = [], [0, 0]
    ids: Sequence[Sequence[int]]
    finder = None if sentences is None else Finder(path, sentences)
    for line, text in lines:
        src, tgt, *rest = _cells(path, line, text, (2, 3), "source, target and confidence")
        score = _score(path, line, rest[0]) if rest else None
        if finder is not None:
            ids = finder.find(line, src.replace(MARK, " "), tgt.replace(MARK, " "))
        else:
            counts = [len(cell.split(MARK)) if cell else 0 for cell in (src, tgt)]
            ids = (range(at[0], at[0] + counts[0]), range(at[1], at[1] + counts[1]))
            at = [at[0] + counts[0], at[1] + counts[1]]
        rows.append(row_at(path, line, 0, ids, score=score))
    return rows


def write_hunalign(rows: Sequence[Row], sheet: Sheet) -> Iterator[str]:
    r"""The text of hunalign; a sentence's own ` ~~~ ` becomes ` ~~ `, so that the count stays right.

    Example:
        >>> list(write_hunalign([Row((0,), (0, 1), score=0.5)], Sheet(["猫。"], ["A", "cat."])))
        ['猫。\tA ~~~ cat.\t0.5\n']
    """
    for row, value in zip(rows, measured(rows), strict=True):
        sides = ([sheet.src[n] for n in row.src], [sheet.tgt[n] for n in row.tgt])
        cells = [MARK.join(_unmarked(_cell(text)) for text in side) for side in sides]
        yield "\t".join([*cells, *([] if value is None else [number(value)])]) + "\n"


def read_pairs(path: Path, lines: Lines, sentences: Sentences | None) -> list[Row]:
    """`src<TAB>tgt`, as Bertalign prints it; a null bead has an empty cell.

    Raises:
        InputError: without the sentences, for a line that is something else, or a text that is not among them.
    """
    finder = _finder(path, sentences, "two columns of text")
    rows = []
    for line, text in lines:
        src, tgt = _cells(path, line, text, (2,), "source and target")
        rows.append(row_at(path, line, 0, finder.find(line, src, tgt)))
    return rows


def write_pairs(rows: Sequence[Row], sheet: Sheet, *, nulls: bool) -> Iterator[str]:
    """Two columns; sentences joined by a blank (nothing in Japanese). With `nulls`, null beads too, one cell empty, as Bertalign does."""
    for row in rows:
        if nulls or (row.src and row.tgt):
            src, tgt = sheet.texts(row)
            yield f"{_cell(src)}\t{_cell(tgt)}\n"


def read_tsv(path: Path, lines: Lines, base: int, sentences: Sentences | None) -> list[Row]:
    """`src`, `tgt`, `score`, `probability`, source numbers, target numbers (`5,6`); fewer columns need the sentences.

    Raises:
        InputError: for a line that is something else.
    """
    rows, finder = [], None
    for line, text in lines:
        columns = "source, target, score, probability, source numbers and target numbers"
        src, tgt, *rest = _cells(path, line, text, (2, 3, 4, 6), columns)
        score = _score(path, line, rest[0]) if rest else None
        likely = _score(path, line, rest[1]) if len(rest) > 1 else None
        if len(rest) == 4:
            for cell in rest[2:]:
                if _IDS.fullmatch(cell) is None:
                    raise InputError(path, "sentence numbers, comma between", repr(cell[:40]), line=line)
            ids = [[int(n) for n in cell.split(",") if n] for cell in rest[2:]]
            rows.append(row_at(path, line, base, ids, score=score, probability=likely))
        else:
            finder = finder or _finder(path, sentences, "no columns of sentence numbers")
            found = finder.find(line, src, tgt)
            rows.append(row_at(path, line, 0, found, score=score, probability=likely))
    return rows


def write_tsv(rows: Sequence[Row], sheet: Sheet) -> Iterator[str]:
    r"""Pairs with everything a table can hold; null beads are not among them. An empty cell = not measured.

    Example:
        >>> list(write_tsv([Row((0,), (0, 1), probability=0.5)], Sheet(["猫。"], ["A", "cat."])))
        ['猫。\tA cat.\t\t0.5\t0\t0,1\n']
    """
    for row in rows:
        if row.src and row.tgt:
            numbers = ["" if value is None else number(value) for value in (row.score, row.probability)]
            ids = [",".join(str(n + sheet.base) for n in side) for side in (row.src, row.tgt)]
            yield "\t".join([*map(_cell, sheet.texts(row)), *numbers, *ids]) + "\n"


def looks_like(text: str) -> str | None:
    r"""The format of a table by its first line: `tsv`, `hunalign-text`, `bertalign`, or None.

    Example:
        >>> looks_like("猫\tCat\t0.5"), looks_like("猫\tCat"), looks_like("猫")
        ('hunalign-text', 'bertalign', None)
    """
    cells = text.split("\t")
    if len(cells) == 2:
        return "bertalign"
    if len(cells) == 3 and _float(cells[2]) is not None:
        return "hunalign-text"
    return "tsv" if len(cells) in (4, 6) else None


class Finder:
    """Texts → numbers of the sentences they are made of, looked for onwards from the last one found, then from the beginning.

    Example:
        >>> finder = Finder(Path("a.tsv"), (["猫が", "いる。", "猫が"], ["A cat.", "", "A dog."]))
        >>> finder.find(1, "猫がいる。", "A cat."), finder.find(2, "猫が", "A dog.")
        (((0, 1), (0,)), ((2,), (2,)))
    """

    def __init__(self, path: Path, sentences: Sentences) -> None:
        self._path = path
        self._sides = [[_squeezed(text) for text in side] for side in sentences]
        self._at = [0, 0]

    def find(self, line: int, src: str, tgt: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Numbers of both sides; no text is no sentence.

        Raises:
            InputError: for a text that is no run of neighbouring sentences.
        """
        return self._side(line, 0, src), self._side(line, 1, tgt)

    def _side(self, line: int, side: int, text: str) -> tuple[int, ...]:
        wanted = _squeezed(text)
        if not wanted:
            return ()
        sentences, start = self._sides[side], self._at[side]
        for first in chain(range(start, len(sentences)), range(start)):
            if sentences[first] and wanted.startswith(sentences[first]):
                count = self._run(side, first, wanted)
                if count:
                    self._at[side] = first + count
                    return tuple(range(first, first + count))
        name = ("source", "target")[side]
        raise InputError(
            self._path, f"a run of the {plural(len(sentences), f'{name} sentence')}", repr(text[:60]), line=line
        )

    def _run(self, side: int, first: int, wanted: str) -> int:
        """How many sentences from `first` on make the text; 0 where they do not."""
        sentences, at = self._sides[side], 0
        for count in range(len(sentences) - first):
            if not wanted.startswith(sentences[first + count], at):
                return 0
            at += len(sentences[first + count])
            if at == len(wanted):
                return count + 1
        return 0


def _finder(path: Path, sentences: Sentences | None, found: str) -> Finder:
    if sentences is None:
        raise InputError(path, "sentence numbers, or the sentences of both sides given beside it", found)
    return Finder(path, sentences)


def _cells(path: Path, line: int, text: str, counts: Sequence[int], names: str) -> list[str]:
    cells = text.split("\t")
    if len(cells) not in counts:
        raise InputError(path, f"columns of {names}", plural(len(cells), "column"), line=line)
    return cells


def _score(path: Path, line: int, text: str) -> float | None:
    if not text:
        return None
    value = _float(text)
    if value is None:
        raise InputError(path, "a number", repr(text[:40]), line=line)
    return value


def _float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _cell(text: str) -> str:
    return _BREAKS.sub(" ", text)


def _unmarked(text: str) -> str:
    return text.replace(MARK, " ~~ ")
