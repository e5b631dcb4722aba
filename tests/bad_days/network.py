"""The network between a server and the workspace, and what it does to requests on a bad day.

What happens to a request hangs only on the day's seed, on what is asked, and on how often that was
asked before, so that a day can be lived again exactly.  As on a real network, the workspace goes
on with a request whose sender is gone.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from enum import Enum

import attrs
import httpx
import trio

TOKEN = "dapi0canary0token0c0ffee0123456789"


class Fault(Enum):
    """What can happen to one request."""

    REFUSED = "connection refused"
    LOST_ASKING = "lost on the way there"
    LOST_ANSWERING = "lost on the way back"
    SILENT = "never answered, though done"
    SLOW = "slow"
    THROTTLED = "429"
    THROTTLED_FOR = "429 with Retry-After"
    UNAVAILABLE = "503"
    BROKEN = "500 before it was done"
    GATEWAY = "502 after it was done"
    PAGE = "a page of HTML with 200, though done"
    CUT = "half a JSON, though done"
    SHAPE = "JSON of another shape, though done"
    EXPIRED = "403, the token is invalid"
    BUG = "a bug of our own, while its answer is read"


DONE_ALL_THE_SAME = frozenset(
    {
        Fault.LOST_ANSWERING,
        Fault.SILENT,
        Fault.GATEWAY,
        Fault.PAGE,
        Fault.CUT,
        Fault.SHAPE,
        Fault.BUG,
    }
)
COMMON = (
    Fault.REFUSED,
    Fault.LOST_ASKING,
    Fault.LOST_ANSWERING,
    Fault.SLOW,
    Fault.SLOW,
    Fault.THROTTLED,
    Fault.THROTTLED_FOR,
    Fault.UNAVAILABLE,
    Fault.BROKEN,
    Fault.GATEWAY,
)
RARE = (Fault.SILENT, Fault.PAGE, Fault.CUT, Fault.SHAPE, Fault.EXPIRED)


@attrs.frozen
class Outage:
    """From `begins` to `ends` (seconds of the day), nothing comes through."""

    begins: float
    ends: float
    fault: Fault

    def holds(self, now: float) -> bool:
        return self.begins <= now < self.ends


@attrs.frozen
class Weather:
    """What the day has in store for requests.

    Attributes:
      seed: of all its dice.
      chance: of a fault, for each request.
      creating: of a fault, for requests that create something.
      outages: times in which the same happens to each request.
      victim: a name; requests that have nothing to do with it go well, outages or not.
    """

    seed: int
    chance: float = 0.0
    creating: float = 0.0
    outages: tuple[Outage, ...] = ()
    victim: str = ""

    def fault(self, kind: str, text: str, times: int, now: float) -> tuple[Fault | None, float]:
        """What happens to a request, and how many seconds it takes anyway."""
        dice = random.Random(f"{self.seed} {kind} {times}")
        takes = dice.uniform(0.005, 0.08)
        for outage in self.outages:
            if outage.holds(now):
                return outage.fault, takes
        if dice.random() < (self.creating if CREATING.search(kind) else self.chance):
            if self.victim and dice.random() < 0.3:
                return Fault.BUG, takes
            return dice.choice(RARE if dice.random() < 0.2 else COMMON), takes
        return None, takes


CREATING = re.compile(r"^POST .*(contexts/create|commands/execute|run-now|runs/submit|statements)$")
ANY_ID = re.compile(r"/[\w-]{16,}")  # no endpoint's name is as long
LINK = re.compile(r'"external_link": ?"[^"]*/([^"/]+)"')


@attrs.frozen
class Seen:
    """One request, as the network saw it."""

    at: float
    kind: str
    text: str
    fault: Fault | None
    done: bool


@attrs.define(eq=False)
class Network:
    """The whole day's network; each server has its own `Line` to it.

    Attributes:
      app: the workspace.
      nursery: the workspace's own, where requests go on whose sender is gone.
      weather: what happens to them.
      calm: nothing happens any more.
      seen: every request.
    """

    app: Callable
    nursery: trio.Nursery
    weather: Weather
    calm: bool = False
    seen: list[Seen] = attrs.field(factory=list)
    asked: Counter[str] = attrs.field(factory=Counter)
    victims: set[str] = attrs.field(factory=set)
    """What the victim of the day is known by: its name, and the ids of what it made."""
    links: set[str] = attrs.field(factory=set)
    """The secret ends of presigned links."""

    def __attrs_post_init__(self) -> None:
        if self.weather.victim:
            self.victims.add(f"{self.weather.victim}-")

    def spares(self, text: str) -> bool:
        """Whether nothing happens to this request."""
        if self.calm:
            return True
        return bool(self.victims) and not any(victim in text for victim in self.victims)

    def learn(self, text: str, answer: httpx.Response) -> None:
        """What the victim made is the victim's."""
        if not self.victims or self.spares(text) or answer.status_code != 200:
            return
        self.victims.update(re.findall(r'"contextId": ?"(\w+)"', text))
        made = answer.json()
        if isinstance(made, dict):
            ids = (made.get(name) for name in ("id", "run_id", "statement_id"))
            self.victims.update(str(each) for each in ids if each)

    def line(self, *, calm: bool = False) -> Line:
        """A way to the workspace; on a `calm` one nothing happens to requests."""
        return Line(self, calm)

    def trouble_between(self, begins: float, ends: float) -> bool:
        """Whether any request met a fault in these seconds."""
        return any(seen.fault and begins <= seen.at <= ends for seen in self.seen)


@attrs.define(eq=False)
class Line(httpx.AsyncBaseTransport):
    """One server's transport.

    Attributes:
      dead: its process was killed; nothing leaves it any more, and nothing arrives.
      made: the contexts that were made for it.
      known: those whose ids arrived, with the second of the day.
    """

    network: Network
    calm: bool = False
    dead: bool = False
    made: list[str] = attrs.field(factory=list)
    known: dict[str, float] = attrs.field(factory=dict)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        if self.dead:
            await trio.sleep_forever()
        network = self.network
        kind, text = _named(request, content)
        network.asked[kind] += 1
        times, now = network.asked[kind], trio.current_time()
        fault, takes = None, 0.01
        if not (self.calm or network.spares(text)):
            fault, takes = network.weather.fault(kind, text, times, now)
        dice = random.Random(f"{network.weather.seed} {kind} {times} more")
        arrives = fault is None or fault is Fault.SLOW or fault in DONE_ALL_THE_SAME
        network.seen.append(Seen(now, kind, text, fault, arrives))
        if fault is Fault.REFUSED:
            raise httpx.ConnectError("Connection refused", request=request)
        if not arrives:
            await trio.sleep(takes)
            return _refusal(fault, dice, request)
        if fault is Fault.SLOW:
            takes = dice.uniform(1.0, 40.0)
        answer = await self._deliver(request, content, text, takes)
        if fault in DONE_ALL_THE_SAME:
            return await _spoilt(fault, request, answer)
        if request.url.path.endswith("contexts/create") and answer.status_code == 200:
            self.known[answer.json()["id"]] = trio.current_time()
        headers = [
            (name, value)
            for name, value in answer.headers.items()
            if name not in {"content-length", "transfer-encoding"}
        ]
        return httpx.Response(
            answer.status_code, headers=headers, content=answer.content, request=request
        )

    async def _deliver(
        self, request: httpx.Request, content: bytes, text: str, takes: float
    ) -> httpx.Response:
        """Have the workspace answer, which it does although we may be gone by then."""
        network = self.network
        done = trio.Event()
        answers: list[httpx.Response] = []

        async def serve() -> None:
            await trio.sleep(takes / 2)
            inner = httpx.ASGITransport(app=network.app)
            response = await inner.handle_async_request(
                httpx.Request(request.method, request.url, headers=request.headers, content=content)
            )
            await response.aread()
            network.learn(text, response)
            network.links.update(LINK.findall(response.text))
            if request.url.path.endswith("contexts/create") and response.status_code == 200:
                self.made.append(response.json()["id"])
            answers.append(response)
            done.set()

        network.nursery.start_soon(serve)
        await done.wait()
        if self.dead:
            await trio.sleep_forever()
        await trio.sleep(takes / 2)
        return answers[0]


def _named(request: httpx.Request, content: bytes) -> tuple[str, str]:
    """What kind of request it is, and all that is asked in it."""
    path = request.url.path
    kind = f"{request.method} {ANY_ID.sub('/*', path)}"
    return kind, f"{path}?{request.url.query.decode()} {content.decode(errors='replace')}"


async def _spoilt(
    fault: Fault | None, request: httpx.Request, answer: httpx.Response
) -> httpx.Response:
    """What becomes of an answer on the way back."""
    quoted = request.headers.get("authorization", "")
    match fault:
        case Fault.LOST_ANSWERING:
            raise httpx.ReadError("Connection reset by peer", request=request)
        case Fault.SILENT:
            await trio.sleep_forever()
        case Fault.GATEWAY:
            return httpx.Response(502, text="<html>Bad Gateway</html>", request=request)
        case Fault.PAGE:
            return httpx.Response(200, html=f"<html>Sign in, {quoted}</html>", request=request)
        case Fault.CUT:
            half = answer.content[: len(answer.content) // 2]
            return httpx.Response(answer.status_code, stream=_Cut(half), request=request)
        case Fault.BUG:
            raise ZeroDivisionError(f"a bug, by {quoted}")
    odd = {"id": {"a": 1}, "status": [7], "state": "odd", "run_id": None, "results": 3}
    return httpx.Response(200, json=odd, request=request)


class _Cut(httpx.AsyncByteStream):
    """A body whose end never comes, since the connection breaks."""

    def __init__(self, half: bytes) -> None:
        self._half = half

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._half
        raise httpx.RemoteProtocolError("peer closed connection without sending complete body")


def _refusal(fault: Fault | None, dice: random.Random, request: httpx.Request) -> httpx.Response:
    # A careless server quotes the request; nobody may hear of it.
    quoted = request.headers.get("authorization", "")
    match fault:
        case Fault.LOST_ASKING:
            raise httpx.WriteError("Broken pipe", request=request)
        case Fault.THROTTLED:
            return _error(request, 429, "REQUEST_LIMIT_EXCEEDED", f"Too many requests ({quoted})")
        case Fault.THROTTLED_FOR:
            answer = _error(request, 429, "REQUEST_LIMIT_EXCEEDED", "Too many requests")
            answer.headers["retry-after"] = str(dice.randint(1, 20))
            return answer
        case Fault.UNAVAILABLE:
            return _error(request, 503, "TEMPORARILY_UNAVAILABLE", "The service is unavailable.")
        case Fault.EXPIRED:
            return _error(request, 403, 403, f"Invalid access token. [ReqId: 1] {quoted}")
        case _:
            return _error(request, 500, "INTERNAL_ERROR", f"NullPointerException: {quoted}")


def _error(request: httpx.Request, status: int, code: str | int, message: str) -> httpx.Response:
    if "/api/1.2/" in request.url.path:
        return httpx.Response(status, json={"error": message}, request=request)
    body = json.dumps({"error_code": code, "message": message})
    return httpx.Response(status, text=body, request=request)
