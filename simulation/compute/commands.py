"""Commands 1.2: one at a time in their context, with results at the end, and `/api/1.2/commands`.

Two behaviours of real workspaces can be switched, as both are seen:

* A cancelled Python command ends as `Finished`, with an error result that names
  `CommandCancelledException`; with `cancel_shows = "Cancelled"` it ends as `Cancelled`.
* After its context was lost, a command's id is refused like the context's; with
  `lost_shows = "Error"` it stays readable, as `Error`.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import trio

from ..engine import CommandResults, Repl, ReplLost
from ..wire import Call, Refusal, Route

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .contexts import Context, Contexts

logger = logging.getLogger(__name__)

KEPT = 1000  # finished commands of one context whose results can still be read


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


class Commands:
    """The endpoints of commands.  Commands live in their contexts.

    Attributes:
      cancel_shows: `"Finished"` or `"Cancelled"`: how a cancelled command ends.
      lost_shows: `"refused"` or `"Error"`: what a poll sees after the context was lost.
    """

    def __init__(self, workspace: Workspace, contexts: Contexts) -> None:
        self.workspace = workspace
        self.contexts = contexts
        self.cancel_shows: Literal["Finished", "Cancelled"] = "Finished"
        self.lost_shows: Literal["refused", "Error"] = "refused"
        self._lost: dict[str, Command] = {}

    def __repr__(self) -> str:
        return f"<Commands, {sum(len(context.commands) for context in self.contexts)}>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("POST", "/api/1.2/commands/execute", self.execute, "1.2"),
            Route("GET", "/api/1.2/commands/status", self.get_status, "1.2"),
            Route("POST", "/api/1.2/commands/cancel", self.cancel, "1.2"),
        ]

    async def execute(self, call: Call) -> dict[str, Any]:
        """`commands/execute`, as JSON or as a form with the command as a file."""
        context = self.contexts.known(call)
        if call.text("language", context.language) != context.language:
            message = f"Context {context.context_id} is for {context.language}."
            raise Refusal(400, "IllegalArgumentException", message)
        if context.status == "Error":
            message = f"Context {context.context_id} could not be started"
            raise Refusal(500, "ContextErrorException", message)
        text = call.text("command", "")
        if not text:
            message = "requirement failed: missing command"
            raise Refusal(500, "IllegalArgumentException", message)
        shows = CommandStatus(self.cancel_shows)
        command = Command(self.workspace.new_hex(), text, shows)
        context.submit(command)
        _forget_old(context)
        return {"id": command.command_id}

    async def get_status(self, call: Call) -> dict[str, Any]:
        """`commands/status`."""
        if self.lost_shows == "Error":
            context = self.contexts.find(call.text("contextId", ""))
            if context is not None and not context.alive:
                self.keep_lost(context)
            lost = self._lost.get(call.text("commandId", ""))
            if lost is not None:
                return lost.wire()
        return self._known(call).wire()

    async def cancel(self, call: Call) -> dict[str, Any]:
        """`commands/cancel`: asynchronous; too late is no error."""
        command = self._known(call)
        command.cancel()
        return {"id": command.command_id}

    def keep_lost(self, context: Context) -> None:
        """Remembers the commands that were lost with their context, for `lost_shows`."""
        context.lose_commands()
        for command in context.commands.values():
            if command.status is CommandStatus.ERROR:
                self._lost[command.command_id] = command

    def _known(self, call: Call) -> Command:
        context = self.contexts.known(call)
        command_id = call.text("commandId", "")
        command = context.commands.get(command_id)
        if command is None:
            raise Refusal(400, "CommandNotFoundException", f"Command {command_id} not found")
        return command


def _forget_old(context: Context) -> None:
    finished = [key for key, command in context.commands.items() if command.final]
    for key in finished[: max(len(context.commands) - KEPT, 0)]:
        del context.commands[key]
