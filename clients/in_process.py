"""A workspace in this very process, reached as one over the network is, without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


def in_process(app: Any) -> httpx.AsyncBaseTransport:
    """The transport to an ASGI application, for `Databricks.connect`.

    What the application raises becomes HTTP 500, as it does behind a real server.
    """
    import httpx  # noqa: PLC0415 - a tenth of a second, which only those who connect need to pay

    return httpx.ASGITransport(app=app, raise_app_exceptions=False)
