"""SQL statements 2.0: every endpoint under `/api/2.0/sql/statements`.

https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, cast

import trio

from ..compute.warehouse import Warehouse, WarehouseGone
from ..compute.warehouses import Warehouses
from ..engine import Engine, Parameter, SqlFailure, StatementSpec
from ..wire import Call, Refusal, Response, Route
from ..world import World
from .external_links import ExternalLinks
from .history import History
from .result_formats import MEDIA_TYPES, can_make, rendered
from .sessions import Session, Sessions
from .statement import Chunk, Limits, Statement, StatementState
from .statement_record import record_of, statement_of

logger = logging.getLogger(__name__)

PREFIX = "/api/2.0/sql/statements"
LONGEST_STATEMENT = 16 * 2**20  # bytes
WAITS = range(5, 51)  # seconds; or 0
DEFAULT_WAIT = "10s"
CANCELS_WITHIN = 5.0  # seconds that a call waits for the cancel it caused itself
DISPOSITIONS = ("INLINE", "EXTERNAL_LINKS", "INLINE_OR_EXTERNAL_LINKS")
SWEEP_INTERVAL = 60.0  # seconds between two looks at what is over, so that memory stays flat
_WAIT = re.compile(r"^(\d+)s$")
_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
EMPTY_STATEMENT = (
    "\n[PARSE_EMPTY_STATEMENT] Syntax error, unexpected empty statement. SQLSTATE: 42617"
    " (line 1, pos 0)\n\n== SQL ==\n\n^^^\n"
)


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
        self.sessions = Sessions(world, engine, warehouses)
        self.history = History(world, self)
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
            Route("POST", PREFIX, self.execute, "sql"),
            Route("GET", one, self.get, "sql"),
            Route("DELETE", one, self.close, "sql"),
            Route("GET", f"{one}/result/chunks/{{chunk_index}}", self.get_chunk, "sql"),
            Route("POST", f"{one}/cancel", self.cancel, "sql"),
            *self.history.routes(),
            *self.sessions.routes(),
            *self.links.routes(),
        ]

    def restore(self) -> None:
        """Brings back those that an earlier workspace with the same folder kept."""
        for record in self._world.state.things("statement"):
            statement = statement_of(record, self._world)
            self._statements[statement.statement_id] = statement
            self._keep(statement)

    # -- endpoints -------------------------------------------------------------------------------

    async def execute(self, call: Call) -> dict[str, Any]:
        """`POST statements`: submits, and waits as long as it was asked to."""
        wait = _seconds(call.text("wait_timeout", DEFAULT_WAIT))
        statement = self._statement(call)
        warehouse = self._warehouses.used_by(call)
        session_id = call.text("session_id", "")
        session = self.sessions.known(session_id) if session_id else None
        self._forget_old()
        self._statements[statement.statement_id] = statement
        self._keep(statement)
        self._world.nursery.start_soon(self._run, statement, warehouse, session)
        if wait == 0:
            return self._shown(statement, call)
        with trio.move_on_after(wait):
            await statement.done.wait()
        if not statement.final and call.argument("on_wait_timeout") == "CANCEL":
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
            message = (
                f"The result of statement {statement.statement_id} is not available: the statement"
                " state should be SUCCEEDED before you can start fetching the result."
            )
            raise Refusal(404, "NOT_FOUND", message)
        if not 0 <= index < len(statement.chunks):
            raise Refusal.field("chunk_index", f"The chunk_index {index} is out of bounds.")
        return self._result(statement, statement.chunks[index], call)

    async def cancel(self, call: Call) -> Response:
        """`POST statements/{id}/cancel`: asynchronous; too late is no error, nor an unknown id."""
        statement = self._statements.get(_statement_id(call))
        if statement is not None:
            statement.scope.cancel()
        return Response.json({})

    async def close(self, call: Call) -> Response:
        """`DELETE statements/{id}`: whoever sends it has no more need; nothing changes."""
        _statement_id(call)
        return Response.json({})

    # -- inside ------------------------------------------------------------------------------------

    async def _run(
        self, statement: Statement, warehouse: Warehouse, session: Session | None
    ) -> None:
        now = self._world.now
        run = self._engine.run_statement if session is None else session.run
        with statement.scope:
            try:
                async with warehouse.place(), trio.open_nursery() as nursery:
                    statement.state = StatementState.RUNNING
                    nursery.start_soon(_cancel_when, warehouse.stopped, statement)
                    if not statement.spec.statement.strip():
                        raise SqlFailure(EMPTY_STATEMENT, sql_state="42617")  # noqa: TRY301
                    table = await run(statement.spec)
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
        self._keep(statement)

    def _keep(self, statement: Statement) -> None:
        record = partial(record_of, statement, self._world)
        self._world.keep("statement", statement.statement_id, record)

    def _statement(self, call: Call) -> Statement:
        for name in ("warehouse_id", "statement"):
            if call.argument(name) is None:
                message = f"Required field is not specified: {name}."
                raise Refusal.field(name, message, "BAD_REQUEST", "field is not specified")
        text = call.text("statement", "")
        if len(text.encode()) > LONGEST_STATEMENT:
            raise Refusal.field("statement", f"A statement has at most {LONGEST_STATEMENT} bytes.")
        # Words that it does not know are read past, as the product was seen to do.
        disposition = _known_word(call, "disposition", DISPOSITIONS)
        format_name = _known_word(call, "format", MEDIA_TYPES)
        if format_name != "JSON_ARRAY" and disposition == "INLINE":
            raise Refusal.field(
                "format",
                "Incompatible parameters: The format field must be JSON_ARRAY when the disposition"
                " field is INLINE.",
            )
        if not can_make(format_name):
            message = f"{format_name} cannot be made here: the simulated workspace needs pyarrow."
            raise Refusal.field("format", message)
        row_limit = _within(call, "row_limit", range(2**31))
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
                _within(call, "byte_limit", range(1, 100 * 2**30 + 1)) or limits.bytes,
                limits.inline,
                limits.chunk_rows,
                limits.chunk_bytes,
            ),
            call.user_name,
            self._world.now(),
        )

    def _known(self, call: Call) -> Statement:
        statement_id = _statement_id(call)
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
                self._world.forget("statement", statement_id)

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
            return {**statement.shown(chunk), **following, **_inline(statement, chunk)}

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


def _inline(statement: Statement, chunk: Chunk) -> dict[str, Any]:
    """The rows themselves; as an attachment those of an Arrow stream, which drivers ask for."""
    rows = statement.rows(chunk)
    if statement.format == "JSON_ARRAY" or statement.table is None:
        return {"data_array": [list(row) for row in rows]}
    content = rendered(statement.table, rows, statement.format, first=chunk.index == 0)
    return {"attachment": base64.b64encode(content).decode()}


def _statement_id(call: Call) -> str:
    statement_id = call.path_params["statement_id"]
    if not _UUID.match(statement_id):
        raise Refusal.field("statement_id", "Error while parsing type: statement_id.")
    return statement_id


def _seconds(text: str) -> int:
    match = _WAIT.match(text)
    if match is None:
        raise Refusal.field("wait_timeout", "Error while parsing type: duration.")
    seconds = int(match[1])
    if seconds != 0 and seconds not in WAITS:
        raise Refusal.field(
            "wait_timeout",
            "The wait_timeout field must be 0 seconds (disables wait), or between"
            f" {WAITS.start} seconds and {WAITS.stop - 1} seconds.",
        )
    return seconds


def _known_word(call: Call, name: str, known: Iterable[str]) -> str:
    """The argument `name` if it is one of `known`; else the first of them."""
    words = list(known)
    asked = call.argument(name)
    return asked if asked in words else words[0]


def _within(call: Call, name: str, bounds: range) -> int | None:
    number = cast("int | None", call.integer(name, None))
    if number is not None and number not in bounds:
        message = f"The {name} field must be between {bounds.start} and {bounds.stop - 1}."
        raise Refusal.field(name, message)
    return number


def _parameters(call: Call) -> list[Parameter]:
    parameters = []
    for item in call.body.get("parameters") or []:
        if not isinstance(item, Mapping):
            raise Refusal.field("parameters", "Each of parameters must be an object.")
        value = item.get("value")
        parameters.append(
            Parameter(
                str(item.get("name") or ""),
                None if value is None else str(value),
                str(item.get("type") or "STRING"),
            )
        )
    return parameters


async def _cancel_when(stopped: trio.Event, statement: Statement) -> None:
    await stopped.wait()
    statement.scope.cancel()


def _only(group: BaseExceptionGroup[Any]) -> Any:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
