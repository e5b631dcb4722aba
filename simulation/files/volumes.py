"""Files API 2.0: files and directories in volumes, under `/Volumes/catalog/schema/volume`.

The tree of files is also the register of volumes: a volume exists as long as its directory does.
Presigned links and multipart uploads stand in `volume_links`.
"""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ..wire import Call, Refusal, Response, Route, error_info, page_of
from ..world import World
from .trees import Entry, FileTree, clean_path, tree_in

MAX_PAGE = 1000  # directory entries on a page
_DEPTH = 3  # catalog, schema and volume stand above every file


class Volumes:
    """The files of all volumes, and `/api/2.0/fs` over them.

    Paths are as in the API, `/Volumes/catalog/schema/volume/...`; in the tree behind they stand
    without `/Volumes`.

    Attributes:
      overwrite_by_default: what an upload without `overwrite` does to a file that is there.
        Databricks' own descriptions have said both.
    """

    overwrite_by_default = True

    def __init__(self, world: World, folder: Path | None = None) -> None:
        self._world = world
        self._folder = folder

    def __repr__(self) -> str:
        return f"<Volumes on {type(self.files).__name__}, {len(self.names())} volumes>"

    @cached_property
    def files(self) -> FileTree:
        """The tree: in the folder, or in memory where there is none."""
        return tree_in(self._folder, self._world.now_ms)

    def routes(self) -> list[Route]:
        """The endpoints."""
        files, directories = "/api/2.0/fs/files/{path:path}", "/api/2.0/fs/directories/{path:path}"
        return [
            Route("PUT", files, self.upload),
            Route("GET", files, self.download),
            Route("HEAD", files, self.describe_file),
            Route("DELETE", files, self.delete_file),
            Route("PUT", directories, self.create_directory),
            Route("GET", directories, self.list_directory),
            Route("HEAD", directories, self.describe_directory),
            Route("DELETE", directories, self.delete_directory),
        ]

    # The files, for the rest of the workspace and for tests.

    def names(self) -> list[tuple[str, str, str]]:
        """Every volume as (catalog, schema, volume)."""
        return [
            (catalog.name, schema.name, volume.name)
            for catalog in self._folders("/")
            for schema in self._folders(catalog.path)
            for volume in self._folders(schema.path)
        ]

    def _folders(self, path: str) -> list[Entry]:
        return [entry for entry in self.files.entries(path) if entry.is_dir]

    def add(self, catalog: str, schema: str, volume: str) -> None:
        """Makes a volume; one that is there stays as it is."""
        self.files.mkdirs(f"/{catalog}/{schema}/{volume}")

    def remove(self, catalog: str, schema: str, volume: str) -> None:
        """Removes a volume with everything in it."""
        self.files.delete(f"/{catalog}/{schema}/{volume}")

    def read(self, path: str) -> bytes:
        """The file at an API path."""
        return self.files.read(self.place(path))

    def write(self, path: str, content: bytes, *, overwrite: bool = True) -> None:
        """Puts a file at an API path; directories above it are made.

        Raises:
          Refusal: no such volume; a directory is there; a file is there and may not be replaced.
        """
        place = self.place(path)
        found = self.files.stat(place)
        if found is not None and (found.is_dir or not overwrite):
            raise Refusal(409, "ALREADY_EXISTS", f"The file {path} already exists.")
        try:
            self.files.write(place, content)
        except NotADirectoryError:
            message = f"A parent of {path} is a file."
            raise Refusal(409, "ALREADY_EXISTS", message) from None

    def place(self, path: str) -> str:
        """Where an API path stands in the tree.

        Raises:
          Refusal: the path names no volume, or one that does not exist.
        """
        try:
            segments = clean_path(path).split("/")[1:]
        except ValueError as error:
            raise Refusal.invalid(str(error)) from None
        if segments[0] != "Volumes" or len(segments) <= _DEPTH:
            raise Refusal.invalid(
                f"Invalid path {path}: expected /Volumes/<catalog>/<schema>/<volume>/..."
            )
        volume = self.files.stat("/" + "/".join(segments[1 : _DEPTH + 1]))
        if volume is None or not volume.is_dir:
            name = ".".join(segments[1 : _DEPTH + 1])
            raise Refusal.missing(f"Volume '{name}' does not exist.")
        return "/" + "/".join(segments[1:])

    # The endpoints.

    async def upload(self, call: Call) -> Response:
        """`PUT fs/files`: the raw body becomes the file."""
        overwrite = _query_flag(call, "overwrite", default=self.overwrite_by_default)
        self.write(path_of(call), call.content, overwrite=overwrite)
        return Response.empty()

    async def download(self, call: Call) -> Response:
        """`GET fs/files`: the bytes, or a `Range` of them."""
        return self.serve_file(path_of(call), call)

    async def describe_file(self, call: Call) -> Response:
        """`HEAD fs/files`."""
        return Response.empty(200, file_headers(self.file(path_of(call))))

    async def delete_file(self, call: Call) -> Response:
        """`DELETE fs/files`."""
        self.file(path_of(call))
        self.files.delete(self.place(path_of(call)))
        return Response.empty()

    async def create_directory(self, call: Call) -> Response:
        """`PUT fs/directories`: with those above it; one that is there is fine."""
        path = path_of(call)
        try:
            self.files.mkdirs(self.place(path))
        except NotADirectoryError:
            raise Refusal(409, "ALREADY_EXISTS", f"A file is in the way of {path}.") from None
        return Response.empty()

    async def list_directory(self, call: Call) -> dict[str, Any]:
        """`GET fs/directories`."""
        size = int(call.query.get("page_size", ["0"])[0] or 0) or MAX_PAGE
        if not 0 < size <= MAX_PAGE:
            raise Refusal.invalid(f"page_size must be between 1 and {MAX_PAGE}.")
        entries = self.files.entries(self._directory(path_of(call)).path)
        page, tokens = page_of(entries, call.query.get("page_token", [""])[0], size)
        tokens.pop("prev_page_token", None)
        return {"contents": [_listed(entry) for entry in page], **tokens}

    async def describe_directory(self, call: Call) -> Response:
        """`HEAD fs/directories`."""
        self._directory(path_of(call))
        return Response.empty(200)

    async def delete_directory(self, call: Call) -> Response:
        """`DELETE fs/directories`: an empty one."""
        path = path_of(call)
        found = self._directory(path)
        if found.path.count("/") <= _DEPTH:
            raise Refusal.invalid("The root of a volume cannot be deleted.")
        if self.files.entries(found.path):
            message, reason = f"The directory {path} is not empty.", "DIRECTORY_IS_NOT_EMPTY"
            raise Refusal(400, "INVALID_PARAMETER_VALUE", message, [_because(reason)])
        self.files.delete(found.path)
        return Response.empty()

    def serve_file(self, path: str, call: Call) -> Response:
        """The answer to a GET of the file at `path`, whole or in part."""
        found = self.file(path)
        unmodified_since = call.headers.get("if-unmodified-since")
        if unmodified_since is not None:
            limit = parsedate_to_datetime(unmodified_since).timestamp()
            if found.modified // 1000 > limit:
                raise Refusal(412, "FAILED_PRECONDITION", f"The file {path} was modified.")
        headers = file_headers(found)
        wanted = call.headers.get("range")
        if wanted is None:
            return Response(self.files.read(found.path), headers=headers)
        start, end = _range(wanted, found.size)
        headers |= {
            "content-length": str(end - start),
            "content-range": f"bytes {start}-{end - 1}/{found.size}",
        }
        return Response(self.files.read(found.path, start, end - start), 206, headers=headers)

    def file(self, path: str) -> Entry:
        """The file at an API path; refuses with 404 when there is none."""
        found = self.files.stat(self.place(path))
        if found is None or found.is_dir:
            message = "does not exist." if found is None else "is a directory, not a file."
            raise Refusal(404, "NOT_FOUND", f"{path} {message}", [_because("FILE_NOT_FOUND")])
        return found

    def _directory(self, path: str) -> Entry:
        found = self.files.stat(self.place(path))
        if found is None or not found.is_dir:
            message = "does not exist." if found is None else "is a file, not a directory."
            reason = _because("DIRECTORY_IS_NOT_FOUND")
            raise Refusal(404, "NOT_FOUND", f"{path} {message}", [reason])
        return found


def _because(reason: str) -> dict[str, Any]:
    """The word for what is the matter, by which Databricks' own tools tell it from the rest."""
    return error_info(f"FILES_API_{reason}")


def path_of(call: Call) -> str:
    """The API path that a request's URL names."""
    return "/" + call.path_params["path"].lstrip("/")


def file_headers(entry: Entry) -> dict[str, str]:
    """The headers that describe a file."""
    return {
        "content-length": str(entry.size),
        "content-type": "application/octet-stream",
        "last-modified": formatdate(entry.modified // 1000, usegmt=True),
        "accept-ranges": "bytes",
    }


def _listed(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": f"/Volumes{entry.path}",
        "name": entry.name,
        "is_directory": entry.is_dir,
        "last_modified": entry.modified,
    }
    return told if entry.is_dir else told | {"file_size": entry.size}


def _query_flag(call: Call, name: str, *, default: bool) -> bool:
    # Read from the query alone: the body is the file, whatever it looks like.
    values = call.query.get(name)
    return default if not values else values[0].lower() == "true"


def _range(wanted: str, size: int) -> tuple[int, int]:
    """The half-open range of bytes that a `Range` header asks for."""
    first, dash, last = wanted.removeprefix("bytes=").partition("-")
    try:
        if first:
            start, end = int(first), min(int(last) + 1 if last else size, size)
        else:
            start, end = max(size - int(last), 0), size
    except ValueError:
        dash = ""
    if not dash or not wanted.startswith("bytes=") or start >= end:
        headers = {"content-range": f"bytes */{size}"}
        raise Refusal(416, "OUT_OF_RANGE", f"Range {wanted} cannot be served.", headers=headers)
    return start, end
