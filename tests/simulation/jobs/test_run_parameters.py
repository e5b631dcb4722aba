"""What the code of a task is given."""

from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.jobs.run_parameters import filled, merged, time_part


@pytest.mark.parametrize(
    ("kind", "task", "run", "job", "expected"),
    [
        (
            "notebook_task",
            {"base_parameters": {"a": "task", "b": "task", "c": "task"}},
            {"notebook_params": {"b": "run", "c": "run"}},
            {"c": "job"},
            {"a": "task", "b": "run", "c": "job"},
        ),
        ("sql_task", {"parameters": {"a": "1"}}, {"sql_params": {"a": "2"}}, {}, {"a": "2"}),
        ("spark_python_task", {"parameters": ["a"]}, {"python_params": ["b"]}, {}, ["b"]),
        ("spark_python_task", {"parameters": ["a"]}, {"jar_params": ["b"]}, {"c": "d"}, ["a"]),
        ("spark_jar_task", {}, {"jar_params": ["b"]}, {}, ["b"]),
        ("spark_submit_task", {"parameters": ["a"]}, {}, {}, ["a"]),
        ("dbt_task", {"commands": ["dbt run"]}, {"dbt_commands": ["dbt test"]}, {}, ["dbt test"]),
        ("python_wheel_task", {"parameters": ["a"]}, {"python_params": ["b"]}, {"c": "d"}, ["b"]),
        (
            "python_wheel_task",
            {"named_parameters": {"a": "1"}},
            {"python_named_params": {"b": "2"}},
            {"c": "3"},
            {"a": "1", "b": "2", "c": "3"},
        ),
        ("pipeline_task", {"pipeline_id": "p"}, {}, {"a": "b"}, None),
    ],
)
def test_parameters_by_kind(
    kind: str, task: dict[str, Any], run: dict[str, Any], job: dict[str, str], expected: Any
) -> None:
    assert merged(kind, task, run, job) == expected


def test_references_are_filled_at_any_depth_and_unknown_ones_stay() -> None:
    known = {"job.id": "7", "job.parameters.my day": "Monday"}
    settings = {
        "path": "/runs/{{job.id}}/{{ job.id }}",
        "list": ["{{job.parameters.[my day]}}", 3],
        "none": "{{something.else}}",
    }
    assert filled(settings, known.get) == {
        "path": "/runs/7/7",
        "list": ["Monday", 3],
        "none": "{{something.else}}",
    }


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("iso_date", "2025-12-17"),
        ("iso_datetime", "2025-12-17T19:33:20Z"),
        ("timestamp_ms", "1766000000000"),
        ("year", "2025"),
        ("hour", "19"),
        ("iso_weekday", "3"),
        ("is_weekday", "true"),
        ("century", None),
    ],
)
def test_parts_of_the_start_time(part: str, expected: str | None) -> None:
    assert time_part(1_766_000_000_000, part) == expected
