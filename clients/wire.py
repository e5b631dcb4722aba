"""Wire JSON to attrs models and nothing back: requests are plain mappings.

The rules:

* What Databricks adds later survives: a model with a field `wire` keeps its JSON object as it came.
* A word we do not know is not an error: a field typed `SomeEnum | str` keeps it as a plain `str`.
* `null` and absent are the same, and take the field's default.
* int64 arrives as a number or as a string of digits; both become `int`, never through `float`.
* What a model needs and does not find makes the answer unusable (`Unreadable`); nothing is guessed.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

if TYPE_CHECKING:
    import cattrs

T = TypeVar("T")

_JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


class Unreadable(ValueError):
    """An answer without what it must have; the text names fields, and shows no values."""


@attrs.frozen
class Wired:
    """A model that keeps its JSON object, `wire`, exactly as Databricks sent it."""

    wire: dict[str, Any] = attrs.field(factory=dict, repr=False, eq=False, kw_only=True)


def spelled(wire_name: str) -> dict[str, str]:
    """Metadata of a field whose name on the wire differs from ours (`resultType`)."""
    return {"wire": wire_name}


def structure(value: Any, model: type[T]) -> T:
    """Make `model` of a decoded JSON object.

    Raises:
      Unreadable: something required is missing, or has the wrong JSON type.
    """
    import cattrs  # noqa: PLC0415 - costs 30 ms, which a server that was only started need not pay

    try:
        return _converter().structure(value, model)
    except (cattrs.errors.BaseValidationError, TypeError, ValueError, KeyError) as error:
        raise Unreadable(f"{model.__name__}: {_faults(error)}") from None


@cache
def _converter() -> cattrs.Converter:
    import cattrs  # noqa: PLC0415 - as above

    converter = cattrs.Converter()
    converter.register_structure_hook(int, _int)
    converter.register_structure_hook(str, _str)
    converter.register_structure_hook(bool, _bool)
    converter.register_structure_hook_func(_is_open_enum, _open_enum)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _model_hook(cls, converter))
    return converter


def _model_hook(cls: type, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    from cattrs.gen import make_dict_structure_fn, override  # noqa: PLC0415 - as above

    overrides = {}
    for field in attrs.fields(attrs.resolve_types(cls)):
        overrides[field.name] = override(
            rename=field.metadata.get("wire"),
            struct_hook=_untouched if field.name == "wire" else field.metadata.get("as_sent"),
        )
    from_mapping: Callable[[Any, Any], Any] = make_dict_structure_fn(
        cls,
        converter,
        **overrides,  # type: ignore[arg-type]  # its own options share their space
    )
    keeps_wire = "wire" in overrides

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"an object is expected, not {_json_type(value)}")
        present = {name: part for name, part in value.items() if part is not None}
        if keeps_wire:
            present["wire"] = value
        return from_mapping(present, cls)

    return hook


def _untouched(value: Any, _: Any) -> Any:
    return value


def _object(value: Any, _: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"an object is expected, not {_json_type(value)}")
    return value


def _rows(value: Any, _: Any) -> Any:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise TypeError("an array of arrays is expected")
    return value


# Metadata of fields that are taken over untouched, and not copied: they may be large.
AS_SENT = {"as_sent": _untouched}  # of any JSON type
OBJECT_AS_SENT = {"as_sent": _object}
ROWS_AS_SENT = {"as_sent": _rows}


def _int(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"an integer is expected, not {_json_type(value)}")
    return int(value)


def _str(value: Any, _: Any) -> str:
    # Ids are sometimes sent as numbers.
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"a string is expected, not {_json_type(value)}")
    return str(value)


def _bool(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"a boolean is expected, not {_json_type(value)}")
    return value


def _is_open_enum(annotation: Any) -> bool:
    return _words(annotation) is not None


def _words(annotation: Any) -> type[StrEnum] | None:
    """The enum of `SomeEnum | str`, with or without `| None`."""
    members = [each for each in typing.get_args(annotation) if each is not type(None)]
    if len(members) != 2 or members[1] is not str or not isinstance(members[0], type):
        return None
    return members[0] if issubclass(members[0], StrEnum) else None


def _open_enum(value: Any, annotation: Any) -> str:
    word = _str(value, str)
    known = _words(annotation)
    assert known
    try:
        return known(word)
    except ValueError:
        return word


def _json_type(value: Any) -> str:
    return _JSON_TYPES.get(type(value), "number")


def _faults(error: BaseException) -> str:
    """The faults as `problem @ field`, without the values: those may be secrets."""
    from cattrs import transform_error  # noqa: PLC0415 - as above

    def problem(fault: BaseException, _: Any) -> str:
        if isinstance(fault, KeyError):
            return f"{fault.args[0]!r} is missing"
        if isinstance(fault, TypeError):
            return str(fault)
        return "has a value that does not fit"

    return "; ".join(transform_error(error, path="$", format_exception=problem))
