"""Which tasks make a job, which of them were asked for, and which may run."""

from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.jobs import task_graph
from databricks_mcp_toolkit.simulation.jobs.run_states import (
    CANCELED,
    EXCLUDED,
    SUCCESS,
    TIMEDOUT,
    UPSTREAM_CANCELED,
    UPSTREAM_FAILED,
    WORKLOAD_FAILED,
    Outcome,
)
from databricks_mcp_toolkit.simulation.jobs.task_graph import Ended
from databricks_mcp_toolkit.simulation.wire import Refusal


def task(key: str, *upstream: str, **settings: Any) -> dict[str, Any]:
    return {"task_key": key, "depends_on": [{"task_key": u} for u in upstream], **settings}


DIAMOND = [task("top"), task("left", "top"), task("right", "top"), task("end", "left", "right")]

# For each run_if: the outcomes of two dependencies, and what becomes of the task (None: it runs).
CASES: list[tuple[str, Outcome, Outcome, Outcome | None]] = [
    ("ALL_SUCCESS", SUCCESS, SUCCESS, None),
    ("ALL_SUCCESS", SUCCESS, WORKLOAD_FAILED, UPSTREAM_FAILED),
    ("ALL_SUCCESS", SUCCESS, TIMEDOUT, UPSTREAM_FAILED),
    ("ALL_SUCCESS", SUCCESS, CANCELED, UPSTREAM_CANCELED),
    ("ALL_SUCCESS", WORKLOAD_FAILED, CANCELED, UPSTREAM_FAILED),
    ("ALL_SUCCESS", SUCCESS, EXCLUDED, EXCLUDED),
    ("AT_LEAST_ONE_SUCCESS", SUCCESS, WORKLOAD_FAILED, None),
    ("AT_LEAST_ONE_SUCCESS", EXCLUDED, WORKLOAD_FAILED, UPSTREAM_FAILED),
    ("NONE_FAILED", SUCCESS, EXCLUDED, None),
    ("NONE_FAILED", EXCLUDED, EXCLUDED, EXCLUDED),
    ("NONE_FAILED", SUCCESS, WORKLOAD_FAILED, UPSTREAM_FAILED),
    ("ALL_DONE", WORKLOAD_FAILED, CANCELED, None),
    ("ALL_DONE", EXCLUDED, SUCCESS, None),
    ("ALL_DONE", EXCLUDED, EXCLUDED, EXCLUDED),
    ("AT_LEAST_ONE_FAILED", SUCCESS, CANCELED, None),
    ("AT_LEAST_ONE_FAILED", SUCCESS, WORKLOAD_FAILED, None),
    ("AT_LEAST_ONE_FAILED", SUCCESS, SUCCESS, EXCLUDED),
    ("ALL_FAILED", WORKLOAD_FAILED, WORKLOAD_FAILED, None),
    ("ALL_FAILED", SUCCESS, WORKLOAD_FAILED, EXCLUDED),
]


@pytest.mark.parametrize(("run_if", "one", "other", "expected"), CASES)
def test_run_if(run_if: str, one: Outcome, other: Outcome, expected: Outcome | None) -> None:
    ended = {"a": Ended(one), "b": Ended(other)}
    assert task_graph.may_run(task("c", "a", "b", run_if=run_if), ended) == expected


def test_every_run_if_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(task_graph.RUN_IF)


def test_all_success_is_what_a_task_says_that_says_nothing() -> None:
    assert task_graph.may_run(task("b", "a"), {"a": Ended(WORKLOAD_FAILED)}) == UPSTREAM_FAILED


@pytest.mark.parametrize(("wanted", "expected"), [("true", None), ("false", EXCLUDED)])
def test_a_branch_of_a_condition_runs_or_is_excluded(wanted: str, expected: Any) -> None:
    branch = {"task_key": "b", "depends_on": [{"task_key": "if", "outcome": wanted}]}
    assert task_graph.may_run(branch, {"if": Ended(SUCCESS, "true")}) == expected


def test_dependencies_that_were_not_selected_do_not_count() -> None:
    assert task_graph.may_run(task("b", "a"), {}) is None


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ([], ["top", "left", "right", "end"]),
        (["left"], ["left"]),
        (["+left"], ["top", "left"]),
        (["left+"], ["left", "end"]),
        (["+left+"], ["top", "left", "end"]),
        (["left", "right"], ["left", "right"]),
    ],
)
def test_only_selects_by_name_and_by_plus(only: list[str], expected: list[str]) -> None:
    assert [t["task_key"] for t in task_graph.select(DIAMOND, only)] == expected


def test_dependents_are_found_at_any_distance() -> None:
    assert task_graph.dependents(DIAMOND, ["left"]) == {"end"}
    assert task_graph.dependents(DIAMOND, ["top"]) == {"left", "right", "end"}


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([{}], "task_key"),
        ([task("a"), task("a")], "duplicate task key: a"),
        ([task("a", "b")], "task b, which does not exist"),
        ([task("a", "b"), task("b", "a")], "Cyclic"),
        ([task("a", run_if="SOMETIMES")], "SOMETIMES"),
    ],
)
def test_unsound_tasks_are_refused(tasks: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Refusal, match=message):
        task_graph.check(tasks)


def test_an_unknown_name_in_only_is_refused() -> None:
    with pytest.raises(Refusal, match="middle"):
        task_graph.select(DIAMOND, ["+middle"])
