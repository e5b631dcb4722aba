"""How a cluster and its events are told."""

from __future__ import annotations

from typing import Any

from .cluster import USABLE, Cluster, ClusterEvent
from .hardware import cores_of, memory_of, nodes_of


def cluster_object(cluster: Cluster, *, spec: bool = True) -> dict[str, Any]:
    """ClusterDetails.  Lists go without `spec`."""
    node_type = str(cluster.config.get("node_type_id", ""))
    driver_type = str(cluster.config.get("driver_node_type_id", node_type))
    details: dict[str, Any] = {
        "cluster_id": cluster.cluster_id,
        "creator_user_name": cluster.creator,
        **cluster.config,
        "num_workers": cluster.workers,
        "cluster_source": cluster.source,
        "state": cluster.state.value,
        "state_message": cluster.state_message,
        "start_time": cluster.start_time,
        "last_state_loss_time": cluster.last_state_loss_time,
        "last_restarted_time": cluster.last_restarted_time or cluster.start_time,
        "jdbc_port": 10000,
        "default_tags": {
            "Vendor": "Databricks",
            "Creator": cluster.creator,
            "ClusterName": cluster.name,
            "ClusterId": cluster.cluster_id,
        },
    }
    if cluster.state in USABLE:
        details |= nodes_of(
            cluster.cluster_id, driver_type, node_type, cluster.workers, cluster.start_time
        )
        details["spark_context_id"] = cluster.spark_context_id
        details["cluster_cores"] = cores_of(driver_type) + cluster.workers * cores_of(node_type)
        details["cluster_memory_mb"] = memory_of(driver_type) + cluster.workers * memory_of(
            node_type
        )
    elif cluster.spark_context_id:
        details["spark_context_id"] = cluster.spark_context_id
    if cluster.terminated_time:
        details["terminated_time"] = cluster.terminated_time
    if cluster.reason is not None:
        details["termination_reason"] = cluster.reason.wire()
    if spec:
        details["spec"] = cluster.spec
    return details


def event_object(cluster: Cluster, event: ClusterEvent) -> dict[str, Any]:
    """ClusterEvent."""
    return {
        "cluster_id": cluster.cluster_id,
        "timestamp": event.timestamp,
        "type": event.type,
        "details": dict(event.details),
    }
