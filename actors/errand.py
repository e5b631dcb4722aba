"""A request that is seen through whether or not its caller stays to hear the answer.

Starting a run and sending a statement are errands: a cancel never loses the id that comes back.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import trio

from ..errors import ActorGone, OutcomeUnknown, ToolkitError
from .journal import Entry
from .kernel import Actor, Supervisor
from .shield import see_through
from .watch import Watch

logger = logging.getLogger(__name__)

R = TypeVar("R")
"""What the request is answered with."""


class Errand(Actor[R | None], Generic[R]):
    """One request under way; it shows the answer."""

    def __init__(
        self,
        name: str,
        send: Callable[[], Awaitable[R]],
        unclaimed: Callable[[R], Awaitable[None]],
        grace: float,
    ) -> None:
        self.name, self.grace = name, grace
        self.state: Watch[R | None] = Watch(None)
        self.claimed = False
        self.caller_left = trio.Event()
        self._send, self._unclaimed = send, unclaimed
        self._sent = False

    async def begin(self) -> None:
        """Send the request.  When the session ends, half of the grace is left for the answer."""
        await see_through(self._see_through, self.grace / 2)

    async def _see_through(self) -> None:
        self._sent = True
        try:
            self.state.show(await self._send())
        except ToolkitError as error:
            if self.caller_left.is_set():
                logger.warning("%s, whose caller has gone: %s", self.name, error)
            raise

    async def live(self) -> None:
        """Wait until the caller has taken the answer, or gone."""
        await self.caller_left.wait()

    async def end(self) -> None:
        """See to an answer that nobody took."""
        if self.state.value is not None:
            if not self.claimed:
                await self._unclaimed(self.state.value)
        elif self._sent and type(self.farewell) is ActorGone:
            logger.warning("%s: it was sent, and its answer did not come in time", self.name)


async def send_on_errand(
    supervisor: Supervisor,
    name: str,
    send: Callable[[], Awaitable[R]],
    *,
    intend: Callable[[], Entry],
    unclaimed: Callable[[R], Awaitable[None]],
    grace: float,
) -> R:
    """Do `send` and return its answer.

    If cancelled meanwhile, `send` goes on to its end, and `unclaimed` gets the answer.

    Args:
      supervisor: whose errand it is.
      name: what it is called in the log.
      send: the request.
      intend: writes in the journal that it is about to be sent.
      unclaimed: sees to an answer whose caller has gone.
      grace: seconds that the supervisor's end may take.

    Raises:
      ToolkitError: what `send` met with, or the session has ended.
    """

    async def journalled() -> R:
        entry = intend()
        try:
            answer = await send()
        except OutcomeUnknown:
            raise  # and the entry stays, to be told
        except ToolkitError:
            entry.ended()
            raise
        entry.ended()
        return answer

    await trio.lowlevel.checkpoint_if_cancelled()
    errand = Errand(name, journalled, unclaimed, grace)
    address = supervisor.start(errand)
    try:
        await address.begun()
        errand.claimed = True
    finally:
        errand.caller_left.set()
    assert errand.state.value is not None
    return errand.state.value
