"""A build on datatrove's executors: one pipeline a stage, whose tasks each do their share of the stage's units.

datatrove starts processes, on this machine, on Slurm or on Ray. What is complete, our records say (`corpus_work`): datatrove's own marks of
completion stand in a new folder at every start, so that they never keep a damaged or outdated unit from being made again, and a task that runs
twice, as where a cluster starts each `srun` twice, or that a killed node leaves half done, does no harm.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mt.errors import ConfigError, MTError, OutputError, UserError, plural
from mt.files import read_bytes, write_bytes
from mt.pipeline import corpus_build
from mt.pipeline.corpus_config import load_corpus
from mt.pipeline.corpus_work import Stage, Work
from mt.protocols import Progress, Silent
from mt.types import check_range

Executor = Literal["local", "slurm", "ray"]
_LOGS = "cluster"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the tasks of a build run.

    Attributes:
        executor: `local` = processes of this machine; `slurm` = job arrays, which are handed in and not waited for; `ray` = a Ray cluster.
        tasks: how many there are; the same whenever a build goes on.
        at_once: of these at the same time; 0 = all (`local`: one a core).
        cpus: of a task.
        gpus: of a task.
        memory: gigabytes of a task.
        partition: of Slurm.
        time: limit of a job, as Slurm writes it.
        qos: of Slurm; empty = the partition's.
        setup: a shell command before each Slurm task; empty = this interpreter's folder is put first in PATH.
        address: of the Ray cluster; empty = `RAY_ADDRESS`, else one that runs on this machine, else one is started for the build.
    """

    executor: Executor = "local"
    tasks: int = 1
    at_once: int = 0
    cpus: int = 1
    gpus: float = 0
    memory: float = 2
    partition: str = ""
    time: str = "24:00:00"
    qos: str = ""
    setup: str = ""
    address: str = ""

    def __post_init__(self) -> None:
        """Raises OptionError for numbers out of range."""
        check_range("tasks", self.tasks, 1, 1_000_000)
        check_range("at_once", self.at_once, 0, 1_000_000)
        check_range("cpus", self.cpus, 1, 1024)
        check_range("gpus", self.gpus, 0, 64)
        check_range("memory", self.memory, 0, 100_000)


@dataclass(frozen=True)
class Step:
    """What datatrove calls in every task: a stage's share of one rank."""

    path: str
    root: str
    stage: str
    notes: str
    wait: bool

    def __call__(self, data: object, rank: int, world_size: int) -> None:
        """Do it; what goes wrong is written down for who started the build, since datatrove only logs it.

        Raises:
            MTError: as `run_stage`; of what the user must change only where nobody waits who would say it.
        """
        try:
            corpus_build.run_stage(Path(self.path), Path(self.root), self.stage, rank, world_size)
        except Exception as e:
            code = e.exit_code if isinstance(e, MTError) else 1
            said = str(e) if isinstance(e, MTError) else f"{type(e).__name__}: {e}"
            note = {"stage": self.stage, "rank": rank, "exit_code": code, "said": said}
            write_bytes(Path(self.notes, f"{rank:06}.json"), json.dumps(note, ensure_ascii=False).encode())
            if not (self.wait and isinstance(e, UserError)):
                raise


def build(
    path: Path, root: Path, cluster: Cluster, *, redo: bool = False, progress: Progress | None = None
) -> dict[str, str]:
    """Build a corpus, or go on with one that was stopped, on datatrove's executors.

    Args:
        path: the configuration; like `root`, on a disk that all machines see under the same name.
        root: where the corpus is published.
        cluster: where tasks run.
        redo: make anew what other settings made, instead of refusing to go on.
        progress: told of every stage (not with `slurm`).

    Returns:
        Stage → number of the Slurm job that does it; empty for the executors that are waited for.

    Raises:
        UserError: for a configuration, an input or a place that cannot be used, or where a package is missing.
        MTError: where units of a stage are missing after it ran.
    """
    path, root = path.resolve(), root.resolve()
    _ready(cluster)
    plan = corpus_build.stages(load_corpus(path), path.parent)
    work = Work(root)
    work.begin(plan, cluster.tasks, redo=redo)
    logs = _attempt(work.folder / _LOGS)
    wait = cluster.executor != "slurm"
    steps = {
        stage.name: Step(str(path), str(root), stage.name, str(logs / stage.name / "failed"), wait) for stage in plan
    }
    if not wait:
        return _slurm(plan, steps, logs, cluster)
    with ExitStack() as stack:
        run = _on_ray(cluster, stack) if cluster.executor == "ray" else _on_processes(cluster, stack)
        for stage in plan:
            (progress or Silent()).stage(stage.name, cluster.tasks, "task")
            run(steps[stage.name], str(logs / stage.name))
            _complete(work, stage, Path(steps[stage.name].notes))
            (progress or Silent()).advance(cluster.tasks)
    corpus_build.unchanged(work, plan)
    return {}


def _ready(cluster: Cluster) -> None:
    """See that packages and options are there before anything is written."""
    try:
        import datatrove  # noqa: F401

        if cluster.executor == "ray":
            import ray  # noqa: F401
    except ImportError as e:
        expected = f"a package that is installed (pip install 'kakehashi[cluster]' brings {e.name})"
        raise ConfigError("--executor", expected, cluster.executor) from None
    if cluster.executor == "slurm":
        import shutil

        if not cluster.partition:
            raise ConfigError("--partition", "the name of a Slurm partition", "none")
        if shutil.which("sbatch") is None:
            raise ConfigError("--executor", "slurm on a machine that has sbatch", "none on PATH")
        if "SLURM_ARRAY_TASK_ID" in os.environ:
            raise ConfigError("--executor", "slurm started from outside of a Slurm array", "a task of one")


def _attempt(folder: Path) -> Path:
    """A new folder for this start's logs: `0001`, `0002`, …"""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = max((int(one.name) for one in folder.iterdir() if one.name.isdecimal()), default=0)
        while True:
            number += 1
            try:
                made = folder / f"{number:04}"
                made.mkdir()
                return made
            except FileExistsError:  # another start was quicker
                continue
    except OSError as e:
        raise OutputError(folder, e.strerror or str(e)) from None


Run = Callable[[Step, str], None]


def _on_processes(cluster: Cluster, stack: ExitStack) -> Run:
    """How a stage is run on this machine: all of its tasks.

    datatrove's own pool waits for ever when one of its processes is killed, starts them anew for every stage, and leaves a process behind when it is
    killed itself. So where there are several, they are those of the built-in runner; each does a rank at a time by datatrove's executor.
    """
    from mt.blas import cores

    at_once = min(cluster.at_once or cores(), cluster.tasks)
    pool = stack.enter_context(corpus_build.Pool(at_once))

    def run(step: Step, logs: str) -> None:
        if at_once == 1:
            for rank in range(cluster.tasks):
                _rank(step, logs, cluster.tasks, rank)
            return
        with pool.starting() as submit:
            futures = [submit(_rank, step, logs, cluster.tasks, rank) for rank in range(cluster.tasks)]
        try:
            for future in concurrent.futures.as_completed(futures):
                future.result()
        except concurrent.futures.BrokenExecutor:
            raise MTError(f"{step.stage}: a task was killed (out of memory?); the same command goes on") from None

    return run


def _rank(step: Step, logs: str, tasks: int, rank: int) -> None:
    """One task, in this process, by what datatrove's executors themselves call in theirs."""
    from datatrove.executor import LocalPipelineExecutor

    LocalPipelineExecutor([step], tasks=tasks, workers=1, logging_dir=logs)._run_for_rank(rank, local_rank=rank)


class _Actor:
    """What Ray starts for a task, in place of datatrove's `RankWorker`.

    That one does its ranks in children of its process, and waits for ever when a child alone is killed, as it is where memory runs out. Of this one
    Ray sees that it is gone, and datatrove hands its ranks to another.
    """

    def get_node_ip(self) -> str:
        """Asked for before the ranks are."""
        import ray

        return str(ray.util.get_node_ip_address())

    def run_for_rank(self, executor: Any, ranks: Sequence[int], node_ips: Sequence[str], node_idx: int) -> None:
        """Do them; the addresses are those of tasks that take several nodes, which ours do not."""
        for rank in ranks:
            executor._run_for_rank(rank, local_rank=1)


def _task_manager() -> type[Any]:
    """datatrove's, which starts tasks in threads, and waits for ever for one whose node is lost in that second; with this it learns of it."""
    from concurrent.futures import Future

    from datatrove.executor.ray import RayTaskManager

    class TaskManager(RayTaskManager):  # type: ignore[misc]
        def submit_task(self, executor_ref: Any, ranks_to_submit: Any, remote_options: Any) -> Any:
            """A future for the tasks."""
            found = super().submit_task(executor_ref, ranks_to_submit, remote_options)

            def ended(thread: Future[Any]) -> None:
                if not thread.cancelled() and (error := thread.exception()) is not None:
                    found.set_exception(error)

            self.pg_futures[-1].add_done_callback(ended)
            return found

    return TaskManager


def _on_ray(cluster: Cluster, stack: ExitStack) -> Run:
    """How a stage is run on a Ray cluster."""
    from datatrove.executor import ray as theirs

    if _join_ray(cluster):
        import ray

        stack.callback(ray.shutdown)
    for name, ours in (("RankWorker", _Actor), ("RayTaskManager", _task_manager())):
        stack.callback(setattr, theirs, name, getattr(theirs, name))
        setattr(theirs, name, ours)

    def run(step: Step, logs: str) -> None:
        theirs.RayPipelineExecutor(
            [step],
            tasks=cluster.tasks,
            workers=cluster.at_once or -1,
            cpus_per_task=cluster.cpus,
            gpus_per_task=cluster.gpus,
            mem_per_cpu_gb=cluster.memory / cluster.cpus,
            logging_dir=logs,
        ).run()

    return run


def _join_ray(cluster: Cluster) -> bool:
    """Connect to the cluster; False where this process was connected already."""
    import ray

    if ray.is_initialized():
        return False
    try:
        ray.init(cluster.address or None, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as e:
        raise ConfigError(
            "--ray-address", "the address of a Ray cluster", f"{cluster.address or 'none'} ({e})"
        ) from None
    return True


def _complete(work: Work, stage: Stage, notes: Path) -> None:
    """See by our records that a stage is complete.

    Raises:
        UserError, MTError: the first failure that a task wrote down, or that units are missing.
    """
    missing = [unit.name for unit in stage.units(work) if work.record(stage.name, unit.name) is None]
    if not missing:
        return
    for path in sorted(notes.glob("*.json")):
        note = json.loads(read_bytes(path))
        raise (UserError if note["exit_code"] == UserError.exit_code else MTError)(note["said"])
    raise MTError(
        f"{stage.name}: {plural(len(missing), 'unit')} missing after all tasks ran, the first {missing[0]}; a task was killed (logs: "
        f"{notes.parent}); the same command goes on"
    )


def _slurm(plan: Sequence[Stage], steps: Mapping[str, Step], logs: Path, cluster: Cluster) -> dict[str, str]:
    """Hand in one job array a stage, each to begin when the one before has ended well."""
    import subprocess

    from datatrove.executor import SlurmPipelineExecutor

    before: Any = None
    jobs: dict[str, str] = {}
    try:
        for stage in plan:
            before = SlurmPipelineExecutor(
                [steps[stage.name]],
                tasks=cluster.tasks,
                time=cluster.time,
                partition=cluster.partition,
                cpus_per_task=cluster.cpus,
                mem_per_cpu_gb=_whole(cluster.memory / cluster.cpus),
                gpus_per_task=_whole(cluster.gpus) if cluster.gpus else 0,
                workers=cluster.at_once or -1,
                job_name=f"mt-{stage.name}",
                qos=cluster.qos,
                env_command=cluster.setup or f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"',
                # what waits for a stage that failed should not wait for ever
                sbatch_args={"kill-on-invalid-dep": "yes"},
                depends=before,
                logging_dir=str(logs / stage.name),
            )
            before.run()
            jobs[stage.name] = str(before.job_id)
    except (subprocess.CalledProcessError, IndexError) as e:
        raise ConfigError("--executor", "slurm options that sbatch takes", str(e)) from None
    return jobs


def _whole(number: float) -> int:
    return max(1, int(-(-number // 1)))
