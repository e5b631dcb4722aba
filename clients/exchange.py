"""One request out, one answer in: the border to `httpx`, and the only module that knows it.

An answer is read to its end, within limits of time and size, before anybody believes it.  Whatever
`httpx` raises becomes a `Failed` here, which says whether the request can have had an effect.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import attrs
import httpx
import trio

from ..errors import DatabricksUnreachable, InvalidArguments, MisusedToolkit
from .endpoint import Endpoint, RetryClass
from .hosts import is_loopback
from .retry import Failed, Trouble
from .scrubbing import Scrubber
from .timeouts import Timeouts
from .wire import Unreadable

log = logging.getLogger(__name__)

# Bytes of one answer, decompressed.  The largest that Databricks documents are a 25 MiB result,
# counted before it becomes JSON, and a 10 MB notebook in base64; more would be a mistake or malice.
LARGEST_ANSWER = 128 * 2**20

CONNECTIONS = (
    500  # at once; each statement that waits on the server holds one, and so does each poll
)
KEPT_ALIVE = 100  # connections kept open between calls
KEEPALIVE = 30.0  # seconds; below what load balancers allow, so that they rarely hang up first

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_UNSENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)


@attrs.frozen
class Request:
    """What is sent at each attempt of one call.  `shown` is what may be logged of `url`."""

    endpoint: Endpoint
    url: str = attrs.field(repr=False)
    shown: str
    content: bytes | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    # A presigned link is its own login: ours must not go along.
    presigned: bool = False


@attrs.frozen
class Answer:
    """An answer read to its end, and the login headers that were sent for it."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    login: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def json(self) -> Any:
        """The body decoded; an empty one is an empty object.

        Raises:
          Unreadable: it is not JSON.
        """
        try:
            return json.loads(self.body) if self.body.strip() else {}
        except (ValueError, RecursionError):
            raise Unreadable(f"HTTP {self.status} with a body that is no JSON") from None


@attrs.define(eq=False)
class Exchange:
    """Sends requests to one host through one pooled client."""

    host: str
    _client: httpx.AsyncClient
    _timeouts: Timeouts
    _scrubber: Scrubber

    async def send(self, request: Request, login: Mapping[str, str]) -> Answer:
        """Send a request once and read its answer.

        If cancelled, the request may have been sent all the same.

        Raises:
          Failed: no answer came, or one that is too large.
          InvalidArguments: it cannot be made into a request.
          MisusedToolkit: the client is closed; nothing was sent.
        """
        if self._client.is_closed:
            raise MisusedToolkit(
                "The toolkit is closed: the block that it was opened in has been left.",
                advice="Call it within `async with Toolkit.open() as toolkit:`.",
            )
        began = trio.current_time()
        outcome = "cancelled"
        told_here = _told_here.set(True)
        try:
            with trio.fail_after(self._timeouts.attempt):
                answer = await self._send(request, login)
            outcome = str(answer.status)
        except trio.TooSlowError:
            outcome = "no answer in time"
            seconds = self._timeouts.attempt
            error = self.unreachable(f"no complete answer within {seconds:g} seconds")
            raise Failed(Trouble.LOST, error) from None
        except _UNSENDABLE as problem:
            outcome = type(problem).__name__
            raise InvalidArguments([f"the request cannot be sent: {outcome}"]) from None
        except httpx.HTTPError as problem:
            outcome = type(problem).__name__
            raise self._cut_off(problem) from (None if request.presigned else problem)
        else:
            return answer
        finally:
            _told_here.reset(told_here)
            milliseconds = (trio.current_time() - began) * 1000
            log.debug(
                "%s %s %s %.0f ms", request.endpoint.method, request.shown, outcome, milliseconds
            )

    def unreachable(self, why: str, *, advice: str | None = None) -> DatabricksUnreachable:
        """That no usable answer came, and why."""
        return DatabricksUnreachable(
            f"No usable answer from {self.host}: {self._scrubber.clean(why).removesuffix('.')}.",
            advice=advice or "Check the network and the address in DATABRICKS_HOST.",
        )

    async def _send(self, request: Request, login: Mapping[str, str]) -> Answer:
        async with self._client.stream(
            request.endpoint.method,
            request.url,
            content=request.content,
            headers={**request.headers, **login},
        ) as response:
            body = bytearray()
            # Left by a cancel, which ends the generators that httpx has nested in one another; a
            # `break` would leave the inner ones to the garbage collector.
            with trio.CancelScope() as enough:
                async for part in response.aiter_bytes():
                    if len(body) + len(part) > LARGEST_ANSWER:
                        enough.cancel()
                    else:
                        body += part
            if enough.cancel_called:
                raise self._too_much(request.endpoint)
            return Answer(response.status_code, response.headers, bytes(body), login)

    def _too_much(self, endpoint: Endpoint) -> Failed:
        # A second answer would be as large, so not even a read is repeated.
        trouble = Trouble.REFUSED if endpoint.retry is RetryClass.READ else Trouble.BROKEN
        return Failed(trouble, self.unreachable(f"an answer of more than {LARGEST_ANSWER} bytes"))

    def _cut_off(self, problem: httpx.HTTPError) -> Failed:
        if _is_distrust(problem):
            advice = (
                "If a proxy is in the way, set SSL_CERT_FILE to your organisation's certificates."
            )
            error = self.unreachable("its certificate is not trusted", advice=advice)
            return Failed(Trouble.REFUSED, error)
        never_sent = isinstance(problem, _NEVER_SENT)
        error = self.unreachable(f"{type(problem).__name__} {problem}".strip())
        return Failed(Trouble.NOT_SENT if never_sent else Trouble.LOST, error)


def _is_distrust(problem: BaseException) -> bool:
    """Whether a certificate was the reason; `httpx` keeps that several causes deep."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


# Whether the current task is in an exchange of ours, which is logged here and nowhere else.
_told_here: ContextVar[bool] = ContextVar("_told_here", default=False)


class _Discretion(logging.Filter):
    """`httpx` logs each URL, presigned ones too, and `httpcore` answers' headers: not of ours."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - the task decides
        return not _told_here.get()


_discretion = _Discretion()
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")


def open_client(
    host: str,
    *,
    transport: httpx.AsyncBaseTransport | None,
    timeouts: Timeouts,
    user_agent: str,
) -> httpx.AsyncClient:
    """The one pooled client of a workspace: no cookies, no redirects, no login of its own."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_discretion)
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(
            connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool
        ),
        limits=httpx.Limits(
            max_connections=CONNECTIONS,
            max_keepalive_connections=KEPT_ALIVE,
            keepalive_expiry=KEEPALIVE,
        ),
        headers={"User-Agent": user_agent, "Accept": "application/json"},
        # Cookies would grow in memory, and would tie all calls to one of Databricks' servers.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        # A proxy that the environment names is not meant for this machine itself.
        trust_env=not is_loopback(urlsplit(host).hostname or ""),
    )
