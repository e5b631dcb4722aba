"""Runs: started once, watched while somebody waits, and told as they are."""

import logging
from itertools import pairwise
from typing import Any

import attrs
import pytest
import trio
from databricks_mcp_toolkit.actors import Session, run_output
from databricks_mcp_toolkit.actors.run import failure
from databricks_mcp_toolkit.clients import runs
from databricks_mcp_toolkit.clients.endpoint import Endpoint, RetryClass
from databricks_mcp_toolkit.clients.wire import structure
from databricks_mcp_toolkit.errors import (
    DatabricksError,
    DatabricksUnreachable,
    NotFound,
    OutcomeUnknown,
    RunFailed,
    TimedOut,
)
from databricks_mcp_toolkit.simulation import Scripted, Workspace

from .conftest import Network, OpenSession

SUBMIT = "POST /api/2.2/jobs/runs/submit"
RUN_NOW = "POST /api/2.2/jobs/run-now"
GET = "GET /api/2.2/jobs/runs/get"
OUTPUT = "GET /api/2.2/jobs/runs/get-output"


@attrs.frozen
class Created:
    """The answer to `jobs/create`, which the toolkit has no use for."""

    job_id: int


def notebook(path: str, key: str = "main", **more: Any) -> dict[str, Any]:
    return {"task_key": key, "notebook_task": {"notebook_path": path}, **more}


@pytest.fixture
def tasks(workspace: Workspace) -> Any:
    """Tasks of notebooks, on the workspace's cluster."""
    return lambda *paths: [
        notebook(path, key=f"task{n}", existing_cluster_id=workspace.cluster_id)
        for n, path in enumerate(paths)
    ]


async def test_a_run_is_submitted_waited_for_and_its_output_read(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/nightly", takes=36_000, result="done")
    run = await session.submit_run(run_name="nightly", tasks=tasks("/nightly"))
    assert trio.current_time() < 1
    final = await run.wait()
    assert final.state is not None
    assert final.state.result_state == "SUCCESS"
    assert 36_000 < trio.current_time() < 36_100
    assert run.is_over
    output = await run.output()
    assert output.result == "done"
    assert [task.task_key for task in output.tasks] == ["task0"]


async def test_ten_hours_cost_hundreds_of_requests(
    session: Session, engine: Scripted, tasks: Any, workspace: Workspace
) -> None:
    engine.notebook("/nightly", takes=36_000)
    run = await session.submit_run(tasks=tasks("/nightly"))
    await run.wait()
    assert workspace.requests.count(GET) < 800


async def test_a_run_of_a_second_is_seen_to_end_soon(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/quick", takes=1)
    run = await session.submit_run(tasks=tasks("/quick"))
    await run.wait()
    assert trio.current_time() < 1.7


async def test_at_its_limit_a_wait_tells_that_the_run_goes_on(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/long", takes=3600)
    run = await session.submit_run(tasks=tasks("/long"))
    seen = await run.wait(timeout=50)
    assert trio.current_time() == pytest.approx(50, abs=0.1)
    assert seen.state is not None
    assert seen.state.life_cycle_state == "RUNNING"
    assert not run.is_over
    assert run.state == "RUNNING"


async def test_a_poll_interval_bounds_the_time_between_looks(
    session: Session, engine: Scripted, tasks: Any, workspace: Workspace
) -> None:
    engine.notebook("/long", takes=1000)
    run = await session.submit_run(tasks=tasks("/long"))
    await trio.sleep(100)
    workspace.requests.clear()
    await run.wait(timeout=100, poll_interval=2)
    at = [request.at for request in workspace.requests.matching(GET)]
    assert max(b - a for a, b in pairwise(at)) <= 2.3


async def test_nobody_looks_when_nobody_waits(
    session: Session, engine: Scripted, tasks: Any, workspace: Workspace
) -> None:
    engine.notebook("/long", takes=3600)
    run = await session.submit_run(tasks=tasks("/long"))
    before = session.statistics().actors
    with trio.move_on_after(10):
        await run.wait()
    await trio.sleep(5)
    workspace.requests.clear()
    await trio.sleep(1000)
    assert workspace.requests.count(GET) == 0
    assert session.statistics().actors <= before + 1  # the polls' own


async def test_many_who_wait_for_one_run_share_its_polls(
    session: Session, engine: Scripted, tasks: Any, workspace: Workspace
) -> None:
    engine.notebook("/long", takes=100)
    run = await session.submit_run(tasks=tasks("/long"))
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(session.run(run.run_id).wait)
    assert workspace.requests.count(GET) < 40


async def test_the_end_of_the_session_leaves_runs_running(
    open_one: OpenSession, engine: Scripted, tasks: Any, workspace: Workspace
) -> None:
    engine.notebook("/long", takes=600, result="done")
    async with open_one() as session:
        run = await session.submit_run(tasks=tasks("/long"))
    await trio.sleep(700)
    async with open_one() as session:
        assert (await session.run(run.run_id).output()).result == "done"


async def test_a_cancelled_run_is_seen_to_end_soon(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/long", takes=36_000)
    run = await session.submit_run(tasks=tasks("/long"))
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            final = await run.wait()
            assert final.state is not None
            assert final.state.result_state == "CANCELED"

        nursery.start_soon(wait)
        await trio.sleep(1000)
        await run.cancel()
    assert trio.current_time() < 1003
    await run.cancel()  # harmless


async def test_an_unknown_run_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        await session.run(12345).wait()
    with pytest.raises(NotFound):
        await session.run(12345).output()


# Started once.


async def test_a_run_is_started_once_although_its_answer_is_lost(
    session: Session, tasks: Any, workspace: Workspace, network: Network
) -> None:
    network.mood(SUBMIT, lost=True, times=2)
    run = await session.submit_run(tasks=tasks("/x"))
    tokens = {request.body["idempotency_token"] for request in workspace.requests.matching(SUBMIT)}
    assert workspace.requests.count(SUBMIT) == 3
    assert len(tokens) == 1
    assert [seen.run_id async for seen in session.databricks.jobs.list_runs()] == [run.run_id]


async def test_a_callers_own_token_is_kept(session: Session, tasks: Any) -> None:
    first = await session.submit_run(tasks=tasks("/x"), idempotency_token="mine")
    second = await session.submit_run(tasks=tasks("/x"), idempotency_token="mine")
    assert first.run_id == second.run_id


async def test_two_runs_are_two_runs(session: Session, tasks: Any) -> None:
    first = await session.submit_run(tasks=tasks("/x"))
    second = await session.submit_run(tasks=tasks("/x"))
    assert first.run_id != second.run_id


async def test_run_now_takes_parameters(session: Session, workspace: Workspace, tasks: Any) -> None:
    job_id = await create_job(session, tasks)
    run = await session.run_now(job_id, notebook_params={"date": "2026-01-31"})
    (request,) = workspace.requests.matching(RUN_NOW)
    assert request.body["notebook_params"] == {"date": "2026-01-31"}
    assert len(request.body["idempotency_token"]) == 32
    assert (await run.success()).job_id == job_id


async def test_an_unknown_job_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        await session.run_now(1)


async def test_if_nobody_knows_whether_it_started_the_token_is_told(
    session: Session, network: Network, tasks: Any, workspace: Workspace
) -> None:
    network.mood(SUBMIT, lost=True)
    with pytest.raises(OutcomeUnknown) as told:
        await session.submit_run(tasks=tasks("/x"))
    token = workspace.requests.matching(SUBMIT)[0].body["idempotency_token"]
    assert token in told.value.advice


async def test_a_start_under_way_when_the_session_ends_is_seen_through(
    open_one: OpenSession, network: Network, tasks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    network.mood(SUBMIT, after=1)
    with trio.move_on_after(0.5):
        async with open_one() as session:
            await session.submit_run(tasks=tasks("/x"))
    assert trio.current_time() == 1
    assert "was started for a caller that has gone" in caplog.text


async def test_a_start_that_hangs_does_not_hold_up_the_end(
    open_one: OpenSession, network: Network, tasks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    network.mood(SUBMIT, before=1000)
    with trio.move_on_after(1):
        async with open_one() as session:
            await session.submit_run(tasks=tasks("/x"))
    assert trio.current_time() <= 1 + 3
    assert "its answer did not come in time" in caplog.text


# How it ended.


async def test_a_failed_run_is_never_told_as_success(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/flaky", error="ValueError: bad day")
    run = await session.submit_run(tasks=tasks("/flaky"))
    final = await run.wait()
    assert final.state is not None
    assert final.state.result_state == "FAILED"
    with pytest.raises(RunFailed, match=f"Run {run.run_id} ended as FAILED") as failed:
        await run.success()
    assert failed.value.outcome["run_id"] == run.run_id
    (task,) = (await run.output()).tasks
    assert task.output is not None
    assert "bad day" in (task.output.error or "")
    assert (await run.output()).result is None


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"life_cycle_state": "TERMINATED", "result_state": "SUCCESS"}, None),
        ({"life_cycle_state": "TERMINATED", "result_state": "FAILED"}, "FAILED"),
        ({"life_cycle_state": "TERMINATED", "result_state": "TIMEDOUT"}, "TIMEDOUT"),
        ({"life_cycle_state": "INTERNAL_ERROR", "result_state": "FAILED"}, "FAILED"),
        ({"life_cycle_state": "INTERNAL_ERROR"}, "INTERNAL_ERROR"),
        ({"life_cycle_state": "SKIPPED", "state_message": "at its limit"}, "SKIPPED: at its limit"),
        ({"life_cycle_state": "TERMINATED"}, "TERMINATED"),
        (
            {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS_WITH_FAILURES"},
            "SUCCESS_WITH_FAILURES",
        ),
    ],
)
def test_only_success_is_success(state: dict[str, str], message: str | None) -> None:
    failed = failure(structure({"run_id": 7, "state": state}, runs.Run))
    assert (failed and failed.message) == (message and f"Run 7 ended as {message}")


@pytest.mark.parametrize(("code", "success"), [("SUCCESS", True), ("RUN_EXECUTION_ERROR", False)])
def test_a_run_that_has_only_the_newer_status_is_understood(code: str, success: bool) -> None:
    status = {"state": "TERMINATED", "termination_details": {"code": code, "type": "X"}}
    run = structure({"run_id": 7, "status": status}, runs.Run)
    assert (failure(run) is None) is success


async def test_a_run_that_is_not_over_is_no_success(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/long", takes=3600)
    run = await session.submit_run(tasks=tasks("/long"))
    with pytest.raises(TimeoutError, match="is RUNNING after 10 s, and goes on") as told:
        await run.success(timeout=10)
    assert isinstance(told.value, TimedOut)
    assert told.value.outcome["run_id"] == run.run_id


async def test_a_failed_run_tells_the_errors_of_the_tasks_that_failed(
    session: Session, engine: Scripted, tasks: Any, workspace: Workspace
) -> None:
    engine.notebook("/good", result="1").notebook("/bad", error="ValueError: bad day")
    run = await session.submit_run(tasks=tasks("/good", "/bad"))
    with pytest.raises(RunFailed, match=r"FAILED.*\. Task task1: ValueError: bad day$") as failed:
        await run.success()
    (task,) = failed.value.outcome["failed_tasks"]
    assert (task["task_key"], task["error"]) == ("task1", "ValueError: bad day")
    assert task["error_trace"]
    assert workspace.requests.count(OUTPUT) == 1  # those that went well are not asked
    assert ".." not in failed.value.message


async def test_a_failed_run_is_told_although_its_errors_do_not_come(
    session: Session, engine: Scripted, tasks: Any, network: Network
) -> None:
    engine.notebook("/bad", error="ValueError: bad day")
    network.mood(OUTPUT, before=1000)
    run = await session.submit_run(tasks=tasks("/bad"))
    with pytest.raises(RunFailed, match="FAILED") as failed:
        await run.success()
    assert failed.value.outcome["failed_tasks"] == []
    assert trio.current_time() < 15


async def test_the_output_of_several_tasks_is_gathered(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    for name in "abc":
        engine.notebook(f"/{name}", result=f"result {name}")
    engine.notebook("/b", error="KeyError: b")
    run = await session.submit_run(tasks=tasks("/a", "/b", "/c"))
    await run.wait()
    output = await run.output()
    assert [task.task_key for task in output.tasks] == ["task0", "task1", "task2"]
    first, second, third = output.tasks
    assert first.output is not None
    assert third.output is not None
    assert second.output is not None
    assert first.output.notebook_output is not None
    assert first.output.notebook_output.result == "result a"
    assert "KeyError" in (second.output.error or "")
    assert output.result is None


async def test_an_output_that_is_refused_leaves_those_of_other_tasks(
    session: Session, tasks: Any, network: Network
) -> None:
    run = await session.submit_run(tasks=tasks("/a", "/b"))
    await run.wait()
    body = b'{"error_code": "INVALID_STATE", "message": "no output"}'
    network.mood("GET */runs/get-output", status=400, body=body, times=1)
    tasks_left = (await run.output()).tasks
    assert sorted(task.refusal is None for task in tasks_left) == [False, True]


async def test_the_last_attempt_of_a_retried_task_counts(
    session: Session, engine: Scripted, workspace: Workspace
) -> None:
    engine.notebook("/flaky", result="second time lucky")
    engine.notebook("/flaky", error="ValueError: bad day", times=1)
    task = notebook("/flaky", existing_cluster_id=workspace.cluster_id, max_retries=1)
    run = await session.submit_run(tasks=[task])
    await run.success()
    output = await run.output()
    assert len(output.tasks) == 1
    assert output.result == "second time lucky"


# A network that goes away.


async def test_a_network_that_comes_back_is_no_failure(
    session: Session, engine: Scripted, tasks: Any, network: Network
) -> None:
    engine.notebook("/long", takes=300)
    run = await session.submit_run(tasks=tasks("/long"))
    await run.wait(timeout=60)
    network.mood("*", before=1000)
    seen = await run.wait(timeout=100)
    assert seen.state is not None
    assert seen.state.life_cycle_state == "RUNNING"
    assert run.doubt is not None
    network.calm()
    await run.success()
    assert run.doubt is None


async def test_nothing_heard_within_the_limit_is_said_so(
    session: Session, network: Network, tasks: Any
) -> None:
    run = await session.submit_run(tasks=tasks("/x"))
    network.mood("*", before=1000)
    with pytest.raises(DatabricksUnreachable, match=f"Nothing was heard of run {run.run_id}"):
        await run.wait(timeout=20)
    assert trio.current_time() < 22


async def test_waiting_ends_when_nothing_is_heard_for_a_quarter_of_an_hour(
    session: Session, network: Network, tasks: Any
) -> None:
    run = await session.submit_run(tasks=tasks("/x"))
    network.mood("*", status=502)
    with pytest.raises(DatabricksError):
        await run.wait()
    assert 900 <= trio.current_time() <= 1100


async def test_the_repr_of_a_run_is_a_status_line(
    session: Session, engine: Scripted, tasks: Any
) -> None:
    engine.notebook("/long", takes=60)
    run = await session.submit_run(tasks=tasks("/long"))
    assert repr(run) == f"<run {run.run_id}, not looked at yet>"
    await run.wait(timeout=20)
    assert repr(run) == f"<run {run.run_id}, RUNNING>"
    await run.wait()
    assert repr(run) == f"<run {run.run_id}, TERMINATED>"


async def create_job(session: Session, tasks: Any) -> int:
    """A job, made as a user would in the workspace."""
    create = Endpoint("POST", "/api/2.2/jobs/create", RetryClass.ONCE)
    body = {"name": "nightly", "tasks": tasks("/nightly")}
    return (await session.databricks.jobs._door.ask(create, Created, body=body)).job_id


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


async def test_the_outputs_of_many_tasks_are_cut_to_the_size_of_one_and_say_so(
    session: Session, engine: Scripted, tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_output, "KEPT", 4000)
    for n in range(4):
        engine.notebook(f"/n{n}", result=f"{n}" * 3000)
    run = await session.submit_run(tasks=tasks(*(f"/n{n}" for n in range(4))))
    await run.wait()
    output = await run.output()
    for n, task in enumerate(output.tasks):
        assert task.is_cut
        assert task.output is not None
        assert task.output.notebook_output is not None
        assert task.output.notebook_output.truncated
        assert task.output.notebook_output.result == f"{n}" * 1000
        assert task.output.wire["notebook_output"]["result_length"] == 3000
    whole = await session.run(output.tasks[1].run_id).output()
    assert whole.result == "1" * 3000
    assert not whole.tasks[0].is_cut


async def test_outputs_that_do_not_come_in_time_are_named_and_the_others_are_there(
    session: Session, engine: Scripted, tasks: Any, network: Network
) -> None:
    run = await session.submit_run(tasks=tasks("/a", "/b", "/c"))
    await run.wait()
    network.mood("GET */runs/get-output", before=1000, times=2)
    began = trio.current_time()
    output = await run.output(timeout=20)
    assert trio.current_time() - began == pytest.approx(20)
    late = [task for task in output.tasks if task.refusal is not None]
    assert len(late) == 2
    for task in late:
        assert isinstance(task.refusal, DatabricksUnreachable)
        assert str(task.run_id) in task.refusal.advice
    assert sum(task.output is not None for task in output.tasks) == 1


async def test_an_output_of_which_nothing_comes_in_time_is_an_error(
    session: Session, tasks: Any, network: Network
) -> None:
    run = await session.submit_run(tasks=tasks("/a"))
    network.mood(GET, before=1000)
    with pytest.raises(DatabricksUnreachable, match="did not come within 20 s"):
        await run.output(timeout=20)
