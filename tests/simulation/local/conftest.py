"""What the local engine's tests share: SQL in this process, and engines where it takes one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.engine import CommandResults, Repl, ReplSpec
from databricks_mcp_toolkit.simulation.local import Local, interpreters
from databricks_mcp_toolkit.simulation.local.database.catalogs import Catalogs
from databricks_mcp_toolkit.simulation.local.database.session import Session
from databricks_mcp_toolkit.simulation.local.database.values import wire
from databricks_mcp_toolkit.simulation.local.places import Places

PATIENCE = 60.0  # seconds; far more than anything here takes, so that a hang is a failure


class Sql:
    """A session, and its results as strings."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(self, statement: str, **parameters: str | None) -> list[list[str | None]]:
        bound = [{"name": name, "value": value} for name, value in parameters.items()]
        outcome = self.session.run(statement, bound)
        tellers = [wire(kind) for kind in outcome.kinds]
        return [
            [tell(value) for tell, value in zip(tellers, row, strict=True)]
            for row in outcome.rows()
        ]

    def columns(self, statement: str) -> dict[str, str]:
        outcome = self.session.run(statement)
        return {name: kind.text for name, kind in zip(outcome.names, outcome.kinds, strict=True)}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.under(tmp_path)


@pytest.fixture(scope="session")
def shared_catalogs() -> Iterator[Catalogs]:
    catalogs = Catalogs()
    yield catalogs
    catalogs.close()


@pytest.fixture
def sql(shared_catalogs: Catalogs, places: Places) -> Iterator[Sql]:
    """A session in an empty schema."""
    session = Session(shared_catalogs, places, "someone@example.com")
    session.run("DROP CATALOG IF EXISTS shop CASCADE")
    session.run("CREATE CATALOG shop")
    session.run("USE CATALOG shop")
    yield Sql(session)
    session.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is killed because this machine had no time for it to hear an interrupt."""
    pauses = (*interpreters.INTERRUPT_PAUSES[:-1], PATIENCE)
    monkeypatch.setattr(interpreters, "INTERRUPT_PAUSES", pauses)
    monkeypatch.setattr(interpreters, "STOPPING_GRACE", PATIENCE)


@pytest.fixture
async def local_workspace() -> AsyncIterator[Workspace]:
    """A workspace on a running engine, with its samples."""
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=Local(), pace=Pace.instant()) as workspace:
            yield workspace


@pytest.fixture
def local(local_workspace: Workspace) -> Local:
    """The engine itself."""
    assert isinstance(local_workspace.engine, Local)
    return local_workspace.engine


class Python:
    """A Python context, and what its commands leave."""

    def __init__(self, repl: Repl) -> None:
        self.repl = repl

    async def run(self, code: str) -> CommandResults:
        return await self.repl.execute(code)

    async def text(self, code: str) -> str:
        results = await self.run(code)
        assert results.result_type == "text", results
        assert isinstance(results.data, str)
        return results.data

    async def table(self, code: str) -> list[list[Any]]:
        results = await self.run(code)
        assert results.result_type == "table", results
        assert isinstance(results.data, list)
        return results.data


async def open_python(engine: Local) -> Python:
    return Python(await engine.open_repl(ReplSpec("cluster", "context", "python", 1)))


@pytest.fixture
async def python(local: Local) -> Python:
    return await open_python(local)
