"""How a command ended, in each of the ways in which clusters say so."""

from typing import Any

import pytest
from databricks_mcp_toolkit.actors.command import Ending, ending, failure, readable
from databricks_mcp_toolkit.clients.commands import Command, CommandResults

CANCELLED = CommandResults(
    "error", summary="Command cancelled", cause="x.CommandCancelledException"
)
RAISED = CommandResults(
    "error",
    summary='<span class="ansi-red-fg">ZeroDivisionError</span>: 1 &lt; 2',
    cause="Traceback ...",
)
TEXT = CommandResults("text", data="2")


def command(status: str, results: CommandResults | None = None) -> Command:
    return Command("7", status, results, wire={"id": "7", "status": status})


@pytest.mark.parametrize(
    ("status", "results", "how"),
    [
        ("Queued", None, None),
        ("Running", None, None),
        ("Cancelling", None, None),
        ("Cancelling", CANCELLED, None),
        ("Dreaming", None, None),
        ("Finished", TEXT, Ending.SUCCEEDED),  # also after a cancel that came too late
        ("Finished", None, Ending.SUCCEEDED),
        ("Finished", RAISED, Ending.RAISED),
        ("Finished", CANCELLED, Ending.CANCELLED),
        ("Cancelled", None, Ending.CANCELLED),
        ("Cancelled", CANCELLED, Ending.CANCELLED),
        ("Error", CANCELLED, Ending.CANCELLED),
        ("Error", RAISED, Ending.BROKE),
        ("Error", None, Ending.BROKE),
    ],
)
def test_every_way_to_end_is_understood(status: str, results: Any, how: Ending | None) -> None:
    assert ending(command(status, results)) is how


@pytest.mark.parametrize(
    ("status", "results", "message"),
    [
        ("Finished", RAISED, "ZeroDivisionError: 1 < 2"),
        ("Finished", CANCELLED, "The command was cancelled"),
        ("Cancelled", None, "The command was cancelled"),
        ("Error", None, "The command could not be run"),
        (
            "Finished",
            CommandResults("error", cause="\x1b[0;31mKeyError\x1b[0m\n  at 3"),
            "KeyError",
        ),
        ("Finished", CommandResults("error"), "The command raised an error"),
    ],
)
def test_a_failure_says_in_one_line_what_happened(status: str, results: Any, message: str) -> None:
    failed = failure(command(status, results))
    assert failed is not None
    assert failed.message == message
    assert failed.outcome == {"id": "7", "status": status}


@pytest.mark.parametrize(("status", "results"), [("Finished", TEXT), ("Running", None)])
def test_what_succeeded_or_goes_on_is_no_failure(status: str, results: Any) -> None:
    assert failure(command(status, results)) is None


def test_readable_text_has_no_colours_and_no_markup() -> None:
    assert (
        readable('\x1b[0;31mno\x1b[0m <span class="x">such</span> <b>thing</b>') == "no such thing"
    )


def test_readable_text_keeps_what_only_looks_like_markup() -> None:
    assert readable("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"
