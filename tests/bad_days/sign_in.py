"""OAuth machine-to-machine on a bad day: databricks-sdk's own login, at the day's own workspaces.

The SDK blocks, and knows real time alone.  Here it is asked in line instead of in a thread, so that
a day can be lived again, and its HTTP library is answered by the workspace at once.  Whoever hands
out tokens has bad days as well, and quotes what was sent to it: the secret, and the token.
"""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

import attrs
import requests
import trio
from databricks_mcp_toolkit.clients import SdkCredentials
from databricks_mcp_toolkit.simulation import Workspace

from .faults import Fault
from .network import LOGIN, Line, Network, Seen

CLIENT_ID = "canary-client"
SECRET = "dose0canary0secret0feedface01234567"
BASIC = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
T = TypeVar("T")

FAULTS = (
    Fault.REFUSED,
    Fault.LOST_ANSWERING,
    Fault.UNAVAILABLE,
    Fault.GATEWAY,
    Fault.PAGE,
    Fault.CUT,
    Fault.SHAPE,
    Fault.EXPIRED,
)


def login(place: Workspace) -> SdkCredentials:
    """A login of a service principal at a workspace."""
    return SdkCredentials(
        host=place.host,
        client_id=CLIENT_ID,
        client_secret=SECRET,
        auth_type="oauth-m2m",
        config_file=os.devnull,
    )


@attrs.define(eq=False)
class Issuer:
    """Whoever hands out tokens, at each workspace of a network, and what became of each request."""

    network: Network
    line: Line
    times: int = 0

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        """What the SDK hears.

        Raises:
          requests.ConnectionError: nothing.
        """
        url = urlsplit(str(request.url))
        fault = self._fault() if url.path.endswith("/token") else None
        if url.path.endswith("/token"):
            seen = Seen(trio.current_time(), LOGIN, "", "", fault, self.line)
            self.network.seen.append(seen)
        if fault is Fault.REFUSED:
            raise requests.ConnectionError(f"Connection refused: {request.url} {_quoted(request)}")
        workspace = self.network.workspaces[url.netloc]
        status, content = at_once(_answered(workspace, request, url.path))
        issued = json.loads(content).get("access_token")
        if issued:
            self.network.tokens.add(issued)
        match fault:
            case Fault.LOST_ANSWERING:
                raise requests.ConnectionError("Connection aborted.", ConnectionResetError(104))
            case Fault.UNAVAILABLE:
                status, content = 503, b"{}"
            case Fault.GATEWAY | Fault.PAGE:
                status = 502 if fault is Fault.GATEWAY else 200
                content = f"<html>{_quoted(request)} {issued}</html>".encode()
            case Fault.CUT:
                content = content[:-2]
            case Fault.SHAPE:
                content = json.dumps([issued]).encode()
            case Fault.EXPIRED:
                said = {"error": "invalid_client", "error_description": _quoted(request)}
                status, content = 401, json.dumps(said).encode()
        kind = "text/html" if content.startswith(b"<") else "application/json"
        return _response(request, status, content, kind)

    def _fault(self) -> Fault | None:
        self.times += 1
        weather = self.network.weather
        if self.network.calm or weather.victim:  # a login is everybody's
            return None
        if any(outage.holds(trio.current_time()) for outage in weather.outages):
            return Fault.REFUSED
        dice = random.Random(f"{weather.seed} login {self.times}")
        return dice.choice(FAULTS) if dice.random() < 2 * weather.chance else None


@contextmanager
def signing_in(network: Network) -> Iterator[None]:
    """Within the block, databricks-sdk logs in at the network's workspaces, in line."""
    issuer = Issuer(network, network.line())
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("DATABRICKS_")
    }

    def send(_adapter: Any, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        return issuer.answer(request)

    async def in_line(does: Callable[..., T], *arguments: Any, **_: Any) -> T:
        await trio.lowlevel.checkpoint()
        return does(*arguments)

    with (
        patch.object(requests.adapters.HTTPAdapter, "send", send),
        patch.object(trio.to_thread, "run_sync", in_line),
        patch.dict(os.environ, environment, clear=True),
    ):
        yield


def at_once(does: Coroutine[Any, Any, T]) -> T:
    """The result of what never waits."""
    try:
        does.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise AssertionError("it waited")


async def _answered(
    workspace: Workspace, request: requests.PreparedRequest, path: str
) -> tuple[int, bytes]:
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    headers = {**request.headers, "host": workspace.host.partition("://")[2]}
    parts: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(part: dict[str, Any]) -> None:
        parts.append(part)

    scope = {
        "type": "http",
        "method": request.method,
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await workspace.app(scope, receive, send)
    return parts[0]["status"], b"".join(part.get("body", b"") for part in parts)


def _quoted(request: requests.PreparedRequest) -> str:
    return f"{request.headers.get('Authorization')} {request.body!r} {SECRET}"


def _response(
    request: requests.PreparedRequest, status: int, content: bytes, kind: str
) -> requests.Response:
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, str(request.url)
    response.headers["Content-Type"] = kind
    response._content = content
    return response
