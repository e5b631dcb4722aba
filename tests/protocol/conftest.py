"""An MCP client on our server on a simulated workspace, all in this process and on its clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.protocol import build_server
from databricks_mcp_toolkit.simulation import Workspace
from mcp import Client
from mcp_types import CallToolResult

Call = Callable[..., Awaitable[CallToolResult]]


@pytest.fixture(params=["auto", "legacy"])
async def client(
    request: pytest.FixtureRequest, workspace: Workspace, autojump_clock: object
) -> AsyncIterator[Client]:
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


def text(result: CallToolResult) -> str:
    """What a model reads."""
    return "\n".join(block.text for block in result.content if block.type == "text")
