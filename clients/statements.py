"""SQL Statement Execution 2.0: one statement, its state, and its rows chunk by chunk.

A statement that fails is not an HTTP error: it comes back as a `Statement` whose state is FAILED.
There is no idempotency key, so `submit` is sent once.

https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from .endpoint import Endpoint, RetryClass
from .wire import ROWS_AS_SENT, Wired

if TYPE_CHECKING:
    from .http import Door

SUBMIT = Endpoint(
    "POST",
    "/api/2.0/sql/statements",
    RetryClass.ONCE,
    check="Look in the warehouse's query history before you run the statement again.",
)
GET = Endpoint("GET", "/api/2.0/sql/statements/{statement_id}", RetryClass.READ)
CHUNK = Endpoint(
    "GET", "/api/2.0/sql/statements/{statement_id}/result/chunks/{chunk_index}", RetryClass.READ
)
CANCEL = Endpoint(
    "POST",
    "/api/2.0/sql/statements/{statement_id}/cancel",
    RetryClass.SAME,
    check="Get the statement: if it is still going on, cancel it again.",
)

Rows = list[list[str | None]]  # every value is text on the wire, whatever its SQL type


class StatementState(StrEnum):
    """How far a statement has come, in Databricks' words."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    # Succeeded, and its result can no longer be fetched.
    CLOSED = "CLOSED"


@attrs.frozen
class ServiceError:
    """Why a statement failed."""

    error_code: str = ""
    message: str = ""


@attrs.frozen
class StatementStatus(Wired):
    """The `status` of a statement; `error` and `sql_state` are there only when it FAILED."""

    state: StatementState | str = ""
    error: ServiceError | None = None
    sql_state: str = ""


@attrs.frozen
class Column(Wired):
    """One column.  `type_text` is the SQL spelling (`DECIMAL(10,2)`), `type_name` the kind."""

    name: str = ""
    type_text: str = ""
    type_name: str = ""
    position: int = 0
    type_precision: int | None = None
    type_scale: int | None = None


@attrs.frozen
class Schema:
    """The columns of a result, in order."""

    column_count: int = 0
    columns: tuple[Column, ...] = ()


@attrs.frozen
class Manifest(Wired):
    """What there is to fetch.  `truncated` says that a row or byte limit cut the result."""

    format: str = ""
    schema: Schema = attrs.field(factory=Schema)
    total_chunk_count: int = 0
    total_row_count: int = 0
    total_byte_count: int | None = None
    truncated: bool = False


@attrs.frozen
class ExternalLink:
    """Where one chunk lies in cloud storage, for at most 15 minutes.

    Whoever has `external_link` can read the rows: it is a secret, and is in no repr, log or error.
    """

    external_link: str = attrs.field(repr=False)
    chunk_index: int = 0
    row_offset: int = 0
    row_count: int = 0
    byte_count: int | None = None
    expiration: str = ""
    http_headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    next_chunk_index: int | None = None


@attrs.frozen
class ResultChunk(Wired):
    """A chunk: its rows (`data_array`), or the links to them (`external_links`).

    `next_chunk_index` is `None` in the last chunk.  Where the rows are linked, Databricks tells it
    in the link; `following` looks in both places.
    """

    chunk_index: int = 0
    row_offset: int = 0
    row_count: int = 0
    byte_count: int | None = None
    data_array: Rows | None = attrs.field(default=None, repr=False, metadata=ROWS_AS_SENT)
    external_links: tuple[ExternalLink, ...] = ()
    next_chunk_index: int | None = None

    @property
    def following(self) -> int | None:
        """The index of the chunk after this one, or `None`."""
        if self.next_chunk_index is None and self.external_links:
            return self.external_links[-1].next_chunk_index
        return self.next_chunk_index


@attrs.frozen
class Statement(Wired):
    """A statement; `manifest` and the first chunk, `result`, are there once it SUCCEEDED."""

    statement_id: str
    status: StatementStatus = attrs.field(factory=StatementStatus)
    manifest: Manifest | None = None
    result: ResultChunk | None = None


class StatementsClient:
    """The Statement Execution API."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def submit(
        self,
        statement: str,
        warehouse_id: str,
        *,
        wait_timeout: str | None = None,
        on_wait_timeout: str | None = None,
        disposition: str | None = None,
        format: str | None = None,  # noqa: A002 - Databricks' word
        row_limit: int | None = None,
        byte_limit: int | None = None,
        catalog: str | None = None,
        schema: str | None = None,
        parameters: Sequence[Mapping[str, Any]] | None = None,
        query_tags: Sequence[Mapping[str, Any]] | None = None,
    ) -> Statement:
        """Send one statement to a warehouse, once.  `None` leaves a setting to Databricks.

        Args:
          statement: one SQL statement of at most 16 MiB, with `:name` markers.
          warehouse_id: where it runs.  A stopped one starts; the statement is PENDING meanwhile.
          wait_timeout: `"0s"`, or `"5s"` to `"50s"`: how long the server holds the answer back.
          on_wait_timeout: `CONTINUE` or `CANCEL`.
          disposition: `INLINE` (at most 25 MiB) or `EXTERNAL_LINKS`.
          format: `JSON_ARRAY`, `ARROW_STREAM` or `CSV`; the latter two need `EXTERNAL_LINKS`.
          row_limit: rows at most; more makes `manifest.truncated` true.
          byte_limit: bytes at most, likewise.
          catalog: as `USE CATALOG`.
          schema: as `USE SCHEMA`.
          parameters: `{"name", "value"?, "type"?}` for each marker; values are strings.
          query_tags: `{"key", "value"?}`, at most 20.

        If cancelled while under way, the statement may be running under an id that nobody has.

        Raises:
          OutcomeUnknown: the answer was lost; the statement may be running.
        """
        body = {
            "statement": statement,
            "warehouse_id": warehouse_id,
            "wait_timeout": wait_timeout,
            "on_wait_timeout": on_wait_timeout,
            "disposition": disposition,
            "format": format,
            "row_limit": row_limit,
            "byte_limit": byte_limit,
            "catalog": catalog,
            "schema": schema,
            "parameters": parameters,
            "query_tags": query_tags,
        }
        return await self._door.ask(SUBMIT, Statement, body=body)

    async def get(self, statement_id: str) -> Statement:
        """The statement's state, and with SUCCEEDED its manifest and first chunk.

        Raises:
          NotFound: there is none of this id, or it ended more than 12 hours ago.
        """
        return await self._door.ask(GET, Statement, ids={"statement_id": statement_id})

    async def chunk(self, statement_id: str, chunk_index: int) -> ResultChunk:
        """One chunk of a result, in any order, within an hour of success; its links are fresh."""
        ids = {"statement_id": statement_id, "chunk_index": str(chunk_index)}
        return await self._door.ask(CHUNK, ResultChunk, ids=ids)

    async def external(self, link: ExternalLink) -> Rows:
        """The rows behind a link of a JSON_ARRAY result, fetched without our login.

        Raises:
          DatabricksRefused: cloud storage refused, mostly because the link is over 15 minutes old;
            ask for the chunk again, which gives a fresh one.
        """
        return await self._door.fetch_rows(link.external_link, link.http_headers)

    async def cancel(self, statement_id: str) -> None:
        """Ask for a statement to be cancelled; only a later `get` tells whether it was."""
        await self._door.tell(CANCEL, ids={"statement_id": statement_id}, body={})
