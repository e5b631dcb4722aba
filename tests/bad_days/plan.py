"""What a seed makes of a day: its weather, its servers, its people and its mishaps."""

from __future__ import annotations

import random
from enum import Enum

import attrs

from .diary import Mark
from .faults import Fault
from .network import Outage, Weather

HOUR = 3600.0


class End(Enum):
    """How one life of the server ends."""

    KILLED = "killed"
    LEFT = "left by its host"
    CANCELLED = "cancelled"
    FAILED = "an error in its block"


class Front(Enum):
    """Through which door people come."""

    HANDSHAKE = "MCP with a handshake"
    PER_REQUEST = "MCP with all in each request"
    LIBRARY = "library"


class Mishap(Enum):
    """What happens to the workspace itself."""

    RESTART = "the cluster restarts"
    DRIVER = "the driver restarts"
    TERMINATE = "the cluster is terminated"
    EVICTION = "the oldest context is evicted"
    WAREHOUSE = "the warehouse stops"


class Part(Enum):
    """What a person is there to do."""

    TALK = "commands in a context"
    TALK_ONCE = "one command in a context of its own"
    ASK = "SQL statements"
    RUN = "job runs"
    RUN_TWICE = "the same run, asked for again and again"
    LOOK = "listings"


@attrs.frozen
class Errand:
    """What one piece of work is to be, and how long its caller bears to wait.

    Attributes:
      mark: the work.
      limit: seconds that one call may wait.
      calls: how often the caller asks again whether it is done.
      cancel: whether it is then told to stop, if it still goes on.
      pause: seconds before the errand.
      job: whether a run is one of the job that stands there, and no one-time run.
      watched: whether its caller asks to be told how it goes on.
    """

    mark: Mark
    limit: float
    calls: int
    cancel: bool
    pause: float
    job: bool
    watched: bool


@attrs.frozen
class Person:
    """Somebody who uses the server.

    Attributes:
      name: unique in the day.
      part: what it does.
      begins: seconds after the server's start.
      vanishes: seconds after which it is gone, in the middle of whatever it does; None if it stays.
      tidy: whether it destroys its contexts itself.
      errands: its work.
      token: what its idempotency tokens begin with, if it gives any; somebody in a later life of
        the server may ask for the same work with the same tokens.
    """

    name: str
    part: Part
    begins: float
    vanishes: float | None
    tidy: bool
    errands: tuple[Errand, ...]
    token: str = ""


@attrs.frozen
class Life:
    """One life of a server, from `begins` for `lasts` seconds of the day.

    `abroad`: on the other workspace, with the same journal.
    """

    front: Front
    begins: float
    lasts: float
    end: End
    people: tuple[Person, ...]
    abroad: bool = False


@attrs.frozen
class Day:
    """A whole day.

    Attributes:
      seed: makes all of it.
      weather: of the network.
      lives: of the server, one after the other on one journal.
      mishaps: with the second of the day at which each happens.
      neighbour: whether another server of this machine lives all day, and may not be touched.
      victim: the name of the only person whose requests meet with faults; empty if all do.
      refreshes: whether the login can be refreshed when Databricks takes it for expired.
      token_life: seconds that a token got by OAuth lasts; zero where the login is a token itself.
    """

    seed: int
    weather: Weather
    lives: tuple[Life, ...]
    mishaps: tuple[tuple[float, Mishap], ...]
    neighbour: bool
    victim: str
    refreshes: bool
    token_life: float = 0.0

    @property
    def abroad(self) -> bool:
        """Whether there is a second workspace."""
        return any(life.abroad for life in self.lives)


def plan(seed: int) -> Day:
    """The day that `seed` makes."""
    dice = random.Random(f"day {seed}")
    lives: list[Life] = []
    begins = 0.0
    abroad = dice.random() < 0.15
    night = dice.random() < 0.04
    for number in range(1 if night else dice.choice((1, 1, 2, 2, 3))):
        life = _life(dice, begins, f"{number}", night=night)
        if abroad:
            life = attrs.evolve(life, abroad=dice.random() < 0.5)
        lives.append(attrs.evolve(life, people=life.people + _again(dice, lives, life)))
        begins += life.lasts + dice.choice((0.0, 1.0, 30.0, 900.0))
    length = begins
    people = [person for life in lives for person in life.people]
    victim = ""
    if dice.random() < 0.25:
        chosen = dice.choice(people)
        victim = chosen.name
        lives = [_in_company(dice, life, chosen, night) for life in lives]
    mishaps = () if victim else tuple(_mishaps(dice, length))
    return Day(
        seed,
        _weather(dice, seed, length, victim),
        tuple(lives),
        mishaps,
        neighbour=dice.random() < 0.3,
        victim=victim,
        refreshes=dice.random() < 0.5,
        token_life=dice.choice((0.0,) * 9 + (90.0, 600.0, 3600.0)),
    )


def _in_company(dice: random.Random, life: Life, victim: Person, night: bool) -> Life:
    """Some of those beside the victim do the same as it, and may be harmed the sooner."""

    def joined(person: Person) -> Person:
        if person is victim or person.token or victim.token or dice.random() < 0.5:
            return person
        return _person(dice, person.name, life.lasts, night, victim.part)

    return attrs.evolve(life, people=tuple(joined(person) for person in life.people))


def _again(dice: random.Random, before: list[Life], life: Life) -> tuple[Person, ...]:
    """Those who ask a later server for the runs that an earlier one was asked for."""
    earlier = [
        person
        for past in before
        if past.abroad == life.abroad
        for person in past.people
        if person.token
    ]
    return tuple(
        attrs.evolve(
            person,
            name=f"{person.name}again",
            begins=dice.uniform(0, life.lasts / 2),
            vanishes=None,
        )
        for person in earlier
        if dice.random() < 0.7 and not person.name.endswith("again")
    )


def _weather(dice: random.Random, seed: int, length: float, victim: str) -> Weather:
    outages = []
    for _ in range(dice.choice((0, 0, 0, 1, 2))):
        begins = dice.uniform(0, length)
        fault = dice.choice(
            (
                Fault.REFUSED,
                Fault.SILENT,
                Fault.HUNG,
                Fault.LOST_ANSWERING,
                Fault.THROTTLED,
                Fault.UNAVAILABLE,
            )
        )
        outages.append(Outage(begins, begins + dice.choice((5.0, 40.0, 200.0, 1500.0)), fault))
    if dice.random() < 0.1:
        begins = dice.uniform(0, length)
        expired = dice.choice((Fault.EXPIRED, Fault.STALE_LOGIN))
        outages.append(Outage(begins, begins + dice.uniform(10, 600), expired))
    return Weather(
        seed,
        chance=dice.choice((0.05, 0.15) if victim else (0.0, 0.0, 0.01, 0.05, 0.15)),
        creating=dice.choice((0.0, 0.1, 0.3, 0.5)),
        outages=tuple(outages),
        victim=victim,
    )


def _life(dice: random.Random, begins: float, name: str, *, night: bool) -> Life:
    lasts = dice.choice((dice.uniform(1, 60), dice.uniform(60, 600), dice.uniform(600, 2400)))
    if night:
        lasts = dice.uniform(8 * HOUR, 14 * HOUR)
    number = 2 if night else dice.randint(1, 5)
    return Life(
        dice.choice((Front.HANDSHAKE, Front.PER_REQUEST, Front.LIBRARY, Front.LIBRARY)),
        begins,
        lasts,
        dice.choice((End.KILLED, End.KILLED, End.LEFT, End.CANCELLED, End.FAILED)),
        tuple(_person(dice, f"p{name}{letter}", lasts, night) for letter in "abcde"[:number]),
    )


def _person(
    dice: random.Random, name: str, lasts: float, night: bool, part: Part | None = None
) -> Person:
    if part is None:
        by_night = (Part.TALK, Part.RUN, Part.RUN_TWICE)
        part = dice.choice(by_night if night else tuple(Part))
    return Person(
        name,
        part,
        begins=dice.uniform(0, lasts / 2),
        vanishes=dice.uniform(0, lasts) if dice.random() < 0.3 else None,
        tidy=dice.random() < 0.5,
        errands=tuple(
            _errand(dice, f"{name}-{n}", part, night)
            for n in range(dice.randint(1, 2 if night else 4))
        ),
        token=f"token-{name}" if part is Part.RUN_TWICE else "",
    )


def _errand(dice: random.Random, name: str, part: Part, night: bool) -> Errand:
    takes = dice.choice((0.0, dice.uniform(0, 1), dice.uniform(1, 60), dice.uniform(60, 1200)))
    limit = dice.choice((0.5, 5.0, 30.0, 300.0))
    if night:
        takes, limit = dice.uniform(HOUR, 10 * HOUR), dice.choice((300.0, HOUR, 4 * HOUR))
    ends = dice.choice(("well", "well", "well", "badly", "long", "table", "lost"))
    if part not in (Part.TALK, Part.TALK_ONCE) and ends in ("table", "lost"):
        ends = "well"
    return Errand(
        Mark(name, round(takes, 3), ends, dice.choice((0, 1, 7, 300))),
        limit=limit,
        calls=dice.randint(1, 6),
        cancel=dice.random() < 0.3,
        pause=dice.choice((0.0, dice.uniform(0, 5), dice.uniform(5, 60))),
        job=dice.random() < 0.4,
        watched=dice.random() < 0.3,
    )


def _mishaps(dice: random.Random, length: float) -> list[tuple[float, Mishap]]:
    number = dice.choice((0, 0, 0, 1, 1, 2))
    return sorted(
        ((dice.uniform(0, length), dice.choice(tuple(Mishap))) for _ in range(number)),
        key=lambda each: each[0],
    )
