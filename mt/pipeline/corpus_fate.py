"""Stages that end a row's way: the split it belongs to, and its fate, which is either that split or one reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mt.bitext.shards import read_columns, write_columns
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_dedup import REASONS, Join, by_shard, deciding, lost_rows
from mt.pipeline.corpus_parts import KEYS, ROWS, SCORES, VERDICT, Decide, reasons
from mt.pipeline.corpus_work import Made, Stage, Unit, Work

SPLIT, STRADDLE, FATE = "split", "straddle", "fate"
SPLITS = ("train", "dev", "test")
NEAR_HELD = {1: "near-dev", 2: "near-test"}


@dataclass(frozen=True)
class Split:
    """The split of every row, by its document."""

    config: CorpusConfig
    decide: Decide
    name: str = SPLIT
    after: tuple[str, ...] = (SCORES,)
    of: str = ROWS

    def params(self) -> Mapping[str, Any]:
        """Shares and seed."""
        return asdict(self.config.split)

    def units(self, work: Work) -> list[Unit]:
        """The shards."""
        return self.decide.units(work)

    def run(self, work: Work, unit: Unit) -> Made:
        """0 = train, 1 = dev, 2 = test."""
        from mt.filters.split import split

        s = self.config.split
        found = np.zeros(unit.size, np.uint8)
        if s.dev + s.test > 0:
            documents = read_columns(work.path(KEYS, f"{unit.name}.npy"))["document"]
            each, number = np.unique(documents, return_inverse=True)
            found = split([f"{one:016x}" for one in each.tolist()], s.seed, s.dev, s.test)[number]
        path = work.path(self.name, f"{unit.name}.npy")
        write_columns(path, {"split": found})
        return Made((path,), unit.size, unit.size)


@dataclass(frozen=True)
class Straddle:
    """Rows of train that are like rows held out, and rows of dev like rows of test: they go."""

    config: CorpusConfig
    split: Split
    join: Join
    last: tuple[Stage, ...]
    name: str = STRADDLE

    @property
    def after(self) -> tuple[str, ...]:
        """Splits and groups, and who is left."""
        return (SPLIT, VERDICT, self.join.name, *(one.name for one in self.last))

    def params(self) -> Mapping[str, Any]:
        """Nothing of its own."""
        return {}

    def units(self, work: Work) -> list[Unit]:
        """One, since groups reach over shards."""
        return [Unit("all")]

    def run(self, work: Work, unit: Unit) -> Made:
        """Losers by place, with the split they are too like."""
        from mt.filters.split import straddlers
        from mt.pipeline.corpus_dedup import survivors

        groups = read_columns(work.path(self.join.name, "groups.npy"))
        places, roots = np.array(groups["place"]), np.array(groups["root"])
        shards = {one.args["index"]: one for one in self.split.units(work)}
        held, alive = np.zeros(len(places), np.uint8), np.zeros(len(places), bool)
        for index, chosen in by_shard(places):
            rows = (places[chosen] & np.uint64(2**32 - 1)).astype(np.int64)
            held[chosen] = read_columns(work.path(SPLIT, f"{shards[index].name}.npy"))["split"][rows]
            alive[chosen] = survivors(work, shards[index], self.last)[rows]
        places, roots, held = places[alive], roots[alive], held[alive]
        like = straddlers(roots, held)
        gone = like > 0
        path = work.path(self.name, "all.npy")
        order = np.argsort(places[gone], kind="stable")
        write_columns(path, {"place": places[gone][order], "like": like[gone][order]})
        counts = {name: int((like == code).sum()) for code, name in NEAR_HELD.items()}
        rejected = {name: n for name, n in counts.items() if n}
        return Made((path,), len(places), len(places) - int(gone.sum()), rejected)


@dataclass(frozen=True)
class Fate:
    """Everything decided of a shard's rows in one column: where a row is published, or why it is not."""

    config: CorpusConfig
    split: Split
    passes: tuple[Stage, ...]
    straddle: Straddle | None
    name: str = FATE

    @property
    def after(self) -> tuple[str, ...]:
        """All that decides."""
        more = (STRADDLE,) if self.straddle else ()
        return (VERDICT, SPLIT, *(one.name for one in self.passes), *more)

    def params(self) -> Mapping[str, Any]:
        """Nothing of its own."""
        return {}

    def units(self, work: Work) -> list[Unit]:
        """The shards."""
        return self.split.units(work)

    def run(self, work: Work, unit: Unit) -> Made:
        """`reason`: 0 where it is published, else 1 + its number in `names`; `split` as in SPLITS."""
        names = fates(self.config)
        code = np.array(read_columns(work.path(VERDICT, f"{unit.name}.npy"))["reason"], np.uint16)
        for stage in self.passes:
            key = stage.out.key if hasattr(stage, "out") else "near"
            rows = lost_rows(work, unit, stage)
            code[rows[code[rows] == 0]] = names.index(REASONS[key]) + 1
        if self.straddle is not None:
            table = read_columns(work.path(STRADDLE, "all.npy"))
            start, stop = np.searchsorted(
                table["place"], np.array([unit.args["index"], unit.args["index"] + 1], np.uint64) << np.uint64(32)
            )
            for place, like in zip(
                table["place"][start:stop].tolist(), table["like"][start:stop].tolist(), strict=True
            ):
                row = place & (2**32 - 1)
                if code[row] == 0:
                    code[row] = names.index(NEAR_HELD[like]) + 1
        splits = read_columns(work.path(SPLIT, f"{unit.name}.npy"))["split"]
        path = work.path(self.name, f"{unit.name}.npy")
        write_columns(path, {"reason": code, "split": np.array(splits)})
        counts = np.bincount(code, minlength=len(names) + 1)
        kept = np.bincount(splits[code == 0], minlength=len(SPLITS))
        rejected = {name: int(n) for name, n in zip(names, counts[1:], strict=True) if n}
        more = {"splits": {name: int(n) for name, n in zip(SPLITS, kept, strict=True)}}
        return Made((path,), unit.size, int(counts[0]), rejected, more)


def fates(config: CorpusConfig) -> list[str]:
    """Names of the codes of `Fate`, from 1 on: filters and test sets, then copies, then likeness to what is held out."""
    return [*reasons(config), *REASONS.values(), *NEAR_HELD.values()]


def stages(config: CorpusConfig, decide: Decide, passes: list[Stage]) -> list[Stage]:
    """Split, straddle and fate, as far as a configuration asks for them."""
    split = Split(config, decide)
    last = tuple(deciding(passes))
    join = next((one for one in passes if isinstance(one, Join)), None)
    straddle = Straddle(config, split, join, last) if join and config.split.dev + config.split.test > 0 else None
    fate = Fate(config, split, last, straddle)
    return [split, *([straddle] if straddle else []), fate]
