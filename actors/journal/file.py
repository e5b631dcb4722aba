"""The journal's SQLite file: opened, checked, written, and set aside when it is damaged.

Several processes share it.  Each opens it alone for a moment, so that one that finds it damaged
may move it away without moving what another has just made; after that only SQLite's own locks
count.  A process that had the old file open notices at its next write (`in_place`).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from .owners import lock

logger = logging.getLogger(__name__)

NAME = "journal.db"
VERSION = 1  # of the table below, kept as SQLite's `user_version`
BUSY = 2.0  # seconds to wait for other processes; on a slow disk each of their commits takes 0.1
OPENING = 1.0  # seconds to wait for another process's opening, before going on regardless
LOOK_AGAIN = 0.005  # seconds between two tries to be alone
CHECKPOINT = 64  # pages of 4 KiB in the write-ahead log before it goes into the file
DAMAGED_KEPT = 3  # damaged files to keep for whoever wants to look

TABLE = """
CREATE TABLE IF NOT EXISTS entries (
    owner TEXT NOT NULL,
    number INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    kind TEXT NOT NULL,
    host TEXT NOT NULL,
    details TEXT NOT NULL,
    remote_id TEXT,
    since REAL NOT NULL,
    PRIMARY KEY (owner, number)
) WITHOUT ROWID
"""
READ = "SELECT owner, number, pid, kind, host, details, remote_id, since FROM entries"
WRITE = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
REMOVE = "DELETE FROM entries WHERE owner = ? AND number = ?"
REMOVE_ALL = "DELETE FROM entries WHERE owner = ?"

Row = tuple[Any, ...]


class DamagedError(Exception):
    """The file is SQLite's, but not what we wrote."""


def is_damage(error: Exception) -> bool:
    """Whether `error` means that the file's content is wrong, as against being busy or full."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
    return isinstance(error, (DamagedError, ValueError))


@attrs.frozen(eq=False)
class JournalFile:
    """The open file."""

    path: Path
    _connection: sqlite3.Connection
    _identity: os.stat_result

    @classmethod
    def open_in(cls, directory: Path, check: Callable[[Row], object]) -> JournalFile:
        """Open the file in `directory`, new if there is none or it had to be set aside.

        Args:
          directory: where it lies.
          check: raises ValueError for a row that we did not write.

        Raises:
          sqlite3.Error: it cannot be used: busy, full, forbidden, or of a later version.
          OSError: likewise.
        """
        path = directory / NAME
        with _alone(directory) as alone:
            try:
                return cls._connect(path, check)
            except (sqlite3.Error, DamagedError, ValueError) as error:
                if not (alone and is_damage(error)):
                    raise
                aside = _set_aside(path)
                logger.error(  # noqa: TRY400 - where the file is matters; a traceback does not
                    "the journal was damaged (%s) and is set aside as %s: "
                    "contexts that it listed must be looked for by hand",
                    error,
                    aside,
                )
            return cls._connect(path, check)

    @classmethod
    def _connect(cls, path: Path, check: Callable[[Row], object]) -> JournalFile:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        try:
            _prepare(connection)
            for row in connection.execute(READ):
                check(row)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection, path.stat())

    def in_place(self) -> bool:
        """Whether the path still leads to this file, and nobody moved or removed it."""
        try:
            return os.path.samestat(self._identity, self.path.stat())
        except OSError:
            return False

    def read(self) -> list[Row]:
        """Every row."""
        return self._connection.execute(READ).fetchall()

    def write(self, statement: str, values: Row, *, durable: bool) -> None:
        """Do one statement; when `durable`, it survives a power loss from here on."""
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._connection.execute(statement, values)

    def write_many(self, statement: str, rows: list[Row]) -> None:
        """Do one statement for each row, within a `transaction`."""
        self._connection.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All that is done in the block, or nothing of it; and nobody else writes meanwhile."""
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close it; the last to do so merges the write-ahead log into the file."""
        self._connection.close()


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    if (verdict := connection.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
        raise DamagedError(str(verdict))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise sqlite3.NotSupportedError(f"a later version wrote it ({version}, not {VERSION})")
    connection.execute("PRAGMA auto_vacuum = FULL")  # heeded while the file is empty
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    connection.execute(f"PRAGMA journal_size_limit = {CHECKPOINT * 4096}")
    if version < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(TABLE)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")


def _set_aside(path: Path) -> Path:
    """Move the file and what SQLite keeps beside it; answers where to."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{NAME}.damaged-{stamp}-{os.getpid()}")
    for suffix in ("-wal", "-shm", "-journal", ""):  # the file last: without it the rest is nothing
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
    for old in sorted(path.parent.glob(f"{NAME}.damaged-*"))[: -4 * DAMAGED_KEPT]:
        old.unlink(missing_ok=True)
    return aside


@contextmanager
def _alone(directory: Path) -> Generator[bool]:
    """Be the only process that opens a journal in `directory`; False when that took too long."""
    descriptor = os.open(directory / "opening.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + OPENING
        while not (alone := lock(descriptor)) and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN)
        yield alone
    finally:
        os.close(descriptor)
