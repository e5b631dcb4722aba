from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.clients.workspace import ObjectType
from trio.testing import MockClock

from .conftest import Script

SOURCE = b"print('\xc3\xa4')"


async def imported(outsider: httpx.AsyncClient, path: str) -> None:
    """Put a notebook into the simulated workspace, and the folders above it."""
    parent = path.rpartition("/")[0] or "/"
    content = base64.b64encode(SOURCE).decode()
    await outsider.post("workspace/mkdirs", json={"path": parent})
    answer = await outsider.post(
        "workspace/import", json={"path": path, "language": "PYTHON", "content": content}
    )
    assert answer.status_code == 200, answer.text


async def test_a_folder_lists_what_is_in_it_and_not_below(
    live: Databricks, outsider: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    await imported(outsider, "/team/a b#?%.py")
    await imported(outsider, "/team/below/c")
    listed = await live.workspace.list("/team")
    assert {(each.path, each.object_type) for each in listed} == {
        ("/team/a b#?%.py", ObjectType.NOTEBOOK),
        ("/team/below", ObjectType.DIRECTORY),
    }
    [notebook] = await live.workspace.list("/team/a b#?%.py")
    assert notebook.language == "PYTHON"


async def test_an_empty_folder_is_an_empty_list(databricks: Databricks, script: Script) -> None:
    script.answer(200, {})
    assert await databricks.workspace.list("/empty", notebooks_modified_after=5) == []
    assert script.requests[0].query == {"path": "/empty", "notebooks_modified_after": "5"}


@pytest.mark.parametrize("form", ["SOURCE", "HTML", "JUPYTER", "DBC"])
async def test_a_notebook_is_exported_as_bytes_in_every_format(
    live: Databricks, outsider: httpx.AsyncClient, form: str, autojump_clock: MockClock
) -> None:
    await imported(outsider, "/n")
    export = await live.workspace.export("/n", form)
    assert export.content == base64.b64decode(export.wire["content"])
    assert export.content
    if form == "SOURCE":
        assert export.content.endswith(SOURCE)
        assert export.content.startswith(b"# Databricks notebook source\n")


@pytest.mark.parametrize("content", ["not base64!", "abc", 7, ["x"]])
async def test_an_export_that_cannot_be_decoded_is_unusable(
    databricks: Databricks, script: Script, content: Any, autojump_clock: MockClock
) -> None:
    script.answer(200, {"content": content, "file_type": "py"})
    with pytest.raises(errors.DatabricksUnreachable, match="base64"):
        await databricks.workspace.export("/n")


async def test_what_does_not_exist_is_not_found(
    live: Databricks, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.NotFound):
        await live.workspace.list("/nowhere")
    with pytest.raises(errors.NotFound):
        await live.workspace.export("/nowhere")


async def test_a_folder_cannot_be_exported_as_source(
    live: Databricks, outsider: httpx.AsyncClient, autojump_clock: MockClock
) -> None:
    await imported(outsider, "/team/n")
    with pytest.raises(errors.DatabricksRefused):
        await live.workspace.export("/team", "SOURCE")
