"""Vectors of neighbouring sentences together, from sums over each, exact at the joints.

What the network makes of a piece depends on `REACH` pieces to either side, and what it sums depends on nothing else. So a side of a document
is computed once as one row of pieces, without the marks of begin and end; a run of sentences is the sum over its stretch of that row, put
right at both ends: behind the mark of the begin `REACH` pieces change, and as many before the mark of the end. These are computed once
for each sentence. Runs too short for two separate ends are computed as they are.

The only thing that is not exact are the pieces themselves: those of a sentence behind another are read with the last characters before
it, not with the whole run, and where a piece would reach over the joint it is cut there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mt.models.use_forward import GAP, REACH
from mt.models.use_pieces import BEGIN, END, UNKNOWN
from mt.models.use_tape import Tape
from mt.models.use_weights import WIDTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 1024  # sentences at a time
_TAIL = 8  # characters that are read before a sentence
_BLANK = 6  # the piece `▁` alone


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps from texts to vectors, each on as many threads as the encoder has.

    Attributes:
        ids: pieces of every text, see `UsePieces.ids`.
        sums: over the runs of a tape, float32 (r, 1281), see `Network.sums`.
        project: see `Network.project`.
        finish: see `Network.finish`.
    """

    ids: Callable[[Sequence[str]], list[list[int]]]
    sums: Callable[[Tape], NDArray[Any]]
    project: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
    finish: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Pieces of a sentence as the first of a run and as a later one; `shared` of them are the same at the end of both."""

    first: list[int]
    later: list[int]
    shared: int


def windows(sentences: Sequence[str], longest: int, joiner: str, steps: Steps) -> list[NDArray[Any]]:
    """See `mt.protocols.WindowEncoder`."""
    import numpy as np

    found: list[list[NDArray[Any]]] = [[] for _ in range(longest)]
    for low in range(0, len(sentences), BLOCK):
        high = min(low + BLOCK, len(sentences))
        block = _read(sentences[low : high + longest - 1], joiner, steps)
        for size, vectors in enumerate(_block(block, high - low, longest, joiner, steps)):
            found[size].append(vectors)
    return [np.concatenate(parts) if parts else np.zeros((0, WIDTH), dtype=np.float32) for parts in found]


def _read(sentences: Sequence[str], joiner: str, steps: Steps) -> list[_Sentence]:
    """Pieces of every sentence by itself, and behind the one before it."""
    first = steps.ids(sentences)
    if (
        joiner and joiner.isspace()
    ):  # a word's first piece says that there is a blank before it, as at the beginning of a text
        return [_Sentence(row, row, len(row)) for row in first]
    before = [""]  # the end of the side so far, over sentences that are empty too
    for number, sentence in enumerate(sentences[:-1]):
        before.append((before[-1] + joiner * (number > 0) + sentence)[-_TAIL:])
    joined = steps.ids([b + joiner + s for b, s in zip(before, sentences, strict=True)])
    alone = steps.ids(before)
    rows = []
    for start, both, own in zip(alone, joined, first, strict=True):
        if both[: len(start)] == start:
            later = both[len(start) :]
        else:  # a piece reaches over the joint
            later = own[1:] if own[:1] == [_BLANK] else own
        shared = 0
        while shared < min(len(own), len(later)) and own[-1 - shared] == later[-1 - shared]:
            shared += 1
        rows.append(_Sentence(own, later, shared))
    return rows


def _block(
    block: list[_Sentence],
    starts: int,
    longest: int,
    joiner: str,
    steps: Steps,
) -> list[NDArray[Any]]:
    """Vectors of the runs that start at the first `starts` sentences of a block."""
    import numpy as np

    ends, borders = _ends(block)
    bodies, begins, finishes = _parts(block, ends, borders, steps)
    running = _running(bodies)
    own = np.arange(len(block)) if joiner.strip() else _begins(block)
    heads = np.array([len(s.first) - len(s.later) for s in block])[own]
    news = np.array([len(s.first) - s.shared for s in block])[own]
    answers, short = [], []
    for size in range(1, longest + 1):
        count = max(0, min(starts, len(block) - size + 1))
        last = np.arange(count) + size - 1
        projected = running[size : size + count] - running[:count] + begins[own[:count]] + finishes[last]
        lengths = ends[1:][last] - ends[:-1][:count] + heads[:count]
        answers.append((projected.astype(np.float32), lengths + 2))
        low = np.flatnonzero(lengths < news[:count] + 2 * REACH)
        short += [(size - 1, int(row)) for row in low]
    if short:
        texts = [_whole(block, int(own[row]), row + size + 1) for size, row in short]
        tape = Tape.of([[BEGIN, *(ids or [UNKNOWN]), END] for ids in texts])
        for (size, row), one, length in zip(
            short, steps.project(steps.sums(tape), tape.counts), tape.counts, strict=True
        ):
            answers[size][0][row], answers[size][1][row] = one, length
    return [steps.finish(projected, counts) for projected, counts in answers]


def _begins(block: list[_Sentence]) -> NDArray[Any]:
    """The sentence that a run from each sentence on begins with: itself, or where it has no pieces the next one that has.

    (Where sentences are joined by signs, a run can begin with those.)
    """
    import numpy as np

    own = np.arange(len(block))
    for row in range(len(block) - 2, -1, -1):
        if not block[row].first:
            own[row] = own[row + 1]
    return own


def _whole(block: list[_Sentence], first: int, end: int) -> list[int]:
    """Pieces of a run; none where it begins at its end."""
    return [*block[first].first, *(i for s in block[first + 1 : end] for i in s.later)] if first < end else []


def _ends(block: list[_Sentence]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where sentences start and end in the row of their later pieces, int64 (n + 1,); and all places where sums are cut, ascending."""
    import numpy as np

    lengths = np.array([len(s.later) for s in block])
    ends = np.concatenate([[0], np.cumsum(lengths)])
    changed = np.array([len(s.later) - s.shared for s in block])
    cuts = np.concatenate([ends, ends[:-1] + changed + REACH, ends[1:] - REACH])
    return ends, np.unique(np.clip(cuts, 0, ends[-1]))


def _parts(
    block: list[_Sentence],
    ends: NDArray[Any],
    borders: NDArray[Any],
    steps: Steps,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Projected sums over each sentence's later pieces, and what a begin and an end there add to them; float32 (n, 640) each."""
    import numpy as np

    row = np.array([i for s in block for i in s.later], dtype=np.int64)
    edges = [_edges(s, row, int(start), int(end)) for s, start, end in zip(block, ends[:-1], ends[1:], strict=True)]
    marked, starts = _marked(edges)
    counts = np.array([count for pair in edges for _, _, count in pair])
    gap = np.full(GAP, -1, dtype=np.int64)
    tape = Tape(
        np.concatenate([gap, row, marked.ids]),
        np.concatenate([GAP + borders[:-1], GAP + len(row) + starts]),
        np.concatenate([np.diff(borders), counts]),
    )
    all_sums = steps.sums(tape)
    inside = len(borders) - 1
    running = _running(all_sums[:inside])

    def between(low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
        first, second = (running[np.searchsorted(borders, np.clip(x, 0, ends[-1]))] for x in (low, high))
        answer: NDArray[Any] = second - first
        return answer

    changed = np.array([len(s.later) - s.shared for s in block])
    begins = all_sums[inside::2] - between(ends[:-1], ends[:-1] + changed + REACH)
    finishes = all_sums[inside + 1 :: 2] - between(ends[1:] - REACH, ends[1:])
    none = np.zeros(len(block), dtype=np.int64)
    return (
        steps.project(between(ends[:-1], ends[1:]).astype(np.float32), ends[1:] - ends[:-1]),
        steps.project(begins.astype(np.float32), counts[::2] - changed - REACH),
        steps.project(finishes.astype(np.float32), none + 1),
    )


def _running(rows: NDArray[Any]) -> NDArray[Any]:
    """Sums of the first 0, 1, … rows, float64 (n + 1, w): in so many digits their differences are as exact as the sums.

    A row at a time: `numpy.cumsum` goes down each column by itself, which takes six times as long.
    """
    import numpy as np

    running = np.zeros((len(rows) + 1, rows.shape[1]))
    for number, row in enumerate(rows):
        np.add(running[number], row, out=running[number + 1])
    return running


def _marked(edges: list[list[tuple[list[int], int, int]]]) -> tuple[Tape, NDArray[Any]]:
    """A tape of all edges, and where the runs wanted start in it, two a sentence.

    Where the begin's last `REACH` pieces and the end's first ones are there to be seen only, nothing need part the two.
    """
    import numpy as np

    texts: list[list[int]] = []
    text_of, skips = [], []
    for (head, first, count), (tail, second, _) in edges:
        close = len(head) >= first + count + REACH and second >= REACH
        texts += [head + tail] if close else [head, tail]
        text_of += [len(texts) - 1 - (not close), len(texts) - 1]
        skips += [first, second + len(head) * close]
    marked = Tape.of(texts)
    return marked, marked.starts[text_of] + np.array(skips, dtype=np.int64)


def _edges(sentence: _Sentence, row: NDArray[Any], start: int, end: int) -> list[tuple[list[int], int, int]]:
    """Pieces around a begin and an end mark at a sentence's borders; where the run wanted of them starts, and its length."""
    own = sentence.first[: len(sentence.first) - sentence.shared]
    after = start + len(sentence.later) - sentence.shared
    head = [BEGIN, *own, *row[after : after + 2 * REACH].tolist()]
    tail = [*row[max(0, end - 2 * REACH) : end].tolist(), END]
    count = min(REACH + 1, len(tail))
    return [(head, 0, min(1 + len(own) + REACH, len(head))), (tail, len(tail) - count, count)]
