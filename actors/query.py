"""A SQL statement as one value: awaited for all of its rows, or iterated over, chunk by chunk."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from math import inf
from typing import Any

import trio

from ..errors import DatabricksError, OutcomeUnknown, TimedOut, ToolkitError
from .statement import Chunks, Statement

logger = logging.getLogger(__name__)

CANCEL_PATIENCE = 2.0  # seconds that a cancelled caller stays until Databricks has taken the cancel

Row = list[Any]


NO_ID = "had no id yet: it was not sent, or is cancelled as soon as its id comes"


class Query:
    """A statement that is sent, once, when it is first awaited or iterated over.

        rows = await toolkit.sql("SELECT ...")
        async for rows in toolkit.sql("SELECT ..."): ...

    Nobody else knows of the statement, so it is cancelled with its caller.
    """

    def __init__(
        self, send: Callable[[], Awaitable[Statement]], *, timeout: float | None = None
    ) -> None:
        self._send, self._timeout = send, timeout
        self._sending = trio.Lock()
        self.statement: Statement | None = None
        self._fate = NO_ID  # what becomes of it where it is left, as far as it is known

    def __repr__(self) -> str:
        return f"<Query, {self.statement!r}>" if self.statement else "<Query, not sent yet>"

    def __await__(self) -> Generator[Any, Any, list[Row]]:
        """All rows, every value typed by its column.

        Raises:
          StatementFailed: it did not succeed.
          TimedOut: it did not in time, and is cancelled.
        """
        return self._rows().__await__()

    def __aiter__(self) -> AsyncIterator[list[Row]]:
        return _Iteration(self)

    async def _rows(self) -> list[Row]:
        statement = await self.succeed()
        return await statement.rows()

    async def succeed(self) -> Statement:
        """Send it if that is still to be done, wait until it has succeeded, and return it.

        If cancelled, or out of time, the statement is cancelled.

        Raises:
          StatementFailed: it did not succeed.
          TimedOut: not in time; the message says what is known of its cancel.
          OutcomeUnknown: it may be running, and nothing is to be seen of it.
        """
        with trio.move_on_after(inf if self._timeout is None else self._timeout):
            return await self._succeeded()
        seen = None if self.statement is None else self.statement.last
        raise TimedOut(
            f"The statement was not finished after {self._timeout:g} s, and {self._fate}",
            outcome={} if seen is None else seen.wire,
            advice="Give it more time; or use execute_statement, and wait for it by its id.",
        )

    async def _succeeded(self) -> Statement:
        async with self._sending:
            if self.statement is None:
                self.statement = await self._send()
        try:
            await self.statement.success()
        except trio.Cancelled:
            self._fate = "its cancel is asked for, and not confirmed yet"
            with trio.move_on_after(CANCEL_PATIENCE, shield=True):
                self._fate = await self._cancel(self.statement)
            raise
        except DatabricksError as error:
            raise OutcomeUnknown(
                f"{self.statement!r} was accepted, and it is not known how it went on: "
                f"{error.message}",
                advice="It may be running. Wait for it by its id before you send it again.",
            ) from error
        return self.statement

    async def _cancel(self, statement: Statement) -> str:
        try:
            await statement.cancel()
        except ToolkitError as error:
            logger.warning("%r could not be cancelled: %s", statement, error)
            return f"could not be cancelled: {error.message}"
        return "is cancelled"


class _Iteration(AsyncIterator[list[Row]]):
    """No async generator, so that a loop may be left early and nothing waits to be closed."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._chunks: Chunks | None = None

    async def __anext__(self) -> list[Row]:
        if self._chunks is None:
            self._chunks = (await self._query.succeed()).chunks()
        return await anext(self._chunks)
