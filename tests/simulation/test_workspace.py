"""The workspace itself: its clock, its ids, its end, and what it keeps to itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from databricks_mcp_toolkit import simulation
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from trio.testing import MockClock


async def test_its_time_follows_trios_clock(autojump_clock: MockClock) -> None:
    async with Workspace(starts_at=1_000_000) as workspace:
        assert workspace.now_ms() == 1_000_000
        await trio.sleep(24 * 3600)
        assert workspace.now() == pytest.approx(24 * 3600)
        assert workspace.now_ms() == 1_000_000 + 24 * 3600 * 1000


async def test_ids_are_unique_and_the_same_for_the_same_seed() -> None:
    made = []
    for seed in (1, 1, 2):
        workspace = Workspace(seed=seed)
        numbers = [workspace.world.new_number("run") for _ in range(1000)]
        assert numbers == sorted(set(numbers))
        assert all(len(str(number)) == 15 for number in numbers)
        made.append((numbers, workspace.world.new_hex(), workspace.world.new_uuid()))
    assert made[0] == made[1] != made[2]
    assert len(made[0][1]) == 32
    assert [len(part) for part in made[0][2].split("-")] == [8, 4, 4, 4, 12]


async def test_secrets_are_made_up_and_not_by_the_seed() -> None:
    first, second = Workspace(seed=1), Workspace(seed=1)
    assert first.token != second.token
    assert first.client_secret != second.client_secret
    assert Workspace(token="mine").token == "mine"
    for secret in (first.token, first.client_secret):
        assert secret not in repr(first)


async def test_without_samples_it_is_empty() -> None:
    async with Workspace(samples=False) as workspace:
        assert not list(workspace.clusters)
        assert not list(workspace.warehouses)


class Watched(Scripted):
    """An engine that notes when it starts and stops."""

    def __init__(self) -> None:
        super().__init__()
        self.life: list[str] = []

    @asynccontextmanager
    async def running(self, workspace: Workspace) -> AsyncIterator[None]:
        self.life.append("started")
        try:
            yield
        finally:
            self.life.append("stopped")


async def test_the_engine_starts_and_stops_with_it() -> None:
    engine = Watched()
    async with Workspace(engine=engine):
        assert engine.life == ["started"]
    assert engine.life == ["started", "stopped"]


async def test_the_engine_outlives_what_runs_on_it() -> None:
    engine = Watched()

    async def work(workspace: Workspace) -> None:
        try:
            await trio.sleep_forever()
        finally:
            engine.life.append("work ended")

    async with Workspace(engine=engine) as workspace:
        workspace.nursery.start_soon(work, workspace)
        await trio.testing.wait_all_tasks_blocked()
    assert engine.life == ["started", "work ended", "stopped"]


async def test_an_error_of_the_body_comes_out_as_it_is(autojump_clock: MockClock) -> None:
    engine = Watched()

    async def fail() -> None:
        async with Workspace(engine=engine) as workspace:
            workspace.nursery.start_soon(trio.sleep, 3600)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail()
    assert engine.life == ["started", "stopped"]
    assert trio.current_time() == 0, "nothing was waited for"


async def test_a_cancel_ends_it_at_once(autojump_clock: MockClock) -> None:
    engine = Watched().command(takes=3600)
    with trio.move_on_after(5) as scope:
        async with Workspace(engine=engine):
            await trio.sleep(3600)
    assert scope.cancelled_caught
    assert trio.current_time() == pytest.approx(5)
    assert engine.life == ["started", "stopped"]


async def test_a_bug_in_its_life_is_loud() -> None:
    async def bug() -> None:
        raise ZeroDivisionError

    async def live() -> None:
        async with Workspace() as workspace:
            workspace.nursery.start_soon(bug)
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup) as raised:
        await live()
    assert raised.group_contains(ZeroDivisionError)


def test_paces_scale() -> None:
    assert Pace.instant().cluster_start == 0
    assert Pace.quick().cluster_start == 3
    assert Pace(cluster_start=10).scaled(2).cluster_start == 20


def test_its_names_are_there_when_asked_for() -> None:
    for name in simulation.__all__:
        assert getattr(simulation, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = simulation.Nothing
