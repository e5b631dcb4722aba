"""SQL warehouses 2.0: what runs SQL statements.

https://docs.databricks.com/api/workspace/warehouses
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from .endpoint import Endpoint, RetryClass
from .pages import Page, Pages
from .wire import Wired

if TYPE_CHECKING:
    from .http import Door

LIST = Endpoint("GET", "/api/2.0/sql/warehouses", RetryClass.READ)
GET = Endpoint("GET", "/api/2.0/sql/warehouses/{warehouse_id}", RetryClass.READ)


class WarehouseState(StrEnum):
    """How a warehouse is, in Databricks' words."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DELETING = "DELETING"
    DELETED = "DELETED"


@attrs.frozen
class Warehouse(Wired):
    """A SQL warehouse."""

    id: str
    name: str = ""
    state: WarehouseState | str = ""
    cluster_size: str = ""
    warehouse_type: str = ""
    auto_stop_mins: int | None = None
    enable_serverless_compute: bool | None = None


@attrs.frozen
class _WarehousePage(Wired):
    warehouses: tuple[Warehouse, ...] = ()
    next_page_token: str | None = None


class WarehousesClient:
    """The warehouses API, as far as it reads."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def page(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> Page[Warehouse]:
        """One page of warehouses."""
        query = {"page_size": page_size, "page_token": page_token}
        page = await self._door.ask(LIST, _WarehousePage, query=query)
        return Page(page.warehouses, page.next_page_token, page.wire)

    def list(self, *, page_size: int | None = None) -> Pages[Warehouse]:
        """All warehouses, page by page: `async for warehouse in warehouses.list()`."""
        return Pages(lambda token: self.page(page_size=page_size, page_token=token))

    async def get(self, warehouse_id: str) -> Warehouse:
        """One warehouse.

        Raises:
          NotFound: there is none of this id.
        """
        return await self._door.ask(GET, Warehouse, ids={"warehouse_id": warehouse_id})
