"""A build on a Ray cluster of two nodes on this machine, one of which is killed in the middle: a program, since Ray is started once a process.

python -m tests.pipeline.ray_nodes FOLDER
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path


def main() -> None:
    import ray
    from ray.cluster_utils import Cluster as Nodes

    from mt.pipeline import corpus_cluster
    from tests.pipeline import corpus_toy

    corpus_toy.install()
    place = Path(sys.argv[1])
    nodes = Nodes(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    two = [nodes.add_node(num_cpus=1) for _ in range(2)]
    ray.init(nodes.address, log_to_driver=False)

    def kill() -> None:
        log = place / "told" / "log"
        while not log.exists() or log.read_text().count("squares") < 2:
            time.sleep(0.05)
        nodes.remove_node(two[0], allow_graceful=False)
        sys.stdout.write("a node was killed\n")

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    asked = corpus_cluster.Cluster("ray", tasks=2, memory=0.1)
    corpus_cluster.build(place / "c.toml", place / "out", asked)
    killer.join()
    ray.shutdown()
    nodes.shutdown()


if __name__ == "__main__":
    main()
