"""Where the journals of bad days lie."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def quick_dir() -> Iterator[Path]:
    """A directory in memory where there is one: what is tested here is not the disk."""
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="bad-day-", dir=where) as directory:
        yield Path(directory)
