"""`mt corpus build`: the stages of a build in order, on one machine or as one of many processes over one folder."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mt.blas import cores, single_threaded
from mt.errors import ConfigError, MTError, plural
from mt.files import make_directory
from mt.pipeline import corpus_dedup, corpus_fate, corpus_finish
from mt.pipeline.corpus_config import CorpusConfig, load_corpus
from mt.pipeline.corpus_parts import ROWS, Decide, Read, Score
from mt.pipeline.corpus_work import Stage, Unit, Work
from mt.protocols import Progress, Silent
from mt.types import check_range

_POLL, _POLL_MOST = (
    0.05,
    5.0,
)  # seconds between looks at what other processes have done: more and more while nothing comes
_MEETING = 600.0  # seconds that tasks started together with --redo may be apart
_QUICK = 256_000_000  # bytes of outputs that one process reads again in about a second
_PATIENCE = 86_400.0


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the work a process does.

    Attributes:
        rank: its number, from 0.
        tasks: how many there are, over all machines.
        workers: processes it uses; 0 = as many as there are cores.
        patience: seconds without a unit of the others after which it gives up waiting for them.
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
    read = Read(config, base)
    score = Score(config, base, read)
    decide = Decide(config, score)
    passes = corpus_dedup.passes(config, decide)
    ending = corpus_fate.stages(config, decide, passes)
    fate = ending[-1]
    assert isinstance(fate, corpus_fate.Fate)
    before: list[Stage] = [read, score, decide, *passes, *ending]
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
    run.work.begin(run.plan, share.tasks, redo=redo, rank=share.rank, patience=min(share.patience, _MEETING))
    with Pool(share.workers or cores()) as pool:
        for numbers in together(run.plan):
            run.stages(numbers, pool)
            for number in numbers if share.tasks > 1 else ():
                run.wait(number)
    unchanged(run.work, run.plan)


def run_stage(path: Path, root: Path, name: str, rank: int, tasks: int) -> None:
    """One stage's units of one task, in this process: what a scheduler's task calls.

    Raises:
        MTError: where the stages before it are not complete.
    """
    run = _Run(path, root, stages(load_corpus(path), path.parent), Share(rank, tasks), Silent())
    run.work.begin(run.plan, tasks)
    number = next(n for n, one in enumerate(run.plan) if one.name == name)
    with Pool(1) as pool:
        run.stages([number], pool)
    if not run.plan[number].after:  # it read the sources
        unchanged(run.work, run.plan)


def unchanged(work: Work, plan: Sequence[Stage]) -> None:
    """See that source files are still those that the build began with.

    Raises:
        ConfigError: where one was changed meanwhile.
    """
    if changed := work.changed(plan):
        raise ConfigError(
            str(work.folder),
            "source files that do not change during a build; --redo makes anew what depends on them",
            f"others now for {', '.join(changed)}",
        )


def together(plan: Sequence[Stage]) -> list[list[int]]:
    """Numbers of the stages in order, in groups: publishing and the list of rejects are a unit or two each, and neither reads the other's.

    Any two neighbours of which the later reads nothing of the earlier might run beside each other; these two take long and have few units.
    """
    groups: list[list[int]] = []
    for number, stage in enumerate(plan):
        if stage.name == corpus_finish.REJECTS and groups and plan[groups[-1][-1]].name == corpus_finish.PUBLISH:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


class _Run:
    """A build as one task sees it."""

    def __init__(self, path: Path, root: Path, plan: list[Stage], share: Share, progress: Progress) -> None:
        self.path, self.root, self.plan, self.share, self.progress = path, root, plan, share, progress
        self.work = Work(root)

    def stages(self, numbers: Sequence[int], pool: Pool) -> None:
        """This task's units of stages that do not wait for each other, those left out that are complete."""
        tasks, rank = self.share.tasks, self.share.rank
        every = [(number, list(self.plan[number].units(self.work))) for number in numbers]
        mine = [(number, unit) for number, units in every for n, unit in enumerate(units) if n % tasks == rank]
        name = ", ".join(self.plan[number].name for number in numbers)
        sized = any(unit.size for _, unit in mine)
        steps = {(number, unit.name): unit.size if sized else 1 for number, unit in mine}
        self.progress.stage(name, sum(steps.values()), "pair" if sized else "unit")
        todo = mine
        if sum(self.work.bytes_of(self.plan[number].name, unit.name) for number, unit in mine) < _QUICK:
            # what is there is soon read again; more than this, the workers look at what they are given
            todo = [(number, u) for number, u in mine if not self.work.verify(self.plan[number].name, u.name)]
            self.progress.advance(sum(steps.values()) - sum(steps[number, unit.name] for number, unit in todo))
        if pool.workers == 1 or len(todo) < 2:
            for number, unit in todo:
                one_unit(self.work, self.plan[number], unit)
                self.progress.advance(steps[number, unit.name])
            return
        with pool.starting() as submit:
            futures = {submit(_worker, self.path, self.root, number, u.name): (number, u.name) for number, u in todo}
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
                self.progress.advance(steps[futures[future]])
        except concurrent.futures.BrokenExecutor:
            raise MTError(f"{name}: a worker was killed (out of memory?); the same command goes on") from None

    def wait(self, number: int) -> None:
        """Until all tasks have finished a stage; patience begins anew with every unit that comes."""
        stage, pause = self.plan[number], _POLL
        left = [unit.name for unit in stage.units(self.work)]
        until = time.monotonic() + self.share.patience
        while missing := [name for name in left if self.work.record(stage.name, name) is None]:
            if len(missing) < len(left):
                left, pause, until = missing, _POLL, time.monotonic() + self.share.patience
            if time.monotonic() > until:
                raise MTError(
                    f"{stage.name}: {plural(len(left), 'unit')} of other tasks missing after {self.share.patience:g} s, the first "
                    f"{left[0]}; start those tasks again, then this one: it goes on from here"
                )
            time.sleep(pause)
            pause = min(2 * pause, _POLL_MOST)


def one_unit(work: Work, stage: Stage, unit: Unit) -> None:
    """Do a unit and record it, unless it is complete; products on one thread, whose rounding must not depend on who does the work."""
    if work.verify(stage.name, unit.name):
        return
    make_directory(work.path(stage.name, ""))
    with single_threaded():
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


def _until_closed(line: Connection) -> None:
    """A worker's life: Ctrl-C is its parent's to answer, and it ends when the parent's end of a pipe is closed, as it is when that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        with contextlib.suppress(EOFError, OSError):
            line.recv_bytes()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Pool:
    """So many processes, started when they are first asked for; none outlives the block."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._executor: concurrent.futures.ProcessPoolExecutor | None = None
        self._line: Connection | None = None

    def __enter__(self) -> Pool:
        return self

    @contextlib.contextmanager
    def starting(self) -> Iterator[Callable[..., concurrent.futures.Future[Any]]]:
        """What submits; processes are started by submitting. Ctrl-C waits for the end of the block: a process that is not yet up would die of it
        with a traceback.
        """
        resource_tracker.ensure_running()  # which lets Ctrl-C through again when it starts
        known = hasattr(signal, "pthread_sigmask")
        old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if known else set()
        try:
            yield self._processes().submit
        finally:
            if known:
                signal.pthread_sigmask(signal.SIG_SETMASK, old)

    def _processes(self) -> concurrent.futures.ProcessPoolExecutor:
        if self._executor is None:
            # spawned, not forked: a fork would inherit threads and locks of the libraries that are loaded
            context = multiprocessing.get_context("spawn")
            theirs, self._line = context.Pipe(duplex=False)
            self._executor = concurrent.futures.ProcessPoolExecutor(
                self.workers, mp_context=context, initializer=_until_closed, initargs=(theirs,)
            )
        return self._executor

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._executor is None or self._line is None:
            return
        if kind is not None:
            # nothing is lost by ending units half way, and an answer to Ctrl-C or a full disk should not take minutes
            self._line.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._line.close()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build came to.

    Attributes:
        read: records of all sources.
        published: rows, by split.
        rejected: rows and records, by reason, in the order in which reasons are decided.
        units: of all stages.

    Example:
        >>> Outcome(9, {"train": 5, "dev": 1}, {"bad-columns": 1, "empty": 2}, 20).lines()[0]
        '9 records = 6 rows published (5 train, 1 dev) + 3 left out (2 empty, 1 bad-columns)'
        >>> Outcome(9, {"train": 5}, {}, 20)
        Traceback (most recent call last):
        mt.errors.MTError: rows do not add up: 9 read, 5 published, 0 rejected
    """

    read: int
    published: Mapping[str, int]
    rejected: Mapping[str, int]
    units: int

    def __post_init__(self) -> None:
        """Raises MTError where rows were lost: it would be a mistake of this program."""
        kept, lost = sum(self.published.values()), sum(self.rejected.values())
        if self.read != kept + lost:
            raise MTError(f"rows do not add up: {self.read:,} read, {kept:,} published, {lost:,} rejected")

    def lines(self) -> list[str]:
        """For people."""
        kept, lost = sum(self.published.values()), sum(self.rejected.values())
        splits = ", ".join(f"{n:,} {name}" for name, n in self.published.items())
        reasons = ", ".join(f"{n:,} {name}" for name, n in sorted(self.rejected.items(), key=lambda x: -x[1]))
        more = f" ({reasons})" if lost else ""
        return [f"{plural(self.read, 'record')} = {plural(kept, 'row')} published ({splits}) + {lost:,} left out{more}"]

    def record(self) -> dict[str, Any]:
        """For machines."""
        return {"read": self.read, "published": dict(self.published), "rejected": dict(self.rejected)}


def outcome(path: Path, root: Path) -> Outcome:
    """What a complete build of a configuration came to.

    Raises:
        MTError: where it is not complete, or where rows were lost.
    """
    work, plan = Work(root), stages(load_corpus(path), path.parent)
    rejected: Counter[str] = Counter()
    published: Counter[str] = Counter()
    read = units = 0
    for stage in plan:
        for record in work.records(stage):
            units += 1
            if stage.name == ROWS:
                read += record["read"]
            if stage.name in (ROWS, corpus_fate.FATE):
                rejected.update(record["rejected"])
            if stage.name == corpus_fate.FATE:
                published.update({split: n for split, n in record["more"]["splits"].items() if n})
            if stage.name == "publish":
                split = record["unit"].split(".")[0]
                if record["written"] != published[split]:
                    raise MTError(
                        f"{split}: {published[split]:,} rows to publish, {record['written']:,} in {record['unit']}"
                    )
    return Outcome(read, dict(published), dict(rejected), units)
