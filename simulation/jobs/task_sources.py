"""Which code a task names: in the workspace, in DBFS or in a volume; and what its absence means."""

from __future__ import annotations

from ..engine import TaskSource
from ..files.code import Code
from .run import TaskRun
from .run_states import Outcome, cannot_start


def find(task_run: TaskRun, code: Code) -> tuple[TaskSource | None, Outcome | None]:
    """The code that a task names; or else the outcome that its absence would be.

    Neither for kinds whose code is no file (wheels, JARs, saved queries).
    """
    task = task_run.task
    if task.get("source") == "GIT":
        message = "Git repositories cannot be reached from this workspace."
        return None, cannot_start(message, "REPOSITORY_CHECKOUT_FAILED")
    match task_run.kind:
        case "notebook_task":
            path = str(task.get("notebook_path"))
            missing = (
                f'Unable to access the notebook "{path}" in the workspace. Either it does not'
                " exist, or the identity used to run this job,"
                f" {task_run.run.world.user_name}, lacks the required permissions."
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
    source = code.read(path)
    return source, None if source else cannot_start(missing, "RESOURCE_NOT_FOUND")
