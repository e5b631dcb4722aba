"""What notebooks do with data frames, and what a real Spark shows for it.

`idioms.txt` has one idiom after another: its code, `----`, and what it showed; `====` between them.
The file itself, run, records the answers of the pyspark that is installed:

    python -m pip install pyspark
    python tests/simulation/local/spark/idioms.py
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".txt")
DIFFERS = "# differs"  # at the end of an idiom that shows something else without a JVM
BETWEEN, SHOWS = "\n====\n", "\n----\n"

PRELUDE = """
from pyspark.sql import Row, Window, functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

people = spark.sql('''
    SELECT * FROM VALUES
        ('Ada', 36, 'eng', 100D), ('Ben', 41, 'ops', 80.5D), ('Cyd', 29, 'eng', NULL)
    AS people(name, age, team, pay)
''')
pairs = spark.sql("SELECT * FROM VALUES ('eng', 'Eve'), ('law', 'Lou') AS pairs(team, boss)")

def error_of(work):
    try:
        work()
    except Exception as error:
        return type(error).__name__, error.getCondition(), error.getSqlState()
"""


def read() -> list[tuple[str, str]]:
    """Code and what it shows, of every idiom."""
    blocks = (block.partition(SHOWS) for block in FILE.read_text("utf-8").split(BETWEEN))
    return [(code, shown.rstrip("\n")) for code, _, shown in blocks]


def shown(code: str, names: dict[str, Any]) -> str:
    """What a notebook shows for `code`: what it prints, its last value, or its error."""
    *lines, last = code.split("; ")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            for line in lines:
                exec(line, names)
            value = eval(last, names)
            if value is not None:
                print(repr(value))
        except Exception as error:
            text = str(error)
            condition = text[: text.index("]") + 1] if text.startswith("[") else ""
            print(f"{type(error).__name__}: {condition}".strip())
    return "\n".join(line.rstrip() for line in printed.getvalue().rstrip("\n").split("\n"))


def record() -> None:
    """Writes what the pyspark that is installed shows."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        names: dict[str, Any] = {"spark": spark, "folder": folder}
        exec(PRELUDE, names)
        told = [f"{code}{SHOWS}{shown(code, names)}\n" for code, _ in read()]
    FILE.write_text(BETWEEN.join(told), "utf-8")
    spark.stop()


if __name__ == "__main__":
    record()
