"""One workspace, with everything that can be asked of it."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .auth import Credentials
from .clusters import ClustersClient
from .commands import CommandsClient
from .dbfs import DbfsClient
from .governor import Governor
from .hosts import is_loopback, normal_host
from .jobs import JobsClient
from .scrubbing import Scrubber
from .statements import StatementsClient
from .timeouts import Timeouts
from .warehouses import WarehousesClient
from .workspace import WorkspaceClient

if TYPE_CHECKING:
    import httpx

    from .http import Door


class Databricks:
    """The REST APIs of one workspace.  Made by `connect`.

    Attributes:
      host: its address, as `https://name`.
      governor: the request budget that all calls draw on.
      clusters: Clusters 2.1.
      jobs: Jobs 2.2.
      statements: SQL Statement Execution 2.0.
      warehouses: SQL warehouses 2.0.
      commands: Command Execution 1.2.
      workspace: Workspace 2.0.
      dbfs: DBFS 2.0.
    """

    def __init__(self, door: Door, governor: Governor) -> None:
        self.host = door.host
        self.governor = governor
        self.clusters = ClustersClient(door)
        self.jobs = JobsClient(door)
        self.statements = StatementsClient(door)
        self.warehouses = WarehousesClient(door)
        self.commands = CommandsClient(door)
        self.workspace = WorkspaceClient(door)
        self.dbfs = DbfsClient(door)

    def __repr__(self) -> str:
        return f"<Databricks {self.host}>"

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        host: str | None,
        credentials: Credentials,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts | None = None,
        governor: Governor | None = None,
    ) -> AsyncIterator[Databricks]:
        """Be ready to talk to a workspace.  Nothing is sent to it yet.

        Args:
          host: the workspace's address, with or without `https://`; `None` asks the login for it.
          credentials: who we are.
          transport: carries requests instead of the network, as `httpx.ASGITransport(app=...)`.
          timeouts: how long to wait.
          governor: the request budget.  Without one, Databricks' limits are kept from the start for
            a real workspace; for one on this machine or behind a `transport`, from its first 429.

        Leaving the block closes all connections; calls still under way fail.

        Raises:
          NotConfigured: the address or the login cannot be used.
        """
        # Not before somebody connects: httpx takes a tenth of a second to import.
        from .exchange import Exchange, open_client  # noqa: PLC0415
        from .http import Door  # noqa: PLC0415

        address = normal_host(host or await credentials.host(), plain_http=transport is not None)
        if governor is None:
            here = transport is not None or is_loopback(urlsplit(address).hostname or "")
            governor = Governor(armed=not here)
        timeouts = timeouts or Timeouts()
        client = open_client(
            address, transport=transport, timeouts=timeouts, user_agent=_user_agent()
        )
        async with client:
            scrubber = Scrubber()
            door = Door(
                Exchange(address, client, timeouts, scrubber),
                credentials,
                scrubber=scrubber,
                governor=governor,
                timeouts=timeouts,
            )
            yield cls(door, governor)


def _user_agent() -> str:
    """Who is calling, in the form Databricks asks of partners: `<company>_<product>/<version>`."""
    ours = metadata.version("databricks-mcp-toolkit")
    httpx = metadata.version("httpx")
    return (
        f"open-source_databricks-mcp-toolkit/{ours} "
        f"python/{platform.python_version()} os/{platform.system().lower()} httpx/{httpx}"
    )
