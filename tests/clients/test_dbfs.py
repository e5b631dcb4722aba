from __future__ import annotations

import httpx
import pytest
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from trio.testing import MockClock

from .conftest import Script


async def test_a_folder_lists_what_is_in_it_and_not_below(
    live: Databricks, outsider: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    for path in ("/mine/a b#?%.txt", "/mine/below/c"):
        answer = await outsider.post("dbfs/put", json={"path": path, "contents": "aGVsbG8="})
        assert answer.status_code == 200, answer.text
    listed = await live.dbfs.list("/mine")
    assert {(each.path, each.is_dir, each.file_size) for each in listed} == {
        ("/mine/a b#?%.txt", False, 5),
        ("/mine/below", True, 0),
    }


async def test_sizes_and_times_are_numbers(databricks: Databricks, script: Script) -> None:
    script.answer(
        200,
        {
            "files": [
                {"path": "/a", "is_dir": False, "file_size": 7, "modification_time": 1766000000000},
                {"path": "/b", "is_dir": True, "file_size": 0},
            ]
        },
    )
    file, folder = await databricks.dbfs.list("/")
    assert (file.file_size, file.modification_time) == (7, 1766000000000)
    assert (folder.is_dir, folder.modification_time) == (True, None)


@pytest.mark.parametrize("path", ["/mnt/x", "dbfs:/mnt/x"])
async def test_a_path_may_have_the_scheme_in_front(
    databricks: Databricks, script: Script, path: str
) -> None:
    script.answer(200, {})
    assert await databricks.dbfs.list(path) == []
    assert script.requests[0].query == {"path": "/mnt/x"}


async def test_what_does_not_exist_is_not_found(
    live: Databricks, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.NotFound):
        await live.dbfs.list("/nowhere")
