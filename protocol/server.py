"""The MCP server: the tools on the SDK's lowlevel `Server`, in both protocol eras.

Every handler is wrapped: an exception that reached the SDK would be shown to older clients.
"""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import mcp_types as types
import trio
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from ..errors import MisusedToolkit
from .call import Call, Report
from .failures import failure
from .registry import Tool
from .results import Answer, json_ready
from .sessions import OpenSession, SharedSession
from .stdio import stdio
from .toolbox import unknown_tool
from .tools import TOOLS

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from ..actors import Session

logger = logging.getLogger(__name__)

NAME = "databricks-mcp-toolkit"
TITLE = "Databricks MCP Toolkit"

INSTRUCTIONS = """\
Tools for one Databricks workspace: clusters, jobs and their runs, SQL, notebooks, files, and code \
run interactively on a cluster.
- Work that takes time goes on by itself. A tool that waits returns within its limit with the \
truth: finished, or still going on and what to call next. Never report work as done before a tool \
says so.
- A run: run_job or submit_single_run gives a run_id; wait_for_run_completion; get_run_output.
- SQL: execute_sql. Still RUNNING after its limit: call it again with the statement_id alone.
- Code that keeps its variables: create_execution_context, then execute_command and \
get_command_status; destroy_execution_context at the end. One command only: execute_command_simple.
- A result that is cut says so, and how to get the rest.
- isError: the first line says what happened, the next one what to do.
"""

_DATA_URL = re.compile(r"data:(image/[\w.+-]+);base64,([A-Za-z0-9+/=]+)")
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # by name: Windows has not all of them


def build_server(get_session: Callable[[], Awaitable[Session]], *, version: str = "") -> Server:
    """The server, ready to run on any transport.

    Args:
      get_session: gives the session to work on; first awaited at the first call of a tool whose
        arguments are sound.
      version: what is told to clients as ours.
    """
    listed = types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def list_tools(
        _context: ServerRequestContext, _request: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return listed

    async def call_tool(
        context: ServerRequestContext, request: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = TOOLS.get(request.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, unknown_tool(request.name))
        return _result(
            await _answered(tool, request.arguments, get_session, context.session.report_progress)
        )

    def schema_of(name: str) -> Mapping[str, Any] | None:
        return TOOLS[name].schema if name in TOOLS else None

    return Server(
        NAME,
        title=TITLE,
        version=version,
        instructions=INSTRUCTIONS,
        get_tool_input_schema=schema_of,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _described(tool: Tool[Any]) -> types.Tool:
    hints = types.ToolAnnotations(read_only_hint=True)
    if not tool.reads:
        hints = types.ToolAnnotations(
            destructive_hint=tool.destroys, idempotent_hint=tool.repeatable or None
        )
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema,
        annotations=hints,
    )


async def _answered(
    tool: Tool[Any],
    arguments: Mapping[str, Any] | None,
    get_session: Callable[[], Awaitable[Session]],
    report: Report,
) -> Answer:
    begun = trio.current_time()
    try:
        bound = tool.bind(arguments)
        return await tool.perform(Call(await get_session(), report, begun), bound)
    except Exception as error:  # whatever it is, the caller gets an answer
        return failure(error, tool.name)


def _result(answer: Answer) -> types.CallToolResult:
    structured, text = answer.structured, answer.text
    try:
        json.dumps(structured, allow_nan=False, ensure_ascii=False).encode()
        text.encode()
    except (TypeError, ValueError):
        structured, text = json_ready(structured), json_ready(text)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text), *_pictures(answer.images)],
        structured_content=structured,
        is_error=answer.failed,
    )


def _pictures(data_urls: tuple[str, ...]) -> Iterator[types.ImageContent]:
    for url in data_urls:
        if found := _DATA_URL.fullmatch(url):
            yield types.ImageContent(type="image", mime_type=found[1], data=found[2])


async def serve_stdio(
    open_session: OpenSession,
    *,
    version: str = "",
    connect_at_once: Callable[[], bool] | None = None,
) -> None:
    """Serve MCP on stdin and stdout until the host closes stdin, or SIGINT, SIGTERM or SIGHUP.

    Then calls under way are cancelled and the session is closed, at the same time, and everything
    that was made is cleaned up within the session's grace.  Signals that come meanwhile change
    nothing.

    Args:
      open_session: opens the session that the tools work on; entered when a tool first needs it.
      version: what is told to clients as ours.
      connect_at_once: whether to enter it although no tool needs it yet, as when there is something
        to clean up; asked in the background, soon after the start.

    Raises:
      MisusedToolkit: stdin or stdout is closed.
    """
    if sys.stdin is None or sys.stdout is None:
        raise MisusedToolkit("There is no stdin or no stdout, so there is nobody to serve.")
    shared = SharedSession(open_session)
    serving = trio.CancelScope()
    # The receiver of signals is outermost: during the clean-up a signal must not kill us.
    async with trio.open_nursery() as outermost:
        await outermost.start(_cancel_at_signal, serving)
        with serving:
            async with stdio(at_end=shared.close) as (reader, writer), shared.serving():
                if connect_at_once is not None:
                    shared.open_if(connect_at_once)
                server = build_server(shared.get, version=version)
                await server.run(reader, writer, server.create_initialization_options())
        outermost.cancel_scope.cancel()


async def _cancel_at_signal(
    scope: trio.CancelScope, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    caught = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    with trio.open_signal_receiver(*caught) as arrivals:
        task_status.started()
        async for number in arrivals:
            logger.info("%s: closing", signal.Signals(number).name)
            scope.cancel()
