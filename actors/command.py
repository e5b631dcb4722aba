"""A command in an execution context: the states it goes through, and how it ended.

A state tells less than it seems to.  A Python exception is `Finished` with an error as its result,
and so is, on most clusters, a command that was cancelled; others say `Cancelled`, or `Error`; and a
cancel that came too late leaves a plain `Finished`.  `ending` reads all of these.
"""

from __future__ import annotations

import html
import re
from enum import Enum, unique

from ..clients.commands import Command, CommandStatus
from ..errors import CommandFailed
from .states import Course, closed

QUEUED, RUNNING = CommandStatus.QUEUED, CommandStatus.RUNNING
CANCELLING, FINISHED = CommandStatus.CANCELLING, CommandStatus.FINISHED
CANCELLED, ERROR = CommandStatus.CANCELLED, CommandStatus.ERROR

STEPS = {
    QUEUED: {RUNNING, CANCELLING, ERROR},
    RUNNING: {CANCELLING, FINISHED, ERROR},
    CANCELLING: {CANCELLED, FINISHED, ERROR},
    FINISHED: set[CommandStatus](),
    CANCELLED: set[CommandStatus](),
    ERROR: set[CommandStatus](),
}


def word(command: Command) -> str:
    """The command's status."""
    return command.status


COURSE = Course(later=closed(STEPS), word=word)

_CANCELLED = "CommandCancelledException"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_TAG = re.compile(r"</?\w[^<>]*>")


@unique
class Ending(Enum):
    """How a command ended."""

    SUCCEEDED = "succeeded"
    RAISED = "raised an error"
    CANCELLED = "was cancelled"
    BROKE = "could not be run"  # the driver or the context failed, rather than the code


def ending(command: Command) -> Ending | None:
    """How it ended; None while it goes on."""
    results = command.results
    failed = results is not None and results.result_type == "error"
    if failed and results and _CANCELLED in f"{results.summary}{results.cause}":
        return Ending.CANCELLED if COURSE.is_over(command) else None
    match command.status:
        case CommandStatus.FINISHED:
            return Ending.RAISED if failed else Ending.SUCCEEDED
        case CommandStatus.CANCELLED:
            return Ending.CANCELLED
        case CommandStatus.ERROR:
            return Ending.BROKE
        case _:
            return None


def failure(command: Command) -> CommandFailed | None:
    """How a command that is over failed, its error in one line; None if it succeeded."""
    how = ending(command)
    if how in (None, Ending.SUCCEEDED):
        return None
    assert how is not None
    said = ""
    if how is not Ending.CANCELLED and command.results is not None:
        lines = readable(command.results.summary or command.results.cause or "").splitlines()
        said = lines[0] if lines else ""
    return CommandFailed(said or f"The command {how.value}", outcome=command.wire)


def readable(text: str) -> str:
    """Text of the cluster without the colours and the markup that are meant for a notebook."""
    return html.unescape(_TAG.sub("", _ANSI.sub("", text))).strip()
