"""Permissions, people, and secrets that are not kept."""

from typing import Any

import pytest
from databricks_mcp_toolkit.simulation import Workspace


def granted(answer: Any) -> dict[str, str]:
    return {
        entry.get("user_name") or entry.get("group_name"): entry["all_permissions"][0][
            "permission_level"
        ]
        for entry in answer["access_control_list"]
    }


async def test_a_list_is_kept_added_to_and_replaced(jobs: Any, notebook: Any, api: Any) -> None:
    job_id = await jobs.create(notebook())
    url = f"/api/2.0/permissions/jobs/{job_id}"

    def entry(name: str, level: str) -> dict[str, Any]:
        return {"access_control_list": [{"user_name": name, "permission_level": level}]}

    owner = {"admins": "CAN_MANAGE", "someone@example.com": "IS_OWNER"}
    first = (await api.get(url)).json()
    assert (first["object_id"], first["object_type"]) == (f"/jobs/{job_id}", "job")
    assert granted(first) == owner
    await api.put(url, json=entry("a", "CAN_VIEW"))
    await api.patch(url, json=entry("b", "CAN_MANAGE"))
    assert granted((await api.get(url)).json()) == owner | {"a": "CAN_VIEW", "b": "CAN_MANAGE"}
    await api.put(url, json=entry("c", "CAN_VIEW"))
    assert granted((await api.get(url)).json()) == owner | {"c": "CAN_VIEW"}
    assert (await api.put(url, json=entry("a", "CAN_RESTART"))).status_code == 400
    wrong = {"access_control_list": [{"permission_level": "CAN_VIEW"}]}
    assert (await api.put(url, json=wrong)).status_code == 400


async def test_the_list_that_comes_with_a_job_is_kept(jobs: Any, calls: Any, notebook: Any) -> None:
    acl = [
        {"user_name": "other@example.com", "permission_level": "IS_OWNER"},
        {"group_name": "users", "permission_level": "CAN_VIEW"},
    ]
    job_id = await jobs.create(notebook(), access_control_list=acl)
    assert granted(await calls.get(f"2.0/permissions/jobs/{job_id}")) == {
        "admins": "CAN_MANAGE",
        "other@example.com": "IS_OWNER",
        "users": "CAN_VIEW",
    }


async def test_a_notebook_has_permissions_by_its_id(calls: Any, workspace: Workspace) -> None:
    object_id = workspace.notebooks.get("/Shared/welcome").object_id
    told = await calls.get(f"2.0/permissions/notebooks/{object_id}")
    assert (told["object_id"], told["object_type"]) == (f"/notebooks/{object_id}", "notebook")
    refused = await calls.refused("GET", f"2.0/permissions/directories/{object_id}")
    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


async def test_levels_are_those_of_the_kind(calls: Any, workspace: Workspace) -> None:
    path = f"2.0/permissions/clusters/{workspace.cluster_id}/permissionLevels"
    levels = (await calls.get(path))["permission_levels"]
    assert [level["permission_level"] for level in levels] == [
        "CAN_ATTACH_TO",
        "CAN_RESTART",
        "CAN_MANAGE",
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("jobs/1", 404),
        ("jobs/x", 404),
        ("clusters/no", 404),
        ("warehouses/no", 404),
        ("notebooks/1", 404),
        ("directories/1", 404),
        ("pets/1", 400),
    ],
)
async def test_only_what_is_there_has_permissions(path: str, status: int, calls: Any) -> None:
    assert (await calls.refused("GET", f"2.0/permissions/{path}"))[0] == status


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("Users", "userName", "someone@example.com"),
        ("Groups", "displayName", "users"),
        ("ServicePrincipals", "applicationId", "simulated-client"),
    ],
)
async def test_people_are_listed_until_a_page_is_empty(
    kind: str, name: str, value: str, calls: Any
) -> None:
    page = await calls.get(f"2.0/preview/scim/v2/{kind}", startIndex=1, count=100)
    assert page["Resources"][0][name] == value
    after = await calls.get(
        f"2.0/preview/scim/v2/{kind}", startIndex=1 + page["itemsPerPage"], count=100
    )
    assert "Resources" not in after


async def test_secrets_are_not_kept_and_that_is_said(calls: Any) -> None:
    assert await calls.get("2.0/secrets/scopes/list") == {}
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Scope s does not exist!")
    assert await calls.refused("GET", "2.0/secrets/get", scope="s", key="k") == missing
    assert await calls.refused("POST", "2.0/secrets/delete", scope="s", key="k") == missing
    for endpoint in ("put", "scopes/create"):
        refusal = await calls.refused("POST", f"2.0/secrets/{endpoint}", scope="s")
        assert refusal[:2] == (400, "FEATURE_DISABLED")
