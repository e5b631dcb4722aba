"""How long we wait for one exchange with Databricks, and for all attempts of one call."""

from __future__ import annotations

import attrs
from attrs.validators import gt

SERVER_WAIT = (
    50.0  # seconds that Databricks holds a statement's answer back at most (`wait_timeout`)
)


@attrs.frozen(kw_only=True)
class Timeouts:
    """All in seconds.  A caller's own `trio` deadline may cut any of it shorter.

    Attributes:
      connect: until a connection stands.
      read: until the next byte arrives; longer than the server may hold an answer back.
      write: until the next byte is taken.
      pool: until a connection is free.
      attempt: one request and its whole answer; bounds an answer that trickles.
      retries: one call with all its attempts: none begins later than this.
    """

    connect: float = attrs.field(default=10.0, validator=gt(0))
    read: float = attrs.field(default=SERVER_WAIT + 15.0, validator=gt(0))
    write: float = attrs.field(default=30.0, validator=gt(0))
    pool: float = attrs.field(default=30.0, validator=gt(0))
    attempt: float = attrs.field(default=120.0, validator=gt(0))
    retries: float = attrs.field(default=300.0, validator=gt(0))
