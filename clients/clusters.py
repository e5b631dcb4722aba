"""Clusters 2.1: the machines that run notebooks and commands.

https://docs.databricks.com/api/workspace/clusters
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from .endpoint import Endpoint, RetryClass
from .pages import Page, Pages
from .wire import Wired

if TYPE_CHECKING:
    from .http import Door

LIST = Endpoint("GET", "/api/2.1/clusters/list", RetryClass.READ)
GET = Endpoint("GET", "/api/2.1/clusters/get", RetryClass.READ)
CREATE = Endpoint(
    "POST",
    "/api/2.1/clusters/create",
    RetryClass.ONCE,
    check="List the clusters and look for one of that name: it may have been created.",
)
START = Endpoint(
    "POST",
    "/api/2.1/clusters/start",
    RetryClass.ONCE,
    check="Get the cluster: if it is PENDING or RUNNING, it was started.",
)
TERMINATE = Endpoint(
    "POST",
    "/api/2.1/clusters/delete",
    RetryClass.SAME,
    check="Get the cluster: unless it is TERMINATING or TERMINATED, terminate it again.",
)


class ClusterState(StrEnum):
    """How a cluster is, in Databricks' words."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    RESTARTING = "RESTARTING"
    RESIZING = "RESIZING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


@attrs.frozen
class TerminationReason:
    """Why a cluster ended.  `type` is SUCCESS, CLIENT_ERROR, SERVICE_FAULT or CLOUD_FAILURE."""

    code: str = ""
    type: str = ""
    parameters: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Cluster(Wired):
    """A cluster as `clusters/get` and `clusters/list` tell it.  Times are epoch milliseconds.

    `spark_context_id` changes each time the driver (re)starts; every execution context dies then.
    """

    cluster_id: str
    state: ClusterState | str = ""
    cluster_name: str = ""
    state_message: str = ""
    spark_version: str = ""
    node_type_id: str = ""
    num_workers: int | None = None
    autotermination_minutes: int | None = None
    creator_user_name: str = ""
    cluster_source: str = ""
    spark_context_id: int | None = None
    start_time: int | None = None
    terminated_time: int | None = None
    termination_reason: TerminationReason | None = None


@attrs.frozen
class _ClusterPage(Wired):
    clusters: tuple[Cluster, ...] = ()
    next_page_token: str | None = None


@attrs.frozen
class _Created:
    cluster_id: str


class ClustersClient:
    """The Clusters API.  `create` and `start` are sent once; the rest may be repeated."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def page(
        self, *, page_size: int | None = None, page_token: str | None = None, **filters: Any
    ) -> Page[Cluster]:
        """One page of clusters: pinned, live, and those terminated within 30 days.

        Args:
          page_size: how many at most; Databricks chooses when absent.
          page_token: `next_page_token` of the page before.
          filters: as Databricks spells them, dots included (`**{"filter_by.is_pinned": True}`).
        """
        query = {"page_size": page_size, "page_token": page_token, **filters}
        page = await self._door.ask(LIST, _ClusterPage, query=query)
        return Page(page.clusters, page.next_page_token, page.wire)

    def list(self, *, page_size: int | None = None, **filters: Any) -> Pages[Cluster]:
        """All clusters, page by page: `async for cluster in clusters.list()`."""
        return Pages(lambda token: self.page(page_size=page_size, page_token=token, **filters))

    async def get(self, cluster_id: str) -> Cluster:
        """One cluster.

        Raises:
          NotFound: there is none of this id.
        """
        return await self._door.ask(GET, Cluster, query={"cluster_id": cluster_id})

    async def create(self, body: Mapping[str, Any]) -> str:
        """Create a cluster of the full request body and return its id; it starts PENDING.

        Sent once.  If cancelled while under way, a cluster may exist whose id nobody has.

        Raises:
          OutcomeUnknown: the answer was lost; the cluster may exist.
        """
        return (await self._door.ask(CREATE, _Created, body=body)).cluster_id

    async def start(self, cluster_id: str) -> None:
        """Start a TERMINATED cluster.  Returns as soon as it is PENDING.

        Raises:
          DatabricksRefused: INVALID_STATE, if it is not TERMINATED.
          OutcomeUnknown: the answer was lost.
        """
        await self._door.tell(START, body={"cluster_id": cluster_id})

    async def terminate(self, cluster_id: str) -> None:
        """Terminate a cluster (`clusters/delete`), which keeps its id and configuration.

        Does nothing to one that is terminated.
        """
        await self._door.tell(TERMINATE, body={"cluster_id": cluster_id})
