"""sqlframe's modules under pyspark's names, for code that imports pyspark where there is none."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import NoReturn

import sqlframe.duckdb
from sqlframe.duckdb import functions, types

from .database import AnalysisException
from .frames import VERSION, LocalDataFrame, LocalSession

_MODULES: dict[str, ModuleType] = {}


def no_udf(*_: object, **__: object) -> NoReturn:
    """Refused: the functions would have to run where DuckDB runs."""
    raise NotImplementedError(
        "Python UDFs are not available in the local engine; "
        "with the `spark` extra and a Java they are."
    )


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
