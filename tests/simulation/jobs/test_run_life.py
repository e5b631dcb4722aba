"""A run's life: through its states in time, with retries, timeouts and cancels.

Every test runs on a virtual clock.  With the pace of these tests, a serverless task becomes RUNNING
4 s after its start (3 s for compute, 1 s for setup) and ends 1 s after its work.
"""

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.engine import TaskSpec
from trio.testing import MockClock


async def test_a_run_goes_through_its_states(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/main", takes=60, result="done")
    run_id = await jobs.submit(notebook())
    seen = []
    for seconds in (0, 5, 58, 1.5, 1):
        await trio.sleep(seconds)
        run = await jobs.run(run_id)
        task = run["tasks"][0]
        seen.append((run["state"]["life_cycle_state"], task["state"]["life_cycle_state"]))
        assert task["status"]["state"] == task["state"]["life_cycle_state"]
    await trio.sleep(5)
    assert seen == [
        ("PENDING", "PENDING"),
        ("RUNNING", "RUNNING"),
        ("RUNNING", "RUNNING"),
        ("RUNNING", "TERMINATING"),
        ("TERMINATED", "TERMINATED"),
    ]


async def test_a_run_that_went_well(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    """Both `state` and `status`, of the run and of its task."""
    engine.notebook("/main", takes=60, result="done")
    run = await jobs.ended(await jobs.submit(notebook(), run_name="nightly"))
    for told in (run, run["tasks"][0]):
        assert told["state"] == {
            "life_cycle_state": "TERMINATED",
            "result_state": "SUCCESS",
            "state_message": "",
            "user_cancelled_or_timedout": False,
        }
        assert told["status"] == {
            "state": "TERMINATED",
            "termination_details": {"code": "SUCCESS", "type": "SUCCESS", "message": ""},
        }
    assert (run["run_name"], run["run_type"]) == ("nightly", "SUBMIT_RUN")
    assert run["number_in_job"] == run["run_id"] != run["tasks"][0]["run_id"]
    assert run["run_duration"] == run["end_time"] - run["start_time"] == 65_000


async def test_a_task_tells_how_long_each_part_took(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/main", takes=60)
    (task,) = (await jobs.ended(await jobs.submit(notebook())))["tasks"]
    parts = [task[f"{part}_duration"] for part in ("setup", "execution", "cleanup")]
    assert parts == [4_000, 60_000, 1_000]
    assert sum(parts) == task["end_time"] - task["start_time"]


async def test_a_task_that_raised_ends_its_run_in_an_internal_error(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.notebook("/etl", error="ValueError: bad day", trace="Traceback ... ValueError: bad day")
    run_id = await jobs.submit(notebook("etl"))
    run = await jobs.ended(run_id)
    message = "Task etl failed with message: Workload failed, see run output for details."
    assert run["state"]["life_cycle_state"] == "INTERNAL_ERROR"
    assert run["state"]["result_state"] == "FAILED"
    assert run["state"]["state_message"] == message
    assert run["status"]["state"] == "TERMINATED"
    assert run["status"]["termination_details"]["code"] == "RUN_EXECUTION_ERROR"
    assert run["status"]["termination_details"]["type"] == "CLIENT_ERROR"
    state = run["tasks"][0]["state"]
    assert state["life_cycle_state"] == "TERMINATED"
    assert state["state_message"] == "Workload failed, see run output for details"
    output = await jobs.output(run_id, "etl")
    assert output["error"] == "ValueError: bad day"
    assert output["error_trace"] == "Traceback ... ValueError: bad day"


async def test_tasks_wait_for_those_they_depend_on(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=10)
    run_id = await jobs.submit(notebook("a"), notebook("b", "a"), notebook("c", "a", "b"))
    await trio.sleep(7)
    assert await jobs.states(run_id) == {
        "": "RUNNING",
        "a": "RUNNING",
        "b": "BLOCKED",
        "c": "BLOCKED",
    }
    await jobs.ended(run_id)
    assert [spec.task_key for spec in engine.seen if isinstance(spec, TaskSpec)] == ["a", "b", "c"]


async def test_tasks_that_do_not_wait_for_each_other_run_at_once(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any, workspace: Workspace
) -> None:
    engine.task(takes=100)
    await jobs.ended(await jobs.submit(*(notebook(str(n)) for n in range(20))))
    assert workspace.now() < 110


async def test_what_depends_on_a_failed_task_is_skipped_or_cleans_up(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("bad", error="ValueError: no")
    run_id = await jobs.submit(
        notebook("bad"),
        notebook("after", "bad"),
        notebook("later", "after"),
        notebook("cleanup", "after", run_if="ALL_DONE"),
        notebook("alarm", "bad", run_if="AT_LEAST_ONE_FAILED"),
        notebook("hooray", "bad", run_if="AT_LEAST_ONE_SUCCESS"),
    )
    run = await jobs.ended(run_id)
    assert await jobs.states(run_id) == {
        "": "FAILED",
        "bad": "FAILED",
        "after": "UPSTREAM_FAILED",
        "later": "UPSTREAM_FAILED",
        "cleanup": "SUCCESS",
        "alarm": "SUCCESS",
        "hooray": "UPSTREAM_FAILED",
    }
    assert run["state"]["state_message"].endswith(
        "This caused all downstream tasks to get skipped."
    )


async def test_a_run_whose_leaves_went_well_succeeds_with_failures(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("bad", error="ValueError: no")
    run_id = await jobs.submit(notebook("bad"), notebook("fix", "bad", run_if="ALL_FAILED"))
    run = await jobs.ended(run_id)
    assert run["state"]["life_cycle_state"] == "TERMINATED"
    assert run["state"]["result_state"] == "SUCCESS_WITH_FAILURES"


async def test_a_disabled_task_does_not_run(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    run_id = await jobs.submit(notebook("off", disabled=True), notebook("on"))
    await jobs.ended(run_id)
    assert await jobs.states(run_id) == {"": "SUCCESS", "off": "DISABLED", "on": "SUCCESS"}
    assert [spec.task_key for spec in engine.seen if isinstance(spec, TaskSpec)] == ["on"]


async def test_a_failed_task_is_retried_and_shows_every_attempt(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("main", error="ValueError: not yet", times=2)
    run = await jobs.ended(await jobs.submit(notebook(max_retries=5)))
    attempts = run["tasks"]
    assert [task["attempt_number"] for task in attempts] == [0, 1, 2]
    assert [task["state"]["result_state"] for task in attempts] == ["FAILED", "FAILED", "SUCCESS"]
    assert len({task["run_id"] for task in attempts}) == 3
    assert run["state"]["result_state"] == "SUCCESS"
    first, last = attempts[0], await jobs.run(attempts[2]["run_id"])
    assert last["original_attempt_run_id"] == first["run_id"]


async def test_retries_come_to_an_end(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("main", error="ValueError: never")
    run = await jobs.ended(await jobs.submit(notebook(max_retries=2)))
    assert len(run["tasks"]) == 3
    assert run["state"]["result_state"] == "FAILED"


async def test_retries_without_end_let_time_pass(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any, workspace: Workspace
) -> None:
    engine.task("main", error="ValueError: not for an hour")
    run_id = await jobs.submit(notebook(max_retries=-1))
    await trio.sleep(3600)
    engine.task("main")
    run = await jobs.ended(run_id)
    assert run["state"]["result_state"] == "SUCCESS"
    everything = await jobs.get("2.1/jobs/runs/get", run_id=run_id)  # not cut into pages
    assert 100 < len(everything["tasks"]) < 3600


async def test_a_retry_waits_out_its_interval_from_the_start_of_the_last_attempt(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("main", error="ValueError: no", takes=10, times=1)
    run_id = await jobs.submit(notebook(max_retries=1, min_retry_interval_millis=60_000))
    await trio.sleep(30)
    waiting = await jobs.run(run_id)
    assert waiting["tasks"][1]["state"]["life_cycle_state"] == "WAITING_FOR_RETRY"
    assert waiting["tasks"][1]["status"]["state"] == "WAITING"
    assert waiting["state"]["life_cycle_state"] == "RUNNING"
    one, two = (await jobs.ended(run_id))["tasks"]
    assert two["start_time"] - one["start_time"] == 60_000


@pytest.mark.parametrize(("retry_on_timeout", "attempts"), [(False, 1), (True, 3)])
async def test_a_task_that_times_out_is_retried_only_if_it_says_so(  # noqa: PLR0917 (fixtures)
    retry_on_timeout: bool,
    attempts: int,
    autojump_clock: MockClock,
    jobs: Any,
    engine: Scripted,
    notebook: Any,
) -> None:
    engine.task("main", takes=3600)
    task = notebook(timeout_seconds=60, max_retries=2, retry_on_timeout=retry_on_timeout)
    run = await jobs.ended(await jobs.submit(task))
    assert len(run["tasks"]) == attempts
    for told in (run, run["tasks"][-1]):
        assert told["state"]["life_cycle_state"] == "TERMINATED"
        assert told["state"]["result_state"] == "TIMEDOUT"
        assert told["state"]["user_cancelled_or_timedout"] is True
        assert told["status"]["termination_details"]["code"] == "CANCELED"


async def test_a_run_times_out_with_all_its_tasks(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=3600)
    run_id = await jobs.submit(notebook("a"), notebook("b", "a"), timeout_seconds=60)
    run = await jobs.ended(run_id)
    assert await jobs.states(run_id) == {"": "TIMEDOUT", "a": "TIMEDOUT", "b": "TIMEDOUT"}
    assert run["end_time"] - run["start_time"] == 61_000


async def test_a_new_timeout_holds_for_runs_that_are_alive(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=3600)
    job_id = await jobs.create(notebook())
    run_id = await jobs.run_now(job_id)
    await trio.sleep(100)
    await jobs.post("2.2/jobs/update", job_id=job_id, new_settings={"timeout_seconds": 200})
    run = await jobs.ended(run_id)
    assert run["state"]["result_state"] == "TIMEDOUT"
    assert run["end_time"] - run["start_time"] == 201_000


async def test_a_cancelled_run_passes_through_terminating(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    stopped = []

    async def work(spec: TaskSpec) -> str:
        try:
            await trio.sleep_forever()
        finally:
            stopped.append(spec.task_key)
        return ""

    engine.task("a", does=work)
    run_id = await jobs.submit(notebook("a", max_retries=3), notebook("b", "a"))
    await trio.sleep(60)
    assert await jobs.post("2.2/jobs/runs/cancel", run_id=run_id) == {}
    assert (await jobs.states(run_id))[""] == "TERMINATING"
    run = await jobs.ended(run_id)
    assert stopped == ["a"]
    assert await jobs.states(run_id) == {"": "CANCELED", "a": "CANCELED", "b": "CANCELED"}
    assert run["state"]["life_cycle_state"] == "TERMINATED"
    assert run["state"]["state_message"] == "Run cancelled."
    assert run["state"]["user_cancelled_or_timedout"] is True
    assert run["status"]["termination_details"]["code"] == "USER_CANCELED"


@pytest.mark.parametrize("after", [0, 1, 3.5, 30, 64.5, 65.5])
async def test_a_cancel_comes_well_at_any_moment(
    after: float, autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    """Before the start, while pending, while running, while cleaning up, and too late."""
    engine.task(takes=60)
    run_id = await jobs.submit(notebook())
    await trio.sleep(after)
    await jobs.post("2.2/jobs/runs/cancel", run_id=run_id)
    await jobs.post("2.2/jobs/runs/cancel", run_id=run_id)
    run = await jobs.ended(run_id)
    # What was in its cleanup has been done; the run as a whole was cancelled all the same.
    assert run["state"]["result_state"] == ("SUCCESS" if after > 65 else "CANCELED")
    assert run["tasks"][0]["state"]["result_state"] == ("SUCCESS" if after > 64 else "CANCELED")


async def test_cancelling_one_task_cancels_what_waits_for_it(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=60)
    run_id = await jobs.submit(notebook("a"), notebook("b", "a"), notebook("c"))
    await trio.sleep(30)
    await jobs.post("2.2/jobs/runs/cancel", run_id=(await jobs.task(run_id, "a"))["run_id"])
    await jobs.ended(run_id)
    assert await jobs.states(run_id) == {
        "": "CANCELED",
        "a": "CANCELED",
        "b": "UPSTREAM_CANCELED",
        "c": "SUCCESS",
    }


async def test_cancelling_a_task_that_has_not_begun_leaves_the_rest_alone(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task(takes=60)
    run_id = await jobs.submit(notebook("a"), notebook("b", "a"), notebook("c", "b"))
    await trio.sleep(30)
    await jobs.post("2.2/jobs/runs/cancel", run_id=(await jobs.task(run_id, "b"))["run_id"])
    assert (await jobs.states(run_id))["a"] == "RUNNING"
    await jobs.ended(run_id)
    assert (await jobs.states(run_id))["c"] == "UPSTREAM_CANCELED"


async def test_a_bug_in_the_engine_fails_the_task_and_nothing_else(
    autojump_clock: MockClock,
    jobs: Any,
    engine: Scripted,
    notebook: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_spec: TaskSpec) -> str:
        raise ZeroDivisionError

    engine.task("main", does=broken)
    run = await jobs.ended(await jobs.submit(notebook()))
    assert run["tasks"][0]["state"]["life_cycle_state"] == "INTERNAL_ERROR"
    assert "A bug in the engine" in caplog.text


async def test_every_moment_can_be_looked_at(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    """Second by second, no state is followed by one that must not follow it."""
    from databricks_mcp_toolkit.simulation.jobs.run_states import NEXT, LifeCycleState

    engine.task("a", takes=5, error="ValueError: x")
    run_id = await jobs.submit(
        notebook("a", max_retries=1, min_retry_interval_millis=20_000), notebook("b", "a")
    )
    before: dict[int, str] = {}
    for _ in range(60):
        run = await jobs.run(run_id)
        for told in (run, *run["tasks"]):
            state = told["state"]["life_cycle_state"]
            last = before.setdefault(told["run_id"], state)
            reachable = {last} | NEXT[LifeCycleState(last)]
            for step in list(reachable):
                reachable |= NEXT[LifeCycleState(step)]
            assert state in reachable
            before[told["run_id"]] = state
        await trio.sleep(1)
    assert (await jobs.run(run_id))["end_time"]
