"""Databricks' own SQL connector, on the embedded workspace: where it is installed.

It is large, so it is no part of `dev`: `.ci/run` has an environment for what is, and
`pip install -e '.[dev,clients]'` runs these, too.
"""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from databricks_mcp_toolkit.simulation import Local, Pace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer, workspace_in_background

sql = pytest.importorskip("databricks.sql")
pytest.importorskip("pyarrow")

# How a result comes: by links to Arrow streams, inline as JSON, or whichever the server finds best.
WAYS: tuple[dict[str, bool], ...] = (
    {},
    {"use_cloud_fetch": False},
    {"use_hybrid_disposition": True},
)


@pytest.fixture(scope="module")
def local_server() -> Iterator[WorkspaceServer]:
    with workspace_in_background(engine=Local(), pace=Pace.instant()) as server:
        yield server


@pytest.fixture(params=WAYS, ids=str)
def cursor(request: Any, local_server: WorkspaceServer) -> Iterator[Any]:
    host, _, port = local_server.host.rpartition(":")
    with (
        sql.connect(
            server_hostname=host,
            _port=int(port),
            http_path=f"/sql/1.0/warehouses/{local_server.workspace.warehouse_id}",
            access_token=local_server.token,
            use_sea=True,  # the Statement Execution API, and not Thrift
            enable_telemetry=False,
            catalog="production",
            schema="hr",
            **request.param,
        ) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor


def test_rows_come_with_their_types(cursor: Any) -> None:
    cursor.execute(
        "SELECT 1L AS n, 1.50 AS d, true AS b, DATE'2024-01-31' AS t, 'x' AS s, NULL AS v"
    )
    assert [column[0] for column in cursor.description] == ["n", "d", "b", "t", "s", "v"]
    assert tuple(cursor.fetchone()) == (
        1,
        Decimal("1.50"),
        True,
        datetime.date(2024, 1, 31),
        "x",
        None,
    )


def test_a_connection_keeps_its_session(cursor: Any) -> None:
    cursor.execute("SELECT count(*) FROM employees")  # where the connection was opened
    assert cursor.fetchone()[0] > 0
    cursor.execute("CREATE OR REPLACE TEMPORARY VIEW answer AS SELECT 42 AS x")
    cursor.execute("USE CATALOG samples")
    cursor.execute("SELECT x, current_catalog() AS c FROM answer")
    assert tuple(cursor.fetchone()) == (42, "samples")


def test_parameters_are_bound(cursor: Any) -> None:
    cursor.execute("SELECT :a + 1 AS a, :b AS b", {"a": 5, "b": None})
    assert tuple(cursor.fetchone()) == (6, None)


def test_a_statement_is_waited_for_and_one_that_is_wrong_is_raised(cursor: Any) -> None:
    cursor.execute_async("SELECT 7 AS x")
    cursor.get_async_execution_result()
    assert cursor.fetchone()[0] == 7
    with pytest.raises(sql.exc.ServerOperationError, match="TABLE_OR_VIEW_NOT_FOUND"):
        cursor.execute("SELECT * FROM nowhere")


def test_schemas_are_listed(cursor: Any) -> None:
    cursor.schemas(catalog_name="production")
    assert {row[0] for row in cursor.fetchall()} >= {"default", "hr"}


def test_a_large_result_comes_whole_by_its_links(
    cursor: Any, request: pytest.FixtureRequest
) -> None:
    if "use_cloud_fetch" in request.node.name:
        pytest.skip("the connector reads the first chunk of an inline result only")
    cursor.execute("SELECT id FROM range(250000)")
    assert [row[0] for row in cursor.fetchall()] == list(range(250_000))
