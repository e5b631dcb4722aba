from __future__ import annotations

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.runs import LifeCycleState, ResultState, Run, RunStatusState
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.faults import (
    Fault,
    HtmlPage,
    LoseAnswer,
    LoseRequest,
    Refuse,
)
from trio.testing import MockClock


def notebook(path: str, key: str = "main") -> dict[str, Any]:
    return {"task_key": key, "notebook_task": {"notebook_path": path}}


async def ended(databricks: Databricks, run_id: int) -> Run:
    with trio.fail_after(24 * 3600):
        while not (run := await databricks.jobs.get_run(run_id)).end_time:  # noqa: ASYNC110
            await trio.sleep(10)
    return run


def job_of(workspace: Workspace, *tasks: dict[str, Any], **settings: Any) -> int:
    return int(workspace.jobs.add({"tasks": list(tasks), **settings}).job_id)


async def test_a_run_is_submitted_followed_and_its_output_read(
    live: Databricks, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.notebook("/n", takes=600, result="done")
    body = {"run_name": "one", "tasks": [notebook("/n")]}
    run_id = await live.jobs.submit(body, idempotency_token="t-1")
    run = await live.jobs.get_run(run_id)
    assert run.state
    assert run.state.life_cycle_state in (LifeCycleState.PENDING, LifeCycleState.RUNNING)
    assert run.state.result_state is None
    run = await ended(live, run_id)
    assert (run.run_id, run.run_name, run.run_type) == (run_id, "one", "SUBMIT_RUN")
    assert run.state
    assert run.state.life_cycle_state is LifeCycleState.TERMINATED
    assert run.state.result_state is ResultState.SUCCESS
    assert run.status
    assert run.status.state is RunStatusState.TERMINATED
    assert run.status.termination_details
    assert run.status.termination_details.code == "SUCCESS"
    output = await live.jobs.get_output(run.tasks[0].run_id)
    assert output.notebook_output
    assert output.notebook_output.result == "done"
    assert output.metadata
    assert output.metadata.run_id == run.tasks[0].run_id


async def test_a_failed_task_tells_its_error(
    live: Databricks, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.notebook("/n", error="ValueError: bad day")
    run_id = await live.jobs.submit({"tasks": [notebook("/n")]}, idempotency_token="t-1")
    run = await ended(live, run_id)
    assert run.state
    assert run.state.life_cycle_state is LifeCycleState.INTERNAL_ERROR
    assert run.state.result_state is ResultState.FAILED
    output = await live.jobs.get_output(run.tasks[0].run_id)
    assert output.error == "ValueError: bad day"
    assert output.error_trace


async def test_the_output_of_several_tasks_together_is_refused(
    live: Databricks, autojump_clock: MockClock
) -> None:
    tasks = [notebook("/a", "a"), notebook("/b", "b")]
    run_id = await live.jobs.submit({"tasks": tasks}, idempotency_token="t-1")
    await ended(live, run_id)
    with pytest.raises(errors.DatabricksRefused, match="multiple tasks"):
        await live.jobs.get_output(run_id)


async def test_a_job_is_run_with_parameters(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.notebook("/n", does=lambda spec: spec.parameters["day"])
    job_id = job_of(workspace, notebook("/n"), name="nightly")
    run_id = await live.jobs.run_now(
        job_id, idempotency_token="t-1", notebook_params={"day": "monday"}
    )
    run = await ended(live, run_id)
    assert run.job_id == job_id
    output = await live.jobs.get_output(run.tasks[0].run_id)
    assert output.notebook_output
    assert output.notebook_output.result == "monday"


async def test_one_token_starts_one_run(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    job_id = job_of(workspace, notebook("/n"))
    first = await live.jobs.run_now(job_id, idempotency_token="t-1")
    again = await live.jobs.run_now(job_id, idempotency_token="t-1")
    other = await live.jobs.run_now(job_id, idempotency_token="t-2")
    assert first == again != other


BAD_WAYS = [LoseAnswer(), LoseRequest(), Refuse(429, retry_after=2), Refuse(503), HtmlPage()]


@pytest.mark.parametrize("fault", BAD_WAYS, ids=lambda fault: type(fault).__name__)
async def test_a_run_is_started_once_whatever_becomes_of_the_answer(
    live: Databricks, workspace: Workspace, fault: Fault, autojump_clock: MockClock
) -> None:
    workspace.faults.add("POST *", fault, times=2)
    run_id = await live.jobs.submit({"tasks": [notebook("/n")]}, idempotency_token="t-1")
    assert [each.run_id async for each in live.jobs.list_runs()] == [run_id]
    assert workspace.requests.count("POST */runs/submit") == 3


async def test_more_tasks_than_fit_in_a_page_are_all_there(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    keys = [f"t{number}" for number in range(250)]
    job_id = job_of(workspace, *(notebook("/n", key) for key in keys), name="wide")
    job = await live.jobs.get(job_id)
    assert (job.job_id, job.name) == (job_id, "wide")
    assert [task["task_key"] for task in job.settings["tasks"]] == keys
    run_id = await live.jobs.run_now(job_id, idempotency_token="t-1")
    run = await live.jobs.get_run(run_id)
    assert [task.task_key for task in run.tasks] == keys
    assert [task["task_key"] for task in run.wire["tasks"]] == keys
    assert "next_page_token" not in run.wire


async def test_all_jobs_and_runs_are_listed_over_all_pages(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    jobs = {job_of(workspace, notebook("/n"), name=f"job {n}") for n in range(5)}
    assert {job.job_id async for job in live.jobs.list(limit=2)} == jobs
    [named] = [job async for job in live.jobs.list(name="JOB 3")]
    assert named.name == "job 3"
    runs = {await live.jobs.run_now(job, idempotency_token=f"t-{job}") for job in jobs}
    page = await live.jobs.page_runs(limit=2)
    assert len(page.items) == 2
    assert {run.run_id async for run in live.jobs.list_runs(limit=2)} == runs
    assert {run.run_id async for run in live.jobs.list_runs(active_only=True)} == runs
    assert [run async for run in live.jobs.list_runs(completed_only=True)] == []


async def test_a_run_is_cancelled_and_a_second_cancel_does_no_harm(
    live: Databricks, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.notebook("/n", takes=36_000)
    run_id = await live.jobs.submit({"tasks": [notebook("/n")]}, idempotency_token="t-1")
    await live.jobs.cancel_run(run_id)
    run = await ended(live, run_id)
    assert run.state
    assert run.state.result_state is ResultState.CANCELED
    assert run.state.user_cancelled_or_timedout
    await live.jobs.cancel_run(run_id)


async def test_what_does_not_exist_is_not_found(
    live: Databricks, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.NotFound):
        await live.jobs.get(1)
    with pytest.raises(errors.NotFound):
        await live.jobs.run_now(1, idempotency_token="t-1")
    with pytest.raises(errors.NotFound):
        await live.jobs.get_run(1)
    with pytest.raises(errors.NotFound):
        await live.jobs.get_output(1)
    with pytest.raises(errors.NotFound):
        await live.jobs.cancel_run(1)
