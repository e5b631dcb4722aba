"""Tasks of job runs on the local engine."""

import json
from typing import Any

import pytest
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.engine import TaskFailure, TaskSource, TaskSpec
from databricks_mcp_toolkit.simulation.local import Local


def task(
    kind: str,
    content: str | None = None,
    *,
    language: str = "PYTHON",
    source_format: str = "SOURCE",
    parameters: Any = None,
    **settings: Any,
) -> TaskSpec:
    source = None
    if content is not None:
        source = TaskSource("/jobs/it", content.encode(), language, source_format)
    return TaskSpec(
        run_id=1,
        task_run_id=2,
        task_key="it",
        kind=kind,
        task=settings,
        parameters=parameters,
        source=source,
        task_values={"before": {"rows": 7}},
    )


async def test_a_notebook_gets_its_parameters_and_exits_with_its_result(
    local: Local, local_workspace: Workspace
) -> None:
    source = local_workspace.notebooks.source("/Shared/ETL/ProcessData")
    assert source is not None

    spec = task(
        "notebook_task",
        source.content.decode(),
        base_parameters={"date": "2030-01-01", "environment": "test"},
        parameters={"environment": "production"},
    )
    result = await local.run_task(spec)

    assert json.loads(result.notebook_result or "") == {
        "status": "success",
        "date": "2030-01-01",
        "environment": "production",
        "rows_processed": 125,
        "categories": {"books": 42, "games": 17, "garden": 25, "music": 31, "tools": 10},
    }


async def test_a_notebook_that_does_not_exit_has_no_result(local: Local) -> None:
    assert (await local.run_task(task("notebook_task", "print(1)"))).notebook_result is None


async def test_cells_of_all_kinds_run_in_order_in_one_process(local: Local) -> None:
    notebook = """# Databricks notebook source
x = spark.range(3)
x.createOrReplaceTempView("three")
# COMMAND ----------
# MAGIC %sql
# MAGIC CREATE OR REPLACE TABLE main.default.three AS SELECT * FROM three
# COMMAND ----------
# MAGIC %md
# MAGIC not code
# COMMAND ----------
# MAGIC %run /Shared/ETL/ProcessData
# COMMAND ----------
n = spark.table("main.default.three").count()
dbutils.jobs.taskValues.set("n", n)
dbutils.notebook.exit(f"{n} {environment} {dbutils.jobs.taskValues.get('before', 'rows')}")
"""

    result = await local.run_task(task("notebook_task", notebook))

    assert result.notebook_result == "3 development 7"
    assert result.values == {"n": 3}


async def test_a_jupyter_notebook_runs(local: Local) -> None:
    cells = [
        {"cell_type": "markdown", "source": "# hi"},
        {"cell_type": "code", "source": ["x = 6\n", "x"]},
        {"cell_type": "code", "source": "%sql SELECT 7 AS y"},
        {"cell_type": "code", "source": "dbutils.notebook.exit(x * _sqldf.collect()[0].y)"},
    ]

    spec = task("notebook_task", json.dumps({"cells": cells}), source_format="JUPYTER")

    assert (await local.run_task(spec)).notebook_result == "42"


async def test_a_sql_notebook_runs_its_cells_as_sql(local: Local) -> None:
    notebook = """-- Databricks notebook source
CREATE TABLE main.default.days (day STRING)
-- COMMAND ----------
INSERT INTO main.default.days VALUES (:day)
-- COMMAND ----------
-- MAGIC %python
-- MAGIC dbutils.notebook.exit(spark.table("main.default.days").collect()[0].day)
"""

    spec = task("notebook_task", notebook, language="SQL", parameters={"day": "2030-01-01"})

    assert (await local.run_task(spec)).notebook_result == "2030-01-01"


async def test_a_failing_cell_ends_the_task_with_its_line_and_trace(local: Local) -> None:
    cells = ["# Databricks notebook source\nprint('so far')", "1/0", "print('never')"]
    notebook = "\n# COMMAND ----------\n".join(cells)

    with pytest.raises(TaskFailure) as failed:
        await local.run_task(task("notebook_task", notebook))

    assert failed.value.error == "ZeroDivisionError: division by zero"
    assert "----> 1 1/0" in failed.value.error_trace
    assert "\x1b[" not in failed.value.error_trace
    assert failed.value.logs == "so far\n"


async def test_a_task_whose_process_dies_fails_and_says_how(local: Local) -> None:
    with pytest.raises(TaskFailure, match="exited with code 9"):
        await local.run_task(task("notebook_task", "import os; os._exit(9)"))


async def test_notebooks_that_fail_or_dawdle_are_refused_to_their_caller(
    local: Local, local_workspace: Workspace
) -> None:
    local_workspace.notebooks.put("/bad", "raise ValueError('bad day')")
    local_workspace.notebooks.put("/slow", "import time; time.sleep(1000)")
    caller = """
import json
def heard(path, timeout):
    try:
        return dbutils.notebook.run(path, timeout)
    except Exception as refused:
        return str(refused).splitlines()[0]
dbutils.notebook.exit(json.dumps([heard("/bad", 0), heard("/slow", 0.2), heard("/nobody", 0)]))
"""

    result = await local.run_task(task("notebook_task", caller))

    assert json.loads(result.notebook_result or "") == [
        "ValueError: bad day",
        "TIMEDOUT: the notebook '/slow' took longer than 0.2 seconds.",
        "Unable to access the notebook '/nobody': it does not exist.",
    ]


async def test_a_python_file_is_a_program_with_arguments_and_logs(local: Local) -> None:
    program = """
import sys
from pyspark.sql import SparkSession, functions as F

def main():
    spark = SparkSession.builder.appName("it").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", 2)
    spark.sparkContext.setLogLevel("WARN")
    print(sys.argv[1:], spark.range(5).agg(F.sum("id")).collect()[0][0])
    print("to stderr", file=sys.stderr)
    spark.stop()
    sys.exit(0)

if __name__ == "__main__":
    main()
"""
    spec = task("spark_python_task", program, python_file="/jobs/it.py", parameters=["a", "b"])

    result = await local.run_task(spec)

    assert result.logs == "['a', 'b'] 10\nto stderr\n"
    assert result.notebook_result is None


async def test_a_python_file_may_lie_in_dbfs(local: Local) -> None:
    (local.dbfs_folder / "it.py").write_text("import sys; sys.exit('no good')")

    with pytest.raises(TaskFailure, match="SystemExit: no good"):
        await local.run_task(task("spark_python_task", python_file="dbfs:/it.py"))
    with pytest.raises(TaskFailure, match="does not exist"):
        await local.run_task(task("spark_python_task", python_file="dbfs:/nobody.py"))


async def test_a_sql_file_runs_as_a_script(local: Local) -> None:
    script = "CREATE TABLE main.default.t (n STRING);\nINSERT INTO main.default.t VALUES (:n);"

    result = await local.run_task(
        task("sql_task", script, language="SQL", parameters={"n": "x"}, warehouse_id="w")
    )

    assert result.sql_output == {"query_output": {"query_text": script, "warehouse_id": "w"}}
    with pytest.raises(TaskFailure, match="TABLE_OR_VIEW_ALREADY_EXISTS"):
        await local.run_task(task("sql_task", script, parameters={"n": "x"}))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (task("python_wheel_task"), "does not run Python wheels"),
        (task("spark_jar_task"), "does not run JARs"),
        (task("some_new_task"), "does not run some_new_task"),
        (task("sql_task", query={"query_id": "q"}), "runs SQL files only"),
        (task("notebook_task", notebook_path="/nobody"), "'/nobody': it does not exist"),
    ],
    ids=lambda value: value.kind if isinstance(value, TaskSpec) else "",
)
async def test_what_it_does_not_run_fails_and_says_so(
    local: Local, spec: TaskSpec, why: str
) -> None:
    with pytest.raises(TaskFailure, match=why):
        await local.run_task(spec)
