"""SCIM 2.0: who there is in the workspace.  Reading only: people are not made or changed here.

https://docs.databricks.com/api/workspace/users
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..wire import Call, Response, Route
from ..world import World

PREFIX = "/api/2.0/preview/scim/v2"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0"
_MESSAGE = "urn:ietf:params:scim:api:messages:2.0"
_GROUPS = ("users", "admins")
_TERM = re.compile(r'^\s*(?P<name>[\w.]+)\s+(?P<word>eq|ne|co|sw)\s+(?P<value>"[^"]*"|\S+)\s*$')
_WORDS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda held, asked: held == asked,
    "ne": lambda held, asked: held != asked,
    "co": lambda held, asked: asked in held,
    "sw": lambda held, asked: held.startswith(asked),
}

Resource = dict[str, Any]


class NoFilter(ValueError):
    """What stands in `filter` is none."""


class People:
    """The one user, the one service principal, and the two groups of every workspace."""

    def __init__(self, world: World, client_id: str) -> None:
        self._world = world
        self._client_id = client_id

    def __repr__(self) -> str:
        return f"<People, {self._world.user_name} and {self._client_id}>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        kinds = {
            "Users": lambda: [self.user()],
            "Groups": self.groups,
            "ServicePrincipals": lambda: [self.service_principal()],
        }
        return [
            Route("GET", f"{PREFIX}/Me", self.me),
            *(Route("GET", f"{PREFIX}/{kind}", _lister(found)) for kind, found in kinds.items()),
            *(
                Route("GET", f"{PREFIX}/{kind}/{{id}}", _getter(kind, found))
                for kind, found in kinds.items()
            ),
        ]

    async def me(self, call: Call) -> dict[str, Any]:
        """`GET Me`: whoever calls; a service principal is told as a user, as the product does."""
        if call.user_name == self._world.user_name:
            return self.user()
        principal = self.service_principal()
        told = {"schemas": [f"{_SCHEMA}:User"], "userName": principal["applicationId"]}
        return {**principal, **told}

    def user(self) -> Resource:
        """The user whom the workspace's token belongs to."""
        name = self._world.user_name
        return {
            "schemas": [f"{_SCHEMA}:User"],
            "id": _id_of(name),
            "userName": name,
            "displayName": name.partition("@")[0],
            "name": {"givenName": name.partition("@")[0]},
            "active": True,
            "emails": [{"type": "work", "value": name, "primary": True}],
            "groups": [
                {
                    "display": group,
                    "type": "direct",
                    "value": _id_of(group),
                    "$ref": f"Groups/{_id_of(group)}",
                }
                for group in _GROUPS
            ],
        }

    def service_principal(self) -> Resource:
        """The one that may log in by OAuth client credentials."""
        client_id = self._client_id
        return {
            "schemas": [f"{_SCHEMA}:ServicePrincipal"],
            "id": _id_of(client_id),
            "applicationId": client_id,
            "displayName": client_id,
            "active": True,
            "groups": [{"display": "users", "type": "direct", "value": _id_of("users")}],
        }

    def groups(self) -> list[Resource]:
        """`users`, where everybody is, and `admins`."""
        people = {self._world.user_name: "Users", self._client_id: "ServicePrincipals"}
        return [
            {
                "schemas": [f"{_SCHEMA}:Group"],
                "id": _id_of(group),
                "displayName": group,
                "meta": {"resourceType": "WorkspaceGroup"},
                "members": [
                    {"display": name, "value": _id_of(name), "$ref": f"{kind}/{_id_of(name)}"}
                    for name, kind in people.items()
                    if group == "users" or kind == "Users"
                ],
            }
            for group in _GROUPS
        ]


Handler = Callable[[Call], Awaitable[dict[str, Any] | Response]]


def _lister(found: Callable[[], Sequence[Resource]]) -> Handler:
    async def list_page(call: Call) -> dict[str, Any] | Response:
        """A SCIM page; clients go on with `startIndex` until one comes without `Resources`."""
        try:
            resources = _matching(found(), call.text("filter", ""))
        except NoFilter:
            return _refused(400, "Given filter operator is not supported.", "InvalidFilter")
        start = max(call.integer("startIndex", 1), 1)
        count = max(call.integer("count", len(resources)), 0)
        page = [_only(each, call) for each in resources[start - 1 : start - 1 + count]]
        told: dict[str, Any] = {
            "schemas": [f"{_MESSAGE}:ListResponse"],
            "totalResults": len(resources),
            "startIndex": start,
            "itemsPerPage": len(page),
        }
        return told | {"Resources": page} if page else told

    return list_page


def _getter(kind: str, found: Callable[[], Sequence[Resource]]) -> Handler:
    async def get(call: Call) -> dict[str, Any] | Response:
        """One of them, by id."""
        asked = call.path_params["id"]
        for each in found():
            if each["id"] == asked:
                return _only(each, call)
        return _refused(404, f"{kind.removesuffix('s')} with id {asked} not found.")

    return get


def _matching(resources: Sequence[Resource], asked: str) -> list[Resource]:
    """Those that a filter lets through: terms (`eq`, `ne`, `co`, `sw`) joined by `and` and `or`."""
    if not asked.strip():
        return list(resources)
    ways = [
        [_term(term) for term in re.split(r"\s+and\s+", way)]
        for way in re.split(r"\s+or\s+", asked)
    ]
    return [each for each in resources if any(all(fits(each) for fits in terms) for terms in ways)]


def _term(term: str) -> Callable[[Resource], bool]:
    match = _TERM.match(term)
    if match is None:
        raise NoFilter(term)
    compare, value = _WORDS[match["word"]], match["value"].strip('"').casefold()

    def fits(resource: Resource) -> bool:
        named = {name.casefold(): held for name, held in resource.items()}
        held = named.get(match["name"].partition(".")[0].casefold(), "")
        texts = [each.get("value", "") for each in held] if isinstance(held, list) else [held]
        return any(compare(str(text).casefold(), value) for text in texts)

    return fits


def _only(resource: Resource, call: Call) -> Resource:
    """`resource` with what `attributes` names, or without what `excludedAttributes` does."""
    wanted = {name.strip() for name in call.text("attributes", "").split(",")} - {""}
    unwanted = {name.strip() for name in call.text("excludedAttributes", "").split(",")}
    return {
        name: held
        for name, held in resource.items()
        if (not wanted or name in wanted | {"id", "schemas"}) and name not in unwanted
    }


def _refused(status: int, detail: str, kind: str = "") -> Response:
    body = {"schemas": [f"{_MESSAGE}:Error"], "detail": detail, "status": str(status)}
    return Response.json(body | ({"scimType": kind} if kind else {}), status)


def _id_of(name: str) -> str:
    """The id of a person or group: the same in every process."""
    return str(zlib.crc32(name.encode()) + 10**15)
