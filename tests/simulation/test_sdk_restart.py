"""`databricks-sdk` over the end of a workspace that had a folder, by a kill and by its own end."""

import base64
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, OperationFailed
from databricks.sdk.service.compute import Language as ContextLanguage
from databricks.sdk.service.compute import State
from databricks.sdk.service.jobs import (
    NotebookTask,
    RunLifeCycleState,
    RunResultState,
    SubmitTask,
    TerminationCodeCode,
)
from databricks.sdk.service.workspace import ImportFormat, Language
from databricks_mcp_toolkit.simulation import Workspace

TOKEN = "dapi-of-this-test"
PROGRAM = [sys.executable, "-m", "databricks_mcp_toolkit", "simulate", "--token", TOKEN]


class Simulated:
    """`simulate --data FOLDER` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.facts: dict[str, str] = {}
        assert process.stdout is not None
        while "DATABRICKS_WAREHOUSE_ID" not in self.facts:
            line = process.stdout.readline()
            assert line, "it did not start"
            name, _, value = line.strip().partition("=")
            self.facts[name] = value
        self.sdk = WorkspaceClient(host=self.facts["DATABRICKS_HOST"], token=TOKEN)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(autouse=True)
def no_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """No login but what the test gives."""
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ARM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)


@contextmanager
def simulated(folder: Path) -> Iterator[Simulated]:
    with subprocess.Popen(
        [*PROGRAM, "--data", folder], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Simulated(process)
        finally:
            process.kill()


def put(sdk: WorkspaceClient, path: str, source: str) -> None:
    content = base64.b64encode(source.encode()).decode()
    sdk.workspace.import_(
        path, content=content, format=ImportFormat.SOURCE, language=Language.PYTHON
    )


def test_a_kill_costs_what_was_running_and_nothing_else(tmp_path: Path) -> None:
    with simulated(tmp_path) as first:
        sdk, cluster_id = first.sdk, first.facts["DATABRICKS_CLUSTER_ID"]
        put(sdk, "/Shared/quick", "dbutils.notebook.exit('forty-two')")
        put(sdk, "/Shared/slow", "import time; time.sleep(1000)")

        def task(name: str) -> SubmitTask:
            notebook = NotebookTask(notebook_path=f"/Shared/{name}")
            return SubmitTask("a", existing_cluster_id=cluster_id, notebook_task=notebook)

        ended = sdk.jobs.submit(tasks=[task("quick")], idempotency_token="once").result()
        assert ended.tasks
        output = sdk.jobs.get_run_output(ended.tasks[0].run_id or 0)
        slow = sdk.jobs.submit(tasks=[task("slow")]).response.run_id
        context = sdk.command_execution.create(
            cluster_id=cluster_id, language=ContextLanguage.PYTHON
        ).result()
        while sdk.jobs.get_run(slow).state.life_cycle_state is not RunLifeCycleState.RUNNING:
            pass
        second = subprocess.run(
            [*PROGRAM, "--data", tmp_path], capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert second.stderr.strip() == f"Error: Another workspace is running on {tmp_path}."
        first.kill()

    with simulated(tmp_path) as again:
        sdk = again.sdk
        assert sdk.clusters.get(cluster_id).state is State.RUNNING
        repeated = sdk.jobs.submit(tasks=[task("quick")], idempotency_token="once")
        assert repeated.response.run_id == ended.run_id
        assert sdk.jobs.get_run_output(ended.tasks[0].run_id or 0).notebook_output == (
            output.notebook_output
        )
        with pytest.raises(OperationFailed, match="Driver was restarted during run"):
            sdk.jobs.wait_get_run_job_terminated_or_skipped(slow)
        told = sdk.jobs.get_run(slow)
        assert told.state
        assert told.state.life_cycle_state is RunLifeCycleState.INTERNAL_ERROR
        assert told.state.result_state is RunResultState.FAILED
        assert told.status
        assert told.status.termination_details
        assert told.status.termination_details.code is TerminationCodeCode.DRIVER_ERROR
        with pytest.raises(BadRequest, match=f"Context {context.id} not found"):
            sdk.command_execution.context_status(cluster_id, context.id or "")


SERVE = """
import sys
from pathlib import Path
import trio
from databricks_mcp_toolkit.simulation import Workspace

async def main():
    async with Workspace(data_dir=Path(sys.argv[1]), token=sys.argv[2]) as workspace:
        async with workspace.serve() as host:
            print(host, flush=True)
            await trio.sleep_forever()

trio.run(main)
"""
TASK = {"task_key": "a", "notebook_task": {"notebook_path": "/Shared/welcome"}}


def write_until_killed(folder: Path, answers: int) -> dict[str, int]:
    """Submits runs, four at once, and kills the workspace in the midst; the answers, by token."""
    told: dict[str, int] = {}
    enough = threading.Event()
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, folder, TOKEN], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        host = process.stdout.readline().strip()

        def write(writer: int) -> None:
            with httpx.Client(base_url=host, headers={"Authorization": f"Bearer {TOKEN}"}) as api:
                for n in range(10_000):
                    token = f"{answers}-{writer}-{n}"
                    body = {"tasks": [TASK], "idempotency_token": token}
                    try:
                        answer = api.post("/api/2.2/jobs/runs/submit", json=body)
                    except httpx.TransportError:
                        return
                    told[token] = answer.json()["run_id"]
                    if len(told) >= answers:
                        enough.set()

        writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for writer in writers:
            writer.start()
        enough.wait()
        process.kill()
        for writer in writers:
            writer.join()
    return told


async def test_what_was_answered_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    told: dict[str, int] = {}
    dice = random.Random(0)
    for _ in range(4):
        told |= write_until_killed(tmp_path, dice.randrange(1, 200))
        async with Workspace(data_dir=tmp_path) as workspace:
            known = {token: workspace.runs.run_of_token(token) for token in told}
            assert known == told
            assert len(set(told.values())) == len(told)
