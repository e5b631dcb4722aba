"""A row of the journal: what it may hold, and nothing that is a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import attrs

from .owners import Life

DETAILS = frozenset(
    {"cluster_id", "context_id", "idempotency_token", "job_id", "language", "warehouse_id"}
)
LONGEST_DETAIL = 200  # characters; ids are far shorter, and a row stays a row


class Kind(StrEnum):
    """What a row stands for."""

    CONTEXT = "execution context"
    """Must be destroyed when its owner ends."""
    RUN = "job run"
    """A run-now or runs/submit whose answer is awaited; its token makes it at most one run."""
    WRITE = "write"
    """A statement or command whose answer is awaited: sent once, never repeated."""


@attrs.frozen(eq=False)
class Record:
    """A row, as it stood when it was read.

    Attributes:
      owner: who wrote it, as `Owner.id`; with `number`, the row's key.
      pid: the owner's process id, for people; nothing is decided by it.
      host: the workspace's URL.
      details: some of `DETAILS`.
      remote_id: Databricks' id of what was created; None until it has come back.
      since: when it was intended, in seconds since 1970.
      life: whether the owner lives.
    """

    owner: str
    number: int
    pid: int
    kind: Kind
    host: str
    details: Mapping[str, str]
    remote_id: str | None
    since: float
    life: Life = Life.ALIVE

    @classmethod
    def from_row(cls, row: tuple[Any, ...], life: Life = Life.ALIVE) -> Record:
        """Read a row.

        Raises:
          ValueError: it is not one that we wrote.
        """
        owner, number, pid, kind, host, details, remote_id, since = row
        fields = json.loads(details)
        if not isinstance(fields, dict):
            raise ValueError(f"details that are no object: {details!r}")  # noqa: TRY004 - one kind of damage
        return cls(
            str(owner),
            int(number),
            int(pid),
            Kind(kind),
            str(host),
            MappingProxyType({str(key): str(value) for key, value in fields.items()}),
            None if remote_id is None else str(remote_id),
            float(since),
            life,
        )

    def row(self) -> tuple[Any, ...]:
        """The row, in the order of the table's columns."""
        return (
            self.owner,
            self.number,
            self.pid,
            self.kind.value,
            self.host,
            json.dumps(dict(self.details)),
            self.remote_id,
            self.since,
        )

    def __str__(self) -> str:
        cluster = self.details.get("cluster_id")
        named = f"{self.kind} {self.remote_id or 'without an id'}"
        return f"{named} on cluster {cluster}" if cluster else named

    def is_orphan_on(self, host: str, *, cleared: bool = False) -> bool:
        """Whether it is a context on `host` that its dead owner ought to have destroyed.

        With `cleared`, an owner of whom nothing is known counts as dead.
        """
        ended = {Life.DEAD, Life.UNKNOWN} if cleared else {Life.DEAD}
        return (
            self.kind is Kind.CONTEXT
            and self.host == plain(host)
            and self.remote_id is not None
            and self.life in ended
        )


def kept_details(details: Mapping[str, str | int]) -> Mapping[str, str]:
    """The details as a row keeps them.

    Raises:
      ValueError: one that is not in `DETAILS`, which is a bug of the caller's.
    """
    if strange := details.keys() - DETAILS:
        raise ValueError(f"the journal does not take {sorted(strange)}")
    return MappingProxyType({key: str(value)[:LONGEST_DETAIL] for key, value in details.items()})


def plain(host: str) -> str:
    """The host's scheme and name; whatever else a URL can carry might be a secret."""
    parts = urlsplit(host if "://" in host else f"https://{host}")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}"
