"""Files read by a statement: `parquet.`/path``, `read_files(...)`, and folders as Spark sees them.

See https://docs.databricks.com/sql/language-manual/functions/read_files.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlglot import exp

from . import errors
from .rewriting.fragments import OURS
from .standing import Standing

FORMATS = frozenset({"parquet", "csv", "json", "text", "delta", "orc", "avro", "binaryfile"})
HIDDEN = ("_", ".")  # Spark passes over `_SUCCESS`, `.crc` and the like

# Databricks' option: DuckDB's.  What is not here makes no difference, or has the same name.
CSV_OPTIONS = {
    "header": "header",
    "sep": "delim",
    "delimiter": "delim",
    "quote": "quote",
    "escape": "escape",
    "nullvalue": "nullstr",
    "dateformat": "dateformat",
    "timestampformat": "timestampformat",
    "skiprows": "skip",
}


def reads_files(table: exp.Table) -> bool:
    """Whether `table` is files rather than a table."""
    if isinstance(table.this, exp.Anonymous):
        return table.this.name.lower() == "read_files"
    return not table.catalog and table.db.lower() in FORMATS and "/" in table.name


def file_query(table: exp.Table, session: Standing) -> exp.Expr:
    """The DuckDB call that reads the files which `table` stands for."""
    if not isinstance(table.this, exp.Anonymous):
        query = files_at(table.name, table.db, {}, session)
    else:
        options: dict[str, Any] = {}
        path = ""
        for argument in table.this.expressions:
            if isinstance(argument, (exp.Kwarg, exp.PropertyEQ)):
                options[argument.this.name.lower()] = _plain(argument.expression)
            else:
                path = argument.name
        said = options.pop("format", None) or _format_of(path, session)
        query = files_at(path, str(said), options, session)
    query.set("alias", table.args.get("alias"))
    return query


def _format_of(path: str, session: Standing) -> str:
    """The format of the files at `path`, by their ending, as `read_files` infers it."""
    pattern = pattern_of(session.places.on_disk(path), path)
    ending = pattern.removesuffix(".gz").rpartition(".")[2].lower()
    return {"txt": "text", "ndjson": "json", "jsonl": "json"}.get(
        ending, ending if ending in FORMATS else "parquet"
    )


def files_at(
    path: str, file_format: str, options: Mapping[str, Any], session: Standing
) -> exp.Table:
    """A table expression that reads the file, folder or pattern at `path`.

    Raises:
      SqlError: nothing is there, or it is a format that DuckDB cannot read.
    """
    pattern = pattern_of(session.places.on_disk(path), path)
    arguments: list[exp.Expr] = [exp.Literal.string(pattern)]
    match file_format.lower():
        case "parquet":
            reader = "read_parquet"
        case "json":
            reader = "read_json"
        case "csv":
            reader = "read_csv"
            # On Databricks `read_files` finds a header by itself, and so does DuckDB when not told.
            for option, value in options.items():
                if option in CSV_OPTIONS:
                    written = exp.convert(_flag(value))
                    arguments.append(exp.EQ(this=exp.var(CSV_OPTIONS[option]), expression=written))
        case "text":
            lines = (
                "SELECT unnest(string_split(rtrim(content, chr(10)), chr(10))) AS value "
                f"FROM read_text({arguments[0].sql('duckdb')})"
            )
            query: exp.Expr = exp.maybe_parse(f"({lines})", dialect="duckdb")
            for call in query.find_all(exp.Anonymous):
                call.meta[OURS] = True
            return exp.Table(this=query)
        case other:
            raise errors.unsupported(f"reading {other} files")
    call = exp.Anonymous(this=reader, expressions=arguments)
    call.meta[OURS] = True
    return exp.Table(this=call)


def pattern_of(place: Path, path: str) -> str:
    """What DuckDB is to read for `place`: itself, or everything in it that Spark would read.

    Raises:
      SqlError: there is nothing.
    """
    if place.is_dir():
        inside = [
            file
            for file in place.rglob("*")
            if file.is_file()
            and not any(part.startswith(HIDDEN) for part in file.relative_to(place).parts)
        ]
        endings = {file.suffix for file in inside}
        if inside:
            return f"{place}/**/*{endings.pop() if len(endings) == 1 else ''}"
    elif place.exists() or any(sign in place.name for sign in "*?["):
        return str(place)
    raise errors.file_not_found(path if ":" in path else f"dbfs:{path}")


def _plain(value: exp.Expr) -> Any:
    return value.this if isinstance(value, exp.Boolean) else value.name


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(str(value).lower(), value)
