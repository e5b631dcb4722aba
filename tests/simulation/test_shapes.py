"""Bodies of the wrong shape: refused in Databricks' words, and never a bug of ours."""

import copy
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from databricks_mcp_toolkit.simulation import Workspace

TASK = {
    "task_key": "a",
    "notebook_task": {"notebook_path": "/a", "base_parameters": {"x": "1"}, "source": "WORKSPACE"},
    "depends_on": [],
    "libraries": [{"pypi": {"package": "x"}}],
    "timeout_seconds": 10,
    "max_retries": 1,
    "run_if": "ALL_DONE",
    "email_notifications": {"on_start": ["a@example.com"]},
    "job_cluster_key": "j",
}
CLUSTER = {
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "autoscale": {"min_workers": 1, "max_workers": 2},
    "spark_conf": {"a": "b"},
    "custom_tags": {"a": "b"},
    "autotermination_minutes": 30,
    "cluster_name": "c",
    "data_security_mode": "SINGLE_USER",
    "init_scripts": [{"workspace": {"destination": "/a.sh"}}],
}
JOB = {
    "name": "n",
    "tasks": [TASK],
    "job_clusters": [{"job_cluster_key": "j", "new_cluster": CLUSTER}],
    "parameters": [{"name": "p", "default": "1"}],
    "tags": {"a": "b"},
    "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"},
    "queue": {"enabled": True},
    "run_as": {"user_name": "a@example.com"},
    "git_source": {"git_url": "https://example.com", "git_provider": "gitHub", "git_branch": "m"},
    "max_concurrent_runs": 2,
    "timeout_seconds": 60,
    "access_control_list": [{"user_name": "a@example.com", "permission_level": "CAN_VIEW"}],
}
LOOP = {
    "task_key": "l",
    "for_each_task": {
        "inputs": "[1]",
        "concurrency": 2,
        "task": {"task_key": "i", "condition_task": {"left": "1", "op": "EQUAL_TO", "right": "1"}},
    },
}
ONCE = {key: value for key, value in TASK.items() if key != "job_cluster_key"}
BODIES: dict[str, dict[str, Any]] = {
    "2.2/jobs/create": JOB,
    "2.1/jobs/create": JOB,
    "2.2/jobs/runs/submit": {
        "tasks": [{**ONCE, "new_cluster": CLUSTER}, LOOP],
        "run_name": "r",
        "idempotency_token": "",
        "queue": {"enabled": True},
    },
    "2.2/jobs/run-now": {
        "job_id": 0,
        "job_parameters": {"p": "2"},
        "notebook_params": {"x": "2"},
        "python_params": ["1"],
        "only": ["a"],
        "queue": {"enabled": True},
    },
    "2.2/jobs/update": {"job_id": 0, "new_settings": JOB, "fields_to_remove": ["tags"]},
    "2.2/jobs/reset": {"job_id": 0, "new_settings": JOB},
    "2.2/jobs/runs/repair": {"run_id": 1, "rerun_tasks": ["a"], "job_parameters": {"p": "3"}},
    "2.1/clusters/create": CLUSTER,
    "2.1/clusters/edit": {"cluster_id": "", **CLUSTER},
    "2.1/clusters/update": {
        "cluster_id": "",
        "update_mask": "spark_conf,autoscale.min_workers",
        "cluster": {"spark_conf": {"c": "d"}, "autoscale": {"min_workers": 1}},
    },
    "2.1/clusters/resize": {"cluster_id": "", "num_workers": 2},
    "2.1/clusters/events": {
        "cluster_id": "",
        "event_types": ["RUNNING"],
        "limit": 5,
        "order": "ASC",
    },
    "2.0/sql/statements": {
        "statement": "SELECT :a",
        "warehouse_id": "",
        "parameters": [{"name": "a", "value": "1", "type": "INT"}],
        "row_limit": 5,
        "wait_timeout": "5s",
        "query_tags": [{"key": "a", "value": "b"}],
    },
    "2.0/sql/warehouses": {
        "name": "w",
        "cluster_size": "Small",
        "auto_stop_mins": 10,
        "max_num_clusters": 2,
        "tags": {"custom_tags": [{"key": "a", "value": "b"}]},
        "channel": {"name": "CHANNEL_NAME_CURRENT"},
    },
    "2.0/workspace/import": {"path": "/x", "content": "", "format": "AUTO", "overwrite": True},
    "2.0/workspace/delete": {"path": "/x", "recursive": True},
    "2.0/dbfs/put": {"path": "/x", "contents": "", "overwrite": True},
    "2.0/dbfs/add-block": {"handle": 1, "data": ""},
    "2.1/unity-catalog/schemas": {"name": "s", "catalog_name": "main", "properties": {"a": "b"}},
    "2.1/unity-catalog/volumes": {
        "name": "v",
        "catalog_name": "main",
        "schema_name": "default",
        "volume_type": "MANAGED",
    },
    "1.2/contexts/create": {"clusterId": "", "language": "python"},
    "1.2/commands/execute": {"clusterId": "", "contextId": "", "language": "sql", "command": "1"},
}
WRONG: tuple[Any, ...] = ("x", "", 7, -1, 1.5, True, None, [], ["x"], [[]], [{}], {}, {"x": {}})


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in `body`."""
    if path:
        yield path
    items = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in items if isinstance(body, dict | list) else ():
        yield from (
            places(value, (*path, name)) if isinstance(value, dict | list) else [(*path, name)]
        )


@pytest.mark.parametrize("endpoint", BODIES)
async def test_a_wrong_value_anywhere_is_no_bug_of_ours(
    endpoint: str,
    api: httpx.AsyncClient,
    workspace: Workspace,
    caplog: pytest.LogCaptureFixture,
    autojump_clock: object,
) -> None:
    caplog.set_level(logging.WARNING)
    ids = {
        "warehouse_id": workspace.warehouse_id,
        "cluster_id": workspace.cluster_id,
        "clusterId": workspace.cluster_id,
        "job_id": workspace.jobs.add(JOB).job_id,
    }
    right = {name: ids.get(name, value) for name, value in BODIES[endpoint].items()}
    for path in places(right):
        for wrong in WRONG:
            body = copy.deepcopy(right)
            inside = body
            for step in path[:-1]:
                inside = inside[step]
            inside[path[-1]] = wrong
            answer = await api.post(f"/api/{endpoint}", json=body)
            assert "A bug in the simulation" not in answer.text, (path, wrong, caplog.text[-1500:])
    assert not caplog.records


@pytest.mark.parametrize(
    ("endpoint", "body", "says"),
    [
        ("2.2/jobs/create", {"tasks": "x"}, "'START_ARRAY' not 'VALUE_STRING' at tasks"),
        ("2.2/jobs/create", {"tasks": ["x"]}, "'START_OBJECT' not 'VALUE_STRING' at tasks[0]"),
        (
            "2.2/jobs/create",
            {"tasks": [{"task_key": "a", "notebook_task": []}]},
            "'START_OBJECT' not 'START_ARRAY' at tasks[0].notebook_task",
        ),
        ("2.1/clusters/create", {"autoscale": True}, "not 'VALUE_TRUE' at autoscale"),
        ("2.1/clusters/create", {"spark_conf": 1}, "not 'VALUE_NUMBER_INT' at spark_conf"),
        ("2.1/clusters/create", {"init_scripts": [None]}, "not 'VALUE_NULL' at init_scripts[0]"),
    ],
)
async def test_a_value_of_another_kind_is_named_with_its_place(
    endpoint: str, body: dict[str, Any], says: str, calls: Any
) -> None:
    status, code, message = await calls.refused("POST", endpoint, **body)
    assert (status, code) == (400, "MALFORMED_REQUEST")
    assert message.startswith("Could not parse request object: Expected ")
    assert message.endswith(says)


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"this is not json", "failed to parse given JSON"), (b"[1]", "expected a map")],
)
async def test_what_is_no_object_is_refused(body: bytes, says: str, api: httpx.AsyncClient) -> None:
    refused = await api.post("/api/2.2/jobs/create", content=body)
    assert refused.status_code == 400
    assert refused.json() == {
        "error_code": "MALFORMED_REQUEST",
        "message": f"Invalid JSON given in the body of the request - {says}",
    }
