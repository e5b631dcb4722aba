"""DBFS 2.0: files by path, read in pieces, written whole or block by block through a handle."""

from __future__ import annotations

import base64
import binascii
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define

from ..wire import Call, Refusal, Route
from ..world import World
from .trees import Entry, FileTree, clean_path, parents, tree_in

MAX_BLOCK = 1024 * 1024  # bytes that one call may carry, either way
DEFAULT_READ = 512 * 1024  # bytes a read without a length returns
HANDLE_IDLE = 600_000  # ms after which an unused handle is closed


@define
class _OpenFile:
    """A file that is being written through a handle."""

    path: str
    used_at: int


class Dbfs:
    """The file system, and `/api/2.0/dbfs` over it."""

    def __init__(self, world: World, folder: Path | None = None) -> None:
        self._world = world
        self._folder = folder
        self._handles: dict[int, _OpenFile] = {}

    def __repr__(self) -> str:
        return f"<Dbfs on {type(self.files).__name__}, {len(self._handles)} open for writing>"

    @cached_property
    def files(self) -> FileTree:
        """The tree: in the folder, or in memory where there is none."""
        return tree_in(self._folder, self._world.now_ms)

    def begin(self) -> None:
        """The folders that every workspace has."""
        for path in ("/tmp", "/FileStore"):  # noqa: S108 (a path in the simulated file system)
            self.files.mkdirs(path)

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("GET", "/api/2.0/dbfs/get-status", self.get_status),
            Route("GET", "/api/2.0/dbfs/list", self.list_files),
            Route("GET", "/api/2.0/dbfs/read", self.read),
            Route("POST", "/api/2.0/dbfs/put", self.put),
            Route("POST", "/api/2.0/dbfs/create", self.create),
            Route("POST", "/api/2.0/dbfs/add-block", self.add_block),
            Route("POST", "/api/2.0/dbfs/close", self.close),
            Route("POST", "/api/2.0/dbfs/delete", self.delete),
            Route("POST", "/api/2.0/dbfs/mkdirs", self.mkdirs),
            Route("POST", "/api/2.0/dbfs/move", self.move),
        ]

    async def get_status(self, call: Call) -> dict[str, Any]:
        """`dbfs/get-status`."""
        return _wire(self._stat(_path(call)))

    async def list_files(self, call: Call) -> dict[str, Any]:
        """`dbfs/list`: a folder's entries; a file lists itself."""
        entry = self._stat(_path(call))
        entries = self.files.entries(entry.path) if entry.is_dir else [entry]
        return {"files": [_wire(entry) for entry in entries]} if entries else {}

    async def read(self, call: Call) -> dict[str, Any]:
        """`dbfs/read`: up to 1 MB from an offset; past the end there are 0 bytes."""
        offset, length = call.integer("offset", 0), call.integer("length", DEFAULT_READ)
        if offset < 0 or length < 0:
            raise Refusal.invalid("offset and length must not be negative.")
        if length > MAX_BLOCK:
            raise Refusal(
                400,
                "MAX_READ_SIZE_EXCEEDED",
                f"The maximum read size is {MAX_BLOCK} bytes; {length} were asked for.",
            )
        entry = self._stat(_path(call))
        if entry.is_dir:
            raise Refusal.invalid(f"{entry.path} is a directory.")
        content = self.files.read(entry.path, offset, length)
        return {"bytes_read": len(content), "data": base64.b64encode(content).decode()}

    async def put(self, call: Call) -> dict[str, Any]:
        """`dbfs/put`: a whole file, in base64 up to 1 MB or as a multipart upload."""
        path = _path(call)
        content = _uploaded(call) if call.is_multipart else _block(call, "contents")
        self._check_free(path, overwrite=call.flag("overwrite"))
        self.files.write(path, content)
        return {}

    async def create(self, call: Call) -> dict[str, Any]:
        """`dbfs/create`: opens a file for writing."""
        path = _path(call)
        self._check_free(path, overwrite=call.flag("overwrite"))
        self.files.write(path, b"")
        handle = self._world.new_number("handle")
        self._handles[handle] = _OpenFile(path, self._world.now_ms())
        return {"handle": handle}

    async def add_block(self, call: Call) -> dict[str, Any]:
        """`dbfs/add-block`: up to 1 MB more."""
        file = self._open(call.integer("handle"))
        self.files.append(file.path, _block(call, "data"))
        file.used_at = self._world.now_ms()
        return {}

    async def close(self, call: Call) -> dict[str, Any]:
        """`dbfs/close`."""
        self._open(call.integer("handle"))
        del self._handles[call.integer("handle")]
        return {}

    async def delete(self, call: Call) -> dict[str, Any]:
        """`dbfs/delete`: what is not there is as good as deleted."""
        path = _path(call)
        entry = self.files.stat(path)
        if entry is not None and entry.is_dir:
            if path == "/":
                raise Refusal.invalid("The root directory cannot be deleted.")
            if self.files.entries(path) and not call.flag("recursive"):
                raise Refusal(
                    400,
                    "BAD_REQUEST",
                    "Directory is not empty. Use recursive delete or remove contents first.",
                )
        self.files.delete(path)
        return {}

    async def mkdirs(self, call: Call) -> dict[str, Any]:
        """`dbfs/mkdirs`."""
        path = _path(call)
        try:
            self.files.mkdirs(path)
        except NotADirectoryError:
            raise _exists(path) from None
        return {}

    async def move(self, call: Call) -> dict[str, Any]:
        """`dbfs/move`: a file or a whole folder; into a folder that exists, under its own name."""
        source, destination = (
            _clean(call.text("source_path")),
            _clean(call.text("destination_path")),
        )
        self._stat(source)
        target = self.files.stat(destination)
        if target is not None and target.is_dir:
            destination = f"{destination.rstrip('/')}/{source.rpartition('/')[2]}"
            target = self.files.stat(destination)
        if target is not None:
            raise _exists(destination)
        if f"{destination}/".startswith(f"{source}/"):
            raise Refusal.invalid(f"{source} cannot be moved into itself.")
        self._check_free(destination, overwrite=False)
        self.files.move(source, destination)
        return {}

    def _stat(self, path: str) -> Entry:
        entry = self.files.stat(path)
        if entry is None:
            raise Refusal.missing(f"No file or directory exists on path {path}.")
        return entry

    def _check_free(self, path: str, *, overwrite: bool) -> None:
        for above in parents(path):
            entry = self.files.stat(above)
            if entry is not None and not entry.is_dir:
                raise _exists(above)
        entry = self.files.stat(path)
        if entry is not None and (entry.is_dir or not overwrite):
            raise _exists(path)

    def _open(self, handle: int) -> _OpenFile:
        file = self._handles.get(handle)
        if file is not None and self._world.now_ms() - file.used_at > HANDLE_IDLE:
            del self._handles[handle]
            file = None
        if file is None:
            raise Refusal.missing(f"No file handle exists with id {handle}.")
        return file


def _path(call: Call) -> str:
    return _clean(call.text("path"))


def _clean(path: str) -> str:
    try:
        return clean_path(path)
    except ValueError as error:
        raise Refusal.invalid(str(error)) from None


def _wire(entry: Entry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "is_dir": entry.is_dir,
        "file_size": entry.size,
        "modification_time": entry.modified,
    }


def _block(call: Call, name: str) -> bytes:
    try:
        content = base64.b64decode(call.text(name, ""), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal.invalid(f"{name} is not valid base64.") from None
    if len(content) > MAX_BLOCK:
        raise Refusal(
            400,
            "MAX_BLOCK_SIZE_EXCEEDED",
            f"The maximum block size is {MAX_BLOCK} bytes; {len(content)} were sent.",
        )
    return content


def _exists(path: str) -> Refusal:
    return Refusal.exists(f"A file or directory already exists at the input path {path}.")


def _uploaded(call: Call) -> bytes:
    """The part called `contents`, or whichever part is a file: clients differ in its name."""
    parts = call.form
    named = parts.get("contents")
    files = [part for part in parts.values() if part.file_name is not None]
    part = named if named is not None else next(iter(files), None)
    if part is None:
        raise Refusal.invalid("Missing required field: contents")
    return part.content
