"""What the clients' tests talk to: a simulated workspace, or a script where it is too well-behaved.

Nothing of ours is replaced.  `Script` stands where the network would, and plays one answer after
the other, each after its time on trio's clock; what was sent is in `requests`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import attrs
import httpx
import pytest
import trio
from databricks_mcp_toolkit.clients import (
    Credentials,
    Databricks,
    Governor,
    StaticToken,
    Timeouts,
)
from databricks_mcp_toolkit.clients.in_process import InProcess
from databricks_mcp_toolkit.simulation import Scripted, Workspace

TOKEN = "dapi0123456789abcdef0123456789abcdef"


@attrs.frozen
class Sent:
    """A request as it left, and when."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any
    headers: httpx.Headers
    at: float


@attrs.define
class Script(httpx.AsyncBaseTransport):
    """Plays its answers in order, and its last one for ever."""

    answers: list[tuple[float, httpx.Response | Exception]] = attrs.field(factory=list)
    requests: list[Sent] = attrs.field(factory=list)

    def answer(
        self, status: int = 200, body: Any = None, *, after: float = 0.0, **headers: str
    ) -> Script:
        """One more answer.  `body` is JSON, unless it is text or bytes."""
        content = body if isinstance(body, str | bytes) else json.dumps(body or {})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((after, httpx.Response(status, content=content, headers=named)))
        return self

    def fail(self, error: Exception, *, after: float = 0.0) -> Script:
        """One more failure of the wire."""
        self.answers.append((after, error))
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Play the next answer."""
        raw = await request.aread()
        path = request.url.raw_path.decode().partition("?")[0]
        query = dict(request.url.params.multi_items())
        body = json.loads(raw) if raw else None
        sent = Sent(request.method, path, query, body, request.headers, trio.current_time())
        self.requests.append(sent)
        after, answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await trio.sleep(after)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    @property
    def times(self) -> list[float]:
        """When each request left, in seconds after the first."""
        return [round(each.at - self.requests[0].at, 3) for each in self.requests]


@pytest.fixture
def script() -> Script:
    return Script()


Connect = Callable[..., AbstractAsyncContextManager[Databricks]]


@pytest.fixture
def connect(script: Script) -> Connect:
    """`async with connect() as databricks`, on the script unless another transport is given."""

    @asynccontextmanager
    async def connected(
        credentials: Credentials | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts | None = None,
        governor: Governor | None = None,
    ) -> AsyncIterator[Databricks]:
        async with Databricks.connect(
            "https://workspace.test",
            credentials or StaticToken(TOKEN),
            transport=transport or script,
            timeouts=timeouts,
            governor=governor,
        ) as databricks:
            yield databricks

    return connected


@pytest.fixture
def engine() -> Scripted:
    """What work in the test's workspace comes to."""
    return Scripted()


@pytest.fixture
def workspace_settings(engine: Scripted) -> dict[str, Any]:
    return {"engine": engine}


@pytest.fixture
async def live(workspace: Workspace) -> AsyncIterator[Databricks]:
    """Connected to the test's simulated workspace."""
    async with Databricks.connect(
        workspace.host, StaticToken(workspace.token), transport=InProcess(workspace.app)
    ) as connected:
        yield connected


@pytest.fixture
async def outsider(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """Another program on the same workspace: it can do what our clients need not."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=workspace.app),
        base_url=f"{workspace.host}/api/2.0/",
        headers={"Authorization": f"Bearer {workspace.token}"},
    ) as client:
        yield client


@pytest.fixture
async def databricks(connect: Connect) -> AsyncIterator[Databricks]:
    async with connect() as connected:
        yield connected
