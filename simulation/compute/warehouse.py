"""One SQL warehouse's life: it starts when asked, or when a statement needs it; idle, it stops.

https://docs.databricks.com/api/workspace/warehouses
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

import trio

from ..world import World
from .resource import Resource

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


class Warehouse(Resource[WarehouseState]):
    """A warehouse.  Made by `Warehouses`.

    Attributes:
      config: name, size and so on, as the API has them.
      stopped: set while it is not up; what runs on it ends with that.
    """

    kind = "warehouse"

    def __init__(
        self, world: World, warehouse_id: str, config: dict[str, Any], creator: str
    ) -> None:
        super().__init__(world, warehouse_id, WarehouseState.STOPPED)
        self.warehouse_id = warehouse_id
        self.config = config
        self.creator = creator
        self.stopped = trio.Event()
        self.stopped.set()
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
            self.enter(WarehouseState.STARTING)
            self.stopped = trio.Event()
            self.later(self._world.pace.warehouse_start, self.come_up)

    def stop(self) -> None:
        """Sets out for STOPPED; nothing when it is there, or on the way."""
        if self.state in UP:
            self.enter(WarehouseState.STOPPING)
            self.stopped.set()
            self.later(self._world.pace.warehouse_stop, self._stopped)

    def delete(self) -> None:
        """Is DELETED from now on."""
        self.enter(WarehouseState.DELETED)
        self.stopped.set()

    def edit(self, config: dict[str, Any]) -> None:
        """Takes a new configuration; a running one goes on running."""
        self.config = config
        self.keep()
        self._slots.total_tokens = self._places()
        if self.state is WarehouseState.RUNNING:
            self._watch_idleness()

    def come_up(self) -> None:
        """Is RUNNING from now on."""
        self.enter(WarehouseState.RUNNING)
        self.stopped = trio.Event()
        self.idle_since = self._world.now()
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
            await self.changed.wait()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of its places for a statement, once it runs and one is free."""
        with self.busy():
            async with self._slots:
                await self.usable()
                yield

    def wire(self) -> dict[str, Any]:
        """As the API shows it."""
        running = self.state is WarehouseState.RUNNING
        hostname = self._world.host.partition("://")[2].partition(":")[0]
        path = f"/sql/1.0/warehouses/{self.warehouse_id}"
        return {
            "id": self.warehouse_id,
            **self.config,
            "state": self.state.value,
            "creator_name": self.creator,
            "num_clusters": int(self.config["min_num_clusters"]) if running else 0,
            "num_active_sessions": self.at_work,
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

    def record(self) -> dict[str, Any]:
        """All that the service needs to make it again, and `restore`."""
        return {
            "warehouse_id": self.warehouse_id,
            "config": self.config,
            "creator": self.creator,
            "state": self.state,
        }

    def restore(self, state: str) -> None:
        """Goes on from a state that was kept; what was on the way down has come there."""
        match WarehouseState(state):
            case WarehouseState.STARTING:
                self.start()
            case WarehouseState.RUNNING:
                self.come_up()

    def _places(self) -> int:
        return STATEMENTS_A_CLUSTER * int(self.config["max_num_clusters"])

    def _stopped(self) -> None:
        self.enter(WarehouseState.STOPPED)

    def _watch_idleness(self) -> None:
        self.when_idle(int(self.config["auto_stop_mins"]), self.stop)
