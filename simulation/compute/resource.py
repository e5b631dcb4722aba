"""What a cluster and a warehouse have in common: they come and go in time, and idle.

Rules:

* A state changes at once when a call asks for it, so that the very next GET shows the change; what
  takes time is the way out of the state so entered (`later`).
* A newer change makes older pending ones void: they carry the number of the change they belong to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

import trio

from ..world import World

State = TypeVar("State", bound=StrEnum)


class Resource(ABC, Generic[State]):
    """Compute with a state, a clock, and work on it.

    Attributes:
      kind, key: under which it is kept.
      state: where it is now.
      changed: set when the state changes; each change has its own event.
      at_work: how many hold it busy.
      idle_since: when it last was at work, or came up, in seconds since the workspace started.
    """

    kind: ClassVar[str]

    def __init__(self, world: World, key: str, state: State) -> None:
        self._world = world
        self.key = key
        self.state = state
        self.changed = trio.Event()
        self.at_work = 0
        self.idle_since = 0.0
        self._change = 0
        self._watch = 0
        self._is_let_go = False

    def enter(self, state: State) -> None:
        """Is in `state` from now on; what was to come of the one before does not."""
        self.state = state
        self._change += 1
        self.changed.set()
        self.changed = trio.Event()
        self.keep()

    def keep(self) -> None:
        """Has it kept for the next start, unless it was let go."""
        if not self._is_let_go:
            self._world.keep(self.kind, self.key, self.record)

    def let_go(self) -> None:
        """Is of no more interest: the next start will not know it."""
        self._is_let_go = True
        self._world.forget(self.kind, self.key)

    @abstractmethod
    def record(self) -> dict[str, Any]:
        """What it is kept as."""

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Calls `action` in so many seconds, if the state has not changed by then."""
        self._world.nursery.start_soon(self._after, self._change, seconds, action)

    async def _after(self, change: int, seconds: float, action: Callable[[], None]) -> None:
        await trio.sleep(seconds)
        if self._change == change:
            action()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keeps it from ending by itself while the block runs."""
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1
            self.idle_since = self._world.now()

    def when_idle(self, minutes: int, action: Callable[[], None]) -> None:
        """Calls `action` once it has idled for so long in this state; 0 is never.

        A later call takes the place of an earlier one.
        """
        self._watch += 1
        if minutes > 0:
            self._world.nursery.start_soon(
                self._end_when_idle, self._change, self._watch, minutes * 60.0, action
            )

    async def _end_when_idle(
        self, change: int, watch: int, limit: float, action: Callable[[], None]
    ) -> None:
        while (self._change, self._watch) == (change, watch):
            now = self._world.now()
            due = (now if self.at_work else self.idle_since) + limit
            if due <= now:
                action()
                return
            await trio.sleep(due - now)
