"""Real Spark, asked what a statement gives.  It needs `pyspark` and Java."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..database import corpus

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.sql.groupByOrdinal": "true",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
}

TOLD = re.compile(
    r"\[(?P<kind>[A-Z_0-9.]+)\]\s*(?P<sentence>.*?)\s*SQLSTATE: (?P<state>\w{5})", re.DOTALL
)


@contextmanager
def session() -> Iterator[SparkSession]:
    """A local Spark with Databricks' settings and an empty warehouse."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as folder:
        builder = SparkSession.builder.master("local[1]").config("spark.sql.warehouse.dir", folder)
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        spark = builder.getOrCreate()
        spark.sparkContext.setLogLevel("OFF")
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
        yield spark
        spark.stop()


def told(spark: SparkSession, cases: Iterable[corpus.Case]) -> Iterator[corpus.Case]:
    """Each case with what Spark answers, in a database of its own; Databricks' own stay."""
    from attrs import evolve

    spark.sql("DROP DATABASE IF EXISTS corpus CASCADE")
    spark.sql("CREATE DATABASE corpus")
    spark.sql("USE corpus")
    for case in cases:
        if "databricks" in case.marks or not case.statement:
            yield case
        else:
            yield evolve(case, expected=answered(spark, case.statement))


def answered(spark: SparkSession, statement: str) -> corpus.Answer | corpus.Failure:
    """What one statement gives."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as F  # noqa: N812
    from pyspark.sql.types import YearMonthIntervalType

    try:
        frame = spark.sql(statement)
        fields = frame.schema.fields
        if any(isinstance(each.dataType, YearMonthIntervalType) for each in fields):
            # Python has no such value; Databricks sends `1-2`.
            whole = "interval year to month"
            frame = frame.select(
                [F.col(f"`{each.name}`").cast(whole).cast("string") for each in fields]
            )
        rows: list[Any] = [list(row) for row in frame.collect()]
        rows = [
            [
                re.sub(r"INTERVAL '(.*)' YEAR TO MONTH", r"\1", each)
                if isinstance(each, str)
                else each
                for each in row
            ]
            for row in rows
        ]
    except PySparkException as error:
        return failure(str(error))
    except Py4JJavaError as error:
        return failure(str(error.java_exception.getMessage()))
    return corpus.answer([(each.name, each.dataType.simpleString()) for each in fields], rows)


def failure(message: str) -> corpus.Failure:
    """The class, the SQLSTATE and the sentence of Spark's error."""
    found = TOLD.search(message)
    if found is None:
        return corpus.Failure("NONE", "XX000", message.splitlines()[0])
    return corpus.Failure(found["kind"], found["state"], found["sentence"].strip())
