"""Every tool, driven with arguments of its own schema and with rubbish.

Whatever comes in, a result or a clear refusal comes out, soon; and what the schema forbids does not
reach Databricks.
"""

from __future__ import annotations

import json
import os
import re
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum
from itertools import product
from typing import Any

import attrs
import jsonschema
import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import InvalidArguments, ToolkitError
from databricks_mcp_toolkit.protocol.registry import TOOLS
from databricks_mcp_toolkit.protocol.tools import TOOLS as ALL
from databricks_mcp_toolkit.simulation import Pace, Workspace
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from ..bad_days.host import hosting

# Examples of each kind for each tool, the same ones each time; BAD_INPUT=1000 has as many new ones.
MORE = os.environ.get("BAD_INPUT")
EXAMPLES = int(MORE or 12)
LONGEST = 86_400 + 60  # seconds: what a caller may wish to wait at most


def deep(levels: int) -> Any:
    """Lists in lists, and an object at the bottom."""
    value: Any = {"bottom": "\ud800"}
    for _ in range(levels):
        value = [value]
    return value


BIG = "x" * 10_000_000
NASTY_VALUES = [
    "../../etc/passwd",
    "'; DROP TABLE users; --",
    "a\x00b",
    "\u202egnp.exe",
    "\ud800",
    BIG,
    "\x1b]0;title\x07\x1b[2J",
    "id' OR '1'='1",
    "/Volumes/../../api/2.0/token/create",
    "a/../../b",
    "..",
    ".",
    "\U0001f4a9" * 1000,
    "\u2028\u0000\ufeff",
    "{" * 5000,
    "9" * 5000,
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
    deep(200),
    deep(50_000),
]
NASTY = st.sampled_from(NASTY_VALUES[:-1])  # the last one is too deep for hypothesis to show
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


@asynccontextmanager
async def world() -> AsyncIterator[tuple[Toolkit, Workspace, list[str]]]:
    """A toolkit on a workspace, and the paths that arrive there, as they are on the wire."""
    async with Workspace(pace=Pace.instant()) as workspace:
        paths: list[str] = []
        answer = workspace.app.answer

        async def noting(call: Any, raw_path: str) -> Any:
            paths.append(raw_path)
            return await answer(call, raw_path)

        workspace.app.answer = noting  # type: ignore[method-assign]
        async with Toolkit.local(workspace) as toolkit:
            yield toolkit, workspace, paths
        assert workspace.live_contexts() == []


async def called(toolkit: Toolkit, name: str, arguments: Any) -> dict[str, Any] | ToolkitError:
    """What comes of one call, which is clear and comes soon."""
    began = trio.current_time()
    try:
        came: dict[str, Any] | ToolkitError = await toolkit.call_tool(name, arguments)
    except ToolkitError as error:
        came = error
    assert trio.current_time() - began < LONGEST
    if isinstance(came, ToolkitError):
        assert came.message
        assert len(came.message) < 5000
        json.dumps(came.facts()).encode()
    else:
        json.dumps(came).encode()
    return came


async def is_refused(
    toolkit: Toolkit, workspace: Workspace, paths: list[str], name: str, arguments: Any
) -> bool:
    """Whether the arguments are refused; what is not refused must be as the schema has it."""
    before = len(paths)
    came = await called(toolkit, name, arguments)
    if isinstance(came, InvalidArguments):
        assert all(len(fault) < 1000 and fault.isprintable() for fault in came.faults)
        assert len(came.faults) < 100
        assert len(workspace.requests) == len(paths) == before
        return True
    jsonschema.validate(written(TOOLS[name].bind(arguments)), TOOLS[name].schema)
    assert all(PATH.fullmatch(path) for path in paths[before:]), paths[before:]
    del paths[:]
    workspace.requests.clear()
    return False


# No way up, and no slash in a segment that a proxy might see.
PATH = re.compile(r"/(api|external-results)(/(?!\.+/|\.+$)([\w.~-]|%(?!2F|5C)[0-9A-F]{2})+)+")


def written(value: Any) -> Any:
    """What a tool was given, as JSON."""
    match value:
        case Enum():
            return value.value
        case dict():
            return {key: written(inner) for key, inner in value.items()}
        case list() | tuple():
            return [written(inner) for inner in value]
        case _ if attrs.has(type(value)):
            fields = {name: getattr(value, name) for name in attrs.fields_dict(type(value))}
            return {name: written(inner) for name, inner in fields.items() if inner is not None}
        case _:
            return value


def run(judge: Callable[..., Awaitable[None]], *arguments: Any) -> None:
    """`judge` in a world of its own."""

    async def live() -> None:
        async with world() as means:
            await judge(*means, *arguments)

    trio.run(live, clock=MockClock(autojump_threshold=0))


BRIEFLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=MORE is None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", ALL)
@BRIEFLY
@given(data=st.data())
def test_arguments_of_its_own_schema_have_a_clear_outcome(name: str, data: st.DataObject) -> None:
    run(judge_of_schema, name, data.draw(of_schema(TOOLS[name].schema)))


async def judge_of_schema(
    toolkit: Toolkit, workspace: Workspace, paths: list[str], name: str, arguments: Any
) -> None:
    await called(toolkit, name, arguments)
    assert all(PATH.fullmatch(path) for path in paths), paths


@pytest.mark.parametrize("name", ALL)
@BRIEFLY
@given(data=st.data())
def test_rubbish_is_refused_and_nothing_of_it_is_sent(name: str, data: st.DataObject) -> None:
    names = st.sampled_from([*TOOLS[name].schema["properties"], "no_such_argument", "a\x00b"])
    arguments = data.draw(st.dictionaries(names, JSON, min_size=1, max_size=4))
    if data.draw(st.booleans()):
        arguments = {"params": arguments}
    run(judge_rubbish, name, arguments)


async def judge_rubbish(*case: Any) -> None:
    await is_refused(*case)


@pytest.mark.parametrize("name", ALL)
def test_one_bad_value_among_good_ones_is_refused_and_nothing_is_sent(name: str) -> None:
    """Every argument in turn has every nasty value, and all the others are as they should be."""
    schema = TOOLS[name].schema
    good = {
        field: GOOD.get(field) or find(of_schema(schema["properties"][field]), lambda _: True)
        for field in schema.get("required", ())
    }
    run(judge_one_by_one, name, good)


async def judge_one_by_one(
    toolkit: Toolkit, workspace: Workspace, paths: list[str], name: str, good: dict[str, Any]
) -> None:
    fields = TOOLS[name].schema["properties"]
    refused = 0
    for field, value in product(fields, NASTY_VALUES):
        arguments = good | {field: value}
        refused += await is_refused(toolkit, workspace, paths, name, arguments)
    assert refused or not fields


# What the schema leaves to Databricks, and has an effect there.
GOOD = {"cluster_id": "0712-131415-sample01", "job_id": 1, "run_id": 1, "path": "/"}


# -- memory ----------------------------------------------------------------------------------------

# Times what comes in: read, cut into lines, parsed, and sent on, by us and by the peers.
AT_MOST = 7


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_cluster", {"cluster_id": BIG}),
        ("get_cluster", {"cluster_id": [[BIG]]}),
        ("get_cluster", {BIG: 1}),
        ("execute_sql", {"statement": f"SELECT '{BIG}'"}),
        ("execute_command", {"command": BIG, "context_id": "1"}),
        ("run_job", {"job_id": 1, "notebook_params": {"a": BIG}}),
        ("submit_single_run", {"run_config": {"tasks": [{"task_key": BIG}]}}),
        ("list_notebooks", {"path": f"/{BIG}"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_ten_megabytes_do_not_multiply(name: str, arguments: dict[str, Any]) -> None:
    message = {"id": 7, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    line = json.dumps({"jsonrpc": "2.0"} | message).encode()

    async def peak() -> int:
        async with Workspace(pace=Pace.instant()) as workspace:

            @asynccontextmanager
            async def session() -> AsyncIterator[Any]:
                async with Toolkit.local(workspace) as toolkit:
                    yield toolkit.session

            async with hosting(session) as host:
                await host.call("list_clusters", {})
                heard = len(host.heard)
                tracemalloc.start()
                before, _ = tracemalloc.get_traced_memory()
                await host.say(line)
                await trio.sleep(60)
                assert len(host.heard) == heard + 1
                _, most = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                assert len(host.heard[-1]) < 10_000
        return most - before

    assert trio.run(peak, clock=MockClock(autojump_threshold=0)) < AT_MOST * len(line)
