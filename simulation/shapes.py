"""What kind of JSON value each field of the API holds; and a body read by it, or refused.

Databricks parses a body before any service sees it, and a word means the same wherever it stands:
`tasks` is a list of objects in a job as in a run.  So one table of words is enough.  Fields that
are not in it may hold anything, `null` is as good as nothing, a number as its text, and the other
way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OBJECTS = """
    autoscale aws_attributes azure_attributes gcp_attributes clone_from cluster cluster_log_conf
    docker_image workload_type clients driver_node_type_flexibility worker_node_type_flexibility
    new_cluster new_settings schedule trigger continuous queue run_as git_source health deployment
    email_notifications webhook_notifications notification_settings environment spec
    notebook_task spark_python_task python_wheel_task spark_jar_task spark_submit_task sql_task
    dbt_task pipeline_task run_job_task condition_task for_each_task dashboard_task
    clean_rooms_notebook_task task alert dashboard file query subscription channel tags
"""
_MAPS = """
    spark_conf spark_env_vars base_parameters named_parameters job_parameters notebook_params
    python_named_params sql_params pipeline_params session_confs properties
"""
_LISTS = """
    ssh_public_keys event_types jar_params python_params spark_submit_params dbt_commands commands
    only rerun_tasks fields_to_remove
"""
_LISTS_OF_OBJECTS = """
    tasks job_clusters environments depends_on init_scripts access_control_list libraries rules
    query_tags
"""
_EITHER = "parameters custom_tags"  # of a task, a job, a statement; of a cluster, a warehouse
_TEXTS = """
    task_key job_cluster_key environment_key name run_name cluster_name spark_version node_type_id
    driver_node_type_id instance_pool_id existing_cluster_id policy_id description cluster_size
    notebook_path python_file statement inputs outcome data_security_mode runtime_engine
    warehouse_type spot_instance_policy run_if op left right
"""
_NUMBERS = """
    num_workers min_workers max_workers autotermination_minutes auto_stop_mins min_num_clusters
    max_num_clusters
"""

_KINDS: Mapping[str, tuple[type, ...]] = (
    dict.fromkeys(f"{_OBJECTS} {_MAPS}".split(), (dict,))
    | dict.fromkeys(f"{_LISTS} {_LISTS_OF_OBJECTS}".split(), (list,))
    | dict.fromkeys(_EITHER.split(), (dict, list))
    | dict.fromkeys(_TEXTS.split(), (str,))
    | dict.fromkeys(_NUMBERS.split(), (int,))
)
_FREE = frozenset(_MAPS.split())  # their keys are the caller's own words
_ITEMS: Mapping[str, type] = dict.fromkeys(_LISTS.split(), str) | dict.fromkeys(
    _LISTS_OF_OBJECTS.split(), dict
)
_STARTS: Mapping[type, str] = {
    dict: "START_OBJECT",
    list: "START_ARRAY",
    str: "VALUE_STRING",
    int: "VALUE_NUMBER_INT",
}


class Misshapen(ValueError):
    """A field holds a value of another kind."""


def parsed(body: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """`body` as its services find it.

    Raises:
      Misshapen: a field in it, at whatever depth, holds another kind of value.
    """
    return {
        name: _value(name, value, f"{place}{name}")
        for name, value in body.items()
        if value is not None
    }


def _value(name: str, value: Any, place: str) -> Any:
    kinds = _KINDS.get(name)
    if kinds is None:
        return value
    value = _as(kinds[-1], value)
    if not isinstance(value, kinds) or (kinds == (int,) and isinstance(value, bool)):
        raise _misshapen(kinds[0], value, place)
    if isinstance(value, list):
        return [
            _item(_ITEMS.get(name), item, f"{place}[{position}]")
            for position, item in enumerate(value)
        ]
    if isinstance(value, dict) and name not in _FREE:
        return parsed(value, f"{place}.")
    return value


def _item(kind: type | None, item: Any, place: str) -> Any:
    if isinstance(item, dict) and kind is not str:
        return parsed(item, f"{place}.")
    if kind is None:
        return item
    item = _as(kind, item)
    if not isinstance(item, kind):
        raise _misshapen(kind, item, place)
    return item


def _as(kind: type, value: Any) -> Any:
    """A single value as text where text belongs, and as a number where digits say one."""
    if kind is str and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind is int and isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    return value


def _misshapen(wanted: type, found: Any, place: str) -> Misshapen:
    match found:
        case dict() | list() | str():
            word = _STARTS[type(found)]
        case bool():
            word = f"VALUE_{str(found).upper()}"
        case None:
            word = "VALUE_NULL"
        case int():
            word = "VALUE_NUMBER_INT"
        case _:
            word = "VALUE_NUMBER_FLOAT"
    return Misshapen(f"Expected '{_STARTS[wanted]}' not '{word}' at {place}")
