"""Spark's data frames without a JVM: sqlframe's session, on the workspace's database process.

The session's connection is a line to that process, so data frames, `%sql` and SQL statements of
everybody else see the same tables.  What names tables or files goes through the workspace's own SQL
(`spark.sql`, `spark.table`, readers and writers); what sqlframe builds on top of it runs as it is.
"""

from __future__ import annotations

import functools
import importlib
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve
from sqlframe.base.catalog import Column as CatalogColumn
from sqlframe.base.sql_formatter import bind_parameters
from sqlframe.duckdb import functions
from sqlframe.duckdb.catalog import DuckDBCatalog
from sqlframe.duckdb.dataframe import DuckDBDataFrame
from sqlframe.duckdb.session import DuckDBSession
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from ..places import Places
from . import grid, schemas, shown
from .database import AnalysisException, Answer, Database
from .framemethods import FrameMethods
from .naming import NamedGroups, named
from .readwriter import LocalReader, LocalWriter
from .sessionparts import Configuration, LocalBuilder, LocalSparkContext
from .spelling import identifier, literal, quoted, truth

VERSION = "4.0.0"  # the Spark whose interface sqlframe follows
PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# DuckDB's reserved words.
RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column
    constraint create default deferrable desc describe distinct do else end except false fetch for
    foreign from group having in initially intersect into lambda lateral leading limit not null
    offset on only or order pivot pivot_longer pivot_wider placing primary qualify references
    returning select show some summarize symmetric table then to trailing true union unique unpivot
    using variadic when where window with""".split()  # noqa: SIM905 (easier to read)
)
CELL = 20  # characters of a value that `show` prints


class Connection:
    """What sqlframe takes for a DuckDB connection."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._answer = Answer()
        self._read = 0

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> Connection:
        """Runs DuckDB SQL in the database process, and fetches its rows."""
        if parameters:
            raise NotImplementedError("Parameters of DuckDB SQL are not passed on.")
        self._answer, self._read = self.database.native(sql), 0
        return self

    def cursor(self) -> Connection:
        """Another one on the same line."""
        return Connection(self.database)

    @property
    def description(self) -> list[tuple[str, str]]:
        """Names and types of the last result."""
        return [(column["name"], column["type_text"]) for column in self._answer.columns]

    def fetchall(self) -> list[Any]:
        """The rows that are left of the last result."""
        return self.fetchmany(len(self._answer.rows))

    def fetchmany(self, size: int = 1) -> list[Any]:
        """The next rows of the last result."""
        rows = self._answer.rows[self._read : self._read + size]
        self._read += len(rows)
        return rows

    def fetchone(self) -> Any:
        """The next row of the last result; None after the last."""
        return next(iter(self.fetchmany(1)), None)

    def create_function(self, name: str, *_: Any, **__: Any) -> None:
        """Refused: DuckDB runs in another process, which has not the user's functions."""
        if name.upper() == "SOUNDEX":  # sqlframe's own, at its start
            return
        raise NotImplementedError(
            "Python UDFs are not available in the local engine; "
            "with the `spark` extra and a Java they are."
        )

    def close(self) -> None:
        """Nothing: the line belongs to the context."""


class LocalDataFrame(FrameMethods, DuckDBDataFrame):
    """A data frame whose rows come from the database process."""

    _group_data = NamedGroups

    def select(self, *cols: Any, **kwargs: Any) -> Any:
        """Columns, those without a name called as in Spark."""
        if len(cols) == 1 and isinstance(cols[0], (list, tuple)):
            cols = tuple(cols[0])
        return super().select(*map(named, cols), **kwargs)

    # sqlframe's own methods reach for what is under its decorator; they give names themselves.
    select.__wrapped__ = DuckDBDataFrame.select.__wrapped__  # type: ignore[attr-defined]

    def local_table(self, limit: int) -> shown.Table:
        """Its first rows as `display` shows them."""
        sql = self.session.only_query(self)
        answer = self.session.database.native(
            f"SELECT * FROM ({sql}) LIMIT {limit + 1}", form="native"
        )
        return shown.of_answer(answer, limit)

    @property
    def _typed_columns(self) -> list[CatalogColumn]:
        sql = self.session.only_query(self)
        answer = self.session.database.native(f"SELECT * FROM ({sql}) LIMIT 0")
        return [
            CatalogColumn(column["name"], None, column["type_text"].lower(), True, False, False)
            for column in answer.columns
        ]

    def show(self, n: int = 20, truncate: bool | int | None = None, vertical: bool = False) -> None:
        """Prints the first rows as Spark does."""
        sql = self.session.only_query(self)
        answer = self.session.database.native(f"SELECT * FROM ({sql}) LIMIT {n + 1}")
        width = CELL if truncate in {None, True} else int(truncate or 0)
        names = [column["name"] for column in answer.columns]
        draw = grid.listed if vertical else grid.drawn
        print(draw(names, answer.rows[:n], width))  # noqa: T201 (it is what it is for)
        if len(answer.rows) > n:
            print(f"only showing top {n} row{'s' if n != 1 else ''}")  # noqa: T201
        print()  # noqa: T201

    def createOrReplaceTempView(self, name: str) -> None:  # noqa: N802
        """Makes it a view of this context, which `%sql` sees as well."""
        self.session.database.native(
            f'CREATE OR REPLACE TEMPORARY VIEW "{name}" AS {self.session.only_query(self)}'
        )

    def createTempView(self, name: str) -> None:  # noqa: N802
        """The same; one that is there is replaced."""
        self.createOrReplaceTempView(name)

    def selectExpr(self, *expr: Any) -> Any:  # noqa: N802
        """Columns by SQL."""
        return self.select(*(functions.expr(each) for each in expr))

    def cache(self) -> LocalDataFrame:
        """Itself: everything is in memory anyway."""
        return self

    def persist(self, storageLevel: Any = None) -> LocalDataFrame:  # noqa: N803
        """Itself, as `cache`."""
        del storageLevel
        return self

    def printSchema(self, level: int | None = None) -> None:  # noqa: N802
        """Prints names and types, as Spark calls them."""
        del level
        answer = self.session.database.native(
            f"SELECT * FROM ({self.session.only_query(self)}) LIMIT 0"
        )
        print(grid.tree(answer.columns))  # noqa: T201 (it is what it is for)

    def toPandas(self) -> Any:  # noqa: N802
        """All its rows as a pandas data frame."""
        pandas = importlib.import_module("pandas")  # large, and rarely wanted
        answer = self.session.database.native(self.session.only_query(self))
        names = [column["name"] for column in answer.columns]
        return pandas.DataFrame.from_records(answer.rows, columns=names)

    def __repr__(self) -> str:
        columns = ", ".join(f"{each.name}: {each.dataType}" for each in self._typed_columns)
        return f"DataFrame[{columns}]"


class LocalCatalog(DuckDBCatalog):
    """`spark.catalog`, in the workspace's own words."""

    def _column(self, statement: str, place: int = 0) -> list[Any]:
        return [row[place] for row in self.session.database.script(statement).rows]

    def currentCatalog(self) -> str:  # noqa: N802
        """The current catalog."""
        return str(self._column("SELECT current_catalog()")[0])

    def currentDatabase(self) -> str:  # noqa: N802
        """The current schema."""
        return str(self._column("SELECT current_schema()")[0])

    def setCurrentCatalog(self, catalogName: str) -> None:  # noqa: N802, N803
        """`USE CATALOG`."""
        self.session.database.script(f"USE CATALOG {catalogName}")

    def setCurrentDatabase(self, dbName: str) -> None:  # noqa: N802, N803
        """`USE`."""
        self.session.database.script(f"USE {dbName}")

    def tableExists(self, tableName: str, dbName: str | None = None) -> bool:  # noqa: N802, N803
        """Whether there is such a table or view."""
        name = f"{dbName}.{tableName}" if dbName else tableName
        try:
            self.session.database.script(f"DESCRIBE TABLE {name}")
        except AnalysisException:
            return False
        return True

    def dropTempView(self, viewName: str) -> bool:  # noqa: N802, N803
        """Drops a temporary view; whether there was one."""
        there = self.tableExists(viewName)
        self.session.database.script(f"DROP VIEW IF EXISTS {viewName}")
        return there


class LocalSession(DuckDBSession):
    """`spark`."""

    _reader = LocalReader
    _writer = LocalWriter
    _df = LocalDataFrame
    _catalog = LocalCatalog

    database: Database
    places: Places
    builder: Any = LocalBuilder()
    sparkContext: Any  # noqa: N815 (Spark's name)

    @classmethod
    def on(cls, database: Database, places: Places) -> LocalSession:
        """The session of this process."""
        line: Any = Connection(database)
        spark = cls(line)
        spark.database, spark.places = database, places
        spark.__dict__["conf"] = Configuration()
        spark.sparkContext = LocalSparkContext()
        schemas.complete()
        cls.builder.session = spark
        return spark

    def __repr__(self) -> str:
        return "<SparkSession: sqlframe on the workspace's DuckDB>"

    @property
    def version(self) -> str:
        """The Spark whose interface this follows."""
        return VERSION

    def sql(
        self,
        sqlQuery: Any,  # noqa: N803 (Spark's name)
        dialect: Any = None,
        qualify: bool = True,
        args: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Databricks SQL; a query stays lazy, anything else runs now."""
        if (
            not isinstance(sqlQuery, str)
            or kwargs
            or (dialect is not None and not isinstance(dialect, (dict, list)))
        ):
            return super().sql(sqlQuery, dialect, qualify, args, **kwargs)
        args = dialect if isinstance(dialect, (dict, list)) else args
        written = sqlQuery
        if args:
            bound: Any = bind_parameters(written, args, self.input_dialect)
            written = bound if isinstance(bound, str) else bound.sql("databricks")
        view = self.new_name()
        answer = self.database.view(written, view)
        if not answer.columns:
            return self.createDataFrame([], "result string")
        return self.frame_over(answer)

    def range(
        self,
        start: int,
        end: int | None = None,
        step: int = 1,
        numPartitions: Any = None,  # noqa: N803
    ) -> Any:
        """Numbers in the column `id`."""
        del numPartitions
        first, last = (0, start) if end is None else (start, end)
        return self.frame_of(f"SELECT range AS id FROM range({first}, {last}, {step})")

    def stop(self) -> None:
        """Nothing: the session lasts as long as its context."""

    @classmethod
    def getActiveSession(cls) -> Any:  # noqa: N802
        """The session of this process."""
        return cls.builder.session

    def frame_of(self, query: str) -> Any:
        """A data frame over DuckDB SQL."""
        view = self.new_name()
        self.database.native(f"CREATE OR REPLACE TEMPORARY VIEW {view} AS {query}")
        answer = self.database.native(f"SELECT * FROM {view} LIMIT 0")
        return self.frame_over(evolve(answer, view=view))

    def frame_over(self, answer: Answer) -> Any:
        """A data frame over the view that an answer came from."""
        names = [column["name"] for column in answer.columns]
        columns = {
            name if _plain(name) else quoted(name): column["type_text"]
            for name, column in zip(names, answer.columns, strict=True)
        }
        assert answer.view is not None
        table = exp.to_table(answer.view)
        self.catalog.add_table(table, columns)
        # sqlframe takes a quoted name for another one than the same without quotes, and
        # `withColumn` would add a column where it is to replace one.
        select = exp.select(*[exp.column(name, quoted=not _plain(name)) for name in names])
        return super().sql(select.from_(table), qualify=False)

    def new_name(self) -> str:
        """A name for a view that nobody else uses."""
        return f"__frame_{uuid.uuid4().hex}"

    def only_query(self, frame: Any) -> str:
        """A data frame as one DuckDB query."""
        return str(frame.sql(dialect="duckdb", optimize=False, pretty=False))

    def readable(self, path: str) -> str:
        """What DuckDB is to read for a Databricks path.

        Raises:
          AnalysisException: there is nothing.
        """
        from ..database.errors import SqlError  # noqa: PLC0415
        from ..database.files import pattern_of  # noqa: PLC0415

        try:
            return pattern_of(self.places.on_disk(path), path)
        except SqlError as error:
            raise AnalysisException(error.message, error.sql_state) from None

    def write_files(self, frame: Any, place: Path, kind: str, options: Mapping[str, Any]) -> None:
        """Writes a data frame into the folder `place`."""
        given = {name.lower(): value for name, value in options.items()}
        told = [f"FORMAT {kind}"]
        if kind == "csv":
            told.append(f"HEADER {str(truth(given.get('header'))).lower()}")
            if given.get("sep"):
                told.append(f"DELIMITER {literal(str(given['sep']))}")
        partitions = given.get("partitionby")
        if partitions:
            names = [partitions] if isinstance(partitions, str) else list(partitions)
            told += [
                f"PARTITION_BY ({', '.join(identifier(name) for name in names)})",
                "OVERWRITE_OR_IGNORE true",
                "FILENAME_PATTERN 'part-{uuid}'",
            ]
            target = str(place)
        else:
            target = str(place / f"part-00000-{uuid.uuid4()}.{kind}")
        self.database.native(
            f"COPY ({self.only_query(frame)}) TO {literal(target)} ({', '.join(told)})"
        )


@functools.cache
def _plain(name: str) -> bool:
    """Whether a column's name means the same without quotes, to DuckDB and to sqlglot."""
    if PLAIN.fullmatch(name) is None or name in RESERVED:
        return False
    words = f"SELECT {name}, {name} AS {name}, x.{name} FROM x"
    try:
        read = [parse_one(words, dialect=dialect) for dialect in ("duckdb", "spark", None)]
    except SqlglotError:
        return False
    columns = [each.unalias() for query in read for each in query.expressions]
    return all(isinstance(each, exp.Column) and each.name == name for each in columns)
