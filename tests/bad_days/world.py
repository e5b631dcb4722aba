"""One bad day, from its first server to the evidence that it leaves."""

from __future__ import annotations

import logging
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import attrs
import httpx
import trio
import trio.testing
from databricks_mcp_toolkit.actors import Limits, Session, open_session
from databricks_mcp_toolkit.actors.journal import Journal, Record
from databricks_mcp_toolkit.clients import Databricks, StaticToken
from databricks_mcp_toolkit.simulation import Workspace

from .diary import Diary
from .library import Program
from .network import TOKEN, Line, Network
from .plan import HOUR, Day, End, Front, Life, Mishap, Person, plan
from .records import Records

NEW_YEAR = 1_767_225_600_000  # ms; every day begins then


class HostError(Exception):
    """The error in the block that a life of the server may end in."""


@attrs.define(eq=False)
class Ending:
    """How one life of a server ended.

    Attributes:
      told: the second of the day at which it was told to end.
      took: seconds until it had.
      left: contexts of it that were there afterwards, of those whose ids had arrived.
      journalled: ids in the journal then.
      trouble: whether requests met with faults meanwhile.
    """

    life: Life
    line: Line
    told: float
    took: float = 0.0
    left: frozenset[str] = frozenset()
    journalled: frozenset[str] = frozenset()
    trouble: bool = False


@attrs.define(eq=False)
class Evidence:
    """What a day leaves behind, for the promises to be held against."""

    day: Day
    diary: Diary
    network: Network
    records: Records
    endings: list[Ending]
    stranger_alive: bool
    neighbour_alive: bool
    live: frozenset[str]
    rows: list[Record]
    journal_bytes: bytes
    runs: dict[str, list[int]]
    log: str
    length: float


@attrs.define(eq=False)
class World:
    """The day as it is lived."""

    day: Day
    workspace: Workspace
    network: Network
    state: Path
    records: Records
    endings: list[Ending] = attrs.field(factory=list)
    journals: dict[Line, Journal] = attrs.field(factory=dict)

    def journal(self) -> Journal:
        return Journal.open(self.state, now=self.wall_clock)

    def waiting(self) -> bool:
        """Whether a dead server left contexts behind."""
        return Journal.waiting(self.state, self.workspace.host, now=self.wall_clock)

    def wall_clock(self) -> float:
        """The time of day, as this day has it."""
        return self.workspace.now_ms() / 1000

    @asynccontextmanager
    async def session(self, line: Line, limits: Limits | None = None) -> AsyncIterator[Session]:
        """A session as the toolkit opens it: on a journal that it closes last."""
        with self.journal() as journal:
            self.journals[line] = journal
            async with (
                Databricks.connect(
                    self.workspace.host, StaticToken(TOKEN), transport=line
                ) as databricks,
                open_session(
                    databricks,
                    journal=journal,
                    limits=limits,
                    cluster_id=self.workspace.cluster_id,
                    warehouse_id=self.workspace.warehouse_id,
                ) as session,
            ):
                yield session
                self.records.shown.append(f"{session!r} {databricks!r} {journal!r}")

    def kill(self, line: Line) -> None:
        """As `kill -9`: nothing more is sent or written, and the kernel drops the lock."""
        line.dead = True
        if (journal := self.journals.get(line)) is None:
            return
        if journal._owner is not None:
            os.close(journal._owner._descriptor)
        if journal._file is not None:
            journal._file.close()
        journal.directory = journal._owner = journal._file = None

    async def live(self, life: Life) -> None:
        """One life of the server, to its end."""
        line = self.network.line()
        doors = {Front.LIBRARY: self.live_in_program, Front.MCP: self.live_behind_mcp}
        ending = Ending(life, line, trio.current_time() + life.lasts)
        await doors[life.front](life, line)
        ending.took = trio.current_time() - ending.told
        known = {each for each, at in line.known.items() if at < ending.told or not line.dead}
        ending.left = frozenset(known & set(self.workspace.live_contexts()))
        ending.trouble = self.network.trouble_between(ending.told - 60, trio.current_time())
        with self.journal() as journal:
            ending.journalled = frozenset(str(row.remote_id) for row in journal.records())
        self.endings.append(ending)

    async def live_in_program(self, life: Life, line: Line) -> None:
        with trio.CancelScope() as everything:
            try:
                async with self.session(line) as session, trio.open_nursery() as people:
                    for person in life.people:
                        program = Program(session, self.records, person)
                        people.start_soon(self.attend, person, program.live)
                    await trio.sleep(life.lasts)
                    match life.end:
                        case End.KILLED:
                            self.kill(line)
                            everything.cancel()
                        case End.CANCELLED:
                            everything.cancel()
                        case End.FAILED:
                            raise HostError  # noqa: TRY301 - in the very block that it is to end
                        case End.LEFT:
                            people.cancel_scope.cancel()
            except* HostError:
                pass

    async def live_behind_mcp(self, life: Life, line: Line) -> None:
        from .guests import Guest
        from .host import hosting

        with trio.CancelScope() as everything:
            async with (
                hosting(partial(self.session, line), wanted=self.waiting) as host,
                trio.open_nursery() as people,
            ):
                for person in life.people:
                    guest = Guest(
                        host,
                        self.records,
                        person,
                        self.workspace.cluster_id,
                        self.workspace.warehouse_id,
                    )
                    people.start_soon(self.attend, person, guest.live)
                await trio.sleep(life.lasts)
                match life.end:
                    case End.KILLED:
                        self.kill(line)
                        everything.cancel()
                    case End.CANCELLED:  # as by a signal
                        everything.cancel()
                    case End.LEFT | End.FAILED:
                        host.leave()
                        people.cancel_scope.cancel()
        self.records.heard += host.heard

    async def attend(self, person: Person, live) -> None:
        await trio.sleep(person.begins)
        with trio.move_on_after(1e9 if person.vanishes is None else person.vanishes):
            await live()

    async def befall(self, admin: httpx.AsyncClient, spared: set[str]) -> None:
        """The day's mishaps, each at its time."""
        workspace = self.workspace
        for at, mishap in self.day.mishaps:
            await trio.sleep_until(self.began + at)
            match mishap:
                case Mishap.RESTART:
                    body = {"cluster_id": workspace.cluster_id}
                    await admin.post("/api/2.1/clusters/restart", json=body)
                case Mishap.TERMINATE:
                    body = {"cluster_id": workspace.cluster_id}
                    await admin.post("/api/2.1/clusters/delete", json=body)
                    await trio.sleep(240)
                    await admin.post("/api/2.1/clusters/start", json=body)
                case Mishap.EVICTION:
                    for each in workspace.live_contexts():
                        if each not in spared:
                            workspace.contexts.lose(each)
                            break
                case Mishap.WAREHOUSE:
                    await admin.post(f"/api/2.0/sql/warehouses/{workspace.warehouse_id}/stop")

    began: float = 0.0


async def live(day: Day, state: Path, log: list[str]) -> Evidence:
    """Live a day, with a journal in `state`."""
    diary = Diary()
    async with Workspace(engine=diary, token=TOKEN, seed=day.seed, starts_at=NEW_YEAR) as workspace:
        network = Network(workspace.app, workspace.nursery, day.weather)
        world = World(day, workspace, network, state, Records())
        world.began = trio.current_time()
        admin = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=workspace.app),
            base_url=workspace.host,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        body = {"clusterId": workspace.cluster_id, "language": "python"}
        stranger = (await admin.post("/api/1.2/contexts/create", json=body)).json()["id"]
        neighbour = ""
        async with trio.open_nursery() as nursery:
            if day.neighbour:
                neighbour = await nursery.start(_live_next_door, world)
            nursery.start_soon(world.befall, admin, {stranger, neighbour})
            for life in day.lives:
                await trio.sleep_until(world.began + life.begins)
                await world.live(life)
            network.calm = True
            line = network.line()
            async with world.session(line):
                await trio.sleep(300)
            there = frozenset(workspace.live_contexts())
            nursery.cancel_scope.cancel()
        async with world.session(network.line()):  # for what the neighbour could not destroy
            await trio.sleep(300)
        await trio.sleep(2 * HOUR)
        live_contexts = frozenset(workspace.live_contexts()) - {stranger}
        with world.journal() as journal:
            rows = journal.records()
        runs: dict[str, list[int]] = {}
        for run in workspace.runs:
            runs.setdefault(run.name, []).append(run.run_id)
        return Evidence(
            day,
            diary,
            network,
            world.records,
            world.endings,
            stranger_alive=stranger in there,
            neighbour_alive=not day.neighbour or neighbour in there,
            live=live_contexts,
            rows=rows,
            journal_bytes=_bytes_in(state),
            runs=runs,
            log="\n".join(log),
            length=trio.current_time() - world.began,
        )


def _bytes_in(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


async def _live_next_door(
    world: World, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED
) -> None:
    """Another server of the same machine, on the same journal, which has a good day."""
    line = world.network.line(calm=True)
    async with world.session(line, Limits(idle_context=24 * HOUR)) as session:
        context = await session.open_context()
        task_status.started(context.id)
        await trio.sleep_forever()


class _Log(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("databricks_mcp_toolkit.simulation"):
            self._lines.append(self.format(record))


def run(seed: int, state: Path) -> Evidence:
    """Live the day of a seed, the same way each time."""
    log: list[str] = []
    handler = _Log(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    random.seed(seed)
    _make_deterministic(seed)
    try:
        return trio.run(
            live,
            plan(seed),
            state,
            log,
            clock=trio.testing.MockClock(autojump_threshold=0),
        )
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _make_deterministic(seed: int) -> None:
    """Trio runs the tasks that are ready in random order; here, of this seed's."""
    from trio._core import _run

    with suppress(AttributeError):
        _run._ALLOW_DETERMINISTIC_SCHEDULING = True
        _run._r.seed(seed)
