"""How a cancel stops what a real Spark does for a command.

An interrupt that broke off the wait for Spark would leave Spark at work: a request that is still on
its way, or a plan that has no job yet, is not there to be cancelled, and begins a moment later with
nobody to wait for it.  So the command goes on waiting, and a thread has Spark stop again and again
until the wait is over; then the interrupt is raised.  A Spark that does not heed that is not waited
for here: the engine kills the process, which takes the JVM with it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

from .interrupts import INTERRUPTS

AGAIN = 0.1  # seconds between two attempts to stop Spark


class Stopper:
    """Has Spark stop while the main thread waits for it.

    Args:
      stop: stops all that Spark does for this context; called in a thread of its own.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        # The one queue that a signal's handler may put into.
        self._wanted: SimpleQueue[threading.Event] = SimpleQueue()
        self._stopping = threading.Lock()
        threading.Thread(target=self._work, daemon=True).start()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """The main thread waits for Spark inside; an interrupt has Spark stop, and is raised then.

        Other threads wait as they are: no interrupt reaches them.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        over = threading.Event()
        with INTERRUPTS.stopping(lambda: self._wanted.put(over)):
            try:
                yield
            finally:
                over.set()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Has Spark stop, again and again, until the end of the block."""
        over = threading.Event()
        self._wanted.put(over)
        try:
            yield
        finally:
            over.set()

    def settle(self) -> None:
        """Waits for what is under way, which would stop the next command as well."""
        with self._stopping:
            pass

    def _work(self) -> None:
        while True:
            over = self._wanted.get()
            if not over.is_set():
                INTERRUPTS.tell()
            while not over.wait(AGAIN):
                with self._stopping:
                    if not over.is_set():
                        self._stop()


class Executions:
    """The stub of a Spark Connect client, with its executions under a stopper's eyes."""

    def __init__(self, stub: Any, stopper: Stopper) -> None:
        self._stub, self._stopper = stub, stopper
        self._open: set[Execution] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stub, name)

    def ExecutePlan(self, *arguments: Any, **keywords: Any) -> Execution:  # noqa: N802 (gRPC's name)
        """Begins one."""
        with self._stopper.waiting():
            return self._noted(self._stub.ExecutePlan(*arguments, **keywords))

    def ReattachExecute(self, *arguments: Any, **keywords: Any) -> Execution:  # noqa: N802 (likewise)
        """Goes on with one."""
        with self._stopper.waiting():
            return self._noted(self._stub.ReattachExecute(*arguments, **keywords))

    def _noted(self, call: Any) -> Execution:
        execution = Execution(call, self._stopper, self._open)
        self._open.add(execution)
        return execution

    def end(self) -> None:
        """Stops what the main thread has begun and then left, before an answer came."""
        mine = [each for each in self._open if each.main]
        if mine:
            with self._stopper.at_work():
                for each in mine:
                    each.read_out()


class Execution:
    """The answers to an execution, as they come."""

    def __init__(self, call: Any, stopper: Stopper, unended: set[Execution]) -> None:
        self._call, self._stopper, self._unended = call, stopper, unended
        self.main = threading.current_thread() is threading.main_thread()

    def __iter__(self) -> Execution:
        return self

    def __next__(self) -> Any:
        with self._stopper.waiting():
            try:
                answer = next(self._call)
            except BaseException:
                self._unended.discard(self)
                raise
            if answer.HasField("result_complete"):
                self._unended.discard(self)
            return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def read_out(self) -> None:
        """Waits for the end of it."""
        with contextlib.suppress(Exception):  # how it ended is nobody's concern any more
            for _ in self:
                pass
        self._unended.discard(self)
