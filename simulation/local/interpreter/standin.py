"""sqlframe's modules under pyspark's names, for code that imports pyspark where there is none."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any, NoReturn

import sqlframe.duckdb
from sqlframe.base import functions as base_functions
from sqlframe.base.column import Column
from sqlframe.duckdb import functions, types

from .database import AnalysisException
from .framemethods import ELSEWHERE
from .frames import VERSION, LocalDataFrame, LocalSession

# What pyspark has and sqlframe knows of no engine.
ELSEWHERE_ONLY = frozenset({"inline", "inline_outer", "named_struct", "stack", "window"})

_MODULES: dict[str, ModuleType] = {}


def no_udf(*_: object, **__: object) -> NoReturn:
    """Refused: the functions would have to run where DuckDB runs."""
    raise NotImplementedError(
        "Python UDFs are not available in the local engine; "
        "with the `spark` extra and a Java they are."
    )


def explode_outer(col: Any) -> Any:
    """A row for each element; one with NULL if there is none."""
    array = Column.ensure_col(col)
    nothing = functions.array(functions.lit(None))
    return functions.explode(functions.when(functions.size(array) > 0, array).otherwise(nothing))


def no_such_function(name: str) -> NoReturn:
    """Refused: a function that pyspark has; AttributeError for any other."""
    known = getattr(base_functions, name, None)
    if name in ELSEWHERE_ONLY or hasattr(known, "unsupported_engines"):
        raise NotImplementedError(f"functions.{name} {ELSEWHERE}")
    raise AttributeError(f"module 'pyspark.sql.functions' has no attribute '{name}'", name=name)


def modules_as_pyspark() -> dict[str, ModuleType]:
    """Sqlframe's modules by the names of pyspark's."""
    if "pyspark" not in _MODULES:
        package = ModuleType("pyspark")
        package.__path__ = []
        sql = ModuleType("pyspark.sql")
        sql.__path__ = []
        for name in dir(sqlframe.duckdb):
            if name.startswith("DuckDB"):
                setattr(sql, name.removeprefix("DuckDB"), getattr(sqlframe.duckdb, name))
        window = importlib.import_module("sqlframe.duckdb.window")
        column = importlib.import_module("sqlframe.duckdb.column")
        row_types = importlib.import_module("sqlframe.base.types")
        sql.SparkSession = LocalSession  # type: ignore[attr-defined]
        sql.DataFrame = LocalDataFrame  # type: ignore[attr-defined]
        sql.Row = row_types.Row  # type: ignore[attr-defined]
        sql.Column = column.Column  # type: ignore[attr-defined]
        sql.Window = window.Window  # type: ignore[attr-defined]
        sql.WindowSpec = window.WindowSpec  # type: ignore[attr-defined]
        for name in ("udf", "pandas_udf", "udtf"):
            if not hasattr(functions, name):
                setattr(functions, name, no_udf)
        # One partition on one machine: nothing is sent, and a row's number is unique.
        setattr(functions, "broadcast", lambda df: df)  # noqa: B010 (sqlframe has none)
        setattr(  # noqa: B010 (likewise)
            functions,
            "monotonically_increasing_id",
            lambda: functions.expr("row_number() OVER (ORDER BY 1) - 1"),
        )
        setattr(functions, "explode_outer", explode_outer)  # noqa: B010 (likewise)
        setattr(functions, "__getattr__", no_such_function)  # noqa: B010 (likewise)
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
