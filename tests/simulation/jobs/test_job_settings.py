"""What a job may be told, and what `update` makes of it."""

from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.jobs import job_settings
from databricks_mcp_toolkit.simulation.wire import Refusal

NOTEBOOK = {"notebook_path": "/x"}
ONE = {"task_key": "a", "notebook_task": NOTEBOOK}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "x" * 4097}, "4096 bytes"),
        ({"description": "x" * 27_701}, "27700"),
        ({"tags": {str(n): "" for n in range(26)}}, "25 tags"),
        ({"max_concurrent_runs": 1001}, "between 0 and 1000"),
        ({"max_concurrent_runs": "many"}, "not an integer"),
        ({"timeout_seconds": -1}, "negative"),
        ({"parameters": [{"default": "1"}]}, "needs a name"),
        ({"tasks": [{**ONE, "task_key": "a b"}]}, "Invalid task_key 'a b'"),
        ({"tasks": [{**ONE, "depends_on": [{}]}]}, "depends_on of task a needs a task_key"),
        (
            {"schedule": {"quartz_cron_expression": "0 30 2,7 * * *", "timezone_id": "UTC"}},
            "Invalid quartz_cron_expression: 0 30 2,7 . . .. Databricks uses Quartz cron syntax",
        ),
        (
            {"schedule": {"quartz_cron_expression": "0 0 0 ? * MON-FRI", "timezone_id": "Mars"}},
            "Invalid timezone_id: Mars",
        ),
        ({"tasks": [{"task_key": "a"}]}, "exactly one of .* it has 0"),
        ({"tasks": [{**ONE, "sql_task": {}}]}, "it has 2"),
        ({"tasks": [{**ONE, "new_cluster": {"x": 1}, "existing_cluster_id": "c"}]}, "only one of"),
        ({"tasks": [{**ONE, "job_cluster_key": "big"}]}, "job cluster big"),
        ({"tasks": [{**ONE, "max_retries": -2}]}, "max_retries"),
        ({"tasks": [{"task_key": "a", "for_each_task": {"inputs": "[]"}}]}, "needs a task"),
        ({"tasks": [{**ONE, "timeout_seconds": "long"}]}, "not an integer"),
        ({"tasks": [{**ONE, "min_retry_interval_millis": -1}]}, "must not be negative"),
        ({"tasks": [{"task_key": "a", "run_job_task": {}}]}, "needs a job_id"),
        (
            {"tasks": [{"task_key": "a", "for_each_task": {"concurrency": 0, "task": ONE}}]},
            "at least 1",
        ),
        ({"git_source": {"git_url": "u"}}, "github,gitlab"),
        ({"tasks": [{**ONE, "task_key": str(n)} for n in range(1001)]}, "at most 1000"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal, match=message):
        job_settings.checked(settings, version="2.2")


@pytest.mark.parametrize(
    "cron",
    ["0 0 0 * * ?", "0 0/5 14 * * ?", "0 15 10 ? * 6#3", "0 0 12 L * ? 2030"],
)
def test_a_schedule_in_quartz_syntax_is_taken(cron: str) -> None:
    schedule = {"quartz_cron_expression": cron, "timezone_id": "Europe/Vienna"}
    assert job_settings.checked({"schedule": schedule}, version="2.2")["schedule"] == schedule


def test_2_1_takes_a_hundred_tasks() -> None:
    tasks = [{**ONE, "task_key": str(n)} for n in range(101)]
    job_settings.checked({"tasks": tasks}, version="2.2")
    with pytest.raises(Refusal, match="at most 100"):
        job_settings.checked({"tasks": tasks}, version="2.1")


def test_the_old_single_task_form_becomes_one_task() -> None:
    old = {"notebook_task": NOTEBOOK, "existing_cluster_id": "c", "max_retries": 2, "name": "n"}
    assert job_settings.checked(old, version="2.1") == {
        "name": "n",
        "format": "SINGLE_TASK",
        "tasks": [
            {
                "task_key": "main",
                "notebook_task": NOTEBOOK,
                "existing_cluster_id": "c",
                "max_retries": 2,
            }
        ],
    }


def test_a_one_time_run_has_tasks_and_no_shared_clusters() -> None:
    with pytest.raises(Refusal, match="tasks"):
        job_settings.checked({}, version="2.2", one_time=True)
    shared = {
        "tasks": [{**ONE, "job_cluster_key": "k"}],
        "job_clusters": [{"job_cluster_key": "k"}],
    }
    with pytest.raises(Refusal, match="not supported for one-time runs"):
        job_settings.checked(shared, version="2.2", one_time=True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"notebook_params": []}, "must be a map"),
        ({"python_params": {}}, "must be a list"),
        ({"notebook_params": {"x": "y" * 10_000}}, "10000 bytes"),
        ({"python_params": ["ä"]}, "ASCII"),
        ({"notebook_params": {}, "jar_params": []}, "in conjunction with"),
    ],
)
def test_wrong_parameters_are_refused(body: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal, match=message):
        job_settings.parameters_of(body)


def test_a_token_is_at_most_64_characters_long() -> None:
    assert job_settings.token_of({"idempotency_token": "x" * 64}) == "x" * 64
    with pytest.raises(Refusal, match="64"):
        job_settings.token_of({"idempotency_token": "x" * 65})


def test_update_merges_tasks_by_key_and_removes_paths() -> None:
    before = {
        "name": "n",
        "tags": {"a": "1", "b": "2"},
        "schedule": {},
        "tasks": [{"task_key": "a", "x": 1}, {"task_key": "b"}, {"task_key": "c"}],
    }
    new = {"name": "m", "tasks": [{"task_key": "a", "x": 2}, {"task_key": "d"}]}
    after = job_settings.changed(before, new, ["tasks/b", "schedule", "tags/a", "nothing"])
    assert after == {
        "name": "m",
        "tags": {"b": "2"},
        "tasks": [{"task_key": "a", "x": 2}, {"task_key": "c"}, {"task_key": "d"}],
    }
