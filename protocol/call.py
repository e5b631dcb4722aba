"""One call of a tool: the session it works on, and how to tell its caller that it goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import attrs
import outcome
import trio

if TYPE_CHECKING:
    from ..actors import Session

T = TypeVar("T")

LEAST_WAIT = 1.0  # seconds that are left to look once, however long the login took

Report = Callable[[float, float | None, str], Awaitable[None]]
"""Tells progress: how far, of how much if known, and in words."""

# Hosts that reset their own limit at a sign of life have one of 30 s or more.
REPORT_EVERY = 5.0  # seconds


@attrs.frozen
class Call:
    """What a tool's function is given besides its arguments.

    Attributes:
      session: the owner of everything alive on the workspace.
      report: sends a progress notification; None when the caller did not ask for any.
      begun: when the caller began to wait, on trio's clock; a login may have come before.
    """

    session: Session
    report: Report | None = None
    begun: float = attrs.field(factory=trio.current_time)

    def left(self, limit: float, least: float = LEAST_WAIT) -> float:
        """Seconds that are left of the caller's `limit`, and `least` in any case."""
        return max(self.begun + limit - trio.current_time(), least)

    async def waiting(
        self, wait: Callable[[], Awaitable[T]], limit: float, standing: Callable[[], str]
    ) -> T:
        """Await `wait()`, telling the caller every few seconds how things stand.

        Args:
          wait: what is awaited; it keeps to `limit` by itself.
          limit: seconds, told as the total that progress runs to.
          standing: how things stand, in a few words, asked before each report.
        """
        if self.report is None:
            return await wait()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._reporting, self.report, limit, standing)
            # Kept until the nursery is closed, which would wrap an error in a group.
            waited = await outcome.acapture(wait)
            nursery.cancel_scope.cancel()
        return waited.unwrap()

    async def _reporting(self, report: Report, limit: float, standing: Callable[[], str]) -> None:
        begun = trio.current_time()
        while True:
            await report(round(trio.current_time() - begun, 1), limit, standing())
            await trio.sleep(REPORT_EVERY)
