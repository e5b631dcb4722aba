"""Statements of every kind, in Databricks' SQL, with Databricks' answers."""

import pytest
from databricks_mcp_toolkit.simulation.local.database import parsing
from databricks_mcp_toolkit.simulation.local.database.errors import SqlError

from ..conftest import Sql


def test_a_query_has_databricks_types_and_names(sql: Sql) -> None:
    query = """SELECT 1, count(*), 1.5 AS d, 2.5D AS x, 'a' AS s, true AS b, NULL AS n,
               DATE'2024-01-01' AS day, TIMESTAMP'2024-01-01 00:00:00' AS t, array(1L) AS a,
               map('k', 1) AS m, named_struct('f', 'x') AS st"""

    assert sql.columns(query) == {
        "1": "INT",
        "count(1)": "BIGINT",
        "d": "DECIMAL(2,1)",
        "x": "DOUBLE",
        "s": "STRING",
        "b": "BOOLEAN",
        "n": "VOID",
        "day": "DATE",
        "t": "TIMESTAMP",
        "a": "ARRAY<BIGINT>",
        "m": "MAP<STRING, INT>",
        "st": "STRUCT<f: STRING>",
    }


@pytest.mark.parametrize(
    ("projection", "name"),
    [
        ("sum(id)", "sum(id)"),
        ("AVG(id) + 1", "(avg(id) + 1)"),
        ("id", "id"),
        ("id * 2", "(id * 2)"),
        ("upper('a')", "upper(a)"),
        ("CAST(id AS STRING)", "id"),
        ("'x'", "x"),
    ],
)
def test_an_unnamed_column_is_named_as_spark_names_it(sql: Sql, projection: str, name: str) -> None:
    assert list(sql.columns(f"SELECT {projection} FROM range(3) GROUP BY id")) == [name]


def test_changes_tell_their_counts(sql: Sql) -> None:
    assert sql("CREATE TABLE t (id BIGINT, name STRING) USING DELTA") == []
    assert sql("INSERT INTO t VALUES (1, 'a'), (2, 'b')") == [["2", "2"]]
    assert sql("UPDATE t AS x SET x.name = 'c' WHERE id = 2") == [["1"]]
    assert sql("DELETE FROM t WHERE id > 5") == [["0"]]
    assert sql("INSERT OVERWRITE t SELECT 9, 'z'") == [["1", "1"]]
    assert sql("SELECT * FROM t") == [["9", "z"]]
    assert sql("TRUNCATE TABLE t") == []
    assert sql("CREATE TABLE u AS SELECT 1 AS id") == []


def test_a_merge_with_stars_updates_and_inserts(sql: Sql) -> None:
    sql("CREATE TABLE t AS SELECT 1 AS id, 'old' AS v")
    sql("CREATE TABLE s AS SELECT * FROM VALUES (1, 'new'), (2, 'more') AS x(id, v)")

    merge = """MERGE INTO t USING s ON t.id = s.id
               WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"""

    assert sql(merge) == [["2", "1", "0", "1"]]
    assert sql("SELECT * FROM t ORDER BY id") == [["1", "new"], ["2", "more"]]
    assert sql(
        "MERGE INTO t AS a USING s AS b ON a.id = b.id WHEN MATCHED AND b.id = 1 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET a.v = b.v || '!' "
        "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (b.id, b.v)"
    ) == [["2", "1", "1", "0"]]
    assert sql("SELECT v FROM t") == [["more!"]]


def test_parameters_are_bound_with_their_types(sql: Sql) -> None:
    bound = [
        {"name": "n", "value": "4", "type": "INT"},
        {"name": "d", "value": "1.25", "type": "DECIMAL(10,2)"},
        {"name": "s", "value": "it's"},
        {"name": "nothing", "value": None, "type": "DATE"},
        {"name": "t", "value": "shop.default.numbers"},
    ]
    sql("CREATE TABLE numbers AS SELECT 1 AS n")

    outcome = sql.session.run("SELECT :n + 1 AS n, :d AS d, :s AS s, :nothing AS x", bound)

    assert [kind.text for kind in outcome.kinds] == ["INT", "DECIMAL(10,2)", "STRING", "DATE"]
    assert [str(value) for value in outcome.rows()[0]] == ["5", "1.25", "it's", "None"]
    assert sql.session.run("SELECT * FROM IDENTIFIER(:t)", bound).rows() == [(1,)]


def test_a_parameter_nobody_gave_is_named(sql: Sql) -> None:
    with pytest.raises(SqlError, match=r"\[UNBOUND_SQL_PARAMETER\].*: day\.") as failed:
        sql("SELECT :day")

    assert failed.value.sql_state == "42P02"


def test_use_moves_names_and_temporary_views_stay_with_their_session(sql: Sql) -> None:
    sql("CREATE SCHEMA hr")
    sql("CREATE TABLE hr.people AS SELECT 'Ada' AS name")
    sql("USE hr")
    sql("CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM people")

    assert sql("SELECT current_catalog(), current_schema(), current_user()") == [
        ["shop", "hr", "someone@example.com"]
    ]
    assert sql("SELECT v.name, p.name FROM v JOIN shop.hr.people p ON true") == [["Ada", "Ada"]]
    assert sql("SHOW VIEWS") == [["", "v", "true", "false"]]


def test_functions_of_databricks_run_on_duckdb(sql: Sql) -> None:
    assert sql(
        """SELECT date_format(TIMESTAMP'2024-03-05 10:11:12', 'yyyy-MM-dd HH:mm'),
                  datediff(DATE'2024-03-05', DATE'2024-03-01'), date_add(DATE'2024-03-05', 1),
                  trunc(DATE'2024-03-05', 'MM'), ceil(2.5D), pmod(-7, 3), try_divide(1, 0),
                  substring_index('a,b', ',', 1), size(array(1, 2)), array(1, 2)[0],
                  element_at(map('k', 5), 'k'), exists(array(1, 2), x -> x > 1),
                  forall(array(1, 2), x -> x > 1), transform(array(1), x -> x + 1),
                  get_json_object('{"a": {"b": 1}}', '$.a.b'), nvl(NULL, 'z'), 7 div 2,
                  unix_timestamp(TIMESTAMP'1970-01-01 00:01:00'), add_months(DATE'2024-01-31', 1),
                  if(1 > 2, 'a', 'b'), bigint('3'), some(true), sha2('a', 256) IS NULL"""
    ) == [
        [
            *("2024-03-05 10:11", "4", "2024-03-06", "2024-03-01", "3", "2", None, "a", "2", "1"),
            *("5", "true", "false", '["2"]', "1", "z", "3", "60", "2024-02-29", "b", "3", "true"),
            "false",
        ]
    ]


def test_generators_make_rows(sql: Sql) -> None:
    assert sql("SELECT explode(array('a', 'b'))") == [["a"], ["b"]]
    assert sql.columns("SELECT explode(array('a', 'b'))") == {"col": "STRING"}
    assert sql(
        "SELECT x, c FROM (SELECT 1 AS x, array(7) AS b) LATERAL VIEW explode(b) t AS c"
    ) == [["1", "7"]]
    assert sql("VALUES (1, 'a')") == [["1", "a"]]
    assert list(sql.columns("VALUES (1, 'a')")) == ["col1", "col2"]


def test_division_is_ansi(sql: Sql) -> None:
    assert sql("SELECT 7 / 2") == [["3.5"]]
    with pytest.raises(SqlError, match=r"^\[DIVIDE_BY_ZERO\]") as failed:
        sql("SELECT 1 / (id - 1) FROM range(3)")

    assert failed.value.sql_state == "22012"


def test_a_sum_of_integers_is_a_bigint(sql: Sql) -> None:
    assert sql.columns("SELECT sum(id) AS s FROM range(3)") == {"s": "BIGINT"}


def test_the_batches_of_a_large_result_are_all_there(sql: Sql) -> None:
    assert len(sql("SELECT id FROM range(12345)")) == 12345


def test_a_users_function_may_have_a_name_that_only_duckdb_knows(sql: Sql) -> None:
    with pytest.raises(SqlError, match="UNRESOLVED_ROUTINE"):
        sql("SELECT list_value(1)")

    sql("CREATE FUNCTION list_value(x INT) RETURNS INT RETURN x + 1")

    assert sql("SELECT list_value(1), default.list_value(2), shop.default.list_value(3)") == [
        ["2", "3", "4"]
    ]


@pytest.mark.parametrize("name", ["ai_query", "h3_longlatash3", "sentences", "current_time"])
def test_a_function_that_is_left_out_is_told_from_one_that_does_not_exist(
    sql: Sql, name: str
) -> None:
    with pytest.raises(SqlError, match=f"does not support the function `{name}`") as refused:
        sql(f"SELECT {name}('a')")

    assert refused.value.sql_state == "0A000"


@pytest.mark.parametrize("statement", ["", " \n", "-- nothing", ";", "/* nothing */ ;"])
def test_an_empty_statement_is_refused(sql: Sql, statement: str) -> None:
    with pytest.raises(SqlError) as refused:
        parsing.single(statement)

    assert (refused.value.error_class, refused.value.sql_state) == (
        "PARSE_EMPTY_STATEMENT",
        "42617",
    )


@pytest.mark.parametrize(
    ("parameters", "error_class", "sql_state"),
    [
        (
            [{"name": "a", "value": "1"}, {"name": "A", "value": "2"}],
            "INVALID_PARAMETER_MARKER_VALUE.DUPLICATE_NAME",
            "22023",
        ),
        *(
            (
                [{"name": "a", "value": "1", "type": kind}],
                "INVALID_PARAMETER_MARKER_VALUE.INVALID_DATA_TYPE",
                "22023",
            )
            for kind in ("BINARY", "ARRAY<INT>", "MAP<STRING, INT>", "STRUCT<a: INT>", "NOPE")
        ),
        *(
            ([{"name": "a", "value": value, "type": kind}], "INVALID_VALUE_FOR_DATA_TYPE", "22023")
            for value, kind in (
                ("x", "INT"),
                ("1.5", "BIGINT"),
                ("maybe", "BOOLEAN"),
                ("soon", "DATE"),
                ("x", "DECIMAL(10,2)"),
            )
        ),
    ],
)
def test_a_parameter_that_is_wrong_is_told_by_its_class(
    sql: Sql, parameters: list[dict[str, str]], error_class: str, sql_state: str
) -> None:
    with pytest.raises(SqlError) as refused:
        sql.session.run("SELECT :a", parameters)

    assert (refused.value.error_class, refused.value.sql_state) == (error_class, sql_state)


def test_parameters_have_the_types_that_they_say(sql: Sql) -> None:
    outcome = sql.session.run(
        "SELECT :n, :d, :t, :nothing",
        [
            {"name": "n", "value": "15", "type": "DECIMAL"},
            {"name": "d", "value": "2024-01-31", "type": "DATE"},
            {"name": "t", "value": "2024-01-31 10:00:00", "type": "TIMESTAMP"},
            {"name": "nothing", "type": "VOID"},
        ],
    )

    kinds = [kind.text for kind in outcome.kinds]
    assert kinds == ["DECIMAL(10,0)", "DATE", "TIMESTAMP", "VOID"]


def test_a_table_made_from_a_query_tells_the_names_of_its_counts_and_none(sql: Sql) -> None:
    outcome = sql.session.run("CREATE TABLE t AS SELECT 1 AS n")

    assert outcome.names == ("num_affected_rows", "num_inserted_rows")
    assert outcome.rows() == []
