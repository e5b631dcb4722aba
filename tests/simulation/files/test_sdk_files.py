"""Databricks' own SDK on workspace objects, DBFS, volumes and the catalog of a served workspace."""

import io
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import NotFound, ResourceAlreadyExists, ResourceConflict
from databricks.sdk.service import catalog
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType
from databricks_mcp_toolkit.simulation import Pace
from databricks_mcp_toolkit.simulation.background import WorkspaceServer

BIG = 51 * 1024 * 1024  # bytes; from 50 MiB on, the SDK uploads in parts


@pytest.fixture
def workspace_settings() -> dict[str, Any]:
    return {"pace": Pace.instant()}


@pytest.fixture
def client(workspace_server: WorkspaceServer) -> WorkspaceClient:
    return WorkspaceClient(host=workspace_server.host, token=workspace_server.token)


# Workspace objects.


def test_notebooks_and_files_go_up_and_down(client: WorkspaceClient) -> None:
    client.workspace.mkdirs("/Shared/x")
    client.workspace.upload("/Shared/x/n.py", io.BytesIO(b"print(1)"))
    client.workspace.upload("/Shared/x/f.py", b"print(2)", format=ImportFormat.AUTO)
    client.workspace.upload("/Shared/x/q", b"SELECT 1", language=Language.SQL, overwrite=True)
    with client.workspace.download("/Shared/x/n.py") as notebook:
        assert notebook.read() == b"# Databricks notebook source\nprint(1)"
    with client.workspace.download("/Shared/x/f.py", format=ExportFormat.AUTO) as file:
        assert file.read() == b"print(2)"
    kinds = {o.path: o.object_type for o in client.workspace.list("/Shared/x", recursive=True)}
    assert kinds == {
        "/Shared/x/n.py": ObjectType.NOTEBOOK,
        "/Shared/x/f.py": ObjectType.FILE,
        "/Shared/x/q": ObjectType.NOTEBOOK,
    }
    assert client.workspace.get_status("/Workspace/Shared/x/q").language is Language.SQL


@pytest.mark.parametrize("form", ["SOURCE", "HTML", "JUPYTER", "DBC"])
def test_every_format_goes_out_and_in(form: str, client: WorkspaceClient) -> None:
    content = client.workspace.export("/Shared/welcome", format=ExportFormat(form)).content
    client.workspace.import_(
        "/Shared/again",
        content=content,
        format=ImportFormat(form),
        language=Language.PYTHON if form == "SOURCE" else None,
    )
    first, second = (client.workspace.export(f"/Shared/{n}") for n in ("welcome", "again"))
    assert first.content == second.content


def test_an_r_notebook_goes_out_and_in_as_r_markdown(client: WorkspaceClient) -> None:
    client.workspace.upload("/Shared/r", b"x <- 1", language=Language.R)
    content = client.workspace.export("/Shared/r", format=ExportFormat.R_MARKDOWN).content
    client.workspace.import_("/Shared/again", content=content, format=ImportFormat.R_MARKDOWN)
    assert client.workspace.get_status("/Shared/again").language is Language.R
    with client.workspace.download("/Shared/again") as notebook:
        assert notebook.read() == b"# Databricks notebook source\nx <- 1"


def test_errors_of_workspace_objects_are_the_sdks_own(client: WorkspaceClient) -> None:
    with pytest.raises(NotFound, match=r"Path \(/no\) doesn't exist"):
        client.workspace.get_status("/no")
    with pytest.raises(ResourceAlreadyExists):
        client.workspace.upload("/Shared/welcome", b"1", language=Language.PYTHON)
    with pytest.raises(DatabricksError, match="Perhaps you forgot"):
        client.workspace.upload("/Shared/plain", b"1")
    with pytest.raises(DatabricksError, match="is not empty"):
        client.workspace.delete("/Shared")
    client.workspace.delete("/Shared", recursive=True)
    assert list(client.repos.list()) == []


# DBFS.


def test_dbfs_files_are_opened_copied_moved_and_deleted(
    client: WorkspaceClient, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 10_000  # more than two blocks
    with client.dbfs.open("/data/big", write=True) as handle:
        handle.write(content)
    with client.dbfs.open("/data/big", read=True) as handle:
        assert handle.read() == content
    client.dbfs.copy("dbfs:/data/big", "dbfs:/data/copy")
    client.dbfs.copy("dbfs:/data", f"file:{tmp_path}/down", recursive=True)
    assert (tmp_path / "down" / "copy").read_bytes() == content
    (tmp_path / "local").write_bytes(b"1")
    client.dbfs.copy(f"file:{tmp_path}/local", "dbfs:/data/up")
    client.dbfs.move_("dbfs:/data/up", "dbfs:/data/moved")
    names = {file.path for file in client.dbfs.list("/data")}
    assert names == {"/data/big", "/data/copy", "/data/moved"}
    assert client.dbfs.exists("/data/moved")
    assert not client.dbfs.exists("/data/up")
    client.dbfs.upload("/data/moved", io.BytesIO(b"2"), overwrite=True)
    with client.dbfs.download("/data/moved") as file:
        assert file.read() == b"2"
    with pytest.raises(ResourceAlreadyExists, match="A file or directory already exists"):
        client.dbfs.upload("/data/moved", io.BytesIO(b"3"))
    client.dbfs.mkdirs("/data/deep/er")
    client.dbfs.delete("/data", recursive=True)
    with pytest.raises(NotFound):
        list(client.dbfs.list("/data"))


def test_dbutils_sees_the_same_files(client: WorkspaceClient) -> None:
    fs = client.dbutils.fs
    fs.put("/notes/a.txt", "hello", overwrite=True)
    assert fs.head("/notes/a.txt") == "hello"
    fs.mkdirs("/notes/sub")
    fs.cp("/notes/a.txt", "/notes/b.txt")
    fs.mv("/notes/b.txt", "/notes/c.txt")
    assert sorted(info.name for info in fs.ls("/notes")) == ["a.txt", "c.txt", "sub"]
    fs.rm("/notes", recurse=True)
    assert client.dbutils.secrets.listScopes() == []


# Volumes.


@pytest.fixture
def volume(client: WorkspaceClient) -> str:
    client.volumes.create("main", "default", "v", catalog.VolumeType.MANAGED)
    return "/Volumes/main/default/v"


def test_volume_files_go_up_and_down(client: WorkspaceClient, volume: str) -> None:
    client.files.create_directory(f"{volume}/deep/er")
    client.files.upload(f"{volume}/deep/a b#?.txt", io.BytesIO(b"hello"), overwrite=True)
    with pytest.raises(ResourceConflict):
        client.files.upload(f"{volume}/deep/a b#?.txt", io.BytesIO(b"x"), overwrite=False)
    down = client.files.download(f"{volume}/deep/a b#?.txt")
    assert down.contents is not None
    with down.contents as contents:
        assert contents.read() == b"hello"
    head = client.files.get_metadata(f"{volume}/deep/a b#?.txt")
    assert head.content_length == 5
    listed = {
        e.name: e.is_directory for e in client.files.list_directory_contents(f"{volume}/deep")
    }
    assert listed == {"a b#?.txt": False, "er": True}
    client.files.get_directory_metadata(f"{volume}/deep")
    client.files.delete_directory(f"{volume}/deep/er")
    client.files.delete(f"{volume}/deep/a b#?.txt")
    for gone in (
        lambda: client.files.get_metadata(f"{volume}/deep/a b#?.txt"),
        lambda: client.files.get_directory_metadata(f"{volume}/no"),
        lambda: client.files.download(f"{volume}/no"),
    ):
        with pytest.raises(NotFound):
            gone()


@pytest.mark.parametrize("parallel", [True, False])
def test_a_large_file_goes_up_in_parts(
    parallel: bool, client: WorkspaceClient, volume: str, workspace_server: WorkspaceServer
) -> None:
    content = b"0123456789abcdef" * (BIG // 16)
    client.files.upload(f"{volume}/big", io.BytesIO(content), use_parallel=parallel)
    workspace = workspace_server.workspace
    assert workspace_server.call(workspace.volumes.read, f"{volume}/big") == content
    seen = {(seen.method, seen.path.split("/")[1]) for seen in workspace.requests}
    assert ("PUT", "storage") in seen  # the parts did not go through the API


def test_volumes_are_reached_through_dbfs_helpers(client: WorkspaceClient, volume: str) -> None:
    with client.dbfs.open(f"{volume}/x", write=True, overwrite=True) as handle:
        handle.write(b"1")
    with client.dbfs.open(f"{volume}/x", read=True) as handle:
        assert handle.read(-1) == b"1"  # the SDK's own default here is an Ellipsis, and fails
    assert [file.path for file in client.dbfs.list(volume)] == [f"{volume}/x"]


# The catalog, and people.


def test_names_of_the_catalog(client: WorkspaceClient, workspace_server: WorkspaceServer) -> None:
    service = workspace_server.workspace.catalog
    columns = [{"name": "id", "type_text": "BIGINT", "type_name": "LONG"}]
    for n in range(120):
        workspace_server.call(service.add_table, f"shop.sales.t{n:03}", columns)
    assert [c.name for c in client.catalogs.list()] == ["main", "shop"]
    assert [s.name for s in client.schemas.list("shop")] == ["sales"]
    assert len(list(client.tables.list("shop", "sales"))) == 120
    assert len(list(client.tables.list_summaries("shop"))) == 120
    table = client.tables.get("shop.sales.t007")
    assert table.columns is not None
    assert table.columns[0].type_name is catalog.ColumnTypeName.LONG
    assert table.table_type is catalog.TableType.MANAGED
    assert client.tables.exists("shop.sales.no").table_exists is False


def test_schemas_and_volumes_are_made_and_removed(client: WorkspaceClient, volume: str) -> None:
    made = client.schemas.create("new", "main")
    assert client.schemas.get("main.new").full_name == made.full_name == "main.new"
    client.schemas.delete("main.new")
    assert [v.full_name for v in client.volumes.list("main", "default")] == ["main.default.v"]
    assert client.volumes.read("main.default.v").volume_type is catalog.VolumeType.MANAGED
    client.volumes.delete("main.default.v")
    with pytest.raises(NotFound, match=r"Volume 'main\.default\.v' does not exist"):
        client.volumes.read("main.default.v")
    with pytest.raises(NotFound, match="does not exist"):
        list(client.tables.list("main", "no"))
    assert client.metastores.summary().metastore_id


def test_people(client: WorkspaceClient) -> None:
    assert [user.user_name for user in client.users.list()] == ["someone@example.com"]
    assert [group.display_name for group in client.groups.list()] == ["users", "admins"]
    assert len(list(client.service_principals.list())) == 1
