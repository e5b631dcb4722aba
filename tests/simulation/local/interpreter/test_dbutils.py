"""`dbutils` without its process."""

from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.local.interpreter.dbutils import (
    DBUtils,
    InputWidgetNotDefined,
    NotAvailable,
    NotebookExit,
    WorkflowException,
)
from databricks_mcp_toolkit.simulation.local.interpreter.filesystem import (
    ExecutionError,
    FileSystem,
)
from databricks_mcp_toolkit.simulation.local.places import Places


class Engine:
    """Answers what the interpreter asks."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def __call__(self, call: dict[str, Any]) -> Any:
        self.asked.append(call)
        return self.answer


@pytest.fixture
def fs(places: Places) -> FileSystem:
    return FileSystem(places)


def utils(fs: FileSystem, engine: Engine | None = None, **given: Any) -> DBUtils:
    return DBUtils(fs, engine or Engine(), **given)


def test_files_are_put_listed_read_moved_and_removed(
    fs: FileSystem, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fs.put("dbfs:/a/x.txt", "hello")
    assert capsys.readouterr().out == "Wrote 5 bytes.\n"
    with pytest.raises(ExecutionError, match="FileAlreadyExists"):
        fs.put("/a/x.txt", "again")
    assert fs.head("/a/x.txt", 3) == "hel"
    assert fs.cp("/a/x.txt", "/b/") is True
    assert fs.mkdirs("/b/c")

    found = fs.ls("/b")
    assert [(each.path, each.name, each.size, each.isDir()) for each in found] == [
        ("dbfs:/b/c/", "c/", 0, True),
        ("dbfs:/b/x.txt", "x.txt", 5, False),
    ]
    with pytest.raises(ExecutionError, match="recurse=True"):
        fs.cp("/b", "/d")
    assert fs.mv("/b", "/d", recurse=True)
    with pytest.raises(ExecutionError, match="FileNotFoundException: /b"):
        fs.ls("/b")
    with pytest.raises(ExecutionError, match="not empty"):
        fs.rm("/d")
    assert fs.rm("/d", recurse=True)
    assert fs.rm("/d") is False


def test_cloud_paths_and_mounts_are_refused(fs: FileSystem) -> None:
    with pytest.raises(ExecutionError, match="cloud storage"):
        fs.ls("s3://bucket")
    with pytest.raises(ExecutionError, match="Mounts"):
        fs.mount("wasbs://x", "/mnt/x")


def test_a_given_widget_stands_before_its_default(fs: FileSystem) -> None:
    widgets = utils(fs, widgets={"date": "2030-01-01"}).widgets
    widgets.text("date", "2024-01-01", "Date")
    widgets.dropdown("size", "S", ["S", "L"])

    assert (widgets.get("date"), widgets.get("size")) == ("2030-01-01", "S")
    assert widgets.getAll() == {"date": "2030-01-01", "size": "S"}
    assert widgets.getArgument("nobody", "else") == "else"
    widgets.remove("size")
    with pytest.raises(InputWidgetNotDefined, match="No input widget named size"):
        widgets.get("size")
    with pytest.raises(ValueError, match="not a choice"):
        widgets.multiselect("size", "M", ["S", "L"])
    widgets.removeAll()
    assert widgets.getAll() == {}


def test_an_exit_passes_the_users_own_handlers(fs: FileSystem) -> None:
    assert not issubclass(NotebookExit, Exception)
    with pytest.raises(NotebookExit) as left:
        utils(fs).notebook.exit({"a": 1})

    assert left.value.value == "{'a': 1}"


def test_another_notebook_is_asked_of_the_engine(fs: FileSystem) -> None:
    engine = Engine({"value": "done"})

    assert utils(fs, engine).notebook.run("./Other", 60, {"n": 1}) == "done"
    assert engine.asked == [
        {"call": "notebook", "path": "./Other", "timeout": 60, "arguments": {"n": "1"}}
    ]
    with pytest.raises(WorkflowException, match="it failed"):
        utils(fs, Engine({"refusal": "it failed"})).notebook.run("/x")


def test_task_values_are_set_through_the_engine_and_known_from_before(fs: FileSystem) -> None:
    engine = Engine()
    values = utils(fs, engine, task_values={"load": {"rows": 7}}).jobs.taskValues

    values.set("n", 1)

    assert engine.asked == [{"call": "task_value", "key": "n", "value": 1}]
    assert values.get("load", "rows") == 7
    assert values.get("load", "other", default=0) == 0
    with pytest.raises(ValueError, match="was not found"):
        values.get("load", "other")


def test_outside_of_a_job_task_values_want_a_debug_value(fs: FileSystem) -> None:
    values = utils(fs).jobs.taskValues

    assert values.get("load", "rows", debugValue=3) == 3
    with pytest.raises(TypeError, match="debugValue"):
        values.get("load", "rows")


@pytest.mark.parametrize("part", ["secrets", "credentials", "data", "library"])
def test_what_needs_a_real_workspace_says_so(fs: FileSystem, part: str) -> None:
    with pytest.raises(NotAvailable, match=rf"^dbutils\.{part}\.anything: "):
        getattr(utils(fs), part).anything("x")
