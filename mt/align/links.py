"""Links between the words of a pair: taken from matrices of scores, put together from two directions or several methods, carried to characters.

A *matrix* here is a float array of shape (src words, tgt words), higher = likelier linked; *cells* are (src word, tgt word), 0-based. Either side
may be empty: then there are no links.

Sources: mutual best and itermax from Jalili Sabet et al. 2020 ("SimAlign"), section 3.2; CSLS from Conneau et al. 2018 ("Word translation
without parallel data"), section 2.3; growing along diagonals from Koehn, Och and Marcu 2003 and Koehn et al. 2005 (final-and).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from mt.text.tokens import Tokens, overlaps
from mt.types import Links

Matrix = npt.NDArray[np.floating]
Cells = frozenset[tuple[int, int]]

HEURISTICS = ("intersection", "union", "grow-diag", "grow-diag-final", "grow-diag-final-and")
_SIDES = ((-1, 0), (0, -1), (1, 0), (0, 1))
_CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def mutual_best(scores: Matrix) -> Cells:
    """Cells that are the best of both their row and their column; of equals, the first.

    Example:
        >>> sorted(mutual_best(np.array([[0.9, 0.8], [0.7, 0.1]])))
        [(0, 0)]
    """
    if not scores.size:
        return frozenset()
    rows, columns = scores.argmax(axis=1), scores.argmax(axis=0)
    return frozenset((i, int(j)) for i, j in enumerate(rows) if columns[j] == i)


def itermax(scores: Matrix, rounds: int = 2, damping: float = 0.9) -> Cells:
    """Mutual best again and again: cells in a row or column that has a link count less, those that have both are out.

    Args:
        scores: ≥ 0; of negative ones the least is taken off first.
        rounds: ≥ 1; 1 is mutual best.
        damping: from 0 to 1, what a cell beside a link is multiplied by; the paper's 0.9.

    Example:
        >>> sorted(itermax(np.array([[0.9, 0.8], [0.7, 0.1]])))
        [(0, 0), (0, 1), (1, 0)]
    """
    if not scores.size:
        return frozenset()
    level = scores - min(float(scores.min()), 0.0)
    found: set[tuple[int, int]] = set()
    for _ in range(rounds):
        rows, columns = np.zeros(len(level), bool), np.zeros(level.shape[1], bool)
        for i, j in found:
            rows[i] = columns[j] = True
        either = rows[:, None] | columns[None, :]
        both = rows[:, None] & columns[None, :]
        now = np.where(both, 0.0, np.where(either, level * damping, level))
        new = {(i, j) for i, j in mutual_best(now) if now[i, j] > 0} - found
        if not new:
            break
        found |= new
    return frozenset(found)


def csls(scores: Matrix, neighbours: int = 3) -> Matrix:
    """Cross-domain similarity local scaling: twice the similarity, less the means of the row's and of the column's nearest.

    A word that is near to everything (a hub) is no longer everything's best.

    Args:
        scores: cosines.
        neighbours: how many are averaged, ≥ 1; at most as many as there are.

    Example:
        >>> csls(np.array([[0.9, 0.8], [0.1, 0.7]]), 1).round(1).tolist()
        [[0.0, -0.1], [-1.4, -0.1]]
    """
    if not scores.size:
        return scores
    rows = np.sort(scores, axis=1)[:, -neighbours:].mean(axis=1, keepdims=True)
    columns = np.sort(scores, axis=0)[-neighbours:].mean(axis=0, keepdims=True)
    return np.asarray(2 * scores - rows - columns)


def off_diagonal(shape: tuple[int, int]) -> Matrix:
    """How far each cell is from the diagonal, from 0 to 1: the difference of the relative positions of its words.

    Example:
        >>> off_diagonal((2, 3)).tolist()
        [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]
    """
    rows, columns = (np.arange(n) / max(n - 1, 1) for n in shape)
    return np.asarray(np.abs(rows[:, None] - columns[None, :]))


def symmetrize(src_to_tgt: Iterable[tuple[int, int]], tgt_to_src: Iterable[tuple[int, int]], heuristic: str) -> Cells:
    """The links of two directions made into one set; cells are (src, tgt) in both.

    Growing begins with what both have and takes in, as long as there is any, cells of the union beside a link (diagonals too) of which a
    word has no link. `final` then adds cells of each direction of which a word has none, `final-and` those of which neither has one.

    Raises:
        ValueError: for a heuristic that is none of `HEURISTICS`.

    Example:
        >>> sorted(symmetrize({(0, 0), (1, 1), (3, 3)}, {(0, 0), (0, 1), (3, 2)}, "grow-diag"))
        [(0, 0), (0, 1), (1, 1)]
    """
    one, other = frozenset(src_to_tgt), frozenset(tgt_to_src)
    if heuristic not in HEURISTICS:
        raise ValueError(f"symmetrization: expected one of {', '.join(HEURISTICS)}, found {heuristic!r}")
    if heuristic == "intersection":
        return one & other
    if heuristic == "union":
        return one | other
    found = _grown(one & other, one | other)
    if heuristic != "grow-diag":
        rows, columns = {i for i, _ in found}, {j for _, j in found}
        for direction in (one, other):
            for i, j in sorted(direction):
                free = (i not in rows, j not in columns)
                if all(free) if heuristic.endswith("and") else any(free):
                    found.add((i, j))
                    rows.add(i)
                    columns.add(j)
    return frozenset(found)


def _grown(both: Cells, either: Cells) -> set[tuple[int, int]]:
    """The published loop: over words of the source, over words of the target, again until nothing is added; what is added counts at once."""
    found = set(both)
    rows, columns = {i for i, _ in found}, {j for _, j in found}
    left = either - found
    added = True
    while added and left:
        added = False
        for i, j in sorted(either):
            if (i, j) not in found:
                continue
            for down, right in (*_SIDES, *_CORNERS):
                cell = (i + down, j + right)
                if cell in left and cell not in found and (cell[0] not in rows or cell[1] not in columns):
                    found.add(cell)
                    rows.add(cell[0])
                    columns.add(cell[1])
                    added = True
    return found


def carried(cells: Iterable[tuple[int, int]], cut: tuple[Tokens, Tokens], other: tuple[Tokens, Tokens]) -> Cells:
    """Links of one cut of a pair as links of another: words that share a character with linked ones are linked.

    Example:
        >>> from mt.text.tokens import Tokens, given
        >>> fine = (Tokens("である", ((0, 1), (1, 2), (2, 3))), given("is"))
        >>> sorted(carried({(0, 0)}, (given("である"), given("is")), fine))
        [(0, 0), (1, 0), (2, 0)]
    """
    rows, columns = (overlaps(a.spans, b.spans) for a, b in zip(cut, other, strict=True))
    return frozenset((i, j) for a, b in cells for i in rows[a] for j in columns[b])


def to_characters(cells: Iterable[tuple[int, int]], src: Tokens, tgt: Tokens) -> Links:
    """Cells → spans of characters.

    Example:
        >>> from mt.text.tokens import given
        >>> to_characters({(1, 0)}, given("猫 が"), given("cat")).spans
        (((2, 3), (0, 3)),)
    """
    return Links(tuple(sorted((src.spans[i], tgt.spans[j]) for i, j in cells)))


def to_cells(links: Links, src: Tokens, tgt: Tokens) -> Cells:
    """Spans of characters → cells of a cut, every word that a linked span touches; the inverse of `to_characters` on the same cut."""
    rows = overlaps_any([a for a, _ in links.spans], src)
    columns = overlaps_any([b for _, b in links.spans], tgt)
    return frozenset((i, j) for a, b in zip(rows, columns, strict=True) for i in a for j in b)


def overlaps_any(spans: Sequence[tuple[int, int]], tokens: Tokens) -> list[range]:
    """As `mt.text.tokens.overlaps`, for spans in any order that may overlap each other."""
    starts = np.array([a for a, _ in tokens.spans], dtype=int)
    ends = np.array([b for _, b in tokens.spans], dtype=int)
    return [
        range(int(np.searchsorted(ends, start, "right")), int(np.searchsorted(starts, end, "left")))
        for start, end in spans
    ]
