"""The pytest plugin, as somebody else's tests use it."""

import os
import subprocess
import sys
from pathlib import Path

THEIRS = """
import pytest
import trio

from databricks_mcp_toolkit.simulation import Scripted


@pytest.fixture
def workspace_settings():
    return {"engine": Scripted().notebook("/nightly", takes=36_000, result="done"), "seed": 7}


@pytest.mark.trio
async def test_a_night(workspace, toolkit, autojump_clock):
    task = {"task_key": "main", "notebook_task": {"notebook_path": "/nightly"}}
    run = await toolkit.submit_run(tasks=[task])
    await run.success()
    assert trio.current_time() > 36_000
    assert (await run.output()).result == "done"
    assert workspace.world.seed == 7


@pytest.mark.trio
async def test_contexts_end_with_the_toolkit(toolkit):
    answer = await toolkit.call_tool("list_clusters", {"params": {}})
    assert answer["clusters"]


def test_over_http(workspace_server):
    import httpx

    headers = {"Authorization": f"Bearer {workspace_server.token}"}
    answer = httpx.get(workspace_server.host + "/api/2.1/clusters/list", headers=headers)
    assert answer.status_code == 200
"""


WITHOUT_EXTRA = """
import sys
sys.modules["hypercorn"] = None

def test_over_http(workspace_server):
    pass
"""


ASYNCIO = """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_in_asyncio(workspace):
    pass
"""


def run_theirs(tmp_path: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "test_theirs.py").write_text(tests)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            *options,
            "test_theirs.py",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_ADDOPTS": ""},  # ours are not theirs
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_its_fixtures_serve_other_peoples_tests(tmp_path: Path) -> None:
    ran = run_theirs(tmp_path, THEIRS)

    assert ran.returncode == 0, ran.stdout
    assert "3 passed" in ran.stdout


def test_a_workspace_over_http_says_which_extra_is_missing(tmp_path: Path) -> None:
    ran = run_theirs(tmp_path, WITHOUT_EXTRA)

    assert "pip install 'databricks-mcp-toolkit[local]'" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_it_costs_nothing_where_it_is_not_used() -> None:
    code = (
        "import sys, databricks_mcp_toolkit.pytest_plugin; "
        "print([name for name in ('trio', 'httpx', 'mcp', 'attrs', 'hypercorn') "
        "if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(eval(ran.stdout)) <= {"attrs"}  # pytest itself may bring attrs along


def test_an_asyncio_test_is_told_which_fixture_it_wants(tmp_path: Path) -> None:
    ran = run_theirs(tmp_path, ASYNCIO, "-p", "no:trio")

    assert "`workspace` is for trio tests: use `workspace_server` here." in ran.stdout
    assert "Traceback" not in ran.stdout
