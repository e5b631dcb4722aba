"""The scripted engine does what it is told, and takes as long."""

import re

import pytest
import trio
from databricks_mcp_toolkit.simulation import Scripted
from databricks_mcp_toolkit.simulation.engine import (
    CommandResults,
    Parameter,
    Repl,
    ReplLost,
    ReplSpec,
    SqlFailure,
    StatementSpec,
    Table,
    TaskFailure,
    TaskResult,
    TaskSpec,
)
from databricks_mcp_toolkit.simulation.scripted import column


async def repl(engine: Scripted) -> Repl:
    return await engine.open_repl(ReplSpec("cluster", "context", "python", 1))


def notebook(path: str, attempt: int = 0) -> TaskSpec:
    return TaskSpec(1, 2, "main", "notebook_task", {"notebook_path": path}, attempt=attempt)


async def test_what_no_line_speaks_of_succeeds_with_nothing() -> None:
    engine = Scripted()
    assert await (await repl(engine)).execute("x") == CommandResults()
    assert await engine.run_statement(StatementSpec("SELECT")) == Table()
    assert await engine.run_task(notebook("/a")) == TaskResult()
    assert len(engine.seen) == 3
    assert repr(engine) == "<Scripted, 0 lines, 3 pieces of work seen>"


async def test_a_line_takes_its_time(autojump_clock: trio.testing.MockClock) -> None:
    engine = Scripted().command(takes=600, text="late")
    assert (await (await repl(engine)).execute("x")).data == "late"
    assert trio.current_time() == pytest.approx(600)


async def test_blanks_count_as_one_and_patterns_are_searched_for() -> None:
    engine = Scripted()
    engine.statement("FROM sales", rows=[["text"]])
    engine.statement(re.compile(r"LIMIT \d+$"), rows=[["pattern"]])
    answered = await engine.run_statement(StatementSpec("SELECT *\n  FROM\n  sales WHERE x"))
    assert answered.rows == [["text"]]
    answered = await engine.run_statement(StatementSpec("SELECT * FROM sales LIMIT 5"))
    assert answered.rows == [["pattern"]], "what is told later goes first"


async def test_a_line_steps_aside_after_its_times() -> None:
    engine = Scripted().notebook("/flaky", result="well")
    engine.notebook("/flaky", error="ValueError: bad day", times=2)
    for _ in range(2):
        with pytest.raises(TaskFailure, match="bad day") as failure:
            await engine.run_task(notebook("/flaky"))
        assert "Traceback" in failure.value.error_trace
    assert (await engine.run_task(notebook("/flaky"))).notebook_result == "well"


async def test_tasks_are_told_apart_by_path_and_key() -> None:
    engine = Scripted().task("m*", result="by key").notebook("/jobs/*", result="by path")
    assert (await engine.run_task(notebook("/jobs/a"))).notebook_result == "by path"
    assert (await engine.run_task(notebook("/other"))).notebook_result == "by key"
    wheel = TaskSpec(1, 2, "main", "python_wheel_task", {})
    assert (await engine.run_task(wheel)).notebook_result == "by key"


async def test_a_function_may_do_it() -> None:
    async def later(spec: TaskSpec) -> TaskResult:
        return TaskResult(logs=f"attempt {spec.attempt}")

    engine = Scripted()
    engine.command(does=str.upper).task(does=later)
    engine.statement(does=lambda spec: [[spec.parameters[0].value, None, True, [1], 2.5]])
    assert (await (await repl(engine)).execute("abc")).data == "ABC"
    assert (await engine.run_task(notebook("/a", 3))).logs == "attempt 3"
    answered = await engine.run_statement(StatementSpec("x", parameters=[Parameter("p", "v")]))
    assert answered.rows == [["v", None, "true", '["1"]', "2.5"]]
    assert [each.name for each in answered.columns] == ["c0", "c1", "c2", "c3", "c4"]
    engine.task(does=lambda spec: "plain").command(does=lambda code: CommandResults(data="own"))
    assert (await engine.run_task(notebook("/a"))).notebook_result == "plain"
    assert (await (await repl(engine)).execute("abc")).data == "own"
    engine.statement(does=lambda spec: Table())
    assert await engine.run_statement(StatementSpec("x")) == Table()


async def test_failures_carry_what_they_were_told() -> None:
    engine = Scripted().statement(
        "nope", error="[TABLE]", error_code="NOT_FOUND", sql_state="42P01"
    )
    with pytest.raises(SqlFailure) as failure:
        await engine.run_statement(StatementSpec("nope"))
    assert (failure.value.error_code, failure.value.sql_state) == ("NOT_FOUND", "42P01")
    engine.command("plain", error="Interrupted").command("die", lost=True)
    ran = await (await repl(engine)).execute("plain")
    assert ran.summary == "Interrupted"
    with pytest.raises(ReplLost):
        await (await repl(engine)).execute("die")


async def test_commands_may_give_tables() -> None:
    engine = Scripted().command(table=[(1, "x")], columns={"n": "long", "s": "string"})
    answered = await (await repl(engine)).execute("display(df)")
    assert answered.data == [[1, "x"]]
    assert answered.schema[0] == {"name": "n", "type": '"long"', "metadata": "{}"}  # type: ignore[index]
    engine.command(table=[(1,)])
    assert (await (await repl(engine)).execute("x")).schema[0]["name"] == "c0"  # type: ignore[index]


@pytest.mark.parametrize(
    ("sql_type", "type_name", "precision", "scale"),
    [
        ("BIGINT", "LONG", None, None),
        ("DECIMAL(10,2)", "DECIMAL", 10, 2),
        ("DECIMAL", "DECIMAL", 10, 0),
        ("array<int>", "ARRAY", None, None),
        ("STRUCT<a: INT>", "STRUCT", None, None),
        ("DOUBLE", "DOUBLE", None, None),
    ],
)
def test_sql_types_have_their_name_in_the_api(
    sql_type: str, type_name: str, precision: int | None, scale: int | None
) -> None:
    made = column("x", sql_type)
    assert (made.type_name, made.precision, made.scale) == (type_name, precision, scale)
    assert made.type_text == sql_type.upper()


async def test_closing_a_repl_is_noted() -> None:
    opened = await repl(Scripted())
    await opened.close()
    assert opened.closed  # type: ignore[attr-defined]
