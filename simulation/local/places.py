"""Where Databricks' paths lie on this machine.

DBFS, volumes and workspace files are three folders.  A path without a scheme is a DBFS path to
Spark and SQL, as it is on a cluster; `file:/...` is this machine's own.
"""

from __future__ import annotations

import posixpath
from pathlib import Path

from attrs import frozen

REMOTE = (
    "s3:",
    "s3a:",
    "s3n:",
    "abfs:",
    "abfss:",
    "wasb:",
    "wasbs:",
    "gs:",
    "adl:",
    "http:",
    "https:",
)


class Unreachable(ValueError):
    """`path` is in somebody's cloud storage, which a local engine cannot see."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is cloud storage, which the local engine cannot reach")
        self.path = path


@frozen
class Places:
    """The three folders.  Each is there when the engine has been made."""

    dbfs: Path
    volumes: Path
    workspace: Path

    @classmethod
    def under(cls, folder: Path) -> Places:
        """The folders in `folder`, made where they are missing."""
        places = cls(folder / "dbfs", folder / "volumes", folder / "workspace")
        for place in (places.dbfs, places.volumes, places.workspace):
            place.mkdir(parents=True, exist_ok=True)
        return places

    def on_disk(self, path: str) -> Path:
        """Where `path`, as Spark, SQL or `dbutils.fs` spell it, lies on this machine.

        Raises:
          Unreachable: it names cloud storage.
        """
        if path.startswith(REMOTE):
            raise Unreachable(path)
        if path.startswith("file:"):
            return Path("/" + path.removeprefix("file:").lstrip("/"))
        clean = _clean(path.removeprefix("dbfs:"))
        for mount, folder in (
            ("/Volumes", self.volumes),
            ("/Workspace", self.workspace),
            ("/dbfs", self.dbfs),
        ):
            if clean == mount or clean.startswith(mount + "/"):
                return folder / clean.removeprefix(mount).lstrip("/")
        return self.dbfs / clean.lstrip("/")

    def mounted(self, path: str) -> Path | None:
        """Where a path of the cluster's own file system lies, if it is under a mount; else None.

        Python's `open` sees `/dbfs/...`, `/Volumes/...` and `/Workspace/...` there, and all else is
        the machine's.
        """
        if _clean(path).split("/")[1] in {"dbfs", "Volumes", "Workspace"}:
            return self.on_disk(path)
        return None

    def uri(self, place: Path) -> str:
        """How `dbutils.fs` spells the file or folder at `place`."""
        if place.is_relative_to(self.volumes):
            return f"dbfs:/Volumes/{place.relative_to(self.volumes)}"
        if place.is_relative_to(self.dbfs):
            return f"dbfs:/{place.relative_to(self.dbfs)}".removesuffix(".")
        return f"file:{place}"


def _clean(path: str) -> str:
    """Absolute, and without `.`, `..` or doubled slashes: nothing climbs out of its folder."""
    return posixpath.normpath("//" + path).replace("//", "/", 1)
