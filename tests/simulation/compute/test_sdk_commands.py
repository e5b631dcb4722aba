"""`databricks-sdk` runs commands on the simulated workspace, with its own waiters."""

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.compute import (
    CommandStatus,
    ContextStatus,
    Language,
    ResultType,
)
from databricks_mcp_toolkit.simulation import Scripted
from databricks_mcp_toolkit.simulation.background import WorkspaceServer


@pytest.fixture
def context_id(served: WorkspaceServer, sdk: WorkspaceClient) -> str:
    context = sdk.command_execution.create(
        cluster_id=served.workspace.cluster_id, language=Language.PYTHON
    ).result()
    assert context.status is ContextStatus.RUNNING
    assert context.id
    return context.id


def test_a_command_gives_its_text(
    engine: Scripted, served: WorkspaceServer, sdk: WorkspaceClient, context_id: str
) -> None:
    engine.command("print", text="hello")
    done = sdk.command_execution.execute(
        cluster_id=served.workspace.cluster_id,
        context_id=context_id,
        language=Language.PYTHON,
        command="print('hello')",
    ).result()
    assert done.status is CommandStatus.FINISHED
    assert done.results is not None
    assert done.results.result_type is ResultType.TEXT
    assert done.results.data == "hello"


def test_an_error_of_the_code_is_a_result(
    engine: Scripted, served: WorkspaceServer, sdk: WorkspaceClient, context_id: str
) -> None:
    engine.command("1/0", error="ZeroDivisionError: division by zero")
    done = sdk.command_execution.execute_and_wait(
        cluster_id=served.workspace.cluster_id,
        context_id=context_id,
        language=Language.PYTHON,
        command="1/0",
    )
    assert done.results is not None
    assert done.results.result_type is ResultType.ERROR
    assert "division by zero" in str(done.results.summary)


def test_a_table_comes_with_its_schema(
    engine: Scripted, served: WorkspaceServer, sdk: WorkspaceClient, context_id: str
) -> None:
    engine.command(table=[(1, "x")], columns={"n": "long", "s": "string"})
    done = sdk.command_execution.execute_and_wait(
        cluster_id=served.workspace.cluster_id,
        context_id=context_id,
        language=Language.PYTHON,
        command="display(df)",
    )
    assert done.results is not None
    assert done.results.data == [[1, "x"]]
    assert done.results.schema == [
        {"name": "n", "type": '"long"', "metadata": "{}"},
        {"name": "s", "type": '"string"', "metadata": "{}"},
    ]


def test_a_cancel_is_waited_for_where_the_workspace_says_cancelled(
    engine: Scripted, served: WorkspaceServer, sdk: WorkspaceClient, context_id: str
) -> None:
    served.workspace.commands.cancel_shows = "Cancelled"
    engine.command(takes=60)
    started = sdk.command_execution.execute(
        cluster_id=served.workspace.cluster_id,
        context_id=context_id,
        language=Language.PYTHON,
        command="sleep",
    )
    done = sdk.command_execution.cancel(
        cluster_id=served.workspace.cluster_id,
        context_id=context_id,
        command_id=started.response.id,
    ).result()
    assert done.status is CommandStatus.CANCELLED


def test_a_destroyed_context_is_gone(
    served: WorkspaceServer, sdk: WorkspaceClient, context_id: str
) -> None:
    cluster_id = served.workspace.cluster_id
    sdk.command_execution.destroy(cluster_id, context_id)
    with pytest.raises(DatabricksError, match="not found"):
        sdk.command_execution.context_status(cluster_id, context_id)
    assert served.workspace.live_contexts() == []


def test_a_missing_context_id_is_refused_in_its_words(
    served: WorkspaceServer, sdk: WorkspaceClient
) -> None:
    with pytest.raises(DatabricksError, match="requirement failed: missing contextId"):
        sdk.command_execution.execute(
            cluster_id=served.workspace.cluster_id, language=Language.PYTHON, command="1"
        )
