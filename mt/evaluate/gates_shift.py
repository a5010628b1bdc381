"""Lines that are one or more lines off: a hypothesis of the right length, or nearly, whose lines belong to other segments.

One line lost and one added elsewhere leave the count as it was and ruin what stands between. Each line is compared with the segment of its own
number and with its neighbours, and the best course of offsets is found over all lines (Viterbi 1967), where a change of offset costs as much as it
takes to be no chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mt.evaluate.resegment_bags import Bags, Vocabulary, diagonal
from mt.evaluate.resegment_beads import align

FURTHEST = 3  # lines
_CHANGE = 2.0  # of likeness: two changes cost what nine lines gain that are half alike
_GAIN = 0.1  # likeness that the lines of a shift must gain on average: what chance gains spreads over many more lines


@dataclass(frozen=True, slots=True)
class Shift:
    """A run of lines that belong elsewhere.

    Attributes:
        first: line where it begins, 1-based.
        last: line where it ends, 1-based.
        offset: line k belongs to segment k + offset.
        likeness: of the lines to the segments they belong to, 0 to 1.
        before: of the lines to the segments of their own number.
    """

    first: int
    last: int
    offset: int
    likeness: float
    before: float

    @property
    def lines(self) -> int:
        """How many."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two streams of different length begin to go apart.

    Attributes:
        line: of the hypothesis, 1-based.
        segment: of the reference, 1-based.
        what: what seems to have happened, in words.
        hypothesis: text of the line.
        reference: text of the segment.
    """

    line: int
    segment: int
    what: str
    hypothesis: str
    reference: str


def shifts(hypotheses: Sequence[str], references: Sequence[str], lang: str = "en") -> list[Shift]:
    """Runs of lines that resemble the segments some lines before or behind their own better, in order.

    Args:
        hypotheses: one string a segment.
        references: as many.
        lang: of both.

    Example:
        >>> ref = [f"the {w} {w}s of {w}land came to {w}ville" for w in "ab cd ef gh ij kl mn op qr st uv wx yz".split()]
        >>> [(s.first, s.last, s.offset) for s in shifts([*ref[1:], ref[0]], ref)]
        [(1, 12, 1)]
    """
    if len(references) <= FURTHEST:
        return []
    words = Vocabulary(lang)
    hyp = Bags.of([words.number(text) for text in hypotheses])
    ref = Bags.of([words.number(text) for text in references])
    offsets = [0, *(o for k in range(1, FURTHEST + 1) for o in (k, -k))]
    alike = np.array([diagonal(hyp, ref, offset) for offset in offsets])
    # two empty lines are alike in every way
    alike[:, hyp.lengths == 0] = 0.0
    alike[alike < 0] = 0.0
    return [run for run in _runs(alike, offsets) if run.likeness - run.before >= _GAIN]


def _runs(alike: np.ndarray, offsets: Sequence[int]) -> list[Shift]:
    states, count = alike.shape
    back = np.zeros((count, states), np.int8)
    here = np.arange(states)
    total = alike[:, 0] - _CHANGE * (here != 0)
    for k in range(1, count):
        best = int(total.argmax())
        stay = total >= total[best] - _CHANGE
        back[k] = np.where(stay, here, best)
        total = np.where(stay, total, total[best] - _CHANGE) + alike[:, k]
    total = total - _CHANGE * (here != 0)  # a shift at the very end must pay as one within
    course = [int(total.argmax())]
    for k in range(count - 1, 0, -1):
        course.append(int(back[k, course[-1]]))
    course.reverse()
    found, start = [], 0
    for k in range(1, count + 1):
        if k == count or course[k] != course[start]:
            if state := course[start]:
                mean, own = float(alike[state, start:k].mean()), float(alike[0, start:k].mean())
                found.append(Shift(start + 1, k, offsets[state], round(mean, 4), round(own, 4)))
            start = k
    return found


def divergence(hypotheses: Sequence[str], references: Sequence[str], lang: str = "en") -> Divergence | None:
    """The first place from which on lines and segments of the same number do not belong together; None where none is found.

    Example:
        >>> ref = [f"the {w} {w}s of {w}land came to {w}ville" for w in "ab cd ef gh ij kl mn".split()]
        >>> found = divergence(ref[:3] + ref[4:], ref)
        >>> found.line, found.segment, found.what
        (4, 4, 'segment 4 has no line')
    """
    words = Vocabulary(lang)
    hyp, ref = ([words.number(text) for text in side] for side in (hypotheses, references))
    beads = align(hyp, ref)
    firm = [b for b in beads if b.kind == "1-1" and b.likeness >= 0.2]
    for number, bead in enumerate(beads if firm else ()):
        if bead.kind == "1-1":
            continue
        behind = [b.hyp_start - b.ref_start for b in firm if b.hyp_start >= bead.hyp_end][:3]
        if 0 in behind or (not behind and number < len(beads) - 3):
            continue  # the lines behind it are right again: a sentence translated freely
        line, segment = bead.hyp_start + 1, bead.ref_start + 1
        return Divergence(
            line,
            segment,
            _what(bead.hyp_end - bead.hyp_start, bead.ref_end - bead.ref_start, line, segment),
            hypotheses[line - 1] if line <= len(hypotheses) else "",
            references[segment - 1] if segment <= len(references) else "",
        )
    return None


def _what(lines: int, segments: int, line: int, segment: int) -> str:
    if not lines:
        return f"segment {segment} has no line"
    if not segments:
        return f"line {line} belongs to no segment"
    one = f"lines {line} to {line + lines - 1}" if lines > 1 else f"line {line}"
    other = f"segments {segment} to {segment + segments - 1}" if segments > 1 else f"segment {segment}"
    return f"{one} and {other} belong together"
