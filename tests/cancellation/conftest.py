"""A slow workspace, on a clock that jumps."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from databricks_mcp_toolkit.simulation import Workspace

from .place import in_virtual_time, slow_workspace

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the async tests of this folder in virtual time."""
    for item in items:
        function = getattr(item, "function", None)
        if item.path.parent == HERE and inspect.iscoroutinefunction(function):
            item.add_marker(pytest.mark.trio(run=in_virtual_time), append=False)


@pytest.fixture
async def workspace(autojump_clock: trio.abc.Clock) -> AsyncIterator[Workspace]:
    async with slow_workspace() as running:
        yield running
