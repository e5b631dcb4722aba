"""Spark's data frames without a JVM: sqlframe's DuckDB session, on the workspace's database process.

The session's connection is a line to that process, so data frames, `%sql` and SQL statements of
everybody else see the same tables.  What names tables or files goes through the workspace's own SQL
(`spark.sql`, `spark.table`, readers and writers); what sqlframe builds on top of it runs as it is.
"""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlframe.duckdb
from sqlframe.base.catalog import Column as CatalogColumn
from sqlframe.base.sql_formatter import bind_parameters
from sqlframe.duckdb import functions, types
from sqlframe.duckdb.catalog import DuckDBCatalog
from sqlframe.duckdb.dataframe import DuckDBDataFrame
from sqlframe.duckdb.readwriter import DuckDBDataFrameReader, DuckDBDataFrameWriter
from sqlframe.duckdb.session import DuckDBSession
from sqlglot import exp

from ..places import Places
from . import grid, shown
from .database import AnalysisException, Answer, Database

VERSION = "4.0.0"  # the Spark whose interface sqlframe follows
CELL = 20  # characters of a value that `show` prints
PARTS = {"parquet": "parquet", "delta": "parquet", "csv": "csv", "json": "json", "text": "csv"}


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
            "Python UDFs are not available in the local engine; with the `spark` extra and a Java they are."
        )

    def close(self) -> None:
        """Nothing: the line belongs to the context."""


class LocalDataFrame(DuckDBDataFrame):
    """A data frame whose rows come from the database process."""

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
        del vertical
        sql = self.session.only_query(self)
        answer = self.session.database.native(f"SELECT * FROM ({sql}) LIMIT {n + 1}")
        width = CELL if truncate in {None, True} else int(truncate or 0)
        names = [column["name"] for column in answer.columns]
        print(grid.drawn(names, answer.rows[:n], width))  # noqa: T201 (it is what it is for)
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

    def toPandas(self) -> Any:  # noqa: N802
        """All its rows as a pandas data frame."""
        import pandas as pd  # noqa: PLC0415 (large, and rarely wanted)

        answer = self.session.database.native(self.session.only_query(self))
        names = [column["name"] for column in answer.columns]
        return pd.DataFrame.from_records(answer.rows, columns=names)

    def __repr__(self) -> str:
        columns = ", ".join(f"{each.name}: {each.dataType}" for each in self._typed_columns)
        return f"DataFrame[{columns}]"


class LocalReader(DuckDBDataFrameReader):
    """`spark.read`, with DBFS paths."""

    def table(self, tableName: str) -> Any:  # noqa: N803
        """A table or view, by its Databricks name."""
        return self.session.sql(f"SELECT * FROM {tableName}")

    def schema(self, schema: Any) -> LocalReader:
        """The columns to read."""
        self._schema = schema
        return self

    def text(self, paths: Any) -> Any:
        """Lines of text, in the column `value`."""
        return self.load(paths, format="text")

    def load(
        self,
        path: Any = None,
        format: str | None = None,  # noqa: A002 (Spark's name)
        schema: Any = None,
        **options: Any,
    ) -> Any:
        """Reads files of a format; a folder stands for what is in it."""
        given = {name.lower(): value for name, value in {**self.state_options, **options}.items()}
        paths = [path] if isinstance(path, str) else list(path or [])
        if not paths:
            raise AnalysisException("[PATH_NOT_FOUND] No path to read from.", "42K03")
        kind = (format or self.state_format_to_read or "parquet").lower()
        patterns = [self.session.readable(each) for each in paths]
        schema = schema if schema is not None else getattr(self, "_schema", None)
        return self.session.frame_of(_reading(kind, patterns, given, schema))


def _reading(kind: str, patterns: list[str], options: Mapping[str, Any], schema: Any) -> str:
    """DuckDB SQL that reads as Spark would: no header and only text unless told otherwise."""
    files = "[" + ", ".join(_literal(each) for each in patterns) + "]"
    match kind:
        case "parquet" | "delta":
            query = f"SELECT * FROM read_parquet({files}, union_by_name = true)"
        case "json":
            query = f"SELECT * FROM read_json({files}, union_by_name = true)"
        case "csv":
            header = _truth(options.get("header"))
            told = [f"header = {str(header).lower()}", "null_padding = true"]
            told.append("auto_detect = true")
            if not _truth(options.get("inferschema")):
                told.append("all_varchar = true")
            for name, duck in {"sep": "delim", "delimiter": "delim", "quote": "quote"}.items():
                if options.get(name):
                    told.append(f"{duck} = {_literal(str(options[name]))}")
            if options.get("nullvalue"):
                told.append(f"nullstr = {_literal(str(options['nullvalue']))}")
            query = f"SELECT * FROM read_csv({files}, {', '.join(told)})"
            if not header:
                query = f"SELECT COLUMNS('column(.*)') AS '_c\\1' FROM ({query})"
        case "text":
            query = (
                "SELECT unnest(string_split(rtrim(content, chr(10)), chr(10))) AS value"
                f" FROM read_text({files})"
            )
        case other:
            raise AnalysisException(
                f"[DATA_SOURCE_NOT_FOUND] The local engine cannot read {other} files.", "42K02"
            )
    if schema is None:
        return query
    names, kinds = _schema(schema)
    casts = ", ".join(
        f"CAST({_identifier(name)} AS {kind}) AS {_identifier(name)}"
        for name, kind in zip(names, kinds, strict=True)
    )
    if kind == "csv" and not _truth(options.get("header")):
        positions = ", ".join(_identifier(name) for name in names)
        return f"SELECT {casts} FROM ({query}) AS files({positions})"
    return f"SELECT {casts} FROM ({query})"


def _schema(schema: Any) -> tuple[list[str], list[str]]:
    if not isinstance(schema, str):
        schema = ", ".join(
            f"`{each.name}` {each.dataType.simpleString()}" for each in schema.fields
        )
    fields = exp.DataType.build(f"STRUCT<{schema}>", dialect="databricks").expressions
    return [field.name for field in fields], [field.args["kind"].sql("duckdb") for field in fields]


class LocalWriter(DuckDBDataFrameWriter):
    """`df.write`, to DBFS paths and to tables."""

    def partitionBy(self, *columns: Any) -> LocalWriter:  # noqa: N802
        """A folder for each value of these columns."""
        names = [name for each in columns for name in ([each] if isinstance(each, str) else each)]
        return self.option("partitionBy", names)  # type: ignore[no-any-return]

    def save(
        self,
        path: str | None = None,
        format: str | None = None,  # noqa: A002 (Spark's name)
        mode: str | None = None,
        partitionBy: Any = None,  # noqa: N803
        **options: Any,
    ) -> None:
        """Writes a folder of files."""
        if path is None:
            raise AnalysisException("[PATH_NOT_FOUND] No path to write to.", "42K03")
        if partitionBy is not None:
            options["partitionBy"] = partitionBy
        kind = format or getattr(self, "_state_format_to_write", None) or "parquet"
        self._write(path, mode or self._mode, format=kind, **{**self.state_options, **options})

    def _write(self, path: str, mode: str | None, **options: Any) -> None:
        kind = str(options.pop("format", "parquet")).lower()
        if kind not in PARTS:
            raise AnalysisException(
                f"[DATA_SOURCE_NOT_FOUND] The local engine cannot write {kind} files.", "42K02"
            )
        place = self._df.session.places.on_disk(path)
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            match (mode or "error").lower():
                case "ignore":
                    return
                case "overwrite":
                    shutil.rmtree(place) if place.is_dir() else place.unlink()
                case "append":
                    pass
                case _:
                    raise AnalysisException(
                        f"[PATH_ALREADY_EXISTS] Path {path} already exists.", "42K04"
                    )
        place.mkdir(parents=True, exist_ok=True)
        self._df.session.write_files(self._df, place, PARTS[kind], options)
        (place / "_SUCCESS").touch()

    def saveAsTable(  # noqa: N802
        self,
        name: str,
        format: str | None = None,  # noqa: A002 (Spark's name)
        mode: str | None = None,
        **_: Any,
    ) -> Any:
        """Writes a table of the workspace."""
        del format
        view = self._df.session.new_name()
        self._df.createOrReplaceTempView(view)
        run = self._df.session.database.script
        match (mode or self._mode or "error").lower():
            case "append":
                try:
                    run(f"INSERT INTO {name} SELECT * FROM {view}")
                except AnalysisException as failed:
                    if failed.sql_state != "42P01":
                        raise
                    run(f"CREATE TABLE {name} AS SELECT * FROM {view}")
            case "overwrite":
                run(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {view}")
            case "ignore":
                run(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM {view}")
            case _:
                run(f"CREATE TABLE {name} AS SELECT * FROM {view}")
        return self

    def insertInto(self, tableName: str, overwrite: bool | None = None) -> Any:  # noqa: N802, N803
        """Adds to a table, or replaces its rows."""
        view = self._df.session.new_name()
        self._df.createOrReplaceTempView(view)
        verb = "OVERWRITE" if overwrite else "INTO"
        self._df.session.database.script(f"INSERT {verb} {tableName} SELECT * FROM {view}")
        return self


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

    @classmethod
    def on(cls, database: Database, places: Places) -> LocalSession:
        """The session of this process."""
        spark = cls(Connection(database))
        spark.database, spark.places = database, places
        spark.input_dialect = spark.output_dialect = _dialect("spark")
        spark.execution_dialect = _dialect("duckdb")
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
            or dialect is not None
            and not isinstance(dialect, (dict, list))
        ):
            return super().sql(sqlQuery, dialect, qualify, args, **kwargs)
        args = dialect if isinstance(dialect, (dict, list)) else args
        if args:
            sqlQuery = bind_parameters(sqlQuery, args, self.input_dialect)
        view = self.new_name()
        answer = self.database.view(sqlQuery, view)
        if not answer.columns:
            return self.createDataFrame([], "result string")
        return self._frame_over(view, answer)

    def frame_of(self, query: str) -> Any:
        """A data frame over DuckDB SQL."""
        view = self.new_name()
        self.database.native(f"CREATE OR REPLACE TEMPORARY VIEW {view} AS {query}")
        return self._frame_over(view, self.database.native(f"SELECT * FROM {view} LIMIT 0"))

    def _frame_over(self, view: str, answer: Answer) -> Any:
        columns = {_quoted(column["name"]): column["type_text"] for column in answer.columns}
        table = exp.to_table(view)
        self.catalog.add_table(table, columns)
        select = exp.select(*[exp.column(column["name"], quoted=True) for column in answer.columns])
        return super().sql(select.from_(table), qualify=False)

    def new_name(self) -> str:
        """A name for a view that nobody else uses."""
        return f"frame_{uuid.uuid4().hex}"

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
            told.append(f"HEADER {str(_truth(given.get('header'))).lower()}")
            if given.get("sep"):
                told.append(f"DELIMITER {_literal(str(given['sep']))}")
        partitions = given.get("partitionby")
        if partitions:
            names = [partitions] if isinstance(partitions, str) else list(partitions)
            told += [
                f"PARTITION_BY ({', '.join(_identifier(name) for name in names)})",
                "OVERWRITE_OR_IGNORE true",
                "FILENAME_PATTERN 'part-{uuid}'",
            ]
            target = str(place)
        else:
            target = str(place / f"part-00000-{uuid.uuid4()}.{kind}")
        self.database.native(
            f"COPY ({self.only_query(frame)}) TO {_literal(target)} ({', '.join(told)})"
        )


def modules_as_pyspark() -> dict[str, ModuleType]:
    """sqlframe's modules by the names of pyspark's."""
    if "pyspark" not in _MODULES:
        package = ModuleType("pyspark")
        package.__path__ = []
        sql = ModuleType("pyspark.sql")
        sql.__path__ = []
        for name in dir(sqlframe.duckdb):
            if name.startswith("DuckDB"):
                setattr(sql, name.removeprefix("DuckDB"), getattr(sqlframe.duckdb, name))
        window = importlib_import("sqlframe.duckdb.window")
        column = importlib_import("sqlframe.duckdb.column")
        row_types = importlib_import("sqlframe.base.types")
        sql.SparkSession = LocalSession  # type: ignore[attr-defined]
        sql.DataFrame = LocalDataFrame  # type: ignore[attr-defined]
        sql.Row = row_types.Row  # type: ignore[attr-defined]
        sql.Column = column.Column  # type: ignore[attr-defined]
        sql.Window = window.Window  # type: ignore[attr-defined]
        sql.WindowSpec = window.WindowSpec  # type: ignore[attr-defined]
        sql.functions, sql.types = functions, types  # type: ignore[attr-defined]
        errors = ModuleType("pyspark.errors")
        errors.AnalysisException = AnalysisException  # type: ignore[attr-defined]
        errors.PySparkException = AnalysisException  # type: ignore[attr-defined]
        utils = ModuleType("pyspark.sql.utils")
        utils.AnalysisException = AnalysisException  # type: ignore[attr-defined]
        package.sql, package.errors = sql, errors  # type: ignore[attr-defined]
        package.__version__ = VERSION  # type: ignore[attr-defined]
        _MODULES.update(
            {
                "pyspark": package,
                "pyspark.sql": sql,
                "pyspark.errors": errors,
                "pyspark.sql.utils": utils,
                "pyspark.sql.functions": functions,
                "pyspark.sql.types": types,
                "pyspark.sql.window": window,
                "pyspark.sql.column": column,
                "pyspark.sql.dataframe": sql,
                "pyspark.sql.session": sql,
            }
        )
    return _MODULES


_MODULES: dict[str, ModuleType] = {}


def importlib_import(name: str) -> ModuleType:
    """The module `name`."""
    __import__(name)
    return sys.modules[name]


def _dialect(name: str) -> Any:
    from sqlglot.dialects.dialect import Dialect  # noqa: PLC0415

    return Dialect.get_or_raise(name)


def _identifier(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("spark")


def _literal(text: str) -> str:
    return exp.Literal.string(text).sql("duckdb")


def _truth(value: Any) -> bool:
    return str(value).lower() == "true"
