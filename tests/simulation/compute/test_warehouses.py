"""A warehouse's life, and the endpoints of SQL warehouses."""

from typing import Any

import httpx
import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.compute.warehouse import WarehouseGone
from trio.testing import MockClock

PATH = "/api/2.0/sql/warehouses"
PACE = Pace()


async def create(api: httpx.AsyncClient, **body: Any) -> str:
    made = await api.post(PATH, json={"name": "one", "cluster_size": "2X-Small"} | body)
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


async def state(api: httpx.AsyncClient, warehouse_id: str) -> str:
    return str((await api.get(f"{PATH}/{warehouse_id}")).json()["state"])


async def test_the_sample_warehouse_runs_from_the_start(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    shown = (await api.get(f"{PATH}/{workspace.warehouse_id}")).json()
    assert shown["state"] == "RUNNING"
    assert shown["odbc_params"]["path"] == f"/sql/1.0/warehouses/{workspace.warehouse_id}"
    assert shown["health"] == {"status": "HEALTHY"}


async def test_it_starts_and_stops_in_its_time(
    api: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    warehouse_id = await create(api)
    assert await state(api, warehouse_id) == "STARTING"
    await trio.sleep(PACE.warehouse_start + 0.1)
    assert await state(api, warehouse_id) == "RUNNING"
    await api.post(f"{PATH}/{warehouse_id}/stop")
    assert await state(api, warehouse_id) == "STOPPING"
    await trio.sleep(PACE.warehouse_stop + 0.1)
    assert await state(api, warehouse_id) == "STOPPED"
    assert (await api.post(f"{PATH}/{warehouse_id}/stop")).json() == {}
    await api.post(f"{PATH}/{warehouse_id}/start")
    assert await state(api, warehouse_id) == "STARTING", "at the very next look"
    assert (await api.post(f"{PATH}/{warehouse_id}/start")).json() == {}
    await trio.sleep(PACE.warehouse_start + 0.1)
    assert await state(api, warehouse_id) == "RUNNING"


async def test_a_stop_overtakes_a_start(api: httpx.AsyncClient, autojump_clock: MockClock) -> None:
    warehouse_id = await create(api)
    await trio.sleep(1)
    await api.post(f"{PATH}/{warehouse_id}/stop")
    await trio.sleep(3600)
    assert await state(api, warehouse_id) == "STOPPED"


async def test_an_idle_one_stops_by_itself(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    warehouse_id = await create(api, auto_stop_mins=10)
    warehouse = workspace.warehouses.known(warehouse_id)
    with warehouse.busy():
        await trio.sleep(3600)
        assert await state(api, warehouse_id) == "RUNNING"
    await trio.sleep(599)
    assert await state(api, warehouse_id) == "RUNNING"
    await trio.sleep(2)
    assert await state(api, warehouse_id) == "STOPPING"


async def test_an_edit_changes_what_it_names_and_runs_on(
    api: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    warehouse_id = await create(api)
    await trio.sleep(3600)
    edited = await api.post(
        f"{PATH}/{warehouse_id}/edit",
        json={"name": "two", "max_num_clusters": 3, "auto_stop_mins": 20},
    )
    assert edited.status_code == 200
    shown = (await api.get(f"{PATH}/{warehouse_id}")).json()
    assert (shown["name"], shown["cluster_size"], shown["max_num_clusters"]) == (
        "two",
        "2X-Small",
        3,
    )
    assert shown["state"] == "RUNNING"
    await trio.sleep(20 * 60 + 1)
    assert await state(api, warehouse_id) in {"STOPPING", "STOPPED"}, "the new limit holds"


async def test_a_deleted_one_is_gone_also_for_who_waits(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    warehouse_id = await create(api)
    warehouse = workspace.warehouses.known(warehouse_id)

    async def delete_in_a_second() -> None:
        await trio.sleep(1)
        assert (await api.delete(f"{PATH}/{warehouse_id}")).status_code == 200

    async with trio.open_nursery() as nursery:
        nursery.start_soon(delete_in_a_second)
        with pytest.raises(WarehouseGone):
            await warehouse.usable()
    refused = await api.get(f"{PATH}/{warehouse_id}")
    assert refused.status_code == 404
    assert refused.json() == {
        "error_code": "RESOURCE_DOES_NOT_EXIST",
        "message": f"Warehouse {warehouse_id} does not exist",
    }


async def test_an_id_that_is_none_is_an_invalid_parameter(api: httpx.AsyncClient) -> None:
    refused = await api.get(f"{PATH}/not-an-id")
    assert (refused.status_code, refused.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


async def test_lists_are_paged(workspace: Workspace, api: httpx.AsyncClient) -> None:
    for name in "ab":
        await create(api, name=name)
    first = (await api.get(PATH, params={"page_size": 2})).json()
    token = first["next_page_token"]
    second = (await api.get(PATH, params={"page_size": 2, "page_token": token})).json()
    names = [each["name"] for each in first["warehouses"] + second["warehouses"]]
    assert names == ["Starter Warehouse", "a", "b"]
    assert "next_page_token" not in second


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "x" * 100}, "needs a name"),
        ({"name": "Starter Warehouse"}, "already exists"),
        ({"cluster_size": "Huge"}, "'Huge' is not a cluster size"),
        ({"warehouse_type": "AMATEUR"}, "not a warehouse type"),
        ({"auto_stop_mins": 5}, "at least 10"),
        ({"min_num_clusters": 3, "max_num_clusters": 2}, "min_num_clusters"),
    ],
)
async def test_a_configuration_that_is_wrong_is_refused(
    api: httpx.AsyncClient, body: dict[str, Any], fault: str
) -> None:
    refused = await api.post(PATH, json={"name": "one"} | body)
    assert (refused.status_code, refused.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert fault in refused.json()["message"]


async def test_reprs_are_status_lines(workspace: Workspace) -> None:
    assert repr(workspace.warehouses) == "<Warehouses, 1, 1 running>"
    assert repr(workspace.warehouses.known(workspace.warehouse_id)) == (
        "<Warehouse 5a3f1e0c9d7b2468 'Starter Warehouse', RUNNING, 0 statements running>"
    )
