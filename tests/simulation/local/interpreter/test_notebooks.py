"""Notebooks taken apart."""

import json

import pytest
from databricks_mcp_toolkit.simulation.local.interpreter.notebooks import Cell, cell, cells

PYTHON = """# Databricks notebook source
# DBTITLE 1,Load
x = 1

# COMMAND ----------

# MAGIC %md
# MAGIC # A title

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1
# MAGIC FROM t

# COMMAND ----------

# MAGIC %run ./Other $day="x"

# COMMAND ----------

# a comment of the user's
y = 2
"""


def test_a_python_source_has_cells_of_every_kind() -> None:
    assert cells(PYTHON, "PYTHON") == [
        Cell("python", "x = 1"),
        Cell("sql", "SELECT 1\nFROM t"),
        Cell("run", './Other $day="x"'),
        Cell("python", "# a comment of the user's\ny = 2"),
    ]


def test_a_sql_source_has_sql_for_its_language() -> None:
    source = (
        "-- Databricks notebook source\nSELECT 1\n\n-- COMMAND ----------\n\n"
        "-- MAGIC %python\n-- MAGIC x = 1\n"
    )

    assert cells(source, "SQL") == [Cell("sql", "SELECT 1"), Cell("python", "x = 1")]


def test_a_file_without_the_marker_is_one_cell() -> None:
    assert cells("x = 1\ny = 2\n", "PYTHON") == [Cell("python", "x = 1\ny = 2")]


def test_jupyter_cells_may_be_lists_of_lines() -> None:
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": "# hi"},
            {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
            {"cell_type": "code", "source": "%sql\nSELECT 1"},
            {"cell_type": "code", "source": ""},
        ]
    }

    assert cells(json.dumps(notebook), "PYTHON", "JUPYTER") == [
        Cell("python", "x = 1\ny = 2"),
        Cell("sql", "SELECT 1"),
    ]


def test_what_is_no_jupyter_notebook_says_so() -> None:
    with pytest.raises(ValueError, match="Not a Jupyter notebook"):
        cells("x = 1", "PYTHON", "JUPYTER")


def test_a_modulo_is_no_magic() -> None:
    assert cell("5 %sql", "python") == Cell("python", "5 %sql")
    assert cell("%matplotlib inline\nx", "python").magic == "python"
    assert cell("  %SQL select 1", "python") == Cell("sql", "select 1")
