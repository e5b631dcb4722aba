"""The actor kernel.  It knows no Databricks.

An actor is one task that has one remote resource.  It takes hold of it in `begin`, answers
requests one at a time in `handle`, does what else is to be done over time (polling, above all)
in `live`, and lets go of it in `end`.  Others hold its `Address`: they `ask`, and they look at
its `state`.

Four promises, which `tests/actors/test_kernel.py` tests by name:

1. A caller that is cancelled stops waiting; the resource does not notice unless told to stop.
2. No caller waits for ever: when an actor ends, everyone it has not answered gets the error that
   ended it, `ActorCrashed` with the bug as its cause, or plain `ActorGone`.
3. A bug in one actor ends that actor and no other.  It is logged, never silent.
4. `end` runs exactly once for each `begin`, also under cancellation: shielded, and bounded by
   a grace time.

Three rules for whoever writes an actor:

* Ask down the tree only.  Two actors that ask each other wait for ever.
* Wrap the one request that creates something remote in `see_through`, or a cancel loses its id.
* Decide synchronously, then do.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from math import inf
from typing import Any, ClassVar, Generic, TypeVar

import attrs
import outcome
import trio

from ..clients.scrubbing import Scrubber
from ..errors import ActorCrashed, ActorGone, ToolkitError
from .shield import ungrouped
from .watch import Watch

logger = logging.getLogger(__name__)

R = TypeVar("R")
"""What a message is answered with."""
S = TypeVar("S")
"""What an actor shows of its resource."""


class Message(Generic[R]):
    """Something to ask of an actor, and `R` its answer: a frozen attrs class, an imperative."""


@attrs.define(eq=False)
class Request(Generic[R]):
    """A message on its way to an actor, and the answer on its way back."""

    message: Message[R]
    abandoned: bool = False
    """True once the caller was cancelled: nobody will read the answer."""
    _answer: outcome.Outcome[R] | None = attrs.field(default=None, init=False)
    _answered: trio.Event = attrs.field(factory=trio.Event, init=False)

    def answer(self, value: R) -> None:
        """Answer the caller.  The first answer stands."""
        self._settle(outcome.Value(value))

    def fail(self, error: Exception) -> None:
        """Raise `error` where the caller waits; a bug, where it concerns that caller alone."""
        self._settle(outcome.Error(error))

    def _settle(self, answer: outcome.Outcome[R]) -> None:
        if self._answer is None:
            self._answer = answer
            self._answered.set()

    @property
    def is_answered(self) -> bool:
        """Whether the answer has been given."""
        return self._answer is not None

    async def answered(self) -> R:
        """Wait for the answer; one that has been given is returned without a checkpoint."""
        if not self.is_answered:
            await self._answered.wait()
        assert self._answer is not None
        return self._answer.unwrap()


class Actor(Generic[S]):
    """One task that has one remote resource.  Subclasses override the four async methods."""

    mailbox_size: ClassVar[int] = 16
    """Requests that may lie unread; more callers must wait, so that overload grows no memory."""
    grace: float = 3.0
    """Seconds that `end` may take, counted from when the actor was told to end."""

    name: str
    """What it is called in logs and errors: "run 42"."""
    state: Watch[S]
    """What it shows of its resource."""
    tasks: trio.Nursery
    """For `handle` and `live`: tasks that end with the actor, and whose errors end it."""
    farewell: ToolkitError | None = None
    """Once it answers no more: what its callers get, and its `end` may tell others."""

    async def begin(self) -> None:
        """Take hold of the resource.  What it raises ends the actor."""

    async def handle(self, request: Request[Any]) -> None:
        """Answer `request`, now or later.  A `ToolkitError` raised here is its answer."""
        raise NotImplementedError(f"{self.name} does not understand {request.message!r}")

    async def live(self) -> None:
        """What there is to do besides answering.  When it returns or raises, the actor ends."""
        await trio.sleep_forever()

    async def end(self) -> None:
        """Let go of the resource, as far as `begin` got with it."""


@attrs.define(eq=False, repr=False)
class Address(Generic[S]):
    """What the rest of the program holds of an actor."""

    _actor: Actor[S]
    _mailbox: trio.MemorySendChannel[Request[Any]]
    _unanswered: set[Request[Any]] = attrs.field(factory=set, init=False)
    _life: trio.CancelScope = attrs.field(factory=lambda: trio.CancelScope(shield=True), init=False)
    _told_to_end: float = attrs.field(default=inf, init=False)
    _begun: trio.Event = attrs.field(factory=trio.Event, init=False)
    _stillborn: bool = attrs.field(default=False, init=False)
    ended: trio.Event = attrs.field(factory=trio.Event, init=False)
    """Set when the actor has let go of its resource."""

    @property
    def state(self) -> Watch[S]:
        """What the actor shows of its resource, or last showed."""
        return self._actor.state

    @property
    def farewell(self) -> ToolkitError | None:
        """Once the actor answers no more: what whoever asks gets."""
        return self._actor.farewell

    @property
    def dismissed(self) -> bool:
        """Whether the actor was told to end."""
        return self._told_to_end < inf

    def __repr__(self) -> str:
        if self.farewell is not None:
            standing = "ended" if self.ended.is_set() else "ending"
        else:
            standing = "alive" if self._begun.is_set() else "beginning"
        return f"<{self._actor.name}, {standing}, {len(self._unanswered)} to answer>"

    async def begun(self) -> None:
        """Wait until `begin` is through.  If cancelled, the actor goes on.

        Raises:
          ToolkitError: `begin` did not get through, and this is why.
        """
        await self._begun.wait()
        if self._stillborn:
            assert self.farewell is not None
            raise self.farewell.again()

    async def ask(self, message: Message[R]) -> R:
        """Send `message` and wait for its answer.

        A cancel ends the waiting and does not undo the message: to stop what it set going, send
        the message that says so.  An answer that comes at the very moment of the cancel is returned
        (whoever asked raises the cancel at its next checkpoint), so that no answer is lost between
        an actor that has given it and a caller that has gone.

        Raises:
          ToolkitError: this is the answer, or why the actor has ended without one.
        """
        request = Request(message)
        self._unanswered.add(request)
        try:
            await self._mailbox.send(request)
            return await request.answered()
        except trio.BrokenResourceError:
            assert self.farewell is not None
            raise self.farewell.again() from None
        except trio.Cancelled:
            if request.is_answered:
                return await request.answered()
            request.abandoned = True
            raise
        finally:
            self._unanswered.discard(request)

    def dismiss(self) -> None:
        """Tell the actor to end, and do not wait for it."""
        self._told_to_end = min(self._told_to_end, trio.current_time())
        self._life.cancel()

    async def stop(self) -> None:
        """Tell the actor to end, and wait until it has.  If cancelled, it ends all the same."""
        self.dismiss()
        await self.ended.wait()

    async def _live(self, mailbox: trio.MemoryReceiveChannel[Request[Any]]) -> None:
        """The whole life of the actor."""
        actor = self._actor
        farewell: ToolkitError | None = None
        try:
            with self._life:
                await actor.begin()
                self._begun.set()
                async with trio.open_nursery() as actor.tasks:
                    actor.tasks.start_soon(self._serve, mailbox)
                    await actor.live()
                    actor.tasks.cancel_scope.cancel()
        except Exception as error:
            farewell = _what_ended(actor, error)
        finally:
            self._part(
                farewell or ActorGone(f"{actor.name} has ended"), mailbox
            )  # before `end`, which may take its whole grace
            await self._let_go()
            self.ended.set()

    async def _serve(self, mailbox: trio.MemoryReceiveChannel[Request[Any]]) -> None:
        async for request in mailbox:
            try:
                await self._actor.handle(request)
            except ToolkitError as error:
                request.fail(error)

    def _part(
        self, farewell: ToolkitError, mailbox: trio.MemoryReceiveChannel[Request[Any]]
    ) -> None:
        """Leave nobody waiting."""
        farewell.__traceback__ = farewell.__context__ = None  # it stays, and their frames need not
        self._actor.farewell = farewell
        self._stillborn = not self._begun.is_set()
        self._begun.set()
        mailbox.close()
        self.state.close(farewell)
        for request in self._unanswered:
            request.fail(farewell.again())

    async def _let_go(self) -> None:
        actor = self._actor
        deadline = min(self._told_to_end, trio.current_time()) + actor.grace
        with trio.move_on_at(deadline, shield=True) as patience:
            try:
                await actor.end()
            except Exception as bug:
                log_bug(f"{actor.name} did not let go of its resource", bug)
        if patience.cancelled_caught:
            logger.error("%s did not let go of its resource in %g s", actor.name, actor.grace)


def _what_ended(actor: Actor[Any], error: Exception) -> ToolkitError:
    """What to tell the callers of an actor that `error` has ended."""
    leaves = _leaves(error)
    for leaf in leaves:
        if not isinstance(leaf, ToolkitError):
            log_bug(f"{actor.name} has crashed", error)
            crash = ActorCrashed(f"{actor.name} has ended because of a bug")
            crash.__cause__ = leaf
            return crash
    assert isinstance(leaves[0], ToolkitError)
    return leaves[0]


def log_bug(what: str, bug: Exception) -> None:
    """Log a bug with its traceback, whose foreign texts may hold secrets."""
    trace = "".join(traceback.format_exception(bug))
    logger.error("%s\n%s", what, Scrubber().clean(trace))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


@attrs.define(eq=False)
class Supervisor:
    """Starts actors, and keeps their bugs from one another."""

    _nursery: trio.Nursery
    living: set[Address[Any]] = attrs.field(factory=set, init=False)
    """The actors that have not ended yet."""
    _closed: bool = attrs.field(default=False, init=False)

    def start(self, actor: Actor[S]) -> Address[S]:
        """Start `actor`.  `await address.begun()` tells how its `begin` went.

        Raises:
          ActorGone: the supervisor's block has been left.
        """
        if self._closed:
            raise ActorGone(
                f"{actor.name} cannot start: its owner has ended",
                advice="The block that the toolkit or session was opened in has been left.",
            )
        send, mailbox = trio.open_memory_channel[Request[Any]](actor.mailbox_size)
        address = Address(actor, send)
        self.living.add(address)
        self._nursery.start_soon(self._supervise, address, mailbox, name=actor.name)
        return address

    async def _supervise(
        self, address: Address[S], mailbox: trio.MemoryReceiveChannel[Request[Any]]
    ) -> None:
        try:
            await address._live(mailbox)
        finally:
            self.living.discard(address)

    def dismiss(self) -> None:
        """Start no more actors, and tell all of them to end, at once."""
        self._closed = True
        for address in self.living:
            address.dismiss()


@asynccontextmanager
async def open_supervisor() -> AsyncGenerator[Supervisor, None]:
    """A supervisor whose actors have all ended when the block has been left.

    They live until the block is left, however that comes about: a cancel from outside reaches the
    block, and the actors through it.  An error raised in the block comes out as it is, in no
    exception group: actors raise nothing, so there is nothing to group it with.
    """
    raised: BaseException | None = None
    with ungrouped():
        async with trio.open_nursery() as nursery:
            supervisor = Supervisor(nursery)
            try:
                yield supervisor
            except trio.Cancelled:
                raise
            except BaseException as error:
                raised = error
            finally:
                supervisor.dismiss()
    if raised is not None:
        raise raised
