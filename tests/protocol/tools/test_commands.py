"""The tools that open contexts and run commands in them."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.errors import NotConfigured
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.engine import CommandResults
from databricks_mcp_toolkit.simulation.faults import LoseAnswer, LoseContext

TRACE = "\x1b[0;31mTraceback (most recent call last)\x1b[0m\nZeroDivisionError: division by zero"


async def opened(ask: Any, **arguments: Any) -> dict[str, str]:
    context = await ask("create_execution_context", **arguments)
    return {"cluster_id": context["cluster_id"], "context_id": context["id"]}


async def test_commands_run_in_a_context_from_its_start_to_its_end(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.command("x + 1", takes=20, text="42")
    ids = await opened(ask, cluster_id=workspace.cluster_id, language="python")
    assert workspace.live_contexts() == [ids["context_id"]]
    assert (await ask("get_context_status", **ids))["status"] == "Running"
    began = trio.current_time()

    command = await ask("execute_command", **ids, command="x + 1")
    assert trio.current_time() - began < 1
    told = await call("get_command_status", **ids, command_id=command["id"])

    assert not told.is_error
    assert told.structured_content["status"] == "Finished"
    assert told.structured_content["results"]["data"] == "42"
    assert text(told) == "Finished. Output:\n42"
    await ask("destroy_execution_context", **ids)
    assert workspace.live_contexts() == []
    gone = await call("get_context_status", **ids)
    assert gone.is_error
    again = await call("destroy_execution_context", **ids)
    assert not again.is_error
    assert "gone already" in text(again)


async def test_the_configured_cluster_is_taken_where_none_is_named(
    ask: Any, workspace: Workspace
) -> None:
    ids = await opened(ask)

    assert ids["cluster_id"] == workspace.cluster_id
    command = await ask("execute_command", context_id=ids["context_id"], command="1")
    answer = await ask("get_command_status", context_id=ids["context_id"], command_id=command["id"])
    assert answer["status"] == "Finished"


async def test_a_command_that_goes_on_is_told_as_that(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.command("train", takes=300, text="done")
    ids = await opened(ask)
    command = await ask("execute_command", **ids, command="train()")
    began = trio.current_time()

    told = await call("get_command_status", **ids, command_id=command["id"], max_wait_seconds=20)

    assert trio.current_time() - began == pytest.approx(20, abs=0.5)
    assert not told.is_error
    assert told.structured_content["status"] == "Running"
    assert "is Running after 20 s. Not finished: call get_command_status again" in text(told)
    later = await ask("get_command_status", **ids, command_id=command["id"], max_wait_seconds=600)
    assert later["results"]["data"] == "done"


async def test_an_exception_on_the_cluster_is_an_error_with_its_traceback(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.command("1/0", error="ZeroDivisionError: division by zero", trace=TRACE)
    ids = await opened(ask)
    command = await ask("execute_command", **ids, command="1/0")

    told = await call("get_command_status", **ids, command_id=command["id"])

    assert told.is_error
    lines = text(told).splitlines()
    assert lines[0].endswith("ZeroDivisionError: division by zero")
    assert lines[1].startswith("Correct the code")
    assert "Traceback (most recent call last)" in text(told)
    assert "\x1b" not in text(told) + str(told.structured_content)
    assert told.structured_content["results"]["resultType"] == "error"
    assert workspace.live_contexts() == [ids["context_id"]]


async def test_a_cancelled_command_is_never_told_as_success(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.command("train", takes=3000)
    ids = await opened(ask)
    command = await ask("execute_command", **ids, command="train()")

    await ask("cancel_command", **ids, command_id=command["id"])
    told = await call("get_command_status", **ids, command_id=command["id"])

    assert told.is_error
    assert text(told).splitlines() == [
        "The command was cancelled",
        "It did not run to its end. An open context keeps its variables.",
    ]


async def test_a_command_of_another_context_is_told_with_what_to_check(
    ask: Any, call: Any, text: Any
) -> None:
    ids = await opened(ask)

    told = await call("get_command_status", **ids, command_id="elsewhere")

    assert told.is_error
    assert text(told).endswith("Check command_id, and that context_id is where it was sent.")


async def test_rows_come_as_a_table(ask: Any, call: Any, text: Any, workspace: Workspace) -> None:
    rows = [["eng", 3], ["ops", 2]]
    workspace.engine.command("display", table=rows, columns={"dept": "string", "n": "long"})
    ids = await opened(ask, language="sql")
    command = await ask("execute_command", **ids, command="display(df)")

    told = await call("get_command_status", **ids, command_id=command["id"])

    assert told.structured_content["results"]["data"] == rows
    assert "| dept | n |\n|---|---|\n| eng | 3 |\n| ops | 2 |" in text(told)


PICTURE = "data:image/png;base64,aGVsbG8="


@pytest.mark.parametrize(
    "results",
    [
        CommandResults("image", file_names=[PICTURE]),
        CommandResults("images", file_names=[PICTURE, "/plots/1.png"]),
    ],
)
async def test_a_picture_is_shown(
    ask: Any, call: Any, text: Any, workspace: Workspace, results: CommandResults
) -> None:
    workspace.engine.command("plot", does=lambda _: results)
    ids = await opened(ask)
    command = await ask("execute_command", **ids, command="plot()")

    told = await call("get_command_status", **ids, command_id=command["id"])

    (picture,) = [block for block in told.content if block.type == "image"]
    assert (picture.mime_type, picture.data) == ("image/png", "aGVsbG8=")
    assert text(told) == "Finished with a picture."


async def test_a_picture_that_stays_on_the_driver_is_told(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    plot = CommandResults("image", file_names=["/plots/1.png"])
    workspace.engine.command("plot", does=lambda _: plot)

    told = await call("execute_command_simple", command="plot()")

    assert text(told) == "Finished with a picture, not shown here."


@pytest.mark.parametrize(("rows", "said"), [([], "No rows"), ([["x" * 299]] * 99, "Rows 1 to ")])
async def test_rows_that_are_none_or_many(
    call: Any, text: Any, workspace: Workspace, rows: list[Any], said: str
) -> None:
    schema = [{"name": "t", "type": '"string"', "metadata": "{}"}]
    table = CommandResults("table", data=rows, schema=schema, truncated=bool(rows))
    workspace.engine.command(does=lambda _: table)

    told = await call("execute_command_simple", command="SELECT t", language="sql")

    assert said in text(told)
    assert ("Databricks cut the rows" in text(told)) is bool(rows)
    assert told.structured_content["results"]["data"] == rows


async def test_long_output_is_cut_and_read_on_from_any_place(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    output = "".join(f"{n:06}\n" for n in range(10_000))
    workspace.engine.command(text=output)
    ids = await opened(ask)
    command = await ask("execute_command", **ids, command="print(...)")
    wait = {**ids, "command_id": command["id"]}

    told = await call("get_command_status", **wait)
    further = await call("get_command_status", **wait, offset=12_000)

    assert told.structured_content["results"]["data"] == output
    assert "of 70,000 characters left out" in text(told)
    assert "009999" in text(told)
    assert "Go on: get_command_status with offset=28000" in text(further)
    assert further.structured_content["results"]["data"] == output[12_000:]
    assert further.structured_content["results"]["offset"] == 12_000
    assert output[12_000:28_000] in text(further)


async def test_longer_output_is_cut_in_the_structured_content_too_and_read_on(
    ask: Any, workspace: Workspace
) -> None:
    output = "".join(f"{n:06}\n" for n in range(30_000))
    workspace.engine.command(text=output)
    ids = await opened(ask)
    command = await ask("execute_command", **ids, command="print(...)")
    wait = {**ids, "command_id": command["id"]}

    read = ""
    while len(read) < len(output):
        results = (await ask("get_command_status", **wait, offset=len(read)))["results"]
        assert (results["truncated"], results["total_length"]) == (True, len(output))
        assert len(results["data"]) <= 100_000
        read += results["data"]
    assert read == output


async def test_one_command_has_a_megabyte_since_nobody_can_come_back_for_the_rest(
    ask: Any, workspace: Workspace
) -> None:
    workspace.engine.command(text="x" * 3_000_000)

    results = (await ask("execute_command_simple", command="print(...)"))["results"]

    assert len(results["data"]) == 1_000_000
    assert (results["truncated"], results["total_length"]) == (True, 3_000_000)


async def test_one_command_leaves_no_context_behind(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.command("1 + 1", text="2")

    told = await call("execute_command_simple", command="1 + 1")

    assert told.structured_content["results"]["data"] == "2"
    assert workspace.live_contexts() == []
    assert workspace.requests.count("POST *contexts/create") == 1
    assert workspace.requests.count("POST *contexts/destroy") == 1


async def test_one_command_that_raises_leaves_no_context_behind(
    call: Any, workspace: Workspace
) -> None:
    workspace.engine.command(error="ValueError: no")

    told = await call("execute_command_simple", command="raise ValueError('no')")

    assert told.is_error
    assert told.structured_content["error"] == "CommandFailed"
    assert workspace.live_contexts() == []


async def test_one_command_that_takes_too_long_is_cancelled_and_leaves_nothing(
    call: Any, text: Any, workspace: Workspace
) -> None:
    workspace.engine.command(takes=3600)
    began = trio.current_time()

    told = await call("execute_command_simple", command="train()", max_wait_seconds=30)

    assert trio.current_time() - began < 36
    assert told.is_error
    assert "was not finished after 30 s, and was cancelled" in text(told)
    assert workspace.live_contexts() == []


async def test_one_slow_call_holds_up_no_other(call: Any, ask: Any, workspace: Workspace) -> None:
    workspace.engine.command("slow", takes=40)
    workspace.engine.command("quick", text="here")
    took: dict[str, float] = {}

    async def timed(name: str, tool: str, **arguments: Any) -> None:
        await call(tool, **arguments)
        took[name] = trio.current_time()

    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: timed("slow", "execute_command_simple", command="slow"))
        nursery.start_soon(lambda: timed("quick", "execute_command_simple", command="quick"))
        nursery.start_soon(lambda: timed("list", "list_clusters"))

    assert took["list"] - began < 1
    assert took["quick"] - began < 5
    assert took["slow"] - began >= 40


async def test_fifty_commands_at_once_take_as_long_as_one(ask: Any, workspace: Workspace) -> None:
    workspace.engine.command(takes=0.5)
    ids = [await opened(ask) for _ in range(50)]
    began = trio.current_time()

    async def run(context: dict[str, str]) -> None:
        command = await ask("execute_command", **context, command="sleep")
        answer = await ask("get_command_status", **context, command_id=command["id"])
        assert answer["status"] == "Finished"

    async with trio.open_nursery() as nursery:
        for context in ids:
            nursery.start_soon(run, context)

    assert trio.current_time() - began < 1.5


async def test_a_lost_context_is_told_as_state_that_was_reset(
    ask: Any, call: Any, text: Any, workspace: Workspace
) -> None:
    ids = await opened(ask)
    workspace.faults.add("POST *commands/execute", LoseContext(), times=1)

    told = await call("execute_command", **ids, command="x = 1")
    after = await call("execute_command", **ids, command="x")

    assert told.is_error or after.is_error
    assert after.structured_content["error"] == "ContextLost"
    assert "State was reset" in text(after)
    assert workspace.requests.count("POST *contexts/create") == 1


async def test_a_command_whose_answer_is_lost_is_unknown_and_not_repeated(
    ask: Any, call: Any, workspace: Workspace
) -> None:
    ids = await opened(ask)
    workspace.faults.add("POST *commands/execute", LoseAnswer())

    told = await call("execute_command", **ids, command="x += 1")

    assert told.is_error
    assert told.structured_content["error"] == "OutcomeUnknown"
    assert workspace.requests.count("POST *commands/execute") == 1


async def test_a_context_of_somebody_else_can_be_used_and_is_left_alone(
    ask: Any, call: Any, workspace: Workspace
) -> None:
    workspace.engine.command(text="theirs")
    async with Toolkit.local(workspace) as other:
        theirs = await other.session.open_context(workspace.cluster_id, "python")
        ids = {"cluster_id": workspace.cluster_id, "context_id": theirs.id}

        command = await ask("execute_command", **ids, command="x")
        answer = await ask("get_command_status", **ids, command_id=command["id"])

        assert answer["results"]["data"] == "theirs"
        assert workspace.live_contexts() == [theirs.id]


async def test_without_any_cluster_one_is_told_what_to_set(workspace: Workspace) -> None:
    async with Toolkit.local(workspace) as toolkit:
        toolkit.session.cluster_id = None

        with pytest.raises(NotConfigured, match="cluster_id") as error:
            await toolkit.call_tool("execute_command_simple", {"command": "1"})

    assert "DATABRICKS_CLUSTER_ID" in error.value.advice


async def test_one_command_whose_context_is_not_up_in_time_says_that_it_had_not_begun(
    call: Any, text: Any, workspace: Workspace
) -> None:
    told = await call("execute_command_simple", command="1", max_wait_seconds=1)

    assert told.is_error
    assert "had not begun: its context was not up yet\nNothing is left of it." in text(told)
    await trio.sleep(5)
    assert workspace.live_contexts() == []
    assert workspace.requests.count("POST *commands/execute") == 0
