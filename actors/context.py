"""An execution context: a REPL on a cluster that keeps its variables from command to command.

Rules that this file keeps, and `owned_context.py` with it:

* A context that a session opened is *owned*: written in the journal before it is asked for, and
  destroyed when the session ends, at the latest.  One found by its id is *watched*, and destroyed
  only when somebody says so.
* Commands are sent one at a time, in the order in which they were asked for, and Databricks runs
  them in that order; each has its own polling loop.
* A command is sent once at most.  One whose caller has left before its turn is not sent.
* A context that is gone is told as `ContextLost` and never quietly replaced: what it was for, its
  variables, would not be there.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import attrs
import trio

from ..clients import Databricks, commands
from ..clients.commands import Command, CommandStatus, ContextStatus
from ..errors import (
    ActorGone,
    ClusterNotReady,
    ContextLost,
    DatabricksRefused,
    NotAllowed,
    RateLimited,
    ToolkitError,
)
from . import polling
from .cluster import present_driver
from .command import COURSE as COMMAND
from .kernel import Actor, Message, Request
from .shield import see_through
from .states import Course, closed
from .watch import Watch
from .watching import follow

R = TypeVar("R")
logger = logging.getLogger(__name__)

WATCHED_FOR = 60.0  # seconds without use until the actor of a watched context ends
OPEN_A_NEW_ONE = "Its variables are lost. Open a new context and run again what you need."

STEPS = {
    ContextStatus.PENDING: {ContextStatus.RUNNING, ContextStatus.ERROR},
    ContextStatus.RUNNING: {ContextStatus.ERROR},
    ContextStatus.ERROR: set[ContextStatus](),
}


def word(context: commands.Context) -> str:
    """The context's status."""
    return context.status


COURSE = Course(later=closed(STEPS), word=word)

Sight = Watch[Command | None]
"""A command as it is seen; None before the first look at one that was found by its id."""


@attrs.frozen
class Standing:
    """How a context is: its status in Databricks' words, and how many commands go on in it."""

    status: str = ""
    commands: int = 0


@attrs.frozen
class SubmitCommand(Message[tuple[str, Sight]]):
    """Send a command, and answer with its id as soon as Databricks has given it.

    `with_caller`: should the caller have left by then, cancel it on the cluster.
    """

    code: str
    language: str
    with_caller: bool


@attrs.frozen
class FindCommand(Message[Sight]):
    """Watch a command by its id."""

    command_id: str


@attrs.frozen
class CancelCommand(Message[None]):
    """Ask Databricks to cancel a command; its watch will show how it ended.

    `unwanted`: nobody waits for it any more, so this is seen to also when the actor ends.
    """

    command_id: str
    unwanted: bool = False


@attrs.frozen
class LookAtContext(Message[commands.Context]):
    """Ask Databricks how the context is."""


@attrs.frozen
class DestroyContext(Message[None]):
    """Destroy the context now, with all its variables."""


class ContextActor(Actor[Standing]):
    """Sends the commands of one context, and follows them."""

    idle_after = WATCHED_FOR

    def __init__(self, databricks: Databricks, cluster_id: str, context_id: str) -> None:
        self.client, self.clusters = databricks.commands, databricks.clusters
        self.cluster_id, self.context_id = cluster_id, context_id
        self.state = Watch(Standing())
        self.driver: int | None = None  # `spark_context_id`, once seen
        self._running: dict[str, Sight] = {}
        self._unwanted: set[str] = set()
        self._to_send: trio.MemorySendChannel[Request[tuple[str, Sight]]] | None = None
        self._handling = False
        self._used_at = trio.current_time()
        self._leaving: ToolkitError | None = None
        self._left = trio.Event()
        self._expected: ContextLost | None = None  # while it is being destroyed, as somebody said

    @property
    def name(self) -> str:  # type: ignore[override]  # it changes when the id is known
        """What it is called in logs and errors."""
        return f"context {self.context_id} on cluster {self.cluster_id}"

    async def handle(self, request: Request[Any]) -> None:
        """Understands the messages above."""
        self._handling = True
        try:
            match request.message:
                case SubmitCommand():
                    # Sent by a task: nothing else has to wait behind a request that hangs.
                    if self._to_send is None:
                        # As many wait their turn here as in the mailbox; then the mailbox fills.
                        self._to_send, in_turn = trio.open_memory_channel(self.mailbox_size)
                        self.tasks.start_soon(self._send_in_turn, in_turn)
                    await self._to_send.send(request)
                case FindCommand(command_id):
                    request.answer(self._find(command_id))
                case CancelCommand(command_id, unwanted):
                    if unwanted:
                        self._unwanted.add(command_id)
                    self.tasks.start_soon(self._cancel, command_id, request)
                case LookAtContext():
                    self.tasks.start_soon(self._answer_status, request)
                case DestroyContext():
                    await self._destroy_as_told()
                    request.answer(None)
                case _:
                    await super().handle(request)
        except ContextLost as lost:
            raise self.lost(lost) from None
        finally:
            self._handling = False
            self._used_at = trio.current_time()

    async def _destroy_as_told(self) -> None:
        destroyed = ContextLost(f"{self.name} was destroyed", advice=OPEN_A_NEW_ONE)
        self._expected = destroyed
        try:
            await self.destroy()
        except ToolkitError:
            self._expected = None
            raise
        self.leave(destroyed)

    async def live(self) -> None:
        """Stay until there is a reason to leave, or nobody has used it for long."""
        while self._leaving is None:
            if self._in_use():
                self._used_at = trio.current_time()
            idle_at = self._used_at + self.idle_after
            if idle_at <= trio.current_time():
                return self.idled()
            with trio.move_on_at(idle_at):
                await self._left.wait()
        raise self._leaving

    def _in_use(self) -> bool:
        return bool(self._running) or self._to_send is not None or self._handling

    def idled(self) -> None:
        """Nobody has used it for long."""

    def leave(self, reason: ToolkitError) -> ToolkitError:
        """End, and tell everybody why.  The first reason stands."""
        if self._leaving is None:
            self._leaving = reason
            self._left.set()
        return self._leaving

    def lost(self, why: ContextLost) -> ToolkitError:
        """End because the context is gone, unless there was a reason before."""
        if self._expected is not None:  # a poll saw it before the answer to the destroy came
            return self._expected
        message = f"State was reset: {self.name} is no more. {why.message}"
        if self._leaving is None:
            logger.warning("%s", message)
        return self.leave(ContextLost(message, advice=OPEN_A_NEW_ONE))

    async def destroy(self) -> None:
        """Destroy the context.

        Raises:
          ContextLost: it was gone already.
        """
        await self._of_context(
            lambda: self.client.destroy_context(self.cluster_id, self.context_id)
        )

    async def end(self) -> None:
        """Tell those who wait for commands, and cancel what nobody wants any more."""
        for sight in self._running.values():
            sight.close(self.farewell or ActorGone(f"{self.name} is not followed any more"))
        async with trio.open_nursery() as nursery:
            for command_id in self._unwanted:
                nursery.start_soon(self._cancel, command_id)

    async def _send_in_turn(
        self, in_turn: trio.MemoryReceiveChannel[Request[tuple[str, Sight]]]
    ) -> None:
        """Send what waits, one after the other, until nothing does."""
        with suppress(trio.WouldBlock):
            while request := in_turn.receive_nowait():
                if not request.abandoned:
                    await self._send(request)
        self._to_send = None

    async def _send(self, request: Request[tuple[str, Sight]]) -> None:
        message = request.message
        assert isinstance(message, SubmitCommand)

        async def send() -> tuple[str, Sight]:
            command_id = await self._of_context(
                lambda: self.client.execute(
                    self.cluster_id, self.context_id, message.language, message.code
                )
            )
            if request.abandoned and message.with_caller:
                self._unwanted.add(command_id)
            return command_id, self._follow(command_id, status=CommandStatus.QUEUED)

        try:
            command_id, sight = await see_through(send, self.grace / 2)
        except ToolkitError as error:
            if request.abandoned:
                logger.warning("a command in %s, whose caller has gone: %s", self.name, error)
            request.fail(self.lost(error) if isinstance(error, ContextLost) else error)
            return
        request.answer((command_id, sight))
        if command_id in self._unwanted:
            self.tasks.start_soon(self._cancel, command_id)
        elif request.abandoned:
            logger.info("command %s in %s goes on; its caller has gone", command_id, self.name)

    def _find(self, command_id: str) -> Sight:
        return self._running.get(command_id) or self._follow(command_id)

    def _follow(self, command_id: str, status: CommandStatus | None = None) -> Sight:
        """Follow a command from now on; `status` is what is known of it without having looked."""
        sight: Sight = Watch(None)
        if status is not None:
            wire = {"id": command_id, "status": status.value, "results": None}
            sight.show(Command(command_id, status, wire=wire))
        self._running[command_id] = sight
        self._show()
        self.tasks.start_soon(self._see_to_its_end, command_id, sight)
        return sight

    async def _see_to_its_end(self, command_id: str, sight: Sight) -> None:
        try:
            await follow(
                sight,
                lambda: self._look(command_id),
                course=COMMAND,
                until=COMMAND.is_over,
                pace=polling.COMMAND,
                at_once=sight.value is None,
            )
            if sight.value and sight.value.status == CommandStatus.ERROR:
                await self._look_at_context()  # the driver may have died under it
        except ContextLost as lost:
            sight.close(self.lost(lost))
        except ToolkitError as error:
            sight.close(error)
        del self._running[command_id]
        self._unwanted.discard(command_id)
        self._used_at = trio.current_time()
        self._show()
        for waiting in list(self._running.values())[:1]:
            waiting.hurry()  # its turn has come

    async def _look(self, command_id: str) -> Command:
        try:
            return await self._of_context(
                lambda: self.client.status(self.cluster_id, self.context_id, command_id)
            )
        except (NotAllowed, RateLimited, ClusterNotReady):
            raise
        except DatabricksRefused:
            await self._look_at_context()  # which may be gone, in words that nobody knows yet
            raise

    async def _look_at_context(self) -> None:
        context = await self._status()
        if COURSE.is_over(context):
            raise ContextLost(f"Databricks says that it is in {context.status}.")

    async def _status(self) -> commands.Context:
        return await self._of_context(
            lambda: self.client.context_status(self.cluster_id, self.context_id)
        )

    async def _answer_status(self, request: Request[commands.Context]) -> None:
        try:
            request.answer(await self._status())
        except ToolkitError as error:
            request.fail(self.lost(error) if isinstance(error, ContextLost) else error)

    async def _of_context(self, call: Callable[[], Awaitable[R]]) -> R:
        """Make a call that names the context.

        Raises:
          ContextLost: it is gone, or its cluster is not ready and the driver that it lived in is no
            more.
          ClusterNotReady: the driver may live; a later call will tell.
        """
        try:
            return await call()
        except ClusterNotReady:
            self.driver = await present_driver(self.clusters, self.cluster_id, self.driver)
            raise

    async def _cancel(self, command_id: str, request: Request[None] | None = None) -> None:
        try:
            await self._of_context(
                lambda: self.client.cancel(self.cluster_id, self.context_id, command_id)
            )
        except ToolkitError as error:
            told = self.lost(error) if isinstance(error, ContextLost) else error
            if request is None:
                logger.warning("command %s could not be cancelled: %s", command_id, error)
            else:
                request.fail(told)
            return
        self._unwanted.discard(command_id)
        if (sight := self._running.get(command_id)) is not None:
            sight.hurry()
        if request is not None:
            request.answer(None)

    def _show(self) -> None:
        self.state.show(attrs.evolve(self.state.value, commands=len(self._running)))
