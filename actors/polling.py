"""When to look again: pure arithmetic, with the numbers that it uses and their reasons.

Nothing here sleeps or sends.  A polling loop asks `Polling` after each look what to do next; the
loop itself is `watching.follow`.
"""

from __future__ import annotations

from typing import Self

import attrs

from ..errors import (
    ActorGone,
    ClusterNotReady,
    DatabricksRefused,
    DatabricksUnreachable,
    RateLimited,
    ToolkitError,
)

SLACK = 0.1  # of a pause; how much later a look may be, to be answered together with others
GROWTH = 1.4  # from delay to delay: few looks, and none more than 40 % late
LATE_GROWTH = 1.01  # of what takes long: a look is at most 1 % late
OUTAGE = 900.0  # seconds of failing looks after which waiting callers are told


@attrs.frozen
class Pace:
    """How often to look, in seconds: soon at first, then in growing steps.

    An end is noticed at most 40 % later than it came, or `usual` seconds; what goes on for an hour
    or more is looked at less and less often, down to every `utmost` seconds, so that a ten-hour run
    costs hundreds of requests and not thousands.

    Attributes:
      first: from the answer that started the work to the first look.
      usual: up to here, each delay is `GROWTH` times the last one; from here on, `LATE_GROWTH`.
      utmost: the cap.
    """

    first: float
    usual: float
    utmost: float

    def after(self, delay: float | None) -> float:
        """The delay that follows `delay`; the first one after none."""
        if delay is None:
            return self.first
        if delay < self.usual:
            return min(delay * GROWTH, self.usual)
        return min(delay * LATE_GROWTH, self.utmost)


# Most commands are short, and somebody waits: where requests take 10 ms, a command of 50 ms is
# answered within 100.  The usual delay is half of dbt's.
COMMAND = Pace(first=0.03, usual=5.0, utmost=30.0)
# A context is up in a fraction of a second on an idle cluster, and in several on a busy one.
CONTEXT = Pace(first=0.1, usual=2.0, utmost=2.0)
# The server has already held back its answer as long as `statement.SERVER_WAIT`.
STATEMENT = Pace(first=0.25, usual=5.0, utmost=30.0)
# A run takes seconds to set up, and mostly minutes; the SDK looks every 10 s, airflow every 30.
RUN = Pace(first=0.25, usual=10.0, utmost=60.0)
# A cluster that starts takes minutes.
CLUSTER = Pace(first=0.5, usual=5.0, utmost=5.0)


def says_nothing(error: ToolkitError) -> bool:
    """Whether a failed look says nothing of what was looked at, and a later one may succeed."""
    if isinstance(error, DatabricksRefused):
        return isinstance(error, RateLimited | ClusterNotReady) or error.status >= 500
    # A poll that another actor was to make for us is made again like any other.
    return isinstance(error, DatabricksUnreachable | ActorGone)


@attrs.frozen
class Polling:
    """Where a polling loop stands: how long it last waited, and since when nothing was seen."""

    pace: Pace
    delay: float | None = None
    """Seconds to wait before the next look; None before the first."""
    failing_since: float | None = None

    def seen(self) -> Self:
        """After a look that saw something."""
        return attrs.evolve(self, delay=self.pace.after(self.delay), failing_since=None)

    def failed(self, error: ToolkitError, now: float) -> Self:
        """After a look that failed at `now`.

        Raises:
          ToolkitError: `error` itself, if there is no use in looking again.
        """
        since = now if self.failing_since is None else self.failing_since
        if not says_nothing(error) or now - since >= OUTAGE:
            raise error
        return attrs.evolve(self, delay=self.pace.after(self.delay), failing_since=since)

    def afresh(self) -> Self:
        """After something happened that a next look may show soon."""
        return attrs.evolve(self, delay=self.pace.first)
