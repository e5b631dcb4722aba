"""When a SIGINT may stop the user's code, and when it has to wait or comes to nothing.

Between commands there is nothing to stop, so an interrupt is dropped.  While a command talks to the
database or to the engine, an interrupt waits until the talk is where it can be broken off.  While
it waits for something that has to be stopped first, as a job of Spark's, whoever stops it is told.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """The process's way with SIGINT.

    Attributes:
      tell: tells the engine that an interrupt is heeded, and takes its time; for any thread.
    """

    def __init__(self) -> None:
        self.tell: Callable[[], None] = lambda: None
        self._running = False
        self._shielded = False
        self._waiting = False
        self._stop: Callable[[], None] | None = None

    def install(self) -> None:
        """Takes over SIGINT; in the main thread only."""
        signal.signal(signal.SIGINT, self._interrupted)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        if not self._running:
            return
        if self._shielded:
            self._waiting = True
            return
        if self._stop is not None:
            self._waiting = True
            self._stop()
            return
        raise KeyboardInterrupt

    @contextmanager
    def running(self) -> Iterator[None]:
        """The user's code runs inside: an interrupt raises KeyboardInterrupt there."""
        self._running, self._waiting = True, False
        try:
            yield
        finally:
            self._running = False

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """An interrupt waits for the end of the block, and is raised then."""
        was, self._shielded = self._shielded, True
        try:
            yield
        finally:
            self._shielded = was
        self._raise_waiting()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Inside `shielded`: a wait that an interrupt may break off."""
        was, self._shielded = self._shielded, False
        try:
            self._raise_waiting()
            yield
        finally:
            self._shielded = was

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """An interrupt waits for the end of the block, which `stop` is to bring about.

        Whatever else the block ends with, an interrupt that has come is raised at its end.

        Args:
          stop: called at each interrupt, by the signal's handler: it may not take a lock.
        """
        was, self._stop = self._stop, stop
        try:
            yield
        finally:
            self._stop = was
            if was is None:
                self._raise_waiting()

    def _raise_waiting(self) -> None:
        if self._waiting and not self._shielded:
            self._waiting = False
            raise KeyboardInterrupt


INTERRUPTS = Interrupts()
