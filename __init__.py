"""An MCP server and a trio library that drive Databricks.

    async with Toolkit.open() as toolkit:
        rows = await toolkit.sql("SELECT 1 AS one")

Names are imported when they are first asked for: a host waits while its MCP server starts, and
that needs few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors
    from .actors import Context, Limits, Run, Statement
    from .actors.query import Query
    from .config import Settings
    from .toolkit import Toolkit

__all__ = [
    "Context",
    "Limits",
    "Query",
    "Run",
    "Settings",
    "Statement",
    "Toolkit",
    "__version__",
    "errors",
]

__version__: str

# Where each public name is defined.
_HOMES = {
    "Context": "actors",
    "Limits": "actors",
    "Query": "actors.query",
    "Run": "actors",
    "Settings": "config",
    "Statement": "actors",
    "Toolkit": "toolkit",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module  # noqa: PLC0415

    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        found: Any = version("databricks-mcp-toolkit")
    elif name == "errors":
        found = import_module(f"{__name__}.errors")
    elif home := _HOMES.get(name):
        found = getattr(import_module(f"{__name__}.{home}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
