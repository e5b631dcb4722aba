"""What is said: the tools, and the MCP server that offers them.

Only what serves MCP imports `mcp`, which costs half a second: the tools themselves can be listed
and called without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .registry import Tool
    from .server import build_server, serve_stdio
    from .toolbox import all_tools, call_tool

__all__ = ["Tool", "all_tools", "build_server", "call_tool", "serve_stdio"]

_WHERE = {
    "Tool": "registry",
    "all_tools": "toolbox",
    "build_server": "server",
    "call_tool": "toolbox",
    "serve_stdio": "server",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHERE[name]}", __name__), name)
