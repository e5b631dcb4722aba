"""Command Execution 1.2: contexts, which keep their variables, and the commands run in them.

Only all-purpose clusters have it.  Nothing here has an idempotency key, so contexts and commands
are sent once.  A context that is gone (its cluster restarted, or it was evicted) is `ContextLost`.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from .endpoint import Endpoint, RetryClass
from .wire import AS_SENT, Wired, spelled

if TYPE_CHECKING:
    from .http import Door

CREATE_CONTEXT = Endpoint(
    "POST",
    "/api/1.2/contexts/create",
    RetryClass.ONCE,
    check="Open another one. If this one was made, it cannot be destroyed without its id: it goes "
    "when it is evicted as idle, or its cluster restarts.",
)
CONTEXT_STATUS = Endpoint("GET", "/api/1.2/contexts/status", RetryClass.READ)
DESTROY_CONTEXT = Endpoint(
    "POST",
    "/api/1.2/contexts/destroy",
    RetryClass.SAME,
    check="Ask for the context's status: if it is still there, destroy it again.",
)
EXECUTE = Endpoint(
    "POST",
    "/api/1.2/commands/execute",
    RetryClass.ONCE,
    check="The command may be running: look for its effects in the context before you send it "
    "again, or destroy the context to be sure that it does not.",
)
COMMAND_STATUS = Endpoint("GET", "/api/1.2/commands/status", RetryClass.READ)
CANCEL_COMMAND = Endpoint(
    "POST",
    "/api/1.2/commands/cancel",
    RetryClass.SAME,
    check="Get the command's status: if it is still going on, cancel it again.",
)


class ContextStatus(StrEnum):
    """How an execution context is, in Databricks' words."""

    PENDING = "Pending"
    RUNNING = "Running"
    ERROR = "Error"


class CommandStatus(StrEnum):
    """How far a command has come, in Databricks' words.

    FINISHED says only that it ran: a Python exception is FINISHED, with results of type `error`,
    and so is a command that was cancelled, on most clusters.
    """

    QUEUED = "Queued"
    RUNNING = "Running"
    CANCELLING = "Cancelling"
    FINISHED = "Finished"
    CANCELLED = "Cancelled"
    ERROR = "Error"


@attrs.frozen
class Context(Wired):
    """An execution context on a cluster."""

    id: str
    status: ContextStatus | str = ""


@attrs.frozen
class CommandResults(Wired):
    """What a command gave.

    Attributes:
      result_type: `text`, `table`, `image`, `images` or `error`.
      data: text, or rows of JSON values, or an image's data URL.
      schema: of a table: `{"name", "type", "metadata"}` a column, `type` being JSON in a string.
      summary: of an error: short, may hold HTML.
      cause: of an error: the traceback, with ANSI escapes.
      truncated: the rows are not all there.
      file_name: of an image.
      file_names: of images.
    """

    result_type: str = attrs.field(default="", metadata=spelled("resultType"))
    data: Any = attrs.field(default=None, repr=False, metadata=AS_SENT)
    schema: Any = attrs.field(default=None, repr=False, metadata=AS_SENT)
    summary: str | None = attrs.field(default=None, repr=False)
    cause: str | None = attrs.field(default=None, repr=False)
    truncated: bool = False
    file_name: str | None = attrs.field(default=None, metadata=spelled("fileName"))
    file_names: tuple[str, ...] = attrs.field(default=(), metadata=spelled("fileNames"))


@attrs.frozen
class Command(Wired):
    """A command; `results` is there once it has ended."""

    id: str
    status: CommandStatus | str = ""
    results: CommandResults | None = None

    @property
    def text(self) -> str:
        """What it printed, and its last value, as one text; empty if it left none, or no text."""
        if self.results is None or self.results.result_type != "text":
            return ""
        return str(self.results.data or "")


@attrs.frozen
class _Created:
    id: str


class CommandsClient:
    """The Command Execution API: three calls on contexts, three on commands."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def create_context(self, cluster_id: str, language: str) -> Context:
        """Ask for a context: `python`, `scala`, `sql` or `r`.  It is Pending at first.

        Sent once.  Whoever calls this owns the context, and must shield the call, bounded, from
        cancellation: a cancel while the request is under way loses the id, without which nobody
        can destroy the context.

        Raises:
          OutcomeUnknown: the answer was lost; there may be a context that nobody can destroy.
        """
        body = {"clusterId": cluster_id, "language": language}
        created = await self._door.ask(CREATE_CONTEXT, Context, body=body)
        return created if created.status else attrs.evolve(created, status=ContextStatus.PENDING)

    async def context_status(self, cluster_id: str, context_id: str) -> Context:
        """How a context is.

        Raises:
          ContextLost: it is not there any more.
        """
        query = {"clusterId": cluster_id, "contextId": context_id}
        return await self._door.ask(CONTEXT_STATUS, Context, query=query)

    async def destroy_context(self, cluster_id: str, context_id: str) -> None:
        """Destroy a context with all its variables.  Safe to repeat.

        Raises:
          ContextLost: it was gone already.
        """
        await self._door.tell(
            DESTROY_CONTEXT, body={"clusterId": cluster_id, "contextId": context_id}
        )

    async def execute(self, cluster_id: str, context_id: str, language: str, command: str) -> str:
        """Send a command and return its id; it runs after those sent before it.

        Sent once.  If cancelled while under way, the command may run under an id that nobody has.

        Raises:
          ContextLost: the context is gone, and the command was not run.
          OutcomeUnknown: the answer was lost; the command may be running.
        """
        body = {
            "clusterId": cluster_id,
            "contextId": context_id,
            "language": language,
            "command": command,
        }
        return (await self._door.ask(EXECUTE, _Created, body=body)).id

    async def status(self, cluster_id: str, context_id: str, command_id: str) -> Command:
        """How far a command has come, with its results once it has ended.

        Raises:
          ContextLost: its context is gone.
          NotFound: there is no such command.
        """
        query = {"clusterId": cluster_id, "contextId": context_id, "commandId": command_id}
        return await self._door.ask(COMMAND_STATUS, Command, query=query)

    async def cancel(self, cluster_id: str, context_id: str, command_id: str) -> None:
        """Ask for a command to be cancelled; only a later `status` tells how it ended."""
        body = {"clusterId": cluster_id, "contextId": context_id, "commandId": command_id}
        await self._door.tell(CANCEL_COMMAND, body=body)
