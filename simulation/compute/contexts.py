"""Execution contexts 1.2: all of a workspace, the limit of 145, and `/api/1.2/contexts`.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..engine import Engine
from ..wire import Call, Refusal, Route
from ..world import World
from .cluster import COMING, USABLE, Cluster
from .clusters import Clusters
from .command import Command, CommandStatus
from .context import Context

LANGUAGES = frozenset({"python", "scala", "sql", "r"})
LIMIT = 145  # contexts on one cluster, as documented


class Contexts:
    """All contexts of a workspace, by id.

    Attributes:
      limit: how many a cluster holds.
    """

    def __init__(self, world: World, engine: Engine, clusters: Clusters) -> None:
        self._world = world
        self._engine = engine
        self._clusters = clusters
        self.limit = LIMIT
        self._contexts: dict[str, Context] = {}
        self._lost: dict[str, Command] = {}

    def __repr__(self) -> str:
        return f"<Contexts, {sum(1 for _ in self)} alive>"

    def __iter__(self) -> Iterator[Context]:
        """Those alive."""
        return (context for context in self._contexts.values() if context.alive)

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("POST", "/api/1.2/contexts/create", self.create, "1.2"),
            Route("GET", "/api/1.2/contexts/status", self.get_status, "1.2"),
            Route("POST", "/api/1.2/contexts/destroy", self.destroy, "1.2"),
        ]

    # -- for tests and faults ------------------------------------------------------------------

    def live_ids(self) -> list[str]:
        """The ids of those alive."""
        return [context.context_id for context in self]

    def lose(self, context_id: str) -> None:
        """Its process dies: the id is unknown from now on."""
        self._contexts[context_id].end()

    # -- endpoints -------------------------------------------------------------------------------

    async def create(self, call: Call) -> dict[str, Any]:
        """`contexts/create`."""
        language = required(call, "language")
        if language not in LANGUAGES:
            raise refusal(f"Unknown language: {language}", 400)
        cluster = self._ready_cluster(required(call, "clusterId"))
        self._make_room(cluster)
        context_id = str(self._world.random.randrange(10**18, 9 * 10**18))
        context = Context(self._world, self._engine, context_id, cluster, language)
        self._contexts[context_id] = context
        self._world.nursery.start_soon(self._live, context)
        return {"id": context_id}

    async def get_status(self, call: Call) -> dict[str, Any]:
        """`contexts/status`."""
        context = self.known(call)
        return {"id": context.context_id, "status": context.status.value}

    async def destroy(self, call: Call) -> dict[str, Any]:
        """`contexts/destroy`."""
        context = self.known(call)
        context.end()
        return {"id": context.context_id}

    # -- inside ------------------------------------------------------------------------------------

    def lost_command(self, context_id: str, command_id: str) -> Command | None:
        """A command that was lost with its context; None when it was not."""
        context = self._contexts.get(context_id)
        if context is not None and not context.alive:
            self._keep_lost(context)
        return self._lost.get(command_id)

    def known(self, call: Call) -> Context:
        """The context that `call` names; refuses one that is not, or not any more."""
        cluster_id = required(call, "clusterId")
        context_id = required(call, "contextId")
        context = self._contexts.get(context_id)
        if context is None or not context.alive or context.cluster.cluster_id != cluster_id:
            self._ready_cluster(cluster_id)
            raise Refusal(400, "ContextNotFoundException", f"Context {context_id} not found")
        return context

    def _ready_cluster(self, cluster_id: str) -> Cluster:
        cluster = self._clusters.find(cluster_id)
        if cluster is None:
            raise Refusal(400, "ClusterNotFoundException", f"Cluster not found: {cluster_id}")
        if cluster.state in USABLE:
            return cluster
        if cluster.state in COMING:
            # The SDK knows this name as "ask again".
            message = f"Cluster {cluster_id} not in Running state"
            raise Refusal(500, "ClusterNotReadyException", message)
        word = cluster.state.value.title()
        message = f"Cluster {cluster_id} is in unexpected state {word}."
        raise Refusal(400, "InvalidClusterState", message)

    def _make_room(self, cluster: Cluster) -> None:
        there = [context for context in self if context.cluster is cluster]
        if len(there) < self.limit:
            return
        idle = [context for context in there if context.idle]
        if not idle:
            message = f"Too many execution contexts are open right now.(Limit set to {self.limit})"
            raise Refusal(500, "ExecutionContextLimitException", message)
        min(idle, key=lambda context: context.used).end()

    async def _live(self, context: Context) -> None:
        try:
            await context.live()
        finally:
            self._keep_lost(context)
            del self._contexts[context.context_id]

    def _keep_lost(self, context: Context) -> None:
        context.lose_commands()
        for command in context.commands.values():
            if command.status is CommandStatus.ERROR:
                self._lost[command.command_id] = command


def required(call: Call, name: str) -> str:
    """An argument of API 1.2, refused in its words when it is missing."""
    value = call.text(name, "")
    if not value:
        raise refusal(f"requirement failed: missing {name}")
    return value


def refusal(text: str, status: int = 500) -> Refusal:
    """What API 1.2 answers to an argument that it cannot take."""
    return Refusal(status, "IllegalArgumentException", text)
