"""SQL sessions: what `USE` and temporary views last for, between the statements of one connection.

Databricks' SQL connectors open one for each connection when they speak to the Statement Execution
API; its public documentation has no word of them.  A statement that names no session has one of its
own.  Configuration given at the opening (`session_confs`) has no effect here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import trio
from attrs import define, evolve, field

from ..compute.warehouses import Warehouses
from ..engine import Engine, StatementSpec, Table
from ..wire import Call, Refusal, Route
from ..world import World

PREFIX = "/api/2.0/sql/sessions"


@define(eq=False)
class Session:
    """One session; its statements run one at a time.  `catalog` and `schema` are where it opens."""

    session_id: str
    catalog: str | None
    schema: str | None
    over: trio.Event = field(factory=trio.Event, repr=False)
    _lock: trio.Lock = field(factory=trio.Lock, repr=False)
    _ready: trio.Event = field(factory=trio.Event, repr=False)
    _runs: Callable[[StatementSpec], Awaitable[Table]] | None = field(default=None, repr=False)

    async def live(self, engine: Engine) -> None:
        """Holds the engine's session until `over`."""
        async with engine.sql_session() as self._runs:
            self._ready.set()
            await self.over.wait()

    async def run(self, spec: StatementSpec) -> Table:
        """Runs a statement; a cancel stops it and keeps the session."""
        async with self._lock:
            await self._ready.wait()
            assert self._runs is not None
            spec = evolve(
                spec, catalog=spec.catalog or self.catalog, schema=spec.schema or self.schema
            )
            self.catalog = self.schema = None  # from now on the session stands where it was led
            return await self._runs(spec)


class Sessions:
    """The open sessions of a workspace, by id."""

    def __init__(self, world: World, engine: Engine, warehouses: Warehouses) -> None:
        self._world = world
        self._engine = engine
        self._warehouses = warehouses
        self._sessions: dict[str, Session] = {}

    def __repr__(self) -> str:
        return f"<Sessions, {len(self._sessions)}>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("POST", PREFIX, self.create, "sql"),
            Route("DELETE", f"{PREFIX}/{{session_id}}", self.delete, "sql"),
        ]

    def known(self, session_id: str) -> Session:
        """The session; refuses an id that is none."""
        session = self._sessions.get(session_id)
        if session is None:
            raise Refusal(404, "NOT_FOUND", f"The session {session_id} was not found.")
        return session

    async def create(self, call: Call) -> dict[str, Any]:
        """`POST sessions`: opens one."""
        self._warehouses.used_by(call)
        session = Session(
            f"01f0{self._world.new_uuid()[4:]}",
            call.text("catalog", "") or None,
            call.text("schema", "") or None,
        )
        self._sessions[session.session_id] = session
        self._world.nursery.start_soon(session.live, self._engine)
        return {"session_id": session.session_id}

    async def delete(self, call: Call) -> dict[str, Any]:
        """`DELETE sessions/{id}`: closes it, with what runs in it."""
        session = self.known(call.path_params["session_id"])
        del self._sessions[session.session_id]
        session.over.set()
        return {}
