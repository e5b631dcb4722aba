"""Calls inside of calls: what DuckDB is given grows with a statement, and not by powers of it."""

import pytest
from databricks_mcp_toolkit.simulation.local.database import parsing, translate
from databricks_mcp_toolkit.simulation.local.database.functions import PREFIX
from databricks_mcp_toolkit.simulation.local.database.rewriting.sharing import GROWING, repeated
from sqlglot import exp, parse_one

from ..conftest import Sql

NESTED = {
    "quotients": ("amount", "{} / amount"),
    "divisors": ("n", "(n / {})"),
    "texts": ("d", "CAST(CAST({} AS STRING) AS DOUBLE)"),
    "remainders": ("n", "pmod({}, 7)"),
    "parts": ("s", "substring(upper({}), 1, 5)"),
    "patterns": ("s", "date_format(date_format({}, 'yyyy-MM-dd'), 'dd.MM.yyyy QQQ')"),
    "lists": ("xs", "array_union({}, array_distinct(xs))"),
    "json": ("s", "to_json(from_json({}, 'a STRING'))"),
}


@pytest.fixture
def wide(sql: Sql) -> Sql:
    sql("CREATE TABLE t (amount DECIMAL(10,2), n INT, d DOUBLE, s STRING, xs ARRAY<INT>)")
    return sql


def translated(sql: Sql, name: str, depth: int) -> str:
    """What DuckDB is to run for `depth` calls, one inside the other."""
    inner, outer = NESTED[name]
    for _ in range(depth):
        inner = outer.format(inner)
    (statement,) = translate.plan(
        parsing.parse(f"SELECT {inner} FROM t"), sql.session, {}
    ).statements
    return statement


@pytest.mark.parametrize("name", NESTED)
def test_a_translation_is_as_long_as_its_statement(wide: Sql, name: str) -> None:
    one, two, four = (len(translated(wide, name, depth)) for depth in (1, 2, 4))

    assert four - two < 4 * (two - one)


@pytest.mark.parametrize("name", NESTED)
def test_no_macro_repeats_another_one(wide: Sql, name: str) -> None:
    tree = parse_one(translated(wide, name, 3), dialect="duckdb")

    for call in tree.find_all(exp.Anonymous):
        macro = call.name.lower()
        if macro.startswith(PREFIX):
            places = repeated(macro.removeprefix(PREFIX), len(call.expressions))
            given = [call.expressions[place] for place in places]
            assert not any(
                GROWING.search(each.sql("duckdb"))
                for each in given
                if not isinstance(each, exp.Lambda)
            ), call.sql("duckdb")


def test_a_hash_of_many_columns_folds_each_once(wide: Sql) -> None:
    (statement,) = translate.plan(
        parsing.parse(f"SELECT hash({', '.join(['n', 's'] * 10)}) FROM t"), wide.session, {}
    ).statements

    assert statement.lower().count("spark_hash_int") == 10


def test_what_is_shared_gives_the_same(sql: Sql) -> None:
    assert sql("SELECT CAST(1000.00 / 2 / 5 / 4 / 5 AS DECIMAL(10,4))") == [["5.0000"]]
    assert sql("SELECT pmod(pmod(-20, 7) - 9, 5), 7 / (8 / (16 / 4))") == [["2", "3.5"]]
    assert sql(
        "SELECT sum(n) / 2 / 2, count(*) FROM VALUES (1.00, 4), (1.00, 4) AS t(k, n) "
        "GROUP BY k / 3 / 2 ORDER BY k / 3 / 2"
    ) == [["2.0", "2"]]


def test_a_statement_that_is_nested_too_deep_says_so(sql: Sql) -> None:
    from databricks_mcp_toolkit.simulation.local.database.errors import SqlError

    with pytest.raises(SqlError, match="nested so deep"):
        sql(f"SELECT {'(' * 2000}1{')' * 2000}")
