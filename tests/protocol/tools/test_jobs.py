"""The tools that start job runs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults import LoseAnswer, Refuse
from trio.testing import MockClock

NIGHTLY = {
    "name": "nightly",
    "tasks": [
        {"task_key": "load", "notebook_task": {"notebook_path": "/Jobs/load"}},
        {
            "task_key": "report",
            "depends_on": [{"task_key": "load"}],
            "sql_task": {"warehouse_id": "w", "query": {"query_id": "q"}},
        },
    ],
    "parameters": [{"name": "day", "default": "today"}],
    "schedule": {"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "UTC"},
}
EVERY_KIND = {
    "job_parameters": {"day": "monday"},
    "notebook_params": {"a": "1"},
    "python_params": ["a"],
    "python_named_params": {"b": "2"},
    "jar_params": ["j"],
    "spark_submit_params": ["s"],
    "sql_params": {"c": "3"},
    "dbt_commands": ["dbt run"],
    "pipeline_params": {"full_refresh": True},
    "only": ["load"],
    "queue": {"enabled": False},
    "performance_target": "STANDARD",
    "idempotency_token": "token-1",
}


async def test_jobs_are_listed_and_read(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    job_id = workspace.jobs.add(NIGHTLY).job_id

    listed = await ask("list_jobs")
    assert [job["job_id"] for job in listed["jobs"]] == [job_id]
    assert (await ask("list_jobs", name="other"))["jobs"] == []

    read = await call("get_job", job_id=job_id)
    assert read.structured_content["settings"]["name"] == "nightly"
    assert "| report | sql_task | load |" in text(read)
    assert "Schedule: 0 0 2 * * ? UTC" in text(read)
    assert "Parameters: day" in text(read)


async def test_the_text_of_a_job_says_how_many_tasks_it_leaves_out(
    call: Any, text: Any, workspace: Workspace
) -> None:
    keys = [f"{'load_' * 18}{n:03}" for n in range(300)]
    tasks = [{"task_key": key, "notebook_task": {"notebook_path": "/Jobs/load"}} for key in keys]
    job_id = workspace.jobs.add({"name": "large", "tasks": tasks}).job_id

    told = await call("get_job", job_id=job_id)

    shown = sum(key in text(told) for key in keys)
    assert 0 < shown < 300
    assert text(told).endswith(f"{300 - shown} more tasks in the structured content.")
    assert [task["task_key"] for task in told.structured_content["settings"]["tasks"]] == keys


async def test_many_jobs_come_in_parts(ask: Any, workspace: Workspace) -> None:
    for n in range(130):
        workspace.jobs.add({"name": f"j{n}", "tasks": []})

    first = await ask("list_jobs", limit=120)
    rest = await ask("list_jobs", limit=120, page_token=first["next_page_token"])

    names = [job["settings"]["name"] for job in first["jobs"] + rest["jobs"]]
    assert len(first["jobs"]) == 120
    assert len(set(names)) == len(names) == 130


async def test_a_job_is_run_with_every_kind_of_parameters(call: Any, workspace: Workspace) -> None:
    job_id = workspace.jobs.add(NIGHTLY).job_id

    await call("run_job", job_id=job_id, **EVERY_KIND)

    (sent,) = workspace.requests.matching("POST *run-now")
    assert sent.body == {"job_id": job_id, **EVERY_KIND}


async def test_a_run_is_started_once_for_one_token(ask: Any, workspace: Workspace) -> None:
    job_id = workspace.jobs.add(NIGHTLY).job_id

    runs = [await ask("run_job", job_id=job_id, idempotency_token="once") for _ in range(3)]

    assert len({run["run_id"] for run in runs}) == 1
    assert len(list(workspace.runs)) == 1


async def test_without_a_token_one_is_made(ask: Any, workspace: Workspace) -> None:
    job_id = workspace.jobs.add(NIGHTLY).job_id

    await ask("run_job", job_id=job_id)

    (sent,) = workspace.requests.matching("POST *run-now")
    assert len(sent.body["idempotency_token"]) == 32


async def test_an_unknown_job_is_told(call: Any) -> None:
    refused = await call("run_job", job_id=404)

    assert refused.is_error
    assert refused.structured_content["error"] == "NotFound"


TASK = {"task_key": "main", "notebook_task": {"notebook_path": "/N"}, "existing_cluster_id": "c"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"run_config": {"run_name": "r", "tasks": [TASK], "timeout_seconds": 60}},
        {"params": {"run_config": {"run_name": "r", "tasks": [TASK], "timeout_seconds": 60}}},
        {"run_name": "r", "tasks": [TASK], "timeout_seconds": 60},
        {
            "run_name": "r",
            "notebook_task": {"notebook_path": "/N"},
            "existing_cluster_id": "c",
            "timeout_seconds": 60,
        },
    ],
)
async def test_a_one_time_run_is_submitted_in_every_spelling(
    call: Any, workspace: Workspace, arguments: dict[str, Any]
) -> None:
    await call("submit_single_run", **arguments)

    (sent,) = workspace.requests.matching("POST *runs/submit")
    body = sent.body
    assert len(body.pop("idempotency_token")) == 32
    assert body == {"run_name": "r", "tasks": [TASK], "timeout_seconds": 60}


async def test_fields_that_are_not_named_here_are_sent_on(call: Any, workspace: Workspace) -> None:
    config = {"tasks": [TASK], "queue": {"enabled": True}, "a_new_field": [1]}

    await call("submit_single_run", run_config=config)

    (sent,) = workspace.requests.matching("POST *runs/submit")
    assert {**sent.body, "idempotency_token": ""} == {**config, "idempotency_token": ""}


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({}, "run_config.tasks: required, a list of objects"),
        ({"tasks": []}, "run_config.tasks: expected a list of objects"),
        (
            {"tasks": "x"},
            'run_config.tasks: expected a list of objects of 1 to 1000 items, got "x"',
        ),
        ({"tasks": [{"notebook_task": {}}]}, "run_config.tasks[0].task_key: required"),
        ({"tasks": [{"task_key": "a"}]}, "run_config.tasks[0]: expected one of notebook_task"),
        ({"tasks": [TASK, TASK]}, "run_config.tasks[1].task_key: 'main' names another task"),
        ({"tasks": [TASK, 7]}, "run_config.tasks[1]: expected an object, got 7"),
        ({"tasks": [TASK], "timeout_seconds": -1}, "run_config.timeout_seconds: expected"),
        (7, "run_config: expected an object, got 7"),
    ],
)
async def test_what_is_wrong_with_a_run_is_named(
    call: Any, text: Any, workspace: Workspace, config: Any, named: str
) -> None:
    refused = await call("submit_single_run", run_config=config)

    assert refused.is_error
    assert named in text(refused)
    assert workspace.requests.count("POST *") == 0


async def test_a_start_that_is_not_through_in_time_says_why_and_how_to_find_the_run(
    ask: Any, call: Any, text: Any, workspace: Workspace, autojump_clock: MockClock
) -> None:
    lost = workspace.faults.add("POST */runs/submit", LoseAnswer(), times=1)
    busy = workspace.faults.add("POST */runs/submit", Refuse(429, retry_after=20))
    task = {"task_key": "main", "notebook_task": {"notebook_path": "/Jobs/load"}}

    told = await call("submit_single_run", run_config={"tasks": [task]})

    assert told.is_error
    assert lost.struck
    assert busy.struck
    happened, advice = text(told).splitlines()
    assert happened.endswith("after 55 s; the last try met: HTTP 429, Simulated fault.")
    (token,) = re.findall(r"idempotency_token=(\w+)", advice)
    workspace.faults.clear()
    await ask("submit_single_run", run_config={"tasks": [task], "idempotency_token": token})
    assert len(workspace.engine.seen) == 1
