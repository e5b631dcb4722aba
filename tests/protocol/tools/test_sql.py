"""The tool that executes SQL."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from typing import Any

import attrs
import httpx
import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import DatabricksUnreachable, NotConfigured
from databricks_mcp_toolkit.protocol.tools.sql import json_value
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults import Hang, LoseAnswer, Refuse, Slow

DEPARTMENTS = [("eng", 3, 123456.789), ("ops", 2, 98000.5), (None, 0, None)]
COLUMNS = {"department": "STRING", "n": "BIGINT", "average": "DOUBLE"}


async def test_rows_come_typed_and_as_a_table(call: Any, text: Any, workspace: Workspace) -> None:
    workspace.engine.statement("FROM hr.employees", columns=COLUMNS, rows=DEPARTMENTS)

    told = await call(
        "execute_sql",
        statement="SELECT department, count(*) n, avg(salary) average FROM hr.employees GROUP BY 1",
        catalog="production",
        schema="hr",
    )

    result = told.structured_content["result"]["data_array"]
    assert result == [list(row) for row in DEPARTMENTS]
    department, count, average = result[0]
    assert f"{department} {count} {average:,.2f}" == "eng 3 123,456.79"
    assert text(told).splitlines() == [
        "| department | n | average |",
        "|---|---|---|",
        "| eng | 3 | 123456.789 |",
        "| ops | 2 | 98000.5 |",
        "| NULL | 0 | NULL |",
        "3 rows.",
    ]
    (sent,) = workspace.requests.matching("POST *sql/statements")
    assert (sent.body["catalog"], sent.body["schema"]) == ("production", "hr")
    assert sent.body["warehouse_id"] == workspace.warehouse_id


@pytest.mark.parametrize(
    ("value", "as_json"),
    [
        (Decimal("12.50"), 12.5),
        (Decimal("123456789012345.6"), "123456789012345.6"),
        (Decimal("NaN"), "NaN"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (2**60, 2**60),
        (True, True),
        (None, None),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        (
            datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=datetime.UTC),
            "2024-02-29T01:02:03.000Z",
        ),
        (datetime.datetime(2024, 2, 29, 1, 2, 3, 4), "2024-02-29T01:02:03.000004"),
        ([{"a": Decimal("1.5")}], [{"a": 1.5}]),
    ],
)
def test_values_become_json(value: Any, as_json: Any) -> None:
    assert json_value(value) == as_json
    assert type(json_value(value)) is type(as_json)


async def test_a_large_result_is_cut_says_so_and_is_read_on_to_its_end(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    rows = [(n, f"row {n}") for n in range(35_000)]
    workspace.engine.statement(columns={"n": "INT", "t": "STRING"}, rows=rows)

    first = await call("execute_sql", statement="SELECT * FROM big")

    answer = first.structured_content
    statement_id = answer["statement_id"]
    assert answer["manifest"]["total_row_count"] == 35_000
    assert answer["result"]["row_count"] == answer["next_row_offset"] == 1000
    assert "of 35,000." in text(first)
    assert f'Go on with execute_sql(statement_id="{statement_id}", row_offset=' in text(first)
    assert len(text(first)) < 17_000
    read = answer["result"]["data_array"]
    while "next_row_offset" in answer:
        answer = await ask(
            "execute_sql",
            statement_id=statement_id,
            row_offset=answer["next_row_offset"],
            max_rows=9000,
        )
        read += answer["result"]["data_array"]
    assert read == [list(row) for row in rows]
    assert workspace.requests.count("POST *sql/statements") == 1


async def test_every_row_can_be_reached_by_the_text_alone(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement(columns={"t": "STRING"}, rows=[(f"row {n}",) for n in range(3000)])
    told = await call("execute_sql", statement="SELECT * FROM big")
    statement_id = told.structured_content["statement_id"]
    seen = []
    while True:
        seen += [line for line in text(told).splitlines() if line.startswith("| row ")]
        if "Go on with" not in text(told):
            break
        offset = int(text(told).split("row_offset=")[1].split(")")[0])
        told = await call("execute_sql", statement_id=statement_id, row_offset=offset)

    assert seen == [f"| row {n} |" for n in range(3000)]


async def test_wide_rows_are_bounded_too(ask: Any, workspace: Workspace) -> None:
    workspace.engine.statement(columns=["t"], rows=[("x" * 999_000,) for _ in range(5)])

    answer = await ask("execute_sql", statement="SELECT * FROM wide")
    assert answer["result"]["row_count"] == answer["next_row_offset"] == 1
    answer = await ask("execute_sql", statement_id=answer["statement_id"], max_rows=5)
    assert answer["result"]["row_count"] == answer["next_row_offset"] == 2


async def test_a_wide_table_does_not_fill_a_models_context_unless_it_asks_for_it(
    ask: Any, workspace: Workspace
) -> None:
    """Some hosts show the structured content to the model, in place of the text."""
    columns = {f"measure_{n}": "DOUBLE" for n in range(60)}
    rows = [tuple(float(n + m) for m in range(60)) for n in range(2_000)]
    workspace.engine.statement(columns=columns, rows=rows)

    answer = await ask("execute_sql", statement="SELECT * FROM measures")

    assert 50_000 < len(json.dumps(answer)) < 105_000
    read = answer["result"]["data_array"]
    while "next_row_offset" in answer:
        answer = await ask(
            "execute_sql",
            statement_id=answer["statement_id"],
            row_offset=answer["next_row_offset"],
        )
        read += answer["result"]["data_array"]
    assert read == [list(row) for row in rows]
    answer = await ask("execute_sql", statement_id=answer["statement_id"], max_rows=2_000)
    assert answer["result"]["data_array"] == read


async def test_the_manifest_tells_each_columns_type_once_and_not_where_the_rows_lie(
    ask: Any, workspace: Workspace
) -> None:
    columns = {"id": "BIGINT", "price": "DECIMAL(10,2)"}
    workspace.engine.statement(columns=columns, rows=[(1, "9.50")])

    answer = await ask("execute_sql", statement="SELECT id, price FROM sales")

    assert answer["manifest"] == {
        "format": "JSON_ARRAY",
        "schema": {
            "column_count": 2,
            "columns": [
                {"name": "id", "type_text": "BIGINT"},
                {"name": "price", "type_text": "DECIMAL(10,2)"},
            ],
        },
        "total_chunk_count": 1,
        "total_row_count": 1,
        "truncated": False,
    }


async def test_a_null_is_not_shown_as_an_empty_text(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement(columns=["a", "b"], rows=[(None, "")])

    told = await call("execute_sql", statement="SELECT a, b FROM t")

    assert "| NULL |  |" in text(told)
    assert told.structured_content["result"]["data_array"] == [[None, ""]]


async def test_a_result_cut_by_a_limit_says_that_there_is_more(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement(columns={"n": "INT"}, rows=[(n,) for n in range(50)])

    told = await call("execute_sql", statement="SELECT * FROM t", row_limit=10)

    assert told.structured_content["manifest"]["truncated"] is True
    assert "cut by a limit: there are more than these 10 rows" in text(told)


async def test_a_statement_without_rows(call: Any, text: Any, workspace: Workspace) -> None:
    told = await call("execute_sql", statement="CREATE TABLE t (n INT)")

    assert not told.is_error
    assert "SUCCEEDED" in text(told)
    assert told.structured_content["result"]["data_array"] == []


async def test_a_slow_statement_is_told_as_running_and_can_be_gone_on_with(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement("slow", takes=120, columns={"n": "INT"}, rows=[(1,)])
    began = trio.current_time()

    told = await call("execute_sql", statement="SELECT slow", max_wait_seconds=30)

    assert trio.current_time() - began == pytest.approx(30, abs=1)
    assert not told.is_error
    assert told.structured_content["status"]["state"] == "RUNNING"
    statement_id = told.structured_content["statement_id"]
    assert "is RUNNING after 30 s. Not finished." in text(told)
    assert f'execute_sql(statement_id="{statement_id}")' in text(told)
    done = await ask("execute_sql", statement_id=statement_id, max_wait_seconds=300)
    assert done["result"]["data_array"] == [[1]]
    assert workspace.requests.count("POST *sql/statements") == 1


@pytest.mark.parametrize("limit", [1, 4, 5, 12])
async def test_a_short_limit_is_kept(call: Any, workspace: Workspace, limit: int) -> None:
    workspace.engine.statement(takes=120)
    began = trio.current_time()

    told = await call("execute_sql", statement="SELECT 1", max_wait_seconds=limit)

    assert trio.current_time() - began <= limit + 1.1
    assert told.structured_content["status"]["state"] in ("RUNNING", "PENDING")


async def test_a_statement_is_cancelled_by_its_id(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement(takes=600)
    sent = await ask("execute_sql", statement="SELECT 1", max_wait_seconds=1)

    told = await call("execute_sql", statement_id=sent["statement_id"], cancel=True)

    assert told.structured_content["status"]["state"] == "CANCELED"
    assert text(told).endswith("is CANCELED.")
    afterwards = await call("execute_sql", statement_id=sent["statement_id"])
    assert afterwards.is_error
    assert afterwards.structured_content["error"] == "StatementFailed"


async def test_a_cancel_that_comes_too_late_is_told(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    sent = await ask("execute_sql", statement="SELECT 1")

    told = await call("execute_sql", statement_id=sent["statement_id"], cancel=True)

    assert "had SUCCEEDED before it could be cancelled" in text(told)


async def test_a_failed_statement_is_an_error(call: Any, text: Any, workspace: Workspace) -> None:
    message = "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nope` cannot be found."
    workspace.engine.statement("nope", error=message, sql_state="42P01")

    told = await call("execute_sql", statement="SELECT * FROM nope")

    assert told.is_error
    assert message in text(told).splitlines()[0]
    assert told.structured_content["status"]["state"] == "FAILED"
    assert told.structured_content["status"]["sql_state"] == "42P01"


async def test_a_result_over_the_inline_limit_says_what_to_do_and_then_comes(
    call: Any, ask: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement(columns=["t"], rows=[("x" * 2**20,) for _ in range(26)])

    told = await call("execute_sql", statement="SELECT * FROM large")
    assert told.is_error
    assert "EXTERNAL_LINKS" in text(told)
    answer = await ask(
        "execute_sql", statement="SELECT * FROM large", disposition="EXTERNAL_LINKS", max_rows=1
    )

    assert len(answer["result"]["data_array"][0][0]) == 2**20
    assert "external_link" not in str(answer)


async def test_a_statement_whose_answer_is_lost_is_unknown_and_not_repeated(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.faults.add("POST *sql/statements", LoseAnswer())

    told = await call("execute_sql", statement="INSERT INTO t VALUES (1)")

    assert told.is_error
    assert told.structured_content["error"] == "OutcomeUnknown"
    assert "query history" in text(told)
    assert workspace.requests.count("POST *sql/statements") == 1


async def test_a_network_that_hangs_is_told_within_the_limit(
    call: Any, workspace: Workspace
) -> None:
    workspace.faults.add("POST *sql/statements", Hang())
    began = trio.current_time()

    told = await call("execute_sql", statement="SELECT 1", max_wait_seconds=20)

    assert trio.current_time() - began <= 26
    assert told.structured_content["error"] == "OutcomeUnknown"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "statement: give it, or the statement_id"),
        ({"statement": "SELECT 1", "statement_id": "x"}, "statement: give it, or"),
        ({"statement": "  \n"}, "statement: expected one SQL statement, got only blanks"),
        ({"statement": "SELECT 1", "cancel": True}, "statement_id: required to cancel"),
        ({"statement": "SELECT :a", "parameters": [{"value": "1"}]}, "parameters[0].name"),
        ({"statement": "SELECT 1", "max_rows": 0}, "max_rows: expected a whole number"),
        ({"statement": "SELECT 1", "warehouse_id": "a b"}, "warehouse_id: expected text"),
        ({"statement": "x" * (16 * 2**20 + 1)}, "statement: expected text of 1 to 16777216"),
    ],
)
async def test_wrong_arguments_are_named(
    call: Any, text: Any, workspace: Workspace, wrong: dict[str, Any], named: str
) -> None:
    refused = await call("execute_sql", **wrong)

    assert refused.is_error
    assert named in text(refused)
    assert len(workspace.requests) == 0


async def test_parameters_are_sent_on(call: Any, workspace: Workspace) -> None:
    parameters = [{"name": "day", "value": "2024-01-01", "type": "DATE"}]

    await call("execute_sql", statement="SELECT :day", parameters=parameters)

    (sent,) = workspace.requests.matching("POST *sql/statements")
    assert sent.body["parameters"] == parameters


async def test_the_only_warehouse_is_taken_where_none_is_configured(
    workspace: Workspace, autojump_clock: trio.abc.Clock
) -> None:
    async with Toolkit.local(workspace) as toolkit:
        toolkit.session.warehouse_id = None

        answer = await toolkit.call_tool("execute_sql", {"statement": "SELECT 1"})

    assert answer["status"]["state"] == "SUCCEEDED"


@pytest.mark.parametrize("more", [0, 1])
async def test_without_a_warehouse_to_take_one_is_told_which_there_are(
    workspace: Workspace, autojump_clock: trio.abc.Clock, more: int
) -> None:
    transport = httpx.ASGITransport(app=workspace.app)
    headers = {"Authorization": f"Bearer {workspace.token}"}
    async with (
        httpx.AsyncClient(transport=transport, base_url=workspace.host, headers=headers) as raw,
        Toolkit.local(workspace) as toolkit,
    ):
        if more:
            body = {"name": "another", "cluster_size": "Small"}
            (await raw.post("/api/2.0/sql/warehouses", json=body)).raise_for_status()
        else:
            await raw.delete(f"/api/2.0/sql/warehouses/{workspace.warehouse_id}")
        toolkit.session.warehouse_id = None

        with pytest.raises(NotConfigured, match="warehouse_id") as error:
            await toolkit.call_tool("execute_sql", {"statement": "SELECT 1"})

    said = "another" if more else "There is no SQL warehouse"
    assert said in error.value.advice


# -- limits ----------------------------------------------------------------------------------------


async def test_rows_that_do_not_come_are_told_within_the_limit(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement("SELECT", takes=40, rows=[[1]] * 9)
    workspace.statements.limits = attrs.evolve(workspace.statements.limits, chunk_rows=3)
    workspace.faults.add("GET */result/chunks/*", Hang())
    began = trio.current_time()

    told = await call("execute_sql", statement="SELECT 1")

    assert trio.current_time() - began < 60
    assert told.is_error
    assert "has SUCCEEDED, and its rows did not come in time" in text(told)
    assert "asks for them again" in text(told)


@pytest.mark.parametrize("late", [12.9, 14.0, 60.0])
@pytest.mark.parametrize("takes", [0, 300])
async def test_an_answer_to_sending_that_comes_late_leaves_five_seconds_for_all_the_rest(
    call: Any, workspace: Workspace, late: float, takes: float
) -> None:
    workspace.engine.statement("SELECT", takes=takes, rows=[[1]] * 9)
    workspace.statements.limits = attrs.evolve(workspace.statements.limits, chunk_rows=3)
    workspace.faults.add("POST *sql/statements", Slow(late - (10 if takes else 0)))
    workspace.faults.add("GET *", Hang())
    began = trio.current_time()

    told = await call("execute_sql", statement="SELECT 1", max_wait_seconds=10)

    assert trio.current_time() - began <= 15.01
    assert told.is_error or told.structured_content["status"]["state"] == "RUNNING"


async def test_a_cancel_that_is_not_answered_is_told_within_the_limit(
    call: Any, ask: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement("SELECT", takes=3600)
    sent = await ask("execute_sql", statement="SELECT 1", max_wait_seconds=1)
    workspace.faults.add("POST */cancel", Hang())
    began = trio.current_time()

    told = await call("execute_sql", statement_id=sent["statement_id"], cancel=True)

    assert trio.current_time() - began < 60
    assert told.is_error
    assert "no answer came\nAsk again with cancel=true" in text(told)


async def test_warehouses_that_cannot_be_listed_are_told_within_the_limit(
    workspace: Workspace, autojump_clock: trio.abc.Clock
) -> None:
    workspace.faults.add("GET */sql/warehouses", Hang())
    async with Toolkit.local(workspace) as toolkit:
        toolkit.session.warehouse_id = None
        began = trio.current_time()
        with pytest.raises(DatabricksUnreachable, match="nothing was sent"):
            await toolkit.call_tool("execute_sql", {"statement": "1", "max_wait_seconds": 30})
        assert trio.current_time() - began <= 31


async def test_a_statement_that_was_sent_and_cannot_be_seen_is_told_with_its_id(
    call: Any, text: Any, workspace: Workspace
) -> None:
    """A look that fails changes nothing; the statement that was sent before it did."""
    workspace.engine.statement("INSERT", takes=600)
    workspace.faults.add("GET */sql/statements/*", Refuse(403))

    told = await call("execute_sql", statement="INSERT INTO t VALUES (1)", max_wait_seconds=30)

    (sent,) = workspace.statements
    assert told.is_error
    assert told.structured_content["error"] == "OutcomeUnknown"
    assert f"Statement {sent.statement_id} was accepted" in text(told)
    assert f'execute_sql(statement_id="{sent.statement_id}")' in text(told)


async def test_rows_that_cannot_be_read_are_told_as_such(
    call: Any, text: Any, ask: Any, workspace: Workspace
) -> None:
    columns = {"n": "INT"}
    workspace.engine.statement("SELECT", columns=columns, rows=[(n,) for n in range(30)])
    workspace.statements.limits = attrs.evolve(workspace.statements.limits, chunk_rows=10)
    unreadable = workspace.faults.add("GET */result/chunks/*", Refuse(403))

    told = await call("execute_sql", statement="SELECT n FROM t")

    assert "was accepted, was SUCCEEDED when last seen, and its rows could not be read" in text(
        told
    )
    workspace.faults.remove(unreadable)
    (sent,) = workspace.statements
    again = await ask("execute_sql", statement_id=sent.statement_id)
    assert len(again["result"]["data_array"]) == 30


async def test_a_long_value_is_cut_in_the_text_which_says_where_it_is_whole(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.statement(rows=[("x" * 5_000,)], columns=["big"])

    told = await call("execute_sql", statement="SELECT big", warehouse_id=workspace.warehouse_id)

    assert "… (5,000 characters)" in text(told)
    assert text(told).endswith(
        "1 row.\nLong values are cut here; the structured content has them whole."
    )
    assert told.structured_content["result"]["data_array"] == [["x" * 5_000]]
