"""One request budget per workspace, which everybody who asks that workspace draws on.

Two lines are waited in, both first come, first served: one for calls of the same kind, where
Databricks publishes a limit for it, and one for all calls together.  A 429 closes the first for as
long as the server asks, and the second a little: everybody is slowed somewhat, and nobody much.

What stops work (cancel, destroy, terminate) goes ahead of both lines, and is counted all the same.
"""

from __future__ import annotations

import logging
import math

import attrs
import trio

from .endpoint import Endpoint, RetryClass

log = logging.getLogger(__name__)

# Requests a second that one workspace bears for hours.  Nothing is published; Databricks' engineers
# have named this as the rule of thumb.
SUSTAINED = 30.0
# Requests that may come at once after a quiet time: fifty contexts made, used, destroyed together.
BURST = 600.0
LONGEST_CLOSURE = 60.0  # seconds; a longer Retry-After is tried again anyway
A_LITTLE = 1.0  # seconds that one call's 429 holds up all other calls
SILENCE = 30.0  # seconds between two lines in the log about that


@attrs.define(eq=False)
class _Line:
    """A line that lets `per_second` requests through, after a quiet time up to `burst` at once."""

    per_second: float
    burst: float
    _tokens: float = attrs.field(init=False)
    _counted_at: float = attrs.field(default=-math.inf, init=False)
    _closed_until: float = attrs.field(default=-math.inf, init=False)
    _turnstile: trio.StrictFIFOLock = attrs.field(factory=trio.StrictFIFOLock, init=False)

    def __attrs_post_init__(self) -> None:
        self._tokens = self.burst

    async def turn(self) -> None:
        """Wait until it is our turn.  If cancelled, the turn goes to whoever is next."""
        async with self._turnstile:
            # Looked at again after each sleep: a 429 may have closed the line meanwhile.
            while (opens := self.opens_at(now := trio.current_time())) > now:  # noqa: ASYNC110
                await trio.sleep_until(opens)
            self.take(now)

    def opens_at(self, now: float) -> float:
        """When the first in line may pass, on trio's clock; `now` or earlier if at once."""
        missing = 1.0 - self._count(now)
        has_token_at = now + missing / self.per_second if missing > 0 else now
        return max(has_token_at, self._closed_until)

    def take(self, now: float) -> None:
        """Count one request; more than there is room for makes later ones wait."""
        self._tokens = self._count(now) - 1.0
        self._counted_at = now

    def close(self, until: float) -> None:
        """Let nobody through before `until`."""
        self._closed_until = max(self._closed_until, until)

    @property
    def waiting(self) -> int:
        """How many wait behind the first."""
        return self._turnstile.statistics().tasks_waiting

    def _count(self, now: float) -> float:
        if now <= self._counted_at or math.isinf(self._counted_at):
            return self._tokens
        return min(self.burst, self._tokens + (now - self._counted_at) * self.per_second)


@attrs.frozen
class GovernorStatistics:
    """What a governor has done so far.

    Attributes:
      turns: requests let through.
      throttled: answers that said 429.
      waiting: requests that wait behind the first in the common line.
      armed: whether limits are kept.
    """

    turns: int
    throttled: int
    waiting: int
    armed: bool


class Governor:
    """The request budget of one workspace.

    Args:
      per_second: requests a second in all, for hours.
      burst: requests that may come at once after a quiet time.
      armed: whether to keep limits from the start.  If not, as for a workspace on this machine,
        whose limits nobody has published, the first 429 arms it.
    """

    def __init__(
        self, *, per_second: float = SUSTAINED, burst: float = BURST, armed: bool = True
    ) -> None:
        self._all = _Line(per_second, burst)
        self._by_endpoint: dict[Endpoint, _Line] = {}
        self._armed = armed
        self._turns = 0
        self._throttled = 0
        self._silent_until = -math.inf

    def __repr__(self) -> str:
        state = f"{self._all.waiting} waiting" if self._armed else "not armed"
        return f"<Governor {self._all.per_second:g}/s, {self._turns} turns, {state}>"

    async def turn(self, endpoint: Endpoint) -> None:
        """Wait until a request may be sent.

        If cancelled, whoever is next moves up; at most one turn of this endpoint's kind is lost.
        """
        # One who was cancelled before must not send, even where nobody waits.
        await trio.lowlevel.checkpoint()
        if self._armed:
            if endpoint.retry is RetryClass.SAME:
                self._all.take(trio.current_time())
            else:
                if line := self._line(endpoint):
                    await line.turn()
                await self._all.turn()
        self._turns += 1

    def throttle(self, endpoint: Endpoint, seconds: float) -> None:
        """A request was answered with 429: hold its kind back so long, all others a little."""
        now = trio.current_time()
        self._armed = True
        self._throttled += 1
        seconds = min(seconds, LONGEST_CLOSURE)
        if now >= self._silent_until:
            log.info("Too many requests, says Databricks to %s: waiting %.1f s", endpoint, seconds)
            self._silent_until = now + SILENCE
        if line := self._line(endpoint):
            line.close(now + seconds)
        self._all.close(now + min(seconds, A_LITTLE))

    def statistics(self) -> GovernorStatistics:
        """What it has done so far."""
        return GovernorStatistics(self._turns, self._throttled, self._all.waiting, self._armed)

    def _line(self, endpoint: Endpoint) -> _Line | None:
        if endpoint.per_second is None:
            return None
        if endpoint not in self._by_endpoint:
            # A published limit is a second's worth, and as much may come at once.
            self._by_endpoint[endpoint] = _Line(endpoint.per_second, endpoint.per_second)
        return self._by_endpoint[endpoint]
