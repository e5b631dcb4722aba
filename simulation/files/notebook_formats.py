"""Notebooks as cells, and the formats they come and go in: SOURCE, JUPYTER, HTML and DBC.

A `Notebook` is a language and its cells; a cell in another language, or of text, begins with its
magic (`%sql`, `%md`).  Every format can be read back: HTML pages and DBC archives carry the
notebook's model in the layout that the product uses, without revisions, results or dashboards.
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from attrs import frozen

COMMENTS: Mapping[str, str] = {"PYTHON": "#", "SQL": "--", "SCALA": "//", "R": "#"}
EXTENSIONS: Mapping[str, str] = {"PYTHON": "py", "SQL": "sql", "SCALA": "scala", "R": "r"}
LANGUAGES: Mapping[str, str] = {f".{ext}": language for language, ext in EXTENSIONS.items()}

_MARKER = "Databricks notebook source"
_CELL_BREAK = "COMMAND ----------"
_MODEL = re.compile(r"__DATABRICKS_NOTEBOOK_MODEL = '([^']*)'")


class NotANotebook(ValueError):
    """The bytes are not what the format says."""


@frozen
class Notebook:
    """A language (PYTHON, SQL, SCALA, R) and the text of each cell."""

    language: str
    cells: tuple[str, ...]


def has_marker(content: bytes) -> str | None:
    """The language whose notebook marker `content` begins with; None for a plain file.

    Python and R share theirs; it counts as Python's.
    """
    first = content.split(b"\n", 1)[0].strip().decode("utf-8", "replace")
    return next(
        (language for language, sign in COMMENTS.items() if first == f"{sign} {_MARKER}"), None
    )


def language_of(path: str, content: bytes) -> str | None:
    """The language of the notebook that a text file under `path` is; None for a plain file."""
    by_marker = has_marker(content)
    if by_marker == "PYTHON" and path.lower().endswith(".r"):
        return "R"
    return by_marker


def from_source(content: bytes, language: str) -> Notebook:
    """Reads SOURCE: with or without the marker line, cells apart by `COMMAND` lines."""
    sign = COMMENTS[language]
    lines = text_of(content).split("\n")
    if lines and lines[0].strip() == f"{sign} {_MARKER}":
        del lines[0]
    cells: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == f"{sign} {_CELL_BREAK}":
            cells.append([])
        else:
            cells[-1].append(line)
    return Notebook(language, tuple(_without_magic(cell, sign) for cell in cells))


def _without_magic(lines: list[str], sign: str) -> str:
    text = "\n".join(lines).strip("\n")
    mark = f"{sign} MAGIC"
    if not text.startswith(mark):
        return text
    return "\n".join(
        line[len(mark) :].removeprefix(" ") if line.startswith(mark) else line
        for line in text.split("\n")
    )


def to_source(notebook: Notebook) -> bytes:
    """Writes SOURCE, with the marker line, and like the product without a line end at the end."""
    sign = COMMENTS[notebook.language]
    cells = [_with_magic(cell, sign) for cell in notebook.cells]
    body = f"\n\n{sign} {_CELL_BREAK}\n\n".join(cells)
    return f"{sign} {_MARKER}\n{body}".encode()


def _with_magic(cell: str, sign: str) -> str:
    if not cell.startswith("%"):
        return cell
    return "\n".join(f"{sign} MAGIC {line}".rstrip() for line in cell.split("\n"))


def from_jupyter(content: bytes) -> Notebook:
    """Reads an .ipynb of format 4; outputs are left behind."""
    try:
        document = json.loads(content)
        metadata = document.get("metadata", {})
        language = _jupyter_language(metadata)
        cells = [_from_jupyter_cell(cell) for cell in document["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotANotebook("The content is not a Jupyter notebook.") from error
    return Notebook(language, tuple(cells) or ("",))


def _jupyter_language(metadata: Mapping[str, Any]) -> str:
    name = (
        metadata.get("application/vnd.databricks.v1+notebook", {}).get("language")
        or metadata.get("language_info", {}).get("name")
        or metadata.get("kernelspec", {}).get("language")
        or "python"
    )
    return name.upper() if name.upper() in COMMENTS else "PYTHON"


def _from_jupyter_cell(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    text = source if isinstance(source, str) else "".join(source)
    if cell["cell_type"] == "markdown" and not text.startswith("%md"):
        return f"%md\n{text}"
    return text


def to_jupyter(notebook: Notebook, name: str = "") -> bytes:
    """Writes an .ipynb of format 4.4."""
    language = notebook.language.lower()
    document = {
        "cells": [_to_jupyter_cell(cell) for cell in notebook.cells],
        "metadata": {
            "application/vnd.databricks.v1+notebook": {
                "language": language,
                "notebookName": name,
                "widgets": {},
            },
            "language_info": {"name": language},
        },
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _to_jupyter_cell(cell: str) -> dict[str, Any]:
    magic, _, rest = cell.partition("\n")
    if magic.split(" ")[0] in {"%md", "%md-sandbox"}:
        inline = magic.partition(" ")[2]
        text = "\n".join(part for part in (inline, rest) if part)
        return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": cell.splitlines(keepends=True),
    }


def to_model(notebook: Notebook, name: str, object_id: int = 0) -> dict[str, Any]:
    """The notebook in the product's own JSON, which HTML pages and DBC archives carry."""
    commands = [
        {"version": "CommandV1", "origId": position, "position": float(position), "command": cell}
        for position, cell in enumerate(notebook.cells, start=1)
    ]
    return {
        "version": "NotebookV1",
        "origId": object_id,
        "name": name,
        "language": notebook.language.lower(),
        "commands": commands,
        "dashboards": [],
    }


def from_model(model: Any) -> Notebook:
    """Reads the product's own JSON."""
    try:
        commands: Sequence[Mapping[str, Any]] = sorted(
            model["commands"], key=lambda command: command["position"]
        )
        language = model["language"].upper()
        cells = tuple(command["command"] for command in commands)
    except (TypeError, KeyError, AttributeError) as error:
        raise NotANotebook("The content holds no notebook model.") from error
    if language not in COMMENTS:
        raise NotANotebook(f"Unknown notebook language: {language}")
    return Notebook(language, cells or ("",))


def to_html(notebook: Notebook, name: str) -> bytes:
    """A page that shows the cells, and carries the model for reading it back."""
    model = json.dumps(to_model(notebook, name), ensure_ascii=False)
    packed = base64.b64encode(quote(model).encode()).decode()
    cells = "\n".join(f"<pre>{html.escape(cell)}</pre>" for cell in notebook.cells)
    return (
        "<!DOCTYPE html>\n"
        f'<html>\n<head>\n<meta charset="utf-8">\n<title>{html.escape(name)} - Databricks</title>\n'
        f"<script>var __DATABRICKS_NOTEBOOK_MODEL = '{packed}';</script>\n"
        f"</head>\n<body>\n<h1>{html.escape(name)}</h1>\n{cells}\n</body>\n</html>\n"
    ).encode()


def from_html(content: bytes) -> Notebook:
    """Reads back what `to_html` wrote."""
    found = _MODEL.search(content.decode("utf-8", "replace"))
    if found is None:
        raise NotANotebook("The HTML page holds no notebook.")
    try:
        model = json.loads(unquote(base64.b64decode(found[1]).decode()))
    except ValueError as error:
        raise NotANotebook("The HTML page holds a broken notebook.") from error
    return from_model(model)


def to_dbc(notebooks: Iterable[tuple[str, Notebook]]) -> bytes:
    """A DBC archive of notebooks under paths relative to the exported folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, notebook in notebooks:
            model = to_model(notebook, path.rpartition("/")[2])
            # A fixed date: the same notebooks give the same archive.
            member = zipfile.ZipInfo(f"{path}.{notebook.language.lower()}")
            archive.writestr(member, json.dumps(model, ensure_ascii=False))
    return packed.getvalue()


def from_dbc(content: bytes) -> list[tuple[str, Notebook]]:
    """The notebooks of a DBC archive, by path relative to its top."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [
                (name.rpartition(".")[0], from_model(json.loads(archive.read(name))))
                for name in archive.namelist()
                if not name.endswith("/") and not name.endswith("manifest.mf")
            ]
    except (zipfile.BadZipFile, ValueError) as error:
        raise NotANotebook("The content is not a DBC archive.") from error


def text_of(content: bytes) -> str:
    """`content` as text with plain line ends; refuses what is not UTF-8."""
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NotANotebook("The content is not text in UTF-8.") from error
