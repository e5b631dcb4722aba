"""Tokens, OAuth machine-to-machine, and who one is."""

import base64

import httpx
from databricks_mcp_toolkit.simulation import Workspace

ME = "/api/2.0/preview/scim/v2/Me"


async def token_for(api: httpx.AsyncClient, client_id: str, secret: str) -> httpx.Response:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return await api.post(
        "/oidc/v1/token",
        headers={"Authorization": f"Basic {basic}"},
        data={"grant_type": "client_credentials", "scope": "all-apis"},
    )


async def test_me_names_the_user_and_the_workspace(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    me = await api.get(ME)
    assert me.json()["userName"] == workspace.user_name
    assert me.headers["X-Databricks-Org-Id"] == workspace.workspace_id


async def test_a_bad_token_is_a_403_with_an_integer_code(api: httpx.AsyncClient) -> None:
    refused = await api.get(ME, headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 403
    assert refused.json() == {"error_code": 403, "message": "Invalid access token."}


async def test_no_token_is_a_401(api: httpx.AsyncClient) -> None:
    del api.headers["Authorization"]
    assert (await api.get(ME)).status_code == 401
    assert (await api.get("/api/2.1/unknown")).status_code == 401


async def test_host_metadata_and_discovery_need_no_token(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    del api.headers["Authorization"]
    metadata = (await api.get("/.well-known/databricks-config")).json()
    assert metadata["oidc_endpoint"] == f"{workspace.host}/oidc"
    discovered = await api.get("/oidc/.well-known/oauth-authorization-server")
    assert discovered.json()["token_endpoint"] == f"{workspace.host}/oidc/v1/token"


async def test_client_credentials_give_a_token_that_expires(
    workspace: Workspace, api: httpx.AsyncClient, autojump_clock: object
) -> None:
    import trio

    granted = await token_for(api, workspace.client_id, workspace.client_secret)
    token, life = granted.json()["access_token"], granted.json()["expires_in"]
    api.headers["Authorization"] = f"Bearer {token}"
    assert (await api.get(ME)).json()["userName"] == workspace.client_id
    await trio.sleep(life - 1)
    assert (await api.get(ME)).status_code == 200
    await trio.sleep(1)
    assert (await api.get(ME)).status_code == 401


async def test_tokens_can_be_made_to_expire_at_once(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    granted = await token_for(api, workspace.client_id, workspace.client_secret)
    workspace.auth.expire_tokens()
    assert (await api.get(ME)).status_code == 200, "the personal token stays good"
    bearer = f"Bearer {granted.json()['access_token']}"
    assert (await api.get(ME, headers={"Authorization": bearer})).status_code == 401


async def test_a_wrong_secret_is_an_invalid_client(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    refused = await token_for(api, workspace.client_id, "wrong")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    garbled = {"Authorization": "Basic !!", "Content-Type": "application/x-www-form-urlencoded"}
    refused = await api.post(
        "/oidc/v1/token", headers=garbled, content="grant_type=client_credentials"
    )
    assert refused.status_code == 401
    refused = await api.post("/oidc/v1/token", data={"grant_type": "password"})
    assert refused.json()["error"] == "unsupported_grant_type"
