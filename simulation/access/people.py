"""SCIM 2.0: who there is in the workspace.  Lists only; the calling user is in `auth`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..wire import Call, Route

if TYPE_CHECKING:
    from ..workspace import Workspace


class People:
    """The one user, the one service principal, and the two groups of every workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __repr__(self) -> str:
        return f"<People, {self.workspace.user_name} and {self.workspace.client_id}>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        prefix = "/api/2.0/preview/scim/v2"
        return [
            Route("GET", f"{prefix}/Users", self.list_users),
            Route("GET", f"{prefix}/Groups", self.list_groups),
            Route("GET", f"{prefix}/ServicePrincipals", self.list_service_principals),
        ]

    async def list_users(self, call: Call) -> dict[str, Any]:
        """`GET Users`."""
        name = self.workspace.user_name
        user = {
            "id": "1",
            "userName": name,
            "displayName": name.partition("@")[0],
            "active": True,
            "emails": [{"type": "work", "value": name, "primary": True}],
        }
        return _listed([user], call)

    async def list_groups(self, call: Call) -> dict[str, Any]:
        """`GET Groups`."""
        groups = [{"id": str(n), "displayName": name} for n, name in ((2, "users"), (3, "admins"))]
        return _listed(groups, call)

    async def list_service_principals(self, call: Call) -> dict[str, Any]:
        """`GET ServicePrincipals`."""
        client_id = self.workspace.client_id
        principal = {
            "id": "4",
            "applicationId": client_id,
            "displayName": client_id,
            "active": True,
        }
        return _listed([principal], call)


def _listed(resources: Sequence[dict[str, Any]], call: Call) -> dict[str, Any]:
    """A SCIM page; clients go on with `startIndex` until one comes without `Resources`."""
    start = max(call.integer("startIndex", 1), 1)
    count = call.integer("count", len(resources))
    page = resources[start - 1 : start - 1 + count]
    told: dict[str, Any] = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(resources),
        "startIndex": start,
        "itemsPerPage": len(page),
    }
    return told | {"Resources": page} if page else told
