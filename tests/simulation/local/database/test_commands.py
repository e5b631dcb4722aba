"""The statements about the database itself."""

import pytest
from databricks_mcp_toolkit.simulation.local.database.errors import SqlError

from ..conftest import Sql


def test_show_lists_catalogs_schemas_and_tables_by_pattern(sql: Sql) -> None:
    sql("CREATE SCHEMA hr")
    sql("CREATE TABLE hr.employees (id INT)")
    sql("CREATE TABLE hr.teams (id INT)")

    assert ["shop"] in sql("SHOW CATALOGS")
    assert sql("SHOW CATALOGS LIKE 'sho*'") == [["shop"]]
    assert sql("SHOW SCHEMAS") == [["default"], ["hr"]]
    assert sql("SHOW DATABASES IN shop LIKE 'h*|x*'") == [["hr"]]
    assert sql("SHOW TABLES IN shop.hr") == [["hr", "employees", "false"], ["hr", "teams", "false"]]
    assert sql("SHOW TABLES FROM hr LIKE 'EMP*'") == [["hr", "employees", "false"]]
    assert sql("SHOW COLUMNS IN hr.employees") == [["id"]]


def test_describe_speaks_of_columns_queries_and_schemas(sql: Sql) -> None:
    sql("CREATE TABLE t (id BIGINT, d DECIMAL(5, 1))")

    assert sql("DESC TABLE shop.default.t") == [["id", "bigint", None], ["d", "decimal(5,1)", None]]
    assert sql("DESCRIBE QUERY SELECT 1 AS a") == [["a", "int", None]]
    assert ["Catalog Name", "shop"] in sql("DESCRIBE SCHEMA default")
    assert ["Table", "t", ""] in sql("DESCRIBE TABLE EXTENDED t")
    assert "id BIGINT" in str(sql("SHOW CREATE TABLE t")[0][0])


def test_information_schema_speaks_of_its_own_catalog_and_of_all(sql: Sql) -> None:
    sql("CREATE TABLE t (id BIGINT NOT NULL, d DECIMAL(5, 1) DEFAULT 1)")
    columns = "column_name, ordinal_position, is_nullable, data_type, full_data_type"

    assert sql(f"SELECT {columns} FROM information_schema.columns WHERE table_name = 't'") == [
        ["id", "0", "NO", "LONG", "bigint"],
        ["d", "1", "YES", "DECIMAL", "decimal(5,1)"],
    ]
    assert sql(
        "SELECT table_catalog FROM system.information_schema.tables WHERE table_name = 't'"
    ) == [["shop"]]
    assert sql("SELECT * FROM main.information_schema.views") == []


def test_schemas_are_dropped_with_what_they_hold_only_when_told(sql: Sql) -> None:
    sql("CREATE SCHEMA hr COMMENT 'people'")
    sql("CREATE SCHEMA IF NOT EXISTS hr")
    sql("CREATE TABLE hr.t (id INT)")

    with pytest.raises(SqlError, match="SCHEMA_NOT_EMPTY"):
        sql("DROP SCHEMA hr")
    sql("DROP SCHEMA hr CASCADE")
    sql("DROP SCHEMA IF EXISTS hr")

    assert sql("SHOW SCHEMAS") == [["default"]]


def test_a_dropped_catalog_leaves_its_users_in_the_default_one(sql: Sql) -> None:
    sql("DROP CATALOG shop CASCADE")

    assert sql("SELECT current_catalog(), current_schema()") == [["main", "default"]]
    with pytest.raises(SqlError, match="CATALOG_NOT_FOUND"):
        sql("USE CATALOG shop")


def test_settings_are_remembered(sql: Sql) -> None:
    sql("SET spark.sql.ansi.enabled = true")

    assert sql("SET spark.sql.ansi.enabled") == [["spark.sql.ansi.enabled", "true"]]
    assert sql("SET nobody.said") == [["nobody.said", "<undefined>"]]


def test_a_time_zone_moves_what_a_clock_shows(sql: Sql) -> None:
    sql("SET TIME ZONE 'Europe/Berlin'")

    assert sql("SELECT date_format(TIMESTAMP'2024-01-01 12:00:00Z', 'HH:mm')") == [["13:00"]]
    with pytest.raises(SqlError, match="INVALID_CONF_VALUE"):
        sql("SET TIME ZONE 'Mars/Base'")


def test_explain_shows_a_plan(sql: Sql) -> None:
    assert str(sql("EXPLAIN SELECT 1")[0][0]).startswith("== Physical Plan ==")


def test_drivers_find_the_tables_and_columns_of_a_catalog(sql: Sql) -> None:
    sql("CREATE TABLE orders (id BIGINT NOT NULL, note STRING)")
    sql("CREATE SCHEMA other")
    sql("CREATE VIEW other.open_orders AS SELECT * FROM default.orders")

    assert sql("SHOW TABLES IN CATALOG shop") == [
        ["shop", "default", "orders", "TABLE", None],
        ["shop", "other", "open_orders", "VIEW", None],
    ]
    assert sql("SHOW TABLES IN CATALOG `shop` SCHEMA LIKE 'oth%' LIKE '%orders'") == [
        ["shop", "other", "open_orders", "VIEW", None]
    ]
    assert ["shop", "default", "orders", "TABLE", None] in sql("SHOW TABLES IN ALL CATALOGS")
    assert sql("SHOW COLUMNS IN CATALOG shop SCHEMA LIKE 'default' TABLE LIKE 'orders'") == [
        ["shop", "default", "orders", "id", "BIGINT", "false"],
        ["shop", "default", "orders", "note", "STRING", "true"],
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "OPTIMIZE t ZORDER BY (id)",
        "VACUUM t RETAIN 168 HOURS",
        "ANALYZE TABLE t COMPUTE STATISTICS",
    ],
)
def test_upkeep_of_files_is_taken_and_does_nothing(sql: Sql, statement: str) -> None:
    sql("CREATE TABLE t (id INT)")

    assert sql(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DESCRIBE HISTORY t",
        "DESCRIBE DETAIL t",
        "RESTORE TABLE t TO VERSION AS OF 1",
        "SELECT * FROM t VERSION AS OF 1",
        "SELECT * FROM t TIMESTAMP AS OF '2024-01-01'",
    ],
)
def test_what_needs_a_tables_history_is_refused(sql: Sql, statement: str) -> None:
    sql("CREATE TABLE t (id INT)")

    with pytest.raises(SqlError, match="local engine does not support") as refused:
        sql(statement)

    assert refused.value.sql_state == "0A000"
    assert "translation" not in refused.value.message


def test_a_clone_is_a_copy(sql: Sql) -> None:
    sql("CREATE TABLE t AS SELECT 1 AS id")
    sql("CREATE TABLE copied DEEP CLONE t")
    sql("UPDATE t SET id = 2")

    assert sql("SELECT id FROM copied") == [["1"]]


def test_a_path_into_a_text_is_named_by_its_last_field(sql: Sql) -> None:
    """https://docs.databricks.com/sql/language-manual/functions/colonsign.html"""
    statement = """SELECT doc:a.b, doc:a.c[1], doc:none FROM VALUES
                   ('{"a": {"b": "x", "c": [1, 2]}}') AS t(doc)"""

    assert list(sql.columns(statement)) == ["b", "c", "none"]
    assert sql(statement) == [["x", "2", None]]
