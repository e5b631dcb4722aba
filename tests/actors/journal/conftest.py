"""Processes that can be killed: forked children, since a hundred of them must cost a second."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest


@attrs.define
class Child:
    """A forked process; what it says comes through a pipe, line by line, at once."""

    pid: int
    _says: int
    status: int | None = None

    def read(self, count: int) -> list[str]:
        """The next `count` lines, or fewer if it ends first."""
        heard = b""
        while heard.count(b"\n") < count and (piece := os.read(self._says, 1)):
            heard += piece
        return heard.decode().splitlines()

    def wait(self) -> list[str]:
        """Wait until it has ended, and return the rest of what it said."""
        rest = b""
        while piece := os.read(self._says, 65536):
            rest += piece
        if self.status is None:
            self.status = os.waitpid(self.pid, 0)[1]
        return rest.decode().splitlines()

    def kill(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def killed(self) -> bool:
        assert self.status is not None
        return os.WIFSIGNALED(self.status)


Say = Callable[[str], None]


class Says(logging.Handler):
    """Says what is logged, from INFO on, in a forked child."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.INFO)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(record.getMessage())


@pytest.fixture
def fork() -> Iterator[Callable[[Callable[[Say], None]], Child]]:
    """Run a function in a child process: `child = fork(lambda say: ...)`."""
    children: list[Child] = []

    def start(body: Callable[[Say], None]) -> Child:
        hears, says = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside idle threads
            pid = os.fork()
        if pid == 0:
            try:
                os.close(hears)
                body(lambda line: (os.write(says, f"{line}\n".encode()), None)[1])
            except BaseException:  # the child must not become a second pytest
                os.write(says, traceback.format_exc().encode())
                os._exit(1)
            os._exit(0)
        os.close(says)
        children.append(Child(pid, hears))
        return children[-1]

    yield start
    for child in children:
        child.kill()
        os.close(child._says)


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder without a disk where there is one: journals wait for no `fsync` there."""
    memory = Path("/dev/shm")
    where = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="journal-", dir=where) as folder:
        yield Path(folder)


@pytest.fixture
def directory(in_memory: Path) -> Path:
    return in_memory / "state"
