"""One command of an execution context: from the queue to its results, its cancel, or its loss."""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import Any

import trio

from ..engine import CommandResults, Repl, ReplLost

logger = logging.getLogger(__name__)


class CommandStatus(StrEnum):
    """How far a command has come, in Databricks' words."""

    QUEUED = "Queued"
    RUNNING = "Running"
    CANCELLING = "Cancelling"
    FINISHED = "Finished"
    CANCELLED = "Cancelled"
    ERROR = "Error"


FINAL = frozenset({CommandStatus.FINISHED, CommandStatus.CANCELLED, CommandStatus.ERROR})

CANCELLED = CommandResults(
    "error",
    summary="Command cancelled",
    cause="com.databricks.backend.common.rpc.CommandCancelledException",
)
LOST = CommandResults(
    "error",
    summary="The execution context was lost while the command was running",
    cause="com.databricks.backend.common.rpc.DriverStoppedException: "
    "The driver or its Python process is gone.",
)


class Command:
    """One command: its text, how far it is, and what came of it."""

    def __init__(self, command_id: str, text: str, cancel_shows: CommandStatus) -> None:
        self.command_id = command_id
        self.text = text
        self.status = CommandStatus.QUEUED
        self.results: CommandResults | None = None
        self._cancel_shows = cancel_shows
        self._scope = trio.CancelScope()

    def __repr__(self) -> str:
        return f"<Command {self.command_id}, {self.status}>"

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self.status in FINAL

    async def run(self, repl: Repl) -> None:
        """Runs it in its context's REPL.

        Raises:
          ReplLost: the process behind the context died.
        """
        if self.final:
            return
        self.status = CommandStatus.RUNNING
        results: CommandResults | None = None
        with self._scope:
            try:
                results = await repl.execute(self.text)
            except ReplLost:
                raise
            except Exception as bug:
                logger.exception("A bug in the engine, at %r", self)
                self._finish(CommandStatus.ERROR, CommandResults("error", summary=repr(bug)))
                return
        if results is None:
            self._end_cancelled()
        else:
            self._finish(CommandStatus.FINISHED, results)

    def cancel(self) -> None:
        """Asks for its end; too late is no error."""
        if self.status is CommandStatus.QUEUED:
            self._end_cancelled()
        elif not self.final:
            self.status = CommandStatus.CANCELLING
            self._scope.cancel()

    def lose(self) -> None:
        """Its context is gone."""
        if not self.final:
            self._finish(CommandStatus.ERROR, LOST)

    def wire(self) -> dict[str, Any]:
        """As `commands/status` shows it."""
        results = self.results.wire() if self.results is not None else None
        return {"id": self.command_id, "status": self.status.value, "results": results}

    def _end_cancelled(self) -> None:
        cancelled = self._cancel_shows is CommandStatus.CANCELLED
        self._finish(self._cancel_shows, None if cancelled else CANCELLED)

    def _finish(self, status: CommandStatus, results: CommandResults | None) -> None:
        self.status, self.results = status, results
