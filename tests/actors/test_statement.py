"""Statements: sent once, waited for on the server and then by polling, and read to the last row."""

import json
import logging
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors import Session
from databricks_mcp_toolkit.actors.query import Query
from databricks_mcp_toolkit.actors.statement import chunk_with, following
from databricks_mcp_toolkit.clients.statements import ExternalLink, Manifest, ResultChunk
from databricks_mcp_toolkit.errors import (
    InvalidArguments,
    NotConfigured,
    NotFound,
    OutcomeUnknown,
    StatementFailed,
    TimedOut,
)
from databricks_mcp_toolkit.simulation import Scripted, Workspace

from .conftest import Network, OpenSession

SUBMIT = "POST /api/2.0/sql/statements"
GET = "GET /api/2.0/sql/statements/????????-*"
CANCEL = "POST /api/2.0/sql/statements/*/cancel"
CHUNK = "GET /api/2.0/sql/statements/*/result/chunks/*"


@pytest.fixture
def many_rows(engine: Scripted, workspace: Workspace) -> Scripted:
    """Results of 1000 rows in ten chunks."""
    workspace.statements.limits = attrs.evolve(workspace.statements.limits, chunk_rows=100)
    rows = [[n, f"name {n}"] for n in range(1000)]
    return engine.statement("FROM many", rows=rows, columns={"id": "BIGINT", "name": "STRING"})


async def test_rows_are_typed_by_their_columns(session: Session, engine: Scripted) -> None:
    engine.statement(
        "FROM hr",
        rows=[["it", 3, "10.50", "2026-01-31", None]],
        columns={
            "department": "STRING",
            "people": "BIGINT",
            "average": "DECIMAL(10,2)",
            "day": "DATE",
            "none": "INT",
        },
    )
    statement = await session.execute_statement("SELECT * FROM hr")
    assert await statement.rows() == [["it", 3, Decimal("10.50"), date(2026, 1, 31), None]]
    assert [column.name for column in await statement.columns()] == [
        "department",
        "people",
        "average",
        "day",
        "none",
    ]


async def test_a_quick_statement_costs_one_request(
    session: Session, engine: Scripted, workspace: Workspace
) -> None:
    """The server waits for us."""
    engine.statement("", takes=8, rows=[[1]])
    statement = await session.execute_statement("SELECT 1")
    assert await statement.rows() == [["1"]]
    assert workspace.requests.count() == 1


async def test_a_long_statement_is_polled(
    session: Session, engine: Scripted, workspace: Workspace
) -> None:
    engine.statement("", takes=3600, rows=[[1]])
    statement = await session.execute_statement("SELECT 1")
    assert trio.current_time() == pytest.approx(10)
    assert not statement.is_over
    assert statement.state == "RUNNING"
    await statement.success()
    assert trio.current_time() - 3600 < 36
    assert workspace.requests.count(GET) < 250


async def test_the_servers_wait_can_be_set(session: Session, engine: Scripted) -> None:
    engine.statement("", takes=3600)
    await session.execute_statement("SELECT 1", wait_timeout=0)
    assert trio.current_time() < 0.1
    for nonsense in (3, 51, -1):
        with pytest.raises(InvalidArguments, match="neither 0 nor 5 to 50"):
            await session.execute_statement("SELECT 1", wait_timeout=nonsense)


async def test_at_its_limit_a_wait_tells_that_the_statement_goes_on(
    session: Session, engine: Scripted
) -> None:
    engine.statement("", takes=3600)
    statement = await session.execute_statement("SELECT 1")
    seen = await statement.wait(timeout=30)
    assert seen.status.state == "RUNNING"
    assert repr(statement) == f"<statement {statement.statement_id}, RUNNING>"
    with pytest.raises(TimedOut, match="RUNNING after 1 s, and goes on"):
        await statement.success(timeout=1)


async def test_a_failed_statement_says_why(session: Session, engine: Scripted) -> None:
    message = "[TABLE_OR_VIEW_NOT_FOUND] no such table"
    engine.statement("nope", error=message, sql_state="42P01")
    statement = await session.execute_statement("SELECT * FROM nope")
    assert (await statement.wait()).status.state == "FAILED"
    with pytest.raises(StatementFailed) as failed:
        await statement.rows()
    assert failed.value.message == message
    assert failed.value.outcome["status"]["sql_state"] == "42P01"


async def test_a_cancelled_statement_is_seen_to_end_soon(
    session: Session, engine: Scripted
) -> None:
    engine.statement("", takes=36_000)
    statement = await session.execute_statement("SELECT 1")
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            assert (await statement.wait()).status.state == "CANCELED"

        nursery.start_soon(wait)
        await trio.sleep(1000)
        await statement.cancel()
    assert trio.current_time() < 1013
    with pytest.raises(StatementFailed, match="was cancelled"):
        await statement.rows()


async def test_a_statement_is_found_by_its_id(session: Session, many_rows: Scripted) -> None:
    sent = await session.execute_statement("SELECT * FROM many")
    assert len(await session.statement(sent.statement_id).rows()) == 1000
    with pytest.raises(NotFound):
        await session.statement("01f00000-0000-0000-0000-000000000000").wait()


async def test_a_statement_whose_answer_is_lost_is_not_sent_again(
    session: Session, network: Network, workspace: Workspace
) -> None:
    network.mood(SUBMIT, lost=True)
    with pytest.raises(OutcomeUnknown) as told:
        await session.execute_statement("INSERT INTO t VALUES (1)")
    assert "query history" in told.value.advice
    assert workspace.requests.count(SUBMIT) == 1


async def test_what_goes_along_with_a_statement(
    session: Session, workspace: Workspace, engine: Scripted
) -> None:
    await session.execute_statement(
        "SELECT :n, :day, :none",
        catalog="production",
        schema="hr",
        row_limit=5,
        parameters={"n": 3, "day": date(2026, 1, 31), "none": None},
    )
    (request,) = workspace.requests.matching(SUBMIT)
    assert request.body == {
        "statement": "SELECT :n, :day, :none",
        "warehouse_id": workspace.warehouse_id,
        "wait_timeout": "10s",
        "on_wait_timeout": "CONTINUE",
        "catalog": "production",
        "schema": "hr",
        "row_limit": 5,
        "parameters": [
            {"name": "n", "value": "3", "type": "BIGINT"},
            {"name": "day", "value": "2026-01-31", "type": "DATE"},
            {"name": "none"},
        ],
    }


async def test_no_warehouse_is_a_clear_error(open_one: OpenSession) -> None:
    async with open_one(warehouse_id=None) as session:
        with pytest.raises(NotConfigured, match="DATABRICKS_WAREHOUSE_ID"):
            await session.execute_statement("SELECT 1")


# Rows, chunk by chunk.


@pytest.mark.parametrize("disposition", ["INLINE", "EXTERNAL_LINKS"])
async def test_every_chunk_is_read(
    session: Session, many_rows: Scripted, workspace: Workspace, disposition: str
) -> None:
    statement = await session.execute_statement("SELECT * FROM many", disposition=disposition)
    rows = await statement.rows()
    assert rows == [[n, f"name {n}"] for n in range(1000)]
    assert workspace.requests.count(CHUNK) == 9


async def test_chunks_are_fetched_when_they_are_wanted(
    session: Session, many_rows: Scripted, workspace: Workspace
) -> None:
    statement = await session.execute_statement("SELECT * FROM many")
    async for rows in statement.chunks():
        assert len(rows) == 100
        if rows[0][0] == 200:
            break
    assert workspace.requests.count(CHUNK) == 2


async def test_rows_are_read_from_an_offset_without_those_before(
    session: Session, many_rows: Scripted, workspace: Workspace
) -> None:
    statement = await session.execute_statement("SELECT * FROM many")
    rows = await statement.rows(offset=250, limit=100)
    assert [row[0] for row in rows] == list(range(250, 350))
    assert workspace.requests.count(CHUNK) == 2
    assert await statement.rows(offset=999) == [[999, "name 999"]]
    assert await statement.rows(offset=1000) == []
    assert await statement.rows(limit=0) == []


async def test_a_link_that_has_expired_is_asked_for_anew(
    session: Session, many_rows: Scripted, workspace: Workspace
) -> None:
    statement = await session.execute_statement("SELECT * FROM many", disposition="EXTERNAL_LINKS")
    await trio.sleep(1000)
    assert len(await statement.rows()) == 1000
    assert workspace.requests.count(CHUNK) == 10


async def test_a_statement_without_a_result_has_no_rows(session: Session, engine: Scripted) -> None:
    statement = await session.execute_statement("CREATE TABLE t (n INT)")
    assert await statement.rows() == []
    assert await statement.columns() == ()


async def test_a_result_too_large_for_inline_is_told_how_to_get_it(
    session: Session, engine: Scripted, workspace: Workspace
) -> None:
    workspace.statements.limits = attrs.evolve(workspace.statements.limits, inline=100)
    engine.statement("", rows=[["x" * 50]] * 10)
    statement = await session.execute_statement("SELECT * FROM t")
    with pytest.raises(StatementFailed) as failed:
        await statement.rows()
    assert "EXTERNAL_LINKS" in failed.value.advice


@pytest.mark.parametrize(
    ("chunk", "count", "next_one"),
    [
        (ResultChunk(0, next_chunk_index=1), 3, 1),
        (ResultChunk(2), 3, None),
        (ResultChunk(0), 3, 1),  # whoever does not name the next chunk still has it
        (ResultChunk(1, next_chunk_index=1), 3, None),  # never in a circle
        (ResultChunk(0), 0, None),
    ],
)
def test_the_next_chunk(chunk: ResultChunk, count: int, next_one: int | None) -> None:
    manifest = Manifest(total_chunk_count=count)
    assert following(chunk, chunk.chunk_index, manifest) == next_one


def test_the_last_chunk_of_a_linked_result_is_the_last() -> None:
    """It does not say which one it is."""
    chunk = ResultChunk(external_links=(ExternalLink("https://x", chunk_index=2),))
    assert following(chunk, 2, Manifest(total_chunk_count=3)) is None


def test_the_chunk_of_a_row() -> None:
    chunks = [{"chunk_index": n, "row_offset": n * 100} for n in range(10)]
    manifest = Manifest(wire={"chunks": chunks})
    assert [chunk_with(row, manifest) for row in (0, 99, 100, 555, 5000)] == [0, 0, 1, 5, 9]
    assert chunk_with(500, Manifest()) == 0


# A query: one statement as one value.


@pytest.fixture
def query(session: Session) -> Any:
    """A query of this SQL."""
    return lambda sql, **options: Query(
        lambda: session.execute_statement(sql, cancel_with_caller=True, **options)
    )


async def test_a_query_is_awaited_for_all_rows(query: Any, many_rows: Scripted) -> None:
    assert len(await query("SELECT * FROM many")) == 1000


async def test_a_query_is_iterated_over_chunk_by_chunk(query: Any, many_rows: Scripted) -> None:
    assert [len(rows) async for rows in query("SELECT * FROM many")] == [100] * 10


async def test_a_query_is_sent_when_it_is_wanted_and_once(
    query: Any, many_rows: Scripted, workspace: Workspace
) -> None:
    one = query("SELECT * FROM many")
    assert repr(one) == "<Query, not sent yet>"
    assert workspace.requests.count() == 0
    assert await one == await one
    assert [rows[0] async for rows in one][:1] == [[0, "name 0"]]
    assert workspace.requests.count(SUBMIT) == 1
    assert "SUCCEEDED" in repr(one)


async def test_a_statement_sent_for_a_caller_that_has_gone_goes_on(
    session: Session, engine: Scripted, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    engine.statement("", takes=15)
    with trio.move_on_after(5):
        await session.execute_statement("SELECT 1")
    await trio.sleep(20)
    assert "sent for a caller that has gone: it goes on" in caplog.text
    assert [each.state for each in workspace.statements] == ["SUCCEEDED"]


async def test_an_accepted_query_that_is_not_seen_again_is_told_as_such(
    query: Any, engine: Scripted, network: Network
) -> None:
    engine.statement("", takes=3600)
    denied = json.dumps({"error_code": 403, "message": "Invalid access token."}).encode()
    network.mood(GET, status=403, body=denied)
    with pytest.raises(OutcomeUnknown, match="was accepted"):
        await query("SELECT 1")


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


async def test_a_query_out_of_time_is_cancelled_on_the_warehouse_and_says_so(
    workspace: Workspace, engine: Scripted, autojump_clock: trio.abc.Clock
) -> None:
    engine.statement("SELECT", takes=3600)
    async with Toolkit.local(workspace) as toolkit:
        with pytest.raises(TimedOut, match=r"not finished after 30 s, and is cancelled$") as told:
            await toolkit.sql("SELECT 1", timeout=30)
    assert trio.current_time() == pytest.approx(30, abs=1)
    assert told.value.advice
    assert workspace.requests.count("POST */cancel") == 1


async def test_a_query_out_of_time_tells_no_cancel_that_nobody_confirmed(
    session: Session, network: Network, engine: Scripted
) -> None:
    engine.statement("SELECT", takes=3600)
    network.mood("POST */cancel", before=100)
    query = Query(lambda: session.execute_statement("SELECT 1"), timeout=30)
    with pytest.raises(TimedOut, match="its cancel is asked for, and not confirmed yet"):
        await query
    assert trio.current_time() == pytest.approx(32, abs=0.5)
