"""One execution context: a REPL on one driver of one cluster, and the commands in it.

It ends when it is destroyed, evicted, its process dies, or its driver goes; whichever it was, its
id is then unknown.  Commands sent to it run one at a time, in the order in which they came.
"""

from __future__ import annotations

import logging
from enum import StrEnum

import trio

from ..engine import Engine, Repl, ReplLost, ReplSpec
from ..world import World
from .cluster import Cluster
from .command import Command

logger = logging.getLogger(__name__)

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
        self, world: World, engine: Engine, context_id: str, cluster: Cluster, language: str
    ) -> None:
        self._world = world
        self._engine = engine
        self.context_id = context_id
        self.cluster = cluster
        self.language = language
        self.status = ContextStatus.PENDING
        self.commands: dict[str, Command] = {}
        self.used = world.now()  # when it last finished a command, or was made
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
        return not working and self._world.now() - self.used >= IDLE

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
        await trio.sleep(self._world.pace.context_start)
        spec = ReplSpec(
            self.cluster.cluster_id, self.context_id, self.language, self._spark_context_id
        )
        try:
            repl = await self._engine.open_repl(spec)
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
            self.used = self._world.now()
