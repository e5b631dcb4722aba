"""DBFS 2.0: files below `dbfs:/`.

https://docs.databricks.com/api/workspace/dbfs
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import attrs

from .endpoint import Endpoint, RetryClass
from .wire import Wired

if TYPE_CHECKING:
    from .http import Door

LIST = Endpoint("GET", "/api/2.0/dbfs/list", RetryClass.READ, per_second=30)


@attrs.frozen
class FileInfo(Wired):
    """A file or folder.  `modification_time` is epoch milliseconds, `file_size` bytes."""

    path: str
    is_dir: bool = False
    file_size: int = 0
    modification_time: int | None = None


@attrs.frozen
class _Listing:
    files: tuple[FileInfo, ...] = ()


class DbfsClient:
    """The DBFS API, as far as it lists."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def list(self, path: str) -> builtins.list[FileInfo]:
        """What is in a folder, not below it; Databricks gives up above some 10,000 entries.

        Args:
          path: absolute, with or without `dbfs:` in front.

        Raises:
          NotFound: there is nothing at that path.
        """
        # The scheme is how notebooks write it; the API wants the bare path.
        query = {"path": path.removeprefix("dbfs:")}
        return [*(await self._door.ask(LIST, _Listing, query=query)).files]
