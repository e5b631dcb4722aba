"""What ten thousand calls leave in a server's memory: `python benchmarks/memory.py`.

A real server process over stdio, on a simulated workspace in a process of its own.  The calls are
of every kind that works on something: clusters, contexts, commands, statements and runs, sound and
unsound ones.  After some thousands to warm up, it must grow by less than half a MiB.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stdio_peer import OURS, Peer
from workspace_process import workspace

WARM_UP, CALLS = 4_000, 10_000  # by then it remembers as many ended contexts as it ever will
LIMIT = 512  # KiB in all


def do_a_round(peer: Peer, cluster_id: str) -> int:
    """Some of everything; answers how many calls it was."""
    here = {"cluster_id": cluster_id}
    peer.call("list_clusters")
    peer.call("get_cluster", **here)
    context = peer.call("create_execution_context", **here)
    here["context_id"] = context["id"]
    command = peer.call("execute_command", command="1 + 1", **here)
    peer.call("get_command_status", command_id=command["id"], **here)
    peer.call("destroy_execution_context", **here)
    peer.call("execute_sql", statement="SELECT 1")
    peer.call("execute_sql", statement="SELECT 1", disposition="EXTERNAL_LINKS")
    task = {
        "task_key": "main",
        "existing_cluster_id": cluster_id,
        "notebook_task": {"notebook_path": "/work"},
    }
    run = peer.call("submit_single_run", run_config={"run_name": "one", "tasks": [task]})
    peer.call("wait_for_run_completion", run_id=run["run_id"])
    peer.call("get_run_output", run_id=run["run_id"])
    peer.call("list_jobs")
    return 12


def resident_kib(pid: int) -> int:
    """The memory of a process that is really there (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1])


def main() -> None:
    with workspace() as (env, cluster_id), Peer(OURS, env) as peer:
        calls, at = 0, [WARM_UP, *range(WARM_UP + CALLS // 5, WARM_UP + CALLS + 1, CALLS // 5)]
        sizes = []
        for until in at:
            while calls < until:
                calls += do_a_round(peer, cluster_id)
            sizes.append(resident_kib(peer.pid))
            print(f"{calls:8,} calls {sizes[-1]:10,} KiB", flush=True)
    more = sizes[-1] - sizes[0]
    print(f"{more:+,} KiB in {CALLS:,} calls, limit {LIMIT:,} KiB")
    sys.exit(more > LIMIT)


if __name__ == "__main__":
    main()
