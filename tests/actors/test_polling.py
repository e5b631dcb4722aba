"""When to look again, and when to give up."""

import pytest
from databricks_mcp_toolkit.actors import polling
from databricks_mcp_toolkit.actors.polling import OUTAGE, Pace, Polling
from databricks_mcp_toolkit.errors import (
    ActorCrashed,
    ContextLost,
    DatabricksRefused,
    DatabricksUnreachable,
    NotAllowed,
    NotFound,
    RateLimited,
)

PACES = [
    polling.COMMAND,
    polling.CONTEXT,
    polling.STATEMENT,
    polling.RUN,
    polling.CLUSTER,
]


def looks(pace: Pace, seconds: float) -> list[float]:
    """When a loop looks within `seconds`, if looks take no time."""
    at, polling_ = [], Polling(pace).afresh()
    while sum(at[-1:]) + (polling_.delay or 0) <= seconds:
        at.append(sum(at[-1:]) + (polling_.delay or 0))
        polling_ = polling_.seen()
    return at


@pytest.mark.parametrize("pace", PACES)
def test_delays_grow_up_to_a_cap_and_no_further(pace: Pace) -> None:
    delay, delays = None, []
    for _ in range(10_000):  # a day of polling overflows nothing
        delay = pace.after(delay)
        delays.append(delay)
    assert delays[0] == pace.first
    assert delays == sorted(delays)
    assert delays[-1] == pace.utmost


def test_a_command_of_50_ms_is_seen_within_100() -> None:
    assert any(0.05 <= at <= 0.1 for at in looks(polling.COMMAND, 1))


@pytest.mark.parametrize("length", [0.05, 0.5, 2, 10, 60, 600])
@pytest.mark.parametrize("pace", PACES)
def test_an_end_is_seen_a_fraction_or_a_cap_later(pace: Pace, length: float) -> None:
    seen = min(at for at in looks(pace, length + pace.utmost + 1) if at >= length)
    assert seen - length <= min(0.4 * length + pace.first, pace.usual + 0.01 * length)


@pytest.mark.parametrize(
    ("pace", "ten_minutes", "ten_hours"),
    [(polling.COMMAND, 95, 1350), (polling.RUN, 65, 750), (polling.STATEMENT, 90, 1350)],
)
def test_long_work_costs_few_looks(pace: Pace, ten_minutes: int, ten_hours: int) -> None:
    assert len(looks(pace, 600)) <= ten_minutes
    assert len(looks(pace, 36_000)) <= ten_hours


def test_something_done_to_it_makes_the_next_look_early() -> None:
    slow = Polling(polling.RUN, delay=10.0)
    assert slow.afresh().delay == polling.RUN.first


@pytest.mark.parametrize(
    "error",
    [
        DatabricksUnreachable("no network"),
        RateLimited("too many", status=429),
        DatabricksRefused("a fault of its own", status=500),
        DatabricksRefused("starting up", status=503),
    ],
)
def test_a_look_that_says_nothing_is_made_again(error: DatabricksRefused) -> None:
    after = Polling(polling.RUN, delay=1.0).failed(error, now=5.0)
    assert after.delay == pytest.approx(1.4)
    assert after.failing_since == 5.0
    assert after.seen().failing_since is None


@pytest.mark.parametrize(
    "error",
    [
        NotFound("no such run", status=400),
        NotAllowed("no such login", status=403),
        DatabricksRefused("nonsense", status=400),
        ContextLost("gone"),
    ],
)
def test_a_look_that_says_no_is_the_last(error: DatabricksRefused) -> None:
    with pytest.raises(type(error)):
        Polling(polling.RUN).failed(error, now=0.0)


def test_callers_are_told_when_nothing_is_seen_for_long() -> None:
    error = DatabricksUnreachable("no network")
    since = Polling(polling.RUN).failed(error, now=100.0)
    since.failed(error, now=100.0 + OUTAGE - 1)
    with pytest.raises(DatabricksUnreachable):
        since.failed(error, now=100.0 + OUTAGE)


def test_an_outage_counts_from_the_last_sight() -> None:
    error = DatabricksUnreachable("no network")
    since = Polling(polling.RUN).failed(error, now=0.0).seen()
    since.failed(error, now=OUTAGE + 1)


def test_a_poll_that_a_crashed_neighbour_was_to_make_is_made_again() -> None:
    Polling(polling.RUN).failed(ActorCrashed("polls of runs has ended"), now=0.0)
