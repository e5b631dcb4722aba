"""`spark` on a real PySpark: on a JVM of the context's own, and at Spark Connect servers.

Starting a JVM takes ten seconds and more, so most tests are guests of one Spark Connect server, and
each of the others sees a JVM from its start to its end.
"""

import importlib.util
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.engine import CommandResults, Repl, ReplLost, StatementSpec
from databricks_mcp_toolkit.simulation.local import Local
from databricks_mcp_toolkit.simulation.local.interpreter import jvm

from .conftest import Python, open_python
from .test_endings import Flag, children, flag, gone, zygote

__all__ = ["flag"]

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None, reason="the extra `spark` is not installed"
    ),
    pytest.mark.skipif(not jvm.java(), reason="there is no Java here"),
]

PATIENCE = 60.0  # seconds for each wait, so that a hang costs no more
CLASSIC, OWN_SERVER = "a JVM of the context's own", "a Spark Connect server of the context's own"
ENDLESS = "spark.range(10**9).crossJoin(spark.range(10**9)).selectExpr('sum(id % 7)').collect()"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Spark Connect server that belongs to nobody here; its URL."""
    scratch = tmp_path_factory.mktemp("server")
    port = jvm._free_port()
    conf = jvm.settings(scratch, "local[2]") | {"spark.connect.grpc.binding.port": str(port)}
    running = jvm.launch(jvm.CONNECT_SERVER, conf, scratch)
    try:
        while not jvm.answers("127.0.0.1", port):
            assert running.epitaph() is None, running.log.read_text()
        yield f"sc://localhost:{port}"
    finally:
        running.process.kill()
        running.process.wait()


@pytest.fixture
def remote(server: str) -> str | None:
    """What `SPARK_REMOTE` says; tests that are about one kind of Spark choose another."""
    return server


@pytest.fixture
async def local(remote: str | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    engine = Local(environment={"SPARK_REMOTE": remote} if remote else {})
    async with Workspace(engine=engine, pace=Pace.instant()):
        yield engine


class PatientPython(Python):
    """A Python context; its first command starts a Spark, and the others find it there."""

    def __init__(self, repl: Repl) -> None:
        super().__init__(repl)
        self._patience = jvm.STARTS_WITHIN

    async def run(self, code: str) -> CommandResults:
        with trio.fail_after(self._patience):
            results = await super().run(code)
        self._patience = PATIENCE
        return results


@pytest.fixture
async def python(local: Local) -> Python:
    return PatientPython((await open_python(local)).repl)


async def cancelled_at_work(python: Python, flag: Flag) -> None:
    """Runs what never ends, and cancels it as soon as it has begun."""
    await python.run(f"spark.range(1).count(); flag = open({str(flag.path)!r}, 'w')")
    with trio.fail_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(python.run, f"print('here', file=flag, flush=True)\n{ENDLESS}")
            await flag.raised()
            nursery.cancel_scope.cancel()


kinds = pytest.mark.parametrize("remote", [None, "local[2]"], ids=[CLASSIC, OWN_SERVER])


def java_processes() -> list[int]:
    """The JVMs that processes of the engine have started."""
    return [
        pid
        for interpreter in children(zygote())
        for pid in children(interpreter)
        if Path(f"/proc/{pid}/comm").read_text().strip() == "java"
    ]


async def rows(engine: Local, statement: str) -> list[list[str | None]]:
    table = await engine.run_statement(StatementSpec(statement))
    return [list(row) for row in table.rows]


@kinds
async def test_each_kind_of_spark_runs_the_seed_cases_and_tells_when_its_jvm_dies(
    local: Local, python: Python, remote: str | None
) -> None:
    assert await python.text('df = spark.read.parquet("/data/source.parquet")') == ""
    if remote is None:
        assert await python.text("sc.parallelize([1, 2]).count()") == "2"
    else:
        assert "JVM_ATTRIBUTE_NOT_SUPPORTED" in (await python.run("sc.parallelize([1])")).summary
    shown = await python.text('df.groupBy("category").count().show()')
    averages = """spark.sql('''
        SELECT department, COUNT(*) AS employee_count, AVG(salary) AS avg_salary
        FROM production.hr.employees WHERE status = 'active'
        GROUP BY department ORDER BY avg_salary DESC''').first()"""

    assert sorted(shown.split("\n"))[4:9] == [
        "|   books|   42|",
        "|   games|   17|",
        "|   music|   31|",
        "|   tools|   10|",
        "|  garden|   25|",
    ]
    assert await python.text(averages) == (
        "Row(department='Engineering', employee_count=6, avg_salary=116750.0)"
    )
    kind = "pyspark.sql.connect.session" if remote else "pyspark.sql.session"
    assert await python.text("print(type(spark.range(1).sparkSession).__module__)") == kind
    udf = (
        "spark.udf.register('twice', lambda x: 2 * x, 'long')\nspark.sql('SELECT twice(4)').first()"
    )
    assert await python.text(udf) == "Row(twice(4)=8)"

    (java,) = java_processes()
    os.kill(java, signal.SIGKILL)
    with trio.fail_after(PATIENCE):
        await gone(java)
    lost = await python.run("spark.range(1).count()")
    assert "SparkLost" in lost.summary
    assert "was killed by signal 9. Make a new execution context." in lost.summary
    assert await python.text("df.__class__.__name__") == "'DataFrame'"


@kinds
async def test_a_cancel_stops_the_job_and_the_end_takes_a_jvm_along_that_answers_nobody(
    local: Local, python: Python, flag: Flag
) -> None:
    await cancelled_at_work(python, flag)

    assert await python.text("spark.range(7).count()") == "7"
    (java,) = java_processes()
    os.kill(java, signal.SIGSTOP)
    with trio.fail_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lost, python, "spark.range(7).count()")
            await trio.testing.wait_all_tasks_blocked()
            await python.repl.close()
        await gone(java)


async def lost(python: Python, code: str) -> None:
    """Runs code whose context is closed under it."""
    with pytest.raises(ReplLost):
        await python.run(code)


async def test_a_server_of_somebody_elses_runs_the_seed_cases(local: Local, python: Python) -> None:
    assert await python.text('df = spark.read.parquet("/data/source.parquet")') == ""
    assert await python.text("df.filter(\"category = 'books'\").count()") == "42"
    assert await python.text("spark.table('production.hr.employees').count()") == "24"


@pytest.mark.parametrize(
    ("remote", "why"),
    [
        ("sc://localhost:1", "No Spark Connect server answers at localhost:1."),
        ("yarn", "it has to be local, local[N] or sc://HOST."),
    ],
)
async def test_a_spark_that_cannot_be_had_is_told_at_once(python: Python, why: str) -> None:
    assert why in (await python.run("spark.range(1)")).summary


async def test_a_cancel_at_a_server_leaves_the_context_usable(python: Python, flag: Flag) -> None:
    for _ in range(3):
        await cancelled_at_work(python, flag)
        assert await python.text("spark.range(7).count()") == "7"


async def test_files_are_written_to_and_read_from_dbfs_and_volumes(
    local: Local, python: Python
) -> None:
    await python.run("df = spark.read.parquet('dbfs:/data/source.parquet')")
    await python.run("df.write.partitionBy('category').parquet('/out/parted')")
    await python.run("df.write.format('delta').save('/Volumes/main/default/v/delta')")
    await python.run("df.write.csv('dbfs:/out/csv', header=True)")

    assert {path.name for path in (local.dbfs_folder / "out/parted").iterdir()} == {
        "_SUCCESS",
        *(f"category={name}" for name in ("books", "games", "garden", "music", "tools")),
    }
    read = (
        "[spark.read.load('/out/parted').count(), spark.read.csv('/out/csv', header=True).count()]"
    )
    assert await python.text(read) == "[125, 125]"
    volume = "spark.read.format('delta').load('/Volumes/main/default/v/delta').count()"
    assert await python.text(volume) == "125"
    query = "spark.sql('SELECT count(*) FROM {}').first()[0]"
    assert await python.text(query.format("parquet.`/data/source.parquet`")) == "125"
    files = 'read_files("/out/csv", format => "csv", header => true)'
    assert await python.text(query.format(files)) == "125"
    missing = await python.run("spark.read.parquet('/nobody')")
    assert "[PATH_NOT_FOUND] Path does not exist: dbfs:/nobody." in missing.summary


async def test_tables_are_the_workspaces_own_in_both_directions(
    local: Local, python: Python
) -> None:
    await local.run_statement(
        StatementSpec("CREATE TABLE main.default.t AS SELECT 1 AS n, 'x' AS s")
    )
    assert await python.text("spark.table('main.default.t').collect()") == "[Row(n=1, s='x')]"

    await python.run(
        "spark.createDataFrame([('y', 2)], 's STRING, n INT').createOrReplaceTempView('v')"
    )
    await python.run("spark.table('v').write.mode('append').saveAsTable('main.default.t')")
    await python.run("spark.table('v').select('n', 's').write.insertInto('t')")
    await python.run("spark.table('v').writeTo('main.default.u').create()")
    await python.run("spark.sql('CREATE TABLE w AS SELECT n * 10 AS n FROM v')")

    assert await rows(local, "SELECT n, s FROM main.default.t ORDER BY n") == [
        ["1", "x"],
        ["2", "y"],
        ["2", "y"],
    ]
    assert await rows(local, "SELECT n FROM main.default.u") == [["2"]]
    assert await rows(local, "SELECT n FROM main.default.w") == [["20"]]
    again = await python.run("spark.table('v').write.saveAsTable('t')")
    assert "TABLE_OR_VIEW_ALREADY_EXISTS" in again.summary


async def test_sql_sees_sparks_views_and_spark_what_sql_left(python: Python) -> None:
    await python.run("spark.range(3).createOrReplaceTempView('three')")

    assert await python.table("%sql SELECT sum(id) AS s FROM three") == [[3]]
    assert await python.text("_sqldf.first()") == "Row(s=3)"
    await python.run("%sql USE CATALOG production")
    assert await python.text("spark.sql('SELECT count(*) FROM hr.employees').first()[0]") == "24"
    join = "SELECT employees.name FROM hr.employees JOIN three ON id = employee_id ORDER BY 1"
    assert await python.text(f"[row.name for row in spark.sql('{join}').collect()]") == (
        "['Ada', 'Ben']"
    )
    await python.run("spark.catalog.dropTempView('three')")
    assert "TABLE_OR_VIEW_NOT_FOUND" in (await python.run("%sql SELECT * FROM three")).summary


async def test_the_catalog_is_the_workspaces(python: Python) -> None:
    await python.run("spark.range(1).createOrReplaceTempView('v')")
    await python.run("spark.catalog.setCurrentCatalog('production')")
    await python.run("spark.catalog.setCurrentDatabase('hr')")

    assert (
        await python.text(
            "spark.catalog.currentCatalog(), spark.catalog.currentDatabase(), "
            "[each.name for each in spark.catalog.listTables()], "
            "spark.catalog.tableExists('employees'), spark.catalog.tableExists('v'), "
            "spark.catalog.tableExists('nope'), spark.catalog.databaseExists('hr')"
        )
        == "('production', 'hr', ['employees', 'v'], True, True, False, True)"
    )


async def test_errors_are_those_that_programs_catch(python: Python) -> None:
    for code in ("spark.table('a.b.c')", "spark.sql('SELECT * FROM nope')", "spark.sql('SELEC')"):
        caught = f"""
from pyspark.errors import AnalysisException, ParseException
try:
    {code}
except AnalysisException as error:
    print('caught')
"""
        assert await python.text(caught) == "caught", code


async def test_a_programs_own_builder_gives_the_contexts_session(python: Python) -> None:
    program = """
from pyspark.sql import SparkSession
mine = SparkSession.builder.appName("mine").config("spark.sql.ansi.enabled", "true").getOrCreate()
print(mine.table("production.hr.employees").count(), mine is spark.range(1).sparkSession)
mine.stop()
spark.range(3).count()
"""
    assert await python.text(program) == "24 True\n3"


async def test_frames_are_displayed_with_their_types(python: Python) -> None:
    shown = await python.run(
        "display(spark.read.parquet('/data/source.parquet').orderBy('id').limit(1))"
    )

    assert shown.result_type == "table"
    assert [column["type"] for column in shown.schema or ()] == [
        '"long"',
        '"string"',
        '"double"',
        '"date"',
    ]
