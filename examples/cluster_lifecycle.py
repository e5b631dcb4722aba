"""A cluster from its creation to its end, by the tools that an MCP host would call.

Runs on the embedded workspace, where a cluster starts in seconds, and needs no account.  With
`Toolkit.open()` instead of `Toolkit.local()` it makes a real cluster, which costs money.
It prints:

    created: PENDING
    started: RUNNING, 2 workers
    a context on it: Running
    terminated, and its context with it: TERMINATED
"""

from __future__ import annotations

from typing import Any

import trio
from databricks_mcp_toolkit import Toolkit

CLUSTER = {
    "cluster_name": "example",
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "i3.xlarge",
    "num_workers": 2,
    "autotermination_minutes": 30,
}
LOOK_AGAIN = 0.5  # seconds; on a real workspace, where a start takes minutes, take more


async def wait_for(toolkit: Toolkit, cluster_id: str, state: str) -> dict[str, Any]:
    while True:
        cluster = await toolkit.call_tool("get_cluster", {"cluster_id": cluster_id})
        if cluster["state"] == state:
            return cluster
        await trio.sleep(LOOK_AGAIN)


async def main() -> None:
    async with Toolkit.local() as toolkit:
        created = await toolkit.call_tool("create_cluster", CLUSTER)
        place = {"cluster_id": created["cluster_id"]}
        cluster = await toolkit.call_tool("get_cluster", place)
        print("created:", cluster["state"])

        with trio.fail_after(60):
            cluster = await wait_for(toolkit, created["cluster_id"], "RUNNING")
        print(f"started: {cluster['state']}, {cluster['num_workers']} workers")

        context = await toolkit.call_tool("create_execution_context", place)
        status = await toolkit.call_tool(
            "get_context_status", {**place, "context_id": context["id"]}
        )
        print("a context on it:", status["status"])

        await toolkit.call_tool("terminate_cluster", place)
        with trio.fail_after(60):
            cluster = await wait_for(toolkit, created["cluster_id"], "TERMINATED")
        print("terminated, and its context with it:", cluster["state"])


if __name__ == "__main__":
    trio.run(main)
