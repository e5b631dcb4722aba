"""Whether a cluster can take execution contexts, and waiting for one that soon can.

It is asked before a context is: a cluster that is not there is then told at once and plainly, where
a create would be refused in words that vary, or be retried for minutes.
"""

from __future__ import annotations

from enum import Enum, unique

import trio

from ..clients import clusters
from ..clients.clusters import ClustersClient, ClusterState
from ..errors import DatabricksRefused, DatabricksUnreachable, MisusedToolkit, NotFound
from .polling import CLUSTER, Polling

# Seconds to wait for a cluster that is coming up.  Starting one takes minutes, restarting or the
# rest of a start often less than one, and hosts give a tool call about one.
PATIENCE = 45.0


@unique
class Readiness(Enum):
    """What a cluster's state means to somebody who wants to run code on it."""

    READY = "can run code"
    COMING = "is on its way up"
    GONE = "does not run"


_READINESS = {
    ClusterState.RUNNING: Readiness.READY,
    ClusterState.RESIZING: Readiness.READY,  # its driver, and all contexts, stay
    ClusterState.PENDING: Readiness.COMING,
    ClusterState.RESTARTING: Readiness.COMING,
    ClusterState.TERMINATING: Readiness.GONE,
    ClusterState.TERMINATED: Readiness.GONE,
    ClusterState.ERROR: Readiness.GONE,
}


def readiness(cluster: clusters.Cluster) -> Readiness:
    """Whether it can run code.  A state that we do not know is for Databricks to judge."""
    return _READINESS.get(cluster.state, Readiness.READY)  # type: ignore[call-overload,no-any-return]


def not_ready(cluster: clusters.Cluster) -> MisusedToolkit:
    """Why nothing can be run on a cluster, and what to do about it."""
    said = f" ({cluster.state_message})" if cluster.state_message else ""
    message = f"Cluster {cluster.cluster_id} is {cluster.state}{said}, and cannot run code"
    if readiness(cluster) is Readiness.COMING:
        return MisusedToolkit(message + " yet", advice="Try again when get_cluster says RUNNING.")
    return MisusedToolkit(message, advice="Start it (start_cluster), and wait until it is RUNNING.")


async def until_ready(client: ClustersClient, cluster_id: str, patience: float = PATIENCE) -> None:
    """Wait until a cluster can run code, at most `patience` seconds for one that is coming up.

    Where the cluster cannot be looked at, for want of a permission, say, this does not object: the
    next request will show.

    Raises:
      NotFound: there is no such cluster.
      MisusedToolkit: it does not run, or is still coming up.
    """
    polling = Polling(CLUSTER)
    give_up = trio.current_time() + patience
    while True:
        try:
            cluster = await client.get(cluster_id)
        except NotFound:
            raise
        except (DatabricksRefused, DatabricksUnreachable):
            return
        polling = polling.seen()
        assert polling.delay is not None
        ready = readiness(cluster)
        if ready is Readiness.READY:
            return
        if ready is Readiness.GONE or trio.current_time() + polling.delay > give_up:
            raise not_ready(cluster)
        await trio.sleep(polling.delay)
