"""Every call that can be cancelled, and what the remote side sees of a cancel at each stage.

The one table: `test_stages.py` drives each call through each stage by it, `test_table.py` holds it
against the code (no call is missing) and `docs/cancellation.md` against it.
"""

from __future__ import annotations

from typing import Any

from databricks_mcp_toolkit.clients.statements import ExternalLink

from .kinds import (
    BY_ACTOR,
    CLOSE,
    LOOK_BY_ACTOR,
    OPEN,
    OWN,
    RAW_START,
    READ,
    START,
    START_AND_WAIT,
    WAIT,
    WRITE,
    Case,
    Kind,
)
from .place import Place

CREATE, DESTROY = "POST */contexts/create", "POST */contexts/destroy"
EXECUTE, COMMAND, CANCEL_COMMAND = (
    "POST */commands/execute",
    "GET */commands/status",
    "POST */commands/cancel",
)
RUN_NOW, SUBMIT, RUN, CANCEL_RUN = (
    "POST */jobs/run-now",
    "POST */runs/submit",
    "GET */runs/get",
    "POST */runs/cancel",
)
OUTPUT = "GET */runs/get-output"
STATEMENT, LOOK, CANCEL_STATEMENT = (
    "POST */sql/statements",
    "GET */sql/statements/*",
    "POST */sql/statements/*/cancel",
)
LONG = 3000  # seconds; more than any work here takes
CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 1}

OWN_COMMAND = 0.5
GRACE = 3.0
QUERY = 2.0

TOOLS = [
    Case("list_clusters", READ, "GET */clusters/list", lambda _: {}),
    Case("get_cluster", READ, "GET */clusters/get", lambda p: {"cluster_id": p.cluster_id}),
    Case("list_jobs", READ, "GET */jobs/list", lambda _: {}),
    Case("get_job", READ, "GET */jobs/get", lambda p: {"job_id": p.job_id}, needs="job"),
    Case("get_run", READ, RUN, lambda p: {"run_id": p.run_id}, needs="run"),
    Case("get_run_output", READ, RUN, lambda p: {"run_id": p.run_id}, needs="run"),
    Case("list_notebooks", READ, "GET */workspace/list", lambda _: {}),
    Case("export_notebook", READ, "GET */workspace/export", lambda _: {"path": "/some"}),
    Case("list_files", READ, "GET */dbfs/list", lambda _: {"dbfs_path": "/"}),
    Case("create_cluster", WRITE, "POST */clusters/create", lambda _: CLUSTER),
    Case("start_cluster", WRITE, "POST */clusters/start", lambda p: {"cluster_id": p.cluster_id}),
    Case(
        "terminate_cluster",
        WRITE,
        "POST */clusters/delete",
        lambda p: {"cluster_id": p.cluster_id},
    ),
    Case("run_job", START, RUN_NOW, lambda p: {"job_id": p.job_id}, needs="job"),
    Case("submit_single_run", START, SUBMIT, lambda p: p.submission),
    Case(
        "wait_for_run_completion",
        WAIT,
        RUN,
        lambda p: {"run_id": p.run_id, "max_wait_seconds": LONG},
        needs="run",
    ),
    Case(
        "execute_sql",
        START_AND_WAIT,
        STATEMENT,
        lambda _: {"statement": "SELECT 1", "max_wait_seconds": LONG},
    ),
    Case("create_execution_context", OPEN, CREATE, lambda _: {}, bound=GRACE, cleans_by=DESTROY),
    Case(
        "execute_command",
        START,
        EXECUTE,
        lambda p: {"context_id": p.context_id, "command": "work"},
        needs="context",
    ),
    Case(
        "get_command_status",
        WAIT,
        COMMAND,
        lambda p: {
            "context_id": p.context_id,
            "command_id": p.command_id,
            "max_wait_seconds": LONG,
        },
        needs="command",
    ),
    Case(
        "execute_command_simple",
        OWN,
        CREATE,
        lambda _: {"command": "work", "max_wait_seconds": LONG},
        bound=OWN_COMMAND + GRACE,
        cleans_by="POST */1.2/*",
    ),
    Case(
        "cancel_command",
        BY_ACTOR,
        CANCEL_COMMAND,
        lambda p: {"context_id": p.context_id, "command_id": p.command_id},
        needs="command",
    ),
    Case(
        "get_context_status",
        LOOK_BY_ACTOR,
        "GET */contexts/status",
        lambda p: {"context_id": p.context_id},
        needs="context",
    ),
    Case(
        "destroy_execution_context",
        BY_ACTOR,
        DESTROY,
        lambda p: {"context_id": p.context_id},
        needs="context",
    ),
]


async def _in_block(place: Place) -> None:
    async with place.toolkit.context() as context:
        await context.submit("work")
        await place.forever()


async def _first_chunk(place: Place) -> None:
    async for _ in place.statement.chunks():
        break


async def _query(place: Place) -> None:
    await place.toolkit.sql("SELECT 1")


async def _iterated(place: Place) -> None:
    async for _ in place.toolkit.sql("SELECT 1"):
        break


async def _succeeded(place: Place) -> None:
    await place.toolkit.sql("SELECT 1").succeed()


LIBRARY = [
    Case(
        "Toolkit.context",
        OWN,
        CREATE,
        _in_block,
        bound=GRACE,
        cleans_by=DESTROY,
    ),
    Case("Toolkit.run_now", START, RUN_NOW, lambda p: p.toolkit.run_now(p.job_id), needs="job"),
    Case("Toolkit.submit_run", START, SUBMIT, lambda p: p.toolkit.submit_run(**p.submission)),
    Case("Session.run_now", START, RUN_NOW, lambda p: p.session.run_now(p.job_id), needs="job"),
    Case("Session.submit_run", START, SUBMIT, lambda p: p.session.submit_run(**p.submission)),
    Case(
        "Session.execute_statement",
        START,
        STATEMENT,
        lambda p: p.session.execute_statement("SELECT 1"),
    ),
    Case(
        "Session.open_context",
        OPEN,
        CREATE,
        lambda p: p.session.open_context(),
        bound=GRACE,
        cleans_by=DESTROY,
    ),
    Case("Context.submit", START, EXECUTE, lambda p: p.context.submit("work"), needs="context"),
    Case(
        "Context.execute",
        OWN,
        EXECUTE,
        lambda p: p.context.execute("work"),
        needs="queue",
        bound=OWN_COMMAND,
        cleans_by=CANCEL_COMMAND,
    ),
    Case(
        "Context.wait",
        WAIT,
        COMMAND,
        lambda p: p.context.wait(p.command_id),
        needs="command",
    ),
    Case(
        "Context.cancel",
        BY_ACTOR,
        CANCEL_COMMAND,
        lambda p: p.context.cancel(p.command_id),
        needs="command",
    ),
    Case(
        "Context.status",
        LOOK_BY_ACTOR,
        "GET */contexts/status",
        lambda p: p.context.status(),
        needs="context",
    ),
    Case("Context.destroy", BY_ACTOR, DESTROY, lambda p: p.context.destroy(), needs="context"),
    Case("Context.close", CLOSE, DESTROY, lambda p: p.context.close(), needs="context"),
    Case("Run.wait", WAIT, RUN, lambda p: p.run.wait(), needs="run"),
    Case("Run.success", WAIT, RUN, lambda p: p.run.success(), needs="run"),
    Case("Run.output", READ, RUN, lambda p: p.run.output(), needs="run"),
    Case("Run.cancel", WRITE, CANCEL_RUN, lambda p: p.run.cancel(), needs="run"),
    Case("Statement.wait", WAIT, LOOK, lambda p: p.statement.wait(), needs="statement"),
    Case("Statement.success", WAIT, LOOK, lambda p: p.statement.success(), needs="statement"),
    Case("Statement.columns", WAIT, LOOK, lambda p: p.statement.columns(), needs="statement"),
    Case("Statement.rows", WAIT, LOOK, lambda p: p.statement.rows(), needs="statement"),
    Case("Chunks.__anext__", WAIT, LOOK, _first_chunk, needs="statement"),
    Case(
        "Statement.cancel",
        WRITE,
        CANCEL_STATEMENT,
        lambda p: p.statement.cancel(),
        needs="statement",
    ),
    Case(
        "Query.__await__",
        OWN,
        STATEMENT,
        _query,
        bound=QUERY,
        cleans_by=CANCEL_STATEMENT,
    ),
    Case(
        "Query.__aiter__",
        OWN,
        STATEMENT,
        _iterated,
        bound=QUERY,
        cleans_by=CANCEL_STATEMENT,
    ),
    Case(
        "Query.succeed",
        OWN,
        STATEMENT,
        _succeeded,
        bound=QUERY,
        cleans_by=CANCEL_STATEMENT,
    ),
]


def _raw(api: str, method: str, kind: Kind, request: str, *given: Any, **named: Any) -> Case:
    """A method of `toolkit.databricks`: one request, made by its caller's own task."""

    async def call(place: Place) -> None:
        asked = getattr(getattr(place.toolkit.databricks, api), method)(*given, **named)
        if hasattr(asked, "__anext__"):
            await anext(asked)
        else:
            await asked

    return Case(f"databricks.{api}.{method}", kind, request, call, group="databricks")


LINK = ExternalLink("http://storage.example.com/chunk")
CLIENTS = [
    _raw("clusters", "page", READ, "GET */clusters/list"),
    _raw("clusters", "list", READ, "GET */clusters/list"),
    _raw("clusters", "get", READ, "GET */clusters/get", "c"),
    _raw("clusters", "create", WRITE, "POST */clusters/create", CLUSTER),
    _raw("clusters", "start", WRITE, "POST */clusters/start", "c"),
    _raw("clusters", "terminate", WRITE, "POST */clusters/delete", "c"),
    _raw("jobs", "page", READ, "GET */jobs/list"),
    _raw("jobs", "list", READ, "GET */jobs/list"),
    _raw("jobs", "get", READ, "GET */jobs/get", 7),
    _raw("jobs", "get_run", READ, RUN, 7),
    _raw("jobs", "page_runs", READ, "GET */runs/list"),
    _raw("jobs", "list_runs", READ, "GET */runs/list"),
    _raw("jobs", "get_output", READ, OUTPUT, 7),
    _raw("jobs", "run_now", RAW_START, RUN_NOW, 7, idempotency_token="t"),
    _raw("jobs", "submit", RAW_START, SUBMIT, {}, idempotency_token="t"),
    _raw("jobs", "cancel_run", WRITE, CANCEL_RUN, 7),
    _raw("statements", "submit", RAW_START, STATEMENT, "SELECT 1", "w"),
    _raw("statements", "get", READ, LOOK, "s"),
    _raw("statements", "chunk", READ, LOOK, "s", 1),
    _raw("statements", "external", READ, "GET /chunk", LINK),
    _raw("statements", "cancel", WRITE, CANCEL_STATEMENT, "s"),
    _raw("warehouses", "page", READ, "GET */sql/warehouses"),
    _raw("warehouses", "list", READ, "GET */sql/warehouses"),
    _raw("warehouses", "get", READ, "GET */sql/warehouses/*", "w"),
    _raw("commands", "create_context", RAW_START, CREATE, "c", "python"),
    _raw("commands", "context_status", READ, "GET */contexts/status", "c", "x"),
    _raw("commands", "destroy_context", WRITE, DESTROY, "c", "x"),
    _raw("commands", "execute", RAW_START, EXECUTE, "c", "x", "python", "1"),
    _raw("commands", "status", READ, COMMAND, "c", "x", "y"),
    _raw("commands", "cancel", WRITE, CANCEL_COMMAND, "c", "x", "y"),
    _raw("workspace", "list", READ, "GET */workspace/list", "/"),
    _raw("workspace", "export", READ, "GET */workspace/export", "/some"),
    _raw("dbfs", "list", READ, "GET */dbfs/list", "/"),
]

CASES = [*TOOLS, *LIBRARY, *CLIENTS]
