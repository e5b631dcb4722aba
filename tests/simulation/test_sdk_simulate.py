"""`databricks-sdk` on `databricks-mcp-toolkit simulate`, a process of its own, by both its logins.

What each family does in detail stands in the `test_sdk_*` files beside; here each is met as its
users meet it: another process, the engine that really works, and nothing but what it printed.
"""

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import OperationFailed
from databricks.sdk.service import catalog, compute, jobs, sql
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language

from ..programs import PATIENCE, started

HURRY = 20  # the SDK's waiters sleep for whole seconds; here for so many times less
LINK = re.compile(r"^(?:# )?(DATABRICKS_\w+)=(\S+)$")


@pytest.fixture(scope="module")
def printed() -> Iterator[dict[str, str]]:
    """What `simulate` prints; it ends well at Ctrl-C, whatever was left in it."""
    command = [sys.executable, "-m", "databricks_mcp_toolkit", "simulate"]
    with started(command, 5 * PATIENCE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        found: dict[str, str] = {}
        for line in process.stdout:
            if match := LINK.match(line.strip()):
                found[match[1]] = match[2]
            if "DATABRICKS_CLIENT_SECRET" in found:
                break
        yield found
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 128 + signal.SIGINT


@pytest.fixture(params=["pat", "oauth-m2m"])
def w(
    request: pytest.FixtureRequest, printed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> WorkspaceClient:
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ARM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(seconds / HURRY))
    names = ["token"] if request.param == "pat" else ["client_id", "client_secret"]
    login = {name: printed[f"DATABRICKS_{name.upper()}"] for name in names}
    client = WorkspaceClient(
        host=printed["DATABRICKS_HOST"], cluster_id=printed["DATABRICKS_CLUSTER_ID"], **login
    )
    assert client.config.auth_type == request.param
    return client


@pytest.fixture
def cluster_id(printed: dict[str, str]) -> str:
    return printed["DATABRICKS_CLUSTER_ID"]


@pytest.fixture
def warehouse_id(printed: dict[str, str]) -> str:
    return printed["DATABRICKS_WAREHOUSE_ID"]


def put(w: WorkspaceClient, path: str, code: str) -> str:
    """A Python notebook, and its path."""
    content = base64.b64encode(code.encode()).decode()
    w.workspace.import_(
        path, content=content, format=ImportFormat.SOURCE, language=Language.PYTHON, overwrite=True
    )
    return path


def task(cluster_id: str, path: str, **parameters: str) -> jobs.SubmitTask:
    notebook = jobs.NotebookTask(notebook_path=path, base_parameters=parameters)
    return jobs.SubmitTask(task_key="main", existing_cluster_id=cluster_id, notebook_task=notebook)


def test_the_caller_and_the_workspace_are_known(w: WorkspaceClient) -> None:
    me = w.current_user.me()
    assert (
        me.user_name
        == {"pat": "someone@example.com", "oauth-m2m": "simulated-client"}[w.config.auth_type or ""]
    )
    assert str(w.get_workspace_id()) == w.config.workspace_id


def test_a_cluster_is_waited_for(w: WorkspaceClient, cluster_id: str) -> None:
    seen: list[compute.State | None] = []
    before = w.clusters.get(cluster_id).spark_context_id
    waiting = w.clusters.restart(cluster_id)
    with pytest.raises(TimeoutError):
        waiting.result(timeout=timedelta(0))
    after = waiting.result(callback=lambda cluster: seen.append(cluster.state))
    assert after.state is compute.State.RUNNING
    assert after.spark_context_id != before
    assert set(seen) <= {compute.State.RESTARTING}
    newest = [event.type for event in w.clusters.events(cluster_id, page_size=1)][:2]
    assert newest == [compute.EventType.RUNNING, compute.EventType.RESTARTING]


WAITS_FOR_A_WORD = """
import pathlib, time
dbutils.widgets.text("who", "nobody")
while not pathlib.Path("/dbfs/walk/word").exists():
    time.sleep(0.01)
dbutils.notebook.exit(dbutils.widgets.get("who"))
"""


def test_a_submitted_run_calls_back_while_it_goes_on_and_gives_its_result(
    w: WorkspaceClient, cluster_id: str
) -> None:
    seen: list[jobs.RunLifeCycleState | None] = []

    def give_the_word(run: jobs.Run) -> None:
        seen.append(run.state.life_cycle_state if run.state else None)
        w.dbfs.put("/walk/word", overwrite=True, contents="")

    path = put(w, "/Shared/greet", WAITS_FOR_A_WORD)
    wait = w.jobs.submit(tasks=[task(cluster_id, path, who="Ada")])
    run = wait.result(callback=give_the_word)
    assert run.tasks is not None
    output = w.jobs.get_run_output(run.tasks[0].run_id or 0)
    assert output.notebook_output == jobs.NotebookOutput(result="Ada", truncated=False)
    going = {"PENDING", "RUNNING", "TERMINATING"}
    assert {state.value for state in seen if state} <= going
    assert seen
    w.dbfs.delete("/walk", recursive=True)


def test_a_run_that_fails_is_raised_and_tells_why(w: WorkspaceClient, cluster_id: str) -> None:
    path = put(w, "/Shared/boom", "raise ValueError('boom')")
    wait = w.jobs.submit(tasks=[task(cluster_id, path)])
    with pytest.raises(OperationFailed, match="Task main failed with message: Workload failed"):
        wait.result()
    (failed,) = w.jobs.get_run(wait.run_id).tasks or []
    output = w.jobs.get_run_output(failed.run_id or 0)
    assert output.error == "ValueError: boom"
    assert "raise ValueError('boom')" in (output.error_trace or "")


def test_a_statement_is_read_through_to_its_last_link(
    w: WorkspaceClient, warehouse_id: str
) -> None:
    statements = w.statement_execution
    done = statements.execute_statement(
        "SELECT id FROM range(:n)",
        warehouse_id,
        parameters=[sql.StatementParameterListItem(name="n", value="150000", type="INT")],
        disposition=sql.Disposition.EXTERNAL_LINKS,
    )
    assert done.statement_id is not None
    assert done.manifest is not None
    assert (done.manifest.total_chunk_count or 0) > 1
    part, rows = done.result, []
    while part is not None:
        (link,) = part.external_links or []
        with urllib.request.urlopen(str(link.external_link)) as fetched:
            rows += [int(row[0]) for row in json.load(fetched)]
        following = link.next_chunk_index
        part = (
            statements.get_statement_result_chunk_n(done.statement_id, following)
            if following
            else None
        )
    assert rows == list(range(150_000))
    told = urllib.request.Request(  # a link is opened by itself, and by no token beside it
        str(link.external_link), headers={"Authorization": "Bearer mine"}
    )
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(told)


def test_a_warehouse_stops_and_a_statement_starts_it(w: WorkspaceClient, warehouse_id: str) -> None:
    assert w.warehouses.stop(warehouse_id).result().state is sql.State.STOPPED
    sent = w.statement_execution.execute_statement("SELECT 1", warehouse_id, wait_timeout="0s")
    assert w.warehouses.get(warehouse_id).state in {sql.State.STARTING, sql.State.RUNNING}
    assert w.warehouses.wait_get_warehouse_running(warehouse_id).state is sql.State.RUNNING
    for _ in range(600):
        done = w.statement_execution.get_statement(sent.statement_id or "")
        if done.result is not None and done.result.data_array:
            break
        time.sleep(1)
    assert done.result is not None
    assert done.result.data_array == [["1"]]


def test_commands_of_a_context_share_its_state(w: WorkspaceClient, cluster_id: str) -> None:
    context = w.command_execution.create(
        cluster_id=cluster_id, language=compute.Language.PYTHON
    ).result()

    def run(command: str) -> compute.CommandStatusResponse:
        return w.command_execution.execute(
            cluster_id=cluster_id,
            context_id=context.id,
            language=compute.Language.PYTHON,
            command=command,
        ).result()

    run("x = 20 + 22")
    done = run("print(x)")
    assert done.results is not None
    assert done.results.data == "42"
    w.command_execution.destroy(cluster_id, context.id or "")


def test_a_notebook_goes_out_in_each_format_and_back(w: WorkspaceClient) -> None:
    path = put(w, "/Shared/formats", "print(1)")
    source = w.workspace.export(path, format=ExportFormat.SOURCE).content
    for form in ("HTML", "JUPYTER", "DBC", "SOURCE"):
        content = w.workspace.export(path, format=ExportFormat(form)).content
        w.workspace.delete(path)
        language = Language.PYTHON if form == "SOURCE" else None
        w.workspace.import_(path, content=content, format=ImportFormat(form), language=language)
        assert w.workspace.export(path, format=ExportFormat.SOURCE).content == source
    w.workspace.mkdirs("/Shared/deep/er")
    listed = {found.path for found in w.workspace.list("/Shared", recursive=True)}
    assert path in listed
    w.workspace.delete("/Shared/deep", recursive=True)


def test_dbfs_takes_and_gives_more_than_a_block(w: WorkspaceClient) -> None:
    content = os.urandom(2_500_000)
    with w.dbfs.open("/walk/big", write=True, overwrite=True) as writing:
        assert writing.write(content) == len(content)
    with w.dbfs.open("/walk/big", read=True) as reading:
        assert reading.read(10) + reading.read(5) == content[:15]
        assert reading.read() == content[15:]
    w.dbfs.copy("dbfs:/walk", "dbfs:/walked", recursive=True)
    assert [(file.path, file.file_size) for file in w.dbfs.list("/walked")] == [
        ("/walked/big", len(content))
    ]
    w.dbfs.move_("dbfs:/walked/big", "dbfs:/walk/moved")
    assert w.dbfs.exists("/walk/moved")
    for folder in ("/walk", "/walked"):
        w.dbfs.delete(folder, recursive=True)


def test_a_volume_takes_and_gives_files(w: WorkspaceClient) -> None:
    volume = w.volumes.create("main", "default", "walk", catalog.VolumeType.MANAGED)
    path = "/Volumes/main/default/walk/a b/n.txt"
    w.files.upload(path, BytesIO(b"hello"), overwrite=True)
    with w.files.download(path).contents or BytesIO() as contents:
        assert contents.read() == b"hello"
    (folder,) = w.files.list_directory_contents("/Volumes/main/default/walk")
    assert (folder.name, folder.is_directory) == ("a b", True)
    w.files.delete(path)
    w.volumes.delete(volume.full_name or "")


def test_dbutils_has_files_notebooks_and_widgets(w: WorkspaceClient) -> None:
    dbutils: Any = w.dbutils
    dbutils.fs.put("/tmp/walk.txt", "hello", True)
    assert dbutils.fs.head("/tmp/walk.txt") == "hello"
    assert [mount.mountPoint for mount in dbutils.fs.mounts()] == ["/", "/Volumes"]
    exits = 'dbutils.notebook.exit(dbutils.widgets.get("who").upper())'
    assert dbutils.notebook.run(put(w, "/Shared/exits", exits), 60, {"who": "ada"}) == "ADA"
    dbutils.widgets.text("name", "nobody")
    dbutils.widgets.dropdown("size", "S", ["S", "L"])
    assert (dbutils.widgets.get("name"), dbutils.widgets.get("size")) == ("nobody", "S")
    assert dbutils.widgets.getArgument("none", "other") == "other"
    dbutils.widgets.removeAll()
    with pytest.raises(KeyError):
        dbutils.widgets.get("name")


def test_what_there_is_in_the_catalog_is_listed(w: WorkspaceClient) -> None:
    assert {found.name for found in w.catalogs.list()} >= {"main", "production"}
    assert "hr" in {found.name for found in w.schemas.list("production")}
    tables = {found.name: found for found in w.tables.list("production", "hr", max_results=1)}
    columns = w.tables.get(tables["employees"].full_name or "").columns or []
    assert "salary" in {column.name for column in columns}
