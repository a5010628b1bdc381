"""A build of the real stages on datatrove's executors, in which processes are killed, run as a program.

    python -m tests.pipeline.corpus_real CONFIG ROOT EXECUTOR

A folder `told` beside the configuration says in which stages: a file `die-STAGE` = the first task that has made a unit of it dies with kill -9 before
the unit is recorded, once; `wait-STAGE` = every task notes `begun-STAGE-RANK` there and waits as many seconds as are written in it. With `ray` the
cluster is two nodes on this machine, one of which is killed when two tasks of a `wait-STAGE` have begun.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from mt.errors import MTError
from mt.pipeline import corpus_build, corpus_cluster


@dataclass(frozen=True)
class Step(corpus_cluster.Step):
    """A step that brings the killing into the processes of datatrove's executors."""

    def __call__(self, data: object, rank: int, world_size: int) -> None:
        told = Path(self.path).parent / "told"
        wait = told / f"wait-{self.stage}"
        if wait.exists():
            (told / f"begun-{self.stage}-{rank}").touch()
            time.sleep(float(wait.read_text()))
        real = corpus_build.one_unit

        def one_unit(work, stage, unit):
            if not work.verify(stage.name, unit.name) and taken(told / f"die-{self.stage}"):
                work.path(stage.name, "").mkdir(parents=True, exist_ok=True)
                stage.run(work, unit)
                os.kill(os.getpid(), signal.SIGKILL)
            real(work, stage, unit)

        corpus_build.one_unit = one_unit
        try:
            super().__call__(data, rank, world_size)
        finally:
            corpus_build.one_unit = real


def taken(path):
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def build(path, root, asked):
    corpus_cluster.Step = Step
    try:
        corpus_cluster.build(path, root, asked)
    except MTError as e:
        sys.stderr.write(f"mt: error: {e}\n")
        return e.exit_code
    return 0


def on_two_nodes(path, root):
    import ray
    from ray.cluster_utils import Cluster as Nodes

    nodes = Nodes(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    two = [nodes.add_node(num_cpus=1) for _ in range(2)]
    ray.init(nodes.address, log_to_driver=False)

    def kill():
        while len(list((path.parent / "told").glob("begun-*"))) < 2:
            time.sleep(0.05)
        nodes.remove_node(two[0], allow_graceful=False)
        sys.stdout.write("a node was killed\n")

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    code = build(path, root, corpus_cluster.Cluster("ray", tasks=2, memory=0.1))
    killer.join(1)
    ray.shutdown()
    nodes.shutdown()
    return code


def main():
    path, root, executor = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if executor == "ray":
        return on_two_nodes(path, root)
    asked = corpus_cluster.Cluster(executor, tasks=2, at_once=int(executor == "local"), memory=0.1, partition="cpu")
    return build(path, root, asked)


if __name__ == "__main__":
    from tests.pipeline import corpus_real  # under its own name, by which what is pickled is found again

    sys.exit(corpus_real.main())
