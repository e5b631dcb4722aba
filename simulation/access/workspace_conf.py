"""Workspace configuration 2.0: switches that are kept and told, and change nothing here.

https://docs.databricks.com/api/workspace/workspaceconf
"""

from __future__ import annotations

from typing import Any

from ..wire import Call, Refusal, Response, Route
from ..world import World

PATH = "/api/2.0/workspace-conf"


class WorkspaceConf:
    """`/api/2.0/workspace-conf`: every value is a text, and null until it has been set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._values: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<WorkspaceConf, {len(self._values)} set>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [Route("GET", PATH, self.get), Route("PATCH", PATH, self.update)]

    async def get(self, call: Call) -> dict[str, Any]:
        """The values of `keys`, a list with commas."""
        keys = [key for key in call.text("keys").split(",") if key]
        return {key: self._values.get(key) for key in keys}

    async def update(self, call: Call) -> Response:
        """Sets what the body names."""
        for key, value in call.body.items():
            if not isinstance(value, str):
                raise Refusal.invalid(f"The value of {key} must be a string.")
        self._values |= call.body
        self._world.keep("conf", "", lambda: self._values)
        return Response.empty()

    def restore(self) -> None:
        """Brings back what an earlier workspace with the same folder kept."""
        for values in self._world.state.things("conf"):
            self._values |= values
