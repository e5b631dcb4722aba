"""Every tool, driven with arguments of its own schema and with rubbish.

Whatever comes in, a result or a clear refusal comes out, soon; and what the schema forbids does not
reach Databricks.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import InvalidArguments, ToolkitError
from databricks_mcp_toolkit.protocol.registry import TOOLS
from databricks_mcp_toolkit.protocol.tools import TOOLS as ALL
from databricks_mcp_toolkit.simulation import Pace, Workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

EXAMPLES = 12  # of each kind for each tool; more were run by hand
LONGEST = 86_400 + 60  # seconds: what a caller may wish to wait at most

NASTY = st.sampled_from(
    [
        "../../etc/passwd",
        "'; DROP TABLE users; --",
        "a\x00b",
        "\u202egnp.exe",
        "\ud800",
        "x" * 10_000_000,
        "-1",
        "1e309",
        "%2e%2e/%00",
        "\r\nAuthorization: Bearer x",
        2**63,
        -(2**70),
        10**400,
        1e308,
        float("nan"),
        float("-inf"),
        True,
        [],
        {},
        [[[[]]]],
        {"params": {"params": {}}},
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def of_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of ours allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            low, high = schema.get("minimum", -(2**62)), schema.get("maximum", 2**62)
            return st.integers(low, high)
        case "number":
            return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False)
        case "string":
            return _text(schema)
        case "array":
            items = of_schema(schema.get("items", {}))
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=3)
        case "object":
            return _object(schema)
        case _:
            return st.none() | st.integers(-9, 9) | st.text(max_size=5)


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    longest = min(schema.get("maxLength", 20), 20)
    if pattern := schema.get("pattern"):
        texts = st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) <= 100)
        return texts.filter(lambda text: text.isascii())
    return st.text(min_size=schema.get("minLength", 0), max_size=longest)


def _object(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        values = schema.get("additionalProperties", {})
        return st.dictionaries(st.text(max_size=5), of_schema(values or {}), max_size=2)
    required = set(schema.get("required", ()))
    fields = {name: of_schema(inner) for name, inner in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )


def outcome(name: str, arguments: Any) -> tuple[dict[str, Any] | ToolkitError, Workspace]:
    """What comes of one call in a world of its own, and that world."""

    async def world() -> tuple[dict[str, Any] | ToolkitError, Workspace]:
        async with Workspace(pace=Pace.instant()) as workspace:
            async with Toolkit.local(workspace) as toolkit:
                began = trio.current_time()
                try:
                    came: dict[str, Any] | ToolkitError = await toolkit.call_tool(name, arguments)
                except ToolkitError as error:
                    came = error
                assert trio.current_time() - began < LONGEST
            assert workspace.live_contexts() == []
            return came, workspace

    return trio.run(world, clock=MockClock(autojump_threshold=0))


BRIEFLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", ALL)
@BRIEFLY
@given(data=st.data())
def test_arguments_of_its_own_schema_have_a_clear_outcome(name: str, data: st.DataObject) -> None:
    arguments = data.draw(of_schema(TOOLS[name].schema))

    came, _ = outcome(name, arguments)

    if isinstance(came, ToolkitError):
        assert came.message
        assert len(came.message) < 5000
        json.dumps(came.facts())
    else:
        json.dumps(came)


@pytest.mark.parametrize("name", ALL)
@BRIEFLY
@given(data=st.data())
def test_rubbish_is_refused_and_nothing_of_it_is_sent(name: str, data: st.DataObject) -> None:
    schema = TOOLS[name].schema
    names = st.sampled_from([*schema["properties"], "no_such_argument"])
    arguments = data.draw(st.dictionaries(names, JSON, min_size=1, max_size=4))

    came, workspace = outcome(name, arguments)

    if isinstance(came, InvalidArguments):
        assert len(workspace.requests) == 0
        assert all(len(fault) < 1000 and "\n" not in fault for fault in came.faults)
    elif name != "submit_single_run":  # which takes its body in other spellings too
        given = {key: value for key, value in arguments.items() if value is not None}
        jsonschema.validate(_with_numbers(given, schema), schema)


def _with_numbers(given: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Ids in digits are taken as numbers."""
    return {
        name: int(value)
        if isinstance(value, str) and schema["properties"].get(name, {}).get("type") == "integer"
        else value
        for name, value in given.items()
    }
