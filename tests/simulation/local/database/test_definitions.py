"""Definitions: what is kept of them, and what only Delta would need."""

import pytest
from databricks_mcp_toolkit.simulation.local.database.errors import SqlError
from databricks_mcp_toolkit.simulation.local.places import Places

from ..conftest import Sql


def test_a_delta_table_keeps_columns_and_comments(sql: Sql) -> None:
    sql(
        """CREATE TABLE t (id BIGINT NOT NULL COMMENT 'the key', at TIMESTAMP, PRIMARY KEY (id))
           USING DELTA PARTITIONED BY (at) COMMENT 'things' TBLPROPERTIES ('a' = 'b')"""
    )

    assert sql("DESCRIBE t") == [["id", "bigint", "the key"], ["at", "timestamp", None]]
    assert sql("SELECT comment FROM information_schema.tables WHERE table_name = 't'") == [
        ["things"]
    ]


def test_an_identity_counts_and_a_default_fills_in(sql: Sql) -> None:
    sql(
        "CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 5), "
        "n INT DEFAULT 7, s STRING)"
    )
    sql("INSERT INTO t (s) VALUES ('a'), ('b')")

    assert sql("SELECT * FROM t ORDER BY s") == [["5", "7", "a"], ["6", "7", "b"]]


def test_a_table_like_another_is_empty(sql: Sql) -> None:
    sql("CREATE TABLE t AS SELECT 1 AS id")

    assert sql("CREATE TABLE u LIKE t") == []
    assert sql("SELECT * FROM u") == []


def test_a_table_at_a_location_reads_its_files(sql: Sql, places: Places) -> None:
    folder = places.dbfs / "sales"
    folder.mkdir()
    sql.session.cursor.execute(f"COPY (SELECT 1 AS n) TO '{folder}/part-0.parquet'")

    sql("CREATE TABLE sales USING PARQUET LOCATION 'dbfs:/sales'")

    assert sql("SELECT * FROM sales") == [["1"]]


def test_alter_changes_columns_one_by_one(sql: Sql) -> None:
    sql("CREATE TABLE t (a INT)")
    sql("ALTER TABLE t ADD COLUMNS (b STRING COMMENT 'new', c DOUBLE)")
    sql("ALTER TABLE t RENAME COLUMN a TO z")
    sql("ALTER TABLE t ALTER COLUMN c COMMENT 'half'")
    sql("ALTER TABLE t SET TBLPROPERTIES ('x' = 'y')")
    assert sql("DESCRIBE t") == [
        ["z", "int", None],
        ["b", "string", "new"],
        ["c", "double", "half"],
    ]

    sql("ALTER TABLE t DROP COLUMNS (b, c)")
    sql("ALTER TABLE t RENAME TO u")
    assert sql("SHOW COLUMNS IN u") == [["z"]]


def test_sql_functions_become_macros(sql: Sql) -> None:
    sql("CREATE OR REPLACE FUNCTION plus_one(x INT) RETURNS INT RETURN x + 1")

    assert sql("SELECT plus_one(3)") == [["4"]]


@pytest.mark.parametrize(
    "statement",
    ["CREATE VOLUME v", "GRANT SELECT ON TABLE t TO `x`", "CALL nothing()", "DESCRIBE HISTORY t"],
)
def test_what_the_engine_has_not_is_refused_by_name(sql: Sql, statement: str) -> None:
    with pytest.raises(SqlError, match="The local engine does not support") as failed:
        sql(statement)

    assert failed.value.sql_state == "0A000"


@pytest.mark.parametrize(
    "statement", ["OPTIMIZE t ZORDER BY (a)", "VACUUM t", "ANALYZE TABLE t COMPUTE STATISTICS"]
)
def test_upkeep_of_files_has_nothing_to_do(sql: Sql, statement: str) -> None:
    assert sql(statement) == []
