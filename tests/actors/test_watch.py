"""Watches: onlookers see the latest value, and owners see whether anybody looks."""

import pytest
import trio
from databricks_mcp_toolkit.actors.watch import Watch
from databricks_mcp_toolkit.errors import ActorGone, DatabricksUnreachable


async def test_a_value_that_is_there_is_returned_at_once() -> None:
    watch = Watch(3)
    assert await watch.wait_until(lambda value: value == 3) == 3


async def test_an_onlooker_sees_the_first_value_to_its_liking() -> None:
    watch = Watch(0)
    async with trio.open_nursery() as nursery:

        async def count() -> None:
            for value in range(1, 10):
                await trio.sleep(1)
                watch.show(value)

        nursery.start_soon(count)
        assert await watch.wait_until(lambda value: value >= 4) == 4
        assert trio.current_time() == 4


async def test_a_value_wins_over_a_close() -> None:
    """What was seen last is true, also after nobody looks any more."""
    watch = Watch("over")
    watch.close(ActorGone("ended"))
    assert await watch.wait_until(lambda value: value == "over") == "over"
    with pytest.raises(ActorGone):
        await watch.wait_until(lambda value: value == "another")


async def test_the_first_close_stands() -> None:
    watch = Watch(0)
    watch.close(ActorGone("first"))
    watch.close(ActorGone("second"))
    with pytest.raises(ActorGone, match="first"):
        await watch.wait_until(bool)


def test_a_new_value_takes_the_doubt_away() -> None:
    watch = Watch(0)
    watch.doubt = DatabricksUnreachable("no network")
    watch.show(1)
    assert watch.doubt is None


async def test_onlookers_are_counted_while_they_look() -> None:
    watch = Watch(0)
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(watch.wait_until, bool)
        await watch.looked_at()
        await trio.testing.wait_all_tasks_blocked()
        assert watch.onlookers == 3
        nursery.cancel_scope.cancel()
    assert watch.onlookers == 0


async def test_a_rest_lasts_as_long_as_was_said() -> None:
    assert not await Watch(0).rest(5.0)
    assert trio.current_time() == 5


async def test_a_rest_is_cut_short_by_hurry() -> None:
    watch = Watch(0)
    async with trio.open_nursery() as nursery:

        async def hurry() -> None:
            await trio.sleep(2)
            watch.hurry()

        nursery.start_soon(hurry)
        assert await watch.rest(5)
    assert trio.current_time() == 2
    assert not await watch.rest(5)  # once


async def test_a_hurry_during_a_look_is_not_forgotten() -> None:
    watch = Watch(0)
    watch.hurry()
    assert await watch.rest(5)
    assert trio.current_time() == 0


async def test_an_impatient_onlooker_shortens_the_rest() -> None:
    watch = Watch(0)
    async with trio.open_nursery() as nursery:

        async def come_and_look() -> None:
            await trio.sleep(1)
            with trio.move_on_after(100):
                await watch.wait_until(bool, patience=2)

        nursery.start_soon(come_and_look)
        await watch.rest(60.0)
        assert trio.current_time() == 2
        await watch.rest(60.0)
        assert trio.current_time() == 4
        nursery.cancel_scope.cancel()


async def test_an_onlooker_that_left_shortens_nothing() -> None:
    watch = Watch(0)
    with trio.move_on_after(1):
        await watch.wait_until(bool, patience=2)
    await watch.rest(60.0)
    assert trio.current_time() == 60


async def test_a_value_that_says_the_same_wakes_nobody() -> None:
    watch = Watch(0)
    asked: list[int] = []

    def accepts(value: int) -> bool:
        asked.append(value)
        return value == 2

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.wait_until, accepts)
        await trio.testing.wait_all_tasks_blocked()
        watch.doubt = DatabricksUnreachable("no network")
        watch.renew(1)
        await trio.testing.wait_all_tasks_blocked()
        assert (watch.value, watch.doubt, asked) == (1, None, [0])
        watch.show(2)


async def test_an_owner_that_rests_elsewhere_is_told_of_onlookers_and_of_haste() -> None:
    watch, told = Watch(0), []
    watch.stirred = lambda: told.append((watch.patience, watch.hurried))
    with trio.move_on_after(1):
        await watch.wait_until(bool, patience=5)
    watch.hurry()
    assert told == [(5, False), (float("inf"), True)]
    assert watch.take_hurry()
    assert not watch.take_hurry()
