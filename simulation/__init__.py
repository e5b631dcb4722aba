"""A Databricks workspace to run against: states, faults, virtual time, engines.

It is reached over HTTP, or through httpx's ASGI transport, like the real one, and imports none of
the toolkit's floors: test any Databricks code with it.
"""

from __future__ import annotations

from .engine import Engine
from .scripted import Scripted
from .workspace import Pace, Workspace

__all__ = ["Engine", "Pace", "Scripted", "Workspace"]
