"""What clusters may be made with, and of which there is none here: policies, pools and the like.

Agents look whether there are any before they make a cluster; an empty list is the true answer.
"""

from __future__ import annotations

from typing import Any

from ..wire import Call, Refusal, Route
from .clusters import Clusters

# Path, and the list of the answer.
_NONE = {
    "/api/2.0/policies/clusters/list": "policies",
    "/api/2.0/instance-pools/list": "instance_pools",
    "/api/2.0/instance-profiles/list": "instance_profiles",
    "/api/2.0/global-init-scripts": "scripts",
    "/api/2.0/libraries/all-cluster-statuses": "statuses",
}


class Surroundings:
    """Lists of nothing, and of a cluster's libraries, of which there are none either."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters

    def __repr__(self) -> str:
        return "<Surroundings, none>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            *(Route("GET", path, self.list_none) for path in _NONE),
            Route("GET", "/api/2.0/policies/clusters/get", self.get_policy),
            Route("GET", "/api/2.0/instance-pools/get", self.get_pool),
            Route("GET", "/api/2.0/libraries/cluster-status", self.list_libraries),
        ]

    async def list_none(self, call: Call) -> dict[str, Any]:
        """There are none."""
        return {_NONE[call.path]: []}

    async def get_policy(self, call: Call) -> dict[str, Any]:
        """None has this id."""
        raise Refusal.missing(f"Cluster policy {call.text('policy_id')} does not exist.")

    async def get_pool(self, call: Call) -> dict[str, Any]:
        """None has this id."""
        raise Refusal.missing(f"Instance pool {call.text('instance_pool_id')} does not exist.")

    async def list_libraries(self, call: Call) -> dict[str, Any]:
        """A cluster's libraries: none, since installing any is left out."""
        cluster = self._clusters.known(call.text("cluster_id"))
        return {"cluster_id": cluster.cluster_id, "library_statuses": []}
