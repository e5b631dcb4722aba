"""The program's front door: which workspace, which transport, and what people get to read.

Stdout belongs to answers, and under `serve` to the wire; logs and errors go to stderr, one line
each.  What is heavy is imported by the subcommand that needs it: a host waits while `serve` starts.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .config import Settings
from .errors import InvalidArguments, ToolkitError
from .flags import LOCAL, LOG_LEVEL, SETTINGS, Commands, options

if TYPE_CHECKING:
    from .actors import Session
    from .toolkit import Toolkit

logger = logging.getLogger(__name__)


@click.group(cls=Commands, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(package_name="databricks-mcp-toolkit", prog_name="databricks-mcp-toolkit")
def commands() -> None:
    """Drive Databricks from agents: an MCP server, and a workspace to try it on.

    Without a command it is an MCP server on stdin and stdout, as hosts start it.
    """


@commands.command()
@options(LOCAL, *SETTINGS, LOG_LEVEL)
def serve(*, local: bool, **flags: Any) -> None:
    """Serve MCP on stdin and stdout (the default)."""
    import trio  # noqa: PLC0415

    from . import __version__  # noqa: PLC0415
    from .protocol import serve_stdio  # noqa: PLC0415

    settings = Settings.load(**flags)
    if local:
        from .embedded import check_installed  # noqa: PLC0415

        check_installed()
    elif not settings.configured:
        try:
            settings.credentials()
        except ToolkitError as error:
            # The tools can still be listed, and each call will tell the model the same.
            logger.warning("%s", error)
    if sys.stdin and sys.stdin.isatty():
        click.echo(
            "This is an MCP server: a host starts it and talks JSON to it on stdin. "
            "To see it at work, run `databricks-mcp-toolkit demo`. Ctrl-C ends it.",
            err=True,
        )
    trio.run(
        partial(
            serve_stdio,
            partial(_session, opening(settings, local=local)),
            version=__version__,
            connect_at_once=None if local else partial(_contexts_were_left, settings),
        )
    )


@asynccontextmanager
async def _session(
    open_toolkit: Callable[[], AbstractAsyncContextManager[Toolkit]],
) -> AsyncIterator[Session]:
    async with open_toolkit() as toolkit:
        yield toolkit.session


def _contexts_were_left(settings: Settings) -> bool:
    """Whether there is something to clean up, so that logging in should not wait for a tool."""
    if not settings.configured:
        return False
    from .actors.journal import Journal  # noqa: PLC0415

    return Journal.waiting(settings.state_dir, settings.host)


@commands.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 finds a free one.")
@click.option("--token", help="What clients must send; made up unless given.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="A directory to keep everything in for the next start; else it ends with the program.",
)
@click.option("--control", is_flag=True, help="Take faults at /simulation/faults, for tests.")
@LOG_LEVEL
def simulate(*, port: int, token: str | None, data: Path | None, control: bool) -> None:
    """Serve an embedded workspace over HTTP, on this machine only, for any Databricks client."""
    from .embedded import simulate  # noqa: PLC0415
    from .signals import until_signalled  # noqa: PLC0415

    until_signalled(partial(simulate, port=port, token=token, folder=data, control=control))


@commands.command()
@LOG_LEVEL
def demo() -> None:
    """Watch an MCP client drive the main job on an embedded workspace, step by step."""
    from .embedded import check_installed  # noqa: PLC0415

    check_installed()
    from .demo import demo  # noqa: PLC0415
    from .signals import until_signalled  # noqa: PLC0415

    until_signalled(demo)


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="With the schema of each one's arguments.")
def tools(*, as_json: bool) -> None:
    """List the tools."""
    from .protocol import all_tools  # noqa: PLC0415

    listed = all_tools()
    if as_json:
        _print_json(
            [
                {"name": t.name, "description": t.description, "inputSchema": t.schema}
                for t in listed
            ]
        )
        return
    width = max(len(tool.name) for tool in listed)
    for tool in listed:
        click.echo(f"{tool.name:{width}}  {tool.description}")


@commands.command()
@click.argument("tool")
@click.argument("arguments", default="{}")
@options(LOCAL, *SETTINGS, LOG_LEVEL)
def call(*, tool: str, arguments: str, local: bool, **flags: Any) -> None:
    """Call TOOL once with ARGUMENTS, a JSON object (`-` reads it from stdin); prints the answer."""
    try:
        answer = _called(tool, arguments, local=local, flags=flags)
    except ToolkitError as error:
        _print_json(error.facts())
        raise
    _print_json(answer)


def _called(tool: str, arguments: str, *, local: bool, flags: dict[str, Any]) -> dict[str, Any]:
    from .protocol.toolbox import tool_named  # noqa: PLC0415
    from .signals import until_signalled  # noqa: PLC0415

    try:
        # As bytes, since JSON is UTF-8 whatever the terminal is.
        given = json.loads(sys.stdin.buffer.read() if arguments == "-" else arguments)
    except ValueError as error:
        raise InvalidArguments([f"not JSON: {error}"]) from None
    if not isinstance(given, dict):
        raise InvalidArguments(["they must be a JSON object, such as '{\"run_id\": 7}'"])
    tool_named(tool).bind(given)  # what is wrong with the call is told before what is not set up
    settings = Settings.load(**flags)
    return until_signalled(partial(_call, opening(settings, local=local), tool, given))


@commands.command()
@click.option("--destroy", is_flag=True, help="Destroy what dead owners left behind.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@options(*SETTINGS, LOG_LEVEL)
def contexts(*, destroy: bool, as_json: bool, **flags: Any) -> None:
    """List the execution contexts that the journal knows, and who owns them."""
    from .contexts import contexts as known_contexts  # noqa: PLC0415
    from .contexts import text  # noqa: PLC0415
    from .signals import until_signalled  # noqa: PLC0415

    rows = until_signalled(partial(known_contexts, Settings.load(**flags), destroy=destroy))
    if as_json:
        _print_json(rows)
    else:
        click.echo(text(rows, destroyed=destroy))


async def _call(
    open_toolkit: Callable[[], AbstractAsyncContextManager[Toolkit]],
    tool: str,
    arguments: dict[str, Any],
) -> dict[str, Any]:
    async with open_toolkit() as toolkit:
        return await toolkit.call_tool(tool, arguments)


def opening(
    settings: Settings, *, local: bool
) -> Callable[[], AbstractAsyncContextManager[Toolkit]]:
    """How to begin working: on the embedded workspace, or on the one that is configured."""

    def open_toolkit() -> AbstractAsyncContextManager[Toolkit]:
        from .toolkit import Toolkit  # noqa: PLC0415

        return Toolkit.local() if local else Toolkit.open(settings=settings)

    return open_toolkit


def _print_json(value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    click.echo(text)


def _told(error: ToolkitError) -> str:
    """What happened and what to do: one line, unless Databricks itself says more than one."""
    message = error.message
    if not error.advice:
        return message
    if "\n" in message:
        return f"{message}\n{error.advice}"
    return f"{message if message.endswith(('.', '?', '!')) else message + '.'} {error.advice}"


def _write_what_can_be_written() -> None:
    """Characters that the terminal has not are shown as escapes: they are no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command `databricks-mcp-toolkit`: runs it and exits.

    Exits with 0; 1 when it failed; 2 when the line or a call's arguments were not understood;
    128 + n on signal n.
    """
    _write_what_can_be_written()
    try:
        commands.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ToolkitError as error:
        click.echo(f"Error: {_told(error)}", err=True)
        sys.exit(2 if isinstance(error, InvalidArguments) else 1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:
        # Whoever read us has read enough; without this, Python complains once more at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # the disk is full, a folder cannot be written to
        where = f": {error.filename}" if error.filename else ""
        click.echo(f"Error: {error.strerror or error}{where}", err=True)
        logger.debug("the system refused", exc_info=True)
        sys.exit(1)
    except ImportError as error:
        if error.name is None or error.name.startswith("databricks_mcp_toolkit"):
            raise
        click.echo(
            f"Error: this needs {error.name}: pip install 'databricks-mcp-toolkit[local]'", err=True
        )
        sys.exit(1)
    except Exception:
        bug = uuid.uuid4().hex[:8]
        logger.debug("bug %s", bug, exc_info=True)
        click.echo(f"Error: a bug in the toolkit ({bug}); --log-level debug shows where.", err=True)
        sys.exit(1)
