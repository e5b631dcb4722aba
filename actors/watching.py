"""Looking at what goes on elsewhere: the one polling loop, and an actor that lives by it.

A run or a statement needs an actor only while somebody looks: Databricks remembers the rest, and
the id is enough to bring the actor back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from math import inf
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakValueDictionary

import attrs
import trio

from ..errors import ActorGone, DatabricksUnreachable, TimedOut, ToolkitError
from .kernel import Actor, Address, Supervisor
from .polling import Pace, Polling
from .states import Course
from .watch import Watch

S = TypeVar("S")
"""A wire model: how a resource was seen."""

LINGER = 1.0  # seconds without onlookers; the next call of the same caller often comes at once
LOOK = 60.0  # seconds for one look with all the client's attempts; then it counts as failed


@attrs.define(eq=False)
class Following(Generic[S]):
    """One thing that is looked at time and again: what was seen of it, and when to look next.

    Nothing here waits or sends: `follow` does, or whoever looks for many at once.
    """

    watch: Watch[S | None]
    """Where each sight is shown; `doubt` has why the last look failed, where it did."""
    course: Course[S]
    until: Callable[[S], bool]
    """Whether a sight is the last one to wait for."""
    polling: Polling
    since: float = attrs.field(factory=trio.current_time, init=False)
    """When the pause began that is to end with the next look."""

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to look for."""
        return self.watch.value is not None and self.until(self.watch.value)

    @property
    def due(self) -> float:
        """When to look next, on trio's clock."""
        if self.polling.delay is None or self.watch.hurried:
            return self.since
        return self.since + min(self.polling.delay, self.watch.patience)

    def hurry(self) -> None:
        """Something was done to what is looked at: the pace begins anew."""
        self.polling = self.polling.afresh()

    def saw(self, seen: S) -> None:
        """A look saw this."""
        self.since = trio.current_time()
        self.polling = self.polling.seen()
        before = self.watch.value
        if before is not None and self.course.word(before) == self.course.word(seen):
            self.watch.renew(seen)
        elif self.course.is_news(before, seen):
            self.watch.show(seen)

    def failed(self, error: ToolkitError) -> None:
        """A look failed.

        Raises:
          ToolkitError: `error` itself, where another look would not help.
        """
        self.since = trio.current_time()
        self.polling = self.polling.failed(error, self.since)
        self.watch.doubt = error


async def follow(
    watch: Watch[S | None],
    look: Callable[[], Awaitable[S]],
    *,
    course: Course[S],
    until: Callable[[S], bool],
    pace: Pace,
    at_once: bool = False,
    linger: float = inf,
) -> None:
    """Look until what is seen is what is waited for, and show each sight in `watch`.

    Looks that fail and say nothing of the resource are made again; `watch.doubt` has the reason
    meanwhile.

    Args:
      watch: where to show it.
      look: one look.
      course: which sight may follow which.
      until: whether a sight is the last one to wait for.
      pace: how often to look.
      at_once: whether to look first and then pause.
      linger: seconds without onlookers after which to stop looking.

    Raises:
      ToolkitError: a look failed, and another would not help.
    """
    polling = Polling(pace) if at_once else Polling(pace).afresh()
    following = Following(watch, course, until, polling)
    while not following.is_over:
        delay = following.polling.delay
        if delay is not None and await watch.rest(following.since + delay):
            following.hurry()
        if linger < inf and not await looked_at_within(watch, linger):
            return
        try:
            seen = await _look(look)
        except ToolkitError as error:
            following.failed(error)
        else:
            following.saw(seen)


async def looked_at_within(watch: Watch[Any], linger: float) -> bool:
    """Whether somebody looks, or comes to look within so many seconds."""
    if not watch.onlookers:
        with trio.move_on_after(linger):
            await watch.looked_at()
    return watch.onlookers > 0


async def _look(look: Callable[[], Awaitable[S]]) -> S:
    with trio.move_on_after(LOOK):
        return await look()
    raise no_answer()


def no_answer() -> DatabricksUnreachable:
    """What a look that took longer than `LOOK` has failed with."""
    return DatabricksUnreachable(f"No answer within {LOOK:g} s")


class Watching(Actor[S | None], Generic[S]):
    """Watches one thing that it does not own, until that is over or nobody looks any more."""

    course: ClassVar[Course[Any]]
    pace: ClassVar[Pace]

    def __init__(self, name: str, seen: S | None = None) -> None:
        self.name = name
        self.state = Watch(seen)

    async def look(self) -> S:
        """See how it is now."""
        raise NotImplementedError

    async def live(self) -> None:
        """Look while somebody waits, and it goes on."""
        await follow(
            self.state,
            self.look,
            course=self.course,
            until=self.course.is_over,
            pace=self.pace,
            at_once=True,
            linger=LINGER,
        )


@attrs.define(eq=False)
class Roster:
    """The watching actors of one session, by what they watch: one each."""

    supervisor: Supervisor
    _addresses: WeakValueDictionary[Hashable, Address[Any]] = attrs.field(
        factory=WeakValueDictionary, init=False
    )

    def find(self, key: Hashable) -> Address[Any] | None:
        """The living actor of this key."""
        address = self._addresses.get(key)
        return None if address is None or address.farewell is not None else address

    def attend(self, key: Hashable, make: Callable[[], Actor[S]]) -> Address[S]:
        """The living actor of this key, started now if there is none."""
        address = self.find(key)
        if address is None:
            address = self._addresses[key] = self.supervisor.start(make())
        return address


class Watched(Generic[S]):
    """A handle of something watched.  Waiting is not owning: it goes on when nobody waits.

    Attributes:
      last: how it was when last seen; None before the first look.
      doubt: why `last` may be old: what the last look met with.
    """

    course: ClassVar[Course[Any]]

    def __init__(
        self, name: str, roster: Roster, make: Callable[[], Watching[S]], last: S | None = None
    ) -> None:
        self._name, self._roster, self._make = name, roster, make
        self.last = last
        self.doubt: ToolkitError | None = None

    @property
    def state(self) -> str:
        """Databricks' word for how it was when last seen; empty before the first look."""
        address = self._roster.find(self._name)  # who may know more while somebody waits
        seen = (address.state.value if address else None) or self.last
        return "" if seen is None else self.course.word(seen)

    @property
    def is_over(self) -> bool:
        """Whether it had ended when last seen, so that nothing more will change."""
        return self.last is not None and self.course.is_over(self.last)

    def __repr__(self) -> str:
        return f"<{self._name}, {self.state or 'not looked at yet'}>"

    async def wait(self, timeout: float | None = None, *, poll_interval: float | None = None) -> S:
        """Wait until it is over, and return how it was last seen: at the limit, still going on.

        However it ended, that is returned and not raised.  If cancelled, only the waiting ends.

        Args:
          timeout: seconds to wait at most; None for as long as it takes.
          poll_interval: seconds between two looks at most; None leaves it to the usual pace, which
            begins with a fraction of a second and ends with several.

        Raises:
          NotFound: there is no such thing, or not any more.
          DatabricksUnreachable: nothing was seen within the limit.
          DatabricksError: nothing was seen for 15 minutes, and this is why.
        """
        with trio.move_on_after(inf if timeout is None else timeout):
            while not self.is_over:
                await self._watch(inf if poll_interval is None else poll_interval)
        if self.last is None:
            why = f": {self.doubt.message}" if self.doubt else ""
            raise DatabricksUnreachable(f"Nothing was heard of {self._name} in time{why}")
        return self.last

    async def _watch(self, patience: float) -> None:
        await trio.lowlevel.checkpoint_if_cancelled()  # before somebody is set to look
        address = self._roster.attend(self._name, self._make)
        try:
            await address.state.wait_until(
                lambda seen: seen is not None and self.course.is_over(seen), patience=patience
            )
        except ActorGone:
            # Nobody had looked for a while, and it stopped at the very moment we came.
            if type(address.farewell) is not ActorGone or address.dismissed:
                raise
        finally:
            self.last = address.state.value or self.last
            self.doubt = address.state.doubt

    def _timed_out(self, timeout: float | None) -> TimedOut:
        wire: Mapping[str, Any] = getattr(self.last, "wire", {})
        return TimedOut(
            f"{self._name} is {self.state} after {timeout:g} s, and goes on",
            outcome=wire,
            advice="Wait for it again, from anywhere: its id is enough.",
        )

    def _changed(self) -> None:
        """Something was done to it: whoever watches it may look soon."""
        if (address := self._roster.find(self._name)) is not None:
            address.state.hurry()
