"""JSON Schema from attrs classes: one declaration, read by people, models and the checker.

A tool's arguments are an attrs class.  Its types say what is allowed; what types cannot say
(bounds, patterns, the description) stands in the field's metadata in JSON Schema's own words:

    @attrs.frozen
    class GetRun:
        run_id: int = argument("The run, or a task's run", minimum=1)

Only what our arguments use is supported; anything else fails when the tool is registered.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import attrs

_KEYWORDS = "schema keywords"
_REST = "takes every other field"

_PRIMITIVES: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def argument(description: str = "", *, default: Any = attrs.NOTHING, **keywords: Any) -> Any:
    """An argument of a tool.

    Args:
      description: one line for the model; empty when the name says it all.
      default: without one the argument is required.  `None` means "not given".
      keywords: JSON Schema keywords that narrow the type, such as `minimum=1`.
    """
    described = {"description": description} if description else {}
    return attrs.field(default=default, kw_only=True, metadata={_KEYWORDS: described | keywords})


def rest() -> Any:
    """A field that takes every argument without a field of its own: a body sent on as it is."""
    return attrs.field(factory=dict, kw_only=True, metadata={_REST: True})


def rest_field(cls: type) -> str | None:
    """The name of the field declared with `rest`, if the class has one."""
    return next((f.name for f in attrs.fields(cls) if f.metadata.get(_REST)), None)


def json_schema(cls: type) -> dict[str, Any]:
    """The JSON Schema of an attrs class, as an object at the root, without `$ref`.

    Raises:
      TypeError: a field has a type that has no schema here.
    """
    attrs.resolve_types(cls)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in attrs.fields(cls):
        if field.metadata.get(_REST):
            continue
        properties[field.name] = _of_type(field.type) | field.metadata.get(_KEYWORDS, {})
        if field.default is attrs.NOTHING:
            required.append(field.name)
        elif field.default is not None and not isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
            properties[field.name]["default"] = _plain(field.default)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if rest_field(cls) is None:
        schema["additionalProperties"] = False
    return schema


def _of_type(kind: Any) -> dict[str, Any]:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return {}
    if kind in _PRIMITIVES:
        return {"type": _PRIMITIVES[kind]}
    if origin in (typing.Union, types.UnionType):
        return _of_union([part for part in parts if part is not type(None)])
    if origin is list:
        return {"type": "array"} | _nested("items", parts[0])
    if origin is dict and parts[0] is str:
        return {"type": "object"} | _nested("additionalProperties", parts[1])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if attrs.has(kind):
        return json_schema(kind)
    raise TypeError(f"no JSON Schema for {kind!r}")


def _of_union(parts: list[Any]) -> dict[str, Any]:
    if len(parts) == 1:
        return _of_type(parts[0])
    schemas: list[dict[str, Any]] = [_of_type(part) for part in parts]
    if any(schema.keys() != {"type"} for schema in schemas):
        raise TypeError(f"a union of more than plain types: {parts!r}")
    return {"type": [schema["type"] for schema in schemas]}


def _nested(keyword: str, kind: Any) -> dict[str, Any]:
    schema = _of_type(kind)
    return {keyword: schema} if schema else {}


def _plain(default: Any) -> Any:
    return default.value if isinstance(default, Enum) else default


# -- the same in words -----------------------------------------------------------------------------

_NOUNS: Mapping[str, tuple[str, str]] = {
    "string": ("text", "texts"),
    "integer": ("a whole number", "whole numbers"),
    "number": ("a number", "numbers"),
    "boolean": ("true or false", "true or false"),
    "array": ("a list", "lists"),
    "object": ("an object", "objects"),
}


def in_words(schema: Mapping[str, Any]) -> str:
    """What a schema asks for, as the end of the sentence "expected ..."."""
    if "enum" in schema:
        return "one of " + ", ".join(str(choice) for choice in schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(_NOUNS[one][0] for one in kind)
    if not isinstance(kind, str):
        return "a value"
    words = _NOUNS[kind][0]
    if kind == "array" and "type" in schema.get("items", {}):
        words += " of " + _NOUNS[schema["items"]["type"]][1]
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        words += " of " + _NOUNS[schema["additionalProperties"]["type"]][1]
    for bounds in _BOUNDS:
        words += bounds(schema)
    return words


def _range(low: str, high: str, unit: str) -> Callable[[Mapping[str, Any]], str]:
    def words(schema: Mapping[str, Any]) -> str:
        least, most = schema.get(low), schema.get(high)
        if least is not None and most is not None:
            return f" from {least} to {most}" if not unit else f" of {least} to {most} {unit}"
        if least is not None:
            return f" of {least}{' ' + unit if unit else ''} or more"
        if most is not None:
            return f" of at most {most:,}{' ' + unit if unit else ''}"
        return ""

    return words


# Patterns that arguments have in common, and what they ask for.
NO_SPACES = "^[!-~]+$"
ABSOLUTE = r"^/[^\x00-\x1f\x7f]*$"
DBFS = r"^(dbfs:)?/[^\x00-\x1f\x7f]*$"
_PATTERNS: Mapping[str, str] = {
    NO_SPACES: " without spaces",
    ABSOLUTE: " that begins with /",
    DBFS: " that begins with / or dbfs:/",
}


def _pattern(schema: Mapping[str, Any]) -> str:
    pattern = schema.get("pattern")
    return _PATTERNS.get(pattern, f" like {pattern}") if pattern else ""


_BOUNDS = (
    _range("minimum", "maximum", ""),
    _range("minLength", "maxLength", "characters"),
    _range("minItems", "maxItems", "items"),
    _pattern,
)
