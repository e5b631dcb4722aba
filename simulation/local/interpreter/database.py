"""The interpreter's line to the database process.

One connection carries a context's whole conversation, so that `USE`, temporary views and data
frames hold from command to command.  An interrupt cancels the statement and keeps the connection.
"""

from __future__ import annotations

import pickle
import socket
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ..channel import Channel, ChannelClosed, Message
from .interrupts import INTERRUPTS

CANCEL_GRACE = (
    5.0  # seconds; DuckDB answers an interrupt within milliseconds, unless it is spilling
)


class AnalysisException(Exception):
    """A statement failed; the message is Databricks'.  The name is Spark's."""

    def __init__(self, message: str, sql_state: str) -> None:
        super().__init__(message)
        self.sql_state = sql_state

    def getCondition(self) -> str | None:  # noqa: N802 (Spark's names, here and below)
        """The error's name: what the message begins with in brackets."""
        text = str(self)
        return text[1 : text.index("]")] if text.startswith("[") and "]" in text else None

    getErrorClass = getCondition  # noqa: N815

    def getSqlState(self) -> str:  # noqa: N802
        """Its SQLSTATE."""
        return self.sql_state


@frozen
class Answer:
    """A statement's result: `columns` as the database tells them, and its rows."""

    columns: list[Mapping[str, Any]] = field(factory=list)
    rows: list[Any] = field(factory=list, repr=False)
    view: str | None = None


class Database:
    """A connection to the database process, made when first used.

    Args:
      address: the path of its socket.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._channel: Channel | None = None

    def ask(self, message: Message) -> Answer:
        """Sends a request and waits for its whole answer.

        Raises:
          AnalysisException: the statement is wrong, or went wrong.
          KeyboardInterrupt: the command was cancelled, and the statement with it.
          ConnectionError: the database process is gone.
        """
        try:
            with INTERRUPTS.shielded():
                return self._exchange(message)
        except ChannelClosed as closed:
            self._channel = None
            raise ConnectionError("The SQL engine of this workspace is gone.") from closed

    def _exchange(self, message: Message) -> Answer:
        if self._channel is None:
            end = socket.socket(socket.AF_UNIX)
            try:
                end.connect(self._address)
            except OSError as error:
                raise ChannelClosed from error
            self._channel = Channel(end)
        self._channel.send(message)
        try:
            return self._answer(self._channel, None)
        except KeyboardInterrupt:
            self._channel.send({"do": "cancel"})
            try:
                self._answer(self._channel, CANCEL_GRACE)
            except (AnalysisException, KeyboardInterrupt):
                pass
            except TimeoutError:
                self._channel.close()
                self._channel = None
            raise

    def _answer(self, channel: Channel, patience: float | None) -> Answer:
        columns: list[Mapping[str, Any]] = []
        rows: list[Any] = []
        view: str | None = None
        while True:
            if patience is None:
                with INTERRUPTS.open():
                    channel.wait()
            elif not channel.wait(patience):
                raise TimeoutError
            message, body = channel.receive()
            match message:
                case {"columns": list(told), "view": name}:
                    columns, view = told, name
                case {"rows": list(batch)}:
                    rows.extend(batch)
                case {"pickled": True}:
                    rows.extend(pickle.loads(body))  # noqa: S301 (from the engine's own process)
                case {"failure": {"message": str(text), "sql_state": str(state)}}:
                    raise AnalysisException(text, state)
                case {"cancelled": True}:
                    raise KeyboardInterrupt
                case {"done": True}:
                    return Answer(columns, rows, view)

    def script(
        self,
        statements: str,
        *,
        parameters: Mapping[str, str] | None = None,
        limit: int | None = None,
        name: str | None = None,
    ) -> Answer:
        """Runs Databricks SQL; the last statement's rows come as JSON values.

        With a `name`, the last statement becomes a view of that name as well, if it is a query.
        """
        bound = [{"name": key, "value": value} for key, value in (parameters or {}).items()]
        return self.ask(
            {
                "do": "script",
                "statement": statements,
                "parameters": bound,
                "limit": limit,
                "name": name,
                "as": "native",
            }
        )

    def view(self, statement: str, name: str) -> Answer:
        """Makes `statement` the temporary view `name`; gives its columns."""
        return self.ask({"do": "view", "statement": statement, "name": name, "as": "python"})

    def native(self, sql: str, *, form: str = "python", limit: int | None = None) -> Answer:
        """Runs DuckDB's own SQL; rows come as Python values, or JSON values for `form="native"`."""
        return self.ask({"do": "native", "sql": sql, "as": form, "limit": limit})
