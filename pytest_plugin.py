"""Fixtures for everybody's tests: `workspace`, `toolkit`, and a workspace over HTTP.

All of it is told in docs/testing.md.  Registered as a pytest entry point; nothing but pytest is
imported until a fixture is used.

    async def test_the_nightly_job(workspace, autojump_clock):      # under pytest-trio
        workspace.engine.notebook("/nightly", takes=36_000, result="done")

    def test_an_asyncio_program(workspace_server):                  # anything that speaks HTTP
        my_program(host=workspace_server.host, token=workspace_server.token)

(pytest-trio gives a test the clock that the test itself asks for, not one that a fixture asks for.)

Settings go through a fixture of your own; its keywords are those of `Workspace`:

    @pytest.fixture
    def workspace_settings():
        return {"seed": 7, "pace": Pace.instant()}
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .simulation import Workspace
    from .simulation.background import WorkspaceServer
    from .toolkit import Toolkit


@pytest.fixture
def workspace_settings() -> dict[str, Any]:
    """Keywords for the `Workspace` of this test.  Override it where yours differ."""
    return {}


@pytest.fixture
async def workspace(workspace_settings: dict[str, Any]) -> AsyncIterator[Workspace]:
    """A simulated workspace with a scripted engine, on this test's clock.  For trio tests."""
    from trio.lowlevel import in_trio_task  # noqa: PLC0415 (costs nothing where it is not used)

    from .simulation import Workspace  # noqa: PLC0415 (likewise)

    if not in_trio_task():
        pytest.fail("`workspace` is for trio tests: use `workspace_server` here.", pytrace=False)
    async with Workspace(**workspace_settings) as running:
        yield running


@pytest.fixture
async def toolkit(workspace: Workspace) -> AsyncIterator[Toolkit]:
    """A `Toolkit` on the test's `workspace`, in process, without configuration.  For trio tests."""
    from .toolkit import Toolkit  # noqa: PLC0415 (likewise)

    async with Toolkit.local(workspace=workspace) as opened:
        yield opened


@pytest.fixture
def workspace_server(workspace_settings: dict[str, Any]) -> Iterator[WorkspaceServer]:
    """A simulated workspace in a thread of its own, over HTTP, in real time.  For any test."""
    if importlib.util.find_spec("hypercorn") is None:
        pytest.fail(
            "workspace_server needs hypercorn: pip install 'databricks-mcp-toolkit[local]'",
            pytrace=False,
        )
    from .simulation.background import workspace_in_background  # noqa: PLC0415 (likewise)

    with workspace_in_background(**workspace_settings) as server:
        yield server
