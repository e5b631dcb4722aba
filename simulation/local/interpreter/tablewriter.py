"""Writing a data frame into a table of the workspace, whichever Spark the frame comes from.

The frame's rows are a view of the context's session by then; what is left is SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .database import AnalysisException, Database

NOT_FOUND = "42P01"  # the SQLSTATE of a table that is not there

# Has the rows at hand as a view of the session, and gives its name.
AsView = Callable[[], str]


def save_as_table(database: Database, view: str, name: str, mode: str | None) -> None:
    """What `df.write.mode(mode).saveAsTable(name)` does; columns are added to by their names.

    Raises:
      AnalysisException: the table is there and may not be, or does not fit.
    """
    match (mode or "error").lower():
        case "append":
            try:
                database.script(f"INSERT INTO {name} BY NAME SELECT * FROM {view}")
            except AnalysisException as failed:
                if failed.sql_state != NOT_FOUND:
                    raise
                database.script(f"CREATE TABLE {name} AS SELECT * FROM {view}")
        case "overwrite":
            database.script(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {view}")
        case "ignore":
            database.script(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM {view}")
        case _:
            database.script(f"CREATE TABLE {name} AS SELECT * FROM {view}")


def insert_into(database: Database, view: str, name: str, *, overwrite: bool) -> None:
    """What `df.write.insertInto(name)` does; columns go by their places."""
    verb = "OVERWRITE" if overwrite else "INTO"
    database.script(f"INSERT {verb} {name} SELECT * FROM {view}")


class TableWriter:
    """`df.writeTo(name)`."""

    def __init__(self, database: Database, as_view: AsView, name: str) -> None:
        self._database = database
        self._as_view = as_view
        self._name = name

    def _as_told(self, *_: Any, **__: Any) -> TableWriter:
        """Itself: how a table is laid out on disk makes no difference here."""
        return self

    using = option = options = _as_told
    tableProperty = partitionedBy = clusterBy = _as_told  # noqa: N815 (Spark's names)

    def create(self) -> None:
        """Makes the table; it must not be there."""
        save_as_table(self._database, self._as_view(), self._name, "error")

    def createOrReplace(self) -> None:  # noqa: N802
        """Makes the table, in place of one that is there."""
        save_as_table(self._database, self._as_view(), self._name, "overwrite")

    def replace(self) -> None:
        """Makes the table in place of the one that must be there."""
        self._database.script(f"DESCRIBE TABLE {self._name}")
        self.createOrReplace()

    def append(self) -> None:
        """Adds to the table, which must be there."""
        self._database.script(f"INSERT INTO {self._name} BY NAME SELECT * FROM {self._as_view()}")

    def overwritePartitions(self) -> NoReturn:  # noqa: N802
        """Refused: tables have no partitions here."""
        raise AnalysisException(
            "[UNSUPPORTED_FEATURE.LOCAL_ENGINE] Tables of the local engine have no partitions to "
            "overwrite. SQLSTATE: 0A000",
            "0A000",
        )

    def overwrite(self, condition: Any) -> NoReturn:
        """Refused, as `overwritePartitions`."""
        del condition
        self.overwritePartitions()
