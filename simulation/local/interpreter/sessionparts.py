"""The parts of a Spark session that programs touch in passing: builder, configuration, context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MISSING = object()


class LocalBuilder:
    """`SparkSession.builder`: takes any setting, and gives the session that there is."""

    # Where sqlframe looks for a session's dialects.
    DEFAULT_INPUT_DIALECT = DEFAULT_OUTPUT_DIALECT = "spark"
    DEFAULT_EXECUTION_DIALECT = "duckdb"

    session: Any = None

    def getOrCreate(self) -> Any:  # noqa: N802 (Spark's name)
        """The session of this process."""
        return self.session

    create = getOrCreate

    def __getattr__(self, name: str) -> Callable[..., LocalBuilder]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: self


class Configuration:
    """`spark.conf`: remembers what it is told."""

    def __init__(self) -> None:
        self._settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.app.name": "local engine",
            "spark.sql.shuffle.partitions": "200",
        }

    def get(self, key: str, default: Any = MISSING) -> Any:
        """A setting; KeyError without a default for one that nobody made."""
        if key not in self._settings and default is MISSING:
            raise KeyError(f"The configuration {key} is not set.")
        return self._settings.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Remembers a setting."""
        self._settings[key] = str(value)

    def unset(self, key: str) -> None:
        """Forgets a setting."""
        self._settings.pop(key, None)


class LocalSparkContext:
    """`spark.sparkContext`, as far as there can be one without a JVM."""

    appName = "local engine"  # noqa: N815 (Spark's names)
    master = "local"
    version = "4.0.0"
    defaultParallelism = 1  # noqa: N815

    def setLogLevel(self, level: str) -> None:  # noqa: N802
        """Nothing: there is no JVM that logs."""
        del level

    def __repr__(self) -> str:
        return "<SparkContext: RDDs need a JVM; with the `spark` extra and a Java there is one.>"

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(
            f"sparkContext.{name} needs a JVM; with the `spark` extra and a Java there is one."
        )
