"""Workspace 2.0: notebooks and folders.

https://docs.databricks.com/api/workspace/workspace
"""

from __future__ import annotations

import base64
import binascii
import builtins
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from .endpoint import Endpoint, RetryClass
from .wire import AS_SENT, Wired

if TYPE_CHECKING:
    from .http import Door

LIST = Endpoint("GET", "/api/2.0/workspace/list", RetryClass.READ)
EXPORT = Endpoint("GET", "/api/2.0/workspace/export", RetryClass.READ, per_second=60)


class ObjectType(StrEnum):
    """What an object in the workspace is."""

    NOTEBOOK = "NOTEBOOK"
    DIRECTORY = "DIRECTORY"
    LIBRARY = "LIBRARY"
    FILE = "FILE"
    REPO = "REPO"
    DASHBOARD = "DASHBOARD"


@attrs.frozen
class WorkspaceObject(Wired):
    """A notebook, folder or file.  Times are epoch milliseconds."""

    path: str
    object_type: ObjectType | str = ""
    object_id: int | None = None
    language: str = ""
    size: int | None = None
    created_at: int | None = None
    modified_at: int | None = None


def _decoded(content: Any) -> bytes:
    try:
        return base64.b64decode(content or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise TypeError("base64 is expected") from None


@attrs.frozen
class Export(Wired):
    """An exported object: its bytes, decoded, and what they are (`py`, `html`, …)."""

    content: bytes = attrs.field(converter=_decoded, default=b"", metadata=AS_SENT, repr=False)
    file_type: str = ""


@attrs.frozen
class _Listing:
    objects: tuple[WorkspaceObject, ...] = ()


class WorkspaceClient:
    """The Workspace API, as far as it reads."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def list(
        self, path: str, notebooks_modified_after: int | None = None
    ) -> builtins.list[WorkspaceObject]:
        """What is in a folder, not below it; a path to an object gives that object.

        Args:
          path: absolute, such as `/Users/someone@example.com`.
          notebooks_modified_after: epoch milliseconds; leaves out older notebooks.

        Raises:
          NotFound: there is nothing at that path, or the login may not read it.
        """
        query = {"path": path, "notebooks_modified_after": notebooks_modified_after}
        return [*(await self._door.ask(LIST, _Listing, query=query)).objects]

    async def export(self, path: str, format: str = "SOURCE") -> Export:  # noqa: A002 - Databricks' word
        """One notebook, at most 10 MB, as SOURCE, HTML, JUPYTER or DBC; a folder only as DBC.

        Raises:
          NotFound: there is nothing at that path, or the login may not read it.
          DatabricksRefused: MAX_NOTEBOOK_SIZE_EXCEEDED, or a format that does not fit.
        """
        return await self._door.ask(EXPORT, Export, query={"path": path, "format": format})
