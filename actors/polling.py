"""When to look again: pure arithmetic, with the numbers that it uses and their reasons.

Nothing here sleeps or sends.  A polling loop asks `Polling` after each look what to do next; the
loop itself is `watching.follow`.
"""

from __future__ import annotations

from typing import Self

import attrs

from ..errors import (
    ActorGone,
    DatabricksRefused,
    DatabricksUnreachable,
    RateLimited,
    ToolkitError,
)

SLACK = 0.1  # of a delay; how much later a poll may be made to answer it together with others
OUTAGE = 900.0  # seconds of failing looks after which waiting callers are told


@attrs.frozen
class Pace:
    """How often to look, in seconds: soon at first, then in growing steps.

    With a growth of 1.4 an end is noticed at most 40 % later than it happened, up to the cap, and
    ten minutes cost some 130 looks at 5 s or 75 at 10 s.

    Attributes:
      first: from the answer that started the work to the first look.
      growth: each delay is this many times the last one.
      longest: the cap.
    """

    first: float
    growth: float
    longest: float

    def after(self, delay: float | None) -> float:
        """The delay that follows `delay`; the first one after none."""
        return self.first if delay is None else min(delay * self.growth, self.longest)

    def capped(self, longest: float | None) -> Pace:
        """The same pace, with no delay above `longest`."""
        if longest is None:
            return self
        return Pace(min(self.first, longest), self.growth, min(self.longest, longest))


# Most commands are short, and somebody waits: where requests take 10 ms, a command of 50 ms is
# answered within 100.  The cap is half of what dbt waits.
COMMAND = Pace(first=0.03, growth=1.4, longest=5.0)
# A context is up in a fraction of a second on an idle cluster, and in several on a busy one.
CONTEXT = Pace(first=0.1, growth=1.4, longest=2.0)
# The server has already held back its answer as long as `statement.SERVER_WAIT`.
STATEMENT = Pace(first=0.25, growth=1.4, longest=5.0)
# A run takes seconds to set up, and mostly minutes; the SDK looks every 10 s, airflow every 30.
RUN = Pace(first=0.25, growth=1.4, longest=10.0)
# A cluster that starts takes minutes.
CLUSTER = Pace(first=0.5, growth=1.4, longest=5.0)


def says_nothing(error: ToolkitError) -> bool:
    """Whether a failed look says nothing of what was looked at, and a later one may succeed."""
    if isinstance(error, DatabricksRefused):
        return isinstance(error, RateLimited) or error.status >= 500
    # A poll that another actor was to make for us is made again like any other.
    return isinstance(error, DatabricksUnreachable | ActorGone)


@attrs.frozen
class Polling:
    """Where a polling loop stands: how long it last waited, and since when nothing was seen."""

    pace: Pace
    delay: float | None = None
    """Seconds to wait before the next look; None before the first."""
    failing_since: float | None = None

    @property
    def slack(self) -> float:
        """Seconds by which the next look may be put off."""
        return SLACK * (self.delay or 0)

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
