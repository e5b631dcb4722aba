"""What a task is given: its own parameters, the run's over them, and `{{references}}` filled.

https://docs.databricks.com/jobs/dynamic-value-references.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")

# A task's list of parameters, and the run parameters that replace it.
_LISTS: Mapping[str, tuple[str, str]] = {
    "spark_python_task": ("parameters", "python_params"),
    "spark_jar_task": ("parameters", "jar_params"),
    "spark_submit_task": ("parameters", "spark_submit_params"),
    "dbt_task": ("commands", "dbt_commands"),
}
# A task's map of parameters, and the run parameters that are laid over it.
_MAPS: Mapping[str, tuple[str, str]] = {
    "notebook_task": ("base_parameters", "notebook_params"),
    "sql_task": ("parameters", "sql_params"),
}


def merged(
    kind: str, task: Mapping[str, Any], run: Mapping[str, Any], job: Mapping[str, str]
) -> Any:
    """The parameters that a task's code gets.

    Args:
      kind: `notebook_task`, ...
      task: the object under that key, references filled.
      run: the run's parameters, as `run-now` took them.
      job: the job parameters with their values; they win over all others of the same name.

    Returns:
      A dict of texts, or a list of texts, or None for a kind that takes none.
    """
    if kind in _MAPS:
        own, over = _MAPS[kind]
        return {**(task.get(own) or {}), **(run.get(over) or {}), **job}
    if kind == "python_wheel_task":
        named = {**(task.get("named_parameters") or {}), **(run.get("python_named_params") or {})}
        if named or (job and not task.get("parameters")):
            return {**named, **job}
        return list(run.get("python_params") or task.get("parameters") or ())
    if kind in _LISTS:
        own, over = _LISTS[kind]
        return list(run.get(over) or task.get(own) or ())
    return None


def filled(value: Any, lookup: Callable[[str], str | None]) -> Any:
    """`value` with every `{{reference}}` in its texts filled; an unknown one stays as it is."""
    if isinstance(value, str):
        return (
            _REFERENCE.sub(lambda match: _found(match, lookup), value) if "{{" in value else value
        )
    if isinstance(value, Mapping):
        return {key: filled(item, lookup) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, lookup) for item in value]
    return value


def _found(match: re.Match[str], lookup: Callable[[str], str | None]) -> str:
    # `job.parameters.[my name]` is another spelling of `job.parameters.my name`.
    found = lookup(re.sub(r"\[([^\]]*)\]", r"\1", match[1]))
    return match[0] if found is None else found


def time_part(epoch_ms: int, part: str) -> str | None:
    """A part of a time in UTC, as `job.start_time.<part>` names it."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    match part:
        case "iso_date":
            return moment.date().isoformat()
        case "iso_datetime":
            return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
        case "timestamp_ms":
            return str(epoch_ms)
        case "iso_weekday":
            return str(moment.isoweekday())
        case "is_weekday":
            return str(moment.isoweekday() <= 5).lower()
        case "year" | "month" | "day" | "hour" | "minute" | "second":
            return str(getattr(moment, part))
        case _:
            return None
