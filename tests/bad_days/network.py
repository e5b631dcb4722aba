"""The network between servers and workspaces, what it does to requests, and what they really did.

What happens to a request hangs only on the day's seed, on what is asked, and on how often that was
asked before, so that a day can be lived again exactly.  As on a real network, a workspace goes on
with a request whose sender is gone.

`Network.seen` is the record that answers are held against: what arrived at a workspace, and what
the workspace itself answered, whatever became of the answer on its way back.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import outcome
import trio
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults.kinds import StaleRead
from databricks_mcp_toolkit.simulation.wire import Call, Response

from .diary import MARK
from .faults import COMMON, DRIVER_GOES, RARE, UPHEAVALS, Fault, cut_off, fits, kind_of

TOKEN = "dapi0canary0token0c0ffee0123456789"
LOGIN = "POST /oidc/v1/token"
TAG = "x-bad-day"  # a header that tells the workspace's record which request it was


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
            fault = fits(dice.choice(RARE if dice.random() < 0.35 else COMMON), kind, text)
            # A cluster is everybody's.
            spared = self.victim and fault in DRIVER_GOES
            return Fault.UNAVAILABLE if spared else fault, takes
        return None, takes


CREATING = re.compile(r"^POST .*(contexts/create|commands/execute|run-now|runs/submit|statements)$")
ANY_ID = re.compile(r"/[\w-]{16,}")  # no endpoint's name is as long
LINK = re.compile(r'"external_link": ?"[^"]*/([^"/]+)"')
CONTEXT = re.compile(r'"contextId": ?"(\w+)"')
IDS = ("id", "run_id", "statement_id")


@attrs.define(eq=False)
class Seen:
    """One request.

    Attributes:
      at: the second of the day at which it was sent.
      kind: its method and path, without ids.
      text: all that is asked in it.
      mark: the name of the work that it carries, if it does.
      fault: what happened to it.
      line: whose it was.
      status: what the workspace answered, once it had done it; None if it never came to that.
      heard: the second at which an answer, whatever it was, had arrived.
    """

    at: float
    kind: str
    text: str = attrs.field(repr=False)
    mark: str
    fault: Fault | None
    line: Line = attrs.field(repr=False)
    status: int | None = None
    heard: float | None = None

    @property
    def done(self) -> bool:
        """Whether the workspace did it."""
        return self.status is not None and self.status < 400

    @property
    def told(self) -> bool:
        """Whether the workspace's own answer arrived as it was."""
        return self.heard is not None and (self.fault is None or self.fault in QUIET)


QUIET = UPHEAVALS | {Fault.SLOW, Fault.TRICKLE}


@attrs.define(eq=False)
class Network:
    """The whole day's network; each server has its own `Line` to it.

    Attributes:
      weather: what happens to requests.
      workspaces: by the name of their host.
      calm: nothing happens any more.
      seen: every request.
      ids: Databricks' ids for each piece of work that it accepted, by the name of its mark.
      contexts: where each command was run, likewise.
    """

    weather: Weather
    workspaces: dict[str, Workspace] = attrs.field(factory=dict)
    calm: bool = False
    seen: list[Seen] = attrs.field(factory=list)
    ids: dict[str, list[str]] = attrs.field(factory=lambda: defaultdict(list))
    contexts: dict[str, str] = attrs.field(factory=dict)
    asked: Counter[str] = attrs.field(factory=Counter)
    victims: set[str] = attrs.field(factory=set)
    """What the victim of the day is known by: its name, and the ids of what it made."""
    links: set[str] = attrs.field(factory=set)
    """The secret ends of presigned links."""
    tokens: set[str] = attrs.field(factory=set)
    """The OAuth tokens that were handed out."""
    stale: StaleRead = attrs.field(factory=StaleRead)

    def __attrs_post_init__(self) -> None:
        if self.weather.victim:
            self.victims.add(f"{self.weather.victim}-")

    def join(self, workspace: Workspace) -> None:
        """Have a workspace on this network, and a record of all that it answers."""
        self.workspaces[workspace.host.partition("://")[2]] = workspace
        answer = workspace.app.answer

        async def recorded(call: Call, raw_path: str) -> Response:
            response = await answer(call, raw_path)
            if tag := call.headers.get(TAG):
                self._note(self.seen[int(tag)], response)
            return response

        workspace.app.answer = recorded  # type: ignore[method-assign]
        # Stale reads remember from when there is a rule; this one never strikes itself.
        workspace.faults.add("GET *", self.stale, times=0)

    def _note(self, seen: Seen, response: Response) -> None:
        seen.status = response.status
        text = response.content.decode(errors="replace")
        self.links.update(LINK.findall(text))
        if not seen.done or not CREATING.search(seen.kind):
            return
        made = json.loads(text)
        ids = [str(made[name]) for name in IDS if name in made]
        if seen.kind.endswith("contexts/create"):
            seen.line.made += ids
        if seen.mark:
            self.ids[seen.mark] += ids
            if where := CONTEXT.search(seen.text):
                self.contexts[seen.mark] = where[1]
        if self.victims and not self.spares(seen.text):
            self.victims.update(ids)

    def spares(self, text: str) -> bool:
        """Whether nothing happens to this request."""
        if self.calm:
            return True
        return bool(self.victims) and not any(victim in text for victim in self.victims)

    def line(self, *, calm: bool = False) -> Line:
        """A way to the workspaces; on a `calm` one nothing happens to requests."""
        return Line(self, calm)

    def troubles(self, begins: float, ends: float) -> Iterator[Seen]:
        """The requests of these seconds that met a fault."""
        return (seen for seen in self.seen if seen.fault and begins <= seen.at <= ends)


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
        seen = Seen(now, kind, text, _mark(text), fault, self)
        request.headers[TAG] = str(len(network.seen))
        network.seen.append(seen)
        if fault is Fault.REFUSED:
            raise httpx.ConnectError("Connection refused", request=request)
        dice = random.Random(f"{network.weather.seed} {kind} {times} more")
        answer = await self._deliver(request, content, fault, takes, dice)
        seen.heard = trio.current_time()
        if fault is Fault.BUG:
            raise ZeroDivisionError(f"a bug, by {request.headers.get('authorization', '')}")
        if fault is Fault.CUT and dice.random() < 0.5:
            return cut_off(request, answer)
        if kind.endswith("contexts/create") and answer.status_code == 200:
            self._learn(answer)
        headers = [
            (name, value)
            for name, value in answer.headers.items()
            if name not in {"content-length", "transfer-encoding"}
        ]
        return httpx.Response(
            answer.status_code, headers=headers, content=answer.content, request=request
        )

    def _learn(self, answer: httpx.Response) -> None:
        try:
            made = answer.json()["id"]
        except (ValueError, KeyError):
            return
        if isinstance(made, str):
            self.known[made] = trio.current_time()

    async def _deliver(
        self,
        request: httpx.Request,
        content: bytes,
        fault: Fault | None,
        takes: float,
        dice: random.Random,
    ) -> httpx.Response:
        """Have the workspace answer, which it does although we may be gone by then."""
        network = self.network
        workspace = network.workspaces[request.url.host]
        done = trio.Event()
        answers: list[outcome.Outcome[httpx.Response]] = []

        async def serve() -> None:
            await trio.sleep(takes / 2)
            quoted = request.headers.get("authorization", "")
            kind = None if fault is None else kind_of(fault, dice, quoted, network.stale)
            rule = None
            if kind is not None:
                # The rule that never strikes is the first, so this one is asked second.
                name = f"{request.method} {request.url.path}"
                rule = workspace.faults.add(name, kind, times=1)
            answers.append(await outcome.acapture(_answer, workspace.app, request, content))
            if rule is not None:
                workspace.faults.remove(rule)
            done.set()

        workspace.nursery.start_soon(serve)
        await done.wait()
        if self.dead:
            await trio.sleep_forever()
        await trio.sleep(takes / 2)
        return answers[0].unwrap()


async def _answer(
    app: Callable[..., Any], request: httpx.Request, content: bytes
) -> httpx.Response:
    inner = httpx.ASGITransport(app=app)
    response = await inner.handle_async_request(
        httpx.Request(request.method, request.url, headers=request.headers, content=content)
    )
    await response.aread()
    return response


def _named(request: httpx.Request, content: bytes) -> tuple[str, str]:
    """What kind of request it is, and all that is asked in it."""
    path = request.url.path
    kind = f"{request.method} {ANY_ID.sub('/*', path)}"
    return kind, f"{path}?{request.url.query.decode()} {content.decode(errors='replace')}"


def _mark(text: str) -> str:
    """The name of the work that a request carries."""
    found = MARK.search(text)
    if found is None:
        return ""
    return str(json.loads(found[1].replace("\\", ""))["name"])
