"""Logins.  Those of databricks-sdk log in to a simulated workspace over real HTTP, in real time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from databricks_mcp_toolkit.clients import Databricks, SdkCredentials, StaticToken
from databricks_mcp_toolkit.clients.auth import HEADERS_AGE
from databricks_mcp_toolkit.errors import DatabricksUnreachable, NotAllowed, NotConfigured
from databricks_mcp_toolkit.simulation.background import WorkspaceServer
from databricks_mcp_toolkit.simulation.faults import (
    CutJson,
    Hang,
    HtmlPage,
    LoseRequest,
    Refuse,
)
from databricks_mcp_toolkit.simulation.faults.kinds import Fault
from trio.testing import MockClock


@pytest.fixture(autouse=True)
def no_other_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the developer is logged in to must not come in here."""
    for name in ("HOST", "TOKEN", "CONFIG_PROFILE", "CLIENT_ID", "CLIENT_SECRET", "AUTH_TYPE"):
        monkeypatch.delenv(f"DATABRICKS_{name}", raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    monkeypatch.setenv("HOME", str(tmp_path))


def machine_login(server: WorkspaceServer, **changes: Any) -> SdkCredentials:
    """OAuth machine-to-machine: the login whose tokens age."""
    workspace = server.workspace
    options = {
        "host": server.host,
        "client_id": workspace.client_id,
        "client_secret": workspace.client_secret,
    }
    return SdkCredentials(**(options | changes))


def requests_of(server: WorkspaceServer, path: str) -> int:
    return sum(1 for each in server.workspace.requests if each.path == path)


# -- a plain token


async def test_a_token_is_a_header_and_needs_no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "databricks.sdk.core", None)
    assert await StaticToken(" dapi-1\n").headers() == {"Authorization": "Bearer dapi-1"}


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "null\x00", "dàpi"])
def test_what_cannot_be_a_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        StaticToken(token)
    assert "DATABRICKS_TOKEN" in caught.value.advice
    assert not token.strip() or token not in str(caught.value)


def test_a_token_is_in_no_repr() -> None:
    assert repr(StaticToken("dapi-secret")) == "<StaticToken ***>"


# -- logins of the SDK


async def test_a_machine_logs_in_and_its_calls_are_answered(
    workspace_server: WorkspaceServer,
) -> None:
    login = machine_login(workspace_server)
    assert repr(login) == "<SdkCredentials, not logged in yet>"
    async with Databricks.connect(None, login) as databricks:
        assert databricks.host == workspace_server.host
        assert [each async for each in databricks.clusters.list()]
    assert repr(login) == f"<SdkCredentials oauth-m2m on {workspace_server.host}>"
    sent = await login.headers()
    assert sent["X-Databricks-Workspace-Id"] == workspace_server.workspace.workspace_id


async def test_many_who_ask_at_once_log_in_once(workspace_server: WorkspaceServer) -> None:
    login = machine_login(workspace_server)
    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(login.headers)
        await trio.testing.wait_all_tasks_blocked()
        assert trio.to_thread.current_default_thread_limiter().borrowed_tokens == 1
    assert requests_of(workspace_server, "/.well-known/databricks-config") == 1
    assert requests_of(workspace_server, "/oidc/v1/token") == 1


async def test_headers_are_kept_until_they_age(
    workspace_server: WorkspaceServer, mock_clock: MockClock
) -> None:
    login = machine_login(workspace_server)
    first = await login.headers()
    mock_clock.jump(HEADERS_AGE - 1)
    assert await login.headers() is first
    mock_clock.jump(2)
    aged = await login.headers()
    assert aged is not first
    # The SDK knows that its token is good for an hour.
    assert aged == first


async def test_a_login_that_databricks_rejects_is_made_anew_and_the_call_repeated(
    workspace_server: WorkspaceServer,
) -> None:
    login = machine_login(workspace_server)
    async with Databricks.connect(None, login) as databricks:
        before = await login.headers()
        expire = workspace_server.workspace.auth.expire_tokens
        await trio.to_thread.run_sync(workspace_server.call, expire)
        await databricks.clusters.page()
        assert (await login.headers())["Authorization"] != before["Authorization"]
    assert requests_of(workspace_server, "/oidc/v1/token") == 2


async def test_only_the_headers_in_use_can_be_rejected(workspace_server: WorkspaceServer) -> None:
    login = machine_login(workspace_server)
    current = await login.headers()
    assert login.rejected({"Authorization": "Bearer of-long-ago"})
    assert await login.headers() is current


async def test_a_wrong_secret_is_not_allowed_and_not_shown(
    workspace_server: WorkspaceServer,
) -> None:
    login = machine_login(workspace_server, client_secret="wrong-s3cret-of-mine")
    with pytest.raises(NotAllowed, match="invalid_client") as caught:
        await login.headers()
    assert "wrong-s3cret" not in str(caught.value) + repr(login)


@pytest.mark.parametrize("fault", [LoseRequest(), Refuse(503), HtmlPage(502), CutJson()], ids=str)
async def test_a_login_without_an_answer_of_use_is_told_as_such_and_no_refusal(
    workspace_server: WorkspaceServer, fault: Fault
) -> None:
    workspace_server.workspace.faults.add("POST /oidc/v1/token", fault)
    login = machine_login(workspace_server)
    with pytest.raises(DatabricksUnreachable, match="Logging in failed") as caught:
        await login.headers()
    assert caught.value.__context__ is None, "what the SDK raised may quote what was sent"


async def test_a_refresh_that_fails_keeps_the_last_login(
    workspace_server: WorkspaceServer, mock_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    login = machine_login(workspace_server)
    first = await login.headers()
    login.patience = 0  # whoever hands out the login does not answer in time
    mock_clock.jump(HEADERS_AGE + 1)
    assert await login.headers() is first
    assert "could not be refreshed" in caplog.text


async def test_logging_in_is_bounded(workspace_server: WorkspaceServer) -> None:
    login = machine_login(workspace_server)
    login.patience = 0
    with pytest.raises(DatabricksUnreachable, match="took longer"):
        await login.headers()


async def test_one_who_is_cancelled_does_not_wait_for_the_login(
    workspace_server: WorkspaceServer,
) -> None:
    workspace_server.workspace.faults.add("POST /oidc/v1/token", Hang(seconds=3))
    began = trio.current_time()
    with trio.move_on_after(0.1):
        await machine_login(workspace_server).headers()
    assert trio.current_time() - began < 2


async def test_one_who_is_cancelled_leaves_the_login_usable(
    workspace_server: WorkspaceServer,
) -> None:
    login = machine_login(workspace_server)
    with trio.CancelScope() as scope:
        scope.cancel()
        await login.headers()
    assert await login.headers()


async def test_no_login_at_all_says_what_to_set() -> None:
    with pytest.raises(NotConfigured) as caught:
        await SdkCredentials(host="http://127.0.0.1:9", retry_timeout_seconds=1).headers()
    assert "DATABRICKS_TOKEN" in caught.value.advice


async def test_a_login_without_the_sdk_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "databricks.sdk.core", None)
    with pytest.raises(NotConfigured, match="databricks-sdk") as caught:
        await SdkCredentials(host="https://x.test").headers()
    assert "databricks-mcp-toolkit[auth]" in caught.value.advice
