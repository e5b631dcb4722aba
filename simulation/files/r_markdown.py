"""R notebooks as R Markdown: text between fenced chunks, each with the language that it runs in.

A chunk with no language of a cell's magic is R; `%md` cells are the text between the chunks. What R
Markdown has no word for is not kept: a header (YAML) and chunk options are read past, and text
cells that follow each other come back as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .notebook_formats import Notebook, text_of

# A cell's magic, and what R Markdown calls the engine that runs such a chunk.
_ENGINES = {"%python": "python", "%sql": "sql", "%scala": "scala", "%sh": "bash", "%r": "r"}
_MAGICS = {engine: magic for magic, engine in _ENGINES.items() if engine != "r"}
_OPENS = re.compile(r"^(?P<fence>`{3,})\s*\{(?P<engine>\w+)[^}]*\}\s*$")
_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def to_r_markdown(notebook: Notebook) -> bytes:
    """Writes an R notebook as R Markdown."""
    return ("\n\n".join(_part(cell) for cell in notebook.cells) + "\n").encode()


def _part(cell: str) -> str:
    magic, separator, rest = cell.partition("\n")
    word, _, inline = magic.partition(" ")
    if word in {"%md", "%md-sandbox"}:
        return "\n".join(part for part in (inline, rest) if part)
    engine, code = "r", cell
    if word in _ENGINES:
        engine, code = _ENGINES[word], inline + separator * bool(inline) + rest
    ticks = max((len(run) for run in re.findall(r"^`+", code, re.MULTILINE)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}{{{engine}}}\n{code}\n{fence}"


def from_r_markdown(content: bytes) -> Notebook:
    """Reads R Markdown as an R notebook."""
    text = _HEADER.sub("", text_of(content))
    return Notebook("R", tuple(_cells(text.split("\n"))) or ("",))


def _cells(lines: list[str]) -> Iterator[str]:
    gathered: list[str] = []
    fence = engine = ""
    for line in lines:
        opens = _OPENS.match(line) if not fence else None
        if opens is not None:
            yield from _text_cell(gathered)
            gathered, fence, engine = [], opens["fence"], opens["engine"].lower()
        elif fence and line.rstrip() == fence:
            yield _code_cell(gathered, engine)
            gathered, fence = [], ""
        else:
            gathered.append(line)
    if fence:  # a chunk that nobody closed goes to the end, as knitr takes it
        yield _code_cell(gathered, engine)
    else:
        yield from _text_cell(gathered)


def _text_cell(lines: list[str]) -> Iterator[str]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield f"%md\n{text}"


def _code_cell(lines: list[str], engine: str) -> str:
    code = "\n".join(lines)
    magic = _MAGICS.get(engine)
    if magic is not None:
        return f"{magic}\n{code}"
    return code if engine == "r" else f"%{engine}\n{code}"
