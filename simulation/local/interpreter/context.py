"""An execution context: a namespace, its connection, and how each kind of cell runs in it.

A command ends as a `Result`, which is what goes back to the engine; only a crash or a cancel ends
it otherwise.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, define, field

from ..places import Places
from . import notebooks, python, shown, sparks, tracebacks
from .database import Database
from .dbutils import Ask, DBUtils, NotebookExit
from .filesystem import FileSystem
from .interrupts import INTERRUPTS
from .jvm import SparkLost

REFUSED = {
    "scala": "Scala is not available in the local engine: it runs Python and SQL.",
    "r": "R is not available in the local engine: it runs Python and SQL.",
    "pip": "%pip is refused by the local engine: install into the Python that runs it.",
    "conda": "%conda is refused by the local engine: install into the Python that runs it.",
    "restart_python": "%restart_python is not available: make a new execution context instead.",
}


class NotAvailableHere(Exception):
    """The local engine does not do this."""


class NotebookNotFound(Exception):
    """`%run` names a notebook that is not there."""


@define
class Result:
    """What a command leaves, without what it printed.

    Attributes:
      value: the last expression's value as text, or None.
      html: what `displayHTML` showed.
      table: the last table shown, with `schema`, `rows`, `truncated`.
      images: data URLs.
      failure: `line`, `summary` and `trace` of an exception.
      exit: what the notebook exited with, if it did.
    """

    value: str | None = None
    html: list[str] = field(factory=list)
    table: dict[str, Any] | None = None
    images: list[str] = field(factory=list)
    failure: dict[str, str] | None = None
    exit: str | None = None

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Context:
    """The state of one execution context, or of one task.

    Args:
      database: the line to the workspace's SQL.
      places: DBFS, volumes and workspace files.
      ask: asks the engine for what only it can do.
      widgets: parameters given to the notebook.
      task_values: what earlier tasks of the run have told; None outside of a job.
      path: of the notebook that runs, for `%run ./other`.
      scratch: a folder for temporary files.
    """

    def __init__(
        self,
        database: Database,
        places: Places,
        ask: Ask,
        *,
        widgets: Mapping[str, str] | None = None,
        task_values: Mapping[str, Mapping[str, Any]] | None = None,
        path: str = "",
        scratch: Path,
    ) -> None:
        self._database = database
        self._engine = ask
        self._path = path
        self._commands = 0
        self._result = Result()
        self.dbutils = DBUtils(FileSystem(places), self._ask, widgets, task_values)
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main  # where pickle and dataclasses look for the user's classes
        self.namespace = main.__dict__
        self._spark = sparks.Spark(database, places, scratch)
        spark = self._spark.session
        self.namespace |= {
            "spark": spark,
            "sc": sparks.Later(lambda: spark.sparkContext),
            "dbutils": self.dbutils,
            "display": self._display,
            "displayHTML": self._display_html,
            "getArgument": self.dbutils.widgets.getArgument,
            "sql": sparks.Method(spark, "sql"),
            "table": sparks.Method(spark, "table"),
        }
        self._runners: dict[str, Callable[[str], None]] = {
            "python": self._python,
            "sql": self._sql,
            "run": self._run,
            "sh": self._shell,
            "fs": self._fs,
            "md": lambda _: None,
            "md-sandbox": lambda _: None,
        }

    def _ask(self, call: dict[str, Any]) -> Any:
        """Asks the engine, and says from which notebook."""
        return self._engine(call | {"from": self._path})

    # ---- running

    def command(self, code: str, language: str = "python") -> Result:
        """Runs one command of a context."""
        return self._recorded(lambda: self._cell(notebooks.cell(python.dedented(code), language)))

    def notebook(self, content: str, language: str, notebook_format: str) -> Result:
        """Runs a notebook's cells in order, until one fails or exits."""
        return self._recorded(lambda: self._cells(content, language, notebook_format))

    def file(self, content: str, path: str, arguments: list[str]) -> Result:
        """Runs a Python file as a program."""
        sys.argv = [path, *arguments]
        self.namespace["__file__"] = path
        return self._recorded(
            lambda: python.run(content + "\npass", path, self.namespace, self._line_magic)
        )

    def _recorded(self, work: Callable[[], Any]) -> Result:
        """Does `work`, and gives what it showed or how it failed."""
        self._result = Result()
        try:
            try:
                work()
            except NotebookExit as left:
                self._result.exit = left.value
            self._result.images += shown.figures()
        except KeyboardInterrupt:
            with INTERRUPTS.shielded():
                self._spark.stop_jobs()
            raise
        except BaseException as error:
            lost = self._spark.lost()
            if lost is not None:
                error = _caused(SparkLost(lost), error)
            if (
                isinstance(error, SystemExit)
                and error.code in {None, 0}
                and "__file__" in self.namespace
            ):
                return self._result
            failure = tracebacks.told(error)
            self._result.failure = asdict(failure)
        return self._result

    def _cells(self, content: str, language: str, notebook_format: str) -> None:
        for cell in notebooks.cells(content, language, notebook_format):
            self._cell(cell)

    def _cell(self, cell: notebooks.Cell) -> None:
        if cell.magic in REFUSED:
            raise NotAvailableHere(REFUSED[cell.magic])
        self._runners[cell.magic](cell.code)

    # ---- what a cell may be

    def _python(self, code: str) -> None:
        self._commands += 1
        name = f"<command-{self._commands}>"
        self._show(python.run(code, name, self.namespace, self._line_magic))

    def _sql(self, statements: str) -> None:
        if not statements.strip():
            return
        self._commands += 1
        self._spark.hand_over(statements)
        answer = self._database.script(
            statements,
            parameters=self.dbutils.widgets.getAll(),
            limit=shown.MAX_ROWS + 1,
            name=f"__sqldf_{self._commands}",
        )
        if answer.columns:
            self._tell(shown.of_answer(answer))
        if answer.view is not None:
            self.namespace["_sqldf"] = self._spark.frame_over(answer)

    def _run(self, target: str) -> None:
        words = target.split()
        if not words:
            raise NotebookNotFound("%run needs the path of a notebook.")
        path = words[0].strip("\"'")
        answer = self._ask({"call": "source", "path": path})
        if "refusal" in answer:
            raise NotebookNotFound(answer["refusal"])
        was, self._path = self._path, answer["path"]
        try:
            # An exit in a notebook that is run in place ends that notebook only.
            with contextlib.suppress(NotebookExit):
                self._cells(answer["content"], answer["language"], answer["format"])
        finally:
            self._path = was

    def _shell(self, script: str) -> None:
        sys.stdout.flush()
        command = ["bash", "-c", script]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)  # noqa: S603 (as asked)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, "%sh")

    def _fs(self, line: str) -> None:
        name, *arguments = line.split()
        done = getattr(self.dbutils.fs, name)(*arguments)
        self._show(done)

    def _line_magic(self, sign: str, line: str) -> None:
        if sign == "!":
            self._shell(line)
        else:
            cell = notebooks.cell(f"%{line}", "python")
            if cell.magic == "python":
                raise NotAvailableHere(
                    f"The magic %{line.split(maxsplit=1)[0]} is not available here."
                )
            self._cell(cell)

    # ---- what it shows

    def _show(self, value: Any) -> None:
        """The last expression's value."""
        if value is None:
            return
        if hasattr(type(value), "savefig"):
            return  # an open figure is shown at the end
        self._result.value = repr(value)

    def _display(self, value: Any = None, *_: Any, **__: Any) -> None:
        """`display(...)`: a table where there is one, else a picture or the value's text."""
        if isinstance(value, sparks.Later):
            value = value.resolved()
        if hasattr(type(value), "savefig"):
            self._result.images.append(shown.picture(value))
            value.clear()
            _close(value)
            return
        table = shown.of(value)
        if table is None:
            print(repr(value))  # noqa: T201 (it is the command's output)
        else:
            self._tell(table)

    def _tell(self, table: shown.Table) -> None:
        self._result.table = {
            "schema": table.schema(),
            "rows": table.rows,
            "truncated": table.truncated,
        }

    def _display_html(self, text: str) -> None:
        """`displayHTML(...)`."""
        self._result.html.append(str(text))


def _caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


def _close(figure: Any) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(figure)
