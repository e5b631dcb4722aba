"""The engine as a whole: what it keeps, what it refuses, what it lists."""

from pathlib import Path

import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.engine import (
    Column,
    Parameter,
    SqlFailure,
    StatementSpec,
)
from databricks_mcp_toolkit.simulation.local import Local
from databricks_mcp_toolkit.simulation.local.engine import FolderInUse
from trio.testing import MockClock

from .conftest import PATIENCE, open_python

AVERAGES = """SELECT department, COUNT(*) AS employee_count, AVG(salary) AS avg_salary
              FROM hr.employees WHERE status = 'active'
              GROUP BY department ORDER BY avg_salary DESC"""


async def test_the_seed_query_runs_over_the_samples(local: Local) -> None:
    table = await local.run_statement(StatementSpec(AVERAGES, catalog="production"))

    assert list(table.columns) == [
        Column("department", "STRING", "STRING"),
        Column("employee_count", "BIGINT", "LONG"),
        Column("avg_salary", "DOUBLE", "DOUBLE"),
    ]
    assert table.rows[0] == ["Engineering", "6", "116750.0"]
    assert len(table.rows) == 5
    same = await local.run_statement(StatementSpec(AVERAGES, catalog="production", schema="hr"))
    assert same.rows == table.rows
    taxis = await local.run_statement(StatementSpec("SELECT count(*) FROM samples.nyctaxi.trips"))
    assert taxis.rows == [["400"]]


async def test_the_seed_data_frame_runs_over_the_sample_file(local: Local) -> None:
    python = await open_python(local)

    await python.run('df = spark.read.parquet("/data/source.parquet")')

    assert sorted((await python.text('df.groupBy("category").count().show()')).split("\n"))[
        4:9
    ] == [
        "|   books|   42|",
        "|   games|   17|",
        "|   music|   31|",
        "|   tools|   10|",
        "|  garden|   25|",
    ]


async def test_statements_take_parameters_and_limits_and_fail_with_a_state(local: Local) -> None:
    bound = [Parameter("n", "3", "INT"), Parameter("nothing")]
    table = await local.run_statement(StatementSpec("SELECT :n, :nothing", parameters=bound))
    assert table.rows == [["3", None]]

    limited = StatementSpec("SELECT * FROM range(100)", row_limit=5)
    assert len((await local.run_statement(limited)).rows) == 6  # one more: there is more

    with pytest.raises(SqlFailure) as failed:
        await local.run_statement(StatementSpec("SELECT * FROM hr.nope", catalog="production"))
    assert failed.value.error_code == "BAD_REQUEST"
    assert failed.value.sql_state == "42P01"

    with pytest.raises(SqlFailure, match="PARSE_SYNTAX_ERROR"):
        await local.run_statement(StatementSpec("SELECT 1; SELECT 2"))
    assert (await local.run_statement(StatementSpec("CREATE SCHEMA main.x"))).columns == ()


async def test_a_statement_that_runs_holds_up_no_other(local: Local) -> None:
    slow = StatementSpec("SELECT count(*) FROM range(10000000000) a, range(1000) b")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(local.run_statement, slow)
        for _ in range(3):
            quick = await local.run_statement(StatementSpec("SELECT 1"))
            assert quick.rows == [["1"]]
        nursery.cancel_scope.cancel()


async def test_the_catalogs_are_listed_with_tables_and_columns(local: Local) -> None:
    assert await local.catalogs() == ["main", "production", "samples"]
    assert ("production", "hr") in await local.schemas()
    (employees,) = [each for each in await local.tables() if each["name"] == "employees"]

    assert (employees["catalog_name"], employees["schema_name"]) == ("production", "hr")
    assert employees["table_type"] == "MANAGED"
    assert employees["columns"][3] | {"type_json": ""} == {
        "name": "salary",
        "type_text": "double",
        "type_name": "DOUBLE",
        "type_json": "",
        "position": 3,
        "nullable": True,
        "comment": "a year, before tax",
    }


async def test_a_folder_brings_everything_back_at_the_next_start(tmp_path: Path) -> None:
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=Local(tmp_path), pace=Pace.instant()) as workspace:
            engine = workspace.engine
            for statement in (
                "CREATE TABLE main.default.kept AS SELECT 7 AS n",
                "DROP TABLE samples.nyctaxi.trips",
            ):
                await engine.run_statement(StatementSpec(statement))
            workspace.notebooks.put("/Users/me/mine", b"dbutils.notebook.exit(1)")
            workspace.notebooks.remove("/Shared/Examples/Analytics")
            (tmp_path / "dbfs" / "file.txt").write_text("kept")

        async with Workspace(engine=Local(tmp_path), pace=Pace.instant()) as workspace:
            kept = await workspace.engine.run_statement(
                StatementSpec("SELECT n FROM main.default.kept")
            )
            with pytest.raises(SqlFailure, match="TABLE_OR_VIEW_NOT_FOUND"):
                await workspace.engine.run_statement(
                    StatementSpec("SELECT * FROM samples.nyctaxi.trips")
                )
            mine = workspace.notebooks.source("/Users/me/mine")
            dropped = workspace.notebooks.source("/Shared/Examples/Analytics")

    assert kept.rows == [["7"]]
    assert mine is not None
    assert b"exit(1)" in mine.content
    assert dropped is None
    assert (tmp_path / "dbfs" / "file.txt").read_text() == "kept"


async def test_two_engines_do_not_share_a_folder(tmp_path: Path) -> None:
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=Local(tmp_path), pace=Pace.instant()):
            with pytest.raises(FolderInUse, match="Another local engine is running"):
                async with Workspace(engine=Local(tmp_path)):
                    pytest.fail("it started")


async def test_without_a_folder_nothing_is_left(tmp_path: Path) -> None:
    engine = Local()
    assert (engine.dbfs_folder / "data" / "source.parquet").is_file()
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=engine, pace=Pace.instant()):
            assert engine.folder.is_dir()
            assert repr(engine) == "<Local in memory, running>"

    assert not engine.folder.exists()
    assert repr(engine) == "<Local in memory, not running>"


async def test_an_engine_that_never_ran_leaves_nothing_either() -> None:
    engine = Local()
    folder = engine.folder

    del engine

    assert not folder.exists()


async def test_samples_can_be_left_out() -> None:
    engine = Local(samples=False)
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=engine, pace=Pace.instant()) as workspace:
            assert await engine.catalogs() == ["main"]
            assert not (engine.dbfs_folder / "data").exists()
            assert workspace.notebooks.source("/Shared/ETL/ProcessData") is None


async def test_a_clock_that_jumps_is_refused(autojump_clock: MockClock) -> None:
    with pytest.raises(RuntimeError, match="Use the Scripted engine"):
        async with Workspace(engine=Local()):
            pytest.fail("it started")
