"""Execution contexts on the local engine: what a command gives, and what stays."""

import json

import pytest
from databricks_mcp_toolkit.simulation.engine import ReplSpec
from databricks_mcp_toolkit.simulation.local import Local

from .conftest import Python, open_python


async def test_state_stays_from_command_to_command(python: Python) -> None:
    assert await python.text("import math\nx = 40") == ""
    assert await python.text("x + math.sqrt(4)") == "42.0"


async def test_prints_come_without_the_last_newline_and_before_the_value(python: Python) -> None:
    assert await python.text("print('juhu')") == "juhu"
    assert await python.text("print('a\\n')") == "a\n"
    assert await python.text("print('a'); 5") == "a\n5"
    assert await python.text("import os; os.system('echo from a shell'); print('b')") == (
        "from a shell\nb"
    )
    assert await python.text("import sys; print('oops', file=sys.stderr)") == "oops"


async def test_indented_code_of_the_sdk_is_dedented(python: Python) -> None:
    assert await python.text("\n        import json\n        json.dumps([1])\n        ") == "'[1]'"


async def test_an_exception_is_a_result_and_the_state_stays(python: Python) -> None:
    await python.run("x = 1")

    failed = await python.run("1/0")

    assert failed.result_type == "error"
    assert failed.summary == (
        '<span class="ansi-red-fg">ZeroDivisionError</span>: division by zero'
    )
    assert "Traceback (most recent call last)" in failed.cause
    assert "\x1b[0;31mZeroDivisionError\x1b[0m: division by zero" in failed.cause
    assert await python.text("x") == "1"


async def test_display_shows_a_table_with_databricks_schema(python: Python) -> None:
    results = await python.run(
        "display(spark.sql('SELECT 1L AS n, 0.5D AS x, DATE\\'2024-01-01\\' AS d'))"
    )

    assert results.result_type == "table"
    assert results.data == [[1, 0.5, "2024-01-01"]]
    assert [(each["name"], json.loads(each["type"])) for each in results.schema or ()] == [
        ("n", "long"),
        ("x", "double"),
        ("d", "date"),
    ]
    assert await python.table("display([{'a': 1}])") == [[1]]
    assert await python.text("display(5)") == "5"
    assert await python.text("displayHTML('<b>hi</b>')") == "<b>hi</b>"


async def test_figures_are_shown_as_images(python: Python) -> None:
    pytest.importorskip("matplotlib")
    drawn = await python.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")

    assert drawn.result_type == "image"
    assert drawn.file_names[0].startswith("data:image/png;base64,iVBOR")
    two = await python.run("display(plt.figure()); plt.figure();")
    assert two.result_type == "images"
    assert len(two.file_names) == 2
    assert await python.text("plt.get_fignums()") == "[]"


async def test_sql_cells_share_tables_views_and_place_with_python(python: Python) -> None:
    await python.run("%sql USE CATALOG production")
    await python.run("dbutils.widgets.text('who', 'Sales')")

    rows = await python.table(
        "%sql\nSELECT count(*) AS n FROM hr.employees WHERE department = :who"
    )

    assert rows == [[6]]
    assert await python.text("_sqldf.collect()") == "[Row(n=6)]"
    assert await python.text("spark.table('hr.employees').count()") == "24"
    await python.run("spark.range(3).createOrReplaceTempView('three')")
    assert await python.table("%sql SELECT sum(id) FROM three") == [[3]]


async def test_a_wrong_sql_cell_is_an_error_in_databricks_words(python: Python) -> None:
    failed = await python.run("%sql SELECT * FROM nope")

    assert failed.summary.startswith(
        '<span class="ansi-red-fg">AnalysisException</span>: [TABLE_OR_VIEW_NOT_FOUND]'
    )


async def test_other_magics(python: Python) -> None:
    assert await python.text("%md # hi") == ""
    assert await python.text("%sh echo $((6 * 7))") == "42"
    assert "source.parquet" in await python.text("%fs ls /data")
    for refused in ("%pip install x", "%scala 1", "%r 1"):
        failed = await python.run(refused)
        assert "local engine" in failed.summary


async def test_a_notebook_runs_in_place_and_its_exit_ends_only_itself(python: Python) -> None:
    printed = await python.text("%run /Shared/ETL/ProcessData\n")

    assert printed.startswith("Processing 2024-01-01 in development")
    assert await python.text("environment") == "'development'"
    missing = await python.run("%run ./Nobody")
    assert "Notebook not found: /Nobody" in missing.summary


async def test_an_exit_gives_its_value_and_nothing_else(python: Python) -> None:
    assert await python.text("print('loud')\ndbutils.notebook.exit('{\"a\": 1}')") == '{"a": 1}'


async def test_another_notebook_runs_with_arguments(python: Python) -> None:
    code = "dbutils.notebook.run('/Shared/ETL/ProcessData', 60, {'date': '2030-01-01'})"

    answer = json.loads(await python.text(f"print({code})"))

    assert (answer["date"], answer["rows_processed"]) == ("2030-01-01", 125)
    missing = await python.run("dbutils.notebook.run('/Nobody')")
    assert "WorkflowException" in missing.summary


async def test_python_opens_what_dbutils_wrote(python: Python) -> None:
    await python.run("dbutils.fs.put('/notes/a.txt', 'hello')")

    assert await python.text("open('/dbfs/notes/a.txt').read()") == "'hello'"
    assert await python.text("spark.read.text('/notes/a.txt').collect()") == "[Row(value='hello')]"


async def test_the_environment_of_the_engine_stays_with_the_engine(
    python: Python, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = await python.text("import os; print(sorted(os.environ))")

    assert "DATABRICKS" not in names
    assert "TOKEN" not in names
    assert "'PATH'" in names


async def test_what_is_secret_in_the_engines_environment_is_not_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from databricks_mcp_toolkit.simulation.local.processes import environment

    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("HOME", "/home/someone")

    passed = environment({"MINE": "yes"})

    assert passed["HOME"] == "/home/someone"
    assert passed["MINE"] == "yes"
    assert not [name for name in passed if "TOKEN" in name or "KEY" in name]


async def test_a_sql_context_runs_scripts_in_one_session(local: Local) -> None:
    repl = await local.open_repl(ReplSpec("cluster", "context", "sql", 1))

    results = await repl.execute("%sql USE production.hr; SELECT count(*) AS n FROM employees;")
    assert (results.result_type, results.data) == ("table", [[24]])
    nothing = await repl.execute("USE SCHEMA default")
    assert (nothing.data, nothing.schema) == ([], [])
    failed = await repl.execute("SELEC 1")
    assert failed.summary.startswith("[PARSE_SYNTAX_ERROR]")
    await repl.close()


@pytest.mark.parametrize(("language", "name"), [("scala", "Scala"), ("r", "R")])
async def test_other_languages_are_refused_by_every_command(
    local: Local, language: str, name: str
) -> None:
    repl = await local.open_repl(ReplSpec("cluster", "context", language, 1))

    results = await repl.execute("1 + 1")

    assert results.result_type == "error"
    assert results.summary.startswith(f"{name} is not available in the local engine")
    await repl.close()


async def test_contexts_do_not_share_names(local: Local) -> None:
    one, other = await open_python(local), await open_python(local)
    await one.run("x = 1")

    failed = await other.run("x")

    assert "NameError" in failed.summary
