"""What a seed makes of a day: its weather, its servers, its people and its mishaps."""

from __future__ import annotations

import random
from enum import Enum

import attrs

from .diary import Mark
from .network import Fault, Outage, Weather

HOUR = 3600.0


class End(Enum):
    """How one life of the server ends."""

    KILLED = "killed"
    LEFT = "left by its host"
    CANCELLED = "cancelled"
    FAILED = "an error in its block"


class Front(Enum):
    """Through which door people come."""

    MCP = "MCP"
    LIBRARY = "library"


class Mishap(Enum):
    """What happens to the workspace itself."""

    RESTART = "the cluster restarts"
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
    """

    mark: Mark
    limit: float
    calls: int
    cancel: bool
    pause: float


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
    """

    name: str
    part: Part
    begins: float
    vanishes: float | None
    tidy: bool
    errands: tuple[Errand, ...]


@attrs.frozen
class Life:
    """One life of the server, from `begins` for `lasts` seconds of the day."""

    front: Front
    begins: float
    lasts: float
    end: End
    people: tuple[Person, ...]


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
    """

    seed: int
    weather: Weather
    lives: tuple[Life, ...]
    mishaps: tuple[tuple[float, Mishap], ...]
    neighbour: bool
    victim: str


def plan(seed: int) -> Day:
    """The day that `seed` makes."""
    dice = random.Random(f"day {seed}")
    lives, begins = [], 0.0
    for number in range(dice.choice((1, 1, 2, 2, 3))):
        life = _life(dice, begins, f"{number}")
        lives.append(life)
        begins += life.lasts + dice.choice((0.0, 1.0, 30.0, 900.0))
    length = begins
    people = [person for life in lives for person in life.people]
    victim = dice.choice(people).name if dice.random() < 0.25 else ""
    mishaps = () if victim else tuple(_mishaps(dice, length))
    return Day(
        seed,
        _weather(dice, seed, length, victim),
        tuple(lives),
        mishaps,
        neighbour=dice.random() < 0.3,
        victim=victim,
    )


def _weather(dice: random.Random, seed: int, length: float, victim: str) -> Weather:
    outages = []
    for _ in range(dice.choice((0, 0, 0, 1, 2))):
        begins = dice.uniform(0, length)
        fault = dice.choice(
            (Fault.REFUSED, Fault.SILENT, Fault.LOST_ANSWERING, Fault.THROTTLED, Fault.UNAVAILABLE)
        )
        outages.append(Outage(begins, begins + dice.choice((5.0, 40.0, 200.0, 1500.0)), fault))
    if dice.random() < 0.1:
        begins = dice.uniform(0, length)
        outages.append(Outage(begins, begins + dice.uniform(10, 600), Fault.EXPIRED))
    return Weather(
        seed,
        chance=dice.choice((0.0, 0.0, 0.01, 0.05, 0.15)),
        creating=dice.choice((0.0, 0.1, 0.3, 0.5)),
        outages=tuple(outages),
        victim=victim,
    )


def _life(dice: random.Random, begins: float, name: str) -> Life:
    lasts = dice.choice((dice.uniform(1, 60), dice.uniform(60, 600), dice.uniform(600, 2400)))
    return Life(
        dice.choice(tuple(Front)),
        begins,
        lasts,
        dice.choice((End.KILLED, End.KILLED, End.LEFT, End.CANCELLED, End.FAILED)),
        tuple(_person(dice, f"p{name}{letter}", lasts) for letter in "abcde"[: dice.randint(1, 5)]),
    )


def _person(dice: random.Random, name: str, lasts: float) -> Person:
    part = dice.choice(tuple(Part))
    return Person(
        name,
        part,
        begins=dice.uniform(0, lasts / 2),
        vanishes=dice.uniform(0, lasts) if dice.random() < 0.3 else None,
        tidy=dice.random() < 0.5,
        errands=tuple(_errand(dice, f"{name}-{n}", part) for n in range(dice.randint(1, 4))),
    )


def _errand(dice: random.Random, name: str, part: Part) -> Errand:
    takes = dice.choice((0.0, dice.uniform(0, 1), dice.uniform(1, 60), dice.uniform(60, 1200)))
    ends = dice.choice(("well", "well", "well", "badly", "table", "lost"))
    if part not in (Part.TALK, Part.TALK_ONCE) and ends not in ("well", "badly"):
        ends = "well"
    return Errand(
        Mark(name, round(takes, 3), ends, dice.choice((0, 1, 7, 300))),
        limit=dice.choice((0.5, 5.0, 30.0, 300.0)),
        calls=dice.randint(1, 6),
        cancel=dice.random() < 0.3,
        pause=dice.choice((0.0, dice.uniform(0, 5), dice.uniform(5, 60))),
    )


def _mishaps(dice: random.Random, length: float) -> list[tuple[float, Mishap]]:
    number = dice.choice((0, 0, 0, 1, 1, 2))
    return sorted(
        ((dice.uniform(0, length), dice.choice(tuple(Mishap))) for _ in range(number)),
        key=lambda each: each[0],
    )
