"""SQL statements: waiting, states, chunks, links, limits, and how long things are kept."""

import csv
import io
import json
from typing import Any

import httpx
import pytest
import trio
from attrs import evolve
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.sql.external_links import LINK_LIFE
from databricks_mcp_toolkit.simulation.sql.statement import RECORD_LIFE, RESULT_LIFE
from trio.testing import MockClock

PATH = "/api/2.0/sql/statements"


class Sql:
    """Statements as a test sends them."""

    def __init__(self, workspace: Workspace, api: httpx.AsyncClient) -> None:
        self.workspace, self.api = workspace, api

    async def send(self, statement: str = "SELECT 1", **body: Any) -> httpx.Response:
        body = {"statement": statement, "warehouse_id": self.workspace.warehouse_id} | body
        return await self.api.post(PATH, json=body)

    async def ok(self, statement: str = "SELECT 1", **body: Any) -> Any:
        answer = await self.send(statement, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, statement_id: str) -> Any:
        answer = await self.api.get(f"{PATH}/{statement_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self, statement_id: str) -> str:
        return str((await self.get(statement_id))["status"]["state"])

    async def cancel(self, statement_id: str) -> None:
        assert (await self.api.post(f"{PATH}/{statement_id}/cancel")).status_code == 200


@pytest.fixture
def sql(workspace: Workspace, api: httpx.AsyncClient) -> Sql:
    return Sql(workspace, api)


async def test_a_quick_statement_is_answered_in_one_call(engine: Scripted, sql: Sql) -> None:
    engine.statement(
        "SELECT", columns={"id": "BIGINT", "price": "DECIMAL(10,2)"}, rows=[(1, "9.50"), (2, None)]
    )
    answer = await sql.ok("SELECT * FROM t")
    assert answer["status"] == {"state": "SUCCEEDED"}
    assert answer["manifest"] == {
        "format": "JSON_ARRAY",
        "schema": {
            "column_count": 2,
            "columns": [
                {"name": "id", "type_text": "BIGINT", "type_name": "LONG", "position": 0},
                {
                    "name": "price",
                    "type_text": "DECIMAL(10,2)",
                    "type_name": "DECIMAL",
                    "position": 1,
                    "type_precision": 10,
                    "type_scale": 2,
                },
            ],
        },
        "total_chunk_count": 1,
        "chunks": [{"chunk_index": 0, "row_offset": 0, "row_count": 2}],
        "total_row_count": 2,
        "truncated": False,
    }
    assert answer["result"] == {
        "chunk_index": 0,
        "row_offset": 0,
        "row_count": 2,
        "data_array": [["1", "9.50"], ["2", None]],
    }
    assert await sql.get(answer["statement_id"]) == answer


async def test_without_a_wait_only_the_id_and_pending_come_back(engine: Scripted, sql: Sql) -> None:
    engine.statement(rows=[[1]])
    answer = await sql.ok(wait_timeout="0s")
    assert answer == {"statement_id": answer["statement_id"], "status": {"state": "PENDING"}}


async def test_a_longer_statement_goes_on_after_the_wait(
    engine: Scripted, sql: Sql, autojump_clock: MockClock
) -> None:
    engine.statement(takes=60, rows=[[1]])
    answer = await sql.ok()
    assert answer["status"] == {"state": "RUNNING"}
    assert trio.current_time() == pytest.approx(10)
    await trio.sleep(49)
    assert await sql.state(answer["statement_id"]) == "RUNNING"
    await trio.sleep(2)
    assert await sql.state(answer["statement_id"]) == "SUCCEEDED"


async def test_a_wait_that_cancels_does(
    engine: Scripted, sql: Sql, autojump_clock: MockClock
) -> None:
    engine.statement(takes=60)
    answer = await sql.ok(wait_timeout="5s", on_wait_timeout="CANCEL")
    assert answer["status"] == {"state": "CANCELED"}
    assert trio.current_time() == pytest.approx(5)


async def test_a_caller_that_leaves_does_not_stop_it(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    engine.statement(takes=60)
    with trio.move_on_after(1):
        await sql.ok(wait_timeout="50s")
    (statement,) = workspace.statements
    await trio.sleep(60)
    assert statement.state == "SUCCEEDED"


async def test_a_statement_on_a_stopped_warehouse_starts_it(
    sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    workspace.warehouses.known(workspace.warehouse_id).stop()
    answer = await sql.ok(wait_timeout="0s")
    await trio.sleep(Pace().warehouse_stop + 1)
    assert await sql.state(answer["statement_id"]) == "PENDING"
    await trio.sleep(Pace().warehouse_start)
    assert await sql.state(answer["statement_id"]) == "SUCCEEDED"


async def test_more_than_a_warehouse_can_run_wait_for_a_place(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    warehouse = workspace.warehouses.known(workspace.warehouse_id)
    warehouse.edit(warehouse.config | {"max_num_clusters": 1})
    engine.statement(takes=10)
    ids = [(await sql.ok(wait_timeout="0s"))["statement_id"] for _ in range(11)]
    await trio.sleep(1)
    states = [await sql.state(statement_id) for statement_id in ids]
    assert sorted(states) == ["PENDING", *["RUNNING"] * 10]
    assert "10 statements running" in repr(warehouse)
    assert repr(workspace.statements) == "<Statements, 11, 11 not ended>"


async def test_a_failure_is_an_http_success(engine: Scripted, sql: Sql) -> None:
    engine.statement("nope", error="[TABLE_OR_VIEW_NOT_FOUND] No such table.", sql_state="42P01")
    answer = await sql.ok("SELECT * FROM nope")
    assert answer["status"] == {
        "state": "FAILED",
        "error": {
            "error_code": "BAD_REQUEST",
            "message": "[TABLE_OR_VIEW_NOT_FOUND] No such table.",
        },
        "sql_state": "42P01",
    }
    assert "result" not in answer


async def test_a_cancel_is_seen_by_a_later_look_and_may_come_too_late(
    engine: Scripted, sql: Sql, autojump_clock: MockClock
) -> None:
    engine.statement(takes=60, rows=[[1]])
    statement_id = (await sql.ok(wait_timeout="0s"))["statement_id"]
    await trio.sleep(1)
    await sql.cancel(statement_id)
    await trio.sleep(1)
    assert (await sql.get(statement_id))["status"] == {"state": "CANCELED"}
    engine.statement(rows=[[1]])
    statement_id = (await sql.ok())["statement_id"]
    await sql.cancel(statement_id)
    assert await sql.state(statement_id) == "SUCCEEDED"


async def test_stopping_the_warehouse_cancels_what_runs_on_it(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    engine.statement(takes=60)
    statement_id = (await sql.ok(wait_timeout="0s"))["statement_id"]
    await trio.sleep(1)
    workspace.warehouses.known(workspace.warehouse_id).stop()
    await trio.sleep(1)
    assert await sql.state(statement_id) == "CANCELED"


async def test_deleting_the_warehouse_fails_what_waits_for_it(
    sql: Sql, workspace: Workspace, api: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    workspace.warehouses.known(workspace.warehouse_id).stop()
    statement_id = (await sql.ok(wait_timeout="0s"))["statement_id"]
    await trio.sleep(1)
    await api.delete(f"/api/2.0/sql/warehouses/{workspace.warehouse_id}")
    await trio.sleep(1)
    assert await sql.state(statement_id) == "FAILED"


async def test_a_result_comes_in_chunks_in_any_order(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    workspace.statements.limits = evolve(workspace.statements.limits, chunk_rows=4)
    engine.statement(columns={"n": "INT"}, rows=[[n] for n in range(10)])
    answer = await sql.ok()
    assert answer["manifest"]["total_chunk_count"] == 3
    assert [chunk["row_count"] for chunk in answer["manifest"]["chunks"]] == [4, 4, 2]
    link = answer["result"]["next_chunk_internal_link"]
    second = (await sql.api.get(link)).json()
    assert second["data_array"] == [["4"], ["5"], ["6"], ["7"]]
    assert (second["row_offset"], second["next_chunk_index"]) == (4, 2)
    last = (await sql.api.get(f"{PATH}/{answer['statement_id']}/result/chunks/2")).json()
    assert last["data_array"] == [["8"], ["9"]]
    assert not any(name.startswith("next_") for name in last)
    refused = await sql.api.get(f"{PATH}/{answer['statement_id']}/result/chunks/3")
    assert refused.status_code == 400


async def test_chunks_are_also_cut_by_bytes(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    workspace.statements.limits = evolve(workspace.statements.limits, chunk_bytes=250)
    engine.statement(columns=["s"], rows=[["x" * 100], ["x" * 100], ["x" * 1000], ["y"]])
    answer = await sql.ok()
    assert [chunk["row_count"] for chunk in answer["manifest"]["chunks"]] == [2, 1, 1]


@pytest.mark.parametrize("rows", [[], None])
async def test_no_rows_means_no_chunk(engine: Scripted, sql: Sql, rows: Any) -> None:
    engine.statement(columns={} if rows is None else {"n": "INT"}, rows=[])
    answer = await sql.ok("CREATE TABLE t (n INT)")
    assert answer["manifest"]["total_chunk_count"] == 0
    assert answer["manifest"]["total_row_count"] == 0
    assert answer["result"] == {}


@pytest.mark.parametrize("limit", [{"row_limit": 3}, {"byte_limit": 12}])
async def test_limits_cut_and_say_so(engine: Scripted, sql: Sql, limit: dict[str, int]) -> None:
    engine.statement(columns={"n": "INT"}, rows=[[n] for n in range(10)])
    answer = await sql.ok(**limit)
    assert answer["result"]["data_array"] == [["0"], ["1"], ["2"]]
    assert answer["manifest"]["truncated"] is True
    assert answer["manifest"]["total_row_count"] == 3
    assert engine.seen[0].row_limit == limit.get("row_limit")  # type: ignore[union-attr]


async def test_a_large_inline_result_fails_and_a_linked_one_does_not(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    workspace.statements.limits = evolve(workspace.statements.limits, inline=1000)
    engine.statement(columns=["s"], rows=[["x" * 100]] * 10)
    failed = await sql.ok()
    assert failed["status"]["state"] == "FAILED"
    assert "Inline byte limit exceeded" in failed["status"]["error"]["message"]
    linked = await sql.ok(disposition="EXTERNAL_LINKS")
    assert linked["status"]["state"] == "SUCCEEDED"
    assert linked["manifest"]["total_byte_count"] == 1030
    either = await sql.ok(disposition="INLINE_OR_EXTERNAL_LINKS")
    assert "external_links" in either["result"]


async def link_of(sql: Sql, **body: Any) -> Any:
    answer = await sql.ok(disposition="EXTERNAL_LINKS", **body)
    (link,) = answer["result"]["external_links"]
    return link


async def fetch(workspace: Workspace, url: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=workspace.app)
    async with httpx.AsyncClient(transport=transport) as bare:
        return await bare.get(url, headers=headers)


async def test_links_lead_to_the_rows_without_a_token(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    workspace.statements.limits = evolve(workspace.statements.limits, chunk_rows=2)
    engine.statement(columns={"n": "INT", "s": "STRING"}, rows=[(1, "a"), (2, None), (3, "c")])
    link = await link_of(sql)
    assert (link["row_count"], link["next_chunk_index"]) == (2, 1)
    assert link["expiration"].endswith("Z")
    fetched = await fetch(workspace, link["external_link"])
    assert fetched.content == b'[["1","a"],["2",null]]'
    following = (await sql.api.get(link["next_chunk_internal_link"])).json()
    (second,) = following["external_links"]
    assert "next_chunk_index" not in second
    assert json.loads((await fetch(workspace, second["external_link"])).content) == [["3", "c"]]


async def test_a_link_refuses_a_token(engine: Scripted, sql: Sql, workspace: Workspace) -> None:
    engine.statement(rows=[[1]])
    link = await link_of(sql)
    refused = await fetch(workspace, link["external_link"], Authorization="Bearer x")
    assert refused.status_code == 400
    assert "<Code>InvalidArgument</Code>" in refused.text


async def test_a_link_expires_and_a_new_one_can_be_had(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    engine.statement(rows=[[1]])
    answer = await sql.ok(disposition="EXTERNAL_LINKS")
    (link,) = answer["result"]["external_links"]
    await trio.sleep(LINK_LIFE)
    refused = await fetch(workspace, link["external_link"])
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/xml"
    again = (await sql.api.get(f"{PATH}/{answer['statement_id']}/result/chunks/0")).json()
    fresh = again["external_links"][0]["external_link"]
    assert fresh != link["external_link"]
    assert (await fetch(workspace, fresh)).status_code == 200


async def test_a_fresh_link_to_an_old_result_leads_nowhere(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    engine.statement(rows=[[1]])
    answer = await sql.ok(disposition="EXTERNAL_LINKS")
    await trio.sleep(RESULT_LIFE - 10)
    again = await sql.get(answer["statement_id"])
    await trio.sleep(20)
    link = again["result"]["external_links"][0]["external_link"]
    assert (await fetch(workspace, link)).status_code == 404


async def test_a_link_may_need_its_headers(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    workspace.statements.links.headers = {"X-Signed": "yes"}
    engine.statement(rows=[[1]])
    link = await link_of(sql)
    assert link["http_headers"] == {"X-Signed": "yes"}
    assert (await fetch(workspace, link["external_link"])).status_code == 403
    fetched = await fetch(workspace, link["external_link"], **link["http_headers"])
    assert fetched.status_code == 200


async def test_links_that_are_over_are_let_go(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    engine.statement(rows=[[1]])
    await link_of(sql)
    await trio.sleep(2 * LINK_LIFE + 1)
    await link_of(sql)
    assert repr(workspace.statements.links) == "<ExternalLinks, 1>"


async def test_csv_has_its_header_once_and_says_null(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    workspace.statements.limits = evolve(workspace.statements.limits, chunk_rows=2)
    engine.statement(columns={"n": "INT", "s": "STRING"}, rows=[(1, 'a,"b"'), (2, None), (3, "c")])
    link = await link_of(sql, format="CSV")
    text = (await fetch(workspace, link["external_link"])).text
    assert list(csv.reader(io.StringIO(text))) == [["n", "s"], ["1", 'a,"b"'], ["2", "null"]]
    following = (await sql.api.get(link["next_chunk_internal_link"])).json()
    second = await fetch(workspace, following["external_links"][0]["external_link"])
    assert second.text == "3,c\r\n"


async def test_arrow_is_a_typed_stream(engine: Scripted, sql: Sql, workspace: Workspace) -> None:
    arrow = pytest.importorskip("pyarrow")
    engine.statement(
        columns={
            "n": "BIGINT",
            "d": "DECIMAL(10,2)",
            "t": "TIMESTAMP",
            "b": "BOOLEAN",
            "s": "STRING",
            "x": "BINARY",
        },
        rows=[(1, "9.50", "2024-05-01T12:30:00.000Z", "true", "x", "/w=="), (None,) * 6],
    )
    link = await link_of(sql, format="ARROW_STREAM")
    content = (await fetch(workspace, link["external_link"])).content
    table = arrow.ipc.open_stream(content).read_all()
    assert [str(each.type) for each in table.schema] == [
        "int64",
        "decimal128(10, 2)",
        "timestamp[us, tz=UTC]",
        "bool",
        "string",
        "binary",
    ]
    assert table.column("x").to_pylist() == [b"\xff", None]
    assert table.column("n").to_pylist() == [1, None]
    assert str(table.column("d").to_pylist()[0]) == "9.50"


async def test_a_result_lasts_an_hour_and_the_record_twelve(
    engine: Scripted, sql: Sql, workspace: Workspace, autojump_clock: MockClock
) -> None:
    engine.statement(rows=[[1]])
    statement_id = (await sql.ok())["statement_id"]
    await trio.sleep(RESULT_LIFE - 1)
    assert await sql.state(statement_id) == "SUCCEEDED"
    await trio.sleep(1)
    assert await sql.get(statement_id) == {
        "statement_id": statement_id,
        "status": {"state": "CLOSED"},
    }
    gone = await sql.api.get(f"{PATH}/{statement_id}/result/chunks/0")
    assert gone.status_code == 404
    await trio.sleep(RECORD_LIFE - RESULT_LIFE)
    refused = await sql.api.get(f"{PATH}/{statement_id}")
    assert (refused.status_code, refused.json()["error_code"]) == (404, "NOT_FOUND")
    await sql.ok()
    assert len(list(workspace.statements)) == 1, "memory does not grow with what is over"


async def test_parameters_catalog_and_schema_reach_the_engine(engine: Scripted, sql: Sql) -> None:
    await sql.ok(
        "SELECT :a",
        catalog="production",
        schema="hr",
        parameters=[{"name": "a", "value": "1", "type": "INT"}, {"name": "b"}],
    )
    (spec,) = engine.seen
    assert (spec.catalog, spec.schema) == ("production", "hr")  # type: ignore[union-attr]
    first, second = spec.parameters  # type: ignore[union-attr]
    assert (first.name, first.value, first.type) == ("a", "1", "INT")
    assert (second.value, second.type) == (None, "STRING")


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"statement": None}, 400, "Required field is not specified: statement."),
        ({"warehouse_id": None}, 400, "Required field is not specified: warehouse_id."),
        ({"warehouse_id": "0123456789abcdef"}, 403, "do not have permission"),
        ({"wait_timeout": "3s"}, 400, "wait_timeout"),
        ({"wait_timeout": "51s"}, 400, "wait_timeout"),
        ({"wait_timeout": "5m"}, 400, "duration"),
        ({"format": "CSV"}, 400, "JSON_ARRAY when the disposition"),
        ({"row_limit": -1}, 400, "row_limit"),
        ({"byte_limit": 0}, 400, "byte_limit"),
        ({"parameters": ["1"]}, 400, "must be an object"),
        ({"parameters": "1"}, 400, "at parameters"),
        ({"session_id": "none"}, 404, "The session none was not found."),
        ({"statement": "x" * (16 * 2**20 + 1)}, 400, "16777216 bytes"),
    ],
)
async def test_what_is_not_accepted_is_no_statement(
    sql: Sql, workspace: Workspace, body: dict[str, Any], status: int, fault: str
) -> None:
    refused = await sql.send(**{"statement": "SELECT 1", **body})
    assert refused.status_code == status
    assert fault in refused.json()["message"]
    assert not list(workspace.statements)


@pytest.mark.parametrize(
    "words", [{"on_wait_timeout": "STOP"}, {"disposition": "FILES"}, {"format": "XML"}, {"new": 1}]
)
async def test_words_that_it_does_not_know_are_read_past(sql: Sql, words: Any) -> None:
    answer = await sql.ok("SELECT 1", **words)
    assert answer["status"]["state"] == "SUCCEEDED"
    assert answer["manifest"]["format"] == "JSON_ARRAY"


async def test_an_empty_statement_fails_as_a_statement(sql: Sql) -> None:
    status = (await sql.ok(" "))["status"]
    assert (status["state"], status["sql_state"]) == ("FAILED", "42617")


async def test_a_row_limit_of_zero_gives_no_rows(engine: Scripted, sql: Sql) -> None:
    engine.statement(columns={"n": "INT"}, rows=[(1,)])
    answer = await sql.ok("SELECT 1", row_limit=0)
    assert (answer["manifest"]["truncated"], answer["result"]) == (True, {})


async def test_an_unknown_statement_is_not_found(sql: Sql) -> None:
    unknown = "01f00000-0000-0000-0000-000000000000"
    refused = await sql.api.get(f"{PATH}/{unknown}")
    assert refused.status_code == 404
    assert refused.json()["message"] == f"The statement {unknown} was not found."


async def test_statements_of_a_session_stand_where_it_was_opened(
    engine: Scripted, sql: Sql, workspace: Workspace
) -> None:
    place = {"catalog": "production", "schema": "hr"}
    opened = await sql.api.post(
        "/api/2.0/sql/sessions", json={"warehouse_id": workspace.warehouse_id, **place}
    )
    session = opened.json()
    await sql.ok("SELECT 1", **session)
    (spec,) = engine.seen
    assert (spec.catalog, spec.schema) == ("production", "hr")  # type: ignore[union-attr]
    closed = f"/api/2.0/sql/sessions/{session['session_id']}"
    assert (await sql.api.delete(closed)).status_code == 200
    assert (await sql.api.delete(closed)).status_code == 404
    assert (await sql.send(statement="SELECT 1", **session)).status_code == 404


async def test_a_bug_in_the_engine_fails_the_statement_and_no_more(
    engine: Scripted, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    engine.statement("bug", does=lambda spec: 1 / 0)
    assert (await sql.ok("bug"))["status"]["error"]["error_code"] == "INTERNAL_ERROR"
    assert "ZeroDivisionError" in caplog.text
    assert (await sql.ok("fine"))["status"]["state"] == "SUCCEEDED"


async def test_the_history_finds_a_statement_whose_answer_was_lost(
    engine: Scripted, sql: Sql, autojump_clock: MockClock
) -> None:
    engine.statement("SELECT", takes=2, rows=[[1]]).statement("nope", error="no")
    await sql.ok("SELECT 1")
    await sql.ok("nope")
    first = (await sql.api.get("/api/2.0/sql/history/queries", params={"max_results": 1})).json()
    assert first["has_next_page"] is True
    assert first["res"][0]["status"] == "FAILED"
    assert first["res"][0]["error_message"] == "no"
    query = {"max_results": 1, "page_token": first["next_page_token"]}
    second = (await sql.api.get("/api/2.0/sql/history/queries", params=query)).json()
    assert second["has_next_page"] is False
    (found,) = second["res"]
    assert (found["query_text"], found["status"]) == ("SELECT 1", "FINISHED")
    assert found["duration"] == pytest.approx(2000, abs=2)
