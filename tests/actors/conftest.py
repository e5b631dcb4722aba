"""What the actors' tests stand on: a simulated workspace, a network with moods, a session.

Nothing of ours is replaced: `Network` stands where the network would, in front of the workspace's
ASGI app.  Every async test here runs in virtual time, without asking for it.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
import trio
import trio.testing
from databricks_mcp_toolkit.actors import Session, open_session
from databricks_mcp_toolkit.clients import Databricks, StaticToken, Timeouts
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace

HERE = Path(__file__).parent


def in_virtual_time(main: Any, *, clock: Any = None, instruments: Any = ()) -> Any:
    """As `trio.run`, on a clock that jumps whenever there is nothing to do."""
    clock = clock or trio.testing.MockClock(autojump_threshold=0)
    return trio.run(main, clock=clock, instruments=instruments)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the async tests of this folder in virtual time."""
    for item in items:
        function = getattr(item, "function", None)
        if item.path.parent == HERE and inspect.iscoroutinefunction(function):
            item.add_marker(pytest.mark.trio(run=in_virtual_time), append=False)


@attrs.define
class Mood:
    """What happens to some requests on their way."""

    pattern: str
    before: float
    after: float
    lost: bool
    status: int | None
    body: bytes
    left: float


class Network:
    """An ASGI app in front of another one; its moods tell what happens on the way to it."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._moods: list[Mood] = []

    def mood(
        self,
        pattern: str,
        *,
        before: float = 0,
        after: float = 0,
        lost: bool = False,
        status: int | None = None,
        body: bytes = b"",
        times: float = float("inf"),
    ) -> None:
        """Requests like `"POST */contexts/create"` arrive after `before` seconds, and their answers
        after another `after`; or the answer is lost, or another answer (`status`) is given at once.
        """
        self._moods.insert(0, Mood(pattern, before, after, lost, status, body, times))

    def calm(self) -> None:
        """From now on, nothing happens to requests."""
        self._moods.clear()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = f"{scope['method']} {scope['path']}"
        for mood in self._moods:
            if mood.left > 0 and fnmatchcase(name, mood.pattern):
                mood.left -= 1
                break
        else:
            await self._app(scope, receive, send)
            return
        await trio.sleep(mood.before)
        if mood.status is not None:
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": mood.status, "headers": headers})
            await send({"type": "http.response.body", "body": mood.body})
            return
        answer: list[Any] = []

        async def keep(message: Any) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        await trio.sleep(mood.after)
        if mood.lost:
            raise httpx.ReadError("the connection is gone")
        for message in answer:
            await send(message)


@pytest.fixture
def engine() -> Scripted:
    return Scripted()


@pytest.fixture
async def workspace(engine: Scripted, autojump_clock: trio.abc.Clock) -> AsyncIterator[Workspace]:
    async with Workspace(engine=engine, pace=Pace.instant()) as running:
        yield running


@pytest.fixture
def network(workspace: Workspace) -> Network:
    return Network(workspace.app)


@pytest.fixture
async def databricks(workspace: Workspace, network: Network) -> AsyncIterator[Databricks]:
    async with Databricks.connect(
        workspace.host,
        StaticToken(workspace.token),
        transport=httpx.ASGITransport(app=network),
        timeouts=Timeouts(retries=20),
    ) as connected:
        yield connected


OpenSession = Any  # Callable[..., AbstractAsyncContextManager[Session]]


@pytest.fixture
def open_one(databricks: Databricks, workspace: Workspace) -> OpenSession:
    """Opens a session on the workspace, with the keywords of `open_session`."""
    opened: partial[AbstractAsyncContextManager[Session]] = partial(
        open_session,
        databricks,
        cluster_id=workspace.cluster_id,
        warehouse_id=workspace.warehouse_id,
    )
    return opened


@pytest.fixture
async def session(open_one: OpenSession) -> AsyncIterator[Session]:
    async with open_one() as opened:
        yield opened
