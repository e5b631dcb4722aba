"""The workspace's tables in a real Spark, and that Spark's frames in the workspace's tables.

Both sides read and write Parquet, so that is how rows go over: a table that Spark names is written
down as it is now, and a frame that is saved is written down and read by the workspace.  There is
one set of tables, the workspace's; Spark keeps none of its own but temporary views.
"""

from __future__ import annotations

import functools
import importlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..places import Places, Unreachable
from . import statements
from .catalog import METHODS, WorkspaceCatalog
from .database import AnalysisException, Database
from .spelling import identifier, literal, quoted
from .statements import Named
from .tablewriter import TableWriter, insert_into, save_as_table

PREFIX = "__workspace_"  # of the views that stand for tables


class RealTables:
    """Goes between one Spark session and one session of the workspace's database.

    Args:
      session: pyspark's, on this machine.
      database: the context's line.
      places: where Databricks' paths lie.
      scratch: a folder for the Parquet files, which goes with the engine.
    """

    def __init__(self, session: Any, database: Database, places: Places, scratch: Path) -> None:
        self._session = session
        self._database = database
        self._places = places
        self._folder = scratch / f"tables-{uuid.uuid4().hex}"
        # Bound before anybody replaces them.
        self._sql: Callable[..., Any] = session.sql
        self._table: Callable[[Any, str], Any] = type(session.read).table
        self._list: Callable[[], list[Any]] = session.catalog.listTables
        self._drop: Callable[[str], bool] = session.catalog.dropTempView
        self._errors = importlib.import_module("pyspark.errors")
        self._handed: set[str] = set()

    # ---- Spark's views, and the workspace's

    def views(self) -> list[str]:
        """Spark's temporary views, but for those that stand for tables."""
        found = [each.name for each in self._list() if each.isTemporary]
        return [name for name in found if not name.startswith(PREFIX)]

    def _temporary(self, name: str) -> Any:
        return self._table(self._session.read, quoted(name))

    @contextmanager
    def _told_as_spark_tells(self) -> Iterator[None]:
        try:
            yield
        except AnalysisException as error:
            raise self._errors.AnalysisException(str(error)) from None
        except Unreachable as error:
            raise self._errors.AnalysisException(str(error)) from None

    def _fetched(self, query: str) -> str:
        """Has the workspace write down what `query` gives; the folder's URI, for Spark."""
        self._folder.mkdir(exist_ok=True)
        view = f"{PREFIX}{uuid.uuid4().hex}"
        place = self._folder / f"{uuid.uuid4().hex}.parquet"
        told = self._database.view(query, view).columns
        # DuckDB sums into 128 bits, which Parquet has not; to the workspace that is a BIGINT.
        longs = [identifier(each["name"]) for each in told if each["type_name"] == "LONG"]
        casts = ", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in longs)
        rows = f"SELECT *{f' REPLACE ({casts})' if casts else ''} FROM {identifier(view)}"
        try:
            self._database.native(f"COPY ({rows}) TO {literal(str(place))} (FORMAT parquet)")
        finally:
            self._database.native(f"DROP VIEW IF EXISTS {identifier(view)}")
        return f"file:{place}"

    def _handed_over(self, frame: Any, view: str) -> str:
        """Writes a frame down, as the view `view` of the workspace's session."""
        self._folder.mkdir(exist_ok=True)
        place = self._folder / uuid.uuid4().hex
        frame.write.mode("overwrite").parquet(f"file:{place}")
        files = literal(f"{place}/*.parquet")
        self._database.native(
            f"CREATE OR REPLACE TEMPORARY VIEW {identifier(view)}"
            f" AS SELECT * FROM read_parquet({files})"
        )
        return view

    def as_view(self, frame: Any) -> str:
        """A frame as a view of the workspace's session; its name."""
        return self._handed_over(frame, f"{PREFIX}{uuid.uuid4().hex}")

    def hand_over(self, script: str) -> None:
        """Shows the workspace those of Spark's temporary views that `script` names."""
        here = {name.lower(): name for name in self.views()}
        for name in self._handed - set(here):
            self._database.native(f"DROP VIEW IF EXISTS {identifier(name)}")
        self._handed &= set(here)
        for each in statements.named(script):
            name = each.table.name.lower()
            if not each.table.db and name in here:
                self._handed_over(self._temporary(here[name]), name)
                self._handed.add(name)

    # ---- what a user calls

    def table(self, name: str) -> Any:
        """`spark.table(name)`: a temporary view of Spark's, or a table as it is now."""
        bare = name.strip("`")
        if bare.lower() in {each.lower() for each in self.views()}:
            return self._temporary(bare)
        with self._told_as_spark_tells():
            return self._session.read.parquet(self._fetched(f"SELECT * FROM {name}"))

    def sql(self, query: str, args: Any = None, **frames: Any) -> Any:
        """`spark.sql(query)`: Spark runs queries, over the workspace's tables; it runs the rest."""
        if statements.is_sparks_own(query):
            with self._told_as_spark_tells():
                return self._sql(self._over_tables(query), args, **frames)
        with self._told_as_spark_tells():
            self.hand_over(query)
            view = f"{PREFIX}{uuid.uuid4().hex}"
            answer = self._database.view(query, view)
            if answer.view is None:
                return self._session.createDataFrame([], "result string")
            place = self._fetched(f"SELECT * FROM {quoted(view)}")
        return self._session.read.parquet(place)

    def _over_tables(self, query: str) -> str:
        here = {name.lower() for name in self.views()}

        def in_spark(name: Named) -> str | None:
            if name.is_file:
                place = self._places.on_disk(name.table.name)
                return f"{name.table.db}.{quoted(f'file:{place}')}"
            own = not name.table.db and name.table.name.lower() in here
            if own or name.table.db.lower() == "global_temp":
                return None
            view = f"{PREFIX}{uuid.uuid4().hex}"
            frame = self._session.read.parquet(self._fetched(f"SELECT * FROM {name.text}"))
            frame.createOrReplaceTempView(view)
            return f"{view} AS {quoted(name.table.name)}" if name.bare else view

        return statements.replaced(query, in_spark)

    def write_to(self, frame: Any, name: str) -> TableWriter:
        """`df.writeTo(name)`."""
        return TableWriter(self._database, lambda: self.as_view(frame), name)

    def save_as_table(self, frame: Any, name: str, mode: str | None) -> None:
        """`df.write.saveAsTable(name)`."""
        with self._told_as_spark_tells():
            save_as_table(self._database, self.as_view(frame), name, mode)

    def insert_into(self, frame: Any, name: str, *, overwrite: bool) -> None:
        """`df.write.insertInto(name)`."""
        with self._told_as_spark_tells():
            insert_into(self._database, self.as_view(frame), name, overwrite=overwrite)

    # ---- in the session's place

    def take_over(self) -> None:
        """Has this session's classes ask here for tables."""
        session, frame = type(self._session), self._session.range(0)
        session.table = lambda _, tableName: self.table(tableName)  # noqa: N803
        session.sql = lambda _, sqlQuery, args=None, **frames: self.sql(sqlQuery, args, **frames)  # noqa: N803
        session.stop = lambda _: None  # it lasts as long as its context
        type(self._session.read).table = lambda _, tableName: self.table(tableName)  # noqa: N803
        type(frame).writeTo = lambda frame, table: self.write_to(frame, table)  # noqa: PLW0108 (binds)
        writer = type(frame.write)
        type(frame).write = property(_knowing_its_frame(type(frame).write.fget))
        writer.mode = _remembering(writer.mode)
        writer.saveAsTable = self._saving()
        writer.insertInto = self._inserting()
        workspace = WorkspaceCatalog(
            self._database, importlib.import_module("pyspark.sql.catalog"), self.views
        )
        for name in METHODS:
            setattr(type(self._session.catalog), name, self._answering(workspace, name))

    def _answering(self, workspace: WorkspaceCatalog, name: str) -> Callable[..., Any]:
        answer = getattr(workspace, name)

        @functools.wraps(answer)
        def answering(_: Any, *arguments: Any, **keywords: Any) -> Any:
            with self._told_as_spark_tells():
                return answer(*arguments, **keywords)

        return answering

    def _saving(self) -> Callable[..., None]:
        def saveAsTable(  # noqa: N802
            writer: Any,
            name: str,
            format: str | None = None,  # noqa: A002 (Spark's name)
            mode: str | None = None,
            partitionBy: Any = None,  # noqa: N803
            **_: Any,
        ) -> None:
            del format, partitionBy
            self.save_as_table(writer._frame, name, mode or getattr(writer, "_mode_told", None))

        return saveAsTable

    def _inserting(self) -> Callable[..., None]:
        def insertInto(writer: Any, tableName: str, overwrite: bool | None = None) -> None:  # noqa: N802, N803
            if overwrite is None:
                overwrite = getattr(writer, "_mode_told", None) == "overwrite"
            self.insert_into(writer._frame, tableName, overwrite=overwrite)

        return insertInto


def _knowing_its_frame(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(write)
    def knowing(frame: Any) -> Any:
        writer = write(frame)
        writer._frame = frame
        return writer

    return knowing


def _remembering(mode: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(mode)
    def remembering(writer: Any, saveMode: str | None) -> Any:  # noqa: N803
        if saveMode:
            writer._mode_told = saveMode.lower()
        return mode(writer, saveMode)

    return remembering
