"""The workspace over real HTTP: hypercorn's trio worker, on the loopback interface only."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState

from ..world import World
from .app import App

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"  # code that callers send runs as the user who started it: never wider
KEEP_ALIVE = 3600.0  # seconds; clients that poll now and then keep their connection
CLOSES_WITHIN = 5.0  # seconds for connections to close; they are cancelled, so at once
LARGEST_HEAD = 64 * 1024  # bytes of a request's line and headers
KEEP_ALIVE_REQUESTS = 10**9  # on one connection; a poller should not be cut off by counting


@asynccontextmanager
async def serving(app: App, world: World, port: int = 0) -> AsyncIterator[str]:
    """Serves a workspace's `app` while the block runs, and yields its host URL.

    Each connection's state holds `drop`, with which a fault breaks the connection: an ASGI server
    has no word for that, which is why connections are handed to hypercorn here and not by it.
    """
    config = Config()
    config.keep_alive_timeout = KEEP_ALIVE
    config.keep_alive_max_requests = KEEP_ALIVE_REQUESTS
    config.h11_max_incomplete_size = LARGEST_HEAD
    config.errorlog = logger
    config.include_server_header = False  # the workspace names itself
    wrapped = ASGIWrapper(app)  # type: ignore[arg-type]
    context = WorkerContext(None)

    async def converse(stream: trio.SocketStream) -> None:
        async def drop() -> None:
            await stream.aclose()

        await TCPServer(wrapped, config, context, ConnectionState({"drop": drop}), stream)  # type: ignore[arg-type]

    listeners = await trio.open_tcp_listeners(port, host=LOOPBACK)
    bound = listeners[0].socket.getsockname()[1]
    scope, over = trio.CancelScope(), trio.Event()

    async def listen() -> None:
        try:
            with scope:
                await trio.serve_listeners(converse, listeners)
        finally:
            over.set()

    before, world.host = world.host, f"http://{LOOPBACK}:{bound}"
    # In the workspace's nursery, so that an error of the caller's block comes out as it is.
    world.nursery.start_soon(listen)
    try:
        yield world.host
    finally:
        world.host = before
        scope.cancel()
        with trio.move_on_after(CLOSES_WITHIN, shield=True):
            await over.wait()
