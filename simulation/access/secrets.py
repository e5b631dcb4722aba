"""Secrets 2.0: a simulated workspace keeps none, and says so.

Looking for a scope finds nothing; making one is refused.  Code that needs a secret is better given
a parameter here.
"""

from __future__ import annotations

from typing import Any

from ..wire import Call, Refusal, Route


class Secrets:
    """`/api/2.0/secrets`, without any."""

    def __repr__(self) -> str:
        return "<Secrets, none>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        prefix = "/api/2.0/secrets"
        return [
            Route("GET", f"{prefix}/scopes/list", self.list_scopes),
            Route("GET", f"{prefix}/list", self.find_scope),
            Route("GET", f"{prefix}/get", self.find_scope),
            Route("POST", f"{prefix}/scopes/create", self.refuse),
            Route("POST", f"{prefix}/put", self.refuse),
            Route("POST", f"{prefix}/delete", self.find_scope),
            Route("POST", f"{prefix}/scopes/delete", self.find_scope),
        ]

    async def list_scopes(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`secrets/scopes/list`: there are none."""
        return {}

    async def find_scope(self, call: Call) -> dict[str, Any]:
        """Whatever needs a scope that is there."""
        raise Refusal.missing(f"Scope {call.text('scope')} does not exist!")

    async def refuse(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """Whatever would keep a secret."""
        message = "Secrets are not supported by this workspace: it is a simulation."
        raise Refusal(400, "FEATURE_DISABLED", message)
