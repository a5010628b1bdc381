"""A build of small made-up stages, run as a program: what the runner does can be seen apart from what real stages do.

    python -m tests.pipeline.corpus_toy CONFIG ROOT [--workers N] [--rank R --tasks N] [--redo] [--patience S] [--executor E]

`numbers` writes parts of numbers, `squares` a file for each part, `total` one file out of all. The configuration's `part_rows` is the number of
units; `file_rows` is what `squares` multiplies by; a folder CONFIG.d may hold `slow`, `fail` or `die`, which say what happens in which unit.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.errors import InputError, MTError
from mt.files import write_text
from mt.pipeline import corpus_build, corpus_cluster
from mt.pipeline.corpus_work import Made, Stage, Unit, Work

STAGES = ("numbers", "squares", "total")


@dataclass(frozen=True)
class Toy:
    config: Any
    told: Path
    name: str
    after: tuple[str, ...]

    def params(self) -> Mapping[str, Any]:
        if self.name == "numbers":
            stamp = self.told / "source"
            return {"units": self.config.part_rows, "source": stamp.stat().st_mtime_ns if stamp.exists() else 0}
        return {"factor": self.config.file_rows} if self.name == "squares" else {}

    def units(self, work: Work) -> list[Unit]:
        if self.name == "total":
            return [Unit("all")]
        return [Unit(f"{n:03}", 10) for n in range(self.config.part_rows)]

    def run(self, work: Work, unit: Unit) -> Made:
        self._happen(work, unit)
        if self.name == "numbers":
            first = 10 * int(unit.name)
            rows = list(range(first, first + 10))
            kept = [n for n in rows if n % 3]
            path = work.path("numbers", f"{unit.name}.txt")
            write_text(path, "".join(f"{n}\n" for n in kept))
            return Made((path,), 10, len(kept), {"third": 10 - len(kept)})
        if self.name == "squares":
            rows = [int(x) for x in work.path("numbers", f"{unit.name}.txt").read_text().split()]
            path = work.root / f"squares-{unit.name}.txt"  # published, as outputs of the last stages are
            write_text(path, "".join(f"{self.config.file_rows * n * n}\n" for n in rows))
            return Made((path,), len(rows), len(rows))
        parts = [work.root / f"squares-{n:03}.txt" for n in range(self.config.part_rows)]
        rows = [int(x) for part in parts for x in part.read_text().split()]
        write_text(work.root / "total.txt", f"{sum(rows)}\n")
        return Made((work.root / "total.txt",), len(rows), len(rows))

    def _happen(self, work: Work, unit: Unit) -> None:
        """What the folder beside the configuration says of this unit: `slow SECONDS`, `fail` and `die` come once."""
        with (self.told / "log").open("a") as log:
            log.write(f"{self.name}/{unit.name} {os.getpid()}\n")
        for kind in ("slow", "fail", "die"):
            path = self.told / f"{kind}-{self.name}-{unit.name}"
            if not path.exists():
                continue
            if kind == "slow":
                time.sleep(float(path.read_text()))
                continue
            path.unlink()
            if kind == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            raise InputError("in.tsv", "two columns", "one", line=7)


def stages(config: Any, base: Path) -> list[Stage]:
    told = base / "told"
    return [
        Toy(config, told, "numbers", ()),
        Toy(config, told, "squares", ("numbers",)),
        Toy(config, told, "total", ("squares",)),
    ]


@dataclass(frozen=True)
class ToyStep(corpus_cluster.Step):
    """A step that brings these stages into the processes of datatrove's executors."""

    def __call__(self, data: object, rank: int, world_size: int) -> None:
        install()
        super().__call__(data, rank, world_size)


def install() -> None:
    corpus_build.stages = stages
    corpus_cluster.Step = ToyStep


def main() -> int:
    install()
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("root", type=Path)
    for name in ("--workers", "--rank"):
        parser.add_argument(name, type=int, default=int(name == "--workers"))
    parser.add_argument("--tasks", type=int, default=1)
    parser.add_argument("--patience", type=float, default=30)
    parser.add_argument("--redo", action="store_true")
    parser.add_argument("--executor", default="")
    told = parser.parse_args()
    try:
        if told.executor:
            asked = corpus_cluster.Cluster(
                told.executor, tasks=told.tasks, at_once=told.workers, memory=0.1, partition="cpu"
            )
            sys.stdout.write(json.dumps(corpus_cluster.build(told.config, told.root, asked, redo=told.redo)))
            return 0
        share = corpus_build.Share(told.rank, told.tasks, told.workers, told.patience)
        corpus_build.build(told.config, told.root, share, redo=told.redo)
    except MTError as e:
        sys.stderr.write(f"mt: error: {e}\n")
        return e.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__mp_main__":  # a spawned worker, which imports what its parent ran
    install()
if __name__ == "__main__":
    from tests.pipeline import corpus_toy  # under its own name, by which what is pickled is found again

    sys.exit(corpus_toy.main())
