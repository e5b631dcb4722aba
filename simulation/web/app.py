"""The ASGI application: finds the route, checks the token, renders answers and refusals.

Routing is a dictionary walk of our own.  With 160 endpoints, Starlette's list of patterns, tried in
turn, takes 58 us for one of the last, this walk 0.2 to 2 us; and a workspace is polled hard.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

import trio
from attrs import define, field

from ..access.auth import Auth
from ..faults.kinds import Exchange
from ..faults.rules import Faults
from ..wire import Call, Refusal, Response, Route
from ..world import World
from .requestlog import RequestLog

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

VERSIONS = frozenset({"1.2", "2.0", "2.1", "2.2"})
_API_PATH = re.compile(r"^/api/(?P<version>[^/]+)(?P<rest>/.*)?$")


@define
class _Node:
    """A place in the tree of path segments."""

    children: dict[str, _Node] = field(factory=dict)
    parameter: _Node | None = None
    ends: dict[str, Route] = field(factory=dict)  # by method
    rests: dict[str, Route] = field(factory=dict)  # by method; the route takes all that follows


class Router:
    """Finds routes by walking segment by segment; a literal segment goes before a parameter."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        self._exact: dict[tuple[str, str], Route] = {}
        for route in routes:
            self.add(route)

    def add(self, route: Route) -> None:
        """Adds a route; a later one takes the place of an earlier one of the same template."""
        if "{" not in route.path:
            self._exact[route.method, route.path] = route
        node = self._root
        for segment in route.path.strip("/").split("/"):
            if segment.endswith(":path}"):
                node.rests[route.method] = route
                return
            if segment.startswith("{"):
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        node.ends[route.method] = route

    def find(self, method: str, raw_path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route for a request, and the values of its template's parameters."""
        exact = self._exact.get((method, raw_path))
        if exact is not None:
            return exact, {}
        segments = raw_path.strip("/").split("/")
        route = self._walk(self._root, method, segments, 0)
        return None if route is None else (route, _values(route, segments))

    def _walk(self, node: _Node, method: str, segments: list[str], depth: int) -> Route | None:
        if depth == len(segments):
            return node.ends.get(method) or node.rests.get(method)
        for following in (node.children.get(segments[depth]), node.parameter):
            if following is not None:
                found = self._walk(following, method, segments, depth + 1)
                if found is not None:
                    return found
        return node.rests.get(method)


def _values(route: Route, segments: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for place, name in enumerate(route.path.strip("/").split("/")):
        if name.endswith(":path}"):
            values[name[1:-6]] = "/".join(unquote(segment) for segment in segments[place:])
        elif name.startswith("{"):
            values[name[1:-1]] = unquote(segments[place])
    return values


class App:
    """The workspace as an ASGI 3 application."""

    def __init__(
        self,
        world: World,
        requests: RequestLog,
        auth: Auth,
        faults: Faults,
        routes: Iterable[Route],
    ) -> None:
        self._world = world
        self._requests = requests
        self._auth = auth
        self._faults = faults
        self.router = Router(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request, or follows a server's lifespan."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        world, faults = self._world, self._faults
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        content = await _read(receive) if _has_body(headers) else b""
        method: str = scope["method"]
        self._requests.note(method, scope["path"], query, content, world.now())
        authority = headers.get("host") or world.host.partition("://")[2]
        call = Call(
            method,
            scope["path"],
            headers,
            query_string=query,
            content=content,
            base_url=f"{scope.get('scheme', 'http')}://{authority}",
            request_id=world.new_uuid(),
        )
        fault = faults.strike(method, scope["path"]) if faults.rules else None
        if fault is None:
            response = await self.answer(call, raw_path)
            faults.remember(call, response)
            await respond(send, response, self._common_headers(call))
        else:
            await fault.meet(self._exchange(call, raw_path, scope, receive, send))

    def _exchange(
        self, call: Call, raw_path: str, scope: Scope, receive: Receive, send: Send
    ) -> Exchange:
        async def answer_with(response: Response, *, pieces: int = 1, seconds: float = 0.0) -> None:
            await respond(send, response, self._common_headers(call), pieces, seconds)

        async def drop() -> None:
            close = scope.get("state", {}).get("drop")
            if close is None:
                raise broken_connection(send, call.path)
            await close()

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        return self._faults.exchange(
            call, lambda: self.answer(call, raw_path), answer_with, drop, gone
        )

    def _common_headers(self, call: Call) -> dict[str, str]:
        return {
            "server": "databricks",
            "x-databricks-org-id": self._world.workspace_id,
            "x-request-id": call.request_id,
        }

    async def answer(self, call: Call, raw_path: str) -> Response:
        """What the workspace answers to `call`, with no fault in between."""
        found = self.router.find(call.method, raw_path)
        api = found[0].api if found is not None else "2.x"
        try:
            is_public = found is not None and found[0].public
            user_name = "" if is_public else self._auth.admit(call)
            if found is None:
                return _unknown(call)
            route, values = found
            call = Call(
                call.method,
                call.path,
                call.headers,
                values,
                call.query_string,
                call.content,
                user_name,
                call.base_url,
                call.request_id,
            )
            answer = await route.handler(call)
            self._world.state.flush()  # what is answered is kept
        except Refusal as refusal:
            body = refusal.envelope(api, call.request_id)
            return Response.json(body, refusal.status, refusal.headers)
        except Exception:
            reference = self._world.new_hex(12)
            logger.exception(
                "A bug in the simulation (%s), at %s %s", reference, call.method, call.path
            )
            bug = Refusal(
                500, "INTERNAL_ERROR", f"A bug in the simulation; its log has it as {reference}."
            )
            return Response.json(bug.envelope(api), 500)
        return answer if isinstance(answer, Response) else Response.json(answer)


def broken_connection(send: Send, path: str) -> Exception:
    """What a client meets whose connection breaks.

    An ASGI server closes what was not answered.  An in-process transport passes the exception on as
    it is, so it is the one that its own package (httpx, or another of its kind) has for this.
    """
    package = sys.modules.get(getattr(send, "__module__", "").partition(".")[0])
    kind = getattr(package, "ReadError", ConnectionResetError)
    broken: Exception = kind(f"simulated: the connection of {path} broke")
    return broken


def _unknown(call: Call) -> Response:
    """How Databricks answers a path that it does not have."""
    match = _API_PATH.match(call.path)
    if match is None:
        page = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head><body></body></html>"
        return Response(page, 404, "text/html; charset=utf-8")
    if match["version"] not in VERSIONS:
        return Response.json({"error": f"Bad Target: {call.path}"}, 404)
    message = f"No API found for '{call.method} {match['rest'] or '/'}'"
    return Response.json({"error_code": "ENDPOINT_NOT_FOUND", "message": message}, 404)


def _has_body(headers: Mapping[str, str]) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(chunks)


async def respond(
    send: Send,
    response: Response,
    common: Mapping[str, str],
    pieces: int = 1,
    seconds: float = 0.0,
) -> None:
    """Sends `response`, whole or in so many pieces over so many seconds."""
    headers = {**common, **{name.lower(): value for name, value in response.headers.items()}}
    if response.media_type:
        headers.setdefault("content-type", response.media_type)
    headers.setdefault("content-length", str(len(response.content)))
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()],
        }
    )
    size = max(1, -(-len(response.content) // pieces))
    for start in range(size, len(response.content), size):
        body = response.content[start - size : start]
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await trio.sleep(seconds / pieces)
    last = response.content[(len(response.content) - 1) // size * size :]
    await send({"type": "http.response.body", "body": last})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
