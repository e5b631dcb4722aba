"""What can happen to one request on a bad day, by the simulation's own kinds of fault.

What a careless server or proxy quotes of a request, its token included, is in every text here:
nobody may hear of it.
"""

from __future__ import annotations

import random
from enum import Enum

import attrs
import httpx
from databricks_mcp_toolkit.simulation.faults.kinds import (
    CutJson,
    Exchange,
    Hang,
    HtmlPage,
    LoseAnswer,
    LoseCluster,
    LoseContext,
    LoseRequest,
    Refuse,
    RestartDriver,
    Slow,
    StaleRead,
    Trickle,
    UnknownWord,
)
from databricks_mcp_toolkit.simulation.faults.kinds import Fault as Kind
from databricks_mcp_toolkit.simulation.wire import Response


class Fault(Enum):
    """What can happen to one request."""

    REFUSED = "connection refused"
    LOST_ASKING = "lost on the way there"
    LOST_ANSWERING = "lost on the way back"
    SILENT = "never answered, though done"
    HUNG = "never answered, and never done"
    SLOW = "slow"
    TRICKLE = "answered bit by bit"
    THROTTLED = "429"
    THROTTLED_FOR = "429 with Retry-After"
    UNAVAILABLE = "503"
    BROKEN = "500 before it was done"
    GATEWAY = "502 after it was done"
    LATE = "504 after it was done"
    PAGE = "a page of HTML with 200, though done"
    CUT = "half a JSON, though done"
    SHAPE = "JSON of another shape, though done"
    WORD = "done, and told in a word that nobody knows"
    STALE = "an older answer"
    STALE_LOGIN = "401, the token has expired"
    EXPIRED = "403, the token is invalid"
    CONTEXT_GONE = "its context dies first"
    CLUSTER_GONE = "its cluster is taken away first"
    DRIVER_GONE = "the driver of its cluster restarts first"
    BUG = "a bug of our own, while its answer is read"


COMMON = (
    Fault.REFUSED,
    Fault.LOST_ASKING,
    Fault.LOST_ANSWERING,
    Fault.SLOW,
    Fault.SLOW,
    Fault.TRICKLE,
    Fault.THROTTLED,
    Fault.THROTTLED_FOR,
    Fault.UNAVAILABLE,
    Fault.BROKEN,
    Fault.GATEWAY,
    Fault.LATE,
)
RARE = (
    Fault.SILENT,
    Fault.HUNG,
    Fault.PAGE,
    Fault.CUT,
    Fault.SHAPE,
    Fault.WORD,
    Fault.STALE,
    Fault.STALE,
    Fault.STALE,
    Fault.STALE_LOGIN,
    Fault.EXPIRED,
    Fault.CONTEXT_GONE,
    Fault.CONTEXT_GONE,
    Fault.CLUSTER_GONE,
    Fault.DRIVER_GONE,
)
# After these whoever asked knows that nothing was done, and may ask again.
SURELY_NOT_DONE = frozenset(
    {
        Fault.REFUSED,
        Fault.THROTTLED,
        Fault.THROTTLED_FOR,
        Fault.UNAVAILABLE,
        Fault.STALE_LOGIN,
        Fault.EXPIRED,
    }
)
# The request itself goes well after these.
UPHEAVALS = frozenset({Fault.CONTEXT_GONE, Fault.CLUSTER_GONE, Fault.DRIVER_GONE})
DRIVER_GOES = frozenset({Fault.CLUSTER_GONE, Fault.DRIVER_GONE})


@attrs.frozen
class OddShape(Kind):
    """The work is done, and the answer has JSON of another shape."""

    async def meet(self, exchange: Exchange) -> None:
        await exchange.work()
        odd = {"id": {"a": 1}, "status": [7], "state": "odd", "run_id": None, "results": 3}
        await exchange.send(Response.json(odd))


@attrs.frozen
class QuotingPage(HtmlPage):
    """A page that quotes what was sent to it."""

    quoted: str = ""

    def spoil(self, answer: Response) -> Response:
        page = super().spoil(answer)
        content = page.content + f"<!-- {self.quoted} -->".encode()
        return Response(content, page.status, page.media_type)


def kind_of(fault: Fault, dice: random.Random, quoted: str, stale: StaleRead) -> Kind | None:
    """The simulation's fault for `fault`; None for what happens on our side of the network."""
    match fault:
        case Fault.LOST_ASKING:
            return LoseRequest()
        case Fault.LOST_ANSWERING:
            return LoseAnswer()
        case Fault.SILENT:
            return Hang(work=True)
        case Fault.HUNG:
            return Hang()
        case Fault.SLOW:
            return Slow(dice.uniform(1.0, 40.0))
        case Fault.TRICKLE:
            return Trickle(dice.uniform(1.0, 40.0))
        case Fault.THROTTLED:
            return Refuse(429, message=f"Too many requests ({quoted})")
        case Fault.THROTTLED_FOR:
            return Refuse(429, retry_after=dice.randint(1, 20), message="Too many requests")
        case Fault.UNAVAILABLE:
            return Refuse(503, message="The service is unavailable.")
        case Fault.BROKEN:
            return Refuse(500, message=f"NullPointerException: {quoted}")
        case Fault.GATEWAY:
            return QuotingPage(502, quoted)
        case Fault.LATE:
            return QuotingPage(504, quoted)
        case Fault.PAGE:
            return QuotingPage(200, quoted)
        case Fault.CUT:
            return CutJson()
        case Fault.SHAPE:
            return OddShape()
        case Fault.WORD:
            return UnknownWord()
        case Fault.STALE:
            return stale
        case Fault.STALE_LOGIN:
            return Refuse(401, message=f"The token has expired: {quoted}")
        case Fault.EXPIRED:
            return Refuse(403, "403", message=f"Invalid access token. [ReqId: 1] {quoted}")
        case Fault.CONTEXT_GONE:
            return LoseContext()
        case Fault.CLUSTER_GONE:
            return LoseCluster()
        case Fault.DRIVER_GONE:
            return RestartDriver()
    return None


def cut_off(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """The answer with the connection broken in the middle of it."""
    half = answer.content[: len(answer.content) // 2]
    return httpx.Response(answer.status_code, stream=_Cut(half), request=request)


class _Cut(httpx.AsyncByteStream):
    """A body whose end never comes, since the connection breaks."""

    def __init__(self, half: bytes) -> None:
        self._half = half

    async def __aiter__(self):
        yield self._half
        raise httpx.RemoteProtocolError("peer closed connection without sending complete body")


def fits(fault: Fault, kind: str, text: str) -> Fault:
    """`fault`, or another where it makes no sense for such a request."""
    if fault is Fault.STALE and not kind.startswith("GET /api/2."):
        return Fault.SLOW
    if fault is Fault.CONTEXT_GONE and "contextId" not in text:
        return Fault.UNAVAILABLE
    if fault in DRIVER_GOES and "clusterId" not in text:
        return Fault.UNAVAILABLE
    return fault
