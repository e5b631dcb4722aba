"""Files on DBFS.

https://docs.databricks.com/api/workspace/dbfs/list
"""

from __future__ import annotations

import attrs

from ..call import Call
from ..listing import listed
from ..registry import tool
from ..results import Answer, moment
from ..schema import DBFS, argument
from .ids import limit


@attrs.frozen
class ListFiles:
    """A folder on DBFS."""

    dbfs_path: str = argument("e.g. /data or dbfs:/data", maxLength=4096, pattern=DBFS)
    limit: int = limit(1000, 10_000)


@tool(ListFiles, title="List DBFS files", reads=True)
async def list_files(call: Call, arguments: ListFiles) -> Answer:
    """List a DBFS folder, not below it."""
    files = await call.session.databricks.dbfs.list(arguments.dbfs_path)
    kept = files[: arguments.limit]
    more = ""
    if len(files) > len(kept):
        more = (
            f"{len(files):,} in all: a larger `limit` (to 10000) or a folder below gives the rest."
        )
    text = listed(
        f"entries of {arguments.dbfs_path}",
        ("path", "size", "modified"),
        [
            (f.path, "folder" if f.is_dir else f.file_size, moment(f.modification_time))
            for f in kept
        ],
        more=more,
    )
    return Answer(
        {
            "files": [file.wire for file in kept],
            "total_count": len(files),
            "truncated": len(files) > len(kept),
        },
        text,
    )
