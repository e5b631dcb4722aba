"""The processes that a local engine works with: the fork server, the database, and interpreters.

What the engine's interface and its tasks both stand on.  It knows where everything lies and how to
have a process made; what is then run in it is others' business.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

from ..engine import Surroundings, TaskSource
from .interpreters import Answerer, Interpreter, open_interpreter
from .places import Places
from .processes import ProcessGone, Zygote, zygote


@frozen
class Folder:
    """Where a machine keeps things.

    Attributes:
      path: everything is under it.
      places: DBFS, volumes and workspace files, in it.
      kept: whether it stays when the machine ends.
      samples: whether the database is to have its sample tables.
    """

    path: Path
    places: Places
    kept: bool
    samples: bool


class Machine:
    """One workspace's processes, for as long as `machine` holds them.

    Attributes:
      places: where Databricks' paths lie.
      database_trouble: how the database process ended, if it has.
    """

    def __init__(
        self,
        folder: Folder,
        workspace: Surroundings,
        runtime: Path,
        forks: Zygote,
        nursery: trio.Nursery,
    ) -> None:
        self.places = folder.places
        self.database_trouble = ""
        self._folder = folder
        self._workspace = workspace
        self._runtime = runtime
        self._zygote = forks
        self._nursery = nursery
        self._address = str(runtime / "sql")
        self._database_started = trio.Event()

    def __repr__(self) -> str:
        return f"<Machine on {self._zygote!r}>"

    async def run_database(self) -> None:
        """Has the database process made, and waits for its end."""
        listener = socket.socket(socket.AF_UNIX)
        ours, theirs = socket.socketpair()
        try:
            listener.bind(self._address)
            listener.listen(128)
            settings = {
                "folder": str(self._folder.path),
                "kept": self._folder.kept,
                "samples": self._folder.samples,
                "user_name": self._workspace.user_name,
            }
            # Whoever connects from now on is queued until the database is there.
            self._database_started.set()
            child = await self._zygote.fork(
                "database", settings, [listener.fileno(), theirs.fileno()]
            )
            listener.close()
            theirs.close()
            await child.ended.wait()
            self.database_trouble = f"The database process {child.how_it_ended()}."
        except ProcessGone as gone:
            self.database_trouble = str(gone)
        finally:
            self._database_started.set()
            for end in (listener, ours, theirs):
                end.close()

    async def database(self) -> str:
        """The address of the database, which has been started."""
        await self._database_started.wait()
        return self._address

    def notebook(self, path: str) -> TaskSource | None:
        """The notebook at `path` of the workspace, if there is one."""
        return self._workspace.source(path)

    async def interpreter(self, answer: Answerer, settings: Mapping[str, Any]) -> Interpreter:
        """A new interpreter process, for the caller to `end`.

        Raises:
          ProcessGone: the fork server is gone.
        """
        everyone = {
            "database": await self.database(),
            "dbfs": str(self.places.dbfs),
            "volumes": str(self.places.volumes),
            "workspace": str(self.places.workspace),
            "scratch": str(self._runtime),
        }
        return await open_interpreter(
            self._zygote, self._nursery, everyone | dict(settings), answer
        )


@asynccontextmanager
async def machine(
    folder: Folder, workspace: Surroundings, environment: Mapping[str, str]
) -> AsyncIterator[Machine]:
    """The processes for as long as the block runs; afterwards none is left, nor what is not kept.

    Args:
      folder: where state lies.
      workspace: whose notebooks and user name it shows.
      environment: environment variables for the user's code.
    """
    runtime = Path(tempfile.mkdtemp(prefix="databricks-engine-"))
    temporary = [] if folder.kept else [folder.path]
    try:
        async with (
            zygote(runtime, temporary, environment) as forks,
            trio.open_nursery() as nursery,
        ):
            made = Machine(folder, workspace, runtime, forks, nursery)
            nursery.start_soon(made.run_database)
            yield made
            nursery.cancel_scope.cancel()
    finally:
        for gone in (runtime, *temporary):
            shutil.rmtree(gone, ignore_errors=True)
