"""Where two documents are cut before they are aligned: at beads that a person fixed, and at paragraph borders that are to be hard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mt.align.options import AlignOptions
from mt.align.side import Side
from mt.errors import OptionError
from mt.types import Bead


@dataclass(frozen=True, slots=True)
class Piece:
    """Sentences that are aligned with each other; `bead` where that is decided already."""

    src: range
    tgt: range
    bead: Bead | None = None


def pieces(src: Side, tgt: Side, options: AlignOptions, fixed: Sequence[Bead] = ()) -> list[Piece]:
    """Cut two documents; every sentence of both is in exactly one piece, in order.

    Args:
        src: the source document.
        tgt: the target document.
        options: `hard` cuts at paragraphs.
        fixed: beads that stand, in any order.

    Raises:
        OptionError: where `hard` is asked for and the sides have no or not equally many paragraphs; where fixed beads overlap, cross, leave
            the documents, or cross a hard border.

    Example:
        >>> a, b = Side(("一", "二", "三"), "ja"), Side(("one", "two"), "en")
        >>> [(p.src, p.tgt, p.bead is None) for p in pieces(a, b, AlignOptions(), [Bead(range(1, 2), range(1, 2))])]
        [(range(0, 1), range(0, 1), True), (range(1, 2), range(1, 2), False), (range(2, 3), range(2, 2), True)]
    """
    found: list[Piece] = []
    at = (0, 0)
    for bead in _ordered(fixed, len(src), len(tgt)):
        # the empty side of a fixed null bead says only roughly where it stands: it goes to where its neighbours leave it
        start = (
            max(bead.src.start, at[0]) if bead.src else min(max(bead.src.start, at[0]), len(src)),
            max(bead.tgt.start, at[1]) if bead.tgt else min(max(bead.tgt.start, at[1]), len(tgt)),
        )
        if start != at:
            found.append(Piece(range(at[0], start[0]), range(at[1], start[1])))
        at = (start[0] + len(bead.src), start[1] + len(bead.tgt))
        placed = Bead(range(start[0], at[0]), range(start[1], at[1]), bead.score, bead.probability)
        found.append(Piece(placed.src, placed.tgt, placed))
    if at != (len(src), len(tgt)):
        found.append(Piece(range(at[0], len(src)), range(at[1], len(tgt))))
    borders = set(_borders(src, tgt)) if options.hard else set()
    if options.chapters:
        borders |= set(chapters(src, tgt)) - {(0, 0)}
    return _cut(found, sorted(borders)) if borders else found


def chapters(src: Side, tgt: Side) -> list[tuple[int, int]]:
    """Headings of two documents that begin the same chapters: those down to the deepest level to which both have equal levels in equal order.

    Example:
        >>> one = Side(("T", "a", "S", "b", "S", "c"), "en", None, ((0, 1), (2, 2), (4, 2)))
        >>> two = Side(("題", "節", "甲。", "乙。", "節", "丙。"), "ja", None, ((0, 1), (1, 2), (4, 2)))
        >>> chapters(one, two), chapters(one, Side(("題", "節"), "ja", None, ((0, 1), (1, 2))))
        ([(0, 0), (2, 1), (4, 4)], [(0, 0)])
    """
    found: list[tuple[int, int]] = []
    for deepest in sorted({level for side in (src, tgt) for _, level in side.headings}):
        first, second = ([(i, n) for i, n in side.headings if n <= deepest] for side in (src, tgt))
        if [n for _, n in first] != [n for _, n in second]:
            break
        found = [(i, j) for (i, _), (j, _) in zip(first, second, strict=True)]
    return found


def _ordered(fixed: Sequence[Bead], n: int, m: int) -> list[Bead]:
    ordered = sorted(fixed, key=lambda bead: (bead.src.start, bead.tgt.start, bead.src.stop, bead.tgt.stop))
    src = tgt = 0
    for bead in ordered:
        inside = bead.src.stop <= n and bead.tgt.stop <= m
        if not inside or (bead.src and bead.src.start < src) or (bead.tgt and bead.tgt.start < tgt):
            expected = f"beads in order, without overlap, of {n} and {m} sentences"
            raise OptionError("fixed", expected, f"{_shown(bead.src)}:{_shown(bead.tgt)}")
        src, tgt = max(src, bead.src.stop if bead.src else 0), max(tgt, bead.tgt.stop if bead.tgt else 0)
    return ordered


def _shown(run: range) -> str:
    return str(list(run))


def _borders(src: Side, tgt: Side) -> list[tuple[int, int]]:
    first, second = src.first_of_paragraph(), tgt.first_of_paragraph()
    if first is None or second is None:
        raise OptionError("hard", "paragraphs on both sides", "none on one of them")
    if len(first) != len(second):
        raise OptionError("hard", "equally many paragraphs on both sides", f"{len(first)} and {len(second)}")
    return list(zip(first, second, strict=True))[1:]


def _cut(found: list[Piece], borders: list[tuple[int, int]]) -> list[Piece]:
    cut: list[Piece] = []
    waiting = list(reversed(borders))
    for piece in found:
        i, j = piece.src.start, piece.tgt.start
        while waiting and waiting[-1] <= (piece.src.stop, piece.tgt.stop):
            a, b = waiting[-1]
            if not (i <= a <= piece.src.stop and j <= b <= piece.tgt.stop):
                raise OptionError("fixed", f"no bead across the border at sentences {a} and {b}", _where(piece))
            waiting.pop()
            if piece.bead is not None and (a, b) not in ((i, j), (piece.src.stop, piece.tgt.stop)):
                raise OptionError("fixed", f"no bead across the border at sentences {a} and {b}", _where(piece))
            if piece.bead is None and (a, b) != (i, j):
                cut.append(Piece(range(i, a), range(j, b)))
                i, j = a, b
        if piece.bead is not None or (i, j) != (piece.src.stop, piece.tgt.stop):
            cut.append(Piece(range(i, piece.src.stop), range(j, piece.tgt.stop), piece.bead))
    return cut


def _where(piece: Piece) -> str:
    return f"{_shown(piece.src)}:{_shown(piece.tgt)}"
