"""The simulated workspace that is measured against, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def workspace() -> Iterator[tuple[dict[str, str], str]]:
    """A simulated workspace in another process: the environment that leads to it, and a cluster."""
    command = [sys.executable, str(Path(__file__).with_name("workspace.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        facts = json.loads(process.stdout.readline())
        env = {"DATABRICKS_HOST": facts["host"], "DATABRICKS_TOKEN": facts["token"]}
        yield env, facts["cluster_id"]
        process.stdin.close()
