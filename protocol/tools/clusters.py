"""Clusters: what there is, and their life.

https://docs.databricks.com/api/workspace/clusters
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ...clients.clusters import Cluster, ClusterState
from ...errors import DatabricksRefused
from ..arguments import body
from ..call import Call
from ..listing import collect, listed
from ..registry import tool
from ..results import Answer, lines, moment, one_line
from ..schema import argument, rest
from .ids import ID, NAME, limit, page_token

UP_OR_COMING = (
    ClusterState.PENDING,
    ClusterState.RUNNING,
    ClusterState.RESIZING,
    ClusterState.RESTARTING,
)
SHORTEST_AUTOTERMINATION = 10  # minutes; 0 turns it off


@attrs.frozen
class ListClusters:
    """Which page of the clusters."""

    limit: int = limit(50, 500)
    page_token: str | None = page_token()


@attrs.frozen
class OneCluster:
    """A cluster."""

    cluster_id: str = argument("Cluster id", **ID)


@attrs.frozen
class CreateCluster:
    """The body of `clusters/create`; fields not named here are sent on as they are."""

    spark_version: str = argument("Runtime, e.g. 15.4.x-scala2.12", **NAME)
    cluster_name: str | None = argument("Name", default=None, **NAME)
    node_type_id: str | None = argument("Or a pool or policy", default=None, **NAME)
    num_workers: int | None = argument(
        "Fixed size, 0: driver only; or autoscale", default=None, minimum=0, maximum=100_000
    )
    autoscale: dict[str, Any] | None = argument("{min_workers, max_workers}", default=None)
    autotermination_minutes: int | None = argument(
        "Idle minutes, 0: never", default=None, minimum=0, maximum=10_000
    )
    policy_id: str | None = argument("Cluster policy", default=None, **ID)
    spark_conf: dict[str, str] | None = argument("Spark settings", default=None)
    rest: dict[str, Any] = rest()

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """What is missing, and what contradicts: a policy may fill in whatever is missing."""

        def has(*names: str) -> bool:
            return any(given.get(name) is not None for name in names)

        if not has("node_type_id", "instance_pool_id", "policy_id"):
            yield "node_type_id: required, unless there is an instance_pool_id or a policy_id"
        if not has("num_workers", "autoscale", "is_single_node", "policy_id"):
            yield "num_workers: required, unless there is an autoscale or a policy_id"
        if has("num_workers") and has("autoscale"):
            yield "num_workers: give it or autoscale, not both"
        if isinstance(scale := given.get("autoscale"), Mapping):
            yield from _faults_of_scale(scale)
        minutes = given.get("autotermination_minutes")
        if isinstance(minutes, int) and 0 < minutes < SHORTEST_AUTOTERMINATION:
            yield f"autotermination_minutes: expected 0 (never) or 10 to 10000, got {minutes}"


def _faults_of_scale(scale: Mapping[str, Any]) -> Iterator[str]:
    least, most = scale.get("min_workers"), scale.get("max_workers")
    for name, value in (("min_workers", least), ("max_workers", most)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            yield f"autoscale.{name}: required, a whole number of 0 or more"
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield f"autoscale.max_workers: expected min_workers ({least}) or more, got {most}"


@tool(ListClusters, title="List clusters", reads=True)
async def list_clusters(call: Call, arguments: ListClusters) -> Answer:
    """List clusters with id, name and state."""
    clusters, token = await collect(
        lambda size, token: call.session.databricks.clusters.page(page_size=size, page_token=token),
        arguments.limit,
        arguments.page_token,
    )
    text = listed(
        "clusters",
        ("cluster_id", "cluster_name", "state", "spark_version", "node_type_id", "workers"),
        [
            (c.cluster_id, c.cluster_name, c.state, c.spark_version, c.node_type_id, _size(c))
            for c in clusters
        ],
        more=f"Go on with list_clusters(page_token={token!r})." if token else "",
    )
    structured: dict[str, Any] = {"clusters": [cluster.wire for cluster in clusters]}
    if token:
        structured["next_page_token"] = token
    return Answer(structured, text)


@tool(CreateCluster, title="Create cluster")
async def create_cluster(call: Call, arguments: CreateCluster) -> Answer:
    """Create and start a cluster. Takes any field of the Clusters API's create body."""
    cluster_id = await call.session.databricks.clusters.create(body(arguments))
    return Answer(
        {"cluster_id": cluster_id},
        f"Cluster {cluster_id} is created and starting, which takes minutes: "
        "get_cluster tells when it is RUNNING.",
    )


@tool(OneCluster, title="Get cluster", reads=True)
async def get_cluster(call: Call, arguments: OneCluster) -> Answer:
    """Get one cluster's state and configuration."""
    cluster = await call.session.databricks.clusters.get(arguments.cluster_id)
    return Answer(cluster.wire, _told(cluster))


@tool(OneCluster, title="Start cluster", repeatable=True)
async def start_cluster(call: Call, arguments: OneCluster) -> Answer:
    """Start a terminated cluster; returns at once, starting takes minutes."""
    cluster_id = arguments.cluster_id
    clusters = call.session.databricks.clusters
    try:
        await clusters.start(cluster_id)
    except DatabricksRefused as refused:
        if refused.error_code != "INVALID_STATE":
            raise
        cluster = await clusters.get(cluster_id)
        if cluster.state not in UP_OR_COMING:
            raise
        text = f"Nothing to start: cluster {cluster_id} is {cluster.state} already."
        return Answer({"cluster_id": cluster_id, "state": str(cluster.state)}, text)
    text = f"Cluster {cluster_id} is starting; get_cluster tells when it is RUNNING."
    return Answer({"cluster_id": cluster_id}, text)


@tool(OneCluster, title="Terminate cluster", destroys=True, repeatable=True)
async def terminate_cluster(call: Call, arguments: OneCluster) -> Answer:
    """Terminate a cluster. Its contexts and what runs on it end; its configuration stays."""
    await call.session.databricks.clusters.terminate(arguments.cluster_id)
    text = (
        f"Cluster {arguments.cluster_id} is being terminated. start_cluster starts it again; "
        "execution contexts on it are lost."
    )
    return Answer({"cluster_id": arguments.cluster_id}, text)


def _size(cluster: Cluster) -> str:
    scale = cluster.wire.get("autoscale")
    if isinstance(scale, dict):
        return f"{scale.get('min_workers')}-{scale.get('max_workers')}"
    return "" if cluster.num_workers is None else str(cluster.num_workers)


def _told(cluster: Cluster) -> str:
    reason = cluster.termination_reason
    minutes = cluster.autotermination_minutes
    name = f" ({cluster.cluster_name})" if cluster.cluster_name else ""
    said = f": {one_line(cluster.state_message)}" if cluster.state_message else ""
    return lines(
        f"Cluster {cluster.cluster_id}{name} is {cluster.state or 'of unknown state'}{said}",
        f"Ended by {reason.code} ({reason.type}) {reason.parameters or ''}" if reason else "",
        f"Spark {cluster.spark_version}, {cluster.node_type_id}, workers: {_size(cluster)}",
        f"Started {moment(cluster.start_time)}" if cluster.start_time else "",
        f"Terminates after {minutes} idle minutes" if minutes else "",
    )
