"""Repair: tasks of a run that has ended run again, under the same run id."""

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted
from databricks_mcp_toolkit.simulation.engine import TaskSpec
from trio.testing import MockClock


@pytest.fixture
async def broken(jobs: Any, engine: Scripted, notebook: Any, autojump_clock: MockClock) -> int:
    """A run whose middle task failed, the one time it will."""
    engine.task("b", error="ValueError: no", times=1)
    run_id = await jobs.submit(notebook("a"), notebook("b", "a"), notebook("c", "b"))
    await jobs.ended(run_id)
    assert await jobs.states(run_id) == {
        "": "FAILED",
        "a": "SUCCESS",
        "b": "FAILED",
        "c": "UPSTREAM_FAILED",
    }
    return int(run_id)


def ran(engine: Scripted) -> list[str]:
    return [seen.task_key for seen in engine.seen if isinstance(seen, TaskSpec)]


async def test_what_failed_runs_again_and_the_run_becomes_well(
    autojump_clock: MockClock, broken: int, jobs: Any, engine: Scripted
) -> None:
    before = await jobs.run(broken)
    answer = await jobs.post("2.2/jobs/runs/repair", run_id=broken, rerun_all_failed_tasks=True)
    alive = await jobs.run(broken)
    assert alive["state"]["life_cycle_state"] == "PENDING"  # at once: a waiter polls right away
    assert alive["end_time"] == 0
    after = await jobs.ended(broken)
    assert after["state"]["result_state"] == "SUCCESS"
    assert ran(engine) == ["a", "b", "b", "c"]
    ids = [{task["task_key"]: task["run_id"] for task in run["tasks"]} for run in (before, after)]
    assert ids[0]["a"] == ids[1]["a"]
    assert ids[0]["b"] != ids[1]["b"]
    assert [t["attempt_number"] for t in after["tasks"]] == [0, 1, 1]
    history = (await jobs.run(broken, include_history="true"))["repair_history"]
    assert [item["type"] for item in history] == ["ORIGINAL", "REPAIR"]
    assert history[1]["id"] == answer["repair_id"]
    assert history[0]["task_run_ids"] == list(ids[0].values())
    assert history[1]["task_run_ids"] == [ids[1]["b"], ids[1]["c"]]
    assert history[0]["state"]["result_state"] == "FAILED"
    assert history[1]["state"]["result_state"] == "SUCCESS"


async def test_named_tasks_run_again_with_new_parameters(
    autojump_clock: MockClock, broken: int, jobs: Any, engine: Scripted
) -> None:
    await jobs.post(
        "2.2/jobs/runs/repair", run_id=broken, rerun_tasks=["b"], notebook_params={"day": "Friday"}
    )
    await jobs.ended(broken)
    assert ran(engine) == ["a", "b", "b"]
    assert engine.seen[-1].parameters == {"day": "Friday"}  # type: ignore[union-attr]
    # What was skipped before stays skipped, so the run is no better than it was.
    assert (await jobs.states(broken))["c"] == "UPSTREAM_FAILED"


async def test_dependent_tasks_come_along_when_asked_for(
    autojump_clock: MockClock, broken: int, jobs: Any, engine: Scripted
) -> None:
    await jobs.post(
        "2.2/jobs/runs/repair", run_id=broken, rerun_tasks=["a"], rerun_dependent_tasks=True
    )
    await jobs.ended(broken)
    assert ran(engine) == ["a", "b", "a", "b", "c"]


async def test_the_second_repair_names_the_first(
    autojump_clock: MockClock, broken: int, jobs: Any
) -> None:
    body = {"run_id": broken, "rerun_tasks": ["a"]}
    first = await jobs.post("2.2/jobs/runs/repair", **body)
    await jobs.ended(broken)
    assert (await jobs.refused("POST", "2.2/jobs/runs/repair", **body))[0] == 400
    await jobs.post("2.2/jobs/runs/repair", **body, latest_repair_id=first["repair_id"])
    await jobs.ended(broken)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rerun_tasks": ["nobody"]},
        {"rerun_tasks": ["a"], "rerun_all_failed_tasks": True},
    ],
)
async def test_a_repair_that_cannot_be(
    body: dict[str, Any], autojump_clock: MockClock, broken: int, jobs: Any
) -> None:
    status, code, _ = await jobs.refused("POST", "2.2/jobs/runs/repair", run_id=broken, **body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


async def test_a_run_that_is_alive_cannot_be_repaired(
    autojump_clock: MockClock, broken: int, jobs: Any
) -> None:
    await jobs.post("2.2/jobs/runs/repair", run_id=broken, rerun_tasks=["b"])
    refusal = await jobs.refused("POST", "2.2/jobs/runs/repair", run_id=broken, rerun_tasks=["b"])
    assert refusal[:2] == (400, "INVALID_STATE")


async def test_a_cancelled_run_can_be_repaired_and_cancelled_again(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("slow", takes=1000)
    run_id = await jobs.submit(notebook("slow"))
    for repaired in (False, True):
        if repaired:
            await jobs.post("2.2/jobs/runs/repair", run_id=run_id, rerun_all_failed_tasks=True)
        await trio.sleep(20)
        assert (await jobs.states(run_id))["slow"] == "RUNNING"
        await jobs.post("2.2/jobs/runs/cancel", run_id=run_id)
        await jobs.ended(run_id)
        assert await jobs.states(run_id) == {"": "CANCELED", "slow": "CANCELED"}


async def test_a_repaired_run_times_out_by_its_own_start(
    autojump_clock: MockClock, jobs: Any, engine: Scripted, notebook: Any
) -> None:
    engine.task("slow", takes=1000)
    run_id = await jobs.submit(notebook("slow"), timeout_seconds=100)
    await jobs.ended(run_id)
    await trio.sleep(10_000)
    await jobs.post("2.2/jobs/runs/repair", run_id=run_id, rerun_all_failed_tasks=True)
    await trio.sleep(90)
    assert (await jobs.states(run_id))["slow"] == "RUNNING"
    await trio.sleep(20)
    assert (await jobs.states(run_id))[""] == "TIMEDOUT"


async def test_a_repaired_run_is_kept_from_its_new_end_on(
    autojump_clock: MockClock, broken: int, jobs: Any
) -> None:
    await trio.sleep(30 * 24 * 3600)
    await jobs.post("2.2/jobs/runs/repair", run_id=broken, rerun_all_failed_tasks=True)
    await trio.sleep(40 * 24 * 3600)
    assert (await jobs.run(broken))["state"]["result_state"] == "SUCCESS"
    await trio.sleep(30 * 24 * 3600)
    assert (await jobs.refused("GET", "2.2/jobs/runs/get", run_id=broken))[0] == 400
