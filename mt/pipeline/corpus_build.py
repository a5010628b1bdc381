"""`mt corpus build`: the stages of a build in order, on one machine or as one of many processes over one folder."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mt.errors import MTError
from mt.files import make_directory
from mt.pipeline import corpus_dedup, corpus_fate
from mt.pipeline.corpus_config import CorpusConfig, load_corpus
from mt.pipeline.corpus_parts import Decide, Read, Score
from mt.pipeline.corpus_work import Stage, Unit, Work
from mt.protocols import Progress, Silent
from mt.types import check_range

_POLL = 0.2  # seconds between looks at what other processes have done
_PATIENCE = 86_400.0


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the work a process does.

    Attributes:
        rank: its number, from 0.
        tasks: how many there are, over all machines.
        workers: processes it uses; 0 = as many as there are cores.
        patience: seconds it waits for the others to finish a stage before it gives up.
    """

    rank: int = 0
    tasks: int = 1
    workers: int = 1
    patience: float = _PATIENCE

    def __post_init__(self) -> None:
        """Raises OptionError for a rank that no task has."""
        check_range("tasks", self.tasks, 1, 1_000_000)
        check_range("rank", self.rank, 0, self.tasks - 1)
        check_range("workers", self.workers, 0, 1024)
        check_range("patience", self.patience, 0, 1e9)


def stages(config: CorpusConfig, base: Path) -> list[Stage]:
    """All stages of a build, in order.

    Args:
        config: what is asked for.
        base: folder that its paths are relative to.
    """
    from mt.pipeline import corpus_finish

    read = Read(config, base)
    score = Score(config, base, read)
    decide = Decide(config, score)
    passes = corpus_dedup.passes(config, decide)
    ending = corpus_fate.stages(config, decide, passes)
    fate = ending[-1]
    assert isinstance(fate, corpus_fate.Fate)
    before = [read, score, decide, *passes, *ending]
    return [*before, *corpus_finish.stages(config, base, before, read, fate)]


def build(
    path: Path, root: Path, share: Share | None = None, *, redo: bool = False, progress: Progress | None = None
) -> None:
    """Build a corpus, or go on with one that was stopped: units that are complete are not made again.

    Args:
        path: the configuration.
        root: where the corpus is published.
        share: which part of the work is this process's.
        redo: make anew what other settings made, instead of refusing to go on.
        progress: told of every unit.

    Raises:
        UserError: for a configuration, an input or a place that cannot be used.
        MTError: where a worker was killed, or other processes did not finish in time.
    """
    config, share = load_corpus(path), share or Share()
    run = _Run(path, root, stages(config, path.parent), share, progress or Silent())
    run.work.begin(run.plan, share.tasks, redo=redo)
    with _pool(share) as pool:
        for number in range(len(run.plan)):
            run.stage(number, pool)
            if share.tasks > 1:
                run.wait(number)


def run_stage(path: Path, root: Path, name: str, rank: int, tasks: int) -> None:
    """One stage's units of one task, in this process: what a scheduler's task calls.

    Raises:
        MTError: where the stages before it are not complete.
    """
    run = _Run(path, root, stages(load_corpus(path), path.parent), Share(rank, tasks), Silent())
    run.work.begin(run.plan, tasks)
    run.stage(next(n for n, one in enumerate(run.plan) if one.name == name), None)


class _Run:
    """A build as one task sees it."""

    def __init__(self, path: Path, root: Path, plan: list[Stage], share: Share, progress: Progress) -> None:
        self.path, self.root, self.plan, self.share, self.progress = path, root, plan, share, progress
        self.work = Work(root)

    def stage(self, number: int, pool: concurrent.futures.Executor | None) -> None:
        """This task's units of a stage, those left out that are complete."""
        stage = self.plan[number]
        mine = [unit for n, unit in enumerate(stage.units(self.work)) if n % self.share.tasks == self.share.rank]
        sized = any(unit.size for unit in mine)
        steps = {unit.name: unit.size if sized else 1 for unit in mine}
        self.progress.stage(stage.name, sum(steps.values()), "pairs" if sized else "units")
        todo = []
        for unit in mine:
            if self.work.verify(stage.name, unit.name):
                self.progress.advance(steps[unit.name])
            else:
                todo.append(unit)
        if pool is None or len(todo) < 2:
            for unit in todo:
                one_unit(self.work, stage, unit)
                self.progress.advance(steps[unit.name])
            return
        futures = {pool.submit(_worker, self.path, self.root, number, unit.name): unit.name for unit in todo}
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
                self.progress.advance(steps[futures[future]])
        except concurrent.futures.BrokenExecutor:
            raise MTError(f"{stage.name}: a worker was killed (out of memory?); the same command goes on") from None
        finally:
            for future in futures:
                future.cancel()

    def wait(self, number: int) -> None:
        """Until all tasks have finished a stage."""
        stage, until = self.plan[number], time.monotonic() + self.share.patience
        while left := [u.name for u in stage.units(self.work) if self.work.record(stage.name, u.name) is None]:
            if time.monotonic() > until:
                raise MTError(
                    f"{stage.name}: {len(left)} units of other tasks are missing after {self.share.patience:g} s, the first {left[0]}; "
                    "start those tasks again, then this one: it goes on from here"
                )
            time.sleep(_POLL)


def one_unit(work: Work, stage: Stage, unit: Unit) -> None:
    """Do a unit and record it."""
    make_directory(work.path(stage.name, ""))
    work.done(stage.name, unit.name, stage.run(work, unit))


_known: dict[tuple[Path, Path], tuple[Work, list[Stage]]] = {}
_units: dict[tuple[Path, Path, int], dict[str, Unit]] = {}


def _worker(path: Path, root: Path, number: int, name: str) -> None:
    """A unit in a process of the pool, which keeps configuration, records and units."""
    if (path, root) not in _known:
        _known[path, root] = Work(root), stages(load_corpus(path), path.parent)
    work, plan = _known[path, root]
    if (path, root, number) not in _units:
        _units[path, root, number] = {one.name: one for one in plan[number].units(work)}
    one_unit(work, plan[number], _units[path, root, number][name])


class _NoPool:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _pool(share: Share) -> concurrent.futures.ProcessPoolExecutor | _NoPool:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    count = share.workers or cores
    if count == 1:
        return _NoPool()
    # spawned, not forked: a fork would inherit threads and locks of the libraries that are loaded
    return concurrent.futures.ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


def told(work: Work, plan: list[Stage]) -> Iterator[str]:
    """What a build did, a line each, for people."""
    for stage in plan:
        found = list(work.records(stage))
        lost: dict[str, int] = {}
        for record in found:
            for reason, count in record["rejected"].items():
                lost[reason] = lost.get(reason, 0) + count
        if lost:
            yield f"{stage.name}: " + ", ".join(
                f"{n:,} {reason}" for reason, n in sorted(lost.items(), key=lambda x: -x[1])
            )
