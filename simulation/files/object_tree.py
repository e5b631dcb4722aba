"""The tree of workspace objects: notebooks, files and folders, by path.

A notebook is kept as its SOURCE text, a file as its bytes.  `/Workspace/x` and `/x` are the same.

With a folder of this machine the tree writes itself there as it changes, and reads itself from
there at first use: a notebook as its source with the language's extension, as Git folders have it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from attrs import define, evolve

from ..engine import TaskSource
from ..wire import Refusal
from ..world import World
from . import notebook_formats as formats
from .notebook_formats import Notebook
from .trees import UNFINISHED, clean_path, parents, write_whole


@define
class WorkspaceObject:
    """A notebook, a file or a folder.

    `content` is a notebook's SOURCE or a file's bytes; `language` is a notebook's.  Times are epoch
    milliseconds.
    """

    path: str
    object_type: str
    object_id: int
    created_at: int
    modified_at: int
    language: str | None = None
    content: bytes = b""

    def __repr__(self) -> str:
        return f"<WorkspaceObject {self.path}, {self.object_type}, {len(self.content)} bytes>"

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    def notebook(self) -> Notebook:
        """A notebook's cells."""
        assert self.language is not None
        return formats.from_source(self.content, self.language)

    def wire(self) -> dict[str, Any]:
        """The ObjectInfo."""
        told: dict[str, Any] = {
            "object_type": self.object_type,
            "path": self.path,
            "object_id": self.object_id,
            "resource_id": str(self.object_id),
        }
        if self.object_type == "NOTEBOOK":
            told["language"] = self.language
        if self.object_type != "DIRECTORY":
            told["created_at"] = self.created_at
            told["modified_at"] = self.modified_at
        if self.object_type == "FILE":
            told["size"] = len(self.content)
        return told


class ObjectTree:
    """Workspace objects by path; kept in `folder` where there is one."""

    def __init__(self, world: World, folder: Path | None = None) -> None:
        self._world = world
        self._objects: dict[str, WorkspaceObject] = {}
        self._children: dict[str, set[str]] = {}
        self._kept: dict[str, list[int]] = {}  # id and time of making of those read back
        self._folder = folder
        self._is_read = folder is None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self._objects)} objects>"

    def _read(self) -> None:
        """Reads the folder, once: not when made, since there may be no clock yet."""
        folder = self._folder
        if self._is_read or folder is None:
            return
        self._is_read = True
        folder.mkdir(parents=True, exist_ok=True)
        self._kept = {path: kept for path, *kept in self._world.state.things("object")}
        for left in folder.rglob(f"{UNFINISHED}*"):
            left.unlink()
        for place in sorted(folder.rglob("*")):
            path = f"/{place.relative_to(folder).as_posix()}"
            if place.is_dir():
                self.mkdirs(path)
                continue
            content, modified = place.read_bytes(), place.stat().st_mtime_ns // 1_000_000
            language = formats.language_of(path, content)
            if language is None:
                restored = self.put_file(path, content)
            else:
                restored = self.put(path.rpartition(".")[0], content, language)
            restored.modified_at = modified
            if restored.path not in self._kept:
                restored.created_at = modified

    def find(self, path: str) -> WorkspaceObject | None:
        """The object at `path`; None for nothing."""
        self._read()
        return self._objects.get(object_path(path))

    def by_id(self, object_id: str) -> WorkspaceObject | None:
        """The object with this id; None for nothing."""
        self._read()
        found = (each for each in self._objects.values() if str(each.object_id) == object_id)
        return next(found, None)

    def source(self, path: str) -> TaskSource | None:
        """The code at `path`, as a task needs it: a notebook, or a file by its extension."""
        found = self.find(path)
        if found is None or found.object_type == "DIRECTORY":
            return None
        if found.object_type == "NOTEBOOK":
            return TaskSource(found.path, found.content, found.language or "PYTHON")
        extension = f".{found.name.rpartition('.')[2].lower()}"
        if extension == ".ipynb":
            return TaskSource(found.path, found.content, format="JUPYTER")
        return TaskSource(found.path, found.content, formats.LANGUAGES.get(extension, "PYTHON"))

    def put(self, path: str, content: bytes | str, language: str = "PYTHON") -> WorkspaceObject:
        """Puts a notebook, given as SOURCE; folders above it are made, an old one goes."""
        encoded = content.encode() if isinstance(content, str) else content
        source = formats.to_source(formats.from_source(encoded, language))
        return self.put_as(path, "NOTEBOOK", source, language)

    def put_file(self, path: str, content: bytes) -> WorkspaceObject:
        """Puts a plain file; folders above it are made, an old one goes."""
        return self.put_as(path, "FILE", content)

    def mkdirs(self, path: str) -> None:
        """Makes a folder and those above it.

        Raises:
          Refusal: a notebook or a file is in the way.
        """
        self._read()
        for folder in [*parents(object_path(path)), object_path(path)]:
            found = self._objects.get(folder)
            if found is None:
                self._keep(self._add(self._new(folder, "DIRECTORY")))
            elif found.object_type != "DIRECTORY":
                raise Refusal.exists(f"Path ({folder}) already exists.")

    def children(self, path: str) -> list[WorkspaceObject]:
        """What is directly in the folder `path`, by path."""
        return [self._objects[child] for child in sorted(self._children.get(object_path(path), ()))]

    def below(self, path: str) -> list[WorkspaceObject]:
        """Everything below the folder `path`, at any depth."""
        found: list[WorkspaceObject] = []
        for child in self.children(path):
            found.append(child)
            if child.object_type == "DIRECTORY":
                found.extend(self.below(child.path))
        return found

    def remove(self, path: str) -> None:
        """Removes what is at `path` and everything below it."""
        path = object_path(path)
        for child in list(self._children.get(path, ())):
            self.remove(child)
        self._children.pop(path, None)
        removed = self._objects.pop(path, None)
        if removed is not None:
            self._drop(removed)
        self._children.get(above(path), set()).discard(path)

    def _new(self, path: str, object_type: str) -> WorkspaceObject:
        now = self._world.now_ms()
        if path in self._kept:
            object_id, created_at = self._kept[path]
        else:
            object_id, created_at = self._world.new_number("object"), now
        return WorkspaceObject(path, object_type, object_id, created_at, now)

    def _add(self, new: WorkspaceObject) -> WorkspaceObject:
        self._objects[new.path] = new
        if new.path != "/":
            self._children.setdefault(above(new.path), set()).add(new.path)
        return new

    def put_as(
        self, path: str, object_type: str, content: bytes, language: str | None = None
    ) -> WorkspaceObject:
        """Puts an object of either type, a notebook's content being its SOURCE.

        Raises:
          Refusal: an object of another type is there.
        """
        path = object_path(path)
        self.mkdirs(above(path))
        found = self._objects.get(path)
        if found is None:
            new = evolve(self._new(path, object_type), content=content, language=language)
            return self._keep(self._add(new))
        if found.object_type != object_type:
            raise Refusal.invalid(
                f"Requested node type [{object_type}] is different from the existing node type"
                f" [{found.object_type}]"
            )
        if found.language != language:
            self._drop(found)
        found.content, found.language = content, language
        found.modified_at = self._world.now_ms()
        return self._keep(found)

    def get(self, path: str) -> WorkspaceObject:
        """The object at `path`; refuses when there is none."""
        found = self.find(path)
        if found is None:
            raise Refusal.missing(f"Path ({path}) doesn't exist.")
        return found

    def _keep(self, kept: WorkspaceObject) -> WorkspaceObject:
        place = self._place(kept)
        if place is not None and kept.object_type == "DIRECTORY":
            place.mkdir(parents=True, exist_ok=True)
        elif place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists() or place.read_bytes() != kept.content:
                write_whole(place, kept.content, kept.modified_at)
        record = [kept.path, kept.object_id, kept.created_at]
        self._world.keep("object", kept.path, lambda: record)
        return kept

    def _drop(self, dropped: WorkspaceObject) -> None:
        self._world.forget("object", dropped.path)
        self._kept.pop(dropped.path, None)
        place = self._place(dropped)
        if place is not None and place.is_dir():
            shutil.rmtree(place)
        elif place is not None:
            place.unlink(missing_ok=True)

    def _place(self, item: WorkspaceObject) -> Path | None:
        if self._folder is None:
            return None
        extension = f".{formats.EXTENSIONS[item.language]}" if item.language else ""
        return self._folder / f"{item.path}{extension}".lstrip("/")


def object_path(path: str) -> str:
    """`path` as the tree knows it, without the `/Workspace` alias.

    Raises:
      Refusal: it is not absolute.
    """
    try:
        cleaned = clean_path(path)
    except ValueError:
        raise Refusal.invalid(f"Path ({path}) is not a valid absolute path.") from None
    if cleaned == "/Workspace" or cleaned.startswith("/Workspace/"):
        return cleaned.removeprefix("/Workspace") or "/"
    return cleaned


def above(path: str) -> str:
    """The folder that `path` is in."""
    return path.rpartition("/")[0] or "/"
