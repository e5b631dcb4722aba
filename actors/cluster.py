"""Whether a cluster can take execution contexts, waiting for one that soon can, and its driver.

It is asked before a context is: a cluster that is not there is then told at once and plainly, where
a create would be refused in words that vary, or be retried for minutes.

And it is asked when a call that names a context is refused because the cluster is not ready.  That
alone does not say that the context is gone: the same word may come while a driver is busy and lives
on, and whoever takes it for a loss would destroy a context at work.  What is certain is that a
context goes with its driver; so a cluster that has none, or another one, has lost it.
"""

from __future__ import annotations

from enum import Enum, unique

import trio

from ..clients import clusters
from ..clients.clusters import ClustersClient, ClusterState
from ..errors import (
    ContextLost,
    DatabricksRefused,
    DatabricksUnreachable,
    MisusedToolkit,
    NotFound,
)
from .polling import CLUSTER, Polling


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
    if cluster.state is ClusterState.TERMINATING:
        advice = "It can be started (start_cluster) when get_cluster says TERMINATED."
        return MisusedToolkit(message, advice=advice)
    return MisusedToolkit(message, advice="Start it (start_cluster), and wait until it is RUNNING.")


async def until_ready(
    client: ClustersClient, cluster_id: str, patience: float
) -> clusters.Cluster | None:
    """Wait until a cluster can run code, at most `patience` seconds for one that is coming up.

    Where the cluster cannot be looked at, for want of a permission, say, this does not object and
    returns None: the next request will show.

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
            return None
        polling = polling.seen()
        assert polling.delay is not None
        ready = readiness(cluster)
        if ready is Readiness.READY:
            return cluster
        if ready is Readiness.GONE or trio.current_time() + polling.delay > give_up:
            raise not_ready(cluster)
        await trio.sleep(polling.delay)


async def present_driver(client: ClustersClient, cluster_id: str, known: int | None) -> int | None:
    """The `spark_context_id` of the cluster's driver, as far as that can be seen now.

    Args:
      client: the Clusters API.
      cluster_id: the cluster of a context.
      known: the driver's id when the context was last known to live, if that was seen.

    Raises:
      ContextLost: the driver that was is no more, and every context went with it.
    """
    try:
        cluster = await client.get(cluster_id)
    except NotFound as gone:
        raise ContextLost(f"Its cluster is no more: {gone.message}") from None
    except (DatabricksRefused, DatabricksUnreachable):
        return known
    if readiness(cluster) is not Readiness.READY:
        raise ContextLost(f"Cluster {cluster_id} was {cluster.state}: its driver has ended.")
    driver = cluster.spark_context_id
    if known is not None and driver not in (None, known):
        raise ContextLost(f"Cluster {cluster_id} has a new driver.")
    return driver or known
