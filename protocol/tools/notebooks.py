"""Notebooks: finding them, and reading them.

https://docs.databricks.com/api/workspace/workspace
"""

from __future__ import annotations

import base64
from collections import deque
from enum import StrEnum
from typing import Any

import attrs
import trio

from ...clients.workspace import ObjectType, WorkspaceObject
from ...errors import DatabricksError
from ..call import Call
from ..listing import listed
from ..registry import tool
from ..results import Answer, fenced, lines, window
from ..schema import argument
from .ids import PATH, limit

CONTAINERS = (ObjectType.DIRECTORY, ObjectType.REPO)
MOST_FOLDERS = 500  # folders looked into for one answer
AT_ONCE = 4  # folders looked into at a time
WALK_LIMIT = 40.0  # seconds; hosts give up on a call after 60


class Format(StrEnum):
    """What a notebook is exported as."""

    SOURCE = "SOURCE"
    HTML = "HTML"
    JUPYTER = "JUPYTER"
    DBC = "DBC"


@attrs.frozen
class ListNotebooks:
    """A folder of the workspace."""

    path: str = argument("Folder", default="/", **PATH)
    recursive: bool = argument("Look below folders too", default=False)
    limit: int = limit(500, 10_000)


@attrs.frozen
class ExportNotebook:
    """A notebook, and how to have it."""

    path: str = argument("Notebook", **PATH)
    format: Format = argument("DBC is base64", default=Format.SOURCE)
    offset: int = argument("Characters to skip in the text", default=0, minimum=0)


@attrs.define
class _Walk:
    """What was found below a folder, and where nobody has looked yet."""

    limit: int
    waiting: deque[str] = attrs.field(factory=deque)
    looking: set[str] = attrs.field(factory=set)
    found: list[WorkspaceObject] = attrs.field(factory=list)
    refused: list[str] = attrs.field(factory=list)
    looked_into: int = 0

    @property
    def may_go_on(self) -> bool:
        return (
            bool(self.waiting) and len(self.found) < self.limit and self.looked_into < MOST_FOLDERS
        )

    @property
    def unseen(self) -> list[str]:
        """Folders that were not looked into."""
        return [*sorted(self.looking), *self.waiting]

    def take(self, objects: list[WorkspaceObject]) -> None:
        for found in objects:
            if found.object_type in CONTAINERS:
                self.waiting.append(found.path)
            else:
                self.found.append(found)


@tool(ListNotebooks, title="List notebooks", reads=True)
async def list_notebooks(call: Call, arguments: ListNotebooks) -> Answer:
    """List the notebooks, files and folders in a workspace folder, or with recursive below it."""
    structured: dict[str, Any]
    if arguments.recursive:
        walk = await _walked(call, arguments)
        objects, unseen = walk.found, walk.unseen + walk.refused
        more = _left_out(walk, arguments.limit)
        structured = {"folders_not_listed": unseen[:100]} if unseen else {}
    else:
        objects = await call.session.databricks.workspace.list(arguments.path)
        more = ""
        structured = {"total_count": len(objects)}
        if len(objects) > arguments.limit:
            more = f"{len(objects):,} in all: a larger `limit` (to 10000) gives the rest."
    kept = objects[: arguments.limit]
    text = listed(
        f"objects {'below' if arguments.recursive else 'in'} {arguments.path}",
        ("type", "path", "language"),
        [(found.object_type, found.path, found.language) for found in kept],
        more=more,
    )
    return Answer(
        {"objects": [found.wire for found in kept], "truncated": bool(more)} | structured, text
    )


async def _walked(call: Call, arguments: ListNotebooks) -> _Walk:
    """Everything but folders below a path, as far as the bounds allow, folder by folder."""
    workspace = call.session.databricks.workspace
    walk = _Walk(arguments.limit)
    walk.take(await workspace.list(arguments.path))

    async def look_into(folder: str) -> None:
        try:
            walk.take(await workspace.list(folder))
        except DatabricksError:
            walk.refused.append(folder)
        walk.looking.remove(folder)

    with trio.move_on_after(WALK_LIMIT):
        while walk.may_go_on:
            walk.looking = {walk.waiting.popleft() for _ in range(min(AT_ONCE, len(walk.waiting)))}
            walk.looked_into += len(walk.looking)
            async with trio.open_nursery() as nursery:
                for folder in sorted(walk.looking):
                    nursery.start_soon(look_into, folder)
    walk.found.sort(key=lambda found: found.path)
    return walk


def _left_out(walk: _Walk, limit: int) -> str:
    reasons = []
    if len(walk.found) > limit:
        reasons.append(f"The list is cut at {limit:,} objects.")
    if unseen := len(walk.unseen):
        reasons.append(f"{unseen:,} folders were not looked into: list them themselves.")
    if walk.refused:
        reasons.append(f"{len(walk.refused):,} folders could not be read.")
    return " ".join(reasons)


@tool(ExportNotebook, title="Export notebook", reads=True)
async def export_notebook(call: Call, arguments: ExportNotebook) -> Answer:
    """Read a notebook: text for SOURCE, HTML and JUPYTER, base64 for DBC."""
    exported = await call.session.databricks.workspace.export(arguments.path, arguments.format)
    content, encoding = _readable(exported.content, arguments.format)
    structured = {
        "path": arguments.path,
        "format": arguments.format.value,
        "file_type": exported.file_type,
        "encoding": encoding,
        "size": len(exported.content),
        "content": content,
    }
    opening = f"{arguments.path} as {arguments.format}, {len(exported.content):,} bytes"
    if encoding == "base64":
        return Answer(
            structured, f"{opening}: all of it in base64 as `content` in the structured content."
        )
    shown = window(content, arguments.offset, again="export_notebook with")
    return Answer(
        structured, lines(f"{opening}:", fenced(shown.text, exported.file_type), shown.note)
    )


def _readable(content: bytes, format: Format) -> tuple[str, str]:  # noqa: A002
    if format is not Format.DBC:
        try:
            return content.decode(), "text"
        except UnicodeDecodeError:
            pass  # a file that is no text; base64 loses nothing
    return base64.b64encode(content).decode(), "base64"
