"""`databricks-sdk` runs SQL on the simulated workspace: statements, chunks, links, warehouses."""

import json
import urllib.request
from typing import Any

import pytest
from attrs import evolve
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    DatabricksError,
    InvalidParameterValue,
    NotFound,
    PermissionDenied,
)
from databricks.sdk.service.sql import (
    ColumnInfoTypeName,
    Disposition,
    Format,
    GetWarehouseResponseWarehouseType,
    QueryFilter,
    QueryStatus,
    ServiceErrorCode,
    State,
    StatementParameterListItem,
    StatementState,
    TimeRange,
)
from databricks_mcp_toolkit.simulation import Scripted
from databricks_mcp_toolkit.simulation.background import WorkspaceServer
from databricks_mcp_toolkit.simulation.engine import StatementSpec


@pytest.fixture
def warehouse_id(served: WorkspaceServer) -> str:
    return served.workspace.warehouse_id


def test_a_statement_gives_its_rows(
    engine: Scripted, sdk: WorkspaceClient, warehouse_id: str
) -> None:
    engine.statement(
        columns={"n": "BIGINT", "d": "DECIMAL(10,2)", "a": "ARRAY<INT>"},
        rows=[(1, "2.50", [1, 2]), (None, None, None)],
    )
    done = sdk.statement_execution.execute_statement(
        "SELECT :n",
        warehouse_id,
        catalog="main",
        schema="default",
        parameters=[StatementParameterListItem(name="n", value="1", type="INT")],
    )
    assert done.status is not None
    assert done.status.state is StatementState.SUCCEEDED
    assert done.manifest is not None
    assert done.manifest.schema is not None
    assert [column.type_name for column in done.manifest.schema.columns or []] == [
        ColumnInfoTypeName.LONG,
        ColumnInfoTypeName.DECIMAL,
        ColumnInfoTypeName.ARRAY,
    ]
    assert done.result is not None
    assert done.result.data_array == [["1", "2.50", '["1","2"]'], [None, None, None]]
    (spec,) = engine.seen
    assert isinstance(spec, StatementSpec)
    assert spec.catalog == "main"


def test_chunks_are_followed_to_the_end(
    engine: Scripted, served: WorkspaceServer, sdk: WorkspaceClient, warehouse_id: str
) -> None:
    served.workspace.statements.limits = evolve(served.workspace.statements.limits, chunk_rows=3)
    engine.statement(columns={"n": "INT"}, rows=[[n] for n in range(10)])
    done = sdk.statement_execution.execute_statement("SELECT n", warehouse_id)
    assert done.statement_id is not None
    chunk, rows = done.result, []
    while chunk is not None:
        rows += [int(row[0]) for row in chunk.data_array or []]
        chunk = (
            sdk.statement_execution.get_statement_result_chunk_n(
                done.statement_id, chunk.next_chunk_index
            )
            if chunk.next_chunk_index
            else None
        )
    assert rows == list(range(10))


def test_external_links_lead_to_the_rows(
    engine: Scripted, sdk: WorkspaceClient, warehouse_id: str
) -> None:
    engine.statement(columns={"n": "INT"}, rows=[[n] for n in range(5)])
    done = sdk.statement_execution.execute_statement(
        "SELECT n", warehouse_id, disposition=Disposition.EXTERNAL_LINKS, format=Format.JSON_ARRAY
    )
    assert done.result is not None
    (link,) = done.result.external_links or []
    assert link.external_link is not None
    with urllib.request.urlopen(link.external_link) as fetched:
        assert json.load(fetched) == [[str(n)] for n in range(5)]


def test_a_failure_has_its_code_and_state(
    engine: Scripted, sdk: WorkspaceClient, warehouse_id: str
) -> None:
    engine.statement(error="[PARSE_SYNTAX_ERROR] near 'SELEC'", sql_state="42601")
    done = sdk.statement_execution.execute_statement("SELEC", warehouse_id)
    assert done.status is not None
    assert done.status.state is StatementState.FAILED
    assert done.status.error is not None
    assert done.status.error.error_code is ServiceErrorCode.BAD_REQUEST
    assert done.status.sql_state == "42601"


def test_a_statement_is_cancelled(
    engine: Scripted, sdk: WorkspaceClient, warehouse_id: str
) -> None:
    engine.statement(takes=60)
    sent = sdk.statement_execution.execute_statement("SELECT", warehouse_id, wait_timeout="0s")
    assert sent.statement_id is not None
    assert sent.status is not None
    assert sent.status.state is StatementState.PENDING
    sdk.statement_execution.cancel_execution(sent.statement_id)
    for _ in range(100):
        seen = sdk.statement_execution.get_statement(sent.statement_id)
        assert seen.status is not None
        if seen.status.state is StatementState.CANCELED:
            break
    else:
        pytest.fail("It was not cancelled.")


UNKNOWN = "01f00000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda s, _: s.get_statement(UNKNOWN), NotFound, "was not found"),
        (lambda s, _: s.get_statement_result_chunk_n(UNKNOWN, 0), NotFound, "was not found"),
        (lambda s, _: s.get_statement("nonsense"), InvalidParameterValue, "type: statement_id"),
        (
            lambda s, _: s.execute_statement("SELECT 1", "0123456789abcdef"),
            PermissionDenied,
            "You do not have permission to use the SQL Warehouse",
        ),
        (
            lambda s, _: s.execute_statement("SELECT 1", "nosuch"),
            InvalidParameterValue,
            "nosuch is not a valid endpoint id",
        ),
        (
            lambda s, w: s.execute_statement("SELECT 1", w, wait_timeout="1s"),
            InvalidParameterValue,
            "The wait_timeout field must be 0 seconds",
        ),
        (
            lambda s, w: s.execute_statement("SELECT 1", w, wait_timeout="soon"),
            InvalidParameterValue,
            "type: duration",
        ),
        (
            lambda s, w: s.execute_statement("SELECT 1", w, format=Format.CSV),
            InvalidParameterValue,
            "Incompatible parameters",
        ),
    ],
)
def test_refusals_are_the_sdks_own_errors(
    call: Any, error: type[DatabricksError], says: str, sdk: WorkspaceClient, warehouse_id: str
) -> None:
    with pytest.raises(error, match=says) as refused:
        call(sdk.statement_execution, warehouse_id)
    details = refused.value.get_error_details()
    assert details.request_info is not None
    assert details.request_info.request_id


def test_a_field_that_is_missing_is_named(sdk: WorkspaceClient) -> None:
    with pytest.raises(BadRequest, match="Required field is not specified: warehouse_id") as told:
        sdk.api_client.do("POST", "/api/2.0/sql/statements", body={"statement": "SELECT 1"})
    bad = told.value.get_error_details().bad_request
    assert bad is not None
    assert [violation.field for violation in bad.field_violations] == ["warehouse_id"]


def test_the_history_is_filtered(engine: Scripted, sdk: WorkspaceClient, warehouse_id: str) -> None:
    engine.statement("bad", error="[PARSE_SYNTAX_ERROR] no", sql_state="42601")
    ids = {
        text: sdk.statement_execution.execute_statement(text, warehouse_id).statement_id
        for text in ("good", "bad")
    }

    def found(**filters: Any) -> list[str | None]:
        page = sdk.query_history.list(filter_by=QueryFilter(**filters))
        return [query.query_id for query in page.res or []]

    assert found() == [ids["bad"], ids["good"]]
    assert found(statuses=[QueryStatus.FAILED]) == [ids["bad"]]
    assert found(statement_ids=[ids["good"]]) == [ids["good"]]
    assert found(warehouse_ids=["0123456789abcdef"]) == []
    assert found(query_start_time_range=TimeRange(start_time_ms=1, end_time_ms=2)) == []


def test_a_cancel_and_a_close_may_come_too_late(sdk: WorkspaceClient) -> None:
    sdk.statement_execution.cancel_execution(UNKNOWN)
    sdk.api_client.do("DELETE", f"/api/2.0/sql/statements/{UNKNOWN}")


def test_a_warehouse_from_its_creation_to_its_end(sdk: WorkspaceClient) -> None:
    made = sdk.warehouses.create(
        name="one",
        cluster_size="2X-Small",
        max_num_clusters=1,
        auto_stop_mins=10,
    ).result()
    assert made.state is State.RUNNING
    assert made.warehouse_type is GetWarehouseResponseWarehouseType.PRO
    assert made.id
    assert made.odbc_params is not None
    edited = sdk.warehouses.edit(made.id, name="two", cluster_size="Small").result()
    assert (edited.name, edited.cluster_size) == ("two", "Small")
    assert sdk.warehouses.stop(made.id).result().state is State.STOPPED
    assert sdk.warehouses.start(made.id).result().state is State.RUNNING
    assert {each.name for each in sdk.warehouses.list(page_size=1)} == {"Starter Warehouse", "two"}
    sdk.warehouses.delete(made.id)
    with pytest.raises(NotFound, match="does not exist"):
        sdk.warehouses.get(made.id)
