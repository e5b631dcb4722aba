"""SCIM: who there is, as Databricks' own SDK and bare HTTP ask for it."""

import base64
from typing import Any

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer

SCIM = "/api/2.0/preview/scim/v2"


def test_each_person_and_group_is_read_by_the_id_in_its_list(sdk: WorkspaceClient) -> None:
    me = sdk.current_user.me()
    (user,) = sdk.users.list()
    (principal,) = sdk.service_principals.list()
    groups = list(sdk.groups.list())
    assert me == sdk.users.get(user.id or "") == user
    assert sdk.service_principals.get(principal.id or "") == principal
    assert [sdk.groups.get(group.id or "") for group in groups] == groups
    assert {group.value for group in user.groups or []} == {group.id for group in groups}
    members = {m.display for m in groups[0].members or []}
    assert members == {user.user_name, principal.application_id}


def test_ids_are_the_same_whoever_asks(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    machine = WorkspaceClient(
        host=served.host,
        client_id=served.workspace.client_id,
        client_secret=served.workspace.client_secret,
    )
    (principal,) = sdk.service_principals.list()
    me = machine.current_user.me()
    assert (me.id, me.user_name) == (principal.id, principal.application_id)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("displayName eq admins", ["admins"]),
        ('displayName eq "Admins"', ["admins"]),
        ("displayName ne admins", ["users"]),
        ("displayName co s", ["users", "admins"]),
        ("displayName sw a", ["admins"]),
        ("displayName eq nobody", []),
        ("displayName eq admins or displayName eq users", ["users", "admins"]),
        ("displayName co s and displayName sw u", ["users"]),
        ('members.value eq "0"', []),
    ],
)
def test_filters(asked: str, found: list[str], sdk: WorkspaceClient) -> None:
    assert [group.display_name for group in sdk.groups.list(filter=asked)] == found


def test_emails_are_looked_into(sdk: WorkspaceClient) -> None:
    assert len(list(sdk.users.list(filter='emails.value eq "someone@example.com"'))) == 1


def test_a_filter_that_is_none_and_an_unknown_id_are_refused(sdk: WorkspaceClient) -> None:
    with pytest.raises(BadRequest, match="Given filter operator is not supported"):
        list(sdk.groups.list(filter="nonsense"))
    with pytest.raises(NotFound, match="User with id 1 not found"):
        sdk.users.get("1")


async def test_attributes_are_chosen(api: httpx.AsyncClient) -> None:
    async def first(**query: Any) -> set[str]:
        return set((await api.get(f"{SCIM}/Users", params=query)).json()["Resources"][0])

    assert await first(attributes="userName") == {"schemas", "id", "userName"}
    assert "emails" not in await first(excludedAttributes="emails,groups")


async def test_a_total_is_told_without_the_people(api: httpx.AsyncClient) -> None:
    page = (await api.get(f"{SCIM}/Groups", params={"count": 0})).json()
    assert (page["totalResults"], page.get("Resources")) == (2, None)


async def test_a_token_comes_as_basic_login_too(
    api: httpx.AsyncClient, workspace: Workspace
) -> None:
    async def status(login: str) -> int:
        packed = base64.b64encode(login.encode()).decode()
        headers = {"Authorization": f"Basic {packed}"}
        return (await api.get(f"{SCIM}/Me", headers=headers)).status_code

    assert await status(f"token:{workspace.token}") == 200
    assert await status("token:wrong") == 403
    assert await status(f"someone:{workspace.token}") == 401
