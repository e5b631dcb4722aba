"""The server as its clients see it: in both eras, whole, small, and never leaking."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import attrs
import pytest
import trio
from databricks_mcp_toolkit import Toolkit, protocol
from databricks_mcp_toolkit.errors import InvalidArguments, NotConfigured
from databricks_mcp_toolkit.protocol.call import Call
from databricks_mcp_toolkit.protocol.registry import TOOLS, Tool
from databricks_mcp_toolkit.protocol.results import Answer
from databricks_mcp_toolkit.protocol.schema import argument
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.faults import Hang
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

NAMES = """
list_clusters create_cluster get_cluster start_cluster terminate_cluster
list_jobs get_job run_job submit_single_run get_run get_run_output wait_for_run_completion
list_notebooks export_notebook list_files execute_sql
create_execution_context execute_command get_command_status cancel_command
destroy_execution_context get_context_status execute_command_simple
""".split()  # noqa: SIM905 - reads as the list in the README does
READING = {name for name in NAMES if name.startswith(("list_", "get_", "wait_", "export_"))}
DESTROYING = {"terminate_cluster", "destroy_execution_context", "cancel_command", "execute_sql"}
LARGEST_LIST = 16_000  # bytes of the answer to tools/list


async def no_session() -> Any:
    raise AssertionError("nobody needs a session yet")


@pytest.fixture(params=["auto", "legacy"])
async def offline(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """A client of a server that has no workspace."""
    async with Client(protocol.build_server(no_session), mode=request.param) as connected:
        yield connected


async def test_the_23_tools_are_listed_without_a_session(offline: Client) -> None:
    listed = await offline.list_tools()

    assert sorted(tool.name for tool in listed.tools) == sorted(NAMES)


async def test_the_list_of_tools_is_small(offline: Client) -> None:
    """Every conversation of every host carries it."""
    listed = await offline.list_tools()

    whole = listed.model_dump_json(by_alias=True, exclude_none=True)
    assert len(whole.encode()) < LARGEST_LIST


async def test_each_tool_says_what_it_is_and_does(offline: Client) -> None:
    for tool in (await offline.list_tools()).tools:
        assert tool.title
        assert tool.description
        assert len(tool.description) < 200
        for name, argument_schema in tool.input_schema["properties"].items():
            assert argument_schema.get("description"), f"{tool.name}.{name}"
        assert tool.input_schema["type"] == "object"
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (True if tool.name in READING else None)
        if tool.name not in READING:
            assert tool.annotations.destructive_hint is (tool.name in DESTROYING)


async def test_clients_are_told_who_we_are_and_how_to_go_about_it() -> None:
    async with Client(protocol.build_server(no_session, version="9.8"), mode="legacy") as client:
        assert client.server_info.name == "databricks-mcp-toolkit"
        assert client.server_info.version == "9.8"
        assert "wait_for_run_completion" in (client.instructions or "")


async def test_an_unknown_tool_is_an_error_of_the_protocol(offline: Client) -> None:
    with pytest.raises(MCPError, match="Unknown tool: drop_everything; there are list_clusters, "):
        await offline.call_tool("drop_everything", {})
    with pytest.raises(MCPError, match=r"Unknown tool: get_runs, did you mean get_run\?"):
        await offline.call_tool("get_runs", {})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nonsense", [7, "x", [1], None])
async def test_every_tool_refuses_params_that_are_nonsense(
    offline: Client, name: str, nonsense: Any
) -> None:
    refused = await offline.call_tool(name, {"params": nonsense})

    assert refused.is_error
    assert refused.structured_content["error"] == "InvalidArguments"
    assert refused.structured_content["faults"][0].startswith("params: expected an object")


@pytest.mark.parametrize("name", NAMES)
async def test_every_tool_names_what_it_does_not_know(offline: Client, name: str) -> None:
    refused = await offline.call_tool(name, {"params": {"no_such_argument": 1}})

    taken_as_they_are = {"create_cluster": "spark_version", "submit_single_run": "tasks"}
    assert refused.is_error
    told = " ".join(refused.structured_content["faults"])
    assert taken_as_they_are.get(name, "no_such_argument: unknown") in told


@pytest.mark.parametrize("name", NAMES)
async def test_every_tool_takes_its_arguments_wrapped_in_params(
    call: Any, workspace: Workspace, name: str
) -> None:
    arguments = _least(TOOLS[name])

    plain, wrapped = await call(name, **arguments), await call(name, params=arguments)

    for told in (plain, wrapped):
        assert told.structured_content.get("error") != "InvalidArguments"
    assert plain.is_error == wrapped.is_error


def _least(tool: Tool[Any]) -> dict[str, Any]:
    """The fewest arguments that a tool takes."""
    others = {
        "create_cluster": {"node_type_id": "i3.xlarge", "num_workers": 1},
        "execute_sql": {"statement": "SELECT 1"},
        "wait_for_run_completion": {"max_wait_seconds": 2},
        "submit_single_run": {
            "run_config": {"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/N"}}]}
        },
    }
    schema = tool.schema
    required = {name: _some(schema["properties"][name]) for name in schema.get("required", ())}
    return required | others.get(tool.name, {})


def _some(schema: dict[str, Any]) -> Any:
    match schema["type"]:
        case "integer":
            return 7
        case "string":
            return "/some" if "/" in schema.get("pattern", "") else "some"
        case _:
            return {}


# -- what goes wrong -------------------------------------------------------------------------------


@attrs.frozen
class Wish:
    how: str = argument(default="")


@pytest.fixture
def wishes() -> Iterator[None]:
    """One more tool, which does as it is told."""

    async def wish(call: Call, arguments: Wish) -> Answer:
        match arguments.how:
            case "bug":
                raise KeyError("the secret is dapi0123456789abcdef0123456789abcdef")
            case "group":
                raise ExceptionGroup("x", [ExceptionGroup("y", [NotConfigured("a", advice="b")])])
            case "bugs":
                raise ExceptionGroup("x", [NotConfigured("a"), KeyError("b")])
            case "surrogate":
                return Answer({"text": "\ud800", "nan": float("nan")}, "half \ud800")
            case "hang":
                await trio.sleep_forever()
            case "picture":
                return Answer({}, "see", images=("data:image/png;base64,aGk=", "not one"))
        return Answer({}, "")

    TOOLS["wish"] = Tool("wish", "Wish", "A wish", Wish, wish)
    yield
    del TOOLS["wish"]


async def test_a_bug_is_told_by_an_id_and_the_log_has_the_rest(
    wishes: None, call: Any, text: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        told = await call("wish", how="bug")

    assert told.is_error
    assert "secret" not in text(told) + str(told.structured_content)
    assert "Traceback" not in text(told)
    bug = told.structured_content["bug_id"]
    assert bug in text(told)
    (record,) = [r for r in caplog.records if r.name.startswith("databricks_mcp_toolkit")]
    assert bug in record.getMessage()
    assert "KeyError" in record.getMessage()
    assert "dapi0123456789abcdef" not in caplog.text


async def test_a_group_of_one_known_error_is_that_error(wishes: None, call: Any, text: Any) -> None:
    told = await call("wish", how="group")

    assert text(told) == "a\nb"
    assert told.structured_content["error"] == "NotConfigured"


async def test_a_group_with_a_bug_in_it_is_a_bug(wishes: None, call: Any) -> None:
    assert (await call("wish", how="bugs")).structured_content["error"] == "Bug"


async def test_an_answer_that_json_cannot_carry_is_made_to_fit(
    wishes: None, call: Any, text: Any
) -> None:
    told = await call("wish", how="surrogate")

    assert text(told) == "half ?"
    assert told.structured_content == {"text": "?", "nan": "nan"}


async def test_a_picture_is_shown_as_one(wishes: None, call: Any) -> None:
    told = await call("wish", how="picture")

    (picture,) = [block for block in told.content if block.type == "image"]
    assert (picture.mime_type, picture.data) == ("image/png", "aGk=")


async def test_a_tool_that_hangs_is_answered_for(wishes: None, call: Any) -> None:
    began = trio.current_time()

    told = await call("wish", how="hang")

    assert trio.current_time() - began == pytest.approx(55)
    assert told.structured_content["error"] == "OutcomeUnknown"


@pytest.mark.parametrize(
    "name", sorted(READING - {"wait_for_run_completion", "get_command_status"})
)
async def test_a_read_from_a_network_that_hangs_ends_before_hosts_give_up(
    call: Any, workspace: Workspace, name: str
) -> None:
    workspace.faults.add("*", Hang())
    began = trio.current_time()

    told = await call(name, **_least(TOOLS[name]))

    assert trio.current_time() - began < 60
    assert told.is_error
    assert told.structured_content["error"] == "DatabricksUnreachable"


async def test_the_token_is_in_no_answer(call: Any, text: Any, workspace: Workspace) -> None:
    workspace.engine.command(text="fine")
    for name in NAMES:
        told: CallToolResult = await call(name, **_least(TOOLS[name]))
        assert workspace.token not in told.model_dump_json()


async def test_what_happened_unasked_is_in_the_next_answer(
    call: Any, ask: Any, text: Any, workspace: Workspace
) -> None:
    await ask("create_execution_context")
    await trio.sleep(2 * 3600)  # longer than an idle context is kept

    told = await call("list_clusters")

    assert len(told.structured_content["notices"]) == 1
    assert "Note: " in text(told)
    assert "notices" not in (await ask("list_clusters"))


async def test_a_session_that_cannot_be_opened_is_told_and_tried_again() -> None:
    attempts = 0

    async def session() -> Any:
        nonlocal attempts
        attempts += 1
        raise NotConfigured("There is no workspace.", advice="Set DATABRICKS_HOST.")

    async with Client(protocol.build_server(session), mode="legacy") as client:
        told = [await client.call_tool("list_clusters", {}) for _ in range(2)]

    assert attempts == 2
    assert all(each.is_error for each in told)
    assert told[0].content[0].text == "There is no workspace.\nSet DATABRICKS_HOST."


# -- the library's way in --------------------------------------------------------------------------


async def test_the_library_calls_a_tool_as_a_host_does(
    workspace: Workspace, autojump_clock: trio.abc.Clock
) -> None:
    async with Toolkit.local(workspace) as toolkit:
        answer = await toolkit.call_tool("list_clusters", {"params": {}})

    assert type(answer) is dict
    assert answer["clusters"][0]["cluster_id"] == workspace.cluster_id


async def test_an_unknown_tool_is_told_with_what_was_meant(
    workspace: Workspace, autojump_clock: trio.abc.Clock
) -> None:
    async with Toolkit.local(workspace) as toolkit:
        with pytest.raises(InvalidArguments, match="did you mean list_clusters"):
            await toolkit.call_tool("list_cluster", {})


def test_the_tools_can_be_listed_without_a_server() -> None:
    assert [tool.name for tool in protocol.all_tools()] == list(TOOLS)


def test_only_what_there_is_is_offered() -> None:
    assert all(getattr(protocol, name) for name in protocol.__all__)
    with pytest.raises(AttributeError):
        protocol.nothing  # noqa: B018


# -- a slow login ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "within"),
    [
        ("list_clusters", {}, 55),
        ("wait_for_run_completion", {"run_id": 7}, 55),
        ("get_command_status", {"context_id": "7", "command_id": "7"}, 55),
        ("execute_sql", {"statement_id": "7"}, 55),
        ("execute_sql", {"statement": "SELECT 1"}, 56),
        ("create_execution_context", {}, 55),
        ("execute_command_simple", {"command": "1", "max_wait_seconds": 50}, 56),
    ],
)
async def test_the_time_of_the_login_is_part_of_the_callers_limit(
    workspace: Workspace, autojump_clock: trio.abc.Clock, name: str, arguments: Any, within: float
) -> None:
    """Two limits one after the other would be longer than a host waits."""
    workspace.faults.add("*", Hang())
    async with Toolkit.local(workspace) as toolkit:

        async def session() -> Any:
            await trio.sleep(45)
            return toolkit.session

        async with Client(protocol.build_server(session)) as client:
            began = trio.current_time()
            told = await client.call_tool(name, arguments)
            assert told.is_error
            assert trio.current_time() - began <= within
