"""What a workspace keeps in a folder, for its next start: things by kind and key, in SQLite.

Rules:

* A service says that a thing has changed (`World.keep`), and what it is to be kept as is asked at
  the next `flush`: before a request is answered, and soon after whatever else happened.  So what a
  client was told is on the disk, and many changes of a thing cost one write.
* A flush is one transaction.  A process killed in the midst of it leaves the folder as it was
  before; nothing that it wrote earlier is lost, short of the machine losing its power.
* One process has the folder at a time.
* Without a folder nothing is kept, and nothing is asked.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = "workspace.sqlite3"
APPLICATION = 0x44_42_57_53  # tells our file from other people's SQLite files
SCHEMA = 1  # goes up with every change that an older version would read wrongly

Record = Callable[[], Any]  # what a thing is kept as, in JSON's types

# What an engine of somebody's tests made of a value need not be JSON.
_encode = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=str).encode


class FolderTrouble(Exception):
    """A folder in which no workspace can live now; its text says why, in one line."""


class FolderInUse(FolderTrouble):
    """Another process has the folder."""


class UnknownState(FolderTrouble):
    """What is in the folder was not written by a version that this one can read."""


class State:
    """The kept things.

    Attributes:
      is_fresh: whether nothing had been kept before.
      is_open: whether changes are kept now.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._database: sqlite3.Connection | None = None
        self._due: dict[tuple[str, str], Record | None] = {}
        self.is_fresh = True

    def __repr__(self) -> str:
        where = self._folder if self._folder is not None else "nowhere"
        return f"<State {where}, {len(self._due)} changes to write>"

    @property
    def is_open(self) -> bool:
        """Whether changes are kept now."""
        return self._database is not None

    @property
    def is_due(self) -> bool:
        """Whether there is something to write."""
        return bool(self._due)

    def open(self) -> None:
        """Takes hold of the folder, made if it is not there.

        Raises:
          FolderInUse: another process has it.
          UnknownState: it was written by another version, or is damaged.
        """
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / FILE
        database = sqlite3.connect(place, timeout=0, isolation_level=None)
        try:
            self.is_fresh = _prepare(database, place)
        except sqlite3.DatabaseError as error:
            database.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise FolderInUse(f"Another workspace is running on {self._folder}.") from None
            raise UnknownState(f"{place} cannot be read: {error}.") from None
        except FolderTrouble:
            database.close()
            raise
        self._database = database

    def close(self) -> None:
        """Writes what is due and lets the folder go; changes after that are not kept."""
        if self._database is not None:
            try:
                self.flush()
            finally:
                self._database.close()
                self._database = None

    def things(self, kind: str) -> list[Any]:
        """What was kept of a kind, in the order in which the things came."""
        if self._database is None:
            return []
        found = self._database.execute(
            "SELECT body FROM things WHERE kind = ? ORDER BY place", (kind,)
        )
        return [json.loads(body) for (body,) in found]

    def put(self, kind: str, key: str, record: Record | None) -> None:
        """Has a thing written at the next flush; one without a record is forgotten then."""
        self._due[kind, key] = record

    def flush(self) -> None:
        """Writes all that is due."""
        if not self._due or self._database is None:
            return
        due, self._due = self._due, {}
        kept = [
            (kind, key, _encode(record()))
            for (kind, key), record in due.items()
            if record is not None
        ]
        gone = [thing for thing, record in due.items() if record is None]
        with self._database as database:
            database.execute("BEGIN")
            database.executemany(
                "INSERT INTO things (kind, key, body) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET body = excluded.body",
                kept,
            )
            database.executemany("DELETE FROM things WHERE kind = ? AND key = ?", gone)


def _prepare(database: sqlite3.Connection, place: Path) -> bool:
    """Locks the file, and makes or checks what is in it; whether it was made."""
    # Held until the connection closes, or its process ends, whichever way.
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    with database:
        database.execute("BEGIN EXCLUSIVE")
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (schema,) = database.execute("PRAGMA user_version").fetchone()
        is_new = not database.execute("SELECT 1 FROM sqlite_schema").fetchone()
        if is_new:
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {SCHEMA}")
            database.execute(
                "CREATE TABLE things (place INTEGER PRIMARY KEY, kind TEXT NOT NULL, "
                "key TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, key))"
            )
        elif application != APPLICATION:
            raise UnknownState(f"{place} is not the state of a simulated workspace.")
        elif schema != SCHEMA:
            raise UnknownState(
                f"{place} was written by another version of this program: its schema is {schema}, "
                f"and this version reads {SCHEMA}."
            )
    # A commit survives the end of the process at once; the disk's own cache is not waited for.
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return is_new
