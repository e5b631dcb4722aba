"""Notebooks taken apart into cells: Databricks' source format, and Jupyter's.

    # Databricks notebook source          the first line; `--` in SQL, `//` in Scala
    # MAGIC %sql                          a cell in another language
    # MAGIC SELECT 1
    # COMMAND ----------                  between cells
See https://docs.databricks.com/notebooks/notebook-export-import.html.
"""

from __future__ import annotations

import json
import re

from attrs import frozen

COMMENTS = {"PYTHON": "#", "SQL": "--", "SCALA": "//", "R": "#"}
# A cell's first line may name what it is in.
MAGIC = re.compile(r"\s*%(?P<name>[\w-]+)[ \t]*(?P<rest>.*)", re.DOTALL)


@frozen
class Cell:
    """One cell: its magic (`python`, `sql`, `md`, `run`, ...), and what stands after it."""

    magic: str
    code: str


def cells(content: str, language: str, notebook_format: str = "SOURCE") -> list[Cell]:
    """The cells of a notebook, without empty ones and without what is only to be read.

    Args:
      content: the notebook's text.
      language: PYTHON, SQL, SCALA or R: what a cell without a magic is in.
      notebook_format: SOURCE or JUPYTER.

    Raises:
      ValueError: it is said to be Jupyter's and is not.
    """
    if notebook_format.upper() == "JUPYTER":
        texts = _jupyter(content)
    else:
        texts = _source(content, COMMENTS.get(language.upper(), "#"))
    found = [cell(text, language) for text in texts if text.strip()]
    return [each for each in found if each.magic not in {"md", "md-sandbox"}]


def cell(text: str, language: str) -> Cell:
    """The cell with this text in a notebook or context of `language`."""
    found = MAGIC.match(text)
    if found and found["name"].lower() in MAGICS:
        return Cell(found["name"].lower(), found["rest"].lstrip("\n"))
    return Cell(language.lower(), text)


MAGICS = frozenset(
    {
        "python",
        "sql",
        "scala",
        "r",
        "md",
        "md-sandbox",
        "run",
        "pip",
        "conda",
        "sh",
        "fs",
        "restart_python",
    }
)


def _source(content: str, comment: str) -> list[str]:
    lines = content.replace("\r\n", "\n").split("\n")
    if lines and re.fullmatch(rf"\s*{re.escape(comment)} Databricks notebook source\s*", lines[0]):
        lines = lines[1:]
    texts: list[list[str]] = [[]]
    for line in lines:
        if re.fullmatch(rf"{re.escape(comment)} COMMAND -{{10,}}\s*", line):
            texts.append([])
        elif line.startswith(f"{comment} MAGIC"):
            texts[-1].append(line.removeprefix(f"{comment} MAGIC").removeprefix(" "))
        elif not line.startswith(f"{comment} DBTITLE"):
            texts[-1].append(line)
    return ["\n".join(text).strip("\n") for text in texts]


def _jupyter(content: str) -> list[str]:
    try:
        found = json.loads(content)["cells"]
        sources = [each["source"] for each in found if each["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"Not a Jupyter notebook: {error!r}") from None
    return [source if isinstance(source, str) else "".join(source) for source in sources]
