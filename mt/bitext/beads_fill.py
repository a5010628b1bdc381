"""Rows → Alignment: monotone, every sentence in exactly one bead; and the rows that a person stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mt.bitext.beads_row import MAN, BeadFile, Row
from mt.errors import InputError
from mt.types import Alignment, Bead

_Run = tuple[int, range, Row | None]  # (place among the rows, sentences, their row)


def person_made(file: BeadFile) -> tuple[Row, ...]:
    """Rows that a person made or confirmed: those with the status `man`; all of a file that has no status anywhere, as gold files have not.

    Example:
        >>> len(person_made(BeadFile((Row((0,), (0,)), Row((1,), (1,), status="man")), "jsonl")))
        1
    """
    if all(row.status is None for row in file.rows):
        return file.rows
    return tuple(row for row in file.rows if row.status == MAN)


def to_alignment(file: BeadFile, n_src: int, n_tgt: int, *, ids: tuple[str, str] | None = None) -> Alignment:
    """The alignment that a file describes; sentences in no row become null beads of their own. Scores become similarities.

    Args:
        file: its rows may stand in any order.
        n_src: sentences of the source document.
        n_tgt: sentences of the target document.
        ids: names of the documents; None = the file's, else `src` and `tgt`.

    Raises:
        InputError: naming the first row, in the order of the source, that repeats a sentence, is no run of neighbours, crosses another, or
            names a sentence that is not there.

    Example:
        >>> a = to_alignment(BeadFile((Row((0, 1), (0,)), Row((), (2,))), "vecalign"), 2, 3)
        >>> [(tuple(b.src), tuple(b.tgt)) for b in a.beads]
        [((0, 1), (0,)), ((), (1,)), ((), (2,))]
    """
    sides = [_runs(file, 0, n_src), _runs(file, 1, n_tgt)]
    beads: list[Bead] = []
    at = [0, 0]
    while at[0] < len(sides[0]) or at[1] < len(sides[1]):
        heads = [side[k] if k < len(side) else None for side, k in zip(sides, at, strict=True)]
        single = [head is not None and _is_null(head) for head in heads]
        if any(single):
            # of two null beads that meet, the one that stands first in the file; of two that do not, the only one there is
            side = 0 if single[0] and (not single[1] or _place(heads[0]) <= _place(heads[1])) else 1
            beads.append(_bead(file, heads[0] if side == 0 else None, heads[1] if side == 1 else None, beads))
            at[side] += 1
        elif heads[0] is not None and heads[1] is not None and heads[0][2] is heads[1][2]:
            beads.append(_bead(file, heads[0], heads[1], beads))
            at = [at[0] + 1, at[1] + 1]
        else:
            raise _crossing(file, heads[0] or heads[1])
    names = ids or file.names or ("src", "tgt")
    return Alignment(names[0], names[1], tuple(beads), translations=file.translations)


def _runs(file: BeadFile, side: int, count: int) -> list[_Run]:
    """One side of the rows, ascending and without a gap; what no row names stands alone, with the place before the rows."""
    name = ("source", "target")[side]
    owner: dict[int, int] = {}
    runs: list[_Run] = []
    for place, row in enumerate(file.rows):
        numbers = sorted((row.src, row.tgt)[side])
        for n in numbers:
            if n >= count:
                raise InputError(file.path, f"{name} sentences up to {count - 1:,}", f"{n:,}", line=row.line)
            if n in owner:
                before = file.rows[owner[n]].line
                where = "" if before is None else f" (line {before:,})"
                raise InputError(file.path, "every sentence once", f"{name} sentence {n:,} again{where}", line=row.line)
            owner[n] = place
        if numbers and numbers[-1] - numbers[0] + 1 != len(numbers):
            raise InputError(file.path, f"neighbouring {name} sentences", str(numbers), line=row.line)
        if numbers:
            runs.append((place, range(numbers[0], numbers[-1] + 1), row))
    runs += [(-1, range(n, n + 1), None) for n in range(count) if n not in owner]
    return sorted(runs, key=lambda run: run[1].start)


def _is_null(run: _Run) -> bool:
    return run[2] is None or not (run[2].src and run[2].tgt)


def _place(run: _Run | None) -> int:
    return -1 if run is None else run[0]


def _bead(file: BeadFile, src: _Run | None, tgt: _Run | None, before: Sequence[Bead]) -> Bead:
    ends = (before[-1].src.stop, before[-1].tgt.stop) if before else (0, 0)
    row = (src or tgt or (0, range(0), None))[2]
    score = None if row is None or row.score is None else -row.score if file.score_is == "cost" else row.score
    return Bead(
        src[1] if src else range(ends[0], ends[0]),
        tgt[1] if tgt else range(ends[1], ends[1]),
        score,
        None if row is None else row.probability,
    )


def _crossing(file: BeadFile, run: _Run | None) -> InputError:
    row = run[2] if run else None
    numbers = ("", None) if row is None else (f"{list(row.src)}:{list(row.tgt)}", row.line)
    expected = "beads in the order of both documents"
    return InputError(file.path, expected, f"{numbers[0]}, which crosses another", line=numbers[1])


def origins(file: BeadFile, alignment: Alignment) -> Iterator[Row | None]:
    """For each bead of an alignment made of a file the row it came from; None for a bead that was filled in."""
    rows = {(tuple(sorted(row.src)), tuple(sorted(row.tgt))): row for row in file.rows}
    for bead in alignment.beads:
        yield rows.get((tuple(bead.src), tuple(bead.tgt)))
