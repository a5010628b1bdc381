"""Stages that compare every row with every other: copies, found by hash buckets, so that the result is exact whatever the shards and workers.

A pass has two stages. `NAME-out` sorts what survives of a shard by bucket of its key; `NAME-in` reads one bucket out of all shards and says who
loses to whom. Near copies have a third, `near-join`, which makes groups of the similar pairs of all buckets. A row's place is its shard's number
times 2³² plus its number there, so places are in the order of ids.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext.shards import read_columns, write_columns
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_parts import KEYS, NEAR, SCORES, VERDICT, Decide, near_matters
from mt.pipeline.corpus_work import Made, Stage, Unit, Work

_BUCKET = 2_000_000  # keys of a bucket: about 100 MB of a process
_PLACE = 32  # bits of a row's number within its shard
# Which number says how good a pair is, so that the best of several copies stays: the first of these that was measured.
_QUALITY = ("cosine", "given-cosine", "probability")
_FITS = "length-ratio"  # in σ: where nothing else was measured, the pair whose lengths fit best

REASONS = {"exact": "exact-copy", "near": "near-copy", "target": "same-target", "source": "same-source"}


@dataclass(frozen=True)
class Out:
    """A shard's surviving rows, sorted by bucket of one key."""

    config: CorpusConfig
    decide: Decide
    key: str
    before: tuple[Stage, ...]
    after: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its folder."""
        return f"{self.key}-out"

    def params(self) -> Mapping[str, Any]:
        """Weights of sources decide among equals."""
        return {"weights": {name: one.weight for name, one in self.config.source.items()}}

    def units(self, work: Work) -> list[Unit]:
        """The shards."""
        return self.decide.units(work)

    def run(self, work: Work, unit: Unit) -> Made:
        """Keys, qualities and places, bucket by bucket."""
        alive = survivors(work, unit, self.before)
        rows = np.flatnonzero(alive)
        columns = self._entries(work, unit, rows)
        count = buckets(work, self, self.key)
        bucket = columns["high"] % np.uint64(count)
        order = np.argsort(bucket, kind="stable")
        starts = np.searchsorted(bucket[order], np.arange(count + 1))
        path = work.path(self.name, f"{unit.name}.npy")
        write_columns(path, {name: column[order] for name, column in columns.items()})
        return Made((path,), len(order), len(order), more={"starts": starts.tolist()})

    def _entries(self, work: Work, unit: Unit, rows: NDArray[Any]) -> dict[str, NDArray[Any]]:
        places = place(unit.args["index"], rows)
        if self.key == "near":
            from mt.filters.minhash import bands

            found = bands(read_columns(work.path(NEAR, f"{unit.name}.npy"))["signature"][rows])
            used = found.reshape(-1) != 0  # a band of 0 is no band
            return {"high": found.reshape(-1)[used], "place": np.repeat(places, found.shape[1])[used]}
        keys = read_columns(work.path(KEYS, f"{unit.name}.npy"))
        name = {"exact": "pair", "target": "tgt", "source": "src"}[self.key]
        return {
            "high": keys[f"{name}_high"][rows],
            "low": keys[f"{name}_low"][rows],
            "quality": quality(work, unit)[rows],
            "weight": np.full(len(rows), self._weight(unit), np.float32),
            "place": places,
        }

    def _weight(self, unit: Unit) -> float:
        return self.config.source[unit.args["source"]].weight


@dataclass(frozen=True)
class In:
    """One bucket out of all shards: who loses to whom, or for near copies, which pairs are similar."""

    config: CorpusConfig
    out: Out

    @property
    def name(self) -> str:
        """Its folder."""
        return f"{self.out.key}-in"

    @property
    def after(self) -> tuple[str, ...]:
        """What it gathers."""
        return (self.out.name,)

    def params(self) -> Mapping[str, Any]:
        """How many of a kind may stay, or how similar is too similar."""
        d = self.config.dedup
        per = {"exact": 1, "near": d.near, "target": d.per_target, "source": d.per_source}
        return {"bound": per[self.out.key]}

    def units(self, work: Work) -> list[Unit]:
        """The buckets."""
        return [Unit(f"{n:05}", args={"bucket": n}) for n in range(buckets(work, self.out, self.out.key))]

    def run(self, work: Work, unit: Unit) -> Made:
        """Losers with their winners, ascending by place; or edges."""
        rows = self._gather(work, unit.args["bucket"])
        path = work.path(self.name, f"{unit.name}.npy")
        if self.out.key == "near":
            from mt.filters.near import edges

            pairs = edges(
                rows["high"], rows["place"], _Signatures(work, self.out).__getitem__, self.config.dedup.near or 0.8
            )
            write_columns(path, {"a": pairs[:, 0], "b": pairs[:, 1]})
            return Made((path,), len(rows["high"]), len(rows["high"]))
        from mt.filters.winners import losers

        bound = int(self.params()["bound"])
        lost = losers((rows["high"], rows["low"]), rows["quality"], rows["weight"], rows["place"], per=bound)
        write_columns(path, {"place": lost[:, 0], "winner": lost[:, 1]})
        count = len(rows["high"])
        return Made((path,), count, count - len(lost), {REASONS[self.out.key]: len(lost)})

    def _gather(self, work: Work, bucket: int) -> dict[str, NDArray[Any]]:
        tables = []
        for unit, record in zip(self.out.units(work), work.records(self.out), strict=True):
            start, stop = record["more"]["starts"][bucket : bucket + 2]
            tables.append(np.array(read_columns(work.path(self.out.name, f"{unit.name}.npy"))[start:stop]))
        whole = np.concatenate(tables)
        return {name: np.ascontiguousarray(whole[name]) for name in whole.dtype.names or ()}


@dataclass(frozen=True)
class Join:
    """Similar pairs of all buckets → groups, of each of which the best row stays."""

    config: CorpusConfig
    gather: In
    name: str = "near-join"

    @property
    def after(self) -> tuple[str, ...]:
        """What it joins."""
        return (self.gather.name,)

    def params(self) -> Mapping[str, Any]:
        """Whether anything is left out, or the groups only serve the split."""
        return {"drop": bool(self.config.dedup.near)}

    def units(self, work: Work) -> list[Unit]:
        """One: a group may reach over all shards."""
        return [Unit("all")]

    def run(self, work: Work, unit: Unit) -> Made:
        """Groups as (place, root), and losers."""
        from mt.filters.near import clusters
        from mt.filters.winners import losers

        found = [read_columns(work.path(self.gather.name, f"{one.name}.npy")) for one in self.gather.units(work)]
        pairs = np.concatenate([np.stack([one["a"], one["b"]], axis=1) for one in found]).astype(np.uint64)
        groups = clusters(pairs)
        places, roots = groups[:, 0], groups[:, 1]
        drop = bool(self.config.dedup.near)
        lost = np.zeros((0, 2), np.uint64)
        if drop and len(places):
            shards = {one.args["index"]: one for one in self.gather.out.units(work)}
            good, weight = np.zeros(len(places), np.float32), np.zeros(len(places), np.float32)
            for index, chosen in by_shard(places):
                rows = (places[chosen] & np.uint64(2**_PLACE - 1)).astype(np.int64)
                good[chosen] = quality(work, shards[index])[rows]
                weight[chosen] = self.config.source[shards[index].args["source"]].weight
            lost = losers((roots, roots), good, weight, places, per=1)
        paths = work.path(self.name, "all.npy"), work.path(self.name, "groups.npy")
        write_columns(paths[0], {"place": lost[:, 0], "winner": lost[:, 1]})
        write_columns(paths[1], {"place": places, "root": roots})
        return Made(paths, len(places), len(places) - len(lost), {REASONS["near"]: len(lost)})


class _Signatures:
    """MinHash signatures by place, out of the shards they stand in."""

    def __init__(self, work: Work, out: Out) -> None:
        self._paths = {unit.args["index"]: work.path(NEAR, f"{unit.name}.npy") for unit in out.units(work)}

    def __getitem__(self, places: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] | None = None
        for index, chosen in by_shard(places):
            table = read_columns(self._paths[index])["signature"]
            rows = (places[chosen] & np.uint64(2**_PLACE - 1)).astype(np.int64)
            if found is None:
                found = np.zeros((len(places), *table.shape[1:]), table.dtype)
            found[chosen] = table[rows]
        return np.zeros((0, 1), np.uint16) if found is None else found


def passes(config: CorpusConfig, decide: Decide) -> list[Stage]:
    """The stages a configuration asks for, in order. Each pass sees what the passes before it left."""
    d = config.dedup
    wanted = {
        "exact": d.exact,
        "near": near_matters(config),
        "target": d.per_target > 0,
        "source": d.per_source > 0,
    }
    stages: list[Stage] = []
    deciding: list[Stage] = []
    for key in (key for key, asked in wanted.items() if asked):
        after = (SCORES, VERDICT, *(one.name for one in deciding))
        out = Out(config, decide, key, tuple(deciding), after)
        gather = In(config, out)
        stages += [out, gather]
        last: Stage = gather
        if key == "near":
            last = Join(config, gather)
            stages.append(last)
        deciding.append(last)
    return stages


def deciding(stages: list[Stage]) -> list[Stage]:
    """Of the stages of `passes`, those that say who loses: the last of each pass."""
    return [one for one in stages if isinstance(one, Join) or (isinstance(one, In) and one.out.key != "near")]


def survivors(work: Work, unit: Unit, stages: tuple[Stage, ...]) -> NDArray[np.bool_]:
    """Rows of a shard that were accepted and lost in none of these stages."""
    alive = np.array(read_columns(work.path(VERDICT, f"{unit.name}.npy"))["reason"] == 0)
    for stage in stages:
        alive[lost_rows(work, unit, stage)] = False
    return alive


def lost_rows(work: Work, unit: Unit, stage: Stage) -> NDArray[np.int64]:
    """Numbers of a shard's rows that lost in a stage."""
    edges = np.array([unit.args["index"], unit.args["index"] + 1], np.uint64) << np.uint64(_PLACE)
    found = []
    for one in stage.units(work):
        places = read_columns(work.path(stage.name, f"{one.name}.npy"))["place"]
        start, stop = np.searchsorted(places, edges)
        found.append((places[start:stop] & np.uint64(2**_PLACE - 1)).astype(np.int64))
    return np.concatenate(found)


def quality(work: Work, unit: Unit) -> NDArray[np.float32]:
    """How good each row of a shard is, for choosing among copies: greater is better, -∞ where nothing was measured."""
    scores = read_columns(work.path(SCORES, f"{unit.name}.npy"))
    names = scores.dtype.names or ()
    found = np.full(len(scores), np.nan, np.float32)
    for name in _QUALITY:
        if name in names:
            found = np.where(np.isnan(found), scores[name], found)
    if _FITS in names:
        found = np.where(np.isnan(found), -np.abs(scores[_FITS]), found)
    return np.nan_to_num(found, nan=-math.inf, neginf=-math.inf).astype(np.float32)


def buckets(work: Work, out: Out, key: str) -> int:
    """How many buckets a pass has: it follows from the rows, not from who does the work."""
    rows = sum(unit.size for unit in out.units(work))
    if key == "near":
        from mt.filters.minhash import BANDS

        rows *= BANDS
    return max(1, math.ceil(rows / _BUCKET))


def place(index: int, rows: NDArray[Any]) -> NDArray[np.uint64]:
    """Places of rows of a shard."""
    found: NDArray[np.uint64] = (np.uint64(index) << np.uint64(_PLACE)) | rows.astype(np.uint64)
    return found


def by_shard(places: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Shard → which of the places stand in it."""
    shards = (places >> np.uint64(_PLACE)).astype(np.int64)
    for index in np.unique(shards):
        yield int(index), np.flatnonzero(shards == index)
