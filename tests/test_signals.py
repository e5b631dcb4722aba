"""Work that a signal cancels: what it owned is gone before the process is."""

from __future__ import annotations

import os
import signal

import pytest
import trio
from databricks_mcp_toolkit.signals import until_signalled


def test_it_returns_what_the_work_returns() -> None:
    async def work() -> int:
        return 7

    assert until_signalled(work) == 7


def test_an_error_comes_out_of_the_groups_that_nurseries_made() -> None:
    async def work() -> None:
        async with trio.open_nursery(), trio.open_nursery():
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        until_signalled(work)


def test_two_errors_stay_a_group() -> None:
    async def fail() -> None:
        raise KeyError

    async def work() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(fail)
            nursery.start_soon(fail)

    with pytest.raises(ExceptionGroup):
        until_signalled(work)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_the_work_and_a_second_one_cuts_no_cleanup_short(number: int) -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                os.kill(os.getpid(), number)
                for _ in range(10):
                    await trio.lowlevel.checkpoint()
                done.append("cleaned up")

    with pytest.raises(SystemExit) as end:
        until_signalled(work)

    assert done == ["cleaned up"]
    assert end.value.code == 128 + number
