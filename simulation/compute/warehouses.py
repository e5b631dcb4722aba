"""SQL warehouses 2.0: every endpoint under `/api/2.0/sql/warehouses`.

Left out on purpose: scaling between the numbers of clusters, and workspace-wide configuration.
https://docs.databricks.com/api/workspace/warehouses
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..wire import Call, Refusal, Response, Route, page_of
from ..world import World
from .warehouse import Warehouse, WarehouseState

PREFIX = "/api/2.0/sql/warehouses"
SAMPLE_WAREHOUSE_ID = "5a3f1e0c9d7b2468"
SIZES = frozenset(
    {
        "2X-Small",
        "X-Small",
        "Small",
        "Medium",
        "Large",
        "X-Large",
        "2X-Large",
        "3X-Large",
        "4X-Large",
        "5X-Large",
    }
)
TYPES = frozenset({"PRO", "CLASSIC", "TYPE_UNSPECIFIED"})
LONGEST_NAME = 100  # characters
MOST_CLUSTERS = 40
LEAST_AUTO_STOP = 10  # minutes; or 0, never
PAGE_SIZE = 100
_ID = re.compile(r"^[0-9a-f]{16}$")

DEFAULTS: Mapping[str, Any] = {
    "cluster_size": "Small",
    "min_num_clusters": 1,
    "max_num_clusters": 1,
    "auto_stop_mins": 120,
    "spot_instance_policy": "COST_OPTIMIZED",
    "enable_photon": True,
    "enable_serverless_compute": True,
    "warehouse_type": "PRO",
    "channel": {"name": "CHANNEL_NAME_CURRENT"},
    "tags": {},
}
_CONFIG = frozenset({*DEFAULTS, "name", "instance_profile_arn", "creator_name"})


class Warehouses:
    """All warehouses of a workspace, by id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._warehouses: dict[str, Warehouse] = {}

    def __repr__(self) -> str:
        running = sum(warehouse.state is WarehouseState.RUNNING for warehouse in self)
        return f"<Warehouses, {len(self._warehouses)}, {running} running>"

    def __iter__(self) -> Iterator[Warehouse]:
        return iter(tuple(self._warehouses.values()))

    def routes(self) -> list[Route]:
        """The endpoints."""
        one = f"{PREFIX}/{{id}}"
        return [
            Route("GET", PREFIX, self.list_page),
            Route("POST", PREFIX, self.create),
            Route("GET", one, self.get),
            Route("DELETE", one, self.delete),
            Route("POST", f"{one}/edit", self.edit),
            Route("POST", f"{one}/start", self.start),
            Route("POST", f"{one}/stop", self.stop),
        ]

    def restore(self) -> None:
        """Brings back those that an earlier workspace with the same folder kept."""
        for record in self._world.state.things("warehouse"):
            warehouse_id, config = record["warehouse_id"], record["config"]
            self._add(warehouse_id, config, record["creator"]).restore(record["state"])

    def add_sample(self) -> None:
        """Puts the sample warehouse there, already running."""
        config = {**DEFAULTS, "name": "Starter Warehouse", "auto_stop_mins": 0}
        config["max_num_clusters"] = 4
        self._add(SAMPLE_WAREHOUSE_ID, config, self._world.user_name).come_up()

    # -- for the other services, and for tests -------------------------------------------------

    def find(self, warehouse_id: str) -> Warehouse | None:
        """The warehouse, or None."""
        return self._warehouses.get(warehouse_id)

    def used_by(self, call: Call) -> Warehouse:
        """The warehouse that a statement or session names; one that is not there may not be used.

        Whether it is missing or somebody else's is not told, as the product was seen to do.
        """
        warehouse_id = call.text("warehouse_id")
        if _ID.match(warehouse_id) and self.find(warehouse_id) is None:
            message = "You do not have permission to use the SQL Warehouse."
            raise Refusal(403, "PERMISSION_DENIED", f"{message} Please contact your administrator.")
        return self.known(warehouse_id)

    def known(self, warehouse_id: str) -> Warehouse:
        """The warehouse; refuses an unknown id as Databricks does."""
        warehouse = self.find(warehouse_id)
        if warehouse is not None:
            return warehouse
        if not _ID.match(warehouse_id):
            raise Refusal.invalid(f"{warehouse_id} is not a valid endpoint id.")
        raise Refusal.missing(f"Warehouse {warehouse_id} does not exist")

    # -- endpoints -------------------------------------------------------------------------------

    async def create(self, call: Call) -> dict[str, Any]:
        """`POST warehouses`: it starts at once."""
        config = self._config(call, {})
        warehouse_id = self._world.new_hex(16)
        self._add(warehouse_id, config, call.user_name).start()
        return {"id": warehouse_id}

    async def get(self, call: Call) -> dict[str, Any]:
        """`GET warehouses/{id}`."""
        return self._asked(call).wire()

    async def list_page(self, call: Call) -> dict[str, Any]:
        """`GET warehouses`."""
        size = min(call.integer("page_size", 0) or PAGE_SIZE, PAGE_SIZE)
        page, tokens = page_of(list(self), call.text("page_token", ""), size)
        return {"warehouses": [warehouse.wire() for warehouse in page], **tokens}

    async def edit(self, call: Call) -> dict[str, Any]:
        """`POST warehouses/{id}/edit`: what the body names changes."""
        warehouse = self._asked(call)
        warehouse.edit(self._config(call, warehouse.config))
        return {}

    async def start(self, call: Call) -> dict[str, Any]:
        """`POST warehouses/{id}/start`."""
        self._asked(call).start()
        return {}

    async def stop(self, call: Call) -> dict[str, Any]:
        """`POST warehouses/{id}/stop`: what runs on it is cancelled."""
        self._asked(call).stop()
        return {}

    async def delete(self, call: Call) -> Response:
        """`DELETE warehouses/{id}`."""
        warehouse = self._asked(call)
        warehouse.delete()
        warehouse.let_go()
        del self._warehouses[warehouse.warehouse_id]
        return Response.json({})

    # -- inside ------------------------------------------------------------------------------------

    def _asked(self, call: Call) -> Warehouse:
        return self.known(call.path_params["id"])

    def _add(self, warehouse_id: str, config: dict[str, Any], creator: str) -> Warehouse:
        warehouse = Warehouse(self._world, warehouse_id, config, creator)
        self._warehouses[warehouse_id] = warehouse
        return warehouse

    def _config(self, call: Call, before: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in call.body.items() if name in _CONFIG}
        config = {**DEFAULTS, **before, **given}
        config["auto_stop_mins"] = int(config["auto_stop_mins"] or 0)
        name = config.get("name")
        if not name or len(name) >= LONGEST_NAME:
            raise Refusal.invalid(f"A warehouse needs a name, of less than {LONGEST_NAME} letters.")
        if name != before.get("name") and name in {warehouse.name for warehouse in self}:
            raise Refusal.invalid(f"Warehouse with name `{name}` already exists.")
        if config["cluster_size"] not in SIZES:
            raise Refusal.invalid(f"{config['cluster_size']!r} is not a cluster size.")
        if config["warehouse_type"] not in TYPES:
            raise Refusal.invalid(f"{config['warehouse_type']!r} is not a warehouse type.")
        if 0 < config["auto_stop_mins"] < LEAST_AUTO_STOP:
            raise Refusal.invalid(f"auto_stop_mins must be 0, or at least {LEAST_AUTO_STOP}.")
        if not 1 <= config["min_num_clusters"] <= config["max_num_clusters"] <= MOST_CLUSTERS:
            raise Refusal.invalid(
                f"min_num_clusters and max_num_clusters must be from 1 to {MOST_CLUSTERS}, "
                "the first not above the second."
            )
        return config
