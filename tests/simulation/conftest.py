"""What the simulation's tests share: a plain HTTP client on the test's workspace."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import trio
from databricks.sdk import WorkspaceClient
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer, workspace_in_background


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

    async def get(self, path: str, /, **query: Any) -> Any:
        return self._answer(await self.api.get(f"/api/{path}", params=query))

    async def post(self, path: str, /, **body: Any) -> Any:
        return self._answer(await self.api.post(f"/api/{path}", json=body))

    async def delete(self, path: str, /, **query: Any) -> Any:
        return self._answer(await self.api.delete(f"/api/{path}", params=query))

    async def refused(self, method: str, path: str, /, **arguments: Any) -> tuple[int, str, str]:
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


class JobCalls(Calls):
    """Jobs 2.2 as a test drives it."""

    async def submit(self, *tasks: dict[str, Any], **settings: Any) -> int:
        """Starts a one-time run of `tasks`; its id."""
        answer = await self.post("2.2/jobs/runs/submit", tasks=list(tasks), **settings)
        return int(answer["run_id"])

    async def create(self, *tasks: dict[str, Any], **settings: Any) -> int:
        """Saves a job; its id."""
        answer = await self.post("2.2/jobs/create", tasks=list(tasks), **settings)
        return int(answer["job_id"])

    async def run_now(self, job_id: int, **body: Any) -> int:
        """Starts a run of a job; its id."""
        return int((await self.post("2.2/jobs/run-now", job_id=job_id, **body))["run_id"])

    async def run(self, run_id: int, **query: Any) -> Any:
        return await self.get("2.2/jobs/runs/get", run_id=run_id, **query)

    async def task(self, run_id: int, key: str) -> Any:
        """The last attempt of a task."""
        tasks = (await self.run(run_id))["tasks"]
        return [task for task in tasks if task["task_key"] == key][-1]

    async def output(self, run_id: int, key: str = "main") -> Any:
        task = await self.task(run_id, key)
        return await self.get("2.2/jobs/runs/get-output", run_id=task["run_id"])

    async def states(self, run_id: int) -> dict[str, str]:
        """The state of the run (under "") and of its tasks: its result, or its life cycle state."""
        run = await self.run(run_id)
        told = {task["task_key"]: task["state"] for task in run["tasks"]} | {"": run["state"]}
        return {
            key: str(state.get("result_state", state["life_cycle_state"]))
            for key, state in told.items()
        }

    async def ended(self, run_id: int) -> Any:
        """The run, when it has ended; time passes meanwhile."""
        for _ in range(30 * 24 * 3600):
            run = await self.run(run_id)
            if run["end_time"]:
                return run
            await trio.sleep(1)
        raise AssertionError(f"Run {run_id} is still alive after a month.")


@pytest.fixture
def jobs(api: httpx.AsyncClient) -> JobCalls:
    """Jobs and runs, driven over HTTP."""
    return JobCalls(api)


def notebook(key: str = "main", *upstream: str, path: str = "", **settings: Any) -> dict[str, Any]:
    """A serverless notebook task, whose notebook is called like its key."""
    return {
        "task_key": key,
        "notebook_task": {"notebook_path": path or f"/{key}"},
        "depends_on": [{"task_key": other} for other in upstream],
        **settings,
    }


@pytest.fixture(name="notebook")
def notebook_fixture() -> Any:
    """The function that makes notebook tasks."""
    return notebook


@pytest.fixture
def served(engine: Scripted, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceServer]:
    """A workspace over HTTP, where everything is quick; no login but what the test gives."""
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ARM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)
    with workspace_in_background(engine=engine, pace=Pace.instant()) as server:
        yield server


@pytest.fixture
def sdk(served: WorkspaceServer) -> WorkspaceClient:
    """Databricks' own SDK, which nobody here wrote, as its users make it."""
    return WorkspaceClient(host=served.host, token=served.token)
