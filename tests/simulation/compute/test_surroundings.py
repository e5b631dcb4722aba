"""What clusters may be made with, and of which there is none: as the SDK asks for it."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, ResourceDoesNotExist
from databricks_mcp_toolkit.simulation.background import WorkspaceServer


@pytest.mark.parametrize(
    "listed",
    [
        lambda w: w.cluster_policies.list(),
        lambda w: w.instance_pools.list(),
        lambda w: w.instance_profiles.list(),
        lambda w: w.global_init_scripts.list(),
        lambda w: w.libraries.all_cluster_statuses(),
    ],
)
def test_there_are_none(listed: Callable[[Any], Iterable[Any]], sdk: WorkspaceClient) -> None:
    assert list(listed(sdk)) == []


def test_none_is_found_by_its_id(served: WorkspaceServer, sdk: WorkspaceClient) -> None:
    assert list(sdk.libraries.cluster_status(served.workspace.cluster_id)) == []
    with pytest.raises(ResourceDoesNotExist):
        sdk.cluster_policies.get("0123456789ABCDEF")
    with pytest.raises(ResourceDoesNotExist):
        sdk.instance_pools.get("0101-120000-brick1-pool-ABCD")
    with pytest.raises(InvalidParameterValue, match="does not exist"):
        list(sdk.libraries.cluster_status("0000-000000-nothing1"))
