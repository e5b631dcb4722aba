"""Jobs 2.2 and 2.1: runs of jobs and one-time runs, by id and by list; cancel, repair, output.

https://docs.databricks.com/api/workspace/jobs
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..files import notebook_formats
from ..wire import Call, Refusal, Route
from . import job_settings, run_states, run_wire, task_graph
from .run import JobRun, TaskRun
from .run_pages import page_of_runs
from .run_register import RunRegister
from .run_states import Verdict

DEFAULT_LIMIT, MAX_LIMIT = 20, 25  # runs on a page
RUN_TYPES = ("JOB_RUN", "WORKFLOW_RUN", "SUBMIT_RUN")


class Runs(RunRegister):
    """The runs, and `/api/2.x/jobs/runs` and `run-now` over them."""

    def routes(self) -> list[Route]:
        """The endpoints."""
        handlers = {
            "POST run-now": self.run_now,
            "POST runs/submit": self.submit,
            "GET runs/get": self.get,
            "GET runs/list": self.list_page,
            "GET runs/get-output": self.get_output,
            "GET runs/export": self.export,
            "POST runs/cancel": self.cancel,
            "POST runs/cancel-all": self.cancel_all,
            "POST runs/delete": self.delete,
            "POST runs/repair": self.repair,
        }
        return [
            Route(method, f"/api/{version}/jobs/{name}", handler)
            for key, handler in handlers.items()
            for method, _, name in [key.partition(" ")]
            for version in ("2.2", "2.1", "2.0")
        ]

    async def run_now(self, call: Call) -> dict[str, Any]:
        """`jobs/run-now`: with a token that was used before, the run it started then."""
        job = self._jobs.known(call.integer("job_id"))
        token = job_settings.token_of(call.body)
        run_id = self.run_of_token(token)
        if run_id is None:
            run_id = self.start_job(job, call.body, creator=call.user_name).run_id
            self.keep_token(token, run_id)
        return {"run_id": run_id, "number_in_job": run_id}

    async def submit(self, call: Call) -> dict[str, Any]:
        """`runs/submit`: with a token that was used before, the run it started then."""
        token = job_settings.token_of(call.body)
        run_id = self.run_of_token(token)
        if run_id is None:
            run = self.start(call.body, version=_version(call), creator=call.user_name)
            run_id = run.run_id
            self.keep_token(token, run_id)
        return {"run_id": run_id}

    async def get(self, call: Call) -> dict[str, Any]:
        """`runs/get` of a run or of a task's run; under 2.2 its arrays come 100 at a time."""
        found = self.known(call.integer("run_id"))
        if isinstance(found, TaskRun):
            told, shown = run_wire.task_run_object(found), [found]
        else:
            told = run_wire.run_object(found, history=call.flag("include_history"))
            shown = found.shown_tasks()
        if call.flag("include_resolved_values"):
            told = run_wire.with_resolved_values(told, shown)
        if _version(call) != "2.2":
            return told
        # The one task of a for-each task's run is on every page; its iterations are cut.
        arrays = run_wire.ARRAYS[1:] if "iterations" in told else run_wire.ARRAYS
        page, more = run_wire.cut(told, arrays, run_wire.page_offset(call))
        return page | more

    async def list_page(self, call: Call) -> dict[str, Any]:
        """`runs/list`: the newest first."""
        self._forget_old()
        limit = call.integer("limit", DEFAULT_LIMIT) or MAX_LIMIT
        if not 0 < limit <= MAX_LIMIT:
            raise Refusal.invalid(f"limit must be between 0 and {MAX_LIMIT}.")
        active = call.flag("active_only")
        if active and call.flag("completed_only"):
            raise Refusal.invalid("active_only and completed_only cannot both be true.")
        runs = [self._runs[run_id] for run_id in sorted(self._active)] if active else list(self)
        page, tokens = page_of_runs(
            runs,
            self._wanted(call),
            call.text("page_token", ""),
            limit,
            call.integer("offset", 0),
        )
        version, expand = _version(call), call.flag("expand_tasks")
        listed = [_listed(run, version, expand=expand) for run in page]
        answer: dict[str, Any] = {"runs": listed} if listed else {}
        if version != "2.2":
            answer["has_more"] = "next_page_token" in tokens
        return answer | tokens

    def _wanted(self, call: Call) -> Callable[[JobRun], bool]:
        """What the filters of `runs/list` let through."""
        job_id = call.integer("job_id", 0)
        run_type = call.choice("run_type", RUN_TYPES, "")
        since = call.integer("start_time_from", 0)
        until = call.integer("start_time_to", 0) or float("inf")
        completed = call.flag("completed_only")
        return lambda run: (
            (not job_id or run.job_id == job_id)
            and (not run_type or run.run_type == run_type)
            and since <= run.start_time <= until
            and not (completed and not run.is_final)
        )

    async def get_output(self, call: Call) -> dict[str, Any]:
        """`runs/get-output` of a task's run; a run of the old single-task form has it too."""
        found = self.known(call.integer("run_id"))
        if isinstance(found, JobRun):
            if found.settings.get("format") != "SINGLE_TASK":
                raise Refusal.invalid(run_wire.NO_OUTPUT_OF_MANY)
            output = run_wire.output_object(found.shown_tasks()[-1])
            return output | {"metadata": run_wire.run_object(found)}
        return run_wire.output_object(found)

    async def export(self, call: Call) -> dict[str, Any]:
        """`runs/export`: the code of a notebook task's run as a page of HTML."""
        found = self.known(call.integer("run_id"))
        wanted = call.choice("views_to_export", ("CODE", "DASHBOARDS", "ALL"), "CODE")
        task_run = found if isinstance(found, TaskRun) else found.shown_tasks()[-1]
        if isinstance(found, JobRun) and len(found.attempts) > 1:
            raise Refusal.invalid("Exporting runs with multiple tasks is not supported.")
        if task_run.kind != "notebook_task":
            raise Refusal.invalid(f"Run {task_run.run_id} is not a run of a notebook.")
        path = str(task_run.settings["notebook_task"].get("notebook_path"))
        source = self._code.read(path)
        if wanted == "DASHBOARDS" or source is None:
            return {"views": []}
        notebook = (
            notebook_formats.from_jupyter(source.content)
            if source.format == "JUPYTER"
            else notebook_formats.from_source(source.content, source.language)
        )
        name = path.rpartition("/")[2]
        content = notebook_formats.to_html(notebook, name).decode()
        return {"views": [{"content": content, "name": name, "type": "NOTEBOOK"}]}

    async def cancel(self, call: Call) -> dict[str, Any]:
        """`runs/cancel`: asynchronous; of a run that has ended, nothing happens."""
        found = self.known(call.integer("run_id"))
        if isinstance(found, TaskRun):
            found.run.stop_task(found)
        else:
            found.stop(run_states.CANCELED)
        return {}

    async def cancel_all(self, call: Call) -> dict[str, Any]:
        """`runs/cancel-all`: of one job, or every queued run of the workspace."""
        queued_only = call.flag("all_queued_runs")
        job_id = call.integer("job_id", 0)
        if not job_id and not queued_only:
            raise Refusal.invalid("One of job_id and all_queued_runs must be given.")
        if job_id:
            self._jobs.known(job_id)
        for run in list(self._active.values()):
            is_queued = run.state is run_states.LifeCycleState.QUEUED
            if (not job_id or run.job_id == job_id) and (not queued_only or is_queued):
                run.stop(run_states.CANCELED)
        return {}

    async def delete(self, call: Call) -> dict[str, Any]:
        """`runs/delete`: a run that has ended."""
        run = self.known_run(call.integer("run_id"))
        if not run.is_final:
            raise Refusal.invalid_state(f"Run {run.run_id} is active and cannot be deleted.")
        self._forget(run)
        return {}

    async def repair(self, call: Call) -> dict[str, Any]:
        """`runs/repair`: runs tasks of a run that has ended again, under the same run id."""
        run = self.known_run(call.integer("run_id"))
        if not run.is_final or not run.attempts:
            raise Refusal.invalid_state(f"Run {run.run_id} is active and cannot be repaired.")
        last = run.history[-1].repair_id
        if last is not None and call.integer("latest_repair_id", 0) != last:
            raise Refusal.invalid(f"latest_repair_id must be {last}, the latest repair's id.")
        keys = _to_rerun(run, call)
        parameters = job_settings.parameters_of(call.body)
        repair_id = self._world.new_number("repair")
        run.parameters = {**run.parameters, **parameters}
        run.begin(keys, repair_id=repair_id)
        self._active[run.run_id] = run
        job = self._jobs.find(run.job_id)
        if job is not None:
            job.active[run.run_id] = run
            self._job_of[run.run_id] = job
        self._live(run)
        return {"repair_id": repair_id}


def _to_rerun(run: JobRun, call: Call) -> set[str]:
    """The keys of the tasks that a repair asks for."""
    keys = set(call.texts("rerun_tasks"))
    unknown = keys - run.attempts.keys()
    if unknown:
        raise Refusal.invalid(f"Tasks {', '.join(sorted(unknown))} do not exist in the run.")
    if call.flag("rerun_all_failed_tasks"):
        if keys:
            raise Refusal.invalid(
                "Only one of rerun_tasks and rerun_all_failed_tasks may be given."
            )
        keys = {
            key
            for key, attempts in run.attempts.items()
            if (outcome := attempts[-1].outcome) is not None
            and outcome.verdict in {Verdict.FAILED, Verdict.CANCELED}
        }
    if call.flag("rerun_dependent_tasks"):
        keys |= task_graph.dependents(run.tasks, keys) & run.attempts.keys()
    if not keys:
        raise Refusal.invalid(f"Run {run.run_id} has no tasks to rerun.")
    return keys


def _listed(run: JobRun, version: str, *, expand: bool) -> dict[str, Any]:
    told = run_wire.run_object(run, tasks=expand)
    if not expand or version != "2.2":
        return told
    page, more = run_wire.cut(told, run_wire.ARRAYS, 0)
    return {**page, "has_more": bool(more)}


def _version(call: Call) -> str:
    """The API version of a request to `/api/<version>/jobs/...`."""
    return call.path.split("/")[2]
