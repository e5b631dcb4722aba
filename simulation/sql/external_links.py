"""Presigned links to results: a path that needs no token, and refuses one that comes along.

Like a cloud's object store: a link is good for 15 minutes, then answers 403 with XML; a request
that carries `Authorization` is refused, since the link itself is the credential.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from attrs import field, frozen

from ..wire import Call, Response, Route
from ..world import World

LINK_LIFE = 15 * 60.0  # seconds
PATH = "/external-results"


@frozen
class Link:
    """A presigned link: what it leads to, and until when (seconds since the workspace started)."""

    url: str = field(repr=False)
    expires: float
    expiration: str
    media_type: str
    content: Callable[[], bytes | None] = field(repr=False)


class ExternalLinks:
    """The links handed out.

    Attributes:
      life: seconds that links made from now on are good.
      headers: what a client must send with the link, as `http_headers` tells it; none by default.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.life = LINK_LIFE
        self.headers: Mapping[str, str] = {}
        self._links: dict[str, Link] = {}

    def __repr__(self) -> str:
        return f"<ExternalLinks, {len(self._links)}>"

    def routes(self) -> list[Route]:
        """Where the links lead."""
        return [Route("GET", f"{PATH}/{{key}}", self.fetch, "raw", public=True)]

    def make(self, base_url: str, media_type: str, content: Callable[[], bytes | None]) -> Link:
        """A new link to `content`, which gives None once there is nothing any more."""
        self._sweep()
        # Not from the workspace's dice: a link is a credential, also in a simulation over HTTP.
        key = secrets.token_urlsafe(24)
        expires = self._world.now() + self.life
        moment = datetime.fromtimestamp(self._world.now_ms() / 1000 + self.life, UTC)
        expiration = moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        url = f"{base_url}{PATH}/{key}?X-Amz-Expires={int(self.life)}"
        link = Link(url, expires, expiration, media_type, content)
        self._links[key] = link
        return link

    async def fetch(self, call: Call) -> Response:
        """What a link leads to, in bytes."""
        link = self._links.get(call.path_params["key"])
        if "authorization" in call.headers:
            return _error(400, "InvalidArgument", "Only one auth mechanism allowed")
        if link is None or link.expires <= self._world.now():
            return _error(403, "AccessDenied", "Request has expired")
        if any(call.headers.get(name.lower()) != value for name, value in self.headers.items()):
            return _error(403, "SignatureDoesNotMatch", "A signed header is missing")
        content = link.content()
        if content is None:
            return _error(404, "NoSuchKey", "The specified key does not exist.")
        return Response(content, media_type=link.media_type)

    def _sweep(self) -> None:
        now = self._world.now()
        # Links expire about in the order in which they were made, so the oldest go first.
        for key in list(self._links)[:100]:
            if self._links[key].expires <= now - self.life:
                del self._links[key]


def _error(status: int, code: str, message: str) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return Response(body.encode(), status, "application/xml")
