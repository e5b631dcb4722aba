"""`spark`: made at first use, and which one it is.

`SPARK_REMOTE` asks for Spark Connect; pyspark with a Java beside it gives a local Spark; without
either, sqlframe's session on the workspace's own DuckDB runs data frames without a JVM.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..places import Places
from .database import Answer, Database
from .interrupts import INTERRUPTS
from .jvm import java

if TYPE_CHECKING:
    from .realspark import RealSpark


class Later:
    """Something made when it is first used: here `spark`, whose import takes its time."""

    def __init__(self, make: Callable[[], Any]) -> None:
        object.__setattr__(self, "_make", make)
        object.__setattr__(self, "_made", None)
        object.__setattr__(self, "_making", False)

    def resolved(self) -> Any:
        """The thing itself."""
        if self._made is None:
            object.__setattr__(self, "_making", True)
            try:
                with INTERRUPTS.shielded():  # half of it would not do
                    object.__setattr__(self, "_made", self._make())
            finally:
                object.__setattr__(self, "_making", False)
        return self._made

    def making(self) -> bool:
        """Whether it is being made right now."""
        return bool(self._making)

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
    remote = os.environ.get("SPARK_REMOTE", "")
    if remote.startswith("sc:") or (remote and java()):
        return Kind.CONNECT
    return Kind.JVM if java() else Kind.SQLFRAME


class Spark:
    """The Spark of one context.

    Args:
      database: the context's line to the workspace's tables.
      places: where Databricks' paths lie.
      scratch: a folder for what Spark leaves on disk.

    Attributes:
      session: what the user calls `spark`; made at its first use.
    """

    def __init__(self, database: Database, places: Places, scratch: Path) -> None:
        self._database, self._places, self._scratch = database, places, scratch
        self._real: RealSpark | None = None
        self.session = Later(self._made)
        if importlib.util.find_spec("pyspark") is None:
            sys.meta_path.append(PysparkStandIn(self.session))
        elif kind() is not Kind.SQLFRAME:
            sys.meta_path.insert(0, BuilderGuard(self.session))

    def _made(self) -> Any:
        if kind() is Kind.SQLFRAME:
            from .frames import LocalSession  # noqa: PLC0415 (sqlframe takes its time)

            return LocalSession.on(self._database, self._places)
        from .realspark import RealSpark  # noqa: PLC0415 (and so does pyspark)

        self._real = RealSpark(self._database, self._places, self._scratch)
        return self._real.session

    def frame_over(self, answer: Answer) -> Later:
        """The data frame `_sqldf`, over the view that a `%sql` cell has left."""
        if kind() is Kind.SQLFRAME:
            return Later(lambda: self.session.frame_over(answer))
        return Later(lambda: self.session.table(answer.view))

    def hand_over(self, script: str) -> None:
        """Shows the workspace's SQL the temporary views that only a real Spark knows."""
        if self._real is not None and self._real.tables is not None:
            self._real.tables.hand_over(script)

    def stop_jobs(self) -> None:
        """Has a real Spark stop what it does for this context."""
        if self._real is not None:
            self._real.stop_jobs()

    def lost(self) -> str | None:
        """How the process behind `spark` ended, if it has."""
        return self._real.lost() if self._real is not None else None


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


class BuilderGuard(importlib.abc.MetaPathFinder):
    """Has a program's own `SparkSession.builder.getOrCreate()` give the context's session.

    It waits for the module to be imported, since importing it ahead takes a second.
    """

    MODULE = "pyspark.sql.session"

    def __init__(self, spark: Later) -> None:
        self._spark = spark

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module as it is, to be changed when it has run."""
        if name != self.MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            sys.meta_path.remove(self)
            loader: Any = spec.loader
            run = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                run(module)
                self._guard(module)

            loader.exec_module = exec_module
        return spec

    def _guard(self, module: Any) -> None:
        builder = module.SparkSession.Builder
        get_or_create = builder.getOrCreate

        @functools.wraps(get_or_create)
        def guarded(self_: Any) -> Any:
            if self._spark.making():
                return get_or_create(self_)
            self._spark.resolved()
            for name in ("spark.master", "spark.remote"):  # it is there; where is decided
                self_._options.pop(name, None)
            return get_or_create(self_)

        builder.getOrCreate = guarded
