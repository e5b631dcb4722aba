"""The session owns its contexts: whatever happens, none of them is left behind."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from databricks_mcp_toolkit.actors import OPENS_WITHIN, Limits, Session
from databricks_mcp_toolkit.actors.journal import Journal
from databricks_mcp_toolkit.clients import Databricks
from databricks_mcp_toolkit.errors import (
    ActorGone,
    ContextLost,
    DatabricksError,
    DatabricksRefused,
    DatabricksUnreachable,
    InvalidArguments,
    MisusedToolkit,
    NotConfigured,
    NotFound,
    OutcomeUnknown,
    TooManyContexts,
)
from databricks_mcp_toolkit.simulation import Scripted, Workspace

from .conftest import Network, OpenSession

CREATE = "POST /api/1.2/contexts/create"
CONTEXT_STATUS = "GET /api/1.2/contexts/status"
DESTROY = "POST /api/1.2/contexts/destroy"


# Leaving the block.


async def test_the_end_of_the_block_destroys_every_context(
    open_one: OpenSession, workspace: Workspace
) -> None:
    async with open_one() as session:
        for language in ("python", "scala", "sql", "r"):
            await session.open_context(language=language)
        assert len(workspace.live_contexts()) == 4
    assert workspace.live_contexts() == []


async def test_an_error_in_the_block_destroys_every_context_and_comes_out_as_it_is(
    open_one: OpenSession, workspace: Workspace
) -> None:
    async def block() -> None:
        async with open_one() as session:
            await session.open_context()
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await block()
    assert workspace.live_contexts() == []


async def test_a_cancel_of_the_block_destroys_every_context(
    open_one: OpenSession, workspace: Workspace, engine: Scripted
) -> None:
    engine.command("long", takes=3600)
    with trio.move_on_after(10):
        async with open_one() as session:
            context = await session.open_context()
            await context.execute("long")
    assert workspace.live_contexts() == []


async def test_contexts_are_destroyed_all_at_once(
    open_one: OpenSession, workspace: Workspace, network: Network
) -> None:
    network.mood(DESTROY, after=1)
    async with open_one() as session:
        for _ in range(50):
            await session.open_context()
        start = trio.current_time()
    assert trio.current_time() - start == pytest.approx(1)
    assert workspace.live_contexts() == []
    assert workspace.requests.count(DESTROY) == 50


async def test_the_end_takes_no_longer_than_its_grace_and_says_what_is_left(
    open_one: OpenSession,
    workspace: Workspace,
    network: Network,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_one(grace=2.0) as session:
        context = await session.open_context()
        network.mood(DESTROY, before=1000)
        start = trio.current_time()
    assert trio.current_time() - start == pytest.approx(2)
    assert f"context {context.id} on cluster {workspace.cluster_id} did not let go" in caplog.text


async def test_what_cannot_be_destroyed_stays_in_the_journal_and_goes_with_the_next_start(
    open_one: OpenSession, workspace: Workspace, network: Network, tmp_path: Path
) -> None:
    with Journal.open(tmp_path) as journal:
        async with open_one(journal=journal, grace=2.0) as session:
            await session.open_context()
            network.mood(DESTROY, before=1000)
    network.calm()
    assert len(workspace.live_contexts()) == 1
    with Journal.open(tmp_path) as journal:
        async with open_one(journal=journal) as session:
            await trio.sleep(1)
            assert workspace.live_contexts() == []
        assert journal.records() == []


async def test_a_context_is_in_the_journal_while_it_lives(
    open_one: OpenSession, workspace: Workspace, tmp_path: Path
) -> None:
    with Journal.open(tmp_path) as journal:
        async with open_one(journal=journal) as session:
            context = await session.open_context()
            (record,) = journal.records()
            assert record.remote_id == context.id
            assert record.details == {"cluster_id": workspace.cluster_id, "language": "python"}
            await context.destroy()
            assert journal.records() == []


# Opening, stage by stage.


@pytest.mark.parametrize("slow", [{"before": 1.0}, {"after": 1.0}])
async def test_an_open_cancelled_in_flight_leaves_no_context(
    session: Session, workspace: Workspace, network: Network, slow: dict[str, float]
) -> None:
    """The caller goes at once; the context is destroyed as soon as its id is known."""
    network.mood(CREATE, **slow)
    with trio.move_on_after(0.5):
        await session.open_context()
    assert trio.current_time() == 0.5
    await trio.sleep(5)
    assert workspace.requests.count(CREATE) == 1
    assert workspace.live_contexts() == []


async def test_a_session_that_ends_while_a_context_is_opened_leaves_none(
    open_one: OpenSession, workspace: Workspace, network: Network
) -> None:
    network.mood(CREATE, after=1)
    with trio.move_on_after(0.5):
        async with open_one() as session:
            await session.open_context()
    assert workspace.requests.count(CREATE) == 1
    assert workspace.live_contexts() == []
    assert trio.current_time() < 0.5 + 3


async def test_a_create_that_hangs_does_not_hold_up_the_end(
    open_one: OpenSession, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    network.mood(CREATE, before=1000)
    with trio.move_on_after(1):
        async with open_one() as session:
            await session.open_context()
    assert trio.current_time() <= 1 + 3
    assert "its id did not come in time" in caplog.text
    assert "context  on" not in caplog.text  # it has no id yet


async def test_a_context_whose_answer_is_lost_is_told_and_not_asked_for_again(
    open_one: OpenSession, workspace: Workspace, network: Network, tmp_path: Path
) -> None:
    network.mood(CREATE, lost=True)
    with Journal.open(tmp_path) as journal:
        async with open_one(journal=journal) as session:
            with pytest.raises(OutcomeUnknown):
                await session.open_context()
            (record,) = journal.records()
            assert record.remote_id is None
    assert workspace.requests.count(CREATE) == 1


async def test_a_context_that_comes_up_as_error_is_destroyed_and_opened_again(
    session: Session, workspace: Workspace, network: Network
) -> None:
    network.mood(CONTEXT_STATUS, status=200, body=b'{"id": "7", "status": "Error"}', times=2)
    context = await session.open_context()
    assert workspace.live_contexts() == [context.id]
    assert workspace.requests.count(CREATE) == 3
    assert trio.current_time() >= 1 + 2


async def test_contexts_that_always_come_up_as_error_are_an_error(
    session: Session, workspace: Workspace, network: Network
) -> None:
    network.mood(CONTEXT_STATUS, status=200, body=b'{"id": "7", "status": "Error"}')
    with pytest.raises(DatabricksError, match="did not come up") as told:
        await session.open_context()
    assert told.value.advice
    assert workspace.live_contexts() == []
    assert workspace.requests.count(CREATE) == 3


# Out of time, stage by stage.


@pytest.mark.parametrize("timeout", [None, 30.0])
async def test_a_context_that_stays_pending_is_told_in_time_and_destroyed(
    session: Session, workspace: Workspace, network: Network, timeout: float | None
) -> None:
    network.mood(CONTEXT_STATUS, status=200, body=b'{"id": "7", "status": "Pending"}')
    with pytest.raises(DatabricksError, match=r"^context \d+ .* is still Pending after") as told:
        await (session.open_context(timeout=timeout) if timeout else session.open_context())
    assert trio.current_time() == pytest.approx(timeout or OPENS_WITHIN)
    assert told.value.advice
    await trio.sleep(1)
    assert workspace.live_contexts() == []
    assert workspace.requests.count(CREATE) == 1


async def test_a_create_that_is_not_answered_in_time_is_told_as_unknown(
    session: Session, network: Network
) -> None:
    network.mood(CREATE, before=1000)
    with pytest.raises(OutcomeUnknown, match="its id did not come within 10 s") as told:
        await session.open_context(timeout=10)
    assert trio.current_time() <= 10 + session.grace / 2
    assert "evicted" in told.value.advice


async def test_a_create_that_is_answered_just_after_the_time_leaves_no_context(
    session: Session, network: Network, workspace: Workspace
) -> None:
    network.mood(CREATE, after=11)
    with pytest.raises(DatabricksError, match="is being destroyed"):
        await session.open_context(timeout=10)
    await trio.sleep(1)
    assert workspace.requests.count(DESTROY) == 1
    assert workspace.live_contexts() == []


async def test_a_silent_network_is_told_in_time_and_nothing_is_asked_for(
    session: Session, network: Network, workspace: Workspace
) -> None:
    network.mood("GET */clusters/get", before=1000)
    with pytest.raises(DatabricksUnreachable, match="within 10 s"):
        await session.open_context(timeout=10)
    assert trio.current_time() == pytest.approx(10)
    assert workspace.requests.count(CREATE) == 0


async def test_an_unknown_status_is_not_taken_for_running(
    session: Session, workspace: Workspace, network: Network
) -> None:
    network.mood(CONTEXT_STATUS, status=200, body=b'{"id": "7", "status": "Dreaming"}', times=5)
    await session.open_context()
    assert workspace.requests.count(CREATE) == 1


# The cluster.


async def test_a_terminated_cluster_is_told_plainly_and_nothing_is_sent(
    session: Session, workspace: Workspace, databricks: Databricks
) -> None:
    await databricks.clusters.terminate(workspace.cluster_id)
    with pytest.raises(MisusedToolkit, match=r"TERMINAT.*cannot run code") as told:
        await session.open_context()
    assert "start_cluster" in told.value.advice
    assert workspace.requests.count(CREATE) == 0


async def test_a_cluster_that_is_coming_up_is_waited_for(
    session: Session, workspace: Workspace, network: Network
) -> None:
    pending = b'{"cluster_id": "c", "state": "PENDING"}'
    network.mood("GET */clusters/get", status=200, body=pending, times=5)
    await session.open_context()
    assert 1 < trio.current_time() < 20


async def test_a_cluster_that_takes_long_to_come_up_is_told(
    session: Session, network: Network, workspace: Workspace
) -> None:
    pending = b'{"cluster_id": "c", "state": "PENDING", "state_message": "Finding instances"}'
    network.mood("GET */clusters/get", status=200, body=pending)
    with pytest.raises(MisusedToolkit, match=r"PENDING \(Finding instances\).* yet") as told:
        await session.open_context(timeout=40)
    assert 30 < trio.current_time() <= 40
    assert "get_cluster" in told.value.advice
    assert workspace.requests.count(CREATE) == 0


async def test_a_cluster_that_may_not_be_looked_at_is_no_obstacle(
    session: Session, network: Network
) -> None:
    denied = b'{"error_code": "PERMISSION_DENIED", "message": "no"}'
    network.mood("GET */clusters/get", status=403, body=denied)
    await session.open_context()


async def test_an_unknown_cluster_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        await session.open_context("no-such-cluster")


async def test_a_cluster_that_goes_away_during_the_create_is_told_plainly(
    session: Session, network: Network, workspace: Workspace, databricks: Databricks
) -> None:
    async with trio.open_nursery() as nursery:

        async def terminate() -> None:
            await trio.sleep(0.5)
            await databricks.clusters.terminate(workspace.cluster_id)

        network.mood(CREATE, before=1)
        nursery.start_soon(terminate)
        with pytest.raises(MisusedToolkit, match="TERMINAT"):
            await session.open_context()


async def test_a_refusal_of_the_create_is_passed_on(session: Session, network: Network) -> None:
    body = b'{"error": "ExecutionContextLimitException: Too many execution contexts are open"}'
    network.mood(CREATE, status=500, body=body)
    with pytest.raises(DatabricksRefused, match="Too many execution contexts"):
        await session.open_context()


async def test_no_cluster_is_a_clear_error(databricks: Databricks, open_one: OpenSession) -> None:
    async with open_one(cluster_id=None) as session:
        with pytest.raises(NotConfigured, match="cluster_id"):
            await session.open_context()


async def test_a_language_that_is_none_is_refused_before_anything_is_sent(
    session: Session, workspace: Workspace
) -> None:
    with pytest.raises(InvalidArguments, match="'cobol' is none of python, scala, sql, r"):
        await session.open_context(language="cobol")
    assert len(workspace.requests) == 0


# Limits.


async def test_more_contexts_than_the_limit_are_refused(
    open_one: OpenSession, workspace: Workspace
) -> None:
    async with open_one(limits=Limits(contexts=3)) as session:
        contexts = [await session.open_context() for _ in range(3)]
        with pytest.raises(TooManyContexts, match="3 contexts"):
            await session.open_context()
        assert workspace.requests.count(CREATE) == 3
        await contexts[0].destroy()
        await trio.testing.wait_all_tasks_blocked()
        await session.open_context()


async def test_contexts_being_opened_count(open_one: OpenSession, network: Network) -> None:
    network.mood(CREATE, before=10)
    refused = []
    async with open_one(limits=Limits(contexts=3)) as session, trio.open_nursery() as nursery:

        async def open_it() -> None:
            try:
                await session.open_context()
            except TooManyContexts as error:
                refused.append(error)

        for _ in range(5):
            nursery.start_soon(open_it)
    assert len(refused) == 2


async def test_an_idle_context_is_closed_with_a_notice_and_told_at_its_next_use(
    open_one: OpenSession, workspace: Workspace
) -> None:
    async with open_one(limits=Limits(idle_context=600)) as session:
        context = await session.open_context()
        await trio.sleep(500)
        await context.execute("x = 1")
        await trio.sleep(590)
        assert workspace.live_contexts() == [context.id]
        assert session.take_notices() == []
        await trio.sleep(20)
        assert workspace.live_contexts() == []
        (notice,) = session.take_notices()
        assert notice == (
            f"State was reset: context {context.id} on cluster {workspace.cluster_id} "
            "was closed after 10 minutes without use."
        )
        assert session.take_notices() == []
        for handle in (context, session.context(context.cluster_id, context.id)):
            with pytest.raises(ContextLost, match="closed after 10 minutes"):
                await handle.execute("x")


async def test_a_context_with_a_long_command_is_not_idle(
    open_one: OpenSession, engine: Scripted, workspace: Workspace
) -> None:
    engine.command("long", takes=7200)
    async with open_one(limits=Limits(idle_context=600)) as session:
        context = await session.open_context()
        await context.submit("long")
        await trio.sleep(7000)
        assert workspace.live_contexts() == [context.id]
        await trio.sleep(1000)
        assert workspace.live_contexts() == []


# Handles.


async def test_a_context_of_the_sessions_own_is_found_by_its_ids(session: Session) -> None:
    context = await session.open_context()
    assert session.context(context.cluster_id, context.id) is context
    assert session.contexts() == [context]
    await context.close()
    assert session.contexts() == []


async def test_a_destroyed_context_is_told_as_such(session: Session, workspace: Workspace) -> None:
    context = await session.open_context()
    await context.destroy()
    assert workspace.live_contexts() == []
    with pytest.raises(ContextLost, match="was destroyed"):
        await context.execute("x")
    with pytest.raises(ContextLost, match="was destroyed"):
        await context.destroy()
    await context.close()
    assert workspace.requests.count(DESTROY) == 1


async def test_a_destroy_that_is_refused_is_told_and_the_context_stays_owned(
    session: Session, workspace: Workspace, network: Network
) -> None:
    context = await session.open_context()
    network.mood(DESTROY, status=403, body=b'{"error": "PermissionDenied: no"}', times=1)
    with pytest.raises(DatabricksRefused):
        await context.destroy()
    await context.execute("x = 1")
    await context.destroy()
    assert workspace.live_contexts() == []


async def test_closing_is_bounded_and_raises_nothing(
    session: Session, network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    context = await session.open_context()
    network.mood(DESTROY, before=1000)
    start = trio.current_time()
    await context.close()
    assert trio.current_time() - start == pytest.approx(3)
    assert "did not let go" in caplog.text
    network.calm()


async def test_a_context_that_could_not_be_destroyed_is_tried_again(
    session: Session, workspace: Workspace, network: Network
) -> None:
    context = await session.open_context()
    network.mood(DESTROY, status=403, body=b'{"error": "PermissionDenied: no"}', times=1)
    await context.close()
    assert len(workspace.live_contexts()) == 1
    await trio.sleep(120)
    assert workspace.live_contexts() == []


async def test_ten_thousand_contexts_in_a_row_leave_a_bounded_memory(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as many here, and fewer are kept."""
    monkeypatch.setattr("databricks_mcp_toolkit.actors.session.ENDED_KEPT", 5)
    for _ in range(30):
        await (await session.open_context()).close()
    assert len(session._contexts) <= 6
    await trio.testing.wait_all_tasks_blocked()
    assert session.statistics().contexts == {}


async def test_statistics_tell_what_lives(session: Session, engine: Scripted) -> None:
    engine.command("", takes=100)
    first, second = await session.open_context(), await session.open_context()
    await first.submit("a")
    await first.submit("b")
    await second.submit("c")
    statistics = session.statistics()
    assert statistics.contexts == {"Running": 2}
    assert statistics.commands == 3
    assert repr(session).endswith(", 2 of 100 contexts>")


async def test_nothing_can_be_opened_after_the_end(open_one: OpenSession) -> None:
    async with open_one() as session:
        context = await session.open_context()
    with pytest.raises(ActorGone):
        await session.open_context()
    with pytest.raises(ActorGone):
        await context.execute("x")
    with pytest.raises(ActorGone):
        await session.run(1).wait()


async def test_a_bug_in_one_context_leaves_the_others_and_destroys_its_own(
    session: Session,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = await session.open_context(), await session.open_context()
    actor = first._address._actor  # type: ignore[union-attr]

    def stumble(*_: object) -> Callable[[], None]:
        raise KeyError("a bug")

    monkeypatch.setattr(actor, "_find", stumble)
    with pytest.raises(ActorGone, match="because of a bug"):
        await first.wait("7")
    await second.execute("x = 1")
    assert workspace.live_contexts() == [second.id]
    assert "has crashed" in caplog.text


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
