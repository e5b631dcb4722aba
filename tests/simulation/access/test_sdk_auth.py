"""`databricks-sdk` logs in to the simulated workspace in each way that it has."""

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
from databricks_mcp_toolkit.simulation.background import WorkspaceServer


def test_host_and_token_are_enough(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    me = sdk.current_user.me()
    assert me.user_name == served.workspace.user_name
    assert sdk.config.auth_type == "pat"
    assert sdk.config.workspace_id == served.workspace.workspace_id
    assert str(sdk.get_workspace_id()) == served.workspace.workspace_id


def test_oauth_machine_to_machine_finds_its_way_by_discovery(served: WorkspaceServer) -> None:
    sdk = WorkspaceClient(
        host=served.host,
        client_id=served.workspace.client_id,
        client_secret=served.workspace.client_secret,
    )
    assert sdk.current_user.me().user_name == served.workspace.client_id
    assert sdk.config.auth_type == "oauth-m2m"


def test_a_wrong_secret_is_told_apart(served: WorkspaceServer) -> None:
    sdk = WorkspaceClient(host=served.host, client_id="simulated-client", client_secret="wrong")
    with pytest.raises(ValueError, match="invalid_client"):
        sdk.current_user.me()


def test_a_bad_token_is_permission_denied(served: WorkspaceServer) -> None:
    sdk = WorkspaceClient(host=served.host, token="dapi-wrong")
    with pytest.raises(PermissionDenied, match="Invalid access token"):
        sdk.current_user.me()


def test_an_expired_token_is_unauthenticated(served: WorkspaceServer) -> None:
    sdk = WorkspaceClient(
        host=served.host,
        client_id=served.workspace.client_id,
        client_secret=served.workspace.client_secret,
    )
    sdk.current_user.me()
    served.call(served.workspace.auth.expire_tokens)
    with pytest.raises(Unauthenticated):
        sdk.current_user.me()


def test_an_unknown_endpoint_is_not_found(sdk: WorkspaceClient) -> None:
    with pytest.raises(NotFound, match="No API found for 'GET /nope'"):
        sdk.api_client.do("GET", "/api/2.0/nope")
