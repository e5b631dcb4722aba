"""Files that statements read."""

import pytest
from databricks_mcp_toolkit.simulation.local.database.errors import SqlError
from databricks_mcp_toolkit.simulation.local.places import Places

from ..conftest import Sql


@pytest.fixture
def sales(sql: Sql, places: Places) -> None:
    folder = places.dbfs / "sales"
    folder.mkdir()
    sql.session.cursor.execute(f"COPY (SELECT 1 AS n) TO '{folder}/part-0.parquet'")
    sql.session.cursor.execute(f"COPY (SELECT 2 AS n) TO '{folder}/part-1.parquet'")
    (folder / "_SUCCESS").touch()
    volume = places.volumes / "shop" / "default" / "raw"
    volume.mkdir(parents=True)
    (volume / "people.csv").write_text("name;age\nAda;36\n")
    (volume / "lines.txt").write_text("one\ntwo\n")
    (volume / "facts.json").write_text('{"a": 1}\n{"a": 2}\n')


@pytest.mark.usefixtures("sales")
def test_a_folder_stands_for_the_files_in_it(sql: Sql) -> None:
    assert sql("SELECT sum(n) FROM parquet.`/sales`") == [["3"]]
    assert sql("SELECT s.n FROM parquet.`dbfs:/sales/part-1.parquet` AS s") == [["2"]]
    assert sql("SELECT count(*) FROM read_files('/sales/*.parquet', format => 'parquet')") == [
        ["2"]
    ]


@pytest.mark.usefixtures("sales")
def test_read_files_takes_options(sql: Sql) -> None:
    path = "/Volumes/shop/default/raw"

    assert sql(
        f"SELECT name, age FROM read_files('{path}/people.csv', format => 'csv', sep => ';', "
        "header => true)"
    ) == [["Ada", "36"]]
    assert sql(f"SELECT age FROM read_files('{path}/people.csv', sep => ';')") == [["36"]]
    assert sql(f"SELECT sum(a) FROM read_files('{path}/facts.json')") == [["3"]]
    assert sql(f"SELECT value FROM text.`{path}/lines.txt`") == [["one"], ["two"]]
    assert sql(f"SELECT sum(a) FROM json.`{path}/facts.json`") == [["3"]]


@pytest.mark.usefixtures("sales")
def test_formats_that_duckdb_does_not_read_are_refused(sql: Sql) -> None:
    with pytest.raises(SqlError, match="does not support reading avro files"):
        sql("SELECT * FROM avro.`/sales`")


@pytest.mark.parametrize(
    "from_where", ["`{path}`", "'{path}'", "read_csv('{path}')", "read_text('{path}')"]
)
def test_files_of_this_machine_are_not_read_behind_databricks_back(
    sql: Sql, places: Places, from_where: str
) -> None:
    path = places.dbfs / "secret.csv"
    path.write_text("a\n1\n")

    with pytest.raises(SqlError) as refused:
        sql(f"SELECT * FROM {from_where.format(path=path)}")

    assert refused.value.error_class in {
        "TABLE_OR_VIEW_NOT_FOUND",
        "UNRESOLVABLE_TABLE_VALUED_FUNCTION",
    }
