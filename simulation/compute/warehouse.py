"""One SQL warehouse's life: it starts when asked, or when a statement needs it; idle, it stops.

https://docs.databricks.com/api/workspace/warehouses
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import trio

if TYPE_CHECKING:
    from ..workspace import Workspace

STATEMENTS_A_CLUSTER = 10  # that run at once on each cluster of a warehouse; more wait


class WarehouseState(StrEnum):
    """How far a warehouse has come, in Databricks' words."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DELETING = "DELETING"
    DELETED = "DELETED"


UP = frozenset({WarehouseState.STARTING, WarehouseState.RUNNING})


class WarehouseGone(Exception):
    """The warehouse was deleted while something waited for it."""


class Warehouse:
    """A warehouse.  Made by `Warehouses`.

    Attributes:
      config: name, size and so on, as the API has them.
      state: where it is now.
      stopped: set while it is not up; what runs on it ends with that.
    """

    def __init__(
        self, workspace: Workspace, warehouse_id: str, config: dict[str, Any], creator: str
    ) -> None:
        self.workspace = workspace
        self.warehouse_id = warehouse_id
        self.config = config
        self.creator = creator
        self.state = WarehouseState.STOPPED
        self.stopped = trio.Event()
        self.stopped.set()
        self._change = 0
        self._changed = trio.Event()
        self._busy = 0
        self._idle_since = 0.0
        self._slots = trio.CapacityLimiter(self._places())

    def __repr__(self) -> str:
        return (
            f"<Warehouse {self.warehouse_id} {self.name!r}, {self.state}, "
            f"{self._slots.borrowed_tokens:g} statements running>"
        )

    @property
    def name(self) -> str:
        """Its name, unique in the workspace."""
        return str(self.config["name"])

    def start(self) -> None:
        """Sets out for RUNNING; nothing when it is there, or on the way."""
        if self.state in {WarehouseState.STOPPED, WarehouseState.STOPPING}:
            self._enter(WarehouseState.STARTING)
            self.stopped = trio.Event()
            self._later(self.workspace.pace.warehouse_start, self.come_up)

    def stop(self) -> None:
        """Sets out for STOPPED; nothing when it is there, or on the way."""
        if self.state in UP:
            self._enter(WarehouseState.STOPPING)
            self.stopped.set()
            self._later(self.workspace.pace.warehouse_stop, self._stopped)

    def delete(self) -> None:
        """Is DELETED from now on."""
        self._enter(WarehouseState.DELETED)
        self.stopped.set()

    def edit(self, config: dict[str, Any]) -> None:
        """Takes a new configuration; a running one goes on running."""
        self.config = config
        self._slots.total_tokens = self._places()
        if self.state is WarehouseState.RUNNING:
            self._watch_idleness()

    def come_up(self) -> None:
        """Is RUNNING from now on."""
        self._enter(WarehouseState.RUNNING)
        self.stopped = trio.Event()
        self._idle_since = self.workspace.now()
        self._watch_idleness()

    async def usable(self) -> None:
        """Starts it if need be, and waits until it runs.

        Raises:
          WarehouseGone: it was deleted meanwhile.
        """
        while self.state is not WarehouseState.RUNNING:
            if self.state in {WarehouseState.DELETING, WarehouseState.DELETED}:
                raise WarehouseGone(f"Warehouse {self.warehouse_id} was deleted.")
            if self.state is WarehouseState.STOPPED:
                self.start()
            await self._changed.wait()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of its places for a statement, once it runs and one is free."""
        with self.busy():
            async with self._slots:
                await self.usable()
                yield

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keeps it from stopping by itself while the block runs."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._idle_since = self.workspace.now()

    def wire(self) -> dict[str, Any]:
        """As the API shows it."""
        running = self.state is WarehouseState.RUNNING
        hostname = self.workspace.host.partition("://")[2].partition(":")[0]
        path = f"/sql/1.0/warehouses/{self.warehouse_id}"
        return {
            "id": self.warehouse_id,
            **self.config,
            "state": self.state.value,
            "creator_name": self.creator,
            "num_clusters": int(self.config["min_num_clusters"]) if running else 0,
            "num_active_sessions": self._busy,
            "health": {"status": "HEALTHY"} if running else {},
            "jdbc_url": f"jdbc:databricks://{hostname}:443/default;transportMode=http;ssl=1;"
            f"AuthMech=3;httpPath={path};",
            "odbc_params": {
                "hostname": hostname,
                "path": path,
                "protocol": "https",
                "port": 443,
            },
        }

    def _places(self) -> int:
        return STATEMENTS_A_CLUSTER * int(self.config["max_num_clusters"])

    def _enter(self, state: WarehouseState) -> None:
        self.state = state
        self._change += 1
        self._changed.set()
        self._changed = trio.Event()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self.workspace.nursery.start_soon(self._after, self._change, seconds, action)

    async def _after(self, change: int, seconds: float, action: Callable[[], None]) -> None:
        await trio.sleep(seconds)
        if self._change == change:
            action()

    def _stopped(self) -> None:
        self._enter(WarehouseState.STOPPED)

    def _watch_idleness(self) -> None:
        minutes = int(self.config["auto_stop_mins"])
        if minutes > 0:
            self.workspace.nursery.start_soon(self._stop_when_idle, self._change, self.config)

    async def _stop_when_idle(self, change: int, config: dict[str, Any]) -> None:
        limit = int(config["auto_stop_mins"]) * 60.0
        while self._change == change and self.config is config:
            now = self.workspace.now()
            due = (now if self._busy else self._idle_since) + limit
            if due <= now:
                self.stop()
                return
            await trio.sleep(due - now)
