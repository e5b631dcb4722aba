"""Presigned links into volumes, as cloud storage has them, and uploads in several parts.

A link carries its right in itself: it is used without `Authorization` (a request that has one is
refused, as cloud storage refuses it) and expires.  Only the multipart protocol is spoken, which is
that of AWS and Azure; resumable uploads (Google's) are left out.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

from attrs import define, field, frozen

from ..wire import Call, Refusal, Response, Route
from ..world import World
from .volumes import Volumes

LINK_LIFE = 900_000  # ms; the client's own `expire_time` is the wall clock's, which may be far off
MAX_PARTS = 1000  # part links that one call may ask for


@frozen
class _Link:
    use: Literal["download", "part", "abort"]
    path: str
    expires_at: int
    session: str = ""
    part: int = 0


@define
class _Upload:
    """A multipart upload on its way."""

    path: str
    overwrite: bool
    parts: dict[int, bytes] = field(factory=dict, repr=False)


class VolumeLinks:
    """The links and the uploads that are open."""

    def __init__(self, world: World, volumes: Volumes) -> None:
        self._world = world
        self._volumes = volumes
        self._links: dict[str, _Link] = {}
        self._uploads: dict[str, _Upload] = {}

    def __repr__(self) -> str:
        return f"<VolumeLinks, {len(self._links)} links, {len(self._uploads)} uploads>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        link = "/storage/volumes/{link}"
        return [
            Route("POST", "/api/2.0/fs/create-download-url", self.create_download_url),
            Route("POST", "/api/2.0/fs/files/{path:path}", self.upload_action),
            Route("POST", "/api/2.0/fs/create-upload-part-urls", self.create_part_urls),
            Route("POST", "/api/2.0/fs/create-abort-upload-url", self.create_abort_url),
            Route("GET", link, self.follow, "raw", public=True),
            Route("PUT", link, self.follow, "raw", public=True),
            Route("DELETE", link, self.follow, "raw", public=True),
        ]

    async def create_download_url(self, call: Call) -> dict[str, Any]:
        """`fs/create-download-url`."""
        path = call.text("path")
        self._volumes.file(path)
        return {"url": self._sign(call, "download", path), "headers": []}

    async def upload_action(self, call: Call) -> dict[str, Any]:
        """`POST fs/files?action=`: `initiate-upload` or `complete-upload`."""
        path = "/" + call.path_params["path"].lstrip("/")
        match call.query.get("action", [""])[0]:
            case "initiate-upload":
                return self._initiate(call, path)
            case "complete-upload":
                return self._complete(call, path)
            case action:
                raise Refusal.invalid(f"Unknown action: {action!r}")

    def _initiate(self, call: Call, path: str) -> dict[str, Any]:
        given = call.query.get("overwrite")
        overwrite = given[0].lower() == "true" if given else self._volumes.overwrite_by_default
        found = self._volumes.files.stat(self._volumes.place(path))
        if found is not None and (found.is_dir or not overwrite):
            raise Refusal(409, "ALREADY_EXISTS", f"The file {path} already exists.")
        session = self._world.new_hex()
        self._uploads[session] = _Upload(path, overwrite)
        return {"multipart_upload": {"session_token": session}}

    def _complete(self, call: Call, path: str) -> dict[str, Any]:
        session = call.query.get("session_token", [""])[0]
        upload = self._upload(session, path)
        content = []
        for part in call.body.get("parts", []):
            body = upload.parts.get(part["part_number"])
            if body is None or part.get("etag") != _etag(body):
                raise Refusal.invalid(f"Part {part['part_number']} was not uploaded so.")
            content.append(body)
        self._volumes.write(path, b"".join(content), overwrite=upload.overwrite)
        del self._uploads[session]
        return {}

    async def create_part_urls(self, call: Call) -> dict[str, Any]:
        """`fs/create-upload-part-urls`: links for `count` parts from `start_part_number`."""
        path, session = call.text("path"), call.text("session_token")
        self._upload(session, path)
        start, count = call.integer("start_part_number"), call.integer("count")
        if not 0 < count <= MAX_PARTS:
            raise Refusal.invalid(f"count must be between 1 and {MAX_PARTS}.")
        urls = [
            {"url": self._sign(call, "part", path, session, n), "part_number": n, "headers": []}
            for n in range(start, start + count)
        ]
        return {"upload_part_urls": urls}

    async def create_abort_url(self, call: Call) -> dict[str, Any]:
        """`fs/create-abort-upload-url`."""
        path, session = call.text("path"), call.text("session_token")
        self._upload(session, path)
        return {"abort_upload_url": {"url": self._sign(call, "abort", path, session)}}

    async def follow(self, call: Call) -> Response:
        """What cloud storage does with a link: GET downloads, PUT uploads a part, DELETE aborts."""
        if "authorization" in call.headers:
            return _storage_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        link = self._links.get(call.path_params["link"])
        if link is None:
            return _storage_error(403, "AccessDenied", "Access Denied")
        if link.expires_at < self._world.now_ms():
            return _storage_error(403, "AccessDenied", "Request has expired")
        match call.method, link.use:
            case "GET", "download":
                return self._volumes.serve_file(link.path, call)
            case "PUT", "part":
                upload = self._uploads.get(link.session)
                if upload is None:
                    return _storage_error(404, "NoSuchUpload", "The upload does not exist.")
                upload.parts[link.part] = call.content
                return Response.empty(200, {"etag": _etag(call.content)})
            case "DELETE", "abort":
                self._uploads.pop(link.session, None)
                return Response.empty(200)
            case _:
                return _storage_error(403, "AccessDenied", "Access Denied")

    def _sign(
        self,
        call: Call,
        use: Literal["download", "part", "abort"],
        path: str,
        session: str = "",
        part: int = 0,
    ) -> str:
        now = self._world.now_ms()
        # Kept a while after they expire, to be refused as expired; the oldest stand first.
        for old, link in list(self._links.items()):
            if link.expires_at > now - LINK_LIFE:
                break
            del self._links[old]
        name = self._world.new_hex(40)
        self._links[name] = _Link(use, path, now + LINK_LIFE, session, part)
        return f"{call.base_url}/storage/volumes/{name}"

    def _upload(self, session: str, path: str) -> _Upload:
        upload = self._uploads.get(session)
        if upload is None or upload.path != path:
            raise Refusal(404, "NOT_FOUND", "The upload session does not exist.")
        return upload


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _storage_error(status: int, code: str, message: str) -> Response:
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}"
    return Response(f"{body}</Message></Error>".encode(), status, "application/xml")
