"""Recovery: destroys what others could not, for as long as a session lives.

What sessions that died have left on this workspace it destroys at its start; what cannot be
destroyed then, or could not be when its owner ended in this session, it tries again from time to
time, and once more at the end; but briefly where that has only just been tried in vain, since a
silent network must not hold up the end twice.  What is left then is left to the next start.
"""

from __future__ import annotations

from math import inf

import trio

from ..clients import Databricks
from .journal import Entry, Journal
from .journal.recovery import Fate, destroy_all, recover
from .kernel import Actor
from .watch import Watch

AGAIN_AFTER = 30.0  # seconds, doubled each time: what failed has used up its own retries before
BRIEFLY = 0.5  # seconds; where Databricks answers at all, it does so within these
AGAIN_WITHIN = 900.0  # seconds between two tries at most


class Recovery(Actor[None]):
    """The one of its session that sees to contexts whose own actors are gone."""

    name = "recovery"

    def __init__(self, databricks: Databricks, journal: Journal, *, grace: float) -> None:
        self.grace = grace
        self.state = Watch(None)
        self._databricks, self._journal = databricks, journal
        self._left: list[Entry] = []
        self._taken_over = trio.Event()
        self._tried_at = -inf

    def take_over(self, entry: Entry) -> None:
        """See to a context that its actor could not destroy."""
        self._left.append(entry)
        self._tried_at = trio.current_time()
        self._taken_over.set()

    async def live(self) -> None:
        """Look into the journal once; then try again whatever is left, ever more seldom."""
        found = await recover(self._databricks, self._journal, host=self._databricks.host)
        for finding in found:
            if finding.entry is not None and finding.fate is Fate.LEFT:
                self.take_over(finding.entry)
        while True:
            await self._taken_over.wait()
            self._taken_over = trio.Event()
            delay = AGAIN_AFTER
            while self._left:
                await trio.sleep(delay)
                await self._try_again()
                delay = min(delay * 2, AGAIN_WITHIN)

    async def end(self) -> None:
        """Try a last time."""
        just_tried = trio.current_time() - self._tried_at < self.grace
        with trio.move_on_after(BRIEFLY if just_tried else self.grace):
            await self._try_again()

    async def _try_again(self) -> None:
        trying, self._left = self._left, []
        try:
            trying = await destroy_all(self._databricks, trying)
        finally:
            self._left += trying
