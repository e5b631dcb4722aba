"""Unity Catalog: names by page, schemas and volumes made and removed, and an engine's own."""

from collections.abc import Mapping
from typing import Any

import pytest
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.engine import SqlFailure, StatementSpec, Table

UC = "2.1/unity-catalog"
COLUMNS = [{"name": "id", "type_text": "BIGINT"}, {"name": "name", "type_text": "STRING"}]


@pytest.fixture
def catalog(workspace: Workspace) -> Any:
    workspace.catalog.add_table("shop.sales.orders", COLUMNS, comment="All of them")
    workspace.catalog.add_table("shop.sales.items", table_type="VIEW")
    workspace.catalog.add_schema("shop", "empty", "Nothing here")
    return workspace.catalog


async def names(calls: Any, kind: str, **query: Any) -> list[str]:
    answer = await calls.get(f"{UC}/{kind}", **query)
    return [item["name"] for item in answer.get(kind, [])]


async def test_names_at_each_level(catalog: Any, calls: Any) -> None:
    assert await names(calls, "catalogs") == ["main", "shop"]
    assert await names(calls, "schemas", catalog_name="shop") == ["empty", "sales"]
    tables = {"catalog_name": "shop", "schema_name": "sales"}
    assert await names(calls, "tables", **tables) == ["items", "orders"]
    assert await names(calls, "volumes", **tables) == []
    one = await calls.get(f"{UC}/schemas/shop.empty")
    assert (one["full_name"], one["comment"]) == ("shop.empty", "Nothing here")
    assert (await calls.get(f"{UC}/catalogs/shop"))["catalog_type"] == "MANAGED_CATALOG"


async def test_a_table_shows_its_columns_unless_they_are_not_wanted(
    catalog: Any, calls: Any
) -> None:
    table = await calls.get(f"{UC}/tables/shop.sales.orders")
    assert [(c["name"], c["position"]) for c in table["columns"]] == [("id", 0), ("name", 1)]
    assert (table["comment"], table["table_type"]) == ("All of them", "MANAGED")
    query = {"catalog_name": "shop", "schema_name": "sales", "omit_columns": "true"}
    (_, listed) = (await calls.get(f"{UC}/tables", **query))["tables"]
    assert "columns" not in listed
    assert (await calls.get(f"{UC}/tables/shop.sales.orders/exists"))["table_exists"] is True
    assert (await calls.get(f"{UC}/tables/shop.sales.no/exists"))["table_exists"] is False


async def test_summaries_go_by_patterns(catalog: Any, calls: Any) -> None:
    query = {"catalog_name": "shop", "schema_name_pattern": "sal%", "table_name_pattern": "o_ders"}
    assert await calls.get(f"{UC}/table-summaries", **query) == {
        "tables": [{"full_name": "shop.sales.orders", "table_type": "MANAGED"}]
    }


async def test_pages_are_as_large_as_asked_and_a_hundred_by_choice_of_the_server(
    workspace: Workspace, calls: Any
) -> None:
    for n in range(120):
        workspace.catalog.add_schema("main", f"s{n:03}")
    everything = await calls.get(f"{UC}/schemas", catalog_name="main")
    assert len(everything["schemas"]) == 121
    assert "next_page_token" not in everything
    first = await calls.get(f"{UC}/schemas", catalog_name="main", max_results=0)
    assert len(first["schemas"]) == 100
    rest = await calls.get(
        f"{UC}/schemas",
        catalog_name="main",
        max_results=0,
        page_token=first["next_page_token"],
    )
    assert len(rest["schemas"]) == 21
    few = await calls.get(f"{UC}/schemas", catalog_name="main", max_results=5)
    assert len(few["schemas"]) == 5
    assert (await calls.refused("GET", f"{UC}/schemas", catalog_name="main", max_results=-1))[
        0
    ] == 400


async def test_a_schema_is_made_and_removed(catalog: Any, calls: Any) -> None:
    made = await calls.post(f"{UC}/schemas", catalog_name="main", name="new", comment="mine")
    assert (made["full_name"], made["comment"]) == ("main.new", "mine")
    again = await calls.refused("POST", f"{UC}/schemas", catalog_name="main", name="new")
    assert again[:2] == (400, "SCHEMA_ALREADY_EXISTS")
    await calls.delete(f"{UC}/schemas/main.new")
    assert await names(calls, "schemas", catalog_name="main") == ["default"]
    full = await calls.refused("DELETE", f"{UC}/schemas/shop.sales")
    assert full[0] == 400
    assert "2 table(s)" in full[2]
    await calls.delete(f"{UC}/schemas/shop.sales", force="true")
    assert (await calls.refused("GET", f"{UC}/tables/shop.sales.orders"))[0] == 404


async def test_a_volume_is_made_and_removed(workspace: Workspace, calls: Any) -> None:
    where = {"catalog_name": "main", "schema_name": "default"}
    made = await calls.post(f"{UC}/volumes", name="v", volume_type="MANAGED", **where)
    assert (made["full_name"], made["volume_type"]) == ("main.default.v", "MANAGED")
    assert await names(calls, "volumes", **where) == ["v"]
    workspace.volumes.write("/Volumes/main/default/v/x", b"1")
    again = await calls.refused("POST", f"{UC}/volumes", name="v", **where)
    assert again[:2] == (400, "VOLUME_ALREADY_EXISTS")
    external = await calls.refused(
        "POST", f"{UC}/volumes", name="e", volume_type="EXTERNAL", **where
    )
    assert external[0] == 400
    await calls.delete(f"{UC}/volumes/main.default.v")
    missing = await calls.refused("GET", f"{UC}/volumes/main.default.v")
    assert missing == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "Volume 'main.default.v' does not exist.",
    )


@pytest.mark.parametrize(
    ("method", "path", "arguments", "code", "message"),
    [
        ("GET", "catalogs/no", {}, "CATALOG_DOES_NOT_EXIST", "Catalog 'no' does not exist."),
        (
            "GET",
            "schemas",
            {"catalog_name": "no"},
            "CATALOG_DOES_NOT_EXIST",
            "Catalog 'no' does not exist.",
        ),
        (
            "GET",
            "tables",
            {"catalog_name": "main", "schema_name": "x"},
            "SCHEMA_DOES_NOT_EXIST",
            "Schema 'main.x' does not exist.",
        ),
        (
            "GET",
            "tables/main.default.no",
            {},
            "TABLE_DOES_NOT_EXIST",
            "Table 'main.default.no' does not exist.",
        ),
        (
            "GET",
            "tables/short",
            {},
            "INVALID_PARAMETER_VALUE",
            "'short' is not a valid name of 3 parts.",
        ),
        (
            "POST",
            "schemas",
            {"catalog_name": "main", "name": "a b"},
            "INVALID_PARAMETER_VALUE",
            "'a b' is not a valid name.",
        ),
        ("GET", "schemas", {}, "INVALID_PARAMETER_VALUE", "Missing required field: catalog_name"),
    ],
)
async def test_refusals(  # noqa: PLR0917 (fixtures)
    method: str, path: str, arguments: Any, code: str, message: str, calls: Any
) -> None:
    refusal = await calls.refused(method, f"{UC}/{path}", **arguments)
    assert refusal[1:] == (code, message)


async def test_the_metastore(calls: Any) -> None:
    summary = await calls.get(f"{UC}/metastore_summary")
    assignment = await calls.get(f"{UC}/current-metastore-assignment")
    assert assignment["metastore_id"] == summary["metastore_id"]
    assert assignment["default_catalog_name"] == "main"


class WithTables(Scripted):
    """An engine that has catalogs of its own, as a local one does."""

    async def catalogs(self) -> list[str]:
        return ["production"]

    async def schemas(self) -> list[tuple[str, str]]:
        return [("production", "hr")]

    async def tables(self) -> list[Mapping[str, Any]]:
        employees = {"catalog_name": "production", "schema_name": "hr", "name": "employees"}
        return [employees | {"table_type": "MANAGED", "columns": COLUMNS}]

    async def run_statement(self, spec: StatementSpec) -> Table:
        if "forbidden" in spec.statement:
            raise SqlFailure("[PERMISSION] no")
        return await super().run_statement(spec)


class TestWithAnEngineThatHasTables:
    @pytest.fixture
    def engine(self) -> Scripted:
        return WithTables()

    async def test_its_names_stand_beside_the_others(self, catalog: Any, calls: Any) -> None:
        assert await names(calls, "catalogs") == ["main", "production", "shop"]
        assert await names(calls, "schemas", catalog_name="production") == ["hr"]
        table = await calls.get(f"{UC}/tables/production.hr.employees")
        assert table["full_name"] == "production.hr.employees"
        assert table["data_source_format"] == "DELTA"

    async def test_a_schema_is_made_in_it_too(self, calls: Any, engine: Scripted) -> None:
        await calls.post(f"{UC}/schemas", catalog_name="production", name="new")
        await calls.delete(f"{UC}/schemas/production.new")
        assert [s.statement for s in engine.seen if isinstance(s, StatementSpec)] == [
            "CREATE SCHEMA `production`.`new`",
            "DROP SCHEMA IF EXISTS `production`.`new` CASCADE",
        ]

    async def test_what_it_refuses_is_refused(self, calls: Any) -> None:
        refusal = await calls.refused(
            "POST", f"{UC}/schemas", catalog_name="production", name="forbidden"
        )
        assert refusal == (400, "INVALID_PARAMETER_VALUE", "[PERMISSION] no")
