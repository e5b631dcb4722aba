from __future__ import annotations

import pytest
import trio
from databricks_mcp_toolkit.clients import Governor
from databricks_mcp_toolkit.clients.endpoint import Endpoint, RetryClass
from databricks_mcp_toolkit.clients.governor import A_LITTLE, LONGEST_CLOSURE
from trio.testing import MockClock, wait_all_tasks_blocked

ANY = Endpoint("GET", "/any", RetryClass.READ)
OTHER = Endpoint("GET", "/other", RetryClass.READ)
LIMITED = Endpoint("POST", "/limited", RetryClass.ONCE, per_second=20)
CANCEL = Endpoint("POST", "/cancel", RetryClass.SAME)


async def times_of(governor: Governor, endpoint: Endpoint, count: int) -> list[float]:
    """When each of `count` requests that ask at once is let through."""
    times: list[float] = []

    async def ask() -> None:
        await governor.turn(endpoint)
        times.append(round(trio.current_time(), 6))

    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(ask)
    return times


async def test_a_burst_is_not_slowed(autojump_clock: MockClock) -> None:
    assert set(await times_of(Governor(), ANY, 500)) == {0}


async def test_after_the_burst_requests_are_spread_evenly(autojump_clock: MockClock) -> None:
    times = await times_of(Governor(per_second=10, burst=5), ANY, 15)
    assert times[:5] == [0] * 5
    assert times[5:] == pytest.approx([each / 10 for each in range(1, 11)])


async def test_no_more_than_the_sustained_rate_passes_in_an_hour(autojump_clock: MockClock) -> None:
    governor = Governor(per_second=2, burst=10)
    with trio.move_on_after(3600):
        while True:
            await governor.turn(ANY)
    assert governor.statistics().turns <= 10 + 2 * 3600


async def test_a_quiet_time_gives_back_the_burst_and_no_more(autojump_clock: MockClock) -> None:
    governor = Governor(per_second=10, burst=5)
    await times_of(governor, ANY, 5)
    await trio.sleep(1000)
    assert [each - 1000 for each in await times_of(governor, ANY, 6)] == pytest.approx(
        [0, 0, 0, 0, 0, 0.1]
    )


async def test_a_published_limit_is_kept_for_its_own_calls_only(autojump_clock: MockClock) -> None:
    governor = Governor()
    assert (await times_of(governor, LIMITED, 60))[-1] == pytest.approx(2.0)
    began = trio.current_time()
    assert set(await times_of(governor, ANY, 100)) == {began}


async def test_first_come_first_served(autojump_clock: MockClock) -> None:
    governor = Governor(per_second=10, burst=1)
    served = []

    async def ask(number: int) -> None:
        await governor.turn(ANY)
        served.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(ask, number)
            await wait_all_tasks_blocked()
    assert served == list(range(20))


async def test_who_gives_up_waiting_costs_the_others_nothing(autojump_clock: MockClock) -> None:
    governor = Governor(per_second=1, burst=1)
    await governor.turn(ANY)
    async with trio.open_nursery() as nursery:
        given_up = nursery.cancel_scope
        for _ in range(100):
            nursery.start_soon(governor.turn, ANY)
        await wait_all_tasks_blocked()
        given_up.cancel()
    assert await times_of(governor, ANY, 2) == [1, 2]


async def test_a_429_holds_its_own_kind_back_and_the_others_a_little(
    autojump_clock: MockClock,
) -> None:
    governor = Governor()
    governor.throttle(LIMITED, 10)
    assert await times_of(governor, OTHER, 2) == [A_LITTLE, A_LITTLE]
    assert await times_of(governor, LIMITED, 1) == [10]


async def test_a_429_with_an_endless_retry_after_holds_nobody_back_for_ever(
    autojump_clock: MockClock,
) -> None:
    governor = Governor()
    governor.throttle(LIMITED, 10_000)
    assert await times_of(governor, LIMITED, 1) == [LONGEST_CLOSURE]


async def test_a_429_holds_back_who_is_waiting_already(autojump_clock: MockClock) -> None:
    governor = Governor(per_second=10, burst=1)
    await governor.turn(ANY)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(governor.turn, ANY)
        await wait_all_tasks_blocked()
        governor.throttle(OTHER, 0.5)
    assert trio.current_time() == 0.5


async def test_what_stops_work_goes_ahead_of_the_line_and_is_counted(
    autojump_clock: MockClock,
) -> None:
    governor = Governor(per_second=1, burst=1)
    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(governor.turn, ANY)
        await wait_all_tasks_blocked()
        assert await times_of(governor, CANCEL, 3) == [0, 0, 0]
    assert trio.current_time() == 7


async def test_an_unarmed_governor_lets_all_pass_until_the_first_429(
    autojump_clock: MockClock,
) -> None:
    governor = Governor(per_second=1, burst=1, armed=False)
    assert set(await times_of(governor, LIMITED, 1000)) == {0}
    governor.throttle(ANY, 0)
    assert await times_of(governor, ANY, 3) == [0, 1, 2]


async def test_statistics_and_repr_say_what_is_going_on(autojump_clock: MockClock) -> None:
    governor = Governor(per_second=1, burst=1, armed=False)
    assert repr(governor) == "<Governor 1/s, 0 turns, not armed>"
    governor.throttle(ANY, 0)
    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(governor.turn, ANY)
        await wait_all_tasks_blocked()
        assert repr(governor) == "<Governor 1/s, 1 turns, 2 waiting>"
        assert governor.statistics().throttled == 1


async def test_that_it_waits_is_in_the_log_and_not_too_often(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    governor = Governor()
    for _ in range(60):
        governor.throttle(ANY, 5)
        await trio.sleep(1)

    assert len(caplog.records) == 2
    assert "Too many requests" in caplog.text
