"""Catalogs, and what a folder keeps of them."""

from pathlib import Path

from databricks_mcp_toolkit.simulation.local.database.catalogs import Catalogs
from databricks_mcp_toolkit.simulation.local.database.session import Session
from databricks_mcp_toolkit.simulation.local.places import Places


def test_every_catalog_begins_with_the_schema_default() -> None:
    catalogs = Catalogs()
    catalogs.create("Sales")

    assert catalogs.names() == ["main", "sales"]
    assert catalogs.schemas("sales") == ["default"]
    assert catalogs.find("SALES") == "sales"
    assert repr(catalogs) == "<Catalogs main, sales>"


def test_a_folder_brings_catalogs_and_tables_back(tmp_path: Path) -> None:
    places = Places.under(tmp_path)
    catalogs = Catalogs(tmp_path / "catalogs")
    session = Session(catalogs, places, "someone")
    for statement in (
        "CREATE CATALOG `my shop`",
        "CREATE TABLE `my shop`.default.t AS SELECT 7 AS n",
    ):
        session.run(statement).rows()
    session.run("CREATE TABLE main.default.u AS SELECT 8 AS n").rows()
    catalogs.close()

    again = Catalogs(tmp_path / "catalogs")
    session = Session(again, places, "someone")

    assert again.names() == ["main", "my shop"]
    assert session.run("SELECT * FROM `my shop`.default.t, main.default.u").rows() == [(7, 8)]
    again.drop("my shop", cascade=True)
    again.close()
    assert [file.name for file in (tmp_path / "catalogs").iterdir()] == ["main.duckdb"]


def test_a_killed_process_loses_nothing_that_it_told(tmp_path: Path) -> None:
    catalogs = Catalogs(tmp_path / "catalogs")
    session = Session(catalogs, Places.under(tmp_path), "someone")
    session.run("CREATE TABLE t AS SELECT 1 AS n").rows()
    # What a kill leaves on disk is what is on disk now: the log is not yet folded in.
    copy = tmp_path / "after the kill"
    copy.mkdir()
    for file in (tmp_path / "catalogs").iterdir():
        (copy / file.name).write_bytes(file.read_bytes())

    again = Session(Catalogs(copy), Places.under(tmp_path), "someone")

    assert again.run("SELECT * FROM t").rows() == [(1,)]
