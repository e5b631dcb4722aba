"""A simulated workspace in a process of its own, whose command `sleep` takes half a second.

Prints its host, token and cluster id as one line of JSON, and serves until its stdin closes.
"""

from __future__ import annotations

import json
import sys

import trio
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace

HALF_A_SECOND = 0.5


async def main() -> None:
    engine = Scripted().command("sleep", takes=HALF_A_SECOND, text="done")
    async with (
        Workspace(engine=engine, pace=Pace.instant()) as workspace,
        workspace.serve() as host,
    ):
        facts = {"host": host, "token": workspace.token, "cluster_id": workspace.cluster_id}
        print(json.dumps(facts), flush=True)
        await trio.to_thread.run_sync(sys.stdin.read)


if __name__ == "__main__":
    trio.run(main)
