"""What goes wrong is told in Databricks' words, with its SQLSTATE and its place."""

import pytest
from databricks_mcp_toolkit.simulation.local.database import parsing
from databricks_mcp_toolkit.simulation.local.database.errors import SqlError

from ..conftest import Sql


@pytest.mark.parametrize(
    ("statement", "state", "beginning"),
    [
        (
            "SELECT * FROM nope",
            "42P01",
            "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nope` cannot",
        ),
        (
            "SELECT * FROM hr.nope",
            "42P01",
            "[TABLE_OR_VIEW_NOT_FOUND] The table or view `hr`.`nope`",
        ),
        ("DROP TABLE nope", "42P01", "[TABLE_OR_VIEW_NOT_FOUND]"),
        ("SELECT * FROM nocat.a.b", "42P08", "[CATALOG_NOT_FOUND]"),
        ("USE SCHEMA nope", "42704", "[SCHEMA_NOT_FOUND] The schema `shop`.`nope`"),
        ("SELECT salry FROM t", "42703", "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable,"),
        ("SELECT salry", "42703", "[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column, variable,"),
        ("SELECT nofn(1)", "42883", "[UNRESOLVED_ROUTINE] Cannot resolve routine `nofn`"),
        ("SELECT CAST('abc' AS INT)", "22018", "[CAST_INVALID_INPUT] The value 'abc' of the type"),
        ("SELECT CAST('2024-13-01' AS DATE)", "22018", "[CAST_INVALID_INPUT]"),
        ("SELECT salary, count(*) FROM t", "42803", "[MISSING_GROUP_BY]"),
        ("SELECT salary FROM t GROUP BY salary + 1", "42803", "[MISSING_AGGREGATION]"),
        ("CREATE TABLE t (a INT)", "42P07", "[TABLE_OR_VIEW_ALREADY_EXISTS]"),
        ("CREATE SCHEMA default", "42P06", "[SCHEMA_ALREADY_EXISTS]"),
        ("CREATE CATALOG shop", "42710", "[CATALOG_ALREADY_EXISTS]"),
        ("INSERT INTO t VALUES (1, 2)", "21S01", "[INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COL"),
        ("INSERT INTO t VALUES (NULL)", "23502", "[DELTA_NOT_NULL_CONSTRAINT_VIOLATED]"),
        ("SELECT a.x FROM t", "42703", "[UNRESOLVED_COLUMN"),
        ("SELECT x FROM (SELECT 1 x) a JOIN (SELECT 1 x) b", "42704", "[AMBIGUOUS_REFERENCE]"),
        (
            "SELECT * FROM csv.`/nope.csv`",
            "42K03",
            "[PATH_NOT_FOUND] Path does not exist: dbfs:/nope",
        ),
        (
            "SELECT * FROM parquet.`s3://b/x`",
            "42K03",
            "[PATH_NOT_FOUND] The local engine cannot reach",
        ),
        ("SELECT 9223372036854775807 + 1", "22003", "[ARITHMETIC_OVERFLOW]"),
    ],
)
def test_a_failure_has_its_class_and_state(
    sql: Sql, statement: str, state: str, beginning: str
) -> None:
    sql("CREATE TABLE t (salary DOUBLE NOT NULL)")

    with pytest.raises(SqlError) as failed:
        sql(statement)

    assert failed.value.message.startswith(beginning)
    assert failed.value.sql_state == state
    assert f"SQLSTATE: {state}" in failed.value.message


def test_a_failure_says_where_the_name_stands(sql: Sql) -> None:
    with pytest.raises(SqlError, match=r"SQLSTATE: 42P01; line 2 pos 7$"):
        sql("SELECT *\n  FROM shop.default.nope")


@pytest.mark.parametrize(
    ("statement", "near", "line", "position"),
    [
        ("SELCT 1", "'SELCT'", 1, 0),
        ("SELECT * FRM t", "'t'", 1, 13),
        ("SELECT 1 +", "end of input", 1, 10),
        ("SELECT", "end of input", 1, 6),
        ("SELECT 'abc", "'''", 1, 7),
        ("SELECT a\nFROM t WHERE", "end of input", 2, 12),
    ],
)
def test_a_syntax_error_points_at_the_word(
    sql: Sql, statement: str, near: str, line: int, position: int
) -> None:
    with pytest.raises(SqlError) as failed:
        sql.session.run(parsing.single(statement))

    message = failed.value.message
    assert message.startswith(
        f"[PARSE_SYNTAX_ERROR] Syntax error at or near {near}. SQLSTATE: 42601"
    )
    assert f"(line {line}, pos {position})" in message
    assert "== SQL ==" in message


def test_a_second_statement_is_a_syntax_error_where_one_is_expected() -> None:
    with pytest.raises(SqlError, match=r"near 'DROP'\..*\(line 2, pos 0\)"):
        parsing.single("SELECT 1;\nDROP TABLE t")


def test_a_script_is_split_at_its_semicolons_alone() -> None:
    script = "SELECT ';' AS x; -- one; two\n/* three; */ SELECT 2;\n;"

    assert parsing.split(script) == ["SELECT ';' AS x", "SELECT 2"]


def test_statements_that_conflict_ask_to_be_tried_again(sql: Sql) -> None:
    sql("CREATE TABLE t AS SELECT 1 AS n")
    other = sql.session.catalogs.root.cursor()
    other.execute("BEGIN")
    other.execute('UPDATE shop."default".t SET n = 2')

    with pytest.raises(SqlError, match="DELTA_CONCURRENT"):
        sql("UPDATE t SET n = 3")
    other.execute("ROLLBACK")
