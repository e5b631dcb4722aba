"""Clusters 2.1: every endpoint under `/api/2.1/clusters`, and the door for jobs and contexts.

Left out on purpose: policies, pools and permissions are taken as they come and enforce nothing;
autoscaling never scales by itself.
https://docs.databricks.com/api/workspace/clusters
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

from ..wire import Call, Refusal, Route, page_of
from ..world import World
from . import hardware
from .cluster import GOING, Cluster, ClusterState
from .cluster_config import check_size, checked, updated
from .cluster_wire import cluster_object, event_object

PREFIX = "/api/2.1/clusters"
SAMPLE_CLUSTER_ID = "0712-131415-sample01"
SAMPLE: Mapping[str, Any] = {
    "cluster_name": "Shared Compute",
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 1,
    "autotermination_minutes": 0,
    "data_security_mode": "SINGLE_USER",
}
DAY = 24 * 3600 * 1000  # ms
LISTED_FOR = 30 * DAY  # a terminated cluster stays on the list, unless pinned
READABLE_FOR = 60 * DAY  # ... and can be read by its id
PAGE_SIZE = 20
LARGEST_PAGE = 100
EVENTS_PAGE = 50
LARGEST_EVENTS_PAGE = 500


class Clusters:
    """All clusters of a workspace, by id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._clusters: dict[str, Cluster] = {}
        self._forgotten: set[str] = set()  # permanently deleted

    def __repr__(self) -> str:
        running = sum(c.state is ClusterState.RUNNING for c in self._clusters.values())
        return f"<Clusters, {len(self._clusters)}, {running} running>"

    def __iter__(self) -> Iterator[Cluster]:
        return iter(self._clusters.values())

    def routes(self) -> list[Route]:
        """The endpoints."""
        handlers = {
            "GET get": self.get,
            "GET list": self.list_page,
            "POST create": self.create,
            "POST start": self.start,
            "POST restart": self.restart,
            "POST resize": self.resize,
            "POST edit": self.edit,
            "POST update": self.update,
            "POST delete": self.delete,
            "POST permanent-delete": self.permanent_delete,
            "POST pin": self.pin,
            "POST unpin": self.unpin,
            "POST change-owner": self.change_owner,
            "POST events": self.list_events,
            "GET spark-versions": self.list_spark_versions,
            "GET list-node-types": self.list_node_types,
            "GET list-zones": self.list_zones,
        }
        return [
            Route(method, f"{prefix}/{name}", handler)
            for key, handler in handlers.items()
            for method, _, name in [key.partition(" ")]
            for prefix in (PREFIX, "/api/2.0/clusters")
        ]

    def restore(self) -> None:
        """Brings back those that an earlier workspace with the same folder kept."""
        for record in self._world.state.things("cluster"):
            cluster_id, config = record["cluster_id"], record["config"]
            source, creator = record["source"], record["creator"]
            cluster = Cluster(self._world, cluster_id, config, source=source, creator=creator)
            self._clusters[cluster_id] = cluster
            cluster.restore(record)
            if self.find(cluster_id) is None:
                del self._clusters[cluster_id]
                cluster.let_go()
        self._forgotten.update(self._world.state.things("cluster deleted"))

    def add_sample(self) -> None:
        """Puts the sample cluster there, already running."""
        cluster = self.launch(SAMPLE, source="UI", cluster_id=SAMPLE_CLUSTER_ID)
        cluster.come_up()

    # -- for the other services, and for tests -------------------------------------------------

    def launch(
        self,
        body: Mapping[str, Any],
        *,
        source: str = "API",
        name: str | None = None,
        creator: str = "",
        cluster_id: str | None = None,
    ) -> Cluster:
        """Makes a cluster, PENDING.  Refuses a configuration that is wrong."""
        creator = creator or self._world.user_name
        config = self._config(body, creator)
        if name is not None:
            config["cluster_name"] = name
        cluster_id = cluster_id or self._new_id()
        config.setdefault("cluster_name", "")
        cluster = Cluster(self._world, cluster_id, config, source=source, creator=creator)
        self._clusters[cluster_id] = cluster
        cluster.begin(creator)
        return cluster

    def find(self, cluster_id: str) -> Cluster | None:
        """The cluster, or None when there is none that can still be read."""
        cluster = self._clusters.get(cluster_id)
        if cluster is None or (not cluster.pinned and self._age(cluster) > READABLE_FOR):
            return None
        return cluster

    def known(self, cluster_id: str) -> Cluster:
        """The cluster; refuses an unknown id as Databricks does."""
        cluster = self.find(cluster_id)
        if cluster is None:
            raise Refusal.invalid(f"Cluster {cluster_id} does not exist")
        return cluster

    # -- endpoints -------------------------------------------------------------------------------

    async def create(self, call: Call) -> dict[str, Any]:
        """`clusters/create`."""
        cluster = self.launch(call.body, creator=call.user_name)
        return {"cluster_id": cluster.cluster_id}

    async def get(self, call: Call) -> dict[str, Any]:
        """`clusters/get`."""
        return cluster_object(self.known(call.text("cluster_id")))

    async def list_page(self, call: Call) -> dict[str, Any]:
        """`clusters/list`: pinned first, then the living, then those that ended within 30 days."""
        size = call.integer("page_size", 0) or PAGE_SIZE
        if not 0 < size <= LARGEST_PAGE:
            raise Refusal.invalid(f"page_size must be between 1 and {LARGEST_PAGE}.")
        states = set(call.query.get("filter_by.cluster_states", ()))
        sources = set(call.query.get("filter_by.cluster_sources", ()))
        if unknown := states - set(ClusterState):
            raise Refusal.invalid(f"Unknown cluster state {min(unknown)!r}.")
        policy = call.text("filter_by.policy_id", "")
        clusters = [
            cluster
            for cluster in self._clusters.values()
            if (cluster.pinned or self._age(cluster) <= LISTED_FOR)
            and (not states or cluster.state in states)
            and (not sources or cluster.source in sources)
            and (not policy or cluster.config.get("policy_id") == policy)
            and (
                "filter_by.is_pinned" not in call.query
                or cluster.pinned == call.flag("filter_by.is_pinned")
            )
        ]
        if call.text("sort_by.field", "DEFAULT") == "CLUSTER_NAME":
            clusters.sort(key=lambda cluster: (cluster.name, cluster.cluster_id))
        else:
            clusters.sort(key=lambda c: (not c.pinned, c.state in GOING, -c.start_time))
        if call.text("sort_by.direction", "ASC") == "DESC":
            clusters.reverse()
        page, tokens = page_of(clusters, call.text("page_token", ""), size)
        return {"clusters": [cluster_object(cluster, spec=False) for cluster in page], **tokens}

    async def start(self, call: Call) -> dict[str, Any]:
        """`clusters/start`."""
        self._own(call).start(call.user_name)
        return {}

    async def restart(self, call: Call) -> dict[str, Any]:
        """`clusters/restart`."""
        self._acted_on(call).restart(call.user_name)
        return {}

    async def resize(self, call: Call) -> dict[str, Any]:
        """`clusters/resize`, to a number of workers or a range."""
        cluster = self._acted_on(call)
        check_size(call.body)
        name = "autoscale" if "autoscale" in call.body else "num_workers"
        cluster.resize({name: call.body[name]}, call.user_name)
        return {}

    async def edit(self, call: Call) -> dict[str, Any]:
        """`clusters/edit`: the whole configuration anew."""
        cluster = self._own(call)
        cluster.edit(self._config(call.body, cluster.creator), call.user_name)
        return {}

    async def update(self, call: Call) -> dict[str, Any]:
        """`clusters/update`: only what `update_mask` names."""
        cluster = self._own(call)
        changes = call.body.get("cluster") or {}
        config = updated(cluster.config, changes, call.text("update_mask"))
        cluster.edit(self._config(config, cluster.creator), call.user_name)
        return {}

    async def delete(self, call: Call) -> dict[str, Any]:
        """`clusters/delete`: terminates."""
        self._acted_on(call).terminate(username=call.user_name)
        return {}

    async def permanent_delete(self, call: Call) -> dict[str, Any]:
        """`clusters/permanent-delete`: terminates and forgets."""
        cluster = self._acted_on(call)
        cluster.terminate(username=call.user_name)
        cluster_id = cluster.cluster_id
        self._forgotten.add(cluster_id)
        self._world.keep("cluster deleted", cluster_id, lambda: cluster_id)
        del self._clusters[cluster_id]
        cluster.let_go()
        return {}

    async def pin(self, call: Call) -> dict[str, Any]:
        """`clusters/pin`."""
        return self._pin(call, pinned=True)

    async def unpin(self, call: Call) -> dict[str, Any]:
        """`clusters/unpin`."""
        return self._pin(call, pinned=False)

    async def change_owner(self, call: Call) -> dict[str, Any]:
        """`clusters/change-owner`: of a terminated one."""
        cluster = self._acted_on(call)
        cluster.require(ClusterState.TERMINATED)
        cluster.creator = call.text("owner_username")
        cluster.keep()
        return {}

    async def list_events(self, call: Call) -> dict[str, Any]:
        """`clusters/events`; `next_page` holds the whole body of the next call."""
        cluster = self.known(call.text("cluster_id"))
        size = call.integer("page_size", 0) or call.integer("limit", 0) or EVENTS_PAGE
        if not 0 < size <= LARGEST_EVENTS_PAGE:
            raise Refusal.invalid(f"page_size must be between 0 and {LARGEST_EVENTS_PAGE}.")
        types = set(call.texts("event_types"))
        since, until = call.integer("start_time", 0), call.integer("end_time", 2**63)
        events = [
            event
            for event in cluster.events
            if since <= event.timestamp <= until and (not types or event.type in types)
        ]
        if call.choice("order", ("ASC", "DESC"), "DESC") == "DESC":
            events.reverse()
        token = call.text("page_token", "") or f"p{call.integer('offset', 0):x}"
        page, tokens = page_of(events, token, size)
        answer: dict[str, Any] = {
            "events": [event_object(cluster, event) for event in page],
            "total_count": len(events),
            **tokens,
        }
        if "next_page_token" in tokens:
            following = {k: v for k, v in call.body.items() if k not in {"offset", "limit"}}
            answer["next_page"] = following | {
                "page_token": tokens["next_page_token"],
                "page_size": size,
            }
        return answer

    async def list_spark_versions(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`clusters/spark-versions`."""
        return {"versions": hardware.spark_versions()}

    async def list_node_types(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`clusters/list-node-types`."""
        return {"node_types": hardware.node_types()}

    async def list_zones(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`clusters/list-zones`."""
        return {"default_zone": hardware.ZONES[0], "zones": list(hardware.ZONES)}

    # -- inside ------------------------------------------------------------------------------------

    def _acted_on(self, call: Call) -> Cluster:
        cluster_id = call.text("cluster_id")
        if cluster_id in self._forgotten:
            raise Refusal.invalid_state(f"Cluster {cluster_id} is permanently deleted.")
        return self.known(cluster_id)

    def _own(self, call: Call) -> Cluster:
        cluster = self._acted_on(call)
        if cluster.source == "JOB":
            message = f"Cluster {cluster.cluster_id} was made for a job run and is not editable."
            raise Refusal.invalid_state(message)
        return cluster

    def _pin(self, call: Call, *, pinned: bool) -> dict[str, Any]:
        cluster = self._acted_on(call)
        if cluster.pinned != pinned:
            cluster.pinned = pinned
            cluster.log("PINNED" if pinned else "UNPINNED", user=call.user_name)
        return {}

    def _age(self, cluster: Cluster) -> int:
        """How long ago it terminated, in ms; 0 while it lives."""
        if cluster.state is not ClusterState.TERMINATED:
            return 0
        return self._world.now_ms() - cluster.terminated_time

    def _new_id(self) -> str:
        letters = string.ascii_lowercase + string.digits
        while True:
            suffix = "".join(self._world.random.choices(letters, k=8))
            cluster_id = hardware.cluster_id(self._world.now_ms(), suffix)
            if cluster_id not in self._clusters:
                return cluster_id

    def _config(self, body: Mapping[str, Any], creator: str) -> dict[str, Any]:
        source = (body.get("clone_from") or {}).get("source_cluster_id")
        return checked({**(self.known(source).config if source else {}), **body}, creator)
