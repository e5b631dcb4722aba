"""SQL as `spark.sql` gets it: whose it is, and what it names."""

import pytest
from databricks_mcp_toolkit.simulation.local.interpreter import statements


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "  -- why\n/* how */ with a as (select 1) select * from a",
        "(select 1) union (select 2)",
        "VALUES (1)",
        "SET spark.sql.ansi.enabled = false",
        "create or replace temp view v as select 1",
        "CREATE GLOBAL TEMPORARY VIEW v AS SELECT 1",
    ],
)
def test_queries_settings_and_temporary_views_are_sparks_own(statement: str) -> None:
    assert statements.is_sparks_own(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW template AS SELECT 1",
        "INSERT INTO t VALUES (1)",
        "USE CATALOG production",
        "SHOW TABLES",
        "SELECTED",
    ],
)
def test_all_else_is_for_the_workspace(statement: str) -> None:
    assert not statements.is_sparks_own(statement)


def test_tables_and_files_are_found_where_they_stand() -> None:
    query = (
        "WITH c AS (SELECT 1) SELECT x, `hr.t` FROM prod.hr.`my table` m JOIN c JOIN t2"
        " JOIN parquet.`/data/x` WHERE EXISTS (SELECT * FROM"
        " read_files('/v/(a)', format => 'csv') WHERE a = ')')"
    )

    found = {each.text: (each.bare, each.is_file) for each in statements.named(query)}

    assert found == {
        "prod.hr.`my table`": (False, False),
        "t2": (True, False),
        "parquet.`/data/x`": (True, True),
        "read_files('/v/(a)', format => 'csv')": (True, False),
    }


def test_what_is_replaced_leaves_the_rest_as_it_was_written() -> None:
    query = "select  /* t1 */ t1.a from t1 , hr.t1 as b -- t1"

    assert statements.replaced(query, lambda name: "X" if name.table.db else "Y AS t1") == (
        "select  /* t1 */ t1.a from Y AS t1 , X as b -- t1"
    )


def test_what_cannot_be_read_names_nothing() -> None:
    assert statements.replaced("SELEC FROM 'x", lambda _: "X") == "SELEC FROM 'x"
