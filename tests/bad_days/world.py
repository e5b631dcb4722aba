"""One bad day, from its first server to the evidence that it leaves."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import attrs
import httpx
import trio
from databricks_mcp_toolkit.actors import Limits, Session, open_session
from databricks_mcp_toolkit.actors.journal import Journal, Record
from databricks_mcp_toolkit.clients import Credentials, Databricks, StaticToken
from databricks_mcp_toolkit.simulation import Workspace

from . import sign_in
from .diary import Diary
from .guests import Guest
from .host import HANDSHAKE, PER_REQUEST, hosting
from .library import Program
from .network import TOKEN, Line, Network
from .people import Visitor, notebook_task
from .plan import HOUR, Day, End, Front, Life, Mishap, Person
from .records import Records

NEW_YEAR = 1_767_225_600_000  # ms; every day begins then
ROWS_A_CHUNK = 110  # so that there are results of several chunks
ROUND = 240.0  # seconds between two rounds of whoever starts clusters that went


class HostError(Exception):
    """The error in the block that a life of the server may end in."""


class Login(StaticToken):
    """A login that can be asked for once more."""

    def rejected(self, headers: Mapping[str, str]) -> bool:
        return True


@attrs.define(eq=False)
class Ending:
    """How one life of a server ended.

    Attributes:
      told: the second of the day at which it was told to end.
      took: seconds until it had.
      left: contexts of it that were there afterwards, of those whose ids had arrived.
      journalled: ids in the journal then.
      trouble: whether requests met with faults meanwhile.
      journal_bytes: all that lay in the journal's folder then.
    """

    life: Life
    line: Line
    told: float
    took: float = 0.0
    left: frozenset[str] = frozenset()
    journalled: frozenset[str] = frozenset()
    trouble: bool = False
    journal_bytes: bytes = attrs.field(default=b"", repr=False)


@attrs.define(eq=False)
class Evidence:
    """What a day leaves behind, for the promises to be held against."""

    day: Day
    diary: Diary
    network: Network
    records: Records
    endings: list[Ending]
    others: frozenset[str]
    """Contexts of a stranger and of a live neighbour."""
    others_alive: frozenset[str]
    live: frozenset[str]
    rows: list[Record]
    journal_bytes: bytes = attrs.field(repr=False)
    runs: dict[str, list[int]]
    log: str = attrs.field(repr=False)
    length: float
    state: Path


@attrs.define(eq=False)
class World:
    """The day as it is lived, at home and abroad."""

    day: Day
    places: list[Workspace]
    network: Network
    state: Path
    records: Records
    began: float
    jobs: dict[str, int] = attrs.field(factory=dict)
    endings: list[Ending] = attrs.field(factory=list)
    journals: dict[Line, Journal] = attrs.field(factory=dict)

    @property
    def home(self) -> Workspace:
        return self.places[0]

    def journal(self) -> Journal:
        return Journal.open(self.state, now=self.wall_clock)

    def wall_clock(self) -> float:
        """The time of day, as this day has it."""
        return self.home.now_ms() / 1000

    def live_contexts(self) -> set[str]:
        return {each for place in self.places for each in place.live_contexts()}

    def login(self, place: Workspace) -> Credentials:
        if self.day.token_life:
            return sign_in.login(place)
        return Login(TOKEN) if self.day.refreshes else StaticToken(TOKEN)

    @asynccontextmanager
    async def session(
        self, place: Workspace, line: Line, limits: Limits | None = None
    ) -> AsyncIterator[Session]:
        """A session as the toolkit opens it: on a journal that it closes last."""
        login = StaticToken(TOKEN) if line.calm else self.login(place)
        with self.journal() as journal:
            self.journals[line] = journal
            async with (
                Databricks.connect(place.host, login, transport=line) as databricks,
                open_session(
                    databricks,
                    journal=journal,
                    limits=limits,
                    cluster_id=place.cluster_id,
                    warehouse_id=place.warehouse_id,
                ) as session,
            ):
                yield session
                self.records.shown.append(f"{session!r} {databricks!r} {journal!r} {login!r}")

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
        place = self.places[life.abroad]
        ending = Ending(life, line, trio.current_time() + life.lasts)
        if life.front is Front.LIBRARY:
            await self.live_in_program(life, line, place)
        else:
            await self.live_behind_mcp(life, line, place)
        ending.took = trio.current_time() - ending.told
        known = {each for each, at in line.known.items() if at < ending.told or not line.dead}
        ending.left = frozenset(known & self.live_contexts())
        ending.trouble = any(self.network.troubles(ending.told - 60, trio.current_time()))
        ending.journal_bytes = _bytes_in(self.state)
        with self.journal() as journal:
            ending.journalled = frozenset(str(row.remote_id) for row in journal.records())
        self.endings.append(ending)

    async def live_in_program(self, life: Life, line: Line, place: Workspace) -> None:
        with trio.CancelScope() as everything:
            try:
                async with self.session(place, line) as session, trio.open_nursery() as people:
                    for person in life.people:
                        program = Program(*self.means(person, place), session)
                        people.start_soon(self.attend, program)
                    await trio.sleep(life.lasts)
                    self.note_end(life)
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

    async def live_behind_mcp(self, life: Life, line: Line, place: Workspace) -> None:
        version = HANDSHAKE if life.front is Front.HANDSHAKE else PER_REQUEST
        with trio.CancelScope() as everything:
            async with (
                hosting(
                    partial(self.session, place, line),
                    version=version,
                    wanted=lambda: Journal.waiting(self.state, place.host, now=self.wall_clock),
                    seed=self.day.seed,
                ) as host,
                trio.open_nursery() as people,
            ):
                for person in life.people:
                    guest = Guest(*self.means(person, place), host)
                    people.start_soon(self.attend, guest)
                await trio.sleep(life.lasts)
                self.note_end(life)
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

    def means(self, person: Person, place: Workspace) -> tuple[Records, Person, str, str, int]:
        """What any person needs."""
        return self.records, person, place.cluster_id, place.warehouse_id, self.jobs[place.host]

    def note_end(self, life: Life) -> None:
        for person in life.people:
            self.records.cuts[person.name].append(trio.current_time())

    async def attend(self, visitor: Visitor) -> None:
        person = visitor.person
        await trio.sleep(person.begins)
        if person.vanishes is None:
            await visitor.live()
            return
        with trio.move_on_after(person.vanishes):
            self.records.cuts[person.name].append(trio.current_time() + person.vanishes)
            await visitor.live()

    async def befall(self, spared: frozenset[str]) -> None:
        """The day's mishaps, each at its time."""
        home = self.home
        for at, mishap in self.day.mishaps:
            await trio.sleep_until(self.began + at)
            match mishap:
                case Mishap.RESTART:
                    await self.ask(home, "2.1/clusters/restart", cluster_id=home.cluster_id)
                case Mishap.TERMINATE:
                    await self.ask(home, "2.1/clusters/delete", cluster_id=home.cluster_id)
                case Mishap.DRIVER:
                    home.clusters.find(home.cluster_id).restart_driver()
                case Mishap.EVICTION:
                    for each in home.live_contexts():
                        if each not in spared:
                            home.contexts.lose(each)
                            break
                case Mishap.WAREHOUSE:
                    await self.ask(home, f"2.0/sql/warehouses/{home.warehouse_id}/stop")

    async def go_round(self) -> None:
        """Somebody starts the clusters that were taken away."""
        while True:
            await trio.sleep(ROUND)
            for place in self.places:
                if place.clusters.find(place.cluster_id).state == "TERMINATED":
                    await self.ask(place, "2.1/clusters/start", cluster_id=place.cluster_id)

    async def ask(self, place: Workspace, path: str, **body: object) -> dict:
        """A request of the people who run a workspace."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=place.app),
            base_url=place.host,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        async with client:
            return dict((await client.post(f"/api/{path}", json=body)).json())

    async def prepare(self) -> str:
        """Have a job everywhere, and a context of a stranger's."""
        for place in self.places:
            tasks = [notebook_task(place.cluster_id, {"mark": ""})]
            job = {"name": "the job", "tasks": tasks, "max_concurrent_runs": 1000}
            self.jobs[place.host] = (await self.ask(place, "2.2/jobs/create", **job))["job_id"]
        stranger = {"clusterId": self.home.cluster_id, "language": "python"}
        return str((await self.ask(self.home, "1.2/contexts/create", **stranger))["id"])


async def live(day: Day, state: Path, log: list[str]) -> Evidence:
    """Live a day, with a journal in `state`."""
    diary = Diary()
    async with AsyncExitStack() as stack:
        places = []
        network = Network(day.weather)
        for n, host in enumerate(("home", "abroad")[: 1 + day.abroad]):
            place = Workspace(
                engine=diary,
                token=TOKEN,
                client_id=sign_in.CLIENT_ID,
                client_secret=sign_in.SECRET,
                seed=day.seed + n,
                starts_at=NEW_YEAR,
            )
            place.auth.token_life = day.token_life
            place.world.host = f"http://{host}.databricks.test"
            place.statements.limits = attrs.evolve(place.statements.limits, chunk_rows=ROWS_A_CHUNK)
            places.append(await stack.enter_async_context(place))
            network.join(place)
        if day.token_life:
            stack.enter_context(sign_in.signing_in(network))
        records = Records(where=network.contexts)
        world = World(day, places, network, state, records, trio.current_time())
        records.alive = world.live_contexts
        others = {await world.prepare()}
        async with trio.open_nursery() as nursery:
            nursery.start_soon(world.go_round)
            if day.neighbour:
                others.add(await nursery.start(_live_next_door, world))
            nursery.start_soon(world.befall, frozenset(others))
            for life in day.lives:
                await trio.sleep_until(world.began + life.begins)
                await world.live(life)
            network.calm = True
            await trio.sleep(2 * ROUND)  # the clusters are up by then
            await _start_again(world)
            there = frozenset(world.live_contexts())
            nursery.cancel_scope.cancel()
        await _start_again(world)  # for what the neighbour could not destroy
        await trio.sleep(2 * HOUR)
        return _evidence(world, diary, frozenset(others), there, "\n".join(log))


async def _start_again(world: World) -> None:
    """A last server everywhere, to which nothing happens."""
    for place in world.places:
        async with world.session(place, world.network.line()):
            await trio.sleep(300)


def _evidence(
    world: World, diary: Diary, others: frozenset[str], there: frozenset[str], log: str
) -> Evidence:
    with world.journal() as journal:
        rows = journal.records()
    runs: dict[str, list[int]] = {}
    for place in world.places:
        for run in place.runs:
            runs.setdefault(run.name, []).append(run.run_id)
    runs.pop("the job", None)
    return Evidence(
        world.day,
        diary,
        world.network,
        world.records,
        world.endings,
        others=others,
        others_alive=others & there,
        live=frozenset(world.live_contexts() - others),
        rows=rows,
        journal_bytes=_bytes_in(world.state),
        runs=runs,
        log=log,
        length=trio.current_time() - world.began,
        state=world.state,
    )


def _bytes_in(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


async def _live_next_door(
    world: World, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED
) -> None:
    """Another server of the same machine, on the same journal, which has a good day."""
    line = world.network.line(calm=True)
    async with world.session(world.home, line, Limits(idle_context=48 * HOUR)) as session:
        context = await session.open_context()
        task_status.started(context.id)
        await trio.sleep_forever()
