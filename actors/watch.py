"""A value that one task shows and any number of tasks look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs
import trio

from ..errors import ToolkitError

S = TypeVar("S")
"""What a watch shows."""


@attrs.define(eq=False)
class Watch(Generic[S]):
    """Onlookers see the latest value, not every value, so a slow one never holds up the owner."""

    value: S
    doubt: ToolkitError | None = None
    """Why `value` may be old: what the last attempt to look again met with."""
    onlookers: int = attrs.field(default=0, init=False)
    """How many tasks wait for a value to their liking."""
    _closed_by: ToolkitError | None = attrs.field(default=None, init=False)
    _parked: trio.lowlevel.ParkingLot = attrs.field(factory=trio.lowlevel.ParkingLot, init=False)

    def show(self, value: S) -> None:
        """Let onlookers see a new value."""
        self.value, self.doubt = value, None
        self._parked.unpark_all()

    def close(self, error: ToolkitError) -> None:
        """No value will follow; who still waits for one gets `error`.  The first close stands."""
        self._closed_by = self._closed_by or error
        self._parked.unpark_all()

    async def wait_until(self, accepts: Callable[[S], bool]) -> S:
        """The first value seen that `accepts` likes.  If cancelled, nobody notices.

        Raises:
          ToolkitError: the watch was closed before there was one, and this is why.
        """
        self.onlookers += 1
        self._parked.unpark_all()
        try:
            while not accepts(self.value):
                if self._closed_by is not None:
                    raise self._closed_by
                await self._parked.park()
        finally:
            self.onlookers -= 1
        return self.value

    async def looked_at(self) -> None:
        """Wait until somebody looks."""
        while not self.onlookers:
            await self._parked.park()
