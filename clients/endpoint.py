"""What is known of one REST call before it is made: its place, its retry class, its limit."""

from __future__ import annotations

from enum import Enum, unique
from urllib.parse import quote

import attrs

from ..errors import InvalidArguments

LONGEST_ID = 1024  # characters; Databricks' ids have at most some forty


@unique
class RetryClass(Enum):
    """What may be sent again when an attempt brought no answer (`retry.RETRIES` has the table)."""

    # Changes nothing.
    READ = "read"
    # Carries an idempotency token: sent twice, it happens once, and both answers are the same.
    TOKEN = "token"  # noqa: S105 - a word, no password
    # A write which, done twice, leaves what it leaves done once: cancel, destroy, terminate.
    SAME = "same"
    # Anything else.  Sent again only when the last attempt is known not to have happened.
    ONCE = "once"


@attrs.frozen
class Endpoint:
    """One REST call.

    Attributes:
      method: `GET` or `POST`.
      path: with the host's root as `/`, and `{name}` where an id goes.
      retry: what may be sent again.
      per_second: the limit that Databricks publishes for this call in one workspace, if it does.
      check: for a write whose answer was lost, one line on where to see whether it happened.
    """

    method: str
    path: str
    retry: RetryClass
    per_second: float | None = None
    check: str = ""

    def fill(self, **ids: str) -> str:
        """The path with its ids in place, each escaped so that it is one segment, come what may.

        Raises:
          InvalidArguments: an id that cannot be one: empty, `.` or `..`, with a slash, not text, or
            endless.
        """
        return self.path.format(**{name: _segment(name, value) for name, value in ids.items()})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _segment(name: str, value: str) -> str:
    if not value or value in (".", ".."):
        raise InvalidArguments([f"{name}: {value!r} is not an id"])
    if "/" in value or "\\" in value:  # escaped or not, a proxy on the way may take it for a step
        raise InvalidArguments([f"{name}: {value[:LONGEST_ID]!r} is not an id: it has a slash"])
    if len(value) > LONGEST_ID:
        raise InvalidArguments([f"{name}: longer than {LONGEST_ID} characters"])
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise InvalidArguments([f"{name}: is not valid Unicode text"]) from None
