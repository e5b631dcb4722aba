"""What an actor costs that has nothing to do: its task, its mailbox, and its sleeping poll."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import trio.testing
from databricks_mcp_toolkit.actors.kernel import Actor, open_supervisor
from databricks_mcp_toolkit.actors.watch import Watch

ACTORS = 5000
POLL = 600.0  # seconds; longer than the measurement


@attrs.define(eq=False)
class Idle(Actor[str]):
    """Watches a resource that does not change."""

    name: str
    state: Watch[str] = attrs.field(factory=lambda: Watch("idle"))

    async def live(self) -> None:
        """Polls now and then."""
        while True:
            await trio.sleep(POLL)


def resident_bytes() -> int:
    """The memory of this process that is really there (Linux)."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def measure() -> float:
    """Bytes by which this process grows for each idle actor."""
    async with open_supervisor() as supervisor:
        await _start(supervisor.start, 100)  # whatever is made only once
        before = resident_bytes()
        await _start(supervisor.start, ACTORS)
        return (resident_bytes() - before) / ACTORS


async def _start(start: Any, number: int) -> None:
    for address in [start(Idle(f"idle {n}")) for n in range(number)]:
        await address.begun()
    await trio.testing.wait_all_tasks_blocked()
    gc.collect()


def bytes_per_actor() -> float:
    """As `measure`, in a process that has done nothing else."""
    ran = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    return float(ran.stdout)


if __name__ == "__main__":
    print(trio.run(measure))
