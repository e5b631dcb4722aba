"""A server on stdin and stdout with a simulated workspace in the same process: run by tests.

What is left on the workspace at the end is the last line on stderr, as JSON.  What the workspace
does is in the arguments: `--slow-destroy`, `--deaf`, and so on, see below.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.protocol import serve_stdio
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.faults import Hang, Slow

GRACE = 1.5  # seconds


def chat(_: Any) -> str:
    print("this must not be on the wire")
    return "printed"


@asynccontextmanager
async def session(what: list[str]) -> AsyncIterator[Any]:
    engine = Scripted().command("slow", takes=60).command("chat", does=chat)
    engine.command("big", text="x" * 3_000_000)
    async with Workspace(engine=engine, pace=Pace.instant()) as workspace:
        if "slow-destroy" in what:
            workspace.faults.add("POST *contexts/destroy", Slow(seconds=0.7))
        if "deaf" in what:
            workspace.faults.add("POST *contexts/destroy", Hang())
        try:
            async with Toolkit.local(workspace, grace=GRACE) as toolkit:
                yield toolkit.session
        finally:
            seen = {
                "left": len(workspace.live_contexts()),
                "made": workspace.requests.count("POST *contexts/create"),
                "destroyed": workspace.requests.count("POST *contexts/destroy"),
            }
            print(json.dumps(seen), file=sys.stderr)


if __name__ == "__main__":
    trio.run(partial(serve_stdio, partial(session, sys.argv[1:]), version="1"))
