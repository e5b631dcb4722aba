"""Reading and writing files and tables with data frames, at Databricks' paths and names."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from sqlframe.duckdb.readwriter import DuckDBDataFrameReader, DuckDBDataFrameWriter
from sqlglot import exp

from .database import AnalysisException
from .spelling import identifier, literal, truth

PARTS = {"parquet": "parquet", "delta": "parquet", "csv": "csv", "json": "json", "text": "csv"}


class LocalReader(DuckDBDataFrameReader):
    """`spark.read`, with DBFS paths."""

    @property
    def session(self) -> Any:
        """The session, which is ours."""
        return self._session

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
    files = "[" + ", ".join(literal(each) for each in patterns) + "]"
    match kind:
        case "parquet" | "delta":
            query = f"SELECT * FROM read_parquet({files}, union_by_name = true)"
        case "json":
            query = f"SELECT * FROM read_json({files}, union_by_name = true)"
        case "csv":
            header = truth(options.get("header"))
            told = [f"header = {str(header).lower()}", "null_padding = true"]
            told.append("auto_detect = true")
            if not truth(options.get("inferschema")):
                told.append("all_varchar = true")
            for name, duck in {"sep": "delim", "delimiter": "delim", "quote": "quote"}.items():
                if options.get(name):
                    told.append(f"{duck} = {literal(str(options[name]))}")
            if options.get("nullvalue"):
                told.append(f"nullstr = {literal(str(options['nullvalue']))}")
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
        f"CAST({identifier(name)} AS {kind}) AS {identifier(name)}"
        for name, kind in zip(names, kinds, strict=True)
    )
    if kind == "csv":  # a schema names columns by their place, whatever the header says
        positions = ", ".join(identifier(name) for name in names)
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
        wide: Any = self
        return wide.option("partitionBy", names)  # type: ignore[no-any-return]

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

    def _write(
        self,
        path: str,
        mode: str | None,
        format: str = "parquet",  # noqa: A002 (Spark's name)
        **options: Any,
    ) -> None:
        kind = format.lower()
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
