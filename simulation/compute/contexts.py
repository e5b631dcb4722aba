"""Execution contexts 1.2: their life on a driver, the limit of 145, and `/api/1.2/contexts`.

A context is a REPL on one driver of one cluster.  It ends when it is destroyed, evicted, its
process dies, or its driver goes; whichever it was, its id is then unknown.  Commands sent to it run
one at a time, in the order in which they came (`commands`).

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import trio

from ..engine import Repl, ReplLost, ReplSpec
from ..wire import Call, Refusal, Route
from .cluster import COMING, USABLE, Cluster
from .commands import Command, Commands

if TYPE_CHECKING:
    from ..workspace import Workspace

logger = logging.getLogger(__name__)

LANGUAGES = frozenset({"python", "scala", "sql", "r"})
LIMIT = 145  # contexts on one cluster, as documented
IDLE = 24 * 3600.0  # seconds after its last command, when a context may be evicted
CLOSES_WITHIN = 5.0  # seconds that an engine has to close a REPL


class ContextStatus(StrEnum):
    """How far a context has come, in Databricks' words."""

    PENDING = "Pending"
    RUNNING = "Running"
    ERROR = "Error"


class Context:
    """One execution context: a REPL on a driver, and the queue of commands before it."""

    def __init__(
        self, workspace: Workspace, context_id: str, cluster: Cluster, language: str
    ) -> None:
        self.workspace = workspace
        self.context_id = context_id
        self.cluster = cluster
        self.language = language
        self.status = ContextStatus.PENDING
        self.commands: dict[str, Command] = {}
        self.used = workspace.now()  # when it last finished a command, or was made
        self._driver_lost = cluster.driver_lost
        self._spark_context_id = cluster.spark_context_id
        self._gone = False
        self._scope = trio.CancelScope()
        self._send, self._receive = trio.open_memory_channel[Command](float("inf"))

    def __repr__(self) -> str:
        waiting = self._send.statistics().current_buffer_used
        status = self.status if self.alive else "gone"
        return (
            f"<Context {self.context_id} {self.language} on {self.cluster.cluster_id}, "
            f"{status}, {waiting} waiting>"
        )

    @property
    def alive(self) -> bool:
        """Whether its id still means something."""
        return not (self._gone or self._driver_lost.is_set())

    @property
    def idle(self) -> bool:
        """Whether it may be evicted for a new one."""
        working = any(not command.final for command in self.commands.values())
        return not working and self.workspace.now() - self.used >= IDLE

    def submit(self, command: Command) -> None:
        """Puts a command at the end of the queue."""
        self.commands[command.command_id] = command
        self._send.send_nowait(command)

    def end(self) -> None:
        """Ends it now; what runs in it is stopped."""
        self._gone = True
        self._scope.cancel()

    def lose_commands(self) -> None:
        """Ends the commands that will never end by themselves."""
        for command in self.commands.values():
            command.lose()

    async def live(self) -> None:
        """From Pending to the end, whichever way that comes."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._follow_driver)
            with self._scope:
                await self._open_and_serve()
            self._gone = True
            self.lose_commands()
            nursery.cancel_scope.cancel()

    async def _follow_driver(self) -> None:
        await self._driver_lost.wait()
        self._scope.cancel()

    async def _open_and_serve(self) -> None:
        await trio.sleep(self.workspace.pace.context_start)
        spec = ReplSpec(
            self.cluster.cluster_id, self.context_id, self.language, self._spark_context_id
        )
        try:
            repl = await self.workspace.engine.open_repl(spec)
        except Exception:
            logger.exception("The engine could not open a REPL for %r", self)
            self.status = ContextStatus.ERROR
            await trio.sleep_forever()
            return
        try:
            self.status = ContextStatus.RUNNING
            await self._serve(repl)
        finally:
            await self._close(repl)

    async def _close(self, repl: Repl) -> None:
        try:
            with trio.move_on_after(CLOSES_WITHIN, shield=True) as closing:
                await repl.close()
        except Exception:
            logger.exception("The engine could not close %r", self)
        if closing.cancelled_caught:
            logger.warning("The engine did not close %r within %g s", self, CLOSES_WITHIN)

    async def _serve(self, repl: Repl) -> None:
        async for command in self._receive:
            try:
                with self.cluster.busy():
                    await command.run(repl)
            except ReplLost:
                return
            self.used = self.workspace.now()


class Contexts:
    """All contexts of a workspace, by id.

    Attributes:
      limit: how many a cluster holds.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.limit = LIMIT
        self.commands = Commands(workspace, self)
        self._contexts: dict[str, Context] = {}

    def __repr__(self) -> str:
        return f"<Contexts, {sum(1 for _ in self)} alive>"

    def __iter__(self) -> Iterator[Context]:
        """Those alive."""
        return (context for context in self._contexts.values() if context.alive)

    def routes(self) -> list[Route]:
        """The endpoints of contexts and of commands."""
        return [
            Route("POST", "/api/1.2/contexts/create", self.create, "1.2"),
            Route("GET", "/api/1.2/contexts/status", self.get_status, "1.2"),
            Route("POST", "/api/1.2/contexts/destroy", self.destroy, "1.2"),
            *self.commands.routes(),
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
        context_id = str(self.workspace.random.randrange(10**18, 9 * 10**18))
        context = Context(self.workspace, context_id, cluster, language)
        self._contexts[context_id] = context
        self.workspace.nursery.start_soon(self._live, context)
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

    def find(self, context_id: str) -> Context | None:
        """The context, also while it is ending."""
        return self._contexts.get(context_id)

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
        cluster = self.workspace.clusters.find(cluster_id)
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
            self.commands.keep_lost(context)
            del self._contexts[context.context_id]


def required(call: Call, name: str) -> str:
    """An argument of API 1.2, refused in its words when it is missing."""
    value = call.text(name, "")
    if not value:
        raise refusal(f"requirement failed: missing {name}")
    return value


def refusal(text: str, status: int = 500) -> Refusal:
    """What API 1.2 answers to an argument that it cannot take."""
    return Refusal(status, "IllegalArgumentException", text)
