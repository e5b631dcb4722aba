"""Commands 1.2: one at a time in their context, with results at the end, and `/api/1.2/commands`.

Two behaviours of real workspaces can be switched, as both are seen:

* A cancelled Python command ends as `Finished`, with an error result that names
  `CommandCancelledException`; with `cancel_shows = "Cancelled"` it ends as `Cancelled`.
* After its context was lost, a command's id is refused like the context's; with
  `lost_shows = "Error"` it stays readable, as `Error`.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

from typing import Any, Literal

from ..wire import Call, Refusal, Route
from ..world import World
from .command import Command, CommandStatus
from .context import Context
from .contexts import Contexts

KEPT = 1000  # finished commands of one context whose results can still be read


class Commands:
    """The endpoints of commands.  Commands live in their contexts.

    Attributes:
      cancel_shows: `"Finished"` or `"Cancelled"`: how a cancelled command ends.
      lost_shows: `"refused"` or `"Error"`: what a poll sees after the context was lost.
    """

    def __init__(self, world: World, contexts: Contexts) -> None:
        self._world = world
        self.contexts = contexts
        self.cancel_shows: Literal["Finished", "Cancelled"] = "Finished"
        self.lost_shows: Literal["refused", "Error"] = "refused"

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
        command = Command(self._world.new_hex(), text, shows)
        context.submit(command)
        _forget_old(context)
        return {"id": command.command_id}

    async def get_status(self, call: Call) -> dict[str, Any]:
        """`commands/status`."""
        if self.lost_shows == "Error":
            lost = self.contexts.lost_command(
                call.text("contextId", ""), call.text("commandId", "")
            )
            if lost is not None:
                return lost.wire()
        return self._known(call).wire()

    async def cancel(self, call: Call) -> dict[str, Any]:
        """`commands/cancel`: asynchronous; too late is no error."""
        command = self._known(call)
        command.cancel()
        return {"id": command.command_id}

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
