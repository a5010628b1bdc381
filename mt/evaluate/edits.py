"""Edits of the translation edit rate: words inserted, deleted, replaced, and blocks of words moved, counted as one edit each.

Snover et al. 2006, section 3: the best single move is made as long as it lowers the edit distance of what is left. Which moves are tried, how ties
are broken and where the search stops are Tercom's habits as sacrebleu keeps them, so that the counts are the same. Two things take a small
part of the time: a row of the table of distances is two whole numbers, a bit a reference word (Myers 1999; Hyyrö 2003), and the
rows before the first word that a move changes are not computed again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Tercom's limits: words of a block, places it moves, cells on each side of the diagonal; and sacrebleu's: moves tried for a segment
_BLOCK, _DISTANCE, _BEAM, _MOVES = 10, 50, 25, 1000
_FAR = 1 << 30  # more than any distance

_Rows = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Move:
    """`length` words from `start` go before place `target`."""

    start: int
    length: int
    target: int

    def made(self, words: list[str]) -> list[str]:
        block = words[self.start : self.start + self.length]
        rest = words[: self.start] + words[self.start + self.length :]
        # a place behind the block is one of the words as they stood; one inside it counts from the block's start in what is left
        place = self.target - self.length if self.target > self.start + self.length else self.target
        return rest[:place] + block + rest[place:]


def edits(hypothesis: Sequence[str], reference: Sequence[str]) -> int:
    """Edits that turn the words of a hypothesis into those of a reference.

    Example:
        >>> edits("on the mat sat a cat".split(), "a cat sat on the mat".split())
        2
    """
    if not reference:
        return len(hypothesis)
    words, moves, tried = list(hypothesis), 0, 0
    table = _Distances(reference)
    while True:
        distance = table.of(words)
        options = list(_moves(words, table, _MOVES - tried)) if distance else []
        tried += len(options)
        if not options or tried >= _MOVES:
            return moves + distance
        after = [table.moved(move) for move in options]
        # Tercom's order: the highest gain, then the longest block, then the first block, then the first place
        best = min(
            range(len(options)), key=lambda k: (after[k], -options[k].length, options[k].start, options[k].target)
        )
        if after[best] >= distance:
            return moves + distance
        words = options[best].made(words)
        moves += 1


class _Distances:
    """Edit distances of one reference and hypotheses of one length, the beginnings of one of them kept.

    Row i of the table is two numbers: bit j − 1 of the first is set where D[i][j] = D[i][j − 1] + 1, of the second where it is 1 less.

    Tercom searches a band around the diagonal only. Where one best path stays within it, the band changes nothing: neither the distance nor, as
    ties are broken in one order, the path that is followed back. A path of d edits that ends δ off the diagonal leaves it by (d + |δ|) / 2 at
    most, so for most hypotheses nothing has to be looked at; for the others the path is; and where it does leave the band, the rows are
    computed within it, as lists.
    """

    def __init__(self, reference: Sequence[str]) -> None:
        self.ref = list(reference)
        self.all = (1 << len(self.ref)) - 1
        self.places: dict[str, int] = {}
        for j, word in enumerate(self.ref):
            self.places[word] = self.places.get(word, 0) | 1 << j
        self.words: list[str] = []
        self.rows: _Rows = []
        self.band: list[list[int]] | None = None

    def of(self, words: list[str]) -> int:
        """Distance of a hypothesis, whose rows are kept."""
        self.words, self.band = words, None
        self.rows = self._rows(words, [(self.all, 0)])
        distance = self.at(len(words), len(self.ref))
        if self._may_leave(distance) and self._leaves(words, self.rows):
            self.band = self._banded(words)
            return self.band[-1][-1]
        return distance

    def moved(self, move: _Move) -> int:
        """Distance of the hypothesis kept after a move."""
        words, first = move.made(self.words), min(move.start, move.target)
        rows = self._rows(words[first:], self.rows[: first + 1])
        distance = _at(rows, len(words), len(self.ref))
        if self._may_leave(distance) and self._leaves(words, rows):
            return self._banded(words)[-1][-1]
        return distance

    def at(self, i: int, j: int) -> int:
        """Distance of the first i words kept and the first j of the reference."""
        return _at(self.rows, i, j) if self.band is None else self.band[i][j]

    def _may_leave(self, distance: int) -> bool:
        off = abs(len(self.ref) - len(self.words))
        return len(self.ref) >= _BEAM and distance + off > 2 * (_BEAM - 2)

    def _leaves(self, words: list[str], rows: _Rows) -> bool:
        i, j = len(words), len(self.ref)
        here = _at(rows, i, j)
        while i:
            low, high = self._limits(i, len(words))
            if not low <= j < high:
                return True
            diagonal, above = (_at(rows, i - 1, j - 1) if j else _FAR), _at(rows, i - 1, j)
            if diagonal + (j == 0 or words[i - 1] != self.ref[j - 1]) == here:
                i, j, here = i - 1, j - 1, diagonal
            elif above + 1 == here:
                i, here = i - 1, above
            else:
                j, here = j - 1, here - 1
        return False

    def _limits(self, i: int, length: int) -> tuple[int, int]:
        """Columns of row i within the band, half-open."""
        slope, width = len(self.ref) / length, len(self.ref) + 1
        beam = math.ceil(slope / 2 + _BEAM) if slope / 2 > _BEAM else _BEAM
        middle = math.floor(i * slope)
        return max(0, middle - beam), width if i == length else min(width, middle + beam)

    def _rows(self, words: list[str], rows: _Rows) -> _Rows:
        """The rows given and one for each word that follows."""
        whole, places, (up, down) = self.all, self.places, rows[-1]
        for word in words:
            here = places.get(word, 0)
            diagonal = (((here & up) + up) ^ up) | here | down  # D[i][j] = D[i − 1][j − 1]
            more = (down | ~(diagonal | up)) << 1 | 1  # D[i][j] = D[i − 1][j] + 1, moved to where it is needed next
            less = (diagonal & up) << 1
            up, down = (less | ~(diagonal | more)) & whole, more & diagonal & whole
            rows.append((up, down))
        return rows

    def _banded(self, words: list[str]) -> list[list[int]]:
        width = len(self.ref) + 1
        table = [list(range(width))]
        for i, word in enumerate(words, 1):
            above, row = table[-1], [_FAR] * width
            for j in range(*self._limits(i, len(words))):
                best = above[j] + 1
                if j:
                    best = min(best, above[j - 1] + (word != self.ref[j - 1]), row[j - 1] + 1)
                row[j] = best
            table.append(row)
        return table


def _at(rows: _Rows, i: int, j: int) -> int:
    up, down = rows[i]
    before = (1 << j) - 1
    return i + (up & before).bit_count() - (down & before).bit_count()


def _moves(words: list[str], table: _Distances, most: int) -> Iterator[_Move]:
    """Moves worth trying: blocks that stand in the reference too, elsewhere, where both sides are wrong as they are."""
    ref = table.ref
    place, wrong_word, wrong_ref = _path(words, table)
    tried = 0
    for start, ref_start, length in _blocks(words, ref):
        if not any(wrong_word[start : start + length]) or not any(wrong_ref[ref_start : ref_start + length]):
            continue
        if start <= place[ref_start] < start + length:
            continue
        last = -1
        for offset in range(-1, length):
            if ref_start + offset >= len(ref):
                break
            target = 0 if ref_start + offset < 0 else place[ref_start + offset] + 1
            if target != last:
                last = target
                tried += 1
                yield _Move(start, length, target)
        if tried >= most:
            return


def _path(words: list[str], table: _Distances) -> tuple[list[int], list[bool], list[bool]]:
    """Best alignment: the hypothesis word each reference word stands at (−1 before the first), wrong words of both sides."""
    ref = table.ref
    i, j = len(words), len(ref)
    place, wrong_word, wrong_ref = [0] * j, [False] * i, [False] * j
    at = table.at
    while i or j:
        here = at(i, j)
        if i and j and at(i - 1, j - 1) + (words[i - 1] != ref[j - 1]) == here:
            i, j = i - 1, j - 1
            place[j] = i
            wrong_word[i] = wrong_ref[j] = words[i] != ref[j]
        elif i and at(i - 1, j) + 1 == here:
            i -= 1
            wrong_word[i] = True
        else:
            j -= 1
            place[j] = i - 1
            wrong_ref[j] = True
    return place, wrong_word, wrong_ref


def _blocks(words: list[str], ref: list[str]) -> Iterator[tuple[int, int, int]]:
    """Equal runs of words of both sides: start, start in the reference, length, every length on its way to the longest."""
    places: dict[str, list[int]] = {}
    for j, word in enumerate(ref):
        places.setdefault(word, []).append(j)
    for i, word in enumerate(words):
        for j in places.get(word, ()):
            if abs(i - j) > _DISTANCE:
                continue
            longest = min(_BLOCK, len(words) - i, len(ref) - j)
            for length in range(1, longest + 1):
                if words[i + length - 1] != ref[j + length - 1]:
                    break
                yield i, j, length
