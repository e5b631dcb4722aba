"""Commands in a context: in order, followed to their end, and cancelled at every stage."""

import logging

import pytest
import trio
from databricks_mcp_toolkit.actors import Session
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.errors import (
    CommandFailed,
    ContextLost,
    DatabricksError,
    DatabricksRefused,
    DatabricksUnreachable,
    MisusedToolkit,
    NotFound,
    OutcomeUnknown,
    TimedOut,
)
from databricks_mcp_toolkit.simulation import Scripted, Workspace

from .conftest import Network, OpenSession

EXECUTE = "POST /api/1.2/commands/execute"
STATUS = "GET /api/1.2/commands/status"
CANCEL = "POST /api/1.2/commands/cancel"


def ran(engine: Scripted) -> list[object]:
    """The commands that reached the REPL, in order."""
    return list(engine.seen)


async def test_a_command_is_run_and_its_result_returned(session: Session, engine: Scripted) -> None:
    engine.command("1 + 1", text="2")
    context = await session.open_context()
    command = await context.execute("1 + 1")
    assert command.results is not None
    assert command.results.data == "2"
    assert command.wire["results"]["data"] == "2"


async def test_a_command_of_50_ms_is_answered_within_150(
    session: Session, engine: Scripted
) -> None:
    engine.command("quick", takes=0.05)
    context = await session.open_context()
    start = trio.current_time()
    await context.execute("quick")
    assert trio.current_time() - start <= 0.1


async def test_commands_run_one_at_a_time_in_the_order_of_submission(
    session: Session, engine: Scripted
) -> None:
    engine.command("", takes=10)
    context = await session.open_context()
    ids = [await context.submit(f"step {n}") for n in range(5)]
    assert trio.current_time() < 1  # submitting waits for no command
    for command_id in ids:
        await context.wait(command_id)
    assert ran(engine) == [f"step {n}" for n in range(5)]
    assert 50 <= trio.current_time() < 55


async def test_callers_at_once_get_their_own_results(session: Session, engine: Scripted) -> None:
    engine.command("", takes=1, does=lambda code: f"done {code}")
    context = await session.open_context()
    results = {}

    async def run(code: str) -> None:
        results[code] = (await context.execute(code)).results

    async with trio.open_nursery() as nursery:
        for n in range(10):
            nursery.start_soon(run, str(n))
    assert all(results[str(n)].data == f"done {n}" for n in range(10))


async def test_a_long_command_costs_few_polls(
    session: Session, engine: Scripted, workspace: Workspace
) -> None:
    engine.command("train", takes=3600)
    context = await session.open_context()
    await context.execute("train")
    assert workspace.requests.count(STATUS) < 250
    assert trio.current_time() - 3600 < 36


async def test_the_next_command_is_looked_at_soon_when_its_turn_comes(
    session: Session, engine: Scripted
) -> None:
    engine.command("long", takes=600).command("short", takes=0.05)
    context = await session.open_context()
    await context.submit("long")
    short = await context.submit("short")
    long_seen = 0.0
    await context.wait(short)
    long_seen = trio.current_time()
    assert long_seen - 600.05 < 5.5  # one polling interval for the long one, and none for the short


async def test_waiting_returns_the_truth_at_its_limit(session: Session, engine: Scripted) -> None:
    engine.command("long", takes=600)
    context = await session.open_context()
    command_id = await context.submit("long")
    seen = await context.wait(command_id, timeout=30)
    assert trio.current_time() == pytest.approx(30, abs=0.2)
    assert seen.status == "Running"
    assert (await context.wait(command_id)).status == "Finished"


async def test_a_command_is_found_by_its_id_after_its_end(session: Session) -> None:
    context = await session.open_context()
    command = await context.execute("x = 1")
    again = await context.wait(command.id, timeout=10)
    assert again.status == "Finished"


async def test_an_unknown_command_is_not_found_and_disturbs_nothing(session: Session) -> None:
    context = await session.open_context()
    with pytest.raises((NotFound, DatabricksRefused)):
        await context.wait("0" * 32, timeout=10)
    assert (await context.execute("x = 1")).status == "Finished"


async def test_a_python_error_is_a_failure_and_the_context_lives_on(
    session: Session, engine: Scripted
) -> None:
    engine.command("1/0", error="ZeroDivisionError: division by zero")
    context = await session.open_context()
    with pytest.raises(CommandFailed, match=r"^ZeroDivisionError: division by zero$") as failed:
        await context.execute("1/0")
    assert failed.value.outcome["results"]["resultType"] == "error"
    assert (await context.execute("1")).status == "Finished"


async def test_the_repr_of_a_context_is_a_status_line(session: Session, engine: Scripted) -> None:
    engine.command("", takes=10)
    context = await session.open_context("0712-131415-sample01")
    where = f"<Context {context.id} on cluster 0712-131415-sample01"
    assert repr(context) == f"{where}, Running>"
    ids = [await context.submit("a"), await context.submit("b")]
    assert repr(context) == f"{where}, Running, 2 to finish>"
    for command_id in ids:
        await context.wait(command_id)
    assert repr(context) == f"{where}, Running>"
    await context.close()
    assert repr(context) == f"{where}, ended>"
    assert repr(session.context("c", "9")) == "<Context 9 on cluster c, not looked at yet>"


# Cancellation, stage by stage.


async def test_a_command_whose_caller_left_before_its_turn_is_not_sent(
    session: Session, engine: Scripted, network: Network, workspace: Workspace
) -> None:
    """Stage: before send."""
    network.mood(EXECUTE, before=10, times=1)
    context = await session.open_context()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(context.submit, "first")
        await trio.sleep(1)
        for call in (context.submit, context.execute):
            with trio.move_on_after(1):
                await call("second")
    await context.execute("third")
    assert ran(engine) == ["first", "third"]
    assert workspace.requests.count(EXECUTE) == 2


@pytest.mark.parametrize("shows", ["Finished", "Cancelled"])
async def test_an_execute_cancelled_while_it_runs_is_cancelled_on_the_cluster(
    session: Session, workspace: Workspace, engine: Scripted, shows: str
) -> None:
    """Stage: running."""
    workspace.commands.cancel_shows = shows  # type: ignore[assignment]
    engine.command("long", takes=3600)
    context = await session.open_context()
    with trio.move_on_after(10):
        await context.execute("long")
    assert workspace.requests.count(CANCEL) == 1
    await context.execute("next")
    assert trio.current_time() < 11


async def test_a_cancel_that_is_slow_is_seen_to_although_its_caller_has_gone(
    session: Session, workspace: Workspace, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    network.mood(CANCEL, before=20)
    context = await session.open_context()
    with trio.move_on_after(10):
        await context.execute("long")
    await context.execute("next")
    assert trio.current_time() == pytest.approx(30, abs=1)


async def test_a_cancel_under_way_in_a_context_of_others_is_sent_again_at_the_end(
    open_one: OpenSession, workspace: Workspace, network: Network, engine: Scripted
) -> None:
    """That context stays, so the command would, too."""
    engine.command("long", takes=3600)
    async with open_one() as theirs:
        context_id = (await theirs.open_context()).id
        network.mood(CANCEL, before=1000, times=1)
        with trio.move_on_after(10):
            async with open_one() as session:
                context = session.context(workspace.cluster_id, context_id, "python")
                await context.execute("long")
        assert trio.current_time() < 14
        assert workspace.requests.count(CANCEL) == 1
        await theirs.context(workspace.cluster_id, context_id).execute("next")
        assert trio.current_time() < 20


async def test_an_execute_out_of_time_is_cancelled_on_the_cluster_and_says_so(
    session: Session, workspace: Workspace, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    context = await session.open_context()
    with pytest.raises(TimedOut, match=r"not finished after 10 s, and is cancelled$") as told:
        await context.execute("long", timeout=10)
    assert trio.current_time() == pytest.approx(10, abs=0.5)
    assert told.value.advice
    assert told.value.outcome["status"] == "Running"
    assert workspace.requests.count(CANCEL) == 1
    await context.execute("next")
    assert trio.current_time() < 11


async def test_an_execute_out_of_time_tells_no_cancel_that_nobody_confirmed(
    session: Session, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    context = await session.open_context()
    network.mood(CANCEL, before=100)
    with pytest.raises(TimedOut, match="its cancel is asked for, and not confirmed yet"):
        await context.execute("long", timeout=10)


async def test_an_execute_out_of_time_tells_of_a_cancel_that_is_refused(
    session: Session, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    context = await session.open_context()
    network.mood(CANCEL, status=400, body=b'{"error": "no such luck"}')
    with pytest.raises(TimedOut, match="could not be cancelled: no such luck"):
        await context.execute("long", timeout=10)


async def test_an_execute_out_of_time_before_its_command_has_an_id_says_so(
    session: Session, workspace: Workspace, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    context = await session.open_context()
    network.mood(EXECUTE, after=20)
    with pytest.raises(TimedOut, match="had no id yet") as told:
        await context.execute("long", timeout=10)
    assert told.value.outcome == {}
    await trio.sleep(20)
    assert workspace.requests.count(CANCEL) == 1


async def test_a_context_that_is_destroyed_when_told_so_is_no_warning(
    session: Session, network: Network, engine: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    """Also not where a poll sees it before the answer to the destroy has come."""
    engine.command("long", takes=3600)
    network.mood("POST */contexts/destroy", after=60)
    context = await session.open_context()
    command_id = await context.submit("long")
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            with pytest.raises(ContextLost, match="was destroyed"):
                await context.wait(command_id)

        nursery.start_soon(wait)
        await trio.sleep(1)
        await context.destroy()
    with pytest.raises(ContextLost, match="was destroyed"):
        await context.execute("1")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("shows", ["Finished", "Cancelled"])
async def test_a_cancelled_command_ends_for_whoever_waits(
    session: Session, workspace: Workspace, engine: Scripted, shows: str
) -> None:
    workspace.commands.cancel_shows = shows  # type: ignore[assignment]
    engine.command("long", takes=3600)
    context = await session.open_context()
    command_id = await context.submit("long")
    async with trio.open_nursery() as nursery:

        async def wait() -> None:
            assert (await context.wait(command_id)).status == shows

        nursery.start_soon(wait)
        await trio.sleep(300)  # the polls are far apart by now
        await context.cancel(command_id)
    assert trio.current_time() < 301


async def test_a_cancel_that_comes_too_late_is_harmless(session: Session) -> None:
    context = await session.open_context()
    command = await context.execute("1")
    await context.cancel(command.id)
    assert (await context.wait(command.id)).status == "Finished"


async def test_a_cancel_does_not_wait_behind_a_slow_submit(
    session: Session, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    context = await session.open_context()
    command_id = await context.submit("long")
    network.mood(EXECUTE, before=50)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(context.submit, "slow to send")
        await trio.sleep(1)
        await context.cancel(command_id)
        assert trio.current_time() < 2
        assert (await context.wait(command_id, timeout=60)).status == "Finished"


# Answers that are lost, and a network that goes away.


async def test_a_command_whose_answer_is_lost_is_not_sent_again(
    session: Session, network: Network, workspace: Workspace, engine: Scripted
) -> None:
    network.mood(EXECUTE, lost=True, times=1)
    context = await session.open_context()
    with pytest.raises(OutcomeUnknown, match="commands/execute"):
        await context.submit("once")
    await context.execute("then")
    assert ran(engine) == ["once", "then"]


async def test_a_network_that_comes_back_is_no_failure(
    session: Session, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=100, text="done")
    context = await session.open_context()
    command_id = await context.submit("long")
    await trio.sleep(10)
    network.mood("*", status=502)
    seen = await context.wait(command_id, timeout=60)
    assert seen.status == "Running"
    network.calm()
    assert (await context.wait(command_id)).status == "Finished"


async def test_waiting_ends_when_nothing_is_heard_for_a_quarter_of_an_hour(
    session: Session, network: Network, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    context = await session.open_context()
    command_id = await context.submit("long")
    network.mood("*", status=502)
    with pytest.raises(DatabricksError):
        await context.wait(command_id)
    assert 900 <= trio.current_time() <= 1000


async def test_an_accepted_command_that_is_not_seen_again_is_told_as_such(
    session: Session, network: Network, engine: Scripted
) -> None:
    """Nothing says that it does not run, so nobody shall think that it may be sent again."""
    engine.command("long", takes=3600)
    context = await session.open_context()
    denied = b'{"error": "PermissionDenied: the token has expired"}'
    network.mood(STATUS, status=403, body=denied)
    with pytest.raises(OutcomeUnknown, match="was accepted") as told:
        await context.execute("long")
    assert "the token has expired" in told.value.message
    assert "Wait for command" in told.value.advice


async def test_nothing_heard_within_the_limit_is_said_so(
    session: Session, network: Network
) -> None:
    context = await session.open_context()
    command = await context.execute("1")
    network.mood("*", before=1000)
    with pytest.raises(DatabricksUnreachable, match="Nothing was heard of command"):
        await context.wait(command.id, timeout=5)
    assert trio.current_time() < 6
    network.calm()


# Contexts that are lost.


@pytest.mark.parametrize("shows", ["refused", "Error"])
async def test_a_context_lost_under_a_command_is_told_as_reset(
    session: Session, workspace: Workspace, engine: Scripted, shows: str
) -> None:
    workspace.commands.lost_shows = shows  # type: ignore[assignment]
    engine.command("long", takes=3600)
    context = await session.open_context()
    async with trio.open_nursery() as nursery:

        async def lose() -> None:
            await trio.sleep(10)
            workspace.contexts.lose(context.id)

        nursery.start_soon(lose)
        with pytest.raises((ContextLost, CommandFailed)):
            await context.execute("long")
    with pytest.raises(ContextLost, match="State was reset"):
        await context.execute("x")
    assert context.ended


async def test_a_context_lost_between_commands_is_told_at_the_next_use(
    session: Session, workspace: Workspace
) -> None:
    context = await session.open_context()
    await context.execute("x = 1")
    workspace.contexts.lose(context.id)
    with pytest.raises(ContextLost, match="State was reset") as told:
        await context.execute("x")
    assert "new context" in told.value.advice
    with pytest.raises(ContextLost, match="State was reset"):
        await session.context(context.cluster_id, context.id).execute("x")


async def test_all_who_wait_in_a_lost_context_are_told(
    session: Session, workspace: Workspace, engine: Scripted
) -> None:
    engine.command("", takes=3600)
    context = await session.open_context()
    told = []

    async def run(code: str) -> None:
        with pytest.raises(ContextLost):
            await context.execute(code)
        told.append(code)

    async with trio.open_nursery() as nursery:
        for code in "abc":
            nursery.start_soon(run, code)
        await trio.sleep(20)
        workspace.contexts.lose(context.id)
    assert sorted(told) == ["a", "b", "c"]


async def test_losing_one_context_leaves_the_others(session: Session, workspace: Workspace) -> None:
    first, second = await session.open_context(), await session.open_context()
    workspace.contexts.lose(first.id)
    with pytest.raises(ContextLost):
        await first.execute("x")
    await second.execute("x")


async def test_a_loss_told_in_unknown_words_is_a_loss(
    session: Session, workspace: Workspace, network: Network, engine: Scripted
) -> None:
    """Whoever refuses a command's status is asked about its context, too."""
    engine.command("long", takes=3600)
    context = await session.open_context()
    command_id = await context.submit("long")
    workspace.contexts.lose(context.id)
    network.mood(STATUS, status=400, body=b'{"error": "OddException: what context?"}')
    with pytest.raises(ContextLost, match="State was reset"):
        await context.wait(command_id)


# Contexts of others, found by their ids.


async def test_a_context_of_others_can_be_used_and_is_left_alone(
    open_one: OpenSession, databricks: Databricks, workspace: Workspace, engine: Scripted
) -> None:
    engine.command("2 + 2", text="4")
    theirs = await databricks.commands.create_context(workspace.cluster_id, "python")
    async with open_one() as session:
        context = session.context(workspace.cluster_id, theirs.id, "python")
        assert not context.owned
        command = await context.execute("2 + 2")
        assert command.results is not None
        assert command.results.data == "4"
        await context.close()
    assert workspace.live_contexts() == [theirs.id]


async def test_a_context_of_others_is_destroyed_when_told_so(
    session: Session, databricks: Databricks, workspace: Workspace
) -> None:
    theirs = await databricks.commands.create_context(workspace.cluster_id, "python")
    await session.context(workspace.cluster_id, theirs.id).destroy()
    assert workspace.live_contexts() == []
    with pytest.raises(ContextLost):
        await session.context(workspace.cluster_id, theirs.id).destroy()


async def test_a_context_that_never_was_is_told_as_lost(
    session: Session, workspace: Workspace
) -> None:
    with pytest.raises(ContextLost):
        await session.context(workspace.cluster_id, "123", "python").execute("x")


async def test_the_actor_of_an_unused_context_of_others_leaves_and_comes_back(
    session: Session, databricks: Databricks, workspace: Workspace
) -> None:
    theirs = await databricks.commands.create_context(workspace.cluster_id, "python")
    context = session.context(workspace.cluster_id, theirs.id, "python")
    before = session.statistics().actors
    await context.execute("x = 1")
    assert session.statistics().actors == before + 1
    await trio.sleep(600)
    assert session.statistics().actors == before
    await context.execute("x")


async def test_a_slow_request_is_no_idleness(
    session: Session, databricks: Databricks, workspace: Workspace, network: Network
) -> None:
    theirs = await databricks.commands.create_context(workspace.cluster_id, "python")
    context = session.context(workspace.cluster_id, theirs.id, "python")
    network.mood(EXECUTE, before=100, times=1)
    await context.execute("x = 1")
    assert workspace.requests.count(EXECUTE) == 1


async def test_a_context_of_unknown_language_wants_it_named(
    session: Session, databricks: Databricks, workspace: Workspace
) -> None:
    theirs = await databricks.commands.create_context(workspace.cluster_id, "sql")
    context = session.context(workspace.cluster_id, theirs.id)
    with pytest.raises(MisusedToolkit, match="What language"):
        await context.submit("SELECT 1")
    await context.submit("SELECT 1", language="sql")


async def test_status_asks_databricks(session: Session, workspace: Workspace) -> None:
    context = await session.open_context()
    assert (await context.status()).status == "Running"
    workspace.contexts.lose(context.id)
    with pytest.raises(ContextLost):
        await context.status()
