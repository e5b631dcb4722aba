"""Where a task's code is: in the workspace, in DBFS or in a volume; and what its absence means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine import TaskSource
from ..wire import Refusal
from .run_states import Outcome, cannot_start

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .task_run import TaskRun


def find(task_run: TaskRun) -> tuple[TaskSource | None, Outcome | None]:
    """The code that a task names; or else the outcome that its absence would be.

    Neither for kinds whose code is no file (wheels, JARs, saved queries).
    """
    workspace, task = task_run.run.workspace, task_run.task
    if task.get("source") == "GIT":
        message = "Git repositories cannot be reached from this workspace."
        return None, cannot_start(message, "REPOSITORY_CHECKOUT_FAILED")
    match task_run.kind:
        case "notebook_task":
            path = str(task.get("notebook_path"))
            missing = (
                f'Unable to access the notebook "{path}" in the workspace. Either it does not'
                " exist, or the identity used to run this job,"
                f" {workspace.user_name}, lacks the required permissions."
            )
        case "spark_python_task":
            path = str(task.get("python_file"))
            missing = (
                f"Cannot read the python file {path}. Either it does not exist, or the"
                " identity used to run this job lacks the required permissions."
            )
        case "sql_task" if "file" in task:
            path = str(task["file"].get("path"))
            missing = f"Cannot read the SQL file {path}."
        case _:
            return None, None
    source = read(workspace, path)
    return source, None if source else cannot_start(missing, "RESOURCE_NOT_FOUND")


def read(workspace: Workspace, path: str) -> TaskSource | None:
    """The code at `path` (`dbfs:/...`, `/Volumes/...`, or in the workspace); None for nothing."""
    try:
        if path.startswith("dbfs:"):
            return TaskSource(path, workspace.dbfs.files.read(path.removeprefix("dbfs:")))
        if path.startswith("/Volumes/"):
            return TaskSource(path, workspace.volumes.read(path))
    except (OSError, Refusal):
        return None
    found: TaskSource | None = workspace.notebooks.source(path) if path.startswith("/") else None
    return found
