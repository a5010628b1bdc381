"""Shards of a build → what its report draws: bars and counts of every score, rows around every threshold, rejects to read, lengths.

Streams over the shards: their numbers twice, their rows once. Memory does not grow with the corpus, and the result does not depend on how rows
are dealt out to shards: rows are known by their number in the corpus, and chosen by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mt.bitext.shards import read_columns, read_objects, read_rows
from mt.filters.filter import Limit
from mt.pipeline.corpus_bins import BARS, Bars, Fine, bars, mixed, nearest
from mt.report.corpus import Edge, Lengths, RejectView, Sample, ScoreView, Step, finite

SHOWN = 5  # rows of each kind
PUBLISHED = "published"
_LONGEST = 1024  # characters that are counted one by one

Side = Literal["low", "high"]
Border = tuple[str, Side, bool]  # of a score, one of its ends, accepted or rejected there
Near = dict[Border, list[tuple[float, int]]]


@dataclass(frozen=True, slots=True)
class Shard:
    """The files of a shard: rows, their numbers by name, and the column `reason` (0 = published, else the number of a reason, from 1)."""

    rows: Path
    scores: Path
    fate: Path


@dataclass(frozen=True, slots=True)
class Collected:
    """What was seen: views of scores and reasons, lengths, and characters of both sides by split (its number in the column `split`)."""

    scores: tuple[ScoreView, ...]
    rejects: tuple[RejectView, ...]
    lengths: tuple[Lengths, ...]
    characters: Mapping[int, tuple[int, int]]


def collect(
    shards: Sequence[Shard],
    limits: Mapping[str, Limit],
    steps: Sequence[Step],
    malformed: Iterable[Path] = (),
    *,
    about: Mapping[str, str] | None = None,
) -> Collected:
    """Look through a build.

    Args:
        shards: in order.
        limits: filter → what it accepts.
        steps: malformed ones in any order, then the reasons in the order of their numbers.
        malformed: files of records that were no pairs, in order.
        about: score → what the number is.

    Raises:
        InputError: for a file that is missing or of another kind.
    """
    reasons = [step for step in steps if step.kind != "malformed"]
    numbers = _Numbers(shards, limits, [step.name for step in reasons])
    wanted = {row for near in (*numbers.near.values(), *numbers.rejected.values()) for _, row in near}
    rows = _Rows(shards, wanted)
    names = [PUBLISHED, *(step.name for step in reasons)]

    def sample(row: int, score: float | None = None) -> Sample:
        id, src, tgt, code = rows.found[row]
        return Sample(id, src, tgt, score, names[code])

    views = tuple(numbers.view(name, limits.get(name), (about or {}).get(name, ""), sample) for name in numbers.names)
    rejects = [
        RejectView(step, tuple(sample(row) for _, row in numbers.rejected.get(code, [])))
        for code, step in enumerate(reasons, 1)
        if step.rows
    ]
    rejects += _malformed([step for step in steps if step.kind == "malformed" and step.rows], malformed)
    # the most frequent first; equal ones in the order in which they decide
    return Collected(views, tuple(sorted(rejects, key=lambda one: -one.step.rows)), rows.lengths(), rows.characters)


class _Numbers:
    """Bars, counts and chosen rows of all scores."""

    def __init__(self, shards: Sequence[Shard], limits: Mapping[str, Limit], reasons: Sequence[str]) -> None:
        self._limits, self._codes = limits, {name: code for code, name in enumerate(reasons, 1)}
        self._fine: dict[str, Fine] = {}
        total = 0
        for shard in shards:
            table = read_columns(shard.scores)
            for name in table.dtype.names or ():
                fine = self._fine.setdefault(name, _missing(total))
                fine.add(np.asarray(table[name], np.float32))
            for name, fine in self._fine.items():
                if name not in (table.dtype.names or ()):
                    fine.unmeasured += len(table)
            total += len(table)
        # filters in their order, then what was only measured; nothing to draw where nothing was measured
        order = [*(name for name in limits if name in self._fine), *sorted(self._fine.keys() - limits.keys())]
        self.names = [name for name in order if self._fine[name].total]
        self._bars = {name: bars(self._fine[name], _ends(limits.get(name))) for name in self.names}
        self._counts = {name: np.zeros((2, self._bars[name].count + 2), np.int64) for name in self.names}
        self._outside = {name: [0, 0] for name in self.names}
        self.near: Near = defaultdict(list)
        self.rejected: dict[int, list[tuple[float, int]]] = defaultdict(list)
        self._scores: dict[tuple[str, int], float] = {}
        first = 0
        for shard in shards:
            first += self._count(shard, first)

    def _count(self, shard: Shard, first: int) -> int:
        table, reason = read_columns(shard.scores), np.array(read_columns(shard.fate)["reason"])
        rows = np.arange(first, first + len(reason), dtype=np.int64)
        for name in self.names:
            if name in (table.dtype.names or ()):
                self._add(name, np.asarray(table[name], np.float32), reason, rows)
        order = mixed(rows)
        for code in np.unique(reason[reason > 0]).tolist():
            mask = reason == code
            self.rejected[code] = nearest(self.rejected[code], order[mask], rows[mask], SHOWN)
        return len(reason)

    def _add(self, name: str, numbers: NDArray[np.float32], reason: NDArray[Any], rows: NDArray[np.int64]) -> None:
        known = ~np.isnan(numbers)
        drawn = self._bars[name]
        for which, mask in enumerate((known & (reason == 0), known & (reason > 0))):
            places = drawn.place(numbers[mask]) + 1
            self._counts[name][which] += np.bincount(places, minlength=drawn.count + 2)
        if (limit := self._limits.get(name)) is None:
            return
        for number, (side, end) in enumerate(_sides(limit)):
            value = np.float32(end)
            out = known & ((numbers < value) if side == "low" else (numbers > value))
            self._outside[name][number] += int(out.sum())
            if not np.isfinite(value):
                continue
            away = np.abs(numbers.astype(np.float64) - float(value))
            inside = known & ~out & (reason == 0)
            for accepted, mask in ((False, out & (reason == self._codes.get(name, -1))), (True, inside)):
                key: Border = (name, side, accepted)
                self.near[key] = nearest(self.near[key], away[mask], rows[mask], SHOWN)
                for _, row in self.near[key]:
                    if rows.size and rows[0] <= row <= rows[-1]:
                        self._scores[name, row] = float(numbers[row - rows[0]])

    def view(self, name: str, limit: Limit | None, about: str, sample: Any) -> ScoreView:
        """All of a score."""
        published, lost = self._counts[name]
        below, above = self._outside[name]
        total = int(published.sum() + lost.sum())
        borders = []
        for side, end in _sides(limit) if limit is not None else ():
            if finite(end) is not None:
                found = {
                    accepted: tuple(
                        sample(row, float(f"{self._scores[name, row]:.6g}"))
                        for _, row in self.near[name, side, accepted]
                    )
                    for accepted in (False, True)
                }
                borders.append(Edge(side, end, found[False], found[True]))
        return ScoreView(
            name,
            about,
            finite(limit.low) if limit else None,
            finite(limit.high) if limit else None,
            self._bars[name].edges(),
            tuple(published[1:-1].tolist()),
            tuple(lost[1:-1].tolist()),
            (int(published[0] + lost[0]), int(published[-1] + lost[-1])),
            below,
            total - below - above,
            above,
            self._fine[name].unmeasured,
            tuple(borders),
        )


class _Rows:
    """Texts of the wanted rows, and lengths of the published ones."""

    def __init__(self, shards: Sequence[Shard], wanted: set[int]) -> None:
        self.found: dict[int, tuple[str, str, str, int]] = {}
        self.characters: dict[int, tuple[int, int]] = {}
        self._lengths = [np.zeros(_LONGEST + 1, np.int64), np.zeros(_LONGEST + 1, np.int64)]
        first = 0
        for shard in shards:
            fate, scores = read_columns(shard.fate), read_columns(shard.scores)
            reason = np.array(fate["reason"])
            split = np.array(fate["split"]) if "split" in (fate.dtype.names or ()) else np.zeros(len(reason), np.uint8)
            self._measure((scores["src-length"], scores["tgt-length"]), reason == 0, split)
            here = sorted(row - first for row in wanted if first <= row < first + len(reason))
            for at, row in read_rows(shard.rows, here).items():
                self.found[first + at] = (row["id"], row["src"], row["tgt"], int(reason[at]))
            first += len(reason)

    def _measure(self, sides: tuple[Any, Any], kept: NDArray[np.bool_], split: NDArray[np.uint8]) -> None:
        lengths = [np.asarray(side, np.int64)[kept] for side in sides]
        for side, found in enumerate(lengths):
            self._lengths[side] += np.bincount(np.minimum(found, _LONGEST), minlength=_LONGEST + 1)
        for number in np.unique(split[kept]).tolist():
            own = split[kept] == number
            old = self.characters.get(number, (0, 0))
            self.characters[number] = (old[0] + int(lengths[0][own].sum()), old[1] + int(lengths[1][own].sum()))

    def lengths(self) -> tuple[Lengths, ...]:
        """Published sides in bars: up to the length that 995 of 1,000 do not exceed."""
        made = []
        for side, counts in zip(("src", "tgt"), self._lengths, strict=True):
            total = int(counts.sum())
            if not total:
                continue
            longest = int(np.searchsorted(np.cumsum(counts), 0.995 * total))
            width = max(1, -(-(longest + 1) // BARS))
            drawn = Bars(0, width, -(-(longest + 1) // width))
            cut = [int(counts[n * width : (n + 1) * width].sum()) for n in range(drawn.count)]
            cut[-1] += total - sum(cut)
            made.append(Lengths(side, drawn.edges(), tuple(cut)))
        return tuple(made)


def _missing(rows: int) -> Fine:
    fine = Fine()
    fine.unmeasured = rows
    return fine


def _ends(limit: Limit | None) -> tuple[float, ...]:
    return () if limit is None else (limit.low, limit.high)


def _sides(limit: Limit) -> tuple[tuple[Side, float], ...]:
    return (("low", limit.low), ("high", limit.high))


def _malformed(steps: Sequence[Step], paths: Iterable[Path]) -> list[RejectView]:
    """The first records of each reason that were no pairs."""
    samples: dict[str, list[Sample]] = {step.name: [] for step in steps}
    lacking = set(samples)
    for path in paths:
        if not lacking:
            break
        for one in read_objects(path):
            reason = str(one.get("reason"))
            if reason in lacking:
                where = f"{one['file']}:{one['line']}" if one.get("line") else str(one.get("file", one["id"]))
                text = str(one.get("src") or one.get("text") or "")
                samples[reason].append(Sample(where, text, str(one.get("tgt") or ""), None, reason))
                if len(samples[reason]) == SHOWN:
                    lacking.discard(reason)
                    if not lacking:
                        break
    return [RejectView(replace(step), tuple(samples[step.name])) for step in steps]
