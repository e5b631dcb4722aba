"""Personal access tokens that are made, listed and revoked; and the switches of a workspace."""

import httpx
import pytest
import trio
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied, ResourceDoesNotExist
from databricks_mcp_toolkit.simulation.background import WorkspaceServer


def test_a_token_opens_the_workspace_until_it_is_revoked(
    served: WorkspaceServer, sdk: WorkspaceClient
) -> None:
    made = sdk.tokens.create(comment="for a test", lifetime_seconds=600)
    assert made.token_info is not None
    assert list(sdk.tokens.list()) == [made.token_info]
    assert made.token_info.comment == "for a test"
    other = WorkspaceClient(host=served.host, token=made.token_value)
    assert other.current_user.me() == sdk.current_user.me()
    sdk.tokens.delete(made.token_info.token_id or "")
    with pytest.raises(PermissionDenied, match="Invalid access token"):
        other.current_user.me()
    assert list(sdk.tokens.list()) == []
    with pytest.raises(ResourceDoesNotExist):
        sdk.tokens.delete(made.token_info.token_id or "")


async def test_an_expired_token_is_refused_like_a_bad_one(
    api: httpx.AsyncClient, autojump_clock: object
) -> None:
    made = await api.post("/api/2.0/token/create", json={"lifetime_seconds": 60})
    header = {"Authorization": f"Bearer {made.json()['token_value']}"}
    await trio.sleep(59)
    assert (await api.get("/api/2.0/token/list", headers=header)).json()["token_infos"]
    await trio.sleep(2)
    refused = await api.get("/api/2.0/token/list", headers=header)
    assert (refused.status_code, refused.json()["error_code"]) == (403, 403)
    assert (await api.get("/api/2.0/token/list")).json() == {"token_infos": []}


def test_a_switch_is_kept_and_null_before(sdk: WorkspaceClient) -> None:
    keys = "enableResultsDownloading,enableIpAccessLists"
    assert set(sdk.workspace_conf.get_status(keys=keys).values()) == {None}
    sdk.workspace_conf.set_status({"enableResultsDownloading": "false"})
    assert sdk.workspace_conf.get_status(keys=keys)["enableResultsDownloading"] == "false"
