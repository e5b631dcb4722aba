"""An MCP host in a few lines: starts a server and calls its tools.  The demo drives with it.

It is the official client of the MCP SDK, so whoever watches it sees what any other host would.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs
from mcp import Client, StdioServerParameters

from ..errors import WorkFailed


@attrs.frozen
class Host:
    """A connection to a server that was started for it."""

    _client: Client

    async def tools(self) -> list[str]:
        """The names of the server's tools."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of one call.  A cancel cancels the call at the server.

        Raises:
          WorkFailed: the tool says that it failed.
        """
        result = await self._client.call_tool(tool, arguments)
        if result.is_error:
            text = [block.text for block in result.content if block.type == "text"]
            raise WorkFailed(f"{tool}: {' '.join(text)}", outcome=result.structured_content or {})
        return dict(result.structured_content or {})


@asynccontextmanager
async def hosting(command: Sequence[str], env: Mapping[str, str]) -> AsyncIterator[Host]:
    """Starts `command` with exactly the environment `env`, and ends it as hosts do.

    That is: its stdin is closed, and it has two seconds to go before it is sent SIGTERM.
    """
    program, *arguments = command
    server = StdioServerParameters(command=program, args=arguments, env=dict(env))
    async with Client(server) as client:
        yield Host(client)
