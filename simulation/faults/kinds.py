"""The kinds of fault: what each does between a client and the workspace.

A fault meets an `Exchange`, one call on its way: it may let the workspace do the `work`, change
what comes of it, `send` it, or `drop` the connection.  As on a real network, work that has begun
goes on when its client is gone.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from math import inf
from typing import Any

import trio
from attrs import asdict, field, frozen

from ..compute.clusters import Clusters
from ..compute.contexts import Contexts
from ..wire import Api, Call, Refusal, Response

PIECES = 20  # that a trickled answer comes in
# Where answers carry words of state; `UnknownWord` puts a new one there.
STATE_FIELDS = frozenset({"state", "life_cycle_state", "result_state", "status", "resultType"})
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@frozen
class Exchange:
    """One call on its way.

    Attributes:
      call: what was asked.
      clusters, contexts: what it may be about.
      work: lets the workspace do it, and gives the answer.
      send: sends an answer: all at once, or in so many pieces over so many seconds.
      drop: breaks the connection, with no answer.
      gone: returns when the client has left by itself.
    """

    call: Call
    clusters: Clusters
    contexts: Contexts
    work: Callable[[], Awaitable[Response]]
    send: Callable[..., Awaitable[None]]
    drop: Callable[[], Awaitable[None]]
    gone: Callable[[], Awaitable[None]]


class Fault(ABC):
    """What happens to a call."""

    @abstractmethod
    async def meet(self, exchange: Exchange) -> None:
        """Does it: sends an answer, or drops the connection."""


class _Spoiled(Fault):
    """A fault that changes the answer, after the work was done."""

    async def meet(self, exchange: Exchange) -> None:
        await exchange.send(self.spoil(await exchange.work()))

    @abstractmethod
    def spoil(self, answer: Response) -> Response:
        """What comes instead of `answer`."""


@frozen
class Refuse(Fault):
    """An error status, and nothing is done: 429, 500, 503, 504; 401 as for an expired token.

    `retry_after` (seconds) becomes the header; `message` and `error_code` have fitting defaults.
    """

    status: int = 503
    retry_after: int | None = None
    error_code: str = ""
    message: str = "Simulated fault."

    async def meet(self, exchange: Exchange) -> None:
        """Refuses, in the words of the call's API."""
        code = self.error_code or CODES.get(self.status, "UNKNOWN")
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        refusal = Refusal(self.status, code, self.message)
        api: Api = "1.2" if exchange.call.path.startswith("/api/1.2/") else "2.x"
        await exchange.send(Response.json(refusal.envelope(api), self.status, headers))


@frozen
class LoseRequest(Fault):
    """The connection breaks before anything was done."""

    async def meet(self, exchange: Exchange) -> None:
        """Drops the connection."""
        await exchange.drop()


@frozen
class LoseAnswer(Fault):
    """The work is done, and then the connection breaks."""

    async def meet(self, exchange: Exchange) -> None:
        """Lets it be done, and drops the connection."""
        await exchange.work()
        await exchange.drop()


@frozen
class Hang(Fault):
    """No answer for `seconds`; then the connection breaks.  With `work`, it is done first."""

    seconds: float = inf
    work: bool = False

    async def meet(self, exchange: Exchange) -> None:
        """Keeps the client waiting."""
        if self.work:
            await exchange.work()
        with trio.move_on_after(self.seconds):
            await exchange.gone()
        await exchange.drop()


@frozen
class Slow(Fault):
    """All goes well, `seconds` later."""

    seconds: float = 5.0

    async def meet(self, exchange: Exchange) -> None:
        """Waits, then works."""
        await trio.sleep(self.seconds)
        await exchange.send(await exchange.work())


@frozen
class Trickle(Fault):
    """The answer comes bit by bit, over `seconds`."""

    seconds: float = 30.0

    async def meet(self, exchange: Exchange) -> None:
        """Works, and answers slowly."""
        await exchange.send(await exchange.work(), pieces=PIECES, seconds=self.seconds)


@frozen
class HtmlPage(_Spoiled):
    """HTML where JSON belongs, as gateways and login pages do; the work was done."""

    status: int = 200

    def spoil(self, _answer: Response) -> Response:
        """A page."""
        page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>"
        return Response(page, self.status, "text/html; charset=utf-8")


@frozen
class CutJson(_Spoiled):
    """The first half of the JSON; the work was done."""

    def spoil(self, answer: Response) -> Response:
        """Half of it."""
        half = answer.content[: len(answer.content) // 2]
        return Response(half, answer.status, answer.media_type, answer.headers)


@frozen
class UnknownWord(_Spoiled):
    """A state that nobody knows yet, wherever the answer names one."""

    word: str = "REALIGNING"

    def spoil(self, answer: Response) -> Response:
        """The same with other words."""
        try:
            body = json.loads(answer.content)
        except ValueError:
            return answer
        return Response.json(self._reworded(body), answer.status, answer.headers)

    def _reworded(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: self.word
                if name in STATE_FIELDS and isinstance(item, str)
                else self._reworded(item)
                for name, item in value.items()
            }
        return [self._reworded(item) for item in value] if isinstance(value, list) else value


@frozen
class StaleRead(Fault):
    """A read answers what it last answered; one that was never answered, that there is nothing.

    It knows what was answered since its rule was added, and is struck by reads only: let it match
    `GET ...`, and put `skip` and `times` to where the write is.
    """

    _answers: dict[str, Response] = field(factory=dict, init=False, repr=False, eq=False)

    def remember(self, call: Call, answer: Response) -> None:
        """Keeps an answer that went out."""
        if call.method == "GET":
            self._answers[f"{call.path}?{call.query_string}"] = answer

    async def meet(self, exchange: Exchange) -> None:
        """Answers from memory."""
        call = exchange.call
        missing = Refusal.missing(f"{call.path} does not exist.").envelope("2.x")
        answer = self._answers.get(f"{call.path}?{call.query_string}")
        await exchange.send(answer or Response.json(missing, 404))


class _Upheaval(Fault):
    """Something goes before the call is looked at."""

    async def meet(self, exchange: Exchange) -> None:
        self.happen(exchange)
        await exchange.send(await exchange.work())

    @abstractmethod
    def happen(self, exchange: Exchange) -> None:
        """Lets it happen to what the call names."""


@frozen
class LoseContext(_Upheaval):
    """The process of the call's execution context dies first."""

    def happen(self, exchange: Exchange) -> None:
        """Ends the context that the call names."""
        context_id = exchange.call.text("contextId", "")
        if context_id in exchange.contexts.live_ids():
            exchange.contexts.lose(context_id)


@frozen
class LoseCluster(_Upheaval):
    """The call's cluster is terminated first, as when a cloud takes its machines back."""

    reason: str = "CLOUD_PROVIDER_SHUTDOWN"

    def happen(self, exchange: Exchange) -> None:
        """Terminates the cluster that the call names."""
        cluster = exchange.clusters.find(_cluster_of(exchange.call))
        if cluster is not None:
            cluster.terminate(self.reason, "CLOUD_FAILURE")


@frozen
class RestartDriver(_Upheaval):
    """The driver of the call's cluster restarts first; the cluster is RUNNING throughout."""

    def happen(self, exchange: Exchange) -> None:
        """Restarts the driver of the cluster that the call names."""
        cluster = exchange.clusters.find(_cluster_of(exchange.call))
        if cluster is not None:
            cluster.restart_driver()


def _cluster_of(call: Call) -> str:
    return call.text("clusterId", "") or call.text("cluster_id", "")


KINDS: Mapping[str, type[Fault]] = {
    "refuse": Refuse,
    "lose_request": LoseRequest,
    "lose_answer": LoseAnswer,
    "hang": Hang,
    "slow": Slow,
    "trickle": Trickle,
    "html_page": HtmlPage,
    "cut_json": CutJson,
    "unknown_word": UnknownWord,
    "stale_read": StaleRead,
    "lose_context": LoseContext,
    "lose_cluster": LoseCluster,
    "restart_driver": RestartDriver,
}


def described(fault: Fault) -> dict[str, Any]:
    """A fault as the control endpoint has it: its kind's name, and its own fields."""
    own = asdict(fault, filter=lambda attribute, value: attribute.init and value != inf)  # type: ignore[arg-type]
    return {"fault": next(name for name, kind in KINDS.items() if type(fault) is kind), **own}
