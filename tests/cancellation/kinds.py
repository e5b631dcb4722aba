"""The stages of a call, what the remote side may see of a cancel, and what a call is like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum, unique
from typing import Any

import attrs

from .place import Place


@unique
class Stage(Enum):
    """How far a call has come when its caller is cancelled."""

    BEFORE = "before it is sent"
    IN_FLIGHT = "in flight"
    CREATED = "created"
    RUNNING = "running"
    CLEANING_UP = "cleaning up"


@unique
class Seen(Enum):
    """What the remote side sees of a cancel, and the test that shows it."""

    NOTHING = "nothing is sent", "test_cancelled_before_it_is_sent_nothing_is_sent"
    ALL_THE_SAME = "it has its effect, once", "test_cancelled_beforehand_it_has_its_effect_once"
    HANG_UP = "the connection is closed", "test_cancelled_in_flight_it_hangs_up"
    ONE_WRITE = (
        "the connection is closed; it may have its effect, once",
        "test_cancelled_in_flight_it_hangs_up",
    )
    EFFECT = "it has its effect, once", "test_cancelled_in_flight_it_has_its_effect_once"
    LOOKED = (
        "the look that is under way is finished",
        "test_cancelled_in_flight_it_has_its_effect_once",
    )
    STARTED = (
        "it is started, once, and goes on; its id is in the log",
        "test_cancelled_in_flight_it_is_started_once_and_goes_on",
    )
    STOPPED = "its id is waited for, and it is ended", "test_cancelled_in_flight_it_is_ended"
    GOES_ON = "it goes on", "test_cancelled_meanwhile_it_goes_on"
    ENDED = "it is ended", "test_cancelled_meanwhile_it_is_ended"
    BOUNDED = "at most {bound:g} s are taken for it", "test_cleaning_up_takes_a_bounded_time"
    RETURNED = "has returned", ""
    NO_WORK = "starts no work", ""
    NONE = "leaves nothing to clean up", ""

    def __init__(self, told: str, test: str) -> None:
        self.told, self.test = told, test


@attrs.frozen
class Kind:
    """What calls of one kind have in common: what is seen at each stage."""

    in_flight: Seen
    created: Seen
    running: Seen
    cleaning_up: Seen = Seen.NONE
    before: Seen = Seen.NOTHING

    def seen(self, stage: Stage) -> Seen:
        match stage:
            case Stage.BEFORE:
                return self.before
            case Stage.IN_FLIGHT:
                return self.in_flight
            case Stage.CREATED:
                return self.created
            case Stage.RUNNING:
                return self.running
            case Stage.CLEANING_UP:
                return self.cleaning_up


READ = Kind(Seen.HANG_UP, Seen.NO_WORK, Seen.NO_WORK)
WRITE = Kind(Seen.ONE_WRITE, Seen.NO_WORK, Seen.NO_WORK)
BY_ACTOR = Kind(Seen.EFFECT, Seen.NO_WORK, Seen.NO_WORK)
CLOSE = Kind(Seen.EFFECT, Seen.NO_WORK, Seen.NO_WORK, before=Seen.ALL_THE_SAME)
START = Kind(Seen.STARTED, Seen.RETURNED, Seen.RETURNED)
START_AND_WAIT = Kind(Seen.STARTED, Seen.GOES_ON, Seen.GOES_ON)
RAW_START = Kind(Seen.ONE_WRITE, Seen.RETURNED, Seen.RETURNED)
LOOK_BY_ACTOR = Kind(Seen.LOOKED, Seen.NO_WORK, Seen.NO_WORK)
WAIT = Kind(Seen.LOOKED, Seen.GOES_ON, Seen.GOES_ON)
OPEN = Kind(Seen.STOPPED, Seen.ENDED, Seen.RETURNED, Seen.BOUNDED)
OWN = Kind(Seen.STOPPED, Seen.ENDED, Seen.ENDED, Seen.BOUNDED)


@attrs.frozen
class Case:
    """One call.

    Attributes:
      name: a tool's, or `Class.method`.
      kind: what is seen.
      request: the request by which it does what it does.
      call: makes it, at a place; for a tool its arguments.
      needs: what must be there before, of `Place`'s preparations.
      bound: seconds that its cleaning up takes at most, on a network that is silent.
      cleans_by: the request that cleans up.
      group: calls of one group share a row of the document.
    """

    name: str
    kind: Kind
    request: str
    call: Callable[[Place], Awaitable[object]] | Callable[[Place], Mapping[str, Any]]
    needs: str = ""
    bound: float = 0.0
    cleans_by: str = ""
    group: str = ""

    @property
    def is_tool(self) -> bool:
        return "." not in self.name
