"""The engine that really runs things: Python in processes of their own, SQL on DuckDB.

    engine (trio)  --  zygote, which forks:
                         an interpreter for each Python context and each task,
                         the database: one DuckDB for all of them

Code that a caller sends runs on this machine, as the user who started the engine, without a
sandbox.  The processes get neither the engine's tokens nor the rest of its environment, and end
with the engine, also when it is killed.

Real work takes real time, so this engine is not for virtual clocks: use `Scripted` there.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
import tempfile
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from ..engine import (
    Column,
    Engine,
    Repl,
    ReplSpec,
    SqlFailure,
    StatementSpec,
    Surroundings,
    Table,
    TaskResult,
    TaskSpec,
)
from . import sample, tasks
from .client import Answer, Line, LineLost, StatementFailed, line, open_line
from .machine import Folder, Machine, machine
from .places import Places
from .processes import ProcessGone
from .repls import PythonRepl, RefusingRepl, SqlRepl

LOCK = ".lock"


class FolderInUse(Exception):
    """Another engine keeps its state in the same folder, now."""


class Local(Engine):
    """Runs the code and the SQL of a simulated workspace on this machine.

    Args:
      folder: where tables, DBFS, volumes and workspace objects are kept, for the next start to
        find; None keeps them in a temporary folder that goes with the engine.
      environment: environment variables for the user's code, which sees little of the engine's own.
      samples: whether a new workspace has sample tables, files and notebooks.

    Attributes:
      folder: where everything is.
      dbfs_folder, volumes_folder, workspace_folder: parts of it, as plain files.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        samples: bool = True,
    ) -> None:
        if sys.platform == "win32":
            raise OSError("The local engine needs fork, and so Linux or macOS (or WSL).")
        kept = folder is not None
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="databricks-local-"))
            self._cleanup = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.folder = folder.resolve()
        places = Places.under(self.folder)
        self.dbfs_folder = places.dbfs
        self.volumes_folder = places.volumes
        self.workspace_folder = places.workspace
        self._environment = dict(environment or {})
        self._state = Folder(self.folder, places, kept, samples and sample.wanted(self.folder))
        if self._state.samples:
            sample.install_files(self.dbfs_folder, self.workspace_folder)
        self._running: Machine | None = None

    def __repr__(self) -> str:
        state = "running" if self._running is not None else "not running"
        return f"<Local {self.folder if self._state.kept else 'in memory'}, {state}>"

    @asynccontextmanager
    async def running(self, workspace: Surroundings) -> AsyncIterator[None]:
        """Holds the processes.

        Raises:
          RuntimeError: trio's clock is a virtual one that jumps.
          FolderInUse: another engine has the folder.
        """
        _refuse_jumping_clock()
        try:
            with self._locked():
                async with machine(self._state, workspace, self._environment) as self._running:
                    yield
        finally:
            self._running = None

    def _locked(self) -> Any:
        file = (self.folder / LOCK).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise FolderInUse(f"Another local engine is running on {self.folder}.") from None
        return file

    @property
    def _machine(self) -> Machine:
        if self._running is None:
            raise ProcessGone("The local engine is not running.")
        return self._running

    # ---- the engine's interface

    async def open_repl(self, spec: ReplSpec) -> Repl:
        """Forks an interpreter, or opens a session of the database."""
        match spec.language:
            case "python":
                here = self._machine
                return PythonRepl(await here.interpreter(lambda call: tasks.answer(here, call), {}))
            case "sql":
                return SqlRepl(await open_line(await self._machine.database()))
            case other:
                return RefusingRepl(other)

    async def run_statement(self, spec: StatementSpec) -> Table:
        """Runs a statement in a session of its own."""
        async with self.sql_session() as run:
            return await run(spec)

    @asynccontextmanager
    async def sql_session(self) -> AsyncIterator[Callable[[StatementSpec], Awaitable[Table]]]:
        """Holds a session of the database, with what is set in it; it begins with its first use."""
        here = self._machine
        held: Line | None = None

        async def run(spec: StatementSpec) -> Table:
            nonlocal held
            try:
                if held is None:
                    held = await open_line(await here.database())
                return _table(await held.ask(_request(spec)))
            except StatementFailed as failed:
                raise SqlFailure(str(failed), "BAD_REQUEST", failed.sql_state) from None
            except LineLost as lost:
                held = None
                raise SqlFailure(f"{lost} {here.database_trouble}", "INTERNAL_ERROR") from None

        try:
            yield run
        finally:
            if held is not None:
                await held.close()

    async def run_task(self, spec: TaskSpec) -> TaskResult:
        """Runs a task in a process of its own."""
        return await tasks.run(self._machine, spec)

    # ---- what Unity Catalog lists

    async def _listed(self) -> list[dict[str, Any]]:
        try:
            async with line(await self._machine.database()) as session:
                return list((await session.ask({"do": "list"})).told)
        except LineLost:
            return []

    async def catalogs(self) -> list[str]:
        """The catalogs, by name."""
        return [each["name"] for each in await self._listed()]

    async def schemas(self) -> list[tuple[str, str]]:
        """Catalog and name of every schema."""
        return [
            (each["name"], schema) for each in await self._listed() for schema in each["schemas"]
        ]

    async def tables(self) -> list[dict[str, Any]]:
        """Every table and view, with its columns, in Unity Catalog's words."""
        return [table for each in await self._listed() for table in each["tables"]]


def _request(spec: StatementSpec) -> dict[str, Any]:
    return {
        "do": "statement",
        "statement": spec.statement,
        "catalog": spec.catalog,
        "schema": spec.schema,
        "parameters": [
            {"name": each.name, "value": each.value, "type": each.type} for each in spec.parameters
        ],
        # One more than asked for, so that the workspace sees that there is more.
        "limit": None if spec.row_limit is None else spec.row_limit + 1,
        "as": "wire",
    }


def _table(answer: Answer) -> Table:
    columns = [
        Column(
            each["name"],
            each["type_text"],
            each["type_name"],
            each["precision"],
            each["scale"],
        )
        for each in answer.columns
    ]
    return Table(tuple(columns), answer.rows)


def _refuse_jumping_clock() -> None:
    clock = trio.lowlevel.current_clock()
    if getattr(clock, "autojump_threshold", float("inf")) != float("inf"):
        raise RuntimeError(
            "The local engine does real work, which takes real time: it cannot run under a clock "
            "that jumps. Use the Scripted engine there."
        )
