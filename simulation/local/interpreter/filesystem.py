"""`dbutils.fs`: files of the workspace's DBFS and volumes, which are folders of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple, NoReturn

from ..places import Places, Unreachable

HEAD = 65_536  # bytes; what Databricks' `head` shows


class ExecutionError(Exception):
    """A file operation failed.  The name is Databricks'."""


class FileInfo(NamedTuple):
    """One entry of a folder.  `modificationTime` is in epoch milliseconds."""

    path: str
    name: str
    size: int
    modificationTime: int  # noqa: N815 (Databricks' name)

    def isDir(self) -> bool:  # noqa: N802
        """Whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:  # noqa: N802
        """Whether it is a file."""
        return not self.isDir()


class MountInfo(NamedTuple):
    """Where storage is to be found.  The names are Databricks'."""

    mountPoint: str  # noqa: N815
    source: str
    encryptionType: str  # noqa: N815


class FileSystem:
    """`dbutils.fs`."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def __repr__(self) -> str:
        return "<dbutils.fs: cp, head, ls, mkdirs, mv, put, rm>"

    def _place(self, path: str) -> Path:
        try:
            return self._places.on_disk(path)
        except Unreachable as unreachable:
            raise ExecutionError(str(unreachable)) from None

    def _there(self, path: str) -> Path:
        place = self._place(path)
        if not place.exists():
            raise ExecutionError(
                f"java.io.FileNotFoundException: {path}: no such file or directory"
            )
        return place

    def ls(self, path: str) -> list[FileInfo]:
        """What is in the folder `path`; a file is listed as itself."""
        place = self._there(path)
        inside = sorted(place.iterdir()) if place.is_dir() else [place]
        return [self._told(each) for each in inside]

    def _told(self, place: Path) -> FileInfo:
        found = place.stat()
        slash = "/" if place.is_dir() else ""
        size = 0 if place.is_dir() else found.st_size
        uri = self._places.uri(place) + slash
        return FileInfo(uri, place.name + slash, size, found.st_mtime_ns // 1_000_000)

    def head(self, file: str, maxBytes: int = HEAD) -> str:  # noqa: N803
        """The beginning of a file, as text."""
        with self._there(file).open("rb") as opened:
            text = opened.read(maxBytes).decode("utf-8", "replace")
            if opened.read(1):
                print(f"[Truncated to first {maxBytes} bytes]")  # noqa: T201
        return text

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Writes a text file."""
        place = self._place(file)
        if place.exists() and not overwrite:
            raise ExecutionError(f"java.nio.file.FileAlreadyExistsException: {file}")
        place.parent.mkdir(parents=True, exist_ok=True)
        written = place.write_text(contents, encoding="utf-8")
        print(f"Wrote {written} bytes.")  # noqa: T201
        return True

    def mkdirs(self, dir: str) -> bool:  # noqa: A002
        """Makes a folder and those above it."""
        self._place(dir).mkdir(parents=True, exist_ok=True)
        return True

    def rm(self, path: str, recurse: bool = False) -> bool:
        """Removes a file, or a folder with everything in it; whether there was something."""
        place = self._place(path)
        if not place.exists():
            return False
        if place.is_file():
            place.unlink()
        elif recurse:
            shutil.rmtree(place)
        elif any(place.iterdir()):
            raise ExecutionError(f"{path} is not empty; pass recurse=True")
        else:
            place.rmdir()
        return True

    def cp(self, source: str, destination: str, recurse: bool = False) -> bool:
        """Copies a file, or with `recurse` a folder."""
        origin, target = self._there(source), self._place(destination)
        if origin.is_dir():
            if not recurse:
                raise ExecutionError(f"{source} is a directory; pass recurse=True")
            shutil.copytree(origin, target, dirs_exist_ok=True)
            return True
        if target.is_dir() or destination.endswith("/"):
            target /= origin.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, target)
        return True

    def mv(self, source: str, destination: str, recurse: bool = False) -> bool:
        """Moves a file, or with `recurse` a folder."""
        self.cp(source, destination, recurse)
        return self.rm(source, recurse)

    def mount(self, *_: object, **__: object) -> NoReturn:
        """Refused."""
        raise ExecutionError("Mounts need cloud storage, which the local engine does not have.")

    unmount = mount

    def mounts(self) -> list[MountInfo]:
        """What is there without mounting anything."""
        return [
            MountInfo("/", "DatabricksRoot", ""),
            MountInfo("/Volumes", "UnityCatalogVolumes", ""),
        ]
