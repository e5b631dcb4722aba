"""`dbutils`, as far as it makes sense without a cluster; `dbutils.fs` is in `filesystem`.

What needs a real workspace (secrets, mounts, credentials) refuses, and says so.
See https://docs.databricks.com/dev-tools/databricks-utils.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from .filesystem import FileSystem

Ask = Callable[[dict[str, Any]], Any]


class NotebookExit(BaseException):
    """`dbutils.notebook.exit`: ends the notebook well, past the user's own `except Exception`."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


class NotAvailable(Exception):
    """The local engine does not have this."""


class WorkflowException(Exception):
    """A notebook that `dbutils.notebook.run` started has failed.  The name is Databricks'."""


class InputWidgetNotDefined(Exception):
    """There is no such widget.  The name is Databricks'."""


class Refusing:
    """A part of `dbutils` that refuses whatever it is asked for."""

    def __init__(self, name: str, reason: str) -> None:
        self._name, self._reason = name, reason

    def __repr__(self) -> str:
        return f"<dbutils.{self._name}: not available here>"

    def __getattr__(self, attribute: str) -> Callable[..., NoReturn]:
        if attribute.startswith("__"):
            raise AttributeError(attribute)

        def refuse(*_: Any, **__: Any) -> NoReturn:
            raise NotAvailable(f"dbutils.{self._name}.{attribute}: {self._reason}")

        return refuse


class Widgets:
    """`dbutils.widgets`: parameters of a notebook.

    Args:
      given: values from the caller (a job's parameters), which stand before every default.
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self._given = dict(given or {})
        self._defaults: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str | None = None) -> None:  # noqa: N803
        """A text field."""
        del label
        self._defaults[name] = str(defaultValue)

    def dropdown(
        self,
        name: str,
        defaultValue: str,  # noqa: N803 (Databricks' names)
        choices: Sequence[str],
        label: str | None = None,
    ) -> None:
        """A choice."""
        if str(defaultValue) not in [str(choice) for choice in choices]:
            raise ValueError(f"The default {defaultValue!r} of widget {name} is not a choice.")
        self.text(name, defaultValue, label)

    def combobox(
        self,
        name: str,
        defaultValue: str,  # noqa: N803
        choices: Sequence[str],
        label: str | None = None,
    ) -> None:
        """A choice, or a text."""
        del choices
        self.text(name, defaultValue, label)

    multiselect = dropdown

    def get(self, name: str) -> str:
        """The widget's value.

        Raises:
          InputWidgetNotDefined: nobody made it, and nobody gave it.
        """
        if name in self._given:
            return self._given[name]
        if name not in self._defaults:
            raise InputWidgetNotDefined(
                f"No input widget named {name} is defined; "
                "pass it as a parameter, or call dbutils.widgets.text first."
            )
        return self._defaults[name]

    def getArgument(self, name: str, defaultValue: str | None = None) -> str:  # noqa: N802, N803
        """The widget's value, or a default."""
        try:
            return self.get(name)
        except InputWidgetNotDefined:
            if defaultValue is None:
                raise
            return defaultValue

    def getAll(self) -> dict[str, str]:  # noqa: N802
        """Every widget with its value."""
        return self._defaults | self._given

    def remove(self, name: str) -> None:
        """Removes one widget."""
        self._defaults.pop(name, None)
        self._given.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        """Removes every widget."""
        self._defaults.clear()
        self._given.clear()


class Notebook:
    """`dbutils.notebook`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def exit(self, value: Any = "") -> NoReturn:
        """Ends the notebook, with `value` as its result."""
        raise NotebookExit(str(value))

    def run(
        self,
        path: str,
        timeout_seconds: int = 0,
        arguments: Mapping[str, Any] | None = None,
    ) -> str | None:
        """Runs another notebook in a process of its own, and gives what it exited with.

        Raises:
          WorkflowException: it failed, or took longer than `timeout_seconds` (0: no limit).
        """
        given = {str(name): str(value) for name, value in (arguments or {}).items()}
        answer = self._ask(
            {"call": "notebook", "path": path, "timeout": timeout_seconds, "arguments": given}
        )
        if "refusal" in answer:
            raise WorkflowException(answer["refusal"])
        value = answer["value"]
        return None if value is None else str(value)

    def getContext(self) -> Refusing:  # noqa: N802
        """Not available: there is no driver to ask."""
        return Refusing(
            "notebook.getContext()", "there is no cluster driver behind a local context"
        )


class TaskValues:
    """`dbutils.jobs.taskValues`: what tasks of one run tell one another."""

    def __init__(self, ask: Ask, known: Mapping[str, Mapping[str, Any]] | None) -> None:
        self._ask = ask
        self._known = known

    def set(self, key: str, value: Any) -> None:
        """Tells `value`, anything that JSON can say, to the tasks that follow."""
        self._ask({"call": "task_value", "key": key, "value": value})

    def get(
        self,
        taskKey: str,  # noqa: N803 (Databricks' names)
        key: str,
        default: Any = None,
        debugValue: Any = None,  # noqa: N803
    ) -> Any:
        """What the task `taskKey` told; outside of a job, `debugValue`."""
        if self._known is None:
            if debugValue is None:
                raise TypeError("Must pass debugValue when calling get outside of a job context.")
            return debugValue
        found = self._known.get(taskKey, {}).get(key, default)
        if found is None:
            raise ValueError(f"Task value {key!r} of task {taskKey!r} was not found.")
        return found


class Jobs:
    """`dbutils.jobs`."""

    def __init__(self, task_values: TaskValues) -> None:
        self.taskValues = task_values


class DBUtils:
    """`dbutils`."""

    def __init__(
        self,
        fs: FileSystem,
        ask: Ask,
        widgets: Mapping[str, str] | None = None,
        task_values: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.fs = fs
        self.widgets = Widgets(widgets)
        self.notebook = Notebook(ask)
        self.jobs = Jobs(TaskValues(ask, task_values))
        self.secrets = Refusing("secrets", "the local engine keeps no secrets")
        self.credentials = Refusing("credentials", "there is no cloud behind the local engine")
        self.data = Refusing("data", "summaries are drawn by the notebook's page")
        self.library = Refusing(
            "library", "libraries are those of the Python that runs the local engine"
        )

    def __repr__(self) -> str:
        return "<dbutils: fs, jobs, notebook, widgets>"

    def help(self, name: str = "") -> None:
        """Says what there is."""
        del name
        print("dbutils here: fs, jobs.taskValues, notebook, widgets.")  # noqa: T201
