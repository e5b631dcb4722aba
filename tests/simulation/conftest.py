"""What the simulation's tests share: a plain HTTP client on the test's workspace."""

from collections.abc import AsyncIterator

import httpx
import pytest
from databricks_mcp_toolkit.simulation import Workspace


@pytest.fixture
async def api(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """Logged in, in process."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=workspace.app),
        base_url=workspace.host,
        headers={"Authorization": f"Bearer {workspace.token}"},
    ) as client:
        yield client
