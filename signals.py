"""Work that a signal cancels, so that whatever it owns is cleaned up before the process ends."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import outcome
import trio

R = TypeVar("R")
"""What the work comes to."""

STOPS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def until_signalled(work: Callable[[], Awaitable[R]]) -> R:
    """Runs `work` under trio and returns what it returns.

    SIGINT, SIGTERM and SIGHUP cancel it.  The receiver is the outermost scope and stays armed, so
    that a second, impatient signal finds it there and cuts no cleanup short.

    Raises:
      Exception: the work's own, out of any group that holds nothing else.
      SystemExit: a signal came, and `work` has ended; the code is 128 and the signal's number.
    """

    async def run() -> R:
        received: list[int] = []
        result: outcome.Maybe[R] | None = None
        with trio.open_signal_receiver(*STOPS) as signals:
            async with trio.open_nursery() as nursery:
                working = trio.CancelScope()

                async def watch() -> None:
                    async for number in signals:
                        received.append(number)
                        working.cancel()

                nursery.start_soon(watch)
                with working:
                    # As a value, since the nursery would put one more group around an error.
                    try:
                        result = outcome.Value(await work())
                    except Exception as error:
                        result = outcome.Error(_single(error))
                nursery.cancel_scope.cancel()
        if result is None:
            raise SystemExit(128 + received[0])
        return result.unwrap()

    return trio.run(run)


def _single(error: BaseException) -> BaseException:
    """The error itself, where nurseries on its way have put a group around it and nothing else."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
