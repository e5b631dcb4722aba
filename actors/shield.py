"""Finishing what has been begun, although cancelled; and nurseries that a caller does not see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import outcome
import trio

R = TypeVar("R")


async def see_through(work: Callable[[], Awaitable[R]], patience: float) -> R:
    """Do `work` to its end, also when cancelled meanwhile; it has `patience` seconds from then on.

    For the one request that creates something remote: a cancel in the middle would lose its id.
    Let `work` itself note the id, since when cancelled, this raises the cancel after `work` is
    through or its patience is.  Cancelled beforehand, it does nothing at all.
    """
    await trio.lowlevel.checkpoint_if_cancelled()
    shield = trio.CancelScope(shield=True)

    async def hurry() -> None:
        try:
            await trio.sleep_forever()
        finally:
            shield.deadline = trio.current_time() + patience

    async with trio.open_nursery() as nursery:
        nursery.start_soon(hurry)
        with shield:
            try:
                answer: outcome.Outcome[R] = outcome.Value(await work())
            except Exception as error:
                answer = outcome.Error(error)  # raised below, where no exception group wraps it
        nursery.cancel_scope.cancel()
    return answer.unwrap()


@contextmanager
def ungrouped() -> Iterator[None]:
    """Round a nursery of ours in a caller's task: its one error comes out as it is, in no group.

    It is Ctrl-C, mostly, which trio raises wherever the main task waits.
    """
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        raise error from error.__cause__
