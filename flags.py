"""The program's flags: the same names, wherever they stand on the line.

They have no defaults here: `config.py` knows those, and a flag that is not given is `None`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from .logs import log_to_stderr

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

LOG_LEVELS = ("debug", "info", "warning", "error")

SETTINGS = (
    click.option("--host", help="The workspace's address. [DATABRICKS_HOST]"),
    click.option(
        "--token",
        help="A personal access token; others on this machine can read it in a flag. "
        "[DATABRICKS_TOKEN]",
    ),
    click.option("--profile", help="A profile of ~/.databrickscfg. [DATABRICKS_CONFIG_PROFILE]"),
    click.option("--config-file", help="Another file of profiles. [DATABRICKS_CONFIG_FILE]"),
    click.option(
        "--warehouse-id", help="For statements that name no warehouse. [DATABRICKS_WAREHOUSE_ID]"
    ),
    click.option("--cluster-id", help="For calls that name no cluster. [DATABRICKS_CLUSTER_ID]"),
    click.option(
        "--timeout", help="Seconds that one HTTP request may take: 120. [DATABRICKS_MCP_TIMEOUT]"
    ),
    click.option(
        "--grace", help="Seconds that cleaning up may take at the end: 3. [DATABRICKS_MCP_GRACE]"
    ),
    click.option(
        "--state-dir",
        metavar="DIR|none",
        help="Where to remember what a crash would leave behind. [DATABRICKS_MCP_STATE_DIR]",
    ),
)


def _logging(_: click.Context, __: click.Parameter, level: str | None) -> None:
    """Logs to stderr.  Other programs read `LOG_LEVEL` too, so an odd value there is no error."""
    chosen = (level or os.environ.get("LOG_LEVEL") or "info").lower()
    odd = chosen not in LOG_LEVELS
    log_to_stderr(logging.INFO if odd else getattr(logging, chosen.upper()))
    if odd:
        logger.warning("LOG_LEVEL is none of %s; using info", ", ".join(LOG_LEVELS))


LOG_LEVEL = click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS, case_sensitive=False),
    callback=_logging,
    expose_value=False,
    is_eager=True,
    help="How much to tell on stderr: info. [LOG_LEVEL]",
)
LOCAL = click.option(
    "--local",
    is_flag=True,
    help="Work on an embedded workspace; needs no account, and the extra `local`.",
)


def options(*chosen: Callable[[F], F]) -> Callable[[F], F]:
    """Several options at once, in the order in which `--help` shows them."""

    def decorate(command: F) -> F:
        for option in reversed(chosen):
            command = option(command)
        return command

    return decorate


class Command(click.Command):
    """A command that the list of commands tells in whole sentences."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - click would cut it here
        """What it does, in one sentence or two."""
        return " ".join((self.help or "").partition("\n\n")[0].split())


class Commands(click.Group):
    """Subcommands; `serve` is meant when none is named.  Flags may stand before or after it."""

    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the subcommand first, since every flag belongs to one."""
        return super().parse_args(ctx, self.subcommand_first(list(args)))

    def subcommand_first(self, args: list[str]) -> list[str]:
        """The same arguments, with the subcommand that they mean at their head."""
        if args and args[0] in {"--help", "-h", "--version"}:
            return args
        takes_value = {
            name
            for command in self.commands.values()
            for option in command.params
            if isinstance(option, click.Option) and not option.is_flag
            for name in option.opts
        }
        position = 0
        while position < len(args) and args[position].startswith("-"):
            position += 2 if args[position] in takes_value else 1
        if position >= len(args):
            return ["serve", *args]
        return [args[position], *args[:position], *args[position + 1 :]]
