"""What the simulation's tests share: a plain HTTP client on the test's workspace."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from databricks_mcp_toolkit.simulation import Scripted, Workspace


@pytest.fixture
async def api(workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """Logged in, in process."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=workspace.app),
        base_url=workspace.host,
        headers={"Authorization": f"Bearer {workspace.token}"},
    ) as client:
        yield client


class Calls:
    """REST calls that a test expects to go well (`get`, `post`, `delete`), or to be refused."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.api = api

    async def get(self, path: str, **query: Any) -> Any:
        return self._answer(await self.api.get(f"/api/{path}", params=query))

    async def post(self, path: str, **body: Any) -> Any:
        return self._answer(await self.api.post(f"/api/{path}", json=body))

    async def delete(self, path: str, **query: Any) -> Any:
        return self._answer(await self.api.delete(f"/api/{path}", params=query))

    async def refused(self, method: str, path: str, **arguments: Any) -> tuple[int, str, str]:
        """Status, error code and message of a call that is refused."""
        if method in {"GET", "DELETE"}:
            answer = await self.api.request(method, f"/api/{path}", params=arguments)
        else:
            answer = await self.api.request(method, f"/api/{path}", json=arguments)
        assert answer.status_code >= 400, answer.text
        body = answer.json()
        return answer.status_code, body["error_code"], body["message"]

    @staticmethod
    def _answer(answer: httpx.Response) -> Any:
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}


@pytest.fixture
def calls(api: httpx.AsyncClient) -> Calls:
    """For tests that look at bodies, not at HTTP."""
    return Calls(api)


@pytest.fixture
def engine() -> Scripted:
    """The script of the test's workspace."""
    return Scripted()


@pytest.fixture
def workspace_settings(engine: Scripted) -> dict[str, Any]:
    """A workspace that does what `engine` says."""
    return {"engine": engine}
