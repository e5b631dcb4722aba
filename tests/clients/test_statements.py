from __future__ import annotations

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.statements import Rows, Statement, StatementState
from databricks_mcp_toolkit.simulation import Scripted, Workspace
from databricks_mcp_toolkit.simulation.faults import LoseAnswer
from trio.testing import MockClock

LINK_LIFE = 15 * 60  # seconds


async def submitted(databricks: Databricks, workspace: Workspace, **options: Any) -> Statement:
    return await databricks.statements.submit("SELECT 1", workspace.warehouse_id, **options)


async def test_a_quick_statement_comes_back_with_its_rows(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.statement(columns={"n": "BIGINT", "s": "STRING"}, rows=[(1, "a"), (2, None)])
    statement = await submitted(live, workspace)
    assert statement.status.state is StatementState.SUCCEEDED
    assert statement.manifest
    columns = statement.manifest.schema.columns
    assert [(each.name, each.type_name, each.type_text) for each in columns] == [
        ("n", "LONG", "BIGINT"),
        ("s", "STRING", "STRING"),
    ]
    assert (statement.manifest.total_row_count, statement.manifest.truncated) == (2, False)
    assert statement.result
    assert statement.result.data_array == [["1", "a"], ["2", None]]
    assert statement.result.following is None


async def test_a_failed_statement_is_an_answer_and_no_error(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.statement(error="[TABLE_OR_VIEW_NOT_FOUND] nope", sql_state="42P01")
    status = (await submitted(live, workspace)).status
    assert status.state is StatementState.FAILED
    assert status.error
    assert status.error.error_code == "BAD_REQUEST"
    assert "TABLE_OR_VIEW_NOT_FOUND" in status.error.message
    assert status.sql_state == "42P01"


async def test_a_slow_statement_is_followed_to_its_end(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.statement(takes=600, rows=[("x",)])
    statement = await submitted(live, workspace, wait_timeout="5s")
    assert statement.status.state is StatementState.RUNNING
    assert statement.result is None
    await trio.sleep(600)
    statement = await live.statements.get(statement.statement_id)
    assert statement.status.state is StatementState.SUCCEEDED


async def test_the_longest_wait_of_the_server_is_within_our_time_limits(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.statement(takes=49, rows=[("x",)])
    statement = await submitted(live, workspace, wait_timeout="50s")
    assert statement.status.state is StatementState.SUCCEEDED


async def test_every_option_reaches_the_workspace(
    live: Databricks, workspace: Workspace, autojump_clock: MockClock
) -> None:
    options: dict[str, Any] = {
        "wait_timeout": "10s",
        "on_wait_timeout": "CANCEL",
        "disposition": "EXTERNAL_LINKS",
        "format": "JSON_ARRAY",
        "row_limit": 5,
        "byte_limit": 1000,
        "catalog": "production",
        "schema": "hr",
        "parameters": [{"name": "x", "value": "1", "type": "INT"}],
        "query_tags": [{"key": "team"}],
    }
    await submitted(live, workspace, **options)
    [request] = [each for each in workspace.requests if each.method == "POST"]
    expected = {"statement": "SELECT 1", "warehouse_id": workspace.warehouse_id}
    assert request.body == options | expected


async def test_a_statement_is_cancelled(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    engine.statement(takes=600)
    statement = await submitted(live, workspace, wait_timeout="0s")
    await live.statements.cancel(statement.statement_id)
    await trio.sleep(10)
    statement = await live.statements.get(statement.statement_id)
    assert statement.status.state is StatementState.CANCELED


async def linked(live: Databricks, workspace: Workspace, engine: Scripted) -> Statement:
    engine.statement(rows=[(str(number), "x" * 100) for number in range(3000)])
    return await submitted(live, workspace, disposition="EXTERNAL_LINKS")


async def test_all_rows_behind_external_links_are_fetched_without_our_login(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    # The simulated cloud storage refuses whoever shows a workspace's login.
    statement = await linked(live, workspace, engine)
    rows: Rows = []
    index: int | None = 0
    while index is not None:
        chunk = await live.statements.chunk(statement.statement_id, index)
        for link in chunk.external_links:
            rows += await live.statements.external(link)
        index = chunk.following
    assert [row[0] for row in rows] == [str(number) for number in range(3000)]


async def test_an_expired_link_is_refused_and_the_chunk_gives_a_fresh_one(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    statement = await linked(live, workspace, engine)
    assert statement.result
    [stale] = statement.result.external_links
    await trio.sleep(LINK_LIFE + 1)
    with pytest.raises(errors.DatabricksRefused, match="expired") as caught:
        await live.statements.external(stale)
    assert stale.external_link not in str(caught.value)
    chunk = await live.statements.chunk(statement.statement_id, 0)
    assert await live.statements.external(chunk.external_links[0])


async def test_a_statement_whose_answer_is_lost_is_sent_once_and_unknown(
    live: Databricks, workspace: Workspace, engine: Scripted, autojump_clock: MockClock
) -> None:
    workspace.faults.add("POST */sql/statements", LoseAnswer())
    with pytest.raises(errors.OutcomeUnknown) as caught:
        await submitted(live, workspace)
    assert "query history" in caught.value.advice
    assert len(engine.seen) == 1


async def test_what_does_not_exist_is_not_found(
    live: Databricks, autojump_clock: MockClock
) -> None:
    unknown = "01f00000-0000-0000-0000-000000000000"
    with pytest.raises(errors.NotFound):
        await live.statements.get(unknown)
    with pytest.raises(errors.NotFound):
        await live.statements.chunk(unknown, 0)
    with pytest.raises(errors.DatabricksRefused):
        await live.statements.submit("SELECT 1", "0000000000000000")


@pytest.mark.parametrize("evil", ["../warehouses", "..%2fwarehouses", "x/../../warehouses", "?a=b"])
async def test_an_id_reaches_no_other_endpoint(
    live: Databricks, workspace: Workspace, evil: str, autojump_clock: MockClock
) -> None:
    refused = (errors.InvalidArguments, errors.DatabricksRefused)  # by us, or by Databricks
    with pytest.raises(refused):
        await live.statements.get(evil)
    with pytest.raises(refused):
        await live.warehouses.get(evil)
    assert workspace.requests.count("GET /api/2.0/sql/warehouses") == 0
