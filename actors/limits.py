"""What a session takes at most, and what lives in it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen(kw_only=True)
class Limits:
    """What one session takes at most.

    Attributes:
      contexts: live contexts of its own.  Databricks takes 145 a cluster, and others want some.
      idle_context: seconds without use after which a context of its own is closed.  An hour is more
        than a person's pause, and less than the day after which Databricks may evict it.
    """

    contexts: int = 100
    idle_context: float = 3600.0


@attrs.frozen
class SessionStatistics:
    """What lives in a session at one moment.

    Attributes:
      contexts: its own contexts by status; those that are being opened or destroyed are under `""`.
      commands: commands that go on in them.
      actors: all actors, those of watched runs and statements included.
    """

    contexts: Mapping[str, int]
    commands: int
    actors: int
