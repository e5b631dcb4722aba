"""Programs that tests start: each is gone when its test is, and keeps no test waiting for ever."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

PATIENCE = 120.0  # seconds; far more than anything here takes, so that a hang is a failure


@contextmanager
def started(
    command: Sequence[str], patience: float = PATIENCE, **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """A program, which is killed if it still runs at the end of the block, or after `patience` (s).

    `Popen` as a context manager would wait for it, and so would whoever reads what it says.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **(pipes | options)) as program:
        watchdog = threading.Timer(patience, program.kill)
        watchdog.start()
        try:
            yield program
        finally:
            watchdog.cancel()
            program.kill()  # of one that has ended there is nothing to kill
