"""What a new local workspace holds: two small tables, a Parquet file, and notebooks to run.

    production.hr.employees     samples.nyctaxi.trips     dbfs:/data/source.parquet
    /Shared/ETL/ProcessData     /Shared/Examples/Analytics

They are made once: what a user of a kept folder then changes or drops stays so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .database.session import Session

MARKER = ".samples"  # in a kept folder; says that it had its samples

DEPARTMENTS = {
    "Engineering": (7, 118_000.0),
    "Finance": (3, 97_000.0),
    "Marketing": (4, 82_500.0),
    "Sales": (6, 76_000.0),
    "Support": (4, 58_500.0),
}
NAMES = (
    *(
        "Ada",
        "Ben",
        "Chloe",
        "Dev",
        "Elif",
        "Farid",
        "Grace",
        "Hugo",
        "Ines",
        "Jonas",
        "Kira",
        "Liam",
    ),
    *(
        "Mina",
        "Noor",
        "Olga",
        "Pablo",
        "Quinn",
        "Rosa",
        "Sven",
        "Tara",
        "Umar",
        "Vera",
        "Wei",
        "Yara",
    ),
)
CATEGORIES = {"books": 42, "games": 17, "garden": 25, "music": 31, "tools": 10}
TRIPS = 400

PROCESS_DATA = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # Process a day's data
# MAGIC Takes a `date` and an `environment`, and exits with what it did, as JSON.

# COMMAND ----------

import json

dbutils.widgets.text("date", "2024-01-01")
dbutils.widgets.text("environment", "development")
date = dbutils.widgets.get("date")
environment = dbutils.widgets.get("environment")
print(f"Processing {date} in {environment}")

# COMMAND ----------

df = spark.read.parquet("/data/source.parquet")
counts = {row["category"]: row["count"] for row in df.groupBy("category").count().collect()}
print(counts)

# COMMAND ----------

dbutils.notebook.exit(
    json.dumps(
        {
            "status": "success",
            "date": date,
            "environment": environment,
            "rows_processed": sum(counts.values()),
            "categories": dict(sorted(counts.items())),
        }
    )
)
"""

ANALYTICS = """\
-- Databricks notebook source
-- MAGIC %md
-- MAGIC # Who earns what

-- COMMAND ----------

USE CATALOG production;

-- COMMAND ----------

SELECT department, COUNT(*) AS employee_count, AVG(salary) AS avg_salary
FROM hr.employees
WHERE status = 'active'
GROUP BY department
ORDER BY avg_salary DESC
"""

# By their files, as a workspace's folder keeps notebooks: the ending says the language.
NOTEBOOKS = {
    "Shared/ETL/ProcessData.py": PROCESS_DATA,
    "Shared/Examples/Analytics.sql": ANALYTICS,
}


def wanted(folder: Path) -> bool:
    """Whether `folder` has not had its samples yet; from now on it has."""
    marker = folder / MARKER
    if marker.exists():
        return False
    marker.touch()
    return True


def install_files(dbfs: Path, workspace: Path) -> None:
    """Puts `/data/source.parquet` into DBFS, and the notebooks into the workspace."""
    place = dbfs / "data" / "source.parquet"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes((Path(__file__).parent / "source.parquet").read_bytes())
    for path, source in NOTEBOOKS.items():
        place = workspace / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(source, encoding="utf-8")


def install_tables(session: Session) -> None:
    """Makes `production.hr.employees` and `samples.nyctaxi.trips`."""
    for statement in (*_employees(), *_trips()):
        session.run(statement).rows()


def _employees() -> list[str]:
    rows: list[str] = []
    for department, (people, salary) in DEPARTMENTS.items():
        for place in range(people):
            number = len(rows) + 1
            status = "inactive" if place == people - 1 else "active"
            pay = salary + 2_500.0 * (place - people // 2)
            hired = f"DATE'20{10 + number % 14:02}-{1 + number % 12:02}-15'"
            rows.append(
                f"({number}, '{NAMES[number - 1]}', '{department}', {pay}D, '{status}', {hired})"
            )
    return [
        "CREATE CATALOG IF NOT EXISTS production",
        "CREATE SCHEMA IF NOT EXISTS production.hr",
        """CREATE TABLE IF NOT EXISTS production.hr.employees (
             employee_id BIGINT NOT NULL, name STRING, department STRING,
             salary DOUBLE COMMENT 'a year, before tax',
             status STRING COMMENT 'active or inactive', hire_date DATE
           ) COMMENT 'Sample: people of a small company'""",
        f"INSERT INTO production.hr.employees VALUES {', '.join(rows)}",
    ]


def _trips() -> list[str]:
    return [
        "CREATE CATALOG IF NOT EXISTS samples",
        "CREATE SCHEMA IF NOT EXISTS samples.nyctaxi",
        """CREATE TABLE IF NOT EXISTS samples.nyctaxi.trips (
             tpep_pickup_datetime TIMESTAMP, tpep_dropoff_datetime TIMESTAMP,
             trip_distance DOUBLE, fare_amount DOUBLE, pickup_zip INT, dropoff_zip INT
           ) COMMENT 'Sample: made-up taxi rides'""",
        # The strides share no factor with their moduli, so that the rides look mixed.
        f"""INSERT INTO samples.nyctaxi.trips
            SELECT pickup, pickup + INTERVAL 1 MINUTE * CAST(2 + 4 * miles AS INT),
              miles, round(2.5 + 2.5 * miles, 1), 10001 + id * 13 % 40, 10001 + id * 29 % 40
            FROM (
              SELECT id, round(0.4 + (id * 37 % 211) / 20D, 2) AS miles,
                TIMESTAMP'2016-02-01 00:00:00' + INTERVAL 1 MINUTE * (id * 977 % 40320) AS pickup
              FROM range({TRIPS})
            )""",
    ]
