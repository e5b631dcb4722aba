"""SQL statements: sent once, waited for, their rows read part by part.

https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs
import trio

from ...clients.met import noting
from ...errors import DatabricksError, DatabricksUnreachable, NotConfigured, OutcomeUnknown
from ..call import Call
from ..registry import last_met, tool
from ..results import CELLS_CUT, Answer, lines, seconds, table, with_nulls
from ..schema import argument
from .ids import ID, NAME, max_wait

if TYPE_CHECKING:
    from ...actors import Statement
    from ...clients.statements import Statement as Seen

LONGEST_STATEMENT = 16 * 2**20  # characters; Databricks takes 16 MiB
ROWS, ROWS_LIMIT = 10_000, 2_000_000  # in one answer, and their characters as JSON
# Unless the caller says how many it wants: some hosts show the structured content to the model.
DEFAULT_ROWS, DEFAULT_ROWS_LIMIT = 1_000, 100_000
SHORTEST_SERVER_WAIT, LONGEST_SERVER_WAIT = 5, 10  # seconds; Databricks takes 0, or 5 to 50
OVERTIME = 5.0  # seconds beyond the limit, at most, in which what the limit found going on is ended
SLOW_ANSWER = 3.0  # of them: the answer to sending may be as late, and leaves one look and the rows
CANCEL_WAIT = 10.0  # seconds to see a cancelled statement end
EXACT_DIGITS = 15  # significant digits that every double keeps


class Disposition(StrEnum):
    """How rows come: with the answer, or from cloud storage."""

    INLINE = "INLINE"
    EXTERNAL_LINKS = "EXTERNAL_LINKS"


@attrs.frozen
class ExecuteSql:
    """A statement to send, or the id of one that was sent."""

    statement: str | None = argument(
        "One SQL statement, :name for parameters",
        default=None,
        minLength=1,
        maxLength=LONGEST_STATEMENT,
    )
    statement_id: str | None = argument(
        "Instead of statement: wait on, read more rows, or cancel", default=None, **ID
    )
    warehouse_id: str | None = argument("Default: the configured one", default=None, **ID)
    catalog: str | None = argument("Default catalog", default=None, **NAME)
    schema: str | None = argument("Default schema", default=None, **NAME)
    parameters: list[dict[str, Any]] | None = argument("{name, value, type}", default=None)
    row_limit: int | None = argument("Rows computed at most", default=None, minimum=1)
    disposition: Disposition = argument(
        "EXTERNAL_LINKS for results over 25 MiB", default=Disposition.INLINE
    )
    max_rows: int | None = argument(
        "Rows in this answer; default: 1000, fewer if wide", default=None, minimum=1, maximum=ROWS
    )
    row_offset: int = argument("Rows to skip", default=0, minimum=0)
    max_wait_seconds: float = max_wait()
    cancel: bool = argument("Cancel statement_id", default=False)

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[str]:
        """A statement or its id, and parameters that have names."""
        if (given.get("statement") is None) == (given.get("statement_id") is None):
            yield "statement: give it, or the statement_id of one that was sent, not both or none"
        elif isinstance(given.get("statement"), str) and not given["statement"].strip():
            yield "statement: expected one SQL statement, got only blanks"
        if given.get("cancel") and given.get("statement_id") is None:
            yield "statement_id: required to cancel a statement"
        parameters = given.get("parameters")
        for n, parameter in enumerate(parameters if isinstance(parameters, list) else ()):
            if isinstance(parameter, Mapping) and not isinstance(parameter.get("name"), str):
                yield f"parameters[{n}].name: required, text that names the marker"


@tool(ExecuteSql, title="Execute SQL", destroys=True, patience=math.inf)
async def execute_sql(call: Call, arguments: ExecuteSql) -> Answer:
    """Run a SQL statement and return its rows. It goes on after max_wait_seconds: call again with
    its statement_id.
    """
    limit = arguments.max_wait_seconds
    if arguments.statement_id is not None:
        statement = call.session.statement(arguments.statement_id)
        if arguments.cancel:
            return await _cancelled(call, statement, limit)
        return await _seen_through(call, statement, arguments)
    statement = await _sent(call, arguments)
    try:
        return await _seen_through(call, statement, arguments)
    except DatabricksError as error:
        # "Nothing was changed" would be true of the look that failed, and not of the statement.
        raise _accepted(statement, error) from error


async def _seen_through(call: Call, statement: Statement, arguments: ExecuteSql) -> Answer:
    limit = arguments.max_wait_seconds
    seen = statement.last
    if seen is None or not statement.is_over:
        seen = await _waited(call, statement, limit)
    if not statement.is_over:
        return _going_on(seen, limit)
    with trio.move_on_after(call.left(limit + OVERTIME)):
        return await _rows(statement, arguments)
    raise DatabricksUnreachable(
        f"Statement {statement.statement_id} has SUCCEEDED, and its rows did not come in time",
        advice=f'execute_sql(statement_id="{statement.statement_id}") asks for them again; '
        "a smaller max_rows, or more max_wait_seconds, may help.",
    )


def _accepted(statement: Statement, error: DatabricksError) -> OutcomeUnknown:
    """What is known of a statement that was sent, where `error` came between us and its rows."""
    name, message = statement.statement_id, error.message
    if name not in message:
        missing = "its rows could not be read" if statement.is_over else "more is not known"
        seen = f"Statement {name} was accepted, was {statement.state} when last seen"
        message = f"{seen}, and {missing}: {message}"
    what = "them" if statement.is_over else "it"
    again = f'Do not send it again: execute_sql(statement_id="{name}") asks for {what} again.'
    return OutcomeUnknown(message, advice=again)


async def _sent(call: Call, arguments: ExecuteSql) -> Statement:
    assert arguments.statement is not None
    limit = arguments.max_wait_seconds
    warehouse_id = await _warehouse(call, arguments)
    left = call.left(limit)  # a login or a list of warehouses may have taken its part
    server_wait = 0 if left < SHORTEST_SERVER_WAIT else min(int(left), LONGEST_SERVER_WAIT)
    with noting() as met, trio.move_on_after(left + SLOW_ANSWER):
        return await call.session.execute_statement(
            arguments.statement,
            warehouse_id=warehouse_id,
            catalog=arguments.catalog,
            schema=arguments.schema,
            parameters=arguments.parameters or (),
            row_limit=arguments.row_limit,
            disposition=arguments.disposition.value,
            wait_timeout=server_wait,
        )
    raise OutcomeUnknown(
        f"The statement was sent, and no answer came within {seconds(limit)}{last_met(met)}",
        advice="It may be running: look in the warehouse's query history before you repeat it.",
    )


async def _warehouse(call: Call, arguments: ExecuteSql) -> str:
    """The warehouse that was named, or is configured, or is the only one."""
    if chosen := arguments.warehouse_id or call.session.warehouse_id:
        return chosen
    found = None
    with trio.move_on_after(call.left(arguments.max_wait_seconds)):
        found = (await call.session.databricks.warehouses.page(page_size=20)).items
    if found is None:
        raise DatabricksUnreachable(
            "The SQL warehouses could not be listed in time, and nothing was sent",
            advice="Try again later, or name one: warehouse_id.",
        )
    if len(found) == 1:
        return found[0].id
    known = ", ".join(f"{each.id} ({each.name}, {each.state})" for each in found)
    raise NotConfigured(
        "warehouse_id: required, since none is configured",
        advice=f"Give one of {known}, or set DATABRICKS_WAREHOUSE_ID."
        if found
        else "There is no SQL warehouse in this workspace that you may see: make one first.",
    )


async def _waited(call: Call, statement: Statement, limit: float) -> Seen:
    return await call.waiting(
        lambda: statement.wait(call.left(limit)),
        limit,
        lambda: f"statement {statement.statement_id}: {statement.state or 'asking'}",
    )


async def _cancelled(call: Call, statement: Statement, limit: float) -> Answer:
    with trio.move_on_after(call.left(limit)) as patience:
        await statement.cancel()
    if patience.cancelled_caught:
        raise OutcomeUnknown(
            f"The cancel of statement {statement.statement_id} was sent, and no answer came",
            advice="Ask again with cancel=true: that is harmless.",
        )
    seen = await statement.wait(CANCEL_WAIT)
    said = {
        "CANCELED": "is CANCELED.",
        "SUCCEEDED": "had SUCCEEDED before it could be cancelled.",
        "FAILED": "had FAILED before it could be cancelled.",
        "CLOSED": "was CLOSED before it could be cancelled.",
    }.get(seen.status.state, f"is {seen.status.state} still; the cancel has been asked for.")
    return Answer(_without_rows(seen), f"Statement {statement.statement_id} {said}")


def _going_on(seen: Seen, limit: float) -> Answer:
    call_again = f'execute_sql(statement_id="{seen.statement_id}")'
    return Answer(
        _without_rows(seen),
        lines(
            f"Statement {seen.statement_id} is {seen.status.state} after {seconds(limit)}. "
            "Not finished.",
            f"{call_again} waits on and gives its rows; with cancel=true it cancels it.",
        ),
    )


def _without_rows(seen: Seen) -> dict[str, Any]:
    """The statement as sent, but for its rows: links to them are secrets.

    Nor does it say where they lie, and of each column no more than its name and type: a table may
    have hundreds.
    """
    told = {name: value for name, value in seen.wire.items() if name != "result"}
    manifest = {k: v for k, v in (told.get("manifest") or {}).items() if k != "chunks"}
    if manifest:
        told["manifest"] = manifest
    if columns := (manifest.get("schema") or {}).get("columns"):
        named = [{k: v for k, v in each.items() if k in ("name", "type_text")} for each in columns]
        manifest["schema"] = manifest["schema"] | {"columns": named}
    return told


# -- rows ------------------------------------------------------------------------------------------


async def _rows(statement: Statement, arguments: ExecuteSql) -> Answer:
    seen = await statement.success()
    offset, most, size = arguments.row_offset, arguments.max_rows, ROWS_LIMIT
    if most is None:
        most, size = DEFAULT_ROWS, DEFAULT_ROWS_LIMIT
    # One more than wanted tells whether there are more, whatever the manifest says.
    fetched = await statement.rows(offset, most + 1)
    rows = _bounded([[json_value(value) for value in row] for row in fetched[:most]], size)
    end = offset + len(rows)
    manifest = seen.manifest
    total = max(
        manifest.total_row_count if manifest else 0, offset + len(fetched) if fetched else 0
    )
    structured = _without_rows(seen) | {
        "result": {"row_offset": offset, "row_count": len(rows), "data_array": rows}
    }
    if end < total:
        structured["next_row_offset"] = end
    columns = [column.name for column in manifest.schema.columns] if manifest else []
    return Answer(structured, _shown(seen, columns, rows, offset, total))


def _bounded(rows: list[list[Any]], limit: int) -> list[list[Any]]:
    """The first rows that fit in `limit` characters of JSON, and one in any case."""
    size = 0
    for n, row in enumerate(rows):
        size += len(json.dumps(row, ensure_ascii=False))
        if n and size > limit:
            return rows[:n]
    return rows


def _shown(
    seen: Seen, columns: Sequence[str], rows: list[list[Any]], offset: int, total: int
) -> str:
    if not total:
        return f"Statement {seen.statement_id} SUCCEEDED" + (
            f", no rows ({', '.join(columns)})." if columns else "."
        )
    if not rows:
        return f"No rows from row_offset {offset:,} on: there are {total:,} in all."
    shown = table(columns, with_nulls(rows))
    again = f'execute_sql(statement_id="{seen.statement_id}", row_offset='
    end = offset + shown.rows
    notes = []
    if shown.rows < total:
        notes.append(f"Rows {offset + 1:,} to {end:,} of {total:,}.")
    if shown.rows < len(rows):
        notes.append(f"The structured content has them to row {offset + len(rows):,}.")
    if end < total:
        notes.append(f"Go on with {again}{end}).")
    if seen.manifest and seen.manifest.truncated:
        notes.append(f"The result was cut by a limit: there are more than these {total:,} rows.")
    count = "" if notes else f"{total:,} row{'s' if total != 1 else ''}."
    if shown.cells_cut:
        notes.append(CELLS_CUT)
    return lines(shown.text, count, " ".join(notes))


def json_value(value: Any) -> Any:
    """A typed SQL value as JSON, and as Databricks' text where JSON has no such value."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else _NOT_FINITE.get(value, "NaN")
        case Decimal():
            return _decimal(value)
        case datetime():
            precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
            return value.isoformat(timespec=precision).replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list():
            return [json_value(each) for each in value]
        case dict():
            return {str(name): json_value(each) for name, each in value.items()}
        case _:
            return str(value)


_NOT_FINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _decimal(value: Decimal) -> float | str:
    """A number where a double holds it to the last digit, else every digit as text."""
    if value.is_finite() and len(value.as_tuple().digits) <= EXACT_DIGITS:
        return float(value)
    return f"{value:f}"
