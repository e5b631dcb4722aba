"""JSON Schema of attrs classes, and the same in words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs
import pytest
from databricks_mcp_toolkit.protocol.schema import (
    ABSOLUTE,
    NO_SPACES,
    argument,
    in_words,
    json_schema,
    rest,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@attrs.frozen
class Wheel:
    size: int = argument("Inches", minimum=1)


@attrs.frozen
class Bicycle:
    name: str = argument("What it is called", maxLength=10)
    wheels: list[dict[str, Any]] = argument(minItems=1)
    colour: Colour = argument(default=Colour.RED)
    gears: int | None = argument(default=None, minimum=1)
    labels: dict[str, str] | None = argument(default=None)
    wheel: Wheel | None = argument(default=None)
    price: float = argument(default=9.5)


def test_types_and_keywords_become_one_schema() -> None:
    assert json_schema(Bicycle) == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "What it is called", "maxLength": 10},
            "wheels": {"type": "array", "items": {"type": "object"}, "minItems": 1},
            "colour": {"type": "string", "enum": ["red", "blue"], "default": "red"},
            "gears": {"type": "integer", "minimum": 1},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "wheel": {
                "type": "object",
                "properties": {"size": {"type": "integer", "description": "Inches", "minimum": 1}},
                "required": ["size"],
                "additionalProperties": False,
            },
            "price": {"type": "number", "default": 9.5},
        },
        "required": ["name", "wheels"],
        "additionalProperties": False,
    }


def test_a_class_with_a_rest_takes_more_than_it_names() -> None:
    @attrs.frozen
    class Open:
        name: str = argument()
        others: dict[str, Any] = rest()

    schema = json_schema(Open)

    assert schema["properties"] == {"name": {"type": "string"}}
    assert "additionalProperties" not in schema


def test_a_union_of_plain_types_is_a_list_of_types() -> None:
    @attrs.frozen
    class Either:
        value: str | int = argument()

    assert json_schema(Either)["properties"]["value"] == {"type": ["string", "integer"]}


@pytest.mark.parametrize("kind", [set[str], bytes, tuple[int, ...], dict[int, str], str | Wheel])
def test_a_type_without_a_schema_is_refused_when_declared(kind: Any) -> None:
    cls = attrs.make_class("Odd", {"field": attrs.field(type=kind)})

    with pytest.raises(TypeError):
        json_schema(cls)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "one of a, b"),
        ({"type": "integer", "minimum": 1}, "a whole number of 1 or more"),
        ({"type": "number", "minimum": 0.1, "maximum": 60}, "a number from 0.1 to 60"),
        ({"type": "number", "maximum": 6000}, "a number of at most 6,000"),
        ({"type": "string", "minLength": 1, "maxLength": 64}, "text of 1 to 64 characters"),
        ({"type": "string", "pattern": "^/"}, "text like ^/"),
        ({"type": "string", "pattern": NO_SPACES}, "text without spaces"),
        ({"type": "string", "pattern": ABSOLUTE}, "text that begins with /"),
        ({"type": "array", "items": {"type": "string"}}, "a list of texts"),
        (
            {"type": "array", "items": {"type": "object"}, "minItems": 1},
            "a list of objects of 1 items or more",
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "an object of texts"),
        ({"type": ["string", "integer"]}, "text or a whole number"),
        ({"type": "boolean"}, "true or false"),
        ({}, "a value"),
    ],
)
def test_a_schema_is_told_in_words(schema: dict[str, Any], words: str) -> None:
    assert in_words(schema) == words
