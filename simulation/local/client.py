"""The engine's own line to the database process: one statement a connection, or a whole session."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio
from attrs import field, frozen

from .channel import CHUNK, Decoder, Message, encode

CANCEL_GRACE = 3.0  # seconds for the database to answer a cancel


class StatementFailed(Exception):
    """A statement failed, in Databricks' words."""

    def __init__(self, message: str, sql_state: str) -> None:
        super().__init__(message)
        self.sql_state = sql_state


class LineLost(Exception):
    """The database process is gone, or would not be cancelled."""


@frozen
class Answer:
    """A statement's result."""

    columns: list[dict[str, Any]] = field(factory=list)
    rows: list[list[Any]] = field(factory=list, repr=False)
    told: Any = None


class Line:
    """A connection, with the session behind it."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._decoder = Decoder()
        self._ready: list[Message] = []

    async def ask(self, message: Message) -> Answer:
        """Sends a request and waits for the whole answer.

        A cancel stops the statement, and keeps the session, unless the database does not answer it
        within `CANCEL_GRACE`: then the line is closed.

        Raises:
          StatementFailed: the statement is wrong, or went wrong.
          LineLost: there is nobody to ask any more.
        """
        try:
            try:
                await self._stream.send_all(encode(message))
                return await self._answer()
            except trio.Cancelled:
                # Where the database is gone as well, there is nothing to stop.
                with (
                    trio.move_on_after(CANCEL_GRACE, shield=True) as grace,
                    contextlib.suppress(LineLost, trio.BrokenResourceError),
                ):
                    await self._stream.send_all(encode({"do": "cancel"}))
                    await self._discard_answer()
                if grace.cancelled_caught:
                    await self.close()  # its answer would be taken for the next one's
                raise
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise LineLost("The SQL engine of this workspace is gone.") from error

    async def _discard_answer(self) -> None:
        with contextlib.suppress(StatementFailed):
            await self._answer()

    async def _answer(self) -> Answer:
        answer = Answer()
        while True:
            match await self._receive():
                case {"columns": list(columns)}:
                    answer.columns.extend(columns)
                case {"rows": list(rows)}:
                    answer.rows.extend(rows)
                case {"answer": told}:
                    answer = Answer(told=told)
                case {"failure": {"message": str(text), "sql_state": str(state)}}:
                    raise StatementFailed(text, state)
                case {"done": True} | {"cancelled": True}:
                    return answer

    async def _receive(self) -> Message:
        while not self._ready:
            data = await self._stream.receive_some(CHUNK)
            if not data:
                raise LineLost("The SQL engine of this workspace is gone.")
            self._ready.extend(message for message, _ in self._decoder.feed(bytes(data)))
        return self._ready.pop(0)

    async def close(self) -> None:
        """Hangs up; the session ends, and what runs in it is interrupted."""
        await trio.aclose_forcefully(self._stream)


@asynccontextmanager
async def line(address: str) -> AsyncIterator[Line]:
    """A connection for as long as the block runs."""
    opened = await open_line(address)
    try:
        yield opened
    finally:
        await opened.close()


async def open_line(address: str) -> Line:
    """A connection, for its opener to close.

    Raises:
      LineLost: nobody listens there.
    """
    try:
        return Line(await trio.open_unix_socket(address))
    except OSError as error:
        raise LineLost("The SQL engine of this workspace is gone.") from error
