from __future__ import annotations

import pytest
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.warehouses import WarehouseState
from databricks_mcp_toolkit.simulation import Workspace
from trio.testing import MockClock

from .conftest import Script


async def test_a_warehouse_is_told_as_it_is(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    warehouse = await live.warehouses.get(workspace.warehouse_id)
    assert warehouse.id == workspace.warehouse_id
    assert warehouse.state is WarehouseState.RUNNING
    assert warehouse.name == warehouse.wire["name"]
    assert [each.id async for each in live.warehouses.list()] == [warehouse.id]


async def test_all_warehouses_are_listed_over_all_pages(
    databricks: Databricks, script: Script
) -> None:
    script.answer(200, {"warehouses": [{"id": "a"}, {"id": "b"}], "next_page_token": "t"})
    script.answer(200, {"warehouses": [{"id": "c"}]})
    assert [each.id async for each in databricks.warehouses.list(page_size=2)] == ["a", "b", "c"]
    assert [sent.query for sent in script.requests] == [
        {"page_size": "2"},
        {"page_size": "2", "page_token": "t"},
    ]


async def test_a_workspace_without_warehouses_has_an_empty_list(
    databricks: Databricks, script: Script
) -> None:
    script.answer(200, {})
    assert [each async for each in databricks.warehouses.list()] == []


async def test_a_warehouse_that_does_not_exist_is_not_found(
    live: Databricks, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.NotFound):
        await live.warehouses.get("0000000000000000")
