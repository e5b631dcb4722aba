"""What clusters are made of: Spark versions, node types, zones, and the nodes of a running one.

A small, invented but well-formed catalogue: the SDK's `select_spark_version` and `select_node_type`
sort and filter on its fields, so each is there and comparable.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

# Databricks Runtime, name, Apache Spark version; the newest first, as Databricks lists them.
_RUNTIMES = (
    ("17.3.x", "17.3 LTS", "4.0.0", "2.13"),
    ("16.4.x", "16.4 LTS", "3.5.2", "2.12"),
    ("15.4.x", "15.4 LTS", "3.5.0", "2.12"),
    ("14.3.x", "14.3 LTS", "3.5.0", "2.12"),
    ("13.3.x", "13.3 LTS", "3.4.1", "2.12"),
)
# Node type, cores, memory in MB, GPUs, local disks, category.
_NODES = (
    ("m5d.large", 2.0, 8192, 0, 1, "General Purpose"),
    ("m5d.xlarge", 4.0, 16384, 0, 1, "General Purpose"),
    ("i3.xlarge", 4.0, 31232, 0, 1, "Storage Optimized"),
    ("i3.2xlarge", 8.0, 62464, 0, 1, "Storage Optimized"),
    ("r5d.xlarge", 4.0, 32768, 0, 1, "Memory Optimized"),
    ("c5d.2xlarge", 8.0, 16384, 0, 1, "Compute Optimized"),
    ("m5.xlarge", 4.0, 16384, 0, 0, "General Purpose"),
    ("g4dn.xlarge", 4.0, 16384, 1, 1, "GPU Accelerated"),
)
_UNKNOWN_CORES = 4.0  # what a node type counts as that the catalogue does not have
_UNKNOWN_MEMORY = 16384  # MB
ZONES = ("us-west-2a", "us-west-2b", "us-west-2c")


def spark_versions() -> list[dict[str, str]]:
    """`versions` of `clusters/spark-versions`."""
    versions = []
    for number, name, spark, scala in _RUNTIMES:
        about = f"Apache Spark {spark}, Scala {scala}"
        versions += [
            {"key": f"{number}-scala{scala}", "name": f"{name} (includes {about})"},
            {
                "key": f"{number}-photon-scala{scala}",
                "name": f"{name} Photon (includes {about})",
            },
            {
                "key": f"{number}-cpu-ml-scala{scala}",
                "name": f"{name} ML (includes {about})",
            },
            {
                "key": f"{number}-gpu-ml-scala{scala}",
                "name": f"{name} ML (includes {about}, GPU)",
            },
        ]
    return versions


def node_types() -> list[dict[str, Any]]:
    """`node_types` of `clusters/list-node-types`."""
    return [
        {
            "node_type_id": name,
            "memory_mb": memory,
            "num_cores": cores,
            "num_gpus": gpus,
            "description": name,
            "instance_type_id": name,
            "category": category,
            "is_deprecated": False,
            "is_hidden": False,
            "is_graviton": False,
            "is_io_cache_enabled": disks > 0,
            "photon_driver_capable": True,
            "photon_worker_capable": True,
            "support_cluster_tags": True,
            "support_ebs_volumes": True,
            "support_port_forwarding": True,
            "node_instance_type": {
                "instance_type_id": name,
                "local_disks": disks,
                "local_disk_size_gb": 0,
                "local_nvme_disks": disks,
                "local_nvme_disk_size_gb": 150 * disks,
            },
            "node_info": {"status": [], "available_core_quota": 350.0, "total_core_quota": 350.0},
        }
        for name, cores, memory, gpus, disks, category in _NODES
    ]


def cores_of(node_type: str) -> float:
    """How many cores a node of this type has."""
    return next((cores for name, cores, *_ in _NODES if name == node_type), _UNKNOWN_CORES)


def memory_of(node_type: str) -> int:
    """How much memory a node of this type has, in MB."""
    return next((memory for name, _, memory, *_ in _NODES if name == node_type), _UNKNOWN_MEMORY)


def nodes_of(
    cluster_id: str, driver_type: str, worker_type: str, workers: int, start_time: int
) -> dict[str, Any]:
    """`driver` and `executors` of a running cluster; the same for the same start."""
    nodes = [
        _node(f"{cluster_id}/{start_time}/{place}", place, start_time)
        for place in range(workers + 1)
    ]
    found: dict[str, Any] = {
        "driver": nodes[0] | {"node_aws_attributes": {"is_spot": False}},
        "driver_node_type_id": driver_type,
    }
    if worker_type:
        found["executors"] = nodes[1:]
    return found


def _node(seed: str, place: int, start_time: int) -> dict[str, Any]:
    number = zlib.crc32(seed.encode())
    return {
        "node_id": f"{number:032x}",
        "instance_id": f"i-{number:017x}",
        "private_ip": f"10.0.{number % 250}.{10 + place % 240}",
        "host_private_ip": f"10.1.{number % 250}.{10 + place % 240}",
        "public_dns": "",
        "start_timestamp": start_time,
    }


def cluster_id(now_ms: int, suffix: str) -> str:
    """A cluster id for one made at `now_ms`: `MMDD-HHMMSS-suffix`."""
    return f"{datetime.fromtimestamp(now_ms / 1000, UTC):%m%d-%H%M%S}-{suffix}"
