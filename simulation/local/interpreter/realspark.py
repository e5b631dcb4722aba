"""A real Spark session in an interpreter: on this machine's Java, or at a Spark Connect server.

Its readers and writers take DBFS paths, as those of a cluster do.  Its tables are its own.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from typing import Any

from ..places import Places

# Methods of readers and writers whose first argument is a path, or paths.
PATH_METHODS = ("load", "parquet", "csv", "json", "orc", "text", "textFile", "save")
CORES = 2  # a context is one of many on this machine


def real_session(connect: bool, places: Places) -> Any:
    """A session of pyspark's.

    Args:
      connect: at the server that `SPARK_REMOTE` names; else on a local JVM.
      places: where DBFS paths lie; a server elsewhere has its own.
    """
    builder = importlib.import_module("pyspark.sql").SparkSession.builder
    if connect:
        return builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate()
    session = (
        builder.master(f"local[{CORES}]")
        .appName("local engine")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", str(CORES))
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    take_databricks_paths(session.read, places)
    return session


def take_databricks_paths(reader: Any, places: Places) -> None:
    """Makes this kind of reader, and its writer, look for paths where DBFS lies."""
    writer = importlib.import_module("pyspark.sql").DataFrameWriter
    for owner in (type(reader), writer):
        for name in PATH_METHODS:
            if hasattr(owner, name):
                setattr(owner, name, _mapped(getattr(owner, name), places))


def _mapped(method: Callable[..., Any], places: Places) -> Callable[..., Any]:
    @functools.wraps(method)
    def mapped(self: Any, *arguments: Any, **keywords: Any) -> Any:
        if arguments:
            arguments = (*map(_where, arguments[:1]), *arguments[1:])
        if "path" in keywords:
            keywords["path"] = _where(keywords["path"])
        return method(self, *arguments, **keywords)

    def _where(path: Any) -> Any:
        if isinstance(path, str) and not path.startswith(("file:", "s3", "abfs", "gs:")):
            return f"file:{places.on_disk(path)}"
        return [_where(each) for each in path] if isinstance(path, list) else path

    return mapped
