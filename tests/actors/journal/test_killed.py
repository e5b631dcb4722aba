"""The journal's process dies at every write, and at every line of its code.

A child goes through a fixed life and says each step once it is done; then it is killed at one
place, and whoever opens the journal next must find what was said: never less, and at most the
one step that was under way.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databricks_mcp_toolkit.actors import journal as package
from databricks_mcp_toolkit.actors.journal import Journal, Kind, Life

HOST = "https://one.cloud.databricks.com"
CODE = str(Path(package.__file__).parent)
CONTEXTS = 8
FRAME = 4096 + 24  # bytes that one write adds to the write-ahead log
LIMIT = 150_000  # bytes; more than any file of the journal has after one life


def live(directory: Path, say: Callable[[str], None]) -> None:
    """Open; take over an orphan and destroy it; make contexts, and destroy every second."""
    journal = Journal.open(directory)
    for orphan in journal.orphans(HOST):
        say(f"adopted {orphan.record.remote_id}")
        orphan.ended()
        say(f"ended {orphan.record.remote_id}")
    for number in range(CONTEXTS):
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id=f"cluster-{number}")
        say(f"intended cluster-{number}")
        entry.created(f"context-{number}")
        say(f"created context-{number}")
        if number % 2:
            entry.ended()
            say(f"ended context-{number}")
    journal.close()
    say("closed")


def check(directory: Path, said: list[str]) -> None:
    """What the next start finds fits what was said before the kill."""
    steps = list(_steps())
    done = len(said)
    assert said == steps[:done]
    allowed = [_left_after(steps[:done])]
    if done < len(steps):
        allowed.append(_left_after(steps[: done + 1]))
    with Journal.open(directory) as journal:
        records = journal.records()
        assert all(record.life is Life.DEAD for record in records)
        found = {record.remote_id or record.details["cluster_id"] for record in records}
        assert found in allowed
        orphans = {entry.record.remote_id for entry in journal.orphans(HOST)}
        assert orphans == {each for each in found if each.startswith("context")}


def _steps() -> Iterator[str]:
    yield from ("adopted context-old", "ended context-old")
    for number in range(CONTEXTS):
        yield f"intended cluster-{number}"
        yield f"created context-{number}"
        if number % 2:
            yield f"ended context-{number}"
    yield "closed"


def _left_after(steps: list[str]) -> set[str]:
    left = {"context-old"}
    for step in steps:
        verb, _, name = step.partition(" ")
        if verb == "intended":
            left.add(name)
        elif verb == "created":
            left.add(name)
            left.discard(name.replace("context", "cluster"))
        elif verb == "ended":
            left.discard(name)
    return left


@pytest.fixture
def lived(in_memory: Path) -> Callable[[], Path]:
    """Fresh directories, each with one orphan in its journal."""

    def fresh() -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            directory = in_memory / f"state-{number}"
            with Journal.open(directory) as journal:
                journal.intend(Kind.CONTEXT, HOST, cluster_id="c").created("context-old")
            yield directory

    directories = fresh()
    return lambda: next(directories)


def _sizes() -> Iterator[int]:
    """File sizes to die at: each side of each frame of the log, and many in between."""
    for frame in range(LIMIT // FRAME):
        end = 32 + frame * FRAME
        yield from (end - 1, end, end + 1, end + 12, end + 24, end + 25)
    yield from range(0, LIMIT, 4111)


def test_killed_at_every_write(
    lived: Callable[[], Path], fork: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    """The kernel kills a process that writes beyond its limit, in the middle of the write."""
    outcomes = set()
    for size in sorted({*_sizes()} - {-1}):
        directory = lived()

        def serve(
            say: Callable[[str], None], directory: Path = directory, size: int = size
        ) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python's own choice is an error
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            live(directory, say)

        child = fork(serve)
        said = child.wait()
        outcomes.add((child.killed, len(said)))
        check(directory, said)
    assert "set aside" not in caplog.text
    assert len(outcomes) > 15, "it died at most of its steps"
    assert (False, len(list(_steps()))) in outcomes, "and at last lived to the end"


def test_killed_at_every_line(
    lived: Callable[[], Path], fork: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    line, killed = 0, True
    while killed:
        line += 1 if line < 200 else 13  # the life repeats itself, with another offset
        directory = lived()

        def serve(
            say: Callable[[str], None], directory: Path = directory, line: int = line
        ) -> None:
            left = line

            def trace(frame, event, argument):
                nonlocal left
                if not frame.f_code.co_filename.startswith(CODE):
                    return None
                if event == "line":
                    left -= 1
                    if left == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                return trace

            sys.settrace(trace)
            live(directory, say)

        child = fork(serve)
        said = child.wait()
        killed = child.killed
        check(directory, said)
    assert line > 300
    assert "set aside" not in caplog.text
