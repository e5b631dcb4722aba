"""A Databricks workspace to run against: states, faults, virtual time, engines.

It is reached over HTTP, or through httpx's ASGI transport, like the real one, and imports none of
the toolkit's floors: test any Databricks code with it.  The names below are imported when asked
for, so that the pytest plugin, which lives here, costs nothing where it is not used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine import Engine
    from .local import Local
    from .scripted import Scripted
    from .workspace import Workspace
    from .world import Pace

_HOMES = {
    "Engine": ".engine",
    "Local": ".local",
    "Pace": ".world",
    "Scripted": ".scripted",
    "Workspace": ".workspace",
}

__all__ = ["Engine", "Local", "Pace", "Scripted", "Workspace"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
