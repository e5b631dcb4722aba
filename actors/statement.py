"""A SQL statement: watched, never owned.  It goes on when nobody waits, and when the session ends.

It is sent once.  Databricks holds back its answer until the statement is over, or `SERVER_WAIT` has
passed; then it is polled.  Rows come in chunks, and all of them are read: inline ones from
Databricks, those of large results from where it has put them in cloud storage.

https://docs.databricks.com/api/workspace/statementexecution
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import attrs

from ..clients import statements
from ..clients.statements import (
    Column,
    Manifest,
    ResultChunk,
    Rows,
    StatementsClient,
    StatementState,
)
from ..errors import DatabricksRefused, StatementFailed
from . import polling
from .states import Course, closed
from .values import typed
from .watching import Roster, Watched, Watching

SERVER_WAIT = 10  # seconds, of the 5 to 50 that there are; Databricks' own default

PENDING, RUNNING = StatementState.PENDING, StatementState.RUNNING
SUCCEEDED, FAILED = StatementState.SUCCEEDED, StatementState.FAILED
CANCELED, CLOSED = StatementState.CANCELED, StatementState.CLOSED

STEPS = {
    PENDING: {RUNNING, FAILED, CANCELED},
    RUNNING: {SUCCEEDED, FAILED, CANCELED, CLOSED},
    SUCCEEDED: set[StatementState](),  # CLOSED an hour later; nobody polls by then
    FAILED: set[StatementState](),
    CANCELED: set[StatementState](),
    CLOSED: set[StatementState](),
}


def word(statement: statements.Statement) -> str:
    """The statement's state."""
    return statement.status.state


COURSE = Course(later=closed(STEPS), word=word)

_ENDS = {
    FAILED: "failed",
    CANCELED: "was cancelled",
    CLOSED: "succeeded, and its result can no longer be fetched",
}
_TOO_LARGE = "Inline byte limit exceeded"


def failure(statement: statements.Statement) -> StatementFailed | None:
    """How a statement that is over failed, CLOSED included; None if it SUCCEEDED."""
    if (end := _ENDS.get(statement.status.state)) is None:  # type: ignore[call-overload]
        return None
    error = statement.status.error
    said = error.message if error else ""
    advice = None
    if _TOO_LARGE in said:
        advice = 'Run it with disposition="EXTERNAL_LINKS", or ask for fewer rows.'
    elif statement.status.state == CLOSED:
        advice = "Results are kept for an hour: run the statement again."
    return StatementFailed(said or f"The statement {end}", outcome=statement.wire, advice=advice)


class StatementWatching(Watching[statements.Statement]):
    """Polls one statement while somebody looks."""

    course = COURSE
    pace = polling.STATEMENT

    def __init__(
        self, statement_id: str, client: StatementsClient, seen: statements.Statement | None
    ) -> None:
        super().__init__(f"statement {statement_id}", seen)
        self._statement_id, self._client = statement_id, client

    async def look(self) -> statements.Statement:
        """Ask how it is, and with success for its first chunk."""
        return await self._client.get(self._statement_id)


class Statement(Watched[statements.Statement]):
    """A SQL statement.

    https://docs.databricks.com/api/workspace/statementexecution

    Attributes:
      statement_id: Databricks' id, enough to find it again from anywhere for twelve hours.
    """

    course = COURSE

    def __init__(
        self,
        statement_id: str,
        client: StatementsClient,
        roster: Roster,
        last: statements.Statement | None = None,
    ) -> None:
        super().__init__(
            f"statement {statement_id}",
            roster,
            lambda: StatementWatching(statement_id, client, self.last),
            last,
        )
        self.statement_id, self._client = statement_id, client

    async def success(self, timeout: float | None = None) -> statements.Statement:
        """Wait until it is over, and return it if it succeeded.

        Raises:
          StatementFailed: it FAILED, was CANCELED, or is CLOSED.
          TimedOut: it goes on after `timeout` seconds.
        """
        statement = await self.wait(timeout)
        if not self.is_over:
            raise self._timed_out(timeout)
        if failed := failure(statement):
            raise failed
        return statement

    async def columns(self) -> tuple[Column, ...]:
        """The columns of its result, once it has succeeded; none where it has no result."""
        manifest = (await self.success()).manifest
        return () if manifest is None else manifest.schema.columns

    def chunks(self, offset: int = 0) -> Chunks:
        """The rows from row `offset` on, chunk by chunk: `async for rows in statement.chunks()`."""
        return Chunks(self, self._client, offset)

    async def rows(self, offset: int = 0, limit: int | None = None) -> list[list[Any]]:
        """All rows, once it has succeeded, every value typed by its column (see `values`).

        Args:
          offset: the first row to return, counted from 0; the chunks before it are not fetched.
          limit: rows to return at most; None for all of them.

        Raises:
          StatementFailed: it did not succeed, or its result can no longer be fetched.
        """
        rows: list[list[Any]] = []
        async for chunk in self.chunks(offset):
            rows += chunk
            if limit is not None and len(rows) >= limit:
                return rows[:limit]
        return rows

    async def cancel(self) -> None:
        """Ask Databricks to cancel it; `wait` tells how it ended.  Harmless when it is over."""
        await self._client.cancel(self.statement_id)
        self._changed()


@attrs.define(eq=False)
class Chunks(AsyncIterator[list[list[Any]]]):
    """The rows of a statement, chunk by chunk, each fetched when it is asked for.

    No async generator, so that a loop may be left early and nothing waits to be closed.  If
    cancelled, the same chunk may be asked for again.
    """

    _statement: Statement
    _client: StatementsClient
    _offset: int = 0
    _next: int | None = attrs.field(default=None, init=False)
    _begun: bool = attrs.field(default=False, init=False)

    def __aiter__(self) -> Chunks:
        return self

    async def __anext__(self) -> list[list[Any]]:
        """The next chunk's rows, typed.

        Raises:
          StatementFailed: the statement did not succeed.
        """
        statement = await self._statement.success()
        manifest = statement.manifest or Manifest()
        if not self._begun:
            self._begun, self._next = True, chunk_with(self._offset, manifest)
        while self._next is not None:
            index = self._next
            chunk = await self._chunk(statement, index)
            rows = await self._rows(chunk, index)
            self._next = following(chunk, index, manifest)
            rows = rows[max(0, self._offset - first_row(chunk)) :]
            if rows:
                return typed(rows, manifest.schema.columns)
        raise StopAsyncIteration

    async def _chunk(self, statement: statements.Statement, index: int) -> ResultChunk:
        if index == 0:  # it came with the statement
            return statement.result or ResultChunk()
        return await self._client.chunk(statement.statement_id, index)

    async def _rows(self, chunk: ResultChunk, index: int) -> Rows:
        if chunk.data_array is not None:
            return chunk.data_array
        try:
            return await self._linked(chunk)
        except DatabricksRefused:
            # Links live for a quarter of an hour, and each answer has fresh ones.
            return await self._linked(await self._client.chunk(self._statement.statement_id, index))

    async def _linked(self, chunk: ResultChunk) -> Rows:
        rows: Rows = []
        for link in chunk.external_links:
            rows += await self._client.external(link)
        return rows


def first_row(chunk: ResultChunk) -> int:
    """The number of a chunk's first row; where its rows are linked, the link has it."""
    return chunk.external_links[0].row_offset if chunk.external_links else chunk.row_offset


def following(chunk: ResultChunk, index: int, manifest: Manifest) -> int | None:
    """The index of the next chunk, or None: as this one names it, else by how many there are.

    Args:
      chunk: this one.
      index: its own; where its rows are linked, it does not say.
      manifest: says how many there are.
    """
    if (named := chunk.following) is not None:
        return named if named > index else None  # never in a circle
    return index + 1 if index + 1 < manifest.total_chunk_count else None


def chunk_with(offset: int, manifest: Manifest) -> int:
    """The index of the chunk that holds row `offset`, as far as the manifest tells."""
    wanted = 0
    for chunk in manifest.wire.get("chunks") or ():
        if offset and 0 < chunk.get("row_offset", 0) <= offset:
            wanted = max(wanted, chunk.get("chunk_index", 0))
    return wanted
