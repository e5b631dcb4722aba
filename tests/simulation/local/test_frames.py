"""`spark` without a JVM: data frames on the workspace's own tables and files."""

from pathlib import Path

import pytest
from databricks_mcp_toolkit.simulation.engine import StatementSpec
from databricks_mcp_toolkit.simulation.local import Local
from databricks_mcp_toolkit.simulation.local.interpreter import sparks

from .conftest import Python


async def test_frames_are_written_to_and_read_from_dbfs(local: Local, python: Python) -> None:
    await python.run("df = spark.read.parquet('/data/source.parquet')")
    await python.run("df.write.partitionBy('category').parquet('/out/parted')")
    await python.run("df.write.option('header', True).mode('overwrite').csv('dbfs:/out/csv')")
    await python.run("df.write.format('json').save('/Volumes/main/default/v/json')")

    assert (local.dbfs_folder / "out/parted/category=books").is_dir()
    assert (local.dbfs_folder / "out/csv/_SUCCESS").is_file()
    count = "spark.read.{}.filter(\"category = 'books'\").count()"
    assert await python.text(count.format("parquet('/out/parted')")) == "42"
    assert await python.text(count.format("option('header', True).csv('/out/csv')")) == "42"
    assert await python.text(count.format("json('/Volumes/main/default/v/json')")) == "42"
    again = await python.run("df.write.parquet('/out/parted')")
    assert "[PATH_ALREADY_EXISTS]" in again.summary
    assert await python.text("df.write.mode('ignore').parquet('/out/parted')") == ""
    await python.run("df.write.mode('append').csv('/out/csv', header=True)")
    assert await python.text("spark.read.csv('/out/csv', header=True).count()") == "250"


async def test_csv_is_text_without_a_header_unless_told_otherwise(
    local: Local, python: Python
) -> None:
    (local.dbfs_folder / "x.csv").write_text("id;name\n1;Ada\n")

    assert await python.text("spark.read.option('sep', ';').csv('/x.csv')") == (
        "DataFrame[_c0: string, _c1: string]"
    )
    told = "spark.read.format('csv').options(header='true', sep=';', inferSchema='true')"
    assert await python.text(f"{told}.load('/x.csv')") == "DataFrame[id: bigint, name: string]"
    schema = "spark.read.schema('a INT, b STRING').option('header', True).option('sep', ';')"
    assert await python.text(f"{schema}.csv('/x.csv').collect()") == "[Row(a=1, b='Ada')]"


async def test_what_is_not_there_is_told_as_spark_tells_it(python: Python) -> None:
    missing = await python.run("spark.read.parquet('/nobody')")
    assert "AnalysisException" in missing.summary
    assert "[PATH_NOT_FOUND] Path does not exist: dbfs:/nobody" in missing.summary
    wrong = await python.run("spark.sql('SELEC 1')")
    assert "[PARSE_SYNTAX_ERROR]" in wrong.summary
    caught = "try:\n    spark.table('nope')\nexcept AnalysisException as e:\n    print('caught')"
    assert await python.text(f"from pyspark.errors import AnalysisException\n{caught}") == "caught"


async def test_tables_are_the_workspaces_own(local: Local, python: Python) -> None:
    await python.run("spark.range(3).write.saveAsTable('main.default.numbers')")
    await python.run("spark.range(2).write.mode('append').saveAsTable('main.default.numbers')")
    await python.run("spark.range(7, 9).write.insertInto('numbers')")

    table = await local.run_statement(
        StatementSpec("SELECT id FROM main.default.numbers ORDER BY 1")
    )

    assert [row[0] for row in table.rows] == ["0", "0", "1", "1", "2", "7", "8"]
    exists = await python.run("spark.range(3).write.saveAsTable('numbers')")
    assert "TABLE_OR_VIEW_ALREADY_EXISTS" in exists.summary
    await python.run("spark.range(1).write.mode('overwrite').saveAsTable('numbers')")
    assert await python.text("spark.table('main.default.numbers').count()") == "1"


async def test_sql_that_is_no_query_runs_at_once(python: Python) -> None:
    await python.run("spark.sql('CREATE TABLE t AS SELECT 1 AS n')")

    assert await python.text("spark.sql('SHOW TABLES').collect()") == (
        "[Row(database='default', tableName='t', isTemporary=False)]"
    )
    assert await python.text("spark.sql('INSERT INTO t VALUES (2)').collect()[0][0]") == "1"
    assert (
        await python.text("spark.sql('SELECT * FROM t WHERE n = :n', args={'n': 2}).count()") == "1"
    )


async def test_the_usual_operations_work(python: Python) -> None:
    await python.run(
        """
from pyspark.sql import Row, Window, functions as F
from pyspark.sql.types import StructType, StructField, StringType, LongType
rows = [("Ada", "x", 3), ("Ben", "y", 5), ("Cem", "x", 7)]
people = spark.createDataFrame(rows, ["name", "team", "n"])
"""
    )

    collected = {
        "people.filter(F.col('n') > 3).select('name').orderBy('name')": "['Ben', 'Cem']",
        "people.groupBy('team').agg(F.sum('n').alias('s')).orderBy('team').select('s')": "[10, 5]",
        "people.withColumn('m', F.col('n') * 2).orderBy(F.desc('m')).select('m')": "[14, 10, 6]",
        "people.join(people.groupBy('team').count(), 'team').orderBy('name').select('count')": (
            "[2, 1, 2]"
        ),
        "people.withColumn('r', F.row_number().over(Window.partitionBy('team').orderBy('n')))"
        ".orderBy('name').select('r')": "[1, 1, 2]",
        "people.union(people).distinct().select(F.count('*'))": "[3]",
        "people.selectExpr('n + 1 AS m').orderBy('m')": "[4, 6, 8]",
    }
    for code, values in collected.items():
        assert await python.text(f"[row[0] for row in {code}.collect()]") == values, code
    assert await python.text("people.cache().first()") == "Row(name='Ada', team='x', n=3)"
    assert await python.text("people.printSchema()") == (
        "root\n |-- name: string (nullable = true)\n"
        " |-- team: string (nullable = true)\n |-- n: long (nullable = true)"
    )


async def test_pandas_goes_both_ways(python: Python) -> None:
    pytest.importorskip("pandas")
    await python.run("import pandas as pd; pdf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})")

    assert await python.text("spark.createDataFrame(pdf).toPandas().a.sum()") == "np.int64(3)"
    assert await python.table("display(pdf)") == [[1, "x"], [2, "y"]]


async def test_the_catalog_knows_where_it_stands(python: Python) -> None:
    await python.run("spark.catalog.setCurrentCatalog('production')")
    await python.run("spark.catalog.setCurrentDatabase('hr')")

    assert await python.text(
        "spark.catalog.currentCatalog(), spark.catalog.currentDatabase(), "
        "spark.catalog.tableExists('employees'), spark.catalog.tableExists('nope')"
    ) == ("('production', 'hr', True, False)")
    await python.run("spark.range(1).createOrReplaceTempView('v')")
    assert await python.text(
        "spark.catalog.dropTempView('v'), spark.catalog.dropTempView('v')"
    ) == ("(True, False)")


async def test_what_needs_a_jvm_says_so(python: Python) -> None:
    assert "needs a JVM" in (await python.run("spark.sparkContext.parallelize([1])")).summary
    assert "with the `spark` extra" in (await python.run("sc.parallelize([1])")).summary
    udf = "from pyspark.sql.functions import udf\nspark.range(1).select(udf(str)('id')).show()"
    assert "Python UDFs are not available" in (await python.run(udf)).summary
    window = "from pyspark.sql.functions import window"
    assert "functions.window is not available here" in (await python.run(window)).summary


def test_the_machine_decides_which_spark_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def found(name: str) -> object:
        return object()

    monkeypatch.setattr(sparks.importlib.util, "find_spec", lambda name: None)
    assert sparks.kind() is sparks.Kind.SQLFRAME
    monkeypatch.setattr(sparks.importlib.util, "find_spec", found)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    assert sparks.kind() is sparks.Kind.JVM
    monkeypatch.setenv("SPARK_REMOTE", "sc://somewhere")
    assert sparks.kind() is sparks.Kind.CONNECT
    monkeypatch.setenv("SPARK_REMOTE", "local")
    assert sparks.kind() is sparks.Kind.CONNECT
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", "")
    assert sparks.kind() is sparks.Kind.SQLFRAME  # a server of its own would want Java as well
    monkeypatch.delenv("SPARK_REMOTE")
    assert sparks.kind() is sparks.Kind.SQLFRAME
