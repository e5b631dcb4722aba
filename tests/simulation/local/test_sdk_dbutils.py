"""`w.dbutils` of databricks-sdk, whose calls really run in a context of the local engine."""

import json
import os

import pytest
from databricks.sdk import WorkspaceClient
from databricks_mcp_toolkit.simulation import Local, Pace
from databricks_mcp_toolkit.simulation.background import workspace_in_background


def test_dbutils_works_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ARM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", os.devnull)
    with workspace_in_background(engine=Local(), pace=Pace.instant()) as server:
        cluster_id = server.workspace.cluster_id
        client = WorkspaceClient(host=server.host, token=server.token, cluster_id=cluster_id)
        client.dbutils.fs.put("dbfs:/tmp/a.txt", "hello", True)
        assert client.dbutils.fs.head("dbfs:/tmp/a.txt") == "hello"
        parameters = {"date": "2026-01-31", "environment": "test"}
        left = client.dbutils.notebook.run("/Shared/ETL/ProcessData", 60, parameters)
        assert json.loads(left)["date"] == "2026-01-31"
    # The context that the SDK opened and left behind does not disturb the end of the workspace.
