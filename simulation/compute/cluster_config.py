"""What a cluster is asked to be: the configuration of create and edit, checked and filled in.

https://docs.databricks.com/api/workspace/clusters/create
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..wire import Refusal
from . import hardware

# A runtime's key (`15.4.x-scala2.12`, `16.4.x-gpu-ml-scala2.13`), a custom image, or what a policy
# chooses.  Which of them exist is not checked: the catalogue here is a small one.
RUNTIME = re.compile(r"^(\d+\.(\d+|x)\.[\w-]*scala\d+\.\d+|(custom|auto|dlt):.+)$")
AUTOTERMINATION = range(10, 10_001)  # minutes; or 0, never

# Words that a config may hold; others are refused, as an SDK could not read them back either.
CHOICES: Mapping[str, frozenset[str]] = {
    "data_security_mode": frozenset(
        {
            "SINGLE_USER",
            "USER_ISOLATION",
            "NONE",
            "DATA_SECURITY_MODE_AUTO",
            "DATA_SECURITY_MODE_STANDARD",
            "DATA_SECURITY_MODE_DEDICATED",
            "LEGACY_PASSTHROUGH",
            "LEGACY_SINGLE_USER",
            "LEGACY_SINGLE_USER_STANDARD",
            "LEGACY_TABLE_ACL",
        }
    ),
    "runtime_engine": frozenset({"NULL", "STANDARD", "PHOTON"}),
}
# What a create or edit body may say that is not part of the cluster's configuration.
_NOT_CONFIG = frozenset({"cluster_id", "apply_policy_default_values", "clone_from"})


def checked(body: Mapping[str, Any], creator: str) -> dict[str, Any]:
    """The configuration that `body` describes, with what the service adds; refuses a wrong one."""
    config = {name: value for name, value in body.items() if name not in _NOT_CONFIG}
    if not config.get("spark_version"):
        raise Refusal.invalid("Missing required field: spark_version")
    if not RUNTIME.match(config["spark_version"]):
        raise Refusal.invalid(f"Invalid spark version {config['spark_version']}.")
    if config.get("is_single_node"):
        config.setdefault("num_workers", 0)
    if not (config.get("node_type_id") or config.get("instance_pool_id") or _by_policy(config)):
        raise Refusal.invalid("Missing required field: node_type_id")
    check_size(config)
    minutes = config.setdefault("autotermination_minutes", 0)
    if minutes != 0 and minutes not in AUTOTERMINATION:
        raise Refusal.invalid(
            "autotermination_minutes must be 0, or between "
            f"{AUTOTERMINATION.start} and {AUTOTERMINATION.stop - 1}."
        )
    for name, words in CHOICES.items():
        if name in config and config[name] not in words:
            raise Refusal.invalid(f"Unknown {name} {config[name]!r}.")
    if config.get("node_type_id"):
        config.setdefault("driver_node_type_id", config["node_type_id"])
    config.setdefault("enable_elastic_disk", False)
    attributes = {"availability": "SPOT_WITH_FALLBACK", "zone_id": hardware.ZONES[0]}
    config.setdefault("aws_attributes", attributes)
    if config.get("data_security_mode") == "SINGLE_USER":
        config.setdefault("single_user_name", creator)
    return config


def _by_policy(config: Mapping[str, Any]) -> bool:
    """Whether a policy may fill in the node type; the simulation does not know what it says."""
    return bool(config.get("policy_id"))


def check_size(config: Mapping[str, Any]) -> None:
    """Refuses a size that is not exactly one of a number of workers and a range."""
    if ("num_workers" in config) == ("autoscale" in config):
        raise Refusal.invalid(
            "Exactly 1 of virtual_cluster_size, num_workers or autoscale must be specified."
        )
    if "autoscale" in config:
        low, high = (config["autoscale"].get(f"{end}_workers") for end in ("min", "max"))
        if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high):
            raise Refusal.invalid(
                "autoscale needs min_workers and max_workers, the first not above."
            )
    elif not isinstance(config["num_workers"], int) or config["num_workers"] < 0:
        raise Refusal.invalid("num_workers must be a number, 0 or above.")


def updated(config: Mapping[str, Any], changes: Mapping[str, Any], mask: str) -> dict[str, Any]:
    """`config` with what `mask` names (comma-separated, dotted) taken over from `changes`."""
    result = dict(config)
    for path in mask.split(","):
        _put(result, changes, path.strip().split("."))
    if "autoscale" in mask.split(",") and "autoscale" in changes:
        result.pop("num_workers", None)
    elif "num_workers" in mask.split(",") and "num_workers" in changes:
        result.pop("autoscale", None)
    return result


def _put(config: dict[str, Any], changes: Mapping[str, Any], path: list[str]) -> None:
    """Takes the value at `path` over from `changes`; one that is not there is removed."""
    *folders, last = path
    for name in folders:
        config[name] = dict(config.get(name) or {})
        config = config[name]
        changes = changes.get(name) or {}
    if last in changes:
        config[last] = changes[last]
    else:
        config.pop(last, None)
