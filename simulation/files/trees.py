"""Trees of files behind DBFS and the volumes: in memory, or in a folder of this machine.

Both kinds behave alike and speak in Python's own file errors; the services turn those into
Databricks' words.  Paths are absolute and clean (see `clean_path`).  Nothing here awaits: a file is
read or written in one step, so that no request ever sees half of it.
"""

# ruff: noqa: D102 (what each method promises stands once, in FileTree)

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from attrs import define, field, frozen

UNFINISHED = ".unfinished-"  # how the name of a file begins that is being written


@frozen
class Entry:
    """A file or a folder.

    Attributes:
      path: absolute, within its tree.
      is_dir: whether it is a folder.
      size: bytes; 0 for a folder.
      modified: epoch milliseconds.
    """

    path: str
    is_dir: bool
    size: int
    modified: int

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]


def clean_path(path: str) -> str:
    """`path` without scheme, doubled or trailing slashes.

    Raises:
      ValueError: it is not absolute, or it climbs (`..`).
    """
    path = path.removeprefix("dbfs:")
    if not path.startswith("/"):
        raise ValueError(f"Path must be absolute: {path}")
    segments = [segment for segment in path.split("/") if segment not in {"", "."}]
    if ".." in segments:
        raise ValueError(f"Path must not contain '..': {path}")
    return "/" + "/".join(segments)


def parents(path: str) -> list[str]:
    """The folders above `path`, the root first."""
    segments = path.split("/")[1:-1]
    return ["/"] + ["/" + "/".join(segments[: n + 1]) for n in range(len(segments))]


class FileTree(ABC):
    """Files by path, dated by the workspace's clock."""

    @abstractmethod
    def stat(self, path: str) -> Entry | None:
        """What is at `path`; None for nothing."""

    @abstractmethod
    def entries(self, path: str) -> list[Entry]:
        """What is in the folder `path`, by name.

        Raises:
          FileNotFoundError, NotADirectoryError: no folder there.
        """

    @abstractmethod
    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        """Up to `length` bytes from `offset`.

        Raises:
          FileNotFoundError, IsADirectoryError: no file there.
        """

    @abstractmethod
    def write(self, path: str, content: bytes) -> None:
        """Puts a file there, over one that was there, making the folders above it.

        Raises:
          IsADirectoryError: a folder is there.
          NotADirectoryError: a file is where a folder above it would be.
        """

    @abstractmethod
    def append(self, path: str, content: bytes) -> None:
        """Adds to a file that is there (FileNotFoundError if not)."""

    @abstractmethod
    def mkdirs(self, path: str) -> None:
        """Makes a folder and those above it; one that is there is fine.

        Raises:
          NotADirectoryError: a file is in the way.
        """

    @abstractmethod
    def delete(self, path: str) -> None:
        """Removes a file, or a folder with everything in it.  Nothing there is fine."""

    @abstractmethod
    def move(self, source: str, destination: str) -> None:
        """Moves a file or a whole folder to a path where nothing is yet."""


@define
class _Folder:
    modified: int
    children: dict[str, _Folder | _File] = field(factory=dict)


@define
class _File:
    modified: int
    content: bytearray


class MemoryFiles(FileTree):
    """Files that live as long as the workspace."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._root = _Folder(modified=0)

    def _find(self, path: str) -> _Folder | _File | None:
        node: _Folder | _File = self._root
        for name in path.split("/")[1:]:
            if not name:
                continue
            if not isinstance(node, _Folder) or name not in node.children:
                return None
            node = node.children[name]
        return node

    def _file(self, path: str) -> _File:
        node = self._find(path)
        if node is None:
            raise FileNotFoundError(path)
        if isinstance(node, _Folder):
            raise IsADirectoryError(path)
        return node

    def stat(self, path: str) -> Entry | None:
        node = self._find(path)
        return None if node is None else _entry(path, node)

    def entries(self, path: str) -> list[Entry]:
        node = self._find(path)
        if node is None:
            raise FileNotFoundError(path)
        if isinstance(node, _File):
            raise NotADirectoryError(path)
        stem = path.rstrip("/")
        return [_entry(f"{stem}/{name}", child) for name, child in sorted(node.children.items())]

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        end = None if length is None else offset + length
        return bytes(memoryview(self._file(path).content)[offset:end])

    def write(self, path: str, content: bytes) -> None:
        above, _, name = path.rpartition("/")
        folder = self._make(above or "/")
        if isinstance(folder.children.get(name), _Folder) or not name:
            raise IsADirectoryError(path)
        folder.children[name] = _File(self._now_ms(), bytearray(content))

    def append(self, path: str, content: bytes) -> None:
        file = self._file(path)
        file.content += content
        file.modified = self._now_ms()

    def _make(self, path: str) -> _Folder:
        folder = self._root
        for name in path.split("/")[1:]:
            if not name:
                continue
            child = folder.children.get(name)
            if isinstance(child, _File):
                raise NotADirectoryError(path)
            if child is None:
                child = folder.children[name] = _Folder(self._now_ms())
            folder = child
        return folder

    def mkdirs(self, path: str) -> None:
        self._make(path)

    def delete(self, path: str) -> None:
        above, _, name = path.rpartition("/")
        folder = self._find(above or "/")
        if isinstance(folder, _Folder):
            if name:
                folder.children.pop(name, None)
            else:
                folder.children.clear()

    def move(self, source: str, destination: str) -> None:
        node = self._find(source)
        if node is None:
            raise FileNotFoundError(source)
        if self._find(destination) is not None:
            raise FileExistsError(destination)
        self.delete(source)
        above, _, name = destination.rpartition("/")
        self._make(above or "/").children[name] = node


def _entry(path: str, node: _Folder | _File) -> Entry:
    if isinstance(node, _Folder):
        return Entry(path, is_dir=True, size=0, modified=node.modified)
    return Entry(path, is_dir=False, size=len(node.content), modified=node.modified)


class FolderFiles(FileTree):
    """Files in a folder of this machine, so that a local engine reads and writes the same ones."""

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self._folder = folder
        self._now_ms = now_ms
        folder.mkdir(parents=True, exist_ok=True)

    def on_disk(self, path: str) -> Path:
        """Where the file `path` of this tree lies on this machine."""
        return self._folder / clean_path(path).lstrip("/")

    def stat(self, path: str) -> Entry | None:
        place = self.on_disk(path)
        try:
            found = place.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        modified = found.st_mtime_ns // 1_000_000
        if place.is_dir():
            return Entry(path, is_dir=True, size=0, modified=modified)
        return Entry(path, is_dir=False, size=found.st_size, modified=modified)

    def entries(self, path: str) -> list[Entry]:
        stem = path.rstrip("/")
        names = sorted(
            name for name in os.listdir(self.on_disk(path)) if not name.startswith(UNFINISHED)
        )
        found = [self.stat(f"{stem}/{name}") for name in names]
        return [entry for entry in found if entry is not None]

    def read(self, path: str, offset: int = 0, length: int | None = None) -> bytes:
        with self.on_disk(path).open("rb") as file:
            file.seek(offset)
            return file.read(-1 if length is None else length)

    def write(self, path: str, content: bytes) -> None:
        place = self.on_disk(path)
        if place.is_dir():
            raise IsADirectoryError(path)
        self.mkdirs(clean_path(path).rpartition("/")[0] or "/")
        write_whole(place, content, self._now_ms())

    def append(self, path: str, content: bytes) -> None:
        place = self.on_disk(path)
        if not place.exists():
            raise FileNotFoundError(path)
        with place.open("ab") as file:
            file.write(content)
        _date(place, self._now_ms())

    def mkdirs(self, path: str) -> None:
        try:
            self.on_disk(path).mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(path) from None

    def delete(self, path: str) -> None:
        place = self.on_disk(path)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
            if place == self._folder:
                place.mkdir()
        else:
            place.unlink(missing_ok=True)

    def move(self, source: str, destination: str) -> None:
        target = self.on_disk(destination)
        if not self.on_disk(source).exists():
            raise FileNotFoundError(source)
        if target.exists():
            raise FileExistsError(destination)
        self.mkdirs(clean_path(destination).rpartition("/")[0] or "/")
        self.on_disk(source).rename(target)


def write_whole(place: Path, content: bytes, modified: int) -> None:
    """Puts a file in one step, dated in epoch ms.

    Whoever looks sees the old file or the new one, also when the process is killed in the midst.
    """
    unfinished = place.with_name(f"{UNFINISHED}{os.getpid()}")
    unfinished.write_bytes(content)
    _date(unfinished, modified)
    unfinished.replace(place)


def _date(place: Path, modified: int) -> None:
    os.utime(place, ns=(modified * 1_000_000, modified * 1_000_000))


def tree_in(folder: Path | None, now_ms: Callable[[], int]) -> FileTree:
    """A tree in `folder`, or in memory where there is none."""
    return MemoryFiles(now_ms) if folder is None else FolderFiles(folder, now_ms)
