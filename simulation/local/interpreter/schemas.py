"""What a schema of Spark's does and sqlframe's does not."""

from __future__ import annotations

from typing import Any

from sqlframe.base.types import StructType


def of_key(self: StructType, key: str | int | slice) -> Any:
    """A field by its name or its place, or a part of the schema by a slice."""
    if isinstance(key, slice):
        return StructType(self.fields[key])
    if isinstance(key, int):
        return self.fields[key]
    found = next((each for each in self.fields if each.name == key), None)
    if found is None:
        raise KeyError(f"No StructField named {key}")
    return found


def complete() -> None:
    """Gives sqlframe's schemas what they lack."""
    setattr(StructType, "__getitem__", of_key)  # noqa: B010 (mypy knows no such attribute)
