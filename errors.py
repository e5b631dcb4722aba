"""Everything that can go wrong without there being a bug in the toolkit.

    ToolkitError
    ├── MisusedToolkit              you asked wrongly; nothing was sent
    │   ├── InvalidArguments        arguments that do not fit: every fault, each with its name
    │   ├── NotConfigured           no workspace, login or warehouse to work with
    │   └── TooManyContexts         the toolkit's own limit on live contexts is reached
    ├── DatabricksError             Databricks, or the network to it, did not do it
    │   ├── DatabricksRefused       it answered with an error
    │   │   ├── NotFound            there is no such thing (any more)
    │   │   ├── NotAllowed          the login is not accepted, or may not do this
    │   │   ├── RateLimited         still too many requests after waiting
    │   │   └── ClusterNotReady     a context's cluster can run nothing just now
    │   ├── DatabricksUnreachable   no usable answer; nothing was changed
    │   ├── OutcomeUnknown          a write was sent, its answer was lost
    │   └── ContextLost             the execution context and its state are gone
    ├── WorkFailed                  the work itself ended badly, and says how
    │   ├── RunFailed
    │   ├── StatementFailed
    │   └── CommandFailed
    ├── TimedOut                    the `timeout` that you gave is over, and the work is not
    └── ActorGone                   whoever was to answer has ended
        └── ActorCrashed            ... because of a bug, which is its cause

The first two families say whom to blame: `MisusedToolkit` is yours, `DatabricksError` is theirs.
Errors carry data; their text is derived from it.  No error holds a secret: messages that come from
outside are passed through `clients.http` first, which knows what must not be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self


class ToolkitError(Exception):
    """The root.  `advice` is one line on what to do next, or empty."""

    advice: str = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        if advice is not None:
            self.advice = advice

    @property
    def message(self) -> str:
        """What happened, in one line."""
        return str(self.args[0])

    def facts(self) -> dict[str, Any]:
        """The error as JSON-ready fields, for structured results and logs."""
        fields: dict[str, Any] = {"error": type(self).__name__, "message": self.message}
        if self.advice:
            fields["advice"] = self.advice
        return fields

    def again(self) -> Self:
        """The same error for one more caller.

        An error gathers the frames that it passes through, and what they hold; one that was kept
        to be raised to many would gather those of all.
        """
        copy = type(self).__new__(type(self), *self.args)
        copy.__dict__.update(self.__dict__)
        copy.__cause__ = self.__cause__
        return copy


class MisusedToolkit(ToolkitError):
    """You asked wrongly, and nothing was sent.  Theirs is `DatabricksError`."""


class InvalidArguments(MisusedToolkit):
    """Arguments that do not fit.  `faults` has a line for each, which says what would be right."""

    def __init__(self, faults: Sequence[str], *, advice: str | None = None) -> None:
        self.faults = tuple(faults)
        super().__init__("Invalid arguments: " + "; ".join(self.faults), advice=advice)

    def facts(self) -> dict[str, Any]:
        """As `ToolkitError.facts`, and the faults one by one."""
        return super().facts() | {"faults": list(self.faults)}


class NotConfigured(MisusedToolkit):
    """No workspace, login, warehouse or cluster to work with; the message says what to set."""


class TooManyContexts(MisusedToolkit):
    """The toolkit's own limit on live contexts is reached, before Databricks' 145 a cluster."""


class DatabricksError(ToolkitError):
    """Databricks, or the network to it, did not do what was asked.  Yours is `MisusedToolkit`."""


class DatabricksRefused(DatabricksError):
    """Databricks answered with an error.

    Attributes:
      status: the HTTP status.
      error_code: Databricks' own code, such as `INVALID_STATE`; empty where the API has none (1.2).
      request_id: Databricks' id of the request, if it sent one.
      details: the `details` of the error envelope, as sent.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        error_code: str = "",
        request_id: str = "",
        details: Sequence[Any] = (),
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.error_code = error_code
        self.request_id = request_id
        self.details = tuple(details)

    def facts(self) -> dict[str, Any]:
        """As `ToolkitError.facts`, with HTTP status, code and request id."""
        fields = super().facts() | {"status": self.status}
        if self.error_code:
            fields["error_code"] = self.error_code
        if self.request_id:
            fields["request_id"] = self.request_id
        return fields


class NotFound(DatabricksRefused):
    """There is no such thing, or not any more."""


class NotAllowed(DatabricksRefused):
    """The login is not accepted (401, 403 on a bad token) or may not do this (403)."""


class RateLimited(DatabricksRefused):
    """Databricks still answers 429 after the whole retry budget was spent waiting."""


class ClusterNotReady(DatabricksRefused):
    """The cluster of a context can run nothing just now, and nothing was done.

    Where it restarts or is stopped, the context is gone, which is `ContextLost`; this is for when
    that is not known.
    """


class DatabricksUnreachable(DatabricksError):
    """No usable answer, and nothing was changed: a read, or a write known not to have begun."""


class OutcomeUnknown(DatabricksError):
    """A write was sent and its answer was lost, so it may or may not have happened.

    It is never repeated; `advice` says where to look.
    """


class ContextLost(DatabricksError):
    """The execution context is gone, with every variable: cluster restart, crash, eviction."""


class WorkFailed(ToolkitError):
    """The work was started and ended badly.  `outcome` is what Databricks says of it, as JSON."""

    def __init__(
        self, message: str, *, outcome: Mapping[str, Any], advice: str | None = None
    ) -> None:
        super().__init__(message, advice=advice)
        self.outcome = outcome


class RunFailed(WorkFailed):
    """A job run that ended in anything but success: failed, timed out, cancelled, skipped.

    `outcome["failed_tasks"]` has the `error` and `error_trace` of the tasks that failed.
    """


class StatementFailed(WorkFailed):
    """A SQL statement that was FAILED, CANCELED or CLOSED."""


class CommandFailed(WorkFailed):
    """A command that raised on the cluster, was cancelled, or could not be run."""


class TimedOut(ToolkitError, TimeoutError):
    """The `timeout` that you gave is over, and the work is not.

    Python's `TimeoutError`, too.  The message says what becomes of the work: what a call has begun
    for you alone (`Context.execute`, `Toolkit.sql`) is cancelled with it, what you wait for
    (`Run.success`, `Statement.success`) goes on.  `outcome` is how it was last seen, as JSON, empty
    if it was not.
    """

    def __init__(
        self, message: str, *, outcome: Mapping[str, Any], advice: str | None = None
    ) -> None:
        super().__init__(message, advice=advice)
        self.outcome = outcome


class ActorGone(ToolkitError):
    """The actor has ended, so nobody is left to answer."""


class ActorCrashed(ActorGone):
    """A bug ended the actor; `__cause__` holds it."""
