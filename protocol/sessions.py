"""The one session of a server: opened when a tool first needs it, closed when the server ends."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import attrs
import trio
from outcome import Error, Outcome, Value

from ..errors import DatabricksUnreachable, ToolkitError

if TYPE_CHECKING:
    from ..actors import Session

logger = logging.getLogger(__name__)

PATIENCE = 50.0  # seconds for the login; many hosts give up on a call after 60

SOON = 1.0  # seconds after the start; the host wants its list of tools first

OpenSession = Callable[[], "AbstractAsyncContextManager[Session]"]


@attrs.define(eq=False)
class _Opening:
    """One attempt to open a session, which any number of calls may wait for."""

    ended: trio.Event = attrs.field(factory=trio.Event)
    outcome: Outcome[Session] | None = None

    def end(self, how: Outcome[Session]) -> None:
        self.outcome = how
        self.ended.set()


class SharedSession:
    """Opens a session at the first `get` and shares it; a server can answer before its login.

    An attempt that fails is told to every call that waited for it; the next call tries again.  A
    call that is cancelled while it waits does not disturb the attempt.
    """

    def __init__(self, open_session: OpenSession) -> None:
        self._open_session = open_session
        self._nursery: trio.Nursery | None = None
        self._opening: _Opening | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """While the block runs, the session may be opened; after it, it is closed."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                yield
            finally:
                self.close()

    def close(self) -> None:
        """Let the session go, and with it what it owns.  `serving` waits until it is gone."""
        if self._nursery is not None:
            self._nursery.cancel_scope.cancel()

    def open_if(self, wanted: Callable[[], bool]) -> None:
        """Open the session soon, if `wanted` says so then; its errors are logged."""
        assert self._nursery is not None
        self._nursery.start_soon(self._open_if, wanted)

    async def _open_if(self, wanted: Callable[[], bool]) -> None:
        await trio.sleep(SOON)
        try:
            if wanted():
                await self.get()
        except ToolkitError as error:
            logger.warning("no session could be opened at the start: %s", error)
        except Exception:
            logger.exception("no session could be opened at the start")

    async def get(self) -> Session:
        """The session.

        Raises:
          ToolkitError: it cannot be opened, and this is why.
        """
        opening = self._begin()
        with trio.move_on_after(PATIENCE):
            await opening.ended.wait()
        if opening.outcome is None:
            raise DatabricksUnreachable(
                f"The login is not through after {PATIENCE:g} s",
                advice="It goes on in the background: call again in a minute.",
            )
        # Not `unwrap`, which is for one reader.
        if isinstance(opening.outcome, Value):
            session: Session = opening.outcome.value
            return session
        assert isinstance(opening.outcome, Error)
        raise opening.outcome.error

    def _begin(self) -> _Opening:
        if self._opening is None:
            assert self._nursery is not None, "get() outside of serving()"
            self._opening = _Opening()
            self._nursery.start_soon(self._hold, self._opening)
        return self._opening

    async def _hold(self, opening: _Opening) -> None:
        try:
            async with self._open_session() as session:
                opening.end(Value(session))
                await trio.sleep_forever()
        except Exception as error:
            if not opening.ended.is_set():
                opening.end(Error(error))
            else:
                logger.exception("the session ended by itself; the next call opens another")
        finally:
            if self._opening is opening:
                self._opening = None
