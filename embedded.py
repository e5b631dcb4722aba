"""The embedded workspace: a simulated Databricks in this process, whose work is really done.

Python runs in subprocesses and SQL in DuckDB; a little sample data is in it.  Clusters start in
seconds.  Nothing leaves this machine, and no account is needed; the `local` extra is.
"""

from __future__ import annotations

import importlib.util
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import trio

from .errors import MisusedToolkit

if TYPE_CHECKING:
    from .simulation import Workspace

T = TypeVar("T")

NEEDS = ("duckdb", "hypercorn", "pytz", "rich", "sqlframe", "sqlglot")


def check_installed() -> None:
    """Find out, without importing it, whether what the embedded workspace needs is there.

    Raises:
      MisusedToolkit: the `local` extra is not installed.
    """
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise MisusedToolkit(
            f"The embedded workspace needs {', '.join(missing)}: "
            "pip install 'databricks-mcp-toolkit[local]'"
        )


@asynccontextmanager
async def outliving(resource: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """`resource`, which a cancel reaches only when the block has been left.

    Whoever cleans up at a cancel needs what it cleans up to answer until then.
    """
    left = trio.Event()
    failed: Exception | None = None

    async def live(task_status: trio.TaskStatus[T]) -> None:
        with trio.CancelScope() as scope:
            async with resource as entered:
                await trio.lowlevel.checkpoint_if_cancelled()  # before the block it may end at once
                scope.shield = True
                task_status.started(entered)
                await left.wait()

    async with trio.open_nursery() as nursery:
        try:
            entered: T = await nursery.start(live)
            yield entered
        except Exception as error:
            failed = error  # raised below, where no group is put around it
        finally:
            left.set()
    if failed is not None:
        raise failed


@asynccontextmanager
async def embedded_workspace(
    *, token: str | None = None, folder: Path | None = None, control: bool = False
) -> AsyncIterator[Workspace]:
    """A workspace that lives as long as the block, also while the block ends by a cancel.

    Args:
      token: what clients must send; made up if not given.
      folder: where all is kept for the next time; by default it ends with the block.
      control: whether faults may be asked for over HTTP; see `simulation.faults`.

    Raises:
      MisusedToolkit: the `local` extra is not installed, or the folder is in use, or not readable.
    """
    check_installed()
    from .simulation import Local, Pace, Workspace  # noqa: PLC0415
    from .simulation.state import FolderTrouble  # noqa: PLC0415

    workspace = Workspace(
        engine=Local(folder),
        token=token or f"dapi-{secrets.token_hex(16)}",
        pace=Pace.quick(),
        data_dir=folder,
        control=control,
    )
    try:
        async with outliving(workspace):
            if workspace.is_new:
                workspace.jobs.add(_sample_job(workspace.cluster_id))
            yield workspace
    except FolderTrouble as trouble:
        raise MisusedToolkit(str(trouble)) from None


def _sample_job(cluster_id: str) -> dict[str, Any]:
    """A job over the sample notebook, so that there is one to be found and run."""
    task = {
        "task_key": "process",
        "existing_cluster_id": cluster_id,
        "notebook_task": {"notebook_path": "/Shared/ETL/ProcessData"},
    }
    return {"name": "Process Data", "tasks": [task]}


async def simulate(
    *, port: int, token: str | None, folder: Path | None, control: bool = False
) -> None:
    """Serves an embedded workspace over HTTP until cancelled, and prints how to reach it.

    It listens on the loopback interface only: what callers send runs as the user who started it.
    """
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(
            embedded_workspace(token=token, folder=folder, control=control)
        )
        try:
            host = await stack.enter_async_context(workspace.serve(port))
        except OSError as error:
            raise MisusedToolkit(f"Port {port} cannot be used: {error.strerror}.") from None
        reached_by = {
            "DATABRICKS_HOST": host,
            "DATABRICKS_TOKEN": workspace.token,
            "DATABRICKS_CLUSTER_ID": workspace.cluster_id,
            "DATABRICKS_WAREHOUSE_ID": workspace.warehouse_id,
        }
        for variable, value in reached_by.items():
            click.echo(f"{variable}={value}")
        click.echo("# Or, in place of the token, by OAuth:")
        click.echo(f"# DATABRICKS_CLIENT_ID={workspace.client_id}")
        click.echo(f"# DATABRICKS_CLIENT_SECRET={workspace.client_secret}")
        await trio.sleep_forever()
