"""SQL statements 2.0: every endpoint under `/api/2.0/sql/statements`, and the query history.

https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import trio

from ..compute.warehouse import Warehouse, WarehouseGone
from ..compute.warehouses import Warehouses
from ..engine import Engine, Parameter, SqlFailure, StatementSpec
from ..wire import Call, Refusal, Response, Route, page_of
from ..world import World
from .external_links import ExternalLinks
from .result_formats import MEDIA_TYPES, formats, rendered
from .statement import Chunk, Limits, Statement, StatementState

logger = logging.getLogger(__name__)

PREFIX = "/api/2.0/sql/statements"
LONGEST_STATEMENT = 16 * 2**20  # bytes
WAITS = range(5, 51)  # seconds; or 0
DEFAULT_WAIT = "10s"
CANCELS_WITHIN = 5.0  # seconds that a call waits for the cancel it caused itself
DISPOSITIONS = ("INLINE", "EXTERNAL_LINKS", "INLINE_OR_EXTERNAL_LINKS")
SWEEP_INTERVAL = 60.0  # seconds between two looks at what is over, so that memory stays flat
HISTORY_PAGE = 100
HISTORY_STATUS = {"PENDING": "QUEUED", "SUCCEEDED": "FINISHED", "CLOSED": "FINISHED"}
_WAIT = re.compile(r"^(\d+)s$")


class Statements:
    """All statements of a workspace, by id.

    Attributes:
      limits: how much a statement may give back, and how it is cut, from now on.
      links: the external links to results.
    """

    def __init__(self, world: World, engine: Engine, warehouses: Warehouses) -> None:
        self._world = world
        self._engine = engine
        self._warehouses = warehouses
        self.limits = Limits()
        self.links = ExternalLinks(world)
        self._statements: dict[str, Statement] = {}
        self._looked = 0.0  # when the old were last let go

    def __repr__(self) -> str:
        running = sum(not statement.final for statement in self._statements.values())
        return f"<Statements, {len(self._statements)}, {running} not ended>"

    def __iter__(self) -> Iterator[Statement]:
        """Those that can still be read, oldest first."""
        now = self._world.now()
        return (each for each in tuple(self._statements.values()) if not each.forgotten(now))

    def routes(self) -> list[Route]:
        """The endpoints."""
        one = f"{PREFIX}/{{statement_id}}"
        return [
            Route("POST", PREFIX, self.execute),
            Route("GET", one, self.get),
            Route("GET", f"{one}/result/chunks/{{chunk_index}}", self.get_chunk),
            Route("POST", f"{one}/cancel", self.cancel),
            Route("GET", "/api/2.0/sql/history/queries", self.list_history),
            *self.links.routes(),
        ]

    # -- endpoints -------------------------------------------------------------------------------

    async def execute(self, call: Call) -> dict[str, Any]:
        """`POST statements`: submits, and waits as long as it was asked to."""
        wait = _seconds(call.text("wait_timeout", DEFAULT_WAIT))
        on_timeout = call.choice("on_wait_timeout", ("CONTINUE", "CANCEL"), "CONTINUE")
        statement = self._statement(call)
        warehouse = self._warehouses.known(statement.spec.warehouse_id)
        self._forget_old()
        self._statements[statement.statement_id] = statement
        self._world.nursery.start_soon(self._run, statement, warehouse)
        if wait == 0:
            return self._shown(statement, call)
        with trio.move_on_after(wait):
            await statement.done.wait()
        if not statement.final and on_timeout == "CANCEL":
            statement.scope.cancel()
            with trio.move_on_after(CANCELS_WITHIN):
                await statement.done.wait()
        return self._shown(statement, call)

    async def get(self, call: Call) -> dict[str, Any]:
        """`GET statements/{id}`: the status, and at the end the manifest and first chunk."""
        return self._shown(self._known(call), call)

    async def get_chunk(self, call: Call) -> dict[str, Any]:
        """`GET statements/{id}/result/chunks/{n}`, in any order."""
        statement = self._known(call)
        index = call.integer("chunk_index")
        if statement.table is None:
            message = f"The result of statement {statement.statement_id} is not available."
            raise Refusal(404, "NOT_FOUND", message)
        if not 0 <= index < len(statement.chunks):
            raise Refusal.invalid(
                f"Chunk index {index} is out of range: there are {len(statement.chunks)} chunks."
            )
        return self._result(statement, statement.chunks[index], call)

    async def cancel(self, call: Call) -> Response:
        """`POST statements/{id}/cancel`: asynchronous; too late is no error."""
        self._known(call).scope.cancel()
        return Response.json({})

    async def list_history(self, call: Call) -> dict[str, Any]:
        """`GET sql/history/queries`, newest first: where a lost statement can be found again."""
        size = call.integer("max_results", 0) or HISTORY_PAGE
        newest = list(self)[::-1]
        page, tokens = page_of(newest, call.text("page_token", ""), size)
        following = tokens.get("next_page_token")
        return {
            "res": [self._history(statement) for statement in page],
            "has_next_page": following is not None,
            **({"next_page_token": following} if following else {}),
        }

    # -- inside ------------------------------------------------------------------------------------

    async def _run(self, statement: Statement, warehouse: Warehouse) -> None:
        now = self._world.now
        with statement.scope:
            try:
                async with warehouse.place(), trio.open_nursery() as nursery:
                    statement.state = StatementState.RUNNING
                    nursery.start_soon(_cancel_when, warehouse.stopped, statement)
                    table = await self._engine.run_statement(statement.spec)
                    statement.succeed(table, now())
                    nursery.cancel_scope.cancel()
            except* SqlFailure as failures:
                statement.fail(_only(failures), now())
            except* WarehouseGone as gone:
                statement.fail(SqlFailure(str(_only(gone)), "ABORTED"), now())
            except* Exception as bugs:
                logger.exception("A bug in the engine, at %r", statement)
                statement.fail(SqlFailure(repr(_only(bugs)), "INTERNAL_ERROR"), now())
        if not statement.final:
            statement.cancelled(now())

    def _statement(self, call: Call) -> Statement:
        text = call.text("statement")
        if len(text.encode()) > LONGEST_STATEMENT:
            raise Refusal.invalid(f"A statement has at most {LONGEST_STATEMENT} bytes.")
        disposition = call.choice("disposition", DISPOSITIONS, "INLINE")
        format_name = call.choice("format", formats(), "JSON_ARRAY")
        if format_name != "JSON_ARRAY" and disposition == "INLINE":
            raise Refusal.invalid(
                f"The format field must be JSON_ARRAY when the disposition field is INLINE, "
                f"not {format_name}."
            )
        row_limit = call.integer("row_limit", None)
        if row_limit is not None and row_limit < 1:
            raise Refusal.invalid("row_limit must be at least 1.")
        limits = self.limits
        return Statement(
            f"01f0{self._world.new_uuid()[4:]}",
            StatementSpec(
                text,
                call.text("catalog", "") or None,
                call.text("schema", "") or None,
                _parameters(call),
                row_limit,
                call.text("warehouse_id"),
            ),
            disposition,
            format_name,
            Limits(
                row_limit,
                call.integer("byte_limit", limits.bytes),
                limits.inline,
                limits.chunk_rows,
                limits.chunk_bytes,
            ),
            call.user_name,
            self._world.now(),
        )

    def _known(self, call: Call) -> Statement:
        statement_id = call.path_params["statement_id"]
        statement = self._statements.get(statement_id)
        now = self._world.now()
        if statement is None or statement.forgotten(now):
            raise Refusal(404, "NOT_FOUND", f"The statement {statement_id} was not found.")
        statement.age(now)
        return statement

    def _forget_old(self) -> None:
        """Lets results and records go whose time is over; looks now and then only."""
        now = self._world.now()
        if now - self._looked < SWEEP_INTERVAL:
            return
        self._looked = now
        for statement_id, statement in list(self._statements.items()):
            statement.age(now)
            if statement.forgotten(now):
                del self._statements[statement_id]

    def _shown(self, statement: Statement, call: Call) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "statement_id": statement.statement_id,
            "status": statement.status(),
        }
        if statement.table is not None:
            shown["manifest"] = statement.manifest()
            first = next(iter(statement.chunks), None)
            shown["result"] = {} if first is None else self._result(statement, first, call)
        return shown

    def _result(self, statement: Statement, chunk: Chunk, call: Call) -> dict[str, Any]:
        following = {}
        if chunk.index + 1 < len(statement.chunks):
            row_offset = statement.chunks[chunk.index + 1].row_offset
            path = f"{PREFIX}/{statement.statement_id}/result/chunks/{chunk.index + 1}"
            following = {
                "next_chunk_index": chunk.index + 1,
                "next_chunk_internal_link": f"{path}?row_offset={row_offset}",
            }
        if statement.disposition == "INLINE":
            rows = [list(row) for row in statement.rows(chunk)]
            return {**statement.shown(chunk), **following, "data_array": rows}

        def content() -> bytes | None:
            statement.age(self._world.now())
            if statement.table is None:
                return None
            rows = statement.rows(chunk)
            return rendered(statement.table, rows, statement.format, first=chunk.index == 0)

        link = self.links.make(call.base_url, MEDIA_TYPES[statement.format], content)
        external = {
            **statement.shown(chunk),
            **following,
            "external_link": link.url,
            "expiration": link.expiration,
            "http_headers": dict(self.links.headers),
        }
        return {"external_links": [external]}

    def _history(self, statement: Statement) -> dict[str, Any]:
        started = self._world.now_ms() - int((self._world.now() - statement.created) * 1000)
        shown: dict[str, Any] = {
            "query_id": statement.statement_id,
            "query_text": statement.spec.statement,
            "status": HISTORY_STATUS.get(statement.state, statement.state.value),
            "warehouse_id": statement.spec.warehouse_id,
            "user_name": statement.user_name,
            "query_start_time_ms": started,
            "rows_produced": statement.row_count,
            "is_final": statement.final,
        }
        if statement.ended is not None:
            shown["query_end_time_ms"] = started + int((statement.ended - statement.created) * 1000)
            shown["duration"] = shown["query_end_time_ms"] - started
        if statement.failure is not None:
            shown["error_message"] = statement.failure.message
        return shown


def _seconds(text: str) -> int:
    match = _WAIT.match(text)
    seconds = int(match[1]) if match else -1
    if seconds != 0 and seconds not in WAITS:
        raise Refusal.invalid(
            f"wait_timeout must be 0s, or from {WAITS.start}s to {WAITS.stop - 1}s, not {text!r}."
        )
    return seconds


def _parameters(call: Call) -> list[Parameter]:
    parameters = []
    for item in call.body.get("parameters") or []:
        name = item.get("name")
        if not name:
            raise Refusal.invalid("Each of parameters needs a name.")
        parameters.append(Parameter(name, item.get("value"), item.get("type") or "STRING"))
    return parameters


async def _cancel_when(stopped: trio.Event, statement: Statement) -> None:
    await stopped.wait()
    statement.scope.cancel()


def _only(group: BaseExceptionGroup[Any]) -> Any:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
