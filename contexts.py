"""What `databricks-mcp-toolkit contexts` tells: the contexts the journal knows, and whose they are.

Listing needs no login, only the journal.  `--destroy` logs in to the configured workspace and
destroys there what dead owners left; what a live server owns it never touches.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .actors.journal import Journal, Kind, Life, Record
from .config import Settings
from .errors import NotConfigured

NOTHING = "The journal knows of no context."
NOTHING_LEFT = "No dead owner has left a context on this workspace."
NAMELESS = (
    "(no id) means that the answer to a create never came back: if there is such a context, nobody "
    "can destroy it. It ends when its cluster restarts or terminates, or evicts it as idle."
)
LEFT = (
    "Owners that are dead left their contexts behind: the next start of the server on that "
    "workspace destroys them, and so does `databricks-mcp-toolkit contexts --destroy`."
)
CLEARED = (
    "An owner is unknown when its lock file was removed, so it may be alive: no start touches its "
    "contexts. If you know that it is gone, `contexts --destroy` destroys them."
)


async def contexts(settings: Settings, *, destroy: bool) -> list[dict[str, Any]]:
    """Every row of the journal, oldest first, as JSON-ready fields.

    With `destroy`, only what dead owners left on the configured workspace, each with its `fate`.

    Raises:
      NotConfigured: no journal is kept, or there is no workspace to log in to.
      ToolkitError: the login did not work.
    """
    if settings.state_dir is None:
        raise NotConfigured("No journal is kept: the state directory is set to none.")
    if not settings.state_dir.exists():
        return []
    with Journal.open(settings.state_dir) as journal:
        rows = [_fields(record) for record in journal.records()]
    # Where nothing is known, nothing has to be configured.
    return await _destroy(settings, settings.state_dir) if destroy and rows else rows


async def _destroy(settings: Settings, directory: Path) -> list[dict[str, Any]]:
    from .actors.journal.recovery import recover  # noqa: PLC0415 - listing needs no client
    from .clients import Databricks, Timeouts  # noqa: PLC0415

    async with Databricks.connect(
        settings.host, settings.credentials(), timeouts=Timeouts(attempt=settings.timeout)
    ) as databricks:
        with Journal.open(directory) as journal:
            findings = await recover(databricks, journal, host=databricks.host, cleared=True)
    return [_fields(finding.record) | {"fate": finding.fate.value} for finding in findings]


def text(rows: Sequence[dict[str, Any]], *, destroyed: bool = False) -> str:
    """The rows for people: a table, and what the odd ones among them mean.

    Args:
      rows: as `contexts` returns them.
      destroyed: whether they are what was destroyed, so that there may be others.
    """
    if not rows:
        return NOTHING_LEFT if destroyed else NOTHING
    head = ("WHAT", "ID", "CLUSTER", "SINCE", "OWNER", "WORKSPACE")
    table = [head, *map(_line, rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    contexts = [row for row in rows if row["kind"] == Kind.CONTEXT and "fate" not in row]
    lives = {row["owner"]["life"] for row in contexts if row["id"]}
    notes = {
        NAMELESS: any(row["kind"] == Kind.CONTEXT and not row["id"] for row in rows),
        LEFT: Life.DEAD.value in lives,
        CLEARED: Life.UNKNOWN.value in lives,
    }
    return "\n".join(lines + [f"\n{note}" for note, holds in notes.items() if holds])


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    owner = row["owner"]
    return (
        f"{row['kind']} ({row['language']})" if row.get("language") else row["kind"],
        row["id"] or row.get("idempotency_token") or "(no id)",
        row.get("cluster_id", "-"),
        row["since"],
        row.get("fate") or f"{owner['life']} (process {owner['pid']})",
        row["host"],
    )


def _fields(record: Record) -> dict[str, Any]:
    return {
        "kind": record.kind.value,
        "id": record.remote_id,
        "host": record.host,
        **record.details,
        "since": datetime.fromtimestamp(record.since, UTC).isoformat(timespec="seconds"),
        "owner": {"pid": record.pid, "life": record.life.value},
    }
