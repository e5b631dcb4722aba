"""From what a client sent to a typed arguments object, or to one line for each thing that is wrong.

In this order, and before anything is sent to Databricks:

1. `{"params": {...}}` is unwrapped, whatever the tool; so is a tool's own wrapper (`unwrap`).
   What was sent as text and is asked for as a number, an object or a list, is read as that.
2. What no schema can say is checked: depth, count, text that is not Unicode, numbers that are none.
3. `jsonschema` checks the tool's schema and names every fault at once, each in one line.
4. The arguments class may name faults between fields (`faults`).
5. `cattrs` builds the object.  By then it cannot fail.

An arguments class may define, both optional:

    @classmethod
    def unwrap(cls, given: Mapping[str, Any]) -> Mapping[str, Any]: ...  # another spelling
    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterable[str]: ...  # "name: what is right"

`faults` sees what was given, right or wrong, and must bear both.
"""

from __future__ import annotations

import difflib
import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar, cast

import attrs

from ..errors import InvalidArguments
from .schema import in_words, json_schema, rest_field

A = TypeVar("A")

WRAPPER = "params"
ALSO_WRAPS = "arguments"  # as some models write, when it is all that they write
MAX_DEPTH = 64  # levels; the deepest body Databricks documents has about ten
MAX_VALUES = 50_000  # a job of 1000 tasks has about this many
MAX_BITS = 64  # Databricks' ids and counts are int64
MAX_FAULTS = 12  # more lines than a model would read
MAX_LINE = 400  # characters of a fault
SHOWN = 60  # characters of a wrong value that are shown back

_DIGITS = re.compile(r"[0-9]{1,19}")
_DECIMAL = re.compile(r"[0-9]{1,19}(\.[0-9]{1,19})?")
_TRUTHS = {"true": True, "false": False}


def structure(cls: type[A], arguments: Any) -> A:
    """Check `arguments` and build `cls` from them.

    Args:
      cls: an attrs class declared with `schema.argument`.
      arguments: a JSON object as the client sent it, or None for none.

    Raises:
      InvalidArguments: with one fault for each argument that does not fit.
    """
    given = _unwrap(cls, arguments)
    _sound(given)
    schema = _schema(cls)  # type: ignore[arg-type]  # classes are hashable
    given = _tidied(given, schema)
    faults = list(dict.fromkeys(_schema_faults(cls, given)))
    if (between := getattr(cls, "faults", None)) is not None:
        faults += between(given)
    if faults:
        raise _refusal(faults)
    return cast("A", _converter().structure(given, cls))


def _refusal(faults: list[str]) -> InvalidArguments:
    kept = [_printable(fault) for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        kept.append(f"... and {len(faults) - MAX_FAULTS} more of the kind")
    return InvalidArguments(kept, advice="Nothing was sent. Correct the arguments and call again.")


def _printable(fault: str) -> str:
    """A fault as one line: names that come from outside may hold anything."""
    line = "".join(each if each.isprintable() else "?" for each in fault[: 2 * MAX_LINE])
    return line if len(line) <= MAX_LINE else line[:MAX_LINE] + "..."


# -- 1. unwrapping ---------------------------------------------------------------------------------


def _unwrap(cls: type, arguments: Any) -> Mapping[str, Any]:
    if arguments is None:
        arguments = {}
    if isinstance(arguments, Mapping) and [*arguments] == [ALSO_WRAPS]:
        arguments = arguments[ALSO_WRAPS]
    if isinstance(arguments, Mapping) and WRAPPER in arguments:
        if len(arguments) > 1:
            raise _refusal([f"{WRAPPER}: put every argument inside it, or leave it out"])
        arguments = arguments[WRAPPER]
        if not isinstance(arguments, Mapping):
            raise _refusal([f"{WRAPPER}: expected an object of arguments, got {_shown(arguments)}"])
    if not isinstance(arguments, Mapping):
        raise _refusal([f"arguments: expected an object, got {_shown(arguments)}"])
    own = getattr(cls, "unwrap", None)
    return own(arguments) if own is not None else arguments


# -- 2. what no schema says ------------------------------------------------------------------------


def _sound(given: Mapping[str, Any]) -> None:
    """Refuse what is no JSON, without recursion: the value may be as deep as it likes."""
    waiting: list[tuple[str, Any, int]] = [("", given, 0)]
    seen = 0
    while waiting:
        path, value, depth = waiting.pop()
        seen += 1
        where = path or "arguments"
        if depth > MAX_DEPTH:
            raise _refusal([f"{_clip(where)}: nested more than {MAX_DEPTH} levels deep"])
        if seen > MAX_VALUES:
            raise _refusal([f"arguments: more than {MAX_VALUES:,} values in one call"])
        match value:
            case None | bool():
                pass
            case int():
                if value.bit_length() >= MAX_BITS:
                    raise _refusal([f"{where}: a whole number beyond 64 bits"])
            case str():
                if not _is_unicode(value):
                    raise _refusal([f"{where}: has characters that are not valid Unicode"])
            case float():
                if not math.isfinite(value):
                    raise _refusal([f"{where}: expected a finite number, got {value}"])
            case Mapping():
                for name, inner in value.items():
                    if not isinstance(name, str) or not _is_unicode(name):
                        raise _refusal([f"{where}: has a name that is no text: {name!a:.{SHOWN}}"])
                    waiting.append((f"{path}.{name}" if path else name, inner, depth + 1))
            case list() | tuple():
                waiting += [(f"{path}[{n}]", inner, depth + 1) for n, inner in enumerate(value)]
            case _:
                raise _refusal([f"{where}: a {type(value).__name__} is not JSON"])


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tidied(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without the nulls that mean "not given", and with values of other types out of their text.

    Clients that keep numbers as doubles must send ids beyond 2^53 as text, and models write whole
    objects as text.
    """
    properties, required = schema["properties"], schema.get("required", ())
    tidy: dict[str, Any] = {}
    for name, value in given.items():
        wanted = properties.get(name)
        if value is None and wanted is not None and name not in required:
            continue
        if isinstance(value, str) and wanted is not None:
            value = _out_of_text(name, value, wanted.get("type"))  # noqa: PLW2901
        tidy[name] = list(value) if isinstance(value, tuple) else value
    return tidy


def _out_of_text(name: str, text: str, wanted: Any) -> Any:
    """The value of the type `wanted` that `text` says in JSON; `text` itself if it says none."""
    match wanted:
        case "integer" if _DIGITS.fullmatch(text):
            return int(text)
        case "number" if _DECIMAL.fullmatch(text):
            return float(text)
        case "boolean":
            return _TRUTHS.get(text, text)
        case "object" | "array" if text.lstrip()[:1] == {"object": "{", "array": "["}[wanted]:
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                return text
            _sound({name: value})
            return value
        case _:
            return text


# -- 3. the schema ---------------------------------------------------------------------------------


@functools.cache
def _schema(cls: type) -> dict[str, Any]:
    return json_schema(cls)


@functools.cache
def _checker(cls: type) -> Any:
    # Imported at the first call: jsonschema and cattrs cost 60 ms that `tools/list` need not pay.
    from jsonschema import validators  # type: ignore[import-untyped]  # noqa: PLC0415

    return validators.extend(validators.Draft202012Validator, {"pattern": _matches})(_schema(cls))


def _matches(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[Any]:
    """`pattern` as JavaScript reads it: Python's `$` would let a last newline through."""
    from jsonschema import ValidationError  # noqa: PLC0415

    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance, re.ASCII):
        yield ValidationError(f"does not match {pattern}")


def _schema_faults(cls: type, given: Mapping[str, Any]) -> Iterator[str]:
    for error in _checker(cls).iter_errors(given):
        path = "".join(_step(step) for step in error.absolute_path).removeprefix(".")
        inside = f"{path}." if path else ""
        match error.validator:
            case "required":
                for name in error.validator_value:
                    if name not in error.instance:
                        yield f"{inside}{name}: required, {_purpose(error.schema, name)}"
            case "additionalProperties" if error.validator_value is False:
                known = list(error.schema["properties"])
                for name in error.instance:
                    if name not in known:
                        yield f"{_clip(inside + name)}: {_unknown(name, known)}"
            case _:
                wanted, got = in_words(error.schema), _shown(error.instance)
                if error.validator == "type" and error.validator_value == "string":
                    wanted = "text"  # the one thing that is wrong: an id, say, without its quotes
                    if isinstance(error.instance, int | float):
                        got += " without quotes"
                yield f"{_clip(path)}: expected {wanted}, got {got}"


def _step(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _purpose(schema: Mapping[str, Any], name: str) -> str:
    wanted = schema["properties"].get(name, {})
    description = wanted.get("description")
    return in_words(wanted) + (f" ({description})" if description else "")


def _unknown(name: str, known: list[str]) -> str:
    if not known:
        return "unknown, the tool takes no arguments"
    close = difflib.get_close_matches(name[:SHOWN], known, n=1)
    if close:
        return f"unknown, did you mean {close[0]}?"
    return "unknown, the arguments are " + ", ".join(known)


def _clip(path: str) -> str:
    return path if len(path) <= 2 * SHOWN else f"{path[:SHOWN]}...{path[-SHOWN:]}"


def _shown(value: Any) -> str:
    """A wrong value, short: the start of a long text, the size of a list."""
    match value:
        case str() if len(value) > SHOWN:
            return f"{json.dumps(value[:SHOWN], ensure_ascii=False)}... ({len(value):,} characters)"
        case Mapping():
            return f"an object of {len(value)} fields" if value else "an empty object"
        case list() | tuple():
            return f"a list of {len(value)} items" if value else "an empty list"
        case None | bool() | int() | float() | str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return f"a {type(value).__name__}"


# -- 5. the object ---------------------------------------------------------------------------------


@functools.cache
def _converter() -> Any:
    from cattrs import Converter  # noqa: PLC0415
    from cattrs.gen import make_dict_structure_fn  # noqa: PLC0415

    converter = Converter(forbid_extra_keys=True, detailed_validation=False)
    # The schema has checked the kinds: 5.0 is a whole number to it, and nothing else needs turning.
    converter.register_structure_hook(int, lambda value, _: int(value))
    converter.register_structure_hook(float, lambda value, _: float(value))
    converter.register_structure_hook_func(lambda kind: kind is str, lambda value, _: value)
    converter.register_structure_hook(bool, lambda value, _: value)  # else it is a kind of int

    def open_body(cls: type) -> Any:
        rest_of = cast("str", rest_field(cls))
        known = {field.name for field in attrs.fields(cls)} - {rest_of}
        inner: Any = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=False)

        def build(given: Mapping[str, Any], _: Any) -> Any:
            own = {name: value for name, value in given.items() if name in known}
            return inner(own | {rest_of: {k: v for k, v in given.items() if k not in known}}, cls)

        return build

    converter.register_structure_hook_factory(
        lambda cls: attrs.has(cls) and rest_field(cls) is not None, open_body
    )
    return converter


def body(arguments: Any) -> dict[str, Any]:
    """An open arguments object as the JSON body it stands for: what was given, nothing else."""
    rest_of = rest_field(type(arguments))
    fields: dict[str, Any] = {}
    for field in attrs.fields(type(arguments)):
        value = getattr(arguments, field.name)
        if field.name == rest_of:
            fields |= value
        elif attrs.has(type(value)):
            fields[field.name] = body(value)
        elif value is not None:
            fields[field.name] = value.value if isinstance(value, Enum) else value
    return fields
