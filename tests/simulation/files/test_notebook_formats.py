"""Notebooks in each of their formats, there and back."""

import json
import zipfile
from io import BytesIO

import nbformat
import pytest
from databricks_mcp_toolkit.simulation.files import notebook_formats as formats
from databricks_mcp_toolkit.simulation.files.notebook_formats import NotANotebook, Notebook

NOTEBOOK = Notebook("PYTHON", ("%md\n# Title\n\nText", "x = 1\nprint(x)", "%sql SELECT 1", ""))
SOURCE = b"""# Databricks notebook source
# MAGIC %md
# MAGIC # Title
# MAGIC
# MAGIC Text

# COMMAND ----------

x = 1
print(x)

# COMMAND ----------

# MAGIC %sql SELECT 1

# COMMAND ----------

"""


def test_source_has_a_marker_breaks_and_magic() -> None:
    assert formats.to_source(NOTEBOOK) == SOURCE
    assert formats.from_source(SOURCE, "PYTHON") == NOTEBOOK


@pytest.mark.parametrize(
    ("language", "start"),
    [("SQL", b"-- "), ("SCALA", b"// "), ("R", b"# "), ("PYTHON", b"# ")],
)
def test_each_language_has_its_comments(language: str, start: bytes) -> None:
    notebook = Notebook(language, ("one", "%md two"))
    source = formats.to_source(notebook)
    assert source.startswith(start + b"Databricks notebook source\n")
    assert start + b"COMMAND ----------" in source
    assert start + b"MAGIC %md two" in source
    assert formats.from_source(source, language) == notebook


def test_source_without_a_marker_is_one_cell() -> None:
    assert formats.from_source(b"print(1)\r\nprint(2)\r\n", "PYTHON").cells == (
        "print(1)\nprint(2)",
    )


def test_jupyter_is_what_jupyter_reads() -> None:
    written = formats.to_jupyter(NOTEBOOK, "n")
    document = nbformat.reads(written.decode(), as_version=4)
    nbformat.validate(document)
    assert [cell.cell_type for cell in document.cells] == ["markdown", "code", "code", "code"]
    assert document.cells[0].source == "# Title\n\nText"
    assert formats.from_jupyter(written) == NOTEBOOK


def test_a_notebook_of_jupyter_is_read_whatever_wrote_it() -> None:
    document = {
        "cells": [
            {"cell_type": "markdown", "source": ["# A\n", "b"]},
            {"cell_type": "code", "source": "1 + 1", "outputs": [{"text": "2"}]},
        ],
        "metadata": {"kernelspec": {"language": "R"}},
    }
    read = formats.from_jupyter(json.dumps(document).encode())
    assert read == Notebook("R", ("%md\n# A\nb", "1 + 1"))


def test_html_shows_the_cells_and_can_be_read_back() -> None:
    page = formats.to_html(Notebook("PYTHON", ("print('<ä>')",)), "a & b")
    assert b"<title>a &amp; b - Databricks</title>" in page
    assert "print(&#x27;&lt;ä&gt;&#x27;)".encode() in page
    assert formats.from_html(page) == Notebook("PYTHON", ("print('<ä>')",))


def test_a_dbc_archive_is_a_zip_of_models_and_always_the_same() -> None:
    notebooks = [("a", NOTEBOOK), ("sub/b", Notebook("SQL", ("SELECT 1",)))]
    archive = formats.to_dbc(notebooks)
    assert formats.to_dbc(notebooks) == archive
    assert zipfile.ZipFile(BytesIO(archive)).namelist() == ["a.python", "sub/b.sql"]
    assert formats.from_dbc(archive) == notebooks


def test_commands_of_a_model_are_in_the_order_of_their_positions() -> None:
    model = formats.to_model(NOTEBOOK, "n")
    model["commands"].reverse()
    assert formats.from_model(model) == NOTEBOOK


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (formats.from_jupyter, b"{}"),
        (formats.from_jupyter, b"not JSON"),
        (formats.from_jupyter, b"[]"),
        (formats.from_html, b"<html></html>"),
        (formats.from_html, b"__DATABRICKS_NOTEBOOK_MODEL = 'AAAA'"),
        (formats.from_dbc, b"not a zip"),
        (formats.from_model, {"commands": [], "language": "cobol"}),
        (formats.from_model, []),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(read: object, content: object) -> None:
    with pytest.raises(NotANotebook):
        read(content)  # type: ignore[operator]


def test_source_that_is_no_text_is_no_notebook() -> None:
    with pytest.raises(NotANotebook):
        formats.from_source(b"\xff\xfe", "PYTHON")


@pytest.mark.parametrize(
    ("path", "content", "language"),
    [
        ("/a.py", b"# Databricks notebook source\nx", "PYTHON"),
        ("/a.sql", b"-- Databricks notebook source\n", "SQL"),
        ("/a.scala", b"// Databricks notebook source", "SCALA"),
        ("/a.r", b"# Databricks notebook source\n", "R"),
        ("/a.py", b"import os\n", None),
        ("/a.bin", b"\xff\x00", None),
    ],
)
def test_a_marker_makes_a_notebook(path: str, content: bytes, language: str | None) -> None:
    assert formats.language_of(path, content) == language
