"""The yardstick: the least that an MCP server can be.

One tool that does nothing, on the SDK's low-level server and its own stdio transport, with the
event loop that the SDK prefers.
"""

from __future__ import annotations

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

NOTHING = types.Tool(
    name="nothing",
    description="Does nothing.",
    input_schema={"type": "object", "properties": {}},
)


async def list_tools(_context: object, _params: object) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[NOTHING])


async def call_tool(_context: object, _params: object) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text="nothing")])


async def main() -> None:
    server: Server[dict[str, object]] = Server(
        "bare", on_list_tools=list_tools, on_call_tool=call_tool
    )
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(main)
