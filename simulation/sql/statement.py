"""One SQL statement: its way from PENDING to an end, and its result cut in chunks.

A statement that FAILED is a success of HTTP: the failure is in its status.  A result can be fetched
for an hour, and then the statement shows as CLOSED; twelve hours after its end it is forgotten.

https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import trio
from attrs import define, field, frozen

from ..engine import SqlFailure, StatementSpec, Table
from .result_formats import size_of

RESULT_LIFE = 3600.0  # seconds after success that a result can be fetched
RECORD_LIFE = 12 * 3600.0  # seconds after the end that a statement can be read


class StatementState(StrEnum):
    """How far a statement has come, in Databricks' words."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    CLOSED = "CLOSED"


FINAL = frozenset(StatementState) - {StatementState.PENDING, StatementState.RUNNING}


@frozen
class Chunk:
    """A run of rows that are fetched together."""

    index: int
    row_offset: int
    row_count: int
    byte_count: int

    def wire(self) -> dict[str, int]:
        """As in the manifest, and at the head of a result."""
        return {
            "chunk_index": self.index,
            "row_offset": self.row_offset,
            "row_count": self.row_count,
        }


@frozen
class Limits:
    """How much a statement may give back, and how it is cut.

    Attributes:
      rows: of the whole result; None for all.
      bytes: of the whole result; more is cut off.
      inline: bytes of a whole INLINE result; more fails the statement.
      chunk_rows: of one chunk.
      chunk_bytes: of one chunk.
    """

    rows: int | None = None
    bytes: int = 100 * 2**30
    inline: int = 25 * 2**20
    chunk_rows: int = 100_000
    chunk_bytes: int = 20 * 2**20


@define(eq=False)
class Statement:
    """A statement and what came of it.

    Attributes:
      statement_id: its id.
      spec: what the engine is given.
      disposition: `INLINE` or `EXTERNAL_LINKS`; asked for as either, it is known at the end.
      format: `JSON_ARRAY`, `CSV` or `ARROW_STREAM`.
      user_name: who sent it.
      created: when, in seconds since the workspace started.
    """

    statement_id: str
    spec: StatementSpec
    disposition: str
    format: str
    limits: Limits
    user_name: str
    created: float
    state: StatementState = StatementState.PENDING
    failure: SqlFailure | None = None
    table: Table | None = field(default=None, repr=False)
    chunks: Sequence[Chunk] = ()
    row_count: int = 0
    truncated: bool = False
    ended: float | None = None
    done: trio.Event = field(factory=trio.Event, repr=False)
    scope: trio.CancelScope = field(factory=trio.CancelScope, repr=False)

    def __repr__(self) -> str:
        return f"<Statement {self.statement_id}, {self.state}, {self.row_count} rows>"

    @property
    def final(self) -> bool:
        """Whether nothing but CLOSED follows."""
        return self.state in FINAL

    def succeed(self, table: Table, now: float) -> None:
        """Takes the result: cuts it to its limits, and into chunks."""
        rows, size = table.rows, 0
        chunks: list[Chunk] = []
        count = len(rows) if self.limits.rows is None else min(len(rows), self.limits.rows)
        start = chunk_size = 0
        for place in range(count):
            row_size = size_of(rows[place])
            if size + row_size > self.limits.bytes:
                count = place
                break
            chunk_full = chunk_size + row_size > self.limits.chunk_bytes
            if place > start and (chunk_full or place - start >= self.limits.chunk_rows):
                chunks.append(Chunk(len(chunks), start, place - start, chunk_size))
                start, chunk_size = place, 0
            size += row_size
            chunk_size += row_size
        if count > start:
            chunks.append(Chunk(len(chunks), start, count - start, chunk_size))
        if self.disposition == "INLINE_OR_EXTERNAL_LINKS":
            is_small = size <= self.limits.inline and len(chunks) <= 1
            self.disposition = "INLINE" if is_small else "EXTERNAL_LINKS"
        if self.disposition == "INLINE" and size > self.limits.inline:
            self.fail(SqlFailure(too_large(self.limits.inline)), now)
            return
        self.table, self.chunks, self.row_count = table, chunks, count
        self.truncated = count < len(rows)
        self._end(StatementState.SUCCEEDED, now)

    def fail(self, failure: SqlFailure, now: float) -> None:
        """Ends it as FAILED."""
        self.failure = failure
        self._end(StatementState.FAILED, now)

    def cancelled(self, now: float) -> None:
        """Ends it as CANCELED."""
        self._end(StatementState.CANCELED, now)

    def age(self, now: float) -> None:
        """Drops the result when its hour is over."""
        ended = now if self.ended is None else self.ended
        if self.state is StatementState.SUCCEEDED and now - ended >= RESULT_LIFE:
            self.state = StatementState.CLOSED
            self.table = None

    def forgotten(self, now: float) -> bool:
        """Whether its record is gone, too."""
        return self.ended is not None and now - self.ended >= RECORD_LIFE

    def rows(self, chunk: Chunk) -> Sequence[Sequence[str | None]]:
        """The rows of one chunk."""
        assert self.table is not None
        return self.table.rows[chunk.row_offset : chunk.row_offset + chunk.row_count]

    def shown(self, chunk: Chunk) -> dict[str, int]:
        """A chunk as the API shows it; its bytes are told for external links only."""
        if self.disposition == "INLINE":
            return chunk.wire()
        return chunk.wire() | {"byte_count": chunk.byte_count}

    def status(self) -> dict[str, Any]:
        """`status`, with the error of a FAILED one."""
        status: dict[str, Any] = {"state": self.state.value}
        if self.failure is not None:
            status["error"] = {
                "error_code": self.failure.error_code,
                "message": self.failure.message,
            }
            if self.failure.sql_state:
                status["sql_state"] = self.failure.sql_state
        return status

    def manifest(self) -> dict[str, Any]:
        """`manifest` of one that SUCCEEDED."""
        assert self.table is not None
        columns = []
        for place, column in enumerate(self.table.columns):
            shown: dict[str, Any] = {
                "name": column.name,
                "type_text": column.type_text,
                "type_name": column.type_name,
                "position": place,
            }
            if column.precision is not None:
                shown["type_precision"] = column.precision
            if column.scale is not None:
                shown["type_scale"] = column.scale
            if column.type_name == "INTERVAL":
                shown["type_interval_type"] = column.type_text.removeprefix("INTERVAL ")
            columns.append(shown)
        manifest: dict[str, Any] = {
            "format": self.format,
            "schema": {"column_count": len(columns), "columns": columns},
            "total_chunk_count": len(self.chunks),
            "chunks": [self.shown(chunk) for chunk in self.chunks],
            "total_row_count": self.row_count,
            "truncated": self.truncated,
        }
        if self.disposition == "EXTERNAL_LINKS":
            manifest["total_byte_count"] = sum(chunk.byte_count for chunk in self.chunks)
        return manifest

    def _end(self, state: StatementState, now: float) -> None:
        self.state, self.ended = state, now
        self.done.set()


def too_large(limit: int) -> str:
    """The message of an INLINE result over its limit."""
    return (
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result "
        f"size of at most {limit} bytes. Please execute the statement with "
        "disposition=EXTERNAL_LINKS if you want to download the full result."
    )
