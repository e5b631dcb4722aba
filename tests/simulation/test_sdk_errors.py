"""Every family's refusals, as `databricks-sdk` reads them: its own class, the code, the words.

The class follows from the envelope (API 1.2 has one of its own, without a code), the status, and
for some reads from the message, so a row that holds says that all of them are right.
"""

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient, errors
from databricks.sdk.service import catalog, compute, jobs
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language
from databricks_mcp_toolkit.simulation import Scripted
from databricks_mcp_toolkit.simulation.background import WorkspaceServer

NOBODY = "0000-000000-nothing1"  # well-formed, as the ids below, and of nothing
NO_STATEMENT = "01f00000-0000-0000-0000-000000000000"
NO_WAREHOUSE = "0123456789abcdef"
LARGE = base64.b64encode(bytes(2**20 + 1)).decode()
HUGE = base64.b64encode(bytes(10 * 2**20 + 1)).decode()
PYTHON = compute.Language.PYTHON


def task(key: str, *upstream: str) -> jobs.SubmitTask:
    return jobs.SubmitTask(
        task_key=key,
        notebook_task=jobs.NotebookTask(notebook_path="/n"),
        depends_on=[jobs.TaskDependency(other) for other in upstream],
    )


def active_run(w: WorkspaceClient) -> int:
    return w.jobs.submit(tasks=[task("main")]).run_id


def volume(w: WorkspaceClient) -> str:
    w.volumes.create("main", "default", "v", catalog.VolumeType.MANAGED)
    w.dbfs.upload("/Volumes/main/default/v/d/f", BytesIO(b"1"))
    return "/Volumes/main/default/v"


Row = tuple[Callable[[WorkspaceClient, Any], Any], type[Exception], str | None, str]
CLUSTERS: list[Row] = [
    (
        lambda w, _: w.clusters.get(NOBODY),
        errors.ResourceDoesNotExist,
        "INVALID_PARAMETER_VALUE",
        f"Cluster {NOBODY} does not exist",
    ),
    (
        lambda w, _: w.clusters.delete(NOBODY),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        f"Cluster {NOBODY} does not exist",
    ),
    (
        lambda w, here: w.clusters.start(here.cluster_id),
        errors.InvalidState,
        "INVALID_STATE",
        "is in unexpected state Running.",
    ),
    (
        lambda w, _: w.clusters.create(spark_version="no", num_workers=1),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "",
    ),
]
JOBS: list[Row] = [
    (
        lambda w, _: w.jobs.get(1),
        errors.ResourceDoesNotExist,
        "INVALID_PARAMETER_VALUE",
        "Job 1 does not exist.",
    ),
    (
        lambda w, _: w.jobs.run_now(1),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "Job 1 does not exist.",
    ),
    (
        lambda w, _: w.jobs.get_run(1),
        errors.ResourceDoesNotExist,
        "INVALID_PARAMETER_VALUE",
        "Run 1 does not exist.",
    ),
    (
        lambda w, _: w.jobs.get_run_output(1),
        errors.ResourceDoesNotExist,
        "INVALID_PARAMETER_VALUE",
        "Run 1 does not exist.",
    ),
    (
        lambda w, _: w.jobs.cancel_run(1),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "Run 1 does not exist.",
    ),
    (
        lambda w, _: w.jobs.delete_run(active_run(w)),
        errors.InvalidState,
        "INVALID_STATE",
        "is active",
    ),
    (
        lambda w, _: w.jobs.repair_run(active_run(w), rerun_tasks=["main"]),
        errors.InvalidState,
        "INVALID_STATE",
        "is active",
    ),
    (
        lambda w, _: w.jobs.submit(tasks=[task("a", "b"), task("b", "a")]),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "Cyclic",
    ),
    (
        lambda w, _: list(w.jobs.list_runs(limit=26)),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "limit",
    ),
]
SQL: list[Row] = [
    (
        lambda w, _: w.statement_execution.get_statement(NO_STATEMENT),
        errors.NotFound,
        "NOT_FOUND",
        f"The statement {NO_STATEMENT} was not found.",
    ),
    (
        lambda w, here: w.statement_execution.execute_statement(
            "SELECT 1", here.warehouse_id, wait_timeout="3s"
        ),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "The wait_timeout field must be 0 seconds",
    ),
    (
        lambda w, _: w.statement_execution.execute_statement("SELECT 1", NO_WAREHOUSE),
        errors.PermissionDenied,
        "PERMISSION_DENIED",
        "You do not have permission to use the SQL Warehouse",
    ),
    (
        lambda w, _: w.warehouses.get(NO_WAREHOUSE),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "does not exist",
    ),
    (
        lambda w, _: w.warehouses.create(name="Starter Warehouse", cluster_size="Small"),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "already exists",
    ),
]
COMMANDS: list[Row] = [
    (
        lambda w, here: w.command_execution.context_status(here.cluster_id, "1"),
        errors.BadRequest,
        None,
        "ContextNotFound",
    ),
    (
        lambda w, here: w.command_execution.execute(
            cluster_id=here.cluster_id, language=PYTHON, command="1"
        ),
        errors.InternalError,
        None,
        "requirement failed: missing contextId",
    ),
    (
        lambda w, _: w.command_execution.create(cluster_id=NOBODY, language=PYTHON),
        errors.BadRequest,
        None,
        NOBODY,
    ),
]
FILES: list[Row] = [
    (
        lambda w, _: w.workspace.get_status("/no"),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "Path (/no) doesn't exist.",
    ),
    (
        lambda w, _: w.workspace.import_(
            "/no/n", content="", format=ImportFormat.SOURCE, language=Language.PYTHON
        ),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "The parent folder (/no) does not exist.",
    ),
    (
        lambda w, _: w.workspace.import_(
            "/Shared/welcome", content="", format=ImportFormat.SOURCE, language=Language.PYTHON
        ),
        errors.ResourceAlreadyExists,
        "RESOURCE_ALREADY_EXISTS",
        "Path (/Shared/welcome) already exists.",
    ),
    (
        lambda w, _: w.workspace.import_("/Shared/f", content=HUGE, format=ImportFormat.RAW),
        errors.BadRequest,
        "MAX_NOTEBOOK_SIZE_EXCEEDED",
        "exceeded max size (10485760 bytes)",
    ),
    (
        lambda w, _: w.workspace.export("/Shared/welcome", format=ExportFormat.R_MARKDOWN),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "R notebooks",
    ),
    (
        lambda w, _: w.workspace.delete("/Shared"),
        errors.BadRequest,
        "DIRECTORY_NOT_EMPTY",
        "Folder (/Shared) is not empty",
    ),
    (
        lambda w, _: w.dbfs.get_status("/no"),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "No file or directory exists on path /no.",
    ),
    (
        lambda w, _: w.dbfs.add_block(1, ""),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "No file handle exists with id 1",
    ),
    (
        lambda w, _: w.dbfs.put("/large", contents=LARGE),
        errors.BadRequest,
        "MAX_BLOCK_SIZE_EXCEEDED",
        "1048576",
    ),
    (
        lambda w, _: [w.dbfs.put("/twice", contents="MQ==") for _ in range(2)],
        errors.ResourceAlreadyExists,
        "RESOURCE_ALREADY_EXISTS",
        "A file or directory already exists at the input path /twice",
    ),
    (
        lambda w, _: w.dbfs.read("/f", length=2**20 + 1),
        errors.BadRequest,
        "MAX_READ_SIZE_EXCEEDED",
        "1048576",
    ),
    (
        lambda w, _: w.files.delete(f"{volume(w)}/no"),
        errors.NotFound,
        "NOT_FOUND",
        "/no does not exist.",
    ),
    (
        lambda w, _: w.files.upload(f"{volume(w)}/d/f", BytesIO(b"1"), overwrite=False),
        errors.AlreadyExists,
        "ALREADY_EXISTS",
        "already exists",
    ),
    (
        lambda w, _: w.files.delete_directory(f"{volume(w)}/d"),
        errors.InvalidParameterValue,
        "INVALID_PARAMETER_VALUE",
        "is not empty",
    ),
]
CATALOG: list[Row] = [
    (
        lambda w, _: w.catalogs.get("no"),
        errors.NotFound,
        "CATALOG_DOES_NOT_EXIST",
        "Catalog 'no' does not exist.",
    ),
    (
        lambda w, _: w.schemas.get("main.no"),
        errors.NotFound,
        "SCHEMA_DOES_NOT_EXIST",
        "Schema 'main.no' does not exist.",
    ),
    (
        lambda w, _: w.tables.get("main.default.no"),
        errors.NotFound,
        "TABLE_DOES_NOT_EXIST",
        "Table 'main.default.no' does not exist.",
    ),
    (
        lambda w, _: [w.schemas.create("twice", "main") for _ in range(2)],
        errors.BadRequest,
        "SCHEMA_ALREADY_EXISTS",
        "Schema 'main.twice' already exists.",
    ),
]
OTHERS: list[Row] = [
    (
        lambda w, _: w.secrets.get_secret("no", "key"),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "Scope no does not exist!",
    ),
    (
        lambda w, _: w.secrets.create_scope("mine"),
        errors.BadRequest,
        "FEATURE_DISABLED",
        "simulation",
    ),
    (lambda w, _: w.users.get("1"), errors.NotFound, "SCIM_404", "not found"),
    (
        lambda w, _: w.clusters.get_permissions(NOBODY),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "does not exist",
    ),
    (
        lambda w, _: w.tokens.delete("no"),
        errors.ResourceDoesNotExist,
        "RESOURCE_DOES_NOT_EXIST",
        "Token with id no does not exist.",
    ),
    (
        lambda w, _: w.serving_endpoints.get("no"),
        errors.NotFound,
        "ENDPOINT_NOT_FOUND",
        "No API found for 'GET /serving-endpoints/no'",
    ),
    (
        lambda w, _: w.api_client.do("GET", "/api/3.0/jobs/list"),
        errors.NotFound,
        None,
        "Bad Target: /api/3.0/jobs/list",
    ),
    (
        lambda w, _: w.api_client.do("POST", "/api/2.2/jobs/create", data="{"),
        errors.BadRequest,
        "MALFORMED_REQUEST",
        "Invalid JSON",
    ),
]


@pytest.mark.parametrize(
    ("call", "kind", "code", "says"), CLUSTERS + JOBS + SQL + COMMANDS + FILES + CATALOG + OTHERS
)
def test_a_refusal_is_the_sdks_own_error(  # noqa: PLR0917 (fixtures)
    call: Callable[[WorkspaceClient, Any], Any],
    kind: type[errors.DatabricksError],
    code: str | None,
    says: str,
    engine: Scripted,
    served: WorkspaceServer,
    sdk: WorkspaceClient,
) -> None:
    engine.task(takes=3600)
    with pytest.raises(errors.DatabricksError) as refused:
        call(sdk, served.workspace)
    assert (type(refused.value), refused.value.error_code) == (kind, code)
    assert says in str(refused.value)


def test_why_a_file_is_refused_is_said_in_a_word_for_programs(sdk: WorkspaceClient) -> None:
    root = volume(sdk)
    reasons = []
    for call in (
        lambda: sdk.files.delete_directory(f"{root}/d"),
        lambda: sdk.files.delete_directory(f"{root}/no"),
        lambda: sdk.files.delete(f"{root}/no"),
    ):
        with pytest.raises(errors.DatabricksError) as refused:
            call()
        info = refused.value.get_error_details().error_info
        reasons.append(info and info.reason)
    assert reasons == [
        "FILES_API_DIRECTORY_IS_NOT_EMPTY",
        "FILES_API_DIRECTORY_IS_NOT_FOUND",
        "FILES_API_FILE_NOT_FOUND",
    ]
