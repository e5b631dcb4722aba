"""The tools without a server: what there is, and one call by name.  It knows no `mcp`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InvalidArguments, ToolkitError
from .call import Call
from .failures import advice_on
from .registry import Tool
from .tools import TOOLS

if TYPE_CHECKING:
    from ..actors import Session


def all_tools() -> tuple[Tool[Any], ...]:
    """Every tool, in the order in which they are listed."""
    return tuple(TOOLS.values())


def tool_named(name: str) -> Tool[Any]:
    """The tool of this name.

    Raises:
      InvalidArguments: there is none.
    """
    tool = TOOLS.get(name)
    if tool is None:
        raise InvalidArguments(
            [f"tool: there is none called {str(name)[:100]!r}{_meant(str(name))}"]
        )
    return tool


def unknown_tool(name: str) -> str:
    """What an MCP host is told of a tool that does not exist."""
    return f"Unknown tool: {name[:100]}{_meant(name)}"


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name[:100], TOOLS, n=1)
    return f", did you mean {close[0]}?" if close else "; there are " + ", ".join(TOOLS)


async def call_tool(
    session: Session, name: str, arguments: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Call one tool as an MCP host would, and return its structured content.

    Args:
      session: what it works on.
      name: the tool's name.
      arguments: its arguments, or all of them in `{"params": {...}}`.

    A cancel does what it does to the call of a host: what waits stops waiting.

    Raises:
      InvalidArguments: there is no such tool, or an argument does not fit.
      ToolkitError: what an MCP host would be told as `isError`, with the same advice.
    """
    tool = tool_named(name)
    try:
        answer = await tool.perform(Call(session), tool.bind(arguments))
    except ToolkitError as error:
        error.advice = advice_on(error)
        raise
    return answer.structured
