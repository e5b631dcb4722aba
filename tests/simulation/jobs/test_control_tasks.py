"""Conditions, jobs that run jobs, and the same task for each of a list."""

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted
from databricks_mcp_toolkit.simulation.engine import TaskSpec
from trio.testing import MockClock


def condition(op: str, left: str, right: str) -> dict[str, Any]:
    return {"task_key": "if", "condition_task": {"op": op, "left": left, "right": right}}


@pytest.mark.parametrize(
    ("op", "left", "right", "outcome"),
    [
        ("EQUAL_TO", "12", "12", "true"),
        ("EQUAL_TO", "12.0", "12", "false"),
        ("NOT_EQUAL", "a", "b", "true"),
        ("GREATER_THAN", "10", "9", "true"),
        ("GREATER_THAN_OR_EQUAL", "12.0", "12", "true"),
        ("LESS_THAN", "10", "9", "false"),
        ("LESS_THAN_OR_EQUAL", "9", "10.5", "true"),
        ("EQUAL_TO", "{{job.run_id}}", "{{parent_run_id}}", "true"),
    ],
)
async def test_a_condition_chooses_a_branch(  # noqa: PLR0917 (fixtures)
    op: str,
    left: str,
    right: str,
    outcome: str,
    autojump_clock: MockClock,
    jobs: Any,
    notebook: Any,
) -> None:
    branches = [
        notebook(word, depends_on=[{"task_key": "if", "outcome": word}])
        for word in ("true", "false")
    ]
    run_id = await jobs.submit(condition(op, left, right), *branches)
    await jobs.ended(run_id)
    other = "false" if outcome == "true" else "true"
    assert await jobs.states(run_id) == {
        "": "SUCCESS",
        "if": "SUCCESS",
        outcome: "SUCCESS",
        other: "EXCLUDED",
    }
    task = await jobs.task(run_id, "if")
    assert task["condition_task"]["outcome"] == outcome


async def test_what_cannot_be_compared_fails(autojump_clock: MockClock, jobs: Any) -> None:
    run = await jobs.ended(await jobs.submit(condition("GREATER_THAN", "many", "1")))
    assert run["status"]["termination_details"]["code"] == "INVALID_RUN_CONFIGURATION"
    run = await jobs.ended(await jobs.submit(condition("LIKE", "a", "b")))
    assert "Unknown operator" in run["tasks"][0]["state"]["state_message"]


# Jobs that run jobs.


async def test_a_task_runs_another_job_and_ends_as_it_does(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    child = await jobs.create(notebook("inner"), parameters=[{"name": "day", "default": "Monday"}])
    task = {"job_id": child, "job_parameters": {"day": "Friday"}}
    run_id = await jobs.submit({"task_key": "outer", "run_job_task": task})
    await jobs.ended(run_id)
    output = await jobs.output(run_id, "outer")
    inner = await jobs.run(output["run_job_output"]["run_id"])
    assert (inner["trigger"], inner["job_id"]) == ("RUN_JOB_TASK", child)
    assert inner["job_parameters"][0]["value"] == "Friday"
    assert await jobs.states(run_id) == {"": "SUCCESS", "outer": "SUCCESS"}
    engine.task("inner", error="ValueError: no")
    run_id = await jobs.submit({"task_key": "outer", "run_job_task": task})
    await jobs.ended(run_id)
    assert await jobs.states(run_id) == {"": "FAILED", "outer": "FAILED"}


async def test_a_cancel_reaches_the_job_inside(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("inner", takes=1000)
    child = await jobs.create(notebook("inner"))
    run_id = await jobs.submit({"task_key": "outer", "run_job_task": {"job_id": child}})
    await trio.sleep(60)
    inner = (await jobs.output(run_id, "outer"))["run_job_output"]["run_id"]
    await jobs.post("2.2/jobs/runs/cancel", run_id=run_id)
    await jobs.ended(run_id)
    assert (await jobs.states(await _ended(jobs, inner)))[""] == "CANCELED"


async def _ended(jobs: Any, run_id: int) -> int:
    await jobs.ended(run_id)
    return run_id


async def test_a_job_that_is_cancelled_or_skipped_inside_tells_outside(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("inner", takes=1000)
    child = await jobs.create(notebook("inner"), queue={"enabled": False})
    outer = {"task_key": "outer", "run_job_task": {"job_id": child}}
    first = await jobs.submit(outer)
    await trio.sleep(60)
    second = await jobs.ended(await jobs.submit(outer))
    assert second["status"]["termination_details"]["code"] == "MAX_CONCURRENT_RUNS_EXCEEDED"
    await jobs.post("2.2/jobs/runs/cancel-all", job_id=child)
    await jobs.ended(first)
    assert await jobs.states(first) == {"": "CANCELED", "outer": "CANCELED"}


async def test_a_job_that_is_not_there_fails_the_task(autojump_clock: MockClock, jobs: Any) -> None:
    task = {"task_key": "outer", "run_job_task": {"job_id": 1}}
    run = await jobs.ended(await jobs.submit(task))
    assert run["tasks"][0]["state"]["state_message"] == "Job 1 does not exist."


# For each.


def for_each(inputs: str, nested: dict[str, Any], concurrency: int = 1) -> dict[str, Any]:
    loop = {"inputs": inputs, "task": nested, "concurrency": concurrency}
    return {"task_key": "loop", "for_each_task": loop}


def each(key: str = "each", **settings: Any) -> dict[str, Any]:
    task = {"notebook_path": "/each", "base_parameters": {"x": "{{input}}", "day": "{{input.day}}"}}
    return {"task_key": key, "notebook_task": task, **settings}


def given(engine: Scripted) -> list[Any]:
    return [seen.parameters for seen in engine.seen if isinstance(seen, TaskSpec)]


async def test_a_task_runs_once_for_each_input(
    autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    run_id = await jobs.submit(for_each('["a", {"day": "Friday"}, 3]', each()))
    await jobs.ended(run_id)
    assert given(engine) == [
        {"x": "a", "day": "{{input.day}}"},
        {"x": '{"day": "Friday"}', "day": "Friday"},
        {"x": "3", "day": "{{input.day}}"},
    ]
    loop = await jobs.task(run_id, "loop")
    assert loop["for_each_task"]["stats"]["task_run_stats"] == {
        "total_iterations": 3,
        "scheduled_iterations": 3,
        "active_iterations": 0,
        "completed_iterations": 3,
        "succeeded_iterations": 3,
        "failed_iterations": 0,
    }
    run = await jobs.run(loop["run_id"])
    assert [t["state"]["result_state"] for t in run["iterations"]] == ["SUCCESS"] * 3
    assert [t["task_key"] for t in run["tasks"]] == ["loop"]
    one = run["iterations"][0]["run_id"]
    assert (await jobs.run(one))["job_run_id"] == run_id


@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 60), (3, 20), (100, 10)])
async def test_concurrency_is_how_many_run_at_once(
    concurrency: int, seconds: int, autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    engine.task("each", takes=10 - 5)  # and 5 s of compute, setup and cleanup
    run_id = await jobs.submit(for_each("[1, 2, 3, 4, 5, 6]", each(), concurrency))
    run = await jobs.ended(run_id)
    assert (run["end_time"] - run["start_time"]) // 1000 - 1 == seconds


async def test_failed_iterations_fail_the_loop_and_are_counted(
    autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    engine.task("each", error="ValueError: no", times=2)
    run_id = await jobs.submit(for_each("[1, 1, 3]", each()))
    await jobs.ended(run_id)
    assert await jobs.states(run_id) == {"": "FAILED", "loop": "FAILED"}
    stats = (await jobs.task(run_id, "loop"))["for_each_task"]["stats"]
    assert stats["task_run_stats"]["failed_iterations"] == 2
    assert stats["task_run_stats"]["succeeded_iterations"] == 1
    assert stats["error_message_stats"][0]["count"] == 2


async def test_iterations_are_retried_by_their_own_settings(
    autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    engine.task("each", error="ValueError: no", times=1)
    run_id = await jobs.submit(for_each("[1, 2]", each(max_retries=1)))
    await jobs.ended(run_id)
    run = await jobs.run((await jobs.task(run_id, "loop"))["run_id"])
    assert sorted(t["attempt_number"] for t in run["iterations"]) == [0, 0, 1]
    assert run["state"]["result_state"] == "SUCCESS"


@pytest.mark.parametrize("how", ["cancel", "timeout"])
async def test_a_loop_that_is_stopped_leaves_no_iteration_alive(
    how: str, autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    engine.task("each", takes=1000)
    loop = for_each("[1, 2, 3]", each(), 2) | ({"timeout_seconds": 60} if how == "timeout" else {})
    run_id = await jobs.submit(loop)
    await trio.sleep(50)
    if how == "cancel":
        await jobs.post("2.2/jobs/runs/cancel", run_id=run_id)
    await jobs.ended(run_id)
    run = await jobs.run((await jobs.task(run_id, "loop"))["run_id"])
    expected = "CANCELED" if how == "cancel" else "TIMEDOUT"
    assert run["state"]["result_state"] == expected
    assert [t["state"]["life_cycle_state"] for t in run["iterations"]] == ["TERMINATED"] * 2
    assert run["tasks"][0]["for_each_task"]["stats"]["task_run_stats"]["active_iterations"] == 0


async def test_many_iterations_come_in_pages(
    autojump_clock: MockClock, jobs: Any, engine: Scripted
) -> None:
    run_id = await jobs.submit(for_each(str(list(range(150))), each(), 50))
    await jobs.ended(run_id)
    loop = (await jobs.task(run_id, "loop"))["run_id"]
    first = await jobs.run(loop)
    second = await jobs.run(loop, page_token=first["next_page_token"])
    assert (len(first["iterations"]), len(second["iterations"])) == (100, 50)
    assert len(first["tasks"]) == len(second["tasks"]) == 1


async def test_inputs_may_come_from_a_task_before(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    from databricks_mcp_toolkit.simulation.engine import TaskResult

    engine.task("list", does=lambda _spec: TaskResult(values={"names": '["x", "y"]'}))
    loop = for_each("{{tasks.list.values.names}}", each()) | {"depends_on": [{"task_key": "list"}]}
    await jobs.ended(await jobs.submit(notebook("list"), loop))
    assert [parameters["x"] for parameters in given(engine)[1:]] == ["x", "y"]


async def test_inputs_that_are_no_list_fail_the_loop(autojump_clock: MockClock, jobs: Any) -> None:
    for inputs in ("{}", "no JSON"):
        run = await jobs.ended(await jobs.submit(for_each(inputs, each())))
        message = run["tasks"][0]["state"]["state_message"]
        assert message == "inputs must be a JSON array."
