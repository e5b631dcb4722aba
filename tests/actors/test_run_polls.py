"""Polls of many runs are answered together, and each run as if it were alone."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors import Run, Session
from databricks_mcp_toolkit.actors.run_polls import FEW, worth_listing
from databricks_mcp_toolkit.actors.watching import Following
from databricks_mcp_toolkit.errors import ActorCrashed, NotFound
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace

from .conftest import Network

GET = "GET /api/2.2/jobs/runs/get"
LIST = "GET /api/2.2/jobs/runs/list"

Start = Callable[[int], Awaitable[list[Run]]]


@pytest.fixture
def start(session: Session, workspace: Workspace, engine: Scripted) -> Start:
    """Starts so many runs of ten minutes."""
    engine.notebook("/long", takes=600)
    task = {
        "task_key": "main",
        "notebook_task": {"notebook_path": "/long"},
        "existing_cluster_id": workspace.cluster_id,
    }

    async def started(number: int) -> list[Run]:
        return [await session.submit_run(tasks=[task]) for _ in range(number)]

    return started


@pytest.mark.parametrize(
    ("runs", "pages"), [(1, 0), (FEW, 0), (FEW + 1, 2), (25, 2), (26, 3), (100, 5), (1000, 41)]
)
def test_few_are_asked_for_one_by_one_and_many_by_pages(runs: int, pages: int) -> None:
    assert worth_listing(runs) == pages


async def wait_for_all(runs: list[Run], timeout: float | None = None) -> list[Any]:
    seen: list[Any] = []

    async def wait(run: Run) -> None:
        seen.append(await run.wait(timeout))

    async with trio.open_nursery() as nursery:
        for run in runs:
            nursery.start_soon(wait, run)
    return seen


async def test_a_hundred_runs_cost_a_page_for_every_25(start: Start, workspace: Workspace) -> None:
    runs = await start(100)
    workspace.requests.clear()
    seen = await wait_for_all(runs, timeout=300)
    assert {run.state.life_cycle_state for run in seen} == {"RUNNING"}
    assert workspace.requests.count(GET) == 0
    assert workspace.requests.count(LIST) < 50 * 5  # a look of all takes at most five pages


async def test_every_run_is_seen_to_end(start: Start, workspace: Workspace) -> None:
    runs = await start(100)
    seen = await wait_for_all(runs)
    assert {run.state.result_state for run in seen} == {"SUCCESS"}
    assert sorted(run.run_id for run in seen) == sorted(run.run_id for run in runs)
    assert all(run.tasks for run in seen)  # the last look is a full one
    assert trio.current_time() < 600 + 15


async def test_a_few_runs_are_not_listed(start: Start, workspace: Workspace) -> None:
    await wait_for_all(await start(FEW), timeout=60)
    assert workspace.requests.count(LIST) == 0


async def test_runs_of_others_on_the_pages_disturb_nothing(
    start: Start, workspace: Workspace
) -> None:
    ours = await start(10)
    await start(200)  # later ones come first on the pages
    seen = await wait_for_all(ours, timeout=60)
    assert {run.state.life_cycle_state for run in seen} == {"RUNNING"}


async def test_an_unknown_run_among_many_fails_alone(start: Start, session: Session) -> None:
    runs = await start(30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, runs, 30)
        with pytest.raises(NotFound):
            await session.run(1).wait(30)


async def test_a_listing_that_fails_is_made_up_for(
    start: Start, workspace: Workspace, network: Network
) -> None:
    runs = await start(30)
    network.mood(LIST, status=403, body=b'{"error_code": "PERMISSION_DENIED", "message": "no"}')
    seen = await wait_for_all(runs, timeout=30)
    assert {run.state.life_cycle_state for run in seen} == {"RUNNING"}
    assert workspace.requests.count(GET) >= 30


async def test_the_polls_crash_alone_and_are_taken_up_again(
    start: Start,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A bug where all runs meet must not end the waiting for any of them."""
    runs = await start(10)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, runs)
        await trio.sleep(30)
        with monkeypatch.context() as patch:
            patch.setattr("databricks_mcp_toolkit.actors.run_polls.worth_listing", lambda _: 1 / 0)
            await trio.sleep(30)
    assert "polls of runs has crashed" in caplog.text
    assert all(run.is_over for run in runs)


async def test_a_bug_in_the_look_at_one_run_ends_the_watching_of_that_run_alone(
    start: Start, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim, *others = await start(3)
    get_run = session.databricks.jobs.get_run

    async def stumble(run_id: int) -> Any:
        if run_id == victim.run_id:
            raise KeyError("a bug")
        return await get_run(run_id)

    monkeypatch.setattr(session.databricks.jobs, "get_run", stumble)
    with pytest.raises(ActorCrashed):
        await victim.wait()
    seen = await wait_for_all(others)
    assert {run.state.result_state for run in seen} == {"SUCCESS"}


async def test_a_silence_leaves_no_line_of_stale_looks_behind(
    start: Start, network: Network
) -> None:
    """Looks that nobody waits for any more hold no place that others want."""
    told: list[float] = []
    waiting = [await start(1) for _ in range(30)]
    async with trio.open_nursery() as nursery:

        async def wait(run: Run) -> None:
            await run.wait()
            told.append(trio.current_time())

        for (run,) in waiting:
            nursery.start_soon(wait, run)
        await trio.sleep(10)
        network.mood("GET */runs/*", before=100_000)
        await trio.sleep(620)
        network.calm()
        back = trio.current_time()
    assert len(told) == 30
    assert max(told) - back <= 75  # a look that began in the silence, and the pause after it


class Steps(trio.abc.Instrument):
    """Counts how often those who wait for runs are woken, and who watches these for them."""

    def __init__(self) -> None:
        self.number = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        self.number += task.name.startswith("run ") or task.name.endswith(
            "wait_for_all.<locals>.wait"
        )


async def test_who_waits_for_a_run_sleeps_until_that_run_has_changed(start: Start) -> None:
    runs, steps = await start(50), Steps()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, runs)
        await trio.sleep(20)
        trio.lowlevel.add_instrument(steps)
        await trio.sleep(570)
        assert steps.number == 0
    assert steps.number > 50
    trio.lowlevel.remove_instrument(steps)


async def test_a_cancel_among_many_is_seen_soon(start: Start) -> None:
    run, *others = await start(50)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, others, 400)
        nursery.start_soon(run.wait)
        await trio.sleep(300)
        await run.cancel()
        cancelled_at = trio.current_time()
        assert (await run.wait()).state.result_state == "CANCELED"
        assert trio.current_time() - cancelled_at < 1


async def test_the_least_patient_of_many_has_its_run_looked_at_in_time(
    start: Start, workspace: Workspace
) -> None:
    run, *others = await start(50)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, others, 400)
        nursery.start_soon(run.wait, 400)
        await trio.sleep(300)
        workspace.requests.clear()
        await run.wait(10, poll_interval=0.5)
    assert workspace.requests.count(GET) >= 10 / 0.5 / 1.1 - 1


async def test_a_run_that_nobody_waits_for_any_more_is_not_looked_at(
    start: Start, workspace: Workspace
) -> None:
    kept, left = await start(2)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.wait)
        await left.wait(20)
        await trio.sleep(30)
        workspace.requests.clear()
        await trio.sleep(300)
        asked = {request.query for request in workspace.requests}
    assert asked == {f"run_id={kept.run_id}"}


async def test_a_bug_in_what_was_seen_of_one_run_is_that_runs_alone(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    victim, *others = await start(30)
    saw = Following.saw

    def stumble(self: Any, seen: Any) -> None:
        if seen.run_id == victim.run_id:
            raise KeyError("a bug")
        saw(self, seen)

    monkeypatch.setattr(Following, "saw", stumble)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, others)
        with pytest.raises(ActorCrashed):
            await victim.wait()
    assert all(run.is_over for run in others)
    assert "polls of runs has crashed" not in caplog.text


async def test_a_listing_that_hangs_is_made_up_for(start: Start, network: Network) -> None:
    runs = await start(30)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_all, runs)
        await trio.sleep(300)
        network.mood(LIST, before=100_000)
    assert all(run.is_over for run in runs)
    assert trio.current_time() < 600 + 15 + 30


async def test_a_cancel_that_takes_a_while_is_looked_after_at_a_new_pace(engine: Scripted) -> None:
    engine.notebook("/long", takes=3600)
    pace = attrs.evolve(Pace.instant(), task_cleanup=3.0)
    async with (
        Workspace(engine=engine, pace=pace) as workspace,
        Toolkit.local(workspace) as toolkit,
    ):
        task = {
            "task_key": "main",
            "notebook_task": {"notebook_path": "/long"},
            "existing_cluster_id": workspace.cluster_id,
        }
        run = await toolkit.submit_run(tasks=[task])
        await run.wait(1800)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run.wait)
            await trio.sleep(1)
            await run.cancel()
            cancelled_at = trio.current_time()
        assert trio.current_time() - cancelled_at < 3.0 * 1.5
