"""Rows drawn as `DataFrame.show` draws them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..database.values import double_text

NARROWEST = 3  # characters; Spark draws no narrower column


def drawn(names: Sequence[str], rows: Sequence[Sequence[Any]], width: int) -> str:
    """A grid of right-aligned cells.

    Args:
      names: the columns.
      rows: Python values.
      width: characters at which a value is cut; 0 cuts nothing, and aligns left.
    """
    cells = [[_cut(name, width) for name in names]]
    cells += [[_cut(text(value), width) for value in row] for row in rows]
    widths = [max(NARROWEST, *(len(row[place]) for row in cells)) for place in range(len(names))]
    rule = "+" + "+".join("-" * each for each in widths) + "+"
    align = str.rjust if width else str.ljust
    lines = ["|" + "|".join(map(align, row, widths)) + "|" for row in cells]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def listed(names: Sequence[str], rows: Sequence[Sequence[Any]], width: int) -> str:
    """Every row as a list of cells, as `show(vertical=True)` has it; arguments as in `drawn`."""
    titles = [_cut(name, width) for name in names]
    cells = [[_cut(text(value), width) for value in row] for row in rows]
    left = max([NARROWEST, *map(len, titles)])
    right = max([NARROWEST, *(len(cell) for row in cells for cell in row)])
    lines = []
    for place, row in enumerate(cells):
        lines.append(f"-RECORD {place}".ljust(left + right + 5, "-"))
        lines += [
            f" {name:<{left}} | {cell:<{right}} " for name, cell in zip(titles, row, strict=True)
        ]
    return "\n".join(lines)


def _cut(value: str, width: int) -> str:
    value = value.replace("\n", "\\n")
    if not width or len(value) <= width:
        return value
    return value[:width] if width < 4 else value[: width - 3] + "..."


def text(value: Any) -> str:
    """A value as Spark casts it to a string."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case float():
            return double_text(value)
        case datetime.datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case bytes():
            return f"[{value.hex(' ').upper()}]"
        case Mapping():
            inside = (f"{text(key)} -> {text(item)}" for key, item in value.items())
            return "{" + ", ".join(inside) + "}"
        case list() | tuple():
            return "[" + ", ".join(text(item) for item in value) + "]"
        case _:
            return str(value)


def tree(columns: Sequence[Mapping[str, Any]]) -> str:
    """Names and types as `printSchema` prints them."""
    return "\n".join(["root", *_branch(columns, " |")])


def _branch(fields: Sequence[Mapping[str, Any]], stem: str) -> Iterator[str]:
    for each in fields:
        kind = each.get("json", each.get("type"))
        yield f"{stem}-- {each['name']}: {_kind_name(kind)} (nullable = true)"
        yield from _inside(kind, stem + "    |")


def _kind_name(kind: Any) -> str:
    return str(kind if isinstance(kind, str) else kind["type"])


def _inside(kind: Any, stem: str) -> Iterator[str]:
    match kind:
        case {"type": "struct", "fields": fields}:
            yield from _branch(fields, stem)
        case {"type": "array", "elementType": element}:
            yield f"{stem}-- element: {_kind_name(element)} (containsNull = true)"
            yield from _inside(element, stem + "    |")
        case {"type": "map", "keyType": key, "valueType": value}:
            yield f"{stem}-- key: {_kind_name(key)}"
            yield f"{stem}-- value: {_kind_name(value)} (valueContainsNull = true)"
            yield from _inside(value, stem + "    |")
