"""The 23 tools, by what they are about.  Importing this registers them all, in this order."""

from __future__ import annotations

from ..registry import TOOLS

# isort: off
from . import clusters, jobs, runs, sql, notebooks, files, contexts, commands  # noqa: F401

__all__ = ["TOOLS"]
