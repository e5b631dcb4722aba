"""An MCP client on our server on a simulated workspace, all in this process and on its clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.protocol import build_server
from databricks_mcp_toolkit.simulation import Workspace
from mcp import Client
from mcp_types import CallToolResult
from trio.testing import MockClock

HERE = Path(__file__).parent


def in_no_time(
    test: Callable[[], Awaitable[object]], *, clock: trio.abc.Clock | None, instruments: Any
) -> object:
    """As `trio.run`, on a clock that jumps to what happens next."""
    return trio.run(test, clock=clock or MockClock(autojump_threshold=0), instruments=instruments)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever has a `client` here runs on a virtual clock, without each test asking for it."""
    for item in items:
        if HERE in item.path.parents and "client" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.trio(run=in_no_time))


Call = Callable[..., Awaitable[CallToolResult]]


@pytest.fixture(params=["auto", "legacy"])
async def client(request: pytest.FixtureRequest, workspace: Workspace) -> AsyncIterator[Client]:
    """A client in the newer era (direct) and in the older one (JSON-RPC over memory)."""
    async with Toolkit.local(workspace) as toolkit:

        async def session() -> Any:
            return toolkit.session

        async with Client(build_server(session, version="1"), mode=request.param) as connected:
            yield connected


@pytest.fixture
def call(client: Client) -> Call:
    """`await call("get_run", run_id=7)`: the whole result, failed or not."""

    async def one(tool: str, **arguments: Any) -> CallToolResult:
        return await client.call_tool(tool, arguments)

    return one


@pytest.fixture
def text() -> Callable[[CallToolResult], str]:
    """What a model reads of a result."""
    return _text


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def ask(call: Call) -> Ask:
    """`await ask("get_run", run_id=7)`: the structured content of a call that must go well."""

    async def one(tool: str, **arguments: Any) -> dict[str, Any]:
        result = await call(tool, **arguments)
        assert not result.is_error, _text(result)
        return dict(result.structured_content)

    return one
