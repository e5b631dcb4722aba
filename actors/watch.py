"""A value that one task shows and any number of tasks look at."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Generic, TypeVar

import attrs
import trio

from ..errors import ToolkitError

S = TypeVar("S")
"""What a watch shows."""


@attrs.define(eq=False)
class Watch(Generic[S]):
    """Onlookers see the latest value, not every value, so a slow one never holds up the owner.

    The owner in turn sees whether anybody looks, and how soon they want news.
    """

    value: S
    doubt: ToolkitError | None = None
    """Why `value` may be old: what the last attempt to look again met with."""
    stirred: Callable[[], None] | None = None
    """For an owner that does not `rest` here: called when somebody comes to look, or hurries it."""
    _patiences: list[float] = attrs.field(factory=list, init=False)
    _closed_by: ToolkitError | None = attrs.field(default=None, init=False)
    _hurried: bool = attrs.field(default=False, init=False)
    _parked: trio.lowlevel.ParkingLot = attrs.field(factory=trio.lowlevel.ParkingLot, init=False)

    def show(self, value: S) -> None:
        """Let onlookers see a new value."""
        self.value, self.doubt = value, None
        self._parked.unpark_all()

    def renew(self, value: S) -> None:
        """Have a newer value that says the same: nobody is woken for it."""
        self.value, self.doubt = value, None

    def close(self, error: ToolkitError) -> None:
        """No value will follow; who still waits for one gets `error`.  The first close stands."""
        self._closed_by = self._closed_by or error
        self._parked.unpark_all()

    async def wait_until(self, accepts: Callable[[S], bool], *, patience: float = inf) -> S:
        """The first value seen that `accepts` likes.  If cancelled, nobody is the worse for it.

        Args:
          accepts: whether this value is what is waited for.
          patience: seconds after which the owner should look again, if it would let more pass.

        Raises:
          ToolkitError: the watch was closed before there was one, and this is why.
        """
        self._patiences.append(patience)
        self._stir()
        try:
            while not accepts(self.value):
                if self._closed_by is not None:
                    raise self._closed_by.again()
                await self._parked.park()
        finally:
            self._patiences.remove(patience)
        return self.value

    @property
    def onlookers(self) -> int:
        """How many wait for a value to their liking."""
        return len(self._patiences)

    async def looked_at(self) -> None:
        """For the owner: wait until somebody looks."""
        while not self._patiences:
            await self._parked.park()

    @property
    def patience(self) -> float:
        """Seconds after which the least patient onlooker wants a look."""
        return min(self._patiences, default=inf)

    async def rest(self, until: float) -> bool:
        """For the owner: pause before looking again, or for less if an onlooker has less patience.

        Args:
          until: on trio's clock.

        Returns:
          Whether `hurry` cut it short.
        """
        began = trio.current_time()
        while not self._hurried:
            due = min(until, began + self.patience)
            if due <= trio.current_time():
                break
            with trio.move_on_at(due):
                await self._parked.park()
        return self.take_hurry()

    def hurry(self) -> None:
        """Something has happened that a look will show: let the owner look soon."""
        self._hurried = True
        self._stir()

    @property
    def hurried(self) -> bool:
        """Whether `hurry` was called, and not heeded yet."""
        return self._hurried

    def take_hurry(self) -> bool:
        """For the owner, who heeds it now: whether `hurry` was called since this last was."""
        hurried, self._hurried = self._hurried, False
        return hurried

    def _stir(self) -> None:
        self._parked.unpark_all()
        if self.stirred is not None:
            self.stirred()
