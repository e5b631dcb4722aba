"""Who is alive: one locked file for each owner of journal rows.

A process id says little: ids are used again, and containers that share a directory each have
their own.  A lock held by `flock` says it all, since the kernel drops it when the process dies,
however it dies.  The rules:

1. An owner locks its file before it writes its first row, and the file stays until after its
   last row is gone.  So a row whose lock is free has a dead owner, for good: ids are never reused.
2. Rows without a lock file are nobody's guess (somebody cleared the directory).  Their owner is
   `UNKNOWN`, and only a person may decide about them.
3. Looking takes the lock for a moment, shared, so that two who look do not mislead each other.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Container
from enum import Enum
from pathlib import Path

import attrs

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ATTEMPTS = 5  # a fresh lock file is lost only to somebody who swept it in the same microsecond
SUFFIX = ".lock"


class Life(Enum):
    """Whether the owner of a row still runs."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """Its lock file is gone although it has rows: somebody cleared the directory."""


@attrs.frozen
class Owner:
    """One opened journal, for as long as it holds its lock.

    Attributes:
      id: 32 hex digits, never used again.
      path: the locked file.
    """

    id: str
    path: Path
    _descriptor: int

    @classmethod
    def enter(cls, directory: Path) -> Owner:
        """Make and lock a file of our own in `directory`, which is made if need be.

        Raises:
          OSError: the directory cannot be written, or knows no locks.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(ATTEMPTS):
            name = uuid.uuid4().hex
            path = directory / f"{name}{SUFFIX}"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if lock(descriptor) and _is_still_at(descriptor, path):
                sync_directory(directory)
                return cls(name, path, descriptor)
            os.close(descriptor)
        raise OSError(f"no lock could be taken in {directory}")

    def leave(self, *, rows_remain: bool) -> None:
        """Unlock; the file stays while rows do, since it is what says that their owner is dead."""
        if not rows_remain:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def life_of(owner_id: str, directory: Path) -> Life:
    """Whether `owner_id` still holds its lock."""
    try:
        descriptor = os.open(directory / f"{owner_id}{SUFFIX}", os.O_RDWR)
    except OSError:
        return Life.UNKNOWN
    try:
        return Life.DEAD if lock(descriptor, shared=True) else Life.ALIVE
    finally:
        os.close(descriptor)


def sweep(directory: Path, keep: Container[str]) -> None:
    """Remove the lock files of dead owners, save those in `keep`, who still have rows."""
    for path in directory.glob(f"*{SUFFIX}"):
        if path.stem in keep:
            continue
        descriptor = os.open(path, os.O_RDWR)
        try:
            if lock(descriptor):
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def lock(descriptor: int, *, shared: bool = False) -> bool:
    """Try to lock an open file, without waiting.  Closing it unlocks it.

    Raises:
      OSError: the file system knows no locks.
    """
    try:
        if sys.platform == "win32":  # knows no shared locks; a look may then hide another's look
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def sync_directory(directory: Path) -> None:
    """Make a new file's name survive a power loss, where the system lets us."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_still_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
