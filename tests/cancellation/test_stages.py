"""Every call, cancelled at every stage, by every way there is; and then the workspace looked at.

Which calls a test runs, and what it expects, `calls.py` says.  For a host that vanishes the session
ends as well, and with it the contexts that it owns and whatever runs in them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest
import trio
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults.kinds import Hang, Slow

from .calls import CASES
from .kinds import Case, Seen, Stage
from .place import COMING, TAKES, Held, Place, place
from .ways import Caller, Way, calling

IN_CONTEXTS = ("context", "queue", "command")
A_MOMENT = 1.0  # seconds, in which what was cancelled is still under way
AT_ONCE = 0.01  # seconds
GOES_ON_WITH_ITS_ID = r"(run|command|statement) [0-9a-f-]{12,}\b.*goes on"


def these(stage: Stage, *seen: Seen) -> pytest.MarkDecorator:
    """Every call of which this is seen at this stage, by every way; the stage, where it varies."""
    return pytest.mark.parametrize(
        ("way", "case"),
        [
            pytest.param(way, case, id=f"{case.name}-{way.name.lower()}")
            for case in CASES
            for way in (Way if case.is_tool else [Way.LIBRARY])
            if case.kind.seen(stage) in seen
        ],
    )


@asynccontextmanager
async def at(workspace: Workspace, needs: str = "") -> AsyncIterator[Place]:
    async with place(workspace) as there:
        await there.prepare(needs)
        yield there


def prepared(workspace: Workspace, case: Case) -> Callable[[], AbstractAsyncContextManager[Place]]:
    return partial(at, workspace, case.needs)


def dies(way: Way, case: Case) -> bool:
    """Whether the work's owner, a context, ends with the caller."""
    return way is Way.GONE and case.needs in IN_CONTEXTS


def linger(way: Way) -> float:
    """Seconds from the cancel to what it does: calls have a moment after a host's end-of-file."""
    return 0.5 if way is Way.GONE else AT_ONCE


async def settled(workspace: Workspace) -> None:
    """Let pass more time than anything takes."""
    await trio.sleep(3 * (COMING + TAKES))


def is_told(way: Way, caller: Caller) -> bool:
    """Whether a host has said what it should have."""
    return way not in (Way.LEGACY, Way.MODERN) or any(
        b"notifications/cancelled" in line for line in caller.said
    )


# Before it is sent.


@these(Stage.BEFORE, Seen.NOTHING)
async def test_cancelled_before_it_is_sent_nothing_is_sent(
    workspace: Workspace, way: Way, case: Case
) -> None:
    """A program is cancelled as it calls; a host's call waits for the login."""

    @asynccontextmanager
    async def slow_login() -> AsyncIterator[Place]:
        if not way.is_library:
            await trio.sleep(30)
        async with place(workspace) as there:
            yield there

    async with (
        calling(way, slow_login, connect=False) as caller,
        trio.open_nursery() as nursery,
    ):
        if way.is_library:
            caller.cancel()
        nursery.start_soon(caller.call, case)
        await trio.sleep(A_MOMENT)
        caller.cancel()
        await trio.sleep(100)
        assert caller.left_at is not None
        assert caller.left_at <= A_MOMENT + 2 * AT_ONCE + 1
        assert is_told(way, caller)
    assert len(workspace.requests) == 0


@these(Stage.BEFORE, Seen.ALL_THE_SAME)
async def test_cancelled_beforehand_it_has_its_effect_once(
    workspace: Workspace, way: Way, case: Case
) -> None:
    """What lets go of something does, whoever is cancelled."""
    async with calling(way, prepared(workspace, case)) as caller:
        workspace.requests.clear()
        workspace.faults.add(case.request, Slow(seconds=1))
        caller.cancel()
        began = trio.current_time()
        await caller.call(case)
        assert caller.left_at == began
        await settled(workspace)
        assert workspace.requests.count(case.request) == 1
        assert workspace.live_contexts() == []


# In flight.


@asynccontextmanager
async def cancelled_in_flight(
    workspace: Workspace, way: Way, case: Case
) -> AsyncIterator[tuple[Held, float]]:
    """The request is at the workspace, and its caller has been cancelled."""
    async with (
        calling(way, prepared(workspace, case)) as caller,
        trio.open_nursery() as nursery,
    ):
        held = Held()
        workspace.requests.clear()
        workspace.faults.add(case.request, held, times=1)
        nursery.start_soon(caller.call, case)
        await held.arrived.wait()
        await trio.sleep(A_MOMENT)
        caller.cancel()
        cancelled_at = trio.current_time()
        await trio.sleep(A_MOMENT)
        assert is_told(way, caller)
        yield held, cancelled_at
        await settled(workspace)
        assert caller.left_at is not None
        assert caller.left_at - cancelled_at <= AT_ONCE


@these(Stage.IN_FLIGHT, Seen.HANG_UP, Seen.ONE_WRITE)
async def test_cancelled_in_flight_it_hangs_up(workspace: Workspace, way: Way, case: Case) -> None:
    """And asks no second time."""
    async with cancelled_in_flight(workspace, way, case) as (held, cancelled_at):
        assert held.hung_up_at is not None
        assert held.hung_up_at - cancelled_at <= linger(way)
    assert workspace.requests.count(case.request) == 1


@these(Stage.IN_FLIGHT, Seen.EFFECT, Seen.LOOKED)
async def test_cancelled_in_flight_it_has_its_effect_once(
    workspace: Workspace, way: Way, case: Case
) -> None:
    """An actor makes the request; where the session ends, the actor does, too."""
    async with cancelled_in_flight(workspace, way, case) as (held, _):
        assert (held.hung_up_at is not None) == (way is Way.GONE)
        held.release.set()
        await trio.sleep(A_MOMENT)
        if case.kind.seen(Stage.IN_FLIGHT) is Seen.EFFECT and way is not Way.GONE:
            assert workspace.requests.count(case.request) == 1


@these(Stage.IN_FLIGHT, Seen.STARTED)
async def test_cancelled_in_flight_it_is_started_once_and_goes_on(
    workspace: Workspace, way: Way, case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with cancelled_in_flight(workspace, way, case) as (held, _):
        assert held.hung_up_at is None
        held.release.set()
        await settled(workspace)
    work = workspace.engine.work
    assert workspace.requests.count(case.request) == 1
    if dies(way, case):
        assert (work.finished, workspace.live_contexts()) == (0, [])
        return
    assert (work.begun, work.finished) == (1, 1)
    # The session's end does not wait as long as Databricks holds back the answer to a statement.
    unanswered = way is Way.GONE and case.kind.created is Seen.GOES_ON
    told = "its answer did not come in time" if unanswered else GOES_ON_WITH_ITS_ID
    assert re.search(told, caplog.text)


@these(Stage.IN_FLIGHT, Seen.STOPPED)
async def test_cancelled_in_flight_it_is_ended(workspace: Workspace, way: Way, case: Case) -> None:
    async with cancelled_in_flight(workspace, way, case) as (held, _):
        assert held.hung_up_at is None
        before = set(workspace.live_contexts())
        held.release.set()
        await trio.sleep(A_MOMENT)
        assert set(workspace.live_contexts()) <= before
        await settled(workspace)
    assert workspace.requests.count(case.request) == 1
    assert workspace.engine.work.finished == 0


# Created and not begun; begun.


@asynccontextmanager
async def cancelled_while(
    stage: Stage, workspace: Workspace, way: Way, case: Case
) -> AsyncIterator[None]:
    """What the call has set going, or waits for, is at this stage; its caller was cancelled."""
    async with (
        calling(way, prepared(workspace, case)) as caller,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(caller.call, case)
        await trio.sleep(COMING / 2)
        work = workspace.engine.work
        assert caller.left_at is None
        assert work.begun == 0
        if stage is Stage.RUNNING:
            await trio.sleep(COMING + TAKES / 2)
            assert caller.left_at is None
            assert (work.begun, work.finished) == (1, 0)
        caller.cancel()
        await trio.sleep(5)
        assert caller.left_at is not None
        assert is_told(way, caller)
        yield
        await settled(workspace)


MEANWHILE = [Stage.CREATED, Stage.RUNNING]


def these_meanwhile(seen: Seen) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("stage", "way", "case"),
        [
            pytest.param(stage, *each.values, id=f"{each.id}-{stage.value}")
            for stage in MEANWHILE
            for each in these(stage, seen).args[1]
        ],
    )


@these_meanwhile(Seen.GOES_ON)
async def test_cancelled_meanwhile_it_goes_on(
    workspace: Workspace, stage: Stage, way: Way, case: Case
) -> None:
    async with cancelled_while(stage, workspace, way, case):
        pass
    work = workspace.engine.work
    if dies(way, case):
        assert (work.finished, workspace.live_contexts()) == (0, [])
        return
    assert (work.begun, work.finished) == (1, 1)
    assert workspace.requests.count("POST */cancel") == 0


@these_meanwhile(Seen.ENDED)
async def test_cancelled_meanwhile_it_is_ended(
    workspace: Workspace, stage: Stage, way: Way, case: Case
) -> None:
    async with cancelled_while(stage, workspace, way, case):
        work = workspace.engine.work
        assert (work.begun, work.stopped) == ((0, 0) if stage is Stage.CREATED else (1, 1))
        assert len(workspace.live_contexts()) == (case.needs in IN_CONTEXTS and way is not Way.GONE)
    assert work.finished == 0


# Cleaning up.


@these(Stage.CLEANING_UP, Seen.BOUNDED)
async def test_cleaning_up_takes_a_bounded_time(workspace: Workspace, way: Way, case: Case) -> None:
    """The network is silent from the cancel on, and the caller is cancelled a second time."""
    async with (
        calling(way, prepared(workspace, case)) as caller,
        trio.open_nursery() as nursery,
    ):
        outer = trio.CancelScope()

        async def call() -> None:
            with outer:
                await caller.call(case)

        nursery.start_soon(call)
        await trio.sleep(COMING / 2)
        if case.kind.seen(Stage.RUNNING) is Seen.ENDED:
            await trio.sleep(COMING + TAKES / 2)
        workspace.requests.clear()
        cleaning = Held()
        workspace.faults.add(case.cleans_by, cleaning, times=1)
        workspace.faults.add("*", Hang())
        caller.cancel()
        cancelled_at = trio.current_time()
        await trio.sleep(0.1)
        outer.cancel()
        await trio.sleep(case.bound + A_MOMENT)
        assert workspace.requests.count(case.cleans_by) >= 1
        assert caller.left_at is not None
        assert caller.left_at - cancelled_at <= case.bound + AT_ONCE
        if case.needs in IN_CONTEXTS:
            assert cleaning.hung_up_at is None  # the context lives on, and its actor goes on asking
            return
        assert cleaning.hung_up_at is not None
        took = cleaning.hung_up_at - cancelled_at
        assert 0.4 <= took <= case.bound + linger(way)  # the second cancel cut nothing short
