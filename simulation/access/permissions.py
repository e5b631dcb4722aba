"""Permissions 2.0: access lists that are kept and told, and that nobody is held to.

Whoever has the token may do everything in a simulated workspace.
https://docs.databricks.com/api/workspace/permissions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..compute.clusters import Clusters
from ..compute.warehouses import Warehouses
from ..files.notebooks import Notebooks
from ..jobs.jobs import Jobs
from ..wire import Call, Refusal, Route
from ..world import World

# What the last part of `/permissions/<kind>/<id>` stands for: its object type, its levels.
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "jobs": ("job", ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE")),
    "clusters": ("cluster", ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE")),
    "warehouses": ("warehouses", ("CAN_VIEW", "CAN_MONITOR", "CAN_USE", "IS_OWNER", "CAN_MANAGE")),
    "notebooks": ("notebook", ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")),
    "directories": ("directory", ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")),
    "files": ("file", ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")),
}
_OWNED = frozenset({"jobs", "warehouses"})
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")

Grants = dict[tuple[str, str], str]  # (kind of principal, name) to level


class Permissions:
    """The access lists, by object."""

    def __init__(
        self,
        world: World,
        clusters: Clusters,
        warehouses: Warehouses,
        jobs: Jobs,
        notebooks: Notebooks,
    ) -> None:
        self._world = world
        self._clusters = clusters
        self._warehouses = warehouses
        self._jobs = jobs
        self._notebooks = notebooks
        self._grants: dict[tuple[str, str], Grants] = {}

    def __repr__(self) -> str:
        return f"<Permissions of {len(self._grants)} objects>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        path = "/api/2.0/permissions/{kind}/{object_id}"
        return [
            Route("GET", path, self.get),
            Route("PUT", path, self.put),
            Route("PATCH", path, self.patch),
            Route("GET", f"{path}/permissionLevels", self.list_levels),
        ]

    async def get(self, call: Call) -> dict[str, Any]:
        """`GET permissions/{kind}/{id}`."""
        return self._wire(*self._object(call))

    async def put(self, call: Call) -> dict[str, Any]:
        """`PUT`: replaces the list; whoever made the object stays its owner."""
        found = self._object(call)
        self._grant(found, _given(found[0], _entries(call)))
        return self._wire(*found)

    async def patch(self, call: Call) -> dict[str, Any]:
        """`PATCH`: adds to the list, or changes a level in it."""
        found = self._object(call)
        self._grant(found, self._granted(*found) | _given(found[0], _entries(call)))
        return self._wire(*found)

    def restore(self) -> None:
        """Brings back the lists that an earlier workspace with the same folder kept."""
        for kind, object_id, granted in self._world.state.things("permissions"):
            self._grants[kind, object_id] = {(who, name): level for who, name, level in granted}

    def _grant(self, found: tuple[str, str], grants: Grants) -> None:
        self._grants[found] = grants

        def record() -> list[Any]:
            return [*found, [[*who, level] for who, level in self._grants[found].items()]]

        self._world.keep("permissions", "/".join(found), record)

    async def list_levels(self, call: Call) -> dict[str, Any]:
        """`GET permissionLevels`."""
        kind, _ = self._object(call)
        levels = [{"permission_level": level, "description": level} for level in KINDS[kind][1]]
        return {"permission_levels": levels}

    def _object(self, call: Call) -> tuple[str, str]:
        kind, object_id = call.path_params["kind"], call.path_params["object_id"]
        if kind not in KINDS:
            raise Refusal.invalid(f"{kind} have no permissions in this workspace.")
        match kind:
            case "jobs":
                is_there = object_id.isdigit() and self._jobs.find(int(object_id)) is not None
            case "clusters":
                is_there = self._clusters.find(object_id) is not None
            case "warehouses":
                is_there = self._warehouses.find(object_id) is not None
            case _:
                found = self._notebooks.by_id(object_id)
                is_there = found is not None and KINDS[kind][0] == found.object_type.lower()
        if not is_there:
            raise Refusal.missing(f"{KINDS[kind][0].title()} {object_id} does not exist.")
        return kind, object_id

    def _granted(self, kind: str, object_id: str) -> Grants:
        """The list as it was last set; until then, the one that came when the object was made."""
        kept = self._grants.get((kind, object_id))
        if kept is not None:
            return kept
        job = self._jobs.find(int(object_id)) if kind == "jobs" else None
        return {} if job is None else _given(kind, job.granted)

    def _wire(self, kind: str, object_id: str) -> dict[str, Any]:
        given = self._granted(kind, object_id)
        granted = {("group_name", "admins"): "CAN_MANAGE"}
        if kind in _OWNED and "IS_OWNER" not in given.values():
            granted["user_name", self._world.user_name] = "IS_OWNER"
        granted |= given
        return {
            "object_id": f"/{kind}/{object_id}",
            "object_type": KINDS[kind][0],
            "access_control_list": [
                {
                    principal: name,
                    "all_permissions": [{"permission_level": level, "inherited": False}],
                }
                for (principal, name), level in granted.items()
            ],
        }


def _entries(call: Call) -> Iterable[Mapping[str, Any]]:
    return call.body.get("access_control_list") or ()


def _given(kind: str, entries: Iterable[Mapping[str, Any]]) -> Grants:
    given: Grants = {}
    for entry in entries:
        level = str(entry.get("permission_level"))
        if level not in KINDS[kind][1]:
            raise Refusal.invalid(f"{level} is not a permission level of {kind}.")
        principal = next((name for name in _PRINCIPALS if entry.get(name)), None)
        if principal is None:
            raise Refusal.invalid(f"An entry needs one of {', '.join(_PRINCIPALS)}.")
        given[principal, str(entry[principal])] = level
    return given
