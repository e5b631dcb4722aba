"""A workspace in a thread of its own: for asyncio programs, threads, and other languages.

with workspace_in_background(pace=Pace.quick()) as server:
    client = WorkspaceClient(host=server.host, token=server.token)
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import trio
from attrs import field, frozen

from .workspace import Workspace

STARTS_WITHIN = 30.0  # seconds for the thread to be serving; a second is usual
T = TypeVar("T")


@frozen
class WorkspaceServer:
    """A workspace that is served from another thread.

    Attributes:
      host: its URL.  token: what to log in with.
      workspace: the workspace itself; touch it only through `call`.
    """

    host: str
    token: str = field(repr=False)
    workspace: Workspace
    _trio_token: trio.lowlevel.TrioToken = field(repr=False)

    def call(self, function: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
        """Runs `function(*args, **keywords)`, sync or async, in the workspace's thread.

        Returns what it returns, and raises what it raises.
        """

        async def there() -> Any:
            answer = function(*args, **keywords)
            return await answer if isinstance(answer, Awaitable) else answer

        return trio.from_thread.run(there, trio_token=self._trio_token)


@contextmanager
def workspace_in_background(**settings: Any) -> Iterator[WorkspaceServer]:
    """Serves a `Workspace(**settings)` from a thread while the block runs.

    Raises:
      Whatever kept the workspace from starting.
    """
    started = threading.Event()
    made: list[WorkspaceServer] = []
    stop: list[Callable[[], None]] = []
    failures: list[BaseException] = []

    async def live() -> None:
        async with Workspace(**settings) as workspace, workspace.serve() as host:
            token = trio.lowlevel.current_trio_token()
            over = trio.Event()
            made.append(WorkspaceServer(host, workspace.token, workspace, token))
            stop.append(lambda: token.run_sync_soon(over.set))
            started.set()
            await over.wait()

    def run() -> None:
        try:
            trio.run(live)
        except BaseException as failure:  # it goes on in the caller's thread
            failures.append(failure)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="simulated workspace", daemon=True)
    thread.start()
    started.wait(STARTS_WITHIN)
    if failures or not made:
        raise failures[0] if failures else TimeoutError("The workspace did not start.")
    try:
        yield made[0]
    finally:
        stop[0]()
        thread.join(STARTS_WITHIN)
    if failures:
        raise failures[0]
