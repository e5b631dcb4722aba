"""What an actor costs that has nothing to do: an open execution context that nobody uses.

A process that grows context by context tells it best: what is counted is the memory that is really
there, with all that belongs to a context (tasks, mailbox, handle, journal entry) and nothing else.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors import Limits

CLUSTERS = 12  # a workspace takes 145 contexts on each
WARMING_UP = 2  # of these clusters: buffers, connections and caches grow only once
CONTEXTS = 140  # on each
AT_ONCE = 10
GRACE = 30.0  # seconds; there is more to destroy at the end than a session usually has
CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}


def resident_bytes() -> int:
    """The memory of this process that is really there (Linux)."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def measure() -> float:
    """Bytes by which this process grows for each context that it has open."""
    limits = Limits(contexts=CLUSTERS * CONTEXTS)
    async with Toolkit.open(state_dir="none", grace=GRACE, limits=limits) as toolkit:
        clusters = [await toolkit.databricks.clusters.create(CLUSTER) for _ in range(CLUSTERS)]
        for cluster_id in clusters[:WARMING_UP]:
            await open_contexts(toolkit, cluster_id)
        before = resident_bytes()
        for cluster_id in clusters[WARMING_UP:]:
            await open_contexts(toolkit, cluster_id)
        return (resident_bytes() - before) / (CONTEXTS * (CLUSTERS - WARMING_UP))


async def open_contexts(toolkit: Toolkit, cluster_id: str) -> None:
    while (await toolkit.databricks.clusters.get(cluster_id)).state != "RUNNING":
        await trio.sleep(0.1)
    for _ in range(CONTEXTS // AT_ONCE):
        async with trio.open_nursery() as nursery:
            for _ in range(AT_ONCE):
                nursery.start_soon(toolkit.session.open_context, cluster_id)


def bytes_per_actor(env: Mapping[str, str]) -> float:
    """As `measure`, in a process that has done nothing else, on the workspace of `env`."""
    ran = subprocess.run(
        [sys.executable, __file__],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
    )
    return float(ran.stdout)


if __name__ == "__main__":
    print(trio.run(measure))
