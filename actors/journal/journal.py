"""The journal: what was created and must be destroyed, written down before it is created.

The one thing the toolkit keeps on disk.  The rules it keeps:

1. Write-ahead.  `intend` is on the disk before the request is sent, `created` as soon as the id is
   known.  A row without an id is a create whose answer never came back: it can be told, and only
   `created` can be destroyed.
2. The rows of a live owner are never touched by another (see `owners`).  Taking over the rows of a
   dead one is a single transaction, so that of two who start at once, one gets them.
3. It is never in the way.  Trouble with the disk is logged, and the toolkit goes on with what it
   has in memory, where the rows of this process always are; the next write that succeeds writes
   all of them.  A damaged file is set aside.  Every wait is bounded by `BUSY`.
4. It holds no secret: a host, ids, a language.  `record.DETAILS` lists the only fields it takes.

Calls are synchronous and take well under a millisecond, plus one `fsync` for what must survive a
power loss.  SQLite's write-ahead log makes each of them atomic, at whatever byte the process dies.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs

from .file import (
    NAME,
    REMOVE,
    REMOVE_ALL,
    WRITE,
    DamagedError,
    JournalFile,
    Row,
    is_damage,
)
from .owners import Life, Owner, life_of, sweep
from .record import Kind, Record, kept_details, plain

logger = logging.getLogger(__name__)

OWNERS = "owners"  # the folder of lock files
DAY = 86400.0  # seconds
KEPT = 90 * DAY  # what nobody came back to in three months is no longer worth telling
KEPT_WITHOUT_ID = (
    30 * DAY
)  # an unclaimed context hardly outlives its cluster, which is patched monthly


@attrs.define(eq=False, repr=False)
class Entry:
    """A row of ours.  Its two methods never raise and never wait longer than `BUSY`."""

    record: Record
    _journal: Journal

    def created(self, remote_id: str) -> None:
        """The answer came: from now on the next start can destroy it."""
        self.record = attrs.evolve(self.record, remote_id=remote_id)
        self._journal.update(self)

    def ended(self) -> None:
        """It is destroyed, or known never to have been created: the row goes.  May be repeated."""
        self._journal.remove(self)

    def __repr__(self) -> str:
        return f"<Entry {self.record}>"


@attrs.define(eq=False, repr=False)
class Journal:
    """This process's rows, in memory and (unless it is kept nowhere) in the file.

    As a context manager it is closed at the end of the block.
    """

    directory: Path | None
    _now: Callable[[], float]
    _owner: Owner | None = None
    _file: JournalFile | None = None
    _complete: bool = False  # the file holds every row that memory does
    _ailing: bool = False  # said so on the log, once until it is well again
    _entries: dict[int, Entry] = attrs.field(factory=dict)
    _numbered: int = 0

    @classmethod
    def open(cls, directory: Path | None, *, now: Callable[[], float] = time.time) -> Self:
        """Open, or make, the journal in `directory`; with None, keep it in memory alone.

        Never raises for what it finds there: see rule 3.  `now` is the wall clock.
        """
        journal = cls(directory, now)
        journal._attempt(journal._tidy)
        return journal

    @classmethod
    def waiting(
        cls, directory: Path | None, host: str, *, now: Callable[[], float] = time.time
    ) -> bool:
        """Whether a dead owner left contexts on `host`; makes no file where there is none."""
        if directory is None or not (directory / NAME).exists():
            return False
        with cls.open(directory, now=now) as journal:
            return any(record.is_orphan_on(host) for record in journal.records())

    def intend(self, kind: Kind, host: str, **details: str | int) -> Entry:
        """Write down that something is about to be created; send the request only after this.

        Raises:
          ValueError: a detail that is not in `record.DETAILS`, which is a bug of the caller's.
        """
        kept = kept_details(details)
        self._numbered += 1
        record = Record(
            owner=self._owner.id if self._owner else "",
            number=self._numbered,
            pid=os.getpid(),
            kind=kind,
            host=plain(host),
            details=kept,
            remote_id=None,
            since=self._now(),
        )
        entry = self._entries[record.number] = Entry(record, self)
        self.update(entry)
        return entry

    def update(self, entry: Entry) -> None:
        """Write `entry` as it stands.  For `Entry` alone."""
        if entry.record.number in self._entries:
            durable = entry.record.kind is Kind.CONTEXT
            self._write(WRITE, entry.record.row(), durable=durable)

    def remove(self, entry: Entry) -> None:
        """Remove the row of `entry`, if it is there.  For `Entry` alone."""
        record = entry.record
        if self._entries.pop(record.number, None) is not None:
            # Losing this costs a second destroy of what is gone, so it need not be durable.
            self._write(REMOVE, (record.owner, record.number), durable=False)

    def orphans(self, host: str, *, cleared: bool = False) -> list[Entry]:
        """The contexts on `host` that dead owners left, now ours.

        Destroy each and call `ended`; those that are not ended stay for the next start.
        With `cleared`, those whose owner's life is `UNKNOWN` are among them.
        """
        adopted: list[Entry] = []

        def adopt() -> None:
            adopted.clear()
            file, owner = self._opened()
            with file.transaction():
                for record in self._read(file):
                    if not record.is_orphan_on(host, cleared=cleared):
                        continue
                    number = self._numbered + len(adopted) + 1
                    ours = attrs.evolve(
                        record, owner=owner.id, number=number, pid=os.getpid(), life=Life.ALIVE
                    )
                    file.write_many(REMOVE, [(record.owner, record.number)])
                    file.write_many(WRITE, [ours.row()])
                    adopted.append(Entry(ours, self))

        if not self._attempt(adopt):
            return []
        self._numbered += len(adopted)
        self._entries |= {entry.record.number: entry for entry in adopted}
        return adopted

    def records(self) -> list[Record]:
        """Every row, of every owner and host, oldest first."""
        found = [entry.record for entry in self._entries.values()]

        def read() -> None:
            found[:] = self._read(self._opened()[0])

        self._attempt(read)
        return sorted(found, key=lambda record: record.since)

    def forget(self, record: Record) -> None:
        """Remove a row of no live owner: one that is told, or known to stand for nothing."""
        if record.life is not Life.ALIVE:
            self._write(REMOVE, (record.owner, record.number), durable=False)

    def close(self) -> None:
        """Let go of the lock.  What is not ended now belongs to a dead owner.  May be repeated."""
        if not self._complete:
            self._attempt(self._opened)
        if self._file is not None:
            self._file.close()
        if self._owner is not None:
            self._owner.leave(rows_remain=bool(self._entries))
        self._file, self._owner, self.directory = None, None, None

    def _read(self, file: JournalFile) -> list[Record]:
        assert self.directory is not None
        lives: dict[str, Life] = {}
        records = []
        for row in file.read():
            owner = str(row[0])
            if owner not in lives:
                lives[owner] = life_of(owner, self.directory / OWNERS)
            records.append(Record.from_row(row, lives[owner]))
        return records

    def _write(self, statement: str, values: Row, *, durable: bool) -> None:
        def write() -> None:
            file, _ = self._opened()
            file.write(statement, values, durable=durable)

        self._attempt(write)

    def _opened(self) -> tuple[JournalFile, Owner]:
        """The file, holding all our rows; opened again if somebody moved or removed it."""
        assert self.directory is not None
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._owner is None:
            self._owner = Owner.enter(self.directory / OWNERS)
        if self._file is None or not self._file.in_place():
            self._complete = False
            if self._file is not None:
                self._file.close()
            self._file = None  # should the next line fail
            self._file = JournalFile.open_in(self.directory, Record.from_row)
        if not self._complete:
            self._rewrite(self._file, self._owner)
        return self._file, self._owner

    def _rewrite(self, file: JournalFile, owner: Owner) -> None:
        """Make the file hold our rows as memory has them, all of them."""
        for entry in self._entries.values():  # some may date from before there was an owner
            entry.record = attrs.evolve(entry.record, owner=owner.id)
        with file.transaction():
            file.write_many(REMOVE_ALL, [(owner.id,)])
            file.write_many(WRITE, [entry.record.row() for entry in self._entries.values()])
        self._complete = True

    def _tidy(self) -> None:
        """Drop what is too old to matter, and the lock files that no row needs."""
        file, owner = self._opened()
        assert self.directory is not None
        kept = {owner.id}
        with file.transaction():
            for record in self._read(file):
                limit = KEPT if record.remote_id else KEPT_WITHOUT_ID
                if record.life is not Life.ALIVE and self._now() - record.since > limit:
                    logger.warning("the journal forgets %s on %s: too old", record, record.host)
                    file.write_many(REMOVE, [(record.owner, record.number)])
                else:
                    kept.add(record.owner)
            sweep(self.directory / OWNERS, kept)

    def _attempt(self, action: Callable[[], object]) -> bool:
        """Do it, and again on a new file if this one is damaged; log what cannot be done."""
        if self.directory is None:
            return False
        trouble: Exception | None = None
        for _ in range(2):
            try:
                action()
            except (sqlite3.Error, OSError, DamagedError, ValueError) as error:
                trouble = error
                self._complete = False
                if not is_damage(error):
                    break
                if self._file is not None:
                    self._file.close()
                    self._file = None
            else:
                self._say_well()
                return True
        self._say_ailing(trouble)
        return False

    def _say_well(self) -> None:
        if self._ailing:
            logger.info("the journal in %s is written again", self.directory)
        self._ailing = False

    def _say_ailing(self, trouble: Exception | None) -> None:
        if not self._ailing:
            logger.warning(
                "the journal in %s cannot be used (%s): should this process be killed now, "
                "the next start will not know which contexts to destroy",
                self.directory,
                trouble,
            )
        self._ailing = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        where = self.directory if self.directory is not None else "nowhere"
        return f"<Journal in {where}, {len(self._entries)} of ours>"
