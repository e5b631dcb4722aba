"""A workspace in this very process, reached as one over the network is, without the network."""

from __future__ import annotations

import logging
from typing import Any

import httpx

log = logging.getLogger(__name__)


class InProcess(httpx.AsyncBaseTransport):
    """The transport to an ASGI application, for `Databricks.connect`.

    A connection that the application breaks (`ConnectionError`) is a network error, as it is
    behind a real server; whatever else it raises becomes HTTP 500.
    """

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Passes the request on."""
        try:
            return await self._inner.handle_async_request(request)
        except httpx.TransportError:
            raise
        except ConnectionError as problem:
            raise httpx.ReadError(str(problem), request=request) from problem
        except Exception:
            log.exception("%s %s", request.method, request.url.path)
            return httpx.Response(500)
