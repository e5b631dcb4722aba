"""After a crash: destroy what dead owners left, and tell what cannot be destroyed.

A context whose id never came back has no name to destroy it by.  It is told on the log at each
start, until its cluster is seen to have started anew since, which ends every context on it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar

import attrs
import trio

from ...clients import Databricks
from ...clients.clusters import ClusterState
from ...errors import ContextLost, DatabricksRefused, NotFound, ToolkitError
from .journal import Entry, Journal
from .owners import Life
from .record import Kind, Record, plain

logger = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for all of it; what is left by then is for the next start
AT_ONCE = 8  # destroys under way together, so that a start does not use up the request budget
SKEW = 120.0  # seconds by which our clock and Databricks' may differ

# A cluster in one of these has no driver, or one that will not keep its contexts.
NO_DRIVER = frozenset(
    {
        ClusterState.PENDING,
        ClusterState.RESTARTING,
        ClusterState.TERMINATING,
        ClusterState.TERMINATED,
        ClusterState.ERROR,
    }
)
T = TypeVar("T")


class Fate(Enum):
    """What became of a context that a dead owner left."""

    DESTROYED = "destroyed"
    GONE = "already gone"
    LEFT = "could not be destroyed"
    NAMELESS = "cannot be destroyed: its id never came back"


@attrs.define(eq=False)
class Finding:
    """A row that a dead owner left, and what became of it.

    `entry` is ours, for a context that has an id and can be tried again.
    """

    record: Record
    fate: Fate
    entry: Entry | None = None


async def recover(
    databricks: Databricks,
    journal: Journal,
    *,
    host: str,
    patience: float = PATIENCE,
    cleared: bool = False,
) -> list[Finding]:
    """Destroy the contexts on `host` that dead owners left; answers what became of each.

    What it does and cannot do is also on the log.  If cancelled, or out of time, it leaves the
    rest for the next start.

    Args:
      databricks: logged in to `host`.
      journal: where they stand; they become its own.
      host: the workspace's URL.
      patience: seconds.
      cleared: also those of owners that may be alive, since their lock files are gone; only a
        person can know.
    """
    found = [
        Finding(entry.record, Fate.LEFT, entry) for entry in journal.orphans(host, cleared=cleared)
    ]
    left = [record for record in journal.records() if _left_on(host, record)]
    found += [Finding(record, Fate.NAMELESS) for record in left if record.kind is Kind.CONTEXT]

    async def settle(finding: Finding) -> None:
        if finding.entry is not None:
            finding.fate = await destroy(databricks, finding.entry)
        elif await _ended_since(databricks, finding.record):
            finding.fate = Fate.GONE
            journal.forget(finding.record)

    with trio.move_on_after(patience):
        await _all_of(settle, found)
    for finding in found:
        _tell(finding)
    for record in left:
        if record.kind is not Kind.CONTEXT:
            _tell_write(record)
    return found


async def destroy_all(databricks: Databricks, entries: Sequence[Entry]) -> list[Entry]:
    """Try to destroy them once more; answers those that are left."""
    left: list[Entry] = []

    async def settle(entry: Entry) -> None:
        if await destroy(databricks, entry) is Fate.LEFT:
            left.append(entry)
        else:
            logger.info("%s is destroyed at last", entry.record)

    await _all_of(settle, entries)
    return left


async def _all_of(settle: Callable[[T], Awaitable[None]], them: Sequence[T]) -> None:
    slots = trio.CapacityLimiter(AT_ONCE)

    async def one(item: T) -> None:
        async with slots:
            await settle(item)

    async with trio.open_nursery() as nursery:
        for item in them:
            nursery.start_soon(one, item)


def _left_on(host: str, record: Record) -> bool:
    """Whether it was in flight to `host` when its owner died."""
    return record.host == plain(host) and record.life is not Life.ALIVE and record.remote_id is None


async def destroy(databricks: Databricks, entry: Entry) -> Fate:
    """Destroy a context that its owner did not, and end its entry if there is none any more."""
    record = entry.record
    assert record.remote_id is not None
    fate = Fate.DESTROYED
    try:
        await databricks.commands.destroy_context(record.details["cluster_id"], record.remote_id)
    except (ContextLost, NotFound):
        fate = Fate.GONE
    except DatabricksRefused:
        # A cluster without a driver refuses, and has no contexts.
        if not await _ended_since(databricks, record):
            return Fate.LEFT
        fate = Fate.GONE
    except ToolkitError as error:
        logger.debug("%s: %s", record, error)
        return Fate.LEFT
    entry.ended()
    return fate


async def _ended_since(databricks: Databricks, record: Record) -> bool:
    """Whether every context that its cluster had at the time is certainly gone."""
    try:
        cluster = await databricks.clusters.get(record.details["cluster_id"])
    except NotFound:
        return True
    except ToolkitError:
        return False
    began = cluster.wire.get("last_restarted_time") or cluster.start_time or 0
    return cluster.state in NO_DRIVER or began / 1000 > record.since + SKEW


def _tell(finding: Finding) -> None:
    level = logging.INFO if finding.fate in {Fate.DESTROYED, Fate.GONE} else logging.WARNING
    record = finding.record
    logger.log(
        level, "left by a dead process at %s: %s: %s", _time(record), record, finding.fate.value
    )


def _tell_write(record: Record) -> None:
    logger.warning(
        "a process died at %s, waiting for the answer to a %s (%s): it may have happened",
        _time(record),
        record.kind,
        ", ".join(f"{name} {value}" for name, value in record.details.items()),
    )


def _time(record: Record) -> str:
    return datetime.fromtimestamp(record.since, UTC).isoformat(timespec="seconds")
