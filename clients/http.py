"""The door: every request to Databricks goes out here, and every answer and failure comes in here.

The rules it keeps:

* A request is repeated only as the table in `retry` allows; a write that may have happened and
  cannot be asked again ends as `OutcomeUnknown`, never as a failure, never as a second write.
* Login headers go to the workspace alone.  They, bodies and presigned links are in no log and no
  error.
* If cancelled while waiting (for its turn, or before a repetition), nothing more is sent.  If
  cancelled while a request is under way, that request may have had its effect.
"""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import trio

from ..errors import (
    DatabricksRefused,
    DatabricksUnreachable,
    InvalidArguments,
    NotAllowed,
    NotConfigured,
    OutcomeUnknown,
    ToolkitError,
)
from .auth import Credentials
from .endpoint import Endpoint, RetryClass
from .exchange import Answer, Exchange, Request
from .governor import Governor
from .met import note
from .refusals import refusal
from .retry import A_MOMENT, Failed, Trouble, backoff, seconds_until, what_next
from .scrubbing import Scrubber
from .timeouts import Timeouts
from .wire import Unreadable, structure

log = logging.getLogger(__name__)
T = TypeVar("T")

# Seconds in which a host that has never answered must do so: a mistyped one never will.
FIRST_CONTACT = 5.0

PRESIGNED = Endpoint("GET", "(presigned link)", RetryClass.READ)


class Door:
    """One workspace's way in and out: one login, one budget, one pooled client below."""

    def __init__(
        self,
        exchange: Exchange,
        credentials: Credentials,
        *,
        scrubber: Scrubber,
        governor: Governor,
        timeouts: Timeouts,
    ) -> None:
        self.host = exchange.host
        self._exchange = exchange
        self._credentials = credentials
        self._scrubber = scrubber
        self._governor = governor
        self._timeouts = timeouts
        self._reached = False

    def __repr__(self) -> str:
        return f"<Door to {self.host}, {self._governor!r}>"

    async def ask(
        self,
        endpoint: Endpoint,
        model: type[T],
        *,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> T:
        """Send a request and make `model` of its answer.

        Args:
          endpoint: what to ask.
          model: the attrs class of the answer.
          ids: the ids in the endpoint's path.
          query: the query; `None` values are left out, booleans are spelled `true` and `false`.
          body: the JSON body; `None` values are left out at its top level.

        Raises:
          InvalidArguments: an id, query or body that cannot be sent.
          NotConfigured: there is no usable login.
          DatabricksRefused: Databricks said no.
          DatabricksUnreachable: no usable answer within the budget, and nothing was changed.
          OutcomeUnknown: a write may have happened, and is not repeated.
          ContextLost: the execution context that was named is gone.
        """
        request = self._request(endpoint, ids, query, body)
        return await self._call(request, lambda answer: structure(_object(answer), model))

    async def tell(
        self,
        endpoint: Endpoint,
        *,
        ids: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Send a request whose answer says only that it was accepted.  Otherwise as `ask`."""
        request = self._request(endpoint, ids, None, body)
        await self._call(request, _accepted)

    async def fetch_rows(
        self, presigned: str, headers: Mapping[str, str]
    ) -> list[list[str | None]]:
        """The JSON array of rows behind a presigned link, fetched with the link's own headers only.

        Raises:
          DatabricksRefused: cloud storage said no; links live for 15 minutes at most.
          DatabricksUnreachable: no usable answer within the budget.
        """
        if urlsplit(presigned).scheme not in ("https", "http"):
            raise DatabricksUnreachable("Databricks gave a result link that is no web address.")
        request = Request(PRESIGNED, presigned, PRESIGNED.path, headers=headers, presigned=True)
        return await self._call(request, _rows)

    # -- one call: attempts, until one brings an answer or the table says stop

    async def _call(self, request: Request, read: Callable[[Answer], T]) -> T:
        endpoint = request.endpoint
        began = trio.current_time()
        met: Counter[Trouble] = Counter()
        last: Failed | None = None
        deadline = math.inf
        while True:
            with trio.move_on_at(deadline) as patience:
                await self._turn(request)
            if patience.cancelled_caught and last is not None:
                raise _verdict(endpoint, met, last, trio.current_time() - began)
            try:
                answer = await self._attempt(request, read)
            except Failed as failed:
                last = failed
                note(failed.error)
                met[failed.trouble] += 1
                spent = trio.current_time() - began
                budget = self._budget(failed.trouble)
                deadline = began + budget + A_MOMENT
                wait = what_next(
                    endpoint.retry,
                    failed.trouble,
                    times=met[failed.trouble],
                    spent=spent,
                    budget=budget,
                    retry_after=failed.retry_after,
                )
                if wait is None:
                    raise _verdict(endpoint, met, failed, spent) from failed.__cause__
                again = (endpoint.method, request.shown, failed.trouble.value, wait)
                log.debug("%s %s: %s, again in %.2f s", *again)
            else:
                note(None)
                return answer
            await trio.sleep(wait)

    def _budget(self, trouble: Trouble) -> float:
        if trouble is Trouble.NOT_SENT and not self._reached:
            return min(FIRST_CONTACT, self._timeouts.retries)
        return self._timeouts.retries

    async def _turn(self, request: Request) -> None:
        if request.presigned:
            await trio.lowlevel.checkpoint_if_cancelled()  # as the governor does
        else:
            await self._governor.turn(request.endpoint)

    async def _attempt(self, request: Request, read: Callable[[Answer], T]) -> T:
        login = {} if request.presigned else await self._log_in()
        answer = await self._exchange.send(request, login)
        if request.presigned:
            _check_link(answer)
        else:
            self._reached = True
            self._check(request.endpoint, answer)
        try:
            return read(answer)
        except Unreadable as problem:
            advice = "Check that DATABRICKS_HOST is a workspace, and no proxy answers in its place."
            error = self._exchange.unreachable(f"{request.endpoint}: {problem}", advice=advice)
            raise Failed(Trouble.BROKEN, error) from None

    async def _log_in(self) -> Mapping[str, str]:
        try:
            headers = await self._credentials.headers()
        except DatabricksUnreachable as error:
            raise Failed(Trouble.NOT_SENT, error) from None
        except (NotAllowed, NotConfigured) as error:  # which says nothing of earlier attempts
            raise Failed(Trouble.REFUSED, error) from None
        self._scrubber.learn(headers)
        return headers

    # -- answers that say no

    def _check(self, endpoint: Endpoint, answer: Answer) -> None:
        """Raise `Failed` unless the workspace accepted the request."""
        if 200 <= answer.status < 300:
            return
        if 300 <= answer.status < 400:
            raise self._redirected(answer)
        said = refusal(
            endpoint, answer.status, answer.headers, answer.body, clean=self._scrubber.clean
        )
        retry_after = _retry_after(answer)
        if said.trouble is Trouble.THROTTLED:
            self._governor.throttle(endpoint, backoff(1) if retry_after is None else retry_after)
        if answer.status == 401 and self._credentials.rejected(answer.login):
            raise Failed(Trouble.STALE_LOGIN, said.error)
        raise Failed(said.trouble, said.error, retry_after)

    def _redirected(self, answer: Answer) -> Failed:
        # Only whereto: the rest of the URL may be a login in the making.
        target = urlsplit(answer.headers.get("location", "")).netloc.rsplit("@", 1)[-1]
        advice = "Set DATABRICKS_HOST to the workspace's own address, and check the login."
        why = f"HTTP {answer.status}, which leads to {target or 'its login page'}"
        return Failed(Trouble.REFUSED, self._exchange.unreachable(why, advice=advice))

    # -- requests

    def _request(
        self,
        endpoint: Endpoint,
        ids: Mapping[str, str] | None,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> Request:
        path = endpoint.fill(**(ids or {}))
        url = self.host + path
        try:
            if spelled := _spelled(query or {}):
                url += f"?{urlencode(spelled, doseq=True)}"
        except UnicodeEncodeError:
            raise InvalidArguments(["an argument is not valid Unicode text"]) from None
        if body is None:
            return Request(endpoint, url, path)
        return Request(endpoint, url, path, _encoded(body), {"Content-Type": "application/json"})


def _spelled(query: Mapping[str, Any]) -> dict[str, Any]:
    """The query as Databricks spells it."""
    spelled: dict[str, Any] = {}
    for name, value in query.items():
        if isinstance(value, bool):
            spelled[name] = "true" if value else "false"
        elif value is not None:
            spelled[name] = value
    return spelled


def _encoded(body: Mapping[str, Any]) -> bytes:
    present = {name: value for name, value in body.items() if value is not None}
    try:
        # Databricks would call NaN a malformed request, and name nothing.
        return json.dumps(present, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise InvalidArguments(["an argument is not valid Unicode text"]) from None
    except (TypeError, ValueError, RecursionError) as problem:
        raise InvalidArguments([f"the body is no JSON: {problem}"[:300]]) from None


def _object(answer: Answer) -> dict[str, Any]:
    decoded = answer.json()
    if not isinstance(decoded, dict):
        raise Unreadable(f"HTTP {answer.status} with JSON that is no object")
    return decoded


def _accepted(answer: Answer) -> None:
    answer.json()


def _rows(answer: Answer) -> list[list[str | None]]:
    decoded = answer.json()
    if not isinstance(decoded, list) or not all(isinstance(row, list) for row in decoded):
        raise Unreadable("no array of rows")
    return decoded


def _retry_after(answer: Answer) -> float | None:
    return seconds_until(answer.headers.get("retry-after"), answer.headers.get("date"))


def _check_link(answer: Answer) -> None:
    """Raise `Failed` unless cloud storage gave the rows.

    Its refusals are XML that may repeat the link, so nothing of them is shown.
    """
    if answer.status == 200:
        return
    error = DatabricksRefused(
        f"Cloud storage refused a result link with HTTP {answer.status}; it may have expired.",
        status=answer.status,
        advice="Ask for the chunk again: that gives a fresh link.",
    )
    passing = answer.status in (429, 500, 502, 503, 504)
    raise Failed(Trouble.LOST if passing else Trouble.REFUSED, error, _retry_after(answer))


def _verdict(
    endpoint: Endpoint, met: Counter[Trouble], failed: Failed, spent: float
) -> ToolkitError:
    """What the caller gets when there is no further attempt."""
    error = failed.error
    attempts = met.total()
    if isinstance(error, DatabricksUnreachable) and attempts > 1:
        error = DatabricksUnreachable(
            f"{error.message.removesuffix('.')} ({attempts} attempts in {spent:.0f} s)",
            advice=error.advice,
        )
    if endpoint.retry is RetryClass.READ or not any(each.may_have_happened for each in met):
        return error
    if failed.trouble is Trouble.REFUSED and not isinstance(error, NotAllowed | NotConfigured):
        # What may be asked again was asked again, and the answer is a plain no.
        return error
    return OutcomeUnknown(
        f"{endpoint} was sent, and whether it happened is not known: {error.message}",
        advice=endpoint.check,
    )
