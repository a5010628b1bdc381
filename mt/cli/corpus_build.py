"""`mt corpus build`: raw material to a published corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mt.cli import console, options

if TYPE_CHECKING:
    from mt.protocols import Progress

_Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="A build's TOML file.", show_default=False)]
_Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="Folder of the corpus; the work stands in FOLDER/work.", show_default=False),
]
_Workers = Annotated[int, typer.Option(help="Processes on this machine; 0 = as many as there are cores.")]
_Rank = Annotated[
    int | None,
    typer.Option(help="With --world-size: which of the processes over this folder, from 0.", show_default=False),
]
_World = Annotated[
    int | None, typer.Option(help="How many there are, however they are started; each waits for the others.")
]
_Patience = Annotated[float, typer.Option(help="Seconds without a unit of the others after which one gives up.")]
_Executor = Annotated[
    Literal["local", "slurm", "ray"] | None,
    typer.Option(
        help="Run on datatrove instead (extra `cluster`), whose log goes to standard error.", show_default=False
    ),
]
_Tasks = Annotated[int | None, typer.Option(help="Of --executor: tasks a stage; the same when a build goes on.")]
_AtOnce = Annotated[int, typer.Option(help="Of --executor: tasks at the same time; 0 = all, or one a core if local.")]
_Cpus = Annotated[int, typer.Option(help="Of slurm and ray: cores of a task.")]
_Gpus = Annotated[float, typer.Option(help="Of slurm and ray: GPUs of a task.")]
_Mem = Annotated[float, typer.Option(help="Of slurm and ray: gigabytes of a task.")]
_Partition = Annotated[str, typer.Option(help="Of slurm.")]
_Time = Annotated[str, typer.Option(help="Of slurm: limit of a job.")]
_Qos = Annotated[str, typer.Option(help="Of slurm.")]
_Setup = Annotated[
    str, typer.Option(help="Of slurm: shell command before a task; by default this Python goes first in PATH.")
]
_Address = Annotated[str, typer.Option(help="Of ray; by default $RAY_ADDRESS, else the one here, else a new one.")]
_Redo = Annotated[
    bool,
    typer.Option("--redo", help="Settings or sources have changed: make anew what depends on them, keep the rest."),
]


def command(
    config: _Config,
    output: _Output,
    workers: _Workers = 0,
    rank: _Rank = None,
    world_size: _World = None,
    patience: _Patience = 86_400,
    executor: _Executor = None,
    tasks: _Tasks = None,
    at_once: _AtOnce = 0,
    cpus: _Cpus = 1,
    gpus: _Gpus = 0,
    memory: _Mem = 2,
    partition: _Partition = "",
    time: _Time = "24:00:00",
    qos: _Qos = "",
    setup: _Setup = "",
    ray_address: _Address = "",
    redo: _Redo = False,
    json: options.Json = False,
) -> int:
    """Build a corpus: read, make pairs, normalise, score, decide, leave out copies, split and publish, with every decision recorded.

    The same bytes come out whatever the number of workers, tasks and machines. A build that was stopped, killed or out of disk goes on with the
    same command: what is complete is verified by checksum and kept. Processes on several machines over one shared folder: start the same command
    on each with its --rank and the same --world-size, or hand it to a cluster, e.g. with --executor slurm --tasks 100 --partition NAME.

    Examples:

      mt corpus build corpus.toml -o corpus

      mt corpus build corpus.toml -o corpus --workers 2 --redo --json

      mt corpus build corpus.toml -o corpus --rank 0 --world-size 1
    """
    return _build(**locals())


def _build(*, config: Path, output: Path, redo: bool, json: bool, executor: str | None, **asked: Any) -> int:
    from mt.pipeline.corpus_build import outcome

    with options.checked(), console.progress() as progress:
        if executor is None:
            _here(config, output, redo, asked, progress)
        elif jobs := _cluster(config, output, redo, executor, asked, progress):
            if json:
                console.out_json({"folder": str(output), "jobs": jobs})
            for stage, job in jobs.items() if not json else ():
                console.out(f"{stage}: job {job}")
            return 0
    done = outcome(config, output)
    report = output / "report.html"
    if json:
        console.out_json({"folder": str(output), "report": str(report), **done.record()})
        return 0
    for line in done.lines():
        console.out(line)
    console.out(f"report: {report}")
    return 0


def _here(config: Path, output: Path, redo: bool, asked: dict[str, Any], progress: Progress) -> None:
    from mt.errors import ConfigError
    from mt.pipeline.corpus_build import Share, build

    rank, world = asked["rank"], asked["world_size"]
    if (rank is None) != (world is None):
        raise ConfigError("--rank", "both --rank and --world-size, or neither", "one of them")
    if asked["tasks"] is not None:
        raise ConfigError("--tasks", "--executor beside it", "none; processes without one have --world-size")
    if world is not None and world < 1:
        raise ConfigError("--world-size", "a number from 1", str(world))
    if world is not None and not 0 <= rank < world:
        raise ConfigError("--rank", f"a number from 0 to {world - 1}, below --world-size", str(rank))
    build(
        config, output, Share(rank or 0, world or 1, asked["workers"], asked["patience"]), redo=redo, progress=progress
    )


def _cluster(
    config: Path, output: Path, redo: bool, executor: str, asked: dict[str, Any], progress: Progress
) -> dict[str, str]:
    from mt.errors import ConfigError
    from mt.pipeline.corpus_cluster import Cluster, build

    if asked["rank"] is not None or asked["world_size"] is not None:
        raise ConfigError("--rank", "none with --executor, whose tasks have ranks of their own", str(asked["rank"]))
    if asked["tasks"] is None:
        raise ConfigError("--tasks", "how many tasks --executor shares the work among", "none")
    names = ("tasks", "at_once", "cpus", "gpus", "memory", "partition", "time", "qos", "setup")
    where = Cluster(executor, **{name: asked[name] for name in names}, address=asked["ray_address"])  # type: ignore[arg-type]
    return build(config, output, where, redo=redo, progress=progress)
