"""Alignments as numbers alone: Vecalign, SentAlign, hunalign's ladder, and two columns of numbers.

None of them holds texts, names, status or links, and only one number a row: the probability where there is one, else the score. The ladder
holds complete, monotone alignments only; columns hold no null beads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mt.bitext.beads_row import Row, measured, number, row_at
from mt.errors import InputError

_LIST = r"\[\s*((?:\d{1,9}\s*(?:,\s*\d{1,9}\s*)*)?)\]"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
_VECALIGN = re.compile(rf"\s*{_LIST}\s*:\s*{_LIST}\s*(?::\s*({_NUMBER})\s*)?")
_RUNG = re.compile(rf"(\d{{1,9}})\t(\d{{1,9}})(?:\t({_NUMBER}))?")
_COLUMNS = re.compile(r"\s*(\d{1,9}(?:,\d{1,9})*)\s+(\d{1,9}(?:,\d{1,9})*)\s*")

Lines = Iterable[tuple[int, str]]


def read_vecalign(path: Path, lines: Lines, base: int) -> list[Row]:
    """`[8, 9]:[10, 11]:0.139594`, a bead a line; the score may be missing, as in gold files. SentAlign's differ in the meaning of the score only.

    Raises:
        InputError: for a line that is something else.
    """
    rows = []
    for line, text in lines:
        if (match := _VECALIGN.fullmatch(text)) is None:
            raise InputError(
                path, "[source numbers]:[target numbers] or with :score behind", repr(text[:60]), line=line
            )
        src, tgt, score = match.groups()
        rows.append(row_at(path, line, base, (_ids(src), _ids(tgt)), score=None if score is None else float(score)))
    return rows


def write_vecalign(rows: Sequence[Row], base: int) -> Iterator[str]:
    r"""Vecalign's own way: lower is better, so 1 - probability is written where there are probabilities, else the score with its sign turned.

    Example:
        >>> list(write_vecalign([Row((0,), (0, 1), probability=0.875)], 0))
        ['[0]:[0, 1]:0.125\n']
    """
    likely = any(row.probability is not None for row in rows)
    for row, value in zip(rows, measured(rows), strict=True):
        cost = "" if value is None else ":" + number(1 - value if likely else -value)
        yield f"{_list(row.src, base, ', ')}:{_list(row.tgt, base, ', ')}{cost}\n"


def write_sentalign(rows: Sequence[Row], base: int) -> Iterator[str]:
    r"""SentAlign's `.path`: no blank behind the comma, and higher is better.

    Example:
        >>> list(write_sentalign([Row((0,), (0, 1), probability=0.875)], 0))
        ['[0]:[0,1]:0.875\n']
    """
    for row, value in zip(rows, measured(rows), strict=True):
        score = "" if value is None else ":" + number(value)
        yield f"{_list(row.src, base, ',')}:{_list(row.tgt, base, ',')}{score}\n"


def read_ladder(path: Path, lines: Lines, base: int) -> list[Row]:
    """A ladder of hunalign: `src<TAB>tgt<TAB>confidence`, a bead from each rung to the next; a rung's confidence is that of the bead it begins.

    Raises:
        InputError: for a line that is something else, a first rung that is not the beginning, or a rung below the one before.
    """
    rows: list[Row] = []
    last: tuple[int, int, int, str | None] | None = None
    for line, text in lines:
        if (match := _RUNG.fullmatch(text.rstrip())) is None:
            raise InputError(path, "source and target position, and confidence, in columns", repr(text[:60]), line=line)
        src, tgt, score = int(match[1]), int(match[2]), match[3]
        if last is None:
            if (src, tgt) != (base, base):
                raise InputError(path, f"a first rung {base} {base}", f"{src} {tgt}", line=line)
        else:
            start, below, before, value = last
            if src < start or tgt < below or (src, tgt) == (start, below):
                raise InputError(path, f"a rung beyond {start} {below}", f"{src} {tgt}", line=line)
            ids = range(start, src), range(below, tgt)
            rows.append(row_at(path, before, base, ids, score=None if value is None else float(value)))
        last = src, tgt, line, score
    if last is None:
        raise InputError(path, f"a first rung {base} {base}", "nothing")
    return rows


def write_ladder(rows: Sequence[Row], base: int) -> Iterator[str]:
    r"""Rungs from the beginning to the end, which has the confidence 0 as nothing begins there.

    Raises:
        ValueError: for rows that are no complete, monotone alignment.

    Example:
        >>> "".join(write_ladder([Row((0,), (0, 1), score=0.5), Row((1,), ())], 0))
        '0\t0\t0.5\n1\t2\n2\t2\t0\n'
    """
    src = tgt = 0
    values = measured(rows)
    for row, value in zip(rows, values, strict=True):
        if row.src != tuple(range(src, src + len(row.src))) or row.tgt != tuple(range(tgt, tgt + len(row.tgt))):
            raise ValueError(f"ladder: expected the sentences behind {src} and {tgt}, found {row.src} and {row.tgt}")
        yield f"{src + base}\t{tgt + base}" + ("" if value is None else f"\t{number(value)}") + "\n"
        src, tgt = src + len(row.src), tgt + len(row.tgt)
    end = "" if all(value is None for value in values) and values else "\t0"
    yield f"{src + base}\t{tgt + base}{end}\n"


def read_columns(path: Path, lines: Lines, base: int) -> list[Row]:
    """`5,6 5`: source numbers, white space, target numbers.

    Raises:
        InputError: for a line that is something else.
    """
    rows = []
    for line, text in lines:
        if (match := _COLUMNS.fullmatch(text)) is None:
            raise InputError(path, "source numbers, a blank, target numbers", repr(text[:60]), line=line)
        rows.append(row_at(path, line, base, (_ids(match[1]), _ids(match[2]))))
    return rows


def write_columns(rows: Sequence[Row], base: int) -> Iterator[str]:
    r"""Null beads cannot be written so, and are not.

    Example:
        >>> list(write_columns([Row((4, 5), (4,)), Row((6,), ())], 1))
        ['5,6 5\n']
    """
    for row in rows:
        if row.src and row.tgt:
            yield ",".join(str(n + base) for n in row.src) + " " + ",".join(str(n + base) for n in row.tgt) + "\n"


def looks_like(text: str) -> str | None:
    r"""The format of a file by its first line: `vecalign`, `hunalign`, `columns` or None.

    A line of two numbers may be a rung or a bead; only a ladder can begin with two equal numbers and a tab between them.

    Example:
        >>> looks_like("[0]:[0, 1]"), looks_like("0\t0\t0.3"), looks_like("1,2 1"), looks_like("猫\tCat")
        ('vecalign', 'hunalign', 'columns', None)
    """
    if _VECALIGN.fullmatch(text):
        return "vecalign"
    if (match := _RUNG.fullmatch(text.rstrip())) and match[1] == match[2]:
        return "hunalign"
    return "columns" if _COLUMNS.fullmatch(text) else None


def which(lines: Sequence[tuple[int, str]], path: Path) -> str:
    """`vecalign` or `sentalign`: the latter puts no blank behind a comma; where there is no comma, its files end in `.path`.

    Example:
        >>> which([(1, "[0]:[0,1]:0.75")], Path("a")), which([(1, "[0]:[0, 1]:0.75")], Path("a.path")), which([(1, "[0]:[0]")], Path("a"))
        ('sentalign', 'vecalign', 'vecalign')
    """
    if any(", " in text for _, text in lines):
        return "vecalign"
    return "sentalign" if path.suffix == ".path" or any("," in text for _, text in lines) else "vecalign"


def _ids(text: str) -> list[int]:
    return [int(word) for word in text.split(",")] if text.strip() else []


def _list(ids: Sequence[int], base: int, comma: str) -> str:
    return f"[{comma.join(str(n + base) for n in ids)}]"
