"""When to send a request again: one table, one lookup, one line of arithmetic.

Nothing here sleeps or sends.  `what_next` is asked after each attempt that brought no answer, and
says how long to wait before the next one, or that there is none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, unique

import attrs

from ..errors import ToolkitError
from .endpoint import RetryClass

FIRST_WAIT = 0.5  # seconds; a dropped connection is mostly back by then
A_MOMENT = 0.001  # seconds; what floats leave of a spent budget may be too little to pass
LONGEST_WAIT = 16.0  # seconds; a watcher that was cut off should notice the network's return soon


@unique
class Trouble(Enum):
    """Why an attempt brought no answer, and what that says of whether it had an effect."""

    # Databricks considered it and said no, or it could never be sent.  No effect.
    REFUSED = "refused"
    # 401 on a login that can be refreshed.  No effect.
    STALE_LOGIN = "stale login"
    # 429, in any of its spellings.  No effect.
    THROTTLED = "throttled"
    # 503 from the service itself.  No effect.
    NOT_NOW = "not now"
    # A cluster that says RUNNING and cannot run anything yet.  No effect.
    NOT_READY = "not ready"
    # Refused connection, unknown name, no free connection: it never left.  No effect.
    NOT_SENT = "not sent"
    # It left, and no answer came: time-out, reset, a gateway's 502 or 504.  Perhaps an effect.
    LOST = "lost"
    # An answer that says nothing: a 500, HTML or half a JSON with 200.  Perhaps an effect.
    BROKEN = "broken"

    @property
    def may_have_happened(self) -> bool:
        """Whether the request may have had its effect all the same."""
        return self in (Trouble.LOST, Trouble.BROKEN)


class Failed(Exception):
    """One attempt that brought no answer.

    Attributes:
      trouble: why.
      error: what the caller gets if there is no further attempt.
      retry_after: seconds that the server asked to wait, if it did.
    """

    def __init__(
        self, trouble: Trouble, error: ToolkitError, retry_after: float | None = None
    ) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.error = error
        self.retry_after = retry_after


@attrs.frozen
class Patience:
    """How long one kind of trouble is met with another attempt.

    Attributes:
      attempts: how often it may be met in one call, the last time included.
      seconds: since the call began.
    """

    attempts: float = math.inf
    seconds: float = math.inf


NONE = Patience(attempts=1)
WHOLE_BUDGET = Patience()
# A login is refreshed once: a fresh one that is refused will be refused again.
ONE_REFRESH = Patience(attempts=2)
# An answer without sense mostly has a lasting cause: a login page in front, a bug behind.
FEW_ATTEMPTS = Patience(attempts=4)
# Later, somebody may have started again what we would then stop a second time.
WHILE_IT_IS_THE_SAME = Patience(seconds=30.0)

# A cluster that has just come up takes seconds; one that is stopped says the same, and stays so.
# Only calls that name no context meet this (see `refusals`).
UNTIL_READY = Patience(seconds=20.0)

_KNOWN_NOT_DONE = {
    Trouble.REFUSED: NONE,
    Trouble.STALE_LOGIN: ONE_REFRESH,
    Trouble.THROTTLED: WHOLE_BUDGET,
    Trouble.NOT_NOW: WHOLE_BUDGET,
    Trouble.NOT_READY: UNTIL_READY,
    Trouble.NOT_SENT: WHOLE_BUDGET,
}

RETRIES: Mapping[RetryClass, Mapping[Trouble, Patience]] = {
    RetryClass.READ: _KNOWN_NOT_DONE | {Trouble.LOST: WHOLE_BUDGET, Trouble.BROKEN: FEW_ATTEMPTS},
    RetryClass.TOKEN: _KNOWN_NOT_DONE | {Trouble.LOST: WHOLE_BUDGET, Trouble.BROKEN: FEW_ATTEMPTS},
    RetryClass.SAME: _KNOWN_NOT_DONE
    | {Trouble.LOST: WHILE_IT_IS_THE_SAME, Trouble.BROKEN: FEW_ATTEMPTS},
    RetryClass.ONCE: _KNOWN_NOT_DONE | {Trouble.LOST: NONE, Trouble.BROKEN: NONE},
}


def what_next(
    retry: RetryClass,
    trouble: Trouble,
    *,
    times: int,
    spent: float,
    budget: float,
    retry_after: float | None = None,
) -> float | None:
    """Seconds to wait before the next attempt, or `None` if there is to be none.

    Args:
      retry: the request's class.
      trouble: why the last attempt brought no answer.
      times: how often this call has met this trouble, the last time included.
      spent: seconds since the call began.
      budget: seconds that the call may take in all, whatever the class allows.
      retry_after: seconds that the server asked for; cut to what is left of the budget.
    """
    patience = RETRIES[retry][trouble]
    left = min(budget, patience.seconds) - spent
    if times >= patience.attempts or left < A_MOMENT:
        return None
    if trouble is Trouble.STALE_LOGIN:
        return 0.0
    return min(left, backoff(times) if retry_after is None else retry_after)


def backoff(times: int) -> float:
    """Seconds to wait after the `times`th failure: doubling, bounded, jittered by half."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(times - 1, 32))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads retries, guards nothing


def seconds_until(retry_after: str | None, date: str | None) -> float | None:
    """A `Retry-After` header in seconds from now, or `None` if it says nothing usable.

    A date is measured against the answer's own `Date` header, so that two clocks need not agree;
    where that is missing, against ours.
    """
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        then = _moment(retry_after)
        if then is None:
            return None
        now = _moment(date) or datetime.now(UTC)
        seconds = (then - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _moment(http_date: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(http_date or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
