"""`spark`: made at first use, and which one it is.

`SPARK_REMOTE` asks for Spark Connect; pyspark with a Java beside it gives a local Spark; without
either, sqlframe's session on the workspace's own DuckDB runs data frames without a JVM.  A real
Spark keeps its own tables: it does not see those of the workspace's SQL.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from enum import Enum
from types import ModuleType
from typing import Any

from ..places import Places
from .database import Database


class Later:
    """Something made when it is first used: here `spark`, whose import takes its time."""

    def __init__(self, make: Callable[[], Any]) -> None:
        object.__setattr__(self, "_make", make)
        object.__setattr__(self, "_made", None)

    def resolved(self) -> Any:
        """The thing itself."""
        if self._made is None:
            object.__setattr__(self, "_made", self._make())
        return self._made

    def __getattr__(self, name: str) -> Any:
        return getattr(self.resolved(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.resolved(), name, value)

    def __repr__(self) -> str:
        return repr(self.resolved())

    def __dir__(self) -> list[str]:
        return dir(self.resolved())

    def __getitem__(self, key: Any) -> Any:
        return self.resolved()[key]

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # so that isinstance sees the thing itself
        return type(self.resolved())


class Method:
    """A method of something that is made later."""

    def __init__(self, owner: Later, name: str) -> None:
        self._owner, self._name = owner, name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Calls it."""
        return getattr(self._owner, self._name)(*arguments, **keywords)


class Kind(Enum):
    """Which Spark it is."""

    CONNECT = "Spark Connect"
    JVM = "local Spark"
    SQLFRAME = "sqlframe"


def kind() -> Kind:
    """The Spark that this machine offers."""
    if any(isinstance(each, PysparkStandIn) for each in sys.meta_path):
        return Kind.SQLFRAME
    if importlib.util.find_spec("pyspark") is None:
        return Kind.SQLFRAME
    if os.environ.get("SPARK_REMOTE"):
        return Kind.CONNECT
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return Kind.JVM
    return Kind.SQLFRAME


def session(database: Database, places: Places) -> Any:
    """A Spark session of the kind that this machine offers."""
    if kind() is Kind.SQLFRAME:
        from .frames import LocalSession  # noqa: PLC0415 (sqlframe takes its time)

        return LocalSession.on(database, places)
    from .realspark import real_session  # noqa: PLC0415 (pyspark takes its time)

    return real_session(kind() is Kind.CONNECT, places)


class PysparkStandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets `from pyspark.sql import functions as F` find sqlframe where there is no pyspark."""

    def __init__(self, spark: Later) -> None:
        self._spark = spark

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Sqlframe's modules under pyspark's names."""
        del path, target
        if name.split(".", maxsplit=1)[0] != "pyspark":
            return None
        from .standin import modules_as_pyspark  # noqa: PLC0415 (see above)

        self._spark.resolved()
        module = modules_as_pyspark().get(name)
        if module is None:
            return None
        spec = importlib.machinery.ModuleSpec(
            name, self, is_package=name in {"pyspark", "pyspark.sql"}
        )
        spec.loader_state = module
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """The module, which is there already."""
        module = spec.loader_state
        assert isinstance(module, ModuleType)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: it has run."""


def stand_in_for_pyspark(spark: Later) -> None:
    """Makes imports of pyspark work where it is not installed."""
    if importlib.util.find_spec("pyspark") is None:
        sys.meta_path.append(PysparkStandIn(spark))
