"""What a caller holds of an execution context."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import inf
from typing import TypeVar

import attrs
import trio

from ..clients import commands
from ..clients.commands import Command
from ..errors import (
    ActorGone,
    ContextLost,
    DatabricksError,
    DatabricksUnreachable,
    MisusedToolkit,
    OutcomeUnknown,
    TimedOut,
    ToolkitError,
)
from .command import COURSE, failure
from .context import (
    CancelCommand,
    DestroyContext,
    FindCommand,
    LookAtContext,
    Sight,
    Standing,
    SubmitCommand,
)
from .kernel import Address, Message

R = TypeVar("R")
logger = logging.getLogger(__name__)

# Seconds that a cancelled caller stays until Databricks has taken the cancel, so that on a good
# network it is done.  On a bad one the actor sees to it, or ends the command with its context.
CANCEL_PATIENCE = 0.5


@attrs.define
class _Fate:
    """What becomes of a command whose caller leaves, as far as it is known."""

    told: str = "had no id yet: it is not sent any more, or cancelled as soon as its id comes"
    seen: Sight | None = None


class Context:
    """An execution context on a cluster.

    https://docs.databricks.com/api/workspace/commandexecution

    Attributes:
      id: Databricks' id; with the cluster's, enough to find it again.
      cluster_id: where it lives.
      language: `python`, `scala`, `sql` or `r`.
      owned: whether the session opened it, and will destroy it.
    """

    def __init__(
        self,
        cluster_id: str,
        context_id: str,
        language: str,
        attend: Callable[[], Address[Standing]],
        *,
        owned: bool,
    ) -> None:
        self.cluster_id, self.id, self.language, self.owned = (
            cluster_id,
            context_id,
            language,
            owned,
        )
        self._attend = attend
        self._address = attend() if owned else None

    @property
    def state(self) -> str:
        """Its status in Databricks' words, as last seen; empty where nobody has looked."""
        return self._address.state.value.status if self._address else ""

    @property
    def ended(self) -> bool:
        """Whether it is known that nothing can be run in it any more."""
        farewell = self._address.farewell if self._address else None
        return isinstance(farewell, ContextLost) or (self.owned and farewell is not None)

    def __repr__(self) -> str:
        status = "ended" if self.ended else self.state or "not looked at yet"
        going_on = self._address.state.value.commands if self._address else 0
        commands = f", {going_on} to finish" if going_on and not self.ended else ""
        return f"<Context {self.id} on cluster {self.cluster_id}, {status}{commands}>"

    async def submit(self, code: str, *, language: str | None = None) -> str:
        """Send a command, and return its id as soon as Databricks has given it.

        Commands run one at a time, in the order in which they were submitted.  If cancelled before
        it was this one's turn to be sent, it is not sent; after that, it runs.  It waits for its
        turn and for one answer (see `clients.timeouts`), not for other commands to end.

        Raises:
          ContextLost: the context is gone; the command was not run.
          OutcomeUnknown: the answer was lost; it may be running.
        """
        command_id, _ = await self._submit(code, language, with_caller=False)
        return command_id

    async def wait(self, command_id: str, *, timeout: float | None = None) -> Command:
        """Wait until a command is over, and return how it was last seen: at the limit, going on.

        However it ended, that is returned and not raised.  If cancelled, the command keeps running.

        Args:
          command_id: as `submit` returned it, here or anywhere else.
          timeout: seconds to wait at most; None for as long as it takes.

        Raises:
          ContextLost: the context is gone, and the command with it.
          NotFound: there is no such command.
          DatabricksUnreachable: nothing was seen of it within the limit.
          DatabricksError: nothing was seen of it for 15 minutes, and this is why.
        """
        sight: Sight | None = None
        with trio.move_on_after(inf if timeout is None else timeout):
            sight = await self._ask(FindCommand(command_id))
            await sight.wait_until(_is_over)
        if sight is None or sight.value is None:
            why = f": {sight.doubt.message}" if sight and sight.doubt else ""
            raise DatabricksUnreachable(f"Nothing was heard of command {command_id} in time{why}")
        return sight.value

    async def execute(
        self, code: str, *, language: str | None = None, timeout: float | None = None
    ) -> Command:
        """Run a command to its end, and return it.

        If cancelled, or at its limit, the command is cancelled on the cluster.  On a network that
        is silent the caller leaves half a second later; the context's actor goes on asking for the
        cancel, and a context that is destroyed takes its commands with it.

        Args:
          code: in the context's language.
          language: where that is not known.
          timeout: seconds to wait at most; None for as long as it takes.

        Raises:
          CommandFailed: it raised, was cancelled by somebody, or could not be run.
          TimedOut: it was not finished within `timeout`; the message says what is known of its
            cancel.
          ContextLost: the context is gone, and the command with it.
          OutcomeUnknown: it may be running: the answer to sending it was lost, or it was accepted
            and then nothing was to be seen of it any more.
        """
        fate = _Fate()
        with trio.move_on_after(inf if timeout is None else timeout):
            return await self._executed(code, language, fate)
        seen = fate.seen.value if fate.seen else None
        raise TimedOut(
            f"The command was not finished after {timeout:g} s, and {fate.told}",
            outcome={} if seen is None else seen.wire,
            advice="Give it more time; or submit it, and wait for it by its id.",
        )

    async def _executed(self, code: str, language: str | None, fate: _Fate) -> Command:
        command_id, sight = await self._submit(code, language, with_caller=True)
        fate.seen = sight
        try:
            command = await sight.wait_until(_is_over)
        except trio.Cancelled:
            fate.told = await self._cancel_in_passing(command_id)
            raise
        except ContextLost:
            raise
        except DatabricksError as error:
            raise OutcomeUnknown(
                f"Command {command_id} was accepted, and it is not known how it went on: "
                f"{error.message}",
                advice=f"It may be running. Wait for command {command_id} before sending it again.",
            ) from error
        assert command is not None
        if failed := failure(command):
            raise failed
        return command

    async def cancel(self, command_id: str) -> None:
        """Ask Databricks to cancel a command, if it goes on; `wait` tells how it ended."""
        await self._ask(CancelCommand(command_id))

    async def status(self) -> commands.Context:
        """How Databricks says that the context is, asked now.

        Raises:
          ContextLost: it is gone.
          ClusterNotReady: its cluster can run nothing just now, and it is not known whether the
            context lives on.
        """
        return await self._ask(LookAtContext())

    async def destroy(self) -> None:
        """Destroy the context, with all its variables, and what runs in it.

        Raises:
          ContextLost: it was gone already.
        """
        await self._ask(DestroyContext())

    async def close(self) -> None:
        """Let go of it: a context of the session's own is destroyed, another one is left alone.

        Takes no longer than the session's grace, and raises nothing: what could not be destroyed is
        in the log and the journal.  If cancelled, it is destroyed all the same.
        """
        if self.owned and self._address is not None:
            await self._address.stop()

    async def _submit(
        self, code: str, language: str | None, *, with_caller: bool
    ) -> tuple[str, Sight]:
        if not (language := language or self.language):
            raise MisusedToolkit(
                f"What language is context {self.id} of?",
                advice="Say so: language= python, scala, sql or r.",
            )
        return await self._ask(SubmitCommand(code, language, with_caller))

    async def _ask(self, message: Message[R]) -> R:
        while True:
            self._address = address = self._attend()
            try:
                return await address.ask(message)
            except ActorGone:
                # A watched one that nobody had used for long left at the very moment we came.
                if self.owned or type(address.farewell) is not ActorGone or address.dismissed:
                    raise

    async def _cancel_in_passing(self, command_id: str) -> str:
        """Have it cancelled, as far as that can be waited for; returns what is known of that."""
        with trio.move_on_after(CANCEL_PATIENCE, shield=True):
            try:
                await self._ask(CancelCommand(command_id, unwanted=True))
            except (ActorGone, ContextLost):
                return "ends with its context"
            except ToolkitError as error:
                logger.warning("command %s could not be cancelled: %s", command_id, error)
                return f"could not be cancelled: {error.message}"
            return "is cancelled"
        logger.info("command %s: its cancel is under way", command_id)
        return "its cancel is asked for, and not confirmed yet"


def _is_over(seen: Command | None) -> bool:
    return seen is not None and COURSE.is_over(seen)
