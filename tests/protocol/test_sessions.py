"""The one session of a server: opened when it is needed, shared, and closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.errors import DatabricksUnreachable, NotConfigured
from databricks_mcp_toolkit.protocol.sessions import PATIENCE, SharedSession


class Door:
    """Opens sessions, and keeps count."""

    def __init__(self, *, takes: float = 1.0, refuses: int = 0) -> None:
        self.takes, self.refuses = takes, refuses
        self.opened = self.closed = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Any]:
        await trio.sleep(self.takes)
        if self.refuses:
            self.refuses -= 1
            raise NotConfigured("no")
        self.opened += 1
        try:
            yield f"session {self.opened}"
        finally:
            self.closed += 1


async def test_it_is_opened_at_the_first_use_and_shared(autojump_clock: trio.abc.Clock) -> None:
    door, got = Door(), []
    shared = SharedSession(door)

    async with shared.serving():
        await trio.sleep(100)
        assert door.opened == 0
        async with trio.open_nursery() as nursery:
            for _ in range(5):

                async def get() -> None:
                    got.append(await shared.get())

                nursery.start_soon(get)
        assert door.closed == 0

    assert got == ["session 1"] * 5
    assert (door.opened, door.closed) == (1, 1)


async def test_a_failed_attempt_is_told_to_all_who_wait_and_the_next_call_tries_again(
    autojump_clock: trio.abc.Clock,
) -> None:
    door, refused = Door(refuses=1), 0
    shared = SharedSession(door)

    async with shared.serving():

        async def get() -> None:
            nonlocal refused
            with pytest.raises(NotConfigured):
                await shared.get()
            refused += 1

        async with trio.open_nursery() as nursery:
            nursery.start_soon(get)
            nursery.start_soon(get)
        assert await shared.get() == "session 1"

    assert refused == 2


async def test_a_call_that_is_cancelled_does_not_disturb_the_opening(
    autojump_clock: trio.abc.Clock,
) -> None:
    door = Door(takes=10)
    shared = SharedSession(door)

    async with shared.serving():
        with trio.move_on_after(5):
            await shared.get()
        began = trio.current_time()
        assert await shared.get() == "session 1"

    assert trio.current_time() - began == pytest.approx(5)


async def test_a_login_that_takes_too_long_is_told_and_goes_on(
    autojump_clock: trio.abc.Clock,
) -> None:
    door = Door(takes=PATIENCE + 20)
    shared = SharedSession(door)

    async with shared.serving():
        with pytest.raises(DatabricksUnreachable, match="login"):
            await shared.get()
        assert await shared.get() == "session 1"


async def test_closing_does_not_wait_for_the_end_of_the_block(
    autojump_clock: trio.abc.Clock,
) -> None:
    door = Door()
    shared = SharedSession(door)

    async with shared.serving():
        await shared.get()
        shared.close()
        with trio.CancelScope(shield=True):
            await trio.sleep(1)
        assert door.closed == 1


@pytest.mark.parametrize(("wanted", "opened"), [(True, 1), (False, 0)])
async def test_it_is_opened_early_where_that_is_wanted(
    autojump_clock: trio.abc.Clock, wanted: bool, opened: int
) -> None:
    door = Door()
    shared = SharedSession(door)

    async with shared.serving():
        shared.open_if(lambda: wanted)
        await trio.sleep(10)

    assert door.opened == opened


async def test_a_session_that_ends_by_itself_is_followed_by_another(
    autojump_clock: trio.abc.Clock, caplog: pytest.LogCaptureFixture
) -> None:
    trouble = trio.Event()
    opened = 0

    @asynccontextmanager
    async def fragile() -> AsyncIterator[Any]:
        nonlocal opened
        opened += 1
        async with trio.open_nursery() as nursery:

            async def break_down() -> None:
                await trouble.wait()
                raise RuntimeError("broken")

            if opened == 1:
                nursery.start_soon(break_down)
            yield opened
            nursery.cancel_scope.cancel()

    shared = SharedSession(fragile)
    async with shared.serving():
        assert await shared.get() == 1
        trouble.set()
        await trio.sleep(1)
        assert await shared.get() == 2

    assert "ended by itself" in caplog.text
