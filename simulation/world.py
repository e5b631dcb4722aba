"""The ground that every part of a workspace stands on: one nursery, one clock, one dice cup.

Whatever lasts runs in the world's nursery and sleeps on trio's clock, so that under a `MockClock` a
day takes milliseconds; whatever is left to chance falls as the seed says.  Nothing is below
the services but this, what is kept (`state`), the words of the wire (`wire`) and the engine's
interface (`engine`); a service that needs another one is given it when it is made (`workspace`).
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
from attrs import asdict, frozen

from .state import Record, State

HOST = "http://simulated.databricks.test"
WORKSPACE_ID = "900800700600"
ACCOUNT_ID = "3f6c2b1a-0d4e-4c5b-9a87-16253443526f"


@frozen
class Pace:
    """How long things take, in seconds of trio's clock; by default as in a real workspace."""

    cluster_start: float = 180.0
    cluster_restart: float = 90.0
    cluster_resize: float = 60.0
    cluster_terminate: float = 20.0
    context_start: float = 1.5
    warehouse_start: float = 6.0
    warehouse_stop: float = 2.0
    task_setup: float = 1.0
    task_cleanup: float = 1.0
    run_cancel: float = 1.0
    serverless_start: float = 3.0

    def scaled(self, factor: float) -> Pace:
        """The same with every time multiplied by `factor`."""
        return Pace(**{name: seconds * factor for name, seconds in asdict(self).items()})

    @classmethod
    def quick(cls) -> Pace:
        """For people who wait: a cluster starts in three seconds."""
        return cls().scaled(1 / 60)

    @classmethod
    def instant(cls) -> Pace:
        """Every change happens as soon as its caller has been answered."""
        return cls().scaled(0)


class World:
    """What time it is, what comes by chance, where lasting work runs, and whose workspace it is.

    Attributes:
      nursery: where lasting work runs, while `life` is entered.
      state: what is kept for the next start, where there is a folder for it.
      random: the dice, which fall as the seed says.
      host: where clients find the workspace.
      user_name: who its token belongs to, and who makes what nobody else is named for.
    """

    nursery: trio.Nursery
    workspace_id = WORKSPACE_ID
    account_id = ACCOUNT_ID

    def __init__(
        self,
        *,
        pace: Pace | None = None,
        seed: int = 0,
        user_name: str = "someone@example.com",
        starts_at: int | None = None,
        folder: Path | None = None,
    ) -> None:
        self.pace = pace if pace is not None else Pace()
        self.seed = seed
        self.random = random.Random(seed)
        self.user_name = user_name
        self.host = HOST
        self._starts_at = starts_at
        self.state = State(folder)
        self._started = 0.0
        self._starts = 0
        self._last_ids: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"<World {self.host}, seed {self.seed}>"

    def begin(self) -> None:
        """Starts the clock: at `starts_at`, or at what the wall's says.

        One that was kept goes on: its time never runs back, its ids go on rising, and its dice fall
        as they have not fallen before.

        Raises:
          FolderTrouble: there is no going on in the folder.
        """
        self._started = trio.current_time()
        if self._starts_at is None:
            self._starts_at = int(time.time() * 1000)
        self.state.open()
        for kept in self.state.things("world"):
            self._starts_at = max(self._starts_at, kept["time"])
            self._last_ids = kept["last_ids"]
            self._starts = kept["starts"]
            self.random.seed(f"{self.seed} {self._starts}")
        self._starts += 1
        self._keep_time()
        self.state.flush()

    def _keep_time(self) -> None:
        if self.state.is_open:
            self.state.put("world", "", self._record)

    def _record(self) -> dict[str, Any]:
        return {"time": self.now_ms(), "starts": self._starts, "last_ids": self._last_ids}

    @asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Has a nursery while the block runs; then what runs in it is cancelled."""
        async with trio.open_nursery() as self.nursery:
            try:
                yield
            finally:
                # That all work is cancelled now is not to be kept: for the workspace it was lost.
                self._keep_time()
                self.state.close()
            self.nursery.cancel_scope.cancel()

    def keep(self, kind: str, key: str, record: Record) -> None:
        """Has a thing kept as it will be when this is written, which is soon (see `state`)."""
        self._write(kind, key, record)

    def forget(self, kind: str, key: str) -> None:
        """Has a thing kept no longer."""
        self._write(kind, key, None)

    def _write(self, kind: str, key: str, record: Record | None) -> None:
        if not self.state.is_open:
            return
        if not self.state.is_due:
            self.nursery.start_soon(self._flush)
        self.state.put(kind, key, record)
        self.state.put("world", "", self._record)

    async def _flush(self) -> None:
        self.state.flush()

    def now(self) -> float:
        """Seconds since the workspace started, on trio's clock."""
        return trio.current_time() - self._started

    def now_ms(self) -> int:
        """The workspace's time, in epoch ms: the wall clock's at the start, then trio's."""
        return self.to_ms(self.now())

    def to_ms(self, seconds: float) -> int:
        """Seconds since the workspace started as epoch ms."""
        return (self._starts_at or 0) + int(seconds * 1000)

    def from_ms(self, time_ms: int) -> float:
        """Epoch ms as seconds since the workspace started; below 0 for what was before."""
        return (time_ms - (self._starts_at or 0)) / 1000

    def new_number(self, kind: str) -> int:
        """A new id of `kind`: unique, rising, 15 digits as jobs and runs have."""
        last = self._last_ids.get(kind) or self.random.randrange(10**14, 9 * 10**14)
        self._last_ids[kind] = last + self.random.randrange(1, 10**6)
        return self._last_ids[kind]

    def new_hex(self, digits: int = 32) -> str:
        """A new random id in hexadecimal."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def new_uuid(self) -> str:
        """A new random id in the shape of a UUID."""
        text = self.new_hex(32)
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
