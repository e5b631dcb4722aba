"""Code by its path, wherever it is kept: as a notebook or a file, in DBFS, in a volume."""

from __future__ import annotations

from attrs import frozen

from ..engine import TaskSource
from ..wire import Refusal
from .dbfs import Dbfs
from .object_tree import ObjectTree
from .volumes import Volumes


@frozen
class Code:
    """Reads code for tasks and engines."""

    objects: ObjectTree
    dbfs: Dbfs
    volumes: Volumes

    def read(self, path: str) -> TaskSource | None:
        """The code at `path`: `dbfs:/...`, `/Volumes/...` or a workspace path; None for nothing."""
        try:
            if path.startswith("dbfs:"):
                return TaskSource(path, self.dbfs.files.read(path.removeprefix("dbfs:")))
            if path.startswith("/Volumes/"):
                return TaskSource(path, self.volumes.read(path))
        except (OSError, Refusal):
            return None
        return self.objects.source(path) if path.startswith("/") else None
