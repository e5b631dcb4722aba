"""The journal's files, cut at every byte that is ever written to them.

A short life is lived on a real journal, and its files are kept as they are after each step.  From
two moments follows all that may lie on the disk in between, when the process is killed or the power
goes: the log has been written up to some byte; later, with the log complete, the file has been,
while the log is merged into it.  Whoever opens what is left must find the earlier moment or the
later one: nothing lost that was acknowledged, and nothing invented.

Cut at: with SQLite's smallest pages, every byte of a step that merges the log and of the next,
which begins it anew; with the pages that we use, every byte of the step that begins it anew; of all
other steps, every byte of the heads of the log and of its frames, and both sides of every write.
Besides, every sector of every write is left out once.  `EVERY_BYTE=1` cuts at every byte of all
steps, which takes a minute, and was done.  Real processes are really killed in `test_killed`.
"""

from __future__ import annotations

import itertools
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from databricks_mcp_toolkit.actors.journal import Journal, Kind, Record, file

HOST = "https://one.cloud.databricks.com"
LOG_HEAD, FRAME_HEAD = 32, 24  # bytes, in SQLite's file format
SMALLEST = 512  # bytes of a page, at least
SECTOR = 512  # bytes that a disk writes at once
MERGED_AFTER = 12  # pages in the log; so it happens several times


@attrs.frozen
class Moment:
    """The files after a step, and what they say."""

    file: bytes = attrs.field(repr=False)
    log: bytes = attrs.field(repr=False)
    names: frozenset[str]


@attrs.frozen
class Remains:
    """What lies on the disk after a kill, and what may be found in it."""

    file: bytes = attrs.field(repr=False)
    log: bytes = attrs.field(repr=False)
    names: frozenset[str]
    how: str


def lives(directory: Path) -> Iterator[Moment]:
    """Take over an orphan; make contexts and a run; destroy them; close."""
    journal = Journal.open(directory)
    path = directory / file.NAME
    log = Path(f"{path}-wal")

    def now() -> Moment:
        names = {named(entry.record) for entry in journal._entries.values()} | left
        return Moment(
            path.read_bytes(), log.read_bytes() if log.exists() else b"", frozenset(names)
        )

    left = {"context-old"}
    yield now()
    (old,) = journal.orphans(HOST)
    left.clear()
    yield now()
    entries = []
    for number in range(4):
        kind = Kind.RUN if number == 2 else Kind.CONTEXT
        entries.append(journal.intend(kind, HOST, cluster_id=f"cluster-{number}"))
        yield now()
        entries[-1].created(f"context-{number}")
        yield now()
        if number % 2:
            entries[number - 1].ended()
            yield now()
    old.ended()
    yield now()
    last = now().names
    journal.close()
    left |= last
    journal._entries.clear()
    yield now()


def named(record: Record) -> str:
    return str(record.remote_id or record.details["cluster_id"])


def remains(before: Moment, after: Moment, places: Callable[[int], bool]) -> Iterator[Remains]:
    """All that may lie on the disk between two moments: see the head of this module.

    `places`: which bytes of the log to cut at; at its end always.
    """
    old, new = before.log, after.log
    written = _written(old, new)
    for size in written:
        if size == written[-1] or places(size):
            log = new[:size] + old[size:]
            # What lies behind is of an earlier use of the log, and is cut off in the end.
            names = after.names if log.startswith(new) else before.names
            yield Remains(before.file, log, names, f"log cut at {size} of {len(new)}")
    # A disk may have written the later of two sectors, and not the earlier.  Only the log's head is
    # on the disk before all the rest: SQLite syncs it, lest old frames be taken for new ones.
    for hole in _sectors(written):
        hole = range(max(hole.start, LOG_HEAD), hole.stop)  # noqa: PLW2901
        log = new[: hole.start] + _part(old, hole) + new[hole.stop :]
        if log != new:
            yield Remains(before.file, log, before.names, f"log with a hole at {hole.start}")
    # SQLite syncs the log before it writes to the file, and the file before it reuses the log.
    log = new or old
    written = _written(before.file, after.file)
    for size in filter(places, written):
        torn = after.file[:size] + before.file[size:]
        yield Remains(torn, log, after.names, f"file written up to {size}")
    for hole in _sectors(written):
        torn = after.file[: hole.start] + _part(before.file, hole) + after.file[hole.stop :]
        yield Remains(torn, log, after.names, f"file with a hole at {hole.start}")


def _written(old: bytes, new: bytes) -> range:
    """How far a change has been written: every size from nothing to all of it."""
    both = min(len(old), len(new))
    differing = [n for n in range(both) if old[n] != new[n]]
    first = differing[0] if differing else both
    end = len(new) if len(new) > both else differing[-1] + 1 if differing else first
    return range(first, end + 1) if end > first else range(0)


def _sectors(written: range) -> Iterator[range]:
    for begin in range(written.start - written.start % SECTOR, written.stop - 1, SECTOR):
        yield range(begin, min(begin + SECTOR, written.stop - 1))


def _part(content: bytes, where: range) -> bytes:
    """What there was before; where the file did not reach, zeros."""
    return content[where.start : where.stop].ljust(len(where), b"\0")


def found_in(copy: Path, left: Remains) -> frozenset[str]:
    """What the next start finds in what is left."""
    path = copy / file.NAME
    path.write_bytes(left.file)
    Path(f"{path}-wal").write_bytes(left.log)
    Path(f"{path}-shm").unlink(missing_ok=True)
    with Journal.open(copy) as journal:
        return frozenset(named(record) for record in journal.records())


@pytest.mark.parametrize("page", [SMALLEST, 4096])
def test_what_a_kill_leaves_at_any_byte_is_the_moment_before_or_after(
    page: int, in_memory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(file, "CHECKPOINT", MERGED_AFTER)
    directory, copy = in_memory / "state", in_memory / "copy"
    for folder in (directory, copy):
        folder.mkdir()
    connection = sqlite3.connect(directory / file.NAME)
    connection.execute(f"PRAGMA page_size = {page}")
    connection.execute("PRAGMA auto_vacuum = FULL")
    connection.execute("VACUUM")
    connection.close()
    with Journal.open(directory) as journal:
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c").created("context-old")
    moments = list(lives(directory))
    frame = FRAME_HEAD + page

    def at_the_sides(size: int) -> bool:
        return size <= LOG_HEAD or (size - LOG_HEAD) % frame <= FRAME_HEAD + 1 or size % page <= 1

    steps = list(itertools.pairwise(moments))
    merges = [before.file != after.file for before, after in steps]
    begins = [not after.log.startswith(before.log) for before, after in steps]
    begins[-1] = False  # by then the log is gone
    first = begins.index(True)
    assert merges[first - 1], "the log is begun anew when it has been merged"
    thorough = {first - 1, first} if page == SMALLEST else {first}
    for n, (before, after) in enumerate(steps):
        places = always if n in thorough or "EVERY_BYTE" in os.environ else at_the_sides
        for left in remains(before, after, places):
            assert found_in(copy, left) == left.names, f"step {n + 1}: {left.how}"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def always(_size: int) -> bool:
    return True
