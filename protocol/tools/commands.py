"""Commands: code run in an execution context, or in one of its own.

https://docs.databricks.com/api/workspace/commandexecution
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import trio

from ...clients.commands import Command, CommandResults
from ...errors import CommandFailed
from ..call import Call
from ..registry import tool
from ..results import (
    CELLS_CUT,
    HEAD,
    Answer,
    Window,
    cut,
    lines,
    plain,
    seconds,
    table,
    window,
    with_nulls,
)
from ..schema import argument
from .contexts import Language, cluster_of, cluster_or_default
from .ids import ID, max_wait

LONGEST_COMMAND = 4 * 2**20  # characters
# Characters of output in the structured content, which some hosts show to the model as it is.
OUTPUT_LIMIT = 100_000
LAST_CHANCE = 1_000_000  # where nobody can come back for the rest
LONGEST_IMAGE = 2_000_000  # characters of a data URL that is shown as a picture
DEFAULT_SIMPLE_WAIT = 300.0  # seconds; nobody can come back to a command whose context is destroyed


@attrs.frozen
class ExecuteCommand:
    """Code for a context."""

    cluster_id: str | None = cluster_or_default()
    context_id: str = argument("Context id", **ID)
    command: str = argument("Code", minLength=1, maxLength=LONGEST_COMMAND)
    language: Language | None = argument("Default: the context's", default=None)


@attrs.frozen
class OneCommand:
    """A command that was sent."""

    cluster_id: str | None = cluster_or_default()
    context_id: str = argument("Context id", **ID)
    command_id: str = argument("Command id", **ID)


@attrs.frozen
class WaitForCommand(OneCommand):
    """A command that was sent, and how long to wait for it."""

    max_wait_seconds: float = max_wait()
    offset: int = argument("Characters of output to skip", default=0, minimum=0)


@attrs.frozen
class SimpleCommand:
    """Code for a context of its own."""

    cluster_id: str | None = cluster_or_default()
    command: str = argument("Code", minLength=1, maxLength=LONGEST_COMMAND)
    language: Language = argument("Of the code", default=Language.PYTHON)
    max_wait_seconds: float = max_wait("Then it is cancelled", DEFAULT_SIMPLE_WAIT)


@tool(ExecuteCommand, title="Execute command")
async def execute_command(call: Call, arguments: ExecuteCommand) -> Answer:
    """Send code to a context; returns the command's id at once. get_command_status waits for it."""
    cluster_id = cluster_of(call, arguments.cluster_id)
    context = call.session.context(cluster_id, arguments.context_id)
    language = arguments.language
    if language is None and not context.language:
        language = Language.PYTHON  # as most are, of a context that somebody else has opened
    command_id = await context.submit(
        arguments.command, language=language.value if language else None
    )
    return Answer(
        {"id": command_id, "cluster_id": cluster_id, "context_id": arguments.context_id},
        f"Command {command_id} is sent, not finished. get_command_status waits for its result.",
    )


@tool(WaitForCommand, title="Get command status", reads=True, patience=math.inf)
async def get_command_status(call: Call, arguments: WaitForCommand) -> Answer:
    """Wait for a command's result, up to max_wait_seconds; then it may be still running."""
    from ...actors.command import COURSE, failure  # noqa: PLC0415

    limit = arguments.max_wait_seconds
    cluster_id = cluster_of(call, arguments.cluster_id)
    context = call.session.context(cluster_id, arguments.context_id)
    command = await call.waiting(
        lambda: context.wait(arguments.command_id, timeout=call.left(limit)),
        limit,
        lambda: f"command {arguments.command_id} goes on",
    )
    if not COURSE.is_over(command):
        text = (
            f"Command {command.id} is {command.status} after {seconds(limit)}. Not finished: "
            "call get_command_status again, or cancel_command."
        )
        return Answer(dict(command.wire), text)
    if failed := failure(command):
        raise failed
    return _result(command, arguments.offset)


@tool(OneCommand, title="Cancel command", destroys=True, repeatable=True)
async def cancel_command(call: Call, arguments: OneCommand) -> Answer:
    """Cancel a command; its context and variables stay."""
    cluster_id = cluster_of(call, arguments.cluster_id)
    context = call.session.context(cluster_id, arguments.context_id)
    await context.cancel(arguments.command_id)
    return Answer(
        {"id": arguments.command_id},
        f"The cancel of command {arguments.command_id} is asked for; "
        "get_command_status tells how it ended.",
    )


@tool(SimpleCommand, title="Execute one command", patience=math.inf)
async def execute_command_simple(call: Call, arguments: SimpleCommand) -> Answer:
    """Run code in a context of its own, wait for the result, and destroy the context."""
    limit = arguments.max_wait_seconds
    cluster_id = cluster_of(call, arguments.cluster_id)

    begun = False

    async def run() -> Command:
        nonlocal begun
        context = await call.session.open_context(
            cluster_id, arguments.language.value, timeout=math.inf
        )
        begun = True
        try:
            return await context.execute(arguments.command)
        finally:
            # The answer says that nothing is left, so it waits, at most for the session's grace.
            with trio.CancelScope(shield=True):
                await context.close()

    command = None
    with trio.move_on_after(call.left(limit)):
        command = await call.waiting(run, limit, lambda: f"running on cluster {cluster_id}")
    if command is None:
        how = "was cancelled" if begun else "had not begun: its context was not up yet"
        raise CommandFailed(
            f"The command was not finished after {seconds(limit)}, and {how}",
            outcome={},
            advice="For longer work: create_execution_context and execute_command, or a run."
            if begun
            else "Nothing is left of it. get_cluster tells how the cluster is.",
        )
    return _result(command, 0, offset_by="")


# -- what a command gave ---------------------------------------------------------------------------


def _result(command: Command, offset: int, *, offset_by: str = "get_command_status with") -> Answer:
    """The answer for a command that succeeded."""
    results = command.results
    kind = results.result_type if results else ""
    value = results.data if results else None
    if kind == "text" or (isinstance(value, str) and kind not in ("image", "images")):
        output = plain(str(value or ""))
        limit = OUTPUT_LIMIT if offset_by else LAST_CHANCE
        return Answer(
            _bounded(command.wire, output, offset, limit), _printed(output, offset, offset_by)
        )
    if kind == "table" and results is not None:
        columns = _columns(results.schema)
        return Answer(
            dict(command.wire), _tabled(columns, value or [], truncated=results.truncated)
        )
    if kind in ("image", "images"):
        urls = [url for url in _urls(results) if len(url) <= LONGEST_IMAGE]
        text = "Finished with a picture." if urls else "Finished with a picture, not shown here."
        return Answer(dict(command.wire), text, images=tuple(urls))
    return Answer(dict(command.wire), "Finished. It printed nothing.")


def _printed(output: str, offset: int, offset_by: str) -> str:
    if not output.strip():
        return "Finished. It printed nothing."
    if not offset_by:
        part = Window(cut(output, rest="print less, or write it to a file"), "")
    elif offset:
        part = window(output, offset, again=offset_by)
    else:
        part = Window(cut(output, rest=f"{offset_by} offset={HEAD} goes on"), "")
    return lines("Finished. Output:", part.text, part.note)


def _bounded(wire: Mapping[str, Any], output: str, offset: int, limit: int) -> dict[str, Any]:
    part = output[offset : offset + limit]
    results = {**(wire.get("results") or {}), "data": part}
    if len(part) < len(output):
        results |= {"truncated": True, "offset": offset, "total_length": len(output)}
    return {**wire, "results": results}


def _columns(schema: Any) -> list[str]:
    if not isinstance(schema, Sequence):
        return []
    return [str(column.get("name")) for column in schema if isinstance(column, Mapping)]


def _tabled(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, truncated: bool) -> str:
    if not rows:
        return f"Finished. No rows{' (' + ', '.join(columns) + ')' if columns else ''}."
    shown = table(columns, with_nulls(rows))
    left = ""
    if shown.rows < len(rows):
        left = f"Rows 1 to {shown.rows:,} of {len(rows):,}; the structured content has all of them."
    cut_off = "Databricks cut the rows: there are more than it returns." if truncated else ""
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    cells = CELLS_CUT if shown.cells_cut else ""
    return lines(f"Finished. {count}:", shown.text, left, cells, cut_off)


def _urls(results: CommandResults | None) -> list[str]:
    """The pictures that come with the results, and not as a name on the driver."""
    if results is None:
        return []
    named = (results.data, results.file_name, *results.file_names)
    return [each for each in named if isinstance(each, str) and each.startswith("data:image/")]
